//! Stage `Birth` of a year: children get their key, sex, class, day of death and first search; the couple's next child is scheduled.

use super::{Due, History};
use crate::mechanism::class::inheritance;
use crate::mechanism::demography::{death, marriage};
use crate::society::control::{self, Bearing};
use crate::society::person::{Class, HouseholdId, NewPerson, PersonId};
use crate::society::rates::{FERTILE_FROM, FERTILE_GROUPS, GROUP, Sex};
use crate::society::songbun::Origin;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;

/// Children of a chunk and what follows from their births.
struct Born {
    children: Vec<NewPerson>,
    /// Subcategory of each child.
    lines: Vec<Origin>,
    /// Numbers of the children whose class the year's files decide.
    unread: Vec<usize>,
    /// First search of each child.
    searches: Vec<Day>,
    /// Later children of their mothers.
    next: Vec<Due>,
    /// By age group of the mother.
    tally: [u64; FERTILE_GROUPS],
}

/// The stage.
pub(crate) fn births(history: &mut History<'_>, year: usize, pool: &Pool) {
    // A spacing under a year can add births to the year at hand: they are taken in a further pass.
    loop {
        let due = history.births.0.take(year);
        if due.is_empty() {
            return;
        }
        let shared = &*history;
        let born = pool.map(due.len(), |piece| bear(shared, &due[piece]));
        for born in &born {
            for (sum, count) in history.tallies.births[year].iter_mut().zip(born.tally) {
                *sum += count;
            }
        }
        append(history, &born, pool);
    }
}

/// Writes a year's children; `pool` has four things to do at a time.
fn append(history: &mut History<'_>, chunks: &[Born], pool: &Pool) {
    let History { persons, calendar, births, searches, control, .. } = history;
    let mut first = persons.len();
    let (mut values, mut links) = persons.parts();
    let rows = || chunks.iter().for_each(|born| values.append(&born.children));
    let lines = || {
        for born in chunks {
            control.enter(first, &born.lines, &born.unread);
            for (row, (child, search)) in (first..).zip(born.children.iter().zip(&born.searches)) {
                searches.add(calendar, PersonId::from_row(row), child.sex, child.death, *search);
            }
            first += born.children.len();
        }
    };
    let tied = || chunks.iter().for_each(|born| links.append(&born.children));
    let next = || chunks.iter().flat_map(|born| &born.next).for_each(|due| births.add(calendar, *due));
    pool.join(|| pool.join(rows, lines), || pool.join(tied, next));
}

/// Days after which a couple kept apart by a camp is looked at again.
const A_YEAR: i32 = 365;

fn bear(history: &History<'_>, due: &[Due]) -> Born {
    let (persons, input, draws) = (&history.persons, &history.input, &history.draws);
    // Columns are read in passes of their own, so that the look-ups of many births overlap.
    let wives: Vec<(u8, u8)> =
        due.iter().map(|d| &persons.links[d.wife]).map(|wife| (wife.births, wife.province)).collect();
    let classes: Vec<Class> = due.iter().map(|d| persons.links[d.husband].class).collect();
    let lines: Vec<Origin> = due.iter().map(|d| history.control.files.origin[d.husband]).collect();
    let households: Vec<Option<HouseholdId>> = due.iter().map(|d| persons.household[d.wife]).collect();
    let bearings: Vec<Bearing> = due.iter().map(|d| control::bearing(history, d.wife, d.husband, d.day)).collect();
    let spacing = input.params.birth.spacing.0 as i32;
    let mut born = Born {
        children: Vec::with_capacity(due.len()),
        lines: Vec::with_capacity(due.len()),
        unread: Vec::new(),
        searches: Vec::with_capacity(due.len()),
        next: Vec::with_capacity(due.len()),
        tally: [0; FERTILE_GROUPS],
    };
    for (index, due) in due.iter().enumerate() {
        let (order, province) = wives[index];
        match bearings[index] {
            Bearing::Now => {}
            Bearing::Later => {
                let again = history.next_birth(due, order, due.day + A_YEAR);
                born.next.extend(again.map(|day| Due { day, ..*due }));
                continue;
            }
            Bearing::Never => continue,
        }
        let block = draws.child.block(due.wife_key, u64::from(order));
        let key = block.hash();
        let male = block.second() < input.rates.share_male(input.rates.period(due.day));
        let sex = if male { Sex::Male } else { Sex::Female };
        let group = (due.day.years_since(due.wife_birth) as usize).saturating_sub(FERTILE_FROM) / GROUP;
        born.tally[group.min(FERTILE_GROUPS - 1)] += 1;
        let life = draws.life.block(key, 0);
        if control::class_is_open(input.params.class.rule, classes[index], lines[index]) {
            born.unread.push(born.children.len());
        }
        born.lines.push(lines[index]);
        born.children.push(NewPerson {
            key,
            birth: due.day,
            death: death::day_of_death(input.rates, &history.survival, life, sex, due.day, due.day),
            mother: Some(due.wife),
            father: Some(due.husband),
            sex,
            class: inheritance::child_class(classes[index]),
            province,
            household: households[index],
        });
        born.searches.push(marriage::first_search(&input.params.marriage, &history.nuptiality, life, sex, due.day));
        let next = history.next_birth(due, order.saturating_add(1), due.day + spacing);
        born.next.extend(next.map(|day| Due { day, ..*due }));
    }
    born
}
