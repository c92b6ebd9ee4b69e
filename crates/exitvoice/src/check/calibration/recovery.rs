//! `check recovery`: whether hostages deter at all, asked of worlds of which half say no.
//!
//! In half of the worlds the hostage effect is 0, in the others it comes from its prior. Each is fitted with that prior, its atom of one half
//! at 0 included: once with the effect held at 0, once with it free; the ratio of the two evidences is the probability that it is above 0.
//! Over many worlds the mean of that probability is the share of worlds in which it is.

use super::bench::Bench;
use super::worlds;
use crate::check::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::inference::War;
use exitvoice_core::math;
use serde::{Deserialize, Serialize};

/// The suite.
pub(in crate::check) const SUITE: Suite = Suite {
    name: "recovery",
    about: "Probability that hostages deter, over worlds of which half say no, on a force of 600 soldiers.",
    counts: Some(COUNTS),
    run,
};

/// As many as there are numbers before those of the next suite.
const COUNTS: Counts = Counts { what: "simulated worlds", default: 20, range: [1, 10_000] };
/// First world: others than those of the other suites.
const FIRST: u64 = 20_000;
const EFFECT: &str = "exit.attempt.hostage_effect";
/// Standard errors allowed: a harmless run trips this with chance .003.
const STANDARD_ERRORS: f64 = 3.0;
const ANSWERED: f64 = 0.9;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let pool = request.machine.pool()?;
    let bench = Bench::reduced(request, &pool, progress)?;
    let mut without = bench.scenario.clone();
    without.infer.parameters.retain(|key| key != EFFECT);
    if let Some(value) = without.values.get_mut(EFFECT) {
        value.canonical = 0.0;
    }
    let worlds = COUNTS.asked(request)?;
    let found = worlds::each(&SUITE, request, &bench, (0..worlds, 1), progress, |number| {
        let draws = bench.draws(FIRST + u64::from(number));
        let deters = draws.uniform(40, 0) < 0.5;
        let world = bench.changed_world(draws, |name, value| if name == EFFECT && !deters { 0.0 } else { value })?;
        let evidence = |war: &War<'_>, part: u64| -> Result<Option<f64>, Error> {
            let outcome = bench.infer(request, &pool, war, bench.draws(FIRST + (part << 32) + u64::from(number)))?;
            Ok(outcome.map(|o| o.diagnostics.ln_evidence))
        };
        let Some(war) = bench.told(&world.claims)? else { return Ok(None) };
        let free = evidence(&war, 1)?;
        let held = War::new(&without, &bench.base, &world.claims, without.last_day)?;
        let both = free.zip(evidence(&held, 2)?);
        Ok(both.map(|(free, held)| Found { deters, probability: math::logistic(free - held) }))
    })?;
    let answered: Vec<Found> = found.into_iter().flatten().collect();
    Ok(items(&answered, f64::from(worlds)))
}

/// What is found of a world that is answered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
struct Found {
    /// Whether hostages deter in it.
    deters: bool,
    /// Probability that they do, after its claims.
    probability: f64,
}

fn items(answered: &[Found], worlds: f64) -> Vec<Item> {
    let n = answered.len() as f64;
    let deters = |f: &Found| f64::from(u8::from(f.deters));
    let mean = |of: &dyn Fn(&Found) -> f64| answered.iter().map(of).sum::<f64>() / n;
    let excess = |f: &Found| f.probability - deters(f);
    let (found, share, middle) = (mean(&|f| f.probability), mean(&deters), mean(&excess));
    let error = (mean(&|f| (excess(f) - middle) * (excess(f) - middle)) / (n - 1.0)).sqrt();
    let reason = "mean probability that the effect is above 0, against the share of worlds in which it is; three standard errors";
    vec![
        Item::near("mean P(hostages deter)", found, share, STANDARD_ERRORS * error, reason),
        Item::between("worlds answered", n / worlds, [ANSWERED, 1.0], "refusals are counted"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_that_say_too_much_are_found() {
        // Fifty worlds each: the fair ones say one half, the others three quarters wherever the effect is 0.
        let passed = |probability: f64| {
            let found = |i: u32| Found { deters: i.is_multiple_of(2), probability };
            items(&(0..50).map(found).collect::<Vec<_>>(), 50.0)[0].passed
        };
        assert!(passed(0.5) && !passed(0.75));
    }
}
