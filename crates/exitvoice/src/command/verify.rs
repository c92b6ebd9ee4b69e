//! `verify DIR`: every file against its hash, and replicates again against their digests.

use super::{Error, Event, Machine, Outcome, Progress, Stage};
use crate::io::run_folder;
use crate::io::run_json::utc_now;
use crate::scenario::{self, Catalogue, Given, Layers, Override, Scenario, SourceText};
use crate::{country, deployment};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use exitvoice_model::force::{Branch, ForceBase, ForceParams, deploy_branches};
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Longest text that is read, in bytes.
const LONGEST: u64 = 4 << 30;

/// How many replicates are run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// So many, drawn at random: others at every call.
    Random(u32),
    /// Every one.
    All,
    /// The one on this line of the ledger, counted from 0: the number of a sweep's task.
    Task(u64),
}

/// Options of `verify`.
#[derive(Clone, Debug)]
pub struct VerifyOptions {
    /// A complete run, comparison, branch or sweep.
    pub folder: PathBuf,
    /// `--sample N`, `--all` or `--task N`.
    pub sample: Sample,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// What was verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyOutcome {
    /// Name of the folder.
    pub run_id: String,
    /// Replicates of the folder.
    pub planned: u64,
    /// Replicates run again whose digest is the same.
    pub done: u64,
    /// Replicates run again whose digest differs.
    pub failed: u64,
    /// Tasks that ended without a result, and so have nothing to compare with: `ledger.jsonl` says why, and which command repeats each.
    pub without_result: u64,
    /// Digest of the whole, as the folder has it.
    pub digest: String,
    /// Files whose hash was right.
    pub files: u64,
    /// Tasks that differ, and the command that repeats each.
    pub differences: Vec<String>,
    /// Files in the folder that are not of the run.
    pub foreign: Vec<String>,
    /// Command that computes the whole again, with the same digest.
    pub command: String,
    /// The folder.
    pub out: PathBuf,
}

