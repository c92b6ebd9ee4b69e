//! Parameters, terms of the decision, and assumptions.

use crate::answers::summarise;
use crate::report::{Assumption, AxisKind, Density, Measure, Parameter, Quantiles, Term, Verdict};
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::param::{Lookup, ParamMeta, Prior};
use exitvoice_core::quantity::Dimension;
use std::collections::BTreeMap;

/// Draws of the parameters that were inferred.
#[derive(Clone, Copy, Debug)]
pub struct Draws<'a> {
    /// Posterior draws by key, in canonical units.
    pub columns: &'a BTreeMap<String, Vec<f64>>,
    /// Their weights.
    pub weights: &'a [f64],
    /// What the claims said of each key.
    pub verdicts: &'a BTreeMap<String, Verdict>,
}

/// Points at which a prior's quantile function is read to summarise it.
const PRIOR_POINTS: usize = 2_000;
const BINS: usize = 24;

/// Values of a prior on an even grid of probabilities; the scenario's value where the prior is fixed.
fn prior_values(prior: Prior, fixed: f64) -> Vec<f64> {
    let at = |i: usize| prior.quantile((i as f64 + 0.5) / PRIOR_POINTS as f64);
    (0..PRIOR_POINTS).map(|i| at(i).unwrap_or(fixed)).collect()
}

fn even(n: usize) -> Vec<f64> {
    vec![1.0; n]
}

/// The value of a point as quantiles.
const fn constant(x: f64) -> Quantiles {
    Quantiles { q025: x, q05: x, q25: x, q50: x, q75: x, q95: x, q975: x, mean: x }
}

const fn measure(meta: &ParamMeta) -> Measure {
    match meta.dimension {
        Dimension::Share => Measure::Share,
        Dimension::Persons => Measure::Persons,
        _ => Measure::Factor,
    }
}

/// Unit in which a parameter is shown, with the factor from its canonical unit.
fn shown(meta: &ParamMeta) -> (Measure, f64) {
    const DAYS_PER_1000_YEARS: f64 = 365_250.0;
    match meta.dimension {
        Dimension::Hazard if meta.key.starts_with("exit.") => {
            (Measure::Other("per 1,000 years".to_owned()), DAYS_PER_1000_YEARS)
        }
        Dimension::Hazard => (Measure::Other("per day".to_owned()), 1.0),
        Dimension::Time => (Measure::Other("days".to_owned()), 1.0),
        Dimension::Number => (Measure::Other(String::new()), 1.0),
        _ => (measure(meta), 1.0),
    }
}

/// Uncertain parameters: those of the scenario's inference, prior beside posterior.
#[must_use]
pub fn parameters(scenario: &Scenario, draws: Option<Draws<'_>>) -> Vec<Parameter> {
    let mut rows = Vec::new();
    for key in &scenario.infer.parameters {
        let Some(value) = scenario.values.get(key) else { continue };
        let meta = value.meta;
        let Ok(prior) = meta.parsed_prior() else { continue };
        let (measure, factor) = shown(meta);
        let scale = |values: &[f64]| values.iter().map(|x| x * factor).collect::<Vec<f64>>();
        let before = scale(&prior_values(prior, value.canonical));
        let after = draws.and_then(|d| d.columns.get(key).map(|c| (scale(c), d.weights)));
        let axis = if matches!(prior, Prior::LogNormal { .. }) { AxisKind::Log } else { AxisKind::Linear };
        let Some(summary) = summarise(&even(before.len()), &before) else { continue };
        rows.push(Parameter {
            key: key.clone(),
            label: meta.description.trim_end_matches('.').replace('`', ""),
            measure,
            grade: meta.grade.to_string(),
            prior: summary,
            posterior: after.as_ref().and_then(|(values, weights)| summarise(weights, values)),
            verdict: draws.and_then(|d| d.verdicts.get(key).copied()),
            density: Density::from_draws(axis, &before, after.as_ref().map(|(v, w)| (v.as_slice(), *w)), BINS),
        });
    }
    rows
}

