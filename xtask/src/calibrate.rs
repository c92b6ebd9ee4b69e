//! The long suites of `exitvoice check`, and the table of their last results.

use crate::process::{self, With};
use serde_json::Value;
use std::path::Path;
use std::time::Instant;

/// The table, from the root; `tidy` wants every row to be of the present versions of what its suite rests on.
pub(crate) const TABLE: &str = "docs/calibration.csv";
/// Its columns.
pub(crate) const HEADER: &str = "suite,n,passed,failed,model_version,sampler,observers,commit,seconds,note";
/// Position of the number of checks that failed; the versions follow it.
pub(crate) const FAILED: usize = 3;
/// Digits of a commit in a row.
const COMMIT_DIGITS: usize = 7;
/// A check that failed, as an exit code of the program: it has an answer all the same.
const CHECK_FAILED: i32 = 1;

/// Suites and what they are run with, quick ones first. What a number counts, `exitvoice check --help` says.
const SUITES: [(&str, Option<u32>); 17] = [
    ("size-invariance", None),
    ("prior-predictive", None),
    ("posteriors", None),
    ("known-answers", None),
    ("as-of", Some(8_000)),
    ("home", Some(100)),
    ("kinship", None),
    ("demography", None),
    ("selection", None),
    ("sbibm", None),
    ("patterns", None),
    ("mistakes", Some(100)),
    ("adversarial", Some(200)),
    ("recovery", Some(200)),
    ("sbc", Some(500)),
    ("nowcast", Some(500)),
    ("sbc-whole", Some(100)),
];

/// Versions that the results of a suite rest on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rests {
    /// The model alone.
    Model,
    /// The sampler alone: its targets are closed forms.
    Sampler,
    /// Model, sampler and observers.
    All,
}

/// What a suite rests on; `None` for one that is no long suite.
pub(crate) fn rests(suite: &str) -> Option<Rests> {
    let (name, _) = SUITES.iter().find(|(name, _)| *name == suite)?;
    Some(match *name {
        "size-invariance" | "home" | "kinship" | "demography" | "selection" | "patterns" => Rests::Model,
        "sbibm" => Rests::Sampler,
        _ => Rests::All,
    })
}

/// Suites without a row in a table.
pub(crate) fn missing(table: &str) -> impl Iterator<Item = &'static str> {
    let rows: Vec<String> = table.lines().filter_map(suite_of).collect();
    SUITES.iter().map(|(name, _)| *name).filter(move |name| !rows.iter().any(|row| row == name))
}

/// Name of the suite that a row is of.
fn suite_of(row: &str) -> Option<String> {
    row.split(',').next().map(str::to_owned)
}

/// Runs the suites named, or all, with an optimised program, and writes a row of the table for each as soon as it has ended. Suites over
/// simulated worlds go on where an earlier run of the same commit was stopped.
pub(crate) fn command(root: &Path, names: &[&str]) -> Result<(), String> {
    let known: Vec<&str> = SUITES.iter().map(|(name, _)| *name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!("no long suite is called `{unknown}`; there are {}", known.join(", ")));
    }
    let program = process::build_binary(root, With::Optimised)?;
    let program = program.to_str().ok_or("the path of the program is not UTF-8")?;
    let about = parse(&process::capture(root, program, &["about", "--json"])?)?;
    let origin = Origin::read(&about)?;
    let mut failed = Vec::new();
    for (name, n) in SUITES.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        let out = root.join("target/calibration").join(&origin.commit).join(name);
        let out = out.to_str().ok_or("the path of the results is not UTF-8")?;
        let number = n.map(|n| n.to_string());
        let mut arguments = vec!["check", name, "--json", "--out", out];
        arguments.extend(number.iter().flat_map(|n| ["--n", n.as_str()]));
        let begun = Instant::now();
        let answer = process::answer(root, program, &arguments, &[0, CHECK_FAILED])?;
        let row = row(&parse(&answer)?, &origin, begun.elapsed().as_secs())?;
        println!("{row}");
        let path = root.join(TABLE);
        let table = std::fs::read_to_string(&path).map_err(|e| format!("{TABLE}: {e}"))?;
        std::fs::write(&path, with_row(&table, &row)).map_err(|e| format!("{TABLE}: {e}"))?;
        if row.split(',').nth(FAILED) != Some("0") {
            failed.push(*name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("checks failed in {}", failed.join(", "))) }
}

/// Which program a result is of.
struct Origin {
    model_version: String,
    sampler: u64,
    observers: u64,
    commit: String,
}

