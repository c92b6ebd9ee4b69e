//! `check nowcast`: casualties up to a recent day, while news of them takes longer than it used to.
//!
//! As `check sbc`, but half way through the war the sources' delay trebles, which the fitted observers, whose delay is one number, do not know.
//! The 95 % interval of all casualties up to the as-of day, and up to 7, 14 and 28 days before it, must hold the truth as often as it says.

use super::bench::{Bench, World};
use super::worlds;
use crate::check::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::inference::Kept;
use crate::scenario::{Origin, Scenario};
use exitvoice_core::rng::sample;
use exitvoice_infer::Outcome;
use exitvoice_infer::output::quantiles;
use exitvoice_record::Trajectory;

/// The suite.
pub(in crate::check) const SUITE: Suite = Suite {
    name: "nowcast",
    about: "Coverage of casualties up to recent days through a change of the sources' delay, on a force of 600 soldiers.",
    counts: Some(COUNTS),
    run,
};

/// As many as there are numbers before those of the next suite.
const COUNTS: Counts = Counts { what: "simulated worlds", default: 20, range: [1, 10_000] };
/// First world: others than those of the other suites.
const FIRST: u64 = 30_000;
/// Days before the as-of day.
const HORIZONS: [i32; 4] = [0, 7, 14, 28];
/// Delay of all sources before the change: law of the fitted observers, median in days and spread.
const DELAY: (f64, f64) = (5.0, 0.6);
/// Factor on it after the change.
const SLOWER: f64 = 3.0;
const DELAYS: [&str; 2] = ["observe.delay.third", "observe.delay.kyiv"];
const LEVEL: f64 = 0.95;
/// Coverage may lie this far from its level.
const APART: f64 = 0.03;
const ANSWERED: f64 = 0.9;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let pool = request.machine.pool()?;
    let bench = Bench::reduced(request, &pool, progress)?;
    let worlds = COUNTS.asked(request)?;
    let days = bench.scenario.days() as i32;
    let found = worlds::each(&SUITE, request, &bench, (0..worlds, 1), progress, |number| {
        let draws = bench.draws(FIRST + u64::from(number));
        let delay = sample::log_normal(draws.uniform(50, 0), DELAY.0, DELAY.1);
        let before = with_delay(&bench.scenario, delay);
        let after = with_delay(&bench.scenario, delay * SLOWER);
        let World { truth, claims, .. } = bench.world_told_by(draws, &[(0, &before), (days / 2, &after)])?;
        let Some(war) = bench.told(&claims)? else { return Ok(None) };
        let outcome = bench.infer(request, &pool, &war, draws)?;
        Ok(outcome.map(|outcome| HORIZONS.map(|horizon| holds(&outcome, &truth, days - 1 - horizon))))
    })?;
    let held = [0, 1, 2, 3].map(|k| found.iter().flatten().filter(|held| held[k]).count() as f64);
    Ok(items(&held, found.iter().flatten().count() as f64, f64::from(worlds)))
}

fn items(held: &[f64], answered: f64, worlds: f64) -> Vec<Item> {
    // With few worlds a coverage of 95 % leaves the range by chance: three standard errors are allowed.
    let apart = APART.max(3.0 * (LEVEL * (1.0 - LEVEL) / worlds).sqrt());
    let reason = "share of worlds whose 95 % interval holds the truth; a refusal holds nothing";
    let range = [LEVEL - apart, (LEVEL + apart).min(1.0)];
    let of = |(held, horizon): (&f64, i32)| {
        Item::between(format!("casualties up to {horizon} days before"), held / worlds, range, reason)
    };
    let mut items: Vec<Item> = held.iter().zip(HORIZONS).map(of).collect();
    items.push(Item::between("worlds answered", answered / worlds, [ANSWERED, 1.0], "refusals are counted"));
    items
}

/// The scenario with the delay of every source held at a value.
fn with_delay(scenario: &Scenario, days: f64) -> Scenario {
    let mut out = scenario.clone();
    for key in DELAYS {
        if let Some(value) = out.values.get_mut(key) {
            (value.canonical, value.origin) = (days, Origin::CommandLine);
        }
    }
    out
}

/// Whether the 95 % interval of casualties up to a day holds the truth.
fn holds(outcome: &Outcome<Kept>, truth: &Kept, day: i32) -> bool {
    let until = |t: &Trajectory| Trajectory::total(&t.incidents, day) as f64;
    let draws = outcome.posterior.entries.iter().zip(&outcome.posterior.weights);
    let (weights, values): (Vec<f64>, Vec<f64>) = draws
        .filter_map(|(entry, weight)| Some((*weight, until(&outcome.bank.truth(*entry)?.truth.trajectory))))
        .unzip();
    let (tail, known) = (0.5 * (1.0 - LEVEL), until(&truth.truth.trajectory));
    quantiles(&weights, &values, [tail, 1.0 - tail]).is_some_and(|[low, high]| low <= known && known <= high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_that_is_too_low_or_too_rare_is_found() {
        let passed =
            |held: f64, answered: f64| items(&[held; 4], answered, 500.0).iter().map(|i| i.passed).collect::<Vec<_>>();
        assert_eq!(passed(475.0, 500.0), [true; 5]);
        assert_eq!(passed(455.0, 500.0), [false, false, false, false, true]);
        assert_eq!(passed(475.0, 440.0), [true, true, true, true, false]);
    }
}
