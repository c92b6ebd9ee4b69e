//! The folder of Societies already built: `$EXITVOICE_CACHE`, else `exitvoice` in the user's cache folder; at most 10 GB, the
//! least recently used go first. Only whole files with the right key are used; anything else is named, removed and built again.

use super::section_file::{self, Key, SectionError, Sections};
use super::vfs::{Entry, EntryKind, IoError, Vfs, temporary_of};
use exitvoice_core::parallel::Pool;
use std::path::{Path, PathBuf};

/// Largest total of all files, in bytes.
pub const CAP: u64 = 10_000_000_000;

/// What a file holds; the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Content {
    /// The whole country.
    Society,
    /// Candidates for the force, their kin, households and neighbourhoods: all that a run reads.
    Extract,
}

impl Content {
    /// Ending of the file's name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Society => "society",
            Self::Extract => "extract",
        }
    }
}

/// What the cache had.
#[derive(Debug)]
pub enum Found {
    /// A whole file with the right key; it now counts as just used.
    Hit(Sections),
    /// Nothing.
    Absent,
    /// A damaged or foreign file, which has been removed: build again, and tell the user.
    Removed(SectionError),
}

/// One file of the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheEntry {
    /// Where it is.
    pub path: PathBuf,
    /// Key, 64 hexadecimal digits.
    pub key: String,
    /// What it holds.
    pub content: Content,
    /// Length in bytes.
    pub bytes: u64,
}

/// The cache folder.
#[derive(Clone, Debug)]
pub struct Cache<'a> {
    vfs: &'a dyn Vfs,
    folder: PathBuf,
    cap: u64,
}

/// Neither `EXITVOICE_CACHE` nor a home folder is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("EV0730: no folder for the cache: set EXITVOICE_CACHE, XDG_CACHE_HOME or HOME to a folder")]
pub struct NoCacheFolder;

