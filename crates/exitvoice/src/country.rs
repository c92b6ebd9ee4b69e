//! The country behind a scenario: built by the history, taken from the cache, or an embedded fixture.

use crate::command::{Error, Event, Machine, Progress, Stage};
use crate::data;
use crate::io::cache::{Content, Found};
use crate::io::section_file::{Key, SectionError, parse, to_container};
use crate::scenario::{Scenario, SocietySource};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::MODEL_VERSION;
use exitvoice_model::society::Society;
use exitvoice_model::society::extract::{Extract, MOST_CANDIDATES};
use exitvoice_model::society::history::{HistoryParams, Input, build};
use exitvoice_model::society::rates::{FOUNDING_YEAR, RateTables, Rates};
use std::path::Path;
use std::time::Instant;

/// Layout of the cached sections; a change builds every country anew.
const FORMAT: u32 = 2;
/// Bytes that building a country takes at full scale, and what it takes at any scale. Measured with `/usr/bin/time -v` at scales .01, .03,
/// .1, .3 and 1: 147, 242, 502, 1,047 and 3,110 million; the line lies within 14 % of each.
const PEAK_FULL: f64 = 3.05e9;
const PEAK_BASE: f64 = 1.3e8;
/// Seconds that a history of the full country takes on two threads, about; for estimates only.
const SECONDS_FULL: f64 = 33.0;
/// Founders without whom no country is built: of fewer, a generation has no group of an age and no number of its tables means anything.
const FEWEST_FOUNDERS: u64 = 1_000;
/// Bytes of the extract's file: by scale until every candidate that a force is drawn from is there, and then mostly those. Measured at scales
/// .002, .01, .05, .1, .3 and 1: .8, 4.0, 19.8, 35.3, 44.6 and 51.3 million.
const EXTRACT_SMALL: f64 = 4.0e8;
const EXTRACT_LARGE: f64 = 1.2e7;
const EXTRACT_BASE: f64 = 4.0e7;

/// The part of a country that a deployment reads, and where it came from.
#[derive(Debug)]
pub struct Country {
    /// Candidates with their kin.
    pub extract: Extract,
    /// BLAKE3 of the extract's sections: equal whether built or cached.
    pub digest: [u8; 32],
    /// Wall time in seconds.
    pub seconds: f64,
}

/// Day on which the Society is frozen.
#[must_use]
pub fn freeze_day() -> Day {
    Day::from_ymd(2024, 10, 1).expect("a date of the calendar")
}

/// Vital rates and pyramid as embedded.
///
/// # Errors
/// A damaged program: tests read the tables.
pub fn rates() -> Result<Rates, Error> {
    let tables = data::demography();
    let tables = RateTables {
        population: tables.population_by_age_sex,
        deaths: tables.death_rates,
        fertility_pattern: tables.fertility_age_pattern,
        total_fertility: tables.total_fertility,
        sex_ratio: tables.sex_ratio_at_birth,
    };
    Rates::read(&tables).map_err(|e| Error::Bug { detail: e.to_string() })
}

/// Whether the country of a scenario is to be built: it is no fixture, and the cache has no file of it.
///
/// # Errors
/// The cache cannot be looked at.
pub fn is_to_be_built(scenario: &Scenario, machine: &Machine) -> Result<bool, Error> {
    if matches!(scenario.society, SocietySource::Fixture(_)) {
        return Ok(false);
    }
    let path = machine.cache()?.path_of(&cache_key(scenario), Content::Extract);
    Ok(machine.vfs.entry(&path)?.is_none())
}

/// Bytes that building the country of a scenario takes; 0 for a fixture.
#[must_use]
pub fn history_bytes(scenario: &Scenario) -> u64 {
    match scenario.society {
        SocietySource::Fixture(_) => 0,
        SocietySource::History => bytes_at(scenario.scale),
    }
}

/// Bytes that building a country of a scale takes.
fn bytes_at(scale: f64) -> u64 {
    (PEAK_FULL * scale + PEAK_BASE) as u64
}

/// Seconds that building takes, about; 0 for a fixture.
#[must_use]
pub fn history_seconds(scenario: &Scenario) -> f64 {
    match scenario.society {
        SocietySource::Fixture(_) => 0.0,
        SocietySource::History => SECONDS_FULL * scenario.scale + 1.0,
    }
}

