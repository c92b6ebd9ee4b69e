//! `compare A B`: paired differences of two scenarios under common draws.

mod decompose;

pub use decompose::Decomposition;
use decompose::SetRun;

use super::estimate::{BEFORE_WRITING, Estimate, Need, deployment_bytes, kept_bytes, need_of};
use super::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, Stage, complete_already, shell};
use crate::answers::Truth;
use crate::compare::shapley::Mechanism;
use crate::compare::{CellRate, Difference, Means, Pairing, Strata, Tallies, changed, compared, named, rates};
use crate::country::{self, Country};
use crate::deployment::{self, Replicate};
use crate::ensemble::{Ensemble, truths};
use crate::io::run_folder::{Existing, Opened, RunFolder, open};
use crate::io::run_json::{RunJson, utc_now};
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::report::comparison::{self, ComparisonData, SeriesPair};
use crate::report::societies::Of;
use crate::scenario::{Scenario, SourceText};
use crate::societies::{self, Sample};
use crate::sweep::state::{same_lives, unlike};
use crate::{fill, report, tables, write};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

/// Bytes of a replicate and day that a comparison keeps.
const BYTES_A_DAY: u64 = 1_680;

/// Options of `compare`.
#[derive(Clone, Debug)]
pub struct CompareOptions {
    /// A, with what is laid over both: `--set`, `--seed`, `--scale` and so on.
    pub a: ScenarioOptions,
    /// B: name or path.
    pub b: String,
    /// `--set-b`: laid over B only, after `--set`.
    pub set_b: Vec<String>,
    /// `--replicates`; those of A if absent.
    pub replicates: Option<u32>,
    /// `--mechanisms`: those between which what they do in A is shared out; none if empty.
    pub mechanisms: Vec<&'static Mechanism>,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// Wall time in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Seconds {
    /// Countries.
    pub history: f64,
    /// Deployments of both.
    pub deployment: f64,
    /// Tables, figures, report.
    pub write: f64,
}

/// What was found. Kept as `summary` in `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CompareOutcome {
    /// Name of the folder.
    pub run_id: String,
    /// Scenario A.
    pub a: String,
    /// Scenario B.
    pub b: String,
    /// How differences are taken: always `b - a`.
    pub direction: String,
    /// BLAKE3 over the records of both, and of every set of mechanisms, 64 hexadecimal digits.
    pub digest: String,
    /// As `m1.0`.
    pub model_version: String,
    /// Whether the country is smaller than life.
    pub scaled: bool,
    /// Share of the country that was simulated.
    pub scale: f64,
    /// Replicates of each scenario.
    pub replicates: u32,
    /// By quantity.
    pub differences: BTreeMap<String, Difference>,
    /// By quantity.
    pub means: BTreeMap<String, Means>,
    /// By quantity: variance of the paired difference over that of an unpaired one; null where nothing varies.
    pub variance_ratio: BTreeMap<String, Option<f64>>,
    /// By quantity: what pairing was worth.
    pub pairing: BTreeMap<String, Pairing>,
    /// By class and by third of hostage weight.
    pub rates: Vec<CellRate>,
    /// The same differences in several countries, where `--societies` asked for them.
    #[serde(default)]
    pub societies: Option<societies::Found>,
    /// What each of some mechanisms does in A; null where none was named.
    #[serde(default)]
    pub shapley: Option<Decomposition>,
    /// Wall time.
    pub seconds: Seconds,
    /// Values that differ: key, in A, in B.
    #[serde(default)]
    pub changed: Vec<[String; 3]>,
    /// Plain words, one sentence a line.
    pub sentences: Vec<String>,
    /// Path of `report.html`.
    pub report: PathBuf,
    /// The folder.
    pub out: PathBuf,
    /// Whether the comparison was there already and has been verified only.
    #[serde(default)]
    pub found_complete: bool,
}

/// Both scenarios, resolved.
struct Both {
    a: (SourceText, Scenario),
    b: (SourceText, Scenario),
}

