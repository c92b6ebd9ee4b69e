//! Sweeps through the facade, on a file system in memory that loses power: the results are always the same bytes.

use exitvoice::command::resume::ResumeOptions;
use exitvoice::command::run::RecordLevel;
use exitvoice::command::sweep::{SweepOptions, SweepOutcome, resume, sensitivity, sweep};
use exitvoice::command::verify::{Sample, VerifyOptions, verify};
use exitvoice::command::{Error, Machine, ScenarioOptions, Silent};
use exitvoice::io::fault::{Fault, FaultVfs, Remains};
use exitvoice::io::run_json::sealed;
use exitvoice::sweep::Shard;
use exitvoice_core::param::Grade;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Two values of one parameter, 70 replicates each: three blocks, one of them with both points.
const PLAN: &str = r#"
format = 1
name = "pair"
scenario = "toy-squad"
replicates = 70
[parameters]
"exit.absence.base_rate" = ["0.5 /yr", "1 /yr"]
"#;

fn machine(vfs: &FaultVfs, threads: usize) -> Machine {
    Machine { vfs: Arc::new(vfs.clone()), threads, cache_folder: Some(PathBuf::from("cache")), ..Machine::this() }
}

fn disk() -> FaultVfs {
    let vfs = FaultVfs::new();
    vfs.put(Path::new("pair.toml"), PLAN.as_bytes());
    vfs
}

fn run(vfs: &FaultVfs, threads: usize, shard: Shard) -> Result<SweepOutcome, Error> {
    recorded(vfs, threads, shard, RecordLevel::Series)
}

fn recorded(vfs: &FaultVfs, threads: usize, shard: Shard, record: RecordLevel) -> Result<SweepOutcome, Error> {
    let options = SweepOptions {
        scenario: ScenarioOptions { allow_scaled: true, ..ScenarioOptions::new("pair.toml") },
        replicates: None,
        shard,
        record,
        machine: machine(vfs, threads),
    };
    sweep(&options, &mut Silent)
}

fn again(vfs: &FaultVfs, folder: &Path) -> Result<SweepOutcome, Error> {
    resume(&ResumeOptions { folder: folder.to_owned(), machine: machine(vfs, 2) }, &mut Silent)
}

/// What must be equal byte for byte: tables, resolved scenarios, ledger, codebook.
fn results(vfs: &FaultVfs) -> BTreeMap<PathBuf, String> {
    let mut files = vfs.files();
    files.retain(|path, _| path.starts_with("results") && !path.ends_with("run.json"));
    files.retain(|path, _| !path.to_string_lossy().contains(".lock-"));
    files.into_iter().map(|(path, bytes)| (path, blake3::hash(&bytes).to_hex().to_string())).collect()
}

#[test]
fn a_sweep_has_one_digest_and_one_set_of_bytes_for_all_threads_and_shards() {
    let reference = disk();
    let clean = run(&reference, 2, Shard::WHOLE).expect("runs");
    assert_eq!((clean.planned, clean.done, clean.failed, clean.complete), (140, 140, 0, true));
    let names: Vec<String> = results(&reference).keys().map(|p| p.display().to_string()).collect();
    for part in ["tables/series/part-2.parquet", "tables/summary", "tables/points", "ledger.jsonl", "codebook.csv"] {
        assert!(names.iter().any(|n| n.contains(part)), "{part} in {names:?}");
    }
    assert!(names.iter().all(|n| !n.contains(".state")), "the state is gone: {names:?}");
    for threads in [1, 3] {
        let other = disk();
        assert_eq!(run(&other, threads, Shard::WHOLE).expect("runs").digest, clean.digest);
        assert_eq!(results(&other), results(&reference), "{threads} threads");
    }
    let shared = disk();
    let part = |index| run(&shared, 1, Shard { index, of: 3 }).expect("runs");
    let [first, second, last] = [2, 0, 1].map(part);
    assert_eq!([first.complete, second.complete, last.complete], [false, false, true]);
    assert_eq!((first.done, first.digest), (12, None));
    assert_eq!((last.done, &last.digest), (140, &clean.digest));
    assert_eq!(results(&shared), results(&reference), "three shards");
}

