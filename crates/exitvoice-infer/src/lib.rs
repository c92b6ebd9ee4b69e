//! Inference over any simulator: draws from a posterior, what they can tell, and a refusal where they cannot.
//!
//! **Invariant:** no word of any domain, and no knowledge of any model. A [`Problem`] draws a truth for a vector of
//! parameters and scores it; everything else happens here, and is tested on posteriors that are known.
//! **Invariant:** kernels are pure (`init`, `step -> (state, info)`); each random number has an address (stage, sweep,
//! member), so any number of threads gives the same bytes; diagnostics are values, not sentences; nothing is stored here.
//!
//! Where to start: [`problem`] for what a caller supplies, [`algorithm::smc`] for the sampler and its loop,
//! [`bank`] for re-weighting without simulation, [`diagnostic`] for how good the answer is, [`output`] for its shape.
//!
//! Another algorithm is one more file in `algorithm/` that returns an [`Outcome`]; another diagnostic is one more file in
//! `diagnostic/`.

/// Moves whenever the same problem, settings and seed give other draws or weights, as `MODEL_VERSION` does for simulated worlds.
///
/// 1: laws weighted in one mixture. 2: in four folds (ADR 22). 3: laws of rare parts and of the reserve follow several modes (ADR 24). 4: a
/// re-weighting scores importance draws alone, and takes exact parts over from rough scores (ADR 30).
pub const SAMPLER_VERSION: u32 = 4;

pub mod algorithm;
pub mod bank;
pub mod diagnostic;
mod error;
pub mod output;
mod prior;
pub mod problem;

pub use algorithm::{Ending, Outcome, Progress};
pub use bank::{Bank, Entry, Section, Weighted};
pub use error::InferError;
pub use problem::{Exact, Parameter, Problem, Rough, SimError};
