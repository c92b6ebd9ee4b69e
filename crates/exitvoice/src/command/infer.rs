//! `infer`: the posterior from public claims.

use super::estimate::{Estimate, OR_RESUME, deployment_bytes, need_of, need_of_weighing};
use super::run::{ClaimCounts, PriorPost};
use super::unfinished::{Asked, ClaimsFile, What, with_resume_note};
use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, shell};
use crate::inference::forecast::{Ask, Forecast, check_horizon, forecast};
use crate::inference::{self, Inferred, Request, Store};
use crate::io::run_folder::{self, Opened, RunFolder, open};
use crate::io::run_json::utc_now;
use crate::report::{DatedClaim, Desertions, Quantiles, Refusal, ReportData, Term, Verdict};
use crate::scenario::{Scenario, SourceText};
use crate::sweep::state::StateError;
use crate::tables::Keys;
use crate::{country, deployment, fill, write};
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;
use exitvoice_model::force::ForceBase;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Options of `infer`.
#[derive(Clone, Debug)]
pub struct InferOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
    /// `--claims`: a file of claims in place of the scenario's set.
    pub claims: Option<PathBuf>,
    /// `--as-of`: only what was published by this day.
    pub as_of: Option<Day>,
    /// `--predict-to`: last day predicted.
    pub predict_to: Option<Day>,
    /// `--budget`: most simulated deployments.
    pub budget: Option<u32>,
    /// `--reweight`: folder of an earlier inference, whose simulations are weighted again.
    pub reweight: Option<PathBuf>,
}

/// What an inference found. Kept as `summary` in `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InferOutcome {
    /// Name of the run folder.
    pub run_id: String,
    /// Scenario.
    pub scenario: String,
    /// Digest of the posterior, 64 hexadecimal digits.
    pub digest: String,
    /// As `m1.0`.
    pub model_version: String,
    /// Whether the country is smaller than life.
    pub scaled: bool,
    /// Answers after the claims, by name; before them where the inference was refused.
    pub quantities: BTreeMap<String, Quantiles>,
    /// Which of the two `quantities` are: `posterior` or `prior`.
    #[serde(default)]
    pub quantities_are: String,
    /// Parameters, by key.
    pub posterior: BTreeMap<String, PriorPost>,
    /// Total desertions under three priors, silence counted and ignored, and by month in the main setting.
    #[serde(default)]
    pub desertions: Option<Desertions>,
    /// What the first unnamed report of departures is worth, under every setting; `None` where the claims have none.
    #[serde(default)]
    pub dated_claim: Option<DatedClaim>,
    /// Last day of publication that counts, as a date; `None` where every row counts.
    #[serde(default)]
    pub as_of: Option<String>,
    /// Claim rows.
    pub claims: ClaimCounts,
    /// What was not checked or was assumed of the claims, and which of them contradict each other.
    #[serde(default)]
    pub notices: Vec<String>,
    /// Run whose simulations were weighed again; `None` where simulations were made for these claims.
    #[serde(default)]
    pub reweighed: Option<String>,
    /// `ess` and further numbers by name.
    pub diagnostics: BTreeMap<String, f64>,
    /// Keys of parameters that the claims do not inform, terms of the hazard of leaving that are held at a value among them.
    pub not_identified: Vec<String>,
    /// Predicted values by name, to the last day predicted.
    pub predictive: BTreeMap<String, Quantiles>,
    /// Answers under other settings, and with the rows of one source or grade left out.
    #[serde(default)]
    pub variants: Vec<crate::report::Variant>,
    /// By quantity and grade of evidence: share of the variance before the claims that would go were all its parameters known.
    #[serde(default)]
    pub variance_shares: BTreeMap<String, BTreeMap<String, f64>>,
    /// What one more published number would be worth, by quantity and the most useful first.
    #[serde(default)]
    pub further_evidence: Vec<crate::report::Further>,
    /// Predictive intervals by month, where `--predict-to` asks for them and there is a posterior.
    #[serde(default)]
    pub forecast: Option<Forecast>,
    /// Why the inference refuses its result, if it does.
    pub refusal: Option<Refusal>,
    /// Plain-word summary.
    pub sentences: Vec<String>,
    /// Wall time in seconds.
    pub seconds: f64,
    /// The run folder.
    pub out: PathBuf,
    /// Whether it was there already and has been verified only.
    #[serde(default)]
    pub found_complete: bool,
}

