//! What a run ends with.

use super::settings::Settings;
use super::smc::State;
use crate::algorithm::evaluate::Failures;
use crate::bank::{Bank, Section, Source, Weighted};
use crate::diagnostic::refusal::{Spending, refuse};
use crate::diagnostic::{Diagnostics, Lineage, Mcse, Noise, ParameterDiagnostics, Refusal, StageInfo, identify};
use crate::problem::{Parameter, Problem};

/// A finished inference.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// All points with their truths.
    pub bank: Bank<T>,
    /// Draws from the posterior, with weights; none where the data exclude every draw tried.
    pub posterior: Weighted,
    /// Draws from the prior.
    pub prior: Weighted,
    /// Common ancestors of the posterior draws: standard errors of any quantity computed from them.
    pub lineage: Lineage,
    /// How good the draws are.
    pub diagnostics: Diagnostics,
    /// Present where the draws are too few to be reported as a posterior.
    pub refusal: Option<Refusal>,
}

/// How a run ended.
#[derive(Clone, Debug)]
pub enum Ending<T> {
    /// The budget is spent.
    Finished(Box<Outcome<T>>),
    /// The caller broke off; [`super::smc::resume`] goes on from here to the same result.
    Stopped(Box<State<T>>),
}

impl<T> Ending<T> {
    /// The outcome, if the run finished.
    #[must_use]
    pub fn finished(self) -> Option<Outcome<T>> {
        match self {
            Self::Finished(outcome) => Some(*outcome),
            Self::Stopped(_) => None,
        }
    }
}

/// Chains replace the importance draws where their effective sample size is larger by this factor: it is estimated from
/// families of draws and tends to be too high, the other cannot be by much.
const CHAINS_MUST_GAIN: f64 = 2.0;

/// Takes the posterior from the importance draws, or from the chains where these have a clearly larger effective sample size, which it
/// gives back.
pub(super) fn choose_source<T>(bank: &mut Bank<T>) -> f64 {
    // Chains that have not reached temperature 1 are no posterior.
    let reached = bank.populations().last().is_some_and(|p| p.temperature >= 1.0);
    let mut ess = |source: Source| {
        bank.set_source(source);
        let draws = bank.posterior_draws();
        smallest_ess(bank, &draws, &bank.lineage(Section::Posterior, &draws))
    };
    let by_importance = ess(Source::Importance);
    if reached {
        let by_chains = ess(Source::Chains);
        if by_chains > CHAINS_MUST_GAIN * by_importance {
            return by_chains;
        }
    }
    bank.set_source(Source::Importance);
    by_importance
}

/// The smallest effective sample size over parameters, log-likelihood and distinct draws; 0 without draws.
fn smallest_ess<T>(bank: &Bank<T>, draws: &Weighted, lineage: &Lineage) -> f64 {
    if draws.is_empty() {
        return 0.0;
    }
    let ess = |f: &dyn Fn(u32) -> f64| {
        let values: Vec<f64> = draws.entries.iter().map(|e| f(e.row)).collect();
        lineage.ess(&draws.weights, &values)
    };
    let of_parameters = (0..bank.names().len()).map(|k| ess(&|row| bank.scores(row)[k]));
    of_parameters.fold(draws.ess().min(ess(&|row| bank.ln_likelihood(row))), f64::min)
}

/// What a run has done.
pub(super) struct Account {
    pub(super) temperature: f64,
    pub(super) simulations: u64,
    /// Simulations spent at temperature 1.
    pub(super) at_one: u64,
    pub(super) failures: Failures,
    pub(super) stages: Vec<StageInfo>,
    pub(super) noise: Option<Noise>,
}

/// Draws and diagnostics of a state in which nothing is left to do.
pub(crate) fn finish<P: Problem>(problem: &P, settings: &Settings, state: State<P::Truth>) -> Outcome<P::Truth> {
    let account = Account {
        temperature: state.temperature,
        simulations: state.simulations,
        at_one: state.at_one,
        failures: state.failures,
        stages: state.stages,
        noise: state.noise,
    };
    conclude(problem, settings, state.bank, account)
}

/// Draws and diagnostics of a bank.
pub(super) fn conclude<P: Problem>(
    problem: &P,
    settings: &Settings,
    bank: Bank<P::Truth>,
    account: Account,
) -> Outcome<P::Truth> {
    let (prior, posterior) = (bank.prior_draws(), bank.posterior_draws());
    let lineage = bank.lineage(Section::Posterior, &posterior);
    let parameters: Vec<ParameterDiagnostics> = (0..)
        .zip(problem.parameters())
        .map(|(k, parameter)| diagnose(&bank, &prior, &posterior, &lineage, k, parameter))
        .collect();
    let ess = smallest_ess(&bank, &posterior, &lineage);
    let spending = Spending { budget: settings.budget, simulations: account.simulations, at_one: account.at_one };
    let lost: f64 = match bank.source() {
        Source::Importance => 1.0 / posterior.ess() - 1.0 / bank.importance().count() as f64,
        Source::Chains => account.stages.iter().map(|s| 1.0 / s.ess_of_weights).sum(),
    };
    let diagnostics = Diagnostics {
        ess,
        ess_distinct: posterior.ess(),
        temperature: account.temperature,
        simulations: account.simulations,
        budget: settings.budget,
        source: bank.source(),
        ln_evidence: posterior.ln_evidence,
        ln_evidence_se: lost.max(0.0).sqrt(),
        failures: account.failures,
        stages: account.stages,
        noise: account.noise,
        parameters,
    };
    Outcome { refusal: refuse(ess, settings.ess_needed, spending), bank, posterior, prior, lineage, diagnostics }
}

fn diagnose<T>(
    bank: &Bank<T>,
    prior: &Weighted,
    posterior: &Weighted,
    lineage: &Lineage,
    k: usize,
    parameter: &Parameter,
) -> ParameterDiagnostics {
    let natural = |draws: &Weighted| -> Vec<f64> { draws.entries.iter().map(|e| bank.theta(e.row)[k]).collect() };
    let real = |values: &[f64]| -> Vec<f64> { values.iter().map(|x| parameter.prior.to_real(*x)).collect() };
    let (before, after) = (natural(prior), natural(posterior));
    let weights = &posterior.weights;
    let scores: Vec<f64> = posterior.entries.iter().map(|e| bank.scores(e.row)[k]).collect();
    let error = |p: f64| lineage.quantile_error(weights, &after, p);
    ParameterDiagnostics {
        name: parameter.name.clone(),
        ess: if posterior.is_empty() { 0.0 } else { lineage.ess(weights, &scores) },
        mcse: Mcse {
            mean: lineage.standard_error(weights, &after),
            q025: error(0.025),
            q50: error(0.5),
            q975: error(0.975),
        },
        identification: identify(&prior.weights, &real(&before), weights, &real(&after)),
    }
}
