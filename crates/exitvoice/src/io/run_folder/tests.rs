//! Interruptions at every operation, damage to every file.

use super::*;
use crate::io::fault::{Fault, FaultVfs};
use crate::io::run_json::{example as run_json, sealed};
use crate::io::table::tests::example as table;
use crate::io::vfs::RealVfs;

const ID: &str = "0123456789ab";

fn begin(vfs: &dyn Vfs, existing: Existing) -> Result<Opened<'_>, RunFolderError> {
    open(vfs, Path::new("results"), "toy", ID, existing)
}

fn fill(opened: Opened<'_>, report: &str) -> Result<CompleteRun, RunFolderError> {
    match opened {
        Opened::Complete(run) => Ok(*run),
        Opened::New(mut folder) => {
            folder.write("report.html", report.as_bytes())?;
            folder.write("figures/force.svg", b"<svg/>")?;
            folder.write_table(&table())?;
            folder.publish(run_json(ID))
        }
    }
}

fn run(vfs: &dyn Vfs, existing: Existing, report: &str) -> Result<CompleteRun, RunFolderError> {
    begin(vfs, existing).and_then(|opened| fill(opened, report))
}

fn report(vfs: &dyn Vfs) -> String {
    String::from_utf8(vfs.read(Path::new("results/toy/0123456789ab/report.html"), 100).expect("there")).expect("text")
}

fn hidden(vfs: &dyn Vfs) -> Vec<String> {
    let entries = vfs.list(Path::new("results/toy")).expect("there");
    entries.iter().map(|e| e.file_name().to_owned()).filter(|n| n.starts_with('.')).collect()
}

#[test]
fn a_published_run_is_whole_and_is_found_again() {
    let vfs = FaultVfs::new();
    let done = run(&vfs, Existing::Keep, "one").expect("published");
    assert_eq!(done.run.status, RunStatus::Completed);
    let files: Vec<&str> = done.run.files.keys().map(String::as_str).collect();
    assert_eq!(files, ["codebook.csv", "figures/force.svg", "report.html", "tables/series/part-0.parquet"]);
    assert_eq!(hidden(&vfs), Vec::<String>::new());
    let again = run(&vfs, Existing::Keep, "two").expect("verified");
    assert_eq!(again.run, done.run);
    assert_eq!(report(&vfs), "one", "a complete run is not computed again");
    run(&vfs, Existing::Replace, "three").expect("replaced");
    assert_eq!(report(&vfs), "three");
    assert_eq!(hidden(&vfs), Vec::<String>::new());
}

#[test]
fn a_folder_that_is_not_published_leaves_none_that_it_made_and_nothing_of_others_goes() {
    let vfs = FaultVfs::new();
    let there = |path: &str| vfs.entry(Path::new(path)).expect("looked at").is_some();
    drop(begin(&vfs, Existing::Keep).expect("opened"));
    assert!(!there("results"));
    let opened = begin(&vfs, Existing::Keep).expect("opened");
    vfs.put(Path::new("results/notes.txt"), b"mine");
    drop(opened);
    assert!(there("results/notes.txt") && !there("results/toy"));
    vfs.create_folder(Path::new("results/toy")).expect("made by somebody");
    drop(begin(&vfs, Existing::Keep).expect("opened"));
    assert!(there("results/toy"));
}

#[test]
fn what_is_put_into_a_folder_while_it_is_replaced_stays() {
    let vfs = FaultVfs::new();
    run(&vfs, Existing::Keep, "one").expect("published");
    let opened = begin(&vfs, Existing::Replace).expect("opened");
    let note = Path::new("results/toy/0123456789ab/mine/notes.txt");
    vfs.create_folder(parent(note)).expect("made");
    vfs.put(note, b"mine");
    fill(opened, "two").expect("replaced");
    assert_eq!(vfs.read(note, 100).expect("kept"), b"mine");
    assert_eq!((report(&vfs).as_str(), hidden(&vfs)), ("two", Vec::new()));
}

#[test]
fn the_same_run_in_another_place_has_the_same_files() {
    let (a, b) = (FaultVfs::new(), FaultVfs::new());
    assert_eq!(
        run(&a, Existing::Keep, "x").expect("done").run.files,
        run(&b, Existing::Keep, "x").expect("done").run.files
    );
}

