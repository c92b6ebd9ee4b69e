//! A folder of its own for each test, and a war small enough to be inferred there.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use exitvoice::command::infer::{InferOptions, InferOutcome};
use exitvoice::command::run::{RecordLevel, RunOptions, RunOutcome};
use exitvoice::command::{Error, Machine, ScenarioOptions, Silent};
use std::path::PathBuf;
use tempfile::TempDir;

/// A war small enough for tests: 120 men of the embedded country, five months, the real claims.
pub const SMALL_WAR: &str = r#"
format = 1
name = "small-war"
title = "A small war"
[period]
start = 2024-10-08
end = 2025-02-28
[society]
source = "fixture:toy"
[claims]
set = "kursk-2024"
[infer]
parameters = [
    "danger.combat.hazard_winter_assaults",
    "danger.combat.killed_share",
    "danger.capture.opportunity",
    "exit.attempt.base_rate",
    "exit.attempt.hostage_effect",
    "force.advance_party",
]
budget = 600
[order_of_battle]
soldiers_per_squad = "10 persons"
squads_per_platoon = 3
platoons_per_company = 4
companies_per_battalion = 4
battalions_per_brigade = 6
[[waves]]
name = "all"
contingent = 1
persons = "120 persons"
arrives = 2024-10-12
at_front = 2024-10-28
known_from = 2024-10-18
source = "assumption"
[[phases]]
name = "contact"
from = 2024-11-05
hazard = "danger.combat.hazard_winter_assaults"
known_from = 2024-11-06
source = "assumption"
"#;

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
