//! Golden scenarios: small runs whose results are kept in git and read in review.
//!
//! `golden/<name>/` holds `scenario.toml`, `summary.tsv` (a few lines a reader can judge) and `digest.txt` (everything else).
//! Each runs twice in a fresh cache: one thread with an empty cache, then two threads with the cache of the first run, and
//! both must agree. Only `--accept` writes, and a moved digest must come with a moved model version.
//!
//! Crates below the program keep snapshots of their own (`tests/golden.rs`): `cargo xtask test` has them among its tests.

mod snapshots;
mod summary;

use crate::process::{self, With};
use crate::test::Tally;
use std::path::{Path, PathBuf};
use summary::Observed;

/// How many golden scenarios there must be; fewer means that some were lost.
const AT_LEAST: usize = 3;

/// What to do with the results.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Compare with the files in git.
    Compare,
    /// Write them.
    Accept,
}

/// `cargo xtask golden`.
pub(crate) fn command(root: &Path, mode: Mode) -> Result<(), String> {
    let mut tally = go(root, mode, With::Alone)?;
    if let Err(message) = snapshots::check(root, mode) {
        eprintln!("golden snapshots: {message}");
        tally.failed += 1;
    }
    println!("golden: {} passed, {} failed", tally.passed, tally.failed);
    if tally.failed == 0 { Ok(()) } else { Err(format!("{} golden results failed", tally.failed)) }
}

/// The comparison as a step of `cargo xtask test`.
pub(crate) fn check(root: &Path) -> Result<Tally, String> {
    go(root, Mode::Compare, With::Tests)
}

fn go(root: &Path, mode: Mode, with: With) -> Result<Tally, String> {
    let names = scenarios(root)?;
    let binary = process::build_binary(root, with)?;
    let work = std::env::temp_dir().join(format!("exitvoice-golden-{}", std::process::id()));
    let mut tally = Tally::default();
    for name in &names {
        let outcome = observe(root, &binary, name, &work).and_then(|observed| match mode {
            Mode::Compare => compare(root, name, &observed),
            Mode::Accept => accept(root, name, &observed),
        });
        match outcome {
            Ok(message) => {
                println!("golden {name}: {message}");
                tally.passed += 1;
            }
            Err(message) => {
                eprintln!("golden {name}: {message}");
                tally.failed += 1;
            }
        }
    }
    if work.exists() {
        std::fs::remove_dir_all(&work).map_err(|e| format!("could not remove {}: {e}", work.display()))?;
    }
    Ok(tally)
}

/// Names of the folders of `golden/`; an absent or incomplete set is an error, never a pass.
fn scenarios(root: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("golden");
    let entries = std::fs::read_dir(&folder).map_err(|e| format!("could not read golden/: {e}"))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| format!("could not read golden/: {e}"))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !entry.path().is_dir() {
            continue;
        }
        if !entry.path().join("scenario.toml").is_file() {
            return Err(format!("golden/{name} has no scenario.toml"));
        }
        names.push(name);
    }
    names.sort();
    if names.len() < AT_LEAST {
        return Err(format!("found {} golden scenarios, expected at least {AT_LEAST}", names.len()));
    }
    Ok(names)
}

/// Runs one scenario twice and returns what both runs agree on.
fn observe(root: &Path, binary: &Path, name: &str, work: &Path) -> Result<Observed, String> {
    let cache = work.join("cache").join(name);
    let one = run(root, binary, name, "1", &cache, &work.join(format!("{name}-1")))?;
    let two = run(root, binary, name, "2", &cache, &work.join(format!("{name}-2")))?;
    if one.digest != two.digest {
        return Err(format!(
            "one thread without cache gives digest {}, two threads with cache give {}",
            one.digest, two.digest
        ));
    }
    if one.summary != two.summary {
        return Err(
            "two runs with one digest have different summaries: the summary depends on more than the record".into()
        );
    }
    Ok(one)
}

