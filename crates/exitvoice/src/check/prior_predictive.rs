//! `check prior-predictive`: what the sources would print about deployments under the prior, beside what they printed.
//!
//! Each draw takes parameters from their priors, runs a deployment of the whole force of `kursk-2024`, and lets every channel speak about it
//! with fresh observers. A scored row that lies outside the central 95 % of its own channel says that the model, before it has seen anything,
//! takes the claim for all but impossible: then a prior or a channel is wrong, and no posterior can be trusted.

use super::patterns::world::{self, Ground};
use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Event, Progress, ScenarioOptions, Stage};
use crate::deployment;
use crate::inference::{self, War};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_observe::claim::Quantity;
use exitvoice_observe::sampler::{Observers, Simulated};
use exitvoice_observe::{ClaimSet, Truth};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "prior-predictive",
    about: "Scored claims of `kursk-2024` against what their channels would print under the prior.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts = Counts { what: "draws from the prior", default: 1_000, range: [1, 1_000_000] };
/// Scale of the country: enough candidates for the force and the largest advance party.
const SCALE: f64 = 0.03;
/// Probability of the central interval.
const LEVEL: f64 = 0.95;
/// Prisoners alive per casualty that the evidence allows at most (P22).
const PRISONERS: f64 = 1e-3;
/// Most draws that a request to stop has to wait for.
const BATCH: u32 = 50;

/// What is kept of a draw.
struct Drawn {
    printed: Simulated,
    /// Prisoners alive per casualty; `None` without casualties.
    prisoners: Option<f64>,
}

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let ground = Ground::at_scale(SCALE, request, progress)?;
    let scenario = ScenarioOptions::new("kursk-2024").resolve(request.machine, &[])?;
    let question = inference::Request { scenario: &scenario, claims: None, as_of: None, budget: None };
    let claims = inference::read_claims(&question)?;
    let base = world::force(deployment::plan(&scenario)?, &ground.extract)?;
    let war = War::new(&scenario, &base, &claims, scenario.last_day)?;
    let (pool, count) = (request.machine.pool()?, COUNTS.asked(request)?);
    progress.event(Event::Began { stage: Stage::Deployment, of: Some(u64::from(count)) });
    let mut drawn = Vec::new();
    for first in (0..count).step_by(BATCH as usize) {
        request.machine.stop.check()?;
        let batch = pool.map(BATCH.min(count - first) as usize, |i| draw(&war, scenario.seed, first as u64 + i as u64));
        drawn.extend(batch.into_iter().collect::<Result<Vec<_>, _>>()?);
        progress.event(Event::Advanced { done: drawn.len() as u64 });
    }
    Ok(items(&war, &claims, &drawn))
}

fn draw(war: &War<'_>, seed: Seed, number: u64) -> Result<Drawn, Error> {
    let draws = Draws::new(seed, Purpose::Prior);
    let trajectory = war.unseen(seed, number, |_| ()).map_err(Error::bug)?;
    let printed = war.scorer.simulate(&Truth::new(&trajectory), draws.seed(number, u64::MAX - 1), Observers::Fresh);
    let total = |column: &[i32]| column.iter().fold(0.0, |sum, x| sum + f64::from(*x));
    let casualties = total(&trajectory.incidents);
    let prisoners = (casualties > 0.0).then(|| total(&trajectory.custody) / casualties);
    Ok(Drawn { printed, prisoners })
}

fn items(war: &War<'_>, claims: &ClaimSet, drawn: &[Drawn]) -> Vec<Item> {
    let printed: Vec<Simulated> = drawn.iter().map(|d| d.printed.clone()).collect();
    let reason = format!("central 95 % of {} draws from the prior, through the row's own channel", drawn.len());
    let word = |id: &str| claims.scored().find(|c| c.id == id).map_or("", |c| c.quantity.word());
    let mut items: Vec<Item> = war
        .scorer
        .predictive_intervals(&printed, LEVEL)
        .into_iter()
        .map(|row| Item::between(format!("{} {}", row.id, word(&row.id)), row.observed, [row.low, row.high], &reason))
        .collect();
    let departures = || claims.scored().filter(|c| c.quantity == Quantity::Desertions);
    let reports = departures().filter(|c| c.is_anonymous()).fold(0.0, |n, _| n + 1.0);
    let announced = departures().filter(|c| !c.is_anonymous()).filter_map(|c| c.value).fold(0.0, |n, value| n + value);
    let counted = [
        ("unnamed reports of departures", reports, printed.iter().map(|p| p.reports.len() as f64).collect()),
        ("deserters announced on record", announced, printed.iter().map(|p| p.announced as f64).collect()),
    ];
    for (name, observed, simulated) in counted {
        items.push(Item::between(name, observed, central(simulated), &reason));
    }
    let ratios: Vec<f64> = drawn.iter().filter_map(|d| d.prisoners).collect();
    let few = ratios.iter().filter(|r| **r <= PRISONERS).count() as f64 / ratios.len().max(1) as f64;
    let reason =
        "share of deployments with at most one prisoner alive per 1,000 casualties: reachable, and not certain";
    items.push(Item::between("P22 prisoners alive per casualty", few, [1.0 - LEVEL, LEVEL], reason));
    items
}

/// Central interval of [`LEVEL`] of some numbers.
fn central(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    let tail = (1.0 - LEVEL) / 2.0;
    [tail, 1.0 - tail].map(|p| values[exitvoice_core::rng::sample::index(p, values.len())])
}
