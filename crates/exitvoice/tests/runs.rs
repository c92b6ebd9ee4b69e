//! Whole runs through the facade, on the embedded small country: digests, edge cases, refusals.

mod place;

use exitvoice::command::history::{HistoryOptions, history};
use exitvoice::command::infer::{InferOptions, InferOutcome};
use exitvoice::command::report::ReportOptions;
use exitvoice::command::resume::ResumeOptions;
use exitvoice::command::run::{RecordLevel, RunOptions, RunOutcome};
use exitvoice::command::{Day, Error, Event, Machine, Outcome, Progress, ScenarioOptions, Silent, Stage};
use exitvoice::inference::forecast::ForecastRow;
use exitvoice::io::run_folder::verify;
use exitvoice::io::vfs::RealVfs;
use exitvoice::report::{Further, Variant};
use place::{Place, SMALL_WAR};
use std::path::{Path, PathBuf};

#[test]
fn the_digest_of_a_run_with_inference_does_not_depend_on_threads() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let one = place.run(&war, &[], 1, true).expect("runs");
    for threads in [2, 3, 8] {
        let many = place.run(&war, &[], threads, true).expect("runs");
        assert_eq!(one.digest, many.digest, "{threads} threads");
        assert_eq!(one.run_id, many.run_id);
    }
    let other = place.run(&war, &["run.seed=2"], 2, true).expect("runs");
    assert_ne!(one.digest, other.digest);
}

#[test]
fn result_files_are_equal_byte_for_byte_on_repetition() {
    let (first, second) = (Place::new(), Place::new());
    let files = |place: &Place| {
        let outcome = place.run("toy-squad", &[], 2, false).expect("runs");
        let run = verify(&RealVfs, &outcome.out).expect("complete").run;
        run.files
    };
    assert_eq!(files(&first), files(&second));
}

#[test]
fn a_complete_run_is_verified_and_told_again() {
    let place = Place::new();
    let options = RunOptions {
        scenario: place.options("toy-squad", &[]),
        machine: place.machine(1),
        replicates: Some(3),
        infer: true,
        record: RecordLevel::Events,
    };
    let first = exitvoice::command::run::run(&options, &mut Silent).expect("runs");
    let again = exitvoice::command::run::run(&options, &mut Silent).expect("verified");
    assert!(!first.found_complete && again.found_complete);
    assert_eq!(first.digest, again.digest);
    assert!(first.out.join("tables/events/part-0.parquet").is_file());
    let resumed = ResumeOptions { folder: first.out.clone(), machine: place.machine(1) };
    let resume = || exitvoice::command::resume::resume(&resumed, &mut Silent);
    let nothing_missing = resume().expect("verified").to_json();
    let counts = ["planned", "done", "failed"].map(|key| nothing_missing[key].as_u64());
    assert_eq!(
        (counts, nothing_missing["digest"].as_str()),
        ([Some(3), Some(3), Some(0)], Some(first.digest.as_str()))
    );
    assert_eq!(nothing_missing["quantities"], first.to_json()["quantities"]);
    for cost in ["kin_punished_total", "innocents_hit_total"] {
        let q = first.costs[cost];
        assert!(0.0 <= q.q05 && q.q05 <= q.q95, "{cost}");
    }
    let told = first.sentences.join("\n");
    for said in
        ["Soldiers who deserted", "Attempts to desert", "Relatives at home who were penalised", "had planned nothing"]
    {
        assert!(told.contains(said), "{said} in {told}");
    }
    let again = resume().expect("verified").text().concat();
    let root = place.folder.path().display().to_string();
    assert!(again.contains("--out") && again.contains(&root), "{again}");
    let moved = place.folder.path().join("elsewhere");
    std::fs::rename(&first.out, &moved).expect("moved");
    let options_moved = ResumeOptions { folder: moved.clone(), ..resumed.clone() };
    let found = exitvoice::command::resume::resume(&options_moved, &mut Silent).expect("verified").to_json();
    assert_eq!(found["out"].as_str(), moved.to_str());
    std::fs::rename(&moved, &first.out).expect("moved back");
    std::fs::write(first.out.join("report.html"), "changed").expect("written");
    let damaged = exitvoice::command::run::run(&options, &mut Silent).expect_err("damaged");
    assert_eq!(damaged.exit_code(), 65);
    assert_eq!(resume().err().map(|error| error.exit_code()), Some(65));
    // Page and figures come from the numbers that the run stored: drawn again, every hash holds.
    std::fs::remove_file(first.out.join("figures/force.svg")).expect("removed");
    let report = ReportOptions { folder: first.out.clone(), machine: place.machine(1) };
    exitvoice::command::report::report(&report, &mut Silent).expect("drawn again");
    assert!(exitvoice::command::run::run(&options, &mut Silent).expect("verified").found_complete);
    std::fs::write(first.out.join("report.json"), "{}").expect("written");
    let damaged = exitvoice::command::report::report(&report, &mut Silent).expect_err("nothing to draw from");
    assert_eq!(damaged.exit_code(), 65);
}

