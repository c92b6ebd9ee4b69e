//! `docs/reference/`: everything about the project that would otherwise be written twice.

mod odd;
mod pages;
mod transcript;

use crate::facts::{binary, sources};
use crate::process;
use crate::tree::Tree;
use std::path::Path;

/// Where the pages stand.
const FOLDER: &str = "docs/reference";

/// What to do with the pages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Write them.
    Write,
    /// Compare them with what stands there.
    Check,
}

/// One generated page: file name and text.
pub(crate) type Page = (&'static str, String);

/// Writes or checks every page. A page that cannot be made is an error, but the others are still written or checked.
pub(crate) fn command(root: &Path, mode: Mode) -> Result<(), String> {
    let tree = Tree::from_disk(root)?;
    let (pages, mut wrong) = all(root, &tree);
    match mode {
        Mode::Write => write(root, &pages)?,
        Mode::Check => wrong.extend(stale(root, &pages)?),
    }
    if wrong.is_empty() {
        println!("{} generated pages are in step", pages.len());
        return Ok(());
    }
    Err(format!("{}\n`cargo xtask gen` writes the pages", wrong.join("\n")))
}

/// Every page that can be made, and why the others cannot.
fn all(root: &Path, tree: &Tree) -> (Vec<Page>, Vec<String>) {
    let program = process::build_binary(root, process::With::Alone);
    let program = program.as_deref().map_err(String::clone);
    let made = [
        ("cli.md", program.clone().and_then(|p| binary::command_help(root, p)).map(|help| pages::commands(&help))),
        (
            "codebook.md",
            program.clone().and_then(|p| binary::codebook(root, p)).and_then(|rows| pages::codebook(&rows)),
        ),
        ("errors.md", pages::errors(&sources::errors(tree))),
        ("odd.md", odd::page(tree)),
        ("parameters.md", pages::parameters(&sources::parameters(tree))),
        ("schedule.md", pages::schedule(&sources::schedule(tree))),
        ("transcript.md", program.and_then(transcript::page)),
    ];
    let mut pages = Vec::new();
    let mut wrong = Vec::new();
    for (name, page) in made {
        match page {
            Ok(text) => pages.push((name, text)),
            Err(message) => wrong.push(format!("{FOLDER}/{name}: {message}")),
        }
    }
    (pages, wrong)
}

fn write(root: &Path, pages: &[Page]) -> Result<(), String> {
    let folder = root.join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|e| format!("could not make {FOLDER}: {e}"))?;
    for (name, text) in pages {
        std::fs::write(folder.join(name), text).map_err(|e| format!("could not write {FOLDER}/{name}: {e}"))?;
        println!("{FOLDER}/{name}");
    }
    Ok(())
}

/// Pages whose file is missing or different, and files there that nothing generates.
fn stale(root: &Path, pages: &[Page]) -> Result<Vec<String>, String> {
    let folder = root.join(FOLDER);
    let mut wrong = Vec::new();
    for (name, text) in pages {
        let found = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        if let Some(line) = first_different_line(&found, text) {
            wrong.push(format!("{FOLDER}/{name} is stale from line {line} on"));
        }
    }
    for entry in std::fs::read_dir(&folder).map_err(|e| format!("could not read {FOLDER}: {e}"))? {
        let name =
            entry.map_err(|e| format!("could not read {FOLDER}: {e}"))?.file_name().to_string_lossy().into_owned();
        if !pages.iter().any(|(page, _)| *page == name) {
            wrong.push(format!("{FOLDER}/{name}: nothing generates it"));
        }
    }
    Ok(wrong)
}

fn first_different_line(found: &str, expected: &str) -> Option<usize> {
    if found == expected {
        return None;
    }
    let common = found.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count();
    Some(common + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_page_is_named_with_its_first_different_line() {
        assert_eq!(first_different_line("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_different_line("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_different_line("", "a\n"), Some(1));
    }

    #[test]
    fn missing_changed_and_unknown_pages_are_stale() {
        let root = std::env::temp_dir().join(format!("exitvoice-xtask-gen-{}", std::process::id()));
        let pages = [("a.md", "one\n".to_owned()), ("b.md", "two\n".to_owned())];
        write(&root, &pages).expect("a temporary folder can be written");
        assert_eq!(stale(&root, &pages), Ok(Vec::new()));
        std::fs::write(root.join(FOLDER).join("c.md"), "").expect("writable");
        let changed = [("a.md", "other\n".to_owned()), ("d.md", "new\n".to_owned())];
        let named = stale(&root, &changed).expect("readable").join(" ");
        std::fs::remove_dir_all(&root).expect("made above");
        for part in ["a.md is stale from line 1", "d.md is stale", "b.md: nothing", "c.md: nothing"] {
            assert!(named.contains(part), "{named}");
        }
    }
}
