//! A one-sex population with given rates by single age and births to all women: the setting of the matrix models of kinship.
//!
//! It fills the same tables as the country, so that kin are found by the same code, and is compared with closed forms (`check kinship`).
//! A year is one step: women aged `a` bear daughters, then survive to `a + 1` with the probability of their age.

use crate::society::person::{NewPerson, PersonId, Persons};
use crate::society::rates::{FOUNDING_YEAR, mid_year};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Rates by single year of age.
#[derive(Clone, Debug, PartialEq)]
pub struct SingleAgeRates {
    /// Probability of living from age `a` to `a + 1`.
    pub survival: Vec<f64>,
    /// Daughters per woman and year at age `a`.
    pub daughters: Vec<f64>,
}

impl SingleAgeRates {
    /// Ages of the stable population, summing to one, by repeated projection.
    #[must_use]
    pub fn stable_ages(&self) -> Vec<f64> {
        let mut ages = vec![1.0 / self.survival.len() as f64; self.survival.len()];
        for _ in 0..STABLE_STEPS {
            let born: f64 = ages.iter().zip(&self.daughters).map(|(n, f)| n * f).sum();
            let mut next: Vec<f64> = std::iter::once(born)
                .chain(ages.iter().zip(&self.survival).map(|(n, s)| n * s))
                .take(ages.len())
                .collect();
            let all: f64 = next.iter().sum();
            next.iter_mut().for_each(|n| *n /= all);
            ages = next;
        }
        ages
    }
}

/// Years of projection after which ages no longer move in the tenth digit.
const STABLE_STEPS: usize = 600;

/// First day after `years` years.
#[must_use]
pub fn last_day(years: usize) -> Day {
    Day(mid_year(FOUNDING_YEAR).0 + (years as f64 * DAYS_PER_YEAR) as i32)
}

/// Runs `years` years from `women` women of stable ages. The persons that come back lived until [`last_day`].
///
/// A woman's daughters of a year are Poisson and born at its start: in the matrix models births do not exclude each other, so a sister can be
/// of the same year.
#[must_use]
pub fn simulate(rates: &SingleAgeRates, women: usize, years: usize, seed: Seed, pool: &Pool) -> Persons {
    let (lives, births) = (Draws::new(seed, Purpose::Life), Draws::new(seed, Purpose::Birth));
    let (keys, children) = (Draws::new(seed, Purpose::FounderKey), Draws::new(seed, Purpose::ChildKey));
    let ages = rates.stable_ages();
    let start = mid_year(FOUNDING_YEAR);
    let day_of = last_day;
    let mut persons = Persons::default();
    let founder = |i: u64| {
        let key = keys.hash(0, i);
        let age = sample::categorical(lives.block(key, 0).second(), &ages);
        (NewPerson::alone(key, Day(start.0 - (age as f64 * DAYS_PER_YEAR) as i32)), age)
    };
    let (rows, mut living): (Vec<NewPerson>, Vec<(PersonId, usize)>) = (0..women as u64)
        .map(founder)
        .enumerate()
        .map(|(row, (person, age))| (person, (PersonId::from_row(row), age)))
        .unzip();
    persons.append(&rows);
    for year in 0..years {
        let shared = &persons;
        // Mothers of the year, and who lives through it.
        let steps = pool.map_chunks(living.len(), |range| {
            let mut mothers = Vec::new();
            let mut alive = Vec::new();
            for (person, age) in living[range].iter().copied() {
                let key = shared.life[person].key;
                let mean = rates.daughters.get(age).copied().unwrap_or(0.0);
                let daughters = sample::poisson(births.uniform(key, year as u64), mean);
                mothers.extend((0..daughters).map(|daughter| (person, daughter)));
                let lives_on = lives.uniform(key, year as u64 + 1) < rates.survival.get(age).copied().unwrap_or(0.0);
                alive.push((person, age, lives_on));
            }
            (mothers, alive)
        });
        let mut next = Vec::with_capacity(living.len());
        let mut born = Vec::new();
        for (mothers, alive) in steps {
            for (mother, daughter) in mothers {
                let key = children.hash(persons.life[mother].key, (year as u64) << u32::BITS | daughter);
                born.push(NewPerson { mother: Some(mother), ..NewPerson::alone(key, day_of(year)) });
            }
            for (person, age, lives_on) in alive {
                if lives_on {
                    next.push((person, age + 1));
                } else {
                    persons.life[person].death = Day(day_of(year + 1).0 - 1);
                }
            }
        }
        let first = persons.len();
        persons.append(&born);
        // Newborns live through their first year like everybody else.
        for row in first..persons.len() {
            let person = PersonId::from_row(row);
            if lives.uniform(persons.life[person].key, year as u64 + 1) < rates.survival[0] {
                next.push((person, 1));
            } else {
                persons.life[person].death = Day(day_of(year + 1).0 - 1);
            }
        }
        living = next;
    }
    persons
}