/// Longest claims file that is read, in bytes.
const LONGEST_CLAIMS: u64 = 256 << 20;
/// Most rows of a claims file; the shipped one has 81. Rows of one source share errors, so time grows faster than the number of rows.
const MOST_ROWS: usize = 1_000;

/// Refuses a claims file with more rows than can be scored, before anything of it is read as a table.
fn check_rows(name: &str, bytes: &[u8]) -> Result<(), Error> {
    // A record ends at a line feed, a carriage return, or both.
    let ends = |(i, b): (usize, &u8)| *b == b'\n' || *b == b'\r' && bytes.get(i + 1) != Some(&b'\n');
    let rows = bytes.iter().enumerate().filter(|each| ends(*each)).count().saturating_sub(1);
    if rows > MOST_ROWS {
        return Err(Error::TooMuch {
            asked: format!("{rows} rows of claims in `{name}`"),
            most: format!("{MOST_ROWS} rows"),
        });
    }
    Ok(())
}

/// What an inference would take.
///
/// # Errors
/// Scenario or options are wrong.
pub fn estimate(options: &InferOptions, progress: &mut dyn Progress) -> Result<Estimate, Error> {
    let scenario = resolve(options)?;
    let file = claims_file(options)?;
    let claims = file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let request = Request { scenario: &scenario, claims, as_of: options.as_of, budget: options.budget };
    tell_notices(&request, progress)?;
    let inputs = inputs(&scenario, claims)?;
    let bank = options.reweight.as_ref().map(|folder| Bank::open(options, folder, &inputs)).transpose()?;
    let simulations = u64::from(scenario.infer.budget);
    let need = match bank {
        Some(_) => need_of_weighing(&scenario, simulations, &options.machine)?,
        None => need_of(&scenario, simulations, 0, &options.machine)?,
    }
    .with_answers(&scenario, options.predict_to, &options.machine);
    let bank = bank.as_ref().map(|bank| bank.asked.run_id());
    let run_id = run_id(&scenario, [options.as_of, options.predict_to], bank, &inputs);
    let estimate = need.on(&options.machine, &options.scenario.out);
    estimate.unless_complete(&options.scenario, &scenario.name, &run_id, &options.machine)
}

/// Name and text of the claims file of the user, refused where it is too long.
fn claims_file(options: &InferOptions) -> Result<Option<(String, Vec<u8>)>, Error> {
    let Some(path) = &options.claims else { return Ok(None) };
    let file = (path.display().to_string(), options.scenario.read_file(&options.machine, path, LONGEST_CLAIMS)?);
    check_rows(&file.0, &file.1)?;
    Ok(Some(file))
}

/// Files that an inference reads: the claims of the user, or those of the scenario.
fn inputs(scenario: &Scenario, claims: Option<(&str, &[u8])>) -> Result<BTreeMap<String, String>, Error> {
    let shipped = inference::claims_bytes(scenario)?;
    let shipped = shipped.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    Ok(write::inputs(claims.map(|(_, bytes)| ("file", bytes)).or(shipped)))
}

/// Name of the folder of an inference; `bank` is that of the one whose simulations it weighs again.
fn run_id(view: &Scenario, days: [Option<Day>; 2], bank: Option<&str>, inputs: &BTreeMap<String, String>) -> String {
    let [as_of, predict_to] = days.map(|day| day.map(|d| d.0));
    let reweight = bank.map_or_else(String::new, |bank| format!(" reweight={bank}"));
    write::run_id(
        &format!("infer {} as_of={as_of:?} predict_to={predict_to:?}{reweight}", write::inferring_versions()),
        view,
        inputs,
    )
}

/// Scenario, not yet as of a day, and inputs of an inference.
pub(super) fn asked_of(options: &InferOptions) -> Result<(Scenario, BTreeMap<String, String>), Error> {
    let scenario = whole(options)?;
    let file = claims_file(options)?;
    let inputs = inputs(&scenario, file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice())))?;
    Ok((scenario, inputs))
}

