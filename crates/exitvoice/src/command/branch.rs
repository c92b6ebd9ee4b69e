//! `branch RUN --at DATE --with SCENARIO...`: many futures of one past.
//!
//! The replicates of a run go to the day under its own scenario and on from there under each of the others. Beside them stands the run
//! itself, gone on unchanged: its digests are compared with those in the run's ledger, so the past is the run's own.

mod publish;

use super::estimate::{BEFORE_WRITING, BYTES_OF_PROGRAM, Estimate, Need, deployment_bytes, need_of};
use super::sweep::{BENCH_SOLDIER_DAYS, BYTES_A_ROW};
use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, Stage, complete_already};
use crate::compare::{Difference, Means, Pairing, changed};
use crate::country;
use crate::deployment::{self, Replicate};
use crate::io::run_folder::{self, CompleteRun, Existing, Opened};
use crate::io::run_json::utc_now;
use crate::report::comparison;
use crate::scenario::{self, Catalogue, Layers, Origin, Scenario, SourceText};
use crate::sweep::levers::check_levers;
use crate::tables;
use crate::write;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::Part;
use exitvoice_core::time::Day;
use exitvoice_model::force::branch::SETTLED;
use exitvoice_model::force::{Branch, ForceBase, ForceParams, deploy_branches};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// Replicates between two looks at the request to stop.
const BATCH: u32 = 16;
/// Longest text of a run folder that is read, in bytes.
const LONGEST: u64 = 1 << 30;

/// Bytes of a replicate that are kept until the tables are written, for each of its days and for each soldier.
const KEPT_A_DAY: u64 = 100;
const KEPT_A_SOLDIER: u64 = 10;
/// Bytes that deployments with their events take beside the force while they run, and further ones for each way on: 15,000 soldiers for 205 days.
const BYTES_OF_PAST: u64 = 40_000_000;
const BYTES_OF_WAY: u64 = 8_000_000;

/// Options of `branch`.
#[derive(Clone, Debug)]
pub struct BranchOptions {
    /// Folder of a complete run.
    pub folder: PathBuf,
    /// `--at`: the first day on which the others hold.
    pub at: Day,
    /// `--with`: names or paths of the scenarios.
    pub with: Vec<String>,
    /// `--out`: folder of results.
    pub out: PathBuf,
    /// `--force`: compute again what is there already.
    pub force: bool,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// Why a scenario cannot take over on the day.
#[derive(Debug, thiserror::Error)]
pub enum BranchError {
    /// The folder holds something else than a run (exit 64).
    #[error("EV0777: `{}` is no run of a scenario, so it has no past to branch from", folder.display())]
    NotARun {
        /// The folder.
        folder: PathBuf,
    },
    /// The day lies outside the run (exit 64).
    #[error(
        "EV0778: on {at} there is nothing to branch; the run has days from {first} to {last}, and the first cannot be one"
    )]
    Outside {
        /// As given.
        at: Day,
        /// First day of the run.
        first: Day,
        /// Last day.
        last: Day,
    },
    /// The scenario differs in what was settled before (exit 64).
    #[error("EV0779: `{scenario}` cannot take over on {at}: it differs in what was settled before: {}", differences.join("; "))]
    Settled {
        /// The scenario.
        scenario: String,
        /// The day.
        at: Day,
        /// One thing each.
        differences: Vec<String>,
    },
    /// A replicate does not come out as the run has it (exit 1).
    #[error(
        "EV0789: replicate {replicate} does not come out as the run has it: its digest differs; `verify` looks at all of them"
    )]
    OtherPast {
        /// Number of the replicate.
        replicate: u32,
    },
}

impl BranchError {
    /// Exit code of the contract.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        if let Self::OtherPast { .. } = self { 1 } else { 64 }
    }
}

/// One way on, compared with going on unchanged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchFound {
    /// Name of the scenario.
    pub scenario: String,
    /// Values that differ: key, before the day, from it on.
    pub changed: Vec<[String; 3]>,
    /// By quantity: with the branch minus unchanged.
    pub differences: BTreeMap<String, Difference>,
    /// By quantity: `a` unchanged, `b` with the branch.
    pub means: BTreeMap<String, Means>,
    /// By quantity: what common draws and the common past were worth.
    pub pairing: BTreeMap<String, Pairing>,
    /// BLAKE3 over the records, 64 hexadecimal digits.
    pub digest: String,
}

