//! Files that must be listed, complete, small and run.

use super::{Finding, Rule};
use crate::rust_source::is_word;
use crate::tree::Tree;
use std::collections::BTreeSet;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "ignored-tests",
        reason: "an ignored test says why; `cargo xtask ci --full` runs it",
        check: ignored,
        bad: || Tree::made_up(&[("crates/a/src/a.rs", "#[test]\n#[ignore]\nfn slow() {}\n")]),
    },
    Rule {
        name: "file-size",
        reason: "a file above one megabyte stays in every clone for ever",
        check: file_size,
        bad: || {
            let mut tree = Tree::default();
            tree.sizes.insert("docs/film.bin".to_owned(), LARGEST + 1);
            tree
        },
    },
    Rule {
        name: "scenarios",
        reason: "a shipped scenario is described for users and run by a test",
        check: scenarios,
        bad: || Tree::made_up(&[("crates/exitvoice/scenarios/lonely.toml", "format = 1\n")]),
    },
    Rule {
        name: "golden",
        reason: "a golden scenario without results compares with nothing",
        check: golden,
        bad: || Tree::made_up(&[("golden/toy/scenario.toml", "format = 1\n")]),
    },
    Rule {
        name: "manifest",
        reason: "each data file names its source, licence, retrieval date and hash in MANIFEST.toml",
        check: manifest,
        bad: || {
            let files =
                [("crates/exitvoice/data/MANIFEST.toml", ""), ("crates/exitvoice/data/demography/x.csv", "a\n")];
            Tree::made_up(&files)
        },
    },
];

/// Bytes a tracked file may have.
const LARGEST: u64 = 1_000_000;

fn ignored(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in &tree.rust {
        for (i, line) in source.code.lines().enumerate() {
            if line.replace(' ', "").contains("#[ignore]") {
                found.push(Finding::fail(path, i + 1, "`#[ignore]` without a reason"));
            }
        }
    }
    found
}

fn file_size(tree: &Tree) -> Vec<Finding> {
    tree.sizes
        .iter()
        .filter(|(_, bytes)| **bytes > LARGEST)
        .map(|(path, bytes)| Finding::fail(path, 1, format!("{bytes} bytes, the limit is {LARGEST}")))
        .collect()
}

fn scenarios(tree: &Tree) -> Vec<Finding> {
    let described: Vec<&str> =
        tree.files_in("docs/", ".md").chain(tree.files_in("README.md", "")).map(|(_, t)| t).collect();
    let tested: Vec<String> = tree.rust.values().map(|s| s.test_text().collect::<Vec<_>>().join("\n")).collect();
    let mut found = Vec::new();
    for (path, _) in tree.files_in("crates/exitvoice/scenarios/", ".toml") {
        let name = path.rsplit('/').next().and_then(|n| n.strip_suffix(".toml")).unwrap_or(path);
        if !described.iter().any(|text| names(text, name)) {
            found.push(Finding::fail(path, 1, format!("`{name}` is not described in README.md or docs/")));
        }
        if !tested.iter().any(|text| names(text, name)) {
            found.push(Finding::fail(path, 1, format!("no test names `{name}`")));
        }
    }
    found
}

/// Whether a text names the scenario, and not a longer name that contains it.
fn names(text: &str, name: &str) -> bool {
    let joined = |c: char| is_word(c) || c == '-';
    text.match_indices(name).any(|(i, _)| !text[..i].ends_with(joined) && !text[i + name.len()..].starts_with(joined))
}

fn golden(tree: &Tree) -> Vec<Finding> {
    let folders: BTreeSet<&str> =
        tree.files_in("golden/", "").filter_map(|(p, _)| p.rsplit_once('/').map(|(f, _)| f)).collect();
    let mut found = Vec::new();
    for folder in folders {
        for file in ["scenario.toml", "summary.tsv", "digest.txt"] {
            let path = format!("{folder}/{file}");
            if !tree.files.contains_key(&path) {
                found.push(Finding::fail(&path, 1, "missing"));
            }
        }
    }
    found
}

fn manifest(tree: &Tree) -> Vec<Finding> {
    let folder = "crates/exitvoice/data/";
    let path = format!("{folder}MANIFEST.toml");
    let Some(text) = tree.files.get(&path) else {
        return tree.files_in(folder, "").take(1).map(|_| Finding::fail(&path, 1, "missing")).collect();
    };
    tree.sizes
        .keys()
        .filter_map(|p| p.strip_prefix(folder))
        .filter(|p| *p != "MANIFEST.toml" && !p.starts_with("baselines/") && !text.contains(&format!("\"{p}\"")))
        .map(|p| Finding::fail(&format!("{folder}{p}"), 1, "not in MANIFEST.toml"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_test_with_a_reason_is_fine() {
        let text = "#[test]\n#[ignore = \"an hour\"]\nfn slow() {}\n// #[ignore]\n";
        assert_eq!(ignored(&Tree::made_up(&[("crates/a/src/a.rs", text)])), []);
    }

    #[test]
    fn a_scenario_needs_a_description_and_a_test_under_its_own_name() {
        let found = |readme: &str, test: &str| {
            let tree = Tree::made_up(&[
                ("crates/exitvoice/scenarios/toy.toml", ""),
                ("README.md", readme),
                ("crates/exitvoice/tests/t.rs", test),
            ]);
            scenarios(&tree).len()
        };
        assert_eq!(found("run `toy`", "run(\"toy\")"), 0);
        assert_eq!(found("run `toy-squad`", "run(\"toy\")"), 1);
        assert_eq!(found("", ""), 2);
    }

    #[test]
    fn a_complete_golden_folder_passes() {
        let tree = Tree::made_up(&[
            ("golden/a/scenario.toml", "x"),
            ("golden/a/summary.tsv", "x"),
            ("golden/a/digest.txt", "x"),
        ]);
        assert_eq!(golden(&tree), []);
    }

    #[test]
    fn data_files_are_looked_up_by_their_path_below_the_data_folder() {
        let tree = Tree::made_up(&[
            ("crates/exitvoice/data/MANIFEST.toml", "[[file]]\npath = \"demography/x.csv\"\n"),
            ("crates/exitvoice/data/demography/x.csv", "a\n"),
        ]);
        assert_eq!(manifest(&tree), []);
    }
}