/// The scenario with everything laid over it.
fn whole(options: &InferOptions) -> Result<Scenario, Error> {
    let more: Vec<(&str, String)> = options.budget.map(|n| ("infer.budget", n.to_string())).into_iter().collect();
    options.scenario.resolve(&options.machine, &more)
}

fn resolve(options: &InferOptions) -> Result<Scenario, Error> {
    let scenario = whole(options)?;
    options.scenario.check_scale(&scenario)?;
    if scenario.claims.is_none() && options.claims.is_none() {
        return Err(Error::NoClaims { scenario: scenario.name });
    }
    if scenario.infer.parameters.is_empty() {
        return Err(Error::NothingFree { scenario: scenario.name });
    }
    let scenario = match options.as_of {
        Some(day) => known_by(&scenario, day)?,
        None => scenario,
    };
    options.predict_to.map_or(Ok(()), |to| check_horizon(&scenario, to))?;
    Ok(scenario)
}

/// The scenario as it was public on a day; what was inferred then speaks of the time up to it.
///
/// # Errors
/// No wave was known yet.
pub(crate) fn known_by(scenario: &Scenario, day: Day) -> Result<Scenario, Error> {
    let mut view = scenario.as_of(day)?;
    view.last_day = view.last_day.min(day);
    Ok(view)
}

/// Infers hidden numbers from public claims.
///
/// # Errors
/// Wrong input (64), too little memory (71), a signal (75), or files that cannot be written (73, 74). A refused result is no error: the
/// outcome carries the refusal and exits with 69.
pub fn infer(options: &InferOptions, progress: &mut dyn Progress) -> Result<InferOutcome, Error> {
    let (machine, began, clock) = (&options.machine, utc_now(), Instant::now());
    let source = options.scenario.source(machine)?;
    let scenario = resolve(options)?;
    let file = claims_file(options)?;
    let claims = file.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let request = Request { scenario: &scenario, claims, as_of: options.as_of, budget: options.budget };
    // Wrong claims are told before anything is built or written.
    tell_notices(&request, progress)?;
    let inputs = inputs(&scenario, claims)?;
    let command = command_line(options, &scenario);
    let bank = options.reweight.as_ref().map(|folder| Bank::open(options, folder, &inputs)).transpose()?;
    let parent = bank.as_ref().map(|bank| bank.asked.run_id().to_owned());
    let run_id = run_id(&scenario, [options.as_of, options.predict_to], parent.as_deref(), &inputs);
    let existing = options.scenario.existing();
    let mut folder = match open(machine.vfs.as_ref(), &options.scenario.out, &scenario.name, &run_id, existing)? {
        Opened::Complete(complete) => {
            let outcome: InferOutcome = serde_json::from_value(complete.run.summary).map_err(Error::bug)?;
            return Ok(InferOutcome { found_complete: true, out: complete.folder, ..outcome });
        }
        Opened::New(folder) => folder,
    };
    machine.preflight(deployment_bytes(&scenario, u64::from(scenario.infer.budget)))?;
    warn_of_disk(options, &scenario, progress)?;
    let pool = machine.pool()?;
    let country = country::open(&scenario, machine, &pool, progress)?;
    let base = deployment::force(&scenario, &country)?;
    let inferred = if let Some(bank) = &bank {
        bank.reweigh(&request, &base, machine, &pool, progress)?
    } else {
        let state = folder.state(existing)?;
        asked(options, &source, file.as_ref(), &inputs, &run_id)?.write(machine.vfs.as_ref(), &state)?;
        let mut store = Store::new(machine.vfs.as_ref(), &pool, &state, &run_id);
        let found = inference::infer(&request, &base, Some(&mut store), machine, &pool, progress);
        with_resume_note(found, folder.path(), progress)?
    };
    let ask = |to| Ask { scenario: &scenario, base: &base, extract: &country.extract, to };
    let asked_for = options.predict_to.map(|to| forecast(&ask(to), &inferred, machine, &pool, progress));
    let predicted = asked_for.transpose()?.flatten();
    let digest = crate::io::section_file::hex(&inferred.digest);
    let head = fill::head(&scenario, &run_id, &digest, 0, &command);
    let mut data = inferred.report(&scenario, head, fill::assumptions(&scenario), fill::files(&scenario));
    data.forecast = predicted.as_ref().map(|found| found.shown(scenario.last_day));
    let report = write::report(&mut folder, &data)?;
    let keys = Keys { run_id: run_id.clone(), scenario: scenario.name.clone() };
    inferred.write_tables(&mut folder, &keys)?;
    write_forecast(&mut folder, predicted.as_ref(), &keys)?;
    claims.map_or(Ok(()), |(name, bytes)| folder.write_given("claims.csv", name, bytes))?;
    write::scenario(&mut folder, &source, &scenario, &[], &command)?;
    let seconds = clock.elapsed().as_secs_f64();
    let outcome = InferOutcome {
        forecast: predicted,
        sentences: report.summary,
        seconds,
        out: folder.path().to_owned(),
        as_of: options.as_of.map(|day| day.to_string()),
        reweighed: parent.clone(),
        ..found(&run_id, &scenario, &inferred, &data)
    };
    let about = write::About {
        run_id: &run_id,
        scenario: &scenario,
        command: &command,
        replicates: 0,
        digest: &digest,
        inputs,
        society: &crate::io::section_file::hex(&country.digest),
        seconds: BTreeMap::from([("all".to_owned(), seconds), ("history".to_owned(), country.seconds)]),
        started: began,
        threads: pool.threads(),
        peak_bytes: machine.peak_bytes(),
        summary: outcome.to_json(),
    };
    let mut run = write::run_json(about)?;
    run.parents.extend(parent);
    folder.publish(run)?;
    Ok(outcome)
}

