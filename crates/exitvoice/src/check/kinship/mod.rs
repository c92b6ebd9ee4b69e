//! `check kinship`: kin found in simulated populations, beside closed forms and a published matrix model.

mod matrix;
mod own_rates;

use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::{country, data};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::society::Society;
use exitvoice_model::society::kin::{self, FARTHEST_DEGREE};
use exitvoice_model::society::measures::{self, ByPath, of_age};
use exitvoice_model::society::person::{Marriages, PersonId, Persons};
use exitvoice_model::society::rates::{FERTILE_FROM, GROUP, Rates, Sex, mid_year};
use exitvoice_model::synth::generations::poisson_families;
use exitvoice_model::synth::one_sex::{SingleAgeRates, last_day, simulate};
use matrix::Placing;
use std::collections::BTreeMap;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "kinship",
    about: "Kin by distance in Poisson families, living kin by age at the rates of Sweden in 1950, and living kin of a 20-year-old in the country of 2008, beside their closed forms.",
    counts: Some(COUNTS),
    run,
};

/// Thousandths of the whole country.
const THOUSANDTHS: u32 = 1_000;
const COUNTS: Counts = Counts {
    what: "thousands of couples in a generation and of women at the start, and thousandths of the country",
    default: 100,
    range: [1, THOUSANDTHS],
};
const SEED: Seed = Seed(1_950);
const COUNTRY_SEED: Seed = Seed(1);
/// Monte-Carlo standard errors allowed.
const ERRORS: f64 = 4.0;
/// Farthest distance at which kin in Poisson families are counted.
const FARTHEST_DISTANCE: u8 = 5;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let thousands = COUNTS.asked(request)?;
    let size = thousands as usize * 1_000;
    let pool = request.machine.pool()?;
    let mut items = by_distance(size);
    request.machine.stop.check()?;
    items.extend(by_age(size, &pool)?);
    items.push(at_rates_of_2008(&country::rates()?));
    let scale = f64::from(thousands) / f64::from(THOUSANDTHS);
    let society = country::at_defaults(scale, COUNTRY_SEED, request.machine, &pool, progress)?;
    items.extend(in_the_country(&society, &pool));
    Ok(items)
}

