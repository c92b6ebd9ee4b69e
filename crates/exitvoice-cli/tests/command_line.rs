//! The program from outside: exit codes, what stands on standard output and what on standard error.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

/// A folder that is not there: no test reads or fills the user's cache.
const NO_CACHE: &str = "no-cache-in-tests";

fn exitvoice(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exitvoice").expect("the binary of this package");
    command.args(arguments).env("EXITVOICE_CACHE", NO_CACHE).env("NO_COLOR", "1");
    command
}

struct Ran {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(mut command: Command) -> Ran {
    let output = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code().expect("no signal"), stdout: text(output.stdout), stderr: text(output.stderr) }
}

fn json(ran: &Ran) -> Value {
    assert_eq!(ran.stdout.lines().count(), 1, "one object, nothing else: {}", ran.stdout);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn in_folder(arguments: &[&str], file: &str, content: &[u8]) -> Ran {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join(file), content).expect("written");
    let mut command = exitvoice(arguments);
    command.current_dir(folder.path());
    let ran = run(command);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("there").collect();
    assert_eq!(left.len(), 1, "bad input writes nothing");
    ran
}

#[test]
fn about_tells_scope_and_versions() {
    let ran = run(exitvoice(&["about"]));
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("synthetic") && ran.stdout.contains("model m"), "{}", ran.stdout);
    let object = json(&run(exitvoice(&["about", "--json"])));
    assert_eq!(object["population"], "synthetic");
}

#[test]
fn params_lists_the_registry_with_unit_prior_grade_and_reason() {
    let object = json(&run(exitvoice(&["--json", "params"])));
    let values = object["values"].as_array().expect("a list");
    assert!(!values.is_empty());
    for value in values {
        for key in ["key", "default", "unit", "prior", "grade", "why"] {
            assert!(value[key].as_str().is_some_and(|text| !text.is_empty()), "{key} of {value}");
        }
    }
}

#[test]
fn help_and_version_go_to_standard_output_and_exit_0() {
    for arguments in [["--help"], ["--version"], ["help"]] {
        let ran = run(exitvoice(&arguments));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains("exitvoice"));
    }
}

#[test]
fn a_usage_error_exits_2_and_is_an_object_too_where_one_is_asked_for() {
    for arguments in [
        &["walk"][..],
        &[],
        &["explain"],
        &["cache"],
        &["cache", "burn"],
        &["params", "--threads", "0"],
        &["params", "--memory-cap", "much"],
        &["about", "--progress", "loud"],
        &["explain", "toy-squad", "--seed", "-1"],
    ] {
        let ran = run(exitvoice(arguments));
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        assert!(!ran.stderr.is_empty(), "{arguments:?}");
    }
    let ran = run(exitvoice(&["walk", "--json"]));
    assert_eq!(ran.code, 2);
    assert_eq!(json(&ran)["error"]["code"], "EV0802");
    let ran = run(exitvoice(&["compare", "toy-squad", "--json"]));
    assert!(json(&ran)["error"]["message"].as_str().expect("words").contains("<B>"), "what is missing: {}", ran.stdout);
}

#[test]
fn an_unknown_scenario_gets_the_nearest_name() {
    let ran = run(exitvoice(&["explain", "kursk-2042", "--json"]));
    assert_eq!(ran.code, 64);
    assert!(ran.stderr.starts_with("error[EV0760]") && ran.stderr.contains("`kursk-2024`"), "{}", ran.stderr);
    let object = json(&ran);
    assert_eq!((&object["error"]["code"], &object["error"]["exit_code"]), (&Value::from("EV0760"), &Value::from(64)));
}

#[test]
fn bad_files_exit_64_and_name_file_line_and_column() {
    let nested = format!("x = {}", "[".repeat(100_000));
    let cases: [(&str, &[u8], &str); 7] = [
        ("not toml", b"format = 1\nthis is not TOML\n", "bad.toml:2:"),
        ("garbage", &[0xff, 0xfe, 0x00, 0x1b, 0x5b, 0x33, 0x31, 0x6d], "bad.toml:1:"),
        ("nested", nested.as_bytes(), "bad.toml:1:"),
        ("future format", b"format = 99\n", "bad.toml:1:"),
        ("unknown key", b"format = 1\nextends = \"toy-squad\"\n[run]\nsed = 3\n", "bad.toml:4:"),
        ("empty", b"", "bad.toml:1:"),
        ("too large", &vec![b'#'; 2_000_000], "bad.toml:1:"),
    ];
    for (what, content, place) in cases {
        let ran = in_folder(&["explain", "bad.toml"], "bad.toml", content);
        assert_eq!(ran.code, 64, "{what}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{what}");
        assert!(ran.stderr.contains(place) && ran.stderr.contains("EV02"), "{what}: {}", ran.stderr);
        assert!(ran.stderr.len() < 3_000 && !ran.stderr.contains('\u{1b}'), "{what}: {}", ran.stderr);
        let object = json(&in_folder(&["explain", "bad.toml", "--json"], "bad.toml", content));
        assert!(object["error"]["line"].as_u64().is_some_and(|n| n > 0), "{what}: {object}");
        assert!(object["error"]["expected"].is_string(), "{what}: {object}");
    }
}

