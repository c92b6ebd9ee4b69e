//! What the data said about a parameter: whether its law became narrower, or only moved.

use super::ess::effective_size;
use crate::output::{quantile, weighted_mean};

/// A posterior whose standard deviation is above this share of the prior's is not narrowed.
const NARROWED: f64 = 0.8;
/// A median that moved by less than this many prior standard deviations did not move.
const MOVED: f64 = 0.3;

/// Label of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// The posterior is the prior, within what matters: the data say nothing.
    NotIdentified,
    /// The data moved the parameter but did not make it more certain.
    ShiftedNotNarrowed,
    /// The data made the parameter more certain.
    Identified,
}

/// How far the posterior is from the prior, on the real line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identification {
    /// What to call it.
    pub label: Label,
    /// Posterior over prior standard deviation.
    pub sd_ratio: f64,
    /// Posterior minus prior median, in prior standard deviations.
    pub median_shift: f64,
}

/// Compares prior and posterior draws of one parameter, both on the real line. `None` where either has no weight or the
/// prior does not vary.
#[must_use]
pub fn identify(
    prior_weights: &[f64],
    prior: &[f64],
    posterior_weights: &[f64],
    posterior: &[f64],
) -> Option<Identification> {
    let spread = sd(prior_weights, prior)?;
    if spread <= 0.0 {
        return None;
    }
    let sd_ratio = sd(posterior_weights, posterior)? / spread;
    let median_shift = (quantile(posterior_weights, posterior, 0.5)? - quantile(prior_weights, prior, 0.5)?) / spread;
    let label = match (sd_ratio > NARROWED, median_shift.abs() < MOVED) {
        (true, true) => Label::NotIdentified,
        (true, false) => Label::ShiftedNotNarrowed,
        (false, _) => Label::Identified,
    };
    Some(Identification { label, sd_ratio, median_shift })
}

/// The same of a number whose draws may be few or nearly all alike, as those of rare events are: it counts as narrowed only where that stands
/// beyond the error of both spreads ([`Spread`]).
#[must_use]
pub fn identify_beyond_error(
    prior_weights: &[f64],
    prior: &[f64],
    posterior_weights: &[f64],
    posterior: &[f64],
) -> Option<Identification> {
    let found = identify(prior_weights, prior, posterior_weights, posterior)?;
    let (before, after) = (Spread::of(prior_weights, prior)?, Spread::of(posterior_weights, posterior)?);
    let step = posterior.iter().chain(prior).fold(f64::INFINITY, |least, x| {
        let apart = (x - posterior[0]).abs();
        if apart > 0.0 { least.min(apart) } else { least }
    });
    let narrowed = after.at_most(step) <= NARROWED * NARROWED * before.at_least();
    let label = match found.label {
        Label::Identified if narrowed => Label::Identified,
        Label::Identified if found.median_shift.abs() >= MOVED => Label::ShiftedNotNarrowed,
        Label::Identified => Label::NotIdentified,
        other => other,
    };
    Some(Identification { label, ..found })
}

/// Standard errors that a variance is allowed to be off by.
const ERRORS: f64 = 2.0;
/// Of so many draws that are all alike, one in a third as many could have been another: the chance of none is then one in twenty.
const RULE_OF_THREE: f64 = 3.0;

/// A variance with its standard error.
struct Spread {
    variance: f64,
    /// Relative to the variance, from the fourth moment and the effective number of draws.
    error: f64,
    draws: f64,
}

impl Spread {
    fn of(weights: &[f64], values: &[f64]) -> Option<Self> {
        let sd = sd(weights, values)?;
        let variance = sd * sd;
        let draws = effective_size(0..weights.len(), weights);
        let mean = weighted_mean(weights, values);
        let fourths: Vec<f64> = values.iter().map(|x| (x - mean) * (x - mean) * (x - mean) * (x - mean)).collect();
        let excess = weighted_mean(weights, &fourths) / (variance * variance) - 1.0;
        Some(Self { variance, error: (excess.max(0.0) / draws).sqrt(), draws })
    }

