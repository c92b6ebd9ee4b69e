//! Numbers of the model: none without a name, a reason and a source that exists.

use super::{Finding, Rule};
use crate::facts::sources::parameters;
use crate::rust_source::{RustSource, is_word};
use crate::tree::Tree;
use std::collections::BTreeSet;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "bare-literals",
        reason: "a number other than 0, 1, 2 in a mechanism is a parameter, or a const that says what it is",
        check: bare_literals,
        bad: || Tree::made_up(&[("crates/exitvoice-model/src/mechanism/a.rs", "fn rate() -> f64 { 0.004 }\n")]),
    },
    Rule {
        name: "sources",
        reason: "a source named by a parameter is a key of docs/sources.bib or a row of the evidence",
        check: sources,
        bad: || {
            let text = "#[params(prefix = \"a\", part = Force)]\npub struct P {\n    /// X.\n    #[param(default = \"1\", \
                        prior = \"fixed\", grade = Measured, source = \"nobody1900\", why = \"x\")]\n    pub x: f64,\n}\n";
            Tree::made_up(&[("crates/exitvoice-model/src/a.rs", text)])
        },
    },
    Rule {
        name: "parameters",
        reason: "every parameter says why it has its value, once, under a key of its own",
        check: complete,
        bad: || {
            let text = "#[params(prefix = \"a\", part = Force)]\npub struct P {\n    /// X.\n    #[param(default = \"1\", \
                        prior = \"fixed\", grade = Assumed, why = \"\")]\n    pub x: f64,\n}\n";
            Tree::made_up(&[("crates/exitvoice-model/src/a.rs", text)])
        },
    },
];

fn bare_literals(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, source) in tree.rust_in("crates/exitvoice-model/src/mechanism/") {
        let code = without_attributes_and_named_consts(source);
        for (i, line) in code.lines().enumerate().filter(|(i, _)| !source.is_test_line(i + 1)) {
            for number in numbers(line).into_iter().filter(|n| !is_plain(n)) {
                found.push(Finding::fail(path, i + 1, format!("the bare number {number}")));
            }
        }
    }
    found
}

/// The code with attributes, and consts that have a doc comment, blanked.
fn without_attributes_and_named_consts(source: &RustSource) -> String {
    let texts: Vec<&str> = source.text.lines().collect();
    let mut kept = String::new();
    let (mut in_attribute, mut in_const, mut documented) = (0_i32, false, false);
    for (code, text) in source.code.lines().zip(&texts) {
        let trimmed = code.trim();
        let depth = |c: char, d: char| code.matches(c).count() as i32 - code.matches(d).count() as i32;
        if in_attribute > 0 || trimmed.starts_with("#[") || trimmed.starts_with("#![") {
            in_attribute += depth('[', ']');
            kept.push('\n');
            continue;
        }
        let is_const =
            ["const ", "pub const ", "pub(crate) const ", "pub(super) const "].iter().any(|c| trimmed.starts_with(c));
        in_const |= is_const && documented && !trimmed.contains(" fn ");
        if !in_const {
            kept.push_str(code);
        }
        kept.push('\n');
        in_const &= !trimmed.ends_with(';');
        documented = text.trim_start().starts_with("///") || documented && trimmed.is_empty();
    }
    kept
}

/// Number literals of a line of code; tuple fields (`x.0`) are none.
fn numbers(line: &str) -> Vec<String> {
    let characters: Vec<char> = line.chars().collect();
    let mut found = Vec::new();
    let mut i = 0;
    while i < characters.len() {
        let before = i.checked_sub(1).map(|b| characters[b]);
        let starts = characters[i].is_ascii_digit() && !before.is_some_and(is_word);
        if !starts {
            i += 1;
            continue;
        }
        let field = before == Some('.') && i >= 2 && (is_word(characters[i - 2]) || ")]".contains(characters[i - 2]));
        let mut number = String::new();
        while let Some(c) = characters.get(i).filter(|c| continues(&number, **c, characters.get(i + 1).copied())) {
            number.push(*c);
            i += 1;
        }
        if !field {
            found.push(number);
        }
    }
    found
}

/// Whether a character still belongs to a number: digits, suffixes, one point before a digit, a sign after an exponent.
fn continues(number: &str, c: char, next: Option<char>) -> bool {
    match c {
        '.' => !number.contains('.') && !next.is_some_and(|n| n == '.' || n.is_alphabetic() || n == '_'),
        '+' | '-' => number.ends_with(['e', 'E']) && !number.starts_with("0x"),
        _ => is_word(c),
    }
}

/// 0, 1 or 2, in any type.
fn is_plain(number: &str) -> bool {
    let digits: String = number.chars().filter(|c| *c != '_').collect();
    let value = ["f64", "f32", "u8", "u16", "u32", "u64", "usize", "i32", "i64", "i8", "i16", "isize", "u128"]
        .iter()
        .find_map(|suffix| digits.strip_suffix(suffix))
        .unwrap_or(&digits);
    ["0", "1", "2", "0.0", "1.0", "2.0", "0.", "1.", "2."].contains(&value)
}

/// Everything that may be named as a source: bibliography keys, and ids of the evidence and of the claims.
fn known_sources(tree: &Tree) -> BTreeSet<&str> {
    let bibliography = tree.files.get("docs/sources.bib").map_or("", String::as_str);
    let keys = bibliography.lines().filter_map(|l| l.trim().strip_prefix('@')?.split_once('{')?.1.split(',').next());
    let tables = tree.files_in("crates/exitvoice/data/evidence/", ".csv");
    let rows = tables.flat_map(|(_, text)| text.lines().skip(1)).filter_map(|l| l.split(',').next());
    keys.chain(rows).map(str::trim).filter(|k| !k.is_empty()).collect()
}

