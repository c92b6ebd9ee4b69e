//! Which assumptions the answers depend on: elementary effects (Morris 1991) and shares of variance (Sobol 1993), for any function
//! of the unit cube, and for the parameters of a scenario over their priors.
//!
//! - [`morris`]: mean absolute effect and its spread, a screen that costs `trajectories x (dimensions + 1)` evaluations
//! - [`sobol`]: first-order and total-order shares with bootstrap intervals, `base x (dimensions + 2)` evaluations; the noise of
//!   replicates stands apart

mod analysis;
mod effects;
mod plan;
mod shares;
#[cfg(test)]
mod tests;

pub use analysis::{Analysis, Found, Method, NO_VARIANCE, Noise, Row, Values, analyse};
pub use effects::{Effect, morris, morris_points};
pub(crate) use plan::SENSITIVITY_KEYS;
pub use plan::{Request, of_scenario, parse};
pub use shares::{Share, Shares, saltelli_points, sobol};
