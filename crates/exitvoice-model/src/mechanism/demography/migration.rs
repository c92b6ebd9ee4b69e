//! # Migration
//! Who founds a household in another province: some at their wedding, more of those discharged from service, and the core class in the capital.
//!
//! ## Equation
//! P(move) = m + (1 - m) s [husband discharged]; destination from weights `w_c(p)`, with `sum over classes of share(c) w_c(p) = pi(p)`:
//! capital `w_core = kappa pi / c`, `w_other = (1 - kappa) pi / (1 - c)`; the other provinces share the rest as their populations
//! ## Symbols
//! m, s: shares; kappa: core class among couples who move to the capital; c: founding share of the core class; pi: census share of a province
//! ## Resolution
//! at the wedding of a couple that founds a household, by one addressed draw; the class is the husband's on that day. The draw may name the
//! province where he lives. The banished stay where they were sent, and the spouse of one goes there; banishment itself: `control.camp`
//! ## Not modelled
//! moves of whole households, moves without a wedding, return, expulsion from the capital other than banishment, hostile lines sent to
//! mines, school and barracks as places of residence
//! ## Sources
//! see `Params`; census shares from `dprk_census2008`
//! ## Claims
//! C1 movers keep the census shares if classes keep their founding shares (`movers_of_all_classes_together_keep_the_census_shares`);
//! C2 at kappa = c class does not matter (`without_privilege_class_does_not_matter`); C3 who lives together lives in one province
//! (`every_requirement_of_the_country_holds`); C4 nobody moves at m = s = 0 (`without_moves_only_the_banished_change_province`)

use crate::schedule::{Spec, Stage};
use crate::society::moves::Reason;
use crate::society::person::{Class, PROVINCES};
use exitvoice_core::Params;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::sample;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "demography.migration",
    stage: Stage::Marriage,
    since: ModelVersion { law: 9, draws: 0 },
    reads: &["persons.class", "files.career", "persons.household"],
    writes: &["persons.province", "moves"],
    posts: &[],
};

/// Parameters of migration.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "demography.migration", part = History)]
pub struct Params {
    /// Share of couples founding a household who set it up where another draw of the province leads them.
    #[param(symbol = "m", default = "0.1", prior = "beta(2, 18)", grade = Assumed, why = "moves need a permit; no source found")]
    pub marriage_share: Share,
    /// Of the others, the share of those whose husband was discharged from service and is placed.
    #[param(symbol = "s", default = "0.1", prior = "beta(2, 18)", grade = Assumed, why = "the discharged are placed in mines, farms and construction; no share found")]
    pub service_share: Share,
    /// Share of the core class among couples who move to the capital, while it has its founding share of all couples.
    #[param(symbol = "kappa", default = "0.8", prior = "beta(8, 2)", grade = Assumed, why = "residence there is a privilege of the core class; no share found")]
    pub core_of_capital: Share,
}

/// Place of the capital in [`PROVINCES`].
pub const CAPITAL: u8 = 0;

/// Why a couple moves, at the uniform `u`; `None` where it stays. Whether the husband was discharged before the wedding is asked only where it
/// decides.
#[must_use]
pub fn reason(params: &Params, u: f64, discharged: impl FnOnce() -> bool) -> Option<Reason> {
    let (m, s) = (params.marriage_share.value(), params.service_share.value());
    if u < m {
        return Some(Reason::Marriage);
    }
    (u < m + (1.0 - m) * s && discharged()).then_some(Reason::Service)
}

/// Weights of the provinces as destinations.
#[derive(Clone, Copy, Debug)]
pub struct Destinations {
    core: [f64; PROVINCES.len()],
    others: [f64; PROVINCES.len()],
}

impl Destinations {
    /// Weights that keep the census shares where the core class has its founding share, in (0, 1).
    #[must_use]
    pub fn new(params: &Params, core_share: Share) -> Self {
        let total: f64 = PROVINCES.iter().map(|p| p.1).sum();
        let (kappa, core) = (params.core_of_capital.value(), core_share.value());
        let capital = PROVINCES[usize::from(CAPITAL)].1 / total;
        let weights = |within: f64| {
            // Founding shares below a ninth leave too few to fill their part of the capital: then all of them go there.
            let elsewhere = (1.0 - within).max(0.0) / (1.0 - capital);
            let mut weights = PROVINCES.map(|(_, population)| elsewhere * population / total);
            weights[usize::from(CAPITAL)] = within;
            weights
        };
        Self { core: weights(kappa * capital / core), others: weights((1.0 - kappa) * capital / (1.0 - core)) }
    }

    /// Province at the uniform `u`.
    #[must_use]
    pub fn province(&self, class: Class, u: f64) -> u8 {
        sample::categorical(u, self.of(class)) as u8
    }

    fn of(&self, class: Class) -> &[f64; PROVINCES.len()] {
        if class == Class::Core { &self.core } else { &self.others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(x: f64) -> Share {
        Share::new(x).expect("a share")
    }

    fn params(m: f64, s: f64, kappa: f64) -> Params {
        Params { marriage_share: share(m), service_share: share(s), core_of_capital: share(kappa) }
    }

    #[test]
    fn movers_of_all_classes_together_keep_the_census_shares() {
        let total: f64 = PROVINCES.iter().map(|p| p.1).sum();
        let to = Destinations::new(&params(0.1, 0.1, 0.8), share(0.25));
        for (province, (_, population)) in PROVINCES.iter().enumerate() {
            let all = 0.25 * to.core[province] + 0.75 * to.others[province];
            assert!((all - population / total).abs() < 1e-12, "{province}: {all}");
        }
        let capital = PROVINCES[0].1 / total;
        assert!((to.core[0] - 3.2 * capital).abs() < 1e-12 && (to.others[0] - 0.8 / 3.0 * capital).abs() < 1e-12);
        assert_eq!((to.province(Class::Core, 0.44), to.province(Class::Hostile, 0.04)), (CAPITAL, 1));
    }

    #[test]
    fn without_privilege_class_does_not_matter() {
        let to = Destinations::new(&params(0.1, 0.1, 0.25), share(0.25));
        assert!(to.core.iter().zip(to.others).all(|(core, other)| (core - other).abs() < 1e-15));
    }

    #[test]
    fn the_discharged_move_more_often() {
        let some = params(0.1, 0.2, 0.8);
        let found = |discharged, u| reason(&some, u, || discharged);
        assert_eq!([0.09, 0.27, 0.29].map(|u| found(false, u)), [Some(Reason::Marriage), None, None]);
        let discharged = [0.09, 0.27, 0.29].map(|u| found(true, u));
        assert_eq!(discharged, [Some(Reason::Marriage), Some(Reason::Service), None]);
        assert_eq!(reason(&params(0.0, 0.0, 0.8), 1e-300, || true), None);
    }
}
