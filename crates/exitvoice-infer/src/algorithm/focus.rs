//! Draws where a small part of the posterior lies: rare readings of the data, integrated instead of waited for.
//!
//! The problem names parts of a truth whose posterior means are small. Importance draws are made from laws fitted to the draws weighted by
//! posterior x part, in a few rounds, each fold's to the draws of the other folds before it; they join the importance draws under the laws of
//! their fold, so every mean stays right and those of the parts become precise.
//!
//! The reserve is drawn the same way, with all of the truth as its part: from a law fitted to the posterior, round by round, until the
//! effective sample size is what is needed.

use super::Phase;
use super::evaluate::{Address, FOCUS_STAGE, Replicate, evaluate};
use super::importance::FOLDS;
use super::kernel::draw_from;
use super::law::Law;
use super::mixture::Mixture;
use super::outcome::choose_source;
use super::settings::Settings;
use super::smc::State;
use crate::bank::{Bank, Point, normalised};
use crate::error::InferError;
use crate::problem::Problem;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose};

/// Rounds that the draws are made in.
const ROUNDS: u32 = 4;
/// Fewer draws than these do not give one to each fold and round. With several parts that takes as many times more; below it rounds are empty.
const LEAST: u32 = ROUNDS * FOLDS as u32;
/// Effective points that a law needs, by dimension; fewer are spread by a root of their weights.
const POINTS_PER_DIMENSION: f64 = 3.0;
/// Weights below this share of an even one say nothing about where a part is large.
const NEGLIGIBLE: f64 = 1e-6;

/// After the last move at temperature 1: rounds of focus, if any are wanted.
pub(super) fn leave_moves<T: Sync>(settings: &Settings, pool: &Pool, state: &mut State<T>) {
    if settings.focus >= LEAST { state.phase = Phase::Focus } else { settle(settings, pool, state) }
}

/// Chooses the draws of the posterior; what is left is the reserve, where they are too few, and the check.
fn settle<T: Sync>(settings: &Settings, pool: &Pool, state: &mut State<T>) {
    state.bank.settle(pool);
    let few = choose_source(&mut state.bank) < settings.ess_needed;
    let more = few && settings.reserve >= LEAST && state.reserved < ROUNDS;
    state.phase = if more { Phase::Reserve } else { Phase::Check };
}

/// One round.
pub(super) fn focus<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    state: &mut State<P::Truth>,
) -> Result<(), InferError> {
    state.bank.settle(pool);
    let laws = laws(problem, pool, state);
    if !laws.is_empty() {
        draw(problem, (settings, settings.focus, state.focused), pool, state, laws)?;
        state.focused += 1;
        if state.focused < ROUNDS {
            return Ok(());
        }
    }
    settle(settings, pool, state);
    Ok(())
}

/// One round of the reserve.
pub(super) fn spend_reserve<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    state: &mut State<P::Truth>,
) -> Result<(), InferError> {
    let (rows, ln_weights): (Vec<u32>, Vec<f64>) =
        state.bank.importance().map(|(row, excess)| (row, state.bank.ln_likelihood(row) - excess)).unzip();
    let round = ROUNDS + state.reserved;
    let Some(laws) = laws_of(&state.bank, &rows, &ln_weights, state.resampling(FOCUS_STAGE, u64::from(round))) else {
        // Nothing drawn so far is possible under the data: no law leads anywhere.
        state.phase = Phase::Check;
        return Ok(());
    };
    draw(problem, (settings, settings.reserve, round), pool, state, laws)?;
    state.reserved += 1;
    settle(settings, pool, state);
    Ok(())
}

/// A law and the fold it was fitted without.
type OfFold = (usize, Mixture);

/// For each fold the law of the weighted rows of the others, or of all where these have no weight; `None` where none has any. `u` in (0, 1)
/// resamples the rows that several modes are looked for in.
fn laws_of<T>(bank: &Bank<T>, rows: &[u32], ln_weights: &[f64], u: f64) -> Option<Vec<OfFold>> {
    let law_of = |taken: &dyn Fn(u32) -> bool| {
        let (rows, ln_weights): (Vec<u32>, Vec<f64>) =
            rows.iter().zip(ln_weights).filter(|(row, _)| taken(**row)).unzip();
        let points: Vec<&[f64]> = rows.iter().map(|row| bank.scores(*row)).collect();
        let (weights, rests_on) = spread(&ln_weights, POINTS_PER_DIMENSION * bank.names().len() as f64)?;
        Some(Mixture::fit(&points, &weights, rests_on, &Law::fit(&points, &weights, rests_on), u))
    };
    let mut laws = Vec::with_capacity(FOLDS);
    for fold in 0..FOLDS {
        // The law of all is wanted seldom, and as dear as one of a fold.
        laws.push((fold, law_of(&|row| bank.fold(row) != fold).or_else(|| law_of(&|_| true))?));
    }
    Some(laws)
}

