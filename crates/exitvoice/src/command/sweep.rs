//! `sweep PLAN`, and what `resume DIR` does with one: many runs, durably; what is missing is done, and when nothing is, the results are published.

use super::estimate::{BYTES_OF_PROGRAM, Estimate, Need, OR_RESUME, deployment_bytes, need_of};
use super::input::read_user_file;
use super::resume::ResumeOptions;
use super::run::RecordLevel;
use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, Stage, complete_already, shell};
use crate::country;
use crate::io::run_folder::{self, Existing, Opened, RunFolder};
use crate::io::run_json::{self, Environment, Randomness, Resources, RunJson, RunStatus, SCHEMA, Software, utc_now};
use crate::io::vfs::{IoError, Vfs};
use crate::report::summary::counted;
use crate::scenario::{FORMAT, Scenario};
use crate::sensitivity::{self, NO_VARIANCE};
use crate::sweep::engine::Store;
use crate::sweep::plan::{self, MOST_TASKS, Plan};
use crate::sweep::state::{self, State, StateError};
use crate::sweep::work::Worker;
use crate::sweep::{BLOCK, Shard, publish};
use crate::tables;
use exitvoice_core::parallel::Pool;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Longest plan, in bytes.
const LONGEST: u64 = 1 << 20;
/// Bytes of one task and day in a block, and in the tables.
const BYTES_A_DAY: u64 = 80;
/// Bytes of one row of daily values while its block becomes a table, and of a file's name with its hash.
pub(super) const BYTES_A_ROW: u64 = 220;
const BYTES_A_FILE: u64 = 1_500;
/// What is kept of a task until the ledger and the table of runs are written.
const BYTES_A_TASK: u64 = 1_700;
/// A value of a point in the state of the sweep: its key and itself as text, and the same in the file while it is written, and in the ledger,
/// which is held whole and doubles as it grows.
const BYTES_A_VALUE: u64 = 320;
/// A line of the ledger on the disk, and a value on the first line of its point.
const LINE_BYTES: u64 = 400;
const VALUE_BYTES: u64 = 60;
/// Bytes on disk of a file of events of one task, and of each soldier in it: 64 deployments of 15,000 soldiers took 24.2 MB, 640 of a squad 4.9 MB.
const DISK_A_FILE: u64 = 8_000;
const DISK_A_SOLDIER: u64 = 25;
/// Seconds until such a file is durable.
const SECONDS_A_FILE: f64 = 0.003;
/// Bytes beside the force that a block with events takes, and one with everything: 15,000 soldiers for 205 days.
const BYTES_OF_EVENTS: u64 = 55_000_000;
const BYTES_OF_ALL: u64 = 82_000_000;
pub(super) const BENCH_SOLDIER_DAYS: u64 = 15_000 * 205;

/// Options of `sweep`.
#[derive(Clone, Debug)]
pub struct SweepOptions {
    /// Plan or scenario, and what is laid over every scenario of it.
    pub scenario: ScenarioOptions,
    /// `--replicates`, over the plan's.
    pub replicates: Option<u32>,
    /// `--shard`.
    pub shard: Shard,
    /// `--record`.
    pub record: RecordLevel,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// How far a sweep is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SweepOutcome {
    /// Name of the folder.
    pub run_id: String,
    /// Name of the plan.
    pub name: String,
    /// Tasks in all.
    pub planned: u64,
    /// Tasks with a result.
    pub done: u64,
    /// Tasks that ended without one; `ledger.jsonl` says why, and which command repeats each.
    pub failed: u64,
    /// Points of the plan.
    pub points: u64,
    /// Over all tasks in order, 64 hexadecimal digits; null while tasks are missing.
    pub digest: Option<String>,
    /// Whether every task has ended and the results are published.
    pub complete: bool,
    /// As `m1.0`.
    pub model_version: String,
    /// Whether a country is smaller than life.
    pub scaled: bool,
    /// Seconds of the deployments done by this command, and of writing.
    pub seconds: BTreeMap<String, f64>,
    /// The folder.
    pub out: PathBuf,
    /// What a sensitivity analysis found: rows by parameter and quantity, the luck of replicates apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<serde_json::Value>,
    /// Whether everything was there already and has been verified only.
    #[serde(default)]
    pub found_complete: bool,
}