fn resolve(options: &CompareOptions) -> Result<Both, Error> {
    let machine = &options.machine;
    let more: Vec<(&str, String)> = options.replicates.map(|n| ("run.replicates", n.to_string())).into_iter().collect();
    let alone = options.a.alone();
    let a = alone.resolve(machine, &more)?;
    alone.check_scale(&a)?;
    let mut set = options.a.set.clone();
    set.extend(options.set_b.iter().cloned());
    let other = ScenarioOptions { scenario: options.b.clone(), set, ..alone };
    let b = other.resolve(machine, &[("run.replicates", a.replicates.to_string())])?;
    let differs =
        |reason: String| Err(Error::NotComparable { a: options.a.scenario.clone(), b: options.b.clone(), reason });
    if let Some(reason) = unlike(&a, &b) {
        return differs(reason);
    }
    if a.society != b.society {
        return differs("their countries come from different sources, so that no life is in both".to_owned());
    }
    if a.replicates < 2 {
        return differs("a difference with an interval needs at least two replicates; use `--replicates`".to_owned());
    }
    Ok(Both { a: (options.a.source(machine)?, a), b: (other.source(machine)?, b) })
}

/// What a comparison would take.
///
/// # Errors
/// Scenarios or options are wrong.
pub fn estimate(options: &CompareOptions) -> Result<Estimate, Error> {
    Ok(need_everywhere(options, &resolve(options)?)?.on(&options.machine, &options.a.out))
}

/// Bytes of the deployments: both sides are kept whole until the tables are written.
fn deployments_bytes(both: &Both) -> u64 {
    let kept = [&both.a.1, &both.b.1].map(|s| kept_bytes(s, s.replicates, BYTES_A_DAY));
    deployment_bytes(&both.a.1, 0) + kept.into_iter().sum::<u64>()
}

fn need(options: &CompareOptions, both: &Both) -> Result<Need, Error> {
    let of = |scenario: &Scenario| need_of(scenario, 0, scenario.replicates, &options.machine);
    let (a, b) = (of(&both.a.1)?, of(&both.b.1)?);
    let same = country::cache_key(&both.a.1) == country::cache_key(&both.b.1);
    let histories = if same { a.histories } else { a.histories + b.histories };
    let built = if a.histories > 0 { country::history_seconds(&both.a.1) } else { 0.0 };
    let seconds = a.seconds + b.seconds - if same { built } else { 0.0 };
    let built_bytes = if histories > 0 { country::history_bytes(&both.a.1) } else { 0 };
    let kept_twice = if same && a.histories > 0 { country::extract_bytes(&both.a.1) } else { 0 };
    // Every set of the mechanisms but the full one, which is A.
    let more = decompose::more_sets(&options.mechanisms);
    Ok(Need {
        histories,
        deployments: a.deployments * (1 + more) + b.deployments,
        seconds: seconds + more as f64 * (a.seconds - built),
        peak_bytes: built_bytes.max(deployments_bytes(both)),
        disk_bytes: a.disk_bytes + b.disk_bytes - kept_twice,
    })
}

/// The same in all countries: the further ones are simulated before the first, without sets of mechanisms and tables.
fn need_everywhere(options: &CompareOptions, both: &Both) -> Result<Need, Error> {
    let mut all = need(options, both)?;
    let plain = CompareOptions { mechanisms: Vec::new(), ..options.clone() };
    for further in both.further(options)? {
        let more = need(&plain, &further)?;
        all = all.and(Need { disk_bytes: more.histories * country::extract_bytes(&further.a.1), ..more });
    }
    Ok(all)
}

impl Both {
    /// Both scenarios with the seeds of the further countries.
    fn further(&self, options: &CompareOptions) -> Result<Vec<Self>, Error> {
        let seeded =
            |(source, scenario): &(SourceText, Scenario), seed| (source.clone(), Scenario { seed, ..scenario.clone() });
        let all = societies::further(&options.a, &self.a.1)?.into_iter();
        Ok(all.map(|a| Self { b: seeded(&self.b, a.seed), a: (self.a.0.clone(), a) }).collect())
    }

    /// The country of A, and that of B where it is another.
    fn countries(
        &self,
        machine: &Machine,
        pool: &Pool,
        progress: &mut dyn Progress,
    ) -> Result<(Country, Option<Country>), Error> {
        let country = country::open(&self.a.1, machine, pool, progress)?;
        let same = country::cache_key(&self.a.1) == country::cache_key(&self.b.1);
        let other = if same { None } else { Some(country::open(&self.b.1, machine, pool, progress)?) };
        Ok((country, other))
    }
}

