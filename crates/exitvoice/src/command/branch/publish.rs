//! Writes the folder of branches: tables, page, figures, ledger, and every scenario.

use super::{BranchFound, BranchOptions, BranchOutcome, Futures, Simulated, sentences};
use crate::answers::{Measured, Truth};
use crate::command::{Error, Event, Outcome, Progress, Stage, shell};
use crate::compare::{Paired, compared, named};
use crate::deployment::Replicate;
use crate::ensemble::truths;
use crate::io::run_folder::RunFolder;
use crate::io::section_file::hex;
use crate::io::table::{ColumnData, Table};
use crate::report::branches::BranchesData;
use crate::report::comparison::{self, ComparisonData, SeriesPair, rows};
use crate::scenario::Scenario;
use crate::sweep::state::same_lives;
use crate::{fill, tables, write};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Instant;

/// Numbers told in sentences: exits and what stands beside them.
pub(super) const TOLD: usize = 4;

/// Branches whose replicates are there.
pub(super) struct Job<'a> {
    pub(super) options: &'a BranchOptions,
    pub(super) futures: &'a Futures,
    pub(super) run_id: &'a str,
    pub(super) started: String,
    pub(super) threads: usize,
}

fn digest(replicates: &[Replicate]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    replicates.iter().for_each(|r| {
        hasher.update(&r.digest);
    });
    hasher.finalize()
}

