//! Problems with known answers, and the loop that runs them.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
pub use exitvoice_infer::Exact;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::algorithm::smc;
use exitvoice_infer::output::Group;
use exitvoice_infer::{Outcome, Parameter, Problem, SimError, output};
use std::ops::ControlFlow;

/// Runs to the end on two threads.
pub fn run<P: Problem>(problem: &P, settings: &Settings, seed: u64) -> Outcome<P::Truth> {
    let pool = Pool::new(2).expect("two threads");
    smc::run(problem, settings, Seed(seed), &pool, &mut |_| ControlFlow::Continue(()))
        .expect("no error")
        .finished()
        .expect("nobody broke off")
}

/// Parameters of the posterior draws.
pub fn posterior<T>(outcome: &Outcome<T>) -> Group {
    output::parameters(&outcome.bank, &outcome.posterior)
}

/// Asserts that the posterior mean of `values` is `expected` within 4 Monte-Carlo standard errors.
#[track_caller]
pub fn assert_mean<T>(outcome: &Outcome<T>, values: &[f64], expected: f64) {
    let weights = &outcome.posterior.weights;
    let (mean, error) = (output::weighted_mean(weights, values), outcome.lineage.standard_error(weights, values));
    assert!((mean - expected).abs() < 4.0 * error, "mean {mean} +- {error}, expected {expected}");
}

/// Asserts mean and standard deviation, each within 4 Monte-Carlo standard errors (the second through its square).
#[track_caller]
pub fn assert_moments<T>(outcome: &Outcome<T>, values: &[f64], mean: f64, sd: f64) {
    assert_mean(outcome, values, mean);
    let squares: Vec<f64> = values.iter().map(|x| (x - mean) * (x - mean)).collect();
    assert_mean(outcome, &squares, sd * sd);
}

/// A known likelihood, multiplied by log-normal noise of mean one: half of its variance from the simulation, half from the scoring.
pub struct Noisy<F: Fn(&[f64]) -> f64 + Sync> {
    pub exact: Exact<F>,
    pub variance: f64,
}

/// ln of log-normal noise of mean one.
pub fn noise(seed: Seed, variance: f64) -> f64 {
    let z = math::normal_quantile(Draws::new(seed, Purpose::Test).uniform(0, 0));
    z * variance.sqrt() - 0.5 * variance
}

impl<F: Fn(&[f64]) -> f64 + Sync> Problem for Noisy<F> {
    type Truth = f64;
    fn parameters(&self) -> &[Parameter] {
        &self.exact.parameters
    }
    fn simulate(&self, _: &[f64], seed: Seed) -> Result<f64, SimError> {
        Ok(noise(seed, 0.5 * self.variance))
    }
    fn ln_likelihood(&self, theta: &[f64], truth: &f64, seed: Seed) -> f64 {
        (self.exact.ln_likelihood)(theta) + truth + noise(seed, 0.5 * self.variance)
    }
}

pub fn parameters(priors: &[Prior]) -> Vec<Parameter> {
    let named = |(k, prior): (usize, &Prior)| Parameter { name: format!("p{k}"), prior: *prior };
    priors.iter().enumerate().map(named).collect()
}

pub fn normal(mean: f64, sd: f64) -> Prior {
    Prior::Normal { mean, sd }
}

pub fn uniform(low: f64, high: f64) -> Prior {
    Prior::Uniform { low, high }
}

/// `d` independent normal means with prior N(0, 1), each seen once with noise `sd`: posterior mean `seen / (1 + sd^2)`,
/// variance `sd^2 / (1 + sd^2)`.
pub fn conjugate(d: usize, seen: f64, sd: f64) -> Exact<impl Fn(&[f64]) -> f64 + Sync> {
    Exact {
        parameters: parameters(&vec![normal(0.0, 1.0); d]),
        ln_likelihood: move |theta| theta.iter().map(|m| math::normal_ln_pdf(seen, *m, sd)).sum(),
    }
}

/// `d` normal means as in [`conjugate`], and a small part of each truth: a bump of variance `v` around `at` in the first.
pub struct Rare<F: Fn(&[f64]) -> f64 + Sync> {
    pub exact: Exact<F>,
    pub at: f64,
    pub v: f64,
}

impl<F: Fn(&[f64]) -> f64 + Sync> Problem for Rare<F> {
    type Truth = f64;
    fn parameters(&self) -> &[Parameter] {
        &self.exact.parameters
    }
    fn simulate(&self, theta: &[f64], _: Seed) -> Result<f64, SimError> {
        Ok(math::exp(-0.5 * (theta[0] - self.at) * (theta[0] - self.at) / self.v))
    }
    fn ln_likelihood(&self, theta: &[f64], _: &f64, _: Seed) -> f64 {
        (self.exact.ln_likelihood)(theta)
    }
    fn rare(&self, truth: &f64) -> Vec<f64> {
        vec![*truth]
    }
}
