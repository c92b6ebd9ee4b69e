//! `simulate-claims`: claims with hidden truth. `verify-claims`: the provenance chain of a claims file.

use super::estimate::{Estimate, need_of};
use super::input::read_user_file;
use super::{Error, Machine, Outcome, Progress, ScenarioOptions};
use crate::inference::synthetic::{Synthetic, synthetic};
use crate::inference::{Request, read_claims};
use crate::io::vfs::{EntryKind, write_atomically};
use crate::provenance::{Problem, Rows};
use crate::{country, deployment, write};
use exitvoice_observe::OBSERVER_VERSION;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Options of `simulate-claims`.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// Where the claims of a simulated world stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimulateOutcome {
    /// The folder.
    pub out: PathBuf,
    /// The claims in it.
    pub claims: PathBuf,
    /// What was true.
    pub truth: PathBuf,
    /// Rows of claims.
    pub rows: usize,
}

/// What `simulate-claims` would take.
///
/// # Errors
/// Scenario or options are wrong.
pub fn estimate(options: &SimulateOptions) -> Result<Estimate, Error> {
    let scenario = options.scenario.resolve(&options.machine, &[])?;
    Ok(need_of(&scenario, 0, 1, &options.machine)?.on(&options.machine, &options.scenario.out))
}

/// Draws parameters from their priors, a world under them, and what observers would print about it.
///
/// # Errors
/// Wrong input (64), too little memory (71), a signal (75), or files that cannot be written (73, 74).
pub fn simulate_claims(options: &SimulateOptions, progress: &mut dyn Progress) -> Result<SimulateOutcome, Error> {
    let machine = &options.machine;
    let scenario = options.scenario.resolve(machine, &[])?;
    options.scenario.check_scale(&scenario)?;
    let claims = read_claims(&Request { scenario: &scenario, claims: None, as_of: None, budget: None })?;
    let pool = machine.pool()?;
    let country = country::open(&scenario, machine, &pool, progress)?;
    let base = deployment::force(&scenario, &country)?;
    let Synthetic { rows, truth } = synthetic(&scenario, &base, &claims, scenario.last_day, scenario.seed)?;
    let id = write::run_id(&format!("simulate-claims observers={OBSERVER_VERSION}"), &scenario, &write::inputs(None));
    let out = options.scenario.out.join(&scenario.name).join(format!("claims-{id}"));
    let vfs = machine.vfs.as_ref();
    vfs.create_folder(&out)?;
    let (file, hidden) = (out.join("claims.csv"), out.join("truth.json"));
    write_atomically(vfs, &file, &[&rows.sealed()?])?;
    let truth = serde_json::to_vec_pretty(&truth).map_err(Error::bug)?;
    write_atomically(vfs, &hidden, &[&truth])?;
    Ok(SimulateOutcome { out, claims: file, truth: hidden, rows: rows.rows.len() })
}

impl Outcome for SimulateOutcome {
    fn to_json(&self) -> serde_json::Value {
        json!({ "out": self.out, "claims": self.claims, "truth": self.truth, "rows": self.rows, "population": "synthetic" })
    }

    fn text(&self) -> Vec<String> {
        vec![
            format!("{} rows of claims about a synthetic world: {}", self.rows, self.claims.display()),
            format!("its hidden truth: {}", self.truth.display()),
        ]
    }
}

/// Options of `verify-claims`.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// The claims file, or a folder with `claims.csv`.
    pub file: PathBuf,
    /// `--seal`: where a copy with a fresh chain goes.
    pub seal: Option<PathBuf>,
    /// Files.
    pub machine: Machine,
}

/// What the chain says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyOutcome {
    /// Rows read.
    pub rows: usize,
    /// Last link of the file as it is.
    pub head: String,
    /// What it was compared with.
    pub against: String,
    /// Whether there was something to compare it with.
    pub compared: bool,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// The sealed copy.
    pub sealed: Option<PathBuf>,
}

/// Longest claims file that is read, in bytes.
const LONGEST: u64 = 256 << 20;

/// Compares each row with the chain.
///
/// # Errors
/// The file cannot be read, is no claims file, or has no chain and is no copy of a shipped one (exit 64).
pub fn verify_claims(options: &VerifyOptions) -> Result<VerifyOutcome, Error> {
    let vfs = options.machine.vfs.as_ref();
    let path = match vfs.entry(&options.file) {
        Ok(Some(entry)) if entry.kind == EntryKind::Folder => options.file.join("claims.csv"),
        _ => options.file.clone(),
    };
    let bytes = read_user_file(vfs, &path, LONGEST)?;
    let rows = Rows::read(&path.display().to_string(), &bytes)?;
    let sealed = options.seal.as_deref().map(|to| seal(options, &rows, to)).transpose()?;
    match rows.verify() {
        Some(found) => Ok(VerifyOutcome {
            rows: found.rows,
            head: found.head,
            against: found.against,
            compared: true,
            problems: found.problems,
            sealed,
        }),
        None if sealed.is_some() || rows.rows.is_empty() => Ok(VerifyOutcome {
            rows: rows.rows.len(),
            head: rows.links().last().map_or_else(String::new, |l| l.link.clone()),
            against: format!(
                "nothing: the file {}",
                if rows.rows.is_empty() { "has no rows" } else { "had no chain before" }
            ),
            compared: false,
            problems: Vec::new(),
            sealed,
        }),
        None => Err(Error::NoChain { path: path.display().to_string() }),
    }
}

fn seal(options: &VerifyOptions, rows: &Rows, to: &Path) -> Result<PathBuf, Error> {
    write_atomically(options.machine.vfs.as_ref(), to, &[&rows.sealed()?])?;
    Ok(to.to_owned())
}

impl Outcome for VerifyOutcome {
    fn to_json(&self) -> serde_json::Value {
        json!({
            "ok": self.problems.is_empty(),
            "rows": self.rows,
            "head": self.head,
            "against": self.against,
            "compared": self.compared,
            "problems": self.problems,
            "sealed": self.sealed,
        })
    }

    fn text(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.problems.iter().map(Problem::words).collect();
        let count = self.problems.len();
        let word = if self.rows == 0 {
            "nothing to hold".to_owned()
        } else if count == 0 && self.compared {
            "every row holds".to_owned()
        } else if count == 0 {
            "sealed as they are".to_owned()
        } else {
            format!("{count} rows do not hold")
        };
        let head = if self.head.is_empty() { String::new() } else { format!("; head {}", self.head) };
        lines.push(format!("{} rows against {}: {word}{head}", self.rows, self.against));
        lines.extend(self.sealed.as_ref().map(|path| path.display().to_string()));
        lines
    }

    fn exit_code(&self) -> i32 {
        i32::from(!self.problems.is_empty())
    }
}