/// Whether the hazard of an attempt is a product of terms under a rule of decision, by its key.
#[must_use]
pub fn is_product(rule: &str) -> bool {
    matches!(rule, "m1" | "m4" | "m5")
}

/// What each term of the decision does to the hazard of starting an attempt in a run at the values of the scenario.
#[must_use]
pub fn terms_at_values(scenario: &Scenario) -> Vec<Term> {
    let terms = terms(scenario, None).into_iter();
    let held = |term: Term| Term { prior: constant(term.value), held: true, ..term };
    terms.map(held).collect()
}

/// The same before the claims, and after them where there are draws.
#[must_use]
pub fn terms(scenario: &Scenario, draws: Option<Draws<'_>>) -> Vec<Term> {
    let belief = scenario.canonical("home.hostage.belief").unwrap_or(0.0);
    type Row = (&'static str, &'static str, &'static str, Box<dyn Fn(f64) -> f64>);
    if !is_product(scenario.rule) {
        return Vec::new();
    }
    let falls = || Box::new(|beta: f64| math::exp(-beta));
    let rows: [Row; 10] = [
        (
            "exit.attempt.hostage_effect",
            "Kin held at home",
            "from no kin at risk to the mean",
            Box::new(move |beta| math::exp(-beta * belief)),
        ),
        ("exit.attempt.danger_effect", "Perceived danger", "from none to full danger", Box::new(math::exp)),
        ("exit.attempt.loyalty_effect", "Private loyalty", "one standard deviation more", falls()),
        ("exit.attempt.exposure_effect", "Exposure to life abroad", "from none to full exposure", Box::new(math::exp)),
        ("exit.attempt.fear_effect", "Fear and fatigue", "from none to full", Box::new(math::exp)),
        ("exit.attempt.success_effect", "Known successes", "from none known to many", Box::new(math::exp)),
        ("exit.attempt.catch_effect", "Expected to be caught", "from never to surely", falls()),
        ("exit.attempt.trust_effect", "Trust in loyal mates", "from no trust to full trust", falls()),
        ("exit.attempt.opportunity_rear", "Opportunity in the rear", "behind the front, not at it", Box::new(|o| o)),
        ("exit.attempt.opportunity_border", "Opportunity at a border", "at a border, not the front", Box::new(|o| o)),
    ];
    let mut out = Vec::new();
    for (key, label, contrast, factor) in rows {
        let Some(value) = scenario.values.get(key) else { continue };
        let Ok(prior) = value.meta.parsed_prior() else { continue };
        let inferred = scenario.infer.parameters.iter().any(|k| k == key);
        let before = if inferred { prior_values(prior, value.canonical) } else { vec![value.canonical] };
        let map = |values: &[f64]| values.iter().map(|x| factor(*x)).collect::<Vec<f64>>();
        let before = map(&before);
        let after = draws.and_then(|d| d.columns.get(key).and_then(|c| summarise(d.weights, &map(c))));
        let held = draws.map(|_| constant(factor(value.canonical)));
        out.push(Term {
            name: key.to_owned(),
            label: label.to_owned(),
            contrast: contrast.to_owned(),
            value: factor(value.canonical),
            prior: summarise(&even(before.len()), &before).unwrap_or(constant(1.0)),
            posterior: after.or(if inferred { None } else { held }),
            // Of what is not inferred nothing is learnt.
            verdict: draws.and_then(|d| d.verdicts.get(key).copied().or((!inferred).then_some(Verdict::NotIdentified))),
            held: draws.is_some() && !inferred,
        });
    }
    out
}

/// All resolved values.
#[must_use]
pub fn assumptions(scenario: &Scenario) -> Vec<Assumption> {
    scenario
        .values
        .iter()
        .map(|(key, value)| Assumption {
            key: key.clone(),
            value: value.as_written.clone(),
            grade: value.meta.grade.to_string(),
            origin: value.origin.to_string(),
            source: value.meta.source.to_owned(),
            why: value.meta.why.to_owned(),
        })
        .collect()
}