#[test]
fn the_real_file_system_holds_a_run_too() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let out = root.path().join("a/results");
    let go = || open(&RealVfs, &out, "toy", ID, Existing::Replace).and_then(|o| fill(o, "real"));
    go().expect("published");
    go().expect("replaced");
    assert_eq!(verify(&RealVfs, &out.join("toy").join(ID)).expect("whole").run.run_id, ID);
}

#[test]
fn damage_to_any_file_is_found_and_named() {
    let vfs = FaultVfs::new();
    let done = run(&vfs, Existing::Keep, "one").expect("published");
    for name in done.run.files.keys() {
        let path = done.folder.join(name);
        let whole = vfs.read(&path, 1 << 20).expect("there");
        vfs.put(&path, &whole[..whole.len() - 1]);
        let error = run(&vfs, Existing::Keep, "x").expect_err("damaged");
        assert!(error.to_string().starts_with("EV0751") && error.to_string().contains(name.as_str()), "{error}");
        assert_eq!(error.exit_code(), 65);
        vfs.remove(&path).expect("there");
        assert!(run(&vfs, Existing::Keep, "x").expect_err("missing").to_string().contains("is missing"));
        vfs.put(&path, &whole);
    }
    let path = done.folder.join("run.json");
    let text = String::from_utf8(vfs.read(&path, 1 << 20).expect("there")).expect("text");
    let with = |from: &str, to: &str| {
        vfs.put(&path, &sealed(text.replace(from, to).into_bytes()));
        run(&vfs, Existing::Keep, "x").expect_err("refused").to_string()
    };
    assert!(with("\"schema\": 1", "\"schema\": 2").starts_with("EV0752"));
    assert!(with("\"schema\"", "\"scheme\"").contains("schema"));
    assert!(with("completed", "running").contains("not complete"));
    assert!(with("\"figures/force.svg\"", "\"../../../letter\"").contains("outside"));
    assert!(with("{", "(").contains("not JSON"));
    vfs.put(&path, text.replace("\"replicates\": 2", "\"replicates\": 3").as_bytes());
    let error = run(&vfs, Existing::Keep, "x").expect_err("a number changed");
    assert!(error.to_string().contains("seal") && error.exit_code() == 65, "{error}");
    vfs.remove(&path).expect("there");
    let error = run(&vfs, Existing::Keep, "x").expect_err("not a run");
    assert!(error.to_string().starts_with("EV0753") && error.exit_code() == 64, "{error}");
    let error = verify(&vfs, Path::new("results/nowhere")).expect_err("no folder");
    assert!(error.to_string().starts_with("EV0796") && error.exit_code() == 64, "{error}");
    let error = run(&vfs, Existing::Replace, "again").expect_err("nobody knows whose the other files are");
    assert!(matches!(error, RunFolderError::Foreign { .. }), "{error}");
    vfs.remove_folder(&done.folder).expect("there");
    assert_eq!(run(&vfs, Existing::Replace, "again").expect("computed again").run.run_id, ID);
}

#[test]
fn stopped_anywhere_the_old_or_the_new_run_stands_there_whole() {
    let operations = |existing| {
        let vfs = FaultVfs::new();
        run(&vfs, Existing::Keep, "old").expect("published");
        let before = vfs.operations();
        run(&vfs, existing, "new").expect("published");
        vfs.operations() - before
    };
    for fault in [Fault::Crash, Fault::DiskFull, Fault::Torn { bytes: 5 }, Fault::Denied] {
        for n in 0..operations(Existing::Replace) {
            for power in [false, true] {
                let vfs = FaultVfs::new();
                run(&vfs, Existing::Keep, "old").expect("published");
                vfs.fail_at(n, fault);
                let replaced = run(&vfs, Existing::Replace, "new").is_ok();
                if power {
                    vfs.power_cut();
                } else {
                    vfs.restart();
                }
                run(&vfs, Existing::Keep, "later").expect("the next run recovers");
                let now = report(&vfs);
                assert!(now == "new" || (now == "old" && !replaced), "{fault:?} at {n}: {now}");
                assert_eq!(hidden(&vfs), Vec::<String>::new(), "{fault:?} at {n}");
            }
        }
    }
}