#[test]
fn missing_files_and_folders_are_bad_input() {
    for (arguments, code) in
        [(["explain", "none.toml"], "EV0710"), (["explain", "./none"], "EV0710"), (["explain", "."], "EV0713")]
    {
        let ran = run(exitvoice(&arguments));
        assert_eq!(ran.code, 64, "{}", ran.stderr);
        assert!(ran.stderr.contains(code), "{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn explain_shows_where_a_value_comes_from() {
    let ran = run(exitvoice(&["explain", "toy-squad", "run.seed", "--seed", "9", "--json"]));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let value = &json(&ran)["values"][0];
    assert_eq!((&value["value"], &value["layer"]), (&Value::from("9"), &Value::from("command line")));
    let ran = run(exitvoice(&["explain", "toy-squad", "--set", "run.sed=9"]));
    assert_eq!(ran.code, 64);
    assert!(ran.stderr.contains("run.seed"), "the nearest name: {}", ran.stderr);
}

#[test]
fn the_cache_is_where_the_environment_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let with = |arguments: &[&str], cache: &Path| {
        let mut command = exitvoice(arguments);
        command.env("EXITVOICE_CACHE", cache);
        run(command)
    };
    let object = json(&with(&["cache", "list", "--json"], &folder.path().join("c")));
    assert_eq!(object["files"].as_array().map(Vec::len), Some(0));
    assert_eq!(object["out"].as_str().map(Path::new), Some(folder.path().join("c").as_path()));
    assert_eq!(with(&["cache", "clear"], folder.path()).code, 0);
    let file = folder.path().join("file");
    std::fs::write(&file, b"").expect("written");
    let ran = with(&["cache", "list"], &file);
    assert_eq!(ran.code, 74, "{}", ran.stderr);
    let mut nowhere = exitvoice(&["cache", "list"]);
    nowhere.env_remove("EXITVOICE_CACHE").env_remove("XDG_CACHE_HOME").env_remove("LOCALAPPDATA").env_remove("HOME");
    let ran = run(nowhere);
    assert_eq!(ran.code, 74);
    assert!(ran.stderr.contains("EV0730"), "{}", ran.stderr);
}

#[test]
fn work_that_cannot_be_done_is_refused_before_it_begins_and_writes_nothing() {
    let cases: [(&[&str], i32, &str); 11] = [
        (&["run", "kursk-2042"], 64, "EV0760"),
        (&["run", "kursk-2024", "--memory-cap", "1000"], 71, "--scale"),
        (&["history", "kursk-2024", "--memory-cap", "1000", "--no-cache"], 71, "--scale"),
        (&["run", "kursk-2024", "--scale", "0.01"], 2, "--allow-scaled"),
        (&["run", "kursk-2024", "--scale", "2"], 64, "above 0 and at most 1"),
        (&["run", "kursk-2024", "--replicates", "0"], 2, "--replicates"),
        (&["infer", "kursk-2024", "--as-of", "yesterday"], 2, "YYYY-MM-DD"),
        (&["infer", "kursk-2024", "--claims", "none.csv"], 64, "EV0710"),
        (&["report", "."], 64, "EV0753"),
        (&["verify", "nowhere"], 64, "EV0796"),
        (&["resume", "nowhere"], 64, "EV0796"),
    ];
    for (arguments, code, words) in cases {
        let ran = in_folder(arguments, "bystander", b"");
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(words), "{arguments:?}: {}", ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
    }
}

#[test]
fn an_estimate_does_nothing_but_print() {
    let object = json(&in_folder(&["run", "kursk-2024", "--estimate", "--json"], "bystander", b""));
    for key in ["histories", "deployments", "seconds", "peak_bytes", "disk_bytes"] {
        assert!(object["estimate"][key].is_number(), "{key} of {object}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_and_a_closed_one_is_not() {
    let binary = assert_cmd::cargo::cargo_bin("exitvoice");
    let shell = |script: &str| {
        let mut command = std::process::Command::new("sh");
        command.arg("-c").arg(script.replace("exitvoice", &binary.display().to_string()));
        command.output().expect("sh starts")
    };
    let full = shell("exitvoice params > /dev/full");
    assert_eq!(full.status.code(), Some(74));
    assert!(String::from_utf8_lossy(&full.stderr).contains("EV0803"));
    let closed = shell("exitvoice about | true; exitvoice params | head -n 1");
    assert_eq!((closed.status.code(), closed.stderr.len()), (Some(0), 0));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_command_with_exit_code_75_one_object_and_no_file() {
    use std::io::{BufRead, BufReader, Read};
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin("exitvoice"))
        .args([
            "history",
            "kursk-2024",
            "--scale",
            "0.3",
            "--allow-scaled",
            "--no-cache",
            "--json",
            "--progress",
            "json",
        ])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let began = lines.find(|l| l.as_ref().is_ok_and(|l| l.contains("\"began\"") && l.contains("\"history\"")));
    assert!(began.is_some(), "the history says that it begins");
    let sent = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill");
    assert!(sent.success());
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let mut stdout = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut stdout).expect("UTF-8");
    let code = child.wait().expect("it ends").code();
    assert_eq!(code, Some(75), "{rest:?}");
    let object: Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!(object["error"]["code"], "EV0763");
    assert_eq!(std::fs::read_dir(folder.path()).expect("there").count(), 0);
}

#[test]
fn a_suite_is_found_by_name_and_an_unknown_one_gets_the_nearest() {
    let ran = run(exitvoice(&["check", "size-invariance", "--json"]));
    let object = json(&ran);
    assert_eq!((ran.code, &object["name"], &object["failed"]), (0, &"size-invariance".into(), &0.into()));
    assert!(object["passed"].as_u64() > Some(3), "{object}");
    let ran = run(exitvoice(&["check", "size-invarience", "--json"]));
    assert_eq!((ran.code, &json(&ran)["error"]["code"]), (2, &"EV0771".into()));
    assert!(ran.stderr.contains("size-invariance"), "{}", ran.stderr);
}
