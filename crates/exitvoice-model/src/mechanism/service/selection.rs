//! # Selection for deployment
//! Who is sent: eligible soldiers ranked by a noisy loyalty score.
//!
//! ## Equation
//! s ~ N(0, 1) given s > z(1 - q); `L = rho s + sqrt(1 - rho^2) e`, e ~ N(0, 1)
//! ## Symbols
//! s: loyalty score of those selected; q: share selected; rho: correlation of the score with private loyalty;
//! L: private loyalty in standard deviations of the eligible
//! ## Resolution
//! once: candidates are a random subset of the eligible, and each draws its score from the law above the cut, so that a
//! small country does not send worse men
//! ## Not modelled
//! officers, specialists, volunteers, quotas by province
//! ## Sources
//! `domain` c: men, mostly in their early twenties; hostile families usually not drafted
//! ## Claims
//! C1 the mean of the selected follows the truncated normal (`the_selected_have_the_known_mean`)

use crate::schedule::{Spec, Stage};
use crate::society::person::Class;
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::Draws;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "service.selection",
    stage: Stage::Selection,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.class", "persons.birth"],
    writes: &["soldiers.private_loyalty"],
    posts: &[],
};

/// Parameters of selection.
#[derive(Clone, Copy, Debug, PartialEq, Params)]
#[params(prefix = "service.selection", part = Force)]
pub struct Params {
    /// Share of eligible soldiers selected at full scale.
    #[param(symbol = "q_ref", default = "0.02", prior = "beta(2, 98)", grade = Assumed, why = "15 thousand of an army of .7 to 1.15 million less the ineligible", lever)]
    pub share_selected: Share,
    /// Correlation between the score and private loyalty.
    #[param(symbol = "rho", default = "0.65", prior = "uniform(0.5, 0.8)", grade = Assumed, why = "a file kept for years, read by superiors: useful, far from perfect", lever)]
    pub correlation: Share,
}

/// Least age of soldiers who can be sent, at the freeze, in years: conscripted at 17, the deployed said to be in their late teens and
/// early twenties (DP021).
pub const LEAST_AGE_YEARS: f64 = 18.0;

/// Whether the class is drafted and sent.
#[must_use]
pub const fn class_is_eligible(class: Class) -> bool {
    !matches!(class, Class::Hostile)
}

/// Private loyalty of a selected soldier.
#[must_use]
pub fn private_loyalty(params: &Params, score: Draws, noise: Draws, key: u64) -> f64 {
    let q = params.share_selected.value();
    let rho = params.correlation.value();
    // The upper tail by symmetry: -quantile(q u) keeps precision where 1 - q u would round.
    let s = -math::normal_quantile(q * score.uniform(key, 0));
    rho * s + (1.0 - rho * rho).sqrt() * math::normal_quantile(noise.uniform(key, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    #[test]
    fn the_selected_have_the_known_mean() {
        let n = 40_000;
        let (score, noise) =
            (Draws::new(Seed(3), Purpose::SelectionScore), Draws::new(Seed(3), Purpose::PrivateLoyalty));
        for (q, mean) in [(0.01, 2.665), (0.05, 2.063), (0.1, 1.755), (0.5, 0.798)] {
            let params = Params { share_selected: Share::clamped(q), correlation: Share::clamped(0.65) };
            let sum: f64 = (0..n).map(|key| private_loyalty(&params, score, noise, key)).sum();
            let found = sum / n as f64;
            // The standard deviation of L is below one: four standard errors.
            assert!((found - 0.65 * mean).abs() < 4.0 / (n as f64).sqrt(), "q {q}: {found}");
        }
    }
}