/// The plan, and its text where it is a file.
fn plan_of(options: &SweepOptions) -> Result<(Plan, String), Error> {
    let (machine, given) = (&options.machine, &options.scenario.scenario);
    let (mut plan, text) = if crate::data::scenario(given).is_some() {
        (Plan::of_scenario(given, given), String::new())
    } else {
        let path = Path::new(given);
        let bytes = match read_user_file(machine.vfs.as_ref(), path, LONGEST) {
            Ok(bytes) => bytes,
            // A bare name gets the nearest scenario as its hint.
            Err(Error::Unreadable(IoError::NotFound { .. })) => {
                return Err(options.scenario.source(machine).err().unwrap_or_else(|| Error::bug("the file came back")));
            }
            Err(error) => return Err(error),
        };
        let text = crate::scenario::read_text(given, &bytes)?.text;
        if plan::is_plan(&text) {
            (plan::parse(given, &text, &crate::registry::all())?, text)
        } else {
            let scenario = options.scenario.resolve(machine, &[])?;
            (Plan::of_scenario(given, &scenario.name), String::new())
        }
    };
    plan.replicates = options.replicates.or(plan.replicates);
    Ok((plan, text))
}

fn begin(options: &SweepOptions) -> Result<State, Error> {
    begin_with(options, plan_of(options)?, "sweep")
}

fn begin_with(options: &SweepOptions, (plan, text): (Plan, String), command: &str) -> Result<State, Error> {
    let over = &options.scenario;
    run_folder::check_name(&plan.name)?;
    let mut words = vec![format!("exitvoice {command} {}", shell::word(&over.scenario))];
    words.extend(options.replicates.map(|n| format!("--replicates {n}")));
    words.extend(over.seed.map(|seed| format!("--seed {seed}")));
    words.extend(over.scale.map(|scale| format!("--scale {scale}")));
    words.extend(shell::changes(over.allow_scaled, over.baseline.as_deref(), &over.set));
    if options.record != RecordLevel::Series {
        words.push(format!("--record {}", options.record.word()));
    }
    let mut state = State::begin(plan, over, &options.machine, words.join(" "))?;
    if !text.is_empty() {
        state.plan_path.clone_from(&over.scenario);
    }
    (state.record, state.plan) = (options.record, text);
    let tasks = state.extent().tasks;
    if tasks > MOST_TASKS {
        return Err(Error::TooMuch { asked: format!("{tasks} tasks"), most: format!("{MOST_TASKS} tasks a sweep") });
    }
    Ok(state)
}

/// What a sweep would take.
///
/// # Errors
/// Plan, scenario or options are wrong.
pub fn estimate(options: &SweepOptions) -> Result<Estimate, Error> {
    estimate_of(options, &begin(options)?)
}

fn estimate_of(options: &SweepOptions, state: &State) -> Result<Estimate, Error> {
    let estimate = need(state, &options.machine)?.on(&options.machine, &options.scenario.out);
    estimate.unless_complete(&options.scenario, &state.name, &run_id(state)?, &options.machine)
}

fn need(state: &State, machine: &Machine) -> Result<Need, Error> {
    let mut total: Option<Need> = None;
    for (number, _) in state.scenarios.iter().enumerate() {
        let scenario = state.base(number)?;
        let points = state.points.iter().filter(|(s, _)| *s == number).count() as u64;
        let tasks = points * u64::from(state.replicates);
        let one = need_of(&scenario, 0, u32::try_from(tasks).unwrap_or(u32::MAX), machine)?;
        let built = if one.histories > 0 { country::history_bytes(&scenario) } else { 0 };
        let peak_bytes = built.max(sweep_bytes(state, &scenario, tasks, machine));
        let one = Need { peak_bytes, ..one };
        let extract = if one.histories > 0 { country::extract_bytes(&scenario) } else { 0 };
        let values: usize = state.points.iter().filter(|(s, _)| *s == number).map(|(_, values)| values.len()).sum();
        let lines = tasks * LINE_BYTES + values as u64 * VALUE_BYTES;
        let files = files_of(state.record);
        let soldiers = if files == 0 { 0 } else { u64::from(scenario.soldiers()) };
        let kept = files * DISK_A_FILE + soldiers * DISK_A_SOLDIER;
        let disk = extract + tasks * (u64::from(scenario.days()) * BYTES_A_DAY + kept) + lines;
        let one = Need { seconds: one.seconds + (tasks * files) as f64 * SECONDS_A_FILE, ..one };
        total = Some(match total {
            None => Need { disk_bytes: disk, ..one },
            Some(so_far) => Need {
                deployments: so_far.deployments + one.deployments,
                seconds: so_far.seconds + one.seconds
                    - if one.histories > 0 { country::history_seconds(&scenario) } else { 0.0 },
                peak_bytes: so_far.peak_bytes.max(one.peak_bytes),
                disk_bytes: so_far.disk_bytes + disk - extract,
                ..so_far
            },
        });
    }
    total.ok_or_else(|| Error::bug("a plan has at least one scenario"))
}

