//! Cards of mechanisms: headings, claims, and their line in the schedule.

use super::{Finding, Rule};
use crate::claims;
use crate::rust_source::{RustSource, closing, is_word, words};
use crate::tree::Tree;
use std::collections::BTreeMap;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "card-headings",
        reason: "every mechanism says the same things about itself, in the same order",
        check: headings,
        bad: || Tree::made_up(&[(MECHANISM_SAMPLE, "//! # Attempt\n//!\n//! ## Symbols\n//! ## Equation\n")]),
    },
    Rule {
        name: "card-claims",
        reason: "a checkable sentence names the test that checks it (`cargo xtask claims` lists them all)",
        check: card_claims,
        bad: || {
            Tree::made_up(&[(MECHANISM_SAMPLE, "//! # Attempt\n//! ## Claims\n//! C1 it works (`no_such_test`)\n")])
        },
    },
    Rule {
        name: "scheduled",
        reason: "the order of stages is the model, so a mechanism that is not in schedule.rs does not exist",
        check: scheduled,
        bad: || Tree::made_up(&[(MECHANISM_SAMPLE, "pub const SPEC: Spec = x;\n"), (SCHEDULE, "")]),
    },
    Rule {
        name: "one-writer",
        reason: "a continuous column has exactly one writing mechanism",
        check: one_writer,
        bad: || {
            let spec = "pub const SPEC: Spec = Spec { reads: &[], writes: &[col::FEAR] };\n";
            let other = "crates/exitvoice-model/src/mechanism/mind/other.rs";
            Tree::made_up(&[(MECHANISM_SAMPLE, spec), (other, spec)])
        },
    },
];

const MECHANISM_SAMPLE: &str = "crates/exitvoice-model/src/mechanism/exit/attempt.rs";
const MECHANISMS: &str = "crates/exitvoice-model/src/mechanism/";
const SCHEDULE: &str = "crates/exitvoice-model/src/schedule.rs";
const HEADINGS: [&str; 6] = ["Equation", "Symbols", "Resolution", "Not modelled", "Sources", "Claims"];

/// Mechanism files: below `mechanism/`, without module lists, the template and helper files that have no `SPEC`.
fn mechanisms(tree: &Tree) -> impl Iterator<Item = (&str, &RustSource)> {
    tree.rust_in(MECHANISMS).filter(|(path, _)| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name != "mod.rs" && !name.starts_with('_')
    })
}

fn headings(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in mechanisms(tree) {
        let doc = source.module_doc();
        if !doc.first().is_some_and(|l| l.starts_with("# ")) {
            found.push(Finding::fail(path, 1, "the card starts with `//! # Title`"));
        }
        let place = |heading: &str| {
            doc.iter().position(|l| l.strip_prefix("## ").is_some_and(|h| h.trim().starts_with(heading)))
        };
        let mut before = 0;
        for heading in HEADINGS {
            match place(heading) {
                None => found.push(Finding::fail(path, 1, format!("the card has no `## {heading}`"))),
                Some(at) if at < before => {
                    found.push(Finding::fail(path, at + 1, format!("`## {heading}` stands out of order")));
                }
                Some(at) => before = at,
            }
        }
    }
    found
}

fn card_claims(tree: &Tree) -> Vec<Finding> {
    let all = claims::all(tree);
    let mut found: Vec<Finding> =
        claims::orphans(tree, &all).into_iter().map(|(path, what)| Finding::fail(&path, 1, what)).collect();
    for (path, source) in mechanisms(tree) {
        let has_section = source.module_doc().iter().any(|l| l.starts_with("## Claims"));
        if has_section && !all.iter().any(|c| c.path == path) {
            found.push(Finding::fail(path, 1, "`## Claims` holds no claim (`C1 ... (\\`test\\`)`)"));
        }
    }
    found
}

