//! `selftest`: known answers and digests on this machine, in less than a minute.

use super::{Error, Machine, Outcome, Progress, ScenarioOptions};
use crate::{country, deployment};
use exitvoice_core::hazard::cumulative_incidence;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::{Days, Hazard};
use exitvoice_core::rng::philox::philox4x32_10;
use serde::Serialize;

/// Options of `selftest`.
#[derive(Clone, Debug)]
pub struct SelftestOptions {
    /// Files, threads, memory.
    pub machine: Machine,
}

/// One known answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What was asked.
    pub name: String,
    /// Whether the answer is the known one.
    pub passed: bool,
    /// The answer, and the known one where they differ.
    pub detail: String,
}

/// Digest of eight replicates of `toy-squad` at the model version of this program; `xtask golden` moves it with the goldens.
const TOY_DIGEST: &str = include_str!("selftest-digest.txt");
const TOY_REPLICATES: usize = 8;

/// Checks known answers, and that one and two threads give the digest that every machine gives.
///
/// # Errors
/// Threads cannot be started, or the embedded data cannot be read.
pub fn selftest(options: &SelftestOptions, progress: &mut dyn Progress) -> Result<SelftestOutcome, Error> {
    let mut items = vec![philox(), quantiles(), competing(), embedded()];
    for threads in [1, 2] {
        let found = toy_digest(&options.machine, threads, progress)?;
        let expected = TOY_DIGEST.trim();
        items.push(Item {
            name: format!("deployments on {threads} thread{}", if threads == 1 { "" } else { "s" }),
            passed: found == expected,
            detail: if found == expected { found } else { format!("{found} instead of {expected}") },
        });
    }
    Ok(SelftestOutcome { items })
}

fn philox() -> Item {
    const ANSWERS: [([u32; 4], [u32; 2], [u32; 4]); 3] = [
        ([0; 4], [0; 2], [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
        ([u32::MAX; 4], [u32::MAX; 2], [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    let right = ANSWERS.iter().filter(|(counter, key, words)| philox4x32_10(*counter, *key) == *words).count();
    Item {
        name: "philox4x32-10".to_owned(),
        passed: right == ANSWERS.len(),
        detail: format!("{right} of {} published answers", ANSWERS.len()),
    }
}

fn quantiles() -> Item {
    let found = math::normal_quantile(0.975);
    let passed = (found - 1.959_963_984_540_054).abs() < 1e-14;
    Item { name: "normal quantile at .975".to_owned(), passed, detail: found.to_string() }
}

fn competing() -> Item {
    let found = cumulative_incidence(Hazard::per_day(1.5e-4), Hazard::per_day(0.005), Days(120.0)).value() * 1_000.0;
    Item {
        name: "competing risks".to_owned(),
        passed: (found - 13.43).abs() < 0.005,
        detail: format!("{found:.3} exits per 1,000; 13.43 expected"),
    }
}

fn embedded() -> Item {
    let wrong = crate::data::verify();
    let passed = wrong.is_empty();
    let detail = if passed { "every file has the hash of its manifest".to_owned() } else { wrong.join(", ") };
    Item { name: "embedded data".to_owned(), passed, detail }
}

/// Digest of the toy ensemble on a number of threads.
///
/// # Errors
/// The embedded scenario or country cannot be read.
pub fn toy_digest(machine: &Machine, threads: usize, progress: &mut dyn Progress) -> Result<String, Error> {
    let scenario = ScenarioOptions::new("toy-squad").resolve(machine, &[])?;
    let pool = Pool::new(threads)?;
    let country = country::open(&scenario, machine, &pool, progress)?;
    let base = deployment::force(&scenario, &country)?;
    let params = deployment::force_params(&scenario)?;
    let digests = pool.map(TOY_REPLICATES, |r| deployment::replicate(&base, &params, scenario.seed, r as u32).0.digest);
    let mut hasher = blake3::Hasher::new();
    for digest in digests {
        hasher.update(&digest);
    }
    Ok(hasher.finalize().to_hex().to_string())
}

/// All known answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SelftestOutcome {
    /// In order.
    pub items: Vec<Item>,
}

impl SelftestOutcome {
    fn passed(&self) -> usize {
        self.items.iter().filter(|item| item.passed).count()
    }
}

impl Outcome for SelftestOutcome {
    fn to_json(&self) -> serde_json::Value {
        let passed = self.passed();
        serde_json::json!({ "passed": passed, "failed": self.items.len() - passed, "items": self.items })
    }

    fn text(&self) -> Vec<String> {
        let line = |item: &Item| {
            let word = if item.passed { "passed" } else { "FAILED" };
            format!("{word}  {}: {}", item.name, item.detail)
        };
        let mut lines: Vec<String> = self.items.iter().map(line).collect();
        lines.push(format!("{} of {} known answers", self.passed(), self.items.len()));
        lines
    }

    fn exit_code(&self) -> i32 {
        i32::from(self.passed() < self.items.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_answer_fails_the_whole() {
        let item = |passed| Item { name: "philox".to_owned(), passed, detail: "6627e8d5".to_owned() };
        let all = SelftestOutcome { items: vec![item(true), item(true)] };
        assert_eq!((all.exit_code(), &all.to_json()["failed"]), (0, &serde_json::json!(0)));
        let one = SelftestOutcome { items: vec![item(true), item(false)] };
        assert_eq!((one.exit_code(), &one.to_json()["failed"]), (1, &serde_json::json!(1)));
        assert!(one.text()[1].starts_with("FAILED"));
    }
}
