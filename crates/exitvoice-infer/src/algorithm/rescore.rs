//! The same simulations under another likelihood: other data about the same truths, and nothing simulated.
//!
//! All draws from known laws are weighted by `prior x new likelihood / mixture`, as in `importance.rs`. Chains followed the old likelihood and
//! are no draws from the new posterior; only the prior draws stay a population.
//!
//! Most simulations of a bank lie where the new posterior is not. Where the problem has a rough estimate of its likelihood, all are scored by it
//! first, and those within reach of the best are scored anew, as in an inference. The others keep their rough scores, which have little weight
//! under this likelihood; who weighs the bank by another one finds them noisier than the rest.

use super::evaluate::{Failures, Replicate, clean, is_trouble, ln_mean_exp};
use super::outcome::{Account, Outcome, conclude};
use super::settings::Settings;
use crate::bank::Bank;
use crate::error::InferError;
use crate::problem::Problem;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;

/// Draws whose rough weight is smaller than the largest by this factor (ln of 1e7) are not scored anew.
const OUT_OF_REACH: f64 = 16.0;

/// The posterior of `problem` from the simulations of a finished inference that had the same parameters, priors and simulator.
///
/// Truths are scored with the seeds that their old scores had. The result is refused where the draws left are too few: a bank made for one set
/// of data holds few simulations where quite another one has its posterior.
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
    let mut all =
        scores(&bank, pool, 0..bank.len() as u32, |theta, truth, seed| problem.rough_ln_likelihood(theta, truth, seed));
    let near = near(&bank, &all);
    let whole =
        scores(&bank, pool, near.iter().copied(), |theta, truth, seed| Some(problem.ln_likelihood(theta, truth, seed)));
    let mut failures = Failures { not_finite: 0, ..outcome.diagnostics.failures };
    near.into_iter().zip(whole).for_each(|(row, scores)| all[row as usize] = scores);
    for (row, found) in (0_u32..).zip(all) {
        let trouble = |x: &&f64| is_trouble(**x);
        failures.not_finite += found.iter().flatten().filter(trouble).count() as u64;
        let scores: Vec<f64> = found.into_iter().map(clean).collect();
        bank.set_scores(row, &scores, ln_mean_exp(&scores));
    }
    bank.forget_chains();
    let spent = outcome.diagnostics.simulations;
    let account =
        Account { temperature: 1.0, simulations: spent, at_one: 0, failures, stages: Vec::new(), noise: None };
    Ok(conclude(problem, settings, bank, account))
}

/// Scores of the simulations of some rows, by row; `None` where there is no truth or no score.
fn scores<T: Sync>(
    bank: &Bank<T>,
    pool: &Pool,
    rows: impl Iterator<Item = u32>,
    score: impl Fn(&[f64], &T, Seed) -> Option<f64> + Sync,
) -> Vec<Vec<Option<f64>>> {
    let rows: Vec<u32> = rows.collect();
    pool.map(rows.len(), |i| {
        let theta = bank.theta(rows[i]);
        let of = |r: &Replicate<T>| score(theta, r.truth.as_ref()?, r.likelihood_seed);
        bank.simulations(rows[i]).iter().map(of).collect()
    })
}

/// Rows whose rough weight is within reach of the largest; all where there are no rough scores.
fn near<T>(bank: &Bank<T>, rough: &[Vec<Option<f64>>]) -> Vec<u32> {
    if rough.iter().flatten().all(Option::is_none) {
        return (0..bank.len() as u32).collect();
    }
    let ln_weight = |(row, excess): (u32, f64)| {
        let scores: Vec<f64> = rough[row as usize].iter().copied().map(clean).collect();
        (row, ln_mean_exp(&scores) - excess)
    };
    let weights: Vec<(u32, f64)> = bank.importance().map(ln_weight).collect();
    let best = weights.iter().map(|(_, w)| *w).fold(f64::NEG_INFINITY, f64::max);
    if best == f64::NEG_INFINITY {
        // A rough estimate can be 0 where the whole one is not.
        return weights.into_iter().map(|(row, _)| row).collect();
    }
    weights.into_iter().filter(|(_, w)| *w > best - OUT_OF_REACH).map(|(row, _)| row).collect()
}