fn sources(tree: &Tree) -> Vec<Finding> {
    let known = known_sources(tree);
    let mut found = Vec::new();
    for p in parameters(tree) {
        let named = p.get("source");
        let nameless = format!("`{}` is {} but names no source", p.key, p.get("grade"));
        match p.get("grade") {
            "Measured" if named.is_empty() => found.push(Finding::fail(&p.path, p.line, nameless)),
            // The other case may be named in `why` instead.
            "Analogue" if named.is_empty() => found.push(Finding::warn(&p.path, p.line, nameless)),
            _ => {}
        }
        for key in named.split([',', ';', ' ']).filter(|k| !k.is_empty() && !known.contains(k)) {
            found.push(Finding::fail(&p.path, p.line, format!("`{}`: there is no source `{key}`", p.key)));
        }
    }
    for (path, source) in tree.rust_in("crates/exitvoice-model/src/mechanism/") {
        for (i, line) in source.module_doc().into_iter().enumerate() {
            let quoted = line.split('`').skip(1).step_by(2);
            for key in quoted.filter(|k| looks_like_key(k) && !known.contains(k)) {
                found.push(Finding::fail(path, i + 1, format!("there is no source `{key}`")));
            }
        }
    }
    found
}

/// A name and a year, as `edele2017`.
fn looks_like_key(word: &str) -> bool {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    word.len() == name.len() + 4 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') && !name.is_empty()
}

fn complete(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut keys = BTreeSet::new();
    for p in parameters(tree) {
        for name in ["default", "prior", "grade", "why"] {
            if p.get(name).is_empty() {
                found.push(Finding::fail(&p.path, p.line, format!("`{}` has no {name}", p.key)));
            }
        }
        if p.get("prior") == "fixed" && p.get("grade") == "Assumed" {
            found.push(Finding::warn(
                &p.path,
                p.line,
                format!("`{}` is assumed, yet nothing about it is uncertain", p.key),
            ));
        }
        if !keys.insert(p.key.clone()) {
            found.push(Finding::fail(&p.path, p.line, format!("`{}` is defined twice", p.key)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "crates/exitvoice-model/src/mechanism/a.rs";

    #[test]
    fn numbers_are_found_in_any_notation_and_tuple_fields_are_not() {
        assert_eq!(numbers("let x = 0.5 + y.1 * 3_000u32 - 1e-3;"), ["0.5", "3_000u32", "1e-3"]);
        assert_eq!(numbers("for i in 0..60 { a[7] } v2.f(x.0.1)"), ["0", "60", "7"]);
        assert_eq!(numbers("0x1F + 1.0.max(2.5)"), ["0x1F", "1.0", "2.5"]);
    }

    #[test]
    fn zero_one_and_two_are_plain_in_every_type() {
        assert!(["0", "1.0", "2_u64", "1f64", "0_usize"].iter().all(|n| is_plain(n)));
        assert!(!["3", "0.5", "10", "1e-3", "20"].iter().any(|n| is_plain(n)));
    }

    #[test]
    fn attributes_documented_consts_comments_and_tests_may_hold_numbers() {
        let text = "/// Days in a week.\npub const WEEK: f64 =\n    7.0;\nconst BARE: f64 = 8.0;\n#[param(default = x9,\n    n = 5)]\n\
                    fn a() {} // 12\n#[cfg(test)]\nmod tests {\n    const X: f64 = 99.0;\n}\n";
        let found = bare_literals(&Tree::made_up(&[(PATH, text)]));
        assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn a_source_may_be_a_bibliography_key_or_a_row_of_the_evidence() {
        let row = |source: &str, grade: &str| {
            format!(
                "#[params(prefix = \"a\", part = Force)]\npub struct P {{\n    /// X.\n    #[param(default = \"1\", prior = \"fixed\", \
                 grade = {grade}, source = \"{source}\", why = \"x\")]\n    pub x: f64,\n}}\n"
            )
        };
        let found = |text: &str| {
            let tree = Tree::made_up(&[
                (PATH, text),
                ("docs/sources.bib", "@article{edele2017,\n  title = {x}\n}\n"),
                ("crates/exitvoice/data/evidence/sources.csv", "id,topic\nSB001,songbun\n"),
            ]);
            sources(&tree).len()
        };
        assert_eq!(found(&row("edele2017, SB001", "Measured")), 0);
        assert_eq!(found(&row("", "Assumed")), 0);
        assert_eq!(found(&row("", "Measured")), 1);
        assert_eq!(found(&row("SB999", "Assumed")), 1);
    }

    #[test]
    fn keys_in_cards_are_looked_up_too() {
        let card = "//! # A\n//! ## Sources  `edele2017` p. 3, see `Params` and `nobody1900`\n";
        let tree = Tree::made_up(&[(PATH, card), ("docs/sources.bib", "@book{edele2017,\n")]);
        assert_eq!(sources(&tree).iter().map(|f| f.line).collect::<Vec<_>>(), [2]);
        assert!(looks_like_key("un_wpp2019") && !looks_like_key("run2") && !looks_like_key("SB0001"));
    }

    #[test]
    fn a_key_defined_twice_is_found() {
        let text = "#[params(prefix = \"a\", part = Force)]\npub struct P {\n    /// X.\n    #[param(default = \"1\", \
                    prior = \"fixed\", grade = Definition, why = \"x\")]\n    pub x: f64,\n}\n";
        let twice = Tree::made_up(&[(PATH, text), ("crates/exitvoice-model/src/b.rs", text)]);
        assert_eq!(complete(&twice).len(), 1);
    }
}