#[test]
fn after_any_interruption_the_same_command_or_resume_ends_with_the_same_bytes() {
    let reference = disk();
    let clean = run(&reference, 2, Shard::WHOLE).expect("runs");
    let operations = reference.operations();
    let mut resumed = 0;
    for at in (0..operations).step_by(5) {
        let vfs = disk();
        vfs.fail_at(at, Fault::Crash);
        if run(&vfs, 2, Shard::WHOLE).is_ok() {
            continue;
        }
        vfs.power_cut_with([Remains::Synced, Remains::Everything, Remains::Mixed(at)][(at / 5 % 3) as usize]);
        let ended = match again(&vfs, &clean.out) {
            Ok(ended) => {
                resumed += 1;
                ended
            }
            // Nothing durable had been begun, or its state was torn: the command itself begins again.
            Err(error) => {
                assert!(["EV0781", "EV0782", "EV0710"].contains(&error.code().as_str()), "{at}: {error}");
                run(&vfs, 2, Shard::WHOLE).unwrap_or_else(|e| panic!("{at}: {e}"))
            }
        };
        assert_eq!(ended.digest, clean.digest, "{at}");
        assert_eq!(results(&vfs), results(&reference), "interrupted at operation {at}");
    }
    assert!(resumed >= 5, "{resumed} resumed");
}

fn forced(vfs: &FaultVfs, shard: Shard) -> Result<SweepOutcome, Error> {
    let scenario = ScenarioOptions { allow_scaled: true, force: true, ..ScenarioOptions::new("pair.toml") };
    let machine = machine(vfs, 1);
    sweep(&SweepOptions { scenario, replicates: None, shard, record: RecordLevel::Series, machine }, &mut Silent)
}

#[test]
fn results_stand_until_those_that_were_forced_take_their_place() {
    let vfs = disk();
    let clean = run(&vfs, 2, Shard::WHOLE).expect("runs");
    let before = results(&vfs);
    vfs.fail_at(30, Fault::Crash);
    let _ = forced(&vfs, Shard::WHOLE).expect_err("a crash on the way");
    vfs.power_cut_with(Remains::Everything);
    let mut after = results(&vfs);
    after.retain(|path, _| !path.to_string_lossy().contains(".state"));
    assert_eq!(after, before, "nothing is lost");
    let half = |index| forced(&vfs, Shard { index, of: 2 }).expect("runs");
    let [first, second] = [half(0), half(1)];
    assert!(!first.complete && second.complete && !second.found_complete, "{first:?} {second:?}");
    assert_eq!((second.done, &second.digest), (140, &clean.digest));
    assert_eq!(results(&vfs), before);
}

#[test]
fn each_scenario_of_a_plan_has_its_own_country() {
    let text = exitvoice::data::scenario("toy-squad").expect("shipped");
    let digest = |plan: &str| {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("toy.toml"), text.as_bytes());
        let other = text.replace("fixture:toy", "history").replace("name = \"toy-squad\"", "name = \"other\"");
        vfs.put(Path::new("other.toml"), other.as_bytes());
        vfs.put(Path::new("pair.toml"), format!("format = 1\nname = \"p\"\n{plan}\nreplicates = 2\n").as_bytes());
        let given = ScenarioOptions { scale: Some(0.005), allow_scaled: true, ..ScenarioOptions::new("pair.toml") };
        let machine = machine(&vfs, 2);
        let options = SweepOptions {
            scenario: given,
            replicates: None,
            shard: Shard::WHOLE,
            record: RecordLevel::Series,
            machine,
        };
        let out = sweep(&options, &mut Silent).expect("runs").out;
        let ledger = String::from_utf8(vfs.files()[&out.join("ledger.jsonl")].clone()).expect("text");
        let lines = ledger.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
        lines.map(|l| (l["scenario"].to_string(), l["replicate"].as_u64(), l["digest"].to_string())).collect()
    };
    let both: BTreeSet<_> = digest("scenarios = [\"toy.toml\", \"other.toml\"]");
    let reversed: BTreeSet<_> = digest("scenarios = [\"other.toml\", \"toy.toml\"]");
    assert_eq!(both, reversed);
    assert_eq!(both.iter().map(|(_, _, digest)| digest).collect::<BTreeSet<_>>().len(), 4, "{both:?}");
}

