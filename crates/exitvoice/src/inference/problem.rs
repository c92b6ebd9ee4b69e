//! The problem that the sampler sees: parameters of the force, deployments, and the likelihood of the claims.

use crate::answers::Truth;
use crate::command::Error;
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::param::Lookup;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use exitvoice_infer::{Parameter, Problem, Rough, SimError};
use exitvoice_model::decision::Rule;
use exitvoice_model::force::{ForceBase, ForceParams, deploy, deploy_watched};
use exitvoice_observe::claim::{Claim, Quantity};
use exitvoice_observe::{ClaimSet, Completeness, DeparturesAs, Factors, ObserverLaws, Scorer, ScorerSettings};
use exitvoice_record::{Expected, Trajectory};
use std::collections::{BTreeMap, BTreeSet};

/// What is kept of a simulated deployment.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Daily counts and heads.
    pub truth: Truth,
    /// Intensities of departures and captures; `None` under a rule that acts at once, which has none: rare events then count as they happened.
    pub expected: Option<Expected>,
    /// Whether an advance party stood near the border.
    pub advance_party: bool,
}

impl Kept {
    /// What the observers see.
    #[must_use]
    pub fn seen(&self) -> exitvoice_observe::Truth<'_> {
        let truth = exitvoice_observe::Truth::new(&self.truth.trajectory);
        self.expected.as_ref().map_or(truth, |expected| truth.with_expected(expected))
    }
}

/// Deployments of one force, scored against one set of claims.
pub struct War<'a> {
    base: &'a ForceBase,
    parameters: Vec<Parameter>,
    fixed: BTreeMap<String, f64>,
    /// Days on which intensities of departures are known best, in rising order: those that a dated claim can refer to.
    dense: Vec<u32>,
    /// The likelihood; with no usable row it is 1.
    pub scorer: Scorer,
    /// The same without evidence from silence, or with it, whichever the scenario does not use.
    pub other: Scorer,
    /// Whether silence counts in `scorer`.
    pub complete: bool,
    /// Number of the report whose readings are asked for, among those of `scorer`.
    pub dated: Option<usize>,
}

/// Draws of the observers' nuisance parameters in one estimate of the likelihood.
const NUISANCE_DRAWS: usize = 64;
/// Midpoints in probability over which a prior is averaged.
const MIDPOINTS: u32 = 4_096;
/// Most days before a dated claim on which a departure that it describes can have been planned.
const PLANNED_BEFORE: i32 = 5;

impl<'a> War<'a> {
    /// The problem of a scenario under a set of claims.
    ///
    /// # Errors
    /// The claims cannot be scored together (64), or a prior of the registry cannot be read (a bug).
    pub fn new(scenario: &Scenario, base: &'a ForceBase, claims: &ClaimSet, as_of: Day) -> Result<Self, Error> {
        let mut parameters = Vec::new();
        for key in &scenario.infer.parameters {
            let value =
                scenario.values.get(key).ok_or_else(|| Error::Bug { detail: format!("`{key}` has no value") })?;
            let prior = value.meta.parsed_prior().map_err(Error::bug)?;
            parameters.push(Parameter { name: key.clone(), prior });
        }
        let complete = scenario.claims.as_ref().is_some_and(|c| c.complete);
        let laws = observer_laws(scenario)?;
        let scorer = scorer(scenario, claims, &laws, as_of, complete)?;
        let other = self::scorer(scenario, claims, &laws, as_of, !complete)?;
        let fixed = scenario.values.iter().map(|(k, v)| (k.clone(), v.canonical)).collect();
        let first = claims.scored().find(|c| is_report(c));
        let dated = first.and_then(|first| scorer.reports().iter().position(|row| row.id == first.id));
        Ok(Self { base, parameters, fixed, dense: dense(scenario, claims), scorer, other, complete, dated })
    }

    /// Whether departures are known as well here as there on every day to which a claim dates one there.
    #[must_use]
    pub fn watches(&self, other: &Self) -> bool {
        other.dense.iter().all(|day| self.dense.binary_search(day).is_ok())
    }

