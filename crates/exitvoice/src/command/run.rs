//! `run`: history (from the cache if there), ensemble, inference where the scenario has claims, report.

use super::estimate::{BEFORE_WRITING, BYTES_A_DAY, Estimate, Need, deployment_bytes, kept_bytes, need_of};
use super::unfinished::{Asked, What, with_resume_note};
use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, Stage, complete_already, shell};
use crate::answers::{Measured, QUANTITIES, Truth, summarise};
use crate::country::{self, Country};
use crate::ensemble::{Ensemble, truths};
use crate::inference::{self, Inferred, Request, Store};
use crate::io::run_folder::{Opened, RunFolder, open};
use crate::io::run_json::utc_now;
use crate::report::societies::{Of, sentences as societies_told};
use crate::report::{Measure, Quantiles, Refusal, ReportData};
use crate::scenario::{Scenario, SocietySource, SourceText};
use crate::societies::{self, Sample};
use crate::{deployment, fill, tables, write};
use exitvoice_core::parallel::Pool;
use exitvoice_model::force::ForceBase;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// What is kept of every replicate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordLevel {
    /// Daily counts.
    #[default]
    Series,
    /// Daily counts and all events.
    Events,
    /// Everything that the record has.
    Full,
}

impl RecordLevel {
    /// The level of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Series, Self::Events, Self::Full].into_iter().find(|level| level.word() == word)
    }

    /// Word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Events => "events",
            Self::Full => "full",
        }
    }
}

/// Options of `run`.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
    /// `--replicates`.
    pub replicates: Option<u32>,
    /// Not `--no-infer`.
    pub infer: bool,
    /// `--record`.
    pub record: RecordLevel,
}

/// Wall time of the parts of a run, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Building the country, or reading it from the cache.
    pub history: f64,
    /// Simulating the force.
    pub deployment: f64,
    /// Inference.
    pub infer: f64,
    /// Tables, figures, report.
    pub write: f64,
}

/// Prior and posterior of one parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PriorPost {
    /// Before the claims.
    pub prior: Quantiles,
    /// After the claims; null where the inference was refused.
    pub post: Option<Quantiles>,
    /// `not identified`, `shifted, not narrowed`, or empty.
    pub verdict: String,
    /// What the numbers measure; `None` in results of earlier programs.
    #[serde(default)]
    pub measure: Option<Measure>,
}

/// How many claim rows there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimCounts {
    /// Rows that enter the likelihood.
    pub used: u32,
    /// Rows that the scenario itself was built from.
    pub inputs: u32,
    /// Rows that are not modelled, each with a reason in the report.
    pub not_modelled: u32,
    /// Clusters of the rows used.
    pub clusters: u32,
    /// Rows published after the as-of day: ignored.
    #[serde(default)]
    pub after_as_of: u32,
}

/// What a run found. Kept as `summary` in `run.json`, so that a run met again tells the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunOutcome {
    /// Name of the run folder.
    pub run_id: String,
    /// Scenario.
    pub scenario: String,
    /// Digest of the canonical record, 64 hexadecimal digits.
    pub digest: String,
    /// As `m1.0`.
    pub model_version: String,
    /// Whether the country is smaller than life.
    pub scaled: bool,
    /// Share of the country that was simulated.
    pub scale: f64,
    /// Wall time.
    pub seconds: Seconds,
    /// Deployments simulated.
    pub replicates: u32,
    /// Answers by name: after the claims where there are any, else before.
    pub quantities: BTreeMap<String, Quantiles>,
    /// What control costs those who do not leave, by name, over the replicates at the values of the scenario: no claim speaks of it.
    #[serde(default)]
    pub costs: BTreeMap<String, Quantiles>,
    /// What `quantities` are: `posterior`, `prior` where the inference was refused, or `replicates` at the values of the scenario.
    #[serde(default)]
    pub quantities_are: String,
    /// Parameters that were inferred, by key.
    pub posterior: BTreeMap<String, PriorPost>,
    /// Null in a scenario without claims.
    pub claims: Option<ClaimCounts>,
    /// The same scenario in several countries, where `--societies` asked for them; numbers are those of its values, before any claim.
    #[serde(default)]
    pub societies: Option<societies::Found>,
    /// Why the inference refuses its result, if it does.
    pub refusal: Option<Refusal>,
    /// Plain-word summary, one sentence or notice a line.
    pub sentences: Vec<String>,
    /// Path of `report.html`.
    pub report: PathBuf,
    /// The run folder.
    pub out: PathBuf,
    /// Whether the run was there already and has been verified only.
    #[serde(default)]
    pub found_complete: bool,
}

