//! Vital rates and the founding pyramid, read from the United Nations tables that the facade embeds.

use super::lifeline::{Famine, Lifelines};
use crate::error::ModelError;
use exitvoice_core::quantity::Share;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Woman or man, as the tables have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Sex {
    /// Female.
    Female = 0,
    /// Male.
    Male = 1,
}

/// Year in which the published series of total fertility ends; the period after it repeats its last number.
pub const FERTILITY_UNTIL: i16 = 2020;
/// Mid-year of 1955: the tables count the population on 1 July, and their five-year periods run from July to June.
pub const FOUNDING_YEAR: i16 = 1955;
/// First period of the tables.
const FIRST_PERIOD: i16 = 1950;
/// Length of a period and of an age group, in years.
pub const GROUP: usize = 5;
/// Periods 1950-55 to 2020-25.
pub const PERIODS: usize = 15;
/// Age groups of mortality: 0, 1-4, 5-9, ..., 100 and over.
pub const MORTALITY_GROUPS: usize = 22;
/// Age groups of fertility: 15-19 to 45-49.
pub const FERTILE_GROUPS: usize = 7;
/// Youngest age of fertility, in years.
pub const FERTILE_FROM: usize = 15;
/// Age groups of the pyramid: 0-4 to 100 and over.
pub const PYRAMID_GROUPS: usize = 21;

/// The embedded tables as text.
#[derive(Clone, Copy, Debug)]
pub struct RateTables<'a> {
    /// `population_by_age_sex.csv`: year, sex, age_group, population_thousand.
    pub population: &'a str,
    /// `death_rates.csv`: period, sex, age_from, death_rate_per_year.
    pub deaths: &'a str,
    /// `fertility_age_pattern.csv`: period, age_from, age_to, share_percent.
    pub fertility_pattern: &'a str,
    /// `total_fertility_wpp2019.csv`: period, children_per_woman.
    pub total_fertility: &'a str,
    /// `sex_ratio_at_birth.csv`: period, males_per_female.
    pub sex_ratio: &'a str,
}

/// Vital rates by period, sex and age.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Deaths per person-year `[period][sex][group]`.
    deaths: Vec<[[f64; MORTALITY_GROUPS]; 2]>,
    /// Births per woman-year `[period][group]`, all women.
    births: Vec<[f64; FERTILE_GROUPS]>,
    /// Children per woman by period.
    total_fertility: Vec<f64>,
    /// Boys per girl by period.
    sex_ratio: Vec<f64>,
    /// Persons `[year of the table][sex][group]`, years 1950, 1955, ..., 2020.
    pyramid: Vec<[[f64; PYRAMID_GROUPS]; 2]>,
    /// Course of the famine within its period.
    famine: Famine,
    /// Cumulative mortality along lifelines.
    lifelines: Lifelines,
}

