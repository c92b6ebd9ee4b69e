//! `check sbc`: simulation-based calibration (Talts et al. 2018) of the whole chain on a reduced force; `check sbc-whole`: on the whole one.
//!
//! A world and its claims are drawn from the prior, the claims are inferred from, and the truth's place among the posterior draws is noted:
//! over many worlds it is uniform. Ties are broken at random; of the truth only parameters and totals enter, its own deployment is in no
//! sample. The posterior equal to the prior would pass for parameters, so the log-likelihood is a quantity too: estimated afresh for truth
//! and draws alike, because the estimates that the draws were accepted with are too high.

use super::bench::{self, Bench, World};
use super::worlds;
use crate::check::{Counts, Item, Request, Suite};
use crate::command::{Error, Event, Progress};
use crate::inference::{Kept, War};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::Draws;
use exitvoice_infer::{Outcome, Problem};
use exitvoice_record::Trajectory;
use std::collections::BTreeMap;
use std::ops::Range;

/// The suite.
pub(in crate::check) const SUITE: Suite = Suite {
    name: "sbc",
    about: "Ranks of the truth among posterior draws over simulated worlds, on a force of 600 soldiers.",
    counts: Some(COUNTS),
    run: |request, progress| run_on(&SUITE, Bench::reduced, Some(REFUSED), request, progress),
};

/// The same on the force of the scenario, under all of its claims. A world takes a minute or two: those that are refused are reported and fail
/// nothing.
pub(in crate::check) const WHOLE: Suite = Suite {
    name: "sbc-whole",
    about: "Ranks of the truth among posterior draws over simulated worlds, on the whole force of 15,000 soldiers.",
    counts: Some(COUNTS),
    run: |request, progress| run_on(&WHOLE, Bench::whole, None, request, progress),
};

/// As many as there are numbers, those of the second stage among them, before those of the next suite.
const COUNTS: Counts = Counts {
    what: "simulated worlds, and four times as many more where the first look suspicious",
    default: 20,
    range: [1, 2_000],
};
/// Posterior draws for which rare events and fresh likelihoods are computed.
const DRAWS: usize = 60;
/// Probability that a calibrated chain fails, over all quantities.
const ALPHA: f64 = 0.001;
/// Share of refusals allowed on the reduced force.
const REFUSED: f64 = 0.01;
/// Share of worlds that must not be refused where refusals fail nothing.
const JUDGED: f64 = 0.5;
const WEEK: usize = 7;

/// Chance below which the first worlds are not believed, and as many worlds of fresh seeds, times this, decide.
const SUSPICIOUS: f64 = 0.01;
const AGAIN: u32 = 4;

/// Places of the truth among the draws by quantity, in (0, 1); `None` where the inference refused.
type Places = Option<BTreeMap<String, f64>>;

