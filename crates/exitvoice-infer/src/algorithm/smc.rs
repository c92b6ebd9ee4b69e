//! Sequential Monte Carlo on the pseudo-marginal likelihood: from the prior to the posterior by rising powers of the likelihood.
//!
//! ## Algorithm
//! Waste-free SMC (Dau & Chopin 2022) with likelihood tempering. Weighted draws of one power are weighted for the next, M = N / P
//! ancestors are resampled, each runs P - 1 moves, and all N states visited are the next population. At power 1 the M
//! chains run on until the budget is spent. Every move is Metropolis-Hastings with the families of `kernel.rs` and a fresh
//! simulation; a state keeps the simulations that made its likelihood (Andrieu & Roberts 2009), so the draws follow the exact
//! posterior whatever the noise of the estimate.
//! ## Two samples from the same simulations
//! Prior draws and independence proposals come from known laws, so they are importance draws too (`importance.rs`), without
//! ancestors in common. Each power starts from whichever of the two carries further, last population or importance draws, and
//! the result is whichever has the larger effective sample size (chains must be twice as good): importance draws where the posterior is near normal on the
//! coordinates of `prior.rs`, chains where it is curved, has modes apart, or many dimensions.
//! ## Where the budget goes
//! A quarter to the prior: these simulations serve the first powers and the bank. Then 3/4 N a power; all that is left goes
//! to power 1. Where the powers ahead look too expensive, steps between them become longer, then populations smaller,
//! and at last the sampler jumps to power 1. A reserve is spent only where the result would be refused without it.
//! ## Adaptation
//! Kernels are fitted before a power and frozen while its states count. A chain's kernel is fitted to the folds that it is not in; where its own
//! has no room for it, it has seen the chain's start and nothing else of it. The first
//! quarter of the moves at power 1 (a third after a jump) adapts only; its states are thrown away.
//! ## Not here
//! Files, clocks, loops that cannot be left: [`step`] does one batch of simulations, [`run`] and [`resume`] are its loop.

use super::evaluate::{Address, CHECK_STAGE, Evaluation, Failures, evaluate};
use super::focus::{focus, leave_moves, spend_reserve};
use super::kernel::{FAMILIES, FamilyInfo, INDEPENDENCE, Kernel, Proposal, Tuning, systematic};
use super::outcome::{Ending, finish};
use super::settings::{FEWEST_CHAINS, Settings};
use super::temper::{fit_kernels, fit_to_importance, raise_temperature};
use super::{Phase, Progress};
use crate::bank::{Bank, Point, Population, tempered};
use crate::diagnostic::{Noise, StageInfo};
use crate::error::InferError;
use crate::prior::Coordinates;
use crate::problem::Problem;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Most simulations of a batch of prior draws: a caller hears from the sampler at least this often.
const BATCH: usize = 256;
/// Parts of a resampling address.
const PART_REFIT: u64 = 2;
const PART_CHECK: u64 = 1 << 32;

/// Everything a run knows between two batches: with the settings and the problem it determines all that follows.
#[derive(Clone, Debug)]
pub struct State<T> {
    pub(super) seed: Seed,
    pub(super) coordinates: Coordinates,
    pub(super) bank: Bank<T>,
    pub(super) phase: Phase,
    pub(super) temperature: f64,
    pub(super) simulations: u64,
    /// Simulations spent at temperature 1.
    pub(super) at_one: u64,
    pub(super) failures: Failures,
    pub(super) stages: Vec<StageInfo>,
    pub(super) noise: Option<Noise>,
    /// Prior draws to be made before the temperature rises.
    prior_target: usize,
    prior_rows: Vec<u32>,
    pub(super) chains: Vec<Chain<T>>,
    /// One for each fold.
    pub(super) kernels: Vec<Kernel>,
    /// Independence proposals made by each kernel.
    pub(super) drawn: Vec<u64>,
    pub(super) tuning: Tuning,
    pub(super) plan: Plan,
    pub(super) sweep: u32,
    pub(super) growing: Population,
    /// Scores of all chains after each sweep that only adapts.
    pub(super) trail: Vec<Vec<Vec<f64>>>,
    /// Rounds of the reserve made.
    pub(super) reserved: u32,
    /// Rounds of focus made, and the rare parts of rows seen there.
    pub(super) focused: u32,
    pub(super) rare: BTreeMap<u32, Vec<f64>>,
    /// What the families did since the last adaptation.
    recent: [FamilyInfo; FAMILIES],
}

