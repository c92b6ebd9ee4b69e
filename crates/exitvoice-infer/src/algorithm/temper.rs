//! From one temperature to the next: where to start from, how far to go, with what proposals.

use super::Phase;
use super::focus::leave_moves;
use super::importance::FOLDS;
use super::kernel::{FAMILIES, FamilyInfo, Kernel, Tuning, systematic};
use super::settings::{FEWEST_CHAINS, Settings};
use super::smc::{Chain, Place, Plan, State, keep_states};
use crate::bank::{Population, Source, normalised, tempered};
use crate::diagnostic::StageInfo;
use crate::diagnostic::ess::effective_size;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;

/// Share of the budget that is kept for temperature 1 while the temperature rises, in tenths.
const KEPT_TENTHS: u64 = 3;
/// Ratio of two temperatures expected before one has been seen.
const FIRST_RATIO: f64 = 3.0;
/// Ratios below this count as this: the pace of a single step is noisy.
const SLOWEST_RATIO: f64 = 1.2;
/// How often the target of the effective sample size may be halved where the budget is short.
const HALVINGS: u32 = 3;
/// Parts of a resampling address.
const PART_ANCESTORS: u64 = 0;
const PART_REFERENCE: u64 = 1;

/// Draws that the next temperature can start from.
struct Candidates {
    source: Source,
    rows: Vec<u32>,
    ln_likelihood: Vec<f64>,
    /// ln weight of each draw at temperature `from`, such that the weights sum to the evidence there.
    ln_base: Vec<f64>,
    from: f64,
}

impl Candidates {
    fn ln_weights(&self, temperature: f64) -> Vec<f64> {
        let weight = |(base, score): (&f64, &f64)| base + tempered(temperature - self.from, *score);
        self.ln_base.iter().zip(&self.ln_likelihood).map(weight).collect()
    }

    /// Effective sample size of the weights at a temperature.
    fn ess(&self, temperature: f64) -> f64 {
        let weights = normalised(&self.ln_weights(temperature));
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        if squares > 0.0 { 1.0 / squares } else { 0.0 }
    }

    /// The highest temperature above `above` that keeps the effective sample size, if it is there at `above`.
    fn reach(&self, above: f64, target: f64) -> Option<f64> {
        if self.ess(1.0) >= target {
            return Some(1.0);
        }
        // A hair above: at temperature 0 draws that the data exclude still count.
        let start = above + (1.0 - above) * f64::EPSILON;
        (self.ess(start) >= target).then(|| math::bisect(start, 1.0, -target, |t| -self.ess(t)))
    }
}

/// Folds of chains that start from draws of these folds: as many of each. A chain keeps the fold of its draw where there is room: its kernel
/// has not seen where it starts then.
fn folds_of_chains(of_ancestors: &[usize]) -> Vec<usize> {
    let mut room: [usize; FOLDS] = std::array::from_fn(|fold| (of_ancestors.len() + fold) / FOLDS);
    let mut keep = |fold: &usize| {
        let kept = room[*fold] > 0;
        room[*fold] -= usize::from(kept);
        kept.then_some(*fold)
    };
    let kept: Vec<Option<usize>> = of_ancestors.iter().map(&mut keep).collect();
    let mut free = (0..FOLDS).flat_map(|fold| std::iter::repeat_n(fold, room[fold]));
    kept.into_iter().map(|fold| fold.unwrap_or_else(|| free.next().expect("room for all"))).collect()
}

/// From a finished population to the chains of the next temperature; no simulation.
pub(super) fn raise_temperature<T: Clone + Sync>(settings: &Settings, pool: &Pool, state: &mut State<T>) {
    state.bank.settle(pool);
    let population = last_population(state);
    let best = population.ln_likelihood.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if population.from <= 0.0 && best > f64::NEG_INFINITY && population.ln_likelihood.iter().all(|s| *s >= best) {
        accept_the_prior(state, best, population.rows);
        return;
    }
    let importance = importance_draws(state);
    let step = next_step(settings, state, &population, &importance);
    let plan = if step.to < 1.0 {
        Plan { sweeps: settings.chain_length - 1, adapting: 0, thinning: 1 }
    } else {
        last_plan(settings, step.chains, state.left(settings), step.jump)
    };
    let from = if step.source == Source::Chains { population } else { importance };
    if plan.sweeps == 0 || step.ess <= 0.0 {
        // Nothing is left for moves, or nothing to move: the importance draws stand as they are.
        leave_moves(settings, pool, state);
        return;
    }
    start_stage(state, &from, &step, plan);
}

fn last_population<T>(state: &State<T>) -> Candidates {
    let population = state.bank.populations().last().expect("the prior is a population");
    let rows = population.members.clone();
    let ln_base = vec![population.ln_evidence - math::ln(rows.len() as f64); rows.len()];
    let ln_likelihood = rows.iter().map(|row| state.bank.ln_likelihood(*row)).collect();
    Candidates { source: Source::Chains, rows, ln_likelihood, ln_base, from: population.temperature }
}

