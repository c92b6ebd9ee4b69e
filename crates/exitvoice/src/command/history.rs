//! `history`: builds the country, prints its tables, and writes them with figures into a run folder.

mod home;
mod measured;
mod publish;
mod sources;

use super::estimate::{Estimate, Need, REPORT_BYTES};
use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, Stage, complete_already};
use crate::country;
use crate::io::memory::human;
use crate::io::run_folder::{CompleteRun, Existing, Opened, is_complete, open};
use crate::io::run_json::utc_now;
use crate::scenario::{Scenario, SocietySource};
use crate::write;
use exitvoice_core::parallel::Pool;
use exitvoice_model::MODEL_VERSION;
use exitvoice_model::society::extract::{Extract, MOST_CANDIDATES};
use exitvoice_model::society::history::HistoryParams;
use exitvoice_model::society::measures;
use exitvoice_model::society::person::PROVINCES;
use exitvoice_model::society::rates::{FERTILITY_UNTIL, FOUNDING_YEAR, GROUP, PERIODS, Rates, Sex};
use exitvoice_model::society::tables::residents::Cross;
use exitvoice_model::society::tables::{self, OLDEST_COMPARED, Population, SMALLEST_COMPARED};
use measured::{CENSUS_YEAR, Measured};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Instant;

/// Options of `history`.
#[derive(Clone, Debug)]
pub struct HistoryOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
    /// Not `--no-cache`: the cache is written, and a complete run folder is taken for the result.
    pub cache: bool,
}

/// A table for people and programs: columns of numbers beside a first column of words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrintedTable {
    /// Name: snake_case.
    pub name: String,
    /// One line above it.
    pub title: String,
    /// Names of the columns, the one of words first.
    pub columns: Vec<String>,
    /// Word and numbers of each row; none where nothing is published about that time.
    pub rows: Vec<(String, Vec<Option<f64>>)>,
}

impl PrintedTable {
    /// Title, names and rows with aligned columns; shares and rates keep four significant digits.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut cells = vec![self.columns.clone()];
        cells.extend(
            self.rows
                .iter()
                .map(|(word, numbers)| std::iter::once(word.clone()).chain(numbers.iter().map(|x| cell(*x))).collect()),
        );
        let width =
            |column: usize| cells.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let line = |row: &Vec<String>| {
            let pad = |(column, cell): (usize, &String)| {
                let width = widths.get(column).copied().unwrap_or(0);
                if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            };
            row.iter().enumerate().map(pad).collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        std::iter::once(self.title.clone()).chain(cells.iter().map(line)).collect()
    }
}

/// A number as it is printed, or a dash.
fn cell(x: Option<f64>) -> String {
    x.map_or_else(|| "-".to_owned(), number)
}

fn number(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 { format!("{x:.0}") } else { format!("{x:.4}") }
}

/// The country in numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryOutcome {
    /// Name of the run folder.
    pub run_id: String,
    /// Scenario.
    pub scenario: String,
    /// Digest of the Society, 64 hexadecimal digits.
    pub digest: String,
    /// As `m1.0`.
    pub model_version: String,
    /// Whether the country is smaller than life.
    pub scaled: bool,
    /// Share of the country that was simulated.
    pub scale: f64,
    /// Persons that ever lived, founders included.
    pub persons_ever: u64,
    /// Persons alive on deployment day.
    pub persons_living: u64,
    /// Person-years simulated.
    pub person_years: f64,
    /// Wall time in seconds of building the country.
    pub seconds: f64,
    /// Wall time in seconds of counting, of the cache write (0 with `--no-cache`) and of tables, figures and page.
    pub seconds_beside: Beside,
    /// Largest memory in bytes, where the system tells.
    pub peak_bytes: Option<u64>,
    /// Bytes of the frozen columns per person row.
    pub bytes_per_person: f64,
    /// Command that repeats it, with every value laid over the scenario.
    #[serde(default)]
    pub command: String,
    /// Tables.
    pub tables: Vec<PrintedTable>,
    /// Path of `report.html`.
    pub report: PathBuf,
    /// The run folder.
    pub out: PathBuf,
    /// Whether the run was there already and has been verified only.
    #[serde(default)]
    pub found_complete: bool,
}

