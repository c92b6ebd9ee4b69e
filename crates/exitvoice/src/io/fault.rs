//! A file system in memory that fails on demand, for tests of everything that must survive failure.
//!
//! It keeps two versions of every file and folder: what a reader sees now, and what the disk would hold after a power cut
//! ([`FaultVfs::power_cut`]): content counts from its last sync, a name from the last sync of its folder.

use super::vfs::{Entry, EntryKind, IoError, Lock, Operation, Vfs};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// What happens at the chosen operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails as on a full disk and changes nothing.
    DiskFull,
    /// It fails as without permission and changes nothing.
    Denied,
    /// A write puts only so many bytes into the file and then fails as on a full disk; others fail and change nothing.
    Torn {
        /// Bytes that still reach the file.
        bytes: usize,
    },
    /// The process dies here: this operation and all later ones fail, locks are given up.
    Crash,
}

/// What a disk holds, after a power cut, of what was written and not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remains {
    /// Nothing.
    Synced,
    /// All of it.
    Everything,
    /// New names, without the content under them.
    Names,
    /// New content, under old names.
    Content,
    /// Names, and of each file so many whole sectors of 512 bytes.
    Sectors(usize),
    /// Names and content, with garbage in one sector of each file.
    Garbage,
    /// Of each file and folder everything or nothing, as a hash of its number and this one says: writes reached the disk in any order.
    Mixed(u64),
}

const SECTOR: usize = 512;

impl Remains {
    const fn luck(id: u64, seed: u64) -> bool {
        (id ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 63 == 1
    }

    const fn keeps_names(self, id: u64) -> bool {
        match self {
            Self::Synced | Self::Content => false,
            Self::Everything | Self::Names | Self::Sectors(_) | Self::Garbage => true,
            Self::Mixed(seed) => Self::luck(id, seed),
        }
    }

    fn content(self, id: u64, now: &[u8], synced: &[u8]) -> Vec<u8> {
        match self {
            Self::Synced | Self::Names => synced.to_vec(),
            Self::Everything | Self::Content => now.to_vec(),
            Self::Sectors(sectors) => now[..now.len().min(common(now, synced).max(sectors * SECTOR))].to_vec(),
            Self::Garbage => {
                let mut content = now.to_vec();
                // The sector in which old and new begin to differ was being written: synced bytes in it are lost too.
                let from = common(now, synced) / SECTOR * SECTOR;
                content.iter_mut().skip(from).take(SECTOR).for_each(|byte| *byte ^= 0xA5);
                content
            }
            Self::Mixed(seed) => {
                if Self::luck(id.wrapping_add(7), seed) {
                    now.to_vec()
                } else {
                    synced.to_vec()
                }
            }
        }
    }
}

/// Length of the beginning that two contents share.
fn common(now: &[u8], synced: &[u8]) -> usize {
    now.iter().zip(synced).take_while(|(a, b)| a == b).count()
}

/// The file system. Clones share one content.
#[derive(Clone, Debug, Default)]
pub struct FaultVfs {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug)]
struct State {
    nodes: BTreeMap<u64, Node>,
    next: u64,
    operations: u64,
    fault: Option<(u64, Fault)>,
    crashed: bool,
    locks: BTreeSet<PathBuf>,
    free: Option<u64>,
}

impl Default for State {
    fn default() -> Self {
        let nodes = BTreeMap::from([(ROOT, Node::Folder { now: Names::new(), synced: Names::new() })]);
        Self { nodes, next: 1, operations: 0, fault: None, crashed: false, locks: BTreeSet::new(), free: None }
    }
}

const ROOT: u64 = 0;
type Names = BTreeMap<String, u64>;

#[derive(Clone, Debug)]
enum Node {
    Folder { now: Names, synced: Names },
    File { now: Vec<u8>, synced: Vec<u8>, modified: u64 },
}

