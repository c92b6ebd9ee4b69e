//! # Trust
//! Men who are together come to trust each other; a denunciation breaks it for long.
//!
//! ## Equation
//! `T_ij <- T_ij + g_ij (1 - T_ij)` a day together, from `T_0`; `g_ij = g`, times `m` for one province or class, times `x`
//! across squads; read as `B T_ij`, where `B <- B + r (1 - B)` a day and `B <- f B` when a denunciation becomes known;
//! `S = B x mean of T_ij over ordered pairs of the squad's living, j showing loyalty`
//! ## Symbols
//! T_ij: trust of a pair, in [0, 1]; B: bond of the squad, 1 before any denunciation; f, r: what is left of it, and its
//! recovery; S: trust in mates who show loyalty, the term of the decision
//! ## Resolution
//! pairs in closed form from the days together, at the moment of asking; S daily, by squad: the personal deviation from
//! the squad's mean is left out (`docs/adr/0011-trust-by-squad.md`)
//! ## Not modelled
//! quarrels, friendships, trust lost by absence
//! ## Sources
//! `costa2003`: men alike hold together; `lichter2021`: informers corrode trust, slowly reversible
//! ## Claims
//! C1 trust follows the closed form and grows faster between men alike (`trust_grows_with_days_together`); C2 a
//! denunciation breaks the bond, which comes back slowly, P16 (`a_denunciation_breaks_the_bond_for_months`)

use crate::force::world::World;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.trust",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["waves.arrived", "squads.known_denunciations"],
    writes: &["waves.trust_alike", "waves.trust_other", "squads.bond"],
    posts: &[],
};

/// Parameters of trust.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "mind.trust", part = Force)]
pub struct Params {
    /// Trust in a mate on the first day.
    #[param(symbol = "T_0", default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "below the threshold of confiding, so that time together matters")]
    pub initial: Share,
    /// Share of the missing trust gained in a day together.
    #[param(symbol = "g", default = "0.02", prior = "beta(2, 98)", grade = Assumed, why = "prototype value: half of it in five weeks")]
    pub growth: Share,
    /// Factor on the growth between soldiers of one province or class.
    #[param(symbol = "m", default = "1.5", prior = "log_normal(1.5, 0.2)", grade = Assumed, source = "costa2003", why = "prototype value; alike men hold together")]
    pub alike_factor: f64,
    /// Factor on the growth between soldiers of two squads of the platoon.
    #[param(symbol = "x", default = "0.5", prior = "beta(5, 5)", grade = Assumed, why = "they share the camp, not the shelter")]
    pub across_factor: Share,
    /// Factor on trust in a squad in which a denunciation becomes known.
    #[param(symbol = "f", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "lichter2021", why = "prototype value; sign only")]
    pub broken_factor: Share,
    /// Share of the trust lost by denunciations that a day restores.
    #[param(symbol = "r", default = "0.01", prior = "beta(1, 99)", grade = Assumed, source = "lichter2021", why = "prototype value; slow to reverse")]
    pub recovery: Share,
}

/// Moves trust between men alike, by wave, by one step.
pub fn advance_alike(world: &World<'_>, trust: &mut [f64]) {
    advance_wave(world, world.params.trust.alike_factor, trust);
}

/// Moves trust between others, by wave, by one step.
pub fn advance_other(world: &World<'_>, trust: &mut [f64]) {
    advance_wave(world, 1.0, trust);
}

fn advance_wave(world: &World<'_>, factor: f64, trust: &mut [f64]) {
    let share = world.per_step(Share::clamped(world.params.trust.growth.value() * factor));
    for (value, arrived) in trust.iter_mut().zip(&world.waves.arrived) {
        if *arrived {
            *value += share * (1.0 - *value);
        }
    }
}

/// Moves every squad's bond by one step and the denunciations that became known.
pub fn advance_bond(world: &World<'_>, bond: &mut [f64]) {
    let share = world.per_step(world.params.trust.recovery);
    for value in bond.iter_mut() {
        *value += share * (1.0 - *value);
    }
    for squad in &world.squads.known_denunciations {
        bond[*squad as usize] *= world.params.trust.broken_factor.value();
    }
}

/// Trust of a pair after `days` together, before the bond of the squad.
#[must_use]
pub fn pair(params: &Params, days: f64, alike: Likeness, place: Place) -> f64 {
    let growth = params.growth.value()
        * if alike == Likeness::Alike { params.alike_factor } else { 1.0 }
        * if place == Place::OtherSquad { params.across_factor.value() } else { 1.0 };
    1.0 - (1.0 - params.initial.value()) * math::pow(1.0 - growth.min(1.0), days)
}

/// Trust in mates who show loyalty: the mean over ordered pairs of present soldiers whose second does, of which `pairs` counts all and
/// those alike; 0 where there is none.
#[inline]
#[must_use]
pub fn in_loyal(bond: f64, pairs: [u32; 2], alike: f64, other: f64) -> f64 {
    let [all, of_them_alike] = pairs;
    let share = f64::from(of_them_alike) / f64::from(all.max(1));
    let trust = bond * (share * alike + (1.0 - share) * other);
    if all == 0 { 0.0 } else { trust }
}

/// Whether two soldiers come from one province or class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They do.
    Alike,
    /// They do not.
    Different,
}

/// Whether two soldiers serve in one squad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// They do.
    SameSquad,
    /// Another squad of the platoon.
    OtherSquad,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn trust_grows_with_days_together() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let at = |days, alike, place| pair(&params, days, alike, place);
        assert!((at(0.0, Likeness::Alike, Place::SameSquad) - 0.2).abs() < 1e-15);
        assert!((at(35.0, Likeness::Different, Place::SameSquad) - (1.0 - 0.8 * math::pow(0.98, 35.0))).abs() < 1e-12);
        for days in [1.0, 10.0, 100.0] {
            let alike = at(days, Likeness::Alike, Place::SameSquad);
            let other = at(days, Likeness::Different, Place::SameSquad);
            assert!(alike > other && other > at(days, Likeness::Different, Place::OtherSquad));
            assert!((0.0..1.0).contains(&alike));
        }
    }

    #[test]
    fn a_denunciation_breaks_the_bond_for_months() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let mut bond = params.broken_factor.value();
        let mut days = 0;
        while bond < 0.65 {
            bond += params.recovery.value() * (1.0 - bond);
            days += 1;
        }
        assert!((60..=90).contains(&days), "half of the loss is back after ln 2 / .01 = 69 days: {days}");
    }
}
