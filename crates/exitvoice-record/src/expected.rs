//! What may happen by day, as rates: rare events are scored by these instead of being waited for.

use crate::trajectory::DepartureKind;

/// Departures that may happen: all of one day, size and place, or one weighted sample of their rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExpectedDeparture {
    /// Day of the deployment on which they would leave.
    pub day: u32,
    /// How many would leave.
    pub size: u32,
    /// Why.
    pub kind: DepartureKind,
    /// Whether from the front.
    pub at_front: bool,
    /// Expected number of such departures.
    pub rate: f64,
    /// Probability that they reach the other side or a third party, all or none; 0 for an absence.
    pub success: f64,
    /// Day on which they would be there.
    pub arrives: u32,
}

/// Intensities along one replicate.
///
/// With everything else as it was in the replicate, departures and opportunities of capture are Poisson processes with these rates,
/// as far as one of them does not change the rate of the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expected {
    /// Departures of all days; the rates of a kind add up to its expected number.
    pub departures: Vec<ExpectedDeparture>,
    /// Expected opportunities of capture by day.
    pub captures: Vec<f64>,
    /// Expected soldiers who give themselves up by day; empty where nobody does.
    pub surrenders: Vec<f64>,
}