fn scheduled(tree: &Tree) -> Vec<Finding> {
    let Some(schedule) = tree.rust.get(SCHEDULE) else {
        return mechanisms(tree).take(1).map(|_| Finding::fail(SCHEDULE, 1, "missing")).collect();
    };
    let mut found = Vec::new();
    for (path, source) in mechanisms(tree).filter(|(_, s)| s.code.contains("pub const SPEC")) {
        let stem = path.rsplit('/').next().and_then(|n| n.strip_suffix(".rs")).unwrap_or(path);
        let named =
            schedule.code.match_indices(&format!("{stem}::")).any(|(i, _)| !schedule.code[..i].ends_with(is_word));
        if !named {
            found.push(Finding::fail(
                path,
                1,
                format!("`{stem}` has no line in schedule.rs ({} lines)", source.text.lines().count()),
            ));
        }
    }
    found
}

fn one_writer(tree: &Tree) -> Vec<Finding> {
    let mut writer: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (path, source) in mechanisms(tree) {
        for column in written_columns(source) {
            if let Some(other) = writer.insert(column.clone(), path) {
                found.push(Finding::fail(path, 1, format!("`{column}` is also written by {other}")));
            }
        }
    }
    found
}

/// The entries of `writes: &[...]`, as they are written.
fn written_columns(source: &RustSource) -> Vec<String> {
    let code: Vec<char> = source.code.chars().collect();
    let text: Vec<char> = source.text.chars().collect();
    let lists = words(&code, "writes").filter_map(|at| {
        let open = at + code[at..].iter().take(12).position(|c| *c == '[')?;
        Some(text[open + 1..closing(&code, open)?].iter().collect::<String>())
    });
    let entries = lists.flat_map(|l| l.split(',').map(|c| c.trim().to_owned()).collect::<Vec<_>>());
    entries.filter(|c| !c.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARD: &str = "//! # Attempt\n//! A sentence.\n//!\n//! ## Equation   x = y\n//! ## Symbols\n//! ## Resolution\n\
        //! ## Not modelled\n//! ## Sources\n//! ## Claims   C1 x (`a_test`)\npub const SPEC: Spec = s;\n\
        #[test]\nfn a_test() {}\n";

    #[test]
    fn a_complete_card_passes_and_each_missing_heading_is_named() {
        assert_eq!(headings(&Tree::made_up(&[(MECHANISM_SAMPLE, CARD)])), []);
        for heading in HEADINGS {
            let without = CARD.replace(&format!("## {heading}"), "");
            let found = headings(&Tree::made_up(&[(MECHANISM_SAMPLE, &without)]));
            assert!(found.iter().any(|f| f.message.contains(heading)), "{heading}");
        }
    }

    #[test]
    fn a_claims_section_without_a_claim_is_found() {
        assert_eq!(card_claims(&Tree::made_up(&[(MECHANISM_SAMPLE, CARD)])), []);
        let empty = CARD.replace("C1 x (`a_test`)", "none");
        assert_eq!(card_claims(&Tree::made_up(&[(MECHANISM_SAMPLE, &empty)])).len(), 1);
    }

    #[test]
    fn a_mechanism_is_scheduled_under_its_own_name_only() {
        let tree = |line: &str| Tree::made_up(&[(MECHANISM_SAMPLE, CARD), (SCHEDULE, line)]);
        assert_eq!(scheduled(&tree("step(Stage::Exit, attempt::SPEC);\n")), []);
        assert_eq!(scheduled(&tree("step(Stage::Exit, second_attempt::SPEC);\n")).len(), 1);
        assert_eq!(scheduled(&tree("// attempt::SPEC\n")).len(), 1);
    }

    #[test]
    fn columns_may_be_written_as_paths_or_as_texts() {
        let source = RustSource::new("a.rs", "Spec { writes: &[col::FEAR, \"couples.next_birth\"], reads: &[col::Z] }");
        assert_eq!(written_columns(&source), ["col::FEAR", "\"couples.next_birth\""]);
        assert!(written_columns(&RustSource::new("a.rs", "Spec { writes: &[] }")).is_empty());
    }

    #[test]
    fn module_lists_and_the_template_need_no_card() {
        let tree = Tree::made_up(&[
            ("crates/exitvoice-model/src/mechanism/mod.rs", "pub mod exit;\n"),
            ("crates/exitvoice-model/src/mechanism/_template.rs", "//! # Title\n"),
        ]);
        assert_eq!(headings(&tree), []);
    }
}
