//! `resume DIR`: goes on with a sweep, an inference or a run where it was interrupted.

use super::unfinished::Asked;
use super::{Error, Machine, Outcome, Progress, complete_already, shell, sweep};
use crate::io::run_folder::{self, RunFolderError};
use crate::io::run_json::RunJson;
use crate::io::vfs::Vfs;
use crate::sweep::state::StateError;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Options of `resume`.
#[derive(Clone, Debug)]
pub struct ResumeOptions {
    /// Folder of the sweep, inference or run.
    pub folder: PathBuf,
    /// Files, threads, memory.
    pub machine: Machine,
}

/// Does what is missing; the results are those of a command that was never interrupted, byte for byte. Of a complete run, comparison or
/// branch nothing is missing: its files are looked at, and its summary is given.
///
/// # Errors
/// As the command that was interrupted; and it was begun with other values (64), or its state is damaged (65).
pub fn resume(options: &ResumeOptions, progress: &mut dyn Progress) -> Result<Box<dyn Outcome>, Error> {
    let vfs = options.machine.vfs.as_ref();
    if let Some(asked) = Asked::read(vfs, &options.folder)? {
        return asked.go_on(&options.folder, &options.machine, progress);
    }
    match sweep::resume(options, progress) {
        Err(Error::Sweep(StateError::NotASweep { folder })) => match finished(vfs, &folder)? {
            Some(found) => Ok(Box::new(found)),
            None => Err(StateError::NotASweep { folder }.into()),
        },
        other => Ok(Box::new(other?)),
    }
}

/// The complete folder of another command than a sweep, every file verified; `None` where it holds no run.
fn finished(vfs: &dyn Vfs, folder: &Path) -> Result<Option<Finished>, Error> {
    if vfs.entry(folder)?.is_none() {
        return Err(RunFolderError::Absent { folder: folder.to_owned() }.into());
    }
    if vfs.entry(&folder.join("run.json"))?.is_none() {
        return Ok(None);
    }
    Ok(Some(Finished { run: run_folder::verify(vfs, folder)?.run, folder: folder.to_owned() }))
}

/// A complete folder.
struct Finished {
    run: RunJson,
    /// Where it stands now: it may have been moved since.
    folder: PathBuf,
}

impl Outcome for Finished {
    /// What its command printed, with the counts that every resumed command tells where it had none.
    fn to_json(&self) -> Value {
        let mut json = self.run.summary.clone();
        let replicates = Value::from(self.run.replicates);
        let own = [("planned", replicates.clone()), ("done", replicates), ("failed", 0.into())];
        for (key, value) in own.into_iter().filter(|(key, _)| self.run.summary.get(key).is_none()) {
            json[key] = value;
        }
        json["digest"] = self.run.digest.as_str().into();
        json["found_complete"] = true.into();
        json["out"] = self.folder.display().to_string().into();
        json
    }

    fn text(&self) -> Vec<String> {
        // Results stand two folders below where they were put.
        let root = self.folder.parent().and_then(Path::parent).filter(|root| !root.as_os_str().is_empty());
        let out = root.map_or_else(String::new, |root| format!(" --out {}", shell::path(root)));
        let again = format!("`{}{out} --force` computes it", self.run.command);
        vec![complete_already(&format!("run {} is", self.run.run_id), &again), format!("digest {}", self.run.digest)]
    }
}