fn importance_draws<T>(state: &State<T>) -> Candidates {
    let (rows, ln_base): (Vec<u32>, Vec<f64>) = state.bank.importance().map(|(row, excess)| (row, -excess)).unzip();
    let ln_likelihood = rows.iter().map(|row| state.bank.ln_likelihood(*row)).collect();
    Candidates { source: Source::Importance, rows, ln_likelihood, ln_base, from: 0.0 }
}

/// A likelihood that is the same everywhere says nothing: the prior draws are the posterior draws.
fn accept_the_prior<T>(state: &mut State<T>, ln_likelihood: f64, members: Vec<u32>) {
    let n = members.len() as u32;
    state.bank.push_population(Population {
        members,
        chains: (0..n).collect(),
        positions: vec![0; n as usize],
        parents: (0..n).collect(),
        ..Population::empty(1.0, ln_likelihood)
    });
    state.temperature = 1.0;
    state.phase = Phase::Check; // Nothing is rare where nothing was learnt.
}

/// A step to the next temperature.
struct Step {
    to: f64,
    source: Source,
    ess: f64,
    chains: usize,
    /// Taken because the budget allows no shorter one.
    jump: bool,
}

/// The next temperature and the number of chains there: the longest step that keeps the effective sample size; where the
/// budget is short, a longer one, then fewer chains, then a jump to the end.
fn next_step<T>(settings: &Settings, state: &State<T>, population: &Candidates, importance: &Candidates) -> Step {
    let from = population.from;
    let possible = population.ln_likelihood.iter().filter(|s| **s > f64::NEG_INFINITY).count() as f64;
    let most = settings.chains();
    let left = state.left(settings).saturating_sub(settings.budget * KEPT_TENTHS / 10);
    let per_chain = u64::from(settings.chain_length - 1) * u64::from(settings.replicates);
    let mut target = settings.ess_target * possible.min(f64::from(settings.particles));
    for _ in 0..=HALVINGS {
        let reached = |candidates: &Candidates| candidates.reach(from, target).unwrap_or(from);
        let (by_population, by_importance) = (reached(population), reached(importance));
        let (to, best) =
            if by_importance >= by_population { (by_importance, importance) } else { (by_population, population) };
        let step =
            |chains: u64| Step { to, source: best.source, ess: best.ess(to), chains: chains as usize, jump: false };
        if to >= 1.0 {
            return step(most);
        }
        let chains = most.min(left / powers_to_come(from, to).saturating_mul(per_chain).max(1));
        if chains >= FEWEST_CHAINS && to > from {
            return step(chains);
        }
        target *= 0.5;
    }
    let (by_population, by_importance) = (population.ess(1.0), importance.ess(1.0));
    let source = if by_importance >= by_population { Source::Importance } else { Source::Chains };
    Step { to: 1.0, source, ess: by_importance.max(by_population), chains: most as usize, jump: true }
}

/// Temperatures still to come after a step from one to another, that one with them, if they go on at its pace.
fn powers_to_come(from: f64, to: f64) -> u64 {
    let ratio = if from > 0.0 { (to / from).max(SLOWEST_RATIO) } else { FIRST_RATIO };
    1 + (-math::ln(to) / math::ln(ratio)).ceil() as u64
}

/// Moves at temperature 1: all that the budget has left.
fn last_plan(settings: &Settings, chains: usize, left: u64, jump: bool) -> Plan {
    let cost = (chains as u64 * u64::from(settings.replicates)).max(1);
    let sweeps = u32::try_from(left / cost).unwrap_or(u32::MAX);
    let adapting = if jump { sweeps / 3 } else { sweeps / 4 };
    let states = u64::from(sweeps - adapting + 1) * chains as u64;
    let thinning = states.div_ceil(u64::from(settings.most_draws)).max(1) as u32;
    Plan { sweeps, adapting, thinning }
}

