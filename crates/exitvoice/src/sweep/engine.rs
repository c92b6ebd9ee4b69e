//! Durable work in blocks: done, written, entered, in this order. Knows files and bytes, no model.
//!
//! After any interruption [`Store::missing`] says what is left: a block counts as done when its file is whole, whatever the ledger
//! says. A damaged block is removed with a warning and done again.

use super::Shard;
use crate::command::{Error, Event, Progress, Stop};
use crate::io::ledger::{self, Entry, LedgerError};
use crate::io::section_file::{self, Key, SectionError, Sections};
use crate::io::vfs::{IoError, Lock, Vfs};
use exitvoice_core::parallel::Pool;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What one task gave: bytes that only its caller reads, or why there are none.
pub type Outcome = Result<Vec<u8>, String>;

/// The state of a sweep on disk, locked for one shard.
pub struct Store<'a> {
    vfs: &'a dyn Vfs,
    pool: &'a Pool,
    folder: PathBuf,
    identity: [u8; 32],
    tasks: u64,
    per_block: u64,
    shard: Shard,
    _locks: Vec<Box<dyn Lock>>,
}

/// What is to be done: how many tasks, and in what blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Number of tasks.
    pub tasks: u64,
    /// Tasks of a block; the last may have fewer.
    pub per_block: u64,
}

impl Extent {
    /// Number of blocks.
    #[must_use]
    pub fn blocks(self) -> u32 {
        u32::try_from(self.tasks.div_ceil(self.per_block)).unwrap_or(u32::MAX)
    }
}

impl<'a> Store<'a> {
    /// Opens a state folder that exists, for one shard. The whole work excludes every other shard.
    ///
    /// # Errors
    /// Another process works on this shard, or on all of it (exit 73), or the file system refuses.
    pub fn open(
        vfs: &'a dyn Vfs,
        pool: &'a Pool,
        folder: &Path,
        identity: [u8; 32],
        extent: Extent,
        shard: Shard,
    ) -> Result<Self, Error> {
        let of_whole = format!("lock-{}", Shard::WHOLE.word());
        let mut locks = vec![vfs.lock(&folder.join(format!("lock-{}", shard.word())))?];
        if shard == Shard::WHOLE {
            for entry in vfs.list(folder)? {
                if entry.file_name().starts_with("lock-") && entry.file_name() != of_whole {
                    locks.push(vfs.lock(&entry.path)?);
                }
            }
        } else {
            free_for_a_moment(vfs, &folder.join(of_whole))?;
        }
        Ok(Self {
            vfs,
            pool,
            folder: folder.to_owned(),
            identity,
            tasks: extent.tasks,
            per_block: extent.per_block,
            shard,
            _locks: locks,
        })
    }

    fn block_path(&self, block: u32) -> PathBuf {
        self.folder.join(format!("block-{block:06}.bin"))
    }

    fn ledger_path(&self) -> PathBuf {
        self.folder.join(format!("ledger-{}.bin", self.shard.word()))
    }

