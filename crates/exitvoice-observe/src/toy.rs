//! Trajectories for tests.

use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;
use exitvoice_record::Trajectory;

/// Nothing happens for `days` days from day 0 = 1970-01-01.
pub(crate) fn quiet(days: u32) -> Trajectory {
    let zero = || vec![0_i32; days as usize];
    Trajectory {
        day_zero: Day(0),
        days,
        sent: zero(),
        present: zero(),
        returned: zero(),
        incidents: zero(),
        killed: zero(),
        incidents_first: zero(),
        killed_first: zero(),
        sent_first: zero(),
        custody: zero(),
        capture_opportunities: zero(),
        surrendered: zero(),
        reached: zero(),
        attempted: zero(),
        failed: zero(),
        departures: Vec::new(),
        capture_alive: Probability::clamped(0.0),
    }
}
