//! `inference.json`: what a command that infers was asked, and everything that its simulations depend on. Written before the first
//! simulation; read by `resume`, and by `infer --reweight`, which weighs the simulations again for other claims.

use super::infer::{InferOptions, infer};
use super::run::{RecordLevel, RunOptions, run};
use super::{Day, Error, Event, Machine, Outcome, Progress, ScenarioOptions, shell};
use crate::io::run_folder::STATE;
use crate::io::sealed::{self, SealError};
use crate::io::vfs::Vfs;
use crate::scenario::{Scenario, SourceText};
use crate::sweep::state::{Over, StateError, Stored, changed, differing, resolve};
use exitvoice_infer::SAMPLER_VERSION;
use exitvoice_observe::OBSERVER_VERSION;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Version of the layout.
const SCHEMA: u32 = 1;
const FILE: &str = "inference.json";

/// A claims file of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimsFile {
    /// Path as given.
    pub path: String,
    /// Its content.
    pub text: String,
}

/// The command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum What {
    /// `infer`.
    Infer {
        /// `--claims`.
        claims: Option<ClaimsFile>,
        /// `--as-of`, as a date.
        as_of: Option<String>,
        /// `--predict-to`, as a date.
        predict_to: Option<String>,
        /// `--budget`.
        budget: Option<u32>,
    },
    /// `run`.
    Run {
        /// `--replicates`.
        replicates: Option<u32>,
        /// `--record`.
        record: String,
    },
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    schema: u32,
    model_version: String,
    /// Version of the sampler. Files older than the field are taken to be of the first, whatever they are: nothing in them tells.
    #[serde(default = "first")]
    sampler: u32,
    /// Version of what observers score and draw, taken alike.
    #[serde(default = "first")]
    observers: u32,
    scenario: Stored,
    over: Over,
    what: What,
    inputs: BTreeMap<String, String>,
    /// Laws held at a value: see [`Scenario::held_laws`].
    held: Vec<String>,
    run_id: String,
}

/// A result; where a signal ended it, says first how to go on with what is kept.
pub(super) fn with_resume_note<T>(
    found: Result<T, Error>,
    folder: &Path,
    progress: &mut dyn Progress,
) -> Result<T, Error> {
    if matches!(found, Err(Error::Stopped)) {
        let words = format!("what was simulated is kept; `exitvoice resume {}` goes on with it", shell::path(folder));
        progress.event(Event::Note(words));
    }
    found
}

impl Asked {
    /// What a command asks; `scenario` with everything laid over it, but not yet as of a day.
    pub(super) fn new(
        options: &ScenarioOptions,
        source: &SourceText,
        scenario: &Scenario,
        what: What,
        inputs: &BTreeMap<String, String>,
        run_id: &str,
    ) -> Self {
        Self {
            schema: SCHEMA,
            model_version: exitvoice_model::MODEL_VERSION.to_string(),
            sampler: SAMPLER_VERSION,
            observers: OBSERVER_VERSION,
            scenario: Stored {
                given: options.scenario.clone(),
                resolved: scenario.resolved_toml(),
                text: source.text.clone(),
            },
            over: Over {
                seed: options.seed,
                scale: options.scale,
                allow_scaled: options.allow_scaled,
                baseline: options.baseline.clone(),
                set: options.set.clone(),
                societies: options.societies,
            },
            what,
            inputs: inputs.clone(),
            held: scenario.held_laws(),
            run_id: run_id.to_owned(),
        }
    }

    /// Writes it into the folder of the state, or leaves the one that stands there.
    pub(super) fn write(&self, vfs: &dyn Vfs, state: &Path) -> Result<(), Error> {
        let path = state.join(FILE);
        if sealed::read::<Self>(vfs, &path).is_ok_and(|found| found == *self) {
            return Ok(());
        }
        Ok(sealed::write(vfs, &path, self)?)
    }

    /// Reads it from a run folder; `None` where no command that infers has begun there.
    ///
    /// # Errors
    /// It is damaged (exit 65), or the file system refuses.
    pub fn read(vfs: &dyn Vfs, folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(STATE).join(FILE);
        match sealed::read(vfs, &path) {
            Ok(found) => Ok(Some(found)),
            Err(SealError::Absent) => Ok(None),
            Err(SealError::Damaged) => Err(StateError::Damaged { path }.into()),
            Err(SealError::Io(error)) => Err(error.into()),
        }
    }

    /// The scenario, with every value written out.
    ///
    /// # Errors
    /// The program no longer reads it.
    fn scenario(&self) -> Result<Scenario, Error> {
        resolve(&self.scenario, &[])
    }

    /// `--as-of`.
    ///
    /// # Errors
    /// It is no date (a bug).
    pub fn as_of(&self) -> Result<Option<Day>, Error> {
        match &self.what {
            What::Infer { as_of, .. } => day(as_of.as_ref()),
            What::Run { .. } => Ok(None),
        }
    }