#[test]
fn an_estimate_looks_at_what_is_there() {
    let place = Place::new();
    let options = |claims: Option<String>| InferOptions {
        scenario: place.options(&place.file("war.toml", SMALL_WAR), &[]),
        machine: place.machine(1),
        claims: claims.map(PathBuf::from),
        as_of: None,
        predict_to: None,
        budget: Some(600),
        reweight: None,
    };
    let estimate = exitvoice::command::infer::estimate(&options(None), &mut Silent).expect("an estimate");
    // An embedded country is neither built nor cached; 500 deployments show the raised prior, and a forecast goes on from 1,000 draws.
    assert_eq!((estimate.need.histories, estimate.need.deployments, estimate.complete), (0, 600 + 500, false));
    let further = InferOptions { predict_to: Day::parse("2025-04-30").ok(), ..options(None) };
    let estimate = exitvoice::command::infer::estimate(&further, &mut Silent).expect("an estimate");
    assert_eq!(estimate.need.deployments, 600 + 500 + 1_000);
    let wrong = place.file("wrong.csv", "id,name\nX,Y\n");
    assert_eq!(
        exitvoice::command::infer::estimate(&options(Some(wrong)), &mut Silent).expect_err("told now").exit_code(),
        64
    );
    let run = RunOptions {
        scenario: place.options("toy-squad", &[]),
        machine: place.machine(1),
        replicates: Some(2),
        infer: true,
        record: RecordLevel::Series,
    };
    exitvoice::command::run::run(&run, &mut Silent).expect("runs");
    let again = exitvoice::command::run::estimate(&run).expect("an estimate");
    assert!(again.complete && again.need.deployments == 0);
}

#[test]
fn without_claims_the_posterior_is_the_prior() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let header = include_str!("../data/evidence/claims-kursk-2024-coded.csv").lines().next().expect("a header");
    let none = place.file("none.csv", &format!("{header}\n"));
    let outcome = place.infer(&war, Some(&none), 2_000).expect("runs");
    assert_eq!(outcome.claims.used, 0);
    assert!(outcome.refusal.is_none());
    for (key, row) in &outcome.posterior {
        let post = row.post.expect("a posterior");
        // The posterior holds prior draws; the prior column is the exact law. Median of 500 draws: its rank lies within
        // the middle half of the law but for eleven standard errors.
        let inside = row.prior.q25 <= post.q50 && post.q50 <= row.prior.q75;
        assert!(inside, "{key}: {post:?} against {:?}", row.prior);
    }
    let unknown = |key: &String| outcome.not_identified.contains(key);
    assert!(outcome.posterior.keys().all(unknown), "nothing is identified by no claims: {:?}", outcome.not_identified);
    // Nor are the terms of the hazard of leaving that are held at a value.
    let held: Vec<&String> =
        outcome.not_identified.iter().filter(|key| !outcome.posterior.contains_key(*key)).collect();
    assert_eq!(held.len(), 9, "{held:?}");
    assert!(held.iter().all(|key| key.starts_with("exit.attempt.")), "{held:?}");
    let said = outcome.sentences.join(" ");
    assert!(said.contains("No row of the claims can be used") && said.contains("silence is ignored"), "{said}");
    // A first number of casualties says most of them; everybody knows how many were sent, so that number says nothing: a share of nothing
    // errs by sqrt(2 x 19) / 1000 = .006 in twenty groups of a thousand draws.
    let share = |evidence: &str| {
        let row = |r: &&Further| r.quantity == "casualties_total" && r.evidence.starts_with(evidence);
        outcome.further_evidence.iter().find(row).expect("a row").share
    };
    assert!(share("third parties: casualties") > 0.3, "{}", share("third parties: casualties"));
    assert!(share("third parties: sent") < 0.05, "{}", share("third parties: sent"));
    // Nothing is scored, silence neither: announcements are news.
    assert!(announcements(&outcome) > 0);
    let ranked = outcome.further_evidence.chunk_by(|a, b| a.quantity == b.quantity);
    assert!(ranked.into_iter().all(|rows| rows.is_sorted_by(|a, b| a.share >= b.share)));
}

