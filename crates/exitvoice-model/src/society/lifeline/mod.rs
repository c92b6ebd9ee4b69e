//! Cumulative mortality along a lifeline, tabulated so that a resistance is inverted in a few steps.
//!
//! Rates are constant within five-year periods and, from the fifth birthday on, within five-year age groups, so a lifeline changes its
//! rate at two kinds of points: at each fifth birthday and at each turn of a period, always the same time after the birthday before it.
//! For somebody born `x` days into a period the cumulative hazard at a fifth birthday is therefore linear in `x`, and the table holds the
//! two coefficients by sex, period of birth and birthday. Periods count 5 x 365.25 days from 1 July 1955, at most a day off the calendar.
//! The open age group has its published rate for the first five years; after them the rate goes on rising as between the two groups before
//! (Gompertz).

mod famine;

pub(super) use famine::Famine;

use super::rates::{FOUNDING_YEAR, GROUP, MORTALITY_GROUPS, PERIODS, Sex, mid_year};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Length of a period and of an age group, in days.
const STEP_DAYS: f64 = GROUP as f64 * DAYS_PER_YEAR;
/// Earliest period of birth, in periods before the founding: founders are up to 105 years old.
const SLOTS_BEFORE: usize = 22;
/// Periods of birth in the table: to the end of the rates.
const SLOTS: usize = SLOTS_BEFORE + PERIODS;
/// Fifth birthdays in the table: nobody's resistance lasts longer at the rates of the oldest.
const BIRTHDAYS: usize = 32;

/// Age groups: infants, to the fifth birthday, and five years from each of the others on.
const GROUPS: usize = BIRTHDAYS + 1;
/// Group of the fifth birthday number `birthday`.
const fn group(birthday: usize) -> usize {
    birthday + 1
}

/// Cumulative hazard at a birthday, `base + slope x`.
#[derive(Clone, Copy, Debug, Default)]
struct Node {
    base: f64,
    slope: f64,
}

/// The table, by sex and period of birth.
#[derive(Clone, Debug)]
pub(super) struct Lifelines {
    origin: f64,
    famine: Famine,
    /// Deaths per person-day `[sex][slot][group]`; slots run past the last period at its rates.
    rate: [Vec<[f64; GROUPS]>; 2],
    /// From the fifth birthday on, less the hazard up to it: `[sex][slot][birthday]`.
    node: [Vec<[Node; BIRTHDAYS]>; 2],
}

/// Where a lifeline starts: slot of the birth and days into it.
#[derive(Clone, Copy)]
struct Start {
    slot: usize,
    x: f64,
}

impl Lifelines {
    /// Tabulates deaths per person-year `[period][sex][group]`.
    pub(super) fn new(deaths: &[[[f64; MORTALITY_GROUPS]; 2]], famine: Famine) -> Self {
        let by_sex = |sex: usize| -> Vec<[f64; GROUPS]> {
            (0..SLOTS + BIRTHDAYS + 1)
                // Slot SLOTS_BEFORE begins with the founding, which is period 1; before 1950 the first period's rates hold.
                .map(|slot| (slot + 1).saturating_sub(SLOTS_BEFORE).min(PERIODS - 1))
                .map(|period| daily(&deaths[period][sex]))
                .collect()
        };
        let rate = [by_sex(0), by_sex(1)];
        let nodes = |rate: &[[f64; GROUPS]]| -> Vec<[Node; BIRTHDAYS]> {
            (0..SLOTS)
                .map(|slot| {
                    let mut nodes = [Node::default(); BIRTHDAYS];
                    for birthday in 1..BIRTHDAYS - 1 {
                        let (before, after) =
                            (rate[slot + birthday][group(birthday)], rate[slot + birthday + 1][group(birthday)]);
                        nodes[birthday + 1] = Node {
                            base: nodes[birthday].base + before * STEP_DAYS,
                            slope: nodes[birthday].slope + after - before,
                        };
                    }
                    nodes
                })
                .collect()
        };
        let node = [nodes(&rate[0]), nodes(&rate[1])];
        Self { origin: f64::from(mid_year(FOUNDING_YEAR).0), famine, rate, node }
    }

    /// First day of period 1, as a number.
    pub(super) const fn origin(&self) -> f64 {
        self.origin
    }

    fn start(&self, birth: Day) -> Start {
        let days = f64::from(birth.0) - self.origin + SLOTS_BEFORE as f64 * STEP_DAYS;
        let slot = ((days / STEP_DAYS) as usize).min(SLOTS - 1);
        Start { slot, x: days - slot as f64 * STEP_DAYS }
    }

