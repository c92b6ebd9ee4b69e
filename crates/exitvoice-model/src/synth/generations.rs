//! Discrete generations of Poisson families: every couple has on average two children, so the population stays. The setting of a closed
//! form for kin by distance, and of the rules of inheritance over generations.

use crate::society::person::{ALIVE, Class, NewPerson, PersonId, Persons};
use crate::society::rates::Sex;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Years between generations.
const GENERATION_YEARS: f64 = 30.0;

/// `generations` generations of `couples` couples each, one after the other; nobody dies. A generation holds its women, then its men; the
/// woman and the man of one place are a couple, and a child is born to a couple drawn at random.
#[must_use]
pub fn poisson_families(couples: usize, generations: usize, seed: Seed) -> Persons {
    let (keys, parents) = (Draws::new(seed, Purpose::FounderKey), Draws::new(seed, Purpose::FounderMother));
    let mut persons = Persons::with_capacity(2 * couples * generations);
    let day = |generation: usize| Day((generation as f64 * GENERATION_YEARS * DAYS_PER_YEAR) as i32);
    for generation in 0..generations {
        let row = |place: usize| {
            let key = keys.hash(generation as u64, place as u64);
            let couple = sample::index(parents.uniform(key, 0), couples);
            let parent = |offset: usize| {
                generation.checked_sub(1).map(|g| PersonId::from_row(2 * couples * g + offset + couple))
            };
            NewPerson {
                key,
                birth: day(generation),
                death: ALIVE,
                mother: parent(0),
                father: parent(couples),
                sex: if place < couples { Sex::Female } else { Sex::Male },
                class: Class::Wavering,
                province: 0,
                household: None,
            }
        };
        persons.append(&(0..2 * couples).map(row).collect::<Vec<_>>());
    }
    persons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_generation_are_women_and_parents_are_a_couple_of_the_one_before() {
        let (couples, generations) = (40, 3);
        let persons = poisson_families(couples, generations, Seed(5));
        for generation in 0..generations {
            for place in 0..2 * couples {
                let person = PersonId::from_row(2 * couples * generation + place);
                assert_eq!(persons.links[person].sex == Sex::Female, place < couples, "{place} of {generation}");
                let [mother, father] = [persons.links[person].mother, persons.links[person].father];
                let Some((mother, father)) = mother.zip(father) else {
                    assert_eq!(generation, 0, "founders have no parents");
                    continue;
                };
                assert_eq!(father.row(), mother.row() + couples);
                assert_eq!(mother.row() / (2 * couples) + 1, generation);
            }
        }
    }
}
