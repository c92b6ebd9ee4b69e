//! Comparisons through the facade: common draws pay, the digest does not depend on threads, what cannot be paired is refused.

use exitvoice::command::Outcome;
use exitvoice::command::compare::{CompareOptions, CompareOutcome, compare};
use exitvoice::command::verify::{Sample, VerifyOptions};
use exitvoice::command::{Error, Machine, ScenarioOptions, Silent};
use exitvoice::compare::shapley::MECHANISMS;
use exitvoice::io::run_folder::verify;
use exitvoice::io::vfs::RealVfs;
use tempfile::TempDir;

/// 120 men of the embedded country for five months, with attempts frequent enough to be counted.
const WAR: &str = r#"
format = 1
name = "small-war"
title = "A small war"
[period]
start = 2024-10-08
end = 2025-02-28
[society]
source = "fixture:toy"
[claims]
set = "none"
[order_of_battle]
soldiers_per_squad = "10 persons"
squads_per_platoon = 3
platoons_per_company = 4
companies_per_battalion = 4
battalions_per_brigade = 6
[[waves]]
name = "all"
contingent = 1
persons = "120 persons"
arrives = 2024-10-12
at_front = 2024-10-28
source = "assumption"
[[phases]]
name = "contact"
from = 2024-11-05
hazard = "danger.combat.hazard_winter_assaults"
source = "assumption"
"#;

fn between(folder: &TempDir, set: &[&str], set_b: &[&str], replicates: u32, threads: usize) -> CompareOutcome {
    run(folder, "war.toml", set, set_b, replicates, threads).expect("compares")
}

fn run(
    folder: &TempDir,
    b: &str,
    set: &[&str],
    set_b: &[&str],
    replicates: u32,
    threads: usize,
) -> Result<CompareOutcome, Error> {
    compare(&options(folder, b, set, set_b, replicates, threads), &mut Silent)
}

fn options(folder: &TempDir, b: &str, set: &[&str], set_b: &[&str], replicates: u32, threads: usize) -> CompareOptions {
    let path = folder.path().join("war.toml");
    std::fs::write(&path, WAR).expect("written");
    let a = path.display().to_string();
    let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<String>>();
    CompareOptions {
        a: ScenarioOptions {
            set: owned(set),
            out: folder.path().join(format!("results-{threads}")),
            allow_scaled: true,
            ..ScenarioOptions::new(&a)
        },
        b: if b == "war.toml" { a } else { b.to_owned() },
        set_b: owned(set_b),
        replicates: Some(replicates),
        mechanisms: Vec::new(),
        machine: Machine { threads, cache_folder: Some(folder.path().join("cache")), ..Machine::this() },
    }
}

/// Every coupling between soldiers off: nobody joins, nothing that happens to others enters the decision.
const UNCOUPLED: [&str; 8] = [
    "exit.cell.join=-40",
    "exit.attempt.danger_effect=0",
    "exit.attempt.fear_effect=0",
    "exit.attempt.success_effect=0",
    "exit.attempt.catch_effect=0",
    "exit.attempt.trust_effect=0",
    "home.penalty.exit_known=0",
    "exit.attempt.base_rate=0.6 /yr",
];

#[test]
fn a_scenario_differs_in_nothing_from_itself() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let found = between(&folder, &[], &[], 3, 2);
    for (name, difference) in &found.differences {
        let largest = [difference.q05, difference.q50, difference.q95, difference.mean]
            .map(f64::abs)
            .into_iter()
            .fold(0.0, f64::max);
        assert!(largest < f64::MIN_POSITIVE, "{name}: {difference:?}");
    }
    assert!(
        found.variance_ratio.values().flatten().all(|ratio| *ratio < f64::MIN_POSITIVE),
        "{:?}",
        found.variance_ratio
    );
    assert!(found.sentences[0].starts_with("A and B have the same values"), "{:?}", found.sentences);
    assert!(found.rates.iter().all(|r| r.rates.is_some() == r.reason.is_empty()));
    assert!(found.rates.iter().any(|r| r.rates.is_none()), "120 men in thirds");
}