/// Wall time beside the history, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Beside {
    /// Counting the country.
    pub count: f64,
    /// Extract and cache.
    pub cache: f64,
    /// Tables, figures, page.
    pub write: f64,
}

/// Seconds of counting for each second of building; for estimates only.
const COUNTING: f64 = 0.6;

/// What building and counting the country would take.
///
/// # Errors
/// Scenario or options are wrong.
pub fn estimate(options: &HistoryOptions) -> Result<Estimate, Error> {
    let scenario = resolve(options)?;
    let need = Need {
        histories: 1,
        deployments: 0,
        seconds: country::history_seconds(&scenario) * (1.0 + COUNTING),
        peak_bytes: country::history_bytes(&scenario),
        disk_bytes: REPORT_BYTES + if options.cache { country::extract_bytes(&scenario) } else { 0 },
    };
    let estimate = need.on(&options.machine, &options.scenario.out);
    match existing(options) {
        Existing::Replace => Ok(estimate),
        Existing::Keep => {
            let run_id = run_id(&scenario);
            estimate.unless_complete(&options.scenario, &scenario.name, &run_id, &options.machine)
        }
    }
}

/// Without the cache the country is built whatever stands there.
const fn existing(options: &HistoryOptions) -> Existing {
    if options.cache { options.scenario.existing() } else { Existing::Replace }
}

fn run_id(scenario: &Scenario) -> String {
    write::run_id("history", scenario, &write::inputs(None))
}

fn resolve(options: &HistoryOptions) -> Result<Scenario, Error> {
    let scenario = options.scenario.resolve(&options.machine, &[])?;
    options.scenario.check_scale(&scenario)?;
    if let SocietySource::Fixture(name) = &scenario.society {
        return Err(Error::NoHistory { scenario: scenario.name.clone(), fixture: name.clone() });
    }
    country::check_size(&scenario)?;
    Ok(scenario)
}

/// Builds the country of a scenario from its founders, counts it, writes tables and figures, and puts what a run reads into the cache.
///
/// # Errors
/// Wrong input or files of somebody else in a folder to be replaced (64), a damaged folder (65), too little memory (71), a folder of results that
/// cannot be written (73, 74), all before anything is built; a signal (75), or a disk that fills up meanwhile (74). A cache that does not take the
/// country is told and no error.
pub fn history(options: &HistoryOptions, progress: &mut dyn Progress) -> Result<HistoryOutcome, Error> {
    let (machine, started) = (&options.machine, utc_now());
    let source = options.scenario.source(machine)?;
    let scenario = resolve(options)?;
    let run_id = run_id(&scenario);
    // Memory and a folder for the results before the work, not after it; what is complete needs neither.
    let (vfs, out, existing) = (machine.vfs.as_ref(), &options.scenario.out, existing(options));
    if existing == Existing::Replace || !is_complete(vfs, out, &scenario.name, &run_id)? {
        machine.preflight(country::history_bytes(&scenario))?;
    }
    let open_folder = || open(vfs, out, &scenario.name, &run_id, existing);
    // Given up again until there is something to write: a signal that ends the process meanwhile leaves nothing.
    if let Opened::Complete(complete) = open_folder()? {
        return met_again(*complete);
    }
    let pool = machine.pool()?;
    let clock = Instant::now();
    let society = country::history(&scenario, machine, &pool, progress)?;
    let seconds = clock.elapsed().as_secs_f64();
    let mut beside = Beside::default();
    if options.cache {
        let clock = Instant::now();
        let extract = Extract::take(&society, MOST_CANDIDATES, &pool);
        keep(&extract, &scenario, machine, &pool, progress);
        beside.cache = clock.elapsed().as_secs_f64();
    }
    let clock = Instant::now();
    let rates = country::rates()?;
    let mut hasher = blake3::Hasher::new();
    for piece in society.canonical(&pool, blake3::hash) {
        hasher.update(piece.as_bytes());
    }
    let params = HistoryParams::from_resolved(&scenario).map_err(Error::bug)?;
    let measured = Measured::new(&society, &params, &rates, &pool);
    let mut printed = printed(&measured, &rates, society.scale);
    printed.extend(home::tables(society.scale, &params, &measured));
    let person_years = tables::person_years(&society, &pool);
    beside.count = clock.elapsed().as_secs_f64();
    let mut folder = match open_folder()? {
        Opened::Complete(complete) => return met_again(*complete),
        Opened::New(folder) => folder,
    };
    let out = folder.path().to_owned();
    let mut found = HistoryOutcome {
        digest: hasher.finalize().to_hex().to_string(),
        model_version: MODEL_VERSION.to_string(),
        scaled: scenario.is_scaled(),
        scale: scenario.scale,
        persons_ever: society.persons.len() as u64,
        persons_living: measured.population.last().map_or(0, Population::total),
        person_years,
        seconds,
        seconds_beside: beside,
        peak_bytes: machine.peak_bytes(),
        bytes_per_person: society.bytes() as f64 / society.persons.len().max(1) as f64,
        tables: printed,
        command: publish::command(&options.scenario, &scenario),
        scenario: scenario.name.clone(),
        report: out.join("report.html"),
        out,
        run_id,
        found_complete: false,
    };
    let clock = Instant::now();
    progress.event(Event::Began { stage: Stage::Write, of: None });
    let job = publish::Job { options, scenario: &scenario, params: &params, rates: &rates, measured: &measured };
    job.fill(&mut folder, &found, &source)?;
    found.seconds_beside.write = clock.elapsed().as_secs_f64();
    folder.publish(job.run_json(&found, write::inputs(None), started, pool.threads())?)?;
    progress.event(Event::Ended { stage: Stage::Write, seconds: clock.elapsed().as_secs_f64() });
    Ok(found)
}

