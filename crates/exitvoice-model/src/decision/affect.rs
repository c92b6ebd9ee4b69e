//! M3, affect: learned fear, what is seen nearby and the dispositions of mates add up; a soldier leaves when the sum passes his threshold.
//!
//! His threshold is tau plus his private loyalty: without differences between persons a squad would leave as one.

use crate::force::plan::Zone;
use crate::force::world::World;
use exitvoice_core::Params;
use exitvoice_core::quantity::Share;

/// Parameters of M3.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "decision.affect", part = Force)]
pub struct Params {
    /// Threshold of the sum for a soldier of mean loyalty among all eligible.
    #[param(symbol = "tau", default = "2.5", prior = "normal(2.5, 1)", grade = Assumed, why = "above what full fear and full evidence give alone; private loyalty comes on top")]
    pub threshold: f64,
    /// Weight of learned fear.
    #[param(default = "1", prior = "fixed", grade = Definition, why = "sets the scale of the threshold")]
    pub fear_weight: f64,
    /// Weight of the local evidence, the share of the squad that left.
    #[param(default = "1", prior = "log_normal(1, 0.5)", grade = Assumed, why = "as much as fear; no source found")]
    pub evidence_weight: f64,
    /// Weight of one mate's disposition, times trust.
    #[param(symbol = "w_ij", default = "0.1", prior = "half_normal(0.1)", grade = Assumed, why = "a full squad weighs as much as one's own fear")]
    pub mate_weight: f64,
    /// Learning rate of fear per unit of danger.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "Rescorla-Wagner; two thirds after ten days of contact")]
    pub fear_learning: Share,
}

/// Moves learned fear toward 1 in contact and toward 0 without it (Rescorla and Wagner); nothing under other rules.
pub fn advance(world: &World<'_>, fear: &mut [f64]) {
    if world.rule() != super::Rule::Affect {
        return;
    }
    let share = world.per_step(world.params.decision.affect.fear_learning);
    let contact = world.phase_hazard() > 0.0;
    for (squad, value) in fear.iter_mut().enumerate() {
        let target = if contact && world.squads.zone[squad] != Zone::Rear { 1.0 } else { 0.0 };
        *value = learn(share, *value, target);
    }
}

/// Associative strength after one trial: `v + ab (lambda - v)`.
#[must_use]
pub fn learn(share: f64, strength: f64, target: f64) -> f64 {
    strength + share * (target - strength)
}

/// Sum of own fear and evidence and the mates' dispositions. `present` counts the soldier himself.
#[must_use]
pub fn disposition(params: &Params, fear: f64, leavers: u32, present: u32, trust: f64) -> f64 {
    let squad = present + leavers;
    let evidence = if squad == 0 { 0.0 } else { f64::from(leavers) / f64::from(squad) };
    let own = params.fear_weight * fear + params.evidence_weight * evidence;
    own + params.mate_weight * trust * f64::from(present.saturating_sub(1)) * own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn learning_follows_rescorla_and_wagner() {
        // A16: ab = .1, ten trials.
        let v = (0..10).fold(0.0, |v, _| learn(0.1, v, 1.0));
        assert!((v - 0.651).abs() < 5e-4, "{v}");
    }

    #[test]
    fn leavers_and_fear_raise_the_disposition() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let at = |fear, leavers| disposition(&params, fear, leavers, 10, 0.5);
        assert!(at(0.5, 0) > at(0.1, 0) && at(0.5, 3) > at(0.5, 0));
        assert!((disposition(&params, 1.0, 0, 1, 1.0) - 1.0).abs() < 1e-15, "alone, one's own fear is all");
        assert!(disposition(&params, 0.0, 0, 0, 0.0).abs() < 1e-300);
    }
}
