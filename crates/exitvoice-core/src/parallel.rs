//! The only door to threads. Results never depend on how many there are: chunks have a constant size, outputs come back in order.

use rayon::prelude::*;
use std::ops::Range;

/// Rows per chunk of a column; constant, so that sums inside a chunk are the same for any number of threads.
pub const CHUNK: usize = 65_536;

/// A fixed number of threads, built by the facade and passed down.
pub struct Pool {
    pool: rayon::ThreadPool,
}

/// Threads could not be started.
#[derive(Debug, thiserror::Error)]
#[error("EV0120: could not start {threads} threads: {reason}")]
pub struct PoolError {
    /// How many were asked for.
    pub threads: usize,
    /// What the system said.
    pub reason: String,
}

impl Pool {
    /// A pool of exactly `threads` threads (at least one).
    ///
    /// # Errors
    /// The system refuses to start the threads.
    pub fn new(threads: usize) -> Result<Self, PoolError> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .build()
            .map(|pool| Self { pool })
            .map_err(|e| PoolError { threads, reason: e.to_string() })
    }

    /// Number of threads.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.current_num_threads()
    }

    /// `f(0), f(1), ..., f(n - 1)`, computed on all threads, returned in order.
    pub fn map<T: Send>(&self, n: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
        self.pool.install(|| (0..n).into_par_iter().map(f).collect())
    }

    /// `f` over consecutive ranges of [`CHUNK`] rows (the last may be shorter), results in row order.
    pub fn map_chunks<T: Send>(&self, rows: usize, f: impl Fn(Range<usize>) -> T + Sync + Send) -> Vec<T> {
        self.map_chunks_of(rows, CHUNK, f)
    }

    /// As [`Pool::map_chunks`] with another constant chunk size; the size is part of the result's definition.
    pub fn map_chunks_of<T: Send>(
        &self,
        rows: usize,
        size: usize,
        f: impl Fn(Range<usize>) -> T + Sync + Send,
    ) -> Vec<T> {
        let chunks = rows.div_ceil(size);
        self.map(chunks, |c| f(c * size..((c + 1) * size).min(rows)))
    }

    /// Calls `f(index, item)` for each item, in place.
    pub fn for_each_mut<T: Send>(&self, items: &mut [T], f: impl Fn(usize, &mut T) + Sync + Send) {
        self.pool.install(|| items.par_iter_mut().enumerate().for_each(|(i, item)| f(i, item)));
    }

    /// As [`Pool::for_each_mut`], with a result for each item, in order.
    pub fn map_each_mut<T: Send, R: Send>(
        &self,
        items: &mut [T],
        f: impl Fn(usize, &mut T) -> R + Sync + Send,
    ) -> Vec<R> {
        self.pool.install(|| items.par_iter_mut().enumerate().map(|(i, item)| f(i, item)).collect())
    }

    /// Runs two closures, at the same time where there are two threads.
    pub fn join<A: Send, B: Send>(&self, a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
        self.pool.join(a, b)
    }

    /// Runs `f` inside the pool, so that nested calls use its threads.
    pub fn install<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        self.pool.install(f)
    }

    /// Sorts items of which no two are equal, so that there is one order.
    pub fn sort_distinct<T: Ord + Send>(&self, items: &mut [T]) {
        self.pool.install(|| items.par_sort_unstable());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_joined_in_order_for_any_number_of_threads() {
        let one = Pool::new(1).expect("one thread").map_chunks(200_000, |r| r.map(|i| i as f64).sum::<f64>());
        for threads in [2, 3, 8] {
            let many = Pool::new(threads).expect("threads").map_chunks(200_000, |r| r.map(|i| i as f64).sum::<f64>());
            assert_eq!(one, many);
        }
    }

    #[test]
    fn chunks_are_of_their_size_and_hold_every_row_once() {
        let pool = Pool::new(2).expect("two threads");
        for (rows, size) in [(10, 1), (10, 3), (9, 3), (2, 8), (0, 4)] {
            let chunks = pool.map_chunks_of(rows, size, |r| r);
            assert!(chunks.iter().all(|c| c.len() == size || (c.end == rows && c.len() < size)), "{chunks:?}");
            assert_eq!(chunks.into_iter().flatten().collect::<Vec<_>>(), (0..rows).collect::<Vec<_>>());
        }
    }
}
