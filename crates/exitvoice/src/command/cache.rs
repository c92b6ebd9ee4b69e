//! `cache list` and `cache clear`: the Societies kept for later runs.

use super::{Error, Machine, Outcome};
use crate::io::cache::{CAP, CacheEntry};
use crate::io::memory::human;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The cache, or what was removed from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheOutcome {
    /// Its folder.
    pub folder: PathBuf,
    /// Its files, the least recently used first; after `clear`, the files removed.
    pub files: Vec<CacheEntry>,
    /// Whether they were removed.
    pub cleared: bool,
}

/// Lists the files of the cache.
///
/// # Errors
/// There is no place for a cache, or it cannot be read.
pub fn list(machine: &Machine) -> Result<CacheOutcome, Error> {
    let cache = machine.cache()?;
    Ok(CacheOutcome { folder: cache.folder().to_owned(), files: cache.list()?, cleared: false })
}

/// Removes the files of the cache.
///
/// # Errors
/// There is no place for a cache, or a file cannot be removed.
pub fn clear(machine: &Machine) -> Result<CacheOutcome, Error> {
    let cache = machine.cache()?;
    Ok(CacheOutcome { folder: cache.folder().to_owned(), files: cache.clear()?, cleared: true })
}

impl CacheOutcome {
    fn bytes(&self) -> u64 {
        self.files.iter().map(|f| f.bytes).sum()
    }
}

impl Outcome for CacheOutcome {
    fn to_json(&self) -> Value {
        let file =
            |f: &CacheEntry| json!({ "key": f.key, "content": f.content.ending(), "bytes": f.bytes, "path": f.path });
        json!({
            "out": self.folder,
            "cleared": self.cleared,
            "files": self.files.iter().map(file).collect::<Vec<_>>(),
            "bytes": self.bytes(),
            "cap_bytes": CAP,
        })
    }

    fn text(&self) -> Vec<String> {
        let line = |f: &CacheEntry| format!("{}  {:7}  {:>8}", &f.key[..12], f.content.ending(), human(f.bytes));
        let mut lines: Vec<String> = self.files.iter().map(line).collect();
        let word = if self.cleared { "removed from" } else { "in" };
        lines.push(format!(
            "{} files, {} of at most {}, {word} {}",
            self.files.len(),
            human(self.bytes()),
            human(CAP),
            self.folder.display()
        ));
        if !self.cleared && !self.files.is_empty() {
            lines.push(
                "names and sizes only: a file is verified when it is read, and a damaged one is named and built again"
                    .to_owned(),
            );
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::cache::Content;
    use crate::io::fault::FaultVfs;
    use crate::io::section_file::Key;
    use std::sync::Arc;

    #[test]
    fn the_cache_is_listed_and_cleared() {
        let folder = Some(PathBuf::from("cache"));
        let machine = Machine { vfs: Arc::new(FaultVfs::new()), cache_folder: folder, ..Machine::this() };
        assert_eq!(list(&machine).expect("empty").files.len(), 0);
        let pool = machine.pool().expect("threads");
        let cache = machine.cache().expect("a folder");
        cache.store(&Key([3; 32]), Content::Extract, &[("a", &[1])], &pool).expect("stored");
        assert_eq!(list(&machine).expect("one").to_json()["files"][0]["content"], "extract");
        assert_eq!(clear(&machine).expect("cleared").files.len(), 1);
        assert_eq!(list(&machine).expect("empty").files.len(), 0);
    }
}