/// Files that each task has for itself.
const fn files_of(record: RecordLevel) -> u64 {
    match record {
        RecordLevel::Series => 0,
        RecordLevel::Events => 1,
        RecordLevel::Full => 3,
    }
}

/// Bytes that a sweep over a scenario takes: while tasks run, or while the blocks of all threads are turned into tables. What grows with
/// the number of tasks are the names of their files, where each has its own.
fn sweep_bytes(state: &State, scenario: &Scenario, tasks: u64, machine: &Machine) -> u64 {
    let at_once = tasks.min(BLOCK * machine.threads.max(1) as u64);
    let rows = at_once * u64::from(scenario.days()) * tables::METRICS;
    let files = files_of(state.record);
    let further = match state.record {
        RecordLevel::Series => 0,
        RecordLevel::Events => BYTES_OF_EVENTS,
        RecordLevel::Full => BYTES_OF_ALL,
    };
    let soldier_days = u64::from(scenario.soldiers()) * u64::from(scenario.days());
    let running = deployment_bytes(scenario, 0) + further * soldier_days / BENCH_SOLDIER_DAYS;
    let values = state.points.iter().map(|(_, values)| values.len() as u64).sum::<u64>();
    running.max(BYTES_OF_PROGRAM + rows * BYTES_A_ROW)
        + tasks * (BYTES_A_TASK + files * BYTES_A_FILE)
        + values * BYTES_A_VALUE
}

/// Runs a sweep, or what is missing of it.
///
/// # Errors
/// Wrong input (64), too little memory (71), another process on the same part (73), a full disk (74), a signal (75: what is done
/// stays, and `resume` goes on).
pub fn sweep(options: &SweepOptions, progress: &mut dyn Progress) -> Result<SweepOutcome, Error> {
    let state = begin(options)?;
    carry_out(options, &state, progress)
}

/// Which assumptions matter: a sweep over priors, and effects or shares read off it.
///
/// # Errors
/// As [`sweep`].
pub fn sensitivity(options: &SweepOptions, progress: &mut dyn Progress) -> Result<SweepOutcome, Error> {
    carry_out(options, &begin_sensitivity(options)?, progress)
}

/// What a sensitivity analysis would take.
///
/// # Errors
/// Plan, scenario or options are wrong.
pub fn estimate_sensitivity(options: &SweepOptions) -> Result<Estimate, Error> {
    estimate_of(options, &begin_sensitivity(options)?)
}

fn begin_sensitivity(options: &SweepOptions) -> Result<State, Error> {
    let (machine, given) = (&options.machine, &options.scenario.scenario);
    let registry = crate::registry::all();
    let text = options.scenario.source(machine)?.text;
    let is_plan = crate::data::scenario(given).is_none() && plan::is_plan(&text);
    let request = if is_plan {
        sensitivity::parse(given, &text, &registry)?
    } else {
        sensitivity::of_scenario(given, &options.scenario.resolve(machine, &[])?.name, &registry)?
    };
    let text = if is_plan { text } else { String::new() };
    let mut plan = request.plan;
    plan.replicates = options.replicates.or(plan.replicates);
    let mut state = begin_with(options, (plan, text), "sensitivity")?;
    state.analysis = Some(request.analysis);
    Ok(state)
}