/// Replicates whose events make one part of the table.
const EVENTS_PART: usize = 16;

/// What a run would take.
///
/// # Errors
/// Scenario or options are wrong.
pub fn estimate(options: &RunOptions) -> Result<Estimate, Error> {
    let scenario = resolve(options)?;
    let inputs = inputs(options, &scenario)?;
    let run_id = run_id(options, &scenario, &inputs);
    let inferred = if infers(options, &scenario) { u64::from(scenario.infer.budget) } else { 0 };
    let need = need(options, &scenario, inferred)?;
    let estimate = need.on(&options.machine, &options.scenario.out);
    estimate.unless_complete(&options.scenario, &scenario.name, &run_id, &options.machine)
}

/// The same of a run in all its countries: the further ones are simulated before the first, and no tables are written of them.
fn need(options: &RunOptions, scenario: &Scenario, inferred: u64) -> Result<Need, Error> {
    let mut need = need_of(scenario, inferred, scenario.replicates, &options.machine)?;
    if inferred > 0 {
        need = need.with_answers(scenario, None, &options.machine);
    }
    for further in societies::further(&options.scenario, scenario)? {
        let more = need_of(&further, 0, scenario.replicates, &options.machine)?;
        need = need.and(Need { disk_bytes: more.histories * country::extract_bytes(&further), ..more });
    }
    Ok(need)
}

fn resolve(options: &RunOptions) -> Result<Scenario, Error> {
    let more: Vec<(&str, String)> = options.replicates.map(|n| ("run.replicates", n.to_string())).into_iter().collect();
    let scenario = options.scenario.alone().resolve(&options.machine, &more)?;
    options.scenario.check_scale(&scenario)?;
    Ok(scenario)
}

/// Runs a scenario: country, ensemble, inference, report.
///
/// # Errors
/// Wrong input (64), too little memory (71), a signal (75), or files that cannot be written (73, 74). An inference that refuses its
/// result is no error: the outcome carries the refusal and exits with 69.
pub fn run(options: &RunOptions, progress: &mut dyn Progress) -> Result<RunOutcome, Error> {
    let (machine, started) = (&options.machine, utc_now());
    let source = options.scenario.source(machine)?;
    let scenario = resolve(options)?;
    let inferring = infers(options, &scenario);
    let simulations = if inferring { u64::from(scenario.infer.budget) } else { 0 };
    // The country has a preflight of its own.
    machine.preflight(
        deployment_bytes(&scenario, simulations) + kept_bytes(&scenario, scenario.replicates, BYTES_A_DAY),
    )?;
    let command = command_line(options, &scenario);
    let inputs = inputs(options, &scenario)?;
    let run_id = run_id(options, &scenario, &inputs);
    let further = societies::further(&options.scenario, &scenario)?;
    let mut folder = match open(
        machine.vfs.as_ref(),
        &options.scenario.out,
        &scenario.name,
        &run_id,
        options.scenario.existing(),
    )? {
        Opened::Complete(complete) => {
            let mut outcome: RunOutcome = serde_json::from_value(complete.run.summary).map_err(Error::bug)?;
            outcome.found_complete = true;
            outcome.out.clone_from(&complete.folder);
            outcome.report = complete.folder.join("report.html");
            return Ok(outcome);
        }
        Opened::New(folder) => folder,
    };
    need(options, &scenario, simulations)?.on(machine, &options.scenario.out).warn_of_disk(BEFORE_WRITING, progress);
    if scenario.is_scaled() && matches!(scenario.society, SocietySource::History) {
        let share = scenario.scale;
        progress.event(Event::Note(format!("scaled = true: the country is simulated at {share} of its size")));
    }
    let pool = machine.pool()?;
    // Before the country of the run is there, so that one at a time is in memory.
    let clock = Instant::now();
    let further = elsewhere(&further, machine, &pool, progress)?;
    let built = further.iter().map(|sample| sample.history_seconds).sum::<f64>();
    let before = Seconds { history: built, deployment: clock.elapsed().as_secs_f64() - built, ..Seconds::default() };
    let country = country::open(&scenario, machine, &pool, progress)?;
    let job = Job {
        options,
        scenario: &scenario,
        country: &country,
        further,
        before,
        pool: &pool,
        run_id: &run_id,
        command: &command,
    };
    let parts = job.simulate(&mut folder, &source, progress)?;
    job.publish(*folder, parts, &source, inputs, started, progress)
}