#[test]
fn outcomes_are_not_told_point_by_point_where_a_lever_is_among_what_varies() {
    let plan =
        |keys: &str| format!("format = 1\nscenario = \"toy-squad\"\nbase = 4\nreplicates = 2\nparameters = [{keys}]\n");
    let names = |keys: &str| {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("pair.toml"), plan(keys).as_bytes());
        let (scenario, machine) = (ScenarioOptions::new("pair.toml"), machine(&vfs, 1));
        let options =
            SweepOptions { scenario, replicates: None, shard: Shard::WHOLE, record: RecordLevel::Series, machine };
        let found = sensitivity(&options, &mut Silent).expect("runs");
        let whole = VerifyOptions { folder: found.out.clone(), sample: Sample::All, machine: options.machine };
        assert_eq!(verify(&whole, &mut Silent).expect("verifies").failed, 0);
        let page = String::from_utf8(vfs.files()[&found.out.join("report.html")].clone()).expect("text");
        let report = String::from_utf8(vfs.files()[&found.out.join("report.json")].clone()).expect("text");
        (results(&vfs).keys().map(|p| p.display().to_string()).collect::<Vec<_>>(), page, report)
    };
    let has = |names: &[String], part: &str| names.iter().any(|n| n.contains(part));
    let by_point = ["tables/runs", "tables/summary", "tables/series", "figures/points"];
    let (open, page, _) = names("\"exit.absence.base_rate\"");
    assert!(by_point.iter().all(|part| has(&open, part)) && !page.contains("Levers of control are among"), "{open:?}");
    let (hidden, page, report) = names("\"exit.absence.base_rate\", \"exit.attempt.hostage_effect\"");
    assert!(has(&hidden, "tables/sensitivity") && !by_point.iter().any(|part| has(&hidden, part)), "{hidden:?}");
    assert!(page.contains("Levers of control are among") && !report.contains("\"answers\""));
}

#[test]
fn values_of_a_point_stand_once_in_the_ledger_and_tasks_of_many_values_are_repeated_by_number() {
    let keys: Vec<String> = exitvoice::registry::all()
        .iter()
        .filter(|m| m.key.starts_with("danger.") && m.grade == Grade::Assumed && !m.lever)
        .map(|m| format!("\"{}\"", m.key))
        .take(9)
        .collect();
    assert_eq!(keys.len(), 9);
    let plan =
        format!("format = 1\nscenario = \"toy-squad\"\nbase = 2\nreplicates = 2\nparameters = [{}]\n", keys.join(", "));
    let vfs = FaultVfs::new();
    vfs.put(Path::new("pair.toml"), plan.as_bytes());
    let (scenario, machine) = (ScenarioOptions::new("pair.toml"), machine(&vfs, 1));
    let options =
        SweepOptions { scenario, replicates: None, shard: Shard::WHOLE, record: RecordLevel::Series, machine };
    let found = sensitivity(&options, &mut Silent).expect("runs");
    let text = String::from_utf8(vfs.files()[&found.out.join("ledger.jsonl")].clone()).expect("text");
    let lines: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(lines[2]["values"].as_object().map(serde_json::Map::len), Some(9));
    assert!(lines[3].get("values").is_none());
    assert_eq!(lines[3]["command"], "exitvoice verify . --task 3");
    let check = |sample| {
        let options = VerifyOptions { folder: found.out.clone(), sample, machine: options.machine.clone() };
        let found = verify(&options, &mut Silent).expect("verifies");
        (found.done, found.failed)
    };
    assert_eq!((check(Sample::Task(3)), check(Sample::All)), ((1, 0), (lines.len() as u64, 0)));
}

