//! `results/<scenario>/<run-id>/`: built under a hidden name beside it, published by one rename, verified whenever it is met again.
//!
//! | name beside the final folder | meaning |
//! |---|---|
//! | `.lock-<run-id>` | held while a process works on this run; the system gives it up when the process dies |
//! | `.new-<run-id>` | being built; without a living lock it is a leftover and is removed by the next run of the scenario |
//! | `.old-<run-id>` | replaced by `--force`; comes back if the replacement was interrupted between its two renames |
//!
//! A folder that holds nothing but `.state` is unfinished work. Publication replaces it, and takes the state over where that is asked for.

use super::codebook::Codebook;
use super::parquet;
use super::run_json::{self, FileHash, RunJson, RunStatus, SCHEMA};
use super::table::{Table, TableError};
use super::vfs::{EntryKind, IoError, Lock, Vfs, parent};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folder of the state of unfinished work, below that of the run.
pub const STATE: &str = ".state";
/// Longest name of a folder, in bytes: file systems take 255.
const LONGEST_NAME: usize = 200;
/// Longest `run.json` that is read, in bytes.
const LONGEST_RUN_JSON: u64 = 64 << 20;
/// Longest file that is verified, in bytes.
const LONGEST_FILE: u64 = 16 << 30;

/// A run folder cannot be opened, written or trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunFolderError {
    /// The file system refuses.
    #[error(transparent)]
    Io(#[from] IoError),
    /// A table contradicts its declaration: a bug of ours.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A name that cannot be a folder's.
    #[error("EV0750: `{}` cannot name a folder of results; expected a name of at most 200 bytes of letters, digits, `-`, `_` and `.` that begins with no dot; a scenario and a plan have it as `name`, else their file's", name.escape_debug())]
    Name {
        /// As given.
        name: String,
    },
    /// A file of a complete run is absent or differs from its hash.
    #[error("EV0751: the run in `{}` is damaged: {file} {problem}; the command that made it computes it again with `--force`", folder.display())]
    Damaged {
        /// The run folder.
        folder: PathBuf,
        /// Name of the file below it.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A folder without `run.json`.
    #[error("EV0753: `{}` is not a run folder: it has no run.json; where it takes the place of a result, move it away", folder.display())]
    NotARun {
        /// The folder.
        folder: PathBuf,
    },
    /// No folder at all.
    #[error("EV0796: there is no folder `{}`", folder.display())]
    Absent {
        /// The path.
        folder: PathBuf,
    },
    /// A folder whose work was interrupted.
    #[error(
        "EV0755: what `{}` is to hold is not finished; `exitvoice resume {}` goes on with it",
        folder.display(), folder.display()
    )]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// Files of somebody else would go with a folder that is replaced.
    #[error(
        "EV0794: `{}` holds what is not of its run{} and would be lost with it: {}; move it away first",
        folder.display(), if *listed { "" } else { ", for it has no run.json that lists its files," }, files.join(", ")
    )]
    Foreign {
        /// The run folder.
        folder: PathBuf,
        /// Names below it.
        files: Vec<String>,
        /// Whether it has a `run.json`.
        listed: bool,
    },
    /// Written by a later version.
    #[error("EV0752: the run in `{}` has layout {found} of run.json; this version reads layouts up to {SCHEMA}: use a newer exitvoice", folder.display())]
    Format {
        /// The run folder.
        folder: PathBuf,
        /// Its layout.
        found: u64,
    },
}

impl RunFolderError {
    /// Exit code of the contract.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        match self {
            Self::Io(error) => error.exit_code(),
            Self::Table(_) => 70,
            Self::Name { .. }
            | Self::NotARun { .. }
            | Self::Absent { .. }
            | Self::Unfinished { .. }
            | Self::Foreign { .. } => 64,
            Self::Damaged { .. } | Self::Format { .. } => 65,
        }
    }
}

/// What to do with a complete run of the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Verify it and report it.
    Keep,
    /// Compute it again (`--force`).
    Replace,
}

/// A complete, verified run.
#[derive(Clone, Debug)]
pub struct CompleteRun {
    /// Its folder.
    pub folder: PathBuf,
    /// Its `run.json`.
    pub run: RunJson,
}

/// What [`open`] found.
#[derive(Debug)]
pub enum Opened<'a> {
    /// The run is there already, and every file has its hash.
    Complete(Box<CompleteRun>),
    /// A new folder to be filled.
    New(Box<RunFolder<'a>>),
}

