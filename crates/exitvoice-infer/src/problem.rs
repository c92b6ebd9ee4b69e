//! What a caller supplies: parameters with priors, a simulator, and the likelihood of the data given a simulated truth.

use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;

/// One unknown number.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Name of its column in every result; unique inside a problem.
    pub name: String,
    /// Its law before the data, in natural units; never `Fixed`.
    pub prior: Prior,
}

/// A noisy log-likelihood, in two parts that add up to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rough {
    /// ln of an estimate from few draws.
    pub estimate: f64,
    /// What takes no draws, and need not be computed again for the whole likelihood; 0 where it has no such part.
    pub exact: f64,
}

/// A simulator, and data that its truths can be scored against.
///
/// The posterior is `p(theta | y)`, proportional to `p(theta) E[p(y | theta, truth)]`, the expectation over the truths that
/// `simulate` draws for `theta`. Both methods must be functions of their arguments alone.
pub trait Problem: Sync {
    /// What a simulation leaves behind: as small as the likelihood and the report allow, because thousands are kept.
    type Truth: Send + Sync + Clone;

    /// The unknowns, in the order of `theta`.
    fn parameters(&self) -> &[Parameter];

    /// Draws one truth at `theta` (natural units).
    ///
    /// # Errors
    /// Numeric trouble at this point (scores minus infinity and is counted), or a reason to stop altogether.
    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<Self::Truth, SimError>;

    /// Natural logarithm of an unbiased estimate of `p(y | theta, truth)`, nuisance parameters integrated out.
    ///
    /// Minus infinity where the data are impossible. A NaN or plus infinity scores minus infinity and is counted.
    fn ln_likelihood(&self, theta: &[f64], truth: &Self::Truth, seed: Seed) -> f64;

    /// A cheaper and noisier estimate of what [`Problem::ln_likelihood`] estimates, unbiased too: it tells which of many truths are worth the whole
    /// one. `None`, for every truth alike, where the whole one is cheap.
    fn rough(&self, _theta: &[f64], _truth: &Self::Truth, _seed: Seed) -> Option<Rough> {
        None
    }

    /// [`Problem::ln_likelihood`], but for rounding, where [`Rough::exact`] is known and need not be computed again.
    fn ln_likelihood_beside(&self, theta: &[f64], truth: &Self::Truth, seed: Seed, _exact: f64) -> f64 {
        self.ln_likelihood(theta, truth, seed)
    }

    /// Parts of this truth, each in [0, 1], whose posterior means are small and wanted to a digit: a share of the simulations is then drawn
    /// where they are large ([`crate::algorithm::settings::Settings::focus`]). As many for every truth; none by default.
    fn rare(&self, _truth: &Self::Truth) -> Vec<f64> {
        Vec::new()
    }
}

/// A problem whose likelihood is known, so that nothing is simulated.
#[derive(Clone, Debug)]
pub struct Exact<F: Fn(&[f64]) -> f64 + Sync> {
    /// The unknowns, in the order of `theta`.
    pub parameters: Vec<Parameter>,
    /// Natural logarithm of the likelihood at `theta`, in natural units.
    pub ln_likelihood: F,
}

impl<F: Fn(&[f64]) -> f64 + Sync> Problem for Exact<F> {
    type Truth = ();

    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn simulate(&self, _: &[f64], _: Seed) -> Result<(), SimError> {
        Ok(())
    }

    fn ln_likelihood(&self, theta: &[f64], (): &(), _: Seed) -> f64 {
        (self.ln_likelihood)(theta)
    }
}

/// Why a simulation gave no truth.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// Numeric trouble at one point: scores minus infinity and is counted.
    #[error("EV0601: no result at this point: {0}")]
    Recoverable(String),
    /// No result of this simulator can be trusted: inference stops.
    #[error("EV0602: the simulator cannot go on: {0}")]
    Fatal(String),
}

impl SimError {
    /// Whether other points may still be tried.
    #[must_use]
    pub const fn is_recoverable(&self) -> bool {
        matches!(self, Self::Recoverable(_))
    }
}
