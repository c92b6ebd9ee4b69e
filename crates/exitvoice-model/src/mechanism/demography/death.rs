//! # Death at home
//! When a person dies, at the rates of sex, age and period.
//!
//! ## Equation
//! death falls when `integral of m(period, sex, age) phi(t) dt` reaches `T = -ln(u)`; phi: `s / (3/5)` from mid-1995 to mid-1998,
//! `(1 - s) / (2/5)` to mid-2000, else 1
//! ## Symbols
//! m: deaths per person-year, constant within a five-year period and an age group (0, 1-4, 5-9, ...); s: share of the hazard of 1995-2000
//! that falls into its first three years
//! ## Resolution
//! one resistance a life, inverted once at birth (founders: on 1 July 1955, given that they were alive then)
//! ## Not modelled
//! seasons; mortality by class or province; frailty; famine deaths before mid-1995, and their course by year unless `famine_peak` is set
//! ## Sources
//! `un_wpp2019`: death rates by period, sex and age
//! ## Claims
//! C1 the day of death inverts the cumulative hazard (`the_day_of_death_inverts_the_cumulative_hazard`); C2 an uneven famine keeps
//! the hazard of the period at each age (`an_uneven_famine_moves_deaths_within_its_period_at_each_age`)

use crate::schedule::{Spec, Stage};
use crate::society::person::ALIVE;
use crate::society::rates::{Rates, Sex};
use crate::society::survival::Survival;
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::Block;
use exitvoice_core::time::Day;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "demography.death",
    stage: Stage::Birth,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.birth", "persons.sex"],
    writes: &["persons.death"],
    posts: &[],
};

/// Parameters of mortality.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "demography.death", part = History)]
pub struct Params {
    /// Share of the hazard of mid-1995 to mid-2000, at each age, that falls into its first three years; 0.6 is even.
    #[param(symbol = "s", default = "0.6", prior = "uniform(0.5, 0.8)", grade = Assumed, source = "spoorenberg2012", why = "the published rates spread the famine flatly; its yearly course is not known")]
    pub famine_peak: Share,
}

/// Day of death of somebody alive on `from`, or [`ALIVE`] where it falls on or after the freeze, the horizon of `survival`, which was
/// tabulated at the same rates. The first value of the person's block of purpose `Life` is the resistance.
#[must_use]
pub(crate) fn day_of_death(rates: &Rates, survival: &Survival, life: Block, sex: Sex, birth: Day, from: Day) -> Day {
    let u = life.uniform();
    // Whoever lives from birth to the freeze lives from a later day to it as well.
    if survival.certain(sex, birth, u) {
        return ALIVE;
    }
    rates.death_day(sex, birth, from, -math::ln(u), survival.horizon()).unwrap_or(ALIVE)
}
