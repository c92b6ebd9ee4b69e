//! Result tables of a sweep, block by block, and the folder's publication in one step.

use super::engine::Store;
use super::ledger;
use super::state::State;
use super::work::{Kept, Place, further, point_column};
use crate::answers::{Measured, defined, summarise, variance};
use crate::command::{Error, Event, Progress, Stage};
use crate::compare::student_quantile;
use crate::io::run_folder::RunFolder;
use crate::io::section_file::hex;
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::report::comparison::TOLD;
use crate::report::sweep::{Answer, Influence, LEVERS, MOST_POINTS, PointRow, SweepData};
use crate::scenario::{Scenario, SourceText};
use crate::sensitivity;
use crate::tables::{self, Daily};
use crate::{fill, write};
use exitvoice_core::parallel::Pool;
use std::time::Instant;

/// What was found while the tables were written.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Tasks with a result.
    pub done: u64,
    /// Tasks without one.
    pub failed: u64,
    /// BLAKE3 over the digests of all tasks in order, 64 hexadecimal digits; a failed task counts as 32 zeros.
    pub digest: String,
    /// What a sensitivity analysis found.
    pub sensitivity: Option<sensitivity::Found>,
}

/// Digest of a sweep as its tasks come in.
#[derive(Clone, Debug, Default)]
pub struct Digest(blake3::Hasher);

impl Digest {
    /// Adds the next task.
    pub fn add(&mut self, digest: Option<&[u8; 32]>) {
        self.0.update(digest.unwrap_or(&[0; 32]));
    }

    /// 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.0.finalize().to_hex().to_string()
    }
}

/// Results of a block, each read.
///
/// # Errors
/// The block is absent, damaged, or of another layout.
pub fn results(store: &Store<'_>, block: u32) -> Result<Vec<Result<Kept, String>>, Error> {
    let found = store.read(block)?.ok_or_else(|| Error::bug(format!("block {block} is not done")))?;
    let read = |bytes: Vec<u8>| {
        Kept::from_bytes(&bytes).ok_or_else(|| Error::bug(format!("block {block} has another layout")))
    };
    found.into_iter().map(|outcome| outcome.map(read).map_or_else(|e| Ok(Err(e)), |kept| kept.map(Ok))).collect()
}

/// A task with its place and what it gave.
pub(super) struct Task {
    pub(super) number: u64,
    pub(super) point: usize,
    pub(super) replicate: u32,
    pub(super) result: Result<Kept, String>,
}

