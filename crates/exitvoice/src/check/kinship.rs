//! `check kinship`: kin found in simulated populations, beside closed forms and a published matrix model.

use super::{Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::data;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::society::kin::{self, FARTHEST_DEGREE};
use exitvoice_model::society::measures::{ByPath, of_age};
use exitvoice_model::society::person::{Marriages, PersonId, Persons};
use exitvoice_model::synth::generations::poisson_families;
use exitvoice_model::synth::one_sex::{SingleAgeRates, last_day, simulate};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "kinship",
    about: "Kin by distance in Poisson families, and living kin by age at the rates of Sweden in 1950, beside their closed forms.",
    counts: "thousands of couples in a generation and of women at the start (100)",
    run,
};

/// Default size, in thousands.
const THOUSANDS: u32 = 100;
const SEED: Seed = Seed(1_950);
/// Monte-Carlo standard errors allowed.
const ERRORS: f64 = 4.0;

fn run(request: &Request<'_>, _progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let size = request.n.unwrap_or(THOUSANDS).max(1) as usize * 1_000;
    let pool = request.machine.pool()?;
    let mut items = by_distance(size);
    request.machine.stop.check()?;
    items.extend(by_age(size, &pool)?);
    Ok(items)
}

/// Mean and standard error of what `count` gives for each ego.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(2) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// A10: 2^(d-1) (d + 3) kin at distance d where every couple has a Poisson number of children with mean 2.
fn by_distance(couples: usize) -> Vec<Item> {
    let generations = 2 * FARTHEST_DEGREE as usize + 1;
    let persons = poisson_families(couples, generations, SEED);
    let first = 2 * couples * FARTHEST_DEGREE as usize;
    // Every tenth person of the middle generation: egos that share relatives count as less than one each.
    let egos = (first..first + 2 * couples).step_by(10).map(PersonId::from_row);
    let mut counts = vec![Vec::new(); FARTHEST_DEGREE as usize + 1];
    let mut found = Vec::new();
    for ego in egos {
        kin::relatives(&persons, &Marriages::default(), ego, FARTHEST_DEGREE, &mut found);
        for (degree, counts) in counts.iter_mut().enumerate() {
            counts.push(found.iter().filter(|r| r.degree as usize == degree).count() as f64);
        }
    }
    let item = |degree: usize| {
        let (found, error) = mean(&counts[degree]);
        let expected = ((1 << (degree - 1)) * (degree + 3)) as f64;
        // In a finite population two paths can lead to one relative: about kin squared over the generation.
        let overlap = expected * expected / couples as f64;
        Item::near(
            format!("A10 kin at distance {degree} in Poisson families"),
            found,
            expected,
            ERRORS * error + overlap,
            format!("2^(d-1)(d+3); four standard errors of {error:.3} and {overlap:.3} for relatives met twice"),
        )
    };
    (1..=FARTHEST_DEGREE as usize).map(item).collect()
}

/// Kind of relative in the female line, by steps up and down, with the published means at ages 20 and 35.
const SWEDEN: [(&str, usize, usize, [f64; 2]); 7] = [
    ("mother", 1, 0, [0.9561, 0.8304]),
    ("grandmother", 2, 0, [0.5353, 0.1466]),
    ("daughters", 0, 1, [0.0908, 0.9156]),
    ("sisters", 1, 1, [1.0669, 1.0625]),
    ("nieces", 1, 2, [0.2371, 0.8233]),
    ("aunts", 2, 1, [1.0164, 0.8665]),
    ("cousins", 2, 2, [1.0778, 1.1377]),
];
const AGES: [f64; 2] = [20.0, 35.0];
/// Daughters among births: 1 in 2.04.
const BIRTHS_PER_DAUGHTER: f64 = 2.04;
/// Years of simulation before kin are counted: founders have no kin on record, and the mothers' mothers of egos must not be founders.
const YEARS: usize = 170;
/// A matrix step is a year: ages of mothers and the last births before an age differ by up to half a year between the two computations.
const STEP_SHARE: f64 = 0.01;

/// A11: living kin by age at the rates of one year, female line, births to all women.
fn by_age(women: usize, pool: &Pool) -> Result<Vec<Item>, Error> {
    let rates = sweden()?;
    let persons = simulate(&rates, women, YEARS, SEED, pool);
    let mut items = Vec::new();
    for (index, age) in AGES.into_iter().enumerate() {
        let counts = counts(&persons, age);
        for (name, up, down, published) in SWEDEN {
            let values: Vec<f64> = counts.iter().map(|by_path| by_path[up][down]).collect();
            let (found, error) = mean(&values);
            items.push(Item::near(
                format!("A11 living {name} of a woman of {age}, Sweden 1950"),
                found,
                published[index],
                ERRORS * error + STEP_SHARE * published[index],
                format!("matrix model of the same rates; four standard errors of {error:.4} and one hundredth for the length of a step"),
            ));
        }
    }
    Ok(items)
}

/// Living relatives of every woman in the years before the freeze, each counted once: on the eve of the birthday that completes an age,
/// when the births of that age are still to come and the deaths of the year before it have happened.
fn counts(persons: &Persons, age: f64) -> Vec<ByPath> {
    let nobody = Marriages::default();
    let mut found = Vec::new();
    let mut all = Vec::new();
    for back in (0..YEARS_COUNTED).step_by(EVERY_YEARS) {
        let day = last_day(YEARS) + -((back as f64 * exitvoice_core::time::DAYS_PER_YEAR) as i32) + -1;
        for ego in of_age(persons, day, age - 1.0) {
            kin::relatives(persons, &nobody, ego, FARTHEST_DEGREE, &mut found);
            let mut by_path = ByPath::default();
            for relative in found.iter().filter(|r| persons.alive(r.person, day)) {
                by_path[relative.up as usize][(relative.degree - relative.up) as usize] += 1.0;
            }
            all.push(by_path);
        }
    }
    all
}

/// Calendar years in which egos are taken: far enough apart that few share a mother.
const YEARS_COUNTED: usize = 30;
const EVERY_YEARS: usize = 5;

fn sweden() -> Result<SingleAgeRates, Error> {
    let mut reader = csv::Reader::from_reader(data::sweden_1950().as_bytes());
    let (mut survival, mut daughters) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.map_err(Error::bug)?;
        let number = |index: usize| -> Result<f64, Error> { record[index].parse().map_err(Error::bug) };
        survival.push(number(1)?);
        daughters.push(number(2)? / BIRTHS_PER_DAUGHTER);
    }
    Ok(SingleAgeRates { survival, daughters })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Machine;

    #[test]
    fn kin_are_as_many_as_theory_says() {
        let machine = Machine::this();
        let request = Request { n: Some(20), ..Request::of(&machine) };
        for item in run(&request, &mut crate::command::Silent).expect("nothing stops it") {
            assert!(item.passed, "{}", item.line());
        }
    }
}