impl Rates {
    /// Reads the tables.
    ///
    /// # Errors
    /// A table lacks a column, a cell is not a number, or a cell of the grid is missing; the message names table and line.
    pub fn read(tables: &RateTables<'_>) -> Result<Self, ModelError> {
        let mut rates = Self {
            deaths: vec![[[f64::NAN; MORTALITY_GROUPS]; 2]; PERIODS],
            births: vec![[f64::NAN; FERTILE_GROUPS]; PERIODS],
            total_fertility: vec![f64::NAN; PERIODS],
            sex_ratio: vec![f64::NAN; PERIODS],
            pyramid: vec![[[f64::NAN; PYRAMID_GROUPS]; 2]; PERIODS],
            famine: Famine::EVEN,
            lifelines: Lifelines::new(&vec![[[0.0; MORTALITY_GROUPS]; 2]; PERIODS], Famine::EVEN),
        };
        for row in read_table("death_rates", tables.deaths)? {
            let group = row.number("age_from")? as usize;
            rates.deaths[row.period()?][row.sex()? as usize][mortality_group(group)] =
                row.number("death_rate_per_year")?;
        }
        for row in read_table("total_fertility_wpp2019", tables.total_fertility)? {
            rates.total_fertility[row.period()?] = row.number("children_per_woman")?;
        }
        // The series ends with 2015-20 (`FERTILITY_UNTIL`); 2020-25 repeats it.
        rates.total_fertility[PERIODS - 1] = rates.total_fertility[PERIODS - 2];
        for row in read_table("sex_ratio_at_birth", tables.sex_ratio)? {
            rates.sex_ratio[row.period()?] = row.number("males_per_female")?;
        }
        for row in read_table("population_by_age_sex", tables.population)? {
            let year = (row.number("year")? as usize).wrapping_sub(FIRST_PERIOD as usize) / GROUP;
            let age: usize = row
                .text("age_group")?
                .split(['-', '+'])
                .next()
                .and_then(|a| a.parse().ok())
                .ok_or_else(|| row.bad("age_group"))?;
            let slot = rates.pyramid.get_mut(year).ok_or_else(|| row.bad("year"))?;
            slot[row.sex()? as usize][age / GROUP] = row.number("population_thousand")? * THOUSAND;
        }
        for row in read_table("fertility_age_pattern", tables.fertility_pattern)? {
            let (period, group) = (row.period()?, (row.number("age_from")? as usize - FERTILE_FROM) / GROUP);
            rates.births[period][group] =
                rates.total_fertility[period] * row.number("share_percent")? / PERCENT / GROUP as f64;
        }
        rates.check()?;
        rates.lifelines = Lifelines::new(&rates.deaths, rates.famine);
        Ok(rates)
    }

    fn check(&self) -> Result<(), ModelError> {
        let complete = self
            .deaths
            .iter()
            .flatten()
            .flatten()
            .chain(self.births.iter().flatten())
            .chain(&self.total_fertility)
            .chain(&self.sex_ratio);
        let counted = self.pyramid.iter().flatten().flatten();
        if complete.chain(counted).any(|x| !x.is_finite()) {
            return Err(ModelError::Table { table: "demography", line: 0, column: "a cell of the grid is missing" });
        }
        Ok(())
    }

    /// Period of a day; before 1950 the first, after the tables the last. Periods count 5 x 365.25 days from 1 July 1955.
    #[must_use]
    pub fn period(&self, day: Day) -> usize {
        let days = f64::from(day.0) - self.lifelines.origin();
        let since = days / (GROUP as f64 * DAYS_PER_YEAR);
        if since < 0.0 { 0 } else { (since as usize + 1).min(PERIODS - 1) }
    }

    /// Births per woman-year among all women of a five-year age group.
    #[must_use]
    pub fn births(&self, period: usize) -> &[f64; FERTILE_GROUPS] {
        &self.births[period]
    }

    /// Deaths per person-year by mortality group.
    #[must_use]
    pub fn deaths(&self, period: usize, sex: Sex) -> &[f64; MORTALITY_GROUPS] {
        &self.deaths[period][sex as usize]
    }

    /// Children per woman.
    #[must_use]
    pub fn total_fertility(&self, period: usize) -> f64 {
        self.total_fertility[period]
    }

    /// Probability that a child is a boy.
    #[must_use]
    pub fn share_male(&self, period: usize) -> f64 {
        self.sex_ratio[period] / (1.0 + self.sex_ratio[period])
    }

    /// Persons by sex and five-year age group on 1 July of a table year (1950, 1955, ..., 2020).
    #[must_use]
    pub fn pyramid(&self, year: i16) -> Option<&[[f64; PYRAMID_GROUPS]; 2]> {
        let index = usize::try_from(year - FIRST_PERIOD).ok()?;
        if index % GROUP == 0 { self.pyramid.get(index / GROUP) } else { None }
    }

    /// Deaths per person-year at an exact age in years.
    #[must_use]
    pub fn death_rate(&self, period: usize, sex: Sex, age_years: f64) -> f64 {
        self.deaths[period][sex as usize][mortality_group(age_years.max(0.0) as usize)]
    }