fn carry_out(options: &SweepOptions, state: &State, progress: &mut dyn Progress) -> Result<SweepOutcome, Error> {
    let (machine, vfs) = (&options.machine, options.machine.vfs.as_ref());
    let estimate = need(state, machine)?.on(machine, &options.scenario.out);
    let need = estimate.need;
    // The country has a preflight of its own.
    machine.preflight(if need.histories > 0 { 0 } else { need.peak_bytes })?;
    let run_id = run_id(state)?;
    let folder = options.scenario.out.join(&state.name).join(&run_id);
    let anew = options.scenario.force;
    bring_back(vfs, &folder)?;
    if !anew && let Some(complete) = complete(vfs, &folder)? {
        return Ok(complete);
    }
    // What is published in the end takes the place of the folder: said before hours of work, not after.
    run_folder::refuse_foreign(vfs, &folder)?;
    estimate.warn_of_disk(OR_RESUME, progress);
    state::write(vfs, &folder, state)?;
    finish(&Job { state, folder: &folder, machine, shard: options.shard, anew }, progress)
}

/// Goes on with a sweep where it was interrupted.
///
/// # Errors
/// As [`sweep`]; and the sweep was begun with other values (64), or its state is damaged (65).
pub fn resume(options: &ResumeOptions, progress: &mut dyn Progress) -> Result<SweepOutcome, Error> {
    let (machine, vfs) = (&options.machine, options.machine.vfs.as_ref());
    bring_back(vfs, &options.folder)?;
    if let Some(complete) = complete(vfs, &options.folder)? {
        return Ok(complete);
    }
    let state = state::read(vfs, &options.folder)?;
    state.check(&options.folder, machine)?;
    run_folder::refuse_foreign(vfs, &options.folder)?;
    finish(&Job { state: &state, folder: &options.folder, machine, shard: Shard::WHOLE, anew: false }, progress)
}

/// The scenarios of a plan, without a point.
fn bases(state: &State) -> Result<Vec<Scenario>, Error> {
    (0..state.scenarios.len()).map(|n| state.base(n)).collect()
}

fn run_id(state: &State) -> Result<String, Error> {
    Ok(crate::io::section_file::hex(&state.identity()?[..6]))
}

/// Where a publication puts the folder that it replaces, as [`run_folder`] does.
fn replaced(folder: &Path) -> PathBuf {
    folder.with_file_name(format!(".old-{}", folder.file_name().unwrap_or_default().to_string_lossy()))
}

/// Undoes a publication that was interrupted between its two renames.
fn bring_back(vfs: &dyn Vfs, folder: &Path) -> Result<(), Error> {
    let old = replaced(folder);
    if vfs.entry(folder)?.is_none() && vfs.entry(&old)?.is_some() {
        vfs.rename(&old, folder)?;
    }
    Ok(())
}

/// The published sweep of a folder, every file verified; `None` where it is not published.
fn complete(vfs: &dyn Vfs, folder: &Path) -> Result<Option<SweepOutcome>, Error> {
    if vfs.entry(&folder.join("run.json"))?.is_none() {
        return Ok(None);
    }
    let run = run_folder::verify(vfs, folder)?.run;
    // What a publication replaced, where it was interrupted after its last rename.
    let old = replaced(folder);
    if vfs.entry(&old)?.is_some() {
        vfs.remove_folder(&old)?;
    }
    let outcome: SweepOutcome =
        serde_json::from_value(run.summary).map_err(|_| StateError::NotASweep { folder: folder.to_owned() })?;
    Ok(Some(SweepOutcome { found_complete: true, out: folder.to_owned(), ..outcome }))
}

/// A sweep whose state stands in its folder.
struct Job<'a> {
    state: &'a State,
    folder: &'a Path,
    machine: &'a Machine,
    shard: Shard,
    /// Whether what this shard has done is to be done again. What is published stays until the new results take its place.
    anew: bool,
}

