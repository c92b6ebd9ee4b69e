//! What a task of a sweep is: one replicate at one point.

use super::engine::Outcome;
use super::state::State;
use crate::answers::Measured;
use crate::command::run::RecordLevel;
use crate::command::{Error, Machine, Progress};
use crate::country::{self, Country};
use crate::deployment::{self, Replicate};
use crate::io::parquet;
use crate::io::section_file::Key;
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::scenario::Scenario;
use crate::tables::{self, Keys};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::force::{ForceBase, ForceParams};
use exitvoice_record::Record;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What is kept of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// BLAKE3 of the canonical record.
    pub digest: [u8; 32],
    /// Seed of the replicate.
    pub seed: u64,
    /// In the order of [`Measured::all`].
    pub quantities: Vec<f64>,
    /// Daily values of the whole force, as [`tables::daily`] has them.
    pub daily: Vec<u32>,
    /// Further tables of the replicate, as Parquet, in the order of [`further`].
    pub further: Vec<Vec<u8>>,
}

/// Tables of single replicates that a sweep keeps at a level of record beside runs and series, with the key columns of its points.
#[must_use]
pub fn further(
    level: RecordLevel,
    place: &Place<'_>,
    replicates: &[Replicate],
    records: &[(u32, Record)],
) -> Vec<Table> {
    let keys = Keys { run_id: place.run_id.to_owned(), scenario: place.names[place.scenario].to_owned() };
    let found = match level {
        RecordLevel::Series => Vec::new(),
        RecordLevel::Events => vec![tables::events(&keys, place.first, records)],
        RecordLevel::Full => vec![
            tables::events(&keys, place.first, records),
            tables::home::families(&keys, place.first, replicates),
            tables::home::ledger(&keys, place.first, replicates),
        ],
    };
    found.into_iter().map(|table| place.of_point(table)).collect()
}

/// Where a replicate stands in a sweep.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Name of the folder.
    pub run_id: &'a str,
    /// Names of the scenarios, in the order of the plan.
    pub names: &'a [&'a str],
    /// Which of them.
    pub scenario: usize,
    /// Number of the point.
    pub point: usize,
    /// Day 0 of its scenario.
    pub first: Day,
}

impl Place<'_> {
    /// A table with the key columns that all points share.
    fn of_point(&self, mut table: Table) -> Table {
        let rows = table.rows();
        if let Some(column) = table.columns.iter_mut().find(|c| c.name == "scenario") {
            column.data = ColumnData::category(self.names, std::iter::repeat_n(Some(self.names[self.scenario]), rows));
        }
        table.columns.insert(2, point_column(vec![self.point as u32; rows]));
        table
    }
}

/// The key column of points.
#[must_use]
pub fn point_column(points: Vec<u32>) -> Column {
    Column::new("point", "1", "Number of the point, from 0", Role::Input, points)
}

impl Kept {
    fn of(replicate: &Replicate) -> Self {
        Self {
            digest: replicate.digest,
            seed: replicate.seed.0,
            quantities: Measured::all().map(|m| m.of(replicate)).collect(),
            daily: tables::daily(replicate),
            further: Vec::new(),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.digest.to_vec();
        bytes.extend_from_slice(&self.seed.to_le_bytes());
        bytes.extend_from_slice(&(self.quantities.len() as u32).to_le_bytes());
        self.quantities.iter().for_each(|x| bytes.extend_from_slice(&x.to_bits().to_le_bytes()));
        bytes.extend_from_slice(&(self.daily.len() as u32).to_le_bytes());
        self.daily.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
        for table in &self.further {
            bytes.extend_from_slice(&(table.len() as u64).to_le_bytes());
            bytes.extend_from_slice(table);
        }
        bytes
    }

    /// Reads what a block keeps of a task; `None` where it has another layout.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let digest = take(&mut rest)?;
        let seed = u64::from_le_bytes(take(&mut rest)?);
        let count = |rest: &mut &[u8]| Some(u32::from_le_bytes(take(rest)?));
        let quantities = (0..count(&mut rest)?).map(|_| Some(f64::from_bits(u64::from_le_bytes(take(&mut rest)?))));
        let quantities = quantities.collect::<Option<Vec<f64>>>()?;
        let daily = (0..count(&mut rest)?).map(|_| Some(u32::from_le_bytes(take(&mut rest)?)));
        let daily = daily.collect::<Option<Vec<u32>>>()?;
        let mut further = Vec::new();
        while !rest.is_empty() {
            let length = usize::try_from(u64::from_le_bytes(take(&mut rest)?)).ok()?;
            further.push(rest.get(..length)?.to_vec());
            rest = &rest[length..];
        }
        Some(Self { digest, seed, quantities, daily, further })
    }
}

/// The next bytes of a layout.
fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, after) = rest.split_first_chunk::<N>()?;
    *rest = after;
    Some(*first)
}

/// A point that is ready to run.
struct Ready {
    base: ForceBase,
    params: ForceParams,
    seed: Seed,
    scenario: usize,
    point: usize,
    first: Day,
}

