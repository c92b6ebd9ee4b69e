//! # Fear and fatigue
//! Losses in the squad exhaust those who remain; rest restores them.
//!
//! ## Equation
//! `F <- (1 - d_F) F + kappa_F (losses today / strength)`
//! ## Symbols
//! F: fear and fatigue, 0 or more; losses: casualties of the squad in the last day; strength: present at its start
//! ## Resolution
//! daily, by squad; a joiner takes the new squad's value
//! ## Not modelled
//! cold, hunger, shelling without losses, personal differences
//! ## Sources
//! `appel1946`: exhaustion accumulates, rotation resets
//! ## Claims
//! C1 exhaustion accumulates and rest resets it, P12 (`exhaustion_accumulates_and_rest_resets`)

use crate::force::world::World;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.fear",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.losses", "squads.strength_at_dawn"],
    writes: &["squads.fear"],
    posts: &[],
};

/// Parameters of fear and fatigue.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "mind.fear", part = Force)]
pub struct Params {
    /// Share of fear and fatigue lost in a day.
    #[param(symbol = "d_F", default = "0.1", prior = "beta(2, 18)", grade = Assumed, source = "appel1946", why = "prototype value: a week of rest halves it")]
    pub decay: Share,
    /// Rise of fear and fatigue per share of the squad lost in a day.
    #[param(symbol = "kappa_F", default = "3", prior = "log_normal(3, 0.5)", grade = Assumed, source = "appel1946", why = "prototype value")]
    pub rise: f64,
}

/// Moves every squad's fear by one step.
pub fn advance(world: &World<'_>, fear: &mut [f64]) {
    let (decay, rise) = (world.per_step(world.params.fear.decay), world.params.fear.rise * world.step_days());
    let counts = world.squads.losses.iter().zip(&world.squads.strength_at_dawn);
    for (value, (losses, strength)) in fear.iter_mut().zip(counts) {
        *value = next(decay, rise, *value, *losses, *strength);
    }
}

/// The equation. `losses` and `strength` in soldiers; a squad without soldiers only rests.
#[must_use]
pub fn next(decay: f64, rise: f64, fear: f64, losses: u32, strength: u32) -> f64 {
    let lost = if losses == 0 || strength == 0 { 0.0 } else { f64::from(losses) / f64::from(strength) };
    (1.0 - decay) * fear + rise * lost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exhaustion_accumulates_and_rest_resets() {
        let mut fear = 0.0;
        let mut last = -1.0;
        for _ in 0..20 {
            assert!(fear > last);
            last = fear;
            fear = next(0.1, 3.0, fear, 1, 10);
        }
        assert!(fear < 3.0, "it tends to kappa_F x share / d_F");
        for _ in 0..7 {
            fear = next(0.1, 3.0, fear, 0, 10);
        }
        assert!(fear < last / 2.0, "a week of rest halves it");
        assert!((next(0.1, 3.0, 1.0, 4, 0) - 0.9).abs() < 1e-15);
    }
}
