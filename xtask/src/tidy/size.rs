//! Lengths of files and functions.

use super::{Finding, Rule};
use crate::rust_source::RustSource;
use crate::tree::Tree;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "file-length",
        reason: "a file that one person can keep in mind; flat lists may be long, logic may not",
        check: file_length,
        bad: || Tree::made_up(&[("crates/exitvoice-cli/src/main.rs", &"fn a() {}\n".repeat(151))]),
    },
    Rule {
        name: "function-length",
        reason: "a function that fits on a screen",
        check: function_length,
        bad: || {
            let body = format!("fn long() {{\n{}}}\n", "    work();\n".repeat(79));
            Tree::made_up(&[("crates/exitvoice-core/src/a.rs", &body)])
        },
    },
];

/// Lines at which a file is reported, and at which it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Norm {
    warn: usize,
    fail: usize,
}

const MECHANISM: Norm = Norm { warn: 250, fail: 450 };
const MODULE: Norm = Norm { warn: 400, fail: 700 };
const ENTRANCE: Norm = Norm { warn: 80, fail: 150 };
const COMMAND: Norm = Norm { warn: 100, fail: 150 };
const FUNCTION: Norm = Norm { warn: 40, fail: 80 };

/// A file whose module documentation says this holds data, not logic.
const FLAT: &str = "Flat list";

fn norm(path: &str) -> Norm {
    let name = path.rsplit('/').next().unwrap_or(path);
    if path.contains("/src/mechanism/") || path.contains("/src/channel/") {
        MECHANISM
    } else if path.starts_with("crates/exitvoice-cli/src/command") && name != "mod.rs" {
        COMMAND
    } else if path.contains("/src/") && (name == "lib.rs" || name == "main.rs") && !path.contains("exitvoice-macros") {
        ENTRANCE
    } else {
        MODULE
    }
}

fn file_length(tree: &Tree) -> Vec<Finding> {
    let too_long = |(path, source): (&String, &RustSource)| {
        let lines = source.text.lines().count();
        let Norm { warn, fail } = norm(path);
        if is_flat(source) || lines <= warn {
            None
        } else if lines <= fail {
            Some(Finding::warn(path, 1, format!("{lines} lines, the norm is {warn}")))
        } else {
            Some(Finding::fail(path, 1, format!("{lines} lines, the limit is {fail}")))
        }
    };
    tree.rust.iter().filter_map(too_long).collect()
}

fn is_flat(source: &RustSource) -> bool {
    source.module_doc().iter().any(|l| l.contains(FLAT))
}

fn function_length(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in tree.rust.iter().filter(|(p, s)| !is_flat(s) && !p.contains("/examples/")) {
        for f in source.functions() {
            let in_test = source.is_test_line(f.line);
            let message = format!(
                "`{}` has {} lines, the norm is {}, the limit {}",
                f.name, f.length, FUNCTION.warn, FUNCTION.fail
            );
            if f.length > FUNCTION.fail && !in_test {
                found.push(Finding::fail(path, f.line, message));
            } else if f.length > FUNCTION.warn && (!in_test || f.length > FUNCTION.fail) {
                found.push(Finding::warn(path, f.line, message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::Level;

    #[test]
    fn each_kind_of_file_has_its_norm() {
        assert_eq!(norm("crates/exitvoice-model/src/mechanism/exit/attempt.rs"), MECHANISM);
        assert_eq!(norm("crates/exitvoice-observe/src/channel/counts.rs"), MECHANISM);
        assert_eq!(norm("crates/exitvoice-cli/src/command/run.rs"), COMMAND);
        assert_eq!(norm("crates/exitvoice-core/src/lib.rs"), ENTRANCE);
        assert_eq!(norm("crates/exitvoice-core/src/math.rs"), MODULE);
    }

    #[test]
    fn a_long_file_warns_a_longer_one_fails_and_a_flat_list_may_be_long() {
        let text = |n: usize| "x\n".repeat(n);
        let tree = Tree::made_up(&[
            ("crates/a/src/a.rs", &text(401)),
            ("crates/a/src/b.rs", &text(701)),
            ("crates/a/src/c.rs", &format!("//! Flat list of names.\n{}", text(900))),
            ("crates/a/src/d.rs", &text(400)),
        ]);
        let levels: Vec<_> = file_length(&tree).into_iter().map(|f| (f.path, f.level)).collect();
        let expected = [("crates/a/src/a.rs".to_owned(), Level::Warn), ("crates/a/src/b.rs".to_owned(), Level::Fail)];
        assert_eq!(levels, expected);
    }

    #[test]
    fn a_long_test_is_only_a_warning() {
        let text = format!("#[test]\nfn long() {{\n{}}}\n", "    work();\n".repeat(90));
        let found = function_length(&Tree::made_up(&[("crates/a/src/a.rs", &text)]));
        assert_eq!(found.iter().map(|f| f.level).collect::<Vec<_>>(), [Level::Warn]);
    }
}
