//! # Reward
//! Families of the dead may be honoured; some rise in class by it.
//!
//! ## Equation
//! rewarded with probability p; of those a share r rises in class
//! ## Symbols
//! p, r: see `Params`
//! ## Resolution
//! at a death in combat, of wounds, or by suicide to avoid capture; two values of one addressed draw
//! ## Not modelled
//! rewards for medals, payments, and whether other soldiers hear of them
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 only families of the dead are rewarded (`every_requirement_holds_and_every_kind_of_event_happens`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_record::EventKind;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "home.reward",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["soldiers.status"],
    writes: &[],
    posts: &[],
};

/// Parameters of rewards.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "home.reward", part = Force)]
pub struct Params {
    /// Probability that the family of a soldier killed in action is rewarded.
    #[param(symbol = "p", default = "0.5", prior = "beta(2, 2)", grade = Assumed, why = "honours for families are customary; no share found", lever)]
    pub probability: Share,
    /// Share of rewards that raise the family's class.
    #[param(symbol = "r", default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "families of the war dead stand high in the class record; no share found")]
    pub class_raised: Share,
}

/// Whether a death of this kind counts as one for the country.
#[must_use]
pub const fn honours(kind: EventKind) -> bool {
    matches!(kind, EventKind::KilledInCombat | EventKind::DiedOfWounds | EventKind::SuicideToAvoidCapture)
}
