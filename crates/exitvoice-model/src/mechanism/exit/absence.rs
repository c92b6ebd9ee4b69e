//! # Absence
//! A soldier leaves the post meaning to come back: hungry, lost, looking for orders. Others may go along.
//!
//! ## Equation
//! rate = lambda while with the unit   [1/day]; each present mate of the squad goes along with probability `w`, and with
//! probability `v` the whole platoon is asked in the same way
//! ## Symbols
//! lambda: absences begun per soldier and day; w, v: see `Params`
//! ## Resolution
//! cause `Absence`, one clock per life and occurrence; companions and end by addressed draws; all come back together
//! ## Not modelled
//! punishment of absence, absences that turn into desertion
//! ## Sources
//! DP010: the men of 14 October 2024 are said to have looked for commanders after days without food
//! ## Claims
//! C1 an absence ends (`an_absence_ends`)

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "exit.absence",
    stage: Stage::Hazard,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["squads.arrived"],
    writes: &[],
    posts: &[Cause::Absence],
};

/// Parameters of absence.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "exit.absence", part = Force)]
pub struct Params {
    /// Absences begun by a soldier.
    #[param(symbol = "lambda", default = "0.01 /yr", prior = "log_normal(0.01 /yr, 1.5)", grade = Analogue, source = "DR069, DR070", why = "armies at peace book .3 to 4 absences a hundred a year, most alone")]
    pub base_rate: Hazard,
    /// Probability that a present mate of the squad goes along.
    #[param(symbol = "w", default = "0.4", prior = "beta(4, 6)", grade = Assumed, why = "hunger and lost orders strike a squad together")]
    pub together: Share,
    /// Probability that an absence is of the platoon, not the squad.
    #[param(symbol = "v", default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "a platoon shares its food and its orders")]
    pub platoon_share: Share,
    /// Mean length of an absence.
    #[param(default = "3 d", prior = "log_normal(3 d, 0.5)", grade = Assumed, why = "DP010: found after about two days")]
    pub length: Days,
}

/// Posts the hazard for squads that are in the field.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let rate = world.params.absence.base_rate.per_day_value();
    for (hazard, arrived) in hazards.of(Cause::Absence).iter_mut().zip(&world.squads.arrived) {
        *hazard = if *arrived { rate } else { 0.0 };
    }
}
