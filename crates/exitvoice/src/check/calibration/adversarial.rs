//! `check adversarial`: sources of the best grade that lie, and whether the answer on desertions stands.
//!
//! As `check sbc`, but to the claims about each world so many are added that a fifth of the rows of counts is fabricated: casualty totals of
//! grade A, each of an office and bulletin of its own, drawn around half or twice the truth (one side for a world). The 90 % interval of total
//! desertions must hold the truth nearly as often as it says.

use super::bench::{Bench, World};
use super::sbc::total;
use super::worlds;
use crate::check::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::inference::{Kept, War};
use exitvoice_core::rng::{Draws, sample};
use exitvoice_infer::Outcome;
use exitvoice_infer::output::quantiles;
use exitvoice_observe::ClaimSet;
use exitvoice_observe::claim::{Claim, Form, InfoGrade, Quantity, SourceGrade};
use exitvoice_record::Trajectory;

/// The suite.
pub(in crate::check) const SUITE: Suite = Suite {
    name: "adversarial",
    about: "Coverage of total desertions where a fifth of the counts is fabricated, on a force of 600 soldiers.",
    counts: Some(COUNTS),
    run,
};

/// As many as there are numbers before those of the next suite.
const COUNTS: Counts = Counts { what: "simulated worlds", default: 20, range: [1, 10_000] };
/// Worlds with which the limit holds as it stands.
const ENOUGH: u32 = 200;
/// First world: others than those of `check sbc`.
const FIRST: u64 = 10_000;
/// Share of the rows of counts that is fabricated.
const FABRICATED: f64 = 0.2;
/// Spread of a fabricated number around half or twice the truth, on the log scale.
const SPREAD: f64 = 0.1;
/// Draws for which rare events are drawn.
const DRAWS: usize = 200;
const LEVEL: f64 = 0.9;
const NEEDED: f64 = 0.85;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let pool = request.machine.pool()?;
    let bench = Bench::reduced(request, &pool, progress)?;
    let worlds = COUNTS.asked(request)?;
    let found = worlds::each(&SUITE, request, &bench, (0..worlds, 1), progress, |number| {
        let draws = bench.draws(FIRST + u64::from(number));
        let World { truth, claims, .. } = bench.world(draws)?;
        let claims = fabricate(claims, &truth.truth.trajectory, &bench, draws);
        let Some(war) = bench.told(&claims)? else { return Ok(None) };
        let outcome = bench.infer(request, &pool, &war, draws)?;
        Ok(outcome.map(|outcome| holds(&war, &outcome, total(&truth.truth.trajectory.reached), draws)))
    })?;
    let answered = found.iter().flatten().count() as f64;
    let held = found.iter().flatten().filter(|held| **held).count() as f64;
    let n = f64::from(worlds);
    // With few worlds a coverage of nine tenths falls below the limit by chance: three standard errors below nine tenths is allowed.
    let by_chance = NEEDED.min(LEVEL - 3.0 * (LEVEL * (1.0 - LEVEL) / n).sqrt());
    let least = if worlds >= ENOUGH { NEEDED } else { by_chance };
    let reason = "share of worlds whose 90 % interval of total desertions holds the truth; a refusal holds nothing";
    Ok(vec![
        Item::between("worlds covered", held / n, [least, 1.0], reason),
        Item::between("worlds answered", answered / n, [LEVEL, 1.0], "refusals are counted"),
    ])
}

/// The claims with fabricated rows among them.
fn fabricate(mut claims: ClaimSet, truth: &Trajectory, bench: &Bench, draws: Draws) -> ClaimSet {
    let counts = |c: &&Claim| {
        !matches!(c.quantity, Quantity::Prisoners | Quantity::Desertions | Quantity::Recaptured | Quantity::None)
    };
    let honest: Vec<Claim> = claims.used.iter().filter(counts).cloned().collect();
    let count = (honest.len() as f64 * FABRICATED / (1.0 - FABRICATED)).ceil() as usize;
    let factor = if draws.uniform(30, 0) < 0.5 { 0.5 } else { 2.0 };
    for number in 0..count {
        let like = &honest[sample::index(draws.uniform(31, number as u64), honest.len())];
        let known = Trajectory::total(&truth.incidents, like.as_of - bench.scenario.day_zero) as f64;
        let lie = sample::log_normal(draws.uniform(32, number as u64), factor * (known + 0.5), SPREAD);
        claims.used.push(Claim {
            id: format!("FAB{number:02}"),
            quantity: Quantity::Casualties,
            form: Form::About,
            low: None,
            value: Some(two_digits(lie)),
            high: None,
            window_from: None,
            source: format!("us_fabricated_{number}"),
            cluster: format!("fabricated {number}"),
            revises: None,
            declared_floor: false,
            first_wave_only: false,
            source_grade: SourceGrade::A,
            info_grade: InfoGrade::Confirmed,
            ..like.clone()
        });
    }
    claims
}

/// Rounded to two significant digits, as numbers are printed.
fn two_digits(x: f64) -> f64 {
    let mut unit = 1.0;
    while x / unit >= 100.0 {
        unit *= 10.0;
    }
    (x / unit).round() * unit
}

/// Whether the 90 % interval of total desertions holds the truth.
fn holds(war: &War<'_>, outcome: &Outcome<Kept>, truth: f64, draws: Draws) -> bool {
    let few = outcome.posterior.resampled(DRAWS, draws.uniform(33, 0));
    let reached = |(i, entry): (usize, &exitvoice_infer::bank::Entry)| {
        let kept = outcome.bank.truth(*entry)?;
        Some(total(&war.scorer.complete(&kept.seen(), draws.seed(34, i as u64)).reached))
    };
    let values: Vec<f64> = few.entries.iter().enumerate().filter_map(reached).collect();
    let tail = (1.0 - LEVEL) / 2.0;
    quantiles(&vec![1.0; values.len()], &values, [tail, 1.0 - tail])
        .is_some_and(|[low, high]| low <= truth && truth <= high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fabricated_numbers_have_two_digits() {
        for (x, printed) in [(0.4, 0.0), (7.4, 7.0), (99.4, 99.0), (128.0, 130.0), (4_449.0, 4_400.0)] {
            assert!((two_digits(x) - printed).abs() < 1e-9, "{x}: {}", two_digits(x));
        }
    }
}