/// The scenario in further countries.
fn elsewhere(
    further: &[Scenario],
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Vec<Sample>, Error> {
    let mut all = Vec::with_capacity(further.len());
    for scenario in further {
        machine.stop.check()?;
        let country = country::open(scenario, machine, pool, progress)?;
        let (base, params) = (deployment::force(scenario, &country)?, deployment::force_params(scenario)?);
        let ensemble = Ensemble { base: &base, params: &params, seed: scenario.seed, machine, pool };
        let replicates = ensemble.run(scenario.replicates, progress, &mut |_| Ok(()))?;
        all.push(Sample::of_run(scenario.seed, country.seconds, &replicates));
    }
    Ok(all)
}

/// Files that a run reads.
fn inputs(options: &RunOptions, scenario: &Scenario) -> Result<BTreeMap<String, String>, Error> {
    let claims = if options.infer { inference::claims_bytes(scenario)? } else { None };
    Ok(write::inputs(claims.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()))))
}

/// Whether a run has claims to infer from, and is to.
const fn infers(options: &RunOptions, scenario: &Scenario) -> bool {
    options.infer && scenario.claims.is_some()
}

/// Name of the folder of a run.
fn run_id(options: &RunOptions, scenario: &Scenario, inputs: &BTreeMap<String, String>) -> String {
    let versions = if infers(options, scenario) { format!(" {}", write::inferring_versions()) } else { String::new() };
    let societies = options.scenario.societies_words();
    let command = format!("run infer={} record={}{versions}{societies}", options.infer, options.record.word());
    write::run_id(&command, scenario, inputs)
}

/// Scenario and inputs of a run.
pub(super) fn asked_of(options: &RunOptions) -> Result<(Scenario, BTreeMap<String, String>), Error> {
    let scenario = resolve(options)?;
    let inputs = inputs(options, &scenario)?;
    Ok((scenario, inputs))
}

/// The command that repeats a run.
fn command_line(options: &RunOptions, scenario: &Scenario) -> String {
    let mut words = vec!["exitvoice run".to_owned(), shell::word(&options.scenario.scenario)];
    words.push(options.scenario.words(scenario));
    let (replicates, record) = (scenario.replicates, options.record.word());
    words.push(format!("--replicates {replicates} --record {record}{}", options.scenario.societies_words()));
    if !options.infer {
        words.push("--no-infer".to_owned());
    }
    words.join(" ")
}

/// A run whose country is open.
struct Job<'a> {
    options: &'a RunOptions,
    scenario: &'a Scenario,
    country: &'a Country,
    /// What further countries gave.
    further: Vec<Sample>,
    /// How long they took.
    before: Seconds,
    pool: &'a Pool,
    run_id: &'a str,
    command: &'a str,
}

/// What the simulations gave.
struct Parts {
    base: ForceBase,
    replicates: Vec<deployment::Replicate>,
    truths: Vec<Truth>,
    inferred: Option<Inferred>,
    /// All countries, the first that of the run; none where there is no further one.
    societies: Vec<Sample>,
    digest: String,
    seconds: Seconds,
}

