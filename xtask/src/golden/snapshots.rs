//! Snapshots of the crates below the program (`tests/golden.rs`): compared with those in git, or written.
//!
//! Each begins with a version: of the model, the sampler or the observers. Where numbers moved and the version did not, nothing is written.

use super::Mode;
use crate::process::{self, Snapshots};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Crates that have them.
const CRATES: [&str; 3] = ["exitvoice-infer", "exitvoice-observe", "exitvoice-model"];
/// Ends the head of a file, which names the test.
const RULE: &str = "---\n";

/// Compares the snapshots, or writes them.
pub(super) fn check(root: &Path, mode: Mode) -> Result<(), String> {
    let before = read(root)?;
    let packages = CRATES.map(|name| ["--package", name]).concat();
    let arguments = [&["test", "--locked", "--no-fail-fast", "--test", "golden"], packages.as_slice()].concat();
    let snapshots = match mode {
        Mode::Compare => Snapshots::Compare,
        Mode::Accept => Snapshots::Write,
    };
    let (succeeded, _) = process::run_and_read(root, &process::cargo(), &arguments, snapshots)?;
    let unmoved: Vec<&PathBuf> = read(root)?
        .iter()
        .filter_map(|(path, now)| before.get_key_value(path).filter(|(_, then)| moved_in_silence(then, now)))
        .map(|(path, _)| path)
        .collect();
    for path in &unmoved {
        std::fs::write(path, &before[*path]).map_err(|e| format!("`{}`: {e}", path.display()))?;
    }
    match (succeeded, unmoved.first()) {
        (_, Some(first)) => Err(format!(
            "{} moved under the version that they begin with and were not written, `{}` among them: raise the version first, or \
             delete a file whose test tells more than before",
            unmoved.len(),
            first.display()
        )),
        (false, None) => Err("some differ".to_owned()),
        (true, None) => Ok(()),
    }
}

/// Whether numbers moved and the version at their head did not.
fn moved_in_silence(then: &str, now: &str) -> bool {
    let parts = |text: &str| {
        let body = text.splitn(3, RULE).last().unwrap_or(text);
        body.split_once('\n').map_or((body.to_owned(), String::new()), |(a, b)| (a.to_owned(), b.to_owned()))
    };
    let ((version_then, then), (version_now, now)) = (parts(then), parts(now));
    version_then == version_now && then != now
}

/// All snapshots, by path.
fn read(root: &Path) -> Result<BTreeMap<PathBuf, String>, String> {
    let mut found = BTreeMap::new();
    for name in CRATES {
        let folder = root.join("crates").join(name).join("tests/snapshots");
        let failed = |e: std::io::Error| format!("`{}`: {e}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "snap") {
                let text = std::fs::read_to_string(&path).map_err(|e| format!("`{}`: {e}", path.display()))?;
                found.insert(path, text);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_move_with_their_version_only() {
        let file = |version: &str, number: &str| format!("---\nsource: a.rs\n---\n{version}\nx: {number}\n");
        assert!(moved_in_silence(&file("model m1.0", "1"), &file("model m1.0", "2")));
        assert!(!moved_in_silence(&file("model m1.0", "1"), &file("model m1.1", "2")));
        assert!(!moved_in_silence(&file("model m1.0", "1"), &file("model m1.0", "1")));
    }
}
