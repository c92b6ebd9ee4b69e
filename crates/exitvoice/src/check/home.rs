//! `check home`: class shares, camps, party and army of simulated countries beside the published ranges, for both schools of army size.

use super::counts::size;
use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::country;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::mechanism::control::camp;
use exitvoice_model::mechanism::service::{career, conscription};
use exitvoice_model::society::Society;
use exitvoice_model::society::history::HistoryParams;
use exitvoice_model::society::person::Class;
use exitvoice_model::society::rates::mid_year;
use exitvoice_model::society::tables::{classes, stocks};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "home",
    about: "Class shares, inheritance, camps, party and army of simulated countries beside published ranges, for both schools of army size.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts = Counts::hundredths("hundredths of the country that are simulated, once a school", 10);
/// Smallest country that the ranges are asked of.
const SMALLEST: f64 = 0.01;
const SEED: Seed = Seed(1);
/// Largest difference between the classes of fathers and children, as a share.
const FATHERS: f64 = 0.03;
/// Year of the published class shares.
const SHARES_YEAR: i16 = 2012;
/// Ages of the children compared with their fathers, in years.
const CHILDREN_YEARS: std::ops::Range<f64> = 17.0..40.0;
/// The parameter that chooses the school.
const SCHOOL: &str = "service.conscription.larger_school";

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let scale = COUNTS.scale(request)?;
    let pool = request.machine.pool()?;
    let mut items = vec![size(scale, SMALLEST, "published ranges are wide: a hundredth of the country lies inside")];
    for (weight, word, army) in
        [(0.0, "smaller", conscription::PUBLISHED_ARMY[0]), (1.0, "larger", conscription::PUBLISHED_ARMY[1])]
    {
        let change = [(SCHOOL, weight)];
        let params = country::changed_params(&change)?;
        let society = country::built(&params, scale, SEED, request.machine, &pool, progress)?;
        items.extend(school(&society, &params, word, army, &pool));
    }
    Ok(items)
}

fn school(society: &Society, params: &HistoryParams, word: &str, army: (f64, f64), pool: &Pool) -> Vec<Item> {
    let name = |what: &str| format!("{what} ({word} school)");
    let range = |(low, high): (f64, f64)| [low, high];
    let then = mid_year(SHARES_YEAR);
    let years = career::PUBLISHED_MEMBERS.map(|(year, _)| mid_year(year));
    let days: Vec<Day> = years.into_iter().chain([society.frozen]).collect();
    let mut items = Vec::new();
    let mut replay = classes::Replay::new(society, params);
    let shares = replay.shares(&[then, society.frozen], pool)[0].shares[0];
    for ((class, share), published) in Class::ALL.into_iter().zip(shares).zip(classes::PUBLISHED_SHARES) {
        let what = format!("share of the {} class in {SHARES_YEAR}, default rule", class.word());
        items.push(Item::between(name(&what), share, range(published), "published ranges, SB001 to SB008"));
    }
    let [fathers, children] = classes::transition_margins(&replay.fathers_and_children(&CHILDREN_YEARS));
    for ((class, father), child) in Class::ALL.into_iter().zip(fathers).zip(children) {
        let what = format!("children of 17 to 39 in the {} class, beside their fathers at the birth", class.word());
        let reason = "a survey finds the distributions alike (SB031); less than three points";
        items.push(Item::near(name(&what), child, father, FATHERS, reason));
    }
    let rank = |shares: &[f64; 3]| shares[1] + 2.0 * shares[2];
    items.push(Item::between(
        name("drift from fathers to children, in classes downward"),
        rank(&children) - rank(&fathers),
        [0.0, 2.0 * FATHERS],
        "small and downward (SB031)",
    ));
    for (day, stock) in [then, society.frozen].into_iter().zip(stocks::punished(society, &[then, society.frozen], pool))
    {
        items.push(Item::between(
            name(&format!("persons in political camps on {day}")),
            stock.camps as f64 / society.scale,
            range(camp::PUBLISHED_STOCK),
            "published stocks since 2009, CP005 to CP008, CP016 to CP024",
        ));
    }
    let serving = stocks::serving(society, &days, pool);
    for ((year, members), count) in career::PUBLISHED_MEMBERS.into_iter().zip(&serving) {
        items.push(Item::near(
            name(&format!("party members of {year}, persons")),
            count.party as f64 / society.scale,
            members,
            career::MEMBERS_ROUNDING,
            "SB023 (late 1980s), SB024 (2021): single figures, given in halves of a million",
        ));
    }
    let soldiers = serving.last().map_or(0, |count| count.soldiers.iter().sum::<u64>());
    items.push(Item::between(
        name("soldiers at the freeze, the only day compared"),
        soldiers as f64 / society.scale,
        range(army),
        "published sizes of the school, KP001, KP038 to KP040",
    ));
    items
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Machine, Silent};

    #[test]
    fn a_hundredth_of_the_country_lies_inside_the_published_ranges() {
        let machine = Machine::this();
        let items = run(&Request { n: Some(1), ..Request::of(&machine) }, &mut Silent).expect("nothing stops it");
        let (size, items) = items.split_first().expect("items");
        assert!(size.passed && size.name.contains("scaled = true") && items.len() == 24, "{}", size.line());
        for item in items {
            assert!(item.passed, "{}", item.line());
        }
    }
}