/// One chain: where it is.
#[derive(Clone, Debug)]
pub(super) struct Chain<T> {
    pub(super) scores: Vec<f64>,
    pub(super) ln_prior: f64,
    pub(super) ln_likelihood: f64,
    /// Where it started: see [`Population::parents`].
    pub(super) ancestor: u32,
    /// Part of the draws that its kernel has not seen: that of its start, where there was room (see `temper.rs::folds_of_chains`).
    pub(super) fold: usize,
    pub(super) place: Place<T>,
}

/// Whether the chain's point is in the bank yet: points that are never kept do not go there.
#[derive(Clone, Debug)]
pub(super) enum Place<T> {
    Stored(u32),
    Pending(Point, Evaluation<T>),
}

/// Moves at the present temperature.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// Moves of each chain.
    pub(super) sweeps: u32,
    /// Moves that only adapt.
    pub(super) adapting: u32,
    /// Every which state is kept after that.
    pub(super) thinning: u32,
}

/// What one step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Info {
    /// How far the run has come.
    pub progress: Progress,
    /// Moves proposed and accepted in this step; 0 in a step of prior draws.
    pub proposed: u64,
    /// Of these, accepted.
    pub accepted: u64,
}

/// A move that was tried.
struct Trial<T> {
    point: Point,
    evaluation: Evaluation<T>,
    family: usize,
    jump: f64,
    acceptance: f64,
    accepted: bool,
}

/// The state before the first simulation.
///
/// # Errors
/// Settings outside their ranges; no parameter, a fixed one, or two of one name.
pub fn init<P: Problem>(problem: &P, settings: &Settings, seed: Seed) -> Result<State<P::Truth>, InferError> {
    settings.check()?;
    let coordinates = Coordinates::new(problem.parameters())?;
    let names = problem.parameters().iter().map(|p| p.name.clone()).collect();
    Ok(State {
        seed,
        coordinates,
        bank: Bank::new(names, seed, settings.replicates),
        phase: Phase::Prior,
        temperature: 0.0,
        simulations: 0,
        at_one: 0,
        failures: Failures::default(),
        stages: Vec::new(),
        noise: None,
        prior_target: settings.prior_draws as usize,
        prior_rows: Vec::new(),
        chains: Vec::new(),
        kernels: Vec::new(),
        drawn: Vec::new(),
        tuning: Tuning::default(),
        plan: Plan::default(),
        sweep: 0,
        growing: Population::empty(0.0, 0.0),
        trail: Vec::new(),
        focused: 0,
        reserved: 0,
        rare: BTreeMap::new(),
        recent: [FamilyInfo::default(); FAMILIES],
    })
}

/// One batch of simulations, and what follows from it. In [`Phase::Done`] nothing happens.
///
/// # Errors
/// The simulator calls a failure fatal, or the state belongs to another problem.
pub fn step<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    mut state: State<P::Truth>,
) -> Result<(State<P::Truth>, Info), InferError> {
    let (found, expected) = (state.coordinates.dimension(), problem.parameters().len());
    if found != expected {
        return Err(InferError::StateMismatch { found, expected });
    }
    let (mut proposed, mut accepted) = (0, 0);
    match state.phase {
        Phase::Prior => draw_prior(problem, settings, pool, &mut state)?,
        Phase::Temper | Phase::Sample => (proposed, accepted) = sweep(problem, settings, pool, &mut state)?,
        Phase::Focus => focus(problem, settings, pool, &mut state)?,
        Phase::Reserve => spend_reserve(problem, settings, pool, &mut state)?,
        Phase::Check => check_noise(problem, settings, pool, &mut state)?,
        Phase::Done => {}
    }
    let progress = state.progress(settings);
    Ok((state, Info { progress, proposed, accepted }))
}

