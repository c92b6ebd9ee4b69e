//! What a command may use of the machine it runs on. Nothing here changes a result.

use super::Error;
use crate::io::cache::{Cache, folder_from};
use crate::io::memory::{self, Preflight};
use crate::io::vfs::{RealVfs, Vfs};
use exitvoice_core::parallel::Pool;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A request to stop, set by a signal and asked for between two steps of work. Clones share one request.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the command to stop.
    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    #[must_use]
    pub fn requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Ends the command where it was asked to stop.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn check(&self) -> Result<(), Error> {
        if self.requested() { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// Files, threads, memory and the request to stop.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The file system.
    pub vfs: Arc<dyn Vfs>,
    /// Threads to use, at least 1.
    pub threads: usize,
    /// Most memory to use, in bytes.
    pub memory_cap: Option<u64>,
    /// Folder of the cache; `None`: by the user's environment.
    pub cache_folder: Option<PathBuf>,
    /// Request to stop.
    pub stop: Stop,
}

impl Machine {
    /// This machine with all its threads.
    #[must_use]
    pub fn this() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { vfs: Arc::new(RealVfs), threads, memory_cap: None, cache_folder: None, stop: Stop::default() }
    }

    /// Threads for the pure crates.
    ///
    /// # Errors
    /// The system refuses to start them.
    pub fn pool(&self) -> Result<Pool, Error> {
        Ok(Pool::new(self.threads)?)
    }

    /// The cache of Societies.
    ///
    /// # Errors
    /// No folder is named, and the environment names none.
    pub fn cache(&self) -> Result<Cache<'_>, Error> {
        let folder = match &self.cache_folder {
            Some(folder) => folder.clone(),
            None => folder_from(|name| std::env::var_os(name))?,
        };
        Ok(Cache::new(self.vfs.as_ref(), folder))
    }

    /// Refuses work whose memory does not fit, before anything is allocated.
    ///
    /// # Errors
    /// The need, in bytes, is over the cap or over what is free (exit 71).
    pub fn preflight(&self, needed: u64) -> Result<(), Error> {
        let available = memory::available(self.vfs.as_ref());
        Ok(Preflight { needed, available, cap: self.memory_cap }.check()?)
    }

    /// Largest resident memory so far, in bytes, where the system tells.
    #[must_use]
    pub fn peak_bytes(&self) -> Option<u64> {
        memory::peak(self.vfs.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_to_stop_reaches_every_clone() {
        let stop = Stop::default();
        let other = stop.clone();
        assert!(other.check().is_ok());
        stop.request();
        assert_eq!(other.check().map_err(|e| e.exit_code()), Err(75));
    }

    #[test]
    fn the_cap_refuses_before_anything_happens() {
        let machine = Machine { memory_cap: Some(1_000), ..Machine::this() };
        assert!(machine.preflight(1_000).is_ok());
        assert_eq!(machine.preflight(1_001).map_err(|e| (e.code(), e.exit_code())), Err(("EV0746".to_owned(), 71)));
    }
}
