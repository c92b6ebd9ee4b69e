//! The documents that every contributor relies on.

use super::{Finding, Rule};
use crate::calibrate::{FAILED, HEADER, Rests, TABLE, missing, rests};
use crate::rust_source::is_word;
use crate::tree::Tree;
use std::collections::BTreeSet;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "decisions",
        reason: "a decision record says what was decided, why, and what would change our mind",
        check: decisions,
        bad: || Tree::made_up(&[("docs/adr/0001-x.md", "# 1. X\n\n## Context\n"), ("docs/adr/0003-y.md", "")]),
    },
    Rule {
        name: "architecture",
        reason: "ARCHITECTURE.md is read in one sitting and names every crate",
        check: architecture,
        bad: || Tree::made_up(&[("ARCHITECTURE.md", &"line\n".repeat(200)), ("crates/exitvoice-web/Cargo.toml", "")]),
    },
    Rule {
        name: "links",
        reason: "a link to a file of the project leads somewhere",
        check: links,
        bad: || Tree::made_up(&[("docs/guide/a.md", "See [it](../nowhere.md).\n")]),
    },
    Rule {
        name: "named-documents",
        reason: "a comment that names a document names one that a reader has",
        check: named_documents,
        bad: || Tree::made_up(&[("crates/a/src/a.rs", "//! Equation 3.2 of `nowhere.md`.\n")]),
    },
    Rule {
        name: "calibration",
        reason: "every long suite has its last result in the table, of the present model, and nothing failed in it",
        check: calibration,
        bad: || {
            let law = "pub const MODEL_VERSION: ModelVersion = ModelVersion { law: 3, draws: 1 };\n";
            let table = format!("{HEADER}\nsbc,100,17,0,m3.0,3,5,0123abc,500,low\n");
            let [sampler, observers] = VERSIONS.map(|(_, name)| format!("pub const {name}3;\n"));
            Tree::made_up(&[(SCHEDULE, law), (VERSIONS[0].0, &sampler), (VERSIONS[1].0, &observers), (TABLE, &table)])
        },
    },
];

const SCHEDULE: &str = "crates/exitvoice-model/src/schedule.rs";

/// Versions of sampler and observers.
const VERSIONS: [(&str, &str); 2] = [
    ("crates/exitvoice-infer/src/lib.rs", "SAMPLER_VERSION: u32 = "),
    ("crates/exitvoice-observe/src/lib.rs", "OBSERVER_VERSION: u32 = "),
];

/// Every row of the table of long results names the present versions of what its suite rests on.
fn calibration(tree: &Tree) -> Vec<Finding> {
    let digits = |rest: &str| -> String { rest.chars().take_while(char::is_ascii_digit).collect() };
    let number = |text: &str, name: &str| -> Option<String> {
        let rest = text.split_once("MODEL_VERSION: ModelVersion = ModelVersion {")?.1.split_once(name)?.1;
        Some(digits(rest.trim_start_matches([':', ' '])))
    };
    let version = tree.files.get(SCHEDULE).and_then(|t| Some((number(t, "law")?, number(t, "draws")?)));
    let Some((law, draws)) = version else { return vec![Finding::fail(SCHEDULE, 1, "no model version is found here")] };
    let model = format!("m{law}.{draws}");
    let read = |(path, name): (&str, &str)| Some(digits(tree.files.get(path)?.split_once(name)?.1));
    let [Some(sampler), Some(observers)] = VERSIONS.map(read) else {
        return vec![Finding::fail(VERSIONS[0].0, 1, "no version of sampler or observers is found")];
    };
    let Some(table) = tree.files.get(TABLE) else { return vec![Finding::fail(TABLE, 1, "missing")] };
    let mut found = Vec::new();
    if table.lines().next() != Some(HEADER) {
        found.push(Finding::fail(TABLE, 1, format!("has the columns `{HEADER}`")));
    }
    found.extend(missing(table).map(|suite| Finding::fail(TABLE, 1, format!("has no row of `{suite}`: run it"))));
    for (i, row) in table.lines().enumerate().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let known = (cells.len() == HEADER.split(',').count()).then(|| rests(cells[0])).flatten();
        let Some(on) = known else {
            found.push(Finding::fail(TABLE, i + 1, format!("is no row of a long suite under `{HEADER}`")));
            continue;
        };
        if cells[FAILED] != "0" {
            found.push(Finding::fail(TABLE, i + 1, format!("has {} checks that failed", cells[FAILED])));
        }
        let now = [
            ("model", &model, on != Rests::Sampler),
            ("sampler", &sampler, on != Rests::Model),
            ("observers", &observers, on == Rests::All),
        ];
        for ((what, now, counts), cell) in now.into_iter().zip(&cells[FAILED + 1..]) {
            if counts && cell != now {
                found.push(Finding::fail(TABLE, i + 1, format!("is no result of {what} {now}: run the suite again")));
            }
        }
    }
    found
}

const SECTIONS: [&str; 5] =
    ["Status:", "## Context", "## Decision", "## Consequences", "## What would change our mind"];

fn decisions(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, (path, text)) in tree.files_in("docs/adr/0", ".md").enumerate() {
        let number = format!("docs/adr/{:04}-", n + 1);
        if !path.starts_with(&number) {
            found.push(Finding::fail(path, 1, format!("numbers run without gaps; expected {number}...")));
        }
        for section in SECTIONS.iter().filter(|s| !text.lines().any(|l| l.starts_with(**s))) {
            found.push(Finding::fail(path, 1, format!("has no `{section}`")));
        }
    }
    found
}

