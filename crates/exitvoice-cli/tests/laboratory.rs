//! A replication archive, unpacked elsewhere, verified by its own script; and the commands that the guide names.

#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin("exitvoice")
}

fn exitvoice(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(arguments).current_dir(folder).env("EXITVOICE_CACHE", folder.join("cache"));
    command.output().expect("the program starts")
}

fn json(output: &Output) -> serde_json::Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// The archive's own script, with the program on the path.
fn verify(folder: &Path) -> Output {
    let path =
        format!("{}:{}", program().parent().expect("a folder").display(), std::env::var("PATH").expect("a path"));
    let mut command = Command::new("sh");
    command.arg("verify.sh").arg("--all").current_dir(folder).env("PATH", path);
    command.env("EXITVOICE_CACHE", folder.join("cache")).output().expect("sh starts")
}

#[test]
fn an_archive_is_verified_on_another_place_and_a_changed_byte_is_found() {
    let here = tempfile::tempdir().expect("a temporary folder");
    let run = json(&exitvoice(here.path(), &["run", "toy-squad", "--replicates", "4", "--json"]));
    let folder = run["out"].as_str().expect("a path");
    let pack = || json(&exitvoice(here.path(), &["package", folder, "--out", "packed", "--json"]));
    let (packed, again) = (pack(), pack());
    assert_eq!(packed["sha256"], again["sha256"], "equal folders give equal bytes");
    assert_eq!(packed["digest"], run["digest"]);
    let there = tempfile::tempdir().expect("another folder");
    let archive = here.path().join(packed["out"].as_str().expect("a path"));
    let unpacked = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(there.path()).status().expect("tar");
    assert!(unpacked.success());
    drop(here);
    let top = there.path().join(format!("exitvoice-{}", run["run_id"].as_str().expect("an id")));
    for name in ["CITATION.cff", "LICENSE-MIT", "data/MANIFEST.toml", "odd.md", "run/report.html", "run/resolved.toml"]
    {
        assert!(top.join(name).is_file(), "{name}");
    }
    let good = verify(&top);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(good.status.success() && said.contains("4 of 4 replicates run again, 0 differ"), "{said}");
    let table = top.join("run/tables/runs/part-0.parquet");
    let mut bytes = std::fs::read(&table).expect("there");
    bytes[40] ^= 1;
    std::fs::write(&table, bytes).expect("written");
    assert!(!verify(&top).status.success(), "a changed byte");
}

#[test]
fn the_command_of_an_archive_gives_the_same_digest_from_the_archive_alone() {
    let here = tempfile::tempdir().expect("a temporary folder");
    let text = "format = 1\nextends = \"toy-squad\"\n[exit.absence]\nbase_rate = \"2 /yr\"\n";
    std::fs::write(here.path().join("often.toml"), text).expect("written");
    let plan = "format = 1\nname = \"length\"\nscenario = \"toy-squad\"\nreplicates = 2\n[parameters]\nexit.absence.length = [\"2 d\", \"3 d\"]\n";
    std::fs::write(here.path().join("how long.toml"), plan).expect("written");
    let with_path = plan.replace("toy-squad", "often.toml");
    std::fs::write(here.path().join("path.toml"), with_path).expect("written");
    for (arguments, alone) in [
        (&["run", "often.toml", "--replicates", "3", "--no-infer"][..], true),
        (&["compare", "toy-squad", "often.toml", "--replicates", "3"], true),
        (&["sweep", "how long.toml"], true),
        (&["sweep", "path.toml"], false),
    ] {
        let made = json(&exitvoice(here.path(), &[arguments, &["--json"]].concat()));
        let folder = made["out"].as_str().expect("a path");
        let packed = json(&exitvoice(here.path(), &["package", folder, "--out", "packed", "--json"]));
        let there = tempfile::tempdir().expect("another folder");
        let archive = here.path().join(packed["out"].as_str().expect("a path"));
        let unpacked = Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(there.path()).status().expect("tar");
        assert!(unpacked.success());
        let top = there.path().join(format!("exitvoice-{}", made["run_id"].as_str().expect("an id")));
        let readme = std::fs::read_to_string(top.join("README.md")).expect("text");
        let mut commands = readme.lines().filter_map(|line| line.strip_prefix("    exitvoice "));
        if !alone {
            assert!(commands.count() == 1 && readme.contains("`path.toml` is `run/plan.toml`"), "{readme}");
            assert!(readme.contains("its plan names files by the paths that they had"), "{readme}");
            continue;
        }
        let words = shlex::split(commands.next().expect("a command")).expect("words");
        let words: Vec<&str> = words.iter().map(String::as_str).chain(["--json"]).collect();
        let again = json(&exitvoice(&top, &words));
        assert_eq!(again["digest"], made["digest"], "{readme}");
        assert!(readme.contains(made["digest"].as_str().expect("a digest")), "{readme}");
    }
}

