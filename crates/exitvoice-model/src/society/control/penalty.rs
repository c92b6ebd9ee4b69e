//! What a penalty changes: file, class, career, household, province, and the length of a life.

use super::{Pending, age};
use crate::mechanism::class::inheritance::Rule;
use crate::mechanism::class::review;
use crate::mechanism::control::camp::{self, Life, Regime};
use crate::mechanism::demography::marriage;
use crate::mechanism::service::career::{CLEAN_DEGREE, CLEAN_DEGREE_STRICT, Track};
use crate::society::dossier::{NewEntry, Outcome, Relation, moved};
use crate::society::history::History;
use crate::society::moves::{NewMove, Reason};
use crate::society::person::{ALIVE, Class, HouseholdId, PersonId};
use crate::society::service::{Career, Mark};
use exitvoice_core::rng::sample;
use exitvoice_core::time::Day;

/// Households that those banished on account of one act left, and where they live now: who lived together stays together.
pub(super) type Moved = Vec<(Option<HouseholdId>, HouseholdId)>;

/// Purposes of the draws of a sentence, as second input beside the key of the person and the act's key.
const RELEASE: u64 = 0;
const BEYOND: u64 = 1;
/// The same beside the act's key alone: where the banished are sent.
const PLACE: u64 = 2;

/// Books an entry for an offence and everything that follows from it. `key` is the key of the act.
pub(super) fn punish(history: &mut History<'_>, year: usize, entry: &NewEntry, key: u64, moved: &mut Moved) {
    let (person, day) = (entry.bearer, entry.day);
    let address = history.control.draws.sentence.hash(history.persons.life[person].key, key);
    let params = &history.input.params.control;
    let (review, camp) = (params.review, params.camp);
    let until = match entry.outcome {
        Outcome::Camp => camp::release_day(&camp, day, history.control.draws.sentence.uniform(address, RELEASE)),
        _ => ALIVE,
    };
    book(history, &NewEntry { until, ..*entry });
    let terms = history.control.files.terms;
    let career = &mut history.control.files.career[person];
    // Ten clean years are needed for the party card, and an offence of one's own costs it.
    if entry.relation == Relation::OWN || day < terms.party_day(history.persons.life[person].birth) {
        career.clear(Mark::Party);
    }
    end_track(history, year, person);
    match entry.outcome {
        Outcome::Camp => confine(history, person, day, until, address),
        Outcome::Banishment => banish(history, person, day, [address, key], moved),
        Outcome::CareerBlocked => history.control.files.career[person].set(Mark::Blocked),
        Outcome::Lowered | Outcome::Raised => {
            step_class(history, year, person, day, entry.outcome.step());
            return;
        }
    }
    let base = day.max(review::opening_day(&review, history.persons.life[person].birth));
    let u = history.control.draws.review.uniform(history.persons.life[person].key, key);
    if let Some(day) = review::review_day(&review, review.down, base, u)
        && day < history.persons.life[person].death
        && let Some(year) = history.calendar.year_of(day)
    {
        let entries = history.control.entries[person];
        history.control.pending.push(year, Pending { person, day, entries, raises: false });
    }
}

/// Day on which a person is sentenced for an act of `day`: that day, or where weddings and births of the year, which were settled before its
/// offences, brought the person a spouse or a child after it, the day of the last of these. Nobody marries or has a child in a camp.
pub(super) fn day_of_sentence(history: &History<'_>, person: PersonId, day: Day) -> Day {
    let persons = &history.persons;
    let wedding = persons.marriage[person].map(|marriage| history.marriages.start[marriage]);
    let birth = persons.links[person].last_child.map(|child| persons.life[child].birth);
    let death = persons.life[person].death;
    // What a child born after its father's death keeps him for is its conception.
    let birth = birth.map(|birth| if birth < death { birth } else { birth + -NINE_MONTHS });
    [wedding, birth].into_iter().flatten().filter(|settled| *settled < death).fold(day, Day::max)
}

/// Reads the rows that [`punish`] will need of `persons`, so that their look-ups overlap: it changes nothing, penalties take one another's
/// results into account and cannot be worked out side by side.
pub(super) fn fetch(history: &History<'_>, persons: &[PersonId]) {
    let (rows, control) = (&history.persons, &history.control);
    let own = |p: &PersonId| {
        let home = HouseholdId::encode(rows.household[*p]) ^ u32::from(control.entries[*p]);
        let child = rows.links[*p].last_child.map_or(0, |child| rows.life[child].birth.0 as u32);
        home ^ rows.links[*p].province as u32 ^ rows.life[*p].death.0 as u32 ^ child
    };
    let married = |p: &PersonId| {
        let spouse = history.marriages.spouse(rows, *p)?;
        Some(rows.life[spouse].death.0 ^ i32::from(control.files.career[*p].is_officer()))
    };
    std::hint::black_box(persons.iter().map(own).fold(0, |sum, row| sum ^ row));
    std::hint::black_box(persons.iter().filter_map(married).fold(0, |sum, row| sum ^ row));
}

