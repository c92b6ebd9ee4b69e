//! Facts read from the sources: parameters, error codes, the schedule.

use crate::rust_source::{RustSource, closing, is_word, line_of};
use crate::tree::Tree;
use std::collections::BTreeMap;

/// One parameter as written beside its equation.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Prefix of the struct and name of the field.
    pub(crate) key: String,
    /// First paragraph of its doc comment.
    pub(crate) description: String,
    /// Type of the field, which fixes the dimension.
    pub(crate) kind: String,
    /// `History`, `Force` or `Observe`.
    pub(crate) part: String,
    /// `symbol`, `default`, `prior`, `grade`, `source`, `why`, and `lever` where it stands.
    pub(crate) attributes: BTreeMap<String, String>,
    /// Where it is written.
    pub(crate) path: String,
    /// Line of its attribute.
    pub(crate) line: usize,
}

impl Parameter {
    /// An attribute, or nothing.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }
}

/// Every parameter outside tests, by key.
pub(crate) fn parameters(tree: &Tree) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = tree
        .rust_in("crates/")
        .filter(|(p, _)| p.contains("/src/") && !p.contains("/_") && !p.starts_with("crates/exitvoice-macros/"))
        .flat_map(|(path, source)| parameters_of(path, source))
        .collect();
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found
}

fn parameters_of(path: &str, source: &RustSource) -> Vec<Parameter> {
    let text: Vec<char> = source.text.chars().collect();
    let code: Vec<char> = source.code.chars().collect();
    let structs = positions(&code, "#[params(");
    let mut found = Vec::new();
    for start in structs {
        let open = start + "#[params".len();
        let (Some(end), Some(brace)) = (closing(&code, open), code[start..].iter().position(|c| *c == '{')) else {
            continue;
        };
        let head = attributes(&text[open + 1..end].iter().collect::<String>());
        let Some(last) = closing(&code, start + brace) else { continue };
        for at in positions(&code[..last], "#[param(").into_iter().filter(|p| *p > start) {
            let line = line_of(&code, at);
            if source.is_test_line(line) {
                continue;
            }
            if let Some(mut parameter) = parameter(&text, &code, at) {
                parameter.key = format!("{}.{}", head.get("prefix").map_or("", String::as_str), parameter.key);
                parameter.part = head.get("part").cloned().unwrap_or_default();
                parameter.path = path.to_owned();
                parameter.line = line;
                found.push(parameter);
            }
        }
    }
    found
}

/// Reads the attribute at `at` and the field that follows it.
fn parameter(text: &[char], code: &[char], at: usize) -> Option<Parameter> {
    let open = at + "#[param".len();
    let end = closing(code, open)?;
    let rest: String = code[end + 2..].iter().collect();
    let field = without_visibility(rest.trim_start());
    let (name, kind) = field.split_once(':')?;
    Some(Parameter {
        key: name.trim().to_owned(),
        description: doc_before(&text[..at]),
        kind: kind.split([',', '}']).next().unwrap_or_default().trim().to_owned(),
        attributes: attributes(&text[open + 1..end].iter().collect::<String>()),
        ..Parameter::default()
    })
}

/// Reads `name = "text"`, `name = Word` and bare `name`, separated by commas.
fn attributes(inside: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut characters = inside.chars().peekable();
    loop {
        while characters.next_if(|c| !is_word(*c)).is_some() {}
        let mut name = String::new();
        while let Some(c) = characters.next_if(|c| is_word(*c)) {
            name.push(c);
        }
        if name.is_empty() {
            return found;
        }
        while characters.next_if(|c| *c == ' ' || *c == '=' || *c == '\n').is_some() {}
        let mut value = String::new();
        if characters.next_if(|c| *c == '"').is_some() {
            while let Some(c) = characters.next().filter(|c| *c != '"') {
                match (c, characters.peek()) {
                    ('\\', Some('\n')) => while characters.next_if(|c| c.is_whitespace()).is_some() {},
                    ('\\', _) => value.extend(characters.next()),
                    _ => value.push(c),
                }
            }
        } else {
            while let Some(c) = characters.next_if(|c| is_word(*c) || *c == ':') {
                value.push(c);
            }
        }
        found.insert(name, value);
    }
}

