//! What a sweep has done: an append-only file of checked entries.
//!
//! ```text
//! 0   magic "EVLEDGR1"     8   identity of the sweep, 32 bytes     40   CRC32C of the 40 bytes before
//! 44  entries: length u32, CRC32C of the payload u32, payload = kind u8, task u64, text
//! ```
//!
//! An entry is written after what it speaks of is durable. The end may be torn by a crash: everything from the first entry that does
//! not fit on is dropped, and what it spoke of is found again in the shards, which check themselves.

use super::vfs::{IoError, Vfs, parent, write_atomically};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"EVLEDGR1";
const HEAD: usize = 44;
/// Longest payload: an error message is cut.
const LONGEST_ENTRY: usize = 4_096;
/// Longest ledger that is read, in bytes.
const LONGEST: u64 = 1 << 32;

/// How a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Its result stands in a durable shard.
    Done {
        /// Number of the task.
        task: u64,
    },
    /// It has no result.
    Failed {
        /// Number of the task.
        task: u64,
        /// Why, at most 4,000 bytes.
        error: String,
    },
}

/// A ledger read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// Entries that fit, in order.
    pub entries: Vec<Entry>,
    /// Bytes from the first entry that does not fit to the end; 0 where all fit.
    pub dropped: usize,
}

/// A ledger cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Its head is damaged, or it is of another sweep.
    #[error("EV0725: the ledger `{}` is damaged in its head, or belongs to another sweep", path.display())]
    Head {
        /// The file.
        path: PathBuf,
    },
}

/// CRC-32C (Castagnoli), as of RFC 3720: reflected polynomial 82f63b78.
#[must_use]
pub fn crc32c(bytes: &[u8]) -> u32 {
    const TABLE: [u32; 256] = table();
    !bytes.iter().fold(!0, |crc, byte| TABLE[((crc ^ u32::from(*byte)) & 0xff) as usize] ^ (crc >> 8))
}

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        let (mut crc, mut bit) = (i as u32, 0);
        while bit < 8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

impl Entry {
    /// The task.
    #[must_use]
    pub const fn task(&self) -> u64 {
        match self {
            Self::Done { task } | Self::Failed { task, .. } => *task,
        }
    }

    fn to_bytes(&self) -> Vec<u8> {
        let (kind, text) = match self {
            Self::Done { .. } => (1_u8, ""),
            Self::Failed { error, .. } => (2, error.get(..error.floor_char_boundary(4_000)).unwrap_or_default()),
        };
        let mut payload = vec![kind];
        payload.extend_from_slice(&self.task().to_le_bytes());
        payload.extend_from_slice(text.as_bytes());
        let mut bytes = (payload.len() as u32).to_le_bytes().to_vec();
        bytes.extend_from_slice(&crc32c(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        bytes
    }

    /// The entry at the start of some bytes, and its length; `None` where none fits.
    fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let length = u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?) as usize;
        let crc = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
        if !(9..=LONGEST_ENTRY).contains(&length) {
            return None;
        }
        let payload = bytes.get(8..8 + length)?;
        if crc32c(payload) != crc {
            return None;
        }
        let task = u64::from_le_bytes(payload[1..9].try_into().ok()?);
        let text = std::str::from_utf8(&payload[9..]).ok()?;
        let entry = match payload[0] {
            1 if text.is_empty() => Self::Done { task },
            2 => Self::Failed { task, error: text.to_owned() },
            _ => return None,
        };
        Some((entry, 8 + length))
    }
}

