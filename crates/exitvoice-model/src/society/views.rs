//! The six rules as views: what a rule reads of a child's forebears, given the labels of everybody born before.
//!
//! Labels are read as they stood at the start of the year step of the birth: files are read once a year.

use super::history::HistoryParams;
use super::person::{Class, PersonId, Persons};
use crate::mechanism::class::inheritance::{self, Forebears, Rule};
use crate::mechanism::class::review;
use exitvoice_core::math;
use exitvoice_core::rng::Draws;
use exitvoice_core::time::Day;

/// Labels of those born before.
pub(crate) struct Labels<N: Fn(PersonId) -> Class, W: Fn(PersonId) -> Class> {
    /// Class as it stands.
    pub(crate) now: N,
    /// Worst class that any child of a person ever had; core where there is none.
    pub(crate) worst_child: W,
}

/// Class of a child by a rule; labels are those of `day`.
pub(crate) fn class_at_birth<N: Fn(PersonId) -> Class, W: Fn(PersonId) -> Class>(
    rule: Rule,
    params: &HistoryParams,
    persons: &Persons,
    labels: &Labels<N, W>,
    child: PersonId,
    draws: Draws,
    day: Day,
) -> Class {
    let label = |person| (labels.now)(person);
    let (father, mother) = (persons.links[child].father, persons.links[child].mother);
    let mut forebears = Forebears { father: father.map(label), ..Forebears::default() };
    if rule != Rule::Paternal || father.is_none() {
        forebears.mother = mother.map(label);
    }
    let parents = [father, mother];
    let mut noise = 0.0;
    match rule {
        Rule::Paternal | Rule::WorstOfTwo | Rule::BestOfTwo => {}
        Rule::LatentScore => {
            for (pair, parent) in forebears.grandparents.iter_mut().zip(parents) {
                if let Some(links) = parent.map(|p| &persons.links[p]) {
                    *pair = [links.father.map(label), links.mother.map(label)];
                }
            }
            noise = math::normal_quantile(draws.uniform(persons.life[child].key, 1));
        }
        Rule::ThreeGenerations => {
            let above = params.class.generations as usize - 1;
            forebears.worst_kin = worst_of_forebears(persons, labels, child, above, 1);
        }
        Rule::HouseholdHead => forebears.head = head(persons, child, day).map(label),
    }
    inheritance::inherited(rule, &params.class, &forebears, noise)
}

/// The uniform draw that decides on the rehabilitation of a child's line, which brothers and sisters by one father share; `None` without a
/// father.
pub(crate) fn restoring(persons: &Persons, child: PersonId, draws: Draws) -> Option<f64> {
    persons.links[child].father.map(|father| draws.uniform(persons.life[father].key, 2))
}

/// A child's class after rehabilitation of its line, whose draw is [`restoring`]'s: asked for only where the line stood higher.
pub(crate) fn restored(
    params: &HistoryParams,
    inherited: Class,
    origin: Class,
    draw: impl FnOnce() -> Option<f64>,
) -> Class {
    match (inherited > origin).then(draw).flatten() {
        Some(u) => review::rehabilitated(&params.control.review, inherited, origin, u),
        None => inherited,
    }
}

/// Worst class among forebears from the parents (`generation` 1) up to `above` generations, and worst that any child of a grandparent ever
/// had: a file names the uncle who was hostile once, whatever he became.
fn worst_of_forebears<N: Fn(PersonId) -> Class, W: Fn(PersonId) -> Class>(
    persons: &Persons,
    labels: &Labels<N, W>,
    person: PersonId,
    above: usize,
    generation: usize,
) -> Option<Class> {
    if generation > above {
        return None;
    }
    let links = &persons.links[person];
    let of_parent = |parent: PersonId| {
        let own = (labels.now)(parent);
        let children = if generation == 2 { (labels.worst_child)(parent) } else { own };
        Some(own.max(children)).max(worst_of_forebears(persons, labels, parent, above, generation + 1))
    };
    links.father.and_then(of_parent).max(links.mother.and_then(of_parent))
}

/// Head of the household that a child is born into: the eldest living man of the father's line who lives there, else the father, else the
/// mother. Households are those of `persons`: in a run those of the year of birth, in a view over a record that has ended its last ones,
/// which gives about five in ten thousand persons another label (`the_view_of_heads_of_households_differs_from_the_running_label_in_few`).
fn head(persons: &Persons, child: PersonId, day: Day) -> Option<PersonId> {
    let father = persons.links[child].father?;
    let home = persons.household[father];
    let elders = std::iter::successors(Some(father), |p| {
        persons.links[*p].father.filter(|e| home.is_some() && persons.household[*e] == home)
    });
    elders.filter(|p| persons.alive(*p, day)).last().or(persons.links[child].mother)
}
