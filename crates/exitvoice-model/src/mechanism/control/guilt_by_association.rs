//! # Guilt by association
//! A punished offence reaches the living kin of the offender, by degree of kinship.
//!
//! ## Equation
//! `P(penalty of a relative) = min(1, base x w_d x c)`, c = 2 for those who live with the offender, else 1; of the spouse: times
//! `1 - divorced`; kin of the spouse: times `in_laws` before the bound
//! ## Symbols
//! w_d: weight of degree d (chon), 0 spouse, 1 parents and children, 2 siblings, grandparents, grandchildren, 3 and 4 beyond
//! ## Resolution
//! on the day of the offence; one draw for each pair of offence and relative, addressed by both, so that a relative on two paths is tried once,
//! at the nearest degree
//! ## Not modelled
//! denunciation by kin to save themselves; offences of the dead; the end of a marriage that the divorce spares a spouse by
//! ## Sources
//! `CP001`: three generations; `CP002`: a quarter to a third of documented prisoners were held for a relative only
//! ## Claims
//! C1 the probability is base times weight, doubled under one roof, at most one (`the_probability_follows_degree_and_roof`), and a divorce
//! spares its share of spouses whatever the rest (`a_divorce_spares_its_share_of_spouses_however_certain_the_penalty`) · C2 degree four
//! is not reached (`the_fourth_degree_is_not_reached`) · C3 outcomes have their shares (`outcomes_have_their_shares`)

use crate::schedule::{Spec, Stage};
use crate::society::dossier::Outcome;
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::sample;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "control.guilt_by_association",
    stage: Stage::Control,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["persons", "marriages", "persons.household"],
    writes: &[],
    posts: &[],
};

/// Penalty of kin: `min(1, base x weight of the degree x factor if co-resident)`.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "control.guilt_by_association", part = History)]
pub struct Params {
    /// Probability that a relative of weight 1 who lives elsewhere is punished for a known offence.
    #[param(symbol = "base", default = "0.3", prior = "beta(3, 7)", grade = Assumed, source = "CP002", why = "a quarter to a third of documented prisoners were held for a relative only", lever)]
    pub base: Share,
    /// Weight of the spouse, degree 0.
    #[param(symbol = "w_0", default = "1", prior = "log_normal(1, 0.3)", grade = Assumed, why = "prototype value", lever)]
    pub weight_spouse: f64,
    /// Weight of parents and children, degree 1.
    #[param(symbol = "w_1", default = "1", prior = "fixed", grade = Definition, why = "sets the scale of the base")]
    pub weight_first: f64,
    /// Weight of siblings, grandparents and grandchildren, degree 2.
    #[param(symbol = "w_2", default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "CP001", why = "prototype value; reach falls with degree", lever)]
    pub weight_second: Share,
    /// Weight of degree 3.
    #[param(symbol = "w_3", default = "0.2", prior = "beta(2, 8)", grade = Assumed, source = "CP001", why = "prototype value; reach falls with degree", lever)]
    pub weight_third: Share,
    /// Weight of degree 4.
    #[param(symbol = "w_4", default = "0", prior = "fixed", grade = Definition, source = "CP001", why = "three generations: the rule ends here")]
    pub weight_fourth: Share,
    /// Factor for kin who live with the offender.
    #[param(default = "2", prior = "log_normal(2, 0.3)", grade = Assumed, why = "prototype value; taken from the same house at the same hour", lever)]
    pub co_resident_factor: f64,
    /// Share of spouses spared by divorce; 0 switches it off.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "reported as frequent; unchecked")]
    pub divorced: Share,
    /// Weight of in-laws relative to blood kin of the same degree; 0 leaves them out.
    #[param(default = "0.2", prior = "beta(1, 4)", grade = Assumed, why = "accounts differ on whether in-laws are reached", lever)]
    pub in_laws: Share,
    /// Share of punished offenders sent to a camp.
    #[param(default = "0.5", prior = "beta(5, 5)", grade = Assumed, source = "CP002", why = "two thirds to three quarters of documented prisoners were there for an act of their own; the rest of offenders is dealt with below the camp")]
    pub camp_offender: Share,
    /// Share of the penalties of kin that are the camp.
    #[param(default = "0.1", prior = "beta(1, 9)", grade = Assumed, why = "checked against the camp stock; no source found")]
    pub camp: Share,
    /// Share of the other penalties that are banishment.
    #[param(default = "0.3", prior = "beta(3, 7)", grade = Assumed, why = "no source found")]
    pub banishment: Share,
    /// Share of what remains that blocks careers; the rest is a drop in class.
    #[param(default = "0.6", prior = "beta(6, 4)", grade = Assumed, source = "SB022", why = "one documented case closed officer and cadre posts to several kin")]
    pub career_blocked: Share,
}

/// Where a relative stands to the offender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Spouse or blood relative.
    Own,
    /// Kin of the spouse.
    InLaw,
}

/// Whether a relative lives with the offender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Roof {
    /// In one household.
    Same,
    /// Elsewhere.
    Apart,
}

