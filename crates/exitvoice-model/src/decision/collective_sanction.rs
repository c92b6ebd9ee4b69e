//! M4, collective sanction: the squad is punished jointly, so mates stop each other when the expected fine outweighs the effort.

use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::Share;

/// Parameters of M4.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "decision.collective_sanction", part = Force)]
pub struct Params {
    /// Fine of each mate when one leaves, in units of the log-hazard.
    #[param(default = "1", prior = "half_normal(1)", grade = Assumed, source = "heckathorn1988", why = "sign only", lever)]
    pub fine: f64,
    /// Cost of stopping a mate, in the same unit.
    #[param(default = "0.5", prior = "half_normal(0.5)", grade = Assumed, source = "heckathorn1988", why = "half the fine, so that policing pays when the odds are even")]
    pub policing_cost: f64,
    /// Probability that a mate who polices stops an attempt.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "an attempt is quick and men sleep; no source found")]
    pub policing_success: Share,
}

/// Share of attempts that nobody in the squad stops: 1 where policing does not pay. A mate polices when the fine, at the odds at which
/// he thinks an exit is punished, is at least its cost.
#[must_use]
pub fn spared(params: &Params, punished: f64, strength: u32) -> f64 {
    let pays = params.fine * punished >= params.policing_cost;
    let mates = if pays { f64::from(strength.saturating_sub(1)) } else { 0.0 };
    math::pow(1.0 - params.policing_success.value(), mates)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn mates_police_when_it_pays() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        assert!((spared(&params, 0.5, 10) - math::pow(0.7, 9.0)).abs() < 1e-12);
        assert!((spared(&params, 0.49, 10) - 1.0).abs() < 1e-15);
        assert!((spared(&params, 0.9, 1) - 1.0).abs() < 1e-15, "alone, nobody polices");
    }
}
