//! The same simulations under another likelihood: other data about the same truths, and nothing simulated.
//!
//! All draws from known laws are weighted by `prior x new likelihood / mixture`, as in `importance.rs`. Chains followed the old likelihood and
//! are no draws from the new posterior; only the prior draws stay a population.

use super::evaluate::{Failures, ln_mean_exp};
use super::outcome::{Account, Outcome, conclude};
use super::settings::Settings;
use crate::error::InferError;
use crate::problem::Problem;
use exitvoice_core::parallel::Pool;

/// The posterior of `problem` from the simulations of a finished inference that had the same parameters, priors and simulator.
///
/// Each truth is scored once, with the seed that its old score had. The result is refused where the draws left are too few: a bank made for
/// one set of data holds few simulations where quite another one has its posterior.
///
/// # Errors
/// The parameters are not those of the bank.
pub fn rescore<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    outcome: Outcome<P::Truth>,
) -> Result<Outcome<P::Truth>, InferError> {
    let mut bank = outcome.bank;
    let names = problem.parameters().iter().map(|p| &p.name);
    if !names.eq(bank.names()) {
        return Err(InferError::StateMismatch { found: bank.names().len(), expected: problem.parameters().len() });
    }
    let scored = pool.map(bank.len(), |row| {
        let row = row as u32;
        let score = |r: &super::Replicate<P::Truth>| {
            r.truth.as_ref().map(|truth| problem.ln_likelihood(bank.theta(row), truth, r.likelihood_seed))
        };
        bank.simulations(row).iter().map(score).collect::<Vec<Option<f64>>>()
    });
    let mut failures = Failures { not_finite: 0, ..outcome.diagnostics.failures };
    let clean = |found: &Option<f64>| match found {
        Some(x) if !x.is_nan() && *x < f64::INFINITY => *x,
        _ => f64::NEG_INFINITY,
    };
    for (row, found) in (0_u32..).zip(&scored) {
        let trouble = |x: &&f64| x.is_nan() || **x == f64::INFINITY;
        failures.not_finite += found.iter().flatten().filter(trouble).count() as u64;
        let scores: Vec<f64> = found.iter().map(clean).collect();
        bank.set_scores(row, &scores, ln_mean_exp(&scores));
    }
    bank.forget_chains();
    let spent = outcome.diagnostics.simulations;
    let account =
        Account { temperature: 1.0, simulations: spent, at_one: 0, failures, stages: Vec::new(), noise: None };
    Ok(conclude(problem, settings, bank, account))
}
