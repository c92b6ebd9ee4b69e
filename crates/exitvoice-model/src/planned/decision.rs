//! Rival rules of decision M0 and M2 to M5; the acting one, M1, stands in `exit.attempt`.

use exitvoice_core::Params;
use exitvoice_core::quantity::{Hazard, Share};

/// M0: constant hazard by class, the null.
#[derive(Params)]
#[params(prefix = "decision.constant", part = Force)]
pub(super) struct Constant {
    /// Attempts of a soldier of the core class.
    #[param(default = "0.002 /yr", prior = "log_normal(0.002 /yr, 1.8)", grade = Analogue, source = "DR069, DR070", why = "around the base rate of M1, less by the gap in loyalty")]
    pub(super) core_rate: Hazard,
    /// Attempts of a soldier of the wavering class.
    #[param(default = "0.003 /yr", prior = "log_normal(0.003 /yr, 1.8)", grade = Analogue, source = "DR069, DR070", why = "the base rate of M1")]
    pub(super) wavering_rate: Hazard,
}

/// M2: leaves when as many trusted mates have left as its threshold says.
#[derive(Params)]
#[params(prefix = "decision.threshold", part = Force)]
pub(super) struct Threshold {
    /// Mean threshold, in trusted mates who left.
    #[param(symbol = "theta_mean", default = "4", prior = "normal(4, 2)", grade = Assumed, source = "granovetter1978", why = "half a squad; matched to the prior total of M1 before rules are compared")]
    pub(super) mean: f64,
    /// Standard deviation of the threshold.
    #[param(symbol = "theta_sd", default = "1.2", prior = "half_normal(1.2)", grade = Assumed, source = "granovetter1978", why = "a few in a thousand leave first, the share that M1 has in a year")]
    pub(super) sd: f64,
}

/// M3: leaves when learned fear, local evidence and the mates' dispositions pass a threshold.
#[derive(Params)]
#[params(prefix = "decision.affect", part = Force)]
pub(super) struct Affect {
    /// Threshold of the sum.
    #[param(symbol = "tau", default = "3", prior = "normal(3, 1)", grade = Assumed, why = "above what full fear and full evidence give alone")]
    pub(super) threshold: f64,
    /// Weight of learned fear.
    #[param(default = "1", prior = "fixed", grade = Definition, why = "sets the scale of the threshold")]
    pub(super) fear_weight: f64,
    /// Weight of the local evidence, the share of the squad that left.
    #[param(default = "1", prior = "log_normal(1, 0.5)", grade = Assumed, why = "as much as fear; no source found")]
    pub(super) evidence_weight: f64,
    /// Weight of one mate's disposition, times trust.
    #[param(symbol = "w_ij", default = "0.1", prior = "half_normal(0.1)", grade = Assumed, why = "a full squad weighs as much as one's own fear")]
    pub(super) mate_weight: f64,
    /// Learning rate of fear per unit of danger.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "Rescorla-Wagner; two thirds after ten days of contact")]
    pub(super) fear_learning: Share,
}

/// M4: the squad is punished jointly, and mates police each other.
#[derive(Params)]
#[params(prefix = "decision.collective_sanction", part = Force)]
pub(super) struct CollectiveSanction {
    /// Fine of each mate when one leaves, in units of the log-hazard.
    #[param(default = "1", prior = "half_normal(1)", grade = Assumed, source = "heckathorn1988", why = "sign only", lever)]
    pub(super) fine: f64,
    /// Cost of stopping a mate, in the same unit.
    #[param(default = "0.5", prior = "half_normal(0.5)", grade = Assumed, source = "heckathorn1988", why = "half the fine, so that policing pays when the odds are even")]
    pub(super) policing_cost: f64,
    /// Probability that a mate who polices stops an attempt.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "an attempt is quick and men sleep; no source found")]
    pub(super) policing_success: Share,
}

/// M5: catch and penalty fall with the distance to the commissar.
#[derive(Params)]
#[params(prefix = "decision.principal_agent", part = Force)]
pub(super) struct PrincipalAgent {
    /// Fall of the probability of being caught per level of formation between soldier and political officer.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "gates2002", why = "sign only", lever)]
    pub(super) catch_fall: Share,
    /// Fall of the penalty per level of formation between soldier and political officer.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "gates2002", why = "sign only", lever)]
    pub(super) penalty_fall: Share,
}
