//! The pseudo-marginal likelihood of one point: simulate, score, average over replicates, with seeds that belong to the point.

use crate::error::InferError;
use crate::problem::Problem;
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};

/// Where in a run a point was proposed: it determines every seed of the point, and no two points share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// Running number of the temperature; 0 is the prior.
    pub(crate) stage: u32,
    /// Pass over the chains inside the stage.
    pub(crate) sweep: u32,
    /// Prior draw or chain.
    pub(crate) member: u32,
}

/// Stage number that the check of the likelihood's noise uses for its addresses.
pub(crate) const CHECK_STAGE: u32 = u32::MAX;

/// Stage number of draws made where rare parts are large.
pub(crate) const FOCUS_STAGE: u32 = u32::MAX - 1;

impl Address {
    /// First input of every draw at this address.
    pub(crate) fn outer(self) -> u64 {
        u64::from(self.stage) << 32 | u64::from(self.sweep)
    }

    /// Second input of a draw: `part` tells several draws of one member apart.
    pub(crate) fn inner(self, part: u32) -> u64 {
        u64::from(self.member) << 32 | u64::from(part)
    }
}

/// Points that scored minus infinity because something went wrong, not because the data exclude them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// Simulations that gave up (`SimError::Recoverable`).
    pub simulation: u64,
    /// Likelihoods that were NaN or plus infinity.
    pub not_finite: u64,
}

impl Failures {
    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.simulation + self.not_finite
    }

    /// Adds the counts of another batch.
    pub(crate) fn add(&mut self, other: Self) {
        self.simulation += other.simulation;
        self.not_finite += other.not_finite;
    }
}

/// One simulation and its score.
#[derive(Clone, Debug)]
pub struct Replicate<T> {
    /// What was simulated; `None` where the simulation gave up.
    pub truth: Option<T>,
    /// Seed handed to `simulate`.
    pub simulation_seed: Seed,
    /// Seed handed to `ln_likelihood`.
    pub likelihood_seed: Seed,
    /// Its score; minus infinity where there is none.
    pub ln_likelihood: f64,
}

/// A point with its simulations.
#[derive(Clone, Debug)]
pub(crate) struct Evaluation<T> {
    /// ln of the mean likelihood over the replicates.
    pub(crate) ln_likelihood: f64,
    pub(crate) replicates: Vec<Replicate<T>>,
    pub(crate) failures: Failures,
}

/// Simulates and scores `replicates` times at `theta`.
///
/// # Errors
/// The simulator calls a failure fatal.
pub(crate) fn evaluate<P: Problem>(
    problem: &P,
    seed: Seed,
    address: Address,
    replicates: u32,
    theta: &[f64],
) -> Result<Evaluation<P::Truth>, InferError> {
    let simulation_seeds = Draws::new(seed, Purpose::SimulationSeed);
    let likelihood_seeds = Draws::new(seed, Purpose::LikelihoodSeed);
    let mut failures = Failures::default();
    let mut rows = Vec::with_capacity(replicates as usize);
    for replicate in 0..replicates {
        let simulation_seed = simulation_seeds.seed(address.outer(), address.inner(replicate));
        let likelihood_seed = likelihood_seeds.seed(address.outer(), address.inner(replicate));
        let truth = match problem.simulate(theta, simulation_seed) {
            Ok(truth) => Some(truth),
            Err(error) if error.is_recoverable() => {
                failures.simulation += 1;
                None
            }
            Err(source) => return Err(InferError::Fatal { theta: theta.to_vec(), source }),
        };
        let found =
            truth.as_ref().map_or(f64::NEG_INFINITY, |truth| problem.ln_likelihood(theta, truth, likelihood_seed));
        failures.not_finite += u64::from(is_trouble(found));
        let ln_likelihood = clean(Some(found));
        rows.push(Replicate { truth, simulation_seed, likelihood_seed, ln_likelihood });
    }
    Ok(Evaluation { ln_likelihood: mean_of_replicates(&rows), replicates: rows, failures })
}

/// Whether a log-likelihood says that something went wrong.
pub(crate) const fn is_trouble(ln_likelihood: f64) -> bool {
    ln_likelihood.is_nan() || ln_likelihood == f64::INFINITY
}

/// What is neither there nor sound counts as impossible.
pub(crate) fn clean(ln_likelihood: Option<f64>) -> f64 {
    ln_likelihood.filter(|found| !is_trouble(*found)).unwrap_or(f64::NEG_INFINITY)
}

/// ln of the mean likelihood.
fn mean_of_replicates<T>(rows: &[Replicate<T>]) -> f64 {
    let scores: Vec<f64> = rows.iter().map(|r| r.ln_likelihood).collect();
    ln_mean_exp(&scores)
}

/// ln of the mean of exponentials; minus infinity for an empty slice.
pub(crate) fn ln_mean_exp(values: &[f64]) -> f64 {
    if values.is_empty() { f64::NEG_INFINITY } else { math::ln_sum_exp(values) - math::ln(values.len() as f64) }
}