/// Error code of a plan that is refused before anything is written.
fn refusal(plan: &str, more: &[(&str, &str)]) -> (String, String) {
    let vfs = FaultVfs::new();
    vfs.put(Path::new("pair.toml"), plan.as_bytes());
    more.iter().for_each(|(name, text)| vfs.put(Path::new(name), text.as_bytes()));
    let error = run(&vfs, 1, Shard::WHOLE).expect_err("refused");
    assert!(
        vfs.files().keys().all(|path| !path.starts_with("results") && !path.starts_with("..")),
        "{:?}",
        vfs.files().keys()
    );
    assert_eq!(error.exit_code(), 64, "{error}");
    (error.code(), error.to_string())
}

#[test]
fn plans_that_cannot_be_published_or_say_nothing_are_refused_before_anything_is_done() {
    let named = |name: &str| format!("format = 1\nname = \"{name}\"\nscenario = \"toy-squad\"\n");
    for name in ["my big plan", "../../evil", "/tmp/evil", "", "."] {
        assert_eq!(refusal(&named(name), &[]).0, "EV0750", "{name}");
    }
    assert_eq!(refusal(&(named("p") + "replicates = 0\n"), &[]).0, "EV0780");
    let both = "format = 1\nname = \"p\"\nscenarios = [\"toy-squad\", \"toy-squad\"]\n";
    assert!(refusal(both, &[]).1.contains("one name"));
    let seeds = "format = 1\nname = \"p\"\nscenarios = [\"toy-squad\", \"b.toml\"]\n";
    let other = "format = 1\nextends = \"toy-squad\"\nname = \"b\"\n[run]\nseed = 7\n";
    assert!(refusal(seeds, &[("b.toml", other)]).1.contains("`--seed` gives both one"));
    // Scenarios that differ in what the plan sets alone give every row twice.
    let axis = "exit.absence.base_rate";
    let equal = format!("{seeds}[parameters]\n\"{axis}\" = [\"0.2 /yr\", \"0.4 /yr\"]\n");
    let differs = "format = 1\nextends = \"toy-squad\"\nname = \"b\"\n[exit.absence]\nbase_rate = \"0.3 /yr\"\n";
    let (code, words) = refusal(&equal, &[("b.toml", differs)]);
    assert!(code == "EV0772" && words.contains("equal at every point"), "{words}");
    assert_eq!(
        refusal(seeds, &[("b.toml", "format = 1\nextends = \"toy-squad\"\ntitle = \"the same\"\n")]).0,
        "EV0772"
    );
    let spaced = named("p").replace("toy-squad", "a.toml");
    let scenario = "format = 1\nextends = \"toy-squad\"\nname = \"my squad\"\n";
    assert_eq!(refusal(&spaced, &[("a.toml", scenario)]).0, "EV0225");
}

#[test]
fn a_value_that_varies_in_the_plan_is_not_set_beside_it() {
    let vfs = disk();
    let with = |key: &str| SweepOptions {
        scenario: ScenarioOptions {
            allow_scaled: true,
            set: vec![format!("{key}=0.1 /yr")],
            ..ScenarioOptions::new("pair.toml")
        },
        replicates: Some(1),
        shard: Shard::WHOLE,
        record: RecordLevel::Series,
        machine: machine(&vfs, 1),
    };
    let error = sweep(&with("exit.absence.base_rate"), &mut Silent).expect_err("refused");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0795", 64));
    assert!(error.to_string().contains("exit.absence.base_rate"), "{error}");
    assert_eq!(sweep(&with("exit.attempt.base_rate"), &mut Silent).expect("another value").failed, 0);
}

#[test]
fn a_file_of_somebody_else_is_found_before_the_work_and_not_after() {
    let vfs = disk();
    let out = run(&disk(), 1, Shard::WHOLE).expect("runs").out;
    vfs.put(&out.join("thesis.txt"), b"mine");
    let error = run(&vfs, 1, Shard::WHOLE).expect_err("refused");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0794", 64));
    assert_eq!(vfs.files().keys().filter(|path| path.starts_with(&out)).count(), 1, "nothing was begun");
}

