//! The file system of the machine: the only place that calls `std::fs`.

use super::{Entry, EntryKind, IoError, Lock, Operation, Vfs};
use std::fs::{self, File, Metadata, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::time::SystemTime;

/// The file system of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealVfs;

/// The system gives the lock up when the file is closed, which it also does for a process that dies.
#[derive(Debug)]
struct FileLock {
    _file: File,
}

impl Lock for FileLock {}

fn failed<'a>(operation: Operation, path: &'a Path) -> impl Fn(std::io::Error) -> IoError + 'a {
    move |error| IoError::from_std(operation, path, &error)
}

fn entry_of(path: &Path, metadata: &Metadata) -> Entry {
    let kind = match (metadata.is_file(), metadata.is_dir()) {
        (true, _) => EntryKind::File,
        (_, true) => EntryKind::Folder,
        _ => EntryKind::Other,
    };
    let bytes = if kind == EntryKind::File { metadata.len() } else { 0 };
    Entry { path: path.to_owned(), kind, bytes, modified: metadata.modified().ok() }
}

impl Vfs for RealVfs {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, IoError> {
        // Looked at before it is opened: opening a pipe would wait for its writer.
        let metadata = fs::metadata(path).map_err(failed(Operation::Read, path))?;
        let wrong = |found| IoError::WrongKind { operation: Operation::Read, path: path.to_owned(), found };
        match entry_of(path, &metadata).kind {
            EntryKind::File => {}
            EntryKind::Folder => return Err(wrong("it is a folder")),
            EntryKind::Other => return Err(wrong("it is not an ordinary file")),
        }
        let too_large = |bytes| IoError::TooLarge { path: path.to_owned(), bytes, limit };
        if metadata.len() > limit {
            return Err(too_large(metadata.len()));
        }
        let file = File::open(path).map_err(failed(Operation::Read, path))?;
        let mut content = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        // Files of /proc have length 0, and a file can grow while it is read: the limit holds for what comes.
        file.take(limit.saturating_add(1)).read_to_end(&mut content).map_err(failed(Operation::Read, path))?;
        if content.len() as u64 > limit {
            return Err(too_large(content.len() as u64));
        }
        Ok(content)
    }

    fn write(&self, path: &Path, parts: &[&[u8]]) -> Result<(), IoError> {
        let mut file = File::create(path).map_err(failed(Operation::Write, path))?;
        for part in parts {
            file.write_all(part).map_err(failed(Operation::Write, path))?;
        }
        Ok(())
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> Result<(), IoError> {
        let mut file = File::options().create(true).append(true).open(path).map_err(failed(Operation::Write, path))?;
        file.write_all(bytes).map_err(failed(Operation::Write, path))
    }

    fn sync(&self, path: &Path) -> Result<(), IoError> {
        // Opened for writing because some systems refuse to sync a file opened for reading.
        let file = File::options().write(true).open(path).map_err(failed(Operation::Sync, path))?;
        file.sync_all().map_err(failed(Operation::Sync, path))
    }

    #[cfg(unix)]
    fn sync_folder(&self, path: &Path) -> Result<(), IoError> {
        File::open(path).and_then(|folder| folder.sync_all()).map_err(failed(Operation::Sync, path))
    }

    #[cfg(not(unix))]
    fn sync_folder(&self, _path: &Path) -> Result<(), IoError> {
        // Windows has no such call: its file systems journal names by themselves.
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), IoError> {
        fs::rename(from, to).map_err(failed(Operation::Rename, from))
    }

    fn create_folder(&self, path: &Path) -> Result<(), IoError> {
        fs::create_dir_all(path).map_err(failed(Operation::CreateFolder, path))
    }

    fn remove(&self, path: &Path) -> Result<(), IoError> {
        fs::remove_file(path).map_err(failed(Operation::Remove, path))
    }

    fn remove_folder(&self, path: &Path) -> Result<(), IoError> {
        fs::remove_dir_all(path).map_err(failed(Operation::Remove, path))
    }

    fn remove_empty(&self, path: &Path) -> Result<(), IoError> {
        fs::remove_dir(path).map_err(failed(Operation::Remove, path))
    }

    fn list(&self, path: &Path) -> Result<Vec<Entry>, IoError> {
        let mut entries = Vec::new();
        for item in fs::read_dir(path).map_err(failed(Operation::List, path))? {
            let item = item.map_err(failed(Operation::List, path))?;
            // Links are not followed here: a link to a folder must never be walked into or removed as one.
            let metadata = item.metadata().map_err(failed(Operation::List, path))?;
            entries.push(entry_of(&item.path(), &metadata));
        }
        entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(entries)
    }

    fn entry(&self, path: &Path) -> Result<Option<Entry>, IoError> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(entry_of(path, &metadata))),
            Err(error) => match IoError::from_std(Operation::List, path, &error) {
                IoError::NotFound { .. } => Ok(None),
                other => Err(other),
            },
        }
    }

    fn touch(&self, path: &Path) -> Result<(), IoError> {
        let file = File::options().write(true).open(path).map_err(failed(Operation::Write, path))?;
        file.set_modified(SystemTime::now()).map_err(failed(Operation::Write, path))
    }

    fn free(&self, path: &Path) -> Option<u64> {
        // A bare name lies in the current folder.
        let above = path.ancestors().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        above.into_iter().find(|folder| folder.exists()).and_then(|folder| fs4::available_space(folder).ok())
    }

    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, IoError> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed(Operation::Lock, path))?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(FileLock { _file: file })),
            Err(TryLockError::WouldBlock) => Err(IoError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(IoError::from_std(Operation::Lock, path, &error)),
        }
    }
}
