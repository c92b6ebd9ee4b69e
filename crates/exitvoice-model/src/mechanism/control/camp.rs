//! # Camp and banishment
//! Those punished die sooner, and everybody else a little later, so that the published rates hold.
//!
//! ## Equation
//! hazard of the punished = factor x h; h = published rate / (1 + `sum of shares x (factor - 1)`); release after Exp(release rate)
//! ## Symbols
//! shares: expected shares of a period, sex and age group in camps and in banishment, from the pilot population
//! ## Resolution
//! a sentence falls on the day of the act, or where weddings and births of the same year step, which are settled before its offences, brought the
//! bearer a spouse or a child later in it, on that day; an offender's kin are those of the day of the own sentence. On the day of the penalty the
//! rest of a life's resistance is spent at the factor until the release, and at the former rate after it: the day of death moves, no new clock
//! starts. A life that would outlast the freeze has its resistance beyond it redrawn (exponential without memory)
//! ## Not modelled
//! births and marriages in camps, return from banishment, escape, service after a camp: who is sent there before its end is discharged for good
//! ## Sources
//! `uncoi2014`: hunger and labour, no rate; published stocks `CP005` to `CP008`, `CP016` to `CP024` are compared, not fitted
//! ## Claims
//! C1 the factor acts until the release and not after it (`the_factor_acts_until_the_release`) · C2 the offset keeps the rate of everybody
//! together (`the_offset_keeps_the_published_rate`)

use crate::schedule::{Spec, Stage};
use crate::society::rates::{Rates, Sex};
use exitvoice_core::Params;
use exitvoice_core::quantity::{Hazard, ModelVersion};
use exitvoice_core::rng::sample;
use exitvoice_core::time::Day;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "control.camp",
    stage: Stage::Control,
    since: ModelVersion { law: 2, draws: 0 },
    reads: &["persons.birth", "persons.death"],
    writes: &["files.confined"],
    posts: &[],
};

/// The camps; their stock is compared with published ranges, not fitted.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "control.camp", part = History)]
pub struct Params {
    /// Releases from the camps.
    #[param(default = "0.03 /yr", prior = "log_normal(0.03 /yr, 0.7)", grade = Assumed, why = "some zones release, most do not; no rate found")]
    pub release_rate: Hazard,
    /// Factor on the hazard of death in a camp.
    #[param(default = "4", prior = "log_normal(4, 0.5)", grade = Assumed, source = "uncoi2014", why = "hunger and labour are documented, a rate is not")]
    pub mortality_factor: f64,
    /// Factor on the hazard of death of the banished.
    #[param(default = "1.3", prior = "log_normal(1.3, 0.2)", grade = Assumed, why = "poorer provinces and work; no source found")]
    pub banished_factor: f64,
}

/// Bounds of the published stocks of the camps, persons: the upper value of the lowest study, of 2025 (`CP024`: 53,000 to 65,000), and the
/// highest number, of 2021, rounded (`CP017`: 232,400).
pub const PUBLISHED_STOCK: (f64, f64) = (65_000.0, 230_000.0);

/// Provinces that the banished are sent to, by number: the mines and farms of the north-east (`domain` a).
pub const REMOTE_PROVINCES: [u8; 3] = [4, 8, 9];

/// Day of release of somebody taken to a camp on `day`; far beyond any life where none comes.
#[must_use]
pub fn release_day(params: &Params, day: Day, u: f64) -> Day {
    let rate = params.release_rate.per_day_value();
    let days = if rate > 0.0 { sample::exponential(u, 1.0 / rate) } else { f64::INFINITY };
    Day((f64::from(day.0) + days).min(f64::from(i32::MAX)).floor() as i32)
}

/// Factors on the hazard of death of one person from a day on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Regime {
    /// In force until the penalty.
    pub before: f64,
    /// From the penalty until `until`.
    pub during: f64,
    /// End of the penalty.
    pub until: Day,
    /// After it.
    pub after: f64,
}

/// A life on the day on which its hazard changes.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    /// Sex.
    pub sex: Sex,
    /// Date of birth.
    pub birth: Day,
    /// Day of death under the factor in force before; `None` where it falls on or after the horizon.
    pub death: Option<Day>,
    /// Resistance beyond the horizon, exponential with mean one, for those who reach it.
    pub beyond: f64,
}