#[test]
fn an_exact_count_without_noise_gives_that_count_and_says_nothing_of_desertions() {
    let place = Place::new();
    let text = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
    let header = text.lines().next().expect("a header");
    let row = "X1,prisoners,exact,,2,,,2025-02-28,2025-02-28,dprk,ua_president,official,x1,A,1,yes,,,,";
    let claims = place.file("prisoners.csv", &format!("{header}\n{row}\n"));
    let war =
        place.file("war.toml", &SMALL_WAR.replace("set = \"kursk-2024\"", "set = \"kursk-2024\"\ncomplete = false"));
    let options = InferOptions {
        scenario: place.options(&war, &["observe.announcements.prisoner=1"]),
        machine: place.machine(2),
        claims: Some(PathBuf::from(claims)),
        as_of: None,
        predict_to: None,
        budget: Some(2_000),
        reweight: None,
    };
    let outcome = exitvoice::command::infer::infer(&options, &mut Silent).expect("runs");
    // No refusal: the count rests on 200 effective deployments at least, each of which has it.
    assert!(outcome.refusal.is_none() && outcome.claims.used == 1, "{:?}", outcome.refusal);
    let prisoners = outcome.quantities["prisoners_alive"];
    let ends = [prisoners.q025, prisoners.mean, prisoners.q975];
    assert!(ends.iter().all(|x| (x - 2.0).abs() < 1e-9), "{prisoners:?}");
    for parameter in ["exit.attempt.base_rate", "exit.attempt.hostage_effect", "force.advance_party"] {
        assert!(outcome.not_identified.iter().any(|key| key == parameter), "{parameter}: {:?}", outcome.not_identified);
    }
}

/// Rows of further evidence that are announcements of deserters.
fn announcements(outcome: &InferOutcome) -> usize {
    outcome.further_evidence.iter().filter(|row| row.evidence.contains("desertions announced")).count()
}

#[test]
fn announcements_are_no_further_evidence_where_silence_was_scored() {
    let place = Place::new();
    let text = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
    // One number that fits a small war leaves enough simulations for a posterior.
    let kept: Vec<&str> = text.lines().filter(|l| l.starts_with("id,") || l.starts_with("DP049,")).collect();
    let claims = place.file("claims.csv", &(kept.join("\n").replacen("3800", "30", 1) + "\n"));
    let further = |silence: &str| {
        let set = format!("set = \"kursk-2024\"\ncomplete = {silence}");
        let war = place.file("war.toml", &SMALL_WAR.replace("set = \"kursk-2024\"", &set));
        let outcome = place.infer(&war, Some(&claims), 2_000).expect("runs");
        assert!(outcome.refusal.is_none() && outcome.claims.used == 1, "{:?}", outcome.refusal);
        assert!(!outcome.further_evidence.is_empty());
        // Four questions, without the source and without the grade: nothing is dropped.
        let left_out = outcome.variants.iter().filter_map(|row| row.left_out.as_ref());
        assert_eq!(left_out.filter(|row| row.sd_with > 0.0).count(), 8, "{:?}", outcome.variants);
        // Every answer stands beside the simulations that it rests on, and none rests on fewer than fifty.
        // Few of 600 draws are left of a posterior of this size: every simulation is weighed.
        assert!(outcome.variants.iter().filter_map(|row| row.left_out.as_ref()).any(|row| row.from_all));
        let rests = |row: &Variant| row.effective_draws.is_some_and(|n| n >= 50.0) == row.posterior.is_some();
        assert!(outcome.variants.iter().all(rests), "{:?}", outcome.variants);
        let page = std::fs::read_to_string(outcome.out.join("report.html")).expect("a page");
        assert!(page.contains("Effective simulations"));
        assert!(page.contains("Variance before the claims by grade of evidence"));
        announcements(&outcome)
    };
    assert_eq!(further("true"), 0);
    assert!(further("false") > 0);
}

