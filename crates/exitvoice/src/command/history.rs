//! `history`: builds the country and prints its tables.

mod home;

use super::estimate::Estimate;
use super::{Error, Machine, Outcome, Progress, ScenarioOptions};
use crate::country;
use crate::io::memory::human;
use crate::scenario::{Scenario, SocietySource};
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;
use exitvoice_model::MODEL_VERSION;
use exitvoice_model::society::Society;
use exitvoice_model::society::extract::{Extract, MOST_CANDIDATES};
use exitvoice_model::society::history::HistoryParams;
use exitvoice_model::society::person::{PROVINCES, PersonId};
use exitvoice_model::society::rates::{FOUNDING_YEAR, GROUP, Rates, mid_year};
use exitvoice_model::society::tables::{self, OLDEST_COMPARED, Population, SMALLEST_COMPARED};
use serde::Serialize;
use std::time::Instant;

/// Options of `history`.
#[derive(Clone, Debug)]
pub struct HistoryOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
    /// Not `--no-cache`: the cache is read and written.
    pub cache: bool,
}

/// A table for people and programs: columns of numbers beside a first column of words.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PrintedTable {
    /// Name: snake_case.
    pub name: String,
    /// One line above it.
    pub title: String,
    /// Names of the columns, the one of words first.
    pub columns: Vec<String>,
    /// Word and numbers of each row.
    pub rows: Vec<(String, Vec<f64>)>,
}

impl PrintedTable {
    /// Title, names and rows with aligned columns; shares and rates keep four significant digits.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut cells = vec![self.columns.clone()];
        cells.extend(
            self.rows.iter().map(|(word, numbers)| {
                std::iter::once(word.clone()).chain(numbers.iter().map(|x| number(*x))).collect()
            }),
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

fn number(x: f64) -> String {
    if x.fract() == 0.0 && x.abs() < 1e15 { format!("{x:.0}") } else { format!("{x:.4}") }
}

/// The country in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryOutcome {
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
    /// Whether it came from the cache.
    pub from_cache: bool,
    /// Persons that ever lived, founders included.
    pub persons_ever: u64,
    /// Persons alive on deployment day.
    pub persons_living: u64,
    /// Person-years simulated.
    pub person_years: f64,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Largest memory in bytes, where the system tells.
    pub peak_bytes: Option<u64>,
    /// Bytes of the frozen columns per person row.
    pub bytes_per_person: f64,
    /// Tables.
    pub tables: Vec<PrintedTable>,
}

/// What building the country would take.
///
/// # Errors
/// Scenario or options are wrong.
pub fn estimate(options: &HistoryOptions) -> Result<Estimate, Error> {
    let scenario = resolve(options)?;
    let peak_bytes = country::history_bytes(&scenario);
    let available_bytes = crate::io::memory::available(options.machine.vfs.as_ref());
    let limit = options.machine.memory_cap.unwrap_or(u64::MAX).min(available_bytes.unwrap_or(u64::MAX));
    Ok(Estimate {
        histories: 1,
        deployments: 0,
        seconds: country::history_seconds(&scenario),
        peak_bytes,
        disk_bytes: country::extract_bytes(),
        available_bytes,
        fits: peak_bytes <= limit,
    })
}

fn resolve(options: &HistoryOptions) -> Result<Scenario, Error> {
    let scenario = options.scenario.resolve(&options.machine, &[])?;
    options.scenario.check_scale(&scenario)?;
    if let SocietySource::Fixture(name) = &scenario.society {
        return Err(Error::NoHistory { scenario: scenario.name.clone(), fixture: name.clone() });
    }
    Ok(scenario)
}

/// Builds the country of a scenario from its founders, counts it, and puts what a run reads into the cache.
///
/// # Errors
/// Wrong input (64), too little memory (71), a signal (75), or a cache that cannot be written (74).
pub fn history(options: &HistoryOptions, progress: &mut dyn Progress) -> Result<HistoryOutcome, Error> {
    let scenario = resolve(options)?;
    let pool = options.machine.pool()?;
    let started = Instant::now();
    let society = country::history(&scenario, &options.machine, &pool, progress)?;
    let seconds = started.elapsed().as_secs_f64();
    if options.cache {
        let extract = Extract::take(&society, MOST_CANDIDATES, &pool);
        country::store(&extract, &scenario, &options.machine, &pool)?;
    }
    let rates = country::rates()?;
    let mut hasher = blake3::Hasher::new();
    for piece in society.canonical(&pool, blake3::hash) {
        hasher.update(piece.as_bytes());
    }
    let living = tables::population(&society, &[society.frozen], &pool);
    let params = HistoryParams::from_resolved(&scenario).map_err(Error::bug)?;
    let mut printed = printed(&society, &rates, &pool);
    printed.extend(home::tables(&society, &params, &pool));
    Ok(HistoryOutcome {
        digest: hasher.finalize().to_hex().to_string(),
        model_version: MODEL_VERSION.to_string(),
        scaled: scenario.is_scaled(),
        scale: scenario.scale,
        from_cache: false,
        persons_ever: society.persons.len() as u64,
        persons_living: living[0].total(),
        person_years: tables::person_years(&society, &pool),
        seconds,
        peak_bytes: options.machine.peak_bytes(),
        bytes_per_person: society.bytes() as f64 / society.persons.len().max(1) as f64,
        tables: printed,
        scenario: scenario.name,
    })
}

/// The tables, each beside its target where one is published.
fn printed(society: &Society, rates: &Rates, pool: &Pool) -> Vec<PrintedTable> {
    let census = |k: i16| mid_year(FOUNDING_YEAR + k * GROUP as i16);
    let days: Vec<Day> = (0..14).map(census).chain([society.frozen]).collect();
    let counts = tables::population(society, &days, pool);
    vec![
        population(&counts, rates, society.scale),
        fertility(society, rates, pool),
        provinces(society),
        households(&counts),
    ]
}

fn table(name: &str, title: &str, columns: &[&str], rows: Vec<(String, Vec<f64>)>) -> PrintedTable {
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
        "Population on 1 July, persons at full scale, beside the United Nations' series (WPP 2019); worst five-year group under 80",
        &["year", "persons", "published", "deviation", "worst_group"],
        rows.collect(),
    )
}

