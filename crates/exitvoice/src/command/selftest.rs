//! `selftest`: known answers and digests on this machine, in less than a minute.

use super::{Error, Machine, Outcome, Progress, ScenarioOptions};
use crate::check::{Request, known_answers};
use crate::{check, country, deployment};
use exitvoice_core::parallel::Pool;
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

impl From<check::Item> for Item {
    fn from(item: check::Item) -> Self {
        let check::Item { name, passed, value, expected, .. } = item;
        let detail = if passed { value.to_string() } else { format!("{value} instead of {expected}") };
        Self { name, passed, detail }
    }
}

/// Digest of eight replicates of `toy-squad` at the model version of this program; `xtask golden` moves it with the goldens.
const TOY_DIGEST: &str = include_str!("selftest-digest.txt");
const TOY_REPLICATES: usize = 8;

/// Checks known answers, and that one and two threads give the digest that every machine gives.
///
/// # Errors
/// Threads cannot be started, or the embedded data cannot be read.
pub fn selftest(options: &SelftestOptions, progress: &mut dyn Progress) -> Result<SelftestOutcome, Error> {
    let known = known_answers::all(&Request::of(&options.machine))?;
    let mut items: Vec<Item> = known.into_iter().map(Item::from).collect();
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
