//! The same simulations under another likelihood: other data about the same truths, and nothing simulated.
//!
//! All draws from known laws are weighted by `prior x new likelihood / mixture`, as in `importance.rs`. Chains followed the old likelihood and
//! are no draws from the new posterior: only the prior draws stay a population, and points that chains alone visited have no score any more
//! (minus infinity).
//!
//! Most simulations of a bank lie where the new posterior is not. Where the problem has a rough estimate of its likelihood, all are scored by it
//! first, and those within reach of the best are scored anew, as in an inference. The others keep their rough scores, which have little weight
//! under this likelihood. Who weighs the bank by another one finds them noisier than the rest, and near the edge too low: a draw whose rough
//! score came out high was scored anew.

use super::evaluate::{Failures, Replicate, clean, is_trouble, ln_mean_exp};
use super::outcome::{Account, Outcome, conclude};
use super::settings::Settings;
use crate::bank::{Bank, Weighted};
use crate::error::InferError;
use crate::problem::{Problem, Rough};
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
    let drawn: Vec<(u32, f64)> = bank.importance().collect();
    let mut failures = Failures { not_finite: 0, ..outcome.diagnostics.failures };
    bank.forget_chains();
    for ((row, _), found) in drawn.iter().zip(scored(problem, &bank, &drawn, pool)) {
        let trouble = |x: &&f64| is_trouble(**x);
        failures.not_finite += found.iter().flatten().filter(trouble).count() as u64;
        let scores: Vec<f64> = found.into_iter().map(clean).collect();
        bank.set_scores(*row, &scores, ln_mean_exp(&scores));
    }
    let spent = outcome.diagnostics.simulations;
    let account =
        Account { temperature: 1.0, simulations: spent, at_one: 0, failures, stages: Vec::new(), noise: None };
    Ok(conclude(problem, settings, bank, account))
}

/// Importance draws of `bank` weighed by the likelihood of `problem`, which has the parameters, priors and simulator of the bank: roughly first, as
/// [`rescore`] does. The bank stays as it is.
#[must_use]
pub fn weigh_again<P: Problem>(problem: &P, bank: &Bank<P::Truth>, pool: &Pool) -> Weighted {
    let drawn: Vec<(u32, f64)> = bank.importance().collect();
    let found = scored(problem, bank, &drawn, pool);
    let by_row = drawn.iter().zip(found).map(|((row, _), scores)| (*row, scores.into_iter().map(clean).collect()));
    bank.weigh_by(&by_row.collect())
}

/// Scores of the simulations of each draw; `None` where there is no truth.
fn scored<P: Problem>(problem: &P, bank: &Bank<P::Truth>, drawn: &[(u32, f64)], pool: &Pool) -> Vec<Vec<Option<f64>>> {
    let rough = pool.map(drawn.len(), |i| {
        let theta = bank.theta(drawn[i].0);
        let of = |r: &Replicate<P::Truth>| problem.rough(theta, r.truth.as_ref()?, r.likelihood_seed);
        bank.simulations(drawn[i].0).iter().map(of).collect::<Vec<Option<Rough>>>()
    });
    let mut found: Vec<Vec<Option<f64>>> =
        rough.iter().map(|of| of.iter().map(|r| r.map(|r| r.estimate + r.exact)).collect()).collect();
    let near = near(drawn, &found);
    let whole = pool.map(near.len(), |i| {
        let (row, rough) = (drawn[near[i]].0, &rough[near[i]]);
        let of = |(r, rough): (&Replicate<P::Truth>, &Option<Rough>)| {
            let truth = r.truth.as_ref()?;
            Some(whole(problem, bank.theta(row), truth, r.likelihood_seed, *rough))
        };
        bank.simulations(row).iter().zip(rough).map(of).collect()
    });
    near.into_iter().zip(whole).for_each(|(i, scores)| found[i] = scores);
    found
}

/// One simulation in so many is scored both ways, in debug builds.
const CHECKED: u64 = 32;

/// The whole score, of which a rough one has computed a part.
fn whole<P: Problem>(problem: &P, theta: &[f64], truth: &P::Truth, seed: Seed, rough: Option<Rough>) -> f64 {
    let Some(Rough { exact, .. }) = rough else { return problem.ln_likelihood(theta, truth, seed) };
    if exact == f64::NEG_INFINITY {
        return exact;
    }
    let found = problem.ln_likelihood_beside(theta, truth, seed, exact);
    debug_assert!(
        !seed.0.is_multiple_of(CHECKED) || same(found, problem.ln_likelihood(theta, truth, seed)),
        "the likelihood beside its exact part is another one"
    );
    found
}

/// Whether two logarithms are the same but for rounding.
fn same(a: f64, b: f64) -> bool {
    a.total_cmp(&b).is_eq() || (a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-9 * b.abs().max(1.0)
}

/// Positions of the draws whose rough weight is within reach of the largest, and of those whose rough score is no number; all where there are no
/// rough scores.
fn near(drawn: &[(u32, f64)], rough: &[Vec<Option<f64>>]) -> Vec<usize> {
    let all = 0..drawn.len();
    if rough.iter().flatten().all(Option::is_none) {
        return all.collect();
    }
    let ln_weights: Vec<f64> = drawn
        .iter()
        .zip(rough)
        .map(|((_, excess), rough)| ln_mean_exp(&rough.iter().copied().map(clean).collect::<Vec<f64>>()) - excess)
        .collect();
    let best = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if best == f64::NEG_INFINITY {
        // A rough estimate can be 0 where the whole one is not.
        return all.collect();
    }
    let trouble = |i: usize| rough[i].iter().flatten().any(|x| is_trouble(*x));
    all.filter(|i| ln_weights[*i] > best - OUT_OF_REACH || trouble(*i)).collect()
}