/// Reads a folder's files and runs some of its replicates again.
///
/// # Errors
/// A file is damaged (65), or was computed by another version of the model, so that digests cannot agree (64). Digests that differ
/// are no error: the outcome exits with 1.
pub fn verify(options: &VerifyOptions, progress: &mut dyn Progress) -> Result<VerifyOutcome, Error> {
    let (machine, vfs, clock) = (&options.machine, options.machine.vfs.as_ref(), Instant::now());
    progress.event(Event::Began { stage: Stage::Verify, of: None });
    let run = run_folder::verify(vfs, &options.folder)?.run;
    let now = exitvoice_model::MODEL_VERSION.to_string();
    if run.model_version != now {
        return Err(Error::OtherModel { found: run.model_version, now });
    }
    let text = |name: &str| -> Result<Option<String>, Error> {
        match vfs.read(&options.folder.join(name), LONGEST) {
            Ok(bytes) => Ok(Some(String::from_utf8(bytes).map_err(Error::bug)?)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    };
    let lines = read_lines(&text("ledger.jsonl")?.unwrap_or_default())?;
    // Another sample at every call, so that who verifies twice has seen more.
    let chosen = choose(&lines, options.sample, &format!("{} {}", run.digest, utc_now()));
    if let (Sample::Task(task), true) = (options.sample, chosen.is_empty()) {
        return Err(Error::NoSuchTask { task });
    }
    let mut again = Again { machine, folder: &options.folder, ready: None };
    let (mut done, mut differences) = (0, Vec::new());
    for line in chosen {
        machine.stop.check()?;
        if again.digest(line, &text)? == line.digest {
            done += 1;
        } else {
            differences.push(format!("point {}, replicate {}: {}", line.point, line.replicate, line.command));
        }
    }
    progress.event(Event::Ended { stage: Stage::Verify, seconds: clock.elapsed().as_secs_f64() });
    Ok(VerifyOutcome {
        run_id: run.run_id,
        planned: lines.len() as u64,
        done,
        failed: differences.len() as u64,
        without_result: lines.iter().filter(|line| line.digest.is_empty()).count() as u64,
        digest: run.digest,
        files: run.files.len() as u64,
        differences,
        foreign: run_folder::foreign(vfs, &options.folder, &run.files).map_err(Error::Unreadable)?,
        // Where it stands, the command alone would verify the folder again.
        command: if lines.is_empty() { format!("{} --force", run.command) } else { run.command },
        out: options.folder.clone(),
    })
}

/// A replicate that has a digest.
#[derive(Clone, Debug)]
struct Line {
    resolved: String,
    /// Shared by the lines of one point.
    values: Arc<[Override]>,
    /// Of a branch: the values before it, and the day from which those of `resolved` hold.
    past: Option<(String, Day)>,
    point: u64,
    replicate: u32,
    digest: String,
    command: String,
}

/// Lines of a ledger. The values of a point stand on its first line alone.
fn read_lines(text: &str) -> Result<Vec<Line>, Error> {
    let mut lines: Vec<Line> = Vec::new();
    for text in text.lines() {
        let line = Line::read(text, lines.last())?;
        lines.push(line);
    }
    Ok(lines)
}

impl Line {
    fn read(text: &str, before: Option<&Self>) -> Result<Self, Error> {
        let line: Value = serde_json::from_str(text).map_err(Error::bug)?;
        let word = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let number = |key: &str| line.get(key).and_then(Value::as_u64).unwrap_or(0);
        let point = number("point");
        let over = |(key, value): (&String, &Value)| Override {
            key: key.clone(),
            value: value.as_str().unwrap_or_default().to_owned(),
            given: Given::SweepPoint,
        };
        let past = match line.get("at").and_then(Value::as_str) {
            Some(at) => Some((word("past"), Day::parse(at).map_err(Error::bug)?)),
            None => None,
        };
        let values = match (line.get("values").and_then(Value::as_object), before) {
            (Some(values), _) => values.iter().map(over).collect(),
            (None, Some(before)) if before.point == point => Arc::clone(&before.values),
            (None, _) => Arc::default(),
        };
        Ok(Self {
            resolved: word("resolved"),
            values,
            past,
            point,
            replicate: u32::try_from(number("replicate")).map_err(Error::bug)?,
            digest: word("digest"),
            command: word("command"),
        })
    }
}

/// Lines to run again, in the order of the ledger; failed tasks have no digest and are left out. `salt` decides on a random sample.
fn choose<'a>(lines: &'a [Line], sample: Sample, salt: &str) -> Vec<&'a Line> {
    let mut chosen: Vec<(usize, &Line)> = lines.iter().enumerate().filter(|(_, l)| !l.digest.is_empty()).collect();
    if let Sample::Random(count) = sample {
        let hash = blake3::hash(salt.as_bytes());
        let seed = u64::from_le_bytes(*hash.as_bytes().first_chunk().expect("32 bytes"));
        let draws = Draws::new(Seed(seed), Purpose::Shuffle);
        chosen.sort_by_key(|(number, _)| draws.hash(*number as u64, 0));
        chosen.truncate(count as usize);
        chosen.sort_by_key(|(number, _)| *number);
    }
    if let Sample::Task(task) = sample {
        chosen.retain(|(number, _)| *number as u64 == task);
    }
    chosen.into_iter().map(|(_, line)| line).collect()
}

/// Runs replicates of a folder again; keeps what it used last.
struct Again<'a> {
    machine: &'a Machine,
    folder: &'a Path,
    ready: Option<(String, Arc<[Override]>, Ready)>,
}

struct Ready {
    scenario: Scenario,
    base: ForceBase,
    params: ForceParams,
    /// Of a branch: force and parameters before the day, and the day of the deployment.
    past: Option<(ForceBase, ForceParams, u32)>,
}

impl Ready {
    fn digest(&self, number: u32) -> [u8; 32] {
        let seed = self.scenario.seed;
        let Some((base, params, day)) = &self.past else {
            return deployment::replicate(&self.base, &self.params, seed, number).0.digest;
        };
        let way = [Branch { base: &self.base, params: &self.params }];
        let records = deploy_branches(base, params, deployment::replicate_seed(seed, number), *day, &way);
        deployment::record_digest(&records[0])
    }
}

