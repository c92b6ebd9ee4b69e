//! Nouns abroad: the order of battle, its soldiers, and the world of one replicate.

mod agenda;
pub mod base;
pub mod branch;
mod clockwork;
mod consequences;
mod events;
mod exits;
mod expected;
pub mod life;
pub mod outlook;
pub mod parts;
pub mod plan;
pub mod roles;
pub mod run;
mod state;
pub mod view;
mod watch;
pub mod world;

pub use base::ForceBase;
pub use branch::{Branch, deploy_branches, go_on, past};
pub use life::follow;
pub use plan::{ForceParams, Phase, Plan, Wave, Zone};
pub use run::{deploy, deploy_changed, deploy_shuffled, deploy_watched};
pub use world::Intervention;
