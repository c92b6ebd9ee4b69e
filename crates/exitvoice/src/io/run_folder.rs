//! `results/<scenario>/<run-id>/`: built under a hidden name beside it, published by one rename, verified whenever it is met again.
//!
//! | name beside the final folder | meaning |
//! |---|---|
//! | `.lock-<run-id>` | held while a process works on this run; the system gives it up when the process dies |
//! | `.new-<run-id>` | being built; without a living lock it is a leftover and is removed by the next run of the scenario |
//! | `.old-<run-id>` | replaced by `--force`; comes back if the replacement was interrupted between its two renames |

use super::codebook::Codebook;
use super::parquet;
use super::run_json::{FileHash, RunJson, RunStatus, SCHEMA};
use super::table::{Table, TableError};
use super::vfs::{EntryKind, IoError, Lock, Vfs, parent};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
    #[error("EV0750: `{}` cannot name a folder of results; expected letters, digits, `-`, `_` and `.`", name.escape_debug())]
    Name {
        /// As given.
        name: String,
    },
    /// A file of a complete run is absent or differs from its hash.
    #[error("EV0751: the run in `{}` is damaged: {file} {problem}; `--force` computes it again", folder.display())]
    Damaged {
        /// The run folder.
        folder: PathBuf,
        /// Name of the file below it.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A folder without `run.json`.
    #[error("EV0753: `{}` is not a run folder: it has no run.json", folder.display())]
    NotARun {
        /// The folder.
        folder: PathBuf,
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
            Self::Name { .. } | Self::NotARun { .. } => 64,
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
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<String, FileHash>,
    codebook: Codebook,
    replace: bool,
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

impl Names {
    fn new(out: &Path, scenario: &str, run_id: &str) -> Result<Self, RunFolderError> {
        for name in [scenario, run_id] {
            let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
            if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
                return Err(RunFolderError::Name { name: name.to_owned() });
            }
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
    vfs.create_folder(&names.scenario)?;
    let lock = vfs.lock(&names.lock)?;
    let mut folder = RunFolder {
        vfs,
        lock: Some(lock),
        folders: BTreeSet::new(),
        files: BTreeMap::new(),
        codebook: Codebook::default(),
        replace: existing == Existing::Replace,
        published: false,
        names,
    };
    folder.recover()?;
    folder.clean_others()?;
    if vfs.entry(&folder.names.done)?.is_some() && !folder.replace {
        return verify(vfs, &folder.names.done).map(|run| Opened::Complete(Box::new(run)));
    }
    vfs.create_folder(&folder.names.new)?;
    folder.folders.insert(folder.names.new.clone());
    Ok(Opened::New(Box::new(folder)))
}

/// Whether a folder of this run stands published; its files are not read.
///
/// # Errors
/// The name cannot be a folder's, or the file system refuses.
pub fn is_complete(vfs: &dyn Vfs, out: &Path, scenario: &str, run_id: &str) -> Result<bool, RunFolderError> {
    Ok(vfs.entry(&Names::new(out, scenario, run_id)?.done)?.is_some())
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
        Err(error) if error.is_not_found() => return Err(RunFolderError::NotARun { folder: folder.to_owned() }),
        Err(error) => return Err(error.into()),
    };
    let json: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|e| damaged(format!("is not JSON (line {})", e.line())))?;
    match json.get("schema").and_then(serde_json::Value::as_u64) {
        Some(found) if found > u64::from(SCHEMA) => Err(RunFolderError::Format { folder: folder.to_owned(), found }),
        Some(_) => serde_json::from_value(json).map_err(|e| damaged(format!("does not have its layout: {e}"))),
        None => Err(damaged("has no `schema`".to_owned())),
    }
}

fn file_hash(bytes: &[u8]) -> FileHash {
    FileHash { bytes: bytes.len() as u64, blake3: blake3::hash(bytes).to_hex().to_string() }
}

impl RunFolder<'_> {
    /// Where the run will stand.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.names.done
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
        let run = RunJson { status: RunStatus::Completed, files: std::mem::take(&mut self.files), ..run };
        let path = self.names.new.join("run.json");
        self.vfs.write(&path, &[&run.to_bytes()])?;
        self.vfs.sync(&path)?;
        // Deepest first, so that no name is durable before what it names.
        for folder in self.folders.iter().rev() {
            self.vfs.sync_folder(folder)?;
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
            self.vfs.remove_folder(&self.names.old)?;
        }
        Ok(CompleteRun { folder: self.names.done.clone(), run })
    }

    /// Undoes what an interrupted run of this id left; the lock is held.
    fn recover(&self) -> Result<(), RunFolderError> {
        let there = |path: &Path| self.vfs.entry(path).map(|e| e.is_some());
        if there(&self.names.old)? {
            if there(&self.names.done)? {
                self.vfs.remove_folder(&self.names.old)?;
            } else {
                self.vfs.rename(&self.names.old, &self.names.done)?;
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::{Fault, FaultVfs};
    use crate::io::run_json::tests::example as run_json;
    use crate::io::table::tests::example as table;
    use crate::io::vfs::RealVfs;

    const ID: &str = "0123456789ab";

    fn begin(vfs: &dyn Vfs, existing: Existing) -> Result<Opened<'_>, RunFolderError> {
        open(vfs, Path::new("results"), "toy", ID, existing)
    }

    fn fill(opened: Opened<'_>, report: &str) -> Result<CompleteRun, RunFolderError> {
        match opened {
            Opened::Complete(run) => Ok(*run),
            Opened::New(mut folder) => {
                folder.write("report.html", report.as_bytes())?;
                folder.write("figures/force.svg", b"<svg/>")?;
                folder.write_table(&table())?;
                folder.publish(run_json(ID))
            }
        }
    }

    fn run(vfs: &dyn Vfs, existing: Existing, report: &str) -> Result<CompleteRun, RunFolderError> {
        begin(vfs, existing).and_then(|opened| fill(opened, report))
    }

    fn report(vfs: &dyn Vfs) -> String {
        String::from_utf8(vfs.read(Path::new("results/toy/0123456789ab/report.html"), 100).expect("there"))
            .expect("text")
    }

    fn hidden(vfs: &dyn Vfs) -> Vec<String> {
        let entries = vfs.list(Path::new("results/toy")).expect("there");
        entries.iter().map(|e| e.file_name().to_owned()).filter(|n| n.starts_with('.')).collect()
    }

    #[test]
    fn a_published_run_is_whole_and_is_found_again() {
        let vfs = FaultVfs::new();
        let done = run(&vfs, Existing::Keep, "one").expect("published");
        assert_eq!(done.run.status, RunStatus::Completed);
        let files: Vec<&str> = done.run.files.keys().map(String::as_str).collect();
        assert_eq!(files, ["codebook.csv", "figures/force.svg", "report.html", "tables/series/part-0.parquet"]);
        assert_eq!(hidden(&vfs), Vec::<String>::new());
        let again = run(&vfs, Existing::Keep, "two").expect("verified");
        assert_eq!(again.run, done.run);
        assert_eq!(report(&vfs), "one", "a complete run is not computed again");
        run(&vfs, Existing::Replace, "three").expect("replaced");
        assert_eq!(report(&vfs), "three");
        assert_eq!(hidden(&vfs), Vec::<String>::new());
    }

    #[test]
    fn the_same_run_in_another_place_has_the_same_files() {
        let (a, b) = (FaultVfs::new(), FaultVfs::new());
        assert_eq!(
            run(&a, Existing::Keep, "x").expect("done").run.files,
            run(&b, Existing::Keep, "x").expect("done").run.files
        );
    }

    #[test]
    fn the_real_file_system_holds_a_run_too() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let out = root.path().join("a/results");
        let go = || open(&RealVfs, &out, "toy", ID, Existing::Replace).and_then(|o| fill(o, "real"));
        go().expect("published");
        go().expect("replaced");
        assert_eq!(verify(&RealVfs, &out.join("toy").join(ID)).expect("whole").run.run_id, ID);
    }

    #[test]
    fn damage_to_any_file_is_found_and_named() {
        let vfs = FaultVfs::new();
        let done = run(&vfs, Existing::Keep, "one").expect("published");
        for name in done.run.files.keys() {
            let path = done.folder.join(name);
            let whole = vfs.read(&path, 1 << 20).expect("there");
            vfs.put(&path, &whole[..whole.len() - 1]);
            let error = run(&vfs, Existing::Keep, "x").expect_err("damaged");
            assert!(error.to_string().starts_with("EV0751") && error.to_string().contains(name.as_str()), "{error}");
            assert_eq!(error.exit_code(), 65);
            vfs.remove(&path).expect("there");
            assert!(run(&vfs, Existing::Keep, "x").expect_err("missing").to_string().contains("is missing"));
            vfs.put(&path, &whole);
        }
        let path = done.folder.join("run.json");
        let text = String::from_utf8(vfs.read(&path, 1 << 20).expect("there")).expect("text");
        let with = |from: &str, to: &str| {
            vfs.put(&path, text.replace(from, to).as_bytes());
            run(&vfs, Existing::Keep, "x").expect_err("refused").to_string()
        };
        assert!(with("\"schema\": 1", "\"schema\": 2").starts_with("EV0752"));
        assert!(with("\"schema\"", "\"scheme\"").contains("schema"));
        assert!(with("completed", "running").contains("not complete"));
        assert!(with("\"figures/force.svg\"", "\"../../../letter\"").contains("outside"));
        assert!(with("{", "(").contains("not JSON"));
        vfs.remove(&path).expect("there");
        let error = run(&vfs, Existing::Keep, "x").expect_err("not a run");
        assert!(error.to_string().starts_with("EV0753") && error.exit_code() == 64, "{error}");
        assert_eq!(run(&vfs, Existing::Replace, "again").expect("computed again").run.run_id, ID);
    }

    #[test]
    fn stopped_anywhere_the_old_or_the_new_run_stands_there_whole() {
        let operations = |existing| {
            let vfs = FaultVfs::new();
            run(&vfs, Existing::Keep, "old").expect("published");
            let before = vfs.operations();
            run(&vfs, existing, "new").expect("published");
            vfs.operations() - before
        };
        for fault in [Fault::Crash, Fault::DiskFull, Fault::Torn { bytes: 5 }, Fault::Denied] {
            for n in 0..operations(Existing::Replace) {
                for power in [false, true] {
                    let vfs = FaultVfs::new();
                    run(&vfs, Existing::Keep, "old").expect("published");
                    vfs.fail_at(n, fault);
                    let replaced = run(&vfs, Existing::Replace, "new").is_ok();
                    if power {
                        vfs.power_cut();
                    } else {
                        vfs.restart();
                    }
                    run(&vfs, Existing::Keep, "later").expect("the next run recovers");
                    let now = report(&vfs);
                    assert!(now == "new" || (now == "old" && !replaced), "{fault:?} at {n}: {now}");
                    assert_eq!(hidden(&vfs), Vec::<String>::new(), "{fault:?} at {n}");
                }
            }
        }
    }

    #[test]
    fn a_first_run_stopped_anywhere_leaves_nothing_or_a_whole_run() {
        let clean = FaultVfs::new();
        run(&clean, Existing::Keep, "first").expect("published");
        for n in 0..clean.operations() {
            for power in [false, true] {
                let vfs = FaultVfs::new();
                vfs.fail_at(n, Fault::Crash);
                let done = run(&vfs, Existing::Keep, "first").is_ok();
                if power {
                    vfs.power_cut();
                } else {
                    vfs.restart();
                }
                let there = vfs.entry(Path::new("results/toy/0123456789ab")).expect("readable").is_some();
                assert!(there || !done, "a published run survives (stopped at {n})");
                run(&vfs, Existing::Keep, "second").expect("the next run recovers");
                assert_eq!(report(&vfs), if there { "first" } else { "second" }, "stopped at {n}");
            }
        }
    }

    #[test]
    fn a_second_writer_is_sent_away_and_a_run_given_up_leaves_nothing() {
        let vfs = FaultVfs::new();
        let first = begin(&vfs, Existing::Keep).expect("new");
        let error = begin(&vfs, Existing::Keep).expect_err("locked");
        assert!(error.to_string().starts_with("EV0715"), "{error}");
        assert_eq!(error.exit_code(), 73);
        let other =
            open(&vfs, Path::new("results"), "toy", "ffffffffffff", Existing::Keep).expect("another id is free");
        drop(other);
        assert!(hidden(&vfs).contains(&format!(".new-{ID}")), "a living run of another id is spared");
        drop(first);
        assert_eq!(hidden(&vfs), Vec::<String>::new());
    }

    #[test]
    fn leftovers_of_other_runs_are_cleaned() {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("results/toy/.new-eeeeeeeeeeee/report.html"), b"half");
        run(&vfs, Existing::Keep, "one").expect("published");
        assert_eq!(hidden(&vfs), Vec::<String>::new());
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let vfs = FaultVfs::new();
        for name in ["", "..", ".hidden", "a/b", "a\\b", "a b", "a\u{1b}"] {
            let error = open(&vfs, Path::new("results"), name, ID, Existing::Keep).expect_err("refused");
            assert!(error.to_string().starts_with("EV0750"), "{error}");
        }
        assert_eq!(vfs.operations(), 0, "nothing was touched");
    }

    #[test]
    fn parts_of_one_table_stand_side_by_side_and_once_in_the_codebook() {
        let vfs = FaultVfs::new();
        let Opened::New(mut folder) = begin(&vfs, Existing::Keep).expect("new") else { panic!("nothing is there") };
        folder.write_table_part(&table(), 0).expect("written");
        folder.write_table_part(&table(), 1).expect("written");
        let mut other = table();
        other.columns.pop();
        assert!(matches!(folder.write_table_part(&other, 2), Err(RunFolderError::Table(_))));
        let done = folder.publish(run_json(ID)).expect("published");
        assert!(done.run.files.contains_key("tables/series/part-1.parquet"));
        let codebook = vfs.read(&done.folder.join("codebook.csv"), 1 << 20).expect("there");
        assert_eq!(String::from_utf8_lossy(&codebook).lines().count(), 1 + table().columns.len());
    }
}
