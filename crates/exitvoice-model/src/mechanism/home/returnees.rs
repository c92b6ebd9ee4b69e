//! # Returnees
//! A soldier who comes home has seen how others live, and his relatives and neighbours learn of it.
//!
//! ## Equation
//! each relative learns within time t with probability `1 - exp(-k E t)`; neighbours alike at their own rate
//! ## Symbols
//! E: exposure of the soldier's wave on his arrival at home; k: rate among kin; t: from then to the end of the period
//! ## Resolution
//! at the arrival at home: the time to learning of each living relative of degree 0 to 2, by addressed draws; neighbours as
//! an expected number in the ledger
//! ## Not modelled
//! passing on by those who learnt; penalties for talk; the dead carry nothing home
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 more exposure, more knowledge (`knowledge_grows_with_exposure_and_time`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Hazard, ModelVersion};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "home.returnees",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["waves.exposure", "soldiers.kin"],
    writes: &[],
    posts: &[],
};

/// Parameters of knowledge carried home.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "home.returnees", part = Force)]
pub struct Params {
    /// Rate at which a relative learns what a returnee knows.
    #[param(symbol = "k", default = "0.02 /d", prior = "log_normal(0.02 /d, 1)", grade = Assumed, why = "within weeks among kin who live together; no source found")]
    pub kin_rate: Hazard,
    /// Rate at which a neighbour learns what a returnee knows.
    #[param(default = "0.002 /d", prior = "log_normal(0.002 /d, 1)", grade = Assumed, why = "a tenth of the rate among kin: talk is reported")]
    pub neighbour_rate: Hazard,
}

/// Farthest degree of kin who learn: those met within weeks.
pub const FARTHEST_DEGREE: u8 = 2;
/// Neighbours of a returnee: a neighbourhood unit of thirty households of about four (`domain` d), less his own.
pub const NEIGHBOURS: f64 = 113.0;

/// Days until somebody learns, from a resistance; infinite where there is nothing to tell.
#[must_use]
pub fn days_to_learning(rate: Hazard, exposure: f64, resistance: f64) -> f64 {
    resistance / (rate.per_day_value() * exposure)
}

/// Expected neighbours who learn within `days`.
#[must_use]
pub fn neighbours(params: &Params, exposure: f64, days: f64) -> f64 {
    -NEIGHBOURS * math::exp_m1(-params.neighbour_rate.per_day_value() * exposure * days)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn knowledge_grows_with_exposure_and_time() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        assert!(neighbours(&params, 0.5, 30.0) > neighbours(&params, 0.1, 30.0));
        assert!(neighbours(&params, 0.5, 60.0) > neighbours(&params, 0.5, 30.0));
        assert!(neighbours(&params, 0.0, 60.0).abs() < 1e-300);
        assert!((days_to_learning(params.kin_rate, 0.5, 1.0) - 100.0).abs() < 1e-9);
        assert!(days_to_learning(params.kin_rate, 0.0, 1.0).is_infinite());
    }
}
