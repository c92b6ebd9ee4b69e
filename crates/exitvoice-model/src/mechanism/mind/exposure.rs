//! # Exposure
//! A soldier abroad sees how others live, a little more every day.
//!
//! ## Equation
//! `E <- E + mu (1 - E)` for every day abroad, from 0 on the day of arrival
//! ## Symbols
//! E: exposure, from 0 (nothing seen) to 1; mu: share of what is not yet seen that a day shows
//! ## Resolution
//! daily, by wave: a function of the days since its arrival
//! ## Not modelled
//! differences between soldiers; telephones; what prisoners are told
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 exposure follows the closed form (`exposure_follows_the_closed_form`)

use crate::force::world::World;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.exposure",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["waves.arrived"],
    writes: &["waves.exposure"],
    posts: &[],
};

/// Parameters of exposure.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "mind.exposure", part = Force)]
pub struct Params {
    /// Share of what is not yet seen that a day abroad shows.
    #[param(symbol = "mu", default = "0.01", prior = "beta(1, 99)", grade = Assumed, why = "prototype value: two thirds after a hundred days")]
    pub growth: Share,
}

/// Moves every wave's exposure by one step.
pub fn advance(world: &World<'_>, exposure: &mut [f64]) {
    let share = world.per_step(world.params.exposure.growth);
    for (value, arrived) in exposure.iter_mut().zip(&world.waves.arrived) {
        if *arrived {
            *value = next(share, *value);
        }
    }
}

/// The equation.
#[must_use]
pub fn next(share: f64, exposure: f64) -> f64 {
    exposure + share * (1.0 - exposure)
}

/// Exposure after some days abroad: the closed form of the equation.
#[must_use]
pub fn after(params: &Params, days: f64) -> f64 {
    -math::exp_m1(days * math::ln_1p(-params.growth.value()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exposure_follows_the_closed_form() {
        let mut exposure = 0.0;
        for _ in 0..100 {
            exposure = next(0.01, exposure);
        }
        assert!((exposure - (1.0 - math::pow(0.99, 100.0))).abs() < 1e-12);
        let params = Params { growth: Share::clamped(0.01) };
        assert!((after(&params, 100.0) - exposure).abs() < 1e-12 && after(&params, 0.0).abs() < 1e-300);
    }
}