#[test]
fn rows_that_contradict_one_another_are_named_before_anything_is_simulated() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let text = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
    let row = text.lines().find(|line| line.starts_with("DP049,")).expect("a row of casualties");
    let other = row.replacen("DP049,", "X1,", 1).replacen("3800", "9000", 1);
    assert!(other.contains("9000"), "{other}");
    let claims = place.file("two.csv", &format!("{text}{other}\n"));
    let options = InferOptions {
        scenario: place.options(&war, &[]),
        machine: place.machine(2),
        claims: Some(PathBuf::from(claims)),
        as_of: None,
        predict_to: None,
        budget: Some(600),
        reweight: None,
    };
    let mut heard = Warnings(Vec::new());
    exitvoice::command::infer::infer(&options, &mut heard).expect("runs");
    let named = |w: &&String| w.contains("X1 contradicts DP049") && w.contains("9000 against 3800");
    assert_eq!(heard.0.iter().filter(named).count(), 1, "{:?}", heard.0);
}

struct Warnings(Vec<String>);

impl Progress for Warnings {
    fn event(&mut self, event: Event) {
        if let Event::Warning(words) = event {
            self.0.push(words);
        }
    }
}

#[test]
fn a_parameter_that_is_set_is_held_and_not_inferred() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let options = InferOptions {
        scenario: place.options(&war, &["exit.attempt.hostage_effect=0"]),
        machine: place.machine(2),
        claims: None,
        as_of: None,
        predict_to: None,
        budget: Some(600),
        reweight: None,
    };
    let outcome = exitvoice::command::infer::infer(&options, &mut Silent).expect("runs");
    assert!(!outcome.posterior.contains_key("exit.attempt.hostage_effect"));
    assert!(outcome.posterior.contains_key("exit.attempt.base_rate"));
    let said = outcome.sentences.join(" ");
    assert!(said.contains("held there, not inferred: exit.attempt.hostage_effect"), "{said}");
}

#[test]
fn a_claims_file_with_too_many_rows_is_refused_at_once() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let header = include_str!("../data/evidence/claims-kursk-2024-coded.csv").lines().next().expect("a header");
    let many = place.file("many.csv", &format!("{header}\n{}", "x\n".repeat(1_001)));
    let error = place.infer(&war, Some(&many), 600).expect_err("refused");
    // EV0773: TooMuch
    assert_eq!((error.code(), error.exit_code()), ("EV0773".to_owned(), 71));
}

#[test]
fn small_and_odd_scenarios_run() {
    let place = Place::new();
    let one_soldier = place.file(
        "one.toml",
        &SMALL_WAR.replace("120 persons", "1 persons").replace("name = \"small-war\"", "name = \"one\""),
    );
    let outcome = place.run(&one_soldier, &[], 2, true).expect("a force of one soldier");
    assert!(outcome.quantities["sent_total"].q05 >= 1.0);
    let one_day =
        SMALL_WAR.replace("end = 2025-02-28", "end = 2024-10-12").replace("name = \"small-war\"", "name = \"day\"");
    let first_day =
        one_day.replace("start = 2024-10-08", "start = 2024-10-12").replace("from = 2024-11-05", "from = 2024-10-12");
    let day = place.file("day.toml", &first_day);
    place.run(&day, &[], 2, true).expect("a scenario of one day");
    let no_claims = place.file("none.toml", &SMALL_WAR.replace("set = \"kursk-2024\"", "set = \"none\""));
    assert!(place.run(&no_claims, &[], 2, true).expect("no claims").claims.is_none());
}

#[test]
fn claims_without_a_report_of_departures_leave_the_dated_claim_out() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let coded = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
    let kept: Vec<&str> = coded.lines().filter(|line| !line.contains("oct14-absence")).collect();
    let claims = place.file("claims.csv", &(kept.join("\n") + "\n"));
    let outcome = place.infer(&war, Some(&claims), 600).expect("runs");
    let stored = std::fs::read_to_string(outcome.out.join("report.json")).expect("there");
    let report: serde_json::Value = serde_json::from_str(&stored).expect("JSON");
    assert!(report["inference"]["dated_claim"].is_null());
}