    /// Day of death of somebody alive on `from`, by inverting the cohort's cumulative hazard; `None` where it falls on or after
    /// `horizon`. The hazard is constant within each period and age group.
    #[must_use]
    pub fn death_day(&self, sex: Sex, birth: Day, from: Day, resistance: f64, horizon: Day) -> Option<Day> {
        let lived = if from > birth { self.lifelines.cumulative(sex, birth, from) } else { 0.0 };
        let day = self.lifelines.day(sex, birth, lived + resistance).max(from);
        (day < horizon).then_some(day)
    }

    #[cfg(test)]
    pub(super) const fn lifelines(&self) -> &Lifelines {
        &self.lifelines
    }

    /// Cumulative hazard of death of somebody born on `birth` between two days; 0 where `to` does not come after `from`.
    #[must_use]
    pub fn cumulative(&self, sex: Sex, birth: Day, from: Day, to: Day) -> f64 {
        let until = |day: Day| if day > birth { self.lifelines.cumulative(sex, birth, day) } else { 0.0 };
        (until(to) - until(from)).max(0.0)
    }

    /// Mortality group of an age in completed years.
    #[must_use]
    pub fn mortality_group(age: usize) -> usize {
        mortality_group(age)
    }

    /// Persons on a day by the published series, linear between its years and beyond its last ones.
    #[must_use]
    pub fn published_population(&self, day: Day) -> f64 {
        let total = |index: usize| self.pyramid[index].iter().flatten().sum::<f64>();
        let years = day.years_since(mid_year(FIRST_PERIOD)) / GROUP as f64;
        let before = (years.max(0.0) as usize).min(self.pyramid.len() - 2);
        let (from, to) = (total(before), total(before + 1));
        from + (to - from) * (years - before as f64)
    }

    /// The same rates with each death rate multiplied by `factor(period, sex, mortality group)`.
    #[must_use]
    pub fn with_mortality(&self, factor: impl Fn(usize, Sex, usize) -> f64) -> Self {
        let mut scaled = self.clone();
        for (period, by_sex) in scaled.deaths.iter_mut().enumerate() {
            for (sex, by_group) in [Sex::Female, Sex::Male].into_iter().zip(by_sex) {
                for (group, rate) in by_group.iter_mut().enumerate() {
                    *rate *= factor(period, sex, group);
                }
            }
        }
        scaled.lifelines = Lifelines::new(&scaled.deaths, self.famine);
        scaled
    }

    /// The same rates with `share` of the hazard of 1995-2000, at each age, in the first three of its years.
    pub(crate) fn with_famine(&self, share: Share) -> Self {
        let famine = Famine(share.value());
        Self { famine, lifelines: Lifelines::new(&self.deaths, famine), ..self.clone() }
    }

    /// Probability of surviving from one age to a later one at the rates of one period.
    #[must_use]
    pub fn survival(&self, period: usize, sex: Sex, from_years: f64, to_years: f64) -> f64 {
        let (mut now, mut sum) = (from_years, 0.0);
        while now < to_years {
            let group = mortality_group(now as usize);
            let end = (GROUP_END_DAYS[group] / DAYS_PER_YEAR).min(to_years);
            sum += self.deaths[period][sex as usize][group] * (end - now);
            now = end;
        }
        exitvoice_core::math::exp(-sum)
    }
}

const THOUSAND: f64 = 1_000.0;
const PERCENT: f64 = 100.0;

/// First of July.
#[must_use]
pub fn mid_year(year: i16) -> Day {
    Day::from_ymd(year, 7, 1).expect("1 July exists in every year")
}

const fn mortality_group(age: usize) -> usize {
    match age {
        0 => 0,
        1..5 => 1,
        100.. => MORTALITY_GROUPS - 1,
        _ => age / GROUP + 1,
    }
}

/// Age at which each mortality group ends, in days; the last is open.
const GROUP_END_DAYS: [f64; MORTALITY_GROUPS] = {
    let mut ends = [f64::INFINITY; MORTALITY_GROUPS];
    ends[0] = DAYS_PER_YEAR;
    let mut group = 1;
    while group < MORTALITY_GROUPS - 1 {
        ends[group] = (group * GROUP) as f64 * DAYS_PER_YEAR;
        group += 1;
    }
    ends
};

