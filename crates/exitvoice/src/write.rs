//! Writes what every run folder has: the scenario as given and resolved, figures, report, ledger, README and `run.json`.

use crate::command::Error;
use crate::io::run_folder::RunFolder;
use crate::io::run_json::{Environment, Randomness, Resources, RunJson, RunStatus, SCHEMA, Software};
use crate::report::branches::BranchesData;
use crate::report::comparison::ComparisonData;
use crate::report::country::CountryData;
use crate::report::sweep::SweepData;
use crate::report::{self, Figure, Report, ReportData};
use crate::scenario::{FORMAT, Scenario, SourceText};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Identity of a run: first 12 hexadecimal digits of BLAKE3 over everything that determines its result.
#[must_use]
pub fn run_id(command: &str, scenario: &Scenario, inputs: &BTreeMap<String, String>) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(command.as_bytes());
    field(exitvoice_model::MODEL_VERSION.to_string().as_bytes());
    field(&scenario.canonical_bytes());
    let held = scenario.held_laws();
    if !held.is_empty() {
        field(format!("held {}", held.join(" ")).as_bytes());
    }
    for (name, hash) in inputs {
        field(name.as_bytes());
        field(hash.as_bytes());
    }
    hasher.finalize().to_hex().as_str()[..RUN_ID_DIGITS].to_owned()
}

/// Version of what is told beside the posterior, and of which rows are read: 2 since shares of variance are those of all parameters of a grade together;
/// 3 since a raised prior is simulated and sources are left out of all simulations where draws are too few (ADR 32); 4 since that is so below 200
/// draws, a Bayes factor tells what it rests on (ADR 33), one window has one reading, and forecasts have shares and eight prints.
const ANSWERS_VERSION: u32 = 4;

/// What stands in the command of whatever infers, for [`run_id`]: versions beside that of the model.
#[must_use]
pub fn inferring_versions() -> String {
    let (sampler, observers) = (exitvoice_infer::SAMPLER_VERSION, exitvoice_observe::OBSERVER_VERSION);
    format!("sampler={sampler} observers={observers} answers={ANSWERS_VERSION}")
}

const RUN_ID_DIGITS: usize = 12;

/// Hashes of the data that results rest on, by name.
#[must_use]
pub fn inputs(claims: Option<(&str, &[u8])>) -> BTreeMap<String, String> {
    let mut inputs = BTreeMap::new();
    let hex = |bytes: &[u8]| crate::io::section_file::hex(bytes);
    inputs.insert("demography".to_owned(), hex(&crate::data::demography_digest()));
    if let Some((name, bytes)) = claims {
        inputs.insert(format!("claims {name}"), blake3::hash(bytes).to_hex().to_string());
    }
    inputs
}

/// Renders the report and writes page, figures and the data behind them.
///
/// # Errors
/// The numbers contradict each other (a bug), or the file system refuses.
pub fn report(folder: &mut RunFolder<'_>, data: &ReportData) -> Result<Report, Error> {
    let report = report::render(data).map_err(Error::bug)?;
    folder.write("report.html", report.html.as_bytes())?;
    folder.write("brief.html", report.brief.as_bytes())?;
    figures(folder, &report.figures)?;
    let stored = serde_json::to_vec_pretty(data).map_err(Error::bug)?;
    folder.write("report.json", &stored)?;
    Ok(report)
}

/// Renders the report of a comparison and writes page, figures and the data behind them.
///
/// # Errors
/// The file system refuses.
pub fn comparison(folder: &mut RunFolder<'_>, data: &ComparisonData) -> Result<(), Error> {
    page(folder, data, report::comparison::render(data))
}

/// Renders the report of branches and writes page, figures and the data behind them.
///
/// # Errors
/// The file system refuses.
pub fn branches(folder: &mut RunFolder<'_>, data: &BranchesData) -> Result<(), Error> {
    page(folder, data, report::branches::render(data))
}

/// Renders the report of a sweep and writes page, figures and the data behind them.
///
/// # Errors
/// The file system refuses.
pub fn sweep(folder: &mut RunFolder<'_>, data: &SweepData) -> Result<(), Error> {
    page(folder, data, report::sweep::render(data))
}

/// Renders the page of a history and writes page, figures and the data behind them.
///
/// # Errors
/// The file system refuses.
pub fn country(folder: &mut RunFolder<'_>, data: &CountryData) -> Result<(), Error> {
    page(folder, data, report::country::render(data))
}

/// A page that was drawn, its figures, and the data from which `report` draws it again.
fn page(folder: &mut RunFolder<'_>, data: &impl Serialize, (html, drawn): (String, Vec<Figure>)) -> Result<(), Error> {
    folder.write("report.html", html.as_bytes())?;
    figures(folder, &drawn)?;
    let stored = serde_json::to_vec_pretty(data).map_err(Error::bug)?;
    folder.write("report.json", &stored)?;
    Ok(())
}

fn figures(folder: &mut RunFolder<'_>, figures: &[Figure]) -> Result<(), Error> {
    for figure in figures {
        let name = &figure.name;
        folder.write(&format!("figures/{name}.svg"), figure.svg_wide.as_bytes())?;
        folder.write(&format!("figures/{name}.narrow.svg"), figure.svg_narrow.as_bytes())?;
        folder.write(&format!("figures/{name}.csv"), figure.csv.as_bytes())?;
        folder.write(&format!("figures/{name}.vl.json"), figure.vega_lite.as_bytes())?;
    }
    Ok(())
}