fn positions(code: &[char], wanted: &str) -> Vec<usize> {
    let wanted: Vec<char> = wanted.chars().collect();
    (0..code.len()).filter(|i| code[*i..].starts_with(&wanted)).collect()
}

/// One error code as written in the sources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ErrorCode {
    /// As `EV0203`.
    pub(crate) code: String,
    /// The message after the code, with its placeholders.
    pub(crate) message: String,
    /// Name of the variant or type that carries it, where one follows.
    pub(crate) carrier: String,
    /// Where.
    pub(crate) path: String,
    /// Line of the message.
    pub(crate) line: usize,
}

/// Every message that starts with an error code, outside tests, by code.
pub(crate) fn errors(tree: &Tree) -> Vec<ErrorCode> {
    let mut found: Vec<ErrorCode> = Vec::new();
    for (path, source) in tree.rust_in("crates/") {
        for (line, text) in source.strings.iter().filter(|(l, _)| !source.is_test_line(*l)) {
            let Some((code, message)) = text.split_at_checked(6).filter(|(c, _)| is_error_code(c)) else { continue };
            let Some(message) = message.strip_prefix(": ") else { continue };
            found.push(ErrorCode {
                code: code.to_owned(),
                message: one_line(message),
                carrier: carrier(source, *line),
                path: path.to_owned(),
                line: *line,
            });
        }
    }
    found.sort();
    found
}

/// Whether a text is `EV` and four digits.
pub(crate) fn is_error_code(text: &str) -> bool {
    text.len() == 6 && text.starts_with("EV") && text[2..].chars().all(|c| c.is_ascii_digit())
}

/// The escapes of a literal undone and its line breaks joined.
fn one_line(literal: &str) -> String {
    let joined = literal.replace("\\\n", "\n").replace("\\n", " ").replace("\\\"", "\"");
    joined.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first name with a capital letter on the lines after `line`: a variant or a struct.
fn carrier(source: &RustSource, line: usize) -> String {
    let lines = source.code.lines().skip(line).map(str::trim).take(6);
    for text in lines.filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let name = without_visibility(text).trim_start_matches("struct ");
        if name.starts_with(|c: char| c.is_uppercase()) {
            return name.chars().take_while(|c| is_word(*c)).collect();
        }
    }
    String::new()
}

/// One of the const tables of the model's `schedule.rs`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ScheduleTable {
    /// Name of the const.
    pub(crate) name: String,
    /// Its doc comment.
    pub(crate) description: String,
    /// One row per mechanism, in order.
    pub(crate) steps: Vec<Step>,
}

/// A mechanism's place in the schedule.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Step {
    /// Stage, from the mechanism's own `SPEC`.
    pub(crate) stage: String,
    /// Folder and file, as `exit::attempt`.
    pub(crate) mechanism: String,
    /// First sentence of its card.
    pub(crate) summary: String,
    /// The comment before the entry in the table; empty where the entry before says it for both.
    pub(crate) reason: String,
}

/// The const tables that list mechanisms (`...::SPEC`), in the order of the file.
pub(crate) fn schedule(tree: &Tree) -> Vec<ScheduleTable> {
    let Some(source) = tree.rust.get("crates/exitvoice-model/src/schedule.rs") else { return Vec::new() };
    let text: Vec<char> = source.text.chars().collect();
    let code: Vec<char> = source.code.chars().collect();
    let mut tables = Vec::new();
    for at in positions(&code, "pub const ") {
        let rest: String = code[at..].iter().take_while(|c| **c != ';').collect();
        let Some(open) = rest.find("= &[").map(|b| at + rest[..b].chars().count() + 3) else { continue };
        let Some(end) = closing(&code, open) else { continue };
        let steps = entries(tree, &text[open + 1..end], &code[open + 1..end]);
        if !steps.is_empty() {
            let name = rest["pub const ".len()..].chars().take_while(|c| is_word(*c)).collect();
            tables.push(ScheduleTable { name, description: doc_before(&text[..at]), steps });
        }
    }
    tables
}

