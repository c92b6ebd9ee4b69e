//! What the data said about a parameter: whether its law became narrower, or only moved.

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
