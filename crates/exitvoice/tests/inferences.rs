//! Inferences that were stopped, damaged or asked again with other claims.

mod place;

use exitvoice::command::claims::{SimulateOptions, VerifyOptions, simulate_claims, verify_claims};
use exitvoice::command::infer::{InferOptions, InferOutcome, estimate, infer};
use exitvoice::command::resume::{ResumeOptions, resume};
use exitvoice::command::run::{RecordLevel, RunOptions, run};
use exitvoice::command::{Error, Event, Machine, Outcome, Progress, ScenarioOptions, Silent, Stop};
use exitvoice::io::run_folder::verify;
use exitvoice::io::run_json::FileHash;
use exitvoice::io::vfs::RealVfs;
use exitvoice_infer::SAMPLER_VERSION;
use exitvoice_observe::OBSERVER_VERSION;
use place::{Place, SMALL_WAR};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const BUDGET: u32 = 900;

/// The small war with its results below `out`. One scenario file serves all of a test: its path stands in the results.
fn options(place: &Place, out: &str, threads: usize) -> InferOptions {
    let scenario = place.options(&place.file("war.toml", SMALL_WAR), &[]);
    InferOptions {
        scenario: ScenarioOptions { out: place.folder.path().join(out), ..scenario },
        machine: place.machine(threads),
        claims: None,
        as_of: None,
        predict_to: None,
        budget: Some(BUDGET),
        reweight: None,
    }
}

/// Hashes of the result files.
fn files(folder: &Path) -> BTreeMap<String, FileHash> {
    verify(&RealVfs, folder).expect("complete").run.files
}

/// Asks for a stop when so many simulations are done, and notes warnings.
struct Until {
    simulations: u64,
    stop: Stop,
    warnings: Vec<String>,
}

impl Progress for Until {
    fn event(&mut self, event: Event) {
        match event {
            Event::Advanced { done } if done >= self.simulations => self.stop.request(),
            Event::Warning(words) => self.warnings.push(words),
            _ => {}
        }
    }
}

/// Stops an inference after some simulations; the folder of its state.
fn stopped(place: &Place, out: &str, simulations: u64) -> PathBuf {
    let stop = Stop::default();
    let machine = Machine { stop: stop.clone(), ..place.machine(2) };
    let options = InferOptions { machine, ..options(place, out, 2) };
    let error = infer(&options, &mut Until { simulations, stop, warnings: Vec::new() }).expect_err("stopped");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0763", 75));
    let runs = std::fs::read_dir(place.folder.path().join(out).join("small-war")).expect("a folder").flatten();
    let unfinished = runs.map(|e| e.path()).find(|p| p.join(".state/inference.json").is_file());
    unfinished.expect("a state stays")
}

fn segments(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder.join(".state")).expect("a state").flatten().map(|e| e.path());
    let mut found: Vec<PathBuf> = all.filter(|p| p.extension().is_some_and(|e| e == "bin")).collect();
    found.sort();
    found
}

fn go_on(
    folder: &Path,
    place: &Place,
    threads: usize,
    progress: &mut dyn Progress,
) -> Result<serde_json::Value, Error> {
    let options = ResumeOptions { folder: folder.to_owned(), machine: place.machine(threads) };
    Ok(resume(&options, progress)?.to_json())
}

fn whole() -> (Place, InferOutcome) {
    let place = Place::new();
    let outcome = infer(&options(&place, "whole", 1), &mut Silent).expect("runs");
    (place, outcome)
}

#[test]
fn a_stopped_inference_goes_on_to_the_same_bytes_whatever_stopped_it_and_on_any_threads() {
    let (place, reference) = whole();
    let expected = files(&reference.out);
    for (simulations, threads) in [(1, 3), (300, 1), (700, 2)] {
        let folder = stopped(&place, &format!("stopped-{simulations}"), simulations);
        let held = segments(&folder).len();
        assert!(held > 0, "something was kept");
        let early = InferOptions { reweight: Some(folder.clone()), ..options(&place, "early", 1) };
        let error = infer(&early, &mut Silent).expect_err("not ended");
        assert_eq!(
            (error.code().as_str(), error.exit_code(), segments(&folder).len()),
            ("EV0798", 64, held),
            "{error}"
        );
        let json = go_on(&folder, &place, threads, &mut Silent).expect("goes on");
        assert_eq!(json["digest"], reference.digest.as_str());
        assert_eq!((&json["planned"], &json["failed"]), (&BUDGET.into(), &0.into()));
        assert_eq!(files(&folder), expected, "stopped at {simulations}");
        assert!(segments(&folder).len() > held, "the bank stays and has grown");
        let again = go_on(&folder, &place, 1, &mut Silent).expect("nothing is missing");
        assert_eq!((&again["found_complete"], &again["digest"]), (&true.into(), &json["digest"]));
    }
}

