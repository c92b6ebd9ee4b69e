//! Branches through the facade: from a run's folder to many futures of its past, verified, refused where they make no sense.

use exitvoice::command::branch::{BranchOptions, BranchOutcome, branch};
use exitvoice::command::run::{RecordLevel, RunOptions, run};
use exitvoice::command::verify::{Sample, VerifyOptions, verify};
use exitvoice::command::{Day, Error, Machine, ScenarioOptions, Silent};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Thirty soldiers for sixty days who try to leave often.
const WAR: &str = "format = 1\nextends = \"toy-squad\"\nname = \"war\"\n[exit.attempt]\nbase_rate = \"6 /yr\"\n";

fn written(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path.display().to_string()
}

fn machine(folder: &TempDir, threads: usize) -> Machine {
    Machine { threads, cache_folder: Some(folder.path().join("cache")), ..Machine::this() }
}

fn parent(folder: &TempDir) -> PathBuf {
    parent_with(folder, &[])
}

fn parent_with(folder: &TempDir, set: &[&str]) -> PathBuf {
    let scenario = written(folder, "war.toml", WAR);
    let set = set.iter().map(|s| (*s).to_owned()).collect();
    let options = RunOptions {
        scenario: ScenarioOptions { out: folder.path().join("results"), set, ..ScenarioOptions::new(&scenario) },
        machine: machine(folder, 2),
        replicates: Some(40),
        infer: false,
        record: RecordLevel::Series,
    };
    run(&options, &mut Silent).expect("runs").out
}

fn at(folder: &TempDir, run: &Path, day: &str, with: &[String], threads: usize) -> Result<BranchOutcome, Error> {
    let options = BranchOptions {
        folder: run.to_owned(),
        at: Day::parse(day).expect("a day"),
        with: with.to_vec(),
        out: folder.path().join(format!("branches-{threads}")),
        force: false,
        machine: machine(folder, threads),
    };
    branch(&options, &mut Silent)
}

#[test]
fn levels_of_a_lever_of_control_are_no_ways_on_of_one_past() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = parent(&folder);
    let with = |name: &str, share: &str| {
        let lever = format!("[surveillance.denunciation]\ninformer_share = {share}\n");
        written(&folder, &format!("{name}.toml"), &format!("{}{lever}", WAR.replace("\"war\"", &format!("\"{name}\""))))
    };
    let (few, more, none) = (with("few", "0.2"), with("more", "0.3"), with("none", "0"));
    for ways in [vec![few.clone()], vec![none.clone(), few.clone()], vec![none.clone(), few, more]] {
        let error = at(&folder, &run, "2024-11-07", &ways, 1).expect_err("refused");
        assert!(error.code() == "EV0772" && error.exit_code() == 64, "{error}");
        assert!(error.to_string().contains("surveillance.denunciation.informer_share"), "{error}");
    }
    assert_eq!(at(&folder, &run, "2024-11-07", &[none], 1).expect("on and off").failed, 0);
}

#[test]
fn branches_share_the_run_s_past_have_one_digest_and_are_verified() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = parent(&folder);
    let same = written(&folder, "same.toml", &WAR.replace("\"war\"", "\"same\""));
    let bold = written(&folder, "bold.toml", &WAR.replace("\"war\"", "\"bold\"").replace("6 /yr", "60 /yr"));
    let meek = written(&folder, "meek.toml", &WAR.replace("\"war\"", "\"meek\"").replace("6 /yr", "0 /yr"));
    let with = [same, bold, meek];
    let [one, two] = [1, 2].map(|threads| at(&folder, &run, "2024-11-07", &with, threads).expect("branches"));
    assert_eq!((one.planned, one.done, one.failed), (160, 160, 0));
    assert_eq!((&one.digest, &one.run_id, &one.branches), (&two.digest, &two.run_id, &two.branches));
    // The run itself, gone on unchanged, is the run; a scenario of the same values is so too.
    assert_eq!(one.branches[0].digest, one.parent_digest);
    assert!(one.branches[0].changed.is_empty());
    let told = |name: &str| one.sentences.iter().any(|s| s.starts_with(name) && s.contains("have the same values"));
    assert!(told("same: ") && !told("bold: ") && !told("meek: "), "{:?}", one.sentences);
    for (name, difference) in &one.branches[0].differences {
        assert!(difference.mean.abs() < f64::MIN_POSITIVE && difference.q95.abs() < f64::MIN_POSITIVE, "{name}");
    }
    let attempts = |n: usize| one.branches[n].means["attempts_total"];
    assert!(attempts(1).b > attempts(1).a && attempts(1).a > attempts(2).b, "{:?} {:?}", attempts(1), attempts(2));
    assert!(attempts(2).b > 0.0, "attempts before the day stay: {:?}", attempts(2));
    assert!(one.branches[1].differences.contains_key("kin_punished_total"));
    assert_eq!(
        one.branches[1].changed,
        [["exit.attempt.base_rate".to_owned(), "6 /yr".to_owned(), "60 /yr".to_owned()]]
    );
    let options = VerifyOptions { folder: one.out.clone(), sample: Sample::All, machine: machine(&folder, 2) };
    let verified = verify(&options, &mut Silent).expect("every file has its hash");
    assert_eq!((verified.planned, verified.done, verified.failed), (160, 160, 0));
    let again = at(&folder, &run, "2024-11-07", &with, 1).expect("complete");
    assert!(again.found_complete && again.digest == one.digest);
    for name in ["report.html", "figures/both-2.svg", "figures/differences-3.csv", "resolved-0.toml", "scenario-2.toml"]
    {
        assert!(one.out.join(name).is_file(), "{name}");
    }
    let page = std::fs::read_to_string(&one.report).expect("there");
    assert!(page.contains("id=\"figure-both-2\"") && page.contains("gone on unchanged"));
    // Three ways on with the title of the war are told apart by their names.
    for name in ["same", "bold", "meek"] {
        assert!(page.contains(&format!("</span> {name}</h2>")), "{name}");
    }
    assert!(one.sentences[0].starts_with("A is run "), "{:?}", one.sentences);
    let twice = [with[1].clone(), with[1].clone()];
    let error = at(&folder, &run, "2024-11-07", &twice, 1).expect_err("refused");
    assert!(error.code() == "EV0772" && error.to_string().contains("it stands there twice"), "{error}");
    let redrawn = exitvoice::command::report::ReportOptions { folder: one.out.clone(), machine: machine(&folder, 1) };
    let redrawn = exitvoice::command::report::report(&redrawn, &mut Silent).expect("drawn again");
    assert_eq!(std::fs::read_to_string(redrawn.report).expect("there"), page);
}

