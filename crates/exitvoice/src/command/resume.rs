//! `resume DIR`: goes on with a sweep, an inference or a run where it was interrupted.

use super::unfinished::Asked;
use super::{Error, Machine, Outcome, Progress, sweep};
use std::path::PathBuf;

/// Options of `resume`.
#[derive(Clone, Debug)]
pub struct ResumeOptions {
    /// Folder of the sweep, inference or run.
    pub folder: PathBuf,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// Does what is missing; the results are those of a command that was never interrupted, byte for byte.
///
/// # Errors
/// As the command that was interrupted; and it was begun with other values (64), or its state is damaged (65).
pub fn resume(options: &ResumeOptions, progress: &mut dyn Progress) -> Result<Box<dyn Outcome>, Error> {
    match Asked::read(options.machine.vfs.as_ref(), &options.folder)? {
        Some(asked) => asked.go_on(&options.folder, &options.machine, progress),
        None => Ok(Box::new(sweep::resume(options, progress)?)),
    }
}