#[test]
fn damage_to_the_bank_is_named_and_its_part_simulated_again() {
    let (place, reference) = whole();
    let folder = stopped(&place, "damaged", 500);
    let all = segments(&folder);
    assert!(all.len() > 1, "{all:?}");
    let mut bytes = std::fs::read(&all[0]).expect("readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&all[0], &bytes).expect("written");
    let last = std::fs::read(&all[1]).expect("readable");
    std::fs::write(&all[1], &last[..last.len() - 9]).expect("written");
    let mut heard = Until { simulations: u64::MAX, stop: Stop::default(), warnings: Vec::new() };
    go_on(&folder, &place, 2, &mut heard).expect("goes on");
    let again: Vec<&String> = heard.warnings.iter().filter(|words| words.contains("simulated again")).collect();
    assert_eq!(again.len(), 2, "{:?}", heard.warnings);
    for (words, path) in again.into_iter().zip(&all) {
        let name = path.file_name().expect("a name").to_string_lossy();
        assert!(words.contains(&*name), "{words}");
    }
    assert_eq!(files(&folder), files(&reference.out));
}

#[test]
fn what_was_begun_with_other_values_is_refused_field_by_field() {
    let place = Place::new();
    let folder = stopped(&place, "changed", 1);
    place.file("war.toml", &SMALL_WAR.replace("120 persons", "110 persons"));
    let error = go_on(&folder, &place, 1, &mut Silent).expect_err("another war");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0783", 64));
    assert!(error.to_string().contains("waves.all was 120 persons and is 110 persons"), "{error}");
    place.file("war.toml", SMALL_WAR);
    let path = folder.join(".state/inference.json");
    // A file from before samplers had versions is of the first.
    let sealed = std::fs::read_to_string(&path).expect("readable");
    let mut asked: serde_json::Value = serde_json::from_str(sealed.lines().nth(1).expect("two lines")).expect("JSON");
    for version in ["sampler", "observers"] {
        assert!(asked.as_object_mut().expect("an object").remove(version).is_some());
    }
    let older = asked.to_string();
    std::fs::write(&path, format!("{}\n{older}\n", blake3::hash(older.as_bytes()).to_hex())).expect("written");
    let error = go_on(&folder, &place, 1, &mut Silent).expect_err("another sampler");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0783", 64));
    assert!(error.to_string().contains(&format!("sampler was 1 and is {SAMPLER_VERSION}")), "{error}");
    assert!(error.to_string().contains(&format!("observers was 1 and is {OBSERVER_VERSION}")), "{error}");
    std::fs::write(&path, sealed).expect("written");
    let mut text = std::fs::read(&path).expect("readable");
    text[100] ^= 1;
    std::fs::write(&path, &text).expect("written");
    let error = go_on(&folder, &place, 1, &mut Silent).expect_err("damaged");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0782", 65));
    // The command itself knows what was asked, and finds its simulations.
    let outcome = infer(&options(&place, "changed", 2), &mut Silent).expect("goes on");
    assert_eq!(outcome.out, folder);
}

#[test]
fn a_stopped_inference_goes_on_where_its_scenario_and_its_claims_are_gone() {
    let place = Place::new();
    let file = claims(&place, |row| (!row.contains("prisoners")).then(|| row.to_owned()));
    let with = |out: &str| InferOptions { claims: Some(file.clone()), ..options(&place, out, 2) };
    let reference = infer(&with("whole"), &mut Silent).expect("runs");
    let stop = Stop::default();
    let machine = Machine { stop: stop.clone(), ..place.machine(2) };
    let mut until = Until { simulations: 200, stop, warnings: Vec::new() };
    let error = infer(&InferOptions { machine, ..with("stopped") }, &mut until).expect_err("stopped");
    assert_eq!(error.exit_code(), 75);
    let folder = place.folder.path().join("stopped/small-war").join(&reference.run_id);
    let war = place.folder.path().join("war.toml");
    for gone in [&war, &file] {
        std::fs::remove_file(gone).expect("removed");
    }
    let json = go_on(&folder, &place, 1, &mut Silent).expect("goes on");
    assert_eq!(json["digest"], reference.digest.as_str());
    assert_eq!(files(&folder), files(&reference.out));
    // The command itself has nothing to fall back on.
    assert_eq!(infer(&with("else"), &mut Silent).expect_err("a file is gone").exit_code(), 64);
}

#[test]
fn a_stopped_run_goes_on_with_its_inference() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let go = |out: &str, stop: &Stop, progress: &mut dyn Progress| {
        let scenario = place.options(&war, &["infer.budget=600"]);
        let options = RunOptions {
            scenario: ScenarioOptions { out: place.folder.path().join(out), ..scenario },
            machine: Machine { stop: stop.clone(), ..place.machine(2) },
            replicates: Some(2),
            infer: true,
            record: RecordLevel::Series,
        };
        run(&options, progress)
    };
    let reference = go("whole", &Stop::default(), &mut Silent).expect("runs");
    let stop = Stop::default();
    let mut until = Until { simulations: 200, stop: stop.clone(), warnings: Vec::new() };
    assert_eq!(go("stopped", &stop, &mut until).expect_err("stopped").exit_code(), 75);
    let folder = place.folder.path().join("stopped/small-war").join(&reference.run_id);
    assert!(!segments(&folder).is_empty());
    let json = go_on(&folder, &place, 1, &mut Silent).expect("goes on");
    assert_eq!(json["digest"], reference.digest.as_str());
    assert_eq!(files(&folder), files(&reference.out));
}