    /// The claims file of the user, if there was one.
    #[must_use]
    pub const fn claims(&self) -> Option<&ClaimsFile> {
        match &self.what {
            What::Infer { claims, .. } => claims.as_ref(),
            What::Run { .. } => None,
        }
    }

    /// Name of its run folder.
    #[must_use]
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Refuses where model, data or scenario are not those it was begun with; `claims` may differ only where they are weighed again.
    ///
    /// # Errors
    /// The fields that differ (exit 64).
    pub(super) fn check(
        &self,
        folder: &Path,
        now: &Scenario,
        inputs: &BTreeMap<String, String>,
        claims_may_differ: bool,
    ) -> Result<(), Error> {
        let mut differences = Vec::new();
        let mut compare = |field: &str, before: &str, now: &str| differences.extend(changed(field, before, now));
        compare("schema", &self.schema.to_string(), &SCHEMA.to_string());
        compare("sampler", &self.sampler.to_string(), &SAMPLER_VERSION.to_string());
        compare("observers", &self.observers.to_string(), &OBSERVER_VERSION.to_string());
        compare("model version", &self.model_version, &exitvoice_model::MODEL_VERSION.to_string());
        for (name, hash) in self.inputs.iter().filter(|(name, _)| !(claims_may_differ && name.starts_with("claims "))) {
            compare(name, hash, inputs.get(name).map_or("absent", String::as_str));
        }
        compare("laws held at a value", &self.held.join(" "), &now.held_laws().join(" "));
        differences.extend(differing(&self.scenario()?, now)?);
        if differences.is_empty() {
            return Ok(());
        }
        Err(StateError::Changed { folder: folder.to_owned(), differences }.into())
    }

    /// Files of the user as they were read, by path; nothing for a scenario file in a state that is older than this.
    fn kept(&self) -> BTreeMap<String, String> {
        let scenario =
            (!self.scenario.text.is_empty()).then(|| (self.scenario.given.clone(), self.scenario.text.clone()));
        let claims = self.claims().map(|file| (file.path.clone(), file.text.clone()));
        scenario.into_iter().chain(claims).collect()
    }

    /// Goes on with the command; a file of the user that is gone is no reason to refuse, as it is kept here.
    ///
    /// # Errors
    /// As [`infer()`] and [`run()`]; and the command was begun with other values (64).
    pub(super) fn go_on(
        &self,
        folder: &Path,
        machine: &Machine,
        progress: &mut dyn Progress,
    ) -> Result<Box<dyn Outcome>, Error> {
        let above = |path: &Path| path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let over = self.over.clone();
        let scenario = ScenarioOptions {
            seed: over.seed,
            scale: over.scale,
            allow_scaled: over.allow_scaled,
            baseline: over.baseline,
            set: over.set,
            societies: over.societies,
            out: above(&above(folder)),
            kept: self.kept(),
            ..ScenarioOptions::new(&self.scenario.given)
        };
        match &self.what {
            What::Infer { claims, as_of, predict_to, budget } => {
                let options = InferOptions {
                    scenario,
                    machine: machine.clone(),
                    claims: claims.as_ref().map(|file| PathBuf::from(&file.path)),
                    as_of: day(as_of.as_ref())?,
                    predict_to: day(predict_to.as_ref())?,
                    budget: *budget,
                    reweight: None,
                };
                let (now, inputs) = super::infer::asked_of(&options)?;
                self.check(folder, &now, &inputs, false)?;
                Ok(Box::new(Resumed::of(infer(&options, progress)?)))
            }
            What::Run { replicates, record } => {
                let record = RecordLevel::of_word(record).ok_or_else(|| Error::bug("a level of `--record`"))?;
                let options =
                    RunOptions { scenario, machine: machine.clone(), replicates: *replicates, infer: true, record };
                let (now, inputs) = super::run::asked_of(&options)?;
                self.check(folder, &now, &inputs, false)?;
                Ok(Box::new(run(&options, progress)?))
            }
        }
    }
}

const fn first() -> u32 {
    1
}

fn day(text: Option<&String>) -> Result<Option<Day>, Error> {
    text.map(|text| Day::parse(text).map_err(Error::bug)).transpose()
}

/// An inference that went on, with the counts that every resumed command tells.
struct Resumed(super::infer::InferOutcome);

impl Resumed {
    const fn of(outcome: super::infer::InferOutcome) -> Self {
        Self(outcome)
    }
}

impl Outcome for Resumed {
    fn to_json(&self) -> serde_json::Value {
        let mut json = self.0.to_json();
        let number = |name: &str| self.0.diagnostics.get(name).copied().unwrap_or(0.0) as u64;
        for (key, value) in
            [("planned", number("budget")), ("done", number("simulations")), ("failed", number("failures"))]
        {
            json[key] = value.into();
        }
        json
    }

    fn text(&self) -> Vec<String> {
        self.0.text()
    }

    fn exit_code(&self) -> i32 {
        self.0.exit_code()
    }
}