    /// Mean of a parameter before the claims: of its prior, or the value at which it is held.
    ///
    /// # Panics
    /// The registry has no such parameter, or one with a fixed value is inferred.
    #[must_use]
    pub fn prior_mean(&self, key: &str) -> f64 {
        let midpoint = |i: u32| (f64::from(i) + 0.5) / f64::from(MIDPOINTS);
        match self.parameters.iter().find(|p| p.name == key) {
            Some(p) => {
                let total: f64 =
                    (0..MIDPOINTS).map(|i| p.prior.quantile(midpoint(i)).expect("what is inferred has a law")).sum();
                total / f64::from(MIDPOINTS)
            }
            None => self.fixed(key).expect("a parameter of the registry"),
        }
    }

    /// A value that is not inferred.
    #[must_use]
    pub fn fixed(&self, key: &str) -> Option<f64> {
        self.fixed.canonical(key)
    }
}

/// Laws of the observers: registry priors, and values that the scenario itself sets.
///
/// # Errors
/// A value lies outside its domain.
pub(super) fn observer_laws(scenario: &Scenario) -> Result<ObserverLaws, Error> {
    let mut laws = ObserverLaws::from_registry();
    for (key, value) in scenario.values.iter().filter(|(k, _)| k.starts_with("observe.")) {
        if value.origin.is_set() {
            laws.pin(key, value.canonical).map_err(Error::bug)?;
        }
    }
    Ok(laws)
}

/// The likelihood of a set of claims. Whatever was published later, the observation ends on the last day of the scenario.
///
/// # Errors
/// The claims cannot be scored together.
pub(super) fn scorer(
    scenario: &Scenario,
    claims: &ClaimSet,
    laws: &ObserverLaws,
    as_of: Day,
    complete: bool,
) -> Result<Scorer, Error> {
    let completeness = if complete { Completeness::Complete } else { Completeness::Incomplete };
    let as_of = as_of.min(scenario.last_day);
    // As in `simulate_on`: a rule that acts at once has no rates.
    let departures = match Rule::from_key(scenario.rule) {
        Some(rule) if !rule.acts_at_once() => DeparturesAs::Rates,
        _ => DeparturesAs::Events,
    };
    let settings =
        ScorerSettings { day_zero: scenario.day_zero, as_of, completeness, departures, draws: NUISANCE_DRAWS };
    Ok(Scorer::new(claims, &settings, laws)?)
}

/// Whether a row is an unnamed report of departures.
pub(super) fn is_report(claim: &Claim) -> bool {
    claim.quantity == Quantity::Desertions && claim.is_anonymous()
}

/// Days that dated claims of departures can refer to. Far from all of them one draw of a departure says enough.
fn dense(scenario: &Scenario, claims: &ClaimSet) -> Vec<u32> {
    let reports = claims.scored().filter(|c| is_report(c)).map(|c| c.as_of - scenario.day_zero);
    let around = |day: i32| (day - PLANNED_BEFORE..=day).filter_map(|d| u32::try_from(d).ok());
    let days: BTreeSet<u32> = reports.flat_map(around).collect();
    days.into_iter().collect()
}

impl Problem for War<'_> {
    type Truth = Kept;

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<Kept, SimError> {
        self.simulate_on(self.base, theta, seed)
    }

    fn ln_likelihood(&self, theta: &[f64], truth: &Kept, seed: Seed) -> f64 {
        self.under(&self.scorer).ln_likelihood(theta, truth, seed)
    }

    fn rough(&self, theta: &[f64], truth: &Kept, seed: Seed) -> Option<Rough> {
        self.under(&self.scorer).rough(theta, truth, seed)
    }

    fn ln_likelihood_beside(&self, theta: &[f64], truth: &Kept, seed: Seed, exact: f64) -> f64 {
        self.under(&self.scorer).ln_likelihood_beside(theta, truth, seed, exact)
    }

    /// Probabilities that the dated report describes a desertion, and an absence.
    fn rare(&self, truth: &Kept) -> Vec<f64> {
        let Some(report) = self.dated else { return Vec::new() };
        let [w] = self.scorer.event_weights(&truth.seen(), report, [None], 1.0);
        let all = math::ln_sum_exp(&[w.ln_desertion, w.ln_absence, w.ln_nothing]);
        [w.ln_desertion, w.ln_absence].map(|ln| math::exp(ln - all)).to_vec()
    }
}