    /// Least variance within the error.
    fn at_least(&self) -> f64 {
        self.variance * (1.0 - ERRORS * self.error).max(0.0)
    }

    /// Largest variance within the error; of draws that are all alike, that of one in a third as many being `step` away.
    fn at_most(&self, step: f64) -> f64 {
        if self.variance > 0.0 {
            self.variance * (1.0 + ERRORS * self.error)
        } else {
            RULE_OF_THREE / self.draws * step * step
        }
    }
}

fn sd(weights: &[f64], values: &[f64]) -> Option<f64> {
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let mean = weighted_mean(weights, values);
    let square: f64 = weights.iter().zip(values).map(|(w, x)| w * (x - mean) * (x - mean)).sum();
    Some((square / total).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::math::normal_quantile;

    #[test]
    fn a_spread_that_rests_on_few_draws_narrows_nothing() {
        // One in a hundred differs before the claims; after them, none of fifty: chance would do as much.
        let rare: Vec<f64> = (0..2_000).map(|i| if i % 100 == 0 { 1.1 } else { 0.0 }).collect();
        let label = |before: &[f64], after: &[f64]| {
            let [w, v] = [before, after].map(|x| vec![1.0; x.len()]);
            identify_beyond_error(&w, before, &v, after).map(|i| i.label)
        };
        let plain = identify(&[1.0; 2_000], &rare, &[1.0; 50], &[0.0; 50]).map(|i| i.label);
        assert_eq!((plain, label(&rare, &[0.0; 50])), (Some(Label::Identified), Some(Label::NotIdentified)));
        // None of three thousand is no chance.
        assert_eq!(label(&rare, &[0.0; 3_000]), Some(Label::Identified));
        // One in ten thousand before: how much the number varied is not known itself.
        let hardly: Vec<f64> = (0..10_000).map(|i| if i == 7 { 1.1 } else { 0.0 }).collect();
        assert_eq!(label(&hardly, &[0.0; 100_000]), Some(Label::NotIdentified));
        assert_eq!(label(&[0.0; 9], &[0.0; 9]), None);
        // Many draws of two smooth laws: as without the error, but at the threshold itself.
        let n = 10_001;
        let normal: Vec<f64> = (0..n).map(|i| normal_quantile((f64::from(i) + 0.5) / f64::from(n))).collect();
        let scaled = |by: f64, shift: f64| normal.iter().map(|z| shift + by * z).collect::<Vec<f64>>();
        assert_eq!(label(&normal, &scaled(0.7, 0.0)), Some(Label::Identified));
        assert_eq!(label(&normal, &scaled(0.79, 0.0)), Some(Label::NotIdentified));
        assert_eq!(label(&normal, &scaled(0.79, 0.5)), Some(Label::ShiftedNotNarrowed));
        assert_eq!(label(&normal, &scaled(0.9, 0.0)), Some(Label::NotIdentified));
    }

    #[test]
    fn labels_follow_the_two_thresholds() {
        let n = 1_001;
        let normal: Vec<f64> = (0..n).map(|i| normal_quantile((f64::from(i) + 0.5) / f64::from(n))).collect();
        let weights = vec![1.0; normal.len()];
        let label = |scale: f64, shift: f64| {
            let moved: Vec<f64> = normal.iter().map(|z| shift + scale * z).collect();
            identify(&weights, &normal, &weights, &moved).map(|i| i.label)
        };
        assert_eq!(label(0.81, 0.29), Some(Label::NotIdentified));
        assert_eq!(label(1.3, -0.2), Some(Label::NotIdentified));
        assert_eq!(label(0.81, -0.31), Some(Label::ShiftedNotNarrowed));
        assert_eq!(label(0.79, 0.0), Some(Label::Identified));
        assert_eq!(label(0.5, 2.0), Some(Label::Identified));
        assert_eq!(identify(&weights, &normal, &vec![0.0; normal.len()], &normal), None);
        assert_eq!(identify(&weights, &vec![1.0; normal.len()], &weights, &normal), None);
    }
}