/// What was found. Kept as `summary` in `run.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchOutcome {
    /// Name of the folder.
    pub run_id: String,
    /// Run whose past it is.
    pub parent: String,
    /// First day on which the branches differ from it.
    pub at: String,
    /// Replicates of all branches, the unchanged one among them.
    pub planned: u64,
    /// Those that were simulated.
    pub done: u64,
    /// Those that were not: 0, for a branch is published whole.
    pub failed: u64,
    /// BLAKE3 over the records of all branches, 64 hexadecimal digits.
    pub digest: String,
    /// Digest of the run itself, computed again.
    pub parent_digest: String,
    /// As `m1.0`.
    pub model_version: String,
    /// Whether the country is smaller than life.
    pub scaled: bool,
    /// In the order of `--with`.
    pub branches: Vec<BranchFound>,
    /// Wall time of the deployments and of writing.
    pub seconds: BTreeMap<String, f64>,
    /// Plain words, one sentence a line.
    pub sentences: Vec<String>,
    /// Path of `report.html`.
    pub report: PathBuf,
    /// The folder.
    pub out: PathBuf,
    /// Whether it was there already and has been verified only.
    #[serde(default)]
    pub found_complete: bool,
}

/// Past and ways on, resolved.
struct Futures {
    parent: CompleteRun,
    past: Scenario,
    /// Values of the past as they were written, by key.
    written: BTreeMap<String, String>,
    /// Digest of each replicate of the run, by number.
    digests: BTreeMap<u32, String>,
    /// Day of the deployment.
    day: u32,
    ways: Vec<(SourceText, Scenario)>,
    /// What the others set and the run settles for all of them, one sentence each.
    left_out: Vec<String>,
}

