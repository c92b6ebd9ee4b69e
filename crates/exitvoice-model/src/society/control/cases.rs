//! Stage `Control` of a year: offences happen, some are detected and punished, and punishment reaches kin.

use super::{Clock, penalty};
use crate::mechanism::control::guilt_by_association::{self as guilt, Roof, Tie};
use crate::mechanism::control::{neighbourhood, offence};
use crate::society::dossier::{Event, NewEntry, Outcome, Relation};
use crate::society::history::History;
use crate::society::neighbourhood as units;
use crate::society::person::{ALIVE, Class, HouseholdId, Life, PersonId};
use crate::society::reach::{self, Reached};
use crate::society::service::{Career, Mark};
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::Block;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Events handled together by one thread: enough for their look-ups to overlap.
const CHUNK: usize = 1_024;
/// Cases whose rows are read together before they are applied one after the other.
const AT_HAND: usize = 64;

/// An offence that was punished.
#[derive(Clone, Copy, Debug)]
struct Case {
    offender: PersonId,
    day: Day,
    /// Key of the offence: that of the offender and the occurrence, hashed.
    key: u64,
    outcome: Outcome,
}

/// Who is reached by a case.
#[derive(Clone, Copy, Debug)]
struct Hit {
    case: u32,
    person: PersonId,
    relation: Relation,
    /// What follows; `None` for an officer who is too near and not punished.
    outcome: Option<Outcome>,
}

/// The stage.
pub(crate) fn offences(history: &mut History<'_>, year: usize, pool: &Pool) {
    penalty::release(history, year);
    let (input, day) = (history.input, history.calendar.first_day(year));
    history.control.files.units =
        units::of_provinces(&input.params.control.neighbourhood, input.rates, input.scale, day);
    // A clock can fall twice in a year: taken in a further pass.
    loop {
        let due = history.control.clocks.take(year);
        if due.is_empty() {
            return;
        }
        let due: Vec<&[Clock]> = due.iter().flat_map(|piece| piece.chunks(CHUNK)).collect();
        let shared = &*history;
        let dealt = pool.map(due.len(), |chunk| {
            let (cases, clocks, offences) = detect(shared, year, due[chunk]);
            let hits = reach_kin(shared, &cases);
            (cases, hits, clocks, offences)
        });
        let mut all: Vec<(Case, std::ops::Range<usize>)> = Vec::new();
        let mut all_hits: Vec<Hit> = Vec::new();
        for (cases, hits, clocks, offences) in dealt {
            history.control.files.tallies[year].offences += offences;
            for clock in clocks {
                if let Some(year) = history.calendar.year_of(clock.day) {
                    history.control.clocks.push(year, clock);
                }
            }
            // Hits stand in the order of their cases.
            let mut from = all_hits.len();
            for (index, case) in cases.into_iter().enumerate() {
                let of_case = hits[from - all_hits.len()..].iter().take_while(|h| h.case as usize == index).count();
                all.push((case, from..from + of_case));
                from += of_case;
            }
            all_hits.extend(hits);
        }
        // By day, so that no act of a person already taken to a camp counts; ties by key.
        all.sort_unstable_by_key(|(case, _)| (case.day, case.key));
        for cases in all.chunks(AT_HAND) {
            let hits = cases.iter().flat_map(|(_, hits)| &all_hits[hits.clone()]).map(|hit| hit.person);
            penalty::fetch(history, &cases.iter().map(|(case, _)| case.offender).chain(hits).collect::<Vec<_>>());
            for (case, hits) in cases {
                apply(history, year, case, &all_hits[hits.clone()]);
            }
        }
    }
}