/// Writes every table, the ledger and the scenarios of a sweep whose blocks are all done.
///
/// # Errors
/// A block is damaged, or the file system refuses.
pub fn tables(
    folder: &mut RunFolder<'_>,
    store: &Store<'_>,
    state: &State,
    run_id: &str,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Found, Error> {
    let started = Instant::now();
    progress.event(Event::Began { stage: Stage::Write, of: Some(u64::from(store.blocks())) });
    let bases = (0..state.scenarios.len()).map(|n| state.base(n)).collect::<Result<Vec<Scenario>, Error>>()?;
    let lever = |key: &str| crate::registry::all().iter().any(|meta| meta.key == key && meta.lever);
    let keys: Vec<(String, bool)> = state.keys.iter().map(|key| (key.clone(), lever(key))).collect();
    let levers = keys.iter().any(|(_, lever)| *lever);
    let writer = Writer { state, run_id, bases: &bases, levers };
    let mut found = Found { done: 0, failed: 0, digest: String::new(), sensitivity: None };
    let (mut digest, mut lines, mut runs) = (Digest::default(), String::new(), Vec::new());
    let (mut summary, mut part) = (Summary::new(state), 0);
    let blocks: Vec<u32> = (0..store.blocks()).collect();
    // As many blocks at a time as there are threads: encoding is the larger part of writing.
    for several in blocks.chunks(pool.threads().max(1)) {
        let mut tasks = Vec::with_capacity(several.len());
        for block in several {
            let numbers = store.tasks_of(*block);
            let task = |(number, result)| {
                let (point, replicate) = state.place(number);
                Task { number, point, replicate, result }
            };
            tasks.push(numbers.zip(results(store, *block)?).map(task).collect::<Vec<Task>>());
        }
        let told = if levers { 0 } else { tasks.len() };
        let encoded = pool.map(told, |i| crate::io::parquet::to_bytes(&writer.series(&tasks[i])));
        for (number, bytes) in (part..).zip(encoded) {
            folder.write_encoded_part(&writer.series(&[]), number, &bytes?)?;
        }
        for tasks in tasks {
            part += 1;
            for mut task in tasks {
                writer.further(folder, &mut task)?;
                digest.add(task.result.as_ref().ok().map(|kept| &kept.digest));
                lines.push_str(&ledger::line(state, writer.name_of(task.point), &task).to_string());
                lines.push('\n');
                match &task.result {
                    Ok(kept) => {
                        found.done += 1;
                        summary.add(task.point, &kept.quantities);
                    }
                    Err(_) => found.failed += 1,
                }
                runs.push(Task { result: task.result.map(|kept| Kept { daily: Vec::new(), ..kept }), ..task });
            }
        }
        progress.event(Event::Advanced { done: u64::from(part) });
    }
    if !levers {
        folder.write_table(&writer.runs(&runs))?;
        folder.write_table(&summary.table(&writer))?;
    }
    if !state.keys.is_empty() {
        folder.write_table(&writer.points())?;
    }
    if let Some(analysis) = state.analysis {
        let names: Vec<&str> = Measured::all().map(Measured::name).collect();
        let result = sensitivity::analyse(analysis, &keys, &names, &summary.values);
        folder.write_table(&writer.sensitivity(&result))?;
        found.sensitivity = Some(result);
    }
    found.digest = digest.hex();
    write::sweep(folder, &writer.page(&found, &summary))?;
    folder.write("ledger.jsonl", lines.as_bytes())?;
    sources(folder, state, &bases)?;
    folder.write("README.md", writer.readme(&found).as_bytes())?;
    progress.event(Event::Ended { stage: Stage::Write, seconds: started.elapsed().as_secs_f64() });
    Ok(found)
}

/// Writes plan and scenarios as they were given, and what each scenario resolved to.
fn sources(folder: &mut RunFolder<'_>, state: &State, bases: &[Scenario]) -> Result<(), Error> {
    for (number, (stored, scenario)) in (1..).zip(state.scenarios.iter().zip(bases)) {
        folder.write(&format!("resolved-{number}.toml"), scenario.resolved_toml().as_bytes())?;
        let source = SourceText { name: stored.given.clone(), text: stored.text.clone() };
        write::given_scenario(folder, &format!("scenario-{number}.toml"), &source)?;
    }
    if !state.plan.is_empty() {
        folder.write_given("plan.toml", &state.plan_path, state.plan.as_bytes())?;
    }
    Ok(())
}

struct Writer<'a> {
    state: &'a State,
    run_id: &'a str,
    bases: &'a [Scenario],
    /// Whether a lever of control is among what varies: outcomes are then not written by point, beside its values.
    levers: bool,
}

