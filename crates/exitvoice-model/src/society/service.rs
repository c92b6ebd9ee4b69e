//! Service at home: one byte a person for track, party and what is closed to them; dates follow from birth and the rules.

use super::person::{Person, PersonId, Persons};
use crate::mechanism::service::career::{self, Rank, Track};
use crate::mechanism::service::conscription;
use exitvoice_core::column::Column;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Track, party and restrictions of a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Career(u8);

/// A mark of a career, one bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mark {
    /// Is or will be admitted to the party after clean years enough.
    Party = 1 << 2,
    /// Officer track and party closed.
    Blocked = 1 << 3,
    /// In a camp.
    Confined = 1 << 4,
    /// Banished.
    Banished = 1 << 5,
    /// The day of death was moved by a penalty.
    Redated = 1 << 6,
    /// Was punished for an offence of one's own.
    Offender = 1 << 7,
}

/// Bits of the track: 0 never drafted, else track + 1.
const TRACK: u8 = 0b11;

impl Career {
    /// Track of somebody who was drafted.
    #[must_use]
    pub const fn track(self) -> Option<Track> {
        match self.0 & TRACK {
            0 => None,
            1 => Some(Track::Ranks),
            2 => Some(Track::Officer),
            _ => Some(Track::PoliticalOfficer),
        }
    }

    /// Whether on the officer track, political and security officers included.
    #[must_use]
    pub const fn is_officer(self) -> bool {
        self.0 & TRACK > 1
    }

    /// Puts on a track.
    pub const fn set_track(&mut self, track: Track) {
        self.0 = self.0 & !TRACK | (track as u8 + 1);
    }

    /// Takes off every track: discharged for good.
    pub const fn discharge(&mut self) {
        self.0 &= !TRACK;
    }

    /// Whether a mark is set.
    #[must_use]
    pub const fn has(self, mark: Mark) -> bool {
        self.0 & mark as u8 != 0
    }

    /// Sets a mark.
    pub const fn set(&mut self, mark: Mark) {
        self.0 |= mark as u8;
    }

    /// Takes a mark away.
    pub const fn clear(&mut self, mark: Mark) {
        self.0 &= !(mark as u8);
    }

    /// Stored form.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self.0
    }

    /// From the stored form.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Self {
        Self(byte)
    }
}

/// Careers of all persons.
pub type Careers = Column<Person, Career>;

/// Rules that turn a career into dates.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Conscription.
    pub conscription: conscription::Params,
    /// Careers.
    pub career: career::Params,
}

/// A soldier on a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Service {
    /// Track.
    pub track: Track,
    /// First day of service.
    pub since: Day,
    /// Rank.
    pub rank: Rank,
    /// Whether in the party.
    pub party: bool,
}

impl Terms {
    /// First and last day of service of a person on a track.
    #[must_use]
    pub fn span(&self, persons: &Persons, person: PersonId, track: Track) -> (Day, Day) {
        let birth = persons.life[person].birth;
        let since = birth + self.conscription.age.0 as i32;
        let until = match track {
            Track::Ranks => {
                since + conscription::length(&self.conscription, persons.links[person].sex, since.year()).0 as i32
            }
            Track::Officer | Track::PoliticalOfficer => birth + self.career.officer_until.0 as i32,
        };
        (since, until)
    }

    /// Service of a living person on `day`; `None` for those who do not serve then. The career is the one at the freeze.
    #[must_use]
    pub fn service(&self, persons: &Persons, careers: &Careers, person: PersonId, day: Day) -> Option<Service> {
        let career = careers[person];
        let track = career.track().filter(|_| !career.has(Mark::Confined))?;
        let (since, until) = self.span(persons, person, track);
        if day < since || day >= until {
            return None;
        }
        let years = f64::from(day - since) / DAYS_PER_YEAR;
        let party = self.is_member(persons, careers, person, day);
        Some(Service { track, since, rank: career::rank(track, years), party })
    }

    /// Day on which clean years suffice for the party.
    #[must_use]
    pub fn party_day(&self, birth: Day) -> Day {
        birth + (self.conscription.age.0 + self.career.party_after.0) as i32
    }

    /// Whether a person is in the party on `day`.
    #[must_use]
    pub fn is_member(&self, persons: &Persons, careers: &Careers, person: PersonId, day: Day) -> bool {
        careers[person].has(Mark::Party) && self.party_day(persons.life[person].birth) <= day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_tracks_do_not_touch_each_other() {
        let marks = [Mark::Party, Mark::Blocked, Mark::Confined, Mark::Banished, Mark::Redated, Mark::Offender];
        let mut career = Career::default();
        assert_eq!(career.track(), None);
        for track in [Track::Ranks, Track::Officer, Track::PoliticalOfficer] {
            career.set_track(track);
            for mark in marks {
                career.set(mark);
                assert!(career.has(mark));
                assert_eq!(career.track(), Some(track));
            }
            for mark in marks {
                career.clear(mark);
            }
            assert!(marks.iter().all(|m| !career.has(*m)));
            assert_eq!(Career::from_byte(career.byte()), career);
        }
        assert!(career.is_officer());
        career.set(Mark::Blocked);
        career.discharge();
        assert!(career.track().is_none() && career.has(Mark::Blocked));
    }
}
