//! Runs and comparisons in several countries: each is one that a seed gives alone, whatever stands beside it.

mod place;

use exitvoice::command::branch::{BranchOptions, branch};
use exitvoice::command::compare::{CompareOptions, compare};
use exitvoice::command::run::{RecordLevel, RunOptions, RunOutcome, estimate, run};
use exitvoice::command::verify::{Sample, VerifyOptions, verify};
use exitvoice::command::{Day, Error, ScenarioOptions, Silent};
use place::{Place, SMALL_WAR};
use std::path::Path;

/// Two hundredths of a country, 120 men, no claims.
fn war(place: &Place) -> ScenarioOptions {
    let text = SMALL_WAR.replace("fixture:toy", "history").replace("set = \"kursk-2024\"", "set = \"none\"");
    let (before, after) = text.split_once("[infer]").expect("it infers");
    let rest = after.split_once("[order_of_battle]").expect("forces follow").1;
    let file = place.file("war.toml", &format!("{before}[order_of_battle]{rest}"));
    ScenarioOptions {
        scale: Some(0.02),
        set: vec!["exit.attempt.base_rate=6 /yr".to_owned()],
        ..place.options(&file, &[])
    }
}

fn options(place: &Place, scenario: ScenarioOptions, threads: usize) -> RunOptions {
    let (machine, record) = (place.machine(threads), RecordLevel::Series);
    RunOptions { scenario, machine, replicates: Some(5), infer: false, record }
}

fn simulated(place: &Place, scenario: ScenarioOptions, threads: usize) -> Result<RunOutcome, Error> {
    run(&options(place, scenario, threads), &mut Silent)
}

/// Country, replicate and digest of each line of a ledger.
fn ledger(folder: &Path) -> Vec<(u64, u64, String)> {
    let text = std::fs::read_to_string(folder.join("ledger.jsonl")).expect("there");
    let read = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let digest = line["digest"].as_str().expect("a text").to_owned();
        (line["point"].as_u64().unwrap_or(0), line["replicate"].as_u64().expect("a number"), digest)
    };
    text.lines().map(read).collect()
}

#[test]
fn every_country_of_a_run_is_the_one_that_its_seed_gives_alone() {
    let place = Place::new();
    let three = || ScenarioOptions { societies: Some(3), ..war(&place) };
    let need = estimate(&options(&place, three(), 1)).expect("a plan").need;
    assert_eq!((need.histories, need.deployments), (3, 15));
    let many = simulated(&place, three(), 2).expect("runs");
    let found = many.societies.as_ref().expect("several countries");
    assert_eq!((found.seeds.len(), found.seeds[0], found.replicates), (3, 1, 5));
    let lines = ledger(&many.out);
    assert_eq!(lines.len(), 15);
    let mut means = Vec::new();
    for (country, seed) in (0_u64..).zip(&found.seeds) {
        let alone = simulated(&place, ScenarioOptions { seed: Some(*seed), ..war(&place) }, 1).expect("runs");
        assert!(alone.societies.is_none() && alone.run_id != many.run_id);
        let digests = |lines: &[(u64, u64, String)], of: u64| {
            lines.iter().filter(|l| l.0 == of).map(|l| (l.1, l.2.clone())).collect::<Vec<_>>()
        };
        assert_eq!(digests(&lines, country), digests(&ledger(&alone.out), 0), "country {country}");
        means.push(alone.quantities["attempts_total"].mean);
        // What is told of the first country is told as if it were alone.
        if country == 0 {
            assert_eq!(many.quantities, alone.quantities);
        }
    }
    let spread = found.spread["attempts_total"];
    assert!((spread.mean - means.iter().sum::<f64>() / 3.0).abs() < 1e-9, "{spread:?} {means:?}");
    assert!(spread.mean_low < spread.mean && spread.mean < spread.mean_high && spread.sd_within > Some(0.0));
    assert!(many.sentences.iter().any(|s| s.contains("over 3 countries")), "{:?}", many.sentences);
    let page = std::fs::read_to_string(&many.report).expect("there");
    assert!(page.contains("The same scenario in other countries") && page.contains(&found.seeds[2].to_string()));
    assert!(many.out.join("tables/societies/part-0.parquet").is_file());
    let again = simulated(&place, ScenarioOptions { force: true, ..three() }, 1).expect("runs");
    assert_eq!((again.digest, &again.societies), (many.digest.clone(), &many.societies));
    let check = VerifyOptions { folder: many.out.clone(), sample: Sample::All, machine: place.machine(2) };
    let verified = verify(&check, &mut Silent).expect("verifies");
    assert_eq!((verified.planned, verified.done, verified.failed), (15, 15, 0));
    // The past that is branched from is that of the first country.
    let ways = BranchOptions {
        folder: many.out,
        at: Day::parse("2024-12-01").expect("a day"),
        with: vec![war(&place).scenario],
        out: place.folder.path().join("branches"),
        force: false,
        machine: place.machine(2),
    };
    assert_eq!(branch(&ways, &mut Silent).expect("branches").planned, 10);
}

#[test]
fn a_comparison_in_several_countries_pairs_in_each() {
    let place = Place::new();
    let options = |societies, threads| CompareOptions {
        a: ScenarioOptions { societies, force: true, ..war(&place) },
        b: war(&place).scenario,
        set_b: vec!["exit.attempt.base_rate=12 /yr".to_owned()],
        replicates: Some(4),
        mechanisms: exitvoice::compare::shapley::MECHANISMS.iter().filter(|m| m.name == "hostages").collect(),
        machine: place.machine(threads),
    };
    let [one, two] = [1, 2].map(|threads| compare(&options(Some(2), threads), &mut Silent).expect("compares"));
    assert_eq!((&one.digest, &one.run_id, &one.societies), (&two.digest, &two.run_id, &two.societies));
    let alone = compare(&options(None, 1), &mut Silent).expect("compares");
    assert!(alone.run_id != one.run_id && alone.societies.is_none());
    assert_eq!(alone.differences, one.differences);
    let found = one.societies.expect("several countries");
    let elsewhere =
        CompareOptions { a: ScenarioOptions { seed: Some(found.seeds[1]), ..war(&place) }, ..options(None, 1) };
    let elsewhere = compare(&elsewhere, &mut Silent).expect("compares").differences["attempts_total"].mean;
    let mean = 0.5 * (alone.differences["attempts_total"].mean + elsewhere);
    assert!((found.spread["attempts_total"].mean - mean).abs() < 1e-9, "{:?} {mean}", found.spread["attempts_total"]);
    assert!(
        one.sentences.iter().any(|s| s.contains("B - A: mean +") && s.contains("over 2 countries")),
        "{:?}",
        one.sentences
    );
    let check = VerifyOptions { folder: one.out, sample: Sample::All, machine: place.machine(2) };
    let verified = verify(&check, &mut Silent).expect("verifies");
    assert_eq!((verified.planned, verified.done, verified.failed), (20, 20, 0));
}

#[test]
fn a_fixture_has_no_history_to_repeat() {
    let place = Place::new();
    let toy = ScenarioOptions { societies: Some(2), ..place.options("toy-squad", &[]) };
    let error = simulated(&place, toy, 1).expect_err("refused");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0767", 64));
}