#[test]
fn claims_of_a_simulated_world_can_be_inferred_from() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    for seed in 1..=6 {
        let scenario = place.options(&war, &[&format!("run.seed={seed}")]);
        let asked = SimulateOptions { scenario, machine: place.machine(2) };
        let simulated = simulate_claims(&asked, &mut Silent).expect("simulates");
        let text = std::fs::read_to_string(&simulated.claims).expect("readable");
        assert!(text.lines().any(|row| row.contains(",interval,")), "{text}");
        for row in text.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            // Rows that the scenario is built from are the published ones.
            assert_eq!(cells[0].starts_with("SIM-"), !["sent", "present"].contains(&cells[1]), "{row}");
        }
        let truth = std::fs::read_to_string(&simulated.truth).expect("readable");
        let truth: serde_json::Value = serde_json::from_str(&truth).expect("JSON");
        let counted = text.lines().find(|row| row.contains(",prisoners,exact,")).expect("a count");
        let counted: f64 = counted.split(',').nth(4).expect("a value").parse().expect("a number");
        assert!(counted <= truth["quantities"]["prisoners_alive"].as_f64().expect("a number"), "seed {seed}");
        let again = InferOptions { claims: Some(simulated.claims), ..options(&place, "again", 2) };
        let found = estimate(&again, &mut Silent);
        assert!(found.is_ok(), "seed {seed}: {:?}", found.err().map(|e| e.to_string()));
        let nowhere = InferOptions { reweight: Some(place.folder.path().join("nowhere")), ..again };
        assert_eq!(estimate(&nowhere, &mut Silent).expect_err("no bank").code(), "EV0791");
    }
}

#[test]
fn a_day_of_publication_after_the_last_day_lets_nothing_more_be_observed() {
    // The war ends on 28 February; nothing that is used was published in the week after it.
    let place = Place::new();
    let on = |day: &str| {
        let as_of = Some(exitvoice_core::time::Day::parse(day).expect("a date"));
        infer(&InferOptions { as_of, ..options(&place, "views", 2) }, &mut Silent).expect("runs")
    };
    let [last, next, week] = ["2025-02-28", "2025-03-01", "2025-03-07"].map(on);
    assert_ne!(last.run_id, next.run_id);
    for later in [&next, &week] {
        assert_eq!(later.digest, last.digest);
        assert_eq!(later.quantities, last.quantities);
        assert_eq!((later.claims.used, later.claims.inputs), (last.claims.used, last.claims.inputs));
    }
}

/// The coded claims of the shipped set, with some rows changed.
fn claims(place: &Place, change: impl Fn(&str) -> Option<String>) -> PathBuf {
    let text = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
    let (head, rows) = text.split_once('\n').expect("a header");
    let rows: Vec<String> = rows.lines().filter_map(change).collect();
    PathBuf::from(place.file("changed.csv", &format!("{head}\n{}\n", rows.join("\n"))))
}

#[test]
fn a_million_rows_of_claims_are_refused_before_a_country_is_built() {
    let place = Place::new();
    let header = include_str!("../data/evidence/claims-kursk-2024-coded.csv").lines().next().expect("a header");
    let file = place.file("million.csv", &format!("{header}\n{}", "x\n".repeat(1_000_000)));
    // A scenario whose country would be built and kept, a small one.
    let scenario = ScenarioOptions { scale: Some(0.002), ..place.options("kursk-2024", &[]) };
    let asked = InferOptions { scenario, claims: Some(PathBuf::from(file)), ..options(&place, "million", 2) };
    let error = infer(&asked, &mut Silent).expect_err("too many rows");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0773", 71));
    assert!(error.to_string().contains("1000000 rows of claims in "), "{error}");
    assert_eq!(estimate(&asked, &mut Silent).expect_err("too many rows").exit_code(), 71);
    for made in ["cache", "results"] {
        assert!(!place.folder.path().join(made).exists(), "{made}");
    }
}

