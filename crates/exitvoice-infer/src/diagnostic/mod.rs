//! How good an answer is, as values: what to say about them is the caller's business.

pub mod ess;
pub mod identify;
pub mod noise;
pub mod refusal;

pub use ess::Lineage;
pub use identify::{Identification, identify};
pub use noise::Noise;
pub use refusal::Refusal;

use crate::algorithm::{Failures, FamilyInfo};
use crate::bank::Source;

/// What one temperature did.
#[derive(Clone, Debug, PartialEq)]
pub struct StageInfo {
    /// Running number, from 1; the prior is 0 and has no entry.
    pub stage: u32,
    /// Power of the likelihood.
    pub temperature: f64,
    /// Draws that its chains started from.
    pub started_from: Source,
    /// Effective sample size of their weights.
    pub ess_of_weights: f64,
    /// Chains run side by side.
    pub chains: u32,
    /// Moves of each chain.
    pub sweeps: u32,
    /// What each family of proposals did: independence, shrink, walk, difference.
    pub families: [FamilyInfo; 4],
}

impl StageInfo {
    /// Share of proposals accepted; 0 where there was none.
    #[must_use]
    pub fn acceptance(&self) -> f64 {
        let proposals: u64 = self.families.iter().map(|f| f.proposals).sum();
        let accepted: u64 = self.families.iter().map(|f| f.accepted).sum();
        if proposals == 0 { 0.0 } else { accepted as f64 / proposals as f64 }
    }
}

/// Monte-Carlo standard errors, in the units of the quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mcse {
    /// Of the mean.
    pub mean: f64,
    /// Of the 2.5 % quantile.
    pub q025: f64,
    /// Of the median.
    pub q50: f64,
    /// Of the 97.5 % quantile.
    pub q975: f64,
}

/// Diagnostics of one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterDiagnostics {
    /// Name.
    pub name: String,
    /// Effective sample size for its mean.
    pub ess: f64,
    /// Monte-Carlo standard errors, natural units.
    pub mcse: Mcse,
    /// What the data said about it; `None` where there is no posterior.
    pub identification: Option<Identification>,
}

/// Diagnostics of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostics {
    /// Effective sample size: the smallest over the parameters and the log-likelihood, at most `ess_distinct`.
    pub ess: f64,
    /// Effective number of distinct draws: a point that its chain did not leave, and points with unequal weight, count less.
    pub ess_distinct: f64,
    /// Highest power of the likelihood that chains ran at.
    pub temperature: f64,
    /// Simulations spent.
    pub simulations: u64,
    /// Simulations allowed.
    pub budget: u64,
    /// What the posterior draws are.
    pub source: Source,
    /// ln of the evidence: the likelihood averaged over the prior.
    pub ln_evidence: f64,
    /// Its standard error. For importance draws from their weights; for chains from the weights between temperatures as if
    /// populations were independent draws, a lower bound.
    pub ln_evidence_se: f64,
    /// Points that scored minus infinity because of numeric trouble.
    pub failures: Failures,
    /// One entry for each temperature above 0.
    pub stages: Vec<StageInfo>,
    /// Noise of the likelihood estimate; `None` where it was not measured.
    pub noise: Option<Noise>,
    /// One entry for each parameter.
    pub parameters: Vec<ParameterDiagnostics>,
}
