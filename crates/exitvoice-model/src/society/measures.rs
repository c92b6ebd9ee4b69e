//! What a demographer would measure in the finished country: occurrence over exposure, first marriages, living relatives.

use super::Society;
use super::kin::{self, FARTHEST_DEGREE};
use super::person::{PersonId, Persons};
use super::rates::{GROUP, MORTALITY_GROUPS, PERIODS, Sex};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Deaths and person-days of exposure.
pub type Exposure = (u64, u64);
/// By sex and mortality group: 0, 1-4, 5-9, ..., 100 and over.
pub type ByAge = [[Exposure; MORTALITY_GROUPS]; 2];

/// Deaths and exposure from the founding on, by period of the rates, sex and age group.
#[must_use]
pub fn mortality(society: &Society, pool: &Pool) -> Vec<ByAge> {
    let persons = &society.persons;
    let start = super::rates::mid_year(super::rates::FOUNDING_YEAR);
    let none = || vec![[[(0, 0); MORTALITY_GROUPS]; 2]; PERIODS];
    // First day after each period, and first day of life after each age group; the last of both is open.
    let turns: Vec<Day> = (0..PERIODS).map(|period| period_end(start, period)).collect();
    let ends: Vec<i32> = (0..MORTALITY_GROUPS).map(group_end).collect();
    let parts = pool.map_chunks(persons.len(), |rows| {
        let mut counts = none();
        for person in rows.map(PersonId::from_row) {
            let (birth, death) = (persons.life[person].birth, persons.life[person].death);
            let sex = persons.links[person].sex as usize;
            let end = death.min(society.frozen);
            let mut now = birth.max(start);
            let (mut at, mut group) = (period(start, now), mortality_group(now.years_since(birth)));
            while now < end {
                let (turn, birthday) = (turns[at], Day(birth.0.saturating_add(ends[group])));
                let until = birthday.min(turn).min(end);
                counts[at][sex][group].1 += (until - now) as u64;
                at += usize::from(until == turn);
                group += usize::from(until == birthday);
                now = until;
            }
            if death >= start && death < society.frozen && birth.max(start) <= death {
                counts[period(start, death)][sex][mortality_group(death.years_since(birth))].0 += 1;
            }
        }
        counts
    });
    let mut all = none();
    for part in parts {
        for (sum, cell) in all.iter_mut().flatten().flatten().zip(part.iter().flatten().flatten()) {
            *sum = (sum.0 + cell.0, sum.1 + cell.1);
        }
    }
    all
}

const STEP_DAYS: f64 = GROUP as f64 * DAYS_PER_YEAR;

/// Period of the rates: the founding begins number 1.
fn period(start: Day, day: Day) -> usize {
    (((day - start) as f64 / STEP_DAYS) as usize + 1).min(PERIODS - 1)
}

fn mortality_group(age_years: f64) -> usize {
    match age_years as usize {
        0 => 0,
        1..GROUP => 1,
        age => (age / GROUP + 1).min(MORTALITY_GROUPS - 1),
    }
}

/// First day after a period.
fn period_end(start: Day, period: usize) -> Day {
    if period + 1 == PERIODS { Day(i32::MAX) } else { Day(start.0 + (period as f64 * STEP_DAYS).ceil() as i32) }
}

/// Days from a birth to the first one after an age group.
fn group_end(group: usize) -> i32 {
    let years = match group {
        0 => 1,
        group if group + 1 == MORTALITY_GROUPS => return i32::MAX,
        group => group * GROUP,
    };
    (years as f64 * DAYS_PER_YEAR).ceil() as i32
}

/// Life expectancy at birth, in years, of hazards that are constant inside age groups (deaths per person-year); the last group is open.
#[must_use]
pub fn life_expectancy(rates: &[f64; MORTALITY_GROUPS]) -> f64 {
    years_lived(rates.iter().enumerate().map(|(group, rate)| (width_years(group), *rate)))
}