impl Job<'_> {
    /// Command that repeats the branches.
    fn command(&self) -> String {
        let with: Vec<String> = self.options.with.iter().map(|name| shell::word(name)).collect();
        let folder = shell::path(&self.options.folder);
        format!("exitvoice branch {folder} --at {} --with {}", self.options.at, with.join(" "))
    }

    /// Writes and publishes everything.
    pub(super) fn publish(
        self,
        mut folder: RunFolder<'_>,
        simulated: &Simulated,
        deployment: f64,
        progress: &mut dyn Progress,
    ) -> Result<BranchOutcome, Error> {
        let clock = Instant::now();
        progress.event(Event::Began { stage: Stage::Write, of: None });
        let (unchanged, ways) =
            simulated.replicates.split_first().ok_or_else(|| Error::bug("the run itself goes on"))?;
        let found: Vec<Vec<(Measured, Paired)>> = ways.iter().map(|way| compared(unchanged, way)).collect();
        let mut outcome = self.outcome(&folder, unchanged, ways, &found);
        let data = self.report_data(&outcome, unchanged, ways, &found);
        write::branches(&mut folder, &data)?;
        self.tables(&mut folder, simulated)?;
        folder.write("resolved-0.toml", self.futures.past.resolved_toml().as_bytes())?;
        for (number, (source, way)) in (1..).zip(&self.futures.ways) {
            write::given_scenario(&mut folder, &format!("scenario-{number}.toml"), source)?;
            folder.write(&format!("resolved-{number}.toml"), way.resolved_toml().as_bytes())?;
        }
        folder.write("ledger.jsonl", self.ledger(simulated).as_bytes())?;
        folder.write("README.md", self.readme().as_bytes())?;
        let written = clock.elapsed().as_secs_f64();
        outcome.seconds = BTreeMap::from([("deployment".to_owned(), deployment), ("write".to_owned(), written)]);
        progress.event(Event::Ended { stage: Stage::Write, seconds: written });
        let about = write::About {
            run_id: self.run_id,
            scenario: &self.futures.past,
            command: &self.command(),
            replicates: unchanged.len() as u32,
            digest: &outcome.digest,
            inputs: write::inputs(None),
            society: &hex(&simulated.society),
            seconds: outcome.seconds.clone(),
            started: self.started,
            threads: self.threads,
            peak_bytes: self.options.machine.peak_bytes(),
            summary: outcome.to_json(),
        };
        let mut run = write::run_json(about)?;
        run.scenario = format!("{}-branches", self.futures.past.name);
        run.parents = vec![outcome.parent.clone()];
        let mut resolved = serde_json::Map::from_iter([("past".to_owned(), run.resolved)]);
        for (_, way) in &self.futures.ways {
            resolved.insert(way.name.clone(), json!(way.explain(None)?));
        }
        run.resolved = serde_json::Value::Object(resolved);
        folder.publish(run)?;
        Ok(outcome)
    }

    fn outcome(
        &self,
        folder: &RunFolder<'_>,
        unchanged: &[Replicate],
        ways: &[Vec<Replicate>],
        found: &[Vec<(Measured, Paired)>],
    ) -> BranchOutcome {
        let mut all = blake3::Hasher::new();
        all.update(digest(unchanged).as_bytes());
        let mut branches = Vec::new();
        let (parent, at) = (&self.futures.parent.run.run_id, self.options.at);
        let mut told =
            vec![format!("A is run {parent} gone on unchanged, B what follows from {at} under the scenario named.")];
        told.extend(self.futures.left_out.iter().cloned());
        for (((_, way), replicates), found) in self.futures.ways.iter().zip(ways).zip(found) {
            let digest = digest(replicates);
            all.update(digest.as_bytes());
            let same = same_lives(&self.futures.past, way);
            told.extend(same.then(|| format!("{}: {}", way.name, comparison::NOTHING_CHANGED)));
            told.extend(sentences(&rows(found), &way.name));
            branches.push(BranchFound {
                scenario: way.name.clone(),
                changed: self.futures.changed(way),
                differences: named(found, |p| p.difference),
                means: named(found, |p| p.means),
                pairing: named(found, |p| p.pairing),
                digest: digest.to_hex().to_string(),
            });
        }
        let planned = unchanged.len() as u64 * (1 + ways.len() as u64);
        BranchOutcome {
            run_id: self.run_id.to_owned(),
            parent: self.futures.parent.run.run_id.clone(),
            at: self.options.at.to_string(),
            planned,
            done: planned,
            failed: 0,
            digest: all.finalize().to_hex().to_string(),
            parent_digest: digest(unchanged).to_hex().to_string(),
            model_version: exitvoice_model::MODEL_VERSION.to_string(),
            scaled: self.futures.past.is_scaled(),
            branches,
            seconds: BTreeMap::new(),
            sentences: told,
            report: folder.path().join("report.html"),
            out: folder.path().to_owned(),
            found_complete: false,
        }
    }

    fn report_data(
        &self,
        outcome: &BranchOutcome,
        unchanged: &[Replicate],
        ways: &[Vec<Replicate>],
        found: &[Vec<(Measured, Paired)>],
    ) -> BranchesData {
        let totals = |replicates: &[Replicate], scenario: &Scenario| {
            let kept = truths(replicates);
            let everybody: Vec<&Truth> = kept.iter().collect();
            let even = vec![1.0; everybody.len()];
            fill::paths_of(scenario.day_zero, fill::Weighted { truths: &everybody, weights: &even })
        };
        let past = &self.futures.past;
        let head = fill::head(past, self.run_id, &outcome.digest, unchanged.len() as u32, &self.command());
        let (days, before) = totals(unchanged, past);
        let parts = self.futures.ways.iter().zip(ways).zip(found).map(|(((_, way), replicates), found)| {
            let (b_days, after) = totals(replicates, way);
            let series = before.clone().into_iter().zip(after);
            ComparisonData {
                head: head.clone(),
                b_scenario: way.name.clone(),
                b_title: way.heading().to_owned(),
                quantities: rows(found),
                days: days.clone(),
                b_days,
                series: series
                    .map(|(a, b)| SeriesPair { name: a.name, label: a.label, a: a.bands, b: b.bands })
                    .collect(),
                rates: Vec::new(),
                societies: None,
                shapley: None,
                changed: self.futures.changed(way),
                same: same_lives(past, way),
            }
        });
        let parts = parts.collect();
        let left_out = self.futures.left_out.clone();
        BranchesData { at: self.options.at, parent: outcome.parent.clone(), head, left_out, parts }
    }

    /// Replicates and their daily values, one part a branch; `scenario` says which.
    fn tables(&self, folder: &mut RunFolder<'_>, simulated: &Simulated) -> Result<(), Error> {
        let mut names = vec![UNCHANGED];
        names.extend(self.futures.ways.iter().map(|(_, way)| way.name.as_str()));
        for (number, replicates) in simulated.replicates.iter().enumerate() {
            let keys = tables::Keys { run_id: self.run_id.to_owned(), scenario: names[number].to_owned() };
            let first = self.futures.past.day_zero;
            let home = tables::home::families(&keys, first, replicates);
            for table in [tables::runs(&keys, replicates), tables::series(&keys, first, replicates), home] {
                folder.write_table_part(&of_branch(table, &names, number), number as u32)?;
            }
        }
        Ok(())
    }

    /// One line a replicate and branch, each with what repeats it.
    fn ledger(&self, simulated: &Simulated) -> String {
        let mut lines = String::new();
        for (branch, replicates) in simulated.replicates.iter().enumerate() {
            for replicate in replicates {
                let mut line = write::ledger_line(
                    (replicate.number, &replicate.digest),
                    &format!("resolved-{branch}.toml"),
                    self.command(),
                );
                if branch > 0 {
                    line["past"] = json!("resolved-0.toml");
                    line["at"] = json!(self.options.at.to_string());
                }
                lines.push_str(&line.to_string());
                lines.push('\n');
            }
        }
        lines
    }

    fn readme(&self) -> String {
        let past = &self.futures.past;
        let with: Vec<&str> = self.futures.ways.iter().map(|(_, way)| way.name.as_str()).collect();
        format!(
            "# Branches of run {} at {}\n\nReplicates of `{}` go to the day under its own scenario and on from there under: {}. Beside \
             them stands `{UNCHANGED}`: the run itself. Every person is synthetic (`population = synthetic`); scaled = {}.\n\nRepeat it \
             with\n\n    {}\n\n- `report.html`: each branch against going on unchanged\n- `tables/`: Parquet, one part a branch, described in \
             `codebook.csv`\n- `resolved-0.toml`: values before the day; `resolved-N.toml`: from it on\n- `ledger.jsonl`: one line a \
             replicate and branch, with its digest\n- `run.json`: versions, times, hashes of all files\n",
            self.futures.parent.run.run_id,
            self.options.at,
            past.name,
            with.join(", "),
            past.is_scaled(),
            self.command()
        )
    }
}

/// Word of the branch that changes nothing.
const UNCHANGED: &str = "unchanged";

/// A table of one branch, with the key column that all branches share.
fn of_branch(mut table: Table, names: &[&str], branch: usize) -> Table {
    let rows = table.rows();
    if let Some(column) = table.columns.iter_mut().find(|c| c.name == "scenario") {
        column.data = ColumnData::category(names, std::iter::repeat_n(Some(names[branch]), rows));
    }
    table
}