    fn key(&self, block: u32) -> Key {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"exitvoice block");
        hasher.update(&self.identity);
        hasher.update(&block.to_le_bytes());
        hasher.update(&self.per_block.to_le_bytes());
        Key(*hasher.finalize().as_bytes())
    }

    /// Number of blocks.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        Extent { tasks: self.tasks, per_block: self.per_block }.blocks()
    }

    /// Tasks of a block.
    #[must_use]
    pub fn tasks_of(&self, block: u32) -> Range<u64> {
        let first = u64::from(block) * self.per_block;
        first..(first + self.per_block).min(self.tasks)
    }

    /// Results of a block, verified; `None` where it is not done.
    ///
    /// # Errors
    /// The block is damaged, or cannot be read.
    pub fn read(&self, block: u32) -> Result<Option<Vec<Outcome>>, SectionError> {
        let path = self.block_path(block);
        let sections = match section_file::read(self.vfs, &path, &self.key(block), self.pool) {
            Ok(sections) => sections,
            Err(SectionError::Io(error)) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let damaged = || SectionError::Corrupt { path: path.clone(), section: "results".to_owned() };
        outcomes(&sections, self.tasks_of(block)).ok_or_else(damaged).map(Some)
    }

    /// Blocks of this shard that are not done, after a look at every one. A damaged block is removed and counts as not done; a
    /// damaged or torn ledger is written again from the blocks.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn missing(&self, progress: &mut dyn Progress) -> Result<Vec<u32>, Error> {
        let (mut missing, mut entries) = (Vec::new(), Vec::new());
        for block in (0..self.blocks()).filter(|b| self.shard.owns(*b)) {
            match self.read(block) {
                Ok(Some(found)) => entries.extend(entries_of(self.tasks_of(block), &found)),
                Ok(None) => missing.push(block),
                Err(SectionError::Io(error)) => return Err(error.into()),
                Err(error) => {
                    progress.event(Event::Warning(format!("{error}; it is computed again")));
                    self.vfs.remove(&self.block_path(block))?;
                    missing.push(block);
                }
            }
        }
        match ledger::read(self.vfs, &self.ledger_path(), &self.identity) {
            Ok(Some(found)) if found.dropped == 0 && found.entries == entries => return Ok(missing),
            Ok(Some(found)) if found.dropped > 0 => {
                let words = format!("{} bytes at the end of the ledger were torn; it is written again", found.dropped);
                progress.event(Event::Warning(words));
            }
            Err(LedgerError::Io(error)) => return Err(error.into()),
            Err(error) => progress.event(Event::Warning(format!("{error}; it is written again from the blocks"))),
            Ok(_) => {}
        }
        ledger::replace(self.vfs, &self.ledger_path(), &self.identity, &entries)?;
        Ok(missing)
    }

    /// Removes the results of this shard, which are to be computed again.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn forget(&self) -> Result<(), IoError> {
        let blocks = (0..self.blocks()).filter(|b| self.shard.owns(*b)).map(|b| self.block_path(b));
        for path in blocks.chain([self.ledger_path()]) {
            if self.vfs.entry(&path)?.is_some() {
                self.vfs.remove(&path)?;
            }
        }
        Ok(())
    }

    /// Does blocks in order: the work, its file, its entries. Between two blocks a request to stop is heard; what is done stays.
    ///
    /// # Errors
    /// A signal (exit 75), what the work meets, or the file system refuses (74).
    pub fn run(
        &self,
        blocks: &[u32],
        stop: &Stop,
        work: &mut dyn FnMut(Range<u64>) -> Result<Vec<Outcome>, Error>,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        let mut done = 0;
        for block in blocks {
            stop.check()?;
            let tasks = self.tasks_of(*block);
            let found = work(tasks.clone())?;
            debug_assert_eq!(found.len() as u64, tasks.end - tasks.start, "one outcome a task");
            self.write(*block, &found)?;
            ledger::append(self.vfs, &self.ledger_path(), &entries_of(tasks.clone(), &found))?;
            done += tasks.end - tasks.start;
            progress.event(Event::Advanced { done });
        }
        Ok(())
    }

    fn write(&self, block: u32, found: &[Outcome]) -> Result<(), IoError> {
        let (mut status, mut length, mut content) = (Vec::new(), Vec::new(), Vec::new());
        for outcome in found {
            let (code, bytes) = match outcome {
                Ok(bytes) => (1_u8, bytes.as_slice()),
                Err(error) => (2, error.as_bytes()),
            };
            status.push(code);
            length.push(bytes.len() as u64);
            content.extend_from_slice(bytes);
        }
        let length = section_file::to_bytes(&length);
        let sections: [(&str, &[u8]); 3] = [("status", &status), ("length", &length), ("content", &content)];
        section_file::write(self.vfs, &self.block_path(block), &self.key(block), &sections, self.pool)
    }
}

/// Takes a lock and gives it up. Another shard that starts just then holds it as briefly, so it is asked for a few times.
fn free_for_a_moment(vfs: &dyn Vfs, path: &Path) -> Result<(), IoError> {
    const TRIES: u32 = 20;
    const WAIT: Duration = Duration::from_millis(10);
    for _ in 1..TRIES {
        match vfs.lock(path) {
            Err(IoError::Locked { .. }) => std::thread::sleep(WAIT),
            taken => return taken.map(drop),
        }
    }
    vfs.lock(path).map(drop)
}

fn entries_of(tasks: Range<u64>, found: &[Outcome]) -> Vec<Entry> {
    let entry = |(task, outcome): (u64, &Outcome)| match outcome {
        Ok(_) => Entry::Done { task },
        Err(error) => Entry::Failed { task, error: error.clone() },
    };
    tasks.zip(found).map(entry).collect()
}

fn outcomes(sections: &Sections, tasks: Range<u64>) -> Option<Vec<Outcome>> {
    let status = sections.bytes("status").ok()?;
    let length = sections.column::<u64>("length").ok()?;
    let content = sections.bytes("content").ok()?;
    let count = usize::try_from(tasks.end - tasks.start).ok()?;
    if status.len() != count || length.len() != count {
        return None;
    }
    let (mut out, mut at) = (Vec::with_capacity(count), 0_usize);
    for (code, length) in status.iter().zip(length) {
        let end = at.checked_add(usize::try_from(length).ok()?)?;
        let bytes = content.get(at..end)?;
        at = end;
        out.push(match code {
            1 => Ok(bytes.to_vec()),
            2 => Err(String::from_utf8(bytes.to_vec()).ok()?),
            _ => return None,
        });
    }
    (at == content.len()).then_some(out)
}

#[cfg(test)]
mod tests;
