//! A folder of its own for each test, and a war small enough to be inferred there.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use exitvoice::command::infer::{InferOptions, InferOutcome};
use exitvoice::command::run::{RecordLevel, RunOptions, RunOutcome};
use exitvoice::command::{Error, Machine, ScenarioOptions, Silent};
use std::path::PathBuf;
use tempfile::TempDir;

/// A war small enough for tests: 120 men of the embedded country, five months, the real claims.
pub const SMALL_WAR: &str = include_str!("small-war.toml");

pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    pub fn machine(&self, threads: usize) -> Machine {
        Machine { threads, cache_folder: Some(self.folder.path().join("cache")), ..Machine::this() }
    }

    pub fn options(&self, scenario: &str, set: &[&str]) -> ScenarioOptions {
        let set = set.iter().map(|s| (*s).to_owned()).collect();
        ScenarioOptions {
            set,
            out: self.folder.path().join("results"),
            allow_scaled: true,
            ..ScenarioOptions::new(scenario)
        }
    }

    pub fn run(&self, scenario: &str, set: &[&str], threads: usize, infer: bool) -> Result<RunOutcome, Error> {
        let options = RunOptions {
            scenario: ScenarioOptions { force: true, ..self.options(scenario, set) },
            machine: self.machine(threads),
            replicates: Some(4),
            infer,
            record: RecordLevel::Series,
        };
        exitvoice::command::run::run(&options, &mut Silent)
    }

    pub fn infer(&self, scenario: &str, claims: Option<&str>, budget: u32) -> Result<InferOutcome, Error> {
        let options = InferOptions {
            scenario: ScenarioOptions { force: true, ..self.options(scenario, &[]) },
            machine: self.machine(2),
            claims: claims.map(PathBuf::from),
            as_of: None,
            predict_to: None,
            budget: Some(budget),
            reweight: None,
        };
        exitvoice::command::infer::infer(&options, &mut Silent)
    }
}
