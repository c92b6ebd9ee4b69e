//! What is counted in a finished country, once, for the printed tables, the files and the figures.

use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;
use exitvoice_model::mechanism::service::career::PUBLISHED_MEMBERS;
use exitvoice_model::society::Society;
use exitvoice_model::society::control::{Tallies, YearTally};
use exitvoice_model::society::history::HistoryParams;
use exitvoice_model::society::measures::{self, ByAge};
use exitvoice_model::society::moves::Reason;
use exitvoice_model::society::person::{PROVINCES, PersonId};
use exitvoice_model::society::rates::{FERTILE_GROUPS, FOUNDING_YEAR, GROUP, PYRAMID_GROUPS, Rates, mid_year};
use exitvoice_model::society::tables::residents::{Cross, Residents};
use exitvoice_model::society::tables::{self, FertilityRow, Population, classes, stocks};

/// Ages of children compared with their fathers, in years.
const CHILDREN_YEARS: std::ops::Range<f64> = 17.0..40.0;
/// Ages whose kin are counted, and persons looked at for each.
const AGES: [u32; 6] = [10, 20, 30, 40, 50, 60];
const SAMPLED: usize = 2_000;
/// Year of the published class shares.
pub(super) const PUBLISHED_SHARES_YEAR: i16 = 2012;
/// Year of the ages at first marriage.
pub(super) const CENSUS_YEAR: i16 = 2008;

/// The counts.
pub(super) struct Measured {
    /// Each 1 July from the founding on, and the freeze.
    pub(super) population: Vec<Population>,
    /// Living persons at the freeze who have a household.
    pub(super) in_households: u64,
    /// By class and province too: on each 1 July.
    pub(super) residents: Vec<Residents>,
    /// The same at the freeze.
    pub(super) cross: Cross,
    pub(super) fertility: Vec<FertilityRow>,
    /// By period of the rates.
    pub(super) mortality: Vec<ByAge>,
    /// Mean age in years at first marriages of 2008 and their number, women and men.
    pub(super) first_marriages: [(f64, u64); 2],
    /// Each fifth 1 July, those of years with published class shares or party members, and the freeze.
    pub(super) days: Vec<Day>,
    pub(super) class_shares: Vec<classes::ByRule>,
    /// `[father][child]`.
    pub(super) fathers: [[u64; 3]; 3],
    /// On the days of the population from the first full year on.
    pub(super) punished: Vec<(Day, stocks::Punished)>,
    /// On `days`.
    pub(super) serving: Vec<stocks::Serving>,
    /// By age, with the standard errors of mean living kin.
    pub(super) at_risk: Vec<(stocks::AtRisk, Option<[f64; 5]>)>,
    /// Births in each period of the rates, whole years only: from 1 July to 30 June.
    pub(super) births: Vec<(Day, Day, u64)>,
    /// Moves to another province in each period of the rates, by reason.
    pub(super) moves: Vec<(Day, Day, Reason, u64)>,
    /// In each period of the rates.
    pub(super) control: Vec<Controlled>,
}

/// Whom punishment reaches beside the offender.
pub(super) const REACHED: [&str; 6] = ["degree 0", "degree 1", "degree 2", "degree 3", "degree 4", "in-laws"];

/// What control at home did in a period, in the country as simulated.
pub(super) struct Controlled {
    pub(super) from: Day,
    pub(super) until: Day,
    /// Offences a year.
    pub(super) offences: f64,
    /// Those of them that were punished, a year.
    pub(super) punished: f64,
    /// Officers, retired ones among them, whose track ended, a year.
    pub(super) officers_removed: f64,
    /// Kin punished for each punished offence, as in [`REACHED`]; none where nothing was punished.
    pub(super) kin: Option<[f64; REACHED.len()]>,
}

impl Measured {
    /// Counts everything.
    pub(super) fn new(society: &Society, params: &HistoryParams, rates: &Rates, pool: &Pool) -> Self {
        let mut days: Vec<Day> = (1..14).map(|k| mid_year(FOUNDING_YEAR + k * GROUP as i16)).collect();
        days.extend([mid_year(PUBLISHED_SHARES_YEAR), society.frozen]);
        days.extend(PUBLISHED_MEMBERS.map(|(year, _)| mid_year(year)));
        days.sort_unstable();
        let mut years: Vec<Day> = (FOUNDING_YEAR..).map(mid_year).take_while(|d| *d < society.frozen).collect();
        years.push(society.frozen);
        // The replay goes year by year, much of it on one thread: the other counts are made beside it.
        let replayed = || {
            let mut replay = classes::Replay::with_residents(society, params);
            let class_shares = replay.shares(&days, pool);
            (class_shares, replay.fathers_and_children(&CHILDREN_YEARS), replay.into_residents().0)
        };
        let (from, until) = (Day::new_year(CENSUS_YEAR), Day::new_year(CENSUS_YEAR + 1));
        let counted = || {
            let population = tables::population(society, &years, pool);
            let in_households = tables::living_in_households(society);
            let cross = cross(society, pool);
            let fertility = tables::fertility(society, rates, pool);
            let mortality = measures::mortality(society, pool);
            let first_marriages = measures::first_marriages(society, from, until);
            let punished = years[1..].iter().copied().zip(stocks::punished(society, &years[1..], pool)).collect();
            let serving = stocks::serving(society, &days, pool);
            let at_risk = stocks::at_risk_with_errors(society, &params.control.guilt, &AGES, SAMPLED, pool);
            let births = births(society);
            let (moves, days) = (moves(society), days.clone());
            let control = controlled(&society.files.tallies, society.frozen);
            // Complete with what the replay has counted.
            move |(class_shares, fathers, residents)| Self {
                population,
                in_households,
                residents,
                cross,
                fertility,
                mortality,
                first_marriages,
                days,
                class_shares,
                fathers,
                punished,
                serving,
                at_risk,
                births,
                moves,
                control,
            }
        };
        let (replayed, complete) = pool.join(replayed, counted);
        complete(replayed)
    }