/// Writes the scenario in both forms, the ledger and the README, which lists what has been written so far: comes last.
///
/// # Errors
/// The file system refuses.
pub fn scenario(
    folder: &mut RunFolder<'_>,
    source: &SourceText,
    scenario: &Scenario,
    ledger: &[Value],
    command: &str,
) -> Result<(), Error> {
    given_scenario(folder, "scenario.toml", source)?;
    folder.write("resolved.toml", scenario.resolved_toml().as_bytes())?;
    let mut lines = String::new();
    for line in ledger {
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    folder.write("ledger.jsonl", lines.as_bytes())?;
    let readme = readme(scenario, command, |file| file == "codebook.csv" || folder.holds(file));
    folder.write("README.md", readme.as_bytes())?;
    Ok(())
}

/// Writes a scenario as it was given, under a name of the folder.
///
/// # Errors
/// The file system refuses.
pub fn given_scenario(folder: &mut RunFolder<'_>, name: &str, source: &SourceText) -> Result<(), Error> {
    let bytes = source.text.as_bytes();
    match crate::data::scenario(&source.name) {
        Some(_) => folder.write(name, bytes)?,
        None => folder.write_given(name, &source.name, bytes)?,
    }
    Ok(())
}

/// A line of the ledger about a replicate that has a result: its number and digest; `resolved` is the file with its values.
#[must_use]
pub fn ledger_line((number, digest): (u32, &[u8; 32]), resolved: &str, command: String) -> Value {
    json!({
        "replicate": number,
        "status": "done",
        "error": null,
        "digest": crate::io::section_file::hex(digest),
        "resolved": resolved,
        "command": command,
    })
}

/// What a folder may hold and a reader may look for: the file by which it is known, and the words about it.
const CONTENTS: [(&str, &str); 9] = [
    ("report.html", "`report.html`: the report, self-contained; `report.json` all of its numbers"),
    ("brief.html", "`brief.html`: its main numbers on one page"),
    ("codebook.csv", "`tables/`: Parquet, described in `codebook.csv`"),
    ("report.html", "`figures/`: SVG with data (CSV) and Vega-Lite JSON"),
    ("scenario.toml", "`scenario.toml`, `resolved.toml`: as given, and every value with unit, origin and source"),
    ("sources.csv", "`sources.csv`: the facts that sources such as `CP002` name, with publisher, date and address"),
    ("forecast.csv", "`forecast.csv`: predictive intervals by quantity and month"),
    ("claims.csv", "`claims.csv`: claims of a file of yours"),
    ("ledger.jsonl", "`ledger.jsonl`: one line a replicate and country, none where nothing was replicated"),
];

/// Text of `README.md` of a folder that `holds` some files.
#[must_use]
pub fn readme(scenario: &Scenario, command: &str, holds: impl Fn(&str) -> bool) -> String {
    let (title, name, scale) = (scenario.heading(), &scenario.name, scenario.scale);
    let scaled = scenario.is_scaled();
    let contents: String =
        CONTENTS.iter().filter(|(file, _)| holds(file)).map(|(_, words)| format!("- {words}\n")).collect();
    format!(
        "# {title}\n\nA run of exitvoice on the scenario `{name}`. Every person in it is synthetic (`population = synthetic`); scaled = {scaled} \
         (scale {scale}).\n\nRepeat it with\n\n    {command}\n\n{contents}- `run.json`: versions, times, hashes of all files\n"
    )
}

/// What `run.json` says beside the hashes of the files.
pub struct About<'a> {
    /// Name of the folder.
    pub run_id: &'a str,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Command that repeats the run.
    pub command: &'a str,
    /// Replicates of the ensemble.
    pub replicates: u32,
    /// Digest of the record, hexadecimal.
    pub digest: &'a str,
    /// Hashes of the data.
    pub inputs: BTreeMap<String, String>,
    /// Digest of the country, hexadecimal.
    pub society: &'a str,
    /// Wall time by part.
    pub seconds: BTreeMap<String, f64>,
    /// When it began.
    pub started: String,
    /// Threads.
    pub threads: usize,
    /// Largest memory.
    pub peak_bytes: Option<u64>,
    /// What the command prints with `--json`.
    pub summary: Value,
}

/// `run.json`, without the hashes of the files.
///
/// # Errors
/// A value cannot be explained (a bug).
pub fn run_json(about: About<'_>) -> Result<RunJson, Error> {
    let rows = about.scenario.explain(None)?;
    let mut inputs = about.inputs;
    inputs.insert("society".to_owned(), about.society.to_owned());
    Ok(RunJson {
        schema: SCHEMA,
        population: "synthetic".to_owned(),
        status: RunStatus::Running,
        run_id: about.run_id.to_owned(),
        scenario: about.scenario.name.clone(),
        command: about.command.to_owned(),
        software: Software::this(),
        model_version: exitvoice_model::MODEL_VERSION.to_string(),
        format_version: FORMAT,
        randomness: Randomness::new(about.scenario.seed.0),
        scale: about.scenario.scale,
        scaled: about.scenario.is_scaled(),
        replicates: about.replicates,
        digest: about.digest.to_owned(),
        inputs,
        parents: Vec::new(),
        given: BTreeMap::new(),
        resolved: json!(rows),
        environment: Environment::this(about.threads),
        resources: Resources {
            started: about.started,
            finished: Some(crate::io::run_json::utc_now()),
            seconds: about.seconds,
            peak_bytes: about.peak_bytes,
        },
        summary: about.summary,
        files: BTreeMap::new(),
        seal: crate::io::run_json::unsealed(),
    })
}