impl Writer<'_> {
    fn name_of(&self, point: usize) -> &str {
        &self.bases[self.state.points[point].0].name
    }

    /// Key columns of rows that belong to these points.
    fn keys(&self, points: impl Iterator<Item = usize> + Clone) -> Vec<Column> {
        let names: Vec<&str> = self.bases.iter().map(|b| b.name.as_str()).collect();
        let words = points.clone().map(|p| Some(self.name_of(p)));
        let rows = points.clone().count();
        vec![
            Column::new("run_id", "", "Name of the run folder", Role::Input, ColumnData::constant(self.run_id, rows)),
            Column::new("scenario", "", "Scenario", Role::Input, ColumnData::category(&names, words)),
            point_column(points.map(|p| p as u32).collect()),
        ]
    }

    /// Writes the further tables of a task, a part each, under the task's number.
    fn further(&self, folder: &mut RunFolder<'_>, task: &mut Task) -> Result<(), Error> {
        let Ok(kept) = &mut task.result else { return Ok(()) };
        let scenario = self.state.points[task.point].0;
        let names: Vec<&str> = self.bases.iter().map(|b| b.name.as_str()).collect();
        let first = self.bases[scenario].day_zero;
        let place = Place { run_id: self.run_id, names: &names, scenario, point: task.point, first };
        let like = further(self.state.record, &place, &[], &[]);
        let part = u32::try_from(task.number).map_err(Error::bug)?;
        for (table, bytes) in like.iter().zip(std::mem::take(&mut kept.further)) {
            folder.write_encoded_part(table, part, &bytes)?;
        }
        Ok(())
    }

    /// Daily values of a block; without tasks it has the columns and no rows.
    fn series(&self, tasks: &[Task]) -> Table {
        let kept: Vec<(&Task, &Kept)> = tasks.iter().filter_map(|t| t.result.as_ref().ok().map(|k| (t, k))).collect();
        let rows: Vec<Daily<'_>> = kept
            .iter()
            .map(|(task, kept)| Daily {
                number: task.replicate,
                seed: kept.seed,
                first: self.bases[self.state.points[task.point].0].day_zero,
                values: &kept.daily,
            })
            .collect();
        let points: Vec<usize> = kept.iter().flat_map(|(t, k)| std::iter::repeat_n(t.point, k.daily.len())).collect();
        tables::series_of(self.keys(points.iter().copied()), &rows)
    }

    fn runs(&self, tasks: &[Task]) -> Table {
        let done: Vec<(&Task, &Kept)> = tasks.iter().filter_map(|t| t.result.as_ref().ok().map(|k| (t, k))).collect();
        let mut columns = self.keys(done.iter().map(|(t, _)| t.point));
        let column =
            |name, unit, description, data: ColumnData| Column::new(name, unit, description, Role::Input, data);
        let replicates: Vec<u32> = done.iter().map(|(t, _)| t.replicate).collect();
        columns.push(column("replicate", "1", "Number of the replicate", replicates.into()));
        let seeds: Vec<u64> = done.iter().map(|(_, k)| k.seed).collect();
        columns.push(column("seed", "", "Seed of the replicate", seeds.into()));
        let digests: Vec<String> = done.iter().map(|(_, k)| hex(&k.digest)).collect();
        columns.push(Column::new("digest", "", "BLAKE3 of the canonical record", Role::Latent, digests));
        for (i, measured) in Measured::all().enumerate() {
            columns.push(tables::measured_column(measured, done.iter().map(|(_, k)| k.quantities[i])));
        }
        Table { name: "runs", description: "One replicate of one point", columns }
    }

    fn points(&self) -> Table {
        let rows: Vec<(usize, &(String, String))> = self
            .state
            .points
            .iter()
            .enumerate()
            .flat_map(|(p, (_, values))| values.iter().map(move |v| (p, v)))
            .collect();
        let mut columns = self.keys(rows.iter().map(|(p, _)| *p));
        let text =
            |read: fn(&(String, String)) -> &String| rows.iter().map(|(_, v)| read(v).clone()).collect::<Vec<String>>();
        columns.push(Column::new("parameter", "", "Key of the parameter", Role::Input, text(|v| &v.0)));
        columns.push(Column::new("value", "", "Its value at the point, with its unit", Role::Input, text(|v| &v.1)));
        Table { name: "points", description: "One changed parameter of one point", columns }
    }

    fn sensitivity(&self, found: &sensitivity::Found) -> Table {
        let rows = found.rows.len();
        let mut columns = vec![
            Column::new("run_id", "", "Name of the run folder", Role::Input, ColumnData::constant(self.run_id, rows)),
            Column::new("scenario", "", "Scenario", Role::Input, ColumnData::constant(&self.bases[0].name, rows)),
        ];
        let text = |read: fn(&sensitivity::Row) -> &String| {
            found.rows.iter().map(|r| read(r).clone()).collect::<Vec<String>>()
        };
        columns.push(Column::new("parameter", "", "Key of the parameter", Role::Input, text(|r| &r.parameter)));
        columns.push(Column::new(
            "quantity",
            "",
            "What was read off each replicate",
            Role::Latent,
            text(|r| &r.quantity),
        ));
        type Read = fn(&sensitivity::Row) -> Option<f64>;
        let numbers: [(&'static str, &'static str, Read); 9] = [
            ("mean_effect", "Mean elementary effect, from the prior's quantile at 12.5 % to that at 87.5 %", |r| {
                r.effect.map(|e| e.mean)
            }),
            ("mean_absolute_effect", "Mean absolute elementary effect, over the same range", |r| {
                r.effect.map(|e| e.mean_absolute)
            }),
            ("effect_deviation", "Standard deviation of elementary effects", |r| r.effect.map(|e| e.deviation)),
            ("first_order", "Share of variance that goes when the parameter is known", |r| {
                r.shares.map(|s| s.first.value)
            }),
            ("first_order_q025", "Its bootstrap quantile at 2.5 %", |r| r.shares.map(|s| s.first.low)),
            ("first_order_q975", "Its bootstrap quantile at 97.5 %", |r| r.shares.map(|s| s.first.high)),
            ("total_order", "Share of variance that stays when all others are known", |r| {
                r.shares.map(|s| s.total.value)
            }),
            ("total_order_q025", "Its bootstrap quantile at 2.5 %", |r| r.shares.map(|s| s.total.low)),
            ("total_order_q975", "Its bootstrap quantile at 97.5 %", |r| r.shares.map(|s| s.total.high)),
        ];
        for (name, description, read) in numbers {
            let values: Vec<Option<f64>> = found.rows.iter().map(read).collect();
            columns.push(
                Column::new(name, "1", description, Role::Latent, values).missing("another method was asked for"),
            );
        }
        Table { name: "sensitivity", description: "What one parameter does to one quantity", columns }
    }

    /// What the report is drawn from.
    fn page(&self, found: &Found, summary: &Summary) -> SweepData {
        let state = self.state;
        let total = u32::try_from(found.done + found.failed).unwrap_or(u32::MAX);
        let point = |(number, values): (usize, &Vec<Vec<f64>>)| PointRow {
            number,
            scenario: self.name_of(number).to_owned(),
            values: state.points[number].1.clone(),
            replicates: values.first().map_or(0, Vec::len),
            answers: Measured::all().zip(values).filter_map(|(m, values)| answer(m, values)).collect(),
        };
        SweepData {
            head: fill::head(&self.bases[0], self.run_id, &found.digest, total, &state.command),
            plan: state.name.clone(),
            points: state.points.len(),
            tasks: [found.done, found.failed],
            rows: summary
                .values
                .iter()
                .enumerate()
                .take(if self.levers { 0 } else { MOST_POINTS })
                .map(point)
                .collect(),
            levers: self.levers,
            influences: found.sensitivity.as_ref().map_or_else(Vec::new, influences),
            warnings: found.sensitivity.iter().flat_map(said).collect(),
        }
    }

    fn readme(&self, found: &Found) -> String {
        let state = self.state;
        let scaled = self.bases.iter().any(Scenario::is_scaled);
        let outcomes = if self.levers {
            format!(
                "- `report.html`: what matters; `report.json` its numbers. {LEVERS}\n- `tables/sensitivity`: every share"
            )
        } else {
            "- `report.html`: what each point gives; `report.json` its numbers\n- `tables/summary`: mean and quantiles of every quantity \
             at every point\n- `tables/runs`, `tables/series`: every replicate"
                .to_owned()
        };
        format!(
            "# {}\n\nA sweep of exitvoice: {} points, {} replicates each; {} done, {} failed. Every person in it is synthetic \
             (`population = synthetic`); scaled = {scaled}.\n\nRepeat it with\n\n    {}\n\n{outcomes}\n- `tables/points`: what was changed at each point\n- `plan.toml`, `scenario-N.toml`: as given; `resolved-N.toml`: every value of each scenario before a point changes it\n- `ledger.jsonl`: one line a \
             task, with its digest and the command that repeats it\n- `codebook.csv`: every column; `run.json`: versions, times, \
             hashes\n",
            state.name,
            state.points.len(),
            state.replicates,
            found.done,
            found.failed,
            state.command
        )
    }
}