fn architecture(tree: &Tree) -> Vec<Finding> {
    let path = "ARCHITECTURE.md";
    let Some(text) = tree.files.get(path) else { return vec![Finding::fail(path, 1, "missing")] };
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines >= 200 {
        found.push(Finding::fail(path, lines, format!("{lines} lines, the limit is 199")));
    }
    for (manifest, _) in tree.files_in("crates/", "/Cargo.toml") {
        let name = manifest.split('/').nth(1).unwrap_or(manifest);
        if !text.contains(name) {
            found.push(Finding::fail(path, 1, format!("does not name the crate `{name}`")));
        }
    }
    found
}

/// Relative targets of Markdown links, resolved against the folder of the page.
fn links(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files_in("", ".md") {
        let folder = path.rsplit_once('/').map_or("", |(f, _)| f);
        for (i, line) in text.lines().enumerate() {
            for target in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let file = target.split('#').next().unwrap_or(target);
                if file.is_empty() || file.contains("://") || file.starts_with("mailto:") {
                    continue;
                }
                let full = resolve(folder, file);
                let exists = tree.sizes.keys().any(|p| *p == full || p.starts_with(&format!("{full}/")));
                if !exists {
                    found.push(Finding::fail(path, i + 1, format!("leads nowhere: {target}")));
                }
            }
        }
    }
    found
}

/// File names ending in `.md` in comments, looked up by name alone.
fn named_documents(tree: &Tree) -> Vec<Finding> {
    let known: BTreeSet<&str> = tree.files_in("", ".md").filter_map(|(p, _)| p.rsplit('/').next()).collect();
    let mut found = Vec::new();
    for (path, source) in tree.rust_in("crates/") {
        for (i, line) in source.comments.lines().enumerate() {
            let words = line.split(|c: char| !(is_word(c) || c == '.' || c == '-')).map(|w| w.trim_end_matches('.'));
            for word in words.filter(|w| w.ends_with(".md") && !known.contains(w)) {
                found.push(Finding::fail(path, i + 1, format!("there is no document `{word}`")));
            }
        }
    }
    found
}

fn resolve(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|p| !p.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_decision_passes_and_a_gap_is_found() {
        let text = SECTIONS.join("\n");
        let good = [("docs/adr/0001-a.md", text.as_str()), ("docs/adr/0002-b.md", text.as_str())];
        assert_eq!(decisions(&Tree::made_up(&good)), []);
        let gap = [("docs/adr/0001-a.md", text.as_str()), ("docs/adr/0003-b.md", text.as_str())];
        assert_eq!(decisions(&Tree::made_up(&gap)).len(), 1);
    }

    #[test]
    fn architecture_must_exist_and_name_each_crate() {
        assert_eq!(architecture(&Tree::default()).len(), 1);
        let tree = |text: &str| Tree::made_up(&[("ARCHITECTURE.md", text), ("crates/exitvoice-core/Cargo.toml", "")]);
        assert_eq!(architecture(&tree("exitvoice-core holds ids\n")), []);
        assert_eq!(architecture(&tree("nothing\n")).len(), 1);
    }

    #[test]
    fn documents_are_looked_up_by_name() {
        let tree =
            Tree::made_up(&[("docs/odd/design.md", ""), ("crates/a/src/a.rs", "// see design.md. And `other.md`\n")]);
        assert_eq!(named_documents(&tree).len(), 1);
    }

    #[test]
    fn links_are_resolved_against_the_folder_of_the_page() {
        assert_eq!(resolve("docs/guide", "../adr/0001-x.md"), "docs/adr/0001-x.md");
        let tree = Tree::made_up(&[
            ("docs/guide/a.md", "[x](../adr/0001-x.md) [w](https://example.org) [h](#top) [d](../adr)\n"),
            ("docs/adr/0001-x.md", ""),
        ]);
        assert_eq!(links(&tree), []);
    }

    #[test]
    fn a_result_is_of_the_present_versions_of_what_its_suite_rests_on() {
        let law = "pub const MODEL_VERSION: ModelVersion = ModelVersion { law: 3, draws: 1 };\n";
        let [sampler, observers] = VERSIONS.map(|(_, name)| format!("pub const {name}3;\n"));
        let stale = |row: &str| {
            let table = format!("{HEADER}\n{row}\n");
            let files =
                [(SCHEDULE, law), (VERSIONS[0].0, &sampler), (VERSIONS[1].0, &observers), (TABLE, table.as_str())];
            // Beside the suites that have no row.
            calibration(&Tree::made_up(&files)).len() - missing(&table).count()
        };
        for (row, findings) in [
            ("sbc,100,18,0,m3.1,3,3,0123abc,500,", 0),
            ("sbc,100,18,0,m3.1,3,2,0123abc,500,", 1),
            ("sbc,100,18,0,m3.0,2,2,0123abc,500,", 3),
            ("sbc,100,16,2,m3.1,3,3,0123abc,500,", 1),
            ("sbibm,100,36,0,m2.9,3,1,0123abc,500,", 0),
            ("sbibm,100,36,0,m2.9,2,1,0123abc,500,", 1),
            ("patterns,,21,0,m3.1,1,1,0123abc,500,", 0),
            ("patterns,,21,0,m3.0,1,1,0123abc,500,", 1),
            ("weather,,21,0,m3.1,3,3,0123abc,500,", 1),
            ("sbc,100,18,0,m3.1,0123abc,500,", 1),
        ] {
            assert_eq!(stale(row), findings, "{row}");
        }
    }
}
