//! # Desertion attempt
//! A soldier starts to leave the unit and does not mean to return (decision rule M1, random utility).
//!
//! ## Equation
//! rate = O_z exp(alpha + beta_D (D - .05)) x exp(-beta_L L - beta_H (b H - .6))   [1/day]
//! ## Symbols
//! exp(alpha): rate of the reference soldier; D: perceived danger of the squad; L: private loyalty; H: hostage weight;
//! b: belief that kin will be punished; O_z: opportunity, 1 at the front
//! ## Resolution
//! cause `Attempt`, one clock per life and occurrence; the first factor belongs to the squad and day, the second to the
//! person and changes at events only
//! ## Not modelled
//! exposure, fear, catch probability, successes known, trust (issue of the force); desertion on leave
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 more at stake at home, fewer attempts (`kin_deters`); C2 a rate of zero means none (`zero_rate_means_no_attempts`)

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Hazard, ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "exit.attempt",
    stage: Stage::Hazard,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["squads.danger", "squads.at_front", "soldiers.private_loyalty", "soldiers.hostage"],
    writes: &[],
    posts: &[Cause::Attempt],
};

/// Parameters of the decision.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.attempt", part = Force)]
pub struct Params {
    /// Attempts begun by the reference soldier, `exp(alpha)`.
    #[param(symbol = "exp(alpha)", default = "0.003 /yr", prior = "log_normal(0.003 /yr, 1.8)", grade = Analogue, why = "US 2007 9, US 1971 34, workers in Russia 10-30 unconfirmed and .1-1 confirmed, per 1,000 and year")]
    pub base_rate: Hazard,
    /// Fall of the log-hazard per standard deviation of private loyalty.
    #[param(symbol = "beta_L", default = "1", prior = "fixed", grade = Definition, why = "sets the scale of loyalty")]
    pub loyalty_effect: f64,
    /// Fall of the log-hazard per unit of believed hostage weight.
    #[param(symbol = "beta_H", default = "2", prior = "half_normal(2)", grade = Assumed, source = "edele2017", why = "sign only", lever)]
    pub hostage_effect: f64,
    /// Rise of the log-hazard from no danger to full danger.
    #[param(symbol = "beta_D", default = "3", prior = "half_normal(3)", grade = Assumed, source = "helmbold", why = "sign and convexity only")]
    pub danger_effect: f64,
    /// Opportunity to leave behind the front, relative to the front.
    #[param(symbol = "O_rear", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "other side and borders are farther away", lever)]
    pub opportunity_rear: Share,
}

/// Reference values at which the terms vanish.
pub const REFERENCE_DANGER: f64 = 0.05;
/// Reference of believed hostage weight.
pub const REFERENCE_HOSTAGE: f64 = 0.6;

/// Posts the squads' part of the hazard.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let params = &world.params.attempt;
    for (squad, hazard) in hazards.of(Cause::Attempt).iter_mut().enumerate() {
        *hazard = if world.squads.arrived[squad] {
            common(params, world.squads.danger[squad], world.squads.at_front[squad])
        } else {
            0.0
        };
    }
}

/// The squad's part, per day.
#[must_use]
pub fn common(params: &Params, danger: f64, at_front: bool) -> f64 {
    let opportunity = if at_front { 1.0 } else { params.opportunity_rear.value() };
    opportunity * params.base_rate.per_day_value() * math::exp(params.danger_effect * (danger - REFERENCE_DANGER))
}

/// The person's part: 1 for the reference soldier.
#[must_use]
pub fn personal(params: &Params, private_loyalty: f64, belief: f64, hostage: f64) -> f64 {
    math::exp(-params.loyalty_effect * private_loyalty - params.hostage_effect * (belief * hostage - REFERENCE_HOSTAGE))
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn defaults() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("valid"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn the_reference_soldier_has_the_base_rate() {
        let params = defaults();
        let rate = common(&params, REFERENCE_DANGER, true) * personal(&params, 0.0, 0.6, 1.0);
        assert!((rate - 0.003 / 365.25).abs() < 1e-12);
        assert!((math::ln(rate) + 11.71).abs() < 0.01, "alpha is -11.71 per day");
    }

    #[test]
    fn kin_deters() {
        let params = defaults();
        let mut last = f64::INFINITY;
        for hostage in [0.0, 0.5, 1.0, 2.0, 4.0] {
            let now = personal(&params, 0.3, 0.6, hostage);
            assert!(now < last);
            last = now;
        }
    }

    #[test]
    fn zero_rate_means_no_attempts() {
        let params = Params { base_rate: Hazard::ZERO, ..defaults() };
        assert_eq!(common(&params, 1.0, true), 0.0);
    }
}