/// Runs tasks; keeps the country and the point it used last.
pub struct Worker<'a> {
    state: &'a State,
    machine: &'a Machine,
    pool: &'a Pool,
    run_id: &'a str,
    names: &'a [&'a str],
    country: Option<(Key, Arc<Country>)>,
    ready: Option<(usize, Arc<Ready>)>,
}

impl<'a> Worker<'a> {
    /// A worker that has run nothing yet. `run_id` names the folder, `names` are those of the scenarios.
    #[must_use]
    pub const fn new(
        state: &'a State,
        machine: &'a Machine,
        pool: &'a Pool,
        run_id: &'a str,
        names: &'a [&'a str],
    ) -> Self {
        Self { state, machine, pool, run_id, names, country: None, ready: None }
    }

    fn country(&mut self, scenario: &Scenario, progress: &mut dyn Progress) -> Result<Arc<Country>, Error> {
        let key = country::cache_key(scenario);
        if let Some((found, country)) = &self.country
            && *found == key
        {
            return Ok(Arc::clone(country));
        }
        // The old one goes before the new one comes: two do not fit where one does.
        (self.country, self.ready) = (None, None);
        let country = Arc::new(country::open(scenario, self.machine, self.pool, progress)?);
        self.country = Some((key, Arc::clone(&country)));
        Ok(country)
    }

    fn ready(&mut self, point: usize, progress: &mut dyn Progress) -> Result<Arc<Ready>, Error> {
        if let Some((found, ready)) = &self.ready
            && *found == point
        {
            return Ok(Arc::clone(ready));
        }
        let scenario = self.state.scenario_of(point)?;
        let country = self.country(&scenario, progress)?;
        let ready = Arc::new(Ready {
            base: deployment::force(&scenario, &country)?,
            params: deployment::force_params(&scenario)?,
            seed: scenario.seed,
            scenario: self.state.points[point].0,
            point,
            first: scenario.day_zero,
        });
        self.ready = Some((point, Arc::clone(&ready)));
        Ok(ready)
    }

    /// Opens the country of a task, so that its progress is shown before the tasks' own. A point that cannot run says so later.
    ///
    /// # Errors
    /// What no task would escape: a signal, files, memory.
    pub fn prepare(&mut self, task: u64, progress: &mut dyn Progress) -> Result<(), Error> {
        match self.ready(self.state.place(task).0, progress) {
            Err(error) if !is_of_the_point(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Runs consecutive tasks on all threads. A point that cannot run, and a replicate that ends in a bug, fail alone.
    ///
    /// # Errors
    /// What no other task would escape: a signal, files, memory.
    pub fn run(&mut self, tasks: Range<u64>, progress: &mut dyn Progress) -> Result<Vec<Outcome>, Error> {
        let mut places: Vec<(Result<Arc<Ready>, String>, u32)> = Vec::new();
        for task in tasks {
            let (point, replicate) = self.state.place(task);
            let ready = match self.ready(point, progress) {
                Ok(ready) => Ok(ready),
                Err(error) if is_of_the_point(&error) => Err(error.to_string()),
                Err(error) => return Err(error),
            };
            places.push((ready, replicate));
        }
        Ok(self.pool.map(places.len(), |i| self.one(&places[i].0, places[i].1)))
    }

    fn one(&self, ready: &Result<Arc<Ready>, String>, number: u32) -> Outcome {
        let ready = ready.as_ref().map_err(Clone::clone)?;
        // Nothing of the replicate is looked at after a panic.
        let found = catch_unwind(AssertUnwindSafe(|| self.kept(ready, number)));
        found.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let said = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(Error::bug(said.unwrap_or("no message")).to_string())
        })
    }

    /// Runs one replicate; the bytes that its block keeps.
    fn kept(&self, ready: &Ready, number: u32) -> Outcome {
        let (replicate, record) = deployment::replicate(&ready.base, &ready.params, ready.seed, number);
        let mut kept = Kept::of(&replicate);
        if self.state.record != RecordLevel::Series {
            let Ready { scenario, point, first, .. } = *ready;
            let place = Place { run_id: self.run_id, names: self.names, scenario, point, first };
            for table in further(self.state.record, &place, &[replicate], &[(number, record)]) {
                kept.further.push(parquet::to_bytes(&table).map_err(|error| Error::from(error).to_string())?);
            }
        }
        Ok(kept.to_bytes())
    }
}

const fn is_of_the_point(error: &Error) -> bool {
    matches!(error, Error::Input(_) | Error::ForceTooLarge { .. } | Error::Bug { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was_written_and_a_cut_one_is_not() {
        let kept = Kept {
            digest: [5; 32],
            seed: u64::MAX,
            quantities: vec![0.5, -0.0],
            daily: vec![1, 2, u32::MAX],
            further: vec![vec![7; 30], Vec::new()],
        };
        let bytes = kept.to_bytes();
        let without = Kept { further: Vec::new(), ..kept.clone() };
        assert_eq!(Kept::from_bytes(&bytes), Some(kept));
        let whole = without.to_bytes().len();
        assert_eq!(Kept::from_bytes(&bytes[..whole]), Some(without), "a whole layout without further tables");
        for length in (0..bytes.len()).filter(|n| *n != whole && *n != bytes.len() - 8) {
            assert_eq!(Kept::from_bytes(&bytes[..length]), None, "{length}");
        }
    }
}