/// The same deployments under another likelihood.
pub(super) struct UnderLikelihood<'w, 'a> {
    war: &'w War<'a>,
    scorer: &'w Scorer,
}

impl Problem for UnderLikelihood<'_, '_> {
    type Truth = Kept;

    fn parameters(&self) -> &[Parameter] {
        self.war.parameters()
    }

    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<Kept, SimError> {
        self.war.simulate(theta, seed)
    }

    fn ln_likelihood(&self, _theta: &[f64], truth: &Kept, seed: Seed) -> f64 {
        self.scorer.ln_likelihood(&truth.seen(), seed)
    }

    fn rough(&self, _theta: &[f64], truth: &Kept, seed: Seed) -> Option<Rough> {
        let Factors { counts, prisoners, exits } = self.scorer.rough(&truth.seen(), seed);
        Some(Rough { estimate: counts, exact: prisoners + exits })
    }

    fn ln_likelihood_beside(&self, _theta: &[f64], truth: &Kept, seed: Seed, exact: f64) -> f64 {
        self.scorer.ln_counts(&truth.seen(), seed) + exact
    }
}

impl<'a> War<'a> {
    /// These deployments under another likelihood.
    pub(super) const fn under<'w>(&'w self, scorer: &'w Scorer) -> UnderLikelihood<'w, 'a> {
        UnderLikelihood { war: self, scorer }
    }

    /// A deployment before the claims, the n-th of those of a seed: of the parameters' priors, after `change` has moved its parameters.
    ///
    /// # Errors
    /// A value does not fit its parameter.
    ///
    /// # Panics
    /// An inferred parameter has no law.
    pub(crate) fn unseen(&self, seed: Seed, number: u64, change: impl Fn(&mut [f64])) -> Result<Trajectory, SimError> {
        let draws = Draws::new(seed, Purpose::Prior);
        let mut theta = self.prior_draw(draws, number);
        change(&mut theta);
        let params = self.params(&theta)?;
        Ok(Trajectory::from_record(&deploy(self.base, &params, draws.seed(number, u64::MAX))))
    }

    /// Parameters from their priors, natural units; addresses of the draws begin with `first`.
    ///
    /// # Panics
    /// An inferred parameter has no law.
    pub(crate) fn prior_draw(&self, draws: Draws, first: u64) -> Vec<f64> {
        let value = |(place, parameter): (u64, &Parameter)| {
            parameter.prior.quantile(draws.uniform(first, place)).expect("what is inferred has a law")
        };
        (0..).zip(&self.parameters).map(value).collect()
    }

    fn params(&self, theta: &[f64]) -> Result<ForceParams, SimError> {
        let mut values = self.fixed.clone();
        for (parameter, value) in self.parameters.iter().zip(theta) {
            values.insert(parameter.name.clone(), *value);
        }
        ForceParams::from_resolved(&values).map_err(|e| SimError::Recoverable(e.to_string()))
    }

    /// A deployment of `base`, which is this problem's force or one that goes on after it.
    ///
    /// # Errors
    /// A value does not fit its parameter.
    pub(super) fn simulate_on(&self, base: &ForceBase, theta: &[f64], seed: Seed) -> Result<Kept, SimError> {
        let params = self.params(theta)?;
        let (record, expected) = if base.plan.rule.acts_at_once() {
            (deploy(base, &params, seed), None)
        } else {
            let (record, expected) = deploy_watched(base, &params, seed, &self.dense);
            (record, Some(expected))
        };
        let advance_party = exitvoice_model::force::world::advance_party(base, &params, seed) > 0;
        let truth = Truth { trajectory: Trajectory::from_record(&record), heads: record.heads };
        Ok(Kept { truth, expected, advance_party })
    }
}
