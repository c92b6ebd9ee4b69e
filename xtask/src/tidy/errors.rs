//! Error codes: one meaning each, and one test that fires each.

use super::{Finding, Rule};
use crate::facts::sources::{ErrorCode, errors};
use crate::rust_source::is_word;
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "error-codes",
        reason: "an error code has one meaning for ever",
        check: one_meaning,
        bad: || {
            let text = "enum E {\n    #[error(\"EV0101: one\")]\n    A,\n    #[error(\"EV0101: two\")]\n    B,\n}\n";
            Tree::made_up(&[("crates/exitvoice-core/src/a.rs", text)])
        },
    },
    Rule {
        name: "error-tests",
        reason: "a test or fixture for each code proves that it can be raised",
        check: fired,
        bad: || {
            let text = "enum E {\n    #[error(\"EV0101: one\")]\n    Lonely,\n}\n";
            Tree::made_up(&[("crates/exitvoice-core/src/a.rs", text)])
        },
    },
];

fn one_meaning(tree: &Tree) -> Vec<Finding> {
    let mut first: BTreeMap<String, ErrorCode> = BTreeMap::new();
    let mut found = Vec::new();
    for error in errors(tree) {
        match first.get(&error.code) {
            Some(other) => {
                let message =
                    format!("{} already means `{}` in {}:{}", error.code, other.message, other.path, other.line);
                found.push(Finding::fail(&error.path, error.line, message));
            }
            None => {
                first.insert(error.code.clone(), error);
            }
        }
    }
    found
}

/// A code counts as fired where tests name the code itself or the variant that carries it.
fn fired(tree: &Tree) -> Vec<Finding> {
    let mut words: BTreeSet<&str> = BTreeSet::new();
    for source in tree.rust.values() {
        words.extend(source.test_text().flat_map(|l| l.split(|c| !is_word(c))));
    }
    let fixtures = tree.files.iter().filter(|(p, _)| p.contains("/tests/") && !p.ends_with(".rs"));
    let listed: BTreeSet<&str> = fixtures.flat_map(|(_, text)| text.split(|c| !is_word(c))).collect();
    let named = |word: &str| !word.is_empty() && (words.contains(word) || listed.contains(word));
    errors(tree)
        .into_iter()
        .filter(|e| !named(&e.code) && !named(&e.carrier))
        .map(|e| Finding::fail(&e.path, e.line, format!("no test raises {} (`{}`)", e.code, e.carrier)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENUM: &str = "enum E {\n    #[error(\"EV0101: one\")]\n    Lonely { at: u8 },\n}\n";

    #[test]
    fn a_code_is_fired_by_its_own_name_its_variant_or_a_fixture() {
        let path = "crates/exitvoice-core/src/a.rs";
        let by_variant = format!("{ENUM}#[test]\nfn t() {{ matches!(x, E::Lonely {{ .. }}) }}\n");
        assert_eq!(fired(&Tree::made_up(&[(path, &by_variant)])), []);
        let by_code = ("crates/exitvoice-core/tests/t.rs", "fn t() { contains(\"EV0101\") }\n");
        assert_eq!(fired(&Tree::made_up(&[(path, ENUM), by_code])), []);
        let by_fixture = ("crates/exitvoice-core/tests/bad/a.txt", "EV0101 at line 1\n");
        assert_eq!(fired(&Tree::made_up(&[(path, ENUM), by_fixture])), []);
        assert_eq!(fired(&Tree::made_up(&[(path, ENUM)])).len(), 1);
    }

    #[test]
    fn a_second_meaning_names_the_first() {
        let other = ENUM.replace("one", "another");
        let tree = Tree::made_up(&[("crates/a/src/a.rs", ENUM), ("crates/b/src/b.rs", &other)]);
        let found = one_meaning(&tree);
        assert_eq!(found.len(), 1);
        assert!(found[0].message.contains("crates/b/src/b.rs:2") || found[0].message.contains("crates/a/src/a.rs:2"));
    }
}