/// The rows of a table: entries are separated by commas outside brackets.
fn entries(tree: &Tree, text: &[char], code: &[char]) -> Vec<Step> {
    let mut found = Vec::new();
    let (mut start, mut depth) = (0, 0_i32);
    for i in 0..=code.len() {
        match code.get(i) {
            Some('{' | '(' | '[') => depth += 1,
            Some('}' | ')' | ']') => depth -= 1,
            Some(',') if depth == 0 => {
                found.extend(entry(tree, &text[start..i], &code[start..i]));
                start = i + 1;
            }
            None => found.extend(entry(tree, &text[start..i], &code[start..i])),
            _ => {}
        }
    }
    found
}

fn entry(tree: &Tree, text: &[char], code: &[char]) -> Vec<Step> {
    let text: String = text.iter().collect();
    let reason: Vec<&str> = text.lines().filter_map(|l| l.split_once("//")).map(|(_, c)| c.trim()).collect();
    let mut reason = Some(reason.join(" "));
    let code: String = code.iter().collect();
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::SPEC") {
        let path: String = code[..at].chars().rev().take_while(|c| is_word(*c) || *c == ':').collect();
        let path: String = path.chars().rev().collect();
        let mechanism = original(tree, path.trim_start_matches("crate::").trim_start_matches("mechanism::"));
        let (stage, summary) = card(tree, &mechanism);
        found.push(Step { stage, mechanism, summary, reason: reason.take().unwrap_or_default() });
    }
    found
}

/// A path whose first part was imported under another name (`use ...::control as at_home`), with its own name again.
fn original(tree: &Tree, path: &str) -> String {
    let (first, rest) = path.split_once("::").unwrap_or((path, ""));
    let imported = format!(" as {first}");
    let schedule = tree.rust.get("crates/exitvoice-model/src/schedule.rs").map_or("", |source| source.code.as_str());
    let ends = |at: usize| !schedule[at + imported.len()..].starts_with(is_word);
    let Some(at) = schedule.match_indices(&imported).map(|(at, _)| at).find(|at| ends(*at)) else {
        return path.to_owned();
    };
    let name: String = schedule[..at].chars().rev().take_while(|c| is_word(*c)).collect();
    format!("{}::{rest}", name.chars().rev().collect::<String>())
}

/// Stage and first sentence of a mechanism, from its file.
fn card(tree: &Tree, mechanism: &str) -> (String, String) {
    let path = format!("crates/exitvoice-model/src/mechanism/{}.rs", mechanism.replace("::", "/"));
    let Some(source) = tree.rust.get(&path) else { return (String::new(), String::new()) };
    let stage = source.code.split_once("stage: Stage::").map_or("", |(_, rest)| rest);
    let doc = source.module_doc();
    let summary = doc.iter().skip(1).take_while(|l| !l.is_empty() && !l.starts_with('#')).copied().collect::<Vec<_>>();
    (stage.chars().take_while(|c| is_word(*c)).collect(), summary.join(" "))
}

/// The doc comment that ends at the end of a text, in one line.
fn doc_before(text: &[char]) -> String {
    let before: String = text.iter().collect();
    let lines = before.lines().rev().skip_while(|l| l.trim().is_empty());
    let mut doc: Vec<&str> = lines.map_while(|l| l.trim().strip_prefix("///")).map(str::trim).collect();
    doc.reverse();
    doc.join(" ").trim().to_owned()
}