struct Row {
    table: &'static str,
    line: usize,
    cells: Vec<(String, String)>,
}

impl Row {
    fn bad(&self, column: &'static str) -> ModelError {
        ModelError::Table { table: self.table, line: self.line, column }
    }
    fn text(&self, column: &'static str) -> Result<&str, ModelError> {
        self.cells
            .iter()
            .find(|(name, _)| name == column)
            .map(|(_, value)| value.as_str())
            .ok_or_else(|| self.bad(column))
    }
    fn number(&self, column: &'static str) -> Result<f64, ModelError> {
        self.text(column)?.parse().map_err(|_| self.bad(column))
    }
    fn sex(&self) -> Result<Sex, ModelError> {
        match self.text("sex")? {
            "female" => Ok(Sex::Female),
            "male" => Ok(Sex::Male),
            _ => Err(self.bad("sex")),
        }
    }
    fn period(&self) -> Result<usize, ModelError> {
        let start: usize =
            self.text("period")?.split('-').next().and_then(|y| y.parse().ok()).ok_or_else(|| self.bad("period"))?;
        let index = start.checked_sub(FIRST_PERIOD as usize).ok_or_else(|| self.bad("period"))? / GROUP;
        if index < PERIODS { Ok(index) } else { Err(self.bad("period")) }
    }
}

fn read_table(table: &'static str, text: &str) -> Result<Vec<Row>, ModelError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let bad = |line, column| ModelError::Table { table, line, column };
    let names: Vec<String> = reader.headers().map_err(|_| bad(1, "header"))?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let line = index + 2;
        let record = record.map_err(|_| bad(line, "row"))?;
        rows.push(Row { table, line, cells: names.iter().cloned().zip(record.iter().map(str::to_owned)).collect() });
    }
    Ok(rows)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use exitvoice_core::math;

    pub(crate) fn shipped() -> Rates {
        Rates::read(&RateTables {
            population: include_str!("../../../exitvoice/data/demography/population_by_age_sex.csv"),
            deaths: include_str!("../../../exitvoice/data/demography/death_rates.csv"),
            fertility_pattern: include_str!("../../../exitvoice/data/demography/fertility_age_pattern.csv"),
            total_fertility: include_str!("../../../exitvoice/data/demography/total_fertility_wpp2019.csv"),
            sex_ratio: include_str!("../../../exitvoice/data/demography/sex_ratio_at_birth.csv"),
        })
        .expect("the shipped tables are complete")
    }

    #[test]
    fn periods_turn_on_the_first_of_july() {
        let rates = shipped();
        assert_eq!(rates.period(mid_year(1955)), 1);
        assert_eq!(rates.period(mid_year(1955) + -1), 0);
        assert_eq!(rates.period(Day::new_year(1900)), 0);
        assert_eq!(rates.period(Day::new_year(2024)), PERIODS - 1);
        let women: f64 = rates.pyramid(1955).expect("a table year")[0].iter().sum();
        assert!((women - 5493173.0).abs() < 1.0, "{women}");
    }

    #[test]
    fn the_day_of_death_inverts_the_cumulative_hazard() {
        let rates = shipped();
        let birth = mid_year(1960);
        // Within the first year of life the hazard is the infant rate of 1960-65.
        let rate = rates.death_rate(2, Sex::Female, 0.5);
        let half_year = rate * 182.625 / DAYS_PER_YEAR;
        let day = rates.death_day(Sex::Female, birth, birth, half_year, Day(i32::MAX)).expect("dies");
        assert!((day - birth - 182).abs() <= 1, "{}", day - birth);
        assert_eq!(rates.death_day(Sex::Female, birth, birth, 1e9, mid_year(2024)), None);
        let later = rates.death_day(Sex::Female, birth, birth, 0.5, Day(i32::MAX)).expect("dies");
        let survived = math::exp(-0.5);
        assert!(survived < 1.0 && later > birth);
    }
}
