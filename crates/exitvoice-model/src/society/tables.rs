//! Tables of the history: population, vital rates, class and kin, each beside its target.

pub mod classes;
mod living;
pub mod residents;
pub mod stocks;

use self::living::{Living, Presence};
use super::Society;
use super::person::{Class, PersonId};
use super::rates::{FERTILE_FROM, FERTILE_GROUPS, FOUNDING_YEAR, GROUP, PYRAMID_GROUPS, Rates, Sex, mid_year};
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Living persons by sex and five-year age group on a day, and by class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// Day of the count.
    pub day: Day,
    /// `[sex][age group]`, groups 0-4 to 100 and over.
    pub by_age: [[u64; PYRAMID_GROUPS]; 2],
    /// By class.
    pub by_class: [u64; 3],
    /// Households with a living member, on the last day counted if that is the freeze; 0 on days before.
    pub households: u64,
}

impl Population {
    /// Everybody.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.by_age.iter().flatten().sum()
    }
}

/// Counts the living on each of the given days, which are in order.
#[must_use]
pub fn population(society: &Society, days: &[Day], pool: &Pool) -> Vec<Population> {
    let persons = &society.persons;
    let last = days.last().copied().unwrap_or(society.frozen);
    let by_age = living::tally(
        society,
        days,
        pool,
        || vec![[[0_u64; PYRAMID_GROUPS]; 2]; days.len()],
        |counts, of: &Living| {
            let group = (days[of.day].years_since(of.birth) / GROUP as f64) as usize;
            counts[of.day][of.sex as usize][group.min(PYRAMID_GROUPS - 1)] += of.persons;
        },
    );
    let by_class = pool.map_chunks(persons.len(), |range| {
        let mut classes = Class::ALL.map(|_| Presence::new(days.len()));
        for person in range.map(PersonId::from_row) {
            let (birth, death) = (persons.life[person].birth, persons.life[person].death);
            let [from, until] = [birth, death].map(|end| days.partition_point(|day| *day < end));
            classes[persons.links[person].class as usize].add(from, until);
        }
        classes
    });
    let households = living_households(society, last);
    let mut out: Vec<Population> = days
        .iter()
        .map(|day| Population {
            day: *day,
            by_age: [[0; PYRAMID_GROUPS]; 2],
            by_class: [0; 3],
            households: if *day == last { households } else { 0 },
        })
        .collect();
    for chunk in by_age {
        for (sum, by_age) in out.iter_mut().zip(chunk) {
            sum.by_age.iter_mut().flatten().zip(by_age.iter().flatten()).for_each(|(a, b)| *a += b);
        }
    }
    for (class, present) in by_class.iter().flat_map(|chunk| chunk.iter().enumerate()) {
        out.iter_mut().zip(present.counts()).for_each(|(sum, n)| sum.by_class[class] += n);
    }
    out
}

/// Women by fertile age group on each of the given days, which are in order.
#[must_use]
pub fn fertile_women(society: &Society, days: &[Day], pool: &Pool) -> Vec<[f64; FERTILE_GROUPS]> {
    let first = (FERTILE_FROM as f64 * DAYS_PER_YEAR) as i32;
    let counted = living::tally(
        society,
        days,
        pool,
        || vec![[0_u64; FERTILE_GROUPS]; days.len()],
        |counts, of: &Living| {
            let day = days[of.day];
            if of.sex == Sex::Female && day >= of.birth + first {
                let group = ((day.years_since(of.birth) - FERTILE_FROM as f64).max(0.0) / GROUP as f64) as usize;
                if let Some(count) = counts[of.day].get_mut(group) {
                    *count += of.persons;
                }
            }
        },
    );
    let mut out = vec![[0.0; FERTILE_GROUPS]; days.len()];
    for chunk in counted {
        for (sum, counts) in out.iter_mut().zip(chunk) {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count as f64);
        }
    }
    out
}

/// Households with at least one living member on a day; right for the day of the freeze only, since members name their last household.
fn living_households(society: &Society, day: Day) -> u64 {
    let mut seen = vec![false; society.households];
    for person in society.persons.life.ids() {
        if society.persons.alive(person, day)
            && let Some(household) = society.persons.household[person]
        {
            seen[household.row()] = true;
        }
    }
    seen.iter().filter(|s| **s).count() as u64
}

/// Living persons at the freeze who have a household; those in a camp, and those who left one, have none.
#[must_use]
pub fn living_in_households(society: &Society) -> u64 {
    let persons = &society.persons;
    let lives_there = |p: &PersonId| persons.household[*p].is_some() && persons.alive(*p, society.frozen);
    persons.life.ids().filter(lives_there).count() as u64
}

/// One comparison of the history with a published figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// Year of the table.
    pub year: i16,
    /// Sex, none for both.
    pub sex: Option<Sex>,
    /// First age of the group, none for all ages.
    pub age_from: Option<u8>,
    /// Persons counted, at full scale.
    pub simulated: f64,
    /// Persons published.
    pub published: f64,
}

impl Comparison {
    /// Relative deviation.
    #[must_use]
    pub fn deviation(&self) -> f64 {
        self.simulated / self.published - 1.0
    }
}