/// An item without `pub`, `pub(crate)`, `pub(super)` before it.
fn without_visibility(item: &str) -> &str {
    if let Some(rest) = item.strip_prefix("pub ") {
        return rest;
    }
    item.strip_prefix("pub(").and_then(|rest| rest.split_once(") ")).map_or(item, |(_, after)| after)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = r#"
#[derive(Params)]
#[params(prefix = "exit.attempt", part = Force)]
pub struct Params {
    /// Fall of the log-hazard,
    /// per unit.
    #[param(symbol = "beta_H", default = "2", prior = "half_normal(2)", grade = Assumed,
            source = "edele2017", why = "sign \"only\"", lever)]
    pub hostage_effect: f64,
    /// Second.
    #[param(default = "0.1 /d", prior = "fixed", grade = Definition, why = "x")]
    pub base: Hazard,
}
pub enum MyError {
    /// Doc.
    #[error("EV0203: `{path}` needs {expected}, \
             found \"{found}\"")]
    Dimension { path: String },
}
#[cfg(test)]
mod tests {
    #[params(prefix = "toy", part = Force)]
    struct Toy {
        #[param(default = "1", prior = "fixed", grade = Definition, why = "x")]
        x: f64,
    }
    const X: &str = "EV9999: only in a test";
}
"#;

    #[test]
    fn parameters_are_read_with_prefix_doc_type_and_attributes() {
        let found = parameters(&Tree::made_up(&[("crates/exitvoice-model/src/a.rs", MODEL)]));
        assert_eq!(
            found.iter().map(|p| p.key.as_str()).collect::<Vec<_>>(),
            ["exit.attempt.base", "exit.attempt.hostage_effect"]
        );
        let hostage = &found[1];
        assert_eq!((hostage.kind.as_str(), hostage.part.as_str(), hostage.line), ("f64", "Force", 7));
        assert_eq!(hostage.description, "Fall of the log-hazard, per unit.");
        assert_eq!(
            (hostage.get("grade"), hostage.get("why"), hostage.get("source")),
            ("Assumed", "sign \"only\"", "edele2017")
        );
        assert!(hostage.attributes.contains_key("lever") && !found[0].attributes.contains_key("lever"));
    }

    #[test]
    fn errors_are_read_with_their_message_and_carrier() {
        let found = errors(&Tree::made_up(&[("crates/exitvoice-model/src/a.rs", MODEL)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].message, "`{path}` needs {expected}, found \"{found}\"");
        assert_eq!((found[0].code.as_str(), found[0].carrier.as_str()), ("EV0203", "Dimension"));
    }

    #[test]
    fn the_schedule_is_read_with_stages_cards_and_reasons() {
        let table = "pub const VERSION: V = v;\n/// The order\n/// of a day.\npub const DAY: &[Step] = &[\n    // losses, first\n    \
                     Step {\n        specs: &[danger::combat::SPEC, crate::mechanism::exit::attempt::SPEC],\n    },\n    \
                     // then\n    Step { spec: mind::danger::SPEC },\n];\npub const NAMES: &[&str] = &[\"a\"];\n";
        let attempt = "//! # Attempt\n//! A soldier leaves.\n//!\n//! ## Equation\npub const SPEC: Spec = Spec { stage: Stage::Exit };\n";
        let tree = Tree::made_up(&[
            ("crates/exitvoice-model/src/schedule.rs", table),
            ("crates/exitvoice-model/src/mechanism/exit/attempt.rs", attempt),
        ]);
        let found = schedule(&tree);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].description.as_str()), ("DAY", "The order of a day."));
        let rows: Vec<_> = found[0].steps.iter().map(|s| (s.mechanism.as_str(), s.reason.as_str())).collect();
        assert_eq!(rows, [("danger::combat", "losses, first"), ("exit::attempt", ""), ("mind::danger", "then")]);
        assert_eq!(
            (found[0].steps[1].stage.as_str(), found[0].steps[1].summary.as_str()),
            ("Exit", "A soldier leaves.")
        );
    }

    #[test]
    fn visibility_is_no_part_of_a_name() {
        for item in ["pub base: f64", "pub(crate) base: f64", "pub(super) base: f64", "base: f64"] {
            assert_eq!(without_visibility(item), "base: f64");
        }
        assert_eq!(without_visibility("published: f64"), "published: f64");
    }

    #[test]
    fn an_import_under_another_name_leads_to_the_same_card() {
        let tree = Tree::made_up(&[(
            "crates/exitvoice-model/src/schedule.rs",
            "use crate::mechanism::{control as at_home, exit};\n",
        )]);
        assert_eq!(original(&tree, "at_home::offence"), "control::offence");
        assert_eq!(original(&tree, "exit::attempt"), "exit::attempt");
    }
}