/// Width of an age group in years; the last is open.
fn width_years(group: usize) -> f64 {
    match group {
        0 => 1.0,
        1 => (GROUP - 1) as f64,
        group if group + 1 == MORTALITY_GROUPS => f64::INFINITY,
        _ => GROUP as f64,
    }
}

/// Share of a published life table's deaths that may fall into ages without a death of ours.
const SILENT: f64 = 0.01;

/// Life expectancy at birth, in years, by deaths over exposure. In ages in which nobody died the published rate stands in, which moves no
/// life expectancy that can be seen as long as few die there; `None` where more do than [`SILENT`]: the country is too small to say.
#[must_use]
pub fn observed_life_expectancy(
    counted: &[Exposure; MORTALITY_GROUPS],
    published: &[f64; MORTALITY_GROUPS],
) -> Option<f64> {
    let (mut alive, mut silent) = (1.0, 0.0);
    let mut rates = *published;
    for (group, (rate, (deaths, lived))) in rates.iter_mut().zip(counted).enumerate() {
        let survive = math::exp(-*rate * width_years(group));
        if *deaths > 0 && *lived > 0 {
            *rate = *deaths as f64 / (*lived as f64 / DAYS_PER_YEAR);
        } else {
            silent += alive * (1.0 - survive);
        }
        alive *= survive;
    }
    (silent <= SILENT).then(|| life_expectancy(&rates))
}

/// Mean years lived under hazards that are constant inside intervals: (width in years, hazard per year), from birth on.
#[must_use]
pub fn years_lived(intervals: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut alive, mut years) = (1.0, 0.0);
    for (width, rate) in intervals {
        let survive = math::exp(-rate * width);
        years += if rate > 0.0 { alive * (1.0 - survive) / rate } else { alive * width };
        alive *= survive;
    }
    years
}

/// Mean age in years at first marriages begun in `[from, until)`, and their number, of women and men.
#[must_use]
pub fn first_marriages(society: &Society, from: Day, until: Day) -> [(f64, u64); 2] {
    let (persons, marriages) = (&society.persons, &society.marriages);
    let mut sums = [(0.0, 0_u64); 2];
    for id in marriages.wife.ids().filter(|m| (from..until).contains(&marriages.start[*m])) {
        let start = marriages.start[id];
        let mut add = |sex: Sex, person: PersonId| {
            let sum = &mut sums[sex as usize];
            *sum = (sum.0 + start.years_since(persons.life[person].birth), sum.1 + 1);
        };
        if marriages.earlier_of_wife[id].is_none() {
            add(Sex::Female, marriages.wife[id]);
        }
        if marriages.earlier_of_husband[id].is_none() {
            add(Sex::Male, marriages.husband[id]);
        }
    }
    sums.map(|(sum, n)| (sum / n.max(1) as f64, n))
}

/// Persons who complete `age_years` within the year before `day` and live on it.
pub fn of_age(persons: &Persons, day: Day, age_years: f64) -> impl Iterator<Item = PersonId> + '_ {
    persons.life.ids().filter(move |p| {
        persons.alive(*p, day) && (age_years..age_years + 1.0).contains(&day.years_since(persons.life[*p].birth))
    })
}

/// Share of those of an age whose mother lives on `day`, and their number.
#[must_use]
pub fn with_living_mother(society: &Society, day: Day, age_years: f64) -> (f64, u64) {
    let persons = &society.persons;
    let (mut with, mut all) = (0_u64, 0_u64);
    for person in of_age(persons, day, age_years) {
        all += 1;
        with += u64::from(persons.links[person].mother.is_some_and(|m| persons.alive(m, day)));
    }
    (with as f64 / all.max(1) as f64, all)
}

/// Relatives by steps up to the common ancestor and down from it.
pub type ByPath = [[f64; FARTHEST_DEGREE as usize + 1]; FARTHEST_DEGREE as usize + 1];