/// Key of a setting, and its value as text.
type Setting = (&'static str, fn(&Scenario) -> String);

/// Settings that all branches of a run share with it.
const OF_THE_RUN: [Setting; 3] = [
    ("run.seed", |scenario| scenario.seed.0.to_string()),
    ("run.scale", |scenario| scenario.scale.to_string()),
    ("run.replicates", |scenario| scenario.replicates.to_string()),
];

fn read(options: &BranchOptions) -> Result<Futures, Error> {
    let vfs = options.machine.vfs.as_ref();
    let parent = run_folder::verify(vfs, &options.folder)?;
    let now = exitvoice_model::MODEL_VERSION.to_string();
    if parent.run.model_version != now {
        return Err(Error::OtherModel { found: parent.run.model_version, now });
    }
    let text = |name: &str| -> Result<String, Error> {
        if !parent.run.files.contains_key(name) {
            return Err(BranchError::NotARun { folder: options.folder.clone() }.into());
        }
        String::from_utf8(vfs.read(&options.folder.join(name), LONGEST)?).map_err(Error::bug)
    };
    let (resolved, ledger) = (text("resolved.toml")?, text("ledger.jsonl")?);
    let past = resolved_again(options.folder.join("resolved.toml").display().to_string(), resolved)?;
    let mut digests = BTreeMap::new();
    for line in ledger.lines() {
        let line: serde_json::Value = serde_json::from_str(line).map_err(Error::bug)?;
        // Points of a run are its further countries, whose past is another.
        let here = line["point"].as_u64().is_none_or(|country| country == 0);
        if let (Some(number), Some(digest), true) = (line["replicate"].as_u64(), line["digest"].as_str(), here) {
            digests.insert(u32::try_from(number).map_err(Error::bug)?, digest.to_owned());
        }
    }
    if digests.is_empty() {
        return Err(BranchError::NotARun { folder: options.folder.clone() }.into());
    }
    if options.at <= past.day_zero || options.at > past.last_day {
        return Err(BranchError::Outside { at: options.at, first: past.day_zero, last: past.last_day }.into());
    }
    let mut futures = Futures {
        written: as_written(&parent.run.resolved),
        parent,
        day: (options.at - past.day_zero).unsigned_abs(),
        past,
        digests,
        ways: Vec::new(),
        left_out: Vec::new(),
    };
    let past = futures.past.clone();
    let laid_over = LaidOver::read(&futures.parent.run.resolved);
    for name in &options.with {
        let alone = ScenarioOptions { baseline: laid_over.baseline.clone(), ..ScenarioOptions::new(name) };
        let own = alone.resolve(&options.machine, &[])?;
        futures.left_out.extend(left_out(&own, &past));
        let given = ScenarioOptions {
            seed: Some(past.seed.0),
            scale: Some(past.scale),
            allow_scaled: true,
            set: laid_over.set_for(&own, &past),
            ..alone
        };
        let way = given.resolve(&options.machine, &[("run.replicates", past.replicates.to_string())])?;
        if futures.ways.iter().any(|(_, other)| other.name == way.name) {
            let reason = if options.with.iter().filter(|other| *other == name).count() > 1 {
                "it stands there twice".to_owned()
            } else {
                "two ways on have one name; give each scenario a `name` of its own".to_owned()
            };
            return Err(Error::NotComparable { a: way.name.clone(), b: name.clone(), reason });
        }
        futures.check(options, &way)?;
        futures.ways.push((given.source(&options.machine)?, way));
    }
    let ways = options.with.iter().map(String::as_str).zip(futures.ways.iter().map(|(_, way)| way));
    check_levers(&std::iter::once((past.name.as_str(), &past)).chain(ways).collect::<Vec<_>>())?;
    Ok(futures)
}

/// The scenario of a `resolved.toml`.
pub(super) fn resolved_again(name: String, text: String) -> Result<Scenario, Error> {
    let registry = crate::registry::all();
    Ok(scenario::resolve(SourceText { name, text }, &Layers::default(), &Catalogue::embedded(&registry))?)
}

/// What the command line of a run laid over its scenario: it holds in every way on, but for values that another scenario sets itself.
struct LaidOver {
    baseline: Option<String>,
    /// Key and value as written.
    values: Vec<(String, String)>,
}

impl LaidOver {
    /// From the rows that a run keeps.
    fn read(rows: &serde_json::Value) -> Self {
        let word = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        let rows = || rows.as_array().into_iter().flatten();
        let of_layer = |layer: Origin| rows().filter(move |row| word(row, "layer") == layer.layer());
        let baseline = of_layer(Origin::Baseline(String::new())).next().map(|row| word(row, "origin"));
        let values = of_layer(Origin::CommandLine).filter(|row| !word(row, "part").is_empty());
        Self {
            baseline: baseline.and_then(|origin| origin.strip_prefix("baseline ").map(str::to_owned)),
            values: values.map(|row| (word(row, "key"), word(row, "as_written"))).collect(),
        }
    }

    /// The same for a way on, as `--set` takes it.
    fn set_for(&self, way: &Scenario, past: &Scenario) -> Vec<String> {
        let another = way.name != past.name;
        let by_itself = |key: &str| {
            another && way.values.get(key).is_some_and(|value| matches!(value.origin, Origin::Scenario { .. }))
        };
        self.values.iter().filter(|(key, _)| !by_itself(key)).map(|(key, value)| format!("{key}={value}")).collect()
    }
}

/// What another scenario sets itself though all branches have that of the run, one sentence each.
fn left_out(own: &Scenario, past: &Scenario) -> Vec<String> {
    let by_itself = |key: &str| matches!(own.settings.get(key), Some(Origin::Scenario { .. }));
    let set = OF_THE_RUN.into_iter().filter(|(key, _)| by_itself(key));
    let differ = set.map(|(key, of)| (key, of(own), of(past))).filter(|(_, own, runs)| own != runs);
    let told = |(key, value, runs)| {
        format!("{}: {key} = {value} counts for nothing; all branches have that of the run, {runs}.", own.name)
    };
    differ.map(told).collect()
}

/// Values as written, by key, of the rows that a run keeps.
fn as_written(rows: &serde_json::Value) -> BTreeMap<String, String> {
    let text = |row: &serde_json::Value, name: &str| row[name].as_str().map(str::to_owned);
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| Some((text(row, "key")?, text(row, "as_written")?))).collect()
}