    /// The freeze.
    pub(super) fn frozen(&self) -> Day {
        self.population.last().expect("the freeze is counted").day
    }

    /// Residents in the year of the census.
    pub(super) fn census(&self) -> &Cross {
        let day = mid_year(CENSUS_YEAR);
        &self.residents.iter().find(|r| r.day == day).expect("each 1 July is counted").cells
    }

    /// The counts of every fifth year and of the freeze.
    pub(super) fn fifth_years(&self) -> Vec<Population> {
        let last = self.population.len() - 1;
        let fifth = |(i, count): (usize, &Population)| (i % GROUP == 0 || i == last).then(|| count.clone());
        self.population.iter().enumerate().filter_map(fifth).collect()
    }
}

/// The last step is shorter than a year, and left out.
fn births(society: &Society) -> Vec<(Day, Day, u64)> {
    let (day, whole) = (|step: usize| mid_year(FOUNDING_YEAR + step as i16), society.tallies.births.len() - 1);
    let period = |(number, steps): (usize, &[[u64; FERTILE_GROUPS]])| {
        let first = number * GROUP;
        (day(first), day(first + steps.len()), steps.iter().flatten().sum())
    };
    society.tallies.births[..whole].chunks(GROUP).enumerate().map(period).collect()
}

/// Moves of each period of the rates, the last cut short by the freeze.
fn moves(society: &Society) -> Vec<(Day, Day, Reason, u64)> {
    let start = |period: usize| mid_year(FOUNDING_YEAR + (period * GROUP) as i16).min(society.frozen);
    let periods: Vec<Day> = (0..).map(start).take_while(|day| *day < society.frozen).collect();
    let mut counts = vec![[0_u64; Reason::ALL.len()]; periods.len()];
    for id in society.moves.person.ids() {
        let period = periods.partition_point(|day| *day <= society.moves.day[id]);
        counts[period.max(1) - 1][society.moves.reason[id] as usize] += 1;
    }
    let rows = counts.into_iter().enumerate().flat_map(|(period, counts)| {
        Reason::ALL.into_iter().zip(counts).map(move |(reason, n)| (start(period), start(period + 1), reason, n))
    });
    rows.collect()
}

/// Five steps from 1 July to 1 July a period, the last of which ends with the country: counts a year of those that passed.
pub(super) fn controlled(tallies: &Tallies, frozen: Day) -> Vec<Controlled> {
    let period = |(group, years): (usize, &[YearTally])| {
        let first = FOUNDING_YEAR + (group * GROUP) as i16;
        let (from, until) = (mid_year(first), mid_year(first + GROUP as i16).min(frozen));
        let sum = |count: &dyn Fn(&YearTally) -> u64| years.iter().map(count).sum::<u64>() as f64;
        let a_year = |count: &dyn Fn(&YearTally) -> u64| sum(count) / until.years_since(from);
        let kin = |i: usize| sum(&|y| y.kin.get(i).copied().unwrap_or(y.in_laws));
        let cases = sum(&|y| y.punished);
        Controlled {
            from,
            until,
            offences: a_year(&|y| y.offences),
            punished: a_year(&|y| y.punished),
            officers_removed: a_year(&|y| y.removed),
            kin: (cases > 0.0).then(|| std::array::from_fn(|i| kin(i) / cases)),
        }
    };
    tallies.chunks(GROUP).enumerate().map(period).collect()
}

fn cross(society: &Society, pool: &Pool) -> Cross {
    let persons = &society.persons;
    let none = || vec![[[[0_u64; PROVINCES.len()]; 3]; PYRAMID_GROUPS]; 2];
    let parts = pool.map_chunks(persons.len(), |rows| {
        let mut counts = none();
        for person in rows.map(PersonId::from_row).filter(|p| persons.alive(*p, society.frozen)) {
            let links = &persons.links[person];
            let group = (society.frozen.years_since(persons.life[person].birth) / GROUP as f64) as usize;
            let cell = &mut counts[links.sex as usize][group.min(PYRAMID_GROUPS - 1)][links.class as usize];
            cell[links.province as usize] += 1;
        }
        counts
    });
    let mut all = none();
    for part in parts {
        let cells = all.iter_mut().flatten().flatten().flatten();
        cells.zip(part.iter().flatten().flatten().flatten()).for_each(|(sum, n)| *sum += n);
    }
    all
}
