//! `sweep.json`: what an unfinished sweep is to do, and everything that its results depend on. Written once, checked whenever read.

use super::BLOCK;
use super::engine::Extent;
use super::levers::check_levers;
use super::plan::{Plan, Point};
use crate::command::run::RecordLevel;
use crate::command::{Error, Machine, ScenarioOptions, shell};
use crate::io::sealed::{self, SealError};
use crate::io::vfs::Vfs;
use crate::scenario::{self, Catalogue, Given, Layers, Override, Scenario, SourceText};
use crate::sensitivity::Analysis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Version of the layout.
pub const SCHEMA: u32 = 2;
/// Folder of the state, below that of the sweep.
pub const FOLDER: &str = crate::io::run_folder::STATE;
const FILE: &str = "sweep.json";
/// Distinct values that are tried before anything is computed.
const MOST_TRIED: usize = 2_000;

/// One scenario of a sweep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Name or path, as the plan or the user gave it.
    pub given: String,
    /// With everything laid over it: a scenario that resolves to the same values.
    pub resolved: String,
    /// As it was read.
    #[serde(default)]
    pub text: String,
}

/// Options that were laid over the scenarios.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Over {
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--scale`.
    pub scale: Option<f64>,
    /// `--allow-scaled`.
    pub allow_scaled: bool,
    /// `--baseline`.
    pub baseline: Option<String>,
    /// `--set`.
    pub set: Vec<String>,
    /// `--societies`.
    #[serde(default)]
    pub societies: Option<u32>,
}

/// The state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Version of this layout.
    pub schema: u32,
    /// Version of the model.
    pub model_version: String,
    /// Name of the plan: of the folder of results.
    pub name: String,
    /// The plan as it was read; empty where a scenario was given.
    #[serde(default)]
    pub plan: String,
    /// Path of the plan, as the user gave it.
    #[serde(default)]
    pub plan_path: String,
    /// Scenarios, in the order of the plan.
    pub scenarios: Vec<Stored>,
    /// What was laid over them.
    pub over: Over,
    /// Keys that vary.
    pub keys: Vec<String>,
    /// Points: number of the scenario, and key and value of each change.
    pub points: Vec<(usize, Vec<(String, String)>)>,
    /// Replicates of each point.
    pub replicates: u32,
    /// What is kept of each.
    #[serde(default)]
    pub record: RecordLevel,
    /// Hashes of the data, by name.
    pub inputs: BTreeMap<String, String>,
    /// Command that started the sweep.
    pub command: String,
    /// What is to be read off the points of a sensitivity analysis.
    #[serde(default)]
    pub analysis: Option<Analysis>,
}

/// What is wrong with the state of unfinished work.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is none (exit 64).
    #[error("EV0781: `{}` holds nothing to go on with: no sweep, no inference and no run that stands there unfinished", folder.display())]
    NotASweep {
        /// The folder.
        folder: PathBuf,
    },
    /// No inference has begun there (exit 64).
    #[error("EV0791: `{}` holds no simulations of an inference: it has no {FOLDER}/inference.json", folder.display())]
    NoBank {
        /// The folder.
        folder: PathBuf,
    },
    /// The inference there has not ended (exit 64).
    #[error(
        "EV0798: the inference in `{}` has not ended, and weighing its simulations again would go on with it; end it with `exitvoice resume {}` first",
        folder.display(),
        shell::path(folder)
    )]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// It does not have its hash (exit 65).
    #[error("EV0782: `{}` is damaged; run the same command again: what is finished is kept", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// It was begun with something else (exit 64).
    #[error("EV0783: the work in `{}` was begun with other values, so it cannot go on: {}", folder.display(), differences.join("; "))]
    Changed {
        /// The folder.
        folder: PathBuf,
        /// One field each.
        differences: Vec<String>,
    },
}

impl StateError {
    /// Exit code of the contract.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        if let Self::Damaged { .. } = self { 65 } else { 64 }
    }
}

impl State {
    /// Resolves every scenario of a plan and tries the values of its points.
    ///
    /// # Errors
    /// A scenario or value is wrong (exit 64).
    pub fn begin(plan: Plan, over: &ScenarioOptions, machine: &Machine, command: String) -> Result<Self, Error> {
        for text in &over.set {
            let key = scenario::parse_override(text)?.key;
            if plan.keys.contains(&key.as_str()) {
                return Err(Error::SetOfAxis { key });
            }
        }
        let (mut scenarios, mut all) = (Vec::new(), Vec::new());
        let mut replicates = plan.replicates;
        for given in &plan.scenarios {
            let options = ScenarioOptions { scenario: given.clone(), ..over.clone() };
            let resolved = options.resolve(machine, &[])?;
            options.check_scale(&resolved)?;
            replicates = replicates.or(Some(resolved.replicates));
            let text = options.source(machine)?.text;
            scenarios.push(Stored { given: given.clone(), resolved: resolved.resolved_toml(), text });
            all.push((given.as_str(), resolved));
        }
        check_together(&all)?;
        let values = |point: Point| (point.scenario, point.values.into_iter().map(|v| (v.key, v.value)).collect());
        let state = Self {
            schema: SCHEMA,
            model_version: exitvoice_model::MODEL_VERSION.to_string(),
            name: plan.name,
            plan: String::new(),
            plan_path: String::new(),
            scenarios,
            over: Over {
                seed: over.seed,
                scale: over.scale,
                allow_scaled: over.allow_scaled,
                baseline: over.baseline.clone(),
                set: over.set.clone(),
                societies: None,
            },
            keys: plan.keys.iter().map(|k| (*k).to_owned()).collect(),
            points: plan.points.into_iter().map(values).collect(),
            replicates: replicates.unwrap_or(1),
            record: RecordLevel::Series,
            inputs: crate::write::inputs(None),
            command,
            analysis: None,
        };
        let mut tried = BTreeSet::new();
        for (number, (scenario, values)) in state.points.iter().enumerate() {
            let new = values.iter().any(|(key, value)| tried.insert((*scenario, key.clone(), value.clone())));
            if (new || number == 0) && tried.len() <= MOST_TRIED {
                state.scenario_of(number)?;
            }
        }
        state.check_apart()?;
        Ok(state)
    }

    /// Refuses scenarios that are equal at every point. The first one tells: every point of a design sets the same keys, but for the
    /// first of one parameter at a time, which sets none and so is equal only where the scenarios are.
    fn check_apart(&self) -> Result<(), Error> {
        let mut firsts: Vec<(usize, Scenario)> = Vec::new();
        for (number, (scenario, _)) in self.points.iter().enumerate() {
            if firsts.last().is_some_and(|(last, _)| last == scenario) {
                continue;
            }
            let new = self.scenario_of(number)?;
            if let Some((other, _)) = firsts.iter().find(|(_, before)| same_lives(before, &new)) {
                let given = |of: usize| self.scenarios[of].given.clone();
                let reason =
                    "they are equal at every point of the plan: they differ in nothing, or only in what it sets"
                        .to_owned();
                return Err(Error::NotComparable { a: given(*other), b: given(*scenario), reason });
            }
            firsts.push((*scenario, new));
        }
        Ok(())
    }

    /// Tasks and blocks.
    #[must_use]
    pub fn extent(&self) -> Extent {
        Extent { tasks: self.points.len() as u64 * u64::from(self.replicates), per_block: BLOCK }
    }

    /// Point and replicate of a task.
    #[must_use]
    pub fn place(&self, task: u64) -> (usize, u32) {
        let each = u64::from(self.replicates.max(1));
        ((task / each) as usize, (task % each) as u32)
    }

    /// Resolves one of the scenarios of the plan, without a point.
    ///
    /// # Errors
    /// The program no longer reads it.
    pub fn base(&self, number: usize) -> Result<Scenario, Error> {
        resolve(&self.scenarios[number], &[])
    }

    /// Resolves the scenario of a point.
    ///
    /// # Errors
    /// A value of the point is wrong.
    pub fn scenario_of(&self, point: usize) -> Result<Scenario, Error> {
        let (scenario, values) = &self.points[point];
        let over = |(key, value): &(String, String)| Override {
            key: key.clone(),
            value: value.clone(),
            given: Given::SweepPoint,
        };
        let over: Vec<Override> = values.iter().map(over).collect();
        resolve(&self.scenarios[*scenario], &over)
    }

    /// Command that repeats a task alone, with all its events.
    #[must_use]
    pub fn repeat(&self, task: u64) -> String {
        let (point, replicate) = self.place(task);
        let (scenario, values) = &self.points[point];
        let mut words = vec![format!(
            "exitvoice run {} --replicates {}",
            shell::word(&self.scenarios[*scenario].given),
            replicate + 1
        )];
        words.extend(self.over.seed.map(|seed| format!("--seed {seed}")));
        words.extend(self.over.scale.map(|scale| format!("--scale {scale}")));
        words.extend(shell::changes(self.over.allow_scaled, self.over.baseline.as_deref(), &self.over.set));
        words.extend(values.iter().map(|(key, value)| format!("--set {}", shell::word(&format!("{key}={value}")))));
        words.push("--no-infer --record events".to_owned());
        words.join(" ")
    }

    /// Hash of everything that determines the results; its beginning names the folder.
    ///
    /// # Errors
    /// A scenario no longer resolves.
    pub fn identity(&self) -> Result<[u8; 32], Error> {
        let mut hasher = blake3::Hasher::new();
        let mut field = |bytes: &[u8]| {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(bytes);
        };
        field(b"exitvoice sweep");
        field(&self.schema.to_le_bytes());
        field(self.model_version.as_bytes());
        field(&self.replicates.to_le_bytes());
        field(self.record.word().as_bytes());
        for number in 0..self.scenarios.len() {
            field(&self.base(number)?.canonical_bytes());
        }
        for (scenario, values) in &self.points {
            field(&(*scenario as u64).to_le_bytes());
            for (key, value) in values {
                field(key.as_bytes());
                field(value.as_bytes());
            }
        }
        for (name, hash) in &self.inputs {
            field(name.as_bytes());
            field(hash.as_bytes());
        }
        if let Some(analysis) = &self.analysis {
            field(serde_json::to_string(analysis).map_err(Error::bug)?.as_bytes());
        }
        Ok(*hasher.finalize().as_bytes())
    }

    /// Refuses to go on where program, data or scenarios are no longer those it was begun with. A scenario file that is gone is no
    /// reason to refuse: its values are kept here.
    ///
    /// # Errors
    /// The fields that differ (exit 64).
    pub fn check(&self, folder: &Path, machine: &Machine) -> Result<(), Error> {
        let mut differences = Vec::new();
        let now = exitvoice_model::MODEL_VERSION.to_string();
        let mut compare = |field: &str, before: &str, now: &str| differences.extend(changed(field, before, now));
        compare("schema", &self.schema.to_string(), &SCHEMA.to_string());
        compare("model version", &self.model_version, &now);
        let inputs = crate::write::inputs(None);
        for (name, hash) in &self.inputs {
            compare(name, hash, inputs.get(name).map_or("absent", String::as_str));
        }
        for (number, stored) in self.scenarios.iter().enumerate() {
            let options = ScenarioOptions {
                seed: self.over.seed,
                scale: self.over.scale,
                allow_scaled: self.over.allow_scaled,
                baseline: self.over.baseline.clone(),
                set: self.over.set.clone(),
                ..ScenarioOptions::new(&stored.given)
            };
            let current = match options.resolve(machine, &[]) {
                Ok(current) => current,
                Err(Error::Unreadable(_) | Error::UnknownScenario { .. }) => continue,
                Err(error) => {
                    differences.push(format!("{} is no longer a scenario: {}", stored.given, error.message()));
                    continue;
                }
            };
            differences.extend(differing(&self.base(number)?, &current)?);
        }
        if differences.is_empty() {
            Ok(())
        } else {
            Err(StateError::Changed { folder: folder.to_owned(), differences }.into())
        }
    }
}

/// Refuses scenarios of one plan that have one name, that do not share their draws, and levers as [`check_levers`] does.
fn check_together(all: &[(&str, Scenario)]) -> Result<(), Error> {
    for (number, (given, scenario)) in all.iter().enumerate() {
        let refuse = |other: &str, reason: String| {
            Err(Error::NotComparable { a: other.to_owned(), b: (*given).to_owned(), reason })
        };
        if let Some((other, _)) = all[..number].iter().find(|(_, before)| before.name == scenario.name) {
            return refuse(other, "two scenarios of a plan have one name; give each a `name` of its own".to_owned());
        }
        let (first_given, first) = &all[0];
        unlike(first, scenario).map_or(Ok(()), |reason| refuse(first_given, reason))?;
    }
    check_levers(&all.iter().map(|(given, scenario)| (*given, scenario)).collect::<Vec<_>>())
}

/// Whether two scenarios give the same lives: they have the same values, whatever they are called and whatever is inferred from them.
pub(crate) fn same_lives(a: &Scenario, b: &Scenario) -> bool {
    let called_alike = Scenario {
        name: a.name.clone(),
        title: a.title.clone(),
        description: a.description.clone(),
        replicates: a.replicates,
        claims: a.claims.clone(),
        infer: a.infer.clone(),
        ..b.clone()
    };
    a.canonical_bytes() == called_alike.canonical_bytes()
}

/// Why two scenarios do not meet the same draws: their seeds or scales differ.
pub(crate) fn unlike(a: &Scenario, b: &Scenario) -> Option<String> {
    if a.seed != b.seed {
        return Some(format!("their seeds are {} and {}; `--seed` gives both one", a.seed.0, b.seed.0));
    }
    (a.scale.to_bits() != b.scale.to_bits())
        .then(|| format!("their scales are {} and {}; `--scale` gives both one", a.scale, b.scale))
}

/// A field that was begun with another value, in words; `None` where the two are equal.
pub(crate) fn changed(field: &str, before: &str, now: &str) -> Option<String> {
    (before != now).then(|| format!("{field} was {before} and is {now}"))
}

/// Fields in which two resolved scenarios differ.
///
/// # Errors
/// A value cannot be explained (a bug).
pub(crate) fn differing(before: &Scenario, now: &Scenario) -> Result<Vec<String>, Error> {
    if before.canonical_bytes() == now.canonical_bytes() {
        return Ok(Vec::new());
    }
    let rows = |scenario: &Scenario| -> Result<BTreeMap<String, String>, Error> {
        Ok(scenario.explain(None)?.into_iter().map(|row| (row.key, format!("{} {}", row.value, row.unit))).collect())
    };
    let (old, new) = (rows(before)?, rows(now)?);
    let absent = || "absent".to_owned();
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut out: Vec<String> = keys
        .into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| {
            let [was, is] = [&old, &new].map(|rows| rows.get(key).cloned().unwrap_or_else(absent));
            format!("{key} was {} and is {}", was.trim_end_matches(" 1").trim(), is.trim_end_matches(" 1").trim())
        })
        .collect();
    if out.is_empty() {
        out.push(format!("title or description of {}", before.name));
    }
    Ok(out)
}

/// The scenario that was stored, with the values of a point.
///
/// # Errors
/// The program no longer reads it.
pub(crate) fn resolve(stored: &Stored, point: &[Override]) -> Result<Scenario, Error> {
    let registry = crate::registry::all();
    let source = SourceText { name: stored.given.clone(), text: stored.resolved.clone() };
    let layers = Layers { baseline: None, sweep: point, command_line: &[] };
    Ok(scenario::resolve(source, &layers, &Catalogue::embedded(&registry))?)
}

/// Writes the state of a new sweep, or leaves the one that stands there.
///
/// # Errors
/// The file system refuses.
pub fn write(vfs: &dyn Vfs, folder: &Path, state: &State) -> Result<(), Error> {
    let place = folder.join(FOLDER);
    vfs.create_folder(&place)?;
    if read(vfs, folder).is_ok_and(|found| found == *state) {
        return Ok(());
    }
    sealed::write(vfs, &place.join(FILE), state)?;
    for above in [folder, crate::io::vfs::parent(folder)] {
        vfs.sync_folder(above)?;
    }
    Ok(())
}

/// Reads the state of a sweep.
///
/// # Errors
/// There is none, or it is damaged.
pub fn read(vfs: &dyn Vfs, folder: &Path) -> Result<State, Error> {
    let path = folder.join(FOLDER).join(FILE);
    sealed::read(vfs, &path).map_err(|error| match error {
        SealError::Absent => StateError::NotASweep { folder: folder.to_owned() }.into(),
        SealError::Damaged => StateError::Damaged { path }.into(),
        SealError::Io(error) => error.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;
    use std::sync::Arc;

    const SCENARIO: &str = include_str!("../../scenarios/toy-squad.toml");

    fn machine(vfs: &FaultVfs) -> Machine {
        Machine { vfs: Arc::new(vfs.clone()), ..Machine::this() }
    }

    fn begun(vfs: &FaultVfs) -> State {
        vfs.put(Path::new("mine.toml"), SCENARIO.as_bytes());
        let plan = Plan::of_scenario("mine.toml", "mine");
        let over = ScenarioOptions { allow_scaled: true, ..ScenarioOptions::new("mine.toml") };
        State::begin(plan, &over, &machine(vfs), "exitvoice sweep mine.toml".to_owned()).expect("begins")
    }

    #[test]
    fn the_state_is_read_as_it_was_written_and_every_flipped_bit_and_truncation_is_found() {
        let (vfs, folder) = (FaultVfs::new(), Path::new("s"));
        let state = begun(&vfs);
        write(&vfs, folder, &state).expect("written");
        assert_eq!(read(&vfs, folder).expect("readable"), state);
        let path = folder.join(FOLDER).join(FILE);
        let bytes = vfs.read(&path, 1 << 20).expect("there");
        let spoilt = |bytes: &[u8], what: &str, at: usize| {
            vfs.put(&path, bytes);
            let error = read(&vfs, folder).expect_err("the damage is noticed");
            assert_eq!((error.code().as_str(), error.exit_code()), ("EV0782", 65), "{what} {at}");
        };
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            spoilt(&flipped, "bit", bit);
        }
        (0..bytes.len()).for_each(|length| spoilt(&bytes[..length], "cut to", length));
        let error = read(&vfs, Path::new("nowhere")).expect_err("nothing there");
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0781", 64));
    }

    #[test]
    fn a_changed_scenario_is_refused_field_by_field_and_a_lost_file_is_not() {
        let vfs = FaultVfs::new();
        let state = begun(&vfs);
        let folder = Path::new("s");
        state.check(folder, &machine(&vfs)).expect("nothing changed");
        let changed =
            SCENARIO.replace("persons = \"30 persons\"", "persons = \"29 persons\"").replace("seed = 1", "seed = 8");
        vfs.put(Path::new("mine.toml"), changed.as_bytes());
        let error = state.check(folder, &machine(&vfs)).expect_err("changed");
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0783", 64));
        assert!(
            error.to_string().contains("run.seed was 1 and is 8") && error.to_string().contains("waves.platoon"),
            "{error}"
        );
        vfs.remove(Path::new("mine.toml")).expect("there");
        state.check(folder, &machine(&vfs)).expect("its values are kept");
        let older = State { model_version: "m0.1".to_owned(), ..state };
        assert!(older.check(folder, &machine(&vfs)).expect_err("older").to_string().contains("model version was m0.1"));
    }

    #[test]
    fn the_identity_holds_what_results_depend_on_and_nothing_else() {
        let vfs = FaultVfs::new();
        let state = begun(&vfs);
        let identity = state.identity().expect("resolves");
        let other = State { replicates: state.replicates + 1, ..state.clone() };
        assert_ne!(other.identity().expect("resolves"), identity);
        let renamed = State { command: "another".to_owned(), ..state };
        assert_eq!(renamed.identity().expect("resolves"), identity);
    }
}
