//! # Title
//! One sentence: who does what, when.
//!
//! ## Equation
//! rate = base x exp(- beta x)   [1/day]
//! ## Symbols
//! base: hazard of the reference soldier; x: yesterday's value of ...; each symbol of the equation
//! ## Resolution
//! which cause and clock, which stage, competing with what
//! ## Not modelled
//! what a reader may expect here and will not find
//! ## Sources
//! bibliography keys with page or table, or see `Params`
//! ## Claims
//! C1 more of this, less of that (`name_of_the_test`); C2 zero means none (`zero_means_none`)

// Not compiled: copy this file, give it a name, add it to the `mod.rs` of its folder and to `schedule.rs`, and delete this comment.
// Order of a mechanism file: card, SPEC, Params, propose (or the yearly stage), equation, helpers, tests.

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Hazard, ModelVersion};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "folder.file",
    stage: Stage::Hazard,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["table.column"],
    writes: &[],
    posts: &[Cause::Title],
};

/// Parameters of the mechanism. A means of control also carries `lever`.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "folder.file", part = Force)]
pub struct Params {
    /// Hazard of the reference soldier.
    #[param(symbol = "base", default = "0.01 /yr", prior = "log_normal(0.01 /yr, 1)", grade = Analogue, source = "key2000", why = "the other case, and what makes it alike")]
    pub base: Hazard,
    /// Fall of the log-hazard per unit of x.
    #[param(symbol = "beta", default = "1", prior = "half_normal(1)", grade = Assumed, why = "sign only")]
    pub effect: f64,
}

/// Posts the part of the hazard that all members of a squad share; writes nothing else.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    for (squad, hazard) in hazards.of(Cause::Title).iter_mut().enumerate() {
        *hazard = rate(&world.params.title, world.squads.x[squad]);
    }
}

/// Hazard per day at `x`: `base exp(-effect x)`; 0 when `base` is 0. The equation, alone, so that it can be tested and plotted.
#[must_use]
pub fn rate(params: &Params, x: f64) -> f64 {
    params.base.per_day_value() * math::exp(-params.effect * x)
}

#[cfg(test)]
mod tests {
    // One test per claim of the card, named as a sentence; the equation at points worked out by hand; the zero limit.
}
