//! Scenarios that must resolve: layers, the shipped ones, small ones, and what is printed of them.

mod scenario_support;

use exitvoice::data;
use exitvoice::scenario::{
    Catalogue, Layers, Origin, Override, Problem, Scenario, SocietySource, SourceText, baseline_toml, parse_override,
    resolve,
};
use exitvoice_core::param::Lookup as _;
use exitvoice_core::time::Day;
use scenario_support::{registry, resolve_text};

const SMALL: &str = r#"
format = 1
[period]
start = 2024-10-08
end = 2024-10-08
[[waves]]
name = "one"
contingent = 1
persons = "1 person"
arrives = 2024-10-08
source = "assumption"
"#;

fn day(text: &str) -> Day {
    Day::parse(text).expect("a date")
}

/// A text that must be right.
fn resolved(text: &str) -> Scenario {
    resolve_text(text, &Layers::default()).expect("a valid scenario")
}

fn set(items: &[&str]) -> Vec<Override> {
    items.iter().map(|item| parse_override(item).expect("KEY=VALUE")).collect()
}

fn shipped(name: &str) -> Scenario {
    let text = data::scenario(name).expect("shipped").to_owned();
    let registry = registry();
    let source = SourceText { name: format!("{name}.toml"), text };
    resolve(source, &Layers::default(), &Catalogue::embedded(&registry)).expect("shipped scenarios resolve")
}

#[test]
fn one_soldier_without_claims_for_one_day_is_a_scenario() {
    let scenario = resolved(SMALL);
    assert_eq!((scenario.soldiers(), scenario.days()), (1, 1));
    assert_eq!(scenario.name, "test");
    assert_eq!(scenario.society, SocietySource::History);
    assert!(scenario.claims.is_none() && scenario.phases.is_empty() && scenario.infer.parameters.is_empty());
    assert!(scenario.phase_on(scenario.day_zero).is_none());
    assert_eq!(scenario.values.len(), registry().len());
    assert!(scenario.values.values().all(|value| value.origin == Origin::Default));
}

#[test]
fn the_shipped_deployment_follows_the_claims() {
    let scenario = shipped("kursk-2024");
    assert_eq!((scenario.day_zero, scenario.last_day, scenario.days()), (day("2024-10-08"), day("2025-04-30"), 205));
    let arrived = |contingent: u8, date: &str| -> u32 {
        let waves = scenario.waves.iter().filter(|wave| wave.contingent == contingent && wave.arrives <= day(date));
        waves.map(|wave| wave.persons).sum()
    };
    let at_front = |date: &str| -> u32 {
        let waves = scenario.waves.iter().filter(|wave| wave.at_front.is_some_and(|front| front <= day(date)));
        waves.map(|wave| wave.persons).sum()
    };
    assert_eq!(arrived(1, "2024-10-13"), 1_500, "DP004");
    assert_eq!(arrived(1, "2024-10-23"), 3_000, "DP017");
    assert_eq!(arrived(1, "2024-10-29"), 10_000, "DP022");
    assert!((11_000..=12_000).contains(&arrived(1, "2024-11-04")), "DP027");
    assert_eq!(at_front("2024-10-23"), 0, "no dated wave reaches Kursk before 24 October");
    assert_eq!(at_front("2024-10-29"), 3_000, "DP023");
    assert_eq!(at_front("2024-10-31"), 8_000, "DP024");
    assert!(at_front("2024-11-04") >= 10_000, "DP026");
    assert_eq!(arrived(2, "2025-02-28"), 3_000, "DP070");
    assert!((14_000..=15_000).contains(&scenario.soldiers()), "DP078, DP080");
    assert_eq!(scenario.infer.parameters.len(), 12);
    assert_eq!(scenario.phases.len(), 5);
    let hazard = |date: &str| scenario.phase_on(day(date)).and_then(|phase| phase.hazard.clone());
    assert_eq!(hazard("2024-11-04"), None);
    assert_eq!(hazard("2024-11-05").as_deref(), Some("danger.combat.hazard_first_clashes"), "DP031");
    assert_eq!(hazard("2025-02-07").as_deref(), Some("danger.combat.hazard_spring"), "DP065");
    assert!(scenario.claims.is_some_and(|claims| claims.name == "kursk-2024" && claims.complete));
}

