//! # Combat
//! Soldiers at the front are killed or wounded; the wounded die, come back, or stay away.
//!
//! ## Equation
//! rate = h(phase) at the front, 0 elsewhere   [1/day]; a casualty is killed with probability `kappa (1 - d)`, else wounded;
//! a wounded man dies of it with the probability that makes the share who die in all `kappa`
//! ## Symbols
//! h: casualty hazard of the scenario's phase; kappa: share of incidents that end in death; d: share of the dead who die
//! of wounds
//! ## Resolution
//! cause `Casualty`, one clock per life and occurrence; outcome and course by addressed draws
//! ## Not modelled
//! assault roles, units of different risk, missing in action
//! ## Sources
//! see `Params`; phases from the scenario
//! ## Claims
//! C1 competing risks have the known incidence (`competing_risks_have_the_known_incidence`)

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, ModelVersion, Share};
use exitvoice_core::rng::{Block, sample};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "danger.combat",
    stage: Stage::Hazard,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["squads.at_front", "plan.phases"],
    writes: &[],
    posts: &[Cause::Casualty],
};

/// Parameters of combat.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "danger.combat", part = Force)]
pub struct Params {
    /// Casualty hazard at the front during the first clashes.
    #[param(symbol = "h_1", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "median of high-intensity infantry; never centred on the claims")]
    pub hazard_first_clashes: Hazard,
    /// Casualty hazard at the front during the winter assaults.
    #[param(symbol = "h_2", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "median of high-intensity infantry; never centred on the claims")]
    pub hazard_winter_assaults: Hazard,
    /// Casualty hazard at the front during the pause of January and February.
    #[param(symbol = "h_3", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "the pause is disputed, so its prior is that of the other phases")]
    pub hazard_pause: Hazard,
    /// Casualty hazard at the front after the pause.
    #[param(symbol = "h_4", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "median of high-intensity infantry; never centred on the claims")]
    pub hazard_spring: Hazard,
    /// Share of casualty incidents that end in death.
    #[param(symbol = "kappa", default = "0.23", prior = "logit_normal(-1.2, 1)", grade = Analogue, why = "wars of the last century between one in ten and one in two")]
    pub killed_share: Share,
    /// Share of the dead who die of wounds, days after.
    #[param(symbol = "d", default = "0.1", prior = "beta(2, 18)", grade = Analogue, why = "field medicine of the last century")]
    pub died_of_wounds: Share,
    /// Mean time from a fatal wound to death.
    #[param(default = "7 d", prior = "log_normal(7 d, 0.5)", grade = Assumed, why = "most deaths of wounds fall within the first weeks")]
    pub time_to_death: Days,
    /// Share of surviving wounded who come back to the unit.
    #[param(default = "0.5", prior = "beta(5, 5)", grade = Assumed, why = "no source found")]
    pub return_share: Share,
    /// Median time away of those who come back.
    #[param(default = "45 d", prior = "log_normal(45 d, 0.4)", grade = Assumed, why = "light wounds")]
    pub time_away: Days,
}

/// Spread of the time away, standard deviation of its logarithm.
const TIME_AWAY_SPREAD: f64 = 0.5;

/// Posts the hazard of the phase for squads at the front.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let phase = world.phase_hazard();
    for (squad, hazard) in hazards.of(Cause::Casualty).iter_mut().enumerate() {
        *hazard = if world.squads.at_front[squad] { phase } else { 0.0 };
    }
}

/// What becomes of a casualty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Course {
    /// Dead at once.
    Killed,
    /// Dies of the wound after so many days.
    DiesAfter(f64),
    /// Comes back after so many days.
    ReturnsAfter(f64),
    /// Does not come back within the deployment.
    StaysAway,
}

/// Course of a casualty from two addressed blocks.
#[must_use]
pub fn course(params: &Params, outcome: Block, time: Block) -> Course {
    let (killed, later) = (params.killed_share.value(), params.died_of_wounds.value());
    let at_once = killed * (1.0 - later);
    if outcome.uniform() < at_once {
        return Course::Killed;
    }
    let dies = killed * later / (1.0 - at_once).max(f64::MIN_POSITIVE);
    if outcome.second() < dies {
        return Course::DiesAfter(sample::exponential(time.uniform(), params.time_to_death.0));
    }
    if time.second() < params.return_share.value() {
        Course::ReturnsAfter(sample::log_normal(time.uniform(), params.time_away.0, TIME_AWAY_SPREAD))
    } else {
        Course::StaysAway
    }
}