fn warn_of_disk(options: &InferOptions, scenario: &Scenario, progress: &mut dyn Progress) -> Result<(), Error> {
    let need = need_of(scenario, u64::from(scenario.infer.budget), 0, &options.machine)?;
    need.on(&options.machine, &options.scenario.out).warn_of_disk(OR_RESUME, progress);
    Ok(())
}

fn write_forecast(folder: &mut RunFolder<'_>, forecast: Option<&Forecast>, keys: &Keys) -> Result<(), Error> {
    let Some(forecast) = forecast else { return Ok(()) };
    folder.write_table(&forecast.table(keys))?;
    folder.write("forecast.csv", forecast.csv().as_bytes())?;
    Ok(())
}

/// Reads the claims, and says what in them was assumed, left unchecked or contradicts itself, or was changed since they were sealed.
fn tell_notices(request: &Request<'_>, progress: &mut dyn Progress) -> Result<(), Error> {
    let notices = inference::scorable_claims(request)?.notices;
    notices.into_iter().for_each(|notice| progress.event(Event::Warning(notice)));
    Ok(())
}

/// What is kept of the command beside its simulations.
fn asked(
    options: &InferOptions,
    source: &SourceText,
    file: Option<&(String, Vec<u8>)>,
    inputs: &BTreeMap<String, String>,
    run_id: &str,
) -> Result<Asked, Error> {
    let date = |day: Option<Day>| day.map(|d| d.to_string());
    // Claims that are no text were refused before.
    let text = |(path, bytes): &(String, Vec<u8>)| ClaimsFile {
        path: path.clone(),
        text: String::from_utf8_lossy(bytes).into_owned(),
    };
    let what = What::Infer {
        claims: file.map(text),
        as_of: date(options.as_of),
        predict_to: date(options.predict_to),
        budget: options.budget,
    };
    Ok(Asked::new(&options.scenario, source, &whole(options)?, what, inputs, run_id))
}

/// The simulations of an earlier inference.
struct Bank {
    folder: PathBuf,
    asked: Asked,
}

impl Bank {
    /// Opens a bank for a request: model, data, scenario and as-of day must be the same, the claims may differ.
    fn open(options: &InferOptions, folder: &Path, inputs: &BTreeMap<String, String>) -> Result<Self, Error> {
        let vfs = options.machine.vfs.as_ref();
        let asked = Asked::read(vfs, folder)?.ok_or_else(|| StateError::NoBank { folder: folder.to_owned() })?;
        if vfs.entry(&folder.join("run.json"))?.is_none() {
            return Err(StateError::Unfinished { folder: folder.to_owned() }.into());
        }
        asked.check(folder, &self::whole(options)?, inputs, true)?;
        let (before, now) = (asked.as_of()?, options.as_of);
        if before != now {
            let word = |day: Option<Day>| day.map_or_else(|| "absent".to_owned(), |d| d.to_string());
            let differences = vec![format!("--as-of was {} and is {}", word(before), word(now))];
            return Err(StateError::Changed { folder: folder.to_owned(), differences }.into());
        }
        Ok(Self { folder: folder.to_owned(), asked })
    }