/// Mean number of blood relatives alive on `day` by `[up][down]`, over every `every`-th of the persons of an age; and their number.
#[must_use]
pub fn living_kin(society: &Society, day: Day, age_years: f64, every: usize, pool: &Pool) -> (ByPath, u64) {
    let persons = &society.persons;
    let egos: Vec<PersonId> = of_age(persons, day, age_years).step_by(every.max(1)).collect();
    let parts = pool.map_chunks_of(egos.len(), EGOS_A_CHUNK, |rows| {
        let (mut sum, mut found) = (ByPath::default(), Vec::new());
        for ego in &egos[rows] {
            kin::relatives(persons, &society.marriages, *ego, FARTHEST_DEGREE, &mut found);
            for relative in found.iter().filter(|r| r.degree > 0 && persons.alive(r.person, day)) {
                sum[relative.up as usize][(relative.degree - relative.up) as usize] += 1.0;
            }
        }
        sum
    });
    let mut mean = ByPath::default();
    for part in parts {
        for (sum, count) in mean.iter_mut().flatten().zip(part.iter().flatten()) {
            *sum += count / egos.len().max(1) as f64;
        }
    }
    (mean, egos.len() as u64)
}

const EGOS_A_CHUNK: usize = 1_024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_hazards_have_the_reciprocal_as_life_expectancy() {
        assert!((life_expectancy(&[0.02; MORTALITY_GROUPS]) - 50.0).abs() < 1e-9);
        assert!(life_expectancy(&[0.01; MORTALITY_GROUPS]) > life_expectancy(&[0.02; MORTALITY_GROUPS]));
    }

    #[test]
    fn age_groups_are_one_four_and_five_years_wide_and_the_last_is_open() {
        // Nobody dies before an age at which all do at once: so many years are lived.
        let certain = 1e12;
        for (group, lived) in
            [(0, 0.0), (1, 1.0), (2, 5.0), (3, 10.0), (MORTALITY_GROUPS - 1, 5.0 * (MORTALITY_GROUPS - 2) as f64)]
        {
            let rates = std::array::from_fn(|g| if g < group { 0.0 } else { certain });
            assert!((life_expectancy(&rates) - lived).abs() < 1e-9, "{group}: {}", life_expectancy(&rates));
        }
    }

    #[test]
    fn years_without_a_hazard_are_lived_whole() {
        assert!((years_lived([(5.0, 0.0), (f64::INFINITY, 0.1)].into_iter()) - 15.0).abs() < 1e-9);
    }

    #[test]
    fn a_life_expectancy_is_missing_where_ages_in_which_many_die_have_no_death() {
        let published = [0.02; MORTALITY_GROUPS];
        // Twice the published rate in every age, in person-days.
        let day = |years: f64| (years * DAYS_PER_YEAR).round() as u64;
        let counted = [(40, day(1_000.0)); MORTALITY_GROUPS];
        let found = observed_life_expectancy(&counted, &published).expect("a death in every age");
        assert!((found - 25.0).abs() < 1e-3, "{found}");
        let mut silent = counted;
        // Of those born, 7 in 100 die between 5 and 10 by the published rate.
        for none in [(0, day(1_000.0)), (0, 0)] {
            silent[2] = none;
            assert_eq!(observed_life_expectancy(&silent, &published), None);
        }
        assert_eq!(observed_life_expectancy(&[(0, 0); MORTALITY_GROUPS], &published), None, "nobody at all");
        // Nobody of a hundred years: at .2 a year few would be left to die there.
        let mut oldest = counted;
        oldest[MORTALITY_GROUPS - 1] = (0, 0);
        assert!(observed_life_expectancy(&oldest, &[0.2; MORTALITY_GROUPS]).is_some());
    }

    #[test]
    fn groups_end_where_the_next_begins() {
        let birth = Day(1_000);
        for group in 0..MORTALITY_GROUPS - 1 {
            let end = birth + group_end(group);
            assert_eq!(mortality_group(end.years_since(birth)), group + 1);
            assert_eq!(mortality_group((end + -1).years_since(birth)), group);
        }
    }
}