#[test]
fn what_cannot_be_done_is_refused_with_its_code() {
    let place = Place::new();
    let code = |result: Result<RunOutcome, Error>| {
        let error = result.expect_err("refused");
        (error.code(), error.exit_code())
    };
    let large = place.file("large.toml", &SMALL_WAR.replace("120 persons", "5000 persons"));
    // EV0766: ForceTooLarge
    assert_eq!(code(place.run(&large, &[], 1, false)), ("EV0766".to_owned(), 64));
    let error = place.infer("toy-squad", None, 500).expect_err("no claims");
    assert_eq!((error.code(), error.exit_code()), ("EV0769".to_owned(), 64));
    let war = place.file("war.toml", SMALL_WAR);
    let error = place.infer(&war, None, 3).expect_err("no budget");
    assert_eq!((error.code(), error.exit_code()), ("EV0768".to_owned(), 64));
    let options = HistoryOptions { scenario: place.options("toy-squad", &[]), machine: place.machine(1), cache: false };
    let error = history(&options, &mut Silent).expect_err("a fixture");
    assert_eq!((error.code(), error.exit_code()), ("EV0767".to_owned(), 64));
    let many = ScenarioOptions { societies: Some(3), ..place.options("toy-squad", &[]) };
    let options = HistoryOptions { scenario: many, machine: place.machine(1), cache: false };
    let error = history(&options, &mut Silent).expect_err("one country");
    assert_eq!((error.code(), error.exit_code()), ("EV0770".to_owned(), 2));
    assert!(!place.folder.path().join("results").join("large").exists(), "nothing is written");
}

#[test]
fn a_history_leaves_tables_and_figures_beside_what_is_published_and_is_met_again() {
    let place = Place::new();
    let build = |cache, threads| {
        let scenario = ScenarioOptions { scale: Some(0.002), ..place.options("kursk-2024", &[]) };
        let options = HistoryOptions { scenario, machine: place.machine(threads), cache };
        history(&options, &mut Silent).expect("builds")
    };
    let first = build(true, 1);
    assert!(!first.found_complete && first.report.exists());
    let run = verify(&RealVfs, &first.out).expect("complete").run;
    for name in ["population", "vital_rates", "classes", "stocks", "control", "kin_by_age"] {
        assert!(run.files.contains_key(&format!("tables/{name}/part-0.parquet")), "{name}");
    }
    for name in ["pyramid", "classes", "kin_at_risk", "camps"] {
        let csv = std::fs::read_to_string(first.out.join(format!("figures/{name}.csv"))).expect("there");
        assert!(csv.lines().count() > 5 && csv.starts_with(|c: char| c.is_ascii_lowercase()), "{csv}");
        assert!(run.files.contains_key(&format!("figures/{name}.svg")));
    }
    // The pyramid of the figure and the printed table count the same persons.
    let pyramid = std::fs::read_to_string(first.out.join("figures/pyramid.csv")).expect("there");
    let persons: f64 =
        pyramid.lines().skip(1).map(|l| l.split(',').nth(3).expect("a column").parse::<f64>().expect("a number")).sum();
    let table = first.tables.iter().find(|t| t.name == "population").expect("printed");
    let printed = table.rows.iter().find(|(year, _)| year == "2020").expect("a year of the series").1[0];
    assert!((persons - printed.expect("the living are always told")).abs() < 1.0, "{persons} {printed:?}");
    let again = build(true, 2);
    assert!(again.found_complete && again.digest == first.digest);
    // As printed: a number's last digit can move when it is read from JSON.
    let printed = |found: &exitvoice::command::history::HistoryOutcome| {
        found.tables.iter().flat_map(|t| t.lines()).collect::<Vec<String>>()
    };
    assert_eq!(printed(&again), printed(&first));
    // Built again on other threads: the same files but for times.
    let rebuilt = build(false, 2);
    assert!(!rebuilt.found_complete && rebuilt.digest == first.digest);
    let files = verify(&RealVfs, &rebuilt.out).expect("complete").run.files;
    assert_eq!(files, run.files);
}

/// Keeps what a command says.
#[derive(Default)]
struct Told(Vec<Event>);

impl Progress for Told {
    fn event(&mut self, event: Event) {
        self.0.push(event);
    }
}

impl Told {
    fn warnings(&self) -> Vec<&str> {
        self.0.iter().filter_map(|e| if let Event::Warning(text) = e { Some(text.as_str()) } else { None }).collect()
    }

    fn built(&self) -> bool {
        self.0.iter().any(|e| matches!(e, Event::Began { stage: Stage::History, .. }))
    }
}

fn small_history(place: &Place, cache: bool) -> HistoryOptions {
    let scenario = ScenarioOptions { scale: Some(0.001), ..place.options("kursk-2024", &[]) };
    HistoryOptions { scenario, machine: place.machine(2), cache }
}