    fn reweigh(
        &self,
        request: &Request<'_>,
        base: &ForceBase,
        machine: &Machine,
        pool: &Pool,
        progress: &mut dyn Progress,
    ) -> Result<Inferred, Error> {
        let vfs = machine.vfs.as_ref();
        let _lock = run_folder::lock(vfs, &self.folder)?;
        let claims = self.asked.claims().map(|file| (file.path.as_str(), file.text.as_bytes()));
        // The stored scenario has every value written out; which of them were set is known of the one at hand, which is the same otherwise.
        let before = Request { claims, ..*request };
        let mut store = Store::new(vfs, pool, &self.folder.join(run_folder::STATE), self.asked.run_id());
        inference::reweigh(request, &before, base, &mut store, machine, pool, progress)
    }
}

/// Parameters that the claims do not inform, and terms of the hazard of leaving that are held at a value.
fn not_identified(inferred: &Inferred, terms: &[Term]) -> Vec<String> {
    let held = terms.iter().filter(|term| term.held && term.verdict == Some(Verdict::NotIdentified));
    inferred.not_identified().into_iter().chain(held.map(|term| term.name.clone())).collect()
}

/// What an inference found, but for its sentences, forecast and place.
fn found(run_id: &str, scenario: &Scenario, inferred: &Inferred, data: &ReportData) -> InferOutcome {
    InferOutcome {
        run_id: run_id.to_owned(),
        scenario: scenario.name.clone(),
        digest: crate::io::section_file::hex(&inferred.digest),
        model_version: exitvoice_model::MODEL_VERSION.to_string(),
        scaled: scenario.is_scaled(),
        quantities: inferred.quantities.clone(),
        quantities_are: inferred.quantities_are().to_owned(),
        posterior: inference::prior_post(&data.parameters),
        desertions: data.inference.as_ref().map(|told| told.desertions.clone()),
        dated_claim: data.inference.as_ref().and_then(|told| told.dated_claim.clone()),
        as_of: None,
        claims: inferred.counts,
        notices: inferred.notices().to_vec(),
        reweighed: None,
        diagnostics: inferred.numbers.iter().cloned().collect(),
        not_identified: not_identified(inferred, &data.terms),
        predictive: inferred.predictive(),
        variants: inferred.variants.clone(),
        variance_shares: inferred.variance_shares.clone(),
        further_evidence: inferred.further.clone(),
        forecast: None,
        refusal: inferred.refusal.clone(),
        sentences: Vec::new(),
        seconds: 0.0,
        out: PathBuf::new(),
        found_complete: false,
    }
}

/// The command that repeats an inference.
fn command_line(options: &InferOptions, scenario: &Scenario) -> String {
    let mut words = vec![format!("exitvoice infer {}", shell::word(&options.scenario.scenario))];
    words.push(options.scenario.words(scenario));
    words.push(format!("--budget {}", scenario.infer.budget));
    words.extend(options.claims.as_ref().map(|path| format!("--claims {}", shell::path(path))));
    words.extend(options.as_of.map(|day| format!("--as-of {day}")));
    words.extend(options.predict_to.map(|day| format!("--predict-to {day}")));
    words.extend(options.reweight.as_ref().map(|folder| format!("--reweight {}", shell::path(folder))));
    words.join(" ")
}

impl Outcome for InferOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("keys are texts and every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = self.sentences.clone();
        if !self.not_identified.is_empty() {
            lines.push(format!("not identified by the claims: {}", self.not_identified.join(", ")));
        }
        lines.push(format!("{:.1} s, digest {}", self.seconds, self.digest.get(..12).unwrap_or(&self.digest)));
        lines.push(self.out.display().to_string());
        lines
    }

    fn exit_code(&self) -> i32 {
        if self.refusal.is_some() { 69 } else { 0 }
    }
}