#[test]
fn a_first_run_stopped_anywhere_leaves_nothing_or_a_whole_run() {
    let clean = FaultVfs::new();
    run(&clean, Existing::Keep, "first").expect("published");
    for n in 0..clean.operations() {
        for power in [false, true] {
            let vfs = FaultVfs::new();
            vfs.fail_at(n, Fault::Crash);
            let done = run(&vfs, Existing::Keep, "first").is_ok();
            if power {
                vfs.power_cut();
            } else {
                vfs.restart();
            }
            let there = vfs.entry(Path::new("results/toy/0123456789ab")).expect("readable").is_some();
            assert!(there || !done, "a published run survives (stopped at {n})");
            run(&vfs, Existing::Keep, "second").expect("the next run recovers");
            assert_eq!(report(&vfs), if there { "first" } else { "second" }, "stopped at {n}");
        }
    }
}

/// A run whose state holds one file: written before the results, found again by the next one, kept in the published run.
fn with_state(vfs: &dyn Vfs, existing: Existing, report: &str) -> Result<CompleteRun, RunFolderError> {
    let opened = begin(vfs, existing)?;
    let Opened::New(mut folder) = opened else { return fill(opened, report) };
    let file = folder.state(Existing::Keep)?.join("kept");
    if vfs.entry(&file)?.is_none() {
        crate::io::vfs::write_atomically(vfs, &file, &[b"state"])?;
    }
    fill(Opened::New(folder), report)
}

#[test]
fn a_state_outlives_every_interruption_and_stays_in_the_published_run() {
    let state = Path::new("results/toy/0123456789ab/.state/kept");
    let count = |existing| {
        let vfs = FaultVfs::new();
        with_state(&vfs, Existing::Keep, "old").expect("published");
        let before = vfs.operations();
        with_state(&vfs, existing, "new").expect("published");
        assert_eq!(vfs.read(state, 10).expect("kept"), b"state");
        (before, vfs.operations() - before)
    };
    for (first, operations) in [(true, count(Existing::Replace).0), (false, count(Existing::Replace).1)] {
        for n in 0..operations {
            for power in [false, true] {
                let vfs = FaultVfs::new();
                if !first {
                    with_state(&vfs, Existing::Keep, "old").expect("published");
                }
                vfs.fail_at(n, Fault::Crash);
                let done = with_state(&vfs, Existing::Replace, "new").is_ok();
                if power {
                    vfs.power_cut();
                } else {
                    vfs.restart();
                }
                with_state(&vfs, Existing::Keep, "later").expect("the next run recovers");
                let now = report(&vfs);
                let fits = now == "new" || !done && (now == "old" || first && now == "later");
                assert!(fits, "stopped at {n}, power cut {power}: {now}");
                assert_eq!(vfs.read(state, 10).expect("a state"), b"state", "stopped at {n}");
                assert_eq!(hidden(&vfs), Vec::<String>::new(), "stopped at {n}");
            }
        }
    }
}

#[test]
fn a_folder_with_a_state_alone_is_unfinished_and_one_with_neither_is_no_run() {
    let vfs = FaultVfs::new();
    let Opened::New(mut folder) = begin(&vfs, Existing::Keep).expect("new") else { panic!("nothing is there") };
    let state = folder.state(Existing::Keep).expect("made");
    vfs.put(&state.join("kept"), b"state");
    drop(folder);
    assert!(!is_complete(&vfs, Path::new("results"), "toy", ID).expect("readable"));
    assert!(vfs.entry(&state.join("kept")).expect("readable").is_some(), "what is given up keeps its state");
    let error = verify(&vfs, &Path::new("results/toy").join(ID)).expect_err("not finished");
    assert!(error.to_string().contains("`exitvoice resume results/toy/"), "{error}");
    assert!(error.to_string().starts_with("EV0755") && error.exit_code() == 64, "{error}");
    let Opened::New(mut again) = begin(&vfs, Existing::Keep).expect("goes on") else { panic!("not complete") };
    again.state(Existing::Replace).expect("made anew");
    assert!(vfs.entry(&state.join("kept")).expect("readable").is_none());
    fill(Opened::New(again), "done").expect("published");
    assert!(is_complete(&vfs, Path::new("results"), "toy", ID).expect("readable"));
}

#[test]
fn a_second_writer_is_sent_away_and_a_run_given_up_leaves_nothing() {
    let vfs = FaultVfs::new();
    let first = begin(&vfs, Existing::Keep).expect("new");
    let error = begin(&vfs, Existing::Keep).expect_err("locked");
    assert!(error.to_string().starts_with("EV0715"), "{error}");
    assert_eq!(error.exit_code(), 73);
    let other = open(&vfs, Path::new("results"), "toy", "ffffffffffff", Existing::Keep).expect("another id is free");
    drop(other);
    assert!(hidden(&vfs).contains(&format!(".new-{ID}")), "a living run of another id is spared");
    drop(first);
    assert_eq!(vfs.entry(Path::new("results")).expect("looked at"), None);
}

