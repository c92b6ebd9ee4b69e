//! # Penalty of kin
//! A known exit abroad is followed, later and not always, by penalties for the soldier's own relatives.
//!
//! ## Equation
//! known with probability e; after a delay penalties are applied at all with probability p; then each living relative of
//! degree d is penalised with probability `min(1, base w_d c)`, c > 1 for those who live with him or were moved together
//! ## Symbols
//! w_d: 1, 1, .5, .2, 0 for degree 0 to 4; base, c: see `Params`; p does not depend on what soldiers believe
//! ## Resolution
//! at the exit (reached the other side, caught or killed leaving, surrendered, arrested for a plan) and at the end of the
//! delay; one addressed draw for each pair of soldier and relative; an overlay of the replicate, the Society stays as it is
//! ## Not modelled
//! in-laws, divorce, penalties for capture; release
//! ## Sources
//! `loeffel2012`: threatened often and applied seldom; CP001, CP002
//! ## Claims
//! C1 those penalised are kin, once each (`those_penalised_are_kin`); C2 probability falls with degree and rises with living
//! together (`penalty_falls_with_degree`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, ModelVersion, Share};
use exitvoice_record::FamilyEventKind;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "home.penalty",
    stage: Stage::Event,
    since: ModelVersion { law: 3, draws: 0 },
    reads: &["soldiers.kin"],
    writes: &[],
    posts: &[],
};

/// Parameters of penalties after an exit abroad.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "home.penalty", part = Force)]
pub struct Params {
    /// Probability that an exit becomes known at home as one.
    #[param(symbol = "e", default = "0.7", prior = "beta(7, 3)", grade = Assumed, why = "the unit knows who is gone, not always how; no source found")]
    pub exit_known: Share,
    /// Probability that a known exit is followed by penalties at all, whatever the soldiers believe.
    #[param(symbol = "p", default = "0.5", prior = "beta(2, 2)", grade = Assumed, source = "loeffel2012", why = "elsewhere threatened often and applied seldom", lever)]
    pub applied: Share,
    /// Median time from the known exit to the penalty.
    #[param(default = "60 d", prior = "log_normal(60 d, 0.7)", grade = Assumed, why = "inquiry, file, order; no source found", lever)]
    pub delay: Days,
    /// Share of the families of the selected that are moved and kept together.
    #[param(default = "0.5", prior = "beta(1, 1)", grade = Assumed, source = "CP012, DP018", why = "one agency says so of the families, without a share", lever)]
    pub families_moved: Share,
    /// Probability that a relative of weight 1 who lives elsewhere is penalised when penalties are applied.
    #[param(symbol = "base", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "CP002", why = "as at home: a quarter to a third of documented prisoners were held for a relative only", lever)]
    pub base: Share,
    /// Factor for kin who live with the soldier, or whose family was moved together.
    #[param(symbol = "c", default = "2", prior = "log_normal(2, 0.3)", grade = Assumed, why = "as at home: taken from the same house at the same hour", lever)]
    pub together_factor: f64,
}

/// Weight of a relative by degree 0 to 4: three generations, falling with degree, as for guilt by association at home.
pub const WEIGHT: [f64; 5] = [1.0, 1.0, 0.5, 0.2, 0.0];
/// Spread of the delay, standard deviation of its logarithm.
pub const DELAY_SPREAD: f64 = 0.7;
/// Shares of penalties that are the camp, banishment, a blocked career; the rest is a drop in class.
const KINDS: [(FamilyEventKind, f64); 3] =
    [(FamilyEventKind::Camp, 0.1), (FamilyEventKind::Banished, 0.27), (FamilyEventKind::CareerBlocked, 0.378)];

/// Probability that a relative is penalised when penalties are applied.
#[must_use]
pub fn probability(params: &Params, degree: u8, home: Home) -> f64 {
    let weight = WEIGHT.get(degree as usize).copied().unwrap_or(0.0);
    let factor = if home == Home::Together { params.together_factor } else { 1.0 };
    (params.base.value() * weight * factor).min(1.0)
}

/// Where a relative lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// With the soldier, or with a family that was moved and kept together.
    Together,
    /// Elsewhere.
    Apart,
}

/// Kind of a penalty from its draw.
#[must_use]
pub fn kind(u: f64) -> FamilyEventKind {
    let mut below = 0.0;
    for (kind, share) in KINDS {
        below += share;
        if u < below {
            return kind;
        }
    }
    FamilyEventKind::ClassLowered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mechanism::testing::defaults;

    #[test]
    fn penalty_falls_with_degree() {
        let params: Params = Params::from_resolved(&defaults(Params::META)).expect("complete");
        for degree in 0..4 {
            assert!(probability(&params, degree, Home::Apart) >= probability(&params, degree + 1, Home::Apart));
            assert!(probability(&params, degree, Home::Together) > probability(&params, degree, Home::Apart));
        }
        assert!(
            probability(&params, 4, Home::Together).abs() < 1e-300
                && probability(&params, 9, Home::Apart).abs() < 1e-300
        );
        let certain = Params { base: Share::clamped(0.9), ..params };
        assert!((probability(&certain, 1, Home::Together) - 1.0).abs() < 1e-15, "never above one");
        assert_eq!([kind(0.0), kind(0.2), kind(0.5), kind(0.99)].map(|k| k as u8), [1, 2, 3, 4]);
    }
}
