//! `run.json`: what was run, with what, on what, how long it took, and the hash of every file. Times stand here and nowhere else.

use exitvoice_core::time::Day;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Version of the layout of `run.json`.
pub const SCHEMA: u32 = 1;

/// The program that ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Software {
    /// `exitvoice`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Commit it was built from; `unknown` outside a repository.
    pub commit: String,
    /// Whether the sources differed from that commit: `true`, `false` or `unknown`.
    pub dirty: String,
    /// Compiler.
    pub toolchain: String,
    /// Platform it was built for.
    pub target: String,
    /// `release` or `debug`.
    pub profile: String,
    /// Version of the sampler that infers; 0 in files from before it was written down.
    #[serde(default)]
    pub sampler_version: u32,
    /// Version of what observers score and draw; 0 in files from before it was written down.
    #[serde(default)]
    pub observer_version: u32,
}

impl Software {
    /// This program.
    #[must_use]
    pub fn this() -> Self {
        Self {
            name: "exitvoice".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: env!("EXITVOICE_COMMIT").to_owned(),
            dirty: env!("EXITVOICE_DIRTY").to_owned(),
            toolchain: env!("EXITVOICE_RUSTC").to_owned(),
            target: env!("EXITVOICE_TARGET").to_owned(),
            profile: if cfg!(debug_assertions) { "debug" } else { "release" }.to_owned(),
            sampler_version: exitvoice_infer::SAMPLER_VERSION,
            observer_version: exitvoice_observe::OBSERVER_VERSION,
        }
    }
}

/// The machine, as far as it bears on times; no name, user or path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Operating system.
    pub os: String,
    /// Processor family.
    pub architecture: String,
    /// Threads used.
    pub threads: u32,
}

impl Environment {
    /// This machine.
    #[must_use]
    pub fn this(threads: usize) -> Self {
        Self {
            os: std::env::consts::OS.to_owned(),
            architecture: std::env::consts::ARCH.to_owned(),
            threads: u32::try_from(threads).unwrap_or(u32::MAX),
        }
    }
}

/// What the run took.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Beginning, UTC.
    pub started: String,
    /// End, UTC; absent while it runs.
    pub finished: Option<String>,
    /// Seconds by stage.
    pub seconds: BTreeMap<String, f64>,
    /// Largest resident memory in bytes, where the system tells.
    pub peak_bytes: Option<u64>,
}

/// Length and hash of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileHash {
    /// Length in bytes.
    pub bytes: u64,
    /// BLAKE3, 64 hexadecimal digits.
    pub blake3: String,
}

/// Whether a run is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunStatus {
    /// Being computed; such a folder is never a result.
    Running,
    /// Whole.
    Completed,
}

/// Seed and what turns it into draws.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Randomness {
    /// Seed of the country and of the replicates.
    pub seed: u64,
    /// Generator.
    pub generator: String,
    /// How draws are addressed; `architecture` 4. Purposes are never renumbered, only added.
    pub addressing: String,
}

impl Randomness {
    /// Addressed draws from a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed, generator: "philox4x32-10".to_owned(), addressing: "purpose, a, b".to_owned() }
    }
}

/// The whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunJson {
    /// Version of this layout.
    pub schema: u32,
    /// Always `synthetic`.
    pub population: String,
    /// Whether the run is whole.
    pub status: RunStatus,
    /// Name of the folder: 12 hexadecimal digits.
    pub run_id: String,
    /// Name of the scenario.
    pub scenario: String,
    /// Command that repeats the run.
    pub command: String,
    /// The program.
    pub software: Software,
    /// Version of the model's law and draws, as `m1.0`.
    pub model_version: String,
    /// Version of the scenario format.
    pub format_version: u32,
    /// Seed and generator.
    pub randomness: Randomness,
    /// Share of the country's people that was simulated.
    pub scale: f64,
    /// Whether that is less than all of them.
    pub scaled: bool,
    /// Simulated deployments.
    pub replicates: u32,
    /// Digest of the canonical record, 64 hexadecimal digits.
    pub digest: String,
    /// Hashes of data and claims that the result rests on, by name.
    pub inputs: BTreeMap<String, String>,
    /// Runs that this one was made from.
    pub parents: Vec<String>,
    /// Files of the user that stand in the folder, by their name there: how the command names each.
    #[serde(default)]
    pub given: BTreeMap<String, String>,
    /// Every value with unit, origin, prior, grade and source: the rows of `explain`.
    pub resolved: serde_json::Value,
    /// The machine.
    pub environment: Environment,
    /// Times and memory.
    pub resources: Resources,
    /// What the command printed with `--json`.
    pub summary: serde_json::Value,
    /// Every other file of the folder by its name below it, with `/`; filled when the folder is published.
    pub files: BTreeMap<String, FileHash>,
    /// BLAKE3 of the file itself with zeros in this place; filled when the folder is published.
    pub seal: String,
}