/// A number at a point; `None` where no replicate has a result.
fn answer(m: Measured, values: &[f64]) -> Option<Answer> {
    let quantiles = summarise(&vec![1.0; values.len()], values)?;
    let error = variance(values).map_or(0.0, |v| v.sqrt() / (values.len() as f64).sqrt());
    let half = if values.len() > 1 { student_quantile(0.975, (values.len() - 1) as f64) * error } else { 0.0 };
    // A mean of what is never below 0 is not either.
    let least = if values.iter().all(|x| *x >= 0.0) { 0.0 } else { f64::NEG_INFINITY };
    Some(Answer {
        name: m.name().to_owned(),
        label: m.label().to_owned(),
        measure: m.measure(),
        mean: quantiles.mean,
        mean_low: (quantiles.mean - half).max(least),
        mean_high: quantiles.mean + half,
        q05: quantiles.q05,
        q95: quantiles.q95,
    })
}

/// Numbers of which a page says why they have no or doubtful shares: all that have some, and those that it would tell first.
fn said(found: &sensitivity::Found) -> Vec<(String, String)> {
    let untold = found.left_out.iter().filter(|(name, _)| TOLD.contains(&name.as_str()));
    found.warnings.iter().chain(untold).map(|(name, why)| (name.clone(), why.clone())).collect()
}