#[test]
fn what_was_settled_before_the_day_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = parent(&folder);
    let cases = [
        (
            "soldiers.toml",
            format!("{WAR}[service.selection]\nshare_selected = 1\n"),
            "service.selection.share_selected",
        ),
        (
            "belief.toml",
            format!("{WAR}[mind.belief]\ncatch_prior = 0.9\n"),
            "mind.belief.catch_prior was 0.5 and is 0.9",
        ),
        ("rule.toml", format!("{WAR}[decision]\nrule = \"m3\"\n"), "decision.rule"),
        ("period.toml", format!("{WAR}[period]\nend = 2024-11-20\n"), "period"),
        ("home.toml", format!("{WAR}[control.offence]\nbase_rate = \"0.01 /yr\"\n"), "control.offence.base_rate"),
    ];
    for (file, text, said) in cases {
        let with = [written(&folder, file, &text)];
        let error = at(&folder, &run, "2024-11-07", &with, 1).expect_err(file);
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0779", 64), "{file}: {error}");
        assert!(error.to_string().contains(said), "{file}: {error}");
    }
    let with = [written(&folder, "same.toml", WAR)];
    for day in ["2024-10-08", "2024-12-31"] {
        let error = at(&folder, &run, day, &with, 1).expect_err(day);
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0778", 64), "{error}");
    }
    let twice = [with[0].clone(), with[0].clone()];
    assert_eq!(at(&folder, &run, "2024-11-07", &twice, 1).expect_err("twice").code(), "EV0772");
    let done = at(&folder, &run, "2024-11-07", &with, 1).expect("branches");
    let error = at(&folder, &done.out, "2024-11-07", &with, 1).expect_err("a branch is no run");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0777", 64));
}

#[test]
fn what_was_laid_over_the_run_holds_in_every_way_on_that_does_not_say_otherwise() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = parent_with(&folder, &["exit.attempt.base_rate=12 /yr", "exit.absence.base_rate=2 /yr"]);
    let bold = written(&folder, "bold.toml", &WAR.replace("\"war\"", "\"bold\"").replace("6 /yr", "60 /yr"));
    let found = at(&folder, &run, "2024-11-07", &[folder.path().join("war.toml").display().to_string(), bold], 1);
    let branches = found.expect("branches").branches;
    assert!(branches[0].changed.is_empty(), "{:?}", branches[0].changed);
    assert_eq!(branches[1].changed, [["exit.attempt.base_rate".to_owned(), "12 /yr".to_owned(), "60 /yr".to_owned()]]);
}

#[test]
fn what_the_run_settles_for_all_its_branches_is_told_where_a_scenario_sets_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = parent_with(&folder, &["run.seed=3"]);
    let own = |more: &str| written(&folder, "own.toml", &(WAR.replace("\"war\"", "\"own\"") + more));
    let branched = |way: String| {
        let war = folder.path().join("war.toml").display().to_string();
        let found = at(&folder, &run, "2024-11-07", &[way, war], 1).expect("branches");
        assert_eq!(found.planned, 120);
        let told = found.sentences.into_iter().filter(|line| line.contains("counts for nothing")).collect::<Vec<_>>();
        let page = std::fs::read_to_string(&found.report).expect("a page");
        assert!(told.iter().all(|line| page.contains(line)), "{told:?}");
        told
    };
    // What is inherited, as the seed of the shipped scenario, is nobody's wish.
    assert!(branched(own("")).is_empty());
    let settled = |key: &str, value: &str, runs: &str| {
        format!("own: run.{key} = {value} counts for nothing; all branches have that of the run, {runs}.")
    };
    let expected = [settled("seed", "5", "3"), settled("scale", "0.5", "1"), settled("replicates", "50", "40")];
    let told = branched(own("[run]\nseed = 5\nscale = 0.5\nreplicates = 50\n"));
    assert_eq!(told, expected, "the branches that stand there are others");
}