fn finish(job: &Job<'_>, progress: &mut dyn Progress) -> Result<SweepOutcome, Error> {
    let (started, clock) = (utc_now(), Instant::now());
    let vfs = job.machine.vfs.as_ref();
    let pool = job.machine.pool()?;
    let identity = job.state.identity()?;
    let store = Store::open(vfs, &pool, &job.folder.join(state::FOLDER), identity, job.state.extent(), job.shard)?;
    if job.anew {
        store.forget()?;
    }
    let missing = store.missing(progress)?;
    if let Some(first) = missing.first() {
        let (id, bases) = (run_id(job.state)?, bases(job.state)?);
        let names: Vec<&str> = bases.iter().map(|b| b.name.as_str()).collect();
        let mut worker = Worker::new(job.state, job.machine, &pool, &id, &names);
        worker.prepare(store.tasks_of(*first).start, progress)?;
        let tasks = missing.iter().map(|b| store.tasks_of(*b)).map(|t| t.end - t.start).sum();
        progress.event(Event::Began { stage: Stage::Deployment, of: Some(tasks) });
        let mut quiet = super::Silent;
        let mut work = |tasks| worker.run(tasks, &mut quiet);
        store.run(&missing, &job.machine.stop, &mut work, progress)?;
        progress.event(Event::Ended { stage: Stage::Deployment, seconds: clock.elapsed().as_secs_f64() });
    }
    let deployment = clock.elapsed().as_secs_f64();
    let others = (0..store.blocks()).filter(|b| !job.shard.owns(*b));
    let mut done = Vec::new();
    for block in others {
        done.push(store.read(block)?.is_some());
    }
    if done.iter().any(|d| !d) {
        return so_far(job, &store, deployment);
    }
    publish(job, &store, &pool, (started, deployment), progress)
}

/// The outcome while other shards have work to do.
fn so_far(job: &Job<'_>, store: &Store<'_>, deployment: f64) -> Result<SweepOutcome, Error> {
    let (mut done, mut failed) = (0, 0);
    for block in 0..store.blocks() {
        for outcome in store.read(block)?.unwrap_or_default() {
            if outcome.is_ok() { done += 1 } else { failed += 1 }
        }
    }
    let seconds = BTreeMap::from([("deployment".to_owned(), deployment)]);
    outcome(job, (done, failed), None, seconds)
}

fn outcome(
    job: &Job<'_>,
    (done, failed): (u64, u64),
    digest: Option<String>,
    seconds: BTreeMap<String, f64>,
) -> Result<SweepOutcome, Error> {
    let state = job.state;
    let bases = bases(state)?;
    Ok(SweepOutcome {
        run_id: run_id(state)?,
        name: state.name.clone(),
        planned: state.extent().tasks,
        done,
        failed,
        points: state.points.len() as u64,
        complete: digest.is_some(),
        digest,
        model_version: state.model_version.clone(),
        scaled: bases.iter().any(Scenario::is_scaled),
        seconds,
        out: job.folder.to_owned(),
        sensitivity: None,
        found_complete: false,
    })
}

fn publish(
    job: &Job<'_>,
    store: &Store<'_>,
    pool: &Pool,
    (started, deployment): (String, f64),
    progress: &mut dyn Progress,
) -> Result<SweepOutcome, Error> {
    let (state, vfs, clock) = (job.state, job.machine.vfs.as_ref(), Instant::now());
    let plan = job.folder.parent().unwrap_or(Path::new("."));
    let out = plan.parent().unwrap_or(Path::new("."));
    let names = [plan, job.folder].map(|p| p.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let mut folder: Box<RunFolder<'_>> = match run_folder::open(vfs, out, &names[0], &names[1], Existing::Replace)? {
        Opened::New(folder) => folder,
        Opened::Complete(_) => return Err(Error::bug("a folder to be replaced is never complete")),
    };
    let id = run_id(state)?;
    let found = publish::tables(&mut folder, store, state, &id, pool, progress)?;
    let seconds =
        BTreeMap::from([("deployment".to_owned(), deployment), ("write".to_owned(), clock.elapsed().as_secs_f64())]);
    let mut result = outcome(job, (found.done, found.failed), Some(found.digest.clone()), seconds.clone())?;
    result.sensitivity = found.sensitivity.map(|s| serde_json::to_value(s).map_err(Error::bug)).transpose()?;
    let base = state.base(0)?;
    let mut resolved = serde_json::Map::new();
    for number in 0..state.scenarios.len() {
        let scenario = state.base(number)?;
        resolved.insert(scenario.name.clone(), serde_json::json!(scenario.explain(None)?));
    }
    folder.publish(RunJson {
        schema: SCHEMA,
        population: "synthetic".to_owned(),
        status: RunStatus::Running,
        run_id: id,
        scenario: state.name.clone(),
        command: state.command.clone(),
        software: Software::this(),
        model_version: state.model_version.clone(),
        format_version: FORMAT,
        randomness: Randomness::new(base.seed.0),
        scale: base.scale,
        scaled: result.scaled,
        replicates: u32::try_from(result.planned).unwrap_or(u32::MAX),
        digest: found.digest,
        inputs: state.inputs.clone(),
        parents: Vec::new(),
        given: BTreeMap::new(),
        resolved: serde_json::Value::Object(resolved),
        environment: Environment::this(pool.threads()),
        resources: Resources { started, finished: Some(utc_now()), seconds, peak_bytes: job.machine.peak_bytes() },
        summary: result.to_json(),
        files: BTreeMap::new(),
        seal: run_json::unsealed(),
    })?;
    Ok(result)
}