/// Runs from the start until the budget is spent or the caller breaks off.
///
/// # Errors
/// See [`init`] and [`step`].
pub fn run<P: Problem>(
    problem: &P,
    settings: &Settings,
    seed: Seed,
    pool: &Pool,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Ending<P::Truth>, InferError> {
    resume(problem, settings, pool, init(problem, settings, seed)?, progress)
}

/// Goes on from a state, with the settings it was made with.
///
/// # Errors
/// See [`step`].
pub fn resume<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    mut state: State<P::Truth>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Ending<P::Truth>, InferError> {
    while state.phase != Phase::Done {
        let (next, info) = step(problem, settings, pool, state)?;
        state = next;
        if progress(info.progress).is_break() && state.phase != Phase::Done {
            return Ok(Ending::Stopped(Box::new(state)));
        }
    }
    Ok(Ending::Finished(Box::new(finish(problem, settings, state))))
}

impl<T> State<T> {
    /// How far the run has come.
    #[must_use]
    pub fn progress(&self, settings: &Settings) -> Progress {
        Progress {
            phase: self.phase,
            stage: self.stage(),
            temperature: self.temperature,
            simulations: self.simulations,
            budget: settings.budget,
        }
    }

    pub(super) fn stage(&self) -> u32 {
        self.stages.last().map_or(0, |s| s.stage)
    }

    pub(super) fn resampling(&self, stage: u32, part: u64) -> f64 {
        Draws::new(self.seed, Purpose::Resampling).uniform(u64::from(stage), part)
    }

    /// Simulations that may still be spent, the shares of focus and check set aside.
    pub(super) fn left(&self, settings: &Settings) -> u64 {
        settings.budget.saturating_sub(self.simulations + settings.set_aside())
    }
}

/// Simulates the next prior draws; when all are there, raises the temperature.
fn draw_prior<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    state: &mut State<P::Truth>,
) -> Result<(), InferError> {
    let done = state.prior_rows.len();
    let count = BATCH.min(state.prior_target - done);
    let draws = Draws::new(state.seed, Purpose::Prior);
    let (seed, coordinates) = (state.seed, &state.coordinates);
    let points = pool.map(count, |i| {
        let (scores, theta) = coordinates.draw(draws, (done + i) as u64);
        let address = Address { stage: 0, sweep: 0, member: (done + i) as u32 };
        let found = evaluate(problem, seed, address, settings.replicates, &theta)?;
        Ok((Point { ln_prior: coordinates.ln_density(&scores), scores, theta }, found))
    });
    for point in points {
        let (point, found) = point?;
        state.failures.add(found.failures);
        let row = state.bank.push_prior_draw(point, found);
        state.prior_rows.push(row);
    }
    state.simulations += count as u64 * u64::from(settings.replicates);
    if state.prior_rows.len() < state.prior_target {
        return Ok(());
    }
    // A likelihood that excludes nearly every prior draw leaves too little to start from: look longer, with up to half of
    // the budget.
    let possible = state.prior_rows.iter().filter(|r| state.bank.ln_likelihood(**r) > f64::NEG_INFINITY).count() as u64;
    let affordable = (settings.budget / 2).saturating_sub(state.simulations) / u64::from(settings.replicates);
    if possible < FEWEST_CHAINS && affordable > 0 {
        state.prior_target += affordable.min(u64::from(settings.prior_draws)) as usize;
        return Ok(());
    }
    let n = state.prior_rows.len() as u32;
    state.bank.push_population(Population {
        members: std::mem::take(&mut state.prior_rows),
        chains: (0..n).collect(),
        positions: vec![0; n as usize],
        ..Population::empty(0.0, 0.0)
    });
    raise_temperature(settings, pool, state);
    Ok(())
}