impl Job<'_> {
    fn simulate(
        &self,
        folder: &mut RunFolder<'_>,
        source: &SourceText,
        progress: &mut dyn Progress,
    ) -> Result<Parts, Error> {
        let (scenario, machine) = (self.scenario, &self.options.machine);
        let base = deployment::force(scenario, self.country)?;
        let params = deployment::force_params(scenario)?;
        let started = Instant::now();
        let keys = self.keys();
        let with_events = self.options.record != RecordLevel::Series;
        let mut part = 0;
        let mut keep = |records: Vec<(u32, exitvoice_record::Record)>| -> Result<(), Error> {
            for records in records.chunks(EVENTS_PART).filter(|_| with_events) {
                folder.write_table_part(&tables::events(&keys, scenario.day_zero, records), part)?;
                part += 1;
            }
            Ok(())
        };
        let ensemble = Ensemble { base: &base, params: &params, seed: scenario.seed, machine, pool: self.pool };
        let replicates = ensemble.run(scenario.replicates, progress, &mut keep)?;
        let deployment = started.elapsed().as_secs_f64();
        let started = Instant::now();
        let inferred = if infers(self.options, scenario) {
            let request = Request { scenario, claims: None, as_of: None, budget: None };
            let state = folder.state(self.options.scenario.existing())?;
            let what = What::Run { replicates: self.options.replicates, record: self.options.record.word().to_owned() };
            let vfs = machine.vfs.as_ref();
            let inputs = inputs(self.options, scenario)?;
            Asked::new(&self.options.scenario, source, scenario, what, &inputs, self.run_id).write(vfs, &state)?;
            let mut store = Store::new(vfs, self.pool, &state, self.run_id);
            let found = inference::infer(&request, &base, Some(&mut store), machine, self.pool, progress);
            Some(with_resume_note(found, folder.path(), progress)?)
        } else {
            None
        };
        let seconds = Seconds {
            history: self.before.history + self.country.seconds,
            deployment: self.before.deployment + deployment,
            infer: if inferred.is_some() { started.elapsed().as_secs_f64() } else { 0.0 },
            write: 0.0,
        };
        let mut hasher = blake3::Hasher::new();
        for replicate in &replicates {
            hasher.update(&replicate.digest);
        }
        if let Some(inferred) = &inferred {
            hasher.update(&inferred.digest);
        }
        let mut societies = self.further.clone();
        if !societies.is_empty() {
            societies.insert(0, Sample::of_run(scenario.seed, self.country.seconds, &replicates));
        }
        for digest in self.further.iter().flat_map(|sample| sample.digests.concat()) {
            hasher.update(&digest);
        }
        let digest = hasher.finalize().to_hex().to_string();
        Ok(Parts { base, truths: truths(&replicates), replicates, inferred, societies, digest, seconds })
    }

    fn tables(&self, folder: &mut RunFolder<'_>, parts: &Parts) -> Result<(), Error> {
        let (keys, first, replicates) = (self.keys(), self.scenario.day_zero, &parts.replicates);
        folder.write_table(&tables::runs(&keys, replicates))?;
        folder.write_table(&tables::series(&keys, first, replicates))?;
        folder.write_table(&tables::units(&keys, &parts.base))?;
        folder.write_table(&tables::kin(&keys, &parts.base, &self.country.extract))?;
        folder.write_table(&tables::home::families(&keys, first, replicates))?;
        folder.write_table(&tables::home::ledger(&keys, first, replicates))?;
        if !parts.societies.is_empty() {
            folder.write_table(&societies::table(&keys, &parts.societies))?;
        }
        match &parts.inferred {
            Some(inferred) => inferred.write_tables(folder, &keys),
            None => Ok(()),
        }
    }

    fn keys(&self) -> tables::Keys {
        tables::Keys { run_id: self.run_id.to_owned(), scenario: self.scenario.name.clone() }
    }

    fn publish(
        &self,
        mut folder: RunFolder<'_>,
        parts: Parts,
        source: &SourceText,
        inputs: BTreeMap<String, String>,
        started: String,
        progress: &mut dyn Progress,
    ) -> Result<RunOutcome, Error> {
        let clock = Instant::now();
        progress.event(Event::Began { stage: Stage::Write, of: None });
        let scenario = self.scenario;
        let data = self.report_data(&parts);
        let report = write::report(&mut folder, &data)?;
        self.tables(&mut folder, &parts)?;
        let ledger = self.ledger(&parts);
        write::scenario(&mut folder, source, scenario, &ledger, self.command)?;
        let mut seconds = parts.seconds;
        seconds.write = clock.elapsed().as_secs_f64();
        let outcome = self.outcome(&parts, &data, seconds, report.summary, folder.path().to_owned());
        let about = write::About {
            run_id: self.run_id,
            scenario,
            command: self.command,
            replicates: scenario.replicates,
            digest: &parts.digest,
            inputs,
            society: &crate::io::section_file::hex(&self.country.digest),
            seconds: BTreeMap::from([
                ("history".to_owned(), seconds.history),
                ("deployment".to_owned(), seconds.deployment),
                ("infer".to_owned(), seconds.infer),
                ("write".to_owned(), seconds.write),
            ]),
            started,
            threads: self.pool.threads(),
            peak_bytes: self.options.machine.peak_bytes(),
            summary: outcome.to_json(),
        };
        folder.publish(write::run_json(about)?)?;
        progress.event(Event::Ended { stage: Stage::Write, seconds: seconds.write });
        Ok(outcome)
    }

    /// A line for each replicate, those of further countries last.
    fn ledger(&self, parts: &Parts) -> Vec<serde_json::Value> {
        const RESOLVED: &str = "resolved.toml";
        let repeat = |seed, number: u32| {
            format!(
                "exitvoice run {} {} --replicates {} --no-infer --record full",
                shell::word(&self.options.scenario.scenario),
                self.options.scenario.words(&Scenario { seed, ..self.scenario.clone() }),
                number + 1
            )
        };
        let line = |r: &deployment::Replicate| {
            write::ledger_line((r.number, &r.digest), RESOLVED, repeat(self.scenario.seed, r.number))
        };
        let further = (1..).zip(&self.further).flat_map(|(k, sample)| {
            let seed = sample.seed;
            sample.ledger(k, 0, RESOLVED, move |number| repeat(seed, number))
        });
        parts.replicates.iter().map(line).chain(further).collect()
    }

    fn report_data(&self, parts: &Parts) -> ReportData {
        let scenario = self.scenario;
        let everybody: Vec<&Truth> = parts.truths.iter().collect();
        let even = vec![1.0; everybody.len()];
        let ensemble = fill::Weighted { truths: &everybody, weights: &even };
        let head = fill::head(scenario, self.run_id, &parts.digest, scenario.replicates, self.command);
        let (assumptions, files) = (fill::assumptions(scenario), fill::files(scenario));
        let data = match &parts.inferred {
            Some(inferred) => inferred.report(scenario, head, assumptions, files),
            None => ReportData {
                head,
                exits: Vec::new(),
                force: fill::force(scenario.day_zero, ensemble, None),
                terms: fill::terms_at_values(scenario),
                parameters: fill::parameters(scenario, None),
                inference: None,
                forecast: None,
                societies: None,
                assumptions,
                files,
            },
        };
        let societies = (!parts.societies.is_empty()).then(|| societies::found(&parts.societies));
        ReportData { societies, exits: fill::exits(&parts.replicates), ..data }
    }

    fn outcome(
        &self,
        parts: &Parts,
        data: &ReportData,
        seconds: Seconds,
        mut sentences: Vec<String>,
        out: PathBuf,
    ) -> RunOutcome {
        sentences.extend(data.societies.iter().flat_map(|found| societies_told(found, Of::Values)));
        let quantities = match &parts.inferred {
            Some(inferred) => inferred.quantities.clone(),
            None => {
                let even = vec![1.0; parts.replicates.len()];
                let read = |m: Measured| parts.replicates.iter().map(|r| m.of(r)).collect::<Vec<f64>>();
                let known = QUANTITIES.iter().map(Measured::Quantity);
                known.filter_map(|m| Some((m.name().to_owned(), summarise(&even, &read(m))?))).collect()
            }
        };
        RunOutcome {
            run_id: self.run_id.to_owned(),
            scenario: self.scenario.name.clone(),
            digest: parts.digest.clone(),
            model_version: exitvoice_model::MODEL_VERSION.to_string(),
            scaled: self.scenario.is_scaled(),
            scale: self.scenario.scale,
            seconds,
            replicates: self.scenario.replicates,
            quantities,
            costs: data.costs().map(|answer| (answer.name.clone(), answer.prior)).collect(),
            quantities_are: parts.inferred.as_ref().map_or("replicates", Inferred::quantities_are).to_owned(),
            posterior: parts.inferred.as_ref().map(|_| inference::prior_post(&data.parameters)).unwrap_or_default(),
            claims: parts.inferred.as_ref().map(|i| i.counts),
            societies: data.societies.clone(),
            refusal: data.inference.as_ref().and_then(|i| i.refusal.clone()),
            sentences,
            report: out.join("report.html"),
            out,
            found_complete: false,
        }
    }
}

