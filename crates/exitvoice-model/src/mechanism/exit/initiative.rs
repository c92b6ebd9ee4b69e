//! # Initiative
//! How much a soldier does in combat beyond what he must: an output, read by nothing.
//!
//! ## Equation
//! `g = g0 + g1 L - g2 iota^ - g3 b H`
//! ## Symbols
//! L: private loyalty; iota^: believed share of informers; b: belief that kin will be punished; H: hostage weight
//! ## Resolution
//! on demand, from the state of a day
//! ## Not modelled
//! any effect on danger or success in combat
//! ## Sources
//! `rozenas2024`: coercion buys obedience and costs initiative
//! ## Claims
//! C1 coercion lowers initiative, P1 (`coercion_lowers_initiative`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::ModelVersion;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "exit.initiative",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["soldiers.private_loyalty", "soldiers.hostage", "soldiers.penalty_belief", "squads.informer_fear"],
    writes: &[],
    posts: &[],
};

/// Parameters of initiative.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.initiative", part = Force)]
pub struct Params {
    /// Initiative of a soldier of mean loyalty without informers and without kin at risk.
    #[param(symbol = "g0", default = "1", prior = "fixed", grade = Definition, why = "sets the scale of initiative")]
    pub base: f64,
    /// Rise of initiative per standard deviation of private loyalty.
    #[param(symbol = "g1", default = "0.2", prior = "half_normal(0.2)", grade = Assumed, why = "sign only; a fifth of the base")]
    pub loyalty_effect: f64,
    /// Fall of initiative per unit of the believed share of informers.
    #[param(symbol = "g2", default = "4", prior = "half_normal(4)", grade = Assumed, source = "rozenas2024", why = "sign only; at one in eighteen a fall of a fifth")]
    pub informer_effect: f64,
    /// Fall of initiative per unit of believed hostage weight.
    #[param(symbol = "g3", default = "0.3", prior = "half_normal(0.3)", grade = Assumed, source = "rozenas2024", why = "sign only; at the reference of .6 a fall of a fifth")]
    pub hostage_effect: f64,
}

/// The equation.
#[must_use]
pub fn initiative(params: &Params, private_loyalty: f64, believed_informers: f64, belief: f64, hostage: f64) -> f64 {
    params.base + params.loyalty_effect * private_loyalty
        - params.informer_effect * believed_informers
        - params.hostage_effect * belief * hostage
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn coercion_lowers_initiative() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let free = initiative(&params, 0.0, 0.0, 0.0, 1.0);
        assert!((free - 1.0).abs() < 1e-15);
        assert!(initiative(&params, 0.0, 1.0 / 18.0, 0.6, 1.0) < free);
        assert!(initiative(&params, 1.0, 0.0, 0.0, 1.0) > free);
        // The terms by hand: 1 + loyalty - 4 of the informers - .3 of what is believed to happen to the hostages.
        let found = initiative(&params, 0.5, 0.05, 0.6, 2.5);
        let by_hand = 1.0 + params.loyalty_effect * 0.5 - 4.0 * 0.05 - 0.3 * 0.6 * 2.5;
        assert!((found - by_hand).abs() < 1e-15, "{found} {by_hand}");
    }
}
