//! Tests of `history`.

use super::*;
use crate::command::Silent;

#[test]
fn the_object_has_the_keys_of_the_contract_and_tables_are_aligned() {
    let table = PrintedTable {
        name: "living".to_owned(),
        title: "Living persons".to_owned(),
        columns: ["year", "persons", "share"].map(str::to_owned).to_vec(),
        rows: vec![
            ("1955".to_owned(), vec![Some(9.0), None]),
            ("1960".to_owned(), vec![Some(9.0), Some(0.25)]),
            ("2024".to_owned(), vec![Some(25_000.0), Some(1.0)]),
        ],
    };
    assert_eq!(
        table.lines(),
        [
            "Living persons",
            "year  persons   share",
            "1955        9       -",
            "1960        9  0.2500",
            "2024    25000       1"
        ]
    );
    let outcome = HistoryOutcome {
        run_id: "0123456789ab".to_owned(),
        scenario: "toy-squad".to_owned(),
        digest: "ab".repeat(32),
        model_version: "m1.0".to_owned(),
        scaled: true,
        scale: 0.3,
        persons_ever: 10,
        persons_living: 5,
        person_years: 300.0,
        seconds: 0.1,
        seconds_beside: Beside::default(),
        peak_bytes: Some(1_000_000),
        bytes_per_person: 60.0,
        command: "exitvoice history toy-squad".to_owned(),
        tables: vec![table],
        report: PathBuf::from("out/report.html"),
        out: PathBuf::from("out"),
        found_complete: false,
    };
    let json = outcome.to_json();
    for key in [
        "digest",
        "persons_ever",
        "persons_living",
        "person_years",
        "seconds",
        "peak_bytes",
        "bytes_per_person",
        "tables",
    ] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert!(outcome.text().iter().any(|l| l.contains("scaled = true")));
}

#[test]
fn counts_are_at_full_scale_whatever_the_scale_and_households_hold_those_who_live_in_them() {
    let count = |times: u64| Population {
        day: crate::country::freeze_day(),
        by_age: [[times * 100; 21]; 2],
        by_class: [0; 3],
        households: times * 1_000,
    };
    let table = |times: u64, scale: f64| {
        let marriages = [(25.0, times * 10), (29.0, times * 20)];
        (households(&[count(times)], times * 3_900, scale), first_marriages(&marriages, scale))
    };
    let (small, large) = (table(1, 0.01), table(10, 0.1));
    assert_eq!(small, large);
    assert_eq!(small.0.rows[0].1, [Some(100_000.0), Some(3.9), Some(CENSUS_HOUSEHOLD.0), Some(CENSUS_HOUSEHOLD.1)]);
    assert_eq!(small.1.rows[1].1, [Some(29.0), Some(29.0), Some(2_000.0)]);
    let nobody = first_marriages(&[(0.0, 0), (0.0, 0)], 0.01);
    assert_eq!(nobody.rows[0].1, [None, Some(25.5), Some(0.0)]);
}

#[test]
fn a_scale_that_leaves_nobody_is_refused_before_anything_is_built() {
    let machine = Machine::this();
    for scale in [1e-9, 5e-5] {
        let scenario = ScenarioOptions { scale: Some(scale), allow_scaled: true, ..ScenarioOptions::new("kursk-2024") };
        let options = HistoryOptions { scenario, machine: machine.clone(), cache: false };
        let error = history(&options, &mut Silent).expect_err("refused");
        let text = error.to_string();
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0792", 64), "{text}");
        assert!(text.contains("run.scale") && text.contains("expected at least 1000"), "{text}");
    }
}

#[test]
fn the_command_that_repeats_a_history_has_every_option_that_changes_it() {
    let set = "control.offence.base_rate=0.001 /yr";
    let options = ScenarioOptions {
        seed: Some(7),
        scale: Some(0.01),
        allow_scaled: true,
        baseline: Some("m9".to_owned()),
        set: vec![set.to_owned()],
        ..ScenarioOptions::new("kursk-2024")
    };
    let scenario = options.resolve(&Machine::this(), &[]).expect("resolves");
    let words = publish::command(&options, &scenario);
    for part in
        ["history kursk-2024", "--seed 7", "--scale 0.01", "--allow-scaled", "--baseline m9", &format!("--set '{set}'")]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
}
