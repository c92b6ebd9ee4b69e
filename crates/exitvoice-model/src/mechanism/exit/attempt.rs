//! # Desertion attempt
//! A soldier starts to leave the unit and does not mean to return. The equation is that of decision rule M1, random utility;
//! the rival rules stand in `decision`.
//!
//! ## Equation
//! rate = O_z exp(alpha + beta_V (E - .5) + beta_D (D - .05) + beta_F F + gamma K - beta_C (q^ - .5) - beta_S (S - .5)) x
//! exp(-beta_L L - beta_H (b H - .6))   [1/day]
//! ## Symbols
//! exp(alpha): rate of the reference soldier; O_z: opportunity of the zone, 1 at the front; E: exposure of the wave; D, F, K,
//! q^: perceived danger, fear, known successes, perceived probability of being caught of the squad; S: the soldier's trust in
//! mates who show loyalty; L: private loyalty; H: hostage weight; b: belief that kin will be punished
//! ## Resolution
//! cause `Attempt`, one clock per life and occurrence; the first factor belongs to the squad and day, the second to the
//! person and changes at events only; the factor of S is taken when the clock of its highest value fires (`mind.trust`)
//! ## Not modelled
//! desertion on leave; bribing of guards
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 more at stake at home, fewer attempts, P3 (`kin_deters`); C2 a rate of zero means none (`zero_rate_means_no_attempts`);
//! C3 each term moves the hazard by its sign and vanishes at its reference, P4 P9 P13 (`every_term_has_its_sign`)

use crate::decision;
use crate::force::plan::Zone;
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
    reads: &[
        "waves.exposure",
        "squads.danger",
        "squads.fear",
        "squads.successes",
        "squads.catch_belief",
        "squads.bond",
        "squads.zone",
        "soldiers.private_loyalty",
        "soldiers.hostage",
        "soldiers.penalty_belief",
    ],
    writes: &[],
    posts: &[Cause::Attempt],
};

/// Parameters of the decision.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.attempt", part = Force)]
pub struct Params {
    /// Attempts begun by the reference soldier.
    #[param(symbol = "exp(alpha)", default = "0.003 /yr", prior = "log_normal(0.003 /yr, 1.8)", grade = Analogue, source = "DR069, DR070", why = "US 2007 9, US 1971 34, workers in Russia 10-30 unconfirmed and .1-1 confirmed, per 1,000 and year")]
    pub base_rate: Hazard,
    /// Fall of the log-hazard per standard deviation of private loyalty.
    #[param(symbol = "beta_L", default = "1", prior = "fixed", grade = Definition, why = "sets the scale of loyalty")]
    pub loyalty_effect: f64,
    /// How strongly kin held at home deter: fall of the log-hazard per unit of believed hostage weight.
    #[param(symbol = "beta_H", default = "2", prior = "half_normal(2)", grade = Assumed, source = "edele2017", why = "sign only", lever)]
    pub hostage_effect: f64,
    /// How strongly danger drives: rise of the log-hazard from no danger to full danger.
    #[param(symbol = "beta_D", default = "3", prior = "half_normal(3)", grade = Assumed, source = "helmbold", why = "sign and convexity only")]
    pub danger_effect: f64,
    /// Change of the log-hazard from no exposure to full exposure.
    #[param(symbol = "beta_V", default = "2", prior = "normal(0, 2)", grade = Assumed, why = "prototype value; a better life in sight may draw or bind, so both signs are kept")]
    pub exposure_effect: f64,
    /// Rise of the log-hazard per unit of fear and fatigue.
    #[param(symbol = "beta_F", default = "1", prior = "half_normal(1)", grade = Assumed, source = "appel1946", why = "prototype value; sign only")]
    pub fear_effect: f64,
    /// Rise of the log-hazard from no known success to many.
    #[param(symbol = "gamma", default = "1.5", prior = "half_normal(1.5)", grade = Assumed, source = "lehmann2019", why = "prototype value; sign only")]
    pub success_effect: f64,
    /// Fall of the log-hazard from a perceived probability of being caught of 0 to 1.
    #[param(symbol = "beta_C", default = "2", prior = "half_normal(2)", grade = Assumed, source = "mclauchlin2020", why = "prototype value; sign only", lever)]
    pub catch_effect: f64,
    /// Fall of the log-hazard from no trust to full trust in mates who show loyalty.
    #[param(symbol = "beta_S", default = "1", prior = "half_normal(1)", grade = Assumed, source = "costa2003", why = "prototype value; sign only")]
    pub trust_effect: f64,
    /// Opportunity to leave behind the front, relative to the front.
    #[param(symbol = "O_rear", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "other side and borders are farther away", lever)]
    pub opportunity_rear: Share,
    /// Opportunity to leave at a border, relative to the front.
    #[param(symbol = "O_border", default = "1", prior = "log_normal(1, 0.5)", grade = Assumed, source = "mclauchlin2014", why = "prototype value; reachable uncontrolled ground raises it", lever)]
    pub opportunity_border: f64,
}