/// One move of every chain; at the end of the plan, the next temperature or the check.
fn sweep<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    state: &mut State<P::Truth>,
) -> Result<(u64, u64), InferError> {
    state.sweep += 1;
    let (stage, number) = (state.stage(), state.sweep);
    let shared: &State<P::Truth> = state;
    let trials = pool.map(shared.chains.len(), |i| {
        try_move(problem, settings, shared, &shared.chains[i], Address { stage, sweep: number, member: i as u32 })
    });
    let mut families = [FamilyInfo::default(); FAMILIES];
    for (i, trial) in trials.into_iter().enumerate() {
        let trial = trial?;
        let family = &mut families[trial.family];
        family.proposals += 1;
        family.accepted += u64::from(trial.accepted);
        family.acceptance += trial.acceptance;
        family.jump += trial.acceptance * trial.jump;
        state.failures.add(trial.evaluation.failures);
        take(state, i, trial);
    }
    let cost = state.chains.len() as u64 * u64::from(settings.replicates);
    state.simulations += cost;
    state.at_one += if state.phase == Phase::Sample { cost } else { 0 };
    let info = state.stages.last_mut().expect("a sweep belongs to a stage");
    info.families.iter_mut().zip(&families).for_each(|(all, new)| all.add(new));
    let whole = info.families;
    if state.sweep <= state.plan.adapting {
        adapt(pool, state, &families);
    }
    keep_states(state);
    if state.sweep == state.plan.sweeps {
        close_kernels(state);
        let grown = std::mem::replace(&mut state.growing, Population::empty(0.0, 0.0));
        state.bank.push_population(grown.by_chain());
        if state.phase == Phase::Temper {
            state.tuning = state.tuning.adapted(&whole);
            raise_temperature(settings, pool, state);
        } else {
            leave_moves(settings, pool, state);
        }
    }
    Ok((families.iter().map(|f| f.proposals).sum(), families.iter().map(|f| f.accepted).sum()))
}

/// Proposes, simulates, and says whether to accept.
fn try_move<P: Problem>(
    problem: &P,
    settings: &Settings,
    state: &State<P::Truth>,
    chain: &Chain<P::Truth>,
    address: Address,
) -> Result<Trial<P::Truth>, InferError> {
    let draws = Draws::new(state.seed, Purpose::Proposal);
    let Proposal { scores, ln_back, family, jump } = state.kernels[chain.fold].propose(draws, address, &chain.scores);
    let ln_prior = state.coordinates.ln_density(&scores);
    let theta = state.coordinates.natural(&scores);
    let evaluation = evaluate(problem, state.seed, address, settings.replicates, &theta)?;
    let rise = tempered(state.temperature, evaluation.ln_likelihood - chain.ln_likelihood);
    let ln_ratio = rise + ln_prior - chain.ln_prior + ln_back;
    // A ratio that is no number comes from a point beyond the reach of the prior's map: it is not accepted.
    let acceptance = if ln_ratio.is_nan() { 0.0 } else { math::exp(ln_ratio.min(0.0)) };
    let u = Draws::new(state.seed, Purpose::Acceptance).uniform(address.outer(), address.inner(0));
    let point = Point { scores, theta, ln_prior };
    Ok(Trial { point, evaluation, family, jump, acceptance, accepted: u < acceptance })
}

/// Moves the chain if the trial was accepted; an independence proposal goes to the bank in any case.
fn take<T>(state: &mut State<T>, chain: usize, trial: Trial<T>) {
    let stage = state.stage();
    let chain = &mut state.chains[chain];
    let independent = trial.family == INDEPENDENCE;
    if !trial.accepted && !independent {
        return;
    }
    if trial.accepted {
        chain.scores.clone_from(&trial.point.scores);
        chain.ln_prior = trial.point.ln_prior;
        chain.ln_likelihood = trial.evaluation.ln_likelihood;
    }
    let place = if independent {
        let row = state.bank.push(stage, chain.fold, trial.point, trial.evaluation);
        state.bank.importance_mut().add_draw(row);
        state.drawn[chain.fold] += 1;
        Place::Stored(row)
    } else {
        Place::Pending(trial.point, trial.evaluation)
    };
    if trial.accepted {
        chain.place = place;
    }
}

/// Hands the laws of all kernels, with the number of draws made from each, to the importance draws.
fn close_kernels<T>(state: &mut State<T>) {
    for (fold, (kernel, drawn)) in state.kernels.iter().zip(&mut state.drawn).enumerate() {
        state.bank.importance_mut().add_law(kernel.independent.clone(), fold, std::mem::take(drawn));
    }
}

