//! Rules of ARCHITECTURE.md and STYLE.md as failures.
//!
//! Each rule is one function over a [`Tree`], and carries a made-up tree on which it must fail. That tree is tried first, on
//! every run: a rule that finds nothing wrong there can no longer see, and that is a failure too.

mod cards;
mod commits;
mod crates;
mod errors;
mod files;
mod furniture;
mod model;
mod size;
mod words;

use crate::tree::Tree;
use std::path::Path;

/// Whether a finding stops the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Shown.
    Warn,
    /// Shown, and the task fails.
    Fail,
}

/// Something that a rule found.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    level: Level,
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn fail(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { level: Level::Fail, path: path.to_owned(), line, message: message.into() }
    }

    fn warn(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { level: Level::Warn, ..Self::fail(path, line, message) }
    }
}

/// A rule, why it exists, and an input on which it must fail.
struct Rule {
    name: &'static str,
    reason: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
    bad: fn() -> Tree,
}

/// Every rule, in the order in which they report.
fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        size::RULES,
        crates::RULES,
        words::RULES,
        cards::RULES,
        model::RULES,
        errors::RULES,
        files::RULES,
        furniture::RULES,
        commits::RULES,
    ]
    .into_iter()
    .flatten()
}

/// `cargo xtask tidy`.
pub(crate) fn command(root: &Path) -> Result<(), String> {
    let tree = Tree::from_disk(root)?;
    for note in &tree.notes {
        eprintln!("note: {note}");
    }
    let (mut failures, mut warnings, mut count) = (0, 0, 0);
    for rule in rules() {
        count += 1;
        if is_blind(rule) {
            eprintln!("{}: finds nothing wrong in its own bad example", rule.name);
            failures += 1;
        }
        let mut findings = (rule.check)(&tree);
        findings.sort();
        if findings.iter().any(|f| f.level == Level::Fail) {
            eprintln!("{}: {}", rule.name, rule.reason);
        }
        for f in findings {
            let level = if f.level == Level::Fail { "fail" } else { "warn" };
            eprintln!("  {level} [{}] {}:{}: {}", rule.name, f.path, f.line, f.message);
            if f.level == Level::Fail { failures += 1 } else { warnings += 1 }
        }
    }
    println!("tidy: {count} rules, {failures} failures, {warnings} warnings");
    if failures == 0 { Ok(()) } else { Err(format!("{failures} failures")) }
}

fn is_blind(rule: &Rule) -> bool {
    !(rule.check)(&(rule.bad)()).iter().any(|f| f.level == Level::Fail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_fails_on_its_own_bad_example() {
        let blind: Vec<&str> = rules().filter(|r| is_blind(r)).map(|r| r.name).collect();
        assert!(blind.is_empty(), "{blind:?}");
    }

    #[test]
    fn every_rule_has_a_name_of_its_own_and_a_reason() {
        let names: BTreeSet<&str> = rules().map(|r| r.name).collect();
        assert_eq!(names.len(), rules().count());
        assert!(rules().all(|r| r.reason.len() > 20));
    }
}