impl Origin {
    /// From what `about` prints.
    fn read(about: &Value) -> Result<Self, String> {
        let text = |of: &Value| of.as_str().map(str::to_owned).ok_or("`about` names no version or commit");
        if about["software"]["dirty"] != "false" {
            return Err("the tree has changes, and a row names the commit it is of: commit first".to_owned());
        }
        let commit = text(&about["software"]["commit"])?;
        let number = |key: &str| about["software"][key].as_u64().ok_or(format!("`about` has no number `{key}`"));
        Ok(Self {
            model_version: text(&about["model_version"])?,
            sampler: number("sampler_version")?,
            observers: number("observer_version")?,
            commit: commit.get(..COMMIT_DIGITS).ok_or("`about` names no commit")?.to_owned(),
        })
    }
}

fn parse(answer: &str) -> Result<Value, String> {
    serde_json::from_str(answer).map_err(|e| format!("the program printed no JSON: {e}"))
}

/// The row of one answer.
fn row(answer: &Value, origin: &Origin, seconds: u64) -> Result<String, String> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let count = |key: &str| answer[key].as_u64().ok_or(format!("the answer has no number `{key}`"));
    let (passed, failed) = (count("passed")?, count("failed")?);
    let name = answer["name"].as_str().ok_or("the answer has no `name`")?;
    let Origin { model_version, sampler, observers, commit } = origin;
    let n = answer["n"].as_u64().map_or_else(String::new, |n| n.to_string());
    Ok(format!(
        "{name},{n},{passed},{failed},{model_version},{sampler},{observers},{commit},{seconds},{threads} threads"
    ))
}

/// The table with one row put in, in the place of the suite's earlier one.
fn with_row(table: &str, row: &str) -> String {
    let mut lines: Vec<&str> = table.lines().collect();
    match lines.iter().position(|line| suite_of(line) == suite_of(row)) {
        Some(at) => lines[at] = row,
        None => lines.push(row),
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> Origin {
        let about = r#"{"software": {"commit": "0123456789ab", "dirty": "false", "sampler_version": 3, "observer_version": 5},
            "model_version": "m3.1"}"#;
        Origin::read(&parse(about).expect("JSON")).expect("clean")
    }

    #[test]
    fn a_row_says_what_was_run_and_how_it_ended() {
        let answer = parse(r#"{"name": "sbc", "n": 500, "passed": 17, "failed": 1, "items": []}"#).expect("JSON");
        let found = row(&answer, &origin(), 61).expect("complete");
        assert!(found.starts_with("sbc,500,17,1,m3.1,3,5,0123456,61,"), "{found}");
        assert_eq!(found.split(',').count(), HEADER.split(',').count());
        assert!(row(&parse(r#"{"name": "sbc"}"#).expect("JSON"), &origin(), 1).is_err());
    }

    #[test]
    fn a_suite_without_a_row_is_missing() {
        let rows: Vec<String> = SUITES.iter().map(|(name, _)| format!("{name},,1,0,m3.1,3,5,aaaaaaa,9,")).collect();
        assert_eq!(missing(&rows.join("\n")).count(), 0);
        assert_eq!(missing(&rows[1..].join("\n")).collect::<Vec<_>>(), [SUITES[0].0]);
        assert_eq!(missing(HEADER).count(), SUITES.len());
    }

    #[test]
    fn a_row_takes_the_place_of_its_suite_or_comes_last() {
        let table = format!("{HEADER}\nsbc,100,18,0,m3.0,3,4,aaaaaaa,9,\nas-of,8,12,0,m3.0,3,4,aaaaaaa,9,\n");
        let renewed = with_row(&table, "sbc,500,18,0,m3.1,3,5,bbbbbbb,9,");
        assert_eq!(renewed.lines().nth(1), Some("sbc,500,18,0,m3.1,3,5,bbbbbbb,9,"));
        assert_eq!(renewed.lines().count(), 3);
        assert_eq!(
            with_row(&renewed, "recovery,200,9,0,m3.1,3,5,b,9,").lines().last(),
            Some("recovery,200,9,0,m3.1,3,5,b,9,")
        );
    }

    #[test]
    fn what_a_suite_rests_on_is_known_of_the_long_ones_alone() {
        let found = ["patterns", "sbibm", "sbc", "weather"].map(|name| rests(name).map(|r| r as u8));
        assert_eq!(found, [Some(Rests::Model as u8), Some(Rests::Sampler as u8), Some(Rests::All as u8), None]);
    }

    #[test]
    fn a_program_of_a_changed_tree_has_no_row() {
        let about = r#"{"software": {"commit": "0123456789ab", "dirty": "true"}, "model_version": "m3.1"}"#;
        assert!(Origin::read(&parse(about).expect("JSON")).is_err());
    }
}
