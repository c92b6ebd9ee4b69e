//! The history of the country: from the founders to the freeze, a year at a time, in events rather than person-years.

mod births;
mod buckets;
mod weddings;

use super::Society;
use super::control::{self, Control, ControlParams};
use super::fertility::Fertility;
use super::moves::Moves;
use super::nuptiality::Nuptiality;
use super::person::{ALIVE, Marriages, PROVINCES, PersonId, Persons};
use super::rates::{FERTILE_GROUPS, FOUNDING_YEAR, Rates, Sex, mid_year};
use super::survival::Survival;
use crate::error::ModelError;
use crate::mechanism::class::inheritance;
use crate::mechanism::demography::birth::{self, FRAILTY_CLASSES};
use crate::mechanism::demography::death;
use crate::mechanism::demography::marriage::{self, MarketDraws, Seeker};
use crate::mechanism::demography::migration::{self, Destinations};
use crate::schedule::YEAR;
use crate::synth::founders::{self, Dealt};
use crate::synth::pilot::Pilot;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::{Lookup, ParamError};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

pub(crate) use births::births;
pub(crate) use buckets::Buckets;
pub(crate) use weddings::{Prospects, Spouse, weddings};

/// Parameters of part `History`.
#[derive(Clone, Copy, Debug)]
pub struct HistoryParams {
    /// Mortality.
    pub death: death::Params,
    /// Marriage.
    pub marriage: marriage::Params,
    /// Moves between provinces.
    pub migration: migration::Params,
    /// Fertility.
    pub birth: birth::Params,
    /// Class.
    pub class: inheritance::Params,
    /// Record, control and service.
    pub control: ControlParams,
}

impl HistoryParams {
    /// Reads all of them.
    ///
    /// # Errors
    /// A value is missing or does not fit.
    pub fn from_resolved(values: &dyn Lookup) -> Result<Self, ParamError> {
        Ok(Self {
            death: death::Params::from_resolved(values)?,
            marriage: marriage::Params::from_resolved(values)?,
            migration: migration::Params::from_resolved(values)?,
            birth: birth::Params::from_resolved(values)?,
            class: inheritance::Params::from_resolved(values)?,
            control: ControlParams::from_resolved(values)?,
        })
    }
}

/// What a history is built from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Vital rates and pyramid.
    pub rates: &'a Rates,
    /// Parameters.
    pub params: &'a HistoryParams,
    /// Seed.
    pub seed: Seed,
    /// Share of the real population, in (0, 1].
    pub scale: f64,
    /// Day of the freeze.
    pub freeze: Day,
}

/// Counts kept while the history runs, by year step (1 July to 30 June) from 1955 on.
#[derive(Clone, Debug, Default)]
pub struct Tallies {
    /// Live births by five-year age group of the mother.
    pub births: Vec<[u64; FERTILE_GROUPS]>,
    /// Weddings, first or later.
    pub weddings: Vec<u64>,
    /// Women still searching at the end of the step.
    pub women_searching: Vec<u64>,
    /// Men still searching at the end of the step.
    pub men_searching: Vec<u64>,
}

/// A birth that will happen, with what is needed of the couple: rows are read where they must be, not for what cannot change.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    /// Key of the pair.
    pub(crate) pair: u64,
    /// Key of the mother.
    pub(crate) wife_key: u64,
    /// Mother.
    pub(crate) wife: PersonId,
    /// Father.
    pub(crate) husband: PersonId,
    /// Day of the birth.
    pub(crate) day: Day,
    /// Mother's date of birth.
    pub(crate) wife_birth: Day,
    /// Last day on which the couple can have a child: death of the wife, nine months after the husband's, or her 50th birthday.
    pub(crate) fertile_until: Day,
    /// Class of the couple's fertility.
    pub(crate) frailty: u8,
}

/// Year steps: they run from 1 July to 30 June, the last to the freeze.
#[derive(Clone, Debug)]
pub(crate) struct Calendar {
    /// First days of the years, and the day of the freeze.
    years: Vec<Day>,
}

impl Calendar {
    fn new(freeze: Day) -> Self {
        let mut years: Vec<Day> = (FOUNDING_YEAR..).map(mid_year).take_while(|d| *d < freeze).collect();
        years.push(freeze);
        Self { years }
    }

    /// Number of year steps.
    pub(crate) fn len(&self) -> usize {
        self.years.len() - 1
    }

    /// The founding.
    pub(crate) fn start(&self) -> Day {
        self.years[0]
    }

    /// First day of a year; of the year after the last, the freeze.
    pub(crate) fn first_day(&self, year: usize) -> Day {
        self.years[year]
    }

    /// Year step of a day; `None` before the start or from the freeze on.
    pub(crate) fn year_of(&self, day: Day) -> Option<usize> {
        let last = self.len() - 1;
        if day < self.years[0] || day >= self.years[last + 1] {
            return None;
        }
        // Years differ by a day or two from their mean length.
        let year = (((day - self.years[0]) as f64 / DAYS_PER_YEAR) as usize).min(last);
        Some(if day < self.years[year] { year - 1 } else { year + usize::from(day >= self.years[year + 1]) })
    }
}

