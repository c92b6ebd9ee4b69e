//! Embedded data and shipped scenarios: the program runs in an empty folder. `data/MANIFEST.toml` names source, licence, date and
//! SHA-256 of every file; a test compares it with the bytes and with the folder.

use serde::Deserialize;

/// One embedded file.
#[derive(Clone, Copy, Debug)]
pub struct DataFile {
    /// Path under `data/`, with `/`.
    pub path: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

macro_rules! embed {
    ($($path:literal),* $(,)?) => {
        &[$(DataFile {
            path: $path,
            bytes: include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/", $path)),
        }),*]
    };
}
macro_rules! text {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path))
    };
}

/// Every embedded file, in the order of the manifest.
pub const FILES: &[DataFile] = embed![
    "demography/annual_summary.csv",
    "demography/death_rates.csv",
    "demography/fertility_age_pattern.csv",
    "demography/population_by_age_sex.csv",
    "demography/sex_ratio_at_birth.csv",
    "demography/total_fertility_wpp2019.csv",
    "evidence/claims-kursk-2024.csv",
    "evidence/claims-kursk-2024-coded.csv",
    "evidence/claims-kursk-2024.chain.csv",
    "evidence/sources.csv",
    "fixtures/toy.extract",
    "reference/known-answers.json",
    "reference/anesthesia.csv",
    "reference/kinship/sweden_1950.csv",
    "reference/sbibm.json",
];

/// The manifest as it stands in the tree.
pub const MANIFEST: &str = text!("data/MANIFEST.toml");

/// Shipped scenarios: name and text.
pub const SCENARIOS: &[(&str, &str)] = &[
    ("kursk-2024", text!("scenarios/kursk-2024.toml")),
    ("toy-squad", text!("scenarios/toy-squad.toml")),
    ("double-size", text!("scenarios/double-size.toml")),
    ("no-hostages", text!("scenarios/no-hostages.toml")),
    ("no-informers", text!("scenarios/no-informers.toml")),
    ("no-selection", text!("scenarios/no-selection.toml")),
    ("open-information", text!("scenarios/open-information.toml")),
    ("rule-m0", text!("scenarios/rule-m0.toml")),
    ("rule-m2", text!("scenarios/rule-m2.toml")),
    ("rule-m3", text!("scenarios/rule-m3.toml")),
    ("rule-m4", text!("scenarios/rule-m4.toml")),
    ("rule-m5", text!("scenarios/rule-m5.toml")),
    ("short-tour", text!("scenarios/short-tour.toml")),
];

/// Baselines: model version and the text of its defaults. Grows with each move of the model version.
pub const BASELINES: &[(&str, &str)] = &[
    ("m1", text!("data/baselines/m1.toml")),
    ("m2", text!("data/baselines/m2.toml")),
    ("m3", text!("data/baselines/m3.toml")),
    ("m4", text!("data/baselines/m4.toml")),
    ("m5", text!("data/baselines/m5.toml")),
    ("m6", text!("data/baselines/m6.toml")),
    ("m7", text!("data/baselines/m7.toml")),
    ("m8", text!("data/baselines/m8.toml")),
    ("m9", text!("data/baselines/m9.toml")),
    ("m10", text!("data/baselines/m10.toml")),
    ("m11", text!("data/baselines/m11.toml")),
];

/// Names of the embedded sets of claims.
pub const CLAIMS_SETS: &[&str] = &["kursk-2024"];

/// One row of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestEntry {
    /// Path under `data/`.
    pub path: String,
    /// What the file holds.
    pub title: String,
    /// Who published it.
    pub source: String,
    /// Where.
    pub url: String,
    /// Licence, as an SPDX expression where there is one.
    pub licence: String,
    /// Date of retrieval, `YYYY-MM-DD`.
    pub retrieved: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
    /// Program that made the file from its source; `none` where it stands as retrieved.
    pub script: String,
    /// What was changed or selected.
    pub changes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    file: Vec<ManifestEntry>,
}

/// Rows of the manifest.
///
/// # Panics
/// Never in a program whose tests passed: they read the embedded manifest.
#[must_use]
pub fn manifest() -> Vec<ManifestEntry> {
    toml::from_str::<Manifest>(MANIFEST).expect("tests read the embedded manifest").file
}

