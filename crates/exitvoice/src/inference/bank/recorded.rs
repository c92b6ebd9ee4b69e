//! Between sampler and problem: what the bank holds of a point under a seed is read, what it does not hold is simulated and kept.

use super::codec::Storable;
use super::store::{Segment, Store};
use crate::command::{Error, Machine, Progress, Stop};
use crate::inference::from_infer;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_infer::algorithm::settings::Settings;
use exitvoice_infer::algorithm::smc;
use exitvoice_infer::{Ending, Outcome, Parameter, Problem, SimError};
use std::ops::ControlFlow;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A problem whose simulations are kept.
struct Recorded<'a, P: Problem> {
    problem: &'a P,
    stop: &'a Stop,
    shelf: Mutex<Shelf<P::Truth>>,
}

/// What is known, and what is new since it was last written.
struct Shelf<T> {
    /// Each simulation and score is asked for once and then goes to the sampler.
    known: Segment<T>,
    fresh: Segment,
}

impl<'a, P: Problem<Truth: Storable>> Recorded<'a, P> {
    fn new(problem: &'a P, stop: &'a Stop, known: Segment<P::Truth>) -> Self {
        Self { problem, stop, shelf: Mutex::new(Shelf { known, fresh: Segment::default() }) }
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf<P::Truth>> {
        // A thread that panicked left whole entries behind: each is inserted at once.
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is new.
    fn keep(&self, store: &mut Store<'_>) -> Result<(), Error> {
        let fresh = std::mem::take(&mut self.shelf().fresh);
        if fresh.is_empty() { Ok(()) } else { Ok(store.append(&fresh)?) }
    }
}

fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

impl<P: Problem<Truth: Storable>> Problem for Recorded<'_, P> {
    type Truth = P::Truth;

    fn parameters(&self) -> &[Parameter] {
        self.problem.parameters()
    }

    fn simulate(&self, theta: &[f64], seed: Seed) -> Result<P::Truth, SimError> {
        // The guard must not live while a deployment is simulated.
        let known = self.shelf().known.simulations.remove(&seed.0);
        if let Some((_, truth)) = known.filter(|(at, _)| same(at, theta)) {
            return Ok(truth);
        }
        if self.stop.requested() {
            // A step has many simulations and a signal does not wait for all of them; the caller looks at the signal again.
            return Err(SimError::Fatal("stopped".to_owned()));
        }
        let truth = self.problem.simulate(theta, seed)?;
        let bytes = truth.to_bytes();
        self.shelf().fresh.simulations.insert(seed.0, (theta.to_vec(), bytes));
        Ok(truth)
    }

    fn ln_likelihood(&self, theta: &[f64], truth: &P::Truth, seed: Seed) -> f64 {
        let known = self.shelf().known.scores.remove(&seed.0);
        if let Some((_, score)) = known.filter(|(at, _)| same(at, theta)) {
            return score;
        }
        let found = self.problem.ln_likelihood(theta, truth, seed);
        self.shelf().fresh.scores.insert(seed.0, (theta.to_vec(), found));
        found
    }

    fn rare(&self, truth: &P::Truth) -> Vec<f64> {
        self.problem.rare(truth)
    }
}

/// Runs the engine to its end, or until a signal, with every simulation kept in `store`; what is there already is not simulated again.
///
/// # Errors
/// What the engine refuses to work on, a signal (what was simulated is kept), or a file system that refuses.
pub(crate) fn solve<P: Problem<Truth: Storable>>(
    problem: &P,
    store: &mut Store<'_>,
    (settings, seed): (&Settings, Seed),
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
    hear: &mut dyn FnMut(exitvoice_infer::Progress, &mut dyn Progress),
) -> Result<Outcome<P::Truth>, Error> {
    let recorded = Recorded::new(problem, &machine.stop, store.load(progress, P::Truth::from_bytes)?);
    let mut failed = None;
    let mut step = |p| {
        hear(p, progress);
        failed = recorded.keep(store).err();
        if failed.is_some() || machine.stop.requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let ending = smc::run(&recorded, settings, seed, pool, &mut step);
    if let Some(error) = failed {
        return Err(error);
    }
    recorded.keep(store)?;
    match ending {
        Ok(Ending::Finished(outcome)) => Ok(*outcome),
        Ok(Ending::Stopped(_)) => Err(Error::Stopped),
        Err(_) if machine.stop.requested() => Err(Error::Stopped),
        Err(error) => Err(from_infer(error)),
    }
}