/// A run folder that is being filled. Dropped before [`RunFolder::publish`], it vanishes.
#[derive(Debug)]
pub struct RunFolder<'a> {
    vfs: &'a dyn Vfs,
    names: Names,
    lock: Option<Box<dyn Lock>>,
    /// Folders that were made to stand in, the deepest first: they go again where nothing is published.
    made: Vec<PathBuf>,
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<String, FileHash>,
    given: BTreeMap<String, String>,
    codebook: Codebook,
    replace: bool,
    keeps_state: bool,
    published: bool,
}

#[derive(Clone, Debug)]
struct Names {
    out: PathBuf,
    scenario: PathBuf,
    done: PathBuf,
    new: PathBuf,
    old: PathBuf,
    lock: PathBuf,
}

/// Refuses what cannot name a folder of results, or would stand outside it.
///
/// # Errors
/// The name is empty, too long, begins with a dot, or has other characters than letters, digits, `-`, `_` and `.`.
pub fn check_name(name: &str) -> Result<(), RunFolderError> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > LONGEST_NAME || name.starts_with('.') || !name.chars().all(plain) {
        return Err(RunFolderError::Name { name: name.to_owned() });
    }
    Ok(())
}

impl Names {
    fn new(out: &Path, scenario: &str, run_id: &str) -> Result<Self, RunFolderError> {
        for name in [scenario, run_id] {
            check_name(name)?;
        }
        let folder = out.join(scenario);
        let beside = |what: &str| folder.join(format!(".{what}-{run_id}"));
        Ok(Self {
            out: out.to_owned(),
            done: folder.join(run_id),
            new: beside("new"),
            old: beside("old"),
            lock: beside("lock"),
            scenario: folder,
        })
    }
}

/// Opens `out/scenario/run-id` for a new run, or verifies the complete one that stands there. Cleans what interrupted runs of the
/// scenario left.
///
/// # Errors
/// Another process works on this run (exit 73), the folder is damaged (65), or the file system refuses (74).
pub fn open<'a>(
    vfs: &'a dyn Vfs,
    out: &Path,
    scenario: &str,
    run_id: &str,
    existing: Existing,
) -> Result<Opened<'a>, RunFolderError> {
    let names = Names::new(out, scenario, run_id)?;
    let made = absent(vfs, &names.scenario)?;
    let make_and_lock = || vfs.create_folder(&names.scenario).and_then(|()| vfs.lock(&names.lock));
    // Another process may just have removed the empty folder that it had made.
    let lock = match make_and_lock().or_else(|e| if e.is_not_found() { make_and_lock() } else { Err(e) }) {
        Ok(lock) => lock,
        // Where nothing can be written nothing is under way: what is complete is read.
        Err(refused @ IoError::Permission { .. }) => {
            let there = existing == Existing::Keep && vfs.entry(&names.done.join("run.json"))?.is_some();
            return if there { complete(vfs, &names.done) } else { Err(refused.into()) };
        }
        Err(error) => return Err(error.into()),
    };
    let mut folder = RunFolder {
        vfs,
        lock: Some(lock),
        made,
        folders: BTreeSet::new(),
        files: BTreeMap::new(),
        given: BTreeMap::new(),
        codebook: Codebook::default(),
        replace: existing == Existing::Replace,
        keeps_state: false,
        published: false,
        names,
    };
    folder.recover()?;
    folder.clean_others()?;
    folder.replace |= is_unfinished(vfs, &folder.names.done)?;
    if vfs.entry(&folder.names.done)?.is_some() && !folder.replace {
        return complete(vfs, &folder.names.done);
    }
    refuse_foreign(vfs, &folder.names.done)?;
    vfs.create_folder(&folder.names.new)?;
    folder.folders.insert(folder.names.new.clone());
    Ok(Opened::New(Box::new(folder)))
}

/// The folder and those above it that are not there, the deepest first.
fn absent(vfs: &dyn Vfs, folder: &Path) -> Result<Vec<PathBuf>, IoError> {
    let mut absent = Vec::new();
    for path in folder.ancestors().filter(|path| !path.as_os_str().is_empty()) {
        if vfs.entry(path)?.is_some() {
            break;
        }
        absent.push(path.to_owned());
    }
    Ok(absent)
}

fn complete<'a>(vfs: &dyn Vfs, folder: &Path) -> Result<Opened<'a>, RunFolderError> {
    verify(vfs, folder).map(|run| Opened::Complete(Box::new(run)))
}