/// Puts what a run reads into the cache, and names a damaged file that it replaces. The country has been built for its tables: where the cache
/// does not take it, only a later command pays.
fn keep(extract: &Extract, scenario: &Scenario, machine: &Machine, pool: &Pool, progress: &mut dyn Progress) {
    if let Ok(Some(damage)) = country::remove_damaged(scenario, machine, pool) {
        progress.event(Event::Warning(format!("{damage}; it is replaced")));
    }
    if let Err(error) = country::store(extract, scenario, machine, pool) {
        progress.event(Event::Warning(format!(
            "the cache may not hold this country, and a command that needs it builds it again: {error}; EXITVOICE_CACHE names another folder, and with `--no-cache` none is written"
        )));
    }
}

/// What a complete folder says of the history in it.
fn met_again(complete: CompleteRun) -> Result<HistoryOutcome, Error> {
    let mut outcome: HistoryOutcome = serde_json::from_value(complete.run.summary).map_err(Error::bug)?;
    outcome.found_complete = true;
    outcome.report = complete.folder.join("report.html");
    outcome.out = complete.folder;
    if outcome.command.is_empty() {
        outcome.command = complete.run.command;
    }
    Ok(outcome)
}

/// The tables of demography, each beside its target where one is published.
fn printed(measured: &Measured, rates: &Rates, scale: f64) -> Vec<PrintedTable> {
    vec![
        population(&measured.fifth_years(), rates, scale),
        fertility(&measured.fertility),
        life_expectancy(measured, rates),
        first_marriages(&measured.first_marriages, scale),
        provinces(measured, scale),
        households(&measured.population, measured.in_households, scale),
    ]
}

/// A table in which every number is known.
fn table(name: &str, title: &str, columns: &[&str], rows: Vec<(String, Vec<f64>)>) -> PrintedTable {
    let known = |(word, numbers): (String, Vec<f64>)| (word, numbers.into_iter().map(Some).collect());
    table_with_gaps(name, title, columns, rows.into_iter().map(known).collect())
}

fn table_with_gaps(name: &str, title: &str, columns: &[&str], rows: Vec<(String, Vec<Option<f64>>)>) -> PrintedTable {
    let columns = columns.iter().map(|c| (*c).to_owned()).collect();
    PrintedTable { name: name.to_owned(), title: title.to_owned(), columns, rows }
}

