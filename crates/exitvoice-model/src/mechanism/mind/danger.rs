//! # Perceived danger
//! What a squad has learnt to expect from its own losses.
//!
//! ## Equation
//! `D <- D + eta_D (min(1, 60 x losses today / strength) - D)`
//! ## Symbols
//! losses: casualties of the squad in the last day; strength: present at the start of the day; 60 losses per head and day x 1/60
//! make the scale: one casualty in sixty a day counts as full danger
//! ## Resolution
//! daily, by squad; a joiner takes the new squad's value
//! ## Not modelled
//! rumours of losses elsewhere, personal differences
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 danger stays in [0, 1] (`danger_moves_toward_the_losses`)

use crate::force::world::World;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.danger",
    stage: Stage::Advance,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["squads.losses", "squads.strength_at_dawn"],
    writes: &["squads.danger"],
    posts: &[],
};

/// Parameters of perceived danger.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "mind.danger", part = Force)]
pub struct Params {
    /// Weight of today's losses in perceived danger, per day.
    #[param(symbol = "eta_D", default = "0.02", prior = "beta(2, 98)", grade = Assumed, why = "prototype value: a memory of about fifty days")]
    pub learning: Share,
}

/// Losses per head and day that count as full danger, inverted.
pub const FULL_DANGER: f64 = 60.0;

/// Moves every squad's perceived danger by one day.
pub fn advance(world: &World<'_>, danger: &mut [f64]) {
    let weight = world.per_step(world.params.danger.learning);
    let counts = world.squads.losses.iter().zip(&world.squads.strength_at_dawn);
    for (value, (losses, strength)) in danger.iter_mut().zip(counts) {
        *value = next(weight, *value, *losses, *strength);
    }
}

/// The equation. `losses` and `strength` in soldiers; a squad without soldiers keeps its value.
#[must_use]
pub fn next(weight: f64, danger: f64, losses: u32, strength: u32) -> f64 {
    if strength == 0 {
        return danger;
    }
    let share = if losses == 0 { 0.0 } else { (FULL_DANGER * f64::from(losses) / f64::from(strength)).min(1.0) };
    danger + weight * (share - danger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn danger_moves_toward_the_losses() {
        assert!((next(0.02, 0.0, 1, 10) - 0.02).abs() < 1e-15);
        assert!((next(0.02, 0.5, 0, 10) - 0.49).abs() < 1e-15);
        assert!((next(0.02, 0.5, 5, 0) - 0.5).abs() < 1e-15);
        let mut danger = 0.0;
        for _ in 0..10_000 {
            danger = next(0.3, danger, 9, 10);
            assert!((0.0..=1.0).contains(&danger));
        }
    }
}
