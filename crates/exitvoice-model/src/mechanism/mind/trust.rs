//! # Trust
//! Men who are together come to trust each other; a denunciation breaks it for long.
//!
//! ## Equation
//! `T_ij <- T_ij + g_ij (1 - T_ij)` a day together, from `T_0`; `g_ij = g`, times `m` for one province or class, times `x`
//! across squads; read as `B T_ij`, where `B <- B + r (1 - B)` a day and `B <- f B` when a denunciation becomes known;
//! `S_i = B x mean of T_ij over the living mates j of i's squad who show loyalty`, 0 where there is none
//! ## Symbols
//! T_ij: trust of a pair, in [0, 1]; B: bond of the squad, 1 before any denunciation; f, r: what is left of it, and its
//! recovery; S_i: trust of a soldier in mates who show loyalty, the term of the decision
//! ## Resolution
//! pairs from the days together, at the moment of asking; S_i where a soldier is asked, and at the hour at which the clock
//! of his attempt or surrender would fire if he trusted nobody: it does with the probability that his trust leaves, by the
//! second value of the clock's draw (`docs/adr/0013-trust-by-soldier.md`)
//! ## Not modelled
//! quarrels, friendships, trust lost by absence
//! ## Sources
//! `costa2003`: men alike hold together; `lichter2021`: informers corrode trust, slowly reversible
//! ## Claims
//! C1 trust grows faster between men alike (`trust_grows_with_days_together`); C2 a denunciation breaks the bond, which
//! comes back slowly, P16 (`a_denunciation_breaks_the_bond_for_months`); C3 the factor of trust is never above its bound
//! (`no_trust_lifts_the_hazard_above_its_bound`)

use crate::force::world::World;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.trust",
    stage: Stage::Advance,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.known_denunciations"],
    writes: &["squads.bond"],
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

/// Trust of pairs by days together, before the bond of the squad, for a whole deployment.
#[derive(Clone, Debug)]
pub struct Pairs {
    by_days: [Vec<f64>; KINDS],
}

/// Kinds of pairs: alike or not, in one squad or two.
const KINDS: usize = 4;

impl Pairs {
    /// Trust after 0 to `days` days together.
    #[must_use]
    pub fn new(params: &Params, days: u32) -> Self {
        let by_days = std::array::from_fn(|kind| {
            let mut growth = params.growth.value();
            if kind & 1 == Likeness::Alike as usize {
                growth *= params.alike_factor;
            }
            if kind >> 1 == Place::OtherSquad as usize {
                growth *= params.across_factor.value();
            }
            let mut trust = params.initial.value();
            let mut row = Vec::with_capacity(days as usize + 1);
            for _ in 0..=days {
                row.push(trust);
                trust += growth.min(1.0) * (1.0 - trust);
            }
            row
        });
        Self { by_days }
    }

    /// Trust of a pair after `days` together.
    #[inline]
    #[must_use]
    pub fn get(&self, days: u32, alike: Likeness, place: Place) -> f64 {
        self.by_days[alike as usize + 2 * place as usize][days as usize]
    }
}

/// Whether two soldiers come from one province or class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// They do not.
    Different = 0,
    /// They do.
    Alike = 1,
}

/// Whether two soldiers serve in one squad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// They do.
    SameSquad = 0,
    /// Another squad of the platoon.
    OtherSquad = 1,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;
    use exitvoice_core::math;

    #[test]
    fn trust_grows_with_days_together() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let pairs = Pairs::new(&params, 100);
        let at = |days, alike, place| pairs.get(days, alike, place);
        assert!((at(0, Likeness::Alike, Place::SameSquad) - 0.2).abs() < 1e-15);
        assert!((at(35, Likeness::Different, Place::SameSquad) - (1.0 - 0.8 * math::pow(0.98, 35.0))).abs() < 1e-12);
        assert!((at(35, Likeness::Alike, Place::OtherSquad) - (1.0 - 0.8 * math::pow(0.985, 35.0))).abs() < 1e-12);
        for days in [1, 10, 100] {
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
