//! One term per concept: banned words, work left undone, paths of one machine.

use super::{Finding, Rule};
use crate::rust_source::is_word;
use crate::tree::Tree;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "banned-words",
        reason: "docs/glossary.md has one term per concept; the words in its last column are not used for it",
        check: banned_words,
        bad: || Tree::made_up(&[("docs/glossary.md", GLOSSARY_SAMPLE), ("docs/guide/a.md", "Each gizmo has kin.\n")]),
    },
    Rule {
        name: "undone",
        reason: "work left undone belongs in an issue with an owner, not in a comment",
        check: undone,
        bad: || Tree::made_up(&[("crates/exitvoice-core/src/a.rs", concat!("// TO", "DO: later\n"))]),
    },
    Rule {
        name: "machine-paths",
        reason: "a path of one machine means nothing on another",
        check: machine_paths,
        bad: || Tree::made_up(&[("docs/guide/a.md", concat!("open /ho", "me/someone/x\n"))]),
    },
];

/// A glossary with one banned word, for the bad example and the tests.
const GLOSSARY_SAMPLE: &str =
    "| term | definition | identifier | not |\n|---|---|---|---|\n| soldier | a person | `Soldier` | `gizmo` |\n";

/// Banned words that have a second, proper meaning in one place.
const ELSEWHERE: [(&str, &str); 1] = [("crates/exitvoice/src/report/", "tick")];

/// A banned word and the term to use.
#[derive(Debug, PartialEq, Eq)]
struct Ban {
    word: String,
    term: String,
}

/// The words between backticks in the last column of the glossary's tables; other text there is advice for people.
fn bans(glossary: &str) -> Vec<Ban> {
    let mut found = Vec::new();
    for line in glossary.lines().filter(|l| l.starts_with("| ") && !l.starts_with("| term")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (Some(term), Some(last)) = (cells.first(), cells.last()) else { continue };
        found.extend(
            last.split('`').skip(1).step_by(2).map(|w| Ban { word: w.to_lowercase(), term: (*term).to_owned() }),
        );
    }
    found
}

fn banned_words(tree: &Tree) -> Vec<Finding> {
    let Some(glossary) = tree.files.get("docs/glossary.md") else {
        return vec![Finding::fail("docs/glossary.md", 1, "missing")];
    };
    let bans = bans(glossary);
    if bans.is_empty() {
        return vec![Finding::fail("docs/glossary.md", 1, "bans no word")];
    }
    let pages = tree.files_in("", ".md").filter(|(p, _)| *p != "docs/glossary.md");
    let sources = tree.rust_in("crates/").map(|(p, s)| (p, s.comments.as_str()));
    let mut found = Vec::new();
    for (path, text) in pages.chain(sources) {
        for (i, line) in text.lines().enumerate() {
            let line = without_code(line).to_lowercase();
            let elsewhere = |word: &str| ELSEWHERE.iter().any(|(place, w)| path.starts_with(place) && *w == word);
            for ban in bans.iter().filter(|b| has_word(&line, &b.word) && !elsewhere(&b.word)) {
                found.push(Finding::fail(path, i + 1, format!("`{}`: the term is {}", ban.word, ban.term)));
            }
        }
    }
    found
}

/// The line without the parts between backticks, which name code.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// Whether the word or its plural stands alone; a hyphen makes it part of another word.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(i, _)| {
        let rest = &line[i + word.len()..];
        let rest = rest.strip_prefix('s').filter(|r| !r.starts_with(is_word)).unwrap_or(rest);
        let joined = |c: char| is_word(c) || c == '-';
        !line[..i].ends_with(joined) && !rest.starts_with(joined)
    })
}

fn undone(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in &tree.rust {
        for (i, line) in source.comments.lines().enumerate() {
            let marks = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
            if let Some(mark) = line.split(|c| !is_word(c)).find(|w| marks.contains(w)) {
                found.push(Finding::fail(path, i + 1, format!("`{mark}` in a comment")));
            }
        }
    }
    found
}

fn machine_paths(tree: &Tree) -> Vec<Finding> {
    let machine = [concat!("/ro", "ot/"), concat!("/wo", "rk/")];
    let people = [concat!("/ho", "me/"), concat!("/Us", "ers/")];
    let mut found = Vec::new();
    for (path, text) in tree.files.iter().filter(|(p, _)| !p.ends_with(".csv")) {
        for (i, line) in text.lines().enumerate() {
            let starts = |at: usize| !line[..at].ends_with(|c: char| is_word(c) || c == '.' || c == '/' || c == '-');
            let made_up = tree.rust.get(path).is_some_and(|s| s.is_test_line(i + 1));
            let folders = if made_up { &[][..] } else { &people[..] }.iter().chain(&machine);
            if let Some(folder) = folders.copied().find(|f| line.match_indices(*f).any(|(at, _)| starts(at))) {
                found.push(Finding::fail(path, i + 1, format!("a path below {folder}")));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_words_are_read_from_the_glossary() {
        assert_eq!(bans(GLOSSARY_SAMPLE), [Ban { word: "gizmo".into(), term: "soldier".into() }]);
        let empty = Tree::made_up(&[("docs/glossary.md", "| term |\n")]);
        assert_eq!(banned_words(&empty)[0].message, "bans no word");
    }

    #[test]
    fn a_banned_word_counts_alone_or_in_the_plural_but_not_in_code_or_compounds() {
        assert!(has_word("each gizmo has", "gizmo") && has_word("the gizmos.", "gizmo"));
        assert!(!has_word("a gizmo-based model", "gizmo") && !has_word("gizmosis", "gizmo"));
        assert_eq!(without_code("a `gizmo` here").trim(), "a   here");
        let tree = Tree::made_up(&[
            ("docs/glossary.md", GLOSSARY_SAMPLE),
            ("crates/a/src/a.rs", "/// A Gizmo of the squad.\nlet gizmo = 1;\n"),
        ]);
        assert_eq!(banned_words(&tree).iter().map(|f| f.line).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn the_marks_of_an_axis_are_no_days() {
        let glossary = GLOSSARY_SAMPLE.replace("gizmo", "tick");
        let found = |path: &str| {
            banned_words(&Tree::made_up(&[("docs/glossary.md", &glossary), (path, "// each tick\n")])).len()
        };
        assert_eq!((found("crates/exitvoice/src/report/axis.rs"), found("crates/exitvoice-model/src/a.rs")), (0, 1));
    }

    #[test]
    fn only_marks_in_comments_count_as_undone() {
        let text = concat!("let s = \"TO", "DO\";\n/* FIX", "ME */\n");
        assert_eq!(undone(&Tree::made_up(&[("xtask/src/a.rs", text)])).iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn addresses_on_the_web_are_not_paths_of_a_machine() {
        let text = concat!("https://example.org/wo", "rk/a and docs/wo", "rk/b\n(/wo", "rk/main)\n");
        let found = machine_paths(&Tree::made_up(&[("README.md", text)]));
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn the_folder_of_a_made_up_person_may_stand_in_a_test() {
        let text = concat!("#[test]\nfn t() { f(\"/ho", "me/someone\"); }\nfn u() { f(\"/ho", "me/someone\"); }\n");
        let found = machine_paths(&Tree::made_up(&[("crates/a/src/a.rs", text)]));
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [3]);
    }
}