#[test]
fn every_source_of_the_shipped_deployment_is_a_row_of_the_evidence_published_by_then() {
    let scenario = shipped("kursk-2024");
    let mut reader = csv::Reader::from_reader(data::claims("kursk-2024").expect("embedded").raw.as_bytes());
    let headers = reader.headers().expect("a header").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect("a column");
    let (id, published) = (column("id"), column("published_date"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let published_on = |wanted: &str| {
        let row = rows.iter().find(|row| &row[id] == wanted).unwrap_or_else(|| panic!("{wanted} is no claim"));
        day(&row[published])
    };
    let ids = |source: &str| -> Vec<String> {
        let words = source.split(|c: char| !c.is_ascii_alphanumeric());
        words.filter(|word| word.starts_with("DP")).map(str::to_owned).collect()
    };
    let mut seen = 0;
    for (source, known_from) in scenario
        .waves
        .iter()
        .map(|wave| (&wave.source, wave.front_known_from.max(wave.known_from)))
        .chain(scenario.phases.iter().map(|phase| (&phase.source, phase.known_from)))
    {
        let (evidence, _disputed) = source.split_once("disputed").unwrap_or((source, ""));
        let first = ids(evidence).iter().map(|id| published_on(id)).min().expect("at least one id");
        assert!(first <= known_from, "{source}: published {first}, used from {known_from}");
        seen += ids(source).len();
    }
    assert!(seen >= 12);
}

#[test]
fn the_toy_is_thirty_soldiers_for_sixty_days_on_the_fixture() {
    let toy = shipped("toy-squad");
    assert_eq!((toy.soldiers(), toy.days()), (30, 60));
    assert_eq!(toy.society, SocietySource::Fixture("toy".to_owned()));
    assert_eq!(toy.order_of_battle.soldiers_per_brigade(), 30);
    assert!(toy.claims.is_none());
}

#[test]
fn a_higher_layer_wins_and_says_so() {
    let text = format!("{SMALL}\n[exit.attempt]\nhostage_effect = 1\ndanger_effect = 1\n[run]\nseed = 5\n");
    // The wave stands last in the small file, so tables can follow it.
    let sweep = set(&["exit.attempt.danger_effect=2.5"]);
    let line = set(&["run.seed=18446744073709551615", "exit.attempt.base_rate=0.006 /yr", "infer.budget = 10"]);
    let layers = Layers { baseline: None, sweep: &sweep, command_line: &line };
    let scenario = resolve_text(&text, &layers).expect("valid");
    let origin = |key: &str| scenario.values[key].origin.clone();
    assert_eq!(origin("exit.attempt.hostage_effect"), Origin::Scenario { file: "test.toml".to_owned(), line: 14 });
    assert_eq!(origin("exit.attempt.danger_effect"), Origin::Sweep);
    assert_eq!(origin("exit.attempt.base_rate"), Origin::CommandLine);
    assert_eq!(origin("exit.absence.base_rate"), Origin::Default);
    assert_eq!(scenario.settings["run.seed"], Origin::CommandLine);
    assert_eq!(scenario.seed.0, u64::MAX);
    assert_eq!(scenario.canonical("exit.attempt.danger_effect"), Some(2.5));
    assert_eq!(scenario.canonical("exit.attempt.base_rate"), Some(0.006 / 365.25));
}

#[test]
fn extending_merges_tables_replaces_lists_and_keeps_the_name_of_the_file() {
    let text = r#"
format = 1
extends = "kursk-2024"
title = "No hostages"
[exit.attempt]
hostage_effect = 0
[infer]
parameters = ["exit.attempt.base_rate"]
"#;
    let (base, changed) = (shipped("kursk-2024"), resolved(text));
    assert_eq!(changed.name, "test");
    assert_eq!(changed.waves, base.waves);
    assert_eq!(changed.infer.parameters, ["exit.attempt.base_rate"]);
    assert_eq!(changed.infer.budget, base.infer.budget);
    assert!(matches!(&changed.settings["period.end"], Origin::Extends { file, .. } if file == "kursk-2024.toml"));
    assert_eq!(changed.history_bytes(), base.history_bytes());
    assert_ne!(changed.canonical_bytes(), base.canonical_bytes());
}

#[test]
fn a_baseline_lies_between_registry_and_scenario() {
    let registry = registry();
    let old = baseline_toml("m1", &registry).replace("hostage_effect = 2", "hostage_effect = 7");
    let baselines = [("m1", old.as_str())];
    let catalogue = Catalogue { baselines: &baselines, ..Catalogue::embedded(&registry) };
    let source = || SourceText { name: "a/b\\war.toml".to_owned(), text: SMALL.to_owned() };
    let scenario = resolve(source(), &Layers { baseline: Some("m1"), ..Layers::default() }, &catalogue).expect("valid");
    assert_eq!(scenario.name, "war");
    assert_eq!(scenario.canonical("exit.attempt.hostage_effect"), Some(7.0));
    assert_eq!(scenario.canonical("exit.attempt.base_rate"), Some(0.003 / 365.25));
    assert!(scenario.values.values().all(|value| value.origin == Origin::Baseline("m1".to_owned())));
    let error = resolve(source(), &Layers { baseline: Some("m2"), ..Layers::default() }, &catalogue).expect_err("none");
    assert_eq!(error.diagnostic().help.as_deref(), Some("did you mean `m1`?"));
}

#[test]
fn what_is_printed_resolves_to_the_same_bytes() {
    let odd = format!("name = \"a-b\"\ntitle = \"q\\\" \\\\ \\u001b ü\"\ndescription = \"\"\"x\ny\"\"\"\n{SMALL}")
        .replace("format = 1\n", "");
    let odd = format!("format = 1\n{odd}\n[exit.attempt]\nhostage_effect = -1e300\ndanger_effect = 1e-300\n");
    for scenario in [shipped("kursk-2024"), shipped("toy-squad"), resolved(SMALL), resolved(&odd)] {
        let text = scenario.resolved_toml();
        let source = SourceText { name: format!("{}.toml", scenario.name), text };
        let registry = registry();
        let again = resolve(source, &Layers::default(), &Catalogue::embedded(&registry)).expect("it is a scenario");
        assert_eq!(again.canonical_bytes(), scenario.canonical_bytes());
        assert_eq!(again.history_bytes(), scenario.history_bytes());
    }
}

#[test]
fn bytes_follow_values_and_nothing_else() {
    let plain = resolved(SMALL);
    let spelled =
        resolved(&format!("# a comment\n{SMALL}\n[exit.attempt]\nhostage_effect = 2.0\nbase_rate = \"3e-3 /yr\"\n"));
    assert_eq!(plain.canonical_bytes(), spelled.canonical_bytes());
    for change in [
        "run.seed=2",
        "run.scale=0.5",
        "run.replicates=7",
        "title=x",
        "infer.budget=2000",
        "exit.attempt.hostage_effect=2.0000000000000004",
        "order_of_battle.brigades=1",
        "society.source=fixture:toy",
    ] {
        let line = set(&[change]);
        let changed = resolve_text(SMALL, &Layers { command_line: &line, ..Layers::default() }).expect(change);
        assert_ne!(changed.canonical_bytes(), plain.canonical_bytes(), "{change}");
        assert_eq!(changed.history_bytes(), plain.history_bytes(), "{change}");
    }
    let line = set(&["demography.marriage.homogamy=0.7"]);
    let changed = resolve_text(SMALL, &Layers { command_line: &line, ..Layers::default() }).expect("valid");
    assert_ne!(changed.history_bytes(), plain.history_bytes());
    let zero = set(&["exit.attempt.hostage_effect=0"]);
    let minus = set(&["exit.attempt.hostage_effect=-0.0"]);
    let bytes = |line| {
        resolve_text(SMALL, &Layers { command_line: line, ..Layers::default() }).expect("valid").canonical_bytes()
    };
    assert_eq!(bytes(&zero), bytes(&minus));
}

#[test]
fn every_key_is_explained_and_a_wrong_one_gets_the_nearest() {
    let scenario = shipped("kursk-2024");
    let rows = scenario.explain(None).expect("all");
    assert!(registry().iter().all(|meta| rows.iter().any(|row| row.key == meta.key)));
    let one = scenario.explain(Some("exit.attempt.base_rate")).expect("a key");
    assert_eq!(one.len(), 1);
    assert_eq!((one[0].unit.as_str(), one[0].grade.as_str(), one[0].layer.as_str()), ("/d", "Analogue", "default"));
    assert_eq!(one[0].as_written, "0.003 /yr");
    assert_eq!((one[0].symbol.as_str(), one[0].source.as_str()), ("exp(alpha)", "us2007"));
    let table = scenario.explain(Some("exit.attempt")).expect("a table");
    assert_eq!(table.len(), 4);
    assert_eq!(scenario.explain(Some("waves")).expect("rows").len(), scenario.waves.len());
    let start = &scenario.explain(Some("period.start")).expect("a setting")[0];
    assert!(start.origin.starts_with("scenario kursk-2024.toml:"), "{}", start.origin);
    let error = scenario.explain(Some("exit.attempt.hostage_efect")).expect_err("no such key");
    assert_eq!(error.diagnostic().help.as_deref(), Some("did you mean `exit.attempt.hostage_effect`?"));
}

#[test]
fn a_view_of_the_past_hides_what_was_published_later() {
    let scenario = shipped("kursk-2024");
    let view = scenario.as_of(day("2024-10-25")).expect("two waves were known");
    assert_eq!((view.waves.len(), view.soldiers()), (2, 3_000));
    assert!(view.waves.iter().all(|wave| wave.at_front.is_none()), "no march was public yet");
    assert_eq!(view.phases.len(), 1);
    assert_eq!(view.last_day, scenario.last_day);
    let later = scenario.as_of(day("2024-11-05")).expect("known");
    assert_eq!(later.soldiers(), 11_500);
    assert_eq!(scenario.as_of(scenario.last_day).expect("all").canonical_bytes(), scenario.canonical_bytes());
    // Sizes of formations were public one day after the first wave: before, the assumed ones hold.
    let mut larger = scenario.clone();
    larger.order_of_battle.soldiers_per_squad = 12;
    let sizes = |date: &str| larger.as_of(day(date)).expect("a wave was known").order_of_battle;
    assert_eq!((sizes("2024-10-18").soldiers_per_squad, sizes("2024-10-18").source.as_str()), (10, "assumption"));
    assert_eq!(sizes("2024-10-19"), larger.order_of_battle);
    let error = scenario.as_of(day("2024-10-17")).expect_err("nothing known");
    assert!(matches!(error.problem(), Problem::NothingKnown { .. }));
    assert_eq!(error.diagnostic().expected, "a date from 2024-10-18 on");
}

#[test]
fn the_stand_in_registry_has_no_problems() {
    assert_eq!(exitvoice::registry::problems(&registry()), Vec::<String>::new());
    let twice: Vec<_> = registry().into_iter().chain(registry().into_iter().take(1)).collect();
    assert_eq!(exitvoice::registry::problems(&twice).len(), 1);
}

#[test]
fn files_of_other_systems_are_read_the_same() {
    let plain = resolved(SMALL).canonical_bytes();
    assert_eq!(resolved(&SMALL.replace('\n', "\r\n")).canonical_bytes(), plain);
    assert_eq!(resolved(&format!("\u{feff}{SMALL}")).canonical_bytes(), plain);
}