/// Which clocks are offences, which of these are punished, and the next fall of every clock.
fn detect(history: &History<'_>, year: usize, due: &[Clock]) -> (Vec<Case>, Vec<Clock>, u64) {
    let (persons, params, draws) = (&history.persons, &history.input.params.control, &history.control.draws);
    let highest = offence::highest_rate(&params.offence);
    let (mut acts, mut clocks, mut offences) = (Vec::new(), Vec::with_capacity(due.len()), 0);
    // Columns are read in passes of their own, so that the look-ups of many clocks overlap.
    let lives: Vec<Life> = due.iter().map(|clock| persons.life[clock.person]).collect();
    let classes: Vec<Class> = due.iter().map(|clock| persons.links[clock.person].class).collect();
    let careers: Vec<Career> = due.iter().map(|clock| history.control.files.career[clock.person]).collect();
    for (index, clock) in due.iter().enumerate() {
        let Clock { person, day, occurrence } = *clock;
        let Life { key, birth, death } = lives[index];
        if death <= day {
            continue;
        }
        let block = draws.offence.block(key, u64::from(occurrence) + 1);
        let next = offence::next_event(highest, block.uniform(), day, death.min(history.input.freeze));
        clocks.extend(next.map(|day| Clock { person, day, occurrence: occurrence + 1 }));
        let age = f64::from(day - birth) / DAYS_PER_YEAR;
        let rate = offence::rate(&params.offence, classes[index], age);
        if careers[index].has(Mark::Confined) || block.second() * highest >= rate {
            continue;
        }
        offences += 1;
        let detection = draws.detection.block(key, u64::from(occurrence));
        // Who would not be punished if detected needs no neighbourhood.
        if detection.uniform() < params.offence.punished.value() {
            acts.push(Act { clock: *clock, key: draws.offence.hash(key, u64::from(occurrence) + 1), detection });
        }
    }
    (punished(history, &acts, year), clocks, offences)
}

/// An offence that is punished if it is detected.
struct Act {
    clock: Clock,
    /// That of a [`Case`].
    key: u64,
    detection: Block,
}

/// Cases that some offences become.
fn punished(history: &History<'_>, acts: &[Act], year: usize) -> Vec<Case> {
    let params = &history.input.params.control;
    let offenders: Vec<PersonId> = acts.iter().map(|act| act.clock.person).collect();
    let chances = detected(history, &offenders, year);
    let case = |(act, chance): (&Act, f64)| {
        let Act { clock: Clock { person, day, .. }, key, detection } = *act;
        let outcome = || guilt::outcome(&params.guilt, params.guilt.camp_offender, detection.second());
        let day = || penalty::day_of_sentence(history, person, day);
        let caught = detection.uniform() < chance * params.offence.punished.value();
        caught.then(|| Case { offender: person, day: day(), key, outcome: outcome() })
    };
    acts.iter().zip(chances).filter_map(case).collect()
}

/// For each of some offenders the probability that an offence is detected in the neighbourhood.
fn detected(history: &History<'_>, offenders: &[PersonId], year: usize) -> Vec<f64> {
    let (params, control) = (&history.input.params.control.neighbourhood, &history.control);
    let units = units::addresses(&history.persons, &history.marriages, &control.files.units, offenders);
    let informers = |unit| control.informers.of(control.draws.neighbourhood, unit, units::term(year));
    units.into_iter().map(|unit| neighbourhood::detection(params, informers(unit))).collect()
}

/// Living kin that each case reaches, at the nearest degree, with what follows for them.
fn reach_kin(history: &History<'_>, cases: &[Case]) -> Vec<Hit> {
    let (persons, marriages) = (&history.persons, &history.marriages);
    let params = &history.input.params.control.guilt;
    let offenders: Vec<PersonId> = cases.iter().map(|c| c.offender).collect();
    let day = |of: u32| cases[of as usize].day;
    let asked: Vec<(PersonId, Day)> = cases.iter().map(|c| (c.offender, c.day)).collect();
    let mut spouses = reach::spouses(persons, marriages, &asked);
    reach::keep_living(persons, &mut spouses, day);
    let near = guilt::reach(params, Tie::Own).unwrap_or(0).max(crate::mechanism::service::career::CLEAN_DEGREE_STRICT);
    let mut blood = reach::blood(persons, &offenders, near);
    reach::keep_living(persons, &mut blood, day);
    blood.extend(spouses.iter().copied());
    let mut found: Vec<(Reached, Tie)> = blood.into_iter().map(|r| (r, Tie::Own)).collect();
    if let Some(limit) = guilt::reach(params, Tie::InLaw) {
        let partners: Vec<PersonId> = spouses.iter().map(|s| s.person).collect();
        let mut in_laws = reach::blood(persons, &partners, limit);
        for kin in &mut in_laws {
            kin.of = spouses[kin.of as usize].of;
        }
        reach::keep_living(persons, &mut in_laws, day);
        found.extend(in_laws.into_iter().map(|r| (r, Tie::InLaw)));
    }
    decide(history, cases, found)
}