/// Folder of the cache by the user's environment: `EXITVOICE_CACHE`, else `exitvoice` below `XDG_CACHE_HOME`, below
/// `LOCALAPPDATA` (Windows) or below `.cache` in `HOME`. Empty variables and relative XDG folders do not count.
///
/// # Errors
/// None of them is set.
pub fn folder_from(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Result<PathBuf, NoCacheFolder> {
    let set = |name: &str| variable(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let below = |base: Option<PathBuf>| base.filter(|p| p.is_absolute()).map(|p| p.join("exitvoice"));
    set("EXITVOICE_CACHE")
        .or_else(|| below(set("XDG_CACHE_HOME")))
        .or_else(|| below(set("LOCALAPPDATA")))
        .or_else(|| below(set("HOME").map(|home| home.join(".cache"))))
        .ok_or(NoCacheFolder)
}

impl<'a> Cache<'a> {
    /// The cache in a folder, which is made when something is first stored.
    #[must_use]
    pub const fn new(vfs: &'a dyn Vfs, folder: PathBuf) -> Self {
        Self { vfs, folder, cap: CAP }
    }

    /// The same with another cap, in bytes.
    #[must_use]
    pub fn with_cap(self, cap: u64) -> Self {
        Self { cap, ..self }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// File of a key.
    #[must_use]
    pub fn path_of(&self, key: &Key, content: Content) -> PathBuf {
        self.folder.join(format!("{}.{}", key.hex(), content.ending()))
    }

    /// Looks for a key and verifies every byte of what it finds.
    ///
    /// # Errors
    /// The file is there but cannot be read, or is damaged and cannot be removed.
    pub fn find(&self, key: &Key, content: Content, pool: &Pool) -> Result<Found, IoError> {
        let path = self.path_of(key, content);
        match section_file::read(self.vfs, &path, key, pool) {
            Ok(sections) => {
                // A cache on a read-only disk still serves; then only its order of use is lost.
                let _ = self.vfs.touch(&path);
                Ok(Found::Hit(sections))
            }
            Err(SectionError::Io(error)) if error.is_not_found() => Ok(Found::Absent),
            Err(SectionError::Io(error)) => Err(error),
            Err(damage) => self.vfs.remove(&path).map(|()| Found::Removed(damage)),
        }
    }

    /// Stores a content atomically, then removes the least recently used files while the total is over the cap.
    /// The new file itself stays.
    ///
    /// # Errors
    /// The folder or file cannot be written, or an old file not removed.
    pub fn store(
        &self,
        key: &Key,
        content: Content,
        sections: &[(&str, &[u8])],
        pool: &Pool,
    ) -> Result<PathBuf, IoError> {
        let path = self.path_of(key, content);
        self.vfs.create_folder(&self.folder)?;
        section_file::write(self.vfs, &path, key, sections, pool)?;
        self.shrink(&path)?;
        Ok(path)
    }

    /// Files of the cache, the least recently used first.
    ///
    /// # Errors
    /// The folder is there but cannot be listed.
    pub fn list(&self) -> Result<Vec<CacheEntry>, IoError> {
        let mut entries: Vec<Entry> = match self.vfs.list(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.is_not_found() => Vec::new(),
            Err(error) => return Err(error),
        };
        entries.sort_by_key(|e| e.modified);
        Ok(entries.iter().filter_map(cache_entry).collect())
    }

    /// Removes every file of the cache, also those that an interrupted write left, and nothing else; returns what was removed.
    ///
    /// # Errors
    /// The folder cannot be listed or a file not removed.
    pub fn clear(&self) -> Result<Vec<CacheEntry>, IoError> {
        let files = self.list()?;
        for file in &files {
            self.vfs.remove(&file.path)?;
        }
        if self.vfs.entry(&self.folder)?.is_some() {
            self.remove_leftovers(|_| true)?;
        }
        Ok(files)
    }

    /// Removes temporary files of processes that `dead` picks.
    fn remove_leftovers(&self, dead: impl Fn(u32) -> bool) -> Result<(), IoError> {
        for entry in self.vfs.list(&self.folder)? {
            if leftover_of(&entry).is_some_and(&dead) {
                self.vfs.remove(&entry.path)?;
            }
        }
        Ok(())
    }

    fn shrink(&self, keep: &Path) -> Result<(), IoError> {
        // Where the system does not show its processes, leftovers of killed ones wait for `cache clear`.
        if self.vfs.entry(Path::new("/proc/self")).is_ok_and(|e| e.is_some()) {
            let alive =
                |process: u32| self.vfs.entry(Path::new(&format!("/proc/{process}"))).is_ok_and(|e| e.is_some());
            self.remove_leftovers(|process| !alive(process))?;
        }
        let files = self.list()?;
        let mut total: u64 = files.iter().map(|f| f.bytes).sum();
        for file in files.iter().filter(|f| f.path != keep) {
            if total <= self.cap {
                break;
            }
            self.vfs.remove(&file.path)?;
            total -= file.bytes;
        }
        Ok(())
    }
}

fn cache_entry(entry: &Entry) -> Option<CacheEntry> {
    let (key, ending) = entry.file_name().split_once('.')?;
    let content = [Content::Society, Content::Extract].into_iter().find(|c| c.ending() == ending)?;
    let is_key = key.len() == 64 && key.bytes().all(|b| b.is_ascii_hexdigit());
    let (path, key) = (entry.path.clone(), key.to_owned());
    (is_key && entry.kind == EntryKind::File).then_some(CacheEntry { path, key, content, bytes: entry.bytes })
}

/// Process of a temporary file that stands for a file of the cache.
fn leftover_of(entry: &Entry) -> Option<u32> {
    let (name, process) = temporary_of(entry.file_name())?;
    cache_entry(&Entry { path: PathBuf::from(name), ..entry.clone() }).map(|_| process)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::fault::FaultVfs;
    use crate::io::section_file::to_bytes;
    use std::ffi::OsString;

    fn pool() -> Pool {
        Pool::new(1).expect("a thread")
    }

    fn key(n: u8) -> Key {
        Key([n; 32])
    }

    fn store(cache: &Cache<'_>, n: u8) -> PathBuf {
        let column = to_bytes(&[u32::from(n); 1_000]);
        cache.store(&key(n), Content::Extract, &[("column", &column)], &pool()).expect("stored")
    }

    fn kept(cache: &Cache<'_>) -> Vec<String> {
        let mut kept: Vec<String> = cache.list().expect("listed").into_iter().map(|e| e.key[..2].to_owned()).collect();
        kept.sort();
        kept
    }

    #[test]
    fn a_stored_content_is_found_by_its_key_alone() {
        let vfs = FaultVfs::new();
        let cache = Cache::new(&vfs, PathBuf::from("cache"));
        assert!(matches!(cache.find(&key(1), Content::Extract, &pool()), Ok(Found::Absent)));
        store(&cache, 1);
        match cache.find(&key(1), Content::Extract, &pool()).expect("readable") {
            Found::Hit(sections) => assert_eq!(sections.column::<u32>("column").expect("there"), vec![1; 1_000]),
            other => panic!("expected a hit, found {other:?}"),
        }
        assert!(matches!(cache.find(&key(2), Content::Extract, &pool()), Ok(Found::Absent)));
        assert!(matches!(cache.find(&key(1), Content::Society, &pool()), Ok(Found::Absent)));
    }

    #[test]
    fn damaged_and_foreign_files_are_removed_and_named() {
        let vfs = FaultVfs::new();
        let cache = Cache::new(&vfs, PathBuf::from("cache"));
        let path = store(&cache, 1);
        let mut content = vfs.read(&path, CAP).expect("there");
        let last = content.len() - 1;
        content[last] ^= 1;
        vfs.put(&path, &content);
        let found = cache.find(&key(1), Content::Extract, &pool()).expect("removed");
        assert!(matches!(found, Found::Removed(SectionError::Corrupt { .. })), "{found:?}");
        assert!(matches!(cache.find(&key(1), Content::Extract, &pool()), Ok(Found::Absent)));
        let other = vfs.read(&store(&cache, 2), CAP).expect("there");
        vfs.put(&path, &other);
        let found = cache.find(&key(1), Content::Extract, &pool()).expect("removed");
        assert!(matches!(found, Found::Removed(SectionError::Foreign { .. })), "{found:?}");
    }

    #[test]
    fn every_flipped_bit_and_every_truncation_of_a_file_is_found_and_the_file_removed() {
        let (vfs, pool) = (FaultVfs::new(), pool());
        let cache = Cache::new(&vfs, PathBuf::from("cache"));
        let column = to_bytes(&[7_u32; 20]);
        let path = cache.store(&key(1), Content::Extract, &[("column", &column)], &pool).expect("stored");
        let whole = vfs.read(&path, CAP).expect("there");
        assert!((300..2_000).contains(&whole.len()), "{}", whole.len());
        let spoilt = |bytes: &[u8]| {
            vfs.put(&path, bytes);
            let found = cache.find(&key(1), Content::Extract, &pool).expect("removed");
            assert!(matches!(found, Found::Removed(_)), "{found:?}");
            assert!(vfs.entry(&path).expect("readable").is_none(), "the damaged file is gone");
        };
        for bit in 0..whole.len() * 8 {
            let mut flipped = whole.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            spoilt(&flipped);
        }
        (0..whole.len()).for_each(|length| spoilt(&whole[..length]));
    }

    #[test]
    fn over_the_cap_the_least_recently_used_files_go() {
        let vfs = FaultVfs::new();
        let cache = Cache::new(&vfs, PathBuf::from("cache")).with_cap(13_500);
        for n in [1, 2, 3] {
            store(&cache, n);
        }
        assert_eq!(kept(&cache), ["01", "02", "03"], "three files of about 4.2 kB fit");
        assert!(matches!(cache.find(&key(1), Content::Extract, &pool()), Ok(Found::Hit(_))));
        store(&cache, 4);
        assert_eq!(kept(&cache), ["01", "03", "04"], "the second was used longest ago");
        let tiny = cache.clone().with_cap(10);
        store(&tiny, 5);
        assert_eq!(kept(&tiny), ["05"], "the file just written stays even alone over the cap");
    }

    #[test]
    fn clearing_removes_the_files_of_the_cache_and_nothing_else() {
        let vfs = FaultVfs::new();
        let cache = Cache::new(&vfs, PathBuf::from("cache"));
        assert_eq!(cache.clear(), Ok(Vec::new()), "no folder, nothing to clear");
        let path = store(&cache, 1);
        vfs.put(Path::new("cache/letter.txt"), b"keep");
        vfs.put(&crate::io::vfs::temporary_name(&path), b"half");
        assert_eq!(cache.clear().expect("cleared").len(), 1);
        let left: Vec<_> =
            vfs.list(Path::new("cache")).expect("there").iter().map(|e| e.file_name().to_owned()).collect();
        assert_eq!(left, ["letter.txt"]);
    }

    #[test]
    fn storing_removes_what_killed_processes_left_and_spares_the_living() {
        let vfs = FaultVfs::new();
        let cache = Cache::new(&vfs, PathBuf::from("cache"));
        let name = format!("{}.extract", key(9).hex());
        for (process, alive) in [(11, true), (12, false)] {
            vfs.put(Path::new(&format!("cache/.{name}.{process}.partial")), b"half");
            if alive {
                vfs.put(Path::new(&format!("/proc/{process}/status")), b"");
            }
        }
        vfs.put(Path::new("/proc/self/status"), b"");
        store(&cache, 1);
        let left: Vec<_> =
            vfs.list(Path::new("cache")).expect("there").iter().map(|e| e.file_name().to_owned()).collect();
        assert_eq!(left.len(), 2);
        assert!(left.contains(&format!(".{name}.11.partial")), "{left:?}");
    }

    #[test]
    fn the_folder_follows_the_environment() {
        let with = |set: &[(&str, &str)]| {
            let set: Vec<(String, OsString)> = set.iter().map(|(k, v)| ((*k).to_owned(), OsString::from(v))).collect();
            folder_from(move |name| set.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone()))
        };
        let found = |path: &str| Ok(PathBuf::from(path));
        assert_eq!(with(&[("EXITVOICE_CACHE", "here"), ("HOME", "/home/u")]), found("here"));
        assert_eq!(with(&[("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/u")]), found("/xdg/exitvoice"));
        assert_eq!(with(&[("XDG_CACHE_HOME", "relative"), ("HOME", "/home/u")]), found("/home/u/.cache/exitvoice"));
        assert_eq!(with(&[("EXITVOICE_CACHE", ""), ("HOME", "/home/u")]), found("/home/u/.cache/exitvoice"));
        let none = with(&[]).expect_err("nothing is set");
        assert!(none.to_string().starts_with("EV0730"));
    }
}