/// Day of death under new factors from `day` on; `None` where it falls on or after `horizon`.
#[must_use]
pub fn day_of_death(rates: &Rates, life: &Life, day: Day, regime: &Regime, horizon: Day) -> Option<Day> {
    let spent = |to: Day| rates.cumulative(life.sex, life.birth, day, to);
    let left =
        regime.before * spent(life.death.unwrap_or(horizon)) + if life.death.is_none() { life.beyond } else { 0.0 };
    let end = regime.until.min(horizon);
    let (sex, birth) = (life.sex, life.birth);
    if let Some(death) = rates.death_day(sex, birth, day, left / regime.during, end) {
        return Some(death);
    }
    if end >= horizon {
        return None;
    }
    let rest = (left - regime.during * spent(end)).max(0.0);
    rates.death_day(sex, birth, end, rest / regime.after, horizon)
}

/// Factor on the published rate that everybody outside camps and banishment lives under, so that the rate of all holds.
#[must_use]
pub fn offset(params: &Params, share_in_camps: f64, share_banished: f64) -> f64 {
    let excess = share_in_camps * (params.mortality_factor - 1.0) + share_banished * (params.banished_factor - 1.0);
    1.0 / (1.0 + excess)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;
    use crate::society::rates::tests::shipped;

    fn params() -> Params {
        let values: std::collections::BTreeMap<String, f64> =
            Params::META.iter().map(|m| (m.key.to_owned(), m.default_value().expect("a number"))).collect();
        Params::from_resolved(&values).expect("complete")
    }

    #[test]
    fn the_factor_acts_until_the_release() {
        let rates = shipped();
        let (birth, day, horizon) = (Day::new_year(1950), Day::new_year(1985), Day::new_year(2024));
        let resistance = 0.08;
        let death = rates.death_day(Sex::Male, birth, day, resistance, horizon);
        let life = Life { sex: Sex::Male, birth, death, beyond: 0.0 };
        let forever = Regime { before: 1.0, during: 4.0, until: horizon, after: 1.0 };
        let sooner = day_of_death(&rates, &life, day, &forever, horizon).expect("dies");
        // Whole days are kept: the resistance read back is short by less than a day's hazard.
        let used = 4.0 * rates.cumulative(Sex::Male, birth, day, sooner);
        assert!((used - resistance).abs() < 1e-3, "{used}");
        let short = Regime { until: day + 365, ..forever };
        let later = day_of_death(&rates, &life, day, &short, horizon).expect("dies");
        let year = rates.cumulative(Sex::Male, birth, day, day + 365);
        let used = rates.cumulative(Sex::Male, birth, day, later) + 3.0 * year;
        assert!((used - resistance).abs() < 1e-3 && sooner < later && later < death.expect("dies"));
        let none = Regime { during: 1.0, ..short };
        let same = day_of_death(&rates, &life, day, &none, horizon).expect("dies");
        assert!((same - death.expect("dies")).abs() <= 1);
        let survivor = Life { death: None, beyond: 1e9, ..life };
        assert_eq!(day_of_death(&rates, &survivor, day, &short, horizon), None);
    }

    #[test]
    fn the_offset_keeps_the_published_rate() {
        let params = params();
        let (camp, banished) = (0.006, 0.02);
        let free = offset(&params, camp, banished);
        let all = free * (1.0 - camp - banished + camp * params.mortality_factor + banished * params.banished_factor);
        assert!((all - 1.0).abs() < 1e-12, "{all}");
        assert_eq!(offset(&params, 0.0, 0.0), 1.0);
    }

    #[test]
    fn releases_follow_their_rate() {
        let params = params();
        let n = 10_000;
        let within =
            (0..n).filter(|i| release_day(&params, Day(0), (f64::from(*i) + 0.5) / f64::from(n)).0 < 36_525).count();
        let expected = 1.0 - exitvoice_core::math::exp(-3.0);
        assert!((within as f64 / f64::from(n) - expected).abs() < 1e-3, "{within}");
        let never = Params { release_rate: Hazard::per_day(0.0), ..params };
        assert_eq!(release_day(&never, Day(0), 0.5), Day(i32::MAX));
    }
}