#[test]
fn a_history_whose_results_cannot_be_written_is_refused_before_it_is_built() {
    let place = Place::new();
    let out = PathBuf::from(place.file("a-file", ""));
    let small = small_history(&place, false);
    let options = HistoryOptions { scenario: ScenarioOptions { out, ..small.scenario }, ..small };
    let mut told = Told::default();
    let error = history(&options, &mut told).expect_err("a file is no folder");
    assert!(error.exit_code() == 74 && !told.built(), "{error}");
    // What a refusal or a signal ends leaves no folder either.
    let machine = place.machine(1);
    machine.stop.request();
    let stopped = history(&HistoryOptions { machine, ..small_history(&place, false) }, &mut Silent);
    assert_eq!(stopped.expect_err("stopped").exit_code(), 75);
    assert!(!place.folder.path().join("results").exists());
}

#[test]
fn a_history_that_the_cache_does_not_take_is_finished_and_says_so() {
    let place = Place::new();
    let small = small_history(&place, true);
    let cache_folder = Some(PathBuf::from(place.file("a-file", "")));
    let machine = Machine { cache_folder, ..small.machine.clone() };
    let mut told = Told::default();
    let found = history(&HistoryOptions { machine, ..small.clone() }, &mut told).expect("finished");
    assert!(found.report.exists());
    let said = told.warnings();
    assert!(matches!(&said[..], [one] if one.contains("a-file") && one.contains("EXITVOICE_CACHE")), "{said:?}");
    // With a cache nothing is said, and a damaged file of the cache is named by the history that replaces it.
    let mut told = Told::default();
    let again = ScenarioOptions { force: true, ..small.scenario.clone() };
    let again = HistoryOptions { scenario: again, ..small };
    history(&again, &mut told).expect("finished");
    assert_eq!(told.warnings(), Vec::<&str>::new());
    let file = std::fs::read_dir(place.folder.path().join("cache")).expect("there").next().expect("one").expect("file");
    let mut bytes = std::fs::read(file.path()).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file.path(), bytes).expect("written");
    let mut told = Told::default();
    history(&again, &mut told).expect("finished");
    let said = told.warnings();
    assert!(matches!(&said[..], [one] if one.contains("EV0722") && one.contains("is replaced")), "{said:?}");
}

#[test]
fn an_estimate_sees_a_history_that_is_there_and_one_too_small() {
    use exitvoice::command::history::estimate;
    let place = Place::new();
    let small = small_history(&place, true);
    let before = estimate(&small).expect("told");
    assert!(!before.complete && before.need.histories == 1);
    let without = estimate(&HistoryOptions { cache: false, ..small.clone() }).expect("told");
    let kept = before.need.disk_bytes - without.need.disk_bytes;
    history(&small, &mut Silent).expect("built");
    let file = std::fs::read_dir(place.folder.path().join("cache")).expect("there").next().expect("one").expect("file");
    let bytes = file.metadata().expect("a length").len();
    assert!((bytes..2 * bytes).contains(&kept), "{kept} told, {bytes} kept");
    assert!(estimate(&small).expect("told").complete);
    // Without the cache it is built whatever stands there.
    assert!(!estimate(&HistoryOptions { cache: false, ..small.clone() }).expect("told").complete);
    let scenario = ScenarioOptions { scale: Some(1e-6), ..small.scenario.clone() };
    let error = estimate(&HistoryOptions { scenario, ..small }).expect_err("nobody lives");
    assert_eq!(error.code(), "EV0792");
}

#[test]
fn a_complete_history_is_told_again_whatever_memory_there_is() {
    let place = Place::new();
    let small = small_history(&place, true);
    history(&small, &mut Silent).expect("built");
    let machine = Machine { memory_cap: Some(1_000), ..small.machine.clone() };
    assert!(history(&HistoryOptions { machine, ..small }, &mut Silent).expect("verified").found_complete);
}

#[test]
fn the_readme_of_a_folder_names_what_stands_in_it_and_nothing_else() {
    let place = Place::new();
    let ran = place.run("toy-squad", &[], 2, false).expect("runs").out;
    let war = place.file("war.toml", SMALL_WAR);
    let inferred = place.infer(&war, None, 400).expect("an answer, or a refusal that is told").out;
    let built = history(&small_history(&place, false), &mut Silent).expect("built").out;
    for folder in [ran, inferred, built] {
        let readme = std::fs::read_to_string(folder.join("README.md")).expect("there");
        let named = |name: &str| readme.contains(&format!("`{name}`")) || readme.contains(&format!("`{name}/`"));
        let found: Vec<String> = std::fs::read_dir(&folder)
            .expect("there")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .filter(|name| name != "README.md" && !name.starts_with('.'))
            .collect();
        for name in &found {
            assert!(named(name), "{name} is not named:\n{readme}");
        }
        for name in ["brief.html", "claims.csv", "forecast.csv"] {
            assert_eq!(named(name), found.iter().any(|file| file == name), "{name}:\n{readme}");
        }
    }
}