/// Key of a country: its source, model version, history parameters, data, seed, scale and layout; nothing of the force enters.
#[must_use]
pub fn cache_key(scenario: &Scenario) -> Key {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"exitvoice society");
    hasher.update(&FORMAT.to_le_bytes());
    hasher.update(MODEL_VERSION.to_string().as_bytes());
    hasher.update(&scenario.history_bytes());
    hasher.update(&data::demography_digest());
    hasher.update(&scenario.seed.0.to_le_bytes());
    hasher.update(&scenario.scale.to_bits().to_le_bytes());
    if let SocietySource::Fixture(name) = &scenario.society {
        hasher.update(name.as_bytes());
    }
    Key(*hasher.finalize().as_bytes())
}

/// Opens the country of a scenario: fixture, cache, or a new history that is then cached. A damaged or foreign cache file is named,
/// removed and built again.
///
/// # Errors
/// Too little memory for the history, a signal, or no way to read or write the cache.
pub fn open(
    scenario: &Scenario,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Country, Error> {
    let started = Instant::now();
    let extract = match &scenario.society {
        SocietySource::Fixture(name) => fixture(name, pool)?,
        SocietySource::History => cached_or_built(scenario, machine, pool, progress)?,
    };
    let digest = digest(&extract);
    Ok(Country { extract, digest, seconds: started.elapsed().as_secs_f64() })
}

fn cached_or_built(
    scenario: &Scenario,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Extract, Error> {
    let (cache, key) = (machine.cache()?, cache_key(scenario));
    let path = cache.path_of(&key, Content::Extract);
    match cache.find(&key, Content::Extract, pool)? {
        Found::Hit(sections) => match Extract::from_sections(&|name| sections.bytes(name).ok()) {
            Ok(extract) => return Ok(extract),
            Err(error) => progress.event(Event::Warning(format!("{}: {error}; it is built again", path.display()))),
        },
        Found::Removed(error) => progress.event(Event::Warning(format!("{error}; it is built again"))),
        Found::Absent => {}
    }
    let society = history(scenario, machine, pool, progress)?;
    let extract = Extract::take(&society, MOST_CANDIDATES, pool);
    store(&extract, scenario, machine, pool)?;
    Ok(extract)
}

/// Writes the extract of a country into the cache.
///
/// # Errors
/// The cache cannot be written.
pub fn store(extract: &Extract, scenario: &Scenario, machine: &Machine, pool: &Pool) -> Result<(), Error> {
    let sections = extract.to_sections();
    let views: Vec<(&str, &[u8])> = sections.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    machine.cache()?.store(&cache_key(scenario), Content::Extract, &views, pool)?;
    Ok(())
}

/// Removes a damaged or foreign file that stands where the country of a scenario is kept, and gives back what is wrong with it.
///
/// # Errors
/// The cache cannot be looked at, or the file not removed.
pub fn remove_damaged(scenario: &Scenario, machine: &Machine, pool: &Pool) -> Result<Option<SectionError>, Error> {
    let found = machine.cache()?.find(&cache_key(scenario), Content::Extract, pool)?;
    Ok(if let Found::Removed(damage) = found { Some(damage) } else { None })
}

/// Builds the country from its founders, whatever the cache holds.
///
/// # Errors
/// Nobody at this scale, too little memory (before anything is allocated) or a signal.
pub fn history(
    scenario: &Scenario,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Society, Error> {
    let params = HistoryParams::from_resolved(scenario).map_err(|e| Error::Bug { detail: e.to_string() })?;
    built(&params, scenario.scale, scenario.seed, machine, pool, progress)
}

/// A country at the defaults of the registry, for checks.
///
/// # Errors
/// Too little memory (before anything is allocated) or a signal.
pub fn at_defaults(
    scale: f64,
    seed: Seed,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Society, Error> {
    built(&changed_params(&[])?, scale, seed, machine, pool, progress)
}

/// A country under given parameters, for checks.
///
/// # Errors
/// Nobody at this scale, too little memory (before anything is allocated) or a signal.
pub fn built(
    params: &HistoryParams,
    scale: f64,
    seed: Seed,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Society, Error> {
    machine.preflight(bytes_at(scale))?;
    let started = Instant::now();
    let rates = rates()?;
    check_founders(&rates, scale)?;
    progress.event(Event::Began { stage: Stage::History, of: None });
    let input = Input { rates: &rates, params, seed, scale, freeze: freeze_day() };
    let society = build(&input, pool, &mut |year, _| {
        progress.event(Event::Advanced { done: year as u64 });
        !machine.stop.requested()
    })
    .map_err(|_| Error::Stopped)?;
    progress.event(Event::Ended { stage: Stage::History, seconds: started.elapsed().as_secs_f64() });
    Ok(society)
}

/// Refuses a scale at which nobody lives, or too few for any rate.
///
/// # Errors
/// The country would have too few founders (exit 64).
pub fn check_size(scenario: &Scenario) -> Result<(), Error> {
    if matches!(scenario.society, SocietySource::Fixture(_)) {
        Ok(())
    } else {
        check_founders(&rates()?, scenario.scale)
    }
}

fn check_founders(rates: &Rates, scale: f64) -> Result<(), Error> {
    let all: f64 = rates.pyramid(FOUNDING_YEAR).into_iter().flatten().flatten().sum();
    let founders = (all * scale) as u64;
    if founders >= FEWEST_FOUNDERS {
        return Ok(());
    }
    // Rounded up to the sixth decimal: what is told is enough.
    let smallest = (FEWEST_FOUNDERS as f64 / all * 1e6).ceil() / 1e6;
    Err(Error::NobodyLives { scale, founders, least: FEWEST_FOUNDERS, smallest })
}

/// Parameters of the history as the registry has them, but for some values in canonical units.
///
/// # Errors
/// A default cannot be read, or a change names nothing (a bug).
pub fn changed_params(changes: &[(&str, f64)]) -> Result<HistoryParams, Error> {
    let mut values = std::collections::BTreeMap::new();
    for meta in exitvoice_model::registry().iter().flat_map(|rows| rows.iter()) {
        values.insert(meta.key.to_owned(), meta.default_value().map_err(Error::bug)?);
    }
    for (key, value) in changes {
        let known = values.insert((*key).to_owned(), *value).is_some();
        if !known {
            return Err(Error::Bug { detail: format!("nothing reads `{key}`") });
        }
    }
    HistoryParams::from_resolved(&values).map_err(Error::bug)
}

/// Bytes that the country of a scenario takes in the cache, about; 0 for a fixture.
#[must_use]
pub fn extract_bytes(scenario: &Scenario) -> u64 {
    match scenario.society {
        SocietySource::Fixture(_) => 0,
        SocietySource::History => {
            let scale = scenario.scale;
            (EXTRACT_SMALL * scale).min(EXTRACT_BASE + EXTRACT_LARGE * scale) as u64
        }
    }
}

/// An embedded small country.
pub(crate) fn fixture(name: &str, pool: &Pool) -> Result<Extract, Error> {
    let bytes =
        data::fixture(name).ok_or_else(|| Error::Bug { detail: format!("fixture `{name}` is not embedded") })?;
    let sections = parse(Path::new(name), bytes.to_vec(), &fixture_key(name), pool)?;
    Extract::from_sections(&|name| sections.bytes(name).ok()).map_err(|e| Error::Bug { detail: e.to_string() })
}

/// Scale, seed and candidates of the toy country: large enough for three squads and their kin, small enough to embed.
const TOY_SCALE: f64 = 0.002;
const TOY_SEED: Seed = Seed(30);
const TOY_CANDIDATES: usize = 400;

/// Bytes of the embedded country of `toy-squad`, built from its founders at the defaults of the registry.
///
/// # Errors
/// The registry or the tables cannot be read (a bug).
pub fn toy_fixture(pool: &Pool) -> Result<Vec<u8>, Error> {
    let (rates, params) = (rates()?, changed_params(&[])?);
    let input = Input { rates: &rates, params: &params, seed: TOY_SEED, scale: TOY_SCALE, freeze: freeze_day() };
    let society = build(&input, pool, &mut |_, _| true).map_err(Error::bug)?;
    let sections = Extract::take(&society, TOY_CANDIDATES, pool).to_sections();
    let views: Vec<(&str, &[u8])> = sections.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
    Ok(to_container(&fixture_key("toy"), &views, pool))
}

/// Key inside a fixture's container.
#[must_use]
pub fn fixture_key(name: &str) -> Key {
    Key(*blake3::hash(name.as_bytes()).as_bytes())
}

fn digest(extract: &Extract) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for (name, bytes) in extract.to_sections() {
        hasher.update(name.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    *hasher.finalize().as_bytes()
}
