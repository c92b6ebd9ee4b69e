//! Stage `Review` of a year: reviews that move a class, and in years of reclassification and purge the lines that are moved.

use super::{Pending, lines, penalty};
use crate::society::dossier::{Event, Outcome, decision};
use crate::society::history::History;
use crate::society::person::Class;
use crate::society::service::Mark;
use exitvoice_core::parallel::Pool;

/// The stage.
pub(crate) fn reviews(history: &mut History<'_>, year: usize, pool: &Pool) {
    for Pending { person, day, entries, raises } in std::mem::take(&mut history.control.pending[year]) {
        let class = history.persons.class[person];
        let at_the_end = if raises { class == Class::Core } else { class == Class::Hostile };
        // Another entry since has set the clock anew.
        if at_the_end || history.control.entries[person] != entries || history.persons.death[person] <= day {
            continue;
        }
        if raises && !history.control.files.career[person].has(Mark::Party) {
            continue;
        }
        let outcome = if raises { Outcome::Raised } else { Outcome::Lowered };
        penalty::book(history, &decision(person, Event::Review, outcome, day));
        penalty::step_class(history, year, person, day, outcome.step());
    }
    lines::move_lines(history, year, pool);
}
