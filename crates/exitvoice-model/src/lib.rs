//! The world: a country and the force it sends abroad. Synthetic people only.
//!
//! **History** (years): founders of 1955 marry, bear children and die at the rates of the United Nations tables until everyone is frozen
//! into a [`society::Society`]. **Deployment** (days): soldiers drawn from it live through hazards that mechanisms post
//! ([`schedule::DAY`]); every event goes into an [`exitvoice_record::Record`].
//!
//! **Invariant:** no file system, wall clock, environment or global state; this crate does not know who watches or infers.
//!
//! Where to start: [`schedule`] for the order of things, `mechanism/` for one file per mechanism.

pub mod check;
pub mod decision;
pub mod domain;
pub mod error;
pub mod force;
pub mod mechanism;
pub mod schedule;
pub mod society;
pub mod synth;

pub use check::check_society;
pub use error::ModelError;
pub use schedule::MODEL_VERSION;

use exitvoice_core::param::ParamMeta;

/// Every parameter that a mechanism reads, by mechanism, in the order of the schedule.
#[must_use]
pub fn registry() -> &'static [&'static [ParamMeta]] {
    use decision::{affect, collective_sanction, constant, principal_agent, threshold};
    use mechanism::{class, control, danger, demography, exit, home, mind, regime, service, surveillance};
    &[
        demography::death::Params::META,
        demography::marriage::Params::META,
        demography::migration::Params::META,
        demography::birth::Params::META,
        class::inheritance::Params::META,
        class::review::Params::META,
        control::neighbourhood::Params::META,
        control::offence::Params::META,
        control::guilt_by_association::Params::META,
        control::camp::Params::META,
        service::conscription::Params::META,
        service::career::Params::META,
        service::selection::Params::META,
        force::plan::Params::META,
        force::roles::Params::META,
        force::outlook::Params::META,
        danger::combat::Params::META,
        danger::capture::Params::META,
        danger::rotation::Params::META,
        mind::danger::Params::META,
        mind::exposure::Params::META,
        mind::fear::Params::META,
        mind::belief::Params::META,
        mind::trust::Params::META,
        mind::public_face::Params::META,
        surveillance::denunciation::Params::META,
        surveillance::assessment::Params::META,
        surveillance::audit::Params::META,
        exit::absence::Params::META,
        exit::attempt::Params::META,
        exit::cell::Params::META,
        exit::surrender::Params::META,
        exit::initiative::Params::META,
        constant::Params::META,
        threshold::Params::META,
        affect::Params::META,
        collective_sanction::Params::META,
        principal_agent::Params::META,
        home::hostage::Params::META,
        home::penalty::Params::META,
        home::reward::Params::META,
        home::returnees::Params::META,
        regime::ledger::Params::META,
        regime::response::Params::META,
    ]
}