/// Mean and standard error of values that are independent.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len().max(2) as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// A10: 2^(d-1) (d + 3) kin at distance d where every couple has a Poisson number of children with mean 2.
fn by_distance(couples: usize) -> Vec<Item> {
    let generations = 2 * FARTHEST_DISTANCE as usize + 1;
    let persons = poisson_families(couples, generations, SEED);
    let first = 2 * couples * FARTHEST_DISTANCE as usize;
    // Every tenth person of the middle generation: egos that share relatives count as less than one each.
    let egos = (first..first + 2 * couples).step_by(10).map(PersonId::from_row);
    let mut counts = vec![Vec::new(); FARTHEST_DISTANCE as usize + 1];
    let mut found = Vec::new();
    for ego in egos {
        kin::relatives(&persons, &Marriages::default(), ego, FARTHEST_DISTANCE, &mut found);
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
    (1..=FARTHEST_DISTANCE as usize).map(item).collect()
}

/// Kind of relative in the female line, steps up and down, column of the matrix model, published means at ages 20 and 35.
type Kind = (&'static str, usize, usize, fn(&matrix::Kin) -> &[f64], [f64; 2]);

const SWEDEN: [Kind; 7] = [
    ("mother", 1, 0, |kin| &kin.mother, [0.9561, 0.8304]),
    ("grandmother", 2, 0, |kin| &kin.grandmother, [0.5353, 0.1466]),
    ("daughters", 0, 1, |kin| &kin.daughters, [0.0908, 0.9156]),
    ("sisters", 1, 1, |kin| &kin.sisters, [1.0669, 1.0625]),
    ("nieces", 1, 2, |kin| &kin.nieces, [0.2371, 0.8233]),
    ("aunts", 2, 1, |kin| &kin.aunts, [1.0164, 0.8665]),
    ("cousins", 2, 2, |kin| &kin.cousins, [1.0778, 1.1377]),
];
const AGES: [usize; 2] = [20, 35];
/// Daughters among births: 1 in 2.04.
const BIRTHS_PER_DAUGHTER: f64 = 2.04;
/// Years of simulation before kin are counted: founders have no kin on record, and the mothers' mothers of egos must not be founders.
const YEARS: usize = 170;
/// Published numbers are rounded to the fourth place.
const ROUNDING: f64 = 5e-5;

/// A11: living kin by age at the rates of one year, female line, births to all women. The matrix model first gives the published numbers with
/// births placed as published; the simulation is then compared with the same model, births placed as the simulation places them.
fn by_age(women: usize, pool: &Pool) -> Result<Vec<Item>, Error> {
    let rates = sweden()?;
    let [published, simulated] = [Placing::EndOfStep, Placing::StartOfStep].map(|placing| matrix::kin(&rates, placing));
    let persons = simulate(&rates, women, YEARS, SEED, pool);
    let mut items = Vec::new();
    for (index, age) in AGES.into_iter().enumerate() {
        let counted = counts(&persons, age as f64);
        for (name, up, down, kin, printed) in SWEDEN {
            items.push(Item::near(
                format!(
                    "A11 living {name} of a woman of {age}, Sweden 1950, matrix model with births at the end of a step"
                ),
                kin(&published)[age],
                printed[index],
                ROUNDING,
                "published matrix model of the same rates; rounding of the published number",
            ));
            let families = counted.iter().map(|(family, by_path)| (*family, by_path[up][down]));
            let (found, error) = clustered(&families.collect::<Vec<_>>());
            items.push(Item::near(
                format!("A11 living {name} of a woman of {age}, Sweden 1950, simulated"),
                found,
                kin(&simulated)[age],
                ERRORS * error,
                format!("the same matrix model with births at the start of a step, as simulated; four standard errors of {error:.4} (women with one grandmother count together)"),
            ));
        }
    }
    Ok(items)
}

/// A11: living blood relatives to cousins of a 20-year-old, had the rates of 2008 always held: the matrix model of the female line, times the lines
/// that lead to each kind of kin through men, too, as if men bore and died like women.
fn at_rates_of_2008(rates: &Rates) -> Item {
    let period = rates.period(mid_year(EGO_YEAR));
    let survival = |age: usize| rates.survival(period, Sex::Female, age as f64, age as f64 + 1.0);
    let group = |age: usize| age.checked_sub(FERTILE_FROM).map(|years| years / GROUP);
    let births = |age: usize| group(age).and_then(|group| rates.births(period).get(group)).copied().unwrap_or(0.0);
    let ages = 0..OLDEST;
    let rates = SingleAgeRates {
        survival: ages.clone().map(survival).collect(),
        daughters: ages.map(|age| births(age) * (1.0 - rates.share_male(period))).collect(),
    };
    let kin = matrix::kin(&rates, Placing::StartOfStep);
    let at = |kin: &[f64], lines: f64| lines * kin[EGO_AGE_YEARS];
    let found = at(&kin.mother, 2.0)
        + at(&kin.grandmother, 4.0)
        + at(&kin.daughters, 2.0)
        + at(&kin.sisters, 2.0)
        + at(&kin.nieces, 4.0)
        + at(&kin.aunts, 4.0)
        + at(&kin.cousins, 8.0);
    Item::between(
        "A11 living blood relatives to cousins of a 20-year-old, had the rates of 2008 always held",
        found,
        AT_RATES_OF_2008,
        "about 16 to 17 are known; matrix model of the female line, through men as through women",
    )
}

/// Mean over persons, and its standard error where those of one family count together.
fn clustered(values: &[(Option<PersonId>, f64)]) -> (f64, f64) {
    let n = values.len().max(1) as f64;
    let mean = values.iter().map(|(_, value)| value).sum::<f64>() / n;
    let mut families: BTreeMap<Option<PersonId>, f64> = BTreeMap::new();
    for (family, value) in values {
        *families.entry(*family).or_default() += value - mean;
    }
    (mean, families.values().map(|sum| sum * sum).sum::<f64>().sqrt() / n)
}

/// Living relatives of every woman in the years before the freeze, each counted once: on the eve of the birthday that completes an age,
/// when the births of that age are still to come and the deaths of the year before it have happened. With the mother's mother.
fn counts(persons: &Persons, age: f64) -> Vec<(Option<PersonId>, ByPath)> {
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
            let grandmother = persons.links[ego].mother.and_then(|mother| persons.links[mother].mother);
            all.push((grandmother, by_path));
        }
    }
    all
}

/// Calendar years in which egos are taken: far enough apart that few share a mother.
const YEARS_COUNTED: usize = 30;
const EVERY_YEARS: usize = 5;

/// Age and year of the persons whose kin in the country are counted.
const EGO_AGE_YEARS: usize = 20;
const EGO_YEAR: i16 = 2008;
/// Known to the next integer: about 16 to 17.
const AT_RATES_OF_2008: [f64; 2] = [15.5, 17.5];
/// Ages of the matrix model at these rates.
const OLDEST: usize = 111;
/// Deviation from the closed form that the design allows.
const CLOSED_FORM: f64 = 0.04;

/// Living blood relatives in the country by degree, beside the closed form at its own rates.
fn in_the_country(society: &Society, pool: &Pool) -> Vec<Item> {
    let day = mid_year(EGO_YEAR);
    let (found, egos) = measures::living_kin(society, day, EGO_AGE_YEARS as f64, 1, pool);
    let expected = own_rates::living_kin(society, day, EGO_AGE_YEARS);
    let of_degree = |kin: &ByPath, degree: usize| (0..=degree).map(|up| kin[up][degree - up]).sum::<f64>();
    let degrees = 1..=FARTHEST_DEGREE as usize;
    let all = |kin: &ByPath| degrees.clone().map(|degree| of_degree(kin, degree)).sum::<f64>();
    let item = |name: String, found: f64, expected: f64| {
        let reason = format!(
            "sums over cohorts at the country's own rates; four hundredths; {egos} persons at scale {}",
            society.scale
        );
        Item::near(name, found, expected, CLOSED_FORM * expected, reason)
    };
    let mut items: Vec<Item> = degrees
        .clone()
        .map(|degree| {
            let name = format!("living blood relatives of degree {degree} of a 20-year-old in 2008");
            item(name, of_degree(&found, degree), of_degree(&expected, degree))
        })
        .collect();
    items.push(item(
        "living blood relatives to the fourth degree of a 20-year-old in 2008".to_owned(),
        all(&found),
        all(&expected),
    ));
    items
}

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