#[test]
fn a_claims_file_changed_since_it_was_sealed_is_warned_of_before_anything_is_inferred() {
    let place = Place::new();
    let (plain, sealed) = (claims(&place, |row| Some(row.to_owned())), place.folder.path().join("sealed.csv"));
    let asked = VerifyOptions { file: plain, seal: Some(sealed.clone()), machine: place.machine(1) };
    verify_claims(&asked).expect("sealed");
    let file = PathBuf::from(place.file("people.csv", "id,soldier_name\nA1,X\n"));
    let copy = place.folder.path().join("people-sealed.csv");
    let error = verify_claims(&VerifyOptions { file, seal: Some(copy.clone()), ..asked }).expect_err("about persons");
    assert_eq!((error.code().as_str(), error.exit_code(), copy.exists()), ("EV0303", 64, false));
    let text = std::fs::read_to_string(&sealed).expect("readable");
    let warned = |text: &str| {
        let stop = Stop::default();
        let machine = Machine { stop: stop.clone(), ..place.machine(2) };
        let file = PathBuf::from(place.file("sealed.csv", text));
        let options = InferOptions { machine, claims: Some(file), ..options(&place, "sealed", 2) };
        let mut heard = Until { simulations: 1, stop, warnings: Vec::new() };
        assert_eq!(infer(&options, &mut heard).expect_err("stopped").exit_code(), 75);
        heard.warnings.into_iter().filter(|words| words.contains("provenance chain")).collect::<Vec<_>>()
    };
    assert!(warned(&text).is_empty());
    let edited = text.replacen("DP049,casualties,about,,3800", "DP049,casualties,about,,38000", 1);
    let [words] = &warned(&edited)[..] else { panic!("one warning") };
    assert!(words.contains("row `DP049` edited"), "{words}");
    let cut: Vec<&str> = text.lines().collect();
    let [words] = &warned(&format!("{}\n", cut[..cut.len() - 2].join("\n")))[..] else { panic!("one warning") };
    assert!(words.contains("row `numbers 80 to 81 of 81` deleted"), "{words}");
}

#[test]
fn simulations_are_weighted_again_for_other_claims_and_refused_for_another_world() {
    let (place, reference) = whole();
    let bank = Some(reference.out.clone());
    let again = |changed: InferOptions| infer(&InferOptions { reweight: bank.clone(), ..changed }, &mut Silent);
    let same = again(options(&place, "again", 2)).expect("weighted again");
    assert_ne!(same.run_id, reference.run_id, "weights from the importance draws are an answer of their own");
    assert_eq!(same.claims, reference.claims);
    // What is weighed again has moved no chain.
    let accepted = |o: &InferOutcome| o.diagnostics.contains_key("acceptance");
    assert!(accepted(&reference) && !accepted(&same), "{:?}", same.diagnostics);
    let simulations = |o: &InferOutcome| o.diagnostics["simulations"];
    assert!((simulations(&same) - simulations(&reference)).abs() < 0.5);
    // The same claims from the importance draws: a second estimate of the same evidence.
    let [a, b] = [&same, &reference].map(|o| (o.diagnostics["ln_evidence"], o.diagnostics["ln_evidence_se"]));
    assert!((a.0 - b.0).abs() < 4.0 * (a.1 * a.1 + b.1 * b.1).sqrt(), "{a:?} {b:?}");
    // Without prisoners nothing is said of captures: the posterior is wider there.
    let fewer = claims(&place, |row| (!row.contains("prisoners")).then(|| row.to_owned()));
    let other = again(InferOptions { claims: Some(fewer), ..options(&place, "again", 1) }).expect("weighted again");
    assert!(other.claims.used < same.claims.used);
    assert_ne!(other.digest, same.digest);
    let kept = verify(&RealVfs, &other.out).expect("complete").run;
    assert_eq!(kept.parents, std::slice::from_ref(&reference.run_id));
    assert_eq!(kept.given.keys().collect::<Vec<_>>(), ["claims.csv", "scenario.toml"]);
    let told = exitvoice::command::verify::VerifyOptions {
        folder: other.out,
        sample: exitvoice::command::verify::Sample::All,
        machine: place.machine(1),
    };
    let told = exitvoice::command::verify::verify(&told, &mut Silent).expect("verified");
    assert_eq!((told.planned, told.done, told.failed), (0, 0, 0));
    let said = told.text().join("\n");
    assert!(said.contains(&kept.command) && said.contains(&kept.digest), "how it is computed again: {said}");
    let elsewhere = options(&place, "again", 1);
    place.file("war.toml", &SMALL_WAR.replace("120 persons", "99 persons"));
    let error = again(elsewhere).expect_err("another war");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0783", 64));
    let nowhere = InferOptions { reweight: Some(place.folder.path().to_owned()), ..options(&place, "again", 1) };
    let error = infer(&nowhere, &mut Silent).expect_err("no bank");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0791", 64));
}

