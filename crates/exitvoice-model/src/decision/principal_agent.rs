//! M5: the farther from the political officer, the less likely an exit is caught and its penalty carried out (Gates 2002).

use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::Share;

/// Parameters of M5.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "decision.principal_agent", part = Force)]
pub struct Params {
    /// Fall of the probability of being caught per level of formation between soldier and political officer.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "gates2002", why = "sign only", lever)]
    pub catch_fall: Share,
    /// Fall of the penalty per level of formation between soldier and political officer.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "gates2002", why = "sign only", lever)]
    pub penalty_fall: Share,
}

/// Factor on the probability of being caught at a distance in levels: 0 in the officer's squad, 1 in his platoon, 2 in his company.
#[must_use]
pub fn catch_factor(params: &Params, distance: u32) -> f64 {
    math::pow(1.0 - params.catch_fall.value(), f64::from(distance))
}

/// Factor on the believed penalty at a distance in levels.
#[must_use]
pub fn penalty_factor(params: &Params, distance: u32) -> f64 {
    math::pow(1.0 - params.penalty_fall.value(), f64::from(distance))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn control_falls_with_distance() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        assert!((catch_factor(&params, 0) - 1.0).abs() < 1e-15);
        assert!((catch_factor(&params, 2) - 0.64).abs() < 1e-15);
        assert!(penalty_factor(&params, 2) < penalty_factor(&params, 1));
    }
}
