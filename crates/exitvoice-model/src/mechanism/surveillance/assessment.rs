//! # Assessment
//! Political officers rate everybody in their company, officers included; the battalion's rates the company's.
//!
//! ## Equation
//! `rating = y + s e`, e ~ N(0, 1); its weight in the ranking is the log-likelihood ratio of a disloyal against a loyal face,
//! `(1/2 - rating) / s^2`
//! ## Symbols
//! y: the public face on the day of the assessment, 1 loyal, 0 not; s: error of the rating
//! ## Resolution
//! every `interval` days since the arrival of a company's first squad: the faces of all present are noted; the error is an
//! addressed draw of (officer and soldier, number of the assessment), evaluated where a ranking reads it
//! ## Not modelled
//! favours, quotas of praise, ratings of ability
//! ## Sources
//! KP024: one political officer in each company, who rates the commander
//! ## Claims
//! C1 a noisier rating weighs less (`a_noisier_rating_weighs_less`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, ModelVersion};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "surveillance.assessment",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["soldiers.face", "soldiers.status"],
    writes: &["soldiers.assessed_face"],
    posts: &[],
};

/// Parameters of assessments.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "surveillance.assessment", part = Force)]
pub struct Params {
    /// Time between two assessments of a soldier.
    #[param(default = "30 d", prior = "log_normal(30 d, 0.5)", grade = Assumed, source = "KP024", why = "ratings are reported, their beat is not; a month")]
    pub interval: Days,
    /// Standard deviation of the rating's error, where a loyal face counts 1 and another 0.
    #[param(symbol = "s", default = "1", prior = "log_normal(1, 0.5)", grade = Assumed, why = "as much error as truth; no source found")]
    pub noise: f64,
}

/// Weight of a rating in the ranking of the suspect, in units of log-likelihood. `u` is the uniform behind the error.
#[must_use]
pub fn weight(params: &Params, loyal_face: bool, u: f64) -> f64 {
    let rating = f64::from(u8::from(loyal_face)) + params.noise * math::normal_quantile(u);
    (1.0 / 2.0 - rating) / (params.noise * params.noise)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_noisier_rating_weighs_less() {
        let params = |noise| Params { interval: Days(30.0), noise };
        for noise in [0.5, 1.0, 3.0] {
            let gap = weight(&params(noise), false, 0.3) - weight(&params(noise), true, 0.3);
            assert!((gap - 1.0 / (noise * noise)).abs() < 1e-12);
        }
        assert!((weight(&params(1.0), true, 0.5) + 0.5).abs() < 1e-12, "a median rating of a loyal face clears him");
    }
}