#[test]
fn scenarios_of_a_plan_have_a_lever_off_or_as_shipped() {
    let plain = |name: &str| format!("format = 1\nextends = \"toy-squad\"\nname = \"{name}\"\n");
    let with =
        |name: &str, share: &str| format!("{}[surveillance.denunciation]\ninformer_share = {share}\n", plain(name));
    let plan = "format = 1\nname = \"p\"\nreplicates = 2\nscenarios = [\"a.toml\", \"b.toml\"]\n";
    let (few, more, none) = (with("few", "0.2"), with("more", "0.3"), with("none", "0"));
    let shipped = plain("shipped");
    for pair in [[&few, &more], [&few, &none], [&few, &shipped]] {
        let (code, words) = refusal(plan, &[("a.toml", pair[0]), ("b.toml", pair[1])]);
        assert!(code == "EV0772" && words.contains("surveillance.denunciation.informer_share"), "{words}");
    }
    let vfs = FaultVfs::new();
    for (name, text) in [("pair.toml", plan), ("a.toml", &shipped), ("b.toml", &none)] {
        vfs.put(Path::new(name), text.as_bytes());
    }
    let found = run(&vfs, 1, Shard::WHOLE).expect("on and off");
    // What a reader needs to repeat it stands in the folder.
    assert_eq!(vfs.files()[&found.out.join("plan.toml")], plan.as_bytes());
    assert_eq!(vfs.files()[&found.out.join("scenario-2.toml")], none.as_bytes());
}

#[test]
fn a_finished_sweep_is_found_verified_and_a_damaged_one_is_not_trusted() {
    let vfs = disk();
    let clean = run(&vfs, 2, Shard::WHOLE).expect("runs");
    let found = again(&vfs, &clean.out).expect("complete");
    assert!(found.found_complete && found.digest == clean.digest);
    let options = |sample| VerifyOptions { folder: clean.out.clone(), sample, machine: machine(&vfs, 1) };
    let all = verify(&options(Sample::All), &mut Silent).expect("verifies");
    assert_eq!((all.planned, all.done, all.failed), (140, 140, 0));
    let some = verify(&options(Sample::Random(9)), &mut Silent).expect("verifies");
    assert_eq!((some.done, some.failed), (9, 0));
    let one = verify(&options(Sample::Task(139)), &mut Silent).expect("verifies");
    assert_eq!((one.planned, one.done, one.failed), (140, 1, 0));
    let none = verify(&options(Sample::Task(140)), &mut Silent).expect_err("there are 140");
    assert_eq!((none.code().as_str(), none.exit_code()), ("EV0793", 64));
    let about = clean.out.join("run.json");
    let text = String::from_utf8(vfs.files()[&about].clone()).expect("text");
    let older = text.replace(&format!("\"model_version\": \"{}\"", clean.model_version), "\"model_version\": \"m0.1\"");
    vfs.put(&about, older.as_bytes());
    let error = verify(&options(Sample::All), &mut Silent).expect_err("without its seal");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0751", 65));
    vfs.put(&about, &sealed(older.into_bytes()));
    let error = verify(&options(Sample::All), &mut Silent).expect_err("another model");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0774", 64));
    vfs.put(&about, text.as_bytes());
    let ledger = clean.out.join("ledger.jsonl");
    let text = vfs.files()[&ledger].clone();
    let mut flipped = text.clone();
    flipped[100] ^= 1;
    vfs.put(&ledger, &flipped);
    for error in [
        again(&vfs, &clean.out).expect_err("damaged"),
        verify(&options(Sample::All), &mut Silent).expect_err("damaged"),
    ] {
        assert_eq!((error.code().as_str(), error.exit_code()), ("EV0751", 65));
    }
}

