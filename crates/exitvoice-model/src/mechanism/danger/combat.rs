//! # Combat
//! Soldiers at the front are killed or wounded; the wounded die, come back, or stay away. Some platoons lead the assault.
//!
//! ## Equation
//! rate = h(phase) a / (1 + s (f - 1)) at the front and at a border, 0 elsewhere   [1/day]; a = f in assault roles, else 1;
//! a casualty is killed with probability `kappa (1 - d)`, else wounded; a wounded man dies of it with the probability that
//! makes the share who die in all `kappa`; a share `o` of those killed at once is killed by its own side
//! ## Symbols
//! h: casualty hazard of the scenario's phase, the mean over roles; s: share in assault roles; f: their hazard relative to
//! the others; kappa: share of incidents that end in death; d: share of the dead who die of wounds
//! ## Resolution
//! cause `Casualty`, one clock per life and occurrence; roles by an addressed draw of each platoon; outcome and course by
//! addressed draws
//! ## Not modelled
//! change of roles, missing in action
//! ## Sources
//! see `Params`; phases from the scenario
//! ## Claims
//! C1 competing risks have the known incidence, A7 (`competing_risks_have_the_known_incidence`); C2 roles leave the mean
//! hazard as it is (`roles_leave_the_mean_hazard`)

use crate::force::plan::Zone;
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
    reads: &["squads.zone", "squads.assault", "plan.phases"],
    writes: &[],
    posts: &[Cause::Casualty],
};

/// Parameters of combat.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "danger.combat", part = Force)]
pub struct Params {
    /// Casualty hazard at the front during the first clashes.
    #[param(symbol = "h_1", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "median of high-intensity infantry, no table found; never centred on the claims")]
    pub hazard_first_clashes: Hazard,
    /// Casualty hazard at the front during the winter assaults.
    #[param(symbol = "h_2", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "median of high-intensity infantry, no table found; never centred on the claims")]
    pub hazard_winter_assaults: Hazard,
    /// Casualty hazard at the front during the pause of January and February.
    #[param(symbol = "h_3", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "the pause is disputed, so its prior is that of the other phases; no table found")]
    pub hazard_pause: Hazard,
    /// Casualty hazard at the front after the pause.
    #[param(symbol = "h_4", default = "0.004 /d", prior = "log_normal(0.004 /d, 1)", grade = Analogue, why = "median of high-intensity infantry, no table found; never centred on the claims")]
    pub hazard_spring: Hazard,
    /// Share of casualty incidents that end in death.
    #[param(symbol = "kappa", default = "0.23", prior = "logit_normal(-1.2, 1)", grade = Analogue, why = "wars of the last century between one in ten and one in two; no table found")]
    pub killed_share: Share,
    /// Share of the dead who die of wounds, days after.
    #[param(symbol = "d", default = "0.1", prior = "beta(2, 18)", grade = Analogue, why = "field medicine of the last century; no table found")]
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
    /// Share of soldiers in assault roles.
    #[param(symbol = "s", default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "infantry of light brigades in attack; no source found")]
    pub assault_share: Share,
    /// Casualty hazard in assault roles relative to the others.
    #[param(symbol = "f", default = "3", prior = "log_normal(3, 0.5)", grade = Assumed, why = "losses fall on the leading companies; no source found")]
    pub assault_factor: f64,
    /// Share of those killed at once who were killed by their own side.
    #[param(symbol = "o", default = "0.02", prior = "beta(1, 49)", grade = Assumed, why = "claimed of wounded men, never counted")]
    pub killed_by_own_side: Share,
}

/// Spread of the time away, standard deviation of its logarithm.
const TIME_AWAY_SPREAD: f64 = 0.5;

/// Posts the hazard of the phase for squads at the front.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let phase = world.phase_hazard();
    let squads = &world.squads;
    for (hazard, (zone, role)) in hazards.of(Cause::Casualty).iter_mut().zip(squads.zone.iter().zip(&squads.assault)) {
        *hazard = if *zone == Zone::Rear { 0.0 } else { phase * role };
    }
}

/// Hazard relative to the mean of all roles, for the uniform of a platoon.
#[must_use]
pub fn role_factor(params: &Params, u: f64) -> f64 {
    let (share, factor) = (params.assault_share.value(), params.assault_factor);
    let mean = 1.0 + share * (factor - 1.0);
    if u < share { factor / mean } else { 1.0 / mean }
}

/// What becomes of a casualty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Course {
    /// Dead at once.
    Killed,
    /// Dead at once, by the own side.
    KilledByOwnSide,
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
    let u = outcome.uniform();
    if u < at_once {
        let own_side = u < at_once * params.killed_by_own_side.value();
        return if own_side { Course::KilledByOwnSide } else { Course::Killed };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn roles_leave_the_mean_hazard() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let n = 1_000;
        let sum: f64 = (0..n).map(|i| role_factor(&params, (f64::from(i) + 0.5) / f64::from(n))).sum();
        assert!((sum / f64::from(n) - 1.0).abs() < 1e-12);
        assert!((role_factor(&params, 0.0) / role_factor(&params, 0.9) - 3.0).abs() < 1e-12);
    }
}
