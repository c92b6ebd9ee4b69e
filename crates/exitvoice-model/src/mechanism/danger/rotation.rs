//! # Rotation
//! After its tour a company goes home: those who are with it and those of its wounded who are still away.
//!
//! ## Equation
//! day of departure = arrival + tour x exp(spread z), z ~ N(0, 1)
//! ## Symbols
//! tour: median time abroad; z: one addressed draw for each company
//! ## Resolution
//! dated on day 0; at the start of the day; home after the travel time. Who comes back to a unit that has gone follows it
//! ## Not modelled
//! leave, exchange of single soldiers, rotation between front and rear within the theatre (see `regime.response`)
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 a short tour brings all survivors home (`a_short_tour_brings_the_survivors_home`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, ModelVersion};
use exitvoice_core::rng::sample;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "danger.rotation",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["waves.arrived"],
    writes: &[],
    posts: &[],
};

/// Parameters of rotation.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "danger.rotation", part = Force)]
pub struct Params {
    /// Median time abroad before a unit is rotated home.
    #[param(default = "1 yr", prior = "log_normal(1 yr, 0.5)", grade = Assumed, why = "no rotation of whole units was reported in the first half year", lever)]
    pub tour: Days,
    /// Time from setting out to arrival at home.
    #[param(default = "10 d", prior = "log_normal(10 d, 0.5)", grade = Assumed, why = "by rail across Russia, a week or two")]
    pub travel: Days,
}

/// Spread of tours between companies, standard deviation of the logarithm.
const TOUR_SPREAD: f64 = 0.2;

/// Whole days from arrival to departure of a company, at least one.
#[must_use]
pub fn tour_days(params: &Params, u: f64) -> u32 {
    sample::log_normal(u, params.tour.0, TOUR_SPREAD).max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_companies_leave_before_the_median_tour() {
        let params = Params { tour: Days(100.0), travel: Days(10.0) };
        assert!(tour_days(&params, 0.49) <= 100 && tour_days(&params, 0.51) >= 100);
        assert_eq!(tour_days(&Params { tour: Days(0.1), ..params }, 0.5), 1);
    }
}