/// Laws for each part that has weight, one a fold.
fn laws<P: Problem>(problem: &P, pool: &Pool, state: &mut State<P::Truth>) -> Vec<OfFold> {
    let (rows, ln_weights): (Vec<u32>, Vec<f64>) =
        state.bank.importance().map(|(row, excess)| (row, state.bank.ln_likelihood(row) - excess)).unzip();
    let weights = normalised(&ln_weights);
    let least = NEGLIGIBLE / rows.len().max(1) as f64;
    let heavy: Vec<usize> = (0..rows.len()).filter(|i| weights[*i] > least).collect();
    let fresh: Vec<u32> = heavy.iter().map(|i| rows[*i]).filter(|row| !state.rare.contains_key(row)).collect();
    let bank = &state.bank;
    let found = pool.map(fresh.len(), |i| parts(problem, bank.simulations(fresh[i])));
    state.rare.extend(fresh.into_iter().zip(found));
    let count = state.rare.values().next().map_or(0, Vec::len);
    let heavy_rows: Vec<u32> = heavy.iter().map(|i| rows[*i]).collect();
    let part = |k: usize| {
        let ln_weight = |i: &usize| math::ln(weights[*i]) + math::ln(state.rare[&rows[*i]][k]);
        let u = state.resampling(FOCUS_STAGE, u64::from(state.focused) | (k as u64 + 1) << 32);
        laws_of(&state.bank, &heavy_rows, &heavy.iter().map(ln_weight).collect::<Vec<f64>>(), u)
    };
    (0..count).filter_map(part).flatten().collect()
}

/// Weights raised to the largest power up to 1 at which they are worth `enough` points, with what they are worth; `None` without weight.
fn spread(ln_weights: &[f64], enough: f64) -> Option<(Vec<f64>, f64)> {
    let at = |power: f64| {
        let weights = normalised(
            &ln_weights.iter().map(|w| if *w > f64::NEG_INFINITY { power * w } else { *w }).collect::<Vec<_>>(),
        );
        let worth = 1.0 / weights.iter().map(|w| w * w).sum::<f64>();
        (weights, worth)
    };
    if ln_weights.iter().all(|w| *w == f64::NEG_INFINITY) {
        return None;
    }
    let whole = at(1.0);
    if whole.1 >= enough {
        return Some(whole);
    }
    // Few points have weight at all: then even weights must do.
    Some(at(if at(0.0).1 > enough { math::bisect(0.0, 1.0, -enough, |power| -at(power).1) } else { 0.0 }))
}

/// Rare parts of a row: those of its replicates in proportion to their likelihoods.
fn parts<P: Problem>(problem: &P, replicates: &[Replicate<P::Truth>]) -> Vec<f64> {
    let weights = normalised(&replicates.iter().map(|r| r.ln_likelihood).collect::<Vec<_>>());
    let mut sum = Vec::new();
    for (replicate, weight) in replicates.iter().zip(weights) {
        let Some(truth) = replicate.truth.as_ref().filter(|_| weight > 0.0) else { continue };
        let found = problem.rare(truth);
        sum.resize(found.len(), 0.0);
        sum.iter_mut().zip(&found).for_each(|(sum, part)| *sum += weight * part);
    }
    sum
}

/// Draws of one round, as many from each law: a share of `all`, under the number of the round.
fn draw<P: Problem>(
    problem: &P,
    (settings, all, round): (&Settings, u32, u32),
    pool: &Pool,
    state: &mut State<P::Truth>,
    laws: Vec<OfFold>,
) -> Result<(), InferError> {
    let each = (all / ROUNDS) as usize / laws.len();
    let draws = Draws::new(state.seed, Purpose::Proposal);
    let (seed, coordinates) = (state.seed, &state.coordinates);
    let found = pool.map(each * laws.len(), |i| {
        let address = Address { stage: FOCUS_STAGE, sweep: round, member: i as u32 };
        let scores = draw_from(&laws[i / each].1, draws, address);
        let theta = coordinates.natural(&scores);
        let evaluation = evaluate(problem, seed, address, settings.replicates, &theta)?;
        Ok((Point { ln_prior: coordinates.ln_density(&scores), scores, theta }, evaluation))
    });
    let stage = state.stage();
    for (i, drawn) in found.into_iter().enumerate() {
        let (point, evaluation) = drawn?;
        state.failures.add(evaluation.failures);
        let row = state.bank.push(stage, laws[i / each].0, point, evaluation);
        state.bank.importance_mut().add_draw(row);
    }
    state.simulations += (each * laws.len()) as u64 * u64::from(settings.replicates);
    for (fold, law) in laws {
        state.bank.importance_mut().add_law(law, fold, each as u64);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_flattened_as_far_as_they_must_be_and_no_further() {
        let even = [0.0, 0.0, 0.0, 0.0, f64::NEG_INFINITY];
        let (weights, worth) = spread(&even, 3.0).expect("four points");
        assert!((worth - 4.0).abs() < 1e-12 && weights[4].abs() <= 0.0, "{weights:?}");
        // One point has nearly all the weight; three must count, and the impossible one stays so.
        let steep = [0.0, -8.0, -9.0, -10.0, f64::NEG_INFINITY];
        let (weights, worth) = spread(&steep, 3.0).expect("four points");
        assert!((worth - 3.0).abs() < 1e-6, "{worth}");
        assert!(weights[0] > weights[1] && weights[1] > weights[3] && weights[4].abs() <= 0.0, "{weights:?}");
        // More than there are: even weights.
        let (weights, worth) = spread(&steep, 10.0).expect("four points");
        assert!((worth - 4.0).abs() < 1e-12 && (weights[0] - 0.25).abs() < 1e-12, "{weights:?}");
        assert!(spread(&[f64::NEG_INFINITY; 3], 2.0).is_none());
    }
}