/// The seal before it is set: as long as a hash.
const UNSEALED: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// What stands before it in the file.
const SEAL: &[u8] = b"\"seal\": \"";

/// Place of the seal's digits in the bytes of a file: the last one, since nothing follows it.
fn place_of_seal(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = bytes.windows(SEAL.len()).rposition(|window| window == SEAL)? + SEAL.len();
    (start + UNSEALED.len() <= bytes.len()).then_some(start..start + UNSEALED.len())
}

/// Sets the seal of a file; bytes without a place for it stay as they are.
#[must_use]
pub fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(place) = place_of_seal(&bytes) {
        bytes[place.clone()].copy_from_slice(UNSEALED.as_bytes());
        let seal = blake3::hash(&bytes).to_hex();
        bytes[place].copy_from_slice(seal.as_bytes());
    }
    bytes
}

/// The seal that a file has, whether or not it is its own.
#[must_use]
pub fn seal_of(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(&bytes[place_of_seal(bytes)?]).ok().map(str::to_owned)
}

/// Whether a file has its seal.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    place_of_seal(bytes).is_some() && sealed(bytes.to_vec()) == bytes
}

impl RunJson {
    /// The file's bytes.
    ///
    /// # Panics
    /// Never: every field can be written as JSON.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).expect("keys are texts and numbers finite or null");
        bytes.push(b'\n');
        bytes
    }
}

/// A seal that is set when the folder is published.
#[must_use]
pub fn unsealed() -> String {
    UNSEALED.to_owned()
}

/// Now, as `2026-01-31T23:59:59Z`. For `resources` only: no result may depend on it.
#[must_use]
pub fn utc_now() -> String {
    utc_text(SystemTime::now())
}

/// A time as `2026-01-31T23:59:59Z`; times before 1970 count as 1970.
#[must_use]
pub fn utc_text(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let day = Day(i32::try_from(days).unwrap_or(i32::MAX));
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}

/// A run of a toy, as tests and damaged copies of it begin.
pub(crate) fn example(run_id: &str) -> RunJson {
    RunJson {
        schema: SCHEMA,
        population: "synthetic".to_owned(),
        status: RunStatus::Running,
        run_id: run_id.to_owned(),
        scenario: "toy".to_owned(),
        command: "exitvoice run toy --seed 1".to_owned(),
        software: Software::this(),
        model_version: "m1.0".to_owned(),
        format_version: 1,
        randomness: Randomness::new(u64::MAX),
        scale: 1.0,
        scaled: false,
        replicates: 2,
        digest: "00".repeat(32),
        inputs: BTreeMap::new(),
        parents: Vec::new(),
        given: BTreeMap::new(),
        resolved: serde_json::json!([{ "key": "run.seed", "value": "1" }]),
        environment: Environment::this(2),
        resources: Resources { started: utc_now(), ..Resources::default() },
        summary: serde_json::json!({ "run_id": run_id }),
        files: BTreeMap::new(),
        seal: UNSEALED.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_seal_is_broken_by_every_bit() {
        let file = sealed(example("0123456789ab").to_bytes());
        assert!(is_sealed(&file) && !is_sealed(&example("0123456789ab").to_bytes()));
        for bit in 0..8 * file.len() {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_sealed(&flipped), "bit {bit}");
        }
        for length in 0..file.len() {
            assert!(!is_sealed(&file[..length]), "cut to {length}");
        }
    }

    #[test]
    fn the_file_is_read_back_as_it_was_and_names_software_and_seed() {
        let run = example("0123456789ab");
        let read: RunJson = serde_json::from_slice(&run.to_bytes()).expect("its own layout");
        assert_eq!(read, run);
        let text = String::from_utf8(run.to_bytes()).expect("text");
        for part in
            ["\"status\": \"running\"", "\"population\": \"synthetic\"", "18446744073709551615", "philox4x32-10"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!Software::this().commit.is_empty());
    }

    #[test]
    fn times_are_printed_in_utc() {
        let at = |s| utc_text(UNIX_EPOCH + Duration::from_secs(s));
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(1_728_345_599 + 86_400), "2024-10-08T23:59:59Z");
    }
}