/// A search for a spouse that will begin.
#[derive(Clone, Copy, Debug)]
struct Search {
    /// Who searches.
    person: PersonId,
    /// From when.
    day: Day,
}

/// Searches to come, by sex and year.
#[derive(Debug)]
pub(crate) struct Searches([Buckets<Search>; 2]);

impl Searches {
    /// Puts a person on the market in the year of `day`, unless dead by then; days before the start count as the first year.
    pub(crate) fn add(&mut self, calendar: &Calendar, person: PersonId, sex: Sex, death: Day, day: Day) {
        let day = day.max(calendar.start());
        if death > day
            && let Some(year) = calendar.year_of(day)
        {
            self.0[sex as usize].push(year, Search { person, day });
        }
    }
}

/// Births to come, by year.
#[derive(Debug)]
pub(crate) struct Births(Buckets<Due>);

impl Births {
    /// Puts a birth into its year.
    pub(crate) fn add(&mut self, calendar: &Calendar, due: Due) {
        let year = calendar.year_of(due.day).expect("births are scheduled between the start and the freeze");
        self.0.push(year, due);
    }
}

/// Seekers of one province and one value of hash(key) mod m.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    women: Vec<Seeker>,
    men: Vec<Seeker>,
}

/// Addressed draws used at home.
#[derive(Clone, Copy)]
pub(crate) struct HomeDraws {
    /// Key of a child; the second value decides its sex.
    pub(crate) child: Draws,
    /// Key of a pair; the second value is its fertility.
    pub(crate) pair: Draws,
    /// Resistance to death; the second value is the age at first search.
    pub(crate) life: Draws,
    pub(crate) again: Draws,
    pub(crate) birth: Draws,
    /// Whether a couple moves; the second value is where to.
    pub(crate) migration: Draws,
    pub(crate) market: MarketDraws,
}

impl HomeDraws {
    fn new(seed: Seed) -> Self {
        let draws = |purpose| Draws::new(seed, purpose);
        Self {
            child: draws(Purpose::ChildKey),
            pair: draws(Purpose::PairKey),
            life: draws(Purpose::Life),
            again: draws(Purpose::Remarriage),
            birth: draws(Purpose::Birth),
            migration: draws(Purpose::Migration),
            market: MarketDraws::new(seed),
        }
    }
}

/// Market cells by province; the number of cells depends on the scale only, never on realised counts.
#[derive(Clone, Debug)]
pub(crate) struct CellMap {
    first: Vec<usize>,
}

/// New women searching a year in the whole country, about; and how many of them make a cell.
const NEW_WOMEN_A_YEAR: f64 = 220_000.0;
const WOMEN_A_CELL: f64 = 64.0;

impl CellMap {
    pub(crate) fn new(scale: f64) -> Self {
        let total: f64 = PROVINCES.iter().map(|p| p.1).sum();
        let mut first = vec![0];
        for (_, population) in PROVINCES {
            let cells = (scale * NEW_WOMEN_A_YEAR * population / total / WOMEN_A_CELL) as usize;
            first.push(first[first.len() - 1] + cells.max(1));
        }
        Self { first }
    }
    pub(crate) fn len(&self) -> usize {
        self.first[PROVINCES.len()]
    }
    /// Cell of a person: a key is a hash, so its value modulo the number of cells is as good as another hash of it.
    pub(crate) fn of(&self, province: u8, key: u64) -> usize {
        let (from, to) = (self.first[province as usize], self.first[province as usize + 1]);
        from + (key % (to - from) as u64) as usize
    }
    pub(crate) fn province(&self, cell: usize) -> u8 {
        (self.first.partition_point(|f| *f <= cell) - 1) as u8
    }
}

/// The country while it is being built.
pub struct History<'a> {
    /// What it is built from.
    pub(crate) input: Input<'a>,
    /// Addresses of draws at home.
    pub(crate) draws: HomeDraws,
    /// What falls due in the year, by day.
    pub(crate) calendar: Calendar,
    /// Everybody ever.
    pub(crate) persons: Persons,
    /// Marriages ever.
    pub(crate) marriages: Marriages,
    /// Moves between provinces.
    pub(crate) moves: Moves,
    /// Where who moves goes, by province.
    pub(crate) destinations: Destinations,
    /// Households so far.
    pub(crate) households: usize,
    /// Women by the year of their next birth.
    pub(crate) births: Births,
    /// Who searches for a spouse, by year.
    pub(crate) searches: Searches,
    /// Cells of the marriage market.
    cells: Vec<Cell>,
    /// Cell of a searcher.
    pub(crate) cell_map: CellMap,
    /// Rates of birth.
    pub(crate) fertility: Fertility,
    /// Ages at which searches begin.
    pub(crate) nuptiality: Nuptiality,
    /// Rates of death.
    pub(crate) survival: Survival,
    /// Factors of mortality, by class of frailty.
    pub(crate) frailty: [f64; FRAILTY_CLASSES],
    /// Counts by year, for the tables.
    tallies: Tallies,
    /// Files, offences, penalties, service.
    pub(crate) control: Control,
}

