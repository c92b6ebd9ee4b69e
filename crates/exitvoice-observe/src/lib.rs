//! The outside: dated public claims, and the channels through which a record becomes a claim.
//!
//! **Invariant:** this crate sees the record only (`exitvoice_record::Trajectory`); it cannot name private belief or true status.
//! **Invariant:** no file system, clock, thread or global state: bytes in, values out.
//! **Invariant:** one channel model serves sampling and scoring; [`channel::print`] holds the cells both use.
//!
//! Where to start: [`claim`] for a row, [`import`] for reading a file, [`likelihood::Scorer`] for p(claims | trajectory),
//! [`hidden`] for what the claims leave unseen, [`Completed`] for announcements that go on after the as-of day, [`sampler`] for what would have
//! been printed, [`nuisance`] for the parameters of the observers.

/// Moves whenever the same claims, trajectory and seed give another score, or draw other reports, numbers or hidden events, as
/// `MODEL_VERSION` does for simulated worlds.
///
/// 1: announcements drawn by group of arrivals. 2: by person. 3: where more than eight reports are scored, the chance of an announcement has six
/// values at most, as far as these give the sum over all, and readings are drawn at a rate of false reports. 4: reports of the last days may be still to come,
/// and announcements after the as-of day go on from those made by it. 5: reports of one man are weighed (ADR 27). 6: the rate of false reports is
/// integrated over into its tail, and where more than eight reports are scored nodes lie as close as these tell apart (ADR 31).
pub const OBSERVER_VERSION: u32 = 6;

mod awaited;
pub mod channel;
pub mod claim;
pub mod error;
pub mod hidden;
pub mod import;
pub mod likelihood;
pub mod nuisance;
pub mod quadrature;
pub mod sampler;
#[cfg(test)]
mod toy;
mod words;

pub use awaited::Completed;
pub use claim::{Claim, ClaimSet};
pub use error::ClaimError;
pub use likelihood::{Completeness, DeparturesAs, EventWeights, Factors, Scorer, ScorerSettings, Truth};
pub use nuisance::ObserverLaws;
