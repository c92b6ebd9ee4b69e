//! Algorithms, one file each; what they share stands here.

pub mod abc;
mod evaluate;
mod focus;
mod importance;
mod kernel;
mod law;
mod linear;
mod mixture;
mod outcome;
pub mod particle;
mod rescore;
pub mod settings;
pub mod smc;
mod temper;

pub(crate) use evaluate::{Evaluation, clean, ln_mean_exp};
pub use evaluate::{Failures, Replicate};
pub(crate) use importance::{At, Importance, fold_of_prior_draw};
pub use kernel::FamilyInfo;
pub(crate) use kernel::systematic;
pub use outcome::{Ending, Outcome};
pub use rescore::{rescore, weigh_again};

/// What a sampler is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Simulating prior draws.
    Prior,
    /// Raising the temperature.
    Temper,
    /// Drawing at temperature 1.
    Sample,
    /// Drawing where rare parts of the truth are large.
    Focus,
    /// Drawing from the posterior as far as it is known: what there is would be refused.
    Reserve,
    /// Estimating the noise of the likelihood.
    Check,
    /// Nothing is left to do.
    Done,
}

/// How far a run has come; handed to the caller after each batch of simulations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Running number of the temperature.
    pub stage: u32,
    /// Power of the likelihood, 0 to 1.
    pub temperature: f64,
    /// Simulations so far.
    pub simulations: u64,
    /// Simulations allowed.
    pub budget: u64,
}
