//! Nouns abroad: the order of battle, its soldiers, and the world of one replicate.

pub mod base;
pub mod events;
pub mod expected;
pub mod plan;
pub mod run;
pub mod world;

pub use base::ForceBase;
pub use plan::{ForceParams, Phase, Plan, Wave};
pub use run::{deploy, deploy_shuffled};