fn head(identity: &[u8; 32]) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(identity);
    let crc = crc32c(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

/// Reads a ledger; `None` where there is none.
///
/// # Errors
/// The file cannot be read, its head is damaged, or it is of another sweep.
pub fn read(vfs: &dyn Vfs, path: &Path, identity: &[u8; 32]) -> Result<Option<Ledger>, LedgerError> {
    let bytes = match vfs.read(path, LONGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if bytes.get(..HEAD) != Some(head(identity).as_slice()) {
        return Err(LedgerError::Head { path: path.to_owned() });
    }
    let (mut entries, mut at) = (Vec::new(), HEAD);
    while let Some((entry, length)) = Entry::parse(&bytes[at..]) {
        entries.push(entry);
        at += length;
    }
    Ok(Some(Ledger { entries, dropped: bytes.len() - at }))
}

/// Replaces a ledger, atomically and durably.
///
/// # Errors
/// The file system refuses.
pub fn replace(vfs: &dyn Vfs, path: &Path, identity: &[u8; 32], entries: &[Entry]) -> Result<(), IoError> {
    let mut bytes = head(identity);
    entries.iter().for_each(|entry| bytes.extend(entry.to_bytes()));
    write_atomically(vfs, path, &[&bytes])
}

/// Adds entries at the end, durably. The ledger was replaced before in this process, so its end is whole.
///
/// # Errors
/// The file system refuses; the end may then be torn.
pub fn append(vfs: &dyn Vfs, path: &Path, entries: &[Entry]) -> Result<(), IoError> {
    let bytes: Vec<u8> = entries.iter().flat_map(Entry::to_bytes).collect();
    vfs.append(path, &bytes)?;
    vfs.sync(path)?;
    vfs.sync_folder(parent(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;

    const IDENTITY: [u8; 32] = [7; 32];

    fn entries() -> Vec<Entry> {
        vec![
            Entry::Done { task: 0 },
            Entry::Failed { task: 1, error: "EV0764: a test".to_owned() },
            Entry::Done { task: u64::MAX },
        ]
    }

    fn written() -> (FaultVfs, Vec<u8>) {
        let (vfs, path) = (FaultVfs::new(), Path::new("ledger.bin"));
        replace(&vfs, path, &IDENTITY, &entries()[..1]).expect("written");
        append(&vfs, path, &entries()[1..]).expect("added");
        let bytes = vfs.read(path, LONGEST).expect("there");
        (vfs, bytes)
    }

    fn reread(bytes: &[u8]) -> Result<Option<Ledger>, LedgerError> {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("ledger.bin"), bytes);
        read(&vfs, Path::new("ledger.bin"), &IDENTITY)
    }

    #[test]
    fn the_check_value_of_the_polynomial_is_the_published_one() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8A91_36AA, "RFC 3720, B.4");
    }

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let (vfs, _) = written();
        let found = read(&vfs, Path::new("ledger.bin"), &IDENTITY).expect("readable").expect("there");
        assert_eq!((found.entries, found.dropped), (entries(), 0));
        assert_eq!(read(&vfs, Path::new("other.bin"), &IDENTITY), Ok(None));
        let error = read(&vfs, Path::new("ledger.bin"), &[8; 32]).expect_err("another sweep");
        assert!(error.to_string().starts_with("EV0725"), "{error}");
    }

    #[test]
    fn every_bit_flip_is_found_and_never_reads_as_another_entry() {
        let (_, bytes) = written();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            match reread(&flipped) {
                Err(LedgerError::Head { .. }) => assert!(bit < HEAD * 8, "bit {bit}"),
                Ok(Some(found)) => {
                    assert!(found.dropped > 0, "bit {bit} was not noticed");
                    assert_eq!(found.entries[..], entries()[..found.entries.len()], "bit {bit}");
                }
                other => panic!("bit {bit}: {other:?}"),
            }
        }
    }

    #[test]
    fn every_truncation_keeps_the_whole_entries_before_it() {
        let (_, bytes) = written();
        for length in 0..bytes.len() {
            match reread(&bytes[..length]) {
                Err(LedgerError::Head { .. }) => assert!(length < HEAD),
                Ok(Some(found)) => assert_eq!(found.entries[..], entries()[..found.entries.len()], "{length}"),
                other => panic!("{length}: {other:?}"),
            }
        }
    }
}