/// Makes the force of a suite.
type Make = fn(&Request<'_>, &Pool, &mut dyn Progress) -> Result<Bench, Error>;

fn run_on(
    suite: &Suite,
    make: Make,
    refusals: Option<f64>,
    request: &Request<'_>,
    progress: &mut dyn Progress,
) -> Result<Vec<Item>, Error> {
    let pool = request.machine.pool()?;
    let bench = make(request, &pool, progress)?;
    let worlds = COUNTS.asked(request)?;
    let found = two_stages(worlds, progress, |numbers, progress| {
        let calibrated = |world| calibrate(request, &pool, &bench, u64::from(world));
        worlds::each(suite, request, &bench, (numbers, 1), progress, calibrated)
    })?;
    if refusals.is_none() {
        progress.event(Event::Note(found.refusals_in_words()));
    }
    Ok(found.items(refusals))
}

/// The first worlds, and where their places are suspicious others in their stead, `AGAIN` times as many: chance alone then fails only where both
/// stages are unlucky, and what is wrong shows more clearly in the second. Refusals of both are counted.
fn two_stages(
    worlds: u32,
    progress: &mut dyn Progress,
    mut places: impl FnMut(Range<u32>, &mut dyn Progress) -> Result<Vec<Places>, Error>,
) -> Result<Found, Error> {
    let first = Found::of(places(0..worlds, progress)?);
    let chance = first.chance();
    if chance < SUSPICIOUS {
        let words = format!(
            "places this far from uniform have a chance of {chance:.4}: {AGAIN} times as many worlds of fresh seeds decide"
        );
        progress.event(Event::Note(words));
        let second = Found::of(places(worlds..worlds * (1 + AGAIN), progress)?);
        return Ok(Found { tried: first.tried + second.tried, refused: first.refused + second.refused, ..second });
    }
    Ok(first)
}

/// What was found in some worlds.
struct Found {
    /// Of each quantity, one for each world that was not refused.
    places: BTreeMap<String, Vec<f64>>,
    /// Worlds that the places are of, refused ones among them.
    worlds: u32,
    /// Worlds of all stages, and how many of these were refused: too few effective draws, or more reports at once than can be told apart.
    tried: u32,
    refused: u32,
}

/// Intervals by level, in words, and how far their coverage may be off with [`ENOUGH`] worlds.
const COVERAGE: [(f64, &str, f64); 2] = [(0.9, "90 %", 0.04), (0.5, "50 %", 0.07)];
const ENOUGH: u32 = 500;

impl Found {
    fn of(by_world: Vec<Places>) -> Self {
        let (worlds, refused) =
            (by_world.len() as u32, by_world.iter().filter(|places| places.is_none()).count() as u32);
        let mut places: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (name, u) in by_world.into_iter().flatten().flatten() {
            places.entry(name).or_default().push(u);
        }
        Self { places, worlds, tried: worlds, refused }
    }

    /// Probability that chance puts the places of some quantity this far from uniform, at most.
    fn chance(&self) -> f64 {
        if self.places.is_empty() {
            return 1.0;
        }
        let bound = |u: &Vec<f64>| 2.0 * math::exp(-2.0 * u.len() as f64 * distance(u) * distance(u));
        (self.places.values().map(bound).fold(1.0, f64::min) * self.places.len() as f64).min(1.0)
    }

    fn refusals_in_words(&self) -> String {
        let why = "or more reports, or more at once, than can be told apart";
        let least = bench::LEAST_DRAWS;
        format!("{} of {} worlds were refused: fewer than {least} effective draws, {why}", self.refused, self.tried)
    }

    /// Distances, coverage, and whether a share of refusals that is allowed is kept to; where any is, whether there is something to judge.
    fn items(&self, refusals: Option<f64>) -> Vec<Item> {
        let Self { places, worlds, tried, refused } = self;
        let alpha = ALPHA / places.len().max(1) as f64;
        let reason = "largest distance of the places' distribution function from the uniform; bound of Dvoretzky, Kiefer, Wolfowitz and \
                      Massart at .001 over all quantities";
        let ks = |(name, u): (&String, &Vec<f64>)| {
            let bound = (-0.5 * math::ln(0.5 * alpha) / u.len() as f64).sqrt();
            Item::between(format!("{name}: distance from uniform"), distance(u), [0.0, bound], reason)
        };
        let mut items: Vec<Item> = places.iter().map(ks).collect();
        // Where refusals count as failures, an interval that is not given holds nothing.
        let given = |u: &[f64]| if refusals.is_some() { *worlds as usize } else { u.len() };
        let covered = |u: &[f64], level: f64| u.iter().filter(|u| (**u - 0.5).abs() < 0.5 * level).count() as f64;
        for (level, name, needed) in COVERAGE {
            // Quantities of one world go together: as if each world were one draw.
            let inferred = places.values().map(|u| given(u)).max().unwrap_or(0).max(1);
            let error = (level * (1.0 - level) / inferred as f64).sqrt();
            let allowed = if *worlds >= ENOUGH { needed } else { needed.max(4.0 * error) };
            let all = places.values().map(|u| covered(u, level)).sum::<f64>()
                / places.values().map(|u| given(u)).sum::<usize>().max(1) as f64;
            let reason = "share of intervals that hold the truth, over all quantities; with less than 500 worlds, four standard errors of as \
                          many draws as worlds";
            items.push(Item::near(format!("coverage of {name} intervals"), all, level, allowed, reason));
            let shares = places.iter().map(|(quantity, u)| (covered(u, level) / given(u).max(1) as f64, quantity));
            let off = |share: &(f64, &String)| (share.0 - level).abs();
            if let Some((share, quantity)) = shares.max_by(|a, b| off(a).total_cmp(&off(b))) {
                let by_chance = math::normal_quantile(1.0 - 0.5 * alpha) * error;
                let reason = "the quantity furthest off; what chance does at .001 over all quantities";
                let title = format!("coverage of {name} intervals, {quantity}");
                items.push(Item::near(title, share, level, needed.max(by_chance), reason));
            }
        }
        items.push(if let Some(share) = refusals {
            // With few worlds one refusal is more than a hundredth: two are allowed.
            let most = (share * f64::from(*tried)).max(2.0);
            let reason = "refusals count as failures; at most a hundredth, or two";
            Item::between("worlds refused", f64::from(*refused), [0.0, most], reason)
        } else {
            let inferred = f64::from(tried - refused);
            let reason = "refusals fail nothing, but places of less than half of the worlds judge nothing";
            Item::between("worlds not refused", inferred, [JUDGED * f64::from(*tried), f64::INFINITY], reason)
        });
        items
    }
}

/// Kolmogorov's distance from the uniform law.
pub(super) fn distance(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let gap = |(i, u): (usize, &f64)| (u - i as f64 / n).max((i as f64 + 1.0) / n - u);
    sorted.iter().enumerate().map(gap).fold(0.0, f64::max)
}

fn calibrate(request: &Request<'_>, pool: &Pool, bench: &Bench, world: u64) -> Result<Places, Error> {
    let draws = bench.draws(world);
    let World { theta, truth, claims } = bench.world(draws)?;
    let Some(war) = bench.told(&claims)? else { return Ok(None) };
    let outcome = bench.infer(request, pool, &war, draws)?;
    Ok(outcome.map(|outcome| place(pool, &war, &outcome, &theta, &truth.truth.trajectory, draws)))
}

fn place(
    pool: &Pool,
    war: &War<'_>,
    outcome: &Outcome<Kept>,
    theta: &[f64],
    truth: &Trajectory,
    draws: Draws,
) -> BTreeMap<String, f64> {
    let bank = &outcome.bank;
    let mut found = BTreeMap::new();
    let weights = &outcome.posterior.weights;
    let tie = |k: u64| draws.uniform(20, k);
    for (k, name) in bank.names().iter().enumerate() {
        let values: Vec<f64> = outcome.posterior.entries.iter().map(|e| bank.theta(e.row)[k]).collect();
        found.insert(name.clone(), position(weights, &values, theta[k], tie(k as u64)));
    }
    // Rare events given the claims, and fresh likelihoods, for a few draws of equal weight.
    let few = outcome.posterior.resampled(DRAWS, draws.uniform(21, 0));
    let fresh = |theta: &[f64], number: u64| {
        let kept = war.simulate(theta, draws.seed(22, number)).ok();
        kept.map_or(f64::NEG_INFINITY, |k| war.ln_likelihood(theta, &k, draws.seed(23, number)))
    };
    let numbers = pool.map(few.entries.len(), |i| {
        let entry = few.entries[i];
        let kept = bank.truth(entry)?;
        let whole = war.scorer.complete(&kept.seen(), draws.seed(24, i as u64));
        Some([total(&whole.reached), peak_week(&whole), fresh(bank.theta(entry.row), i as u64 + 1)])
    });
    let numbers: Vec<[f64; 3]> = numbers.into_iter().flatten().collect();
    let own = [total(&truth.reached), peak_week(truth), fresh(theta, 0)];
    let even = vec![1.0; numbers.len()];
    for (k, name) in ["total desertions", "peak week of casualties", "log-likelihood"].into_iter().enumerate() {
        let values: Vec<f64> = numbers.iter().map(|n| n[k]).collect();
        found.insert(name.to_owned(), position(&even, &values, own[k], tie(100 + k as u64)));
    }
    found
}

/// Place of `truth` among weighted values; among equals by `tie`.
pub(super) fn position(weights: &[f64], values: &[f64], truth: f64, tie: f64) -> f64 {
    let (mut below, mut equal, mut all) = (0.0, 0.0, 0.0);
    for (w, x) in weights.iter().zip(values) {
        all += w;
        match x.total_cmp(&truth) {
            std::cmp::Ordering::Less => below += w,
            std::cmp::Ordering::Equal => equal += w,
            std::cmp::Ordering::Greater => {}
        }
    }
    // The truth is one more draw: without it a place of 0 or 1 would be too likely.
    let draws = all * all / weights.iter().map(|w| w * w).sum::<f64>();
    (below / all * draws + tie * (equal / all * draws + 1.0)) / (draws + 1.0)
}

pub(super) fn total(column: &[i32]) -> f64 {
    column.iter().fold(0.0, |sum, x| sum + f64::from(*x))
}

/// Week with the most casualties; -1 (`none`) where there are none.
fn peak_week(trajectory: &Trajectory) -> f64 {
    let weeks: Vec<i32> = trajectory.incidents.chunks(WEEK).map(|w| w.iter().sum()).collect();
    let most = weeks.iter().copied().max().unwrap_or(0);
    if most == 0 { -1.0 } else { weeks.iter().position(|w| *w == most).map_or(-1.0, |w| w as f64) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::item::Reading;
    use crate::command::Silent;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    #[test]
    fn a_place_among_draws_of_the_same_law_is_uniform_and_ties_are_broken() {
        let draws = Draws::new(Seed(6), Purpose::Test);
        let places: Vec<f64> = (0..2_000)
            .map(|i| {
                // Values of a die: many ties.
                let die = |k: u64| (draws.uniform(i, k) * 6.0).floor();
                let values: Vec<f64> = (1..20).map(die).collect();
                position(&[1.0; 19], &values, die(0), draws.uniform(i, 99))
            })
            .collect();
        // Bound of Dvoretzky, Kiefer, Wolfowitz and Massart at 1e-6.
        assert!(distance(&places) < (-0.5 * math::ln(0.5e-6) / 2_000.0).sqrt(), "{}", distance(&places));
    }

    /// Places of worlds by number: evenly spread, or all in the upper two fifths.
    fn world(number: u32, high: bool) -> Places {
        let u = (f64::from(number % 60) + 0.5) / 60.0;
        Some(BTreeMap::from([("x".to_owned(), if high { 0.6 + 0.4 * u } else { u })]))
    }

    /// The stages run for 60 worlds, and whether all items passed.
    fn stages(high: impl Fn(u32) -> bool) -> (Vec<Range<u32>>, bool) {
        let mut ranges = Vec::new();
        let found = two_stages(60, &mut Silent, |numbers, _| {
            ranges.push(numbers.clone());
            Ok(numbers.map(|n| world(n, high(n))).collect())
        });
        (ranges, found.expect("nothing stops it").items(Some(REFUSED)).iter().all(|i| i.passed))
    }

    #[test]
    fn refusals_of_both_stages_count_where_a_share_is_allowed() {
        // Suspicious worlds of which 3 are refused, followed by good ones.
        let first = |n: u32| (n > 2).then(|| world(n, true)).flatten();
        let found = two_stages(60, &mut Silent, |numbers, _| {
            Ok(numbers.map(|n| if n < 60 { first(n) } else { world(n, false) }).collect())
        })
        .expect("nothing stops it");
        assert_eq!((found.worlds, found.tried, found.refused), (240, 300, 3));
        let failed = |allowed: Option<f64>| -> Vec<String> {
            found.items(allowed).into_iter().filter(|i| !i.passed).map(|i| i.name).collect()
        };
        assert_eq!(failed(Some(0.005)), ["worlds refused"]);
        assert_eq!((failed(Some(REFUSED)), failed(None)), (Vec::new(), Vec::new()));
        assert!(found.refusals_in_words().starts_with("3 of 300 worlds"), "{}", found.refusals_in_words());
        let nothing = two_stages(20, &mut Silent, |numbers, _| Ok(numbers.map(|_| None).collect()));
        let items = nothing.expect("nothing stops it").items(None);
        assert!(items.iter().any(|i| i.name == "worlds not refused" && !i.passed), "{items:?}");
    }

    /// Evenly spread places, stretched from the middle.
    fn even(worlds: u32, stretched: f64) -> Vec<f64> {
        let place = |i: u32| 0.5 + stretched * ((f64::from(i) + 0.5) / f64::from(worlds) - 0.5);
        (0..worlds).map(|i| place(i).clamp(1e-6, 1.0 - 1e-6)).collect()
    }

    #[test]
    fn one_posterior_of_fifteen_that_is_too_narrow_is_named() {
        let failed = |stretched: f64| -> Vec<String> {
            let mut places: BTreeMap<String, Vec<f64>> = (0..14).map(|k| (format!("q{k}"), even(500, 1.0))).collect();
            places.insert("narrow".to_owned(), even(500, stretched));
            let found = Found { places, worlds: 500, tried: 500, refused: 0 };
            found.items(Some(REFUSED)).into_iter().filter(|i| !i.passed).map(|i| i.name).collect()
        };
        assert_eq!(failed(1.0), Vec::<String>::new());
        // Its 90 % intervals cover .83: of all quantities together .895.
        assert_eq!(failed(0.9 / 0.83), ["coverage of 90 % intervals, narrow"]);
    }

    #[test]
    fn what_is_refused_covers_nothing_where_refusals_are_failures() {
        let worlds = (0..80).map(|n| (n >= 20).then(|| world(n, false)).flatten()).collect();
        let found = Found::of(worlds);
        let coverage = |refusals: Option<f64>| {
            let items = found.items(refusals);
            match items.into_iter().find(|i| i.name == "coverage of 90 % intervals").expect("told").value {
                Reading::Number(share) => share,
                other => panic!("no number: {other}"),
            }
        };
        assert!(
            (coverage(Some(1.0)) - 0.75 * coverage(None)).abs() < 1e-9,
            "{} {}",
            coverage(Some(1.0)),
            coverage(None)
        );
    }

    #[test]
    fn a_truth_that_always_lies_high_is_found_in_two_stages() {
        assert_eq!(stages(|_| true), (vec![0..60, 60..300], false));
    }

    #[test]
    fn worlds_that_only_look_wrong_are_followed_by_four_times_as_many_and_pass() {
        assert_eq!(stages(|number| number < 60), (vec![0..60, 60..300], true));
        assert_eq!(stages(|_| false), (vec![0..60; 1], true));
    }
}