impl FaultVfs {
    /// An empty file system without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says of its disk that so many bytes are free; until then it does not tell. Writes do not count against them.
    pub fn tell_free(&self, bytes: u64) {
        self.state().free = Some(bytes);
    }

    /// Lets the `n`-th operation from now on (counted from 0) meet a fault.
    pub fn fail_at(&self, n: u64, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.operations + n, fault));
    }

    /// Number of operations so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// The process starts again: nothing fails any more, locks are free, all content that readers saw is there.
    pub fn restart(&self) {
        let mut state = self.state();
        state.fault = None;
        state.crashed = false;
        state.locks.clear();
    }

    /// The machine lost power and starts again: everything not synced is gone.
    pub fn power_cut(&self) {
        self.power_cut_with(Remains::Synced);
    }

    /// The machine lost power and starts again; `remains` says what the disk made of everything not synced. What was synced is
    /// always whole.
    pub fn power_cut_with(&self, remains: Remains) {
        self.restart();
        for (id, node) in &mut self.state().nodes {
            match node {
                Node::Folder { now, synced } => {
                    if !remains.keeps_names(*id) {
                        now.clone_from(synced);
                    }
                }
                Node::File { now, synced, .. } => {
                    if now != synced {
                        *now = remains.content(*id, now, synced);
                    }
                }
            }
            // What the disk holds now is what it will hold.
            match node {
                Node::Folder { now, synced } => synced.clone_from(now),
                Node::File { now, synced, .. } => synced.clone_from(now),
            }
        }
    }

    /// A copy of everything, sharing nothing: a test cuts the power of many copies.
    ///
    /// # Panics
    /// Never.
    #[must_use]
    pub fn fork(&self) -> Self {
        let state = self.state();
        Self { state: Arc::new(Mutex::new(state.clone())) }
    }

    /// Every path of a file with its content, as a reader sees it.
    #[must_use]
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.state();
        let mut out = BTreeMap::new();
        let mut open = vec![(PathBuf::new(), ROOT)];
        while let Some((path, id)) = open.pop() {
            match &state.nodes[&id] {
                Node::Folder { now, .. } => open.extend(now.iter().map(|(name, id)| (path.join(name), *id))),
                Node::File { now, .. } => {
                    out.insert(path, now.clone());
                }
            }
        }
        out
    }

    /// Puts a file there with its folders, durably, past all faults.
    ///
    /// # Panics
    /// The path leads through a file, or upwards.
    pub fn put(&self, path: &Path, content: &[u8]) {
        let mut state = self.state();
        let folder = path.parent().unwrap_or(Path::new(""));
        state.create_folder(folder).expect("a test puts files below folders");
        state.write(path, content.to_vec()).expect("the folder exists");
        for node in state.nodes.values_mut() {
            match node {
                Node::Folder { now, synced } => synced.clone_from(now),
                Node::File { now, synced, .. } => synced.clone_from(now),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no operation panics while it holds the state")
    }

    /// Counts the operation and meets the fault where it is due; `Ok(Some(bytes))` for a torn write.
    fn enter(&self, operation: Operation, path: &Path) -> Result<(MutexGuard<'_, State>, Option<usize>), IoError> {
        let mut state = self.state();
        let number = state.operations;
        state.operations += 1;
        let due = state.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        let path = path.to_owned();
        if state.crashed || due == Some(Fault::Crash) {
            state.crashed = true;
            state.locks.clear();
            return Err(IoError::Other { operation, path, reason: "the process is dead".to_owned() });
        }
        match due {
            Some(Fault::Denied) => Err(IoError::Permission { operation, path }),
            Some(Fault::Torn { bytes }) if operation == Operation::Write => Ok((state, Some(bytes))),
            Some(Fault::DiskFull | Fault::Torn { .. }) => Err(IoError::DiskFull { operation, path }),
            Some(Fault::Crash) | None => Ok((state, None)),
        }
    }
}

fn names(path: &Path) -> Vec<String> {
    let normal = |c: Component<'_>| match c {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    };
    path.components().filter_map(normal).collect()
}

impl State {
    fn find(&self, path: &Path) -> Option<u64> {
        let step = |node: u64, name: &String| match &self.nodes[&node] {
            Node::Folder { now, .. } => now.get(name).copied(),
            Node::File { .. } => None,
        };
        names(path).iter().try_fold(ROOT, step)
    }

    /// Folder and last name of a path.
    fn place(&mut self, operation: Operation, path: &Path) -> Result<(&mut Names, String), IoError> {
        let missing = || IoError::NotFound { operation, path: path.to_owned() };
        let name = names(path).pop().ok_or_else(missing)?;
        let folder = self.find(path.parent().unwrap_or(Path::new(""))).ok_or_else(missing)?;
        match self.nodes.get_mut(&folder) {
            Some(Node::Folder { now, .. }) => Ok((now, name)),
            _ => Err(IoError::WrongKind {
                operation,
                path: path.to_owned(),
                found: "a part of the path is not a folder",
            }),
        }
    }

    fn create_folder(&mut self, path: &Path) -> Result<(), IoError> {
        let mut so_far = PathBuf::new();
        for name in names(path) {
            so_far.push(&name);
            match self.find(&so_far).map(|n| matches!(self.nodes[&n], Node::Folder { .. })) {
                Some(true) => {}
                Some(false) => {
                    let found = "it is a file";
                    return Err(IoError::WrongKind { operation: Operation::CreateFolder, path: so_far, found });
                }
                None => {
                    let id = self.add(Node::Folder { now: Names::new(), synced: Names::new() });
                    let (folder, name) = self.place(Operation::CreateFolder, &so_far)?;
                    folder.insert(name, id);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, node: Node) -> u64 {
        let id = self.next;
        self.next += 1;
        self.nodes.insert(id, node);
        id
    }

    fn write(&mut self, path: &Path, content: Vec<u8>) -> Result<(), IoError> {
        let modified = self.operations;
        if let Some(id) = self.find(path) {
            return match self.nodes.get_mut(&id) {
                Some(Node::File { now, modified: at, .. }) => {
                    *now = content;
                    *at = modified;
                    Ok(())
                }
                _ => Err(IoError::WrongKind {
                    operation: Operation::Write,
                    path: path.to_owned(),
                    found: "it is a folder",
                }),
            };
        }
        self.place(Operation::Write, path)?;
        let id = self.add(Node::File { now: content, synced: Vec::new(), modified });
        let (folder, name) = self.place(Operation::Write, path)?;
        folder.insert(name, id);
        Ok(())
    }

    fn entry(&self, path: &Path, id: u64) -> Entry {
        let path = path.to_owned();
        match &self.nodes[&id] {
            Node::Folder { .. } => Entry { path, kind: EntryKind::Folder, bytes: 0, modified: None },
            Node::File { now, modified, .. } => Entry {
                path,
                kind: EntryKind::File,
                bytes: now.len() as u64,
                modified: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(*modified)),
            },
        }
    }
}

#[derive(Debug)]
struct MemoryLock {
    state: Arc<Mutex<State>>,
    path: PathBuf,
}

impl Lock for MemoryLock {}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.lock() {
            state.locks.remove(&self.path);
        }
    }
}

impl Vfs for FaultVfs {
    fn read(&self, path: &Path, limit: u64) -> Result<Vec<u8>, IoError> {
        let operation = Operation::Read;
        let (state, _) = self.enter(operation, path)?;
        let path = path.to_owned();
        match state.find(&path).map(|n| &state.nodes[&n]) {
            Some(Node::File { now, .. }) if now.len() as u64 > limit => {
                Err(IoError::TooLarge { path, bytes: now.len() as u64, limit })
            }
            Some(Node::File { now, .. }) => Ok(now.clone()),
            Some(Node::Folder { .. }) => Err(IoError::WrongKind { operation, path, found: "it is a folder" }),
            None => Err(IoError::NotFound { operation, path }),
        }
    }

    fn write(&self, path: &Path, parts: &[&[u8]]) -> Result<(), IoError> {
        let (mut state, torn) = self.enter(Operation::Write, path)?;
        let mut content = parts.concat();
        if let Some(bytes) = torn {
            content.truncate(bytes);
        }
        state.write(path, content)?;
        match torn {
            Some(_) => Err(IoError::DiskFull { operation: Operation::Write, path: path.to_owned() }),
            None => Ok(()),
        }
    }

    fn append(&self, path: &Path, bytes: &[u8]) -> Result<(), IoError> {
        let (mut state, torn) = self.enter(Operation::Write, path)?;
        let mut content = match state.find(path).map(|n| &state.nodes[&n]) {
            Some(Node::File { now, .. }) => now.clone(),
            _ => Vec::new(),
        };
        content.extend_from_slice(&bytes[..torn.unwrap_or(bytes.len()).min(bytes.len())]);
        state.write(path, content)?;
        match torn {
            Some(_) => Err(IoError::DiskFull { operation: Operation::Write, path: path.to_owned() }),
            None => Ok(()),
        }
    }

    fn sync(&self, path: &Path) -> Result<(), IoError> {
        let (mut state, _) = self.enter(Operation::Sync, path)?;
        let found = state.find(path);
        match found.and_then(|n| state.nodes.get_mut(&n)) {
            Some(Node::File { now, synced, .. }) => synced.clone_from(now),
            _ => return Err(IoError::NotFound { operation: Operation::Sync, path: path.to_owned() }),
        }
        Ok(())
    }

    fn sync_folder(&self, path: &Path) -> Result<(), IoError> {
        let (mut state, _) = self.enter(Operation::Sync, path)?;
        let found = state.find(path);
        match found.and_then(|n| state.nodes.get_mut(&n)) {
            Some(Node::Folder { now, synced }) => synced.clone_from(now),
            _ => return Err(IoError::NotFound { operation: Operation::Sync, path: path.to_owned() }),
        }
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), IoError> {
        let operation = Operation::Rename;
        let (mut state, _) = self.enter(operation, from)?;
        let missing = || IoError::NotFound { operation, path: from.to_owned() };
        let id = state.find(from).ok_or_else(missing)?;
        let taken = |found| IoError::WrongKind { operation, path: to.to_owned(), found };
        if let Some(target) = state.find(to) {
            match (&state.nodes[&id], &state.nodes[&target]) {
                (Node::Folder { .. }, Node::Folder { now, .. }) if now.is_empty() => {}
                (Node::File { .. }, Node::File { .. }) => {}
                _ => return Err(taken("something else stands there")),
            }
        }
        let (folder, name) = state.place(operation, to)?;
        folder.insert(name, id);
        let (folder, name) = state.place(operation, from)?;
        folder.remove(&name);
        Ok(())
    }

    fn create_folder(&self, path: &Path) -> Result<(), IoError> {
        self.enter(Operation::CreateFolder, path)?.0.create_folder(path)
    }

    fn remove(&self, path: &Path) -> Result<(), IoError> {
        let operation = Operation::Remove;
        let (mut state, _) = self.enter(operation, path)?;
        match state.find(path).map(|n| &state.nodes[&n]) {
            Some(Node::File { .. }) => {}
            Some(Node::Folder { .. }) => {
                return Err(IoError::WrongKind { operation, path: path.to_owned(), found: "it is a folder" });
            }
            None => return Err(IoError::NotFound { operation, path: path.to_owned() }),
        }
        let (folder, name) = state.place(operation, path)?;
        folder.remove(&name);
        Ok(())
    }

    fn remove_folder(&self, path: &Path) -> Result<(), IoError> {
        let operation = Operation::Remove;
        let (mut state, _) = self.enter(operation, path)?;
        if state.find(path).is_none() {
            return Err(IoError::NotFound { operation, path: path.to_owned() });
        }
        let (folder, name) = state.place(operation, path)?;
        folder.remove(&name);
        Ok(())
    }

    fn remove_empty(&self, path: &Path) -> Result<(), IoError> {
        let operation = Operation::Remove;
        let (mut state, _) = self.enter(operation, path)?;
        match state.find(path).map(|n| &state.nodes[&n]) {
            Some(Node::Folder { now, .. }) if now.is_empty() => {}
            Some(_) => {
                let found = "it is no empty folder";
                return Err(IoError::WrongKind { operation, path: path.to_owned(), found });
            }
            None => return Err(IoError::NotFound { operation, path: path.to_owned() }),
        }
        let (folder, name) = state.place(operation, path)?;
        folder.remove(&name);
        Ok(())
    }

    fn list(&self, path: &Path) -> Result<Vec<Entry>, IoError> {
        let operation = Operation::List;
        let (state, _) = self.enter(operation, path)?;
        match state.find(path).map(|n| &state.nodes[&n]) {
            Some(Node::Folder { now, .. }) => {
                Ok(now.iter().map(|(name, id)| state.entry(&path.join(name), *id)).collect())
            }
            Some(Node::File { .. }) => {
                Err(IoError::WrongKind { operation, path: path.to_owned(), found: "it is a file" })
            }
            None => Err(IoError::NotFound { operation, path: path.to_owned() }),
        }
    }

    fn entry(&self, path: &Path) -> Result<Option<Entry>, IoError> {
        let (state, _) = self.enter(Operation::List, path)?;
        Ok(state.find(path).map(|id| state.entry(path, id)))
    }

    fn touch(&self, path: &Path) -> Result<(), IoError> {
        let (mut state, _) = self.enter(Operation::Write, path)?;
        let now = state.operations;
        let found = state.find(path);
        match found.and_then(|n| state.nodes.get_mut(&n)) {
            Some(Node::File { modified, .. }) => *modified = now,
            _ => return Err(IoError::NotFound { operation: Operation::Write, path: path.to_owned() }),
        }
        Ok(())
    }

    fn free(&self, _path: &Path) -> Option<u64> {
        self.state().free
    }

    fn lock(&self, path: &Path) -> Result<Box<dyn Lock>, IoError> {
        let (mut state, _) = self.enter(Operation::Lock, path)?;
        if state.find(path).is_none() {
            state.write(path, Vec::new())?;
        }
        if !state.locks.insert(path.to_owned()) {
            return Err(IoError::Locked { path: path.to_owned() });
        }
        Ok(Box::new(MemoryLock { state: Arc::clone(&self.state), path: path.to_owned() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::vfs::{RealVfs, write_atomically};

    const LIMIT: u64 = 1_000;

    #[test]
    fn an_atomic_write_leaves_the_old_or_the_new_content_wherever_it_is_stopped() {
        let path = Path::new("folder/file");
        for fault in [Fault::DiskFull, Fault::Denied, Fault::Torn { bytes: 3 }, Fault::Crash] {
            for n in 0..6 {
                for power in [false, true] {
                    let vfs = FaultVfs::new();
                    vfs.put(path, b"old content");
                    vfs.fail_at(n, fault);
                    let result = write_atomically(&vfs, path, &[b"new ", b"content"]);
                    if power {
                        vfs.power_cut();
                    } else {
                        vfs.restart();
                    }
                    let after = vfs.read(path, LIMIT).expect("a file always stands there");
                    if result.is_ok() {
                        assert_eq!(after, b"new content");
                    } else {
                        assert!(after == b"old content" || after == b"new content", "{fault:?} at {n}: {after:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn unsynced_content_and_names_are_lost_in_a_power_cut() {
        let vfs = FaultVfs::new();
        vfs.put(Path::new("a/known"), b"x");
        vfs.write(Path::new("a/known"), &[b"unsynced"]).expect("written");
        vfs.write(Path::new("a/unknown"), &[b"y"]).expect("written");
        vfs.sync(Path::new("a/unknown")).expect("synced, but its name is not");
        vfs.power_cut();
        assert_eq!(vfs.read(Path::new("a/known"), LIMIT), Ok(b"x".to_vec()));
        assert!(vfs.read(Path::new("a/unknown"), LIMIT).expect_err("lost").is_not_found());
    }

    /// The same story on a file system; every answer is compared.
    fn story(vfs: &dyn Vfs, root: &Path) -> Vec<String> {
        let at = |name: &str| root.join(name);
        let code = |e: IoError| e.to_string()[..6].to_owned();
        let mut told = Vec::new();
        let mut tell = |r: Result<String, IoError>| told.push(r.unwrap_or_else(code));
        tell(vfs.read(&at("nothing"), LIMIT).map(|_| String::new()));
        tell(vfs.write(&at("none/file"), &[b"x"]).map(|()| String::new()));
        tell(vfs.create_folder(&at("f/g")).map(|()| "made".to_owned()));
        tell(vfs.create_folder(&at("f/g")).map(|()| "made again".to_owned()));
        tell(vfs.write(&at("f/b"), &[b"12", b"34"]).map(|()| "written".to_owned()));
        tell(vfs.write(&at("f/a"), &[b"5"]).map(|()| "written".to_owned()));
        tell(vfs.read(&at("f/b"), LIMIT).map(|c| format!("{c:?}")));
        tell(vfs.read(&at("f/b"), 3).map(|c| format!("{c:?}")));
        tell(vfs.read(&at("f"), LIMIT).map(|c| format!("{c:?}")));
        tell(vfs.sync(&at("f/a")).and_then(|()| vfs.sync_folder(&at("f"))).map(|()| "synced".to_owned()));
        tell(vfs.touch(&at("f/a")).map(|()| "touched".to_owned()));
        let names = |l: Vec<Entry>| {
            l.iter().map(|e| format!("{} {:?} {}", e.file_name(), e.kind, e.bytes)).collect::<Vec<_>>().join(", ")
        };
        tell(vfs.list(&at("f")).map(names));
        tell(vfs.rename(&at("f/a"), &at("f/b")).map(|()| "replaced".to_owned()));
        tell(vfs.rename(&at("f"), &at("h")).map(|()| "moved".to_owned()));
        tell(vfs.list(&at("h")).map(names));
        tell(vfs.entry(&at("f")).map(|e| format!("{}", e.is_none())));
        tell(vfs.remove(&at("f")).map(|()| String::new()));
        let lock = vfs.lock(&at("h/.lock")).expect("free");
        tell(vfs.lock(&at("h/.lock")).map(|_| String::new()));
        drop(lock);
        tell(vfs.lock(&at("h/.lock")).map(|_| "free again".to_owned()));
        tell(vfs.remove_folder(&at("h")).map(|()| "removed".to_owned()));
        tell(vfs.list(&at("h")).map(names));
        told
    }

    #[test]
    fn the_file_system_in_memory_answers_as_the_real_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let real = story(&RealVfs, folder.path());
        assert_eq!(story(&FaultVfs::new(), Path::new("")), real);
        assert!(real.contains(&"EV0710".to_owned()) && real.contains(&"EV0713".to_owned()));
        assert!(real.contains(&"EV0714".to_owned()) && real.contains(&"EV0715".to_owned()));
    }

    #[test]
    fn a_full_disk_and_a_refusal_have_their_own_codes() {
        let vfs = FaultVfs::new();
        for (fault, code) in [(Fault::DiskFull, "EV0712"), (Fault::Denied, "EV0711"), (Fault::Crash, "EV0716")] {
            vfs.fail_at(0, fault);
            let error = vfs.write(Path::new("file"), &[b"x"]).expect_err("a fault is due");
            assert!(error.to_string().starts_with(code), "{error}");
            assert_eq!(error.exit_code(), 74);
        }
    }
}