impl Futures {
    /// Deployments in all: those of the past gone on unchanged, and of each way on.
    fn deployments(&self) -> u64 {
        self.digests.len() as u64 * (1 + self.ways.len() as u64)
    }

    /// Bytes that they take while they run, or while one of the tables is written and the force is gone, beside what is kept of all.
    fn bytes(&self) -> u64 {
        let [soldiers, days, ways] = [self.past.soldiers(), self.past.days(), self.ways.len() as u32].map(u64::from);
        let events = (BYTES_OF_PAST + ways * BYTES_OF_WAY) * soldiers * days / BENCH_SOLDIER_DAYS;
        let table = self.digests.len() as u64 * days * tables::METRICS * BYTES_A_ROW;
        let kept = self.deployments() * (days * KEPT_A_DAY + soldiers * KEPT_A_SOLDIER);
        (deployment_bytes(&self.past, 0) + events).max(BYTES_OF_PROGRAM + table) + kept
    }

    /// Values that differ: key, before the day, from it on.
    fn changed(&self, way: &Scenario) -> Vec<[String; 3]> {
        let mut rows = changed(&self.past, way);
        for [key, was, _] in &mut rows {
            if let Some(written) = self.written.get(key) {
                was.clone_from(written);
            }
        }
        rows
    }

