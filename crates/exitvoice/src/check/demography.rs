//! `check demography`: the simulated country beside the rates and counts that it was given.

use super::counts::size;
use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::country;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::society::Society;
use exitvoice_model::society::measures;
use exitvoice_model::society::rates::{FOUNDING_YEAR, GROUP, PERIODS, Rates, Sex, mid_year};
use exitvoice_model::society::tables::{self, OLDEST_COMPARED, SMALLEST_COMPARED};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "demography",
    about: "Population, mortality, fertility, marriage and households of a simulated country beside the published rates and counts.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts = Counts::hundredths("hundredths of the country that are simulated", 100);
const SEED: Seed = Seed(1);
/// Smallest country that the bounds are meant for.
const SMALLEST: f64 = 0.1;
/// Bounds of the design, each with what it allows for.
const TOTAL: f64 = 0.01;
const AGE_GROUP: f64 = 0.03;
const LIFE_EXPECTANCY_YEARS: f64 = 0.3;
const CHILDREN: f64 = 0.05;
const MARRIAGE_AGE_YEARS: f64 = 0.4;
const HOUSEHOLD: f64 = 0.3;
const LIVING_MOTHER: f64 = 0.02;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let scale = COUNTS.scale(request)?;
    let pool = request.machine.pool()?;
    let society = country::at_defaults(scale, SEED, request.machine, &pool, progress)?;
    Ok(items(&society, &country::rates()?, &pool))
}

fn items(society: &Society, rates: &Rates, pool: &Pool) -> Vec<Item> {
    let mut items = vec![size(society.scale, SMALLEST, TOO_SMALL)];
    items.extend(population(society, rates, pool));
    items.extend(mortality(society, rates, pool));
    items.extend(fertility(society, rates, pool));
    items.extend(families(society, pool));
    items
}

/// Why a smaller country than [`SMALLEST`] is too small.
const TOO_SMALL: &str = "the bounds are those of the design at .1 and 1: in a smaller country chance alone takes groups and periods past them";

fn population(society: &Society, rates: &Rates, pool: &Pool) -> Vec<Item> {
    let days: Vec<Day> = (1..14).map(|k| mid_year(FOUNDING_YEAR + k * GROUP as i16)).collect();
    let compared = tables::against_pyramid(&tables::population(society, &days, pool), rates, society.scale);
    let mut items = Vec::new();
    for day in days {
        let year = day.year();
        let of_year = || compared.iter().filter(|row| row.year == year);
        let total = of_year().find(|row| row.age_from.is_none()).map_or(f64::NAN, tables::Comparison::deviation);
        items.push(Item::near(
            format!("population of {year}, relative deviation"),
            total,
            0.0,
            TOTAL,
            "WPP 2019; a plain cohort projection of the same rates deviates by up to .004",
        ));
        let worst = of_year()
            .filter(|row| row.age_from.is_some_and(|a| a < OLDEST_COMPARED) && row.published > SMALLEST_COMPARED)
            .map(|row| row.deviation().abs())
            .fold(0.0, f64::max);
        items.push(Item::between(
            format!("worst five-year group of {year} under 80 and above 50,000, relative deviation"),
            worst,
            [0.0, AGE_GROUP],
            "WPP 2019; a plain cohort projection of the same rates deviates by up to .014",
        ));
    }
    items
}

fn mortality(society: &Society, rates: &Rates, pool: &Pool) -> Vec<Item> {
    let counted = measures::mortality(society, pool);
    let mut items = Vec::new();
    for (period, by_age) in counted.iter().enumerate().take(PERIODS).skip(1) {
        for sex in [Sex::Female, Sex::Male] {
            // No number where too few died to say: the item fails and shows it.
            let published = rates.deaths(period, sex);
            let observed = measures::observed_life_expectancy(&by_age[sex as usize], published).unwrap_or(f64::NAN);
            let word = if sex == Sex::Female { "women" } else { "men" };
            let from = FOUNDING_YEAR as usize + (period - 1) * GROUP;
            items.push(Item::near(
                format!("life expectancy of {word} {from}-{}, years", from + GROUP),
                observed,
                measures::life_expectancy(published),
                LIFE_EXPECTANCY_YEARS,
                "deaths over exposure beside the published rates by the same formula",
            ));
        }
    }
    items
}

fn fertility(society: &Society, rates: &Rates, pool: &Pool) -> Vec<Item> {
    tables::fertility(society, rates, pool)
        .into_iter()
        .map(|row| {
            Item::near(
                format!("children per woman {}-{}", row.from, row.until),
                row.children_per_woman,
                row.published,
                CHILDREN,
                "WPP 2019, although only married women bear children; hazards come from a pilot of a hundredth of the country",
            )
        })
        .collect()
}

fn families(society: &Society, pool: &Pool) -> Vec<Item> {
    let (from, until) = (Day::new_year(2008), Day::new_year(2009));
    let [women, men] = measures::first_marriages(society, from, until);
    let census = mid_year(2008);
    let (mother, persons) = measures::with_living_mother(society, census, 20.0);
    let frozen = tables::population(society, &[society.frozen], pool);
    let household = tables::living_in_households(society) as f64 / frozen[0].households.max(1) as f64;
    vec![
        Item::near(
            format!("mean age of women at first marriage in 2008, years ({} of them)", women.1),
            women.0,
            25.5,
            MARRIAGE_AGE_YEARS,
            "census of 2008",
        ),
        Item::near(
            format!("mean age of men at first marriage in 2008, years ({} of them)", men.1),
            men.0,
            29.0,
            MARRIAGE_AGE_YEARS,
            "census of 2008",
        ),
        Item::near(
            "persons a household at the freeze",
            household,
            3.9,
            HOUSEHOLD,
            "census of 2008; households shrink slowly since",
        ),
        Item::near(
            format!("share of those aged 20 in 2008 with a living mother ({persons} of them)"),
            mother,
            0.94,
            LIVING_MOTHER,
            "what rates like those of 2008 imply",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Reading;
    use crate::command::Machine;

    #[test]
    fn a_hundredth_of_the_country_follows_its_rates() {
        let machine = Machine::this();
        let request = Request { n: Some(1), ..Request::of(&machine) };
        let items = run(&request, &mut crate::command::Silent).expect("nothing stops it");
        // A hundredth is noisier than the bounds of the whole country allow for: standard errors of its totals (lines die out and grow),
        // of a life expectancy from some 3,000 deaths, of fertility, of ages at 1,700 weddings, of the other two. Its five-year groups
        // hold 500 to 20,000 persons and say nothing.
        let noise = [
            ("population", 0.005),
            ("life", 0.2),
            ("children", 0.02),
            ("mean age", 0.1),
            ("persons", 0.05),
            ("share", 0.004),
        ];
        let (size, items) = items.split_first().expect("items");
        assert!(!size.passed && size.name.contains("scaled = true"), "{}", size.line());
        for item in items.iter().filter(|item| !item.name.starts_with("worst")) {
            let (Reading::Number(found), Reading::Number(expected)) = (&item.value, &item.expected) else {
                panic!("{}", item.line())
            };
            let error = noise.iter().find(|(prefix, _)| item.name.starts_with(prefix)).expect("every item has one").1;
            let allowed = item.tolerance.expect("a number has one") + 4.0 * error;
            assert!((found - expected).abs() < allowed, "{}", item.line());
        }
    }
}