#[test]
fn a_comparison_and_a_sensitivity_analysis_are_verified_by_running_them_again() {
    let here = tempfile::tempdir().expect("a temporary folder");
    let plan = "format = 1\nscenario = \"toy-squad\"\nbase = 4\nreplicates = 2\nparameters = [\"exit.absence.base_rate\", \"exit.absence.length\"]\n";
    std::fs::write(here.path().join("which.toml"), plan).expect("written");
    let compare =
        ["compare", "toy-squad", "toy-squad", "--set-b", "exit.absence.base_rate=1 /yr", "--replicates", "5", "--json"];
    let compared = json(&exitvoice(here.path(), &compare));
    for key in ["differences", "means", "variance_ratio", "digest"] {
        assert!(compared.get(key).is_some(), "{key}");
    }
    let found = json(&exitvoice(here.path(), &["sensitivity", "which.toml", "--json"]));
    assert_eq!((&found["planned"], &found["done"], &found["failed"]), (&32.into(), &32.into(), &0.into()));
    let rows = found["sensitivity"]["rows"].as_array().expect("rows");
    let absences = |key: &str| {
        let row = rows.iter().find(|r| r["quantity"] == "absences_total" && r["parameter"] == key).expect("a row");
        row["shares"]["total"]["value"].as_f64().expect("a share")
    };
    assert!(absences("exit.absence.base_rate") > absences("exit.absence.length"), "{rows:?}");
    for folder in [&compared["out"], &found["out"]] {
        let verified = json(&exitvoice(here.path(), &["verify", folder.as_str().expect("a path"), "--all", "--json"]));
        assert_eq!(verified["failed"], 0);
        assert!(verified["done"].as_u64() >= Some(10), "{verified}");
    }
}

/// Most that an estimate of memory may be off by: the design's fifth.
const OFF: f64 = 0.2;

#[test]
#[cfg(target_os = "linux")]
fn estimates_of_memory_are_within_a_fifth_of_what_the_system_measured() {
    let here = tempfile::tempdir().expect("a temporary folder");
    let scenario = |name: &str, rate: u32| {
        let text = format!(
            "format = 1\nextends = \"toy-squad\"\nname = \"{name}\"\n[exit.absence]\nbase_rate = \"{rate} /yr\"\n"
        );
        std::fs::write(here.path().join(format!("{name}.toml")), text).expect("written");
    };
    for (name, rate) in [("a", 2), ("b", 3), ("c", 4)] {
        scenario(name, rate);
    }
    let plan = "format = 1\nname = \"five\"\nscenario = \"toy-squad\"\ndesign = \"grid\"\nreplicates = 250\n[parameters]\n\"exit.absence.base_rate\" = [\"1 /yr\", \"2 /yr\", \"3 /yr\", \"4 /yr\", \"5 /yr\"]\n";
    std::fs::write(here.path().join("five.toml"), plan).expect("written");
    let mut off = Vec::new();
    let mut ask = |words: &str| {
        let ask = |more: &str| {
            let words = format!("{words} --threads 2 --json {more}");
            json(&exitvoice(here.path(), &words.split_whitespace().collect::<Vec<_>>()))
        };
        let estimated = ask("--estimate")["estimate"]["peak_bytes"].as_f64().expect("bytes");
        let out = ask("")["out"].as_str().expect("a path").to_owned();
        let run = std::fs::read(here.path().join(&out).join("run.json")).expect("readable");
        let run: serde_json::Value = serde_json::from_slice(&run).expect("JSON");
        let measured = run["resources"]["peak_bytes"].as_f64().expect("bytes");
        if (estimated / measured - 1.0).abs() > OFF {
            off.push(format!("{words}: {measured} measured, {estimated} estimated"));
        }
        out
    };
    let small = ask("run toy-squad --replicates 40");
    let large = ask("run toy-squad --replicates 400");
    for words in [
        "sweep toy-squad --replicates 2000",
        "sweep five.toml --record full",
        "sweep five.toml --record events",
        "compare a.toml b.toml --replicates 60",
        "compare a.toml b.toml --replicates 300",
        &format!("branch {small} --at 2024-11-07 --with a.toml"),
        &format!("branch {large} --at 2024-11-07 --with a.toml"),
        &format!("branch {large} --at 2024-11-07 --with a.toml b.toml c.toml"),
    ] {
        ask(words);
    }
    assert!(off.is_empty(), "{off:#?}");
}