/// Fits the kernels and starts the chains.
fn start_stage<T>(state: &mut State<T>, from: &Candidates, step: &Step, plan: Plan) {
    let stage = state.stage() + 1;
    let ln_weights = from.ln_weights(step.to);
    let weights = normalised(&ln_weights);
    let points: Vec<&[f64]> = from.rows.iter().map(|row| state.bank.scores(*row)).collect();
    let folds: Vec<usize> = from.rows.iter().map(|row| state.bank.fold(*row)).collect();
    let kernels = fit_kernels(&points, &weights, &folds, state.resampling(stage, PART_REFERENCE), state.tuning);
    let ancestors = systematic(&weights, step.chains, state.resampling(stage, PART_ANCESTORS));
    let of_ancestors: Vec<usize> = ancestors.iter().map(|i| folds[*i]).collect();
    let chain = |(i, fold): (usize, usize)| Chain {
        scores: points[i].to_vec(),
        ln_prior: state.bank.ln_prior(from.rows[i]),
        ln_likelihood: from.ln_likelihood[i],
        ancestor: i as u32,
        fold,
        place: Place::Stored(from.rows[i]),
    };
    state.chains = ancestors.into_iter().zip(folds_of_chains(&of_ancestors)).map(chain).collect();
    state.drawn = vec![0; kernels.len()];
    state.kernels = kernels;
    state.temperature = step.to;
    let empty = Population::empty(step.to, math::ln_sum_exp(&ln_weights));
    state.growing = Population { parents_are: from.source, ..empty };
    state.plan = plan;
    state.sweep = 0;
    state.trail.clear();
    state.phase = if step.to < 1.0 { Phase::Temper } else { Phase::Sample };
    state.stages.push(StageInfo {
        stage,
        temperature: step.to,
        started_from: from.source,
        ess_of_weights: step.ess,
        chains: step.chains as u32,
        sweeps: plan.sweeps,
        families: [FamilyInfo::default(); FAMILIES],
    });
    keep_states(state);
}

/// Kernels fitted to the importance draws at the present temperature.
pub(super) fn fit_to_importance<T>(state: &State<T>, u: f64) -> Vec<Kernel> {
    let draws = importance_draws(state);
    let weights = normalised(&draws.ln_weights(state.temperature));
    let points: Vec<&[f64]> = draws.rows.iter().map(|row| state.bank.scores(*row)).collect();
    let folds: Vec<usize> = draws.rows.iter().map(|row| state.bank.fold(*row)).collect();
    fit_kernels(&points, &weights, &folds, u, state.tuning)
}

/// For each fold a kernel fitted to the other folds (cross-fitting).
///
/// A kernel that has seen the point it starts from takes that point for more typical than it is and leaves it too readily:
/// a bias of order d / N that shifts and narrows the posterior.
pub(super) fn fit_kernels(points: &[&[f64]], weights: &[f64], folds: &[usize], u: f64, tuning: Tuning) -> Vec<Kernel> {
    let fit = |left_out: usize| {
        let seen = |i: &usize| folds[*i] != left_out && weights[*i] > 0.0;
        let mut others: Vec<usize> = (0..points.len()).filter(seen).collect();
        if others.is_empty() {
            // All the weight lies in the fold left out: there is nothing else to learn from.
            others = (0..points.len()).filter(|i| weights[*i] > 0.0).collect();
        }
        let sum: f64 = others.iter().map(|i| weights[*i]).sum();
        let seen_points: Vec<&[f64]> = others.iter().map(|i| points[*i]).collect();
        let seen_weights: Vec<f64> = others.iter().map(|i| weights[*i] / sum).collect();
        let rests_on = effective_size(seen_points.iter().map(|p| p[0].to_bits()), &seen_weights);
        Kernel::fit(&seen_points, &seen_weights, rests_on, u, tuning)
    };
    (0..FOLDS).map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_as_many_in_each_fold_and_keep_that_of_their_draw_where_there_is_room() {
        assert_eq!(folds_of_chains(&[3, 0, 2, 1, 1, 3, 0, 2]), [3, 0, 2, 1, 1, 3, 0, 2]);
        assert_eq!(folds_of_chains(&[1, 1, 1, 1, 1, 1, 0, 3]), [1, 1, 0, 2, 2, 3, 0, 3]);
        assert_eq!(folds_of_chains(&[2; 6]), [2, 2, 0, 1, 3, 3]);
    }

    #[test]
    fn temperatures_to_come_go_on_at_the_pace_of_the_last_step() {
        // .1, .2, .4, .8, and 1; from nothing the pace is a threefold rise: .1, .3, .9, and 1.
        assert_eq!((powers_to_come(0.1, 0.2), powers_to_come(0.0, 0.1)), (4, 4));
        // A step that hardly rises counts as one by a fifth: ln(2) / ln(1.2) is 3.8.
        assert_eq!((powers_to_come(0.5, 0.500_1), powers_to_come(0.5, 1.0)), (5, 1));
    }

    #[test]
    fn the_last_stage_spends_what_is_left_and_keeps_as_many_states_as_asked() {
        let settings = Settings { replicates: 2, most_draws: 1_000, ..Settings::for_budget(8_000) };
        // 20 sweeps of 100 chains at two simulations each; a quarter adapts, and 16 states of each chain (the first is one) are thinned by 2.
        assert_eq!(last_plan(&settings, 100, 4_150, false), Plan { sweeps: 20, adapting: 5, thinning: 2 });
        assert_eq!(last_plan(&settings, 100, 4_150, true), Plan { sweeps: 20, adapting: 6, thinning: 2 });
        assert_eq!(last_plan(&settings, 100, 150, false), Plan { sweeps: 0, adapting: 0, thinning: 1 });
    }
}
