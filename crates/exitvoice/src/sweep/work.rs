//! What a task of a sweep is: one replicate at one point.

use super::engine::Outcome;
use super::state::State;
use crate::answers::QUANTITIES;
use crate::command::{Error, Machine, Progress};
use crate::country::{self, Country};
use crate::deployment::{self, Replicate};
use crate::io::section_file::Key;
use crate::scenario::Scenario;
use crate::tables;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::force::{ForceBase, ForceParams};
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
    /// In the order of [`QUANTITIES`].
    pub quantities: Vec<f64>,
    /// Daily values of the whole force, as [`tables::daily`] has them.
    pub daily: Vec<u32>,
}

impl Kept {
    fn of(replicate: &Replicate) -> Self {
        Self {
            digest: replicate.digest,
            seed: replicate.seed.0,
            quantities: QUANTITIES.iter().map(|q| (q.read)(&replicate.trajectory)).collect(),
            daily: tables::daily(replicate),
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.digest.to_vec();
        bytes.extend_from_slice(&self.seed.to_le_bytes());
        bytes.extend_from_slice(&(self.quantities.len() as u32).to_le_bytes());
        self.quantities.iter().for_each(|x| bytes.extend_from_slice(&x.to_bits().to_le_bytes()));
        self.daily.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
        bytes
    }

    /// Reads what a block keeps of a task; `None` where it has another layout.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let word = |at: usize| -> Option<u64> { Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?)) };
        let count = u32::from_le_bytes(bytes.get(40..44)?.try_into().ok()?) as usize;
        let quantities: Option<Vec<f64>> = (0..count).map(|i| word(44 + 8 * i).map(f64::from_bits)).collect();
        let daily = bytes.get(44 + 8 * count..)?.chunks(4);
        let daily: Option<Vec<u32>> = daily.map(|c| Some(u32::from_le_bytes(c.try_into().ok()?))).collect();
        Some(Self {
            digest: bytes.get(..32)?.try_into().ok()?,
            seed: word(32)?,
            quantities: quantities?,
            daily: daily?,
        })
    }
}

/// A point that is ready to run.
struct Ready {
    base: ForceBase,
    params: ForceParams,
    seed: Seed,
}

/// Runs tasks; keeps the country and the point it used last.
pub struct Worker<'a> {
    state: &'a State,
    machine: &'a Machine,
    pool: &'a Pool,
    country: Option<(Key, Arc<Country>)>,
    ready: Option<(usize, Arc<Ready>)>,
}

impl<'a> Worker<'a> {
    /// A worker that has run nothing yet.
    #[must_use]
    pub const fn new(state: &'a State, machine: &'a Machine, pool: &'a Pool) -> Self {
        Self { state, machine, pool, country: None, ready: None }
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
        Ok(self.pool.map(places.len(), |i| one(&places[i].0, places[i].1)))
    }
}

const fn is_of_the_point(error: &Error) -> bool {
    matches!(error, Error::Input(_) | Error::ForceTooLarge { .. } | Error::Bug { .. })
}

fn one(ready: &Result<Arc<Ready>, String>, number: u32) -> Outcome {
    let ready = ready.as_ref().map_err(Clone::clone)?;
    let run = || Kept::of(&deployment::replicate(&ready.base, &ready.params, ready.seed, number).0).to_bytes();
    // Nothing of the replicate is looked at after a panic.
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
        Error::bug(said.unwrap_or("no message")).to_string()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was_written_and_a_cut_one_is_not() {
        let kept = Kept { digest: [5; 32], seed: u64::MAX, quantities: vec![0.5, -0.0], daily: vec![1, 2, u32::MAX] };
        let bytes = kept.to_bytes();
        assert_eq!(Kept::from_bytes(&bytes), Some(kept));
        for length in (0..60).chain([bytes.len() - 1, bytes.len() - 3]) {
            assert_eq!(Kept::from_bytes(&bytes[..length]), None, "{length}");
        }
    }
}