impl Outcome for RunOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("keys are texts and every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = self.sentences.clone();
        if self.found_complete {
            lines.push(complete_already("This run was", "`--force` computes it"));
        }
        let Seconds { history, deployment, infer, write } = self.seconds;
        lines.push(format!(
            "run {} of {}, model {}, digest {}; history {history:.1} s, deployment {deployment:.1} s, inference {infer:.1} s, \
             writing {write:.1} s",
            self.run_id,
            self.scenario,
            self.model_version,
            self.digest.get(..12).unwrap_or(&self.digest),
        ));
        lines.push(self.report.display().to_string());
        lines
    }

    fn exit_code(&self) -> i32 {
        if self.refusal.is_some() { 69 } else { 0 }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn example() -> RunOutcome {
        let q = Quantiles { q025: 0.0, q05: 0.0, q25: 1.0, q50: 4.0, q75: 9.0, q95: 30.0, q975: 44.0, mean: 7.5 };
        RunOutcome {
            run_id: "0123456789ab".to_owned(),
            scenario: "kursk-2024".to_owned(),
            digest: "ab".repeat(32),
            model_version: "m1.0".to_owned(),
            scaled: true,
            scale: 0.3,
            seconds: Seconds::default(),
            replicates: 100,
            quantities: BTreeMap::from([("desertions".to_owned(), q)]),
            costs: BTreeMap::new(),
            quantities_are: "posterior".to_owned(),
            posterior: BTreeMap::from([(
                "exit.attempt.base".to_owned(),
                PriorPost { prior: q, post: None, verdict: String::new(), measure: Some(Measure::Factor) },
            )]),
            societies: None,
            claims: Some(ClaimCounts { used: 25, inputs: 13, not_modelled: 43, clusters: 17, after_as_of: 0 }),
            refusal: None,
            sentences: vec!["About 4 soldiers deserted.".to_owned()],
            report: PathBuf::from("results/kursk-2024/0123456789ab/report.html"),
            out: PathBuf::from("results/kursk-2024/0123456789ab"),
            found_complete: false,
        }
    }

    #[test]
    fn the_object_has_the_keys_of_the_contract_and_the_last_line_is_the_report() {
        let outcome = example();
        let json = outcome.to_json();
        for key in [
            "run_id",
            "digest",
            "model_version",
            "scaled",
            "seconds",
            "replicates",
            "quantities",
            "posterior",
            "claims",
            "report",
            "out",
        ] {
            assert!(json.get(key).is_some(), "{key}");
        }
        for key in ["q025", "q05", "q25", "q50", "q75", "q95", "q975", "mean"] {
            assert!(json["quantities"]["desertions"].get(key).is_some(), "{key}");
        }
        for key in ["history", "deployment", "infer", "write"] {
            assert!(json["seconds"].get(key).is_some(), "{key}");
        }
        assert!(json["posterior"]["exit.attempt.base"].get("post").is_some());
        assert_eq!(outcome.text().last().map(String::as_str), Some("results/kursk-2024/0123456789ab/report.html"));
        let again: RunOutcome = serde_json::from_value(json.clone()).expect("its own layout");
        assert_eq!(again.to_json(), json);
    }

    #[test]
    fn a_refused_inference_exits_with_its_own_code() {
        let refusal = Some(Refusal { reason: "ESS 12 is below 200".to_owned(), budget: Some(40_000) });
        assert_eq!(RunOutcome { refusal, ..example() }.exit_code(), 69);
        assert_eq!(example().exit_code(), 0);
    }
}
