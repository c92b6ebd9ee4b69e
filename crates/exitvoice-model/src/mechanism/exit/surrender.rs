//! # Surrender
//! A soldier in contact with the enemy gives himself up.
//!
//! ## Equation
//! rate = the attempt's hazard of the same soldier without opportunity, at another base rate, while in contact   [1/day];
//! under rules without a utility the base rate, times the hazard of his class relative to the reference under the null
//! ## Symbols
//! contact: at the front or a border in a phase with a casualty hazard; terms as in `exit.attempt`
//! ## Resolution
//! cause `Surrender`, one clock per life; whether he is killed in doing so is one addressed draw
//! ## Not modelled
//! surrender of groups; leaflets; surrender after a wound
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 no contact, no surrender (`with_no_danger_and_no_exits_nothing_happens`)

use crate::decision;
use crate::force::plan::Zone;
use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Hazard, ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "exit.surrender",
    stage: Stage::Hazard,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.zone", "plan.phases", "squads.urge", "soldiers.private_loyalty", "soldiers.hostage"],
    writes: &[],
    posts: &[Cause::Surrender],
};

/// Parameters of surrender.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.surrender", part = Force)]
pub struct Params {
    /// Surrenders begun by the reference soldier in contact with the enemy.
    #[param(default = "0.001 /yr", prior = "log_normal(0.001 /yr, 1.8)", grade = Assumed, why = "no surrender by choice was reported; as uncertain as the attempt, and rarer")]
    pub base_rate: Hazard,
    /// Probability of being killed while giving oneself up, by either side.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "surrender under fire fails often; no source found")]
    pub killed: Share,
}

/// Posts the squads' part of the hazard.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let contact = world.phase_hazard() > 0.0;
    let most = world.params.surrender.base_rate.per_day_value() * decision::most_trust_factor(world);
    let rate = if contact { most } else { 0.0 };
    let squads = &world.squads;
    for (hazard, (zone, urge)) in hazards.of(Cause::Surrender).iter_mut().zip(squads.zone.iter().zip(&squads.urge)) {
        *hazard = if *zone == Zone::Rear { 0.0 } else { rate * urge };
    }
}
