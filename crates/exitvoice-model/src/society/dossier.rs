//! The class record: what was booked in whose file, on account of whom, and when. Append-only.
//!
//! The label of a person is a view: the class inherited at birth under a rule, moved by the steps of the own entries
//! ([`super::control::Files::class_on`]). Nothing here is a label.

use super::person::{ALIVE, Class, Life, Person, PersonId};
use exitvoice_core::column::Column;
use exitvoice_core::id::Id;
use exitvoice_core::time::Day;

/// Kind of the rows of [`Record`].
pub enum Entry {}
/// Row of the class record.
pub type EntryId = Id<Entry>;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Event {
    /// The nationwide reclassification of 1967-70.
    Reclassification = 0,
    /// A purge.
    Purge = 1,
    /// An offence, of the bearer or of kin, that was punished.
    Offence = 2,
    /// A review of the file.
    Review = 3,
}

/// Whose act it was, seen from the bearer of the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation(u8);

/// Added to the degree for kin of the spouse.
const IN_LAW: u8 = 16;
const OWN: u8 = u8::MAX;

impl Relation {
    /// The bearer's own act, or a decision on the bearer's own file.
    pub const OWN: Self = Self(OWN);

    /// A blood relative at `degree`, 0 for the spouse.
    #[must_use]
    pub const fn kin(degree: u8) -> Self {
        Self(degree)
    }

    /// Kin of the spouse at `degree`.
    #[must_use]
    pub const fn in_law(degree: u8) -> Self {
        Self(IN_LAW + degree)
    }

    /// Degree of kinship, 0 for a spouse; `None` for an act of one's own.
    #[must_use]
    pub const fn degree(self) -> Option<u8> {
        match self.0 {
            OWN => None,
            d if d >= IN_LAW => Some(d - IN_LAW),
            d => Some(d),
        }
    }

    /// Whether the two are related through the spouse of one of them.
    #[must_use]
    pub const fn is_in_law(self) -> bool {
        self.0 != OWN && self.0 >= IN_LAW
    }

    /// Stored number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// What followed for the bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Outcome {
    /// A political camp, until the release.
    Camp = 0,
    /// Banishment to a remote province.
    Banishment = 1,
    /// Officer track and party closed.
    CareerBlocked = 2,
    /// Class lowered by one.
    Lowered = 3,
    /// Class raised by one.
    Raised = 4,
}

impl Outcome {
    /// All outcomes, in order.
    pub const ALL: [Self; 5] = [Self::Camp, Self::Banishment, Self::CareerBlocked, Self::Lowered, Self::Raised];

    /// Steps by which the class moves, downward positive.
    #[must_use]
    pub const fn step(self) -> i8 {
        match self {
            Self::Camp | Self::Banishment | Self::CareerBlocked => 0,
            Self::Lowered => 1,
            Self::Raised => -1,
        }
    }
}

/// One entry, for appending and reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// In whose file.
    pub bearer: PersonId,
    /// About what.
    pub event: Event,
    /// On account of whom.
    pub relation: Relation,
    /// What followed.
    pub outcome: Outcome,
    /// When.
    pub day: Day,
    /// End of a camp sentence; [`ALIVE`] for everything that does not end.
    pub until: Day,
    /// The act behind it: equal for all entries on account of one offence; 0 where there is none.
    pub act: u32,
}

/// Entries in order of booking, 19 bytes a row.
#[derive(Debug, Default)]
pub struct Record {
    /// In whose file.
    pub bearer: Column<Entry, PersonId>,
    /// About what.
    pub event: Column<Entry, Event>,
    /// On account of whom.
    pub relation: Column<Entry, Relation>,
    /// What followed.
    pub outcome: Column<Entry, Outcome>,
    /// When.
    pub day: Column<Entry, Day>,
    /// End of a camp sentence.
    pub until: Column<Entry, Day>,
    /// Number of the act, counted from 1; 0 for none.
    pub act: Column<Entry, u32>,
}

/// Bytes per row of [`Record`].
pub const ENTRY_BYTES: usize = 4 + 1 + 1 + 1 + 4 + 4 + 4;

impl Record {
    /// Number of entries.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bearer.len()
    }

    /// Whether nothing was ever booked.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bearer.is_empty()
    }

    /// Appends an entry.
    pub fn book(&mut self, entry: &NewEntry) -> EntryId {
        let id = self.bearer.push(entry.bearer);
        self.event.push(entry.event);
        self.relation.push(entry.relation);
        self.outcome.push(entry.outcome);
        self.day.push(entry.day);
        self.until.push(entry.until);
        self.act.push(entry.act);
        id
    }

    /// Feeds the canonical bytes to `sink`, bearers by key.
    pub(crate) fn canonical(&self, life: &Column<Person, Life>, sink: &mut dyn FnMut(&[u8])) {
        for id in self.bearer.ids() {
            sink(&life[self.bearer[id]].key.to_le_bytes());
            sink(&[self.event[id] as u8, self.relation[id].number(), self.outcome[id] as u8]);
            sink(&self.day[id].0.to_le_bytes());
            sink(&self.until[id].0.to_le_bytes());
            sink(&self.act[id].to_le_bytes());
        }
    }
}

/// Class after a step down (positive) or up (negative), held at the ends.
#[must_use]
pub fn moved(class: Class, step: i8) -> Class {
    match (class, step.signum()) {
        (Class::Core, 1) | (Class::Hostile, -1) => Class::Wavering,
        (Class::Wavering, 1) => Class::Hostile,
        (Class::Wavering, -1) => Class::Core,
        (class, _) => class,
    }
}

/// Entry without an end, an act or a relation: a decision on the bearer's own file.
#[must_use]
pub const fn decision(bearer: PersonId, event: Event, outcome: Outcome, day: Day) -> NewEntry {
    NewEntry { bearer, event, relation: Relation::OWN, outcome, day, until: ALIVE, act: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_keep_degree_and_side() {
        assert_eq!(Relation::OWN.degree(), None);
        assert!(!Relation::OWN.is_in_law());
        for degree in 0..=4 {
            assert_eq!(Relation::kin(degree).degree(), Some(degree));
            assert_eq!(Relation::in_law(degree).degree(), Some(degree));
            assert!(Relation::in_law(degree).is_in_law() && !Relation::kin(degree).is_in_law());
        }
    }

    #[test]
    fn a_class_moves_by_one_and_is_held_at_the_ends() {
        use Class::{Core, Hostile, Wavering};
        assert_eq!([Core, Wavering, Hostile].map(|c| moved(c, 1)), [Wavering, Hostile, Hostile]);
        assert_eq!([Core, Wavering, Hostile].map(|c| moved(c, -1)), [Core, Core, Wavering]);
        assert_eq!([Core, Wavering, Hostile].map(|c| moved(c, 0)), [Core, Wavering, Hostile]);
        let steps = Outcome::ALL.map(Outcome::step);
        assert_eq!(steps, [0, 0, 0, 1, -1]);
    }

    #[test]
    fn entries_keep_the_order_of_booking() {
        let mut record = Record::default();
        let bearer = PersonId::from_row(4);
        for year in [1980, 1970] {
            record.book(&decision(bearer, Event::Review, Outcome::Lowered, Day::new_year(year)));
        }
        let days: Vec<Day> = record.bearer.ids().map(|id| record.day[id]).collect();
        assert_eq!(days, [Day::new_year(1980), Day::new_year(1970)]);
        assert_eq!(record.until[record.bearer.ids().next().expect("booked")], ALIVE);
    }
}