    /// Cumulative hazard from birth to an age below five, in days.
    fn young(&self, sex: Sex, start: Start, age: f64) -> f64 {
        let rate = &self.rate[sex as usize];
        let turn = STEP_DAYS - start.x;
        let part = |from: f64, to: f64, slot: usize, group: usize| rate[slot][group] * (to.min(age) - from).max(0.0);
        let infant_turn = turn.min(DAYS_PER_YEAR);
        part(0.0, infant_turn, start.slot, 0)
            + part(infant_turn, DAYS_PER_YEAR, start.slot + 1, 0)
            + part(DAYS_PER_YEAR, turn.max(DAYS_PER_YEAR), start.slot, 1)
            + part(turn.max(DAYS_PER_YEAR), STEP_DAYS, start.slot + 1, 1)
    }

    /// Age below five, in days, at which the cumulative hazard reaches `target`, which it does.
    fn young_age(&self, sex: Sex, start: Start, target: f64) -> f64 {
        let rate = &self.rate[sex as usize];
        let turn = STEP_DAYS - start.x;
        let infant_turn = turn.min(DAYS_PER_YEAR);
        let parts = [
            (0.0, infant_turn, start.slot, 0),
            (infant_turn, DAYS_PER_YEAR, start.slot + 1, 0),
            (DAYS_PER_YEAR, turn.max(DAYS_PER_YEAR), start.slot, 1),
        ];
        let mut left = target;
        for (from, to, slot, group) in parts {
            let hazard = rate[slot][group] * (to - from).max(0.0);
            if left < hazard {
                return from + left / rate[slot][group];
            }
            left -= hazard;
        }
        turn.max(DAYS_PER_YEAR) + left / rate[start.slot + 1][1]
    }

    /// Cumulative hazard between birth and `day`.
    pub(super) fn cumulative(&self, sex: Sex, birth: Day, day: Day) -> f64 {
        let (start, age) = (self.start(birth), f64::from((day - birth).max(0)));
        let even = self.even(sex, start, age);
        if self.famine == Famine::EVEN { even } else { even + self.famine_adds(sex, start, age) }
    }

    fn even(&self, sex: Sex, start: Start, age: f64) -> f64 {
        if age < STEP_DAYS {
            return self.young(sex, start, age);
        }
        let birthday = ((age / STEP_DAYS) as usize).min(BIRTHDAYS - 2);
        let within = age - birthday as f64 * STEP_DAYS;
        let rate = &self.rate[sex as usize];
        let turn = STEP_DAYS - start.x;
        self.young(sex, start, STEP_DAYS)
            + self.at(sex, start, birthday)
            + rate[start.slot + birthday][group(birthday)] * within.min(turn)
            + rate[start.slot + birthday + 1][group(birthday)] * (within - turn).max(0.0)
    }

    fn at(&self, sex: Sex, start: Start, birthday: usize) -> f64 {
        let node = self.node[sex as usize][start.slot][birthday];
        node.base + node.slope * start.x
    }

    /// Day on which the cumulative hazard since birth reaches `target`.
    pub(super) fn day(&self, sex: Sex, birth: Day, target: f64) -> Day {
        let even = self.even_day(sex, birth, target);
        if self.famine == Famine::EVEN { even } else { self.uneven_day(sex, birth, target, even) }
    }

    fn even_day(&self, sex: Sex, birth: Day, target: f64) -> Day {
        let start = self.start(birth);
        let before_five = self.young(sex, start, STEP_DAYS);
        if target < before_five {
            return Day(birth.0 + self.young_age(sex, start, target) as i32);
        }
        let target = target - before_five;
        let (mut low, mut high) = (1, BIRTHDAYS - 1);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if self.at(sex, start, middle) <= target { low = middle } else { high = middle }
        }
        let left = target - self.at(sex, start, low);
        let rate = &self.rate[sex as usize];
        let (before, after) = (rate[start.slot + low][group(low)], rate[start.slot + low + 1][group(low)]);
        let turn = STEP_DAYS - start.x;
        let within = if left < before * turn { left / before } else { turn + (left - before * turn) / after };
        Day(birth.0.saturating_add((low as f64 * STEP_DAYS + within) as i32))
    }
}

/// Deaths per person-day by age group, the open one drawn out.
fn daily(rates: &[f64; MORTALITY_GROUPS]) -> [f64; GROUPS] {
    let mut daily = [0.0; GROUPS];
    let (last, before) = (rates[MORTALITY_GROUPS - 2], rates[MORTALITY_GROUPS - 3]);
    let growth = if before > 0.0 { (last / before).max(1.0) } else { 1.0 };
    for group in 0..GROUPS {
        daily[group] = if group < MORTALITY_GROUPS { rates[group] / DAYS_PER_YEAR } else { daily[group - 1] * growth };
    }
    daily
}