/// Books an entry and counts it in the file.
pub(super) fn book(history: &mut History<'_>, entry: &NewEntry) {
    history.control.files.record.book(entry);
    let entries = &mut history.control.entries[entry.bearer];
    *entries = entries.saturating_add(1);
}

/// Moves the class of a person; a fall out of the core class ends the officer track. Under rule R6 the class is frozen when the file is
/// opened.
pub(super) fn step_class(history: &mut History<'_>, year: usize, person: PersonId, day: Day, step: i8) {
    let params = history.input.params;
    let frozen = params.class.rule == Rule::HouseholdHead
        && day >= review::opening_day(&params.control.review, history.persons.life[person].birth);
    if frozen {
        return;
    }
    let class = moved(history.persons.links[person].class, step);
    history.persons.links[person].class = class;
    age::note_worst(history, person);
    if class != Class::Core {
        end_track(history, year, person);
    }
}

/// Whether an officer is too near a punished offender at `degree`.
pub(super) fn leaves_track(career: Career, degree: u8) -> bool {
    let clean = if career.track() == Some(Track::PoliticalOfficer) { CLEAN_DEGREE_STRICT } else { CLEAN_DEGREE };
    career.is_officer() && degree <= clean
}

/// Puts an officer back into the ranks; nothing for others.
pub(super) fn end_track(history: &mut History<'_>, year: usize, person: PersonId) {
    let career = &mut history.control.files.career[person];
    if career.is_officer() {
        career.set_track(Track::Ranks);
        history.control.files.tallies[year].removed += 1;
    }
}

fn confine(history: &mut History<'_>, person: PersonId, day: Day, until: Day, address: u64) {
    let params = history.input.params.control.camp;
    let banished = history.control.files.career[person].has(Mark::Banished);
    let outside = if banished { params.banished_factor } else { 1.0 };
    let terms = history.control.files.terms;
    let serves = |track| day < terms.span(&history.persons, person, track).1;
    let career = &mut history.control.files.career[person];
    if career.track().is_some_and(serves) {
        career.discharge();
    }
    career.set(Mark::Confined);
    history.persons.household[person] = None;
    redate(
        history,
        person,
        day,
        &Regime { before: outside, during: params.mortality_factor, until, after: outside },
        address,
    );
    if until < history.persons.life[person].death
        && let Some(year) = history.calendar.year_of(until)
    {
        history.control.releases.push(year, person);
    }
}

/// `address` is that of the sentence, `act` the key of the act.
fn banish(history: &mut History<'_>, person: PersonId, day: Day, [address, act]: [u64; 2], moved: &mut Moved) {
    let factor = history.input.params.control.camp.banished_factor;
    let home = history.persons.household[person];
    let new = moved.iter().find(|(old, _)| old.is_some() && *old == home).map(|(_, new)| *new);
    let new = new.unwrap_or_else(|| {
        history.households += 1;
        let new = HouseholdId::from_row(history.households - 1);
        moved.push((home, new));
        new
    });
    history.persons.household[person] = Some(new);
    // The act decides where to, so that those who lived together stay together.
    let u = history.control.draws.sentence.uniform(act, PLACE);
    let remote = camp::REMOTE_PROVINCES[sample::index(u, camp::REMOTE_PROVINCES.len())];
    let from = std::mem::replace(&mut history.persons.links[person].province, remote);
    if from != remote {
        history.moves.append(NewMove { person, day, from, province: remote, reason: Reason::Banishment });
    }
    if !history.control.files.career[person].has(Mark::Banished) {
        history.control.files.career[person].set(Mark::Banished);
        let regime = Regime { before: 1.0, during: factor, until: ALIVE, after: factor };
        redate(history, person, day, &regime, address);
    }
}