fn population(counts: &[Population], rates: &Rates, scale: f64) -> PrintedTable {
    let compared = tables::against_pyramid(counts, rates, scale);
    let totals = compared.iter().filter(|r| r.age_from.is_none());
    let worst = |year: i16| {
        let groups = compared.iter().filter(|r| r.year == year && r.age_from.is_some_and(|a| a < OLDEST_COMPARED));
        groups.filter(|r| r.published > SMALLEST_COMPARED).map(|r| r.deviation().abs()).fold(0.0, f64::max)
    };
    let rows = totals
        .map(|r| (r.year.to_string(), vec![r.simulated.round(), r.published.round(), r.deviation(), worst(r.year)]));
    table(
        "population",
        &format!(
            "Population on 1 July, persons at full scale, beside the United Nations' series ({}); largest deviation of a five-year group under {OLDEST_COMPARED} and above {SMALLEST_COMPARED:.0} persons",
            sources::PROSPECTS
        ),
        &["year", "persons", "published", "deviation", "worst_group"],
        rows.collect(),
    )
}

fn fertility(rows: &[tables::FertilityRow]) -> PrintedTable {
    let row = |row: &tables::FertilityRow| {
        let published = published_fertility(row);
        let counts = [row.weddings_a_year, row.women_searching].map(|n| Some(n.round()));
        let numbers = [Some(row.children_per_woman), published].into_iter().chain(counts).collect();
        (format!("{}-{}", row.from, row.until), numbers)
    };
    table_with_gaps(
        "fertility",
        &format!(
            "Children per woman, beside the published rate ({}; it ends with 2020, and the model goes on with its last number), weddings a year at full scale, from 1 July of the first year to 30 June of the last, whole years only; women still searching at the end of the period's first year, at full scale",
            sources::PROSPECTS
        ),
        &["period", "children_per_woman", "published", "weddings_a_year", "women_searching_after_first_year"],
        rows.iter().map(row).collect(),
    )
}

/// What is published about a period; nothing about the last, to which the model extends the series.
fn published_fertility(row: &tables::FertilityRow) -> Option<f64> {
    (row.from < FERTILITY_UNTIL).then_some(row.published)
}

/// Life expectancy at birth of a period and sex: counted, where enough people died, and by the published rates.
fn life_expectancies(measured: &Measured, rates: &Rates, period: usize, sex: Sex) -> (Option<f64>, f64) {
    let published = rates.deaths(period, sex);
    let counted = &measured.mortality[period][sex as usize];
    (measures::observed_life_expectancy(counted, published), measures::life_expectancy(published))
}

fn life_expectancy(measured: &Measured, rates: &Rates) -> PrintedTable {
    let row = |period: usize| {
        let from = FOUNDING_YEAR as usize + (period - 1) * GROUP;
        let of = |sex| life_expectancies(measured, rates, period, sex);
        let both = [of(Sex::Female), of(Sex::Male)].into_iter().flat_map(|(counted, known)| [counted, Some(known)]);
        (format!("{from}-{}", (from + GROUP).min(measured.frozen().year() as usize)), both.collect())
    };
    table_with_gaps(
        "life_expectancy",
        &format!(
            "Life expectancy at birth in years, deaths over exposure beside the published rates ({}) by the same formula; none where ages in which one in a hundred dies saw no death",
            sources::PROSPECTS
        ),
        &["period", "women", "women_published", "men", "men_published"],
        (1..PERIODS).map(row).collect(),
    )
}

fn first_marriages(counted: &[(f64, u64); 2], scale: f64) -> PrintedTable {
    let rows = ["women", "men"].into_iter().zip(counted).zip(CENSUS_FIRST_MARRIAGE);
    let row = |((word, (mean, n)), census): ((&str, &(f64, u64)), f64)| {
        let marriages = (*n as f64 / scale).round();
        (word.to_owned(), vec![(*n > 0).then_some(*mean), Some(census), Some(marriages)])
    };
    let [women, men] = sources::FIRST_MARRIAGE;
    table_with_gaps(
        "first_marriages",
        &format!(
            "Mean age in years at first marriages of 2008 and their number at full scale, beside the census of 2008 ({women}, {men})"
        ),
        &["sex", "mean_age", "census_2008", "marriages"],
        rows.map(row).collect(),
    )
}

