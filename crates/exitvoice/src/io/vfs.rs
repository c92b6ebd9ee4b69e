//! The door to the file system. Every read and write of the project goes through [`Vfs`], so that faults can be injected.
//!
//! Durable writing is built from the primitive operations ([`write_atomically`]), so that a test can stop between any two of them.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

pub use real::RealVfs;

mod real;

/// What was being done when an operation failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Reading a file.
    Read,
    /// Writing a file.
    Write,
    /// Forcing a file or folder to the disk.
    Sync,
    /// Giving a file or folder its final name.
    Rename,
    /// Making a folder.
    CreateFolder,
    /// Removing a file or folder.
    Remove,
    /// Listing a folder or looking at an entry.
    List,
    /// Locking a file.
    Lock,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "force to the disk",
            Self::Rename => "rename",
            Self::CreateFolder => "make the folder",
            Self::Remove => "remove",
            Self::List => "look at",
            Self::Lock => "lock",
        })
    }
}

/// An operation on the file system failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IoError {
    /// There is no such file or folder.
    #[error("EV0710: cannot {operation} `{}`: there is no such file or folder", path.display())]
    NotFound {
        /// What was being done.
        operation: Operation,
        /// To what.
        path: PathBuf,
    },
    /// The system does not allow it.
    #[error("EV0711: cannot {operation} `{}`: not allowed by the system (permissions, or a read-only disk)", path.display())]
    Permission {
        /// What was being done.
        operation: Operation,
        /// To what.
        path: PathBuf,
    },
    /// No space left, or over the quota.
    #[error("EV0712: cannot {operation} `{}`: the disk is full; free some space and run the same command again", path.display())]
    DiskFull {
        /// What was being done.
        operation: Operation,
        /// To what.
        path: PathBuf,
    },
    /// A folder, device or pipe where a file is needed, or a file where a folder is needed.
    #[error("EV0713: cannot {operation} `{}`: {found}", path.display())]
    WrongKind {
        /// What was being done.
        operation: Operation,
        /// To what.
        path: PathBuf,
        /// What stands there.
        found: &'static str,
    },
    /// A file is larger than its kind may be.
    #[error("EV0714: `{}` has {bytes} bytes; at most {limit} are read", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        bytes: u64,
        /// The most that is read, in bytes.
        limit: u64,
    },
    /// Another process holds the lock.
    #[error("EV0715: `{}` is locked: another exitvoice is working on it; wait for it to end", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// Any other failure, with the system's words.
    #[error("EV0716: cannot {operation} `{}`: {reason}", path.display())]
    Other {
        /// What was being done.
        operation: Operation,
        /// To what.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

impl IoError {
    /// Exit code of the contract: 73 where another process holds the lock, else 74.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        if matches!(self, Self::Locked { .. }) { 73 } else { 74 }
    }

    /// Whether the file or folder is simply not there.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Translates an error of the standard library.
    #[must_use]
    pub fn from_std(operation: Operation, path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind as K;
        let path = path.to_owned();
        match error.kind() {
            K::NotFound => Self::NotFound { operation, path },
            K::PermissionDenied | K::ReadOnlyFilesystem => Self::Permission { operation, path },
            K::StorageFull | K::QuotaExceeded => Self::DiskFull { operation, path },
            K::IsADirectory => Self::WrongKind { operation, path, found: "it is a folder" },
            K::NotADirectory => Self::WrongKind { operation, path, found: "a part of the path is not a folder" },
            K::DirectoryNotEmpty => Self::WrongKind { operation, path, found: "it is a folder with something in it" },
            _ => Self::Other { operation, path, reason: error.to_string() },
        }
    }
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// An ordinary file.
    File,
    /// A folder.
    Folder,
    /// A device, pipe, socket or the like: never read.
    Other,
}

/// One entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Full path.
    pub path: PathBuf,
    /// What it is.
    pub kind: EntryKind,
    /// Length in bytes; 0 for folders.
    pub bytes: u64,
    /// Time of the last change, where the system knows it. Never enters a result.
    pub modified: Option<SystemTime>,
}

impl Entry {
    /// Last part of the path; empty where it is not valid Unicode.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.file_name().and_then(|n| n.to_str()).unwrap_or("")
    }
}

/// A lock on a file, given up when dropped or when the process ends in any way.
pub trait Lock: Send + fmt::Debug {}

/// The primitive operations. Paths are taken as they are; nothing is created on the way except by [`Vfs::create_folder`].
pub trait Vfs: Send + Sync + fmt::Debug {
    /// The whole content of an ordinary file of at most `limit` bytes.
    ///
    /// # Errors
    /// The file is absent, unreadable, not an ordinary file, or too large (nothing is read then).
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, IoError>;

