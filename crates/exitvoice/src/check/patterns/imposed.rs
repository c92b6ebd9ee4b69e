//! Patterns that the sign of a coefficient imposes: each is a fact about one equation at the default values, so all must pass.

use super::world::Ground;
use crate::command::Error;
use exitvoice_model::force::plan::Zone;
use exitvoice_model::mechanism::exit::attempt::{self, SquadView};
use exitvoice_model::mechanism::exit::initiative;
use exitvoice_model::mechanism::mind::{belief, fear};

/// A pattern, what it says, and whether it holds.
pub(super) type Imposed = (&'static str, &'static str, bool);

/// Every imposed pattern under M1.
pub(super) fn all(ground: &Ground) -> Result<Vec<Imposed>, Error> {
    let params = ground.params(&[])?;
    let (decision, initiative_of) =
        (&params.attempt, |informers, belief| initiative::initiative(&params.initiative, 1.0, informers, belief, 1.0));
    let reference = SquadView {
        exposure: attempt::REFERENCE_HALF,
        danger: attempt::REFERENCE_DANGER,
        fear: 0.0,
        successes: 0.0,
        catch_belief: attempt::REFERENCE_HALF,
    };
    let urge = |view| attempt::urge(decision, &view);
    let personal = |belief, hostage| attempt::personal(decision, 1.0, belief, hostage);
    let coerced = personal(0.9, 1.0) < personal(0.1, 1.0) && initiative_of(0.2, 0.9) < initiative_of(0.0, 0.1);
    let by_weight = [0.0, 0.5, 1.0, 2.0, 4.0].windows(2).all(|w| personal(0.6, w[1]) < personal(0.6, w[0]));
    let unpunished = belief::penalty_belief(&params.belief, 0.6, 0, 10);
    let (decay, rise) = (params.fear.decay.value(), params.fear.rise);
    let tired = fear::next(decay, rise, 1.0, 1, 10);
    let zones = [Zone::Rear, Zone::Front].map(|zone| attempt::opportunity(decision, zone));
    let broken = params.trust.broken_factor.value();
    let restored = broken + params.trust.recovery.value() * (1.0 - broken);
    Ok(vec![
        ("P1", "coercion lowers exit and lowers initiative", coerced),
        ("P3", "the hazard falls with every step of the hostage weight", by_weight),
        (
            "P4",
            "belief deters, not application: ten unpunished cases raise the hazard",
            personal(unpunished, 1.0) > personal(0.6, 1.0),
        ),
        ("P9", "a known success raises the hazard", urge(SquadView { successes: 0.5, ..reference }) > urge(reference)),
        (
            "P12",
            "exhaustion accumulates with losses, and rest resets it",
            tired > 1.0 && fear::next(decay, rise, tired, 0, 10) < tired,
        ),
        ("P13", "reachable ground raises the hazard", zones[1] > zones[0]),
        ("P16", "a known denunciation breaks trust, and it comes back slowly", broken < 1.0 && restored < 0.5),
    ])
}