#[test]
fn pairing_reaches_the_bound_of_rare_independent_events() {
    // By r, ratio of the hazards: few exits differ at r near 1, so that the ratio of variances needs many pairs to be known to a tenth.
    for (rate, replicates) in [("0.66", 2_400), ("1.2", 500), ("0.3", 500)] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let set = format!("exit.attempt.base_rate={rate} /yr");
        let found = between(&folder, &UNCOUPLED, &[set.as_str()], replicates, 2);
        let (means, pairing) = (found.means["attempts_total"], found.pairing["attempts_total"]);
        assert!(means.a > 2.0 && (means.b > means.a) == (rate != "0.3"), "{rate}: {means:?}");
        let (ratio, bound) =
            (pairing.variance_ratio.expect("varies"), pairing.independent_bound.expect("means above 0"));
        assert!(ratio <= 1.25 * bound, "{rate}: {ratio} against {bound}");
        assert!(rate != "0.66" || ratio <= 0.1, "+10 % of the base hazard: {ratio}");
    }
}

#[test]
fn the_digest_of_a_comparison_does_not_depend_on_threads_and_a_complete_one_is_found_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let set_b = ["exit.attempt.base_rate=0.5 /yr"];
    let [one, three] = [1, 3].map(|threads| between(&folder, &[], &set_b, 5, threads));
    assert_eq!((&one.digest, &one.run_id, &one.differences), (&three.digest, &three.run_id, &three.differences));
    let again = between(&folder, &[], &set_b, 5, 1);
    assert!(again.found_complete && !one.found_complete);
    assert_eq!(again.digest, one.digest);
    let complete = verify(&RealVfs, &one.out).expect("every file has its hash");
    for name in ["report.html", "figures/both.svg", "resolved-a.toml", "resolved-b.toml", "tables/runs/part-1.parquet"]
    {
        assert!(complete.run.files.contains_key(name), "{name}");
    }
}

#[test]
fn what_shares_no_draws_is_refused_with_what_helps() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = run(&folder, "war.toml", &[], &["run.seed=9"], 3, 1).expect_err("two seeds");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0772", 64));
    assert!(error.to_string().contains("--seed"), "{error}");
    let error = run(&folder, "kursk-2024", &[], &[], 3, 1).expect_err("two countries");
    assert_eq!(error.code(), "EV0772");
}

#[test]
fn two_scenarios_of_different_names_share_their_tables() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let other = folder.path().join("other.toml");
    std::fs::write(&other, WAR.replace("small-war", "other-war")).expect("written");
    let found = run(&folder, &other.display().to_string(), &[], &[], 3, 1).expect("compares");
    assert_eq!((found.a.as_str(), found.b.as_str()), ("small-war", "other-war"));
    let complete = verify(&RealVfs, &found.out).expect("every file has its hash");
    for name in ["tables/runs/part-0.parquet", "tables/runs/part-1.parquet", "tables/series/part-1.parquet"] {
        assert!(complete.run.files.contains_key(name), "{name}");
    }
}

#[test]
fn kin_punished_and_innocents_hit_stand_beside_the_exits_of_every_comparison() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let set =
        ["exit.attempt.base_rate=3 /yr", "surveillance.denunciation.innocent_rate=0.01 /d", "home.penalty.delay=5 d"];
    let set_b = ["home.penalty.applied=0", "surveillance.audit.quota=0"];
    let found = between(&folder, &set, &set_b, 6, 2);
    for name in ["kin_punished_total", "innocents_hit_total"] {
        let (means, difference) = (found.means[name], found.differences[name]);
        assert!(means.a > 0.0 && means.b.abs() < f64::MIN_POSITIVE, "{name}: {means:?}");
        assert!((difference.mean + means.a).abs() < 1e-9, "{name}: {difference:?}");
    }
    let page = std::fs::read_to_string(&found.report).expect("there");
    let csv = std::fs::read_to_string(found.out.join("figures/differences.csv")).expect("there");
    for label in ["Relatives at home who were penalised", "Soldiers warned, moved or arrested who had planned nothing"]
    {
        assert!(page.contains(label), "{label}");
    }
    assert!(csv.contains("kin_punished_total") && csv.contains("innocents_hit_total"), "{csv}");
    // What was changed is told beside the differences that it makes.
    let changed: Vec<[&str; 3]> = found.changed.iter().map(|row| row.each_ref().map(String::as_str)).collect();
    assert_eq!(changed, [["home.penalty.applied", "0.5", "0"], ["surveillance.audit.quota", "0.1", "0"]]);
    assert!(found.text().contains(&"changed: home.penalty.applied is 0.5 in A and 0 in B".to_owned()));
}