#[test]
fn a_history_that_does_not_fit_is_refused_before_it_starts() {
    let place = Place::new();
    let machine = Machine { memory_cap: Some(400_000_000), ..place.machine(1) };
    let scenario = ScenarioOptions { scale: Some(1.0), ..place.options("kursk-2024", &[]) };
    let options = HistoryOptions { scenario, machine, cache: false };
    let error = history(&options, &mut Silent).expect_err("too large");
    assert_eq!(error.exit_code(), 71);
    assert!(error.to_string().contains("--scale"), "{error}");
}

#[test]
fn the_country_is_the_same_from_the_cache_and_a_damaged_cache_is_built_again() {
    let place = Place::new();
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/country/scenario.toml").display().to_string();
    let built = place.run(&golden, &[], 2, false).expect("built");
    let cached = place.run(&golden, &[], 2, false).expect("cached");
    assert_eq!(built.digest, cached.digest);
    assert!(cached.seconds.history < built.seconds.history);
    let cache = place.folder.path().join("cache");
    let file = std::fs::read_dir(&cache).expect("there").next().expect("one file").expect("readable").path();
    let mut bytes = std::fs::read(&file).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, bytes).expect("written");
    let again = place.run(&golden, &[], 2, false).expect("built again");
    assert_eq!(built.digest, again.digest);
}

#[test]
fn the_embedded_country_is_what_the_program_builds() {
    let pool = exitvoice_core::parallel::Pool::new(2).expect("threads");
    let built = exitvoice::country::toy_fixture(&pool).expect("built");
    assert!(built == exitvoice::data::fixture("toy").expect("embedded"), "run the example toy_fixture");
    assert!(built.len() <= 1_000_000);
}

#[test]
fn selftest_passes() {
    use exitvoice::command::Outcome;
    use exitvoice::command::selftest::{SelftestOptions, selftest};
    let outcome = selftest(&SelftestOptions { machine: Machine::this() }, &mut Silent).expect("runs");
    assert_eq!(outcome.exit_code(), 0, "{:?}", outcome.text());
}

#[test]
fn all_shipped_scenarios_share_one_society() {
    use exitvoice::scenario::SocietySource;
    let place = Place::new();
    let shipped: Vec<&str> = exitvoice::data::scenario_names().collect();
    assert!(shipped.len() > 10, "{shipped:?}");
    let mut keys = std::collections::BTreeSet::new();
    for name in shipped {
        let scenario = ScenarioOptions::new(name).resolve(&place.machine(1), &[]).expect(name);
        match scenario.society {
            SocietySource::Fixture(_) => assert_eq!(name, "toy-squad", "the only one with an embedded country"),
            SocietySource::History => {
                keys.insert(exitvoice::country::cache_key(&scenario).hex());
            }
        }
    }
    assert_eq!(keys.len(), 1, "{keys:?}");
}

