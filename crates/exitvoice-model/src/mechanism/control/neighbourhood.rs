//! # Neighbourhood unit
//! Twenty to forty households under a leader, with secret informers among the adults: who notices an offence.
//!
//! ## Equation
//! `detection = 1 - (1 - leader notices)(1 - an informer reports)^n`, `n ~ Poisson(informer share x adults of the unit)`
//! ## Symbols
//! n: informers of the unit in a term of two years
//! ## Resolution
//! a household belongs to the unit that its key falls to among the units of its province; their number follows from the scale and the
//! published population, never from realised counts, and grows so that a household rarely changes its unit (jump hashing). The draw of n is
//! shared by everybody in a unit for a term
//! ## Not modelled
//! who the informers are as persons; quarrels, false reports at home, inspections from above
//! ## Sources
//! `SV001`: 20 to 40 households; `SV009`: one informer in 20 to 50 adults, page not seen
//! ## Claims
//! C1 units have 20 to 40 households (`most_units_have_twenty_to_forty_households`) · C2 more informers, more detection
//! (`detection_rises_with_informers`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::{Draws, sample};

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "control.neighbourhood",
    stage: Stage::Control,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["persons.household", "persons.province"],
    writes: &[],
    posts: &[],
};

/// Neighbourhood units and their informers.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "control.neighbourhood", part = History)]
pub struct Params {
    /// Households in a unit.
    #[param(default = "30", prior = "uniform(20, 40)", grade = Measured, source = "SV001", why = "20 to 40")]
    pub households: f64,
    /// Share of adults who are secret informers.
    #[param(symbol = "iota_home", default = "0.03", prior = "beta(3, 97)", grade = Assumed, source = "SV009", why = "one in 20 to 50 is often quoted; the page was not seen", lever)]
    pub informer_share: Share,
    /// Probability that the leader of the unit notices an offence.
    #[param(default = "0.2", prior = "beta(2, 8)", grade = Assumed, why = "the leader calls often; what is noticed is not known")]
    pub leader_notices: Share,
    /// Probability that one informer of the unit learns of an offence and reports it.
    #[param(default = "0.15", prior = "beta(3, 17)", grade = Assumed, why = "an informer knows a few of the unit's adults well; no source found")]
    pub informer_reports: Share,
}

/// Adults in a household: 3.9 persons at the census of 2008, of whom 2.9 were 16 or older (`dprk_census2008`).
pub const ADULTS_A_HOUSEHOLD: f64 = 2.9;
/// Persons in a household at the census of 2008 (`dprk_census2008`).
pub const PERSONS_A_HOUSEHOLD: f64 = 3.9;
/// Years for which the informers of a unit stay the same.
pub const TERM_YEARS: usize = 2;

/// Units of a province with `households` households.
#[must_use]
pub fn units(params: &Params, households: f64) -> u32 {
    (households / params.households.max(1.0)).round().max(1.0) as u32
}

/// Unit, from 0, of a household with the hash `key` among `units`: jump hashing (Lamping and Veach 2014), so that one unit more moves a
/// share of 1 / units of the households, all into the new one.
#[must_use]
pub fn unit_of(key: u64, units: u32) -> u32 {
    /// Multiplier of the linear congruential generator of the paper.
    const MULTIPLIER: u64 = 2_862_933_555_777_941_757;
    /// 2^31: the generator's upper 31 bits are used.
    const RANGE: f64 = 2_147_483_648.0;
    /// Bits that are dropped.
    const LOWER_BITS: u32 = 33;
    let (mut state, mut unit, mut next) = (key, 0_i64, 0_i64);
    while next < i64::from(units) {
        unit = next;
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(1);
        next = ((unit as f64 + 1.0) * (RANGE / ((state >> LOWER_BITS) as f64 + 1.0))) as i64;
    }
    unit as u32
}

/// How many informers units have.
#[derive(Clone, Debug)]
pub struct Informers(sample::PoissonTable);

impl Informers {
    /// Their law.
    #[must_use]
    pub fn new(params: &Params) -> Self {
        let mean = params.informer_share.value() * params.households * ADULTS_A_HOUSEHOLD;
        Self(sample::PoissonTable::new(mean))
    }

    /// Informers of a unit in a term; `unit` is the unit's address.
    #[must_use]
    pub fn of(&self, draws: Draws, unit: u64, term: u64) -> u64 {
        self.0.draw(draws.uniform(unit, term))
    }
}

/// Probability that an offence in a unit with `informers` informers is detected.
#[must_use]
pub fn detection(params: &Params, informers: u64) -> f64 {
    let missed = math::exp(informers as f64 * math::ln_1p(-params.informer_reports.value()));
    1.0 - (1.0 - params.leader_notices.value()) * missed
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn most_units_have_twenty_to_forty_households() {
        let (params, draws) = (params(), Draws::new(Seed(4), Purpose::Test));
        let households = 60_000_u64;
        let count = units(&params, households as f64);
        assert_eq!(count, 2_000);
        let mut sizes = vec![0_u32; count as usize];
        for household in 0..households {
            sizes[unit_of(draws.hash(household, 0), count) as usize] += 1;
        }
        let within = sizes.iter().filter(|s| (20..=40).contains(*s)).count() as f64 / f64::from(count);
        // Poisson(30) lies in 20..=40 with probability .948; four standard errors of 2,000 units are .02.
        assert!((within - 0.948).abs() < 0.02, "{within}");
    }

    #[test]
    fn one_unit_more_moves_households_into_it_alone() {
        let draws = Draws::new(Seed(4), Purpose::Test);
        for household in 0..5_000 {
            let key = draws.hash(household, 0);
            let (before, after) = (unit_of(key, 100), unit_of(key, 101));
            assert!(before == after || after == 100);
        }
    }

    #[test]
    fn detection_rises_with_informers() {
        let params = params();
        let informers = Informers::new(&params);
        assert!((detection(&params, 0) - 0.2).abs() < 1e-12);
        assert!((detection(&params, 1) - (1.0 - 0.8 * 0.85)).abs() < 1e-12);
        assert!((0..20).all(|n| detection(&params, n + 1) > detection(&params, n)));
        let mean = (0..20_000).map(|u| informers.of(Draws::new(Seed(1), Purpose::Test), u, 0)).sum::<u64>() as f64;
        // .03 x 30 x 2.9 = 2.61; four standard errors of a Poisson mean.
        assert!((mean / 20_000.0 - 2.61).abs() < 4.0 * (2.61_f64 / 20_000.0).sqrt(), "{mean}");
    }
}