/// Rows per living person of 2024 at full scale, with room to spare; and that population.
const ROWS_EVER: f64 = 46_000_000.0;
const MARRIAGES_EVER: f64 = 14_000_000.0;

/// Builds the country. `progress` is called after each year with (years done, years in all) and stops the build by returning false.
///
/// # Errors
/// [`ModelError::Stopped`] when `progress` says so.
pub fn build(
    input: &Input<'_>,
    pool: &Pool,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Society, ModelError> {
    // The founders ask nothing of the pilot, whose steps are too short to keep several threads at work.
    let (pilot, dealt) =
        pool.join(|| Pilot::run(input.rates, input.params, input.freeze, pool), || founders::deal(input, pool));
    run(&pilot, input.seed, input.scale, dealt, pool, progress)
}

/// Builds a country of the rates, parameters and day of the freeze that a pilot was run for: several need one pilot.
///
/// # Errors
/// As [`build`].
pub fn build_after(
    pilot: &Pilot<'_>,
    seed: Seed,
    scale: f64,
    pool: &Pool,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Society, ModelError> {
    let input = Input { rates: &pilot.rates, params: pilot.params, seed, scale, freeze: pilot.freeze };
    run(pilot, seed, scale, founders::deal(&input, pool), pool, progress)
}

/// Builds from the founders `dealt` under this seed and scale.
fn run(
    pilot: &Pilot<'_>,
    seed: Seed,
    scale: f64,
    dealt: Vec<Dealt>,
    pool: &Pool,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Society, ModelError> {
    let input = Input { rates: &pilot.rates, params: pilot.params, seed, scale, freeze: pilot.freeze };
    let mut history = History::new(input, Fertility::new(mid_year(FOUNDING_YEAR), &pilot.births), &dealt, pool);
    drop(dealt);
    for year in 0..history.calendar.len() {
        history.step(year, pool);
        if !progress(year + 1, history.calendar.len()) {
            return Err(ModelError::Stopped);
        }
    }
    Ok(history.freeze(pool))
}

impl<'a> History<'a> {
    /// Founders in place, nothing has happened yet.
    pub(crate) fn new(input: Input<'a>, fertility: Fertility, dealt: &[Dealt], pool: &Pool) -> Self {
        let calendar = Calendar::new(input.freeze);
        let steps = calendar.len();
        let rows = (ROWS_EVER * input.scale) as usize;
        let cell_map = CellMap::new(input.scale);
        let mut history = Self {
            draws: HomeDraws::new(input.seed),
            calendar,
            persons: Persons::with_capacity(rows),
            marriages: Marriages::with_capacity((MARRIAGES_EVER * input.scale) as usize),
            moves: Moves::default(),
            destinations: Destinations::new(&input.params.migration, input.params.class.founding_core),
            households: 0,
            births: Births(Buckets::new(steps)),
            searches: Searches([Buckets::new(steps), Buckets::new(steps)]),
            cells: (0..cell_map.len()).map(|_| Cell::default()).collect(),
            cell_map,
            fertility,
            nuptiality: Nuptiality::new(),
            survival: Survival::new(input.rates, input.freeze),
            frailty: birth::frailty_classes(&input.params.birth),
            tallies: Tallies {
                births: vec![[0; FERTILE_GROUPS]; steps],
                weddings: vec![0; steps],
                women_searching: vec![0; steps],
                men_searching: vec![0; steps],
            },
            control: Control::new(input.seed, &input.params.control, steps),
            input,
        };
        founders::settle(&mut history, dealt, pool);
        control::book_founders(&mut history, pool);
        history
    }

    /// One year: the stages of [`YEAR`] in order.
    pub(crate) fn step(&mut self, year: usize, pool: &Pool) {
        for step in YEAR {
            (step.run)(self, year, pool);
        }
    }

    fn freeze(mut self, pool: &Pool) -> Society {
        self.control.files.freeze(pool);
        Society {
            seed: self.input.seed,
            scale: self.input.scale,
            frozen: self.input.freeze,
            persons: self.persons,
            marriages: self.marriages,
            moves: self.moves,
            households: self.households,
            files: self.control.files,
            tallies: self.tallies,
        }
    }

    /// Day of the next child of a couple whose mother has borne `births`, at risk from `from` on.
    pub(crate) fn next_birth(&self, couple: &Due, births: u8, from: Day) -> Option<Day> {
        self.fertility.next_birth(
            couple.wife_birth,
            self.frailty[couple.frailty as usize],
            birth::parity_class(births),
            from,
            couple.fertile_until.min(self.input.freeze),
            self.draws.birth.resistance(couple.pair, u64::from(births)),
        )
    }
}

/// Whether somebody lives at the freeze.
#[must_use]
pub fn lives(death: Day) -> bool {
    death == ALIVE
}