/// What the report says, as JSON.
fn told(outcome: &InferOutcome) -> serde_json::Value {
    let text = std::fs::read_to_string(outcome.out.join("report.json")).expect("a report");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn rows_of_a_file_of_the_user_are_told_as_they_stand_there_with_what_is_odd_about_them() {
    let place = Place::new();
    let changed = claims(&place, |row| match row.split(',').next() {
        // Left out for its date, whatever it says.
        Some("DP001") => Some(row.replace("exact,,6,", "about,,8,")),
        // And a copy of it with another number.
        Some("DP056") => Some(format!("{row}\n{}", row.replace("DP056", "DP956").replace(",300,", ",900,"))),
        _ => Some(row.to_owned()),
    });
    let found = infer(&InferOptions { claims: Some(changed), ..options(&place, "own", 2) }, &mut Silent).expect("runs");
    let report = told(&found);
    let claims = &report["inference"]["claims"];
    let rows = claims["not_modelled"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["id"] == "DP001").expect("left out");
    assert_eq!((&row["form"], &row["value"]), (&"about".into(), &8.0.into()), "{row}");
    assert!(row["url"].is_null(), "a link that the file does not have: {row}");
    assert_eq!(claims["notices"], serde_json::to_value(&found.notices).expect("texts"));
    let named = |words: &str| found.notices.iter().any(|notice| notice.contains(words));
    assert!(named("no raw rows") && named("DP956 contradicts DP056"), "{:?}", found.notices);
}

#[test]
fn a_prior_far_from_the_sampled_one_is_the_same_whatever_the_budget() {
    let place = Place::new();
    let before = |budget: u32| {
        let asked = InferOptions { budget: Some(budget), ..options(&place, "priors", 2) };
        let report = told(&infer(&asked, &mut Silent).expect("runs"));
        let settings = report["inference"]["desertions"]["settings"].as_array().expect("settings").clone();
        let of =
            |row: &serde_json::Value| (row["median_per_1000_years"].as_f64().expect("a rate"), row["prior"].clone());
        settings.iter().map(of).collect::<Vec<_>>()
    };
    let raised = |all: &[(f64, serde_json::Value)]| {
        let above = all.iter().filter(|(rate, _)| *rate > 10.0).map(|(_, prior)| prior.clone());
        above.collect::<Vec<_>>()
    };
    let few = before(400);
    assert_eq!(raised(&few).len(), 2, "silence counted and ignored");
    assert_eq!(raised(&few), raised(&before(BUDGET)));
    // Ten times the rate: of few rare events ten times as many, and of most somewhat fewer.
    let mean = |rate: fn(f64) -> bool| few.iter().find(|(r, _)| rate(*r)).and_then(|(_, prior)| prior["mean"].as_f64());
    let ratio = mean(|r| r > 10.0).zip(mean(|r| (1.0..10.0).contains(&r))).map(|(raised, sampled)| raised / sampled);
    assert!(ratio.is_some_and(|ratio| (2.0..20.0).contains(&ratio)), "{ratio:?}");
}

#[test]
fn a_law_held_at_its_default_is_another_run_and_no_bank_for_the_law_itself() {
    let (place, reference) = whole();
    let war = place.file("war.toml", SMALL_WAR);
    let held = |out: &str| {
        let scenario = place.options(&war, &["observe.delay.third=5 d"]);
        let scenario = ScenarioOptions { out: place.folder.path().join(out), ..scenario };
        InferOptions { scenario, ..options(&place, out, 2) }
    };
    let other = infer(&held("whole"), &mut Silent).expect("runs");
    assert!(other.run_id != reference.run_id && other.digest != reference.digest);
    let error = infer(&InferOptions { reweight: Some(reference.out), ..held("again") }, &mut Silent).expect_err("held");
    assert_eq!(error.code(), "EV0783");
    assert!(error.to_string().contains("laws held at a value was  and is observe.delay.third"), "{error}");
}
