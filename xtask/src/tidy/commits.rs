//! What commits say about behaviour.

use super::{Finding, Rule};
use crate::tree::{Commit, Tree};

pub(super) const RULES: &[Rule] = &[Rule {
    name: "behaviour",
    reason: "a commit that touches crates/ says whether results stay `identical`, are `redrawn`, or have `changed`",
    check: behaviour,
    bad: || Tree { commits: vec![Commit { id: "abc".to_owned(), ..Commit::default() }], ..Tree::default() },
}];

fn behaviour(tree: &Tree) -> Vec<Finding> {
    tree.commits.iter().filter_map(|c| wrong(c).map(|message| Finding::fail(&c.id, 0, message))).collect()
}

/// What is wrong with a commit: the trailer against what it did to the golden results and to MODEL_CHANGELOG.
fn wrong(commit: &Commit) -> Option<String> {
    let [word] = commit.behaviour.as_slice() else {
        return Some("needs one trailer `Behaviour: identical|redrawn|changed`".to_owned());
    };
    let moved = commit
        .changes
        .iter()
        .find(|(how, path)| how == "M" && path.starts_with("golden/") && path.ends_with("digest.txt"));
    // A snapshot may move with the test that writes it, when that tells more.
    let crate_of = |path: &str| path.split_once("/tests/").map(|(crate_path, _)| crate_path.to_owned());
    let told_more = |path: &str| {
        let test = crate_of(path).map(|c| format!("{c}/tests/golden.rs"));
        commit.changes.iter().any(|(_, changed)| Some(changed) == test.as_ref())
    };
    let snapshot = commit.changes.iter().find(|(how, path)| how == "M" && path.ends_with(".snap") && !told_more(path));
    if let ("identical", Some((_, path))) = (word.as_str(), snapshot) {
        return Some(format!("says `identical` but moves {path}"));
    }
    let told = commit.changes.iter().any(|(_, path)| path == "MODEL_CHANGELOG.md");
    match (word.as_str(), moved) {
        ("identical", Some((_, path))) => Some(format!("says `identical` but moves {path}")),
        ("changed" | "redrawn", Some(_)) if !told => {
            Some(format!("says `{word}` without a line in MODEL_CHANGELOG.md"))
        }
        ("identical" | "redrawn" | "changed", _) => None,
        (other, _) => Some(format!("`Behaviour: {other}` is none of identical, redrawn, changed")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(behaviour: &[&str], changes: &[(&str, &str)]) -> Commit {
        Commit {
            id: "abc".to_owned(),
            behaviour: behaviour.iter().map(|b| (*b).to_owned()).collect(),
            changes: changes.iter().map(|(how, path)| ((*how).to_owned(), (*path).to_owned())).collect(),
        }
    }

    #[test]
    fn a_refactor_never_moves_a_digest() {
        let moved = [("M", "golden/toy/digest.txt")];
        assert!(wrong(&commit(&["identical"], &moved)).is_some_and(|m| m.contains("golden/toy")));
        assert_eq!(
            wrong(&commit(&["identical"], &[("A", "golden/toy/digest.txt")])),
            None,
            "a first digest moves nothing"
        );
        assert_eq!(wrong(&commit(&["identical"], &[("M", "crates/a.rs")])), None);
        let snapshot = ("M", "crates/a/tests/snapshots/golden__x.snap");
        assert!(wrong(&commit(&["identical"], &[snapshot])).is_some_and(|m| m.contains("golden__x")));
        assert_eq!(wrong(&commit(&["identical"], &[snapshot, ("M", "crates/a/tests/golden.rs")])), None);
    }

    #[test]
    fn a_change_of_results_is_told_to_scientists() {
        let silent = [("M", "golden/toy/digest.txt")];
        let told = [("M", "golden/toy/digest.txt"), ("M", "MODEL_CHANGELOG.md")];
        assert!(wrong(&commit(&["changed"], &silent)).is_some() && wrong(&commit(&["redrawn"], &silent)).is_some());
        assert_eq!(wrong(&commit(&["changed"], &told)), None);
    }

    #[test]
    fn missing_double_and_unknown_words_are_refused() {
        assert!(wrong(&commit(&[], &[])).is_some());
        assert!(wrong(&commit(&["identical", "changed"], &[])).is_some());
        assert!(wrong(&commit(&["same"], &[])).is_some_and(|m| m.contains("none of")));
    }
}
