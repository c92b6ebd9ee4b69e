//! The repository as the rules see it: paths, texts, sizes and commits, from the disk or made up for a test.

use crate::process;
use crate::rust_source::RustSource;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Endings of the files whose text is read.
const TEXT: [&str; 10] = ["rs", "md", "toml", "bib", "csv", "tsv", "txt", "yml", "cff", "sh"];

/// How many commits back the rules about commits look.
const COMMITS: &str = "-50";

/// Everything a rule may look at.
#[derive(Default)]
pub(crate) struct Tree {
    /// Text files by path from the root, with `/`.
    pub(crate) files: BTreeMap<String, String>,
    /// Bytes of every file that git tracks or would track.
    pub(crate) sizes: BTreeMap<String, u64>,
    /// Rust files, taken apart.
    pub(crate) rust: BTreeMap<String, RustSource>,
    /// The last commits that touched `crates/`, newest first.
    pub(crate) commits: Vec<Commit>,
    /// What could not be looked at, in words.
    pub(crate) notes: Vec<String>,
}

/// One commit.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    /// Short hash.
    pub(crate) id: String,
    /// Values of its `Behaviour:` trailers.
    pub(crate) behaviour: Vec<String>,
    /// Paths it changed, each with git's letter for how (`A`, `M`, `D`, ...).
    pub(crate) changes: Vec<(String, String)>,
}

/// The root of the workspace: the nearest folder upward that holds `Cargo.lock` and `xtask`.
pub(crate) fn root() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|e| format!("no current folder: {e}"))?;
    here.ancestors()
        .find(|d| d.join("xtask").is_dir() && d.join("Cargo.lock").is_file())
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("{} lies outside the exitvoice workspace", here.display()))
}

impl Tree {
    /// Reads the work tree: every file that git tracks, or would track, as it stands on the disk.
    pub(crate) fn from_disk(root: &Path) -> Result<Self, String> {
        let listing = process::capture(root, "git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"])?;
        let mut tree = Self::default();
        for path in listing.split('\0').filter(|p| !p.is_empty()) {
            let full = root.join(path);
            let Ok(about) = full.metadata() else { continue };
            if !about.is_file() {
                continue;
            }
            tree.sizes.insert(path.to_owned(), about.len());
            if is_text(path) {
                // Fixtures of bad input need not be UTF-8.
                let bytes = std::fs::read(&full).map_err(|e| format!("could not read {path}: {e}"))?;
                tree.add(path, &String::from_utf8_lossy(&bytes));
            }
        }
        match process::capture(root, "git", &["rev-parse", "--is-shallow-repository"]) {
            Ok(answer) if answer.trim() == "true" => {
                tree.notes.push("shallow clone: commits before its edge were not looked at".to_owned());
            }
            _ => {}
        }
        tree.commits = commits(root)?;
        Ok(tree)
    }

    /// A tree of made-up files, for the tests of the rules.
    pub(crate) fn made_up(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            tree.sizes.insert((*path).to_owned(), text.len() as u64);
            tree.add(path, text);
        }
        tree
    }

    fn add(&mut self, path: &str, text: &str) {
        if path.ends_with(".rs") {
            self.rust.insert(path.to_owned(), RustSource::new(path, text));
        }
        self.files.insert(path.to_owned(), text.to_owned());
    }

    /// Rust files below a folder.
    pub(crate) fn rust_in<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a RustSource)> {
        self.rust.iter().filter(move |(p, _)| p.starts_with(folder)).map(|(p, s)| (p.as_str(), s))
    }

    /// Text files below a folder with an ending.
    pub(crate) fn files_in<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let wanted = move |p: &str| p.starts_with(folder) && p.ends_with(ending);
        self.files.iter().filter(move |(p, _)| wanted(p)).map(|(p, t)| (p.as_str(), t.as_str()))
    }
}

fn is_text(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((_, ending)) => TEXT.contains(&ending),
        None => path == ".ci/run",
    }
}

/// Records start with `\x01`; the fields of the first line are separated by `\x02`.
fn commits(root: &Path) -> Result<Vec<Commit>, String> {
    let format = "--format=%x01%h%x02%(trailers:key=Behaviour,valueonly,separator=%x2C)";
    let log =
        process::capture(root, "git", &["log", COMMITS, "--no-merges", format, "--name-status", "--", "crates/"])?;
    if log.is_empty() {
        return Ok(Vec::new());
    }
    // `-- crates/` also filters the listed paths, so the full list of each commit is asked for separately.
    let ids: Vec<&str> = log.split('\x01').filter_map(|r| r.split('\x02').next()).filter(|i| !i.is_empty()).collect();
    let mut arguments = vec!["show", "--name-status", format];
    arguments.extend(&ids);
    Ok(parse_commits(&process::capture(root, "git", &arguments)?))
}

fn parse_commits(log: &str) -> Vec<Commit> {
    log.split('\x01')
        .filter(|r| !r.trim().is_empty())
        .map(|record| {
            let (first, rest) = record.split_once('\n').unwrap_or((record, ""));
            let (id, trailers) = first.split_once('\x02').unwrap_or((first, ""));
            let words = |text: &str| text.split(',').map(|b| b.trim().to_owned()).filter(|b| !b.is_empty()).collect();
            let change = |line: &str| {
                let mut fields = line.split('\t');
                let how = fields.next()?.chars().next()?.to_string();
                Some((how, fields.next_back()?.to_owned()))
            };
            Commit { id: id.to_owned(), behaviour: words(trailers), changes: rest.lines().filter_map(change).collect() }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_are_read_with_trailers_and_changes() {
        let log = "\x01abc\x02identical\n\nM\tcrates/a.rs\nR100\told.rs\tnew.rs\n\x01def\x02\n\nA\tcrates/b.rs\n";
        let commits = parse_commits(log);
        assert_eq!(commits.len(), 2);
        assert_eq!(commits[0].behaviour, ["identical"]);
        assert_eq!(commits[0].changes[1], ("R".to_owned(), "new.rs".to_owned()));
        assert!(commits[1].behaviour.is_empty());
    }

    #[test]
    fn only_files_with_a_known_ending_are_read_as_text() {
        assert!(is_text("docs/a.md") && is_text(".ci/run") && is_text("crates/x/src/lib.rs"));
        assert!(!is_text("docs/guide/report.png") && !is_text("crates/x/fixture.bin"));
    }
}