impl Outcome for SweepOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("keys are texts and every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{}: {} of {} tasks done, {} failed; {}, model {}, scaled = {}",
            self.name,
            self.done,
            self.planned,
            self.failed,
            counted(self.points, "point"),
            self.model_version,
            self.scaled
        )];
        if self.found_complete {
            let command = if self.sensitivity.is_some() { "sensitivity" } else { "sweep" };
            lines.push(complete_already("This sweep was", &format!("`{command} --force` computes it")));
        }
        match &self.digest {
            Some(digest) => lines.push(format!("digest {digest}")),
            None => lines.push("Other shards have work to do; the last one to end publishes the results.".to_owned()),
        }
        lines.extend(self.sensitivity.iter().flat_map(largest));
        lines.push(self.out.display().to_string());
        lines
    }

    fn exit_code(&self) -> i32 {
        i32::from(self.failed > 0)
    }
}

/// For each quantity the parameters that matter most to it, at most three.
fn largest(found: &serde_json::Value) -> Vec<String> {
    let number = |row: &serde_json::Value| {
        let total = row["shares"]["total"]["value"].as_f64();
        total.or_else(|| row["effect"]["mean_absolute"].as_f64()).unwrap_or(0.0)
    };
    let rows = found["rows"].as_array().cloned().unwrap_or_default();
    let interval = |row: &serde_json::Value| {
        let end = |name: &str| row["shares"]["total"][name].as_f64();
        end("low").zip(end("high")).map_or_else(String::new, |(low, high)| format!(" ({low:.2} to {high:.2})"))
    };
    let mut by_quantity: BTreeMap<String, Vec<(f64, String)>> = BTreeMap::new();
    for row in &rows {
        let word = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        by_quantity
            .entry(word("quantity"))
            .or_default()
            .push((number(row), format!("{} {:.3}{}", word("parameter"), number(row), interval(row))));
    }
    let left_out = found["left_out"].as_object().into_iter().flatten();
    let untold: Vec<&str> = left_out.filter(|(_, why)| **why == NO_VARIANCE).map(|(name, _)| name.as_str()).collect();
    let untold = (!untold.is_empty()).then(|| format!("without a line, for {NO_VARIANCE}: {}", untold.join(", ")));
    let measure = if found["method"] == "morris" {
        "mean absolute effect of each parameter from low to high, in the unit of the quantity (persons; shares of 1):"
    } else {
        "share of the variance that stays when all other parameters are known (total order, of 1; 95 % interval):"
    };
    let measure = (!by_quantity.is_empty()).then(|| measure.to_owned());
    let told = by_quantity.into_iter().map(|(quantity, mut rows)| {
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let most: Vec<String> = rows.iter().take(3).map(|(_, told)| told.clone()).collect();
        let warning = found["warnings"][&quantity].as_str().map_or_else(String::new, |why| format!(" ({why})"));
        format!("{quantity}: {}{warning}", most.join(", "))
    });
    measure.into_iter().chain(told).chain(untold).collect()
}