#[test]
fn leftovers_of_other_runs_are_cleaned() {
    let vfs = FaultVfs::new();
    vfs.put(Path::new("results/toy/.new-eeeeeeeeeeee/report.html"), b"half");
    run(&vfs, Existing::Keep, "one").expect("published");
    assert_eq!(hidden(&vfs), Vec::<String>::new());
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    assert!(check_name(&"a".repeat(200)).is_ok() && check_name(&"a".repeat(201)).is_err());
    let vfs = FaultVfs::new();
    for name in ["", "..", ".hidden", "a/b", "a\\b", "a b", "a\u{1b}"] {
        let error = open(&vfs, Path::new("results"), name, ID, Existing::Keep).expect_err("refused");
        assert!(error.to_string().starts_with("EV0750"), "{error}");
    }
    assert_eq!(vfs.operations(), 0, "nothing was touched");
}

#[test]
fn parts_of_one_table_stand_side_by_side_and_once_in_the_codebook() {
    let vfs = FaultVfs::new();
    let Opened::New(mut folder) = begin(&vfs, Existing::Keep).expect("new") else { panic!("nothing is there") };
    folder.write_table_part(&table(), 0).expect("written");
    folder.write_table_part(&table(), 1).expect("written");
    let mut other = table();
    other.columns.pop();
    assert!(matches!(folder.write_table_part(&other, 2), Err(RunFolderError::Table(_))));
    let done = folder.publish(run_json(ID)).expect("published");
    assert!(done.run.files.contains_key("tables/series/part-1.parquet"));
    let codebook = vfs.read(&done.folder.join("codebook.csv"), 1 << 20).expect("there");
    assert_eq!(String::from_utf8_lossy(&codebook).lines().count(), 1 + table().columns.len());
}

#[test]
fn files_of_somebody_else_are_named_and_never_replaced() {
    let vfs = FaultVfs::new();
    let done = run(&vfs, Existing::Keep, "one").expect("published");
    let others = || foreign(&vfs, &done.folder, &done.run.files).expect("listed");
    assert_eq!(others(), Vec::<String>::new());
    for name in ["notes.txt", "figures/mine.svg"] {
        vfs.put(&done.folder.join(name), b"mine");
    }
    assert_eq!(others(), ["figures/mine.svg", "notes.txt"]);
    let refused = run(&vfs, Existing::Replace, "two").expect_err("refused");
    assert!(refused.to_string().starts_with("EV0794") && refused.to_string().contains("notes.txt"), "{refused}");
    assert_eq!((refused.exit_code(), report(&vfs).as_str(), hidden(&vfs).len()), (64, "one", 0));
    assert_eq!(run(&vfs, Existing::Keep, "two").expect("verified").run, done.run);
    // Whose files they are cannot be told any more: what is damaged can be computed again.
    vfs.put(&done.folder.join("run.json"), b"{}");
    run(&vfs, Existing::Replace, "three").expect("replaced");
    assert_eq!(report(&vfs), "three");
}

#[test]
fn files_beside_a_state_are_not_replaced_either() {
    let vfs = FaultVfs::new();
    let folder = Path::new("results/toy").join(ID);
    vfs.put(&folder.join(STATE).join("bank"), b"x");
    vfs.put(&folder.join("notes.txt"), b"mine");
    let refused = begin(&vfs, Existing::Keep).expect_err("refused");
    assert!(
        matches!(refused, RunFolderError::Foreign { .. }) && refused.to_string().contains("has no run.json"),
        "{refused}"
    );
}

#[test]
fn a_complete_run_is_read_where_nothing_can_be_written() {
    let vfs = FaultVfs::new();
    let done = run(&vfs, Existing::Keep, "one").expect("published");
    let denied = |existing| {
        // The second operation makes the folder of the scenario, after a look at whether it is there.
        vfs.fail_at(1, Fault::Denied);
        begin(&vfs, existing)
    };
    assert!(matches!(denied(Existing::Keep), Ok(Opened::Complete(run)) if run.run == done.run));
    let refused = denied(Existing::Replace).expect_err("refused");
    assert_eq!(refused.exit_code(), 74);
    vfs.remove_folder(&done.folder).expect("removed");
    assert_eq!(denied(Existing::Keep).expect_err("refused").exit_code(), 74);
}