#[cfg(test)]
mod tests {
    use super::super::rates::{Rates, tests::shipped};
    use super::*;
    use exitvoice_core::math;
    use exitvoice_core::quantity::Share;

    /// The same integral, day by day; in 1995-2000 the share of `famine` of it in three of five years.
    fn by_days(rates: &Rates, famine: f64, sex: Sex, birth: Day, until: Day) -> f64 {
        let origin = f64::from(mid_year(FOUNDING_YEAR).0);
        (birth.0..until.0)
            .map(|day| {
                let period = ((f64::from(day) + 0.5 - origin) / STEP_DAYS).floor() + 1.0;
                let age = f64::from(day - birth.0) + 0.5;
                let course = match f64::from(day) + 0.5 - origin - 8.0 * STEP_DAYS {
                    t if (0.0..3.0 * DAYS_PER_YEAR).contains(&t) => famine / 0.6,
                    t if (0.0..STEP_DAYS).contains(&t) => (1.0 - famine) / 0.4,
                    _ => 1.0,
                };
                course * rates.death_rate(period.clamp(0.0, 14.0) as usize, sex, age / DAYS_PER_YEAR) / DAYS_PER_YEAR
            })
            .sum()
    }

    #[test]
    fn the_table_is_the_integral_of_the_rates_along_the_lifeline() {
        for (famine, sex, year, age) in [
            (0.6, Sex::Female, 1956, 0.4),
            (0.6, Sex::Male, 1959, 3.5),
            (0.6, Sex::Female, 1964, 4.9),
            (0.6, Sex::Male, 1930, 60.0),
            (0.6, Sex::Female, 1957, 65.0),
            (0.6, Sex::Male, 1991, 31.0),
            (0.6, Sex::Female, 1880, 104.0),
            (0.8, Sex::Female, 1994, 3.5),
            (0.8, Sex::Male, 1995, 0.9),
            (0.8, Sex::Male, 1996, 4.9),
            (0.3, Sex::Female, 1991, 7.2),
            (0.8, Sex::Male, 1930, 66.5),
            (0.9, Sex::Female, 1925, 74.0),
            (0.8, Sex::Male, 1972, 50.0),
            (0.8, Sex::Female, 2001, 20.0),
            (0.8, Sex::Male, 1940, 40.0),
        ] {
            let rates = shipped().with_famine(Share::new(famine).expect("a share"));
            for offset in [0, 17, 400, 1_300] {
                let birth = mid_year(year) + offset;
                let day = birth + (age * DAYS_PER_YEAR) as i32;
                let (table, sum) =
                    (rates.lifelines().cumulative(sex, birth, day), by_days(&rates, famine, sex, birth, day));
                // Rates turn inside a day: two days' hazard at most.
                assert!((table - sum).abs() < 2.0 * 0.4 / DAYS_PER_YEAR, "{sex:?} {year} {offset}: {table} {sum}");
                let back = rates.lifelines().day(sex, birth, table);
                assert!((back - day).abs() <= 1, "{sex:?} {year} {offset}: {}", back - day);
            }
        }
    }

    #[test]
    fn beyond_the_last_birthday_of_the_table_the_last_rate_goes_on() {
        let rates = shipped().with_famine(Share::new(0.6).expect("a share"));
        let (birth, last) = (mid_year(1960), ((BIRTHDAYS - 1) as f64 * STEP_DAYS) as i32);
        let age = |target: f64| rates.lifelines().day(Sex::Female, birth, target) - birth;
        let ages = [700.0, 1_400.0, 2_100.0].map(age);
        assert!(ages[0] > last, "{ages:?} after {last}");
        // The same hazard takes the same time, up to a day of rounding.
        assert!(((ages[2] - ages[1]) - (ages[1] - ages[0])).abs() <= 1 && ages[1] > ages[0], "{ages:?}");
    }

    #[test]
    fn the_open_group_goes_on_rising() {
        let rates: [f64; MORTALITY_GROUPS] = std::array::from_fn(|g| 5e-5 * math::exp(0.09 * 5.0 * g as f64));
        let daily = daily(&rates);
        for group in MORTALITY_GROUPS..GROUPS {
            assert!((daily[group] / daily[group - 1] - math::exp(0.45)).abs() < 1e-9);
        }
    }
}
