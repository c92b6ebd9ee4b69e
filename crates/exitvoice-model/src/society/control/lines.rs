//! Reclassification and purges: suspect lines move as a whole.

use super::age::calendar_year;
use super::penalty;
use crate::mechanism::class::review;
use crate::society::dossier::{Event, Outcome, decision};
use crate::society::history::History;
use crate::society::person::{Class, PersonId};
use crate::society::reach;
use crate::society::songbun::Stratum;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;

/// Moves the lines of a year of reclassification or purge; nothing in other years.
pub(super) fn move_lines(history: &mut History<'_>, year: usize, pool: &Pool) {
    let calendar = calendar_year(year);
    let params = &history.input.params.control.review;
    let moves: Moves =
        Class::ALL.map(|class| Stratum::ALL.map(|stratum| review::line_move(params, calendar, class, stratum)));
    if moves.iter().flatten().all(Option::is_none) {
        return;
    }
    let (from, until) = (history.calendar.first_day(year), history.calendar.first_day(year + 1));
    let shared = &*history;
    let heads = pool.map_chunks(shared.persons.len(), |range| {
        range.map(PersonId::from_row).filter_map(|p| drawn(shared, &moves, p, calendar, from)).collect::<Vec<_>>()
    });
    let heads: Vec<(PersonId, i8)> = heads.into_iter().flatten().collect();
    let event = if calendar <= review::RECLASSIFICATION_YEARS.1 { Event::Reclassification } else { Event::Purge };
    let rows: Vec<PersonId> = heads.iter().map(|h| h.0).collect();
    for member in reach::male_line(&history.persons, &rows) {
        let (head, step) = heads[member.of as usize];
        let within = history.control.draws.review.block(history.persons.life[head].key, calendar as u64).second();
        let day = Day(from.0 + (within * f64::from(until - from)) as i32);
        let class = history.persons.links[member.person].class;
        let outcome = if step > 0 { Outcome::Lowered } else { Outcome::Raised };
        let at_the_end = class == if step > 0 { Class::Hostile } else { Class::Core };
        if !history.persons.alive(member.person, day) || at_the_end && event == Event::Purge {
            continue;
        }
        // The reclassification books a line anew: what counts as lowered later is measured from there.
        if event == Event::Reclassification {
            let origin = &mut history.control.files.origin[member.person];
            *origin = origin.reclassified();
        }
        penalty::book(history, &decision(member.person, event, outcome, day));
        penalty::step_class(history, year, member.person, day, step);
    }
}

/// Chance and step of a line in a year, by class and stratum.
type Moves = [[Option<(f64, i8)>; 5]; 3];

/// The step of a line, where `person` is its oldest living member in the male line and the year's draw moves it.
fn drawn(history: &History<'_>, moves: &Moves, person: PersonId, calendar: i16, from: Day) -> Option<(PersonId, i8)> {
    let persons = &history.persons;
    // The stratum first: it spares most people, dead and alive, a look at their rows.
    let stratum = history.control.files.origin[person].stratum() as usize;
    if moves.iter().all(|of_class| of_class[stratum].is_none()) || !persons.alive(person, from) {
        return None;
    }
    let (chance, step) = moves[persons.links[person].class as usize][stratum]?;
    // The draw first: it spares most lines the way up.
    if history.control.draws.review.uniform(persons.life[person].key, calendar as u64) >= chance {
        return None;
    }
    let mut elders = std::iter::successors(persons.links[person].father, |p| persons.links[*p].father);
    (!elders.any(|elder| persons.life[elder].death > from)).then_some((person, step))
}