/// Moves the day of death of a person whose hazard changes on `day`, and what of it others have been told.
fn redate(history: &mut History<'_>, person: PersonId, day: Day, regime: &Regime, address: u64) {
    let persons = &history.persons;
    let death = persons.life[person].death;
    let beyond = history.control.draws.sentence.resistance(address, BEYOND);
    let life = Life {
        sex: persons.links[person].sex,
        birth: persons.life[person].birth,
        death: (death != ALIVE).then_some(death),
        beyond,
    };
    let new = camp::day_of_death(history.input.rates, &life, day, regime, history.input.freeze).unwrap_or(ALIVE);
    history.persons.life[person].death = new;
    history.control.files.career[person].set(Mark::Redated);
    let Some(spouse) = history.marriages.spouse(&history.persons, person) else { return };
    let survives = |end: Day| end < history.persons.life[spouse].death;
    let year = |end: Day| {
        let day = search_after(history, spouse, end).filter(|_| survives(end))?;
        history.calendar.year_of(day.max(history.calendar.start()))
    };
    // A search that stays in its year is entered there already.
    if let Some(search) = search_after(history, spouse, new).filter(|_| survives(new) && year(new) != year(death)) {
        let (sex, end) = (history.persons.links[spouse].sex, history.persons.life[spouse].death);
        history.searches.add(&history.calendar, spouse, sex, end, search);
    }
}

/// Day on which the survivor of a marriage that ended on `end` searches again.
fn search_after(history: &History<'_>, survivor: PersonId, end: Day) -> Option<Day> {
    let persons = &history.persons;
    if end == ALIVE {
        return None;
    }
    let (sex, birth) = (persons.links[survivor].sex, persons.life[survivor].birth);
    marriage::next_search(
        &history.input.params.marriage,
        history.draws.again,
        persons.life[survivor].key,
        sex,
        birth,
        end,
    )
}

/// Those whose sentence ended before this year are outside again, without a household.
pub(super) fn release(history: &mut History<'_>, year: usize) {
    let Some(before) = year.checked_sub(1) else { return };
    for person in history.control.releases.take(before).into_iter().flatten() {
        history.control.files.career[person].clear(Mark::Confined);
    }
}

/// What becomes of a search that was set for a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It begins.
    Now,
    /// The person is in a camp: looked at again a year later.
    Later,
    /// It was set anew for another year.
    Never,
}

/// Whether a person whose search was set for `day` of `year` enters the market: nobody does from a camp, and for the widowed the end of the
/// latest marriage may have moved since, and with it the search, which was then set anew. Who lost a match to a camp or death, or comes from
/// a camp, searches again from the first day of a year.
pub(crate) fn entry(history: &History<'_>, person: PersonId, year: usize, day: Day) -> Entry {
    let persons = &history.persons;
    let due = history.marriages.spouse(persons, person).is_none_or(|spouse| {
        let end = persons.life[spouse].death;
        let again = |day: Day| history.calendar.year_of(day.max(history.calendar.start())) == Some(year);
        day == history.calendar.first_day(year) && end <= day || search_after(history, person, end).is_some_and(again)
    });
    match due {
        false => Entry::Never,
        true if career(history, person).has(Mark::Confined) => Entry::Later,
        true => Entry::Now,
    }
}

/// What a penalty has changed for somebody since a search began: the day of death, and whether the person is in a camp; none where nothing
/// has changed.
pub(crate) fn changed(history: &History<'_>, person: PersonId) -> Option<(Day, bool)> {
    let career = career(history, person);
    career.has(Mark::Redated).then(|| (history.persons.life[person].death, career.has(Mark::Confined)))
}

/// Whether a couple has the child that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearing {
    /// Yes.
    Now,
    /// One of the two is in a camp: the time to the next child starts anew.
    Later,
    /// One of the two has died since.
    Never,
}

/// Whether a couple can have a child on `day`, by the days of death as they stand now.
pub(crate) fn bearing(history: &History<'_>, wife: PersonId, husband: PersonId, day: Day) -> Bearing {
    let careers = [career(history, wife), career(history, husband)];
    if !careers.iter().any(|c| c.has(Mark::Redated)) {
        return Bearing::Now;
    }
    let (wife_dies, husband_died) = (history.persons.life[wife].death, history.persons.life[husband].death);
    if day > wife_dies || day.0 > husband_died.0.saturating_add(NINE_MONTHS) {
        Bearing::Never
    } else if careers.iter().any(|c| c.has(Mark::Confined)) {
        Bearing::Later
    } else {
        Bearing::Now
    }
}

/// Career of a person; blank for those born since careers were last extended.
pub(crate) fn career(history: &History<'_>, person: PersonId) -> Career {
    history.control.files.career.as_slice().get(person.row()).copied().unwrap_or_default()
}

const NINE_MONTHS: i32 = 270;
