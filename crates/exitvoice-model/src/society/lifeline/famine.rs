//! The famine's course within its period: the published rates of 1995-2000 moved towards the first years, the hazard of the period at each
//! age kept.
//!
//! Days of the period pass faster or slower: `W(t) = t + drift(t)`, and the drift is 0 at both ends, so that a lifeline with one rate all
//! through the period loses and gains nothing. Everything else is corrected by `sum over age groups of rate x (drift(to) - drift(from))`.

use super::{GROUPS, Lifelines, SLOTS_BEFORE, STEP_DAYS, Start, group};
use crate::society::rates::{FOUNDING_YEAR, GROUP, Sex};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// First year of the period of the famine.
pub(super) const FIRST_YEAR: i16 = 1995;
/// Its years of most deaths: the first of the period.
const WORST_YEARS: f64 = 3.0;
/// Slot of the period.
const SLOT: usize = SLOTS_BEFORE + (FIRST_YEAR - FOUNDING_YEAR) as usize / GROUP;
/// First day of the period, from the first day of slot 0.
const BEGIN: f64 = SLOT as f64 * STEP_DAYS;

/// Share of the period's hazard at each age that falls into its first three years, from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::society) struct Famine(pub(in crate::society) f64);

impl Famine {
    /// The same hazard on every day, as published.
    pub(in crate::society) const EVEN: Self = Self(WORST_YEARS / GROUP as f64);

    /// Days gained `t` days into the period, 0 outside it.
    fn drift(self, t: f64) -> f64 {
        let worst = WORST_YEARS * DAYS_PER_YEAR;
        if t <= 0.0 || t >= STEP_DAYS {
            0.0
        } else if t < worst {
            (self.0 / Self::EVEN.0 - 1.0) * t
        } else {
            ((1.0 - self.0) / (1.0 - Self::EVEN.0) - 1.0) * (t - STEP_DAYS)
        }
    }
}

/// Age group of mortality and the age at which it ends, in days, of somebody `age` days old.
fn group_of(age: f64) -> (usize, f64) {
    if age < DAYS_PER_YEAR {
        (0, DAYS_PER_YEAR)
    } else if age < STEP_DAYS {
        (1, STEP_DAYS)
    } else {
        let birthday = (age / STEP_DAYS) as usize;
        (group(birthday).min(GROUPS - 1), (birthday + 1) as f64 * STEP_DAYS)
    }
}

impl Lifelines {
    /// What the course of the famine adds to the cumulative hazard up to an age in days.
    pub(super) fn famine_adds(&self, sex: Sex, start: Start, age: f64) -> f64 {
        let rate = &self.rate[sex as usize][SLOT];
        let born = start.slot as f64 * STEP_DAYS + start.x - BEGIN;
        let until = age.min(STEP_DAYS - born);
        let (mut from, mut sum) = ((-born).max(0.0), 0.0);
        while from < until {
            let (group, end) = group_of(from);
            let to = end.min(until);
            sum += rate[group] * (self.famine.drift(born + to) - self.famine.drift(born + from));
            from = to;
        }
        sum
    }

    /// Day on which the cumulative hazard since birth reaches `target`, `even` being the one at even rates.
    pub(super) fn uneven_day(&self, sex: Sex, birth: Day, target: f64, even: Day) -> Day {
        let begin = self.origin + ((FIRST_YEAR - FOUNDING_YEAR) as usize / GROUP) as f64 * STEP_DAYS;
        let (first, end) = (Day(begin as i32), Day((begin + STEP_DAYS) as i32 + 1));
        if even < first || birth > end {
            return even;
        }
        if target >= self.cumulative(sex, birth, end) {
            return self.even_day(
                sex,
                birth,
                target - self.famine_adds(sex, self.start(birth), f64::from(end - birth)),
            );
        }
        let (mut low, mut high) = (birth.max(first), end);
        while high - low > 1 {
            let middle = Day(i32::midpoint(low.0, high.0));
            if self.cumulative(sex, birth, middle) <= target { low = middle } else { high = middle }
        }
        low
    }
}