#[test]
fn a_point_that_cannot_run_fails_alone_with_the_command_that_repeats_it() {
    let vfs = disk();
    // Each value is possible alone; more candidates than the country has are not.
    let plan = PLAN.replace("0.5 /yr", "0.7 /yr").replace("toy-squad", "crowd.toml").replace("= 70", "= 2");
    vfs.put(Path::new("pair.toml"), plan.as_bytes());
    let crowd = include_str!("../scenarios/toy-squad.toml").replace("\"30 persons\"", "\"60000 persons\"");
    let crowd =
        crowd.replace("brigades = 1\n", "").replace("battalions_per_brigade = 1", "battalions_per_brigade = 100");
    vfs.put(Path::new("crowd.toml"), crowd.as_bytes());
    let ended = run(&vfs, 1, Shard::WHOLE).expect("the sweep itself ends");
    assert_eq!((ended.done, ended.failed, ended.complete), (0, 4, true));
    let ledger = String::from_utf8(vfs.files()[&ended.out.join("ledger.jsonl")].clone()).expect("text");
    let line: serde_json::Value = serde_json::from_str(ledger.lines().nth(3).expect("four lines")).expect("JSON");
    assert_eq!((&line["status"], &line["digest"]), (&"failed".into(), &serde_json::Value::Null));
    assert!(line["error"].as_str().expect("words").contains("EV0766"), "{line}");
    let command = line["command"].as_str().expect("words");
    assert!(
        command.contains("run crowd.toml --replicates 2") && command.contains("exit.absence.base_rate=1 /yr"),
        "{command}"
    );
}

#[test]
fn a_full_disk_ends_with_74_and_with_room_the_sweep_goes_on() {
    let reference = disk();
    let clean = run(&reference, 1, Shard::WHOLE).expect("runs");
    for at in (5..reference.operations()).step_by(11) {
        let vfs = disk();
        vfs.fail_at(at, Fault::DiskFull);
        if let Err(error) = run(&vfs, 1, Shard::WHOLE) {
            assert_eq!(error.exit_code(), 74, "{at}: {error}");
        }
        vfs.restart();
        let ended = run(&vfs, 1, Shard::WHOLE).expect("there is room");
        assert_eq!(ended.digest, clean.digest, "{at}");
        assert_eq!(results(&vfs), results(&reference), "{at}");
    }
}

#[test]
fn more_tasks_than_a_sweep_does_are_refused_before_anything_is_written() {
    let vfs = disk();
    let options = SweepOptions {
        scenario: ScenarioOptions { allow_scaled: true, ..ScenarioOptions::new("pair.toml") },
        replicates: Some(u32::MAX),
        shard: Shard::WHOLE,
        record: RecordLevel::Series,
        machine: machine(&vfs, 1),
    };
    let error = sweep(&options, &mut Silent).expect_err("too much");
    assert_eq!((error.code().as_str(), error.exit_code()), ("EV0773", 71));
    assert_eq!(vfs.files().len(), 1, "the plan alone");
}

#[test]
fn a_sweep_that_keeps_events_has_a_part_of_each_replicate_and_the_digest_of_one_that_does_not() {
    let plain = disk();
    let clean = run(&plain, 2, Shard::WHOLE).expect("runs");
    for (level, names) in
        [(RecordLevel::Events, vec!["events"]), (RecordLevel::Full, vec!["events", "families", "ledger_regime"])]
    {
        let vfs = disk();
        let found = recorded(&vfs, 2, Shard::WHOLE, level).expect("runs");
        assert_eq!(found.digest, clean.digest, "what is kept changes nothing that happened");
        assert_ne!(found.run_id, clean.run_id, "but it has a folder of its own");
        let files = vfs.files();
        let (mut parts, mut tables) = (0, 0);
        for path in files.keys().filter_map(|p| p.strip_prefix(&found.out).ok()) {
            let of = |name: &&&str| path.starts_with(format!("tables/{name}"));
            parts += u32::from(names.iter().any(|name| of(&name)));
            tables += u32::from(["events", "families", "ledger_regime"].iter().any(|name| of(&name)));
        }
        assert_eq!((parts, tables), (140 * names.len() as u32, 140 * names.len() as u32), "{level:?}");
        let codebook = &files[&found.out.join("codebook.csv")];
        let codebook = String::from_utf8_lossy(codebook);
        assert!(names.iter().all(|name| codebook.contains(&format!("{name},point,"))), "{codebook}");
        // Interrupted and begun again, on one thread: the same bytes.
        let torn = disk();
        torn.fail_at(20, Fault::Crash);
        recorded(&torn, 1, Shard::WHOLE, level).expect_err("power is lost");
        torn.power_cut_with(Remains::Everything);
        assert_eq!(recorded(&torn, 1, Shard::WHOLE, level).expect("goes on").digest, clean.digest);
        assert_eq!(results(&torn), results(&vfs), "{level:?}");
    }
}
