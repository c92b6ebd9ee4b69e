//! # Capture
//! A soldier in combat comes to the point of being taken: he is captured alive or kills himself.
//!
//! ## Equation
//! rate = c h(phase) at the front   [1/day]; alive with probability 1 - psi
//! ## Symbols
//! c: opportunities of capture per casualty incident; psi: share of opportunities that end in suicide
//! ## Resolution
//! cause `Capture`, one clock per life; the outcome is one addressed draw
//! ## Not modelled
//! wounded prisoners, death in custody, surrender as a choice
//! ## Sources
//! DP054: two prisoners alive; DP045: a few who died
//! ## Claims
//! C1 suicide is a share of opportunities, not a hazard of its own (`opportunities_split_into_two`)

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Probability, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "danger.capture",
    stage: Stage::Hazard,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["squads.at_front", "plan.phases"],
    writes: &[],
    posts: &[Cause::Capture],
};

/// Parameters of capture.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "danger.capture", part = Force)]
pub struct Params {
    /// Opportunities of capture per casualty incident.
    #[param(symbol = "c", default = "0.01", prior = "beta(0.5, 20)", grade = Analogue, why = "Second World War infantry: from one in a thousand in attack to several in ten in collapse")]
    pub opportunity: Share,
    /// Share of opportunities that end in suicide rather than capture.
    #[param(symbol = "psi", default = "0.8", prior = "beta(8, 2)", grade = Assumed, why = "reported orders and cases; only the product with the opportunity shows")]
    pub suicide_share: Share,
}

/// Posts the hazard of an opportunity.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let rate = world.phase_hazard() * world.params.capture.opportunity.value();
    for (squad, hazard) in hazards.of(Cause::Capture).iter_mut().enumerate() {
        *hazard = if world.squads.at_front[squad] { rate } else { 0.0 };
    }
}

/// Probability that an opportunity ends alive in custody.
#[must_use]
pub fn alive(params: &Params) -> Probability {
    Probability::clamped(1.0 - params.suicide_share.value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opportunities_split_into_two() {
        let params = Params { opportunity: Share::clamped(0.01), suicide_share: Share::clamped(0.75) };
        assert!((alive(&params).value() + params.suicide_share.value() - 1.0).abs() < 1e-15);
    }
}