/// Puts the chains' states into the growing population, if the plan keeps them.
pub(super) fn keep_states<T>(state: &mut State<T>) {
    let Some(after) = state.sweep.checked_sub(state.plan.adapting) else { return };
    if !after.is_multiple_of(state.plan.thinning) {
        return;
    }
    let stage = state.stage();
    for (number, chain) in (0_u32..).zip(&mut state.chains) {
        let place = std::mem::replace(&mut chain.place, Place::Stored(0));
        let row = match place {
            Place::Stored(row) => row,
            Place::Pending(point, evaluation) => state.bank.push(stage, chain.fold, point, evaluation),
        };
        chain.place = Place::Stored(row);
        state.growing.members.push(row);
        state.growing.chains.push(number);
        state.growing.positions.push(after / state.plan.thinning);
        state.growing.parents.push(chain.ancestor);
    }
}

/// After a sweep that only adapts: new shares and steps, and new fits where the importance draws at the present temperature,
/// or the later half of the chains' trail, are worth more than what the kernels were fitted to.
fn adapt<T: Sync>(pool: &Pool, state: &mut State<T>, families: &[FamilyInfo; FAMILIES]) {
    state.recent.iter_mut().zip(families).for_each(|(all, new)| all.add(new));
    state.trail.push(state.chains.iter().map(|c| c.scores.clone()).collect());
    // At ever longer intervals: each fit is one more law for the draws of each fold.
    if !state.sweep.is_power_of_two() && state.sweep != state.plan.adapting {
        return;
    }
    state.tuning = state.tuning.adapted(&std::mem::take(&mut state.recent));
    state.kernels.iter_mut().for_each(|kernel| kernel.tuning = state.tuning);
    close_kernels(state);
    state.bank.settle(pool);
    let u = state.resampling(state.stage(), PART_REFIT + u64::from(state.sweep));
    let by_trail = {
        let later: Vec<&[f64]> = state.trail[state.trail.len() / 2..].iter().flatten().map(Vec::as_slice).collect();
        let folds: Vec<usize> = state.chains.iter().map(|c| c.fold).cycle().take(later.len()).collect();
        fit_kernels(&later, &vec![1.0 / later.len() as f64; later.len()], &folds, u, state.tuning)
    };
    let by_importance = fit_to_importance(state, u);
    let worth = |kernels: &[Kernel]| kernels.iter().map(|k| k.rests_on).fold(f64::INFINITY, f64::min);
    let best = if worth(&by_importance) >= worth(&by_trail) { by_importance } else { by_trail };
    if worth(&best) > worth(&state.kernels) {
        state.kernels = best;
    }
}

/// Estimates the likelihood twice more, with fresh seeds, at draws of the last population.
fn check_noise<P: Problem>(
    problem: &P,
    settings: &Settings,
    pool: &Pool,
    state: &mut State<P::Truth>,
) -> Result<(), InferError> {
    state.phase = Phase::Done;
    let draws = state.bank.posterior_draws();
    if settings.noise_checks == 0 || draws.is_empty() {
        return Ok(());
    }
    let picked = systematic(&draws.weights, settings.noise_checks as usize, state.resampling(CHECK_STAGE, PART_CHECK));
    let (seed, bank) = (state.seed, &state.bank);
    let found = pool.map(2 * picked.len(), |i| {
        let address = Address { stage: CHECK_STAGE, sweep: (i % 2) as u32, member: (i / 2) as u32 };
        let theta = bank.theta(draws.entries[picked[i / 2]].row);
        evaluate(problem, seed, address, settings.replicates, theta).map(|e| (e.ln_likelihood, e.failures))
    });
    let found: Vec<(f64, Failures)> = found.into_iter().collect::<Result<_, _>>()?;
    found.iter().for_each(|(_, failures)| state.failures.add(*failures));
    let pairs: Vec<(f64, f64)> = found.chunks_exact(2).map(|pair| (pair[0].0, pair[1].0)).collect();
    state.noise = Some(Noise::from_pairs(&pairs));
    state.simulations += settings.check_cost();
    Ok(())
}
