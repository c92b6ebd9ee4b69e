//! Development tasks of exitvoice, called as `cargo xtask NAME`. [`USAGE`] lists them.
//!
//! **Invariant:** xtask depends on no crate of the project: it reads sources and runs the built binary ([`facts`]), so it still
//! compiles, and can say what is wrong, when the project does not.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool for developers; printing is its output"
)]

mod calibrate;
mod ci;
mod claims;
mod facts;
mod generate;
mod golden;
mod lint;
mod process;
mod rust_source;
mod test;
mod tidy;
mod tree;

use std::process::ExitCode;

/// Shown for no argument, `help`, or a mistake.
const USAGE: &str = "\
cargo xtask COMMAND
  test               all tests, documentation tests and golden scenarios; what CI runs
  lint               formatting and clippy, warnings are errors
  ci [--full]        test, lint, gen --check, tidy, claims, deny; --full adds the slow tiers and calibrate
  gen [--check]      write docs/reference from the sources and the binary; --check fails on stale files
  golden [--accept]  run the golden scenarios and the snapshots of the crates and compare; only --accept writes
  calibrate [SUITE ...]  the long suites of `exitvoice check`, hours in all; writes their rows of docs/calibration.csv
  tidy               the rules of STYLE.md and ARCHITECTURE.md as failures
  claims             every checkable sentence of the model with its test; fails on orphans";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = tree::root().and_then(|root| match words.as_slice() {
        ["test"] => test::command(&root),
        ["lint"] => lint::command(&root),
        ["ci"] => ci::command(&root, ci::Tier::Push),
        ["ci", "--full"] => ci::command(&root, ci::Tier::Full),
        ["gen"] => generate::command(&root, generate::Mode::Write),
        ["gen", "--check"] => generate::command(&root, generate::Mode::Check),
        ["golden"] => golden::command(&root, golden::Mode::Compare),
        ["golden", "--accept"] => golden::command(&root, golden::Mode::Accept),
        ["calibrate", suites @ ..] => calibrate::command(&root, suites),
        ["tidy"] => tidy::command(&root),
        ["claims"] => claims::command(&root),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => Err(USAGE.to_owned()),
        other => Err(format!("no such task: `{}`\n{USAGE}", other.join(" "))),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