/// Population of the table years from 1960 on beside the United Nations' figures.
#[must_use]
pub fn against_pyramid(counts: &[Population], rates: &Rates, scale: f64) -> Vec<Comparison> {
    let mut rows = Vec::new();
    for count in counts {
        let year = count.day.year();
        let Some(published) = rates.pyramid(year).filter(|_| count.day == mid_year(year) && year >= FOUNDING_YEAR)
        else {
            continue;
        };
        let all: f64 = published.iter().flatten().sum();
        rows.push(Comparison {
            year,
            sex: None,
            age_from: None,
            simulated: count.total() as f64 / scale,
            published: all,
        });
        for sex in [Sex::Female, Sex::Male] {
            for (group, (simulated, published)) in
                count.by_age[sex as usize].iter().zip(published[sex as usize]).enumerate()
            {
                rows.push(Comparison {
                    year,
                    sex: Some(sex),
                    age_from: Some((group * GROUP) as u8),
                    simulated: *simulated as f64 / scale,
                    published,
                });
            }
        }
    }
    rows
}

/// Shares of the classes.
#[must_use]
pub fn class_shares(count: &Population) -> [f64; 3] {
    let total = count.total().max(1) as f64;
    Class::ALL.map(|c| count.by_class[c as usize] as f64 / total)
}

/// Person-years lived between the founding and the freeze.
#[must_use]
pub fn person_years(society: &Society, pool: &Pool) -> f64 {
    let (start, end) = (mid_year(FOUNDING_YEAR), society.frozen);
    let persons = &society.persons;
    let days = pool.map_chunks(persons.len(), |range| {
        range
            .map(PersonId::from_row)
            .map(|p| i64::from((persons.life[p].death.min(end).0 - persons.life[p].birth.max(start).0).max(0)))
            .sum::<i64>()
    });
    days.into_iter().sum::<i64>() as f64 / DAYS_PER_YEAR
}

/// Five-year groups are compared with published ones below this age, in years.
pub const OLDEST_COMPARED: u8 = 80;
/// And above this size, in persons.
pub const SMALLEST_COMPARED: f64 = 50_000.0;

/// Fertility and marriage in a period of the rates; the last may be cut short by the freeze.
#[derive(Clone, Debug, PartialEq)]
pub struct FertilityRow {
    /// First year.
    pub from: i16,
    /// Year on whose 1 July the last year counted ends.
    pub until: i16,
    /// Births per woman-year summed over ages, mean over the years.
    pub children_per_woman: f64,
    /// As published.
    pub published: f64,
    /// Weddings a year at full scale.
    pub weddings_a_year: f64,
    /// Women still searching at the end of the first year step, at full scale.
    pub women_searching: f64,
}

/// Fertility by period, over whole years.
#[must_use]
pub fn fertility(society: &Society, rates: &Rates, pool: &Pool) -> Vec<FertilityRow> {
    // The last step is shorter than a year.
    let steps = society.tallies.births.len() - 1;
    let middle = |y: usize| mid_year(FOUNDING_YEAR + y as i16) + HALF_YEAR;
    let women = fertile_women(society, &(0..steps).map(middle).collect::<Vec<Day>>(), pool);
    let rate = |y: usize| total_fertility(&society.tallies.births[y], &women[y]);
    let row = |first: usize| {
        let years = first..(first + GROUP).min(steps);
        let n = years.len() as f64;
        let weddings: u64 = society.tallies.weddings[years.clone()].iter().sum();
        FertilityRow {
            from: FOUNDING_YEAR + first as i16,
            until: FOUNDING_YEAR + years.end as i16,
            children_per_woman: years.map(rate).sum::<f64>() / n,
            published: rates.total_fertility(rates.period(middle(first))),
            weddings_a_year: weddings as f64 / society.scale / n,
            women_searching: society.tallies.women_searching[first] as f64 / society.scale,
        }
    };
    (0..steps).step_by(GROUP).map(row).collect()
}

const HALF_YEAR: i32 = 182;

/// Total fertility by year step: births per woman-year summed over age groups, times five years. `women` are counts at mid-steps.
#[must_use]
pub fn total_fertility(births: &[u64; FERTILE_GROUPS], women: &[f64; FERTILE_GROUPS]) -> f64 {
    births.iter().zip(women).map(|(b, w)| if *w > 0.0 { *b as f64 / w } else { 0.0 }).sum::<f64>() * GROUP as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deviation_is_relative_to_what_was_published() {
        let row = Comparison { year: 1990, sex: None, age_from: None, simulated: 90.0, published: 120.0 };
        assert!((row.deviation() + 0.25).abs() < 1e-12, "{}", row.deviation());
    }

    #[test]
    fn total_fertility_is_five_years_of_each_group_and_groups_without_women_add_nothing() {
        let (mut births, mut women) = ([0; FERTILE_GROUPS], [0.0; FERTILE_GROUPS]);
        assert!(total_fertility(&births, &women).abs() < f64::MIN_POSITIVE, "nobody");
        (births[1], women[1]) = (30, 200.0);
        (births[2], women[2]) = (10, 100.0);
        assert!((total_fertility(&births, &women) - 5.0 * (0.15 + 0.1)).abs() < 1e-12);
    }
}