/// Reference values at which the terms vanish.
pub const REFERENCE_DANGER: f64 = 0.05;
/// Reference of believed hostage weight.
pub const REFERENCE_HOSTAGE: f64 = 0.6;
/// Reference of exposure, of the perceived probability of being caught, and of trust.
pub const REFERENCE_HALF: f64 = 0.5;

/// What a squad and its wave feel and expect: the squad's part of the decision reads nothing else.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SquadView {
    /// Exposure, E.
    pub exposure: f64,
    /// Perceived danger, D.
    pub danger: f64,
    /// Fear and fatigue, F.
    pub fear: f64,
    /// Known successes, K.
    pub successes: f64,
    /// Perceived probability of being caught, q^.
    pub catch_belief: f64,
}

/// Posts the squads' part of the hazard.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    decision::commons(world, hazards.of(Cause::Attempt));
}

/// Opportunity of a zone, relative to the front.
#[must_use]
pub const fn opportunity(params: &Params, zone: Zone) -> f64 {
    match zone {
        Zone::Rear => params.opportunity_rear.value(),
        Zone::Front => 1.0,
        Zone::Border => params.opportunity_border,
    }
}

/// The squad's factor relative to the reference, without opportunity and trust: 1 where every term vanishes.
#[inline]
#[must_use]
pub fn urge(params: &Params, view: &SquadView) -> f64 {
    math::exp(log_urge(params, view))
}

/// Its logarithm: the sum of the squad's terms.
#[inline]
#[must_use]
pub fn log_urge(params: &Params, view: &SquadView) -> f64 {
    params.exposure_effect * (view.exposure - REFERENCE_HALF)
        + params.danger_effect * (view.danger - REFERENCE_DANGER)
        + params.fear_effect * view.fear
        + params.success_effect * view.successes
        - params.catch_effect * (view.catch_belief - REFERENCE_HALF)
}

/// Factor of a soldier's trust in mates who show loyalty, S in [0, 1]: 1 at the reference.
#[must_use]
pub fn trust_factor(params: &Params, trust: f64) -> f64 {
    math::exp(-params.trust_effect * (trust - REFERENCE_HALF))
}

/// Its highest value over all S: without trust, or at full trust where the effect is negative.
#[must_use]
pub fn most_trust_factor(params: &Params) -> f64 {
    math::exp(params.trust_effect.abs() * REFERENCE_HALF)
}

/// The squad's part of the hazard, per day.
#[must_use]
pub fn common(params: &Params, view: &SquadView, zone: Zone) -> f64 {
    opportunity(params, zone) * params.base_rate.per_day_value() * urge(params, view)
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
        Params::from_resolved(&crate::mechanism::testing::defaults(Params::META)).expect("complete")
    }

    pub(crate) const REFERENCE: SquadView = SquadView {
        exposure: REFERENCE_HALF,
        danger: REFERENCE_DANGER,
        fear: 0.0,
        successes: 0.0,
        catch_belief: REFERENCE_HALF,
    };

    #[test]
    fn the_reference_soldier_has_the_base_rate() {
        let params = defaults();
        let rate = common(&params, &REFERENCE, Zone::Front) * personal(&params, 0.0, 0.6, 1.0);
        assert!((rate - 0.003 / 365.25).abs() < 1e-12);
        assert!((math::ln(rate) + 11.71).abs() < 0.01, "alpha is -11.71 per day");
    }

    #[test]
    fn every_term_has_its_sign() {
        let params = defaults();
        let at = |view| urge(&params, &view);
        assert!((at(REFERENCE) - 1.0).abs() < 1e-15);
        assert!((at(SquadView { exposure: 1.0, ..REFERENCE }) - math::exp(1.0)).abs() < 1e-12);
        assert!((at(SquadView { danger: 1.05, ..REFERENCE }) - math::exp(3.0)).abs() < 1e-10);
        assert!((at(SquadView { fear: 1.0, ..REFERENCE }) - math::exp(1.0)).abs() < 1e-12);
        assert!((at(SquadView { successes: 1.0, ..REFERENCE }) - math::exp(1.5)).abs() < 1e-12, "P9");
        assert!((at(SquadView { catch_belief: 1.0, ..REFERENCE }) - math::exp(-1.0)).abs() < 1e-12);
        assert!((trust_factor(&params, 1.0) - math::exp(-0.5)).abs() < 1e-12);
        assert!((trust_factor(&params, REFERENCE_HALF) - 1.0).abs() < 1e-15);
        assert!(personal(&params, 0.0, 0.8, 1.0) < personal(&params, 0.0, 0.6, 1.0), "P4: belief deters");
        assert!(opportunity(&params, Zone::Rear) < opportunity(&params, Zone::Front), "P13");
    }

    #[test]
    fn no_trust_lifts_the_hazard_above_its_bound() {
        for effect in [-1.5, 0.0, 1.0, 4.0] {
            let params = Params { trust_effect: effect, ..defaults() };
            for trust in [0.0, 0.3, 1.0] {
                assert!(trust_factor(&params, trust) <= most_trust_factor(&params));
            }
        }
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
        assert_eq!(common(&params, &SquadView { danger: 1.0, ..REFERENCE }, Zone::Front), 0.0);
    }
}
