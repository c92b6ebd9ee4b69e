//! Many replicates of one scenario on all threads, in batches between which a request to stop is heard.

use crate::answers::Truth;
use crate::command::{Error, Event, Machine, Progress, Stage};
use crate::deployment::{Replicate, replicate};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::force::{ForceBase, ForceParams};
use exitvoice_record::Record;
use std::time::Instant;

/// Replicates between two looks at the request to stop.
const BATCH: u32 = 16;

/// One force under one set of parameters.
#[derive(Clone, Copy)]
pub struct Ensemble<'a> {
    /// What all replicates share.
    pub base: &'a ForceBase,
    /// Parameters.
    pub params: &'a ForceParams,
    /// Seed that replicate seeds come from.
    pub seed: Seed,
    /// Where the request to stop is heard.
    pub machine: &'a Machine,
    /// Threads.
    pub pool: &'a Pool,
}

impl Ensemble<'_> {
    /// Runs `count` replicates; `keep` takes the full records of each batch, in order, before they are dropped.
    ///
    /// # Errors
    /// A signal, or what `keep` returns.
    pub fn run(
        &self,
        count: u32,
        progress: &mut dyn Progress,
        keep: &mut dyn FnMut(Vec<(u32, Record)>) -> Result<(), Error>,
    ) -> Result<Vec<Replicate>, Error> {
        let started = Instant::now();
        progress.event(Event::Began { stage: Stage::Deployment, of: Some(u64::from(count)) });
        let mut all = Vec::with_capacity(count as usize);
        for first in (0..count).step_by(BATCH as usize) {
            self.machine.stop.check()?;
            let size = BATCH.min(count - first);
            let batch =
                self.pool.map(size as usize, |i| replicate(self.base, self.params, self.seed, first + i as u32));
            let mut records = Vec::with_capacity(batch.len());
            for (kept, record) in batch {
                records.push((kept.number, record));
                all.push(kept);
            }
            keep(records)?;
            progress.event(Event::Advanced { done: u64::from(first + size) });
        }
        progress.event(Event::Ended { stage: Stage::Deployment, seconds: started.elapsed().as_secs_f64() });
        Ok(all)
    }
}

/// What answers are computed from.
#[must_use]
pub fn truths(replicates: &[Replicate]) -> Vec<Truth> {
    replicates.iter().map(|r| Truth { trajectory: r.trajectory.clone(), heads: r.heads.clone() }).collect()
}