/// Files below a folder that are neither of its run nor of its state, by their names below it.
///
/// # Errors
/// The file system refuses.
pub fn foreign(vfs: &dyn Vfs, folder: &Path, run: &BTreeMap<String, FileHash>) -> Result<Vec<String>, IoError> {
    let (mut found, mut folders) = (Vec::new(), vec![(folder.to_owned(), String::new())]);
    while let Some((path, above)) = folders.pop() {
        for entry in vfs.list(&path)? {
            let name = format!("{above}{}", entry.file_name());
            match entry.kind {
                EntryKind::Folder if name == STATE => {}
                EntryKind::Folder => folders.push((entry.path, format!("{name}/"))),
                _ if name == "run.json" || run.contains_key(&name) => {}
                _ => found.push(name),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Refuses a folder that is to be replaced while it holds files of somebody else. Where `run.json` is damaged nobody can tell whose they are,
/// and nothing is refused.
///
/// # Errors
/// There are such files (exit 64), or the file system refuses.
pub fn refuse_foreign(vfs: &dyn Vfs, folder: &Path) -> Result<(), RunFolderError> {
    if vfs.entry(folder)?.is_none() {
        return Ok(());
    }
    let (files, listed) = match read_run_json(vfs, folder) {
        Ok(run) => (foreign(vfs, folder, &run.files)?, true),
        Err(RunFolderError::Unfinished { .. } | RunFolderError::NotARun { .. }) => {
            (foreign(vfs, folder, &BTreeMap::new())?, false)
        }
        Err(RunFolderError::Io(error)) => return Err(error.into()),
        Err(_) => return Ok(()),
    };
    if files.is_empty() { Ok(()) } else { Err(RunFolderError::Foreign { folder: folder.to_owned(), files, listed }) }
}

/// Whether a folder of this run stands published; its files are not read.
///
/// # Errors
/// The name cannot be a folder's, or the file system refuses.
pub fn is_complete(vfs: &dyn Vfs, out: &Path, scenario: &str, run_id: &str) -> Result<bool, RunFolderError> {
    let done = Names::new(out, scenario, run_id)?.done;
    Ok(vfs.entry(&done)?.is_some() && !is_unfinished(vfs, &done)?)
}

/// Locks a run folder against every other process, as [`open`] does.
///
/// # Errors
/// Another process works on it (exit 73), or the file system refuses.
pub fn lock(vfs: &dyn Vfs, folder: &Path) -> Result<Box<dyn Lock>, IoError> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    vfs.lock(&folder.with_file_name(format!(".lock-{name}")))
}

/// Whether a folder holds a state and no result.
fn is_unfinished(vfs: &dyn Vfs, folder: &Path) -> Result<bool, IoError> {
    Ok(vfs.entry(&folder.join(STATE))?.is_some() && vfs.entry(&folder.join("run.json"))?.is_none())
}

/// Reads a complete run and compares every file with its hash.
///
/// # Errors
/// There is no readable, complete `run.json`, or a file is absent or differs.
pub fn verify(vfs: &dyn Vfs, folder: &Path) -> Result<CompleteRun, RunFolderError> {
    verify_but(vfs, folder, |_| false)
}

/// The same without those files that can be made again from the others.
///
/// # Errors
/// There is no readable, complete `run.json`, or another file is absent or differs.
pub fn verify_but(
    vfs: &dyn Vfs,
    folder: &Path,
    made_again: impl Fn(&str) -> bool,
) -> Result<CompleteRun, RunFolderError> {
    let damaged = |file: &str, problem: &str| RunFolderError::Damaged {
        folder: folder.to_owned(),
        file: file.to_owned(),
        problem: problem.to_owned(),
    };
    let run = read_run_json(vfs, folder)?;
    if run.status != RunStatus::Completed {
        return Err(damaged("run.json", "says that the run is not complete"));
    }
    for (name, hash) in run.files.iter().filter(|(name, _)| !made_again(name)) {
        if name.split('/').any(|part| part.is_empty() || part == "..") {
            return Err(damaged("run.json", "names a file outside the folder"));
        }
        let bytes = match vfs.read(&folder.join(name), LONGEST_FILE) {
            Ok(bytes) => bytes,
            Err(error) if error.is_not_found() => return Err(damaged(name, "is missing")),
            Err(error) => return Err(error.into()),
        };
        if *hash != file_hash(&bytes) {
            return Err(damaged(name, "differs from its hash in run.json"));
        }
    }
    Ok(CompleteRun { folder: folder.to_owned(), run })
}

fn read_run_json(vfs: &dyn Vfs, folder: &Path) -> Result<RunJson, RunFolderError> {
    let damaged =
        |problem: String| RunFolderError::Damaged { folder: folder.to_owned(), file: "run.json".to_owned(), problem };
    let bytes = match vfs.read(&folder.join("run.json"), LONGEST_RUN_JSON) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => {
            let folder = folder.to_owned();
            let unfinished = vfs.entry(&folder.join(STATE))?.is_some();
            return Err(if unfinished {
                RunFolderError::Unfinished { folder }
            } else if vfs.entry(&folder)?.is_none() {
                RunFolderError::Absent { folder }
            } else {
                RunFolderError::NotARun { folder }
            });
        }
        Err(error) => return Err(error.into()),
    };
    let json: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| damaged(format!("is not JSON (line {})", e.line())))?;
    match json.get("schema").and_then(serde_json::Value::as_u64) {
        Some(found) if found > u64::from(SCHEMA) => Err(RunFolderError::Format { folder: folder.to_owned(), found }),
        Some(_) => {
            let run = serde_json::from_value(json).map_err(|e| damaged(format!("does not have its layout: {e}")))?;
            if run_json::is_sealed(&bytes) { Ok(run) } else { Err(damaged("differs from its own seal".to_owned())) }
        }
        None => Err(damaged("has no `schema`".to_owned())),
    }
}

pub(crate) fn file_hash(bytes: &[u8]) -> FileHash {
    FileHash { bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
}

impl RunFolder<'_> {
    /// Where the run will stand.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.names.done
    }

    /// Whether a file of this name has been written.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    /// Makes the folder of the state, which outlives interruptions and stays in the published run; `Replace` empties it.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn state(&mut self, existing: Existing) -> Result<PathBuf, RunFolderError> {
        let state = self.names.done.join(STATE);
        if existing == Existing::Replace && self.vfs.entry(&state)?.is_some() {
            self.vfs.remove_folder(&state)?;
        }
        self.vfs.create_folder(&state)?;
        for folder in [&self.names.done, &self.names.scenario, &self.names.out] {
            self.vfs.sync_folder(folder)?;
        }
        self.keeps_state = true;
        self.replace = true;
        Ok(state)
    }

    /// Writes a file below the folder, durably, and remembers its hash. Names use `/`.
    ///
    /// # Errors
    /// The file system refuses.
    ///
    /// # Panics
    /// The name leads out of the folder, is `run.json`, or was written before: bugs of ours.
    pub fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), RunFolderError> {
        assert!(!name.split('/').any(|p| p.is_empty() || p == ".." || p == "."), "`{name}` stands below the folder");
        assert!(name != "run.json", "run.json is written by `publish`");
        let path = self.names.new.join(name);
        let mut above = parent(&path);
        if self.folders.insert(above.to_owned()) {
            self.vfs.create_folder(above)?;
            while above != self.names.new {
                self.folders.insert(above.to_owned());
                above = parent(above);
            }
        }
        self.vfs.write(&path, &[bytes])?;
        self.vfs.sync(&path)?;
        let before = self.files.insert(name.to_owned(), file_hash(bytes));
        assert!(before.is_none(), "`{name}` is written once");
        Ok(())
    }

    /// Writes a file of the user, and remembers how the command names it.
    ///
    /// # Errors
    /// The file system refuses.
    ///
    /// # Panics
    /// As [`RunFolder::write`].
    pub fn write_given(&mut self, name: &str, given: &str, bytes: &[u8]) -> Result<(), RunFolderError> {
        self.given.insert(name.to_owned(), given.to_owned());
        self.write(name, bytes)
    }

    /// Writes a table as `tables/<name>/part-0.parquet` and enters it into the codebook.
    ///
    /// # Errors
    /// The table contradicts its declaration, or the file system refuses.
    pub fn write_table(&mut self, table: &Table) -> Result<(), RunFolderError> {
        self.write_table_part(table, 0)
    }

    /// Writes part `part` of a table that is too long for one; all parts have the same columns.
    ///
    /// # Errors
    /// As [`RunFolder::write_table`].
    pub fn write_table_part(&mut self, table: &Table, part: u32) -> Result<(), RunFolderError> {
        let bytes = parquet::to_bytes(table)?;
        self.codebook.add(table)?;
        self.write(&format!("tables/{}/part-{part}.parquet", table.name), &bytes)
    }

    /// Writes a part that was encoded elsewhere, on another thread; `like` has its columns, with any rows.
    ///
    /// # Errors
    /// As [`RunFolder::write_table`].
    pub fn write_encoded_part(&mut self, like: &Table, part: u32, bytes: &[u8]) -> Result<(), RunFolderError> {
        self.codebook.add(like)?;
        self.write(&format!("tables/{}/part-{part}.parquet", like.name), bytes)
    }

    /// Writes `codebook.csv` and `run.json`, forces everything to the disk and gives the folder its final name.
    ///
    /// # Errors
    /// The file system refuses; nothing new then stands under the final name.
    pub fn publish(mut self, run: RunJson) -> Result<CompleteRun, RunFolderError> {
        let codebook = self.codebook.to_csv();
        self.write("codebook.csv", &codebook)?;
        let (files, given) = (std::mem::take(&mut self.files), std::mem::take(&mut self.given));
        let run = RunJson { status: RunStatus::Completed, files, given, ..run };
        let path = self.names.new.join("run.json");
        let bytes = run_json::sealed(run.to_bytes());
        let run = RunJson { seal: run_json::seal_of(&bytes).unwrap_or_default(), ..run };
        self.vfs.write(&path, &[&bytes])?;
        self.vfs.sync(&path)?;
        // Deepest first, so that no name is durable before what it names.
        for folder in self.folders.iter().rev() {
            self.vfs.sync_folder(folder)?;
        }
        if self.keeps_state {
            self.vfs.rename(&self.names.done.join(STATE), &self.names.new.join(STATE))?;
            self.vfs.sync_folder(&self.names.new)?;
        }
        if self.replace && self.vfs.entry(&self.names.done)?.is_some() {
            self.vfs.rename(&self.names.done, &self.names.old)?;
        }
        self.vfs.rename(&self.names.new, &self.names.done)?;
        for folder in [self.names.scenario.as_path(), self.names.out.as_path(), parent(&self.names.out)] {
            self.vfs.sync_folder(folder)?;
        }
        self.published = true;
        if self.vfs.entry(&self.names.old)?.is_some() {
            self.hand_over()?;
            self.vfs.remove_folder(&self.names.old)?;
        }
        Ok(CompleteRun { folder: self.names.done.clone(), run })
    }

    /// Takes over what somebody has put into the folder that is replaced since it was looked at: it is not of its run, and would go with it.
    fn hand_over(&self) -> Result<(), RunFolderError> {
        let Ok(replaced) = read_run_json(self.vfs, &self.names.old) else { return Ok(()) };
        for name in foreign(self.vfs, &self.names.old, &replaced.files)? {
            let (from, to) = (self.names.old.join(&name), self.names.done.join(&name));
            if self.vfs.entry(&to)?.is_none() {
                self.vfs.create_folder(parent(&to))?;
                self.vfs.rename(&from, &to)?;
            }
        }
        Ok(())
    }

    /// Undoes what an interrupted run of this id left; the lock is held.
    fn recover(&self) -> Result<(), RunFolderError> {
        let there = |path: &Path| self.vfs.entry(path).map(|e| e.is_some());
        if there(&self.names.old)? {
            if there(&self.names.done)? {
                self.hand_over()?;
                self.vfs.remove_folder(&self.names.old)?;
            } else {
                self.vfs.rename(&self.names.old, &self.names.done)?;
            }
        }
        let taken = self.names.new.join(STATE);
        if there(&taken)? {
            self.vfs.create_folder(&self.names.done)?;
            if !there(&self.names.done.join(STATE))? {
                self.vfs.rename(&taken, &self.names.done.join(STATE))?;
            }
        }
        if there(&self.names.new)? {
            self.vfs.remove_folder(&self.names.new)?;
        }
        Ok(())
    }

    /// Removes what interrupted runs of other ids left; those of living processes are locked and stay.
    fn clean_others(&self) -> Result<(), RunFolderError> {
        for entry in self.vfs.list(&self.names.scenario)? {
            let Some(id) = entry.file_name().strip_prefix(".new-") else { continue };
            if entry.kind != EntryKind::Folder || entry.path == self.names.new {
                continue;
            }
            let lock_path = self.names.scenario.join(format!(".lock-{id}"));
            match self.vfs.lock(&lock_path) {
                Ok(_held) => {
                    self.vfs.remove_folder(&entry.path)?;
                    self.vfs.remove(&lock_path)?;
                }
                Err(IoError::Locked { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

impl Drop for RunFolder<'_> {
    fn drop(&mut self) {
        // Whatever cannot be undone now is undone by the next run of the scenario.
        if !self.published {
            let _ = self.recover();
        }
        let _ = self.vfs.remove(&self.names.lock);
        self.lock = None;
        if !self.published {
            // What holds something stays, with all above it.
            let _ = self.made.iter().try_for_each(|folder| self.vfs.remove_empty(folder));
        }
    }
}

#[cfg(test)]
mod tests;
