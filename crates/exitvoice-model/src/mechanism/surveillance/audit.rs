//! # Audit
//! Once a week superiors rank those who were denounced, and act on the first few: warning, transfer, arrest.
//!
//! ## Equation
//! `score = n log(sigma / (phi w)) + weight of the last assessment`; the first `floor(c)` of a company, and one more with
//! probability `c - floor(c)`, are acted on
//! ## Symbols
//! n: denunciations of the last w days; sigma, phi: as in `surveillance.denunciation`; c: quota of a company and week
//! ## Resolution
//! on every seventh day, for companies of battalions that have a security officer; the act follows after an exponential
//! delay; its kind is one addressed draw. Who was not denounced is not acted on: the quota is a ceiling
//! ## Not modelled
//! interrogation, confession, execution, acts without a denunciation; evidence that clears somebody
//! ## Sources
//! DR030, DR031, DR035: of the men stopped at the Stalingrad front nineteen in twenty were sent back
//! ## Claims
//! C1 the weight of a denunciation is its log-likelihood ratio (`a_denunciation_weighs_its_likelihood_ratio`); C2 shares of
//! acts sum to one (`acts_sum_to_one`)

use super::denunciation;
use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Days, ModelVersion, Share};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "surveillance.audit",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["companies.denunciations", "soldiers.assessed_face"],
    writes: &[],
    posts: &[],
};

/// Days between two audits.
pub const WEEK: u32 = 7;

/// Parameters of audits.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "surveillance.audit", part = Force)]
pub struct Params {
    /// Time for which a denunciation counts in the ranking.
    #[param(symbol = "w", default = "30 d", prior = "uniform(14 d, 60 d)", grade = Assumed, why = "prototype value")]
    pub window: Days,
    /// Most soldiers of a company acted on in a week.
    #[param(symbol = "c", default = "0.1", prior = "log_normal(0.1, 1)", grade = Assumed, why = "about what false and true denunciations of a company bring up; no source found", lever)]
    pub quota: f64,
    /// Mean time from a denunciation to the act on it.
    #[param(default = "2 d", prior = "log_normal(2 d, 0.7)", grade = Assumed, why = "through the company to the battalion's officer; twice the lag of a cell", lever)]
    pub delay: Days,
    /// Share of acts that are an arrest.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Analogue, source = "DR030, DR031, DR035", why = "Stalingrad front 1942: nineteen in twenty of the men stopped were sent back")]
    pub arrest: Share,
    /// Share of the other acts that are a transfer; the rest are warnings.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "no source found")]
    pub transfer: Share,
}

/// What is done with one who is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// He is warned, and shows loyalty until his face changes by itself.
    Warning,
    /// He is moved to another squad of the battalion.
    Transfer,
    /// He is arrested.
    Arrest,
}

/// The act of a draw.
#[must_use]
pub fn act(params: &Params, u: f64) -> Act {
    let arrest = params.arrest.value();
    if u < arrest {
        Act::Arrest
    } else if u < arrest + (1.0 - arrest) * params.transfer.value() {
        Act::Transfer
    } else {
        Act::Warning
    }
}

/// Weight of one denunciation in the ranking: log of how much likelier an informer reports the guilty than the innocent.
/// 0 where informers never accuse the innocent or never report the guilty: then the count alone ranks.
#[must_use]
pub fn weight(params: &Params, denunciation: &denunciation::Params) -> f64 {
    let (told, false_reports) =
        (denunciation.told.value(), denunciation.innocent_rate.per_day_value() * params.window.0);
    if told > 0.0 && false_reports > 0.0 { math::ln(told / false_reports) } else { 0.0 }
}

/// Soldiers of a company acted on in a week, from the uniform of the week.
#[must_use]
pub fn quota(params: &Params, u: f64) -> usize {
    let whole = params.quota.max(0.0);
    let rest = whole - whole.floor();
    whole as usize + usize::from(u < rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    fn params() -> Params {
        Params::from_resolved(&defaults(Params::META)).expect("complete")
    }

    #[test]
    fn a_denunciation_weighs_its_likelihood_ratio() {
        let denunciation =
            denunciation::Params::from_resolved(&defaults(denunciation::Params::META)).expect("complete");
        assert!((weight(&params(), &denunciation) - math::ln(0.35 / 0.003)).abs() < 1e-12);
        let silent = denunciation::Params { told: Share::clamped(0.0), ..denunciation };
        assert!(weight(&params(), &silent).abs() < 1e-300);
    }

    #[test]
    fn acts_sum_to_one() {
        let n = 10_000;
        let count = |which| (0..n).filter(|i| act(&params(), (f64::from(*i) + 0.5) / f64::from(n)) == which).count();
        let found = [count(Act::Arrest), count(Act::Transfer), count(Act::Warning)];
        assert_eq!(found, [1_000, 2_700, 6_300]);
        assert_eq!((quota(&params(), 0.05), quota(&params(), 0.15)), (1, 0));
        assert_eq!(quota(&Params { quota: 2.5, ..params() }, 0.4), 3);
    }
}
