//! Trajectories for tests.

use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;
use exitvoice_record::Trajectory;

/// Nothing happens for `days` days from day 0 = 1970-01-01.
pub(crate) fn quiet(days: u32) -> Trajectory {
    Trajectory::quiet(Day(0), days, Probability::clamped(0.0))
}