    /// Writes a new file, or replaces its content, from consecutive parts. Not durable before [`Vfs::sync`].
    ///
    /// # Errors
    /// The folder is absent, the disk full, or writing not allowed; a part of the content may then stand in the file.
    fn write(&self, path: &Path, parts: &[&[u8]]) -> Result<(), IoError>;

    /// Adds bytes at the end of a file, which is made if absent. Not durable before [`Vfs::sync`].
    ///
    /// # Errors
    /// As [`Vfs::write`]; a part of the bytes may then stand at the end.
    fn append(&self, path: &Path, bytes: &[u8]) -> Result<(), IoError>;

    /// Forces the content of a file to the disk.
    ///
    /// # Errors
    /// The system could not: the content on the disk is then unknown, and the write counts as failed.
    fn sync(&self, path: &Path) -> Result<(), IoError>;

    /// Forces the entries of a folder to the disk: new names, renames and removals.
    ///
    /// # Errors
    /// The system could not.
    fn sync_folder(&self, path: &Path) -> Result<(), IoError>;

    /// Renames a file (replacing the target) or a folder (the target must not exist) in one step.
    ///
    /// # Errors
    /// The source is absent, or the target a folder that is not empty.
    fn rename(&self, from: &Path, to: &Path) -> Result<(), IoError>;

    /// Makes a folder and those above it; no error where it exists.
    ///
    /// # Errors
    /// Something else stands there, or it is not allowed.
    fn create_folder(&self, path: &Path) -> Result<(), IoError>;

    /// Removes a file.
    ///
    /// # Errors
    /// It is absent or cannot be removed.
    fn remove(&self, path: &Path) -> Result<(), IoError>;

    /// Removes a folder with everything in it.
    ///
    /// # Errors
    /// It is absent or something in it cannot be removed.
    fn remove_folder(&self, path: &Path) -> Result<(), IoError>;

    /// Removes a folder that holds nothing.
    ///
    /// # Errors
    /// It is absent, holds something, or cannot be removed.
    fn remove_empty(&self, path: &Path) -> Result<(), IoError>;

    /// Entries of a folder, sorted by name.
    ///
    /// # Errors
    /// The folder is absent or cannot be read.
    fn list(&self, path: &Path) -> Result<Vec<Entry>, IoError>;

    /// What stands at a path, links followed; `None` if nothing does.
    ///
    /// # Errors
    /// The system cannot say.
    fn entry(&self, path: &Path) -> Result<Option<Entry>, IoError>;

    /// Sets the time of the last change to now.
    ///
    /// # Errors
    /// The file is absent, or it is not allowed.
    fn touch(&self, path: &Path) -> Result<(), IoError>;

    /// Bytes that can still be written to the disk of a path, which need not exist yet; `None` where the system does not tell.
    fn free(&self, path: &Path) -> Option<u64>;

    /// Takes an exclusive lock on a file, which is made if absent; never waits.
    ///
    /// # Errors
    /// [`IoError::Locked`] where another process, or another lock of this one, holds it.
    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, IoError>;
}

/// Replaces a file by new content so that after a crash either the old or the new content stands there, whole:
/// temporary file in the same folder, write, sync, rename, sync of the folder.
///
/// # Errors
/// As the primitive operations; the temporary file is then removed where that is still possible.
pub fn write_atomically(vfs: &dyn Vfs, path: &Path, parts: &[&[u8]]) -> Result<(), IoError> {
    let temporary = temporary_name(path);
    let done = vfs
        .write(&temporary, parts)
        .and_then(|()| vfs.sync(&temporary))
        .and_then(|()| vfs.rename(&temporary, path))
        .and_then(|()| vfs.sync_folder(parent(path)));
    if done.is_err() {
        // The first error is the one to report; a leftover temporary file is never read and is replaced by the next write.
        let _ = vfs.remove(&temporary);
    }
    done
}

/// Name under which [`write_atomically`] prepares a file: the hidden sibling `.NAME.PROCESS.partial`, so that two processes
/// that write the same file do not meet before the rename.
#[must_use]
pub fn temporary_name(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.partial", std::process::id()))
}

/// Final name and process of a name made by [`temporary_name`].
#[must_use]
pub fn temporary_of(name: &str) -> Option<(&str, u32)> {
    let (name, process) = name.strip_prefix('.')?.strip_suffix(".partial")?.rsplit_once('.')?;
    process.parse().ok().map(|process| (name, process))
}

/// Folder of a path; the current folder for a bare name.
#[must_use]
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Joins the part of a path below a folder with `/` on every system, as it stands in `run.json`.
#[must_use]
pub fn relative_name(folder: &Path, path: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
