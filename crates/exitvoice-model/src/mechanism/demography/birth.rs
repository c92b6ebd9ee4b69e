//! # Birth
//! When a couple's next child is born.
//!
//! ## Equation
//! hazard = base(year quarter, age group of the wife) x z x g(p, TFR); fires at resistance `T = -ln(u)`
//! ## Symbols
//! z: couple's fertility relative to others, gamma with mean 1; p: children the wife has borne; g: falls with p as the
//! total fertility rate falls, `g = 1 + w (g_low(p) - 1)`, w = 1 at TFR 2, 0 at TFR 5
//! ## Resolution
//! one clock per couple and birth; at risk from `first_delay` after the wedding and `spacing` after each birth until
//! the wife's 50th birthday, her death, or nine months after the husband's
//! ## Not modelled
//! births outside marriage, twins, fertility by class or province
//! ## Sources
//! `un_wpp2019`: total fertility and age pattern; base hazard from a pilot population (see `pilot`)
//! ## Claims
//! C1 no births within the spacing (`births_keep_their_spacing`); C2 the day of the next birth inverts the cumulative hazard
//! (`the_next_birth_inverts_the_cumulative_hazard`)

use crate::schedule::{Spec, Stage};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Days, Hazard, ModelVersion};
use exitvoice_core::rng::sample;
use exitvoice_core::time::DAYS_PER_YEAR;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "demography.birth",
    stage: Stage::Birth,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["marriages", "persons.births", "persons.class", "persons.household"],
    writes: &["persons.key", "persons.birth", "persons.mother", "persons.father", "persons.sex", "persons.births"],
    posts: &[],
};

/// Parameters of fertility.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "demography.birth", part = History)]
pub struct Params {
    /// Coefficient of variation of fertility between couples.
    #[param(symbol = "cv", default = "0.5", prior = "uniform(0.2, 0.8)", grade = Analogue, why = "natural-fertility populations, gamma frailty; no table found")]
    pub couple_variation: f64,
    /// Time after a birth without risk of the next.
    #[param(default = "1.25 yr", prior = "normal(1.25 yr, 0.2 yr)", grade = Analogue, why = "nine months and nursing; no table found")]
    pub spacing: Days,
    /// Time after the wedding without a birth.
    #[param(default = "0.75 yr", prior = "fixed", grade = Definition, why = "nine months")]
    pub first_delay: Days,
    /// Largest birth rate of married women.
    #[param(default = "0.5 /yr", prior = "fixed", grade = Definition, why = "what does not fit at 15-19 moves to 20-24")]
    pub most: Hazard,
    /// Relative fertility of women with one child where the total fertility rate is 2.
    #[param(symbol = "g_1", default = "0.9", prior = "uniform(0.6, 1.2)", grade = Assumed, why = "two-child norm of the 2000s")]
    pub second_child: f64,
    /// Relative fertility of women with two or more children where the total fertility rate is 2.
    #[param(symbol = "g_2", default = "0.35", prior = "uniform(0.1, 0.7)", grade = Assumed, why = "two-child norm of the 2000s")]
    pub later_child: f64,
}

/// Classes of couple fertility.
pub const FRAILTY_CLASSES: usize = 16;
/// Classes of parity: none, one, two and more.
pub const PARITY_CLASSES: usize = 3;
/// Quarters of a year.
pub const QUARTERS: usize = 4;
/// Middle of a class, as a share of its width.
const MIDDLE: f64 = 0.5;
/// Length of a quarter in days.
pub const QUARTER_DAYS: f64 = DAYS_PER_YEAR / QUARTERS as f64;

/// Total fertility at which parity does not matter, and at which it matters fully.
const HIGH_FERTILITY: f64 = 5.0;
const LOW_FERTILITY: f64 = 2.0;

/// Relative fertility of the classes of couples: gamma quantiles at the middle of each class, scaled to mean one.
#[must_use]
pub fn frailty_classes(params: &Params) -> [f64; FRAILTY_CLASSES] {
    let shape = 1.0 / (params.couple_variation * params.couple_variation);
    let mut classes = [0.0; FRAILTY_CLASSES];
    for (index, value) in classes.iter_mut().enumerate() {
        *value = sample::gamma((index as f64 + MIDDLE) / FRAILTY_CLASSES as f64, shape, 1.0);
    }
    let mean = classes.iter().sum::<f64>() / FRAILTY_CLASSES as f64;
    classes.map(|z| z / mean)
}

/// Factor by parity class at a total fertility rate.
#[must_use]
pub fn parity_factors(params: &Params, total_fertility: f64) -> [f64; PARITY_CLASSES] {
    let weight = ((HIGH_FERTILITY - total_fertility) / (HIGH_FERTILITY - LOW_FERTILITY)).clamp(0.0, 1.0);
    [1.0, 1.0 + weight * (params.second_child - 1.0), 1.0 + weight * (params.later_child - 1.0)]
}

/// Parity class of a woman who has borne `births` children.
#[must_use]
pub const fn parity_class(births: u8) -> usize {
    let births = births as usize;
    if births < PARITY_CLASSES - 1 { births } else { PARITY_CLASSES - 1 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;

    #[test]
    fn parity_matters_more_where_fertility_is_low() {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("valid"))).collect();
        let params = Params::from_resolved(&values).expect("complete");
        assert_eq!(parity_factors(&params, 5.5), [1.0; 3]);
        assert_eq!(parity_factors(&params, 1.9), [1.0, 0.9, 0.35]);
        let classes = frailty_classes(&params);
        assert!((classes.iter().sum::<f64>() / 16.0 - 1.0).abs() < 1e-12);
    }
}
