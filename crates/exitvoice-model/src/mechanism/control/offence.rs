//! # Offence at home
//! An adult does or says what the regime punishes as political.
//!
//! ## Equation
//! `rate = base x class factor x (young factor under 30)`   [1/year]; punished with probability `detection x punished`
//! ## Symbols
//! base: rate of an adult of the core class from 30 on; detection: `control.neighbourhood`
//! ## Resolution
//! one clock per life and occurrence, which runs at the highest rate from the opening of the file on; an event of it is an offence with
//! probability rate / highest rate (thinning), so that a change of class needs no new draw. Not in a camp
//! ## Not modelled
//! ordinary crime, offences of several persons together, desertion from the army at home
//! ## Sources
//! see `Params`
//! ## Claims
//! C1 thinning keeps the rate of each class and age (`thinning_gives_the_rate_of_class_and_age`)

use crate::schedule::{Spec, Stage};
use crate::society::person::Class;
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{Hazard, ModelVersion, Share};
use exitvoice_core::time::Day;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "control.offence",
    stage: Stage::Control,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["persons.class", "persons.birth", "persons.death", "files.career"],
    writes: &[],
    posts: &[],
};

/// Offences at home.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "control.offence", part = History)]
pub struct Params {
    /// Political offences of an adult of the core class.
    #[param(default = "0.002 /yr", prior = "log_normal(0.002 /yr, 1)", grade = Assumed, why = "prototype value; checked against the camp stock")]
    pub base_rate: Hazard,
    /// Rate of the wavering class relative to the core.
    #[param(default = "1.2", prior = "log_normal(1.2, 0.3)", grade = Assumed, why = "less to lose; no source found")]
    pub wavering_factor: f64,
    /// Rate of the hostile class relative to the core.
    #[param(default = "1.5", prior = "log_normal(1.5, 0.3)", grade = Assumed, why = "watched more and less to lose; no source found")]
    pub hostile_factor: f64,
    /// Rate of adults under 30 relative to older ones.
    #[param(default = "1.5", prior = "log_normal(1.5, 0.3)", grade = Assumed, why = "offences fall with age wherever they are counted")]
    pub young_factor: f64,
    /// Probability that a detected offence is punished.
    #[param(default = "0.7", prior = "beta(7, 3)", grade = Assumed, why = "bribes and mercy are reported, without a share")]
    pub punished: Share,
}

/// Age below which an adult counts as young, in years.
pub const YOUNG_UNTIL_YEARS: f64 = 30.0;

/// Offences per day.
#[must_use]
pub fn rate(params: &Params, class: Class, age_years: f64) -> f64 {
    let by_class = match class {
        Class::Core => 1.0,
        Class::Wavering => params.wavering_factor,
        Class::Hostile => params.hostile_factor,
    };
    let by_age = if age_years < YOUNG_UNTIL_YEARS { params.young_factor } else { 1.0 };
    params.base_rate.per_day_value() * by_class * by_age
}

/// Highest rate of any class and age, per day: that of the clock.
#[must_use]
pub fn highest_rate(params: &Params) -> f64 {
    let factor = params.wavering_factor.max(params.hostile_factor).max(1.0) * params.young_factor.max(1.0);
    params.base_rate.per_day_value() * factor
}

/// Next event of a clock that runs at the highest rate, per day, from a day on; `None` where it does not fall before `end`. `u` is its draw.
#[must_use]
pub(crate) fn next_event(highest: f64, u: f64, from: Day, end: Day) -> Option<Day> {
    let resistance = math::resistance_below(u, f64::from((end - from).max(0)) * highest)?;
    let day = Day(from.0.saturating_add((resistance / highest).min(f64::from(i32::MAX / 2)) as i32));
    (day < end).then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn thinning_gives_the_rate_of_class_and_age() {
        let (params, draws) = (params(), Draws::new(Seed(8), Purpose::Test));
        let (highest, days) = (highest_rate(&params), 36_525.0);
        for (class, age) in [(Class::Core, 40.0), (Class::Wavering, 20.0), (Class::Hostile, 20.0)] {
            let persons = 20_000_u64;
            let mut offences = 0;
            for person in 0..persons {
                let (mut now, mut k) = (0.0, 0);
                loop {
                    now += draws.resistance(person, 2 * k) / highest;
                    if now >= days {
                        break;
                    }
                    offences += u64::from(draws.uniform(person, 2 * k + 1) < rate(&params, class, age) / highest);
                    k += 1;
                }
            }
            let expected = rate(&params, class, age) * days * persons as f64;
            // Poisson: four standard deviations.
            assert!((offences as f64 - expected).abs() < 4.0 * expected.sqrt(), "{class:?} {offences} {expected}");
        }
    }

    #[test]
    fn no_class_exceeds_the_clock() {
        let params = params();
        for class in Class::ALL {
            for age in [17.0, 29.9, 30.0, 90.0] {
                assert!(rate(&params, class, age) <= highest_rate(&params));
            }
        }
        assert!((rate(&params, Class::Hostile, 20.0) / rate(&params, Class::Core, 50.0) - 2.25).abs() < 1e-12);
    }
}