fn fertility(society: &Society, rates: &Rates, pool: &Pool) -> PrintedTable {
    let row = |row: &tables::FertilityRow| {
        let numbers = vec![row.children_per_woman, row.published, row.weddings_a_year, row.women_searching.round()];
        (format!("{}-{}", row.from, row.until), numbers)
    };
    table(
        "fertility",
        "Children per woman, beside the published rate; weddings a year and women still searching, at full scale",
        &["period", "children_per_woman", "published", "weddings_a_year", "women_searching"],
        tables::fertility(society, rates, pool).iter().map(row).collect(),
    )
}

fn provinces(society: &Society) -> PrintedTable {
    let mut living = vec![0_u64; PROVINCES.len()];
    for person in society.persons.life.ids() {
        let person: PersonId = person;
        if society.persons.alive(person, society.frozen) {
            living[society.persons.links[person].province as usize] += 1;
        }
    }
    let (all, census) = (living.iter().sum::<u64>() as f64, PROVINCES.iter().map(|p| p.1).sum::<f64>());
    let rows = PROVINCES
        .iter()
        .zip(&living)
        .map(|(p, n)| (p.0.to_owned(), vec![*n as f64 / society.scale, *n as f64 / all, p.1 / census]));
    table(
        "provinces",
        "Living at the freeze by province, beside the shares of the census of 2008",
        &["province", "persons", "share", "census_2008"],
        rows.collect(),
    )
}

fn households(counts: &[Population]) -> PrintedTable {
    let last = counts.iter().filter(|c| c.households > 0);
    let rows = last
        .map(|c| {
            (c.day.to_string(), vec![c.households as f64, c.total() as f64 / c.households as f64, CENSUS_HOUSEHOLD])
        })
        .collect();
    table(
        "households",
        "Households at the freeze and persons in each, beside the census of 2008",
        &["day", "households", "persons_each", "census_2008"],
        rows,
    )
}

/// Persons a household at the census of 2008.
const CENSUS_HOUSEHOLD: f64 = 3.9;

impl Outcome for HistoryOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for table in &self.tables {
            lines.extend(table.lines());
            lines.push(String::new());
        }
        let built = if self.from_cache { "read from the cache" } else { "built" };
        let scaled =
            if self.scaled { format!("; scaled = true ({} of the country)", self.scale) } else { String::new() };
        lines.push(format!(
            "{} persons, {} living, {:.0} person-years; {built} in {:.1} s, peak {}{scaled}",
            self.persons_ever,
            self.persons_living,
            self.person_years,
            self.seconds,
            self.peak_bytes.map_or("unknown".to_owned(), human),
        ));
        lines.push(format!("model {}, digest {}", self.model_version, self.digest));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_object_has_the_keys_of_the_contract_and_tables_are_aligned() {
        let table = PrintedTable {
            name: "living".to_owned(),
            title: "Living persons".to_owned(),
            columns: ["year", "persons", "share"].map(str::to_owned).to_vec(),
            rows: vec![("1955".to_owned(), vec![9.0, 0.25]), ("2024".to_owned(), vec![25_000.0, 1.0])],
        };
        assert_eq!(
            table.lines(),
            ["Living persons", "year  persons   share", "1955        9  0.2500", "2024    25000       1"]
        );
        let outcome = HistoryOutcome {
            scenario: "toy-squad".to_owned(),
            digest: "ab".repeat(32),
            model_version: "m1.0".to_owned(),
            scaled: true,
            scale: 0.3,
            from_cache: false,
            persons_ever: 10,
            persons_living: 5,
            person_years: 300.0,
            seconds: 0.1,
            peak_bytes: Some(1_000_000),
            bytes_per_person: 60.0,
            tables: vec![table],
        };
        let json = outcome.to_json();
        for key in [
            "digest",
            "persons_ever",
            "persons_living",
            "person_years",
            "seconds",
            "peak_bytes",
            "bytes_per_person",
            "tables",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
        assert!(outcome.text().iter().any(|l| l.contains("scaled = true")));
    }
}
