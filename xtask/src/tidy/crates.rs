//! What a crate must not know: dependencies, the outside world, and the bans that say so.

use super::{Finding, Rule};
use crate::rust_source::is_word;
use crate::tree::Tree;
use std::collections::BTreeSet;
use toml::Table;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "dependencies",
        reason: "each crate exists because of what it must not know (ARCHITECTURE.md); the list below is the whole allowance",
        check: dependencies,
        bad: || {
            let manifest = "[dependencies]\nexitvoice-model.workspace = true\n";
            Tree::made_up(&[("crates/exitvoice-observe/Cargo.toml", manifest)])
        },
    },
    Rule {
        name: "pure",
        reason: "core, record, model, observe and infer see no file system, clock, environment, network, process or hash map",
        check: pure,
        bad: || Tree::made_up(&[("crates/exitvoice-model/src/a.rs", "use std::{fs, fmt};\n")]),
    },
    Rule {
        name: "files-in-io",
        reason: "the facade touches files in `io/` only, through `Vfs`, so that faults can be injected",
        check: files_in_io,
        bad: || Tree::made_up(&[("crates/exitvoice/src/run.rs", "fn a() { std::fs::read(p); }\n")]),
    },
    Rule {
        name: "clippy-bans",
        reason: "a crate's clippy.toml replaces the root's, so it must repeat every ban of the root and of its kind",
        check: clippy_bans,
        bad: || {
            let root = "disallowed-methods = [{ path = \"f64::exp\", reason = \"x\" }]\n";
            let own = "disallowed-methods = [{ path = \"std::fs::read\", reason = \"x\" }]\n";
            Tree::made_up(&[("clippy.toml", root), ("crates/exitvoice-core/clippy.toml", own)])
        },
    },
];

/// Crates without input, output, clock or chance of their own.
const PURE: [&str; 5] =
    ["exitvoice-core", "exitvoice-record", "exitvoice-model", "exitvoice-observe", "exitvoice-infer"];

/// What each crate may depend on, of the project and from outside. Front ends: the facade only.
const ALLOWED: [(&str, &[&str]); 8] = [
    ("exitvoice-macros", &["proc-macro2", "quote", "syn"]),
    ("exitvoice-core", &["exitvoice-macros", "jiff", "libm", "rayon", "thiserror"]),
    ("exitvoice-record", &["exitvoice-core", "thiserror"]),
    ("exitvoice-model", &["exitvoice-core", "exitvoice-record", "csv", "thiserror"]),
    ("exitvoice-observe", &["exitvoice-core", "exitvoice-record", "csv", "thiserror"]),
    ("exitvoice-infer", &["exitvoice-core", "thiserror"]),
    ("exitvoice-cli", &["exitvoice"]),
    ("exitvoice", &["exitvoice-core", "exitvoice-record", "exitvoice-model", "exitvoice-observe", "exitvoice-infer"]),
];

/// Crates whose dependencies from outside are not listed one by one: the edges, where heavy things live.
const EDGES: [&str; 2] = ["exitvoice", "exitvoice-cli"];

fn dependencies(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files_in("crates/", "/Cargo.toml") {
        let name = path.split('/').nth(1).unwrap_or_default();
        let Some((_, allowed)) = ALLOWED.iter().find(|(n, _)| *n == name) else {
            found.push(Finding::fail(
                path,
                1,
                format!("`{name}` is not in the list of crates: add it with its sentence"),
            ));
            continue;
        };
        let Ok(manifest) = text.parse::<Table>() else {
            found.push(Finding::fail(path, 1, "not TOML"));
            continue;
        };
        for dependency in dependency_names(&manifest) {
            let ours = dependency == "exitvoice" || dependency.starts_with("exitvoice-");
            let free = EDGES.contains(&name) && !ours;
            if !free && !allowed.contains(&dependency.as_str()) {
                found.push(Finding::fail(path, 1, format!("`{name}` may not depend on `{dependency}`")));
            }
        }
    }
    found
}

/// Names under `dependencies` and `build-dependencies`, also below `target`; test dependencies are free.
fn dependency_names(manifest: &Table) -> Vec<String> {
    let tables = |holder: &Table| -> Vec<String> {
        ["dependencies", "build-dependencies"]
            .iter()
            .filter_map(|key| holder.get(*key)?.as_table())
            .flat_map(|t| t.keys().cloned())
            .collect()
    };
    let mut names = tables(manifest);
    for (_, target) in manifest.get("target").and_then(toml::Value::as_table).into_iter().flatten() {
        names.extend(target.as_table().map(tables).unwrap_or_default());
    }
    names
}

/// Modules and types of the standard library that a pure crate may not name.
const OUTSIDE: [&str; 12] = [
    "fs",
    "env",
    "net",
    "process",
    "thread",
    "HashMap",
    "HashSet",
    "Instant",
    "SystemTime",
    "stdin",
    "stdout",
    "stderr",
];

fn pure(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in PURE {
        for (path, source) in tree.rust_in(&format!("crates/{name}/src/")) {
            for (line, code) in source.code_lines() {
                let used = tokens(code).find(|t| OUTSIDE.contains(t) && names_std(code, t));
                if let Some(token) = used {
                    found.push(Finding::fail(path, line, format!("`{token}` in a pure crate")));
                }
            }
        }
    }
    found
}

