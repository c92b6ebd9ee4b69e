//! The history of the country: from the founders to the freeze, a year at a time, in events rather than person-years.

use super::Society;
use super::person::{ALIVE, HouseholdId, MarriageId, Marriages, NewPerson, PROVINCES, PersonId, Persons};
use super::rates::{FERTILE_FROM, FERTILE_GROUPS, FOUNDING_YEAR, GROUP, Rates, Sex, mid_year};
use crate::error::ModelError;
use crate::mechanism::class::inheritance;
use crate::mechanism::demography::birth::{self, FRAILTY_CLASSES, FertilityTable};
use crate::mechanism::demography::marriage::{self, Couple, MarketDraws, Seeker};
use crate::mechanism::demography::{death, household};
use crate::schedule::YEAR;
use crate::synth::{founders, pilot};
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::{Lookup, ParamError};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Parameters of part `History`.
#[derive(Clone, Copy, Debug)]
pub struct HistoryParams {
    /// Marriage.
    pub marriage: marriage::Params,
    /// Fertility.
    pub birth: birth::Params,
    /// Class.
    pub class: inheritance::Params,
}

impl HistoryParams {
    /// Reads all of them.
    ///
    /// # Errors
    /// A value is missing or does not fit.
    pub fn from_resolved(values: &dyn Lookup) -> Result<Self, ParamError> {
        Ok(Self {
            marriage: marriage::Params::from_resolved(values)?,
            birth: birth::Params::from_resolved(values)?,
            class: inheritance::Params::from_resolved(values)?,
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

/// A birth that will happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    pub(crate) pair: u64,
    pub(crate) marriage: MarriageId,
    pub(crate) day: Day,
}

/// Seekers of one province and one value of hash(key) mod m.
#[derive(Debug, Default)]
pub(crate) struct Cell {
    women: Vec<Seeker>,
    men: Vec<Seeker>,
    couples: Vec<Couple>,
}

/// Addressed draws used at home.
#[derive(Clone, Copy)]
pub(crate) struct HomeDraws {
    pub(crate) child: Draws,
    pub(crate) pair: Draws,
    pub(crate) death: Draws,
    pub(crate) sex: Draws,
    pub(crate) search: Draws,
    pub(crate) again: Draws,
    pub(crate) frailty: Draws,
    pub(crate) birth: Draws,
    pub(crate) cell: Draws,
    pub(crate) market: MarketDraws,
}

impl HomeDraws {
    fn new(seed: Seed) -> Self {
        let draws = |purpose| Draws::new(seed, purpose);
        Self {
            child: draws(Purpose::ChildKey),
            pair: draws(Purpose::PairKey),
            death: draws(Purpose::Death),
            sex: draws(Purpose::Sex),
            search: draws(Purpose::MarriageAge),
            again: draws(Purpose::Remarriage),
            frailty: draws(Purpose::CoupleFrailty),
            birth: draws(Purpose::Birth),
            cell: draws(Purpose::MarketCell),
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
    pub(crate) fn of(&self, province: u8, hash: u64) -> usize {
        let (from, to) = (self.first[province as usize], self.first[province as usize + 1]);
        from + (hash % (to - from) as u64) as usize
    }
    pub(crate) fn province(&self, cell: usize) -> u8 {
        (self.first.partition_point(|f| *f <= cell) - 1) as u8
    }
}

/// The country while it is being built.
pub struct History<'a> {
    pub(crate) input: Input<'a>,
    pub(crate) draws: HomeDraws,
    pub(crate) start: Day,
    pub(crate) years: Vec<Day>,
    pub(crate) persons: Persons,
    pub(crate) marriages: Marriages,
    pub(crate) households: usize,
    pub(crate) births: Vec<Vec<Due>>,
    searches: [Vec<Vec<PersonId>>; 2],
    cells: Vec<Cell>,
    pub(crate) cell_map: CellMap,
    pub(crate) fertility: FertilityTable,
    pub(crate) frailty: [f64; FRAILTY_CLASSES],
    tallies: Tallies,
}

/// Rows handled together by one thread; constant, so that results do not depend on the number of threads.
const EVENT_CHUNK: usize = 8_192;
/// Rows per living person of 2024 at full scale, with room to spare; and that population.
const ROWS_EVER: f64 = 46_000_000.0;
const NINE_MONTHS: i32 = 270;
const LAST_FERTILE_YEARS: f64 = (FERTILE_FROM + FERTILE_GROUPS * GROUP) as f64;

/// Builds the country. `progress` is called after each year with (years done, years in all) and stops the build by returning false.
///
/// # Errors
/// [`ModelError::Stopped`] when `progress` says so.
pub fn build(
    input: &Input<'_>,
    pool: &Pool,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Society, ModelError> {
    let fertility = pilot::fertility(input, pool);
    let mut history = History::new(*input, fertility, pool);
    for year in 0..history.years() {
        history.step(year, pool);
        if !progress(year + 1, history.years()) {
            return Err(ModelError::Stopped);
        }
    }
    Ok(history.freeze())
}

impl<'a> History<'a> {
    /// Founders in place, nothing has happened yet.
    pub(crate) fn new(input: Input<'a>, fertility: FertilityTable, pool: &Pool) -> Self {
        let start = mid_year(FOUNDING_YEAR);
        let mut years: Vec<Day> = (FOUNDING_YEAR..).map(mid_year).take_while(|d| *d < input.freeze).collect();
        years.push(input.freeze);
        let steps = years.len() - 1;
        let rows = (ROWS_EVER * input.scale) as usize;
        let cell_map = CellMap::new(input.scale);
        let mut history = Self {
            draws: HomeDraws::new(input.seed),
            start,
            years,
            persons: Persons::with_capacity(rows),
            marriages: Marriages::default(),
            households: 0,
            births: vec![Vec::new(); steps],
            searches: [vec![Vec::new(); steps], vec![Vec::new(); steps]],
            cells: (0..cell_map.len()).map(|_| Cell::default()).collect(),
            cell_map,
            fertility,
            frailty: birth::frailty_classes(&input.params.birth),
            tallies: Tallies {
                births: vec![[0; FERTILE_GROUPS]; steps],
                weddings: vec![0; steps],
                women_searching: vec![0; steps],
                men_searching: vec![0; steps],
            },
            input,
        };
        founders::settle(&mut history, pool);
        history
    }

    /// Number of year steps; the last ends with the freeze.
    pub(crate) fn years(&self) -> usize {
        self.years.len() - 1
    }

    /// One year: the stages of [`YEAR`] in order.
    pub(crate) fn step(&mut self, year: usize, pool: &Pool) {
        for step in YEAR {
            (step.run)(self, year, pool);
        }
    }

    fn freeze(self) -> Society {
        Society {
            seed: self.input.seed,
            scale: self.input.scale,
            frozen: self.input.freeze,
            persons: self.persons,
            marriages: self.marriages,
            households: self.households,
            tallies: self.tallies,
        }
    }

    /// Year step of a day; `None` before the start or from the freeze on.
    fn year_of(&self, day: Day) -> Option<usize> {
        if day < self.start || day >= self.input.freeze {
            return None;
        }
        Some(self.years.partition_point(|start| *start <= day) - 1)
    }

    /// Puts a person on the market in the year of `day`, unless dead by then; days before the start count as the first year.
    pub(crate) fn will_search(&mut self, person: PersonId, day: Day) {
        let day = day.max(self.start);
        if self.persons.death[person] <= day {
            return;
        }
        if let Some(year) = self.year_of(day) {
            self.searches[self.persons.sex[person] as usize][year].push(person);
        }
    }

    pub(crate) fn will_bear(&mut self, due: Due) {
        let year = self.year_of(due.day).expect("births are scheduled between the start and the freeze");
        self.births[year].push(due);
    }

    pub(crate) fn frailty_of(&self, pair: u64) -> f64 {
        self.frailty[sample::index(self.draws.frailty.uniform(pair, 0), FRAILTY_CLASSES)]
    }

    /// What a wedding brings with it, computed without writing anything.
    pub(crate) fn prospects(&self, wife: PersonId, husband: PersonId, day: Day) -> Prospects {
        let persons = &self.persons;
        let (end_wife, end_husband) = (persons.death[wife], persons.death[husband]);
        let fiftieth = Day(persons.birth[wife].0 + (LAST_FERTILE_YEARS * DAYS_PER_YEAR) as i32);
        let posthumous = Day(end_husband.0.saturating_add(NINE_MONTHS));
        let fertile_until = end_wife.min(posthumous).min(fiftieth);
        let params = &self.input.params.marriage;
        let again = |survivor: PersonId, end: Day| {
            let (sex, birth) = (persons.sex[survivor], persons.birth[survivor]);
            marriage::next_search(params, self.draws.again, persons.key[survivor], sex, birth, end)
                .map(|day| (survivor, day))
        };
        let survivor = match end_wife.cmp(&end_husband) {
            std::cmp::Ordering::Less => again(husband, end_wife),
            std::cmp::Ordering::Greater => again(wife, end_husband),
            std::cmp::Ordering::Equal => None,
        };
        Prospects {
            wife,
            husband,
            day,
            fertile_until,
            pair: self.draws.pair.hash(persons.key[wife], persons.key[husband]),
            survivor,
            first: None,
        }
    }

    /// Day of the next child of a couple, at risk from `from` on.
    pub(crate) fn next_birth(&self, couple: &Prospects, births: u8, from: Day) -> Option<Day> {
        self.fertility.next_birth(
            self.persons.birth[couple.wife],
            self.frailty_of(couple.pair),
            birth::parity_class(births),
            from,
            couple.fertile_until.min(self.input.freeze),
            self.draws.birth.resistance(couple.pair, u64::from(births)),
        )
    }

    /// Writes a wedding: marriage rows, household, what follows from it.
    pub(crate) fn wed(&mut self, couple: &Prospects, household: Option<HouseholdId>) -> MarriageId {
        let household = household.unwrap_or_else(|| {
            self.households += 1;
            HouseholdId::from_row(self.households - 1)
        });
        self.persons.household[couple.wife] = Some(household);
        self.persons.household[couple.husband] = Some(household);
        let marriage =
            self.marriages.wed(&mut self.persons, couple.wife, couple.husband, couple.day, couple.fertile_until);
        if let Some(day) = couple.first {
            self.will_bear(Due { pair: couple.pair, marriage, day });
        }
        if let Some((survivor, day)) = couple.survivor {
            self.will_search(survivor, day);
        }
        marriage
    }
}

/// What a wedding brings with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prospects {
    pub(crate) wife: PersonId,
    pub(crate) husband: PersonId,
    pub(crate) day: Day,
    pub(crate) fertile_until: Day,
    pub(crate) pair: u64,
    pub(crate) survivor: Option<(PersonId, Day)>,
    pub(crate) first: Option<Day>,
}

/// Stage `Marriage`: the year's new seekers join their cells, cells pair them, couples found or join households.
pub(crate) fn weddings(history: &mut History<'_>, year: usize, pool: &Pool) {
    enter_market(history, year, pool);
    let (from, until) = (history.years[year], history.years[year + 1]);
    let (params, market) = (history.input.params.marriage, history.draws.market);
    pool.for_each_mut(&mut history.cells, |_, cell| {
        marriage::leave_market(&mut cell.women, &mut cell.men, from);
        cell.couples = marriage::pair_cell(&params, &market, &mut cell.women, &mut cell.men, from, until);
    });
    let couples: Vec<Couple> = history.cells.iter_mut().flat_map(|cell| std::mem::take(&mut cell.couples)).collect();
    let delay = history.input.params.birth.first_delay.0 as i32;
    let shared = &*history;
    let prepared = pool.map_chunks_of(couples.len(), EVENT_CHUNK, |range| {
        couples[range]
            .iter()
            .map(|couple| {
                let (wife, husband) =
                    (PersonId::from_row(couple.wife.row as usize), PersonId::from_row(couple.husband.row as usize));
                let mut prospects = shared.prospects(wife, husband, couple.day);
                prospects.first = shared.next_birth(&prospects, shared.persons.births[wife], couple.day + delay);
                (prospects, household::parental_household(&shared.persons, husband, couple.day))
            })
            .collect::<Vec<_>>()
    });
    history.tallies.weddings[year] = couples.len() as u64;
    history.tallies.women_searching[year] = history.cells.iter().map(|c| c.women.len() as u64).sum();
    history.tallies.men_searching[year] = history.cells.iter().map(|c| c.men.len() as u64).sum();
    for (prospects, household) in prepared.into_iter().flatten() {
        history.wed(&prospects, household);
    }
}

fn enter_market(history: &mut History<'_>, year: usize, pool: &Pool) {
    for sex in [Sex::Female, Sex::Male] {
        let new = std::mem::take(&mut history.searches[sex as usize][year]);
        let shared = &*history;
        let from = shared.years[year];
        let seekers = pool.map_chunks_of(new.len(), EVENT_CHUNK, |range| {
            let persons = &shared.persons;
            let entry = |person: &PersonId| {
                let key = persons.key[*person];
                let cell = shared.cell_map.of(persons.province[*person], shared.draws.cell.hash(key, 0));
                let first = marriage::first_search(
                    &shared.input.params.marriage,
                    shared.draws.search,
                    key,
                    sex,
                    persons.birth[*person],
                );
                let seeker = Seeker {
                    key,
                    row: person.row() as u32,
                    birth: persons.birth[*person],
                    death: persons.death[*person],
                    // Those who search again do so from the start of the year.
                    due: if persons.marriage[*person].is_none() { first } else { from + -1 },
                    class: persons.class[*person],
                };
                (cell, seeker)
            };
            new[range].iter().map(entry).collect::<Vec<_>>()
        });
        for (cell, seeker) in seekers.into_iter().flatten() {
            let cell = &mut history.cells[cell];
            if sex == Sex::Female { cell.women.push(seeker) } else { cell.men.push(seeker) }
        }
    }
}

/// A child and what follows from its birth.
struct Born {
    child: NewPerson,
    search: Day,
    due: Option<Due>,
}

/// Stage `Birth`: the year's births happen; each child gets its key, sex, class, day of death and first search; the next is scheduled.
pub(crate) fn births(history: &mut History<'_>, year: usize, pool: &Pool) {
    // A spacing under a year can add births to the year at hand: they are taken in a further pass.
    while !history.births[year].is_empty() {
        let due = std::mem::take(&mut history.births[year]);
        let shared = &*history;
        let born = pool.map_chunks_of(due.len(), EVENT_CHUNK, |range| {
            let mut tally = [0_u64; FERTILE_GROUPS];
            let born: Vec<Born> = due[range].iter().map(|due| bear(shared, due, &mut tally)).collect();
            (born, tally)
        });
        for (chunk, tally) in born {
            for (sum, count) in history.tallies.births[year].iter_mut().zip(tally) {
                *sum += count;
            }
            let first = history.persons.len();
            let rows: Vec<NewPerson> = chunk.iter().map(|b| b.child).collect();
            history.persons.append(&rows);
            for (offset, born) in chunk.into_iter().enumerate() {
                history.will_search(PersonId::from_row(first + offset), born.search);
                if let Some(due) = born.due {
                    history.will_bear(due);
                }
            }
        }
    }
}

fn bear(history: &History<'_>, due: &Due, tally: &mut [u64; FERTILE_GROUPS]) -> Born {
    let (persons, input) = (&history.persons, &history.input);
    let (mother, father) = (history.marriages.wife[due.marriage], history.marriages.husband[due.marriage]);
    let order = persons.births[mother];
    let key = history.draws.child.hash(persons.key[mother], u64::from(order));
    let period = input.rates.period(due.day);
    let sex = if history.draws.sex.uniform(key, 0) < input.rates.share_male(period) { Sex::Male } else { Sex::Female };
    let group = (due.day.years_since(persons.birth[mother]) as usize).saturating_sub(FERTILE_FROM) / GROUP;
    tally[group.min(FERTILE_GROUPS - 1)] += 1;
    let child = NewPerson {
        key,
        birth: due.day,
        death: death::day_of_death(input.rates, history.draws.death, key, sex, due.day, due.day, input.freeze),
        mother: Some(mother),
        father: Some(father),
        sex,
        class: inheritance::child_class(persons.class[father]),
        province: persons.province[mother],
        household: persons.household[mother],
    };
    let search = marriage::first_search(&input.params.marriage, history.draws.search, key, sex, due.day);
    let couple = Prospects {
        wife: mother,
        husband: father,
        day: due.day,
        fertile_until: history.marriages.fertile_until[due.marriage],
        pair: due.pair,
        survivor: None,
        first: None,
    };
    let from = due.day + input.params.birth.spacing.0 as i32;
    let next = history.next_birth(&couple, order.saturating_add(1), from);
    Born { child, search, due: next.map(|day| Due { day, ..*due }) }
}

/// Whether somebody lives at the freeze.
#[must_use]
pub fn lives(death: Day) -> bool {
    death == ALIVE
}