/// One draw for each pair of offence and relative; a relative found on several paths is taken on the one that weighs most.
fn decide(history: &History<'_>, cases: &[Case], found: Vec<(Reached, Tie)>) -> Vec<Hit> {
    let (persons, params) = (&history.persons, &history.input.params.control.guilt);
    let homes: Vec<u32> = cases.iter().map(|c| HouseholdId::encode(persons.household[c.offender])).collect();
    let keys: Vec<u64> = found.iter().map(|(r, _)| persons.life[r.person].key).collect();
    let mut hits = Vec::new();
    for ((kin, tie), key) in found.into_iter().zip(keys) {
        let case = &cases[kin.of as usize];
        if kin.person == case.offender {
            continue;
        }
        let block = history.control.draws.penalty.block(key, case.key);
        let highest = guilt::probability(params, kin.degree, tie, Roof::Same);
        let home = homes[kin.of as usize];
        let punished = block.uniform() < highest.max(guilt::probability(params, kin.degree, tie, Roof::Apart)) && {
            let together = home != 0 && HouseholdId::encode(persons.household[kin.person]) == home;
            let roof = if together { Roof::Same } else { Roof::Apart };
            block.uniform() < guilt::probability(params, kin.degree, tie, roof)
        };
        let relation = if tie == Tie::InLaw { Relation::in_law(kin.degree) } else { Relation::kin(kin.degree) };
        let hit = |outcome| Hit { case: kin.of, person: kin.person, relation, outcome };
        if punished {
            hits.push(hit(Some(guilt::outcome(params, params.camp, block.second()))));
        } else if tie == Tie::Own && penalty::leaves_track(history.control.files.career[kin.person], kin.degree) {
            hits.push(hit(None));
        }
    }
    // Punished before unpunished, then the nearest relation: the first of each person stands.
    hits.sort_by_key(|h| (h.case, h.person, h.outcome.is_none(), h.relation));
    hits.dedup_by_key(|h| (h.case, h.person));
    // Again by address, so that the order of penalties does not follow rows.
    hits.sort_by_key(|h| (h.case, h.relation, persons.life[h.person].key));
    hits
}

/// Books a case and what it brings for kin.
fn apply(history: &mut History<'_>, year: usize, case: &Case, hits: &[Hit]) {
    let career = history.control.files.career[case.offender];
    if career.has(Mark::Confined) || history.persons.life[case.offender].death <= case.day {
        return;
    }
    history.control.acts += 1;
    let act = history.control.acts;
    history.control.files.tallies[year].punished += 1;
    history.control.files.career[case.offender].set(Mark::Offender);
    let entry = |bearer, relation, outcome, day| NewEntry {
        bearer,
        event: Event::Offence,
        relation,
        outcome,
        day,
        until: ALIVE,
        act,
    };
    let mut moved = Vec::new();
    let own = entry(case.offender, Relation::OWN, case.outcome, case.day);
    penalty::punish(history, year, &own, case.key, &mut moved);
    for hit in hits {
        // Somebody taken away, or dead of an earlier penalty, by a case of the same year is no longer there to be punished.
        let there = !history.control.files.career[hit.person].has(Mark::Confined)
            && history.persons.life[hit.person].death > case.day;
        match hit.outcome {
            Some(outcome) if there => {
                let tally = &mut history.control.files.tallies[year];
                match hit.relation.degree() {
                    Some(degree) if !hit.relation.is_in_law() => tally.kin[usize::from(degree)] += 1,
                    _ => tally.in_laws += 1,
                }
                let day = penalty::day_of_sentence(history, hit.person, case.day);
                penalty::punish(history, year, &entry(hit.person, hit.relation, outcome, day), case.key, &mut moved);
            }
            _ => {}
        }
        if !hit.relation.is_in_law()
            && let Some(degree) = hit.relation.degree()
            && penalty::leaves_track(history.control.files.career[hit.person], degree)
        {
            penalty::end_track(history, year, hit.person);
        }
    }
}
