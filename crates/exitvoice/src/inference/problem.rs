//! The problem that the sampler sees: parameters of the force, deployments, and the likelihood of the claims.

use crate::answers::Truth;
use crate::command::Error;
use crate::scenario::Scenario;
use exitvoice_core::param::Lookup;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_infer::{Parameter, Problem, SimError};
use exitvoice_model::force::expected::expected_departures;
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use exitvoice_observe::{ClaimSet, Completeness, ObserverLaws, Scorer, ScorerSettings};
use exitvoice_record::{ExpectedDeparture, Trajectory};
use std::collections::BTreeMap;

/// What is kept of a simulated deployment.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Daily counts and heads.
    pub truth: Truth,
    /// Rates of departures in the days that a dated claim can refer to.
    pub expected: Vec<ExpectedDeparture>,
    /// Days, from day 0 on, that the rates stand for.
    pub window: u32,
    /// Whether an advance party stood near the border.
    pub advance_party: bool,
}

impl Kept {
    /// What the observers see.
    #[must_use]
    pub fn seen(&self) -> exitvoice_observe::Truth<'_> {
        exitvoice_observe::Truth::new(&self.truth.trajectory).with_expected(&self.expected, self.window)
    }
}

/// Deployments of one force, scored against one set of claims.
pub struct War<'a> {
    base: &'a ForceBase,
    parameters: Vec<Parameter>,
    fixed: BTreeMap<String, f64>,
    /// Days for which departures are given as rates.
    window: u32,
    /// The likelihood; with no usable row it is 1.
    pub scorer: Scorer,
    /// The same without evidence from silence, or with it, whichever the scenario does not use.
    pub other: Scorer,
    /// Whether silence counts in `scorer`.
    pub complete: bool,
}

/// Draws of the observers' nuisance parameters in one estimate of the likelihood.
const NUISANCE_DRAWS: usize = 64;
/// Days before and after a dated claim of a departure for which rates replace realised departures.
const WINDOW_AFTER: i32 = 1;

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
        Ok(Self { base, parameters, fixed, window: window(scenario, claims), scorer, other, complete })
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
        if !matches!(value.origin, crate::scenario::Origin::Default | crate::scenario::Origin::Baseline(_)) {
            laws.pin(key, value.canonical).map_err(Error::bug)?;
        }
    }
    Ok(laws)
}

/// The likelihood of a set of claims.
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
    let settings = ScorerSettings { day_zero: scenario.day_zero, as_of, completeness, draws: NUISANCE_DRAWS };
    Ok(Scorer::new(claims, &settings, laws)?)
}

/// Days from day 0 that dated claims of departures can refer to, while nothing has happened yet: before the first phase with a hazard.
fn window(scenario: &Scenario, claims: &ClaimSet) -> u32 {
    let last = claims
        .scored()
        .filter(|c| c.quantity == exitvoice_observe::claim::Quantity::Desertions && c.is_anonymous())
        .map(|c| c.as_of - scenario.day_zero + WINDOW_AFTER)
        .max();
    let contact = scenario.phases.iter().find(|p| p.hazard.is_some()).map_or(i32::MAX, |p| p.from - scenario.day_zero);
    last.unwrap_or(0).min(contact).max(0).unsigned_abs()
}

impl Problem for War<'_> {
    type Truth = Kept;

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<Kept, SimError> {
        let mut values = self.fixed.clone();
        for (parameter, value) in self.parameters.iter().zip(theta) {
            values.insert(parameter.name.clone(), *value);
        }
        let params = ForceParams::from_resolved(&values).map_err(|e| SimError::Recoverable(e.to_string()))?;
        let record = deploy(self.base, &params, seed);
        let expected = expected_departures(self.base, &params, seed, self.window);
        let advance_party = exitvoice_model::force::world::advance_party(self.base, &params, seed) > 0;
        let truth = Truth { trajectory: Trajectory::from_record(&record), heads: record.heads };
        Ok(Kept { truth, expected, window: self.window, advance_party })
    }

    fn ln_likelihood(&self, _theta: &[f64], truth: &Kept, seed: Seed) -> f64 {
        self.scorer.ln_likelihood(&truth.seen(), seed)
    }
}