fn run(root: &Path, binary: &Path, name: &str, threads: &str, cache: &Path, out: &Path) -> Result<Observed, String> {
    std::fs::create_dir_all(cache).map_err(|e| format!("could not make {}: {e}", cache.display()))?;
    let scenario = root.join("golden").join(name).join("scenario.toml");
    let (scenario, out) = (scenario.to_string_lossy(), out.to_string_lossy());
    let arguments: [&str; 12] = [
        "run",
        &scenario,
        "--json",
        "--no-infer",
        "--allow-scaled",
        "--progress",
        "none",
        "--threads",
        threads,
        "--out",
        &out,
        "--force",
    ];
    let printed = process::capture_with(root, &binary.to_string_lossy(), &arguments, &[("EXITVOICE_CACHE", cache)])?;
    Observed::from_json(name, &printed)
}

fn files(root: &Path, name: &str) -> (PathBuf, PathBuf) {
    let folder = root.join("golden").join(name);
    (folder.join("summary.tsv"), folder.join("digest.txt"))
}

fn compare(root: &Path, name: &str, observed: &Observed) -> Result<String, String> {
    let (summary_path, digest_path) = files(root, name);
    let read = |p: &Path| {
        std::fs::read_to_string(p)
            .map_err(|e| format!("could not read {}: {e}; `cargo xtask golden --accept` writes it", p.display()))
    };
    let (summary, digest) = (read(&summary_path)?, read(&digest_path)?);
    if let Some(difference) = summary::first_difference(&summary, &observed.summary) {
        return Err(format!("summary.tsv {difference}"));
    }
    if digest.trim() != observed.digest {
        return Err(format!(
            "the summary is equal, the record is not: digest was {}, is {}",
            digest.trim(),
            observed.digest
        ));
    }
    Ok(format!("equal ({})", observed.digest))
}

/// Writes both files, unless the digest moved away from the last commit's under an unmoved model version.
fn accept(root: &Path, name: &str, observed: &Observed) -> Result<String, String> {
    let committed = |file: &str| process::capture(root, "git", &["show", &format!("HEAD:golden/{name}/{file}")]).ok();
    if let (Some(summary), Some(digest)) = (committed("summary.tsv"), committed("digest.txt")) {
        refuse_silent_change(&summary, &digest, observed)?;
    }
    let (summary_path, digest_path) = files(root, name);
    let write =
        |p: &Path, text: &str| std::fs::write(p, text).map_err(|e| format!("could not write {}: {e}", p.display()));
    write(&summary_path, &observed.summary)?;
    write(&digest_path, &format!("{}\n", observed.digest))?;
    Ok(format!("written ({}); read the diff before you commit it", observed.digest))
}

fn refuse_silent_change(summary: &str, digest: &str, observed: &Observed) -> Result<(), String> {
    let version = summary::model_version(summary);
    if digest.trim() != observed.digest && version == Some(&observed.model_version) {
        return Err(format!(
            "the digest moved but the model version is still {}: bump it (first number: the law changed; second: only the \
             draws did) and say why in MODEL_CHANGELOG.md",
            observed.model_version
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(digest: &str, version: &str) -> Observed {
        Observed {
            summary: format!("model_version\t{version}\n"),
            digest: digest.into(),
            model_version: version.into(),
        }
    }

    #[test]
    fn a_moved_digest_needs_a_moved_model_version() {
        let refused = refuse_silent_change("model_version\tm1.0\n", "aa\n", &observed("bb", "m1.0"));
        assert!(refused.is_err_and(|m| m.contains("still m1.0")));
        assert!(refuse_silent_change("model_version\tm1.0\n", "aa\n", &observed("bb", "m1.1")).is_ok());
        assert!(refuse_silent_change("model_version\tm1.0\n", "aa\n", &observed("aa", "m1.0")).is_ok());
    }

    #[test]
    fn a_missing_golden_folder_is_an_error_and_not_a_pass() {
        let nowhere = std::env::temp_dir().join("exitvoice-no-such-folder");
        assert!(scenarios(&nowhere).is_err_and(|m| m.contains("golden/")));
    }

    #[test]
    fn a_missing_summary_names_the_command_that_writes_it() {
        let nowhere = std::env::temp_dir().join("exitvoice-no-such-folder");
        assert!(compare(&nowhere, "x", &observed("aa", "m1.0")).is_err_and(|m| m.contains("--accept")));
    }
}
