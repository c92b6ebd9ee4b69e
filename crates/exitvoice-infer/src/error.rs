//! What stops an inference. A sample that is too small is no error but a [`crate::diagnostic::Refusal`].

use crate::problem::SimError;

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InferError {
    /// Nothing to infer.
    #[error("EV0603: the problem has no parameter")]
    NoParameters,
    /// A parameter without uncertainty cannot be inferred.
    #[error("EV0604: parameter `{name}` is fixed by definition; leave it out of the problem")]
    FixedPrior {
        /// Its name.
        name: String,
    },
    /// Names are the columns of the result.
    #[error("EV0605: two parameters are called `{name}`")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A setting outside its range.
    #[error("EV0606: setting `{setting}` is {found}; expected {expected}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// As given.
        found: f64,
        /// Its range, in words.
        expected: String,
    },
    /// The simulator says that no result can be right.
    #[error("EV0607: at {theta:?}: {source}")]
    Fatal {
        /// Parameters in natural units.
        theta: Vec<f64>,
        /// What the simulator said.
        source: SimError,
    },
    /// A state made for another problem.
    #[error("EV0608: the saved state has {found} parameters, the problem has {expected}")]
    StateMismatch {
        /// In the state.
        found: usize,
        /// In the problem.
        expected: usize,
    },
}