/// What further countries gave.
fn elsewhere(
    further: &[Both],
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Vec<Sample>, Error> {
    let mut all = Vec::with_capacity(further.len());
    for both in further {
        machine.stop.check()?;
        let (country, other) = both.countries(machine, pool, progress)?;
        let a = simulate(&both.a.1, &country, machine, pool, progress)?;
        let b = simulate(&both.b.1, other.as_ref().unwrap_or(&country), machine, pool, progress)?;
        let seconds = country.seconds + other.map_or(0.0, |o| o.seconds);
        all.push(Sample::of_pairs(both.a.1.seed, seconds, &a.replicates, &b.replicates));
    }
    Ok(all)
}

/// One side, simulated.
struct Side {
    replicates: Vec<Replicate>,
    truths: Vec<Truth>,
    tallies: Vec<Tallies>,
}

/// Compares two scenarios replicate by replicate.
///
/// # Errors
/// Wrong or unpaired input (64), too little memory (71), a signal (75), or files that cannot be written (73, 74).
pub fn compare(options: &CompareOptions, progress: &mut dyn Progress) -> Result<CompareOutcome, Error> {
    let (machine, started) = (&options.machine, utc_now());
    let both = resolve(options)?;
    // The country has a preflight of its own.
    machine.preflight(deployments_bytes(&both))?;
    let inputs = write::inputs(None);
    let name = format!("{}-vs-{}", both.a.1.name, both.b.1.name);
    let b_bytes = blake3::hash(&both.b.1.canonical_bytes()).to_hex();
    let named: Vec<&str> = options.mechanisms.iter().map(|m| m.name).collect();
    let identity = format!(
        "compare 3 with {b_bytes} named {} sharing out {}{}",
        both.b.1.name,
        named.join(" "),
        options.a.societies_words()
    );
    let run_id = write::run_id(&identity, &both.a.1, &inputs);
    let existing = if options.a.force { Existing::Replace } else { Existing::Keep };
    let mut folder = match open(machine.vfs.as_ref(), &options.a.out, &name, &run_id, existing)? {
        Opened::Complete(complete) => {
            let mut outcome: CompareOutcome = serde_json::from_value(complete.run.summary).map_err(Error::bug)?;
            outcome.found_complete = true;
            outcome.out.clone_from(&complete.folder);
            outcome.report = complete.folder.join("report.html");
            return Ok(outcome);
        }
        Opened::New(folder) => folder,
    };
    need_everywhere(options, &both)?.on(machine, &options.a.out).warn_of_disk(BEFORE_WRITING, progress);
    let (pool, clock) = (machine.pool()?, Instant::now());
    // Before the country of the comparison is there, so that one at a time is in memory.
    let mut societies = elsewhere(&both.further(options)?, machine, &pool, progress)?;
    let (country, other) = both.countries(machine, &pool, progress)?;
    let a = simulate(&both.a.1, &country, machine, &pool, progress)?;
    let b = simulate(&both.b.1, other.as_ref().unwrap_or(&country), machine, &pool, progress)?;
    let (shapley, sets) = decompose::decompose(options, (&both.a.1, &a.replicates), &country, &pool, progress)?;
    let here = country.seconds + other.as_ref().map_or(0.0, |o| o.seconds);
    let history = here + societies.iter().map(|sample| sample.history_seconds).sum::<f64>();
    let seconds = Seconds { history, deployment: clock.elapsed().as_secs_f64() - history, write: 0.0 };
    if !societies.is_empty() {
        societies.insert(0, Sample::of_pairs(both.a.1.seed, here, &a.replicates, &b.replicates));
    }
    let job = Job {
        options,
        both: &both,
        run_id: &run_id,
        country: &country,
        sets,
        societies,
        inputs,
        started,
        threads: pool.threads(),
    };
    let mut found = job.outcome(&a, &b, seconds, &folder);
    found.sentences.extend(shapley.iter().flat_map(comparison::shares_told));
    found.shapley = shapley;
    found.seconds.write = job.publish(&mut folder, &a, &b, &found, progress)?;
    let summary = found.to_json();
    folder.publish(job.run_json(&found, summary)?)?;
    Ok(found)
}

fn simulate(
    scenario: &Scenario,
    country: &Country,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Side, Error> {
    let base = deployment::force(scenario, country)?;
    let params = deployment::force_params(scenario)?;
    // Classes and thirds are those of the country that the soldiers come from.
    let strata = Strata::new(&country.extract);
    let ensemble = Ensemble { base: &base, params: &params, seed: scenario.seed, machine, pool };
    let mut tallies = Vec::with_capacity(scenario.replicates as usize);
    let mut keep = |records: Vec<(u32, exitvoice_record::Record)>| -> Result<(), Error> {
        tallies.extend(pool.map(records.len(), |i| strata.count(&records[i].1)));
        Ok(())
    };
    let replicates = ensemble.run(scenario.replicates, progress, &mut keep)?;
    Ok(Side { truths: truths(&replicates), replicates, tallies })
}

/// A comparison whose replicates are there.
struct Job<'a> {
    options: &'a CompareOptions,
    both: &'a Both,
    run_id: &'a str,
    country: &'a Country,
    /// Sets of mechanisms that were simulated beside A.
    sets: Vec<SetRun>,
    /// All countries, the first that of the comparison; none where there is no further one.
    societies: Vec<Sample>,
    inputs: BTreeMap<String, String>,
    started: String,
    threads: usize,
}

impl Job<'_> {
    fn outcome(&self, a: &Side, b: &Side, seconds: Seconds, folder: &RunFolder<'_>) -> CompareOutcome {
        let (first, second) = (&self.both.a.1, &self.both.b.1);
        let mut hasher = blake3::Hasher::new();
        for side in [a, b] {
            side.replicates.iter().for_each(|r| {
                hasher.update(&r.digest);
            });
        }
        self.sets.iter().flat_map(|set| &set.digests).for_each(|(_, digest)| {
            hasher.update(digest);
        });
        self.societies.iter().skip(1).flat_map(|sample| sample.digests.concat()).for_each(|digest| {
            hasher.update(&digest);
        });
        let found = compared(&a.replicates, &b.replicates);
        let out = folder.path().to_owned();
        let rows = comparison::rows(&found);
        let period = |scenario: &Scenario| [scenario.day_zero, scenario.last_day];
        let mut sentences: Vec<String> = comparison::periods_told(period(first), period(second)).into_iter().collect();
        sentences.extend(same_lives(first, second).then(|| comparison::NOTHING_CHANGED.to_owned()));
        sentences.extend(comparison::sentences(&rows));
        let societies = (!self.societies.is_empty()).then(|| societies::found(&self.societies));
        sentences.extend(societies.iter().flat_map(|found| report::societies::sentences(found, Of::Differences)));
        CompareOutcome {
            run_id: self.run_id.to_owned(),
            a: first.name.clone(),
            b: second.name.clone(),
            direction: "b - a".to_owned(),
            digest: hasher.finalize().to_hex().to_string(),
            model_version: exitvoice_model::MODEL_VERSION.to_string(),
            scaled: first.is_scaled(),
            scale: first.scale,
            replicates: first.replicates,
            differences: named(&found, |p| p.difference),
            means: named(&found, |p| p.means),
            variance_ratio: named(&found, |p| p.pairing.variance_ratio),
            pairing: named(&found, |p| p.pairing),
            rates: rates(&a.tallies, &b.tallies),
            societies,
            shapley: None,
            seconds,
            changed: changed(first, second),
            sentences,
            report: out.join("report.html"),
            out,
            found_complete: false,
        }
    }

    /// Command that repeats the comparison.
    fn command(&self) -> String {
        let (options, a) = (self.options, &self.both.a.1);
        let mut words =
            vec![format!("exitvoice compare {} {}", shell::word(&options.a.scenario), shell::word(&options.b))];
        words.push(options.a.words(a));
        words.push(format!("--replicates {}{}", a.replicates, options.a.societies_words()));
        words.extend(options.set_b.iter().map(|set| format!("--set-b {}", shell::word(set))));
        if !options.mechanisms.is_empty() {
            let named: Vec<&str> = options.mechanisms.iter().map(|m| m.name).collect();
            words.push(format!("--mechanisms {}", named.join(",")));
        }
        words.join(" ")
    }

    /// Command that repeats one replicate of A, or of B.
    fn repeat(&self, of_b: bool, number: u32, seed: Seed) -> String {
        let (options, a) = (self.options, &Scenario { seed, ..self.both.a.1.clone() });
        let scenario = shell::word(if of_b { &options.b } else { &options.a.scenario });
        let mut words =
            vec![format!("exitvoice run {scenario} --replicates {} --no-infer --record events", number + 1)];
        words.push(options.a.words(a));
        words.extend(options.set_b.iter().filter(|_| of_b).map(|set| format!("--set {}", shell::word(set))));
        words.join(" ")
    }

    fn report_data(&self, a: &Side, b: &Side, found: &CompareOutcome) -> ComparisonData {
        let (first, second) = (&self.both.a.1, &self.both.b.1);
        let totals = |side: &Side, scenario: &Scenario| {
            let everybody: Vec<&Truth> = side.truths.iter().collect();
            let even = vec![1.0; everybody.len()];
            fill::paths_of(scenario.day_zero, fill::Weighted { truths: &everybody, weights: &even })
        };
        let ((days, of_a), (other_days, of_b)) = (totals(a, first), totals(b, second));
        let series = of_a
            .into_iter()
            .zip(of_b)
            .map(|(a, b)| SeriesPair { name: a.name, label: a.label, a: a.bands, b: b.bands })
            .collect();
        ComparisonData {
            head: fill::head(first, self.run_id, &found.digest, first.replicates, &self.command()),
            b_scenario: second.name.clone(),
            b_title: second.heading().to_owned(),
            quantities: comparison::rows(&compared(&a.replicates, &b.replicates)),
            days,
            b_days: other_days,
            series,
            rates: found.rates.clone(),
            societies: found.societies.clone(),
            shapley: found.shapley.clone(),
            changed: found.changed.clone(),
            same: same_lives(first, second),
        }
    }

    /// Writes everything but `run.json`; gives the seconds that took.
    fn publish(
        &self,
        folder: &mut RunFolder<'_>,
        a: &Side,
        b: &Side,
        found: &CompareOutcome,
        progress: &mut dyn Progress,
    ) -> Result<f64, Error> {
        let clock = Instant::now();
        progress.event(Event::Began { stage: Stage::Write, of: None });
        write::comparison(folder, &self.report_data(a, b, found))?;
        let keys =
            |scenario: &Scenario| tables::Keys { run_id: self.run_id.to_owned(), scenario: scenario.name.clone() };
        let (first, second) = (&self.both.a, &self.both.b);
        let names = [first.1.name.as_str(), second.1.name.as_str()];
        for (side, (scenario, replicates)) in
            [(&first.1, &a.replicates), (&second.1, &b.replicates)].into_iter().enumerate()
        {
            let series = tables::series(&keys(scenario), scenario.day_zero, replicates);
            for table in [tables::runs(&keys(scenario), replicates), series] {
                folder.write_table_part(&of_side(table, names, side), side as u32)?;
            }
        }
        if !self.societies.is_empty() {
            folder.write_table(&societies::table(&keys(&first.1), &self.societies))?;
        }
        if let Some(shapley) = &found.shapley {
            folder.write_table(&shapley.table(&keys(&first.1)))?;
        }
        for (letter, (source, scenario)) in [("a", first), ("b", second)] {
            write::given_scenario(folder, &format!("scenario-{letter}.toml"), source)?;
            folder.write(&format!("resolved-{letter}.toml"), scenario.resolved_toml().as_bytes())?;
        }
        folder.write("ledger.jsonl", self.ledger(a, b).as_bytes())?;
        folder.write("README.md", self.readme(found).as_bytes())?;
        let seconds = clock.elapsed().as_secs_f64();
        progress.event(Event::Ended { stage: Stage::Write, seconds });
        Ok(seconds)
    }

    fn readme(&self, found: &CompareOutcome) -> String {
        let shares = if found.shapley.is_some() { "\n- `tables/shapley`: what each mechanism does in A" } else { "" };
        format!(
            "# `{}` against `{}`\n\nA comparison of exitvoice: {} replicates of scenario B ({}) against as many of scenario A ({}), under the \
             same draws; differences are B minus A. Every person in it is synthetic (`population = synthetic`); scaled = {} (scale \
             {}).\n\nRepeat it with\n\n    {}\n\n- `report.html`: the differences, self-contained; `report.json` all of them\n- `tables/runs`, \
             `tables/series`: Parquet, column `side` says a or b; described in `codebook.csv`{shares}\n- `figures/`: SVG with data (CSV) and \
             Vega-Lite JSON\n- `scenario-a.toml`, `scenario-b.toml`: as given; `resolved-a.toml`, `resolved-b.toml`: every value\n\
             - `ledger.jsonl`: one line a replicate, side and country, with its digest and the command that repeats it\n- `run.json`: versions, \
             times, hashes of all files\n",
            found.b,
            found.a,
            found.replicates,
            self.both.b.1.heading(),
            self.both.a.1.heading(),
            found.scaled,
            found.scale,
            self.command()
        )
    }

    /// A line for each replicate of both sides, and of every set of mechanisms.
    fn ledger(&self, a: &Side, b: &Side) -> String {
        let mut lines = Vec::new();
        for (resolved, side, of_b) in [("resolved-a.toml", a, false), ("resolved-b.toml", b, true)] {
            for replicate in &side.replicates {
                let command = self.repeat(of_b, replicate.number, self.both.a.1.seed);
                lines.push(write::ledger_line((replicate.number, &replicate.digest), resolved, command));
            }
        }
        for set in &self.sets {
            let off: String = set
                .off
                .iter()
                .map(|(key, value)| format!(" --set {}", shell::word(&format!("{key}={value}"))))
                .collect();
            let values: serde_json::Map<_, _> = set.off.iter().map(|(k, v)| ((*k).to_owned(), (*v).into())).collect();
            for (number, digest) in &set.digests {
                let command = self.repeat(false, *number, self.both.a.1.seed) + &off;
                let mut line = write::ledger_line((*number, digest), "resolved-a.toml", command);
                line["values"] = values.clone().into();
                lines.push(line);
            }
        }
        for (country, sample) in self.societies.iter().enumerate().skip(1) {
            for (side, resolved) in ["resolved-a.toml", "resolved-b.toml"].into_iter().enumerate() {
                let command = |number| self.repeat(side == 1, number, sample.seed);
                lines.extend(sample.ledger(country, side, resolved, command));
            }
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn run_json(self, found: &CompareOutcome, summary: serde_json::Value) -> Result<RunJson, Error> {
        let rows = self.both.b.1.explain(None)?;
        let about = write::About {
            run_id: self.run_id,
            scenario: &self.both.a.1,
            command: &self.command(),
            replicates: found.replicates,
            digest: &found.digest,
            inputs: self.inputs,
            society: &crate::io::section_file::hex(&self.country.digest),
            seconds: BTreeMap::from([
                ("history".to_owned(), found.seconds.history),
                ("deployment".to_owned(), found.seconds.deployment),
                ("write".to_owned(), found.seconds.write),
            ]),
            started: self.started,
            threads: self.threads,
            peak_bytes: self.options.machine.peak_bytes(),
            summary,
        };
        let mut run = write::run_json(about)?;
        run.scenario = format!("{}-vs-{}", found.a, found.b);
        run.resolved = serde_json::json!({ "a": run.resolved, "b": rows });
        Ok(run)
    }
}

/// A table of one side, with key columns that both sides share: the scenarios may have one name, the sides never do.
fn of_side(mut table: Table, names: [&str; 2], side: usize) -> Table {
    let rows = table.rows();
    let levels = if names[0] == names[1] { &names[..1] } else { &names[..] };
    if let Some(column) = table.columns.iter_mut().find(|c| c.name == "scenario") {
        column.data = ColumnData::category(levels, std::iter::repeat_n(Some(names[side]), rows));
    }
    let words = std::iter::repeat_n(Some(["a", "b"][side]), rows);
    let data = ColumnData::category(&["a", "b"], words);
    table
        .columns
        .insert(2, Column::new("side", "", "Side of the comparison: differences are b minus a", Role::Input, data));
    table
}

impl Outcome for CompareOutcome {
    fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("keys are texts and every number is finite")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = self.sentences.clone();
        if self.found_complete {
            lines.push(complete_already("This comparison was", "`--force` computes it"));
        }
        lines.extend(self.changed.iter().map(|[key, a, b]| format!("changed: {key} is {a} in A and {b} in B")));
        lines.push(format!(
            "{} against {} on {} replicates each, model {}, scaled = {}, digest {}",
            self.b,
            self.a,
            self.replicates,
            self.model_version,
            self.scaled,
            self.digest.get(..12).unwrap_or(&self.digest)
        ));
        lines.push(self.report.display().to_string());
        lines
    }
}