/// Capitalised names are unmistakable; a module name counts where `std` stands on the line or a path continues from it.
fn names_std(code: &str, token: &str) -> bool {
    token.starts_with(char::is_uppercase)
        || tokens(code).any(|t| t == "std")
        || code.contains(&format!("{token}::")) && !code.contains(&format!("crate::{token}::"))
}

fn tokens(code: &str) -> impl Iterator<Item = &str> {
    code.split(|c| !is_word(c)).filter(|t| !t.is_empty())
}

fn files_in_io(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let outside_io = tree.rust_in("crates/exitvoice/src/").filter(|(p, _)| !p.starts_with("crates/exitvoice/src/io"));
    for (path, source) in outside_io {
        for (line, code) in source.code_lines() {
            if tokens(code).any(|t| t == "fs" || t == "OpenOptions") && names_std(code, "fs") {
                found.push(Finding::fail(path, line, "`std::fs` outside `io/`"));
            }
        }
    }
    found
}

fn clippy_bans(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let root = tree.files.get("clippy.toml").map_or_else(BTreeSet::new, |t| bans(t));
    let read: Vec<(String, BTreeSet<String>)> = PURE
        .iter()
        .map(|name| format!("crates/{name}/clippy.toml"))
        .filter_map(|path| tree.files.get(&path).map(|t| (path.clone(), bans(t))))
        .collect();
    let shared: BTreeSet<String> = read.iter().flat_map(|(_, b)| b.iter().cloned()).chain(root).collect();
    for (path, own) in &read {
        for missing in shared.difference(own) {
            found.push(Finding::fail(path, 1, format!("lacks the ban of `{missing}`")));
        }
    }
    if read.len() < PURE.len() && tree.files.contains_key("clippy.toml") {
        found.push(Finding::fail("clippy.toml", 1, "not every pure crate has a clippy.toml of its own"));
    }
    found
}

fn bans(text: &str) -> BTreeSet<String> {
    let table = text.parse::<Table>().unwrap_or_default();
    ["disallowed-methods", "disallowed-types"]
        .iter()
        .filter_map(|key| table.get(*key)?.as_array())
        .flatten()
        .filter_map(|entry| entry.get("path")?.as_str())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(findings: &[Finding]) -> String {
        findings.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn the_three_middle_crates_never_depend_on_each_other() {
        for (crate_name, dependency) in [
            ("exitvoice-model", "exitvoice-observe"),
            ("exitvoice-observe", "exitvoice-infer"),
            ("exitvoice-infer", "exitvoice-record"),
            ("exitvoice-cli", "exitvoice-core"),
            ("exitvoice-core", "serde"),
        ] {
            let manifest = format!("[dependencies]\n{dependency}.workspace = true\n");
            let tree = Tree::made_up(&[(&format!("crates/{crate_name}/Cargo.toml"), &manifest)]);
            assert!(messages(&dependencies(&tree)).contains(dependency), "{crate_name}");
        }
    }

    #[test]
    fn edges_may_take_what_they_need_and_unknown_crates_are_named() {
        let tree = Tree::made_up(&[
            ("crates/exitvoice/Cargo.toml", "[dependencies]\nparquet = \"59\"\n"),
            ("crates/exitvoice-model/Cargo.toml", "[dev-dependencies]\nproptest = \"1\"\n"),
        ]);
        assert_eq!(dependencies(&tree), []);
        let unknown = Tree::made_up(&[("crates/exitvoice-web/Cargo.toml", "")]);
        assert!(messages(&dependencies(&unknown)).contains("not in the list"));
    }

    #[test]
    fn the_outside_is_found_in_code_but_not_in_comments_tests_or_own_names() {
        let text = "// std::fs\nuse crate::process::x;\nlet env = 1;\nlet m: HashMap<u8, u8> = x();\nlet n = thread::spawn(f);\n\
                    #[cfg(test)]\nmod tests { use std::fs; }\n";
        let tree = Tree::made_up(&[("crates/exitvoice-infer/src/a.rs", text)]);
        assert_eq!(pure(&tree).iter().map(|f| f.line).collect::<Vec<_>>(), [4, 5]);
    }

    #[test]
    fn files_may_be_touched_in_io_only() {
        let tree = Tree::made_up(&[
            ("crates/exitvoice/src/io/vfs.rs", "use std::fs::File;\n"),
            ("crates/exitvoice/src/io.rs", "use std::fs::File;\n"),
            ("crates/exitvoice/src/report/mod.rs", "use std::fs;\n"),
        ]);
        assert_eq!(files_in_io(&tree).len(), 1);
    }

    #[test]
    fn bans_are_compared_between_the_root_and_all_pure_crates() {
        let ban = |path: &str| format!("disallowed-types = [{{ path = \"{path}\", reason = \"x\" }}]\n");
        let paths: Vec<String> = PURE.iter().map(|n| format!("crates/{n}/clippy.toml")).collect();
        let same = ban("A");
        let mut files: Vec<(&str, &str)> = paths.iter().map(|p| (p.as_str(), same.as_str())).collect();
        files.push(("clippy.toml", &same));
        assert_eq!(clippy_bans(&Tree::made_up(&files)), []);
        let other = ban("B");
        files[0].1 = &other;
        assert!(messages(&clippy_bans(&Tree::made_up(&files))).contains("lacks the ban of `A`"));
    }
}
