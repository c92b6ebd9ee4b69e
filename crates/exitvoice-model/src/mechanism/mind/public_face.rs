//! # Public face
//! What a soldier shows: loyal, or not quite. The gap between what is shown and what is held is preference falsification.
//!
//! ## Equation
//! `P(loyal face) = logistic(a0 + a1 L + a2 iota^ - a3 c)`; chosen anew at rate r   [1/day]: a loyal face is dropped at
//! `r (1 - P)`, taken up at `r P`
//! ## Symbols
//! L: private loyalty; iota^: believed share of informers in the squad; c: share of mates who have confided in him
//! ## Resolution
//! cause `Face`, one clock per life and occurrence; the first face by an addressed draw on arrival. Dropping and taking up
//! have the law of choosing anew at rate r, without the draws that change nothing. iota^ daily, by squad: the true share,
//! and after a known denunciation the excess `x <- x + w (1 - iota^)`, fading with memory m. P is computed when the soldier
//! arrives, changes his face, or is confided in, and on the day after a denunciation became known in his squad
//! ## Not modelled
//! imitation of the majority
//! ## Sources
//! `kuran1995`
//! ## Claims
//! C1 fear of informers and loyalty make the face loyal, confidences undo it (`the_face_follows_fear_and_confidence`)

use crate::force::world::{Hazards, World};
use crate::schedule::{Cause, Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, Hazard, ModelVersion};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "mind.public_face",
    stage: Stage::Hazard,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["squads.arrived", "soldiers.private_loyalty", "soldiers.confided", "squads.known_denunciations"],
    writes: &[],
    posts: &[Cause::Face],
};

/// Its daily part.
pub const ADVANCE: Spec = Spec { stage: Stage::Advance, writes: &["squads.informer_fear"], posts: &[], ..SPEC };

/// Parameters of the public face.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "mind.public_face", part = Force)]
pub struct Params {
    /// Log-odds of a loyal face at mean loyalty, with no informer believed near and nobody confiding.
    #[param(symbol = "a0", default = "2", prior = "normal(2, 1)", grade = Assumed, source = "kuran1995", why = "seven in eight show loyalty; open dissent is rare")]
    pub base: f64,
    /// Rise per standard deviation of private loyalty.
    #[param(symbol = "a1", default = "1", prior = "half_normal(1)", grade = Assumed, source = "kuran1995", why = "sign only")]
    pub loyalty_effect: f64,
    /// Rise per unit of the believed share of informers.
    #[param(symbol = "a2", default = "10", prior = "half_normal(10)", grade = Assumed, source = "kuran1995", why = "sign only; at one in eighteen about half a unit")]
    pub informer_effect: f64,
    /// Fall from nobody confiding to all mates confiding.
    #[param(symbol = "a3", default = "3", prior = "half_normal(3)", grade = Assumed, source = "kuran1995", why = "sign only; outweighs the base when all have spoken")]
    pub confided_effect: f64,
    /// Rate at which the face is chosen anew.
    #[param(symbol = "r", default = "0.1 /d", prior = "log_normal(0.1 /d, 0.5)", grade = Assumed, why = "about every ten days, the beat of the criticism session")]
    pub redraw_rate: Hazard,
    /// Time for which the believed share of informers keeps a known denunciation.
    #[param(symbol = "m", default = "90 d", prior = "log_normal(90 d, 0.5)", grade = Assumed, why = "as long as the men stay together; no source found")]
    pub informer_memory: Days,
}

/// Posts the rate of choosing anew for squads in the field.
pub fn propose(world: &World<'_>, hazards: &mut Hazards) {
    let rate = world.params.public_face.redraw_rate.per_day_value();
    for (hazard, arrived) in hazards.of(Cause::Face).iter_mut().zip(&world.squads.arrived) {
        *hazard = if *arrived { rate } else { 0.0 };
    }
}

/// Moves the excess of every squad's believed share of informers over the true one.
pub fn advance(world: &World<'_>, excess: &mut [f64]) {
    let kept = math::exp(-world.step_days() / world.params.public_face.informer_memory.0);
    for value in excess.iter_mut() {
        *value *= kept;
    }
    for squad in &world.squads.known_denunciations {
        let value = &mut excess[*squad as usize];
        *value += world.params.belief.catch_learning.value() * (1.0 - world.informer_share - *value).max(0.0);
    }
}

/// Probability of a loyal face.
#[must_use]
pub fn loyal(params: &Params, private_loyalty: f64, believed_informers: f64, confided: f64) -> f64 {
    math::logistic(
        params.base + params.loyalty_effect * private_loyalty + params.informer_effect * believed_informers
            - params.confided_effect * confided,
    )
}

/// Preference falsification: loyal faces less loyal minds, `P - Phi(L)`.
#[must_use]
pub fn falsification(probability_loyal: f64, private_loyalty: f64) -> f64 {
    probability_loyal - math::normal_cdf(private_loyalty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn the_face_follows_fear_and_confidence() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        let at = |loyalty, informers, confided| loyal(&params, loyalty, informers, confided);
        assert!((at(0.0, 0.0, 0.0) - 0.880_797).abs() < 1e-6, "logistic(2)");
        assert!(at(1.0, 0.0, 0.0) > at(0.0, 0.0, 0.0));
        assert!(at(0.0, 0.3, 0.0) > at(0.0, 0.05, 0.0));
        assert!(at(0.0, 0.05, 1.0) < at(0.0, 0.05, 0.1));
        assert!(falsification(at(-2.0, 0.05, 0.0), -2.0) > 0.4, "the disloyal hide most");
        assert!((falsification(0.9, -1.0) - 0.741_345).abs() < 1e-6, ".9 - Phi(-1)");
    }
}