impl Again<'_> {
    fn digest(&mut self, line: &Line, text: &dyn Fn(&str) -> Result<Option<String>, Error>) -> Result<String, Error> {
        let same =
            self.ready.as_ref().is_some_and(|(file, values, _)| *file == line.resolved && *values == line.values);
        if !same {
            let ready = self.ready(line, text)?;
            self.ready = Some((line.resolved.clone(), Arc::clone(&line.values), ready));
        }
        let Some((_, _, ready)) = &self.ready else { return Err(Error::bug("a scenario was opened")) };
        Ok(crate::io::section_file::hex(&ready.digest(line.replicate)))
    }

    fn ready(&self, line: &Line, text: &dyn Fn(&str) -> Result<Option<String>, Error>) -> Result<Ready, Error> {
        let scenario = self.resolve(&line.resolved, &line.values, text)?;
        let pool = self.machine.pool()?;
        let country = country::open(&scenario, self.machine, &pool, &mut super::Silent)?;
        let (base, params) = (deployment::force(&scenario, &country)?, deployment::force_params(&scenario)?);
        let Some((before, at)) = &line.past else { return Ok(Ready { scenario, base, params, past: None }) };
        let before = self.resolve(before, &[], text)?;
        let past = (deployment::force(&before, &country)?, deployment::force_params(&before)?);
        let base = past.0.replanned(deployment::plan(&scenario)?);
        let day = (*at - before.day_zero).unsigned_abs();
        Ok(Ready { scenario, base, params, past: Some((past.0, past.1, day)) })
    }

    /// A scenario of the folder with the values of a point.
    fn resolve(
        &self,
        file: &str,
        values: &[Override],
        text: &dyn Fn(&str) -> Result<Option<String>, Error>,
    ) -> Result<Scenario, Error> {
        let name = self.folder.join(file).display().to_string();
        let source = text(file)?.ok_or_else(|| Error::bug(format!("`{name}` is not there")))?;
        let registry = crate::registry::all();
        let layers = Layers { baseline: None, sweep: values, command_line: &[] };
        Ok(scenario::resolve(SourceText { name, text: source }, &layers, &Catalogue::embedded(&registry))?)
    }
}

impl Outcome for VerifyOutcome {
    fn to_json(&self) -> Value {
        serde_json::to_value(self).expect("keys are texts")
    }

    fn text(&self) -> Vec<String> {
        let mut lines = vec![format!("{} files have their hash", self.files)];
        if !self.foreign.is_empty() {
            lines.push(format!("not of this run: {}", self.foreign.join(", ")));
        }
        lines.extend(self.differences.iter().map(|d| format!("DIFFERS  {d}")));
        if self.planned == 0 {
            lines.push(
                "it holds no replicates with a digest of their own, so none was run again; to compute it again:"
                    .to_owned(),
            );
            lines.push(format!("  {}", self.command));
            lines.push(format!("which must give the digest {}", self.digest));
            return lines;
        }
        if self.without_result > 0 {
            let tasks = self.without_result;
            lines.push(format!(
                "{tasks} ended without a result and have nothing to compare with; ledger.jsonl says why"
            ));
        }
        lines.push(format!(
            "{} of {} replicates run again, {} differ; digest {}",
            self.done + self.failed,
            self.planned,
            self.failed,
            self.digest
        ));
        lines
    }

    fn exit_code(&self) -> i32 {
        i32::from(self.failed > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_differ_from_call_to_call_and_stand_in_the_order_of_the_ledger() {
        let line = |replicate: u32| Line {
            resolved: String::new(),
            values: Arc::default(),
            past: None,
            point: 0,
            replicate,
            // The last one failed.
            digest: if replicate < 40 { "d".to_owned() } else { String::new() },
            command: String::new(),
        };
        let lines: Vec<Line> = (0..=40).map(line).collect();
        let of = |sample, salt: &str| choose(&lines, sample, salt).iter().map(|l| l.replicate).collect::<Vec<_>>();
        let salts: Vec<String> = (0..20).map(|second| format!("abc 2026-01-31T00:00:{second:02}Z")).collect();
        let samples: Vec<Vec<u32>> = salts.iter().map(|salt| of(Sample::Random(5), salt)).collect();
        assert!(samples.iter().all(|s| s.len() == 5 && s.is_sorted()));
        assert_eq!(samples[0], of(Sample::Random(5), &salts[0]));
        let seen: std::collections::BTreeSet<u32> = samples.concat().into_iter().collect();
        assert!(seen.len() > 30 && !seen.contains(&40), "{seen:?}");
        assert_eq!(of(Sample::All, ""), (0..40).collect::<Vec<_>>());
        assert_eq!(of(Sample::Task(7), ""), [7]);
    }
}
