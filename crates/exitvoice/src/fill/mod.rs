//! Fills the report from what a run found: the only place where names of the model meet words of the report.

mod ensemble;
mod parameters;

pub use ensemble::{Path, Weighted, exits, force, paths_of, totals_of};
pub use parameters::{Draws, assumptions, is_product, parameters, terms, terms_at_values};

use crate::data;
use crate::report::{Head, InputFile};
use crate::scenario::{Scenario, SocietySource};

/// Digits of a commit that are shown.
const COMMIT_DIGITS: usize = 12;

/// Which run the report is about.
#[must_use]
pub fn head(scenario: &Scenario, run_id: &str, digest: &str, replicates: u32, command: &str) -> Head {
    let software = crate::io::run_json::Software::this();
    Head {
        scenario: scenario.name.clone(),
        title: scenario.heading().to_owned(),
        run_id: run_id.to_owned(),
        digest: digest.to_owned(),
        seed: scenario.seed.0,
        model_version: exitvoice_model::MODEL_VERSION.to_string(),
        software: format!(
            "exitvoice {} ({})",
            software.version,
            software.commit.get(..COMMIT_DIGITS).unwrap_or(&software.commit)
        ),
        scale: scenario.scale,
        embedded: matches!(scenario.society, SocietySource::Fixture(_)),
        soldiers: u64::from(scenario.soldiers()),
        replicates: u64::from(replicates),
        first: scenario.day_zero,
        last: scenario.last_day,
        command: command.to_owned(),
    }
}

/// Embedded files that a run reads, with their hashes.
#[must_use]
pub fn files(scenario: &Scenario) -> Vec<InputFile> {
    let claims = scenario.claims.is_some();
    data::manifest()
        .into_iter()
        .filter(|entry| entry.path.starts_with("demography/") || (claims && entry.path.starts_with("evidence/")))
        .map(|entry| InputFile {
            bytes: data::text(&entry.path).map_or(0, |text| text.len() as u64),
            hash: format!("sha256:{}", entry.sha256),
            name: entry.path,
            role: entry.title,
        })
        .collect()
}