#[test]
fn shares_of_mechanisms_add_up_and_their_ends_are_those_of_a_plain_comparison() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let off: Vec<String> = MECHANISMS.iter().map(|m| format!("{}={}", m.key, m.off)).collect();
    let off: Vec<&str> = off.iter().map(String::as_str).collect();
    let mut asked = options(&folder, "war.toml", &["exit.attempt.base_rate=3 /yr"], &off, 5, 2);
    asked.mechanisms = MECHANISMS.iter().collect();
    let found = compare(&asked, &mut Silent).expect("compares");
    let shapley = found.shapley.as_ref().expect("asked for");
    assert_eq!((shapley.sets, shapley.mechanisms.len()), (32, 5));
    for (name, shared) in &shapley.quantities {
        let sum: f64 = shared.parts.iter().map(|part| part.share.mean).sum();
        assert!((sum - shared.together.mean).abs() < 1e-9, "{name}: {sum} and {}", shared.together.mean);
        // The other route: A against a B in which every mechanism is off.
        let (means, difference) = (found.means[name], found.differences[name]);
        assert!((shared.mean_with - means.a).abs() < 1e-12 && (shared.mean_without - means.b).abs() < 1e-12, "{name}");
        assert!((shared.together.mean + difference.mean).abs() < 1e-12, "{name}");
        assert!((shared.together.standard_error - difference.standard_error).abs() < 1e-12, "{name}");
    }
    let moved = &shapley.quantities["attempts_total"];
    assert!(moved.parts.iter().any(|part| part.share.mean.abs() > 0.1), "{moved:?}");
    let complete = verify(&RealVfs, &found.out).expect("every file has its hash");
    for name in ["tables/shapley/part-0.parquet", "figures/shapley.svg", "figures/shapley.csv"] {
        assert!(complete.run.files.contains_key(name), "{name}");
    }
    assert!(found.sentences.iter().any(|s| s.contains("with none of the mechanisms")), "{:?}", found.sentences);
    // Both sides, and 31 sets beside A.
    let whole = VerifyOptions { folder: found.out.clone(), sample: Sample::All, machine: asked.machine.clone() };
    let verified = exitvoice::command::verify::verify(&whole, &mut Silent).expect("every file has its hash");
    assert_eq!((verified.planned, verified.done, verified.failed), (165, 165, 0));
    let plain = between(&folder, &["exit.attempt.base_rate=3 /yr"], &off, 5, 2);
    assert_ne!(found.digest, plain.digest, "the digest covers the sets");
}

#[test]
fn scenarios_of_different_periods_are_compared_with_a_notice() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let shorter = folder.path().join("shorter.toml");
    std::fs::write(&shorter, WAR.replace("small-war", "shorter").replace("2025-02-28", "2025-01-31")).expect("written");
    let found = run(&folder, &shorter.display().to_string(), &[], &[], 3, 1).expect("compares");
    let notice = &found.sentences[0];
    assert!(notice.contains("28 February 2025") && notice.contains("31 January 2025"), "{notice}");
    let page = std::fs::read_to_string(&found.report).expect("there");
    assert!(page.contains(notice), "{notice}");
    assert!(!between(&folder, &[], &[], 3, 1).sentences[0].contains("periods"));
}

#[test]
fn rates_of_a_side_are_those_of_its_own_country_whichever_side_it_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let of_history = WAR.replace("fixture:toy", "history").replace("120 persons", "900 persons");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let a = write("one.toml", &of_history.replace("small-war", "one"));
    // Another rule of inheritance: another country, and other classes.
    let b = write("two.toml", &(of_history.replace("small-war", "two") + "[class.inheritance]\nrule = 2\n"));
    let between = |a: &str, b: &str| {
        let mut asked = options(&folder, b, &["exit.attempt.base_rate=3 /yr"], &[], 2, 2);
        asked.a = ScenarioOptions { scenario: a.to_owned(), scale: Some(0.01), ..asked.a };
        compare(&asked, &mut Silent).expect("compares").rates
    };
    let (there, back) = (between(&a, &b), between(&b, &a));
    let mut shown = 0;
    for (there, back) in there.iter().zip(&back) {
        let (Some(there), Some(back)) = (there.rates, back.rates) else { continue };
        assert!((there.a - back.b).abs() < 1e-12 && (there.b - back.a).abs() < 1e-12, "{there:?} {back:?}");
        shown += usize::from((there.a - there.b).abs() > 1e-9);
    }
    assert!(shown >= 6, "{shown}");
}