/// An embedded file as text.
#[must_use]
pub fn text(path: &str) -> Option<&'static str> {
    FILES.iter().find(|file| file.path == path).and_then(|file| std::str::from_utf8(file.bytes).ok())
}

fn shipped(path: &str) -> &'static str {
    text(path).expect("tests read every embedded file as text")
}

/// A shipped scenario, by its name without ending.
#[must_use]
pub fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(shipped, _)| *shipped == name).map(|(_, text)| *text)
}

/// Names of the shipped scenarios.
pub fn scenario_names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(shipped, _)| *shipped)
}

/// The demographic tables, as CSV texts.
#[derive(Clone, Copy, Debug)]
pub struct Demography {
    /// `year, sex, age_group, population_thousand`, every five years from 1950.
    pub population_by_age_sex: &'static str,
    /// `period, sex, age_from, death_rate_per_year`.
    pub death_rates: &'static str,
    /// `period, children_per_woman`.
    pub total_fertility: &'static str,
    /// `period, age_from, age_to, share_percent`.
    pub fertility_age_pattern: &'static str,
    /// `period, males_per_female`.
    pub sex_ratio_at_birth: &'static str,
    /// A later revision by single year, for comparison.
    pub annual_summary: &'static str,
}

/// The demographic tables.
#[must_use]
pub fn demography() -> Demography {
    Demography {
        population_by_age_sex: shipped("demography/population_by_age_sex.csv"),
        death_rates: shipped("demography/death_rates.csv"),
        total_fertility: shipped("demography/total_fertility_wpp2019.csv"),
        fertility_age_pattern: shipped("demography/fertility_age_pattern.csv"),
        sex_ratio_at_birth: shipped("demography/sex_ratio_at_birth.csv"),
        annual_summary: shipped("demography/annual_summary.csv"),
    }
}

/// BLAKE3 over paths and bytes of the demographic tables: part of the key of a cached country.
#[must_use]
pub fn demography_digest() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for file in FILES.iter().filter(|file| file.path.starts_with("demography/")) {
        hasher.update(&(file.path.len() as u64).to_le_bytes());
        hasher.update(file.path.as_bytes());
        hasher.update(&(file.bytes.len() as u64).to_le_bytes());
        hasher.update(file.bytes);
    }
    *hasher.finalize().as_bytes()
}

/// An embedded set of public claims.
#[derive(Clone, Copy, Debug)]
pub struct ClaimsTexts {
    /// As published, one row per statement.
    pub raw: &'static str,
    /// The same rows coded for the observation model.
    pub coded: &'static str,
}

/// A set of claims, by its name.
#[must_use]
pub fn claims(name: &str) -> Option<ClaimsTexts> {
    (name == "kursk-2024").then(|| ClaimsTexts {
        raw: shipped("evidence/claims-kursk-2024.csv"),
        coded: shipped("evidence/claims-kursk-2024-coded.csv"),
    })
}

/// An embedded small country as a checked container, by its name.
#[must_use]
pub fn fixture(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|file| file.path == format!("fixtures/{name}.extract")).map(|file| file.bytes)
}

/// Numbers behind parameters and patterns, with their sources.
#[must_use]
pub fn sources() -> &'static str {
    shipped("evidence/sources.csv")
}

/// Exact or published answers, as JSON.
#[must_use]
pub fn known_answers() -> &'static str {
    shipped("reference/known-answers.json")
}

/// Ratings of Dawid and Skene (1979), as CSV.
#[must_use]
pub fn anesthesia() -> &'static str {
    shipped("reference/anesthesia.csv")
}

/// Survival and fertility of Sweden 1950 by single age, women, as CSV.
#[must_use]
pub fn sweden_1950() -> &'static str {
    shipped("reference/kinship/sweden_1950.csv")
}

/// Compares every embedded file with its row of the manifest; the names of those that differ, are missing or are not listed.
#[must_use]
pub fn verify() -> Vec<String> {
    let rows = manifest();
    let mut wrong: Vec<String> = FILES
        .iter()
        .filter(|file| !rows.iter().any(|row| row.path == file.path && row.sha256 == sha256(file.bytes)))
        .map(|file| file.path.to_owned())
        .collect();
    wrong.extend(
        rows.into_iter().map(|row| row.path).filter(|path| !FILES.iter().any(|file| file.path == path.as_str())),
    );
    wrong
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