/// Mean age at first marriage of women and men in 2008, years (census of 2008).
const CENSUS_FIRST_MARRIAGE: [f64; 2] = [25.5, 29.0];

fn provinces(measured: &Measured, scale: f64) -> PrintedTable {
    let (then, now) = (by_province(measured.census()), by_province(&measured.cross));
    let [shares_then, shares_now] = [&then, &now].map(|living| shares(living));
    let row = |(i, census): (usize, f64)| {
        let numbers = vec![(now[i] as f64 / scale).round(), shares_now[i], shares_then[i], census];
        (PROVINCES[i].0.to_owned(), numbers)
    };
    let rows = census_shares().into_iter().enumerate().map(row);
    table(
        "provinces",
        &format!(
            "Living at the freeze by province at full scale; shares at the freeze and on 1 July {CENSUS_YEAR}, beside those of the census of 1 October 2008 ({}), which leaves out the military camps; here everybody counts at the province on file. The founders of 1955 are spread by these shares, too; banishment to the north-east moves away from them",
            sources::CENSUS
        ),
        &["province", "persons", "share_freeze", "share_2008", "census_2008"],
        rows.collect(),
    )
}

/// Living by province.
fn by_province(cells: &Cross) -> Vec<u64> {
    let mut living = vec![0_u64; PROVINCES.len()];
    for cell in cells.iter().flatten().flatten() {
        living.iter_mut().zip(cell).for_each(|(sum, n)| *sum += n);
    }
    living
}

/// Of all, each count's share.
fn shares(counts: &[u64]) -> Vec<f64> {
    let all = counts.iter().sum::<u64>().max(1) as f64;
    counts.iter().map(|n| *n as f64 / all).collect()
}

/// Shares of the provinces in the census of 2008.
fn census_shares() -> [f64; PROVINCES.len()] {
    let all = PROVINCES.iter().map(|p| p.1).sum::<f64>();
    PROVINCES.map(|p| p.1 / all)
}

fn households(counts: &[Population], living_there: u64, scale: f64) -> PrintedTable {
    let row = |c: &Population| {
        let each = living_there as f64 / c.households as f64;
        let (low, high) = CENSUS_HOUSEHOLD;
        (c.day.to_string(), vec![(c.households as f64 / scale).round(), each, low, high])
    };
    table(
        "households",
        &format!(
            "Households at the freeze at full scale, and persons in each: those who live in one; beside the census of 2008 ({})",
            sources::HOUSEHOLD
        ),
        &["day", "households", "persons_each", "census_2008_low", "census_2008_high"],
        counts.iter().filter(|c| c.households > 0).map(row).collect(),
    )
}

/// Persons a household in 2008, from the censuses' persons and households (`sources::HOUSEHOLD`).
const CENSUS_HOUSEHOLD: (f64, f64) = (3.9, 4.0);

impl Outcome for HistoryOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let scaled =
            if self.scaled { format!("; scaled = true ({} of the country)", self.scale) } else { String::new() };
        let names: Vec<&str> = self.tables.iter().map(|t| t.name.as_str()).collect();
        let mut lines = vec![
            format!("the country of {}, population = synthetic{scaled}", self.scenario),
            format!("repeat it with: {}", self.command),
            format!("{} tables, beside what is published where anything is: {}", names.len(), names.join(", ")),
            String::new(),
        ];
        for table in &self.tables {
            lines.extend(table.lines());
            lines.push(String::new());
        }
        lines.push(format!(
            "simulated {} persons, {} living, {:.0} person-years; built in {:.1} s, counted in {:.1} s, peak {}",
            self.persons_ever,
            self.persons_living,
            self.person_years,
            self.seconds,
            self.seconds_beside.count,
            self.peak_bytes.map_or("unknown".to_owned(), human),
        ));
        if self.found_complete {
            lines.push(complete_already("This history was", "`--force` or `--no-cache` builds it"));
        }
        lines.push(format!("model {}, digest {}", self.model_version, self.digest));
        lines.push(self.report.display().to_string());
        lines
    }
}

#[cfg(test)]
mod tests;
