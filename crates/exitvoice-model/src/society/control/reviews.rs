//! Stage `Review` of a year: reviews that move a class, and in years of reclassification and purge the lines that are moved.

use super::{Pending, lines, penalty};
use crate::society::dossier::{Event, Outcome, decision};
use crate::society::history::History;
use crate::society::person::Class;
use crate::society::service::Mark;
use exitvoice_core::parallel::Pool;

/// The stage.
pub(crate) fn reviews(history: &mut History<'_>, year: usize, pool: &Pool) {
    let pending = history.control.pending.take(year);
    let shared = &*history;
    let standing = pool.map(pending.len(), |piece| {
        pending[piece].iter().filter(|review| stands(shared, review)).copied().collect::<Vec<Pending>>()
    });
    for review in standing.into_iter().flatten() {
        // One before it may have moved the same class.
        if stands(history, &review) {
            let Pending { person, day, raises, .. } = review;
            let outcome = if raises { Outcome::Raised } else { Outcome::Lowered };
            penalty::book(history, &decision(person, Event::Review, outcome, day));
            penalty::step_class(history, year, person, day, outcome.step());
        }
    }
    lines::move_lines(history, year, pool);
}

/// Whether the review moves the class: another entry since has set the clock anew.
fn stands(history: &History<'_>, review: &Pending) -> bool {
    let person = review.person;
    let class = history.persons.links[person].class;
    let at_the_end = if review.raises { class == Class::Core } else { class == Class::Hostile };
    history.control.entries[person] == review.entries
        && !at_the_end
        && history.persons.life[person].death > review.day
        && (!review.raises || history.control.files.career[person].has(Mark::Party))
}