/// Rows of a sensitivity analysis as the page has them, largest first.
fn influences(found: &sensitivity::Found) -> Vec<Influence> {
    let row = |row: &sensitivity::Row| {
        let shares = row.shares.map(|s| (s.total.value, Some((s.total.low, s.total.high))));
        let (value, interval) = shares.or_else(|| row.effect.map(|e| (e.mean_absolute, None)))?;
        let (parameter, quantity) = (row.parameter.clone(), row.quantity.clone());
        Some(Influence { parameter, quantity, value, interval })
    };
    let mut rows: Vec<Influence> = found.rows.iter().filter_map(row).collect();
    rows.sort_by(|a, b| b.value.total_cmp(&a.value));
    rows
}

/// Values of every quantity at every point, where they are defined.
struct Summary {
    values: Vec<Vec<Vec<f64>>>,
}

impl Summary {
    fn new(state: &State) -> Self {
        Self { values: vec![vec![Vec::new(); Measured::all().count()]; state.points.len()] }
    }

    fn add(&mut self, point: usize, quantities: &[f64]) {
        self.values[point].iter_mut().zip(quantities).for_each(|(all, x)| all.extend(defined(*x)));
    }

    fn table(&self, writer: &Writer<'_>) -> Table {
        let names: Vec<&str> = Measured::all().map(Measured::name).collect();
        let (mut points, mut quantity, mut count) = (Vec::new(), Vec::new(), Vec::new());
        let mut numbers: [Vec<Option<f64>>; 5] = Default::default();
        for (point, all) in self.values.iter().enumerate() {
            for (name, values) in names.iter().zip(all) {
                points.push(point);
                quantity.push(Some(*name));
                count.push(values.len() as u32);
                let found = summarise(&vec![1.0; values.len()], values);
                let deviation = variance(values).map(f64::sqrt);
                let row = [
                    found.map(|q| q.mean),
                    deviation,
                    found.map(|q| q.q05),
                    found.map(|q| q.q50),
                    found.map(|q| q.q95),
                ];
                numbers.iter_mut().zip(row).for_each(|(column, x)| column.push(x));
            }
        }
        let mut columns = writer.keys(points.iter().copied());
        let words = ColumnData::category(&names, quantity);
        columns.push(Column::new("quantity", "", "What was read off each replicate", Role::Latent, words));
        columns.push(Column::new(
            "replicates",
            "1",
            "Replicates that have a result, and in which it is defined",
            Role::Input,
            count,
        ));
        let described = [
            ("true_mean", "Mean over replicates"),
            ("true_standard_deviation", "Standard deviation over replicates"),
            ("true_q05", "Quantile over replicates at 5 %: the smallest value that at least 5 % of them do not exceed"),
            ("true_q50", "Median over replicates: the smallest value that at least half of them do not exceed"),
            (
                "true_q95",
                "Quantile over replicates at 95 %: the smallest value that at least 95 % of them do not exceed",
            ),
        ];
        for ((name, description), values) in described.into_iter().zip(numbers) {
            let column = Column::new(name, "1", description, Role::Latent, ColumnData::F64(values));
            columns.push(column.missing("too few replicates have a result"));
        }
        Table { name: "summary", description: "One quantity at one point", columns }
    }
}