/// Farthest degree of the spouse's kin that is reached: accounts that name in-laws name parents, brothers and sisters.
pub const IN_LAW_DEGREE: u8 = 2;

/// Probability that a relative at `degree` is punished.
#[must_use]
pub fn probability(params: &Params, degree: u8, tie: Tie, roof: Roof) -> f64 {
    if tie == Tie::InLaw && degree > IN_LAW_DEGREE {
        return 0.0;
    }
    // Who is divorced in time is spared even where the penalty of the others is certain.
    let married = if degree == 0 { 1.0 - params.divorced.value() } else { 1.0 };
    let weight = match degree {
        0 => params.weight_spouse * married,
        1 => params.weight_first,
        2 => params.weight_second.value(),
        d if d == 2 + 1 => params.weight_third.value(),
        d if d == 2 + 2 => params.weight_fourth.value(),
        _ => 0.0,
    };
    let tie = if tie == Tie::InLaw { params.in_laws.value() } else { 1.0 };
    let roof = if roof == Roof::Same { params.co_resident_factor } else { 1.0 };
    (params.base.value() * weight * tie * roof).min(married)
}

/// Farthest degree that can be reached at all; `None` where kin are not punished.
#[must_use]
pub fn reach(params: &Params, tie: Tie) -> Option<u8> {
    (0..=crate::society::kin::FARTHEST_DEGREE).rev().find(|d| probability(params, *d, tie, Roof::Same) > 0.0)
}

/// What a penalty consists of; `camp` is the share of the camp among those concerned.
#[must_use]
pub fn outcome(params: &Params, camp: Share, u: f64) -> Outcome {
    let (camp, banished, blocked) = (camp.value(), params.banishment.value(), params.career_blocked.value());
    let below = 1.0 - camp;
    let rest = below * (1.0 - banished);
    let weights = [camp, below * banished, rest * blocked, rest * (1.0 - blocked)];
    Outcome::ALL[sample::categorical(u, &weights)]
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn the_probability_follows_degree_and_roof() {
        let params = params();
        let own = |degree, roof| probability(&params, degree, Tie::Own, roof);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        for (degree, apart) in [(0, 0.21), (1, 0.3), (2, 0.15), (3, 0.06)] {
            assert!(close(own(degree, Roof::Apart), apart) && close(own(degree, Roof::Same), 2.0 * apart), "{degree}");
            let in_law = probability(&params, degree, Tie::InLaw, Roof::Apart);
            assert!(close(in_law, if degree > IN_LAW_DEGREE { 0.0 } else { 0.2 * apart }), "{degree}");
        }
        let certain = Params { base: Share::clamped(0.9), ..params };
        assert!(close(probability(&certain, 1, Tie::Own, Roof::Same), 1.0));
        let no_divorce = Params { divorced: Share::clamped(0.0), ..params };
        assert!(close(probability(&no_divorce, 0, Tie::Own, Roof::Apart), 0.3));
    }

    #[test]
    fn a_divorce_spares_its_share_of_spouses_however_certain_the_penalty() {
        for (base, weight) in [(0.3, 1.0), (0.5, 1.0), (0.8, 1.0), (1.0, 3.0)] {
            let with = Params { base: Share::clamped(base), weight_spouse: weight, ..params() };
            let without = Params { divorced: Share::clamped(0.0), ..with };
            for roof in [Roof::Same, Roof::Apart] {
                let [p, all] = [with, without].map(|params| probability(&params, 0, Tie::Own, roof));
                assert!((p / all - (1.0 - with.divorced.value())).abs() < 1e-12, "{base} {roof:?}: {p} of {all}");
            }
        }
    }

    #[test]
    fn the_fourth_degree_is_not_reached() {
        let params = params();
        assert_eq!(reach(&params, Tie::Own), Some(3));
        assert_eq!(reach(&params, Tie::InLaw), Some(2));
        assert_eq!(reach(&Params { in_laws: Share::clamped(0.0), ..params }, Tie::InLaw), None);
        assert!([4, 5, 9].iter().all(|d| probability(&params, *d, Tie::Own, Roof::Same) <= 0.0));
        let farther = Params { weight_fourth: Share::clamped(0.1), ..params };
        let fourth = probability(&farther, 4, Tie::Own, Roof::Apart);
        assert!((fourth - 0.1 * params.base.value()).abs() < 1e-12 && reach(&farther, Tie::Own) == Some(4), "{fourth}");
    }

    #[test]
    fn outcomes_have_their_shares() {
        let params = params();
        let n = 100_000;
        let mut counts = [0.0; 5];
        for i in 0..n {
            counts[outcome(&params, params.camp, (f64::from(i) + 0.5) / f64::from(n)) as usize] += 1.0 / f64::from(n);
        }
        for (found, expected) in counts.iter().zip([0.1, 0.27, 0.378, 0.252, 0.0]) {
            assert!((found - expected).abs() < 2e-5, "{counts:?}");
        }
    }
}
