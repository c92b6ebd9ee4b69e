//! `about`: what the program is for, what it is not for, and which versions it has.

use super::Outcome;
use crate::data;
use crate::io::run_json::{SCHEMA, Software};
use crate::scenario::FORMAT;
use serde_json::{Value, json};

/// The page on scope, as it stands at the root of the source tree.
const SCOPE: &str = include_str!("../../../../SCOPE.md");

/// The short form of the scope.
const SHORT: [&str; 8] = [
    "exitvoice simulates, with synthetic people, how a regime sorts, watches and holds families liable, and asks what published",
    "claims about hidden events are worth.",
    "It is for: weighing claims, with intervals and assumptions; comparing explanations; showing what such a system costs",
    "families; teaching and testing methods.",
    "It is not for: judging real persons, running such a system, finding people who left, targeting, pressing soldiers, prisoners or",
    "their kin, or presenting a simulated number as a fact.",
    "Its outputs say nothing about any named person, and are not evidence that an event took place. Every file says",
    "`population = synthetic`. SCOPE.md in the source tree says it in full, and so does `about --json`.",
];

/// Scope and versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutOutcome {
    /// The program.
    pub software: Software,
    /// As `m1.0`.
    pub model_version: String,
}

/// Tells scope and versions.
#[must_use]
pub fn about() -> AboutOutcome {
    AboutOutcome { software: Software::this(), model_version: exitvoice_model::MODEL_VERSION.to_string() }
}

fn names(texts: &[(&'static str, &str)]) -> Vec<&'static str> {
    texts.iter().map(|(name, _)| *name).collect()
}

impl Outcome for AboutOutcome {
    fn to_json(&self) -> Value {
        json!({
            "software": self.software,
            "model_version": self.model_version,
            "format_version": FORMAT,
            "run_json_schema": SCHEMA,
            "licence": "MIT OR Apache-2.0",
            "population": "synthetic",
            "scenarios": names(data::SCENARIOS),
            "baselines": names(data::BASELINES),
            "scope": SCOPE,
        })
    }

    fn text(&self) -> Vec<String> {
        let Software { version, commit, dirty, toolchain, target, profile, .. } = &self.software;
        let [sampler, observers] = [self.software.sampler_version, self.software.observer_version];
        let changed = if dirty == "true" { ", sources changed since" } else { "" };
        let mut lines = vec![
            format!("exitvoice {version} (commit {commit}{changed})"),
            format!(
                "model {}, sampler {sampler}, observers {observers}, scenario format {FORMAT}, run.json layout {SCHEMA}",
                self.model_version
            ),
            format!("{toolchain}, {target}, {profile}; licence MIT OR Apache-2.0"),
            String::new(),
        ];
        lines.extend(SHORT.map(str::to_owned));
        lines.push(String::new());
        lines.push(format!("Shipped scenarios: {}", names(data::SCENARIOS).join(", ")));
        lines.push(format!("Baselines of older model versions: {}", names(data::BASELINES).join(", ")));
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_and_both_versions_are_told() {
        let about = about();
        assert!(about.text().concat().contains("synthetic"));
        assert!(about.text().concat().contains("kursk-2024") && about.to_json()["scenarios"][0].is_string());
        let json = about.to_json();
        assert!(json["scope"].as_str().is_some_and(|s| s.contains("Refused uses")));
        assert_eq!(json["software"]["sampler_version"], exitvoice_infer::SAMPLER_VERSION);
        assert_eq!(json["software"]["observer_version"], exitvoice_observe::OBSERVER_VERSION);
        assert!(json["model_version"].as_str().is_some_and(|v| v.starts_with('m')));
    }
}
