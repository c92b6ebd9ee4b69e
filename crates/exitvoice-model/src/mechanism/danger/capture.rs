//! # Capture
//! A soldier in combat comes to the point of being taken: he is captured alive or kills himself.
//!
//! ## Equation
//! rate = c h(phase) a at the front and at a border, a the role's factor of `danger.combat`   [1/day]; taken alive with
//! probability 1 - psi; of those taken a share dies in custody within days
//! ## Symbols
//! c: opportunities of capture per casualty incident; psi: share of opportunities that end in suicide
//! ## Resolution
//! cause `Capture`, one clock per life; outcome and death in custody are addressed draws
//! ## Not modelled
//! wounds of prisoners, exchange of prisoners; surrender is a cause of its own
//! ## Sources
//! DP054: two prisoners alive; DP045: a few who died
//! ## Claims
//! C1 suicide is a share of opportunities, not a hazard of its own (`opportunities_split_into_two`)

use crate::force::plan::Zone;
use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Probability, Share};
use exitvoice_core::rng::{Block, sample};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "danger.capture",
    stage: Stage::Hazard,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["squads.zone", "squads.assault", "plan.phases"],
    writes: &[],
    posts: &[Cause::Capture],
};

/// Parameters of capture.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "danger.capture", part = Force)]
pub struct Params {
    /// Opportunities of capture per casualty incident.
    #[param(symbol = "c", default = "0.01", prior = "beta(0.5, 20)", grade = Analogue, source = "DR023", why = "Second World War infantry: from one in a thousand in attack to several in ten in collapse")]
    pub opportunity: Share,
    /// Share of opportunities that end in suicide rather than capture.
    #[param(symbol = "psi", default = "0.8", prior = "beta(8, 2)", grade = Assumed, why = "reported orders and cases; only the product with the opportunity shows")]
    pub suicide_share: Share,
    /// Probability that a captured soldier dies in custody.
    #[param(default = "0.5", prior = "beta(2, 2)", grade = Assumed, source = "DP045", why = "a few are said to have died of wounds, two to have lived")]
    pub dies_in_custody: Share,
}

/// Mean time from capture to a death in custody, in days: those who die of their wounds do so early.
pub const CUSTODY_DAYS: f64 = 3.0;

/// Posts the hazard of an opportunity.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let rate = world.phase_hazard() * world.params.capture.opportunity.value();
    let squads = &world.squads;
    for (hazard, (zone, role)) in hazards.of(Cause::Capture).iter_mut().zip(squads.zone.iter().zip(&squads.assault)) {
        *hazard = if *zone == Zone::Rear { 0.0 } else { rate * role };
    }
}

/// Probability that an opportunity ends alive in custody, for good.
#[must_use]
pub fn alive(params: &Params) -> Probability {
    Probability::clamped((1.0 - params.suicide_share.value()) * (1.0 - params.dies_in_custody.value()))
}

/// What becomes of one who could be taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// He kills himself.
    Suicide,
    /// He is taken and lives.
    Alive,
    /// He is taken and dies after so many days.
    DiesAfter(f64),
}

/// Outcome of an opportunity from its block of draws and that of the custody.
#[must_use]
pub fn outcome(params: &Params, taken: Block, custody: Block) -> Outcome {
    if taken.uniform() < params.suicide_share.value() {
        Outcome::Suicide
    } else if custody.uniform() < params.dies_in_custody.value() {
        Outcome::DiesAfter(sample::exponential(custody.second(), CUSTODY_DAYS))
    } else {
        Outcome::Alive
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    #[test]
    fn opportunities_split_into_two() {
        let params = Params {
            opportunity: Share::clamped(0.01),
            suicide_share: Share::clamped(0.75),
            dies_in_custody: Share::clamped(0.4),
        };
        let (taken, custody) = (Draws::new(Seed(1), Purpose::CaptureOutcome), Draws::new(Seed(1), Purpose::Custody));
        let n = 20_000;
        let of = |key| outcome(&params, taken.block(key, 0), custody.block(key, 0));
        let count = |is: &dyn Fn(Outcome) -> bool| (0..n).filter(|key| is(of(*key))).count() as f64 / n as f64;
        let close = |found: f64, p: f64| (found - p).abs() < 4.0 * (p * (1.0 - p) / n as f64).sqrt();
        assert!(close(count(&|o| o == Outcome::Suicide), 0.75), "suicide is a share of opportunities");
        assert!(close(count(&|o| o == Outcome::Alive), alive(&params).value()));
    }
}