#[test]
fn a_forecast_widens_with_its_horizon_and_begins_where_the_past_ends() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let to = |text: &str| Day::parse(text).expect("a date");
    // The real claims are about another force: without any the posterior is the prior.
    let header = include_str!("../data/evidence/claims-kursk-2024-coded.csv").lines().next().expect("a header");
    let none = place.file("none.csv", &format!("{header}\n"));
    let ask = |threads: usize, predict_to: Day, set: &[&str]| {
        let options = InferOptions {
            scenario: ScenarioOptions { force: true, ..place.options(&war, set) },
            machine: place.machine(threads),
            claims: Some(PathBuf::from(&none)),
            as_of: None,
            predict_to: Some(predict_to),
            budget: Some(2_000),
            reweight: None,
        };
        exitvoice::command::infer::infer(&options, &mut Silent)
    };
    let outcome = ask(2, to("2025-08-31"), &[]).expect("runs");
    let found = outcome.forecast.expect("a posterior");
    let row = |month: &str, group: &str, quantity: &str| {
        let same = |r: &&ForecastRow| {
            (r.month.as_str(), r.source_group.as_str(), r.quantity.as_str()) == (month, group, quantity)
        };
        found.rows.iter().find(|r| same(r) && r.window_from.is_none()).map(|r| r.predicted).expect("a row")
    };
    let months = ["2025-03", "2025-04", "2025-05", "2025-06", "2025-07", "2025-08"];
    let width = |month: &str| row(month, "world", "casualties_total").q95 - row(month, "world", "casualties_total").q05;
    assert!(width(months[5]) > width(months[0]), "{} {}", width(months[5]), width(months[0]));
    let median = |month: &str| row(month, "world", "casualties_total").q50;
    assert!(months.windows(2).all(|m| median(m[0]) <= median(m[1])));
    for group in ["third", "kyiv"] {
        let (told, true_) = (row("2025-03", group, "casualties"), row("2025-03", "world", "casualties_total"));
        assert!(told.q95 / told.q05 > true_.q95 / true_.q05, "observers err: {told:?} against {true_:?}");
    }
    let mean = |quantity: &str| row("2025-05", "world", quantity).mean;
    assert!((mean("wounded_total") - mean("casualties_total") + mean("killed_total")).abs() < 1e-6);
    for (group, share) in [("world", "casualties_share"), ("third", "share_casualties"), ("kyiv", "share_casualties")] {
        let found = row("2025-05", group, share);
        assert!(found.q05 >= 0.0 && found.q05 < found.q95 && found.q50 < 1.0, "{group}: {found:?}");
    }
    let csv = std::fs::read_to_string(outcome.out.join("forecast.csv")).expect("written");
    assert_eq!(csv.lines().count(), found.rows.len() + 1);
    assert!(outcome.out.join("tables/forecast/part-0.parquet").is_file());
    assert_eq!(ask(1, to("2025-08-31"), &[]).expect("runs").forecast.expect("a posterior"), found);
    // A shorter question has the same answers, and nothing that can vary leaves a plain continuation.
    let shorter = ask(2, to("2025-04-30"), &[]).expect("runs").forecast.expect("a posterior");
    let world = |rows: &[ForecastRow]| -> Vec<ForecastRow> {
        rows.iter().filter(|r| r.source_group == "world").cloned().collect()
    };
    let (short, long) = (world(&shorter.rows), world(&found.rows));
    assert_eq!(short, long[..short.len()]);
    let refused = ask(2, to("2025-02-28"), &[]).expect_err("not after the last day");
    // EV0788: Horizon
    assert_eq!((refused.code(), refused.exit_code()), ("EV0788".to_owned(), 64));
}

#[test]
fn order_names_and_copies_leave_the_posterior_byte_for_byte_and_a_new_origin_does_not() {
    let place = Place::new();
    let war = place.file("war.toml", SMALL_WAR);
    let text = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let rows: Vec<Vec<String>> =
        reader.records().map(|r| r.expect("a row").iter().map(str::to_owned).collect()).collect();
    let column = |name: &str| header.iter().position(|h| h == name).expect("a column");
    let (id, source, cluster, quantity) = (column("id"), column("source_key"), column("cluster"), column("quantity"));
    let digest = |name: &str, rows: &[Vec<String>]| {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&header).expect("in memory");
        rows.iter().for_each(|row| writer.write_record(row).expect("in memory"));
        let file = place.file(name, &String::from_utf8(writer.into_inner().expect("in memory")).expect("text"));
        place.infer(&war, Some(&file), 600).expect("runs").digest
    };
    let plain = digest("plain.csv", &rows);
    let backwards: Vec<Vec<String>> = rows.iter().rev().cloned().collect();
    assert_eq!(plain, digest("backwards.csv", &backwards));
    let mut renamed = rows.clone();
    renamed.iter_mut().filter(|row| row[source] == "nis").for_each(|row| row[source] = "us_renamed".to_owned());
    assert_ne!(renamed, rows);
    assert_eq!(plain, digest("renamed.csv", &renamed));
    let told =
        rows.iter().find(|row| row[quantity] == "casualties" && row[column("modelled")] == "yes").expect("a row");
    let mut copied = rows.clone();
    copied.push(told.clone());
    copied.last_mut().expect("a row")[id] = "ZZ001".to_owned();
    assert_eq!(plain, digest("copied.csv", &copied));
    let again = copied.last_mut().expect("a row");
    (again[source], again[cluster]) = ("us_other".to_owned(), "other".to_owned());
    assert_ne!(plain, digest("again.csv", &copied));
}
