//! # Denunciation
//! Informers in the squad report their mates, rightly and wrongly; those in whom a plan is confided may report it.
//!
//! ## Equation
//! rate = n x (phi, or sigma' for one who shows a sign)   [1/day]; told of a plan: an informer reports it with probability
//! sigma, another with `delta0 logistic(L)`
//! ## Symbols
//! n: present informers of the squad, without the soldier himself; a sign: a face that is not loyal; L: private loyalty
//! ## Resolution
//! cause `Denunciation` of the one denounced, one clock per life and occurrence; which informer, and whether it becomes
//! known in the squad, by addressed draws; reports of plans inside the stage `Event`, at the hour of asking
//! ## Not modelled
//! denunciation out of spite or for reward; informers who invent plans; leaders who hide reports
//! ## Sources
//! KP029: six to seven informers in a company
//! ## Claims
//! C1 a cell free of informers has the hypergeometric probability, A13 (`a_clean_cell_has_the_hypergeometric_probability`);
//! C2 the worth of a denunciation follows Bayes' rule, A13 (`the_worth_of_a_denunciation_is_that_of_bayes_rule`)

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Hazard, ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "surveillance.denunciation",
    stage: Stage::Hazard,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.arrived", "squads.informers", "soldiers.face"],
    writes: &[],
    posts: &[Cause::Denunciation],
};

/// Parameters of denunciations.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "surveillance.denunciation", part = Force)]
pub struct Params {
    /// Share of soldiers who are secret informers.
    #[param(symbol = "iota", default = "0.0556", prior = "beta(5, 85)", grade = Measured, source = "KP029", why = "6 to 7 in a company of about 120: one in eighteen", lever)]
    pub informer_share: Share,
    /// Probability that an informer who is told of a plan reports it.
    #[param(symbol = "sigma", default = "0.35", prior = "beta(3.5, 6.5)", grade = Assumed, why = "prototype value", lever)]
    pub told: Share,
    /// Denunciations by an informer of one mate who showed a sign.
    #[param(symbol = "sigma'", default = "0.02 /d", prior = "log_normal(0.02 /d, 1)", grade = Assumed, why = "a sign is reported within weeks, more slowly than a plan")]
    pub sign_rate: Hazard,
    /// Denunciations by an informer of one innocent mate.
    #[param(symbol = "phi", default = "0.0001 /d", prior = "log_normal(0.0001 /d, 1)", grade = Assumed, why = "prototype value; worse signals hit more innocents")]
    pub innocent_rate: Hazard,
    /// Probability that a mate of full loyalty who is no informer denounces a plan confided to him.
    #[param(symbol = "delta0", default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "below an informer's; mates rarely speak")]
    pub others: Share,
    /// Probability that a denunciation becomes known in the squad.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "sources are protected; arrests let mates guess")]
    pub becomes_known: Share,
    /// Probability that the informer behind a denunciation that became known is recognised.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "a squad is small and counts who was near; no source found")]
    pub recognised: Share,
}

/// Posts the presence of the squad; everything else about the rate belongs to the soldier.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let on = world.informer_share > 0.0;
    for (hazard, arrived) in hazards.of(Cause::Denunciation).iter_mut().zip(&world.squads.arrived) {
        *hazard = if *arrived && on { 1.0 } else { 0.0 };
    }
}

/// Rate at which a soldier is denounced, per day.
#[must_use]
pub fn rate(params: &Params, informers: u32, sign: Sign) -> f64 {
    let each = match sign {
        Sign::Shown => params.sign_rate,
        Sign::None => params.innocent_rate,
    };
    f64::from(informers) * each.per_day_value()
}

/// Whether a soldier shows that he is not loyal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// His face is not loyal.
    Shown,
    /// It is.
    None,
}

/// Probability that one who is told of a plan, and does not join it, reports it.
#[must_use]
pub fn reports_plan(params: &Params, informer: Informer, private_loyalty: f64) -> f64 {
    match informer {
        Informer::Yes => params.told.value(),
        Informer::No => params.others.value() * math::logistic(private_loyalty),
    }
}

/// Whether a soldier is a secret informer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Informer {
    /// He is.
    Yes,
    /// He is not.
    No,
}

/// Share of the denounced who are guilty: `s pi / (s pi + f (1 - pi))`, at sensitivity s, false-positive rate f, prevalence pi.
#[must_use]
pub fn predictive_value(sensitivity: f64, false_positive: f64, prevalence: f64) -> f64 {
    let hits = sensitivity * prevalence;
    hits / (hits + false_positive * (1.0 - prevalence))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn the_worth_of_a_denunciation_is_that_of_bayes_rule() {
        for (prevalence, expected) in [(0.001, 6.0 / 105.9), (0.01, 6.0 / 15.9), (0.05, 30.0 / 39.5)] {
            assert!((predictive_value(0.6, 0.01, prevalence) - expected).abs() < 1e-12);
        }
    }

    #[test]
    fn a_sign_is_denounced_faster_and_informers_report_more_than_mates() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        assert!(rate(&params, 1, Sign::Shown) > 100.0 * rate(&params, 1, Sign::None));
        assert!((rate(&params, 2, Sign::None) - 2e-4).abs() < 1e-15);
        assert!(rate(&params, 0, Sign::Shown).abs() < 1e-300);
        assert!(reports_plan(&params, Informer::Yes, 0.0) > reports_plan(&params, Informer::No, 5.0));
        assert!(reports_plan(&params, Informer::No, 2.0) > reports_plan(&params, Informer::No, -2.0));
    }
}
