//! All tests: what README names and what CI runs.

use crate::process::Snapshots;
use crate::{golden, process};
use std::path::Path;

/// How many tests ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Held.
    pub(crate) passed: u64,
    /// Did not hold, or could not be built or started.
    pub(crate) failed: u64,
    /// Not run.
    pub(crate) skipped: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Unit and integration tests, documentation tests, golden scenarios. Every step runs even when an earlier one failed; the
/// closing line adds up what the test programs reported.
pub(crate) fn command(root: &Path) -> Result<(), String> {
    let cargo = process::cargo();
    let mut total = Tally::default();
    let unit: &[&str] = if process::has_subcommand(root, "nextest") {
        &["nextest", "run", "--workspace", "--locked", "--no-fail-fast"]
    } else {
        eprintln!("cargo-nextest is not installed: using the slower `cargo test` (see CONTRIBUTING.md)");
        &["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"]
    };
    for arguments in [unit, &["test", "--workspace", "--doc", "--locked", "--no-fail-fast"]] {
        let (succeeded, output) = process::run_and_read(root, &cargo, arguments, Snapshots::Compare)?;
        total.add(tally(succeeded, &output));
    }
    match golden::check(root) {
        Ok(tally) => total.add(tally),
        Err(message) => {
            eprintln!("golden: {message}");
            total.failed += 1;
        }
    }
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    match total {
        Tally { failed: 0, passed: 1.., .. } => Ok(()),
        Tally { failed: 0, .. } => Err("no test ran".to_owned()),
        Tally { failed, .. } => Err(format!("{failed} failed")),
    }
}

/// The slow tiers: tests marked `#[ignore]`, which plain runs leave out.
pub(crate) fn slow(root: &Path) -> Result<(), String> {
    let arguments: Vec<&str> =
        "nextest run --workspace --locked --profile slow --run-ignored only --no-tests pass".split(' ').collect();
    let (succeeded, output) = process::run_and_read(root, &process::cargo(), &arguments, Snapshots::Compare)?;
    let found = tally(succeeded, &output);
    println!("{} passed, {} failed", found.passed, found.failed);
    if found.failed == 0 { Ok(()) } else { Err(format!("{} slow tests failed", found.failed)) }
}

/// Reads the closing lines of nextest and libtest. A failure without any failed test (it does not build) counts as one.
fn tally(succeeded: bool, output: &str) -> Tally {
    let mut total = Tally::default();
    for line in output.lines() {
        let closing = if line.trim_start().starts_with("Summary [") {
            line.split_once("tests run:").or_else(|| line.split_once("test run:"))
        } else {
            // Indented, it is what nextest shows again of a test that failed.
            line.strip_prefix("test result:").map(|counts| ("", counts))
        };
        let Some((_, counts)) = closing else { continue };
        let count = |word: &str| {
            let before = counts.split([',', ';', '.', '(']).map(str::trim).find(|part| part.ends_with(word));
            before.and_then(|p| p.split(' ').next()).and_then(|n| n.parse::<u64>().ok()).unwrap_or(0)
        };
        total.add(Tally {
            passed: count("passed"),
            failed: count("failed") + count("timed out") + count("exec failed"),
            skipped: count("skipped") + count("ignored"),
        });
    }
    if !succeeded {
        total.failed = total.failed.max(1);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_added_up() {
        let output = "     Summary [   0.012s] 35 tests run: 34 passed (1 slow), 1 failed, 2 skipped\n\
                      test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s\n";
        assert_eq!(tally(false, output), Tally { passed: 37, failed: 1, skipped: 3 });
    }

    #[test]
    fn what_is_shown_again_of_a_failed_test_is_not_counted_again() {
        let shown =
            "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.08s\n";
        let output = format!("{shown}     Summary [ 0.1s] 3 tests run: 2 passed, 1 failed, 0 skipped\n{shown}");
        assert_eq!(tally(false, &output), Tally { passed: 2, failed: 1, skipped: 0 });
    }

    #[test]
    fn a_failure_without_a_closing_line_counts_as_one() {
        assert_eq!(tally(false, "error: could not compile"), Tally { passed: 0, failed: 1, skipped: 0 });
        assert_eq!(tally(true, "     Summary [ 0.1s] 1 test run: 1 passed, 0 skipped").passed, 1);
    }
}