    /// Refuses a scenario that says otherwise of what was settled before the day, and what would have no effect after it.
    fn check(&self, options: &BranchOptions, way: &Scenario) -> Result<(), Error> {
        let plans = [deployment::plan(&self.past)?, deployment::plan(way)?];
        let mut differences: Vec<String> =
            plans[0].settled(&plans[1], self.day).into_iter().map(str::to_owned).collect();
        if self.past.society != way.society {
            differences.push("the source of the country".to_owned());
        }
        for [key, was, is] in self.changed(way) {
            let of_force = way.values.get(&key).is_some_and(|value| value.meta.part == Part::Force);
            if !of_force || SETTLED.iter().any(|beginning| key.starts_with(beginning)) {
                differences.push(format!("{key} was {was} and is {is}"));
            }
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(BranchError::Settled { scenario: way.name.clone(), at: options.at, differences }.into())
    }
}

/// What branches would take.
///
/// # Errors
/// As [`branch`], before anything is simulated.
pub fn estimate(options: &BranchOptions) -> Result<Estimate, Error> {
    let futures = read(options)?;
    Ok(need(&futures, &options.machine)?.on(&options.machine, &options.out))
}

fn need(futures: &Futures, machine: &Machine) -> Result<Need, Error> {
    let deployments = u32::try_from(futures.deployments()).unwrap_or(u32::MAX);
    let need = need_of(&futures.past, 0, deployments, machine)?;
    let history = if need.histories > 0 { country::history_bytes(&futures.past) } else { 0 };
    Ok(Need { peak_bytes: history.max(futures.bytes()), ..need })
}

/// Runs the branches.
///
/// # Errors
/// The folder is no run or damaged (64, 65), a scenario cannot take over (64), the past does not come out as the run has it (1), a
/// signal (75), or files that cannot be written (73, 74).
pub fn branch(options: &BranchOptions, progress: &mut dyn Progress) -> Result<BranchOutcome, Error> {
    let (machine, started, futures) = (&options.machine, utc_now(), read(options)?);
    machine.preflight(futures.bytes())?;
    let inputs = write::inputs(None);
    let mut identity = format!("branch at {} of {}", options.at, futures.parent.run.run_id);
    for (_, way) in &futures.ways {
        identity.push_str(&format!(" with {} {}", way.name, blake3::hash(&way.canonical_bytes()).to_hex()));
    }
    identity.push_str(&futures.left_out.concat());
    let (name, run_id) = (format!("{}-branches", futures.past.name), write::run_id(&identity, &futures.past, &inputs));
    let existing = if options.force { Existing::Replace } else { Existing::Keep };
    let folder = match run_folder::open(machine.vfs.as_ref(), &options.out, &name, &run_id, existing)? {
        Opened::Complete(complete) => {
            let mut outcome: BranchOutcome = serde_json::from_value(complete.run.summary).map_err(Error::bug)?;
            outcome.found_complete = true;
            outcome.out.clone_from(&complete.folder);
            outcome.report = complete.folder.join("report.html");
            return Ok(outcome);
        }
        Opened::New(folder) => folder,
    };
    need(&futures, machine)?.on(machine, &options.out).warn_of_disk(BEFORE_WRITING, progress);
    let pool = machine.pool()?;
    let clock = Instant::now();
    let simulated = simulate(&futures, machine, &pool, progress)?;
    let job = publish::Job { options, futures: &futures, run_id: &run_id, started, threads: pool.threads() };
    job.publish(*folder, &simulated, clock.elapsed().as_secs_f64(), progress)
}

/// Replicates of the past gone on unchanged, then of each way on.
struct Simulated {
    society: [u8; 32],
    replicates: Vec<Vec<Replicate>>,
}

fn simulate(
    futures: &Futures,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Simulated, Error> {
    let country = country::open(&futures.past, machine, pool, progress)?;
    let (base, params) = (deployment::force(&futures.past, &country)?, deployment::force_params(&futures.past)?);
    let mut ways: Vec<(ForceBase, ForceParams)> = vec![(base.clone(), params)];
    for (_, way) in &futures.ways {
        ways.push((base.replanned(deployment::plan(way)?), deployment::force_params(way)?));
    }
    let branches: Vec<Branch<'_>> = ways.iter().map(|(base, params)| Branch { base, params }).collect();
    let clock = Instant::now();
    let count = u32::try_from(futures.digests.len()).map_err(Error::bug)?;
    progress.event(Event::Began { stage: Stage::Deployment, of: Some(u64::from(count)) });
    let mut replicates = vec![Vec::with_capacity(count as usize); ways.len()];
    let numbers: Vec<u32> = futures.digests.keys().copied().collect();
    for some in numbers.chunks(BATCH as usize) {
        machine.stop.check()?;
        let found = pool.map(some.len(), |i| {
            let seed = deployment::replicate_seed(futures.past.seed, some[i]);
            let records = deploy_branches(&base, &params, seed, futures.day, &branches);
            let kept = records.iter().zip(&ways).map(|(record, (_, p))| deployment::kept(record, p, seed, some[i]));
            kept.collect::<Vec<Replicate>>()
        });
        for of_replicate in found {
            let unchanged = &of_replicate[0];
            if futures.digests.get(&unchanged.number) != Some(&crate::io::section_file::hex(&unchanged.digest)) {
                return Err(BranchError::OtherPast { replicate: unchanged.number }.into());
            }
            replicates.iter_mut().zip(of_replicate).for_each(|(all, replicate)| all.push(replicate));
        }
        progress.event(Event::Advanced { done: replicates[0].len() as u64 });
    }
    progress.event(Event::Ended { stage: Stage::Deployment, seconds: clock.elapsed().as_secs_f64() });
    Ok(Simulated { society: country.digest, replicates })
}

impl Outcome for BranchOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("keys are texts and every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = self.sentences.clone();
        if self.found_complete {
            lines.push(complete_already("These branches were", "`--force` computes them"));
        }
        lines.push(format!(
            "{} of run {} at {}, {} replicates in all, model {}, scaled = {}, digest {}",
            if self.branches.len() == 1 { "1 branch".to_owned() } else { format!("{} branches", self.branches.len()) },
            self.parent,
            self.at,
            self.planned,
            self.model_version,
            self.scaled,
            self.digest.get(..12).unwrap_or(&self.digest)
        ));
        lines.push(self.report.display().to_string());
        lines
    }
}

/// Sentences on the exits of a branch and on what stands beside them.
fn sentences(found: &[comparison::QuantityRow], name: &str) -> Vec<String> {
    let told = comparison::sentences(found.get(..publish::TOLD).unwrap_or(found));
    told.into_iter().map(|line| format!("{name}: {line}")).collect()
}
