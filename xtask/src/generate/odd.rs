//! The seven elements of the ODD protocol on one page: prose by hand, the rest from the sources.

use super::pages;
use crate::facts::sources;
use crate::tree::Tree;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The whole page.
pub(super) fn page(tree: &Tree) -> Result<String, String> {
    let prose = |name: &str| {
        let path = format!("docs/odd/{name}.md");
        tree.files.get(&path).map(|text| body(text)).ok_or_else(|| format!("{path} is missing"))
    };
    let mut out = format!(
        "# The model, after the ODD protocol\n\n{}\nOverview, design concepts, details (Grimm et al. 2020, `grimm2020`), in that fixed order. \
         Every person is synthetic.\n",
        pages::HEAD
    );
    let mut element = |name: &str, text: &str| {
        out.push_str(&format!("\n## {name}\n\n{}\n", text.trim()));
    };
    element("1. Purpose and patterns", &prose("purpose-and-patterns")?);
    let state = format!("{}\n\n{}\n{}", prose("entities")?.trim(), tables(tree)?, variables(tree)?);
    element("2. Entities, state variables, scales", &state);
    element("3. Process overview and scheduling", &body(&pages::schedule(&sources::schedule(tree))?));
    element("4. Design concepts", &prose("design-concepts")?);
    element("5. Initialisation", &prose("initialisation")?);
    element("6. Input data", &data(tree)?);
    let parameters = body(&pages::parameters(&sources::parameters(tree))?);
    element("7. Submodels", &format!("{}\n\n### Parameters\n\n{}", cards(tree)?.trim(), parameters.trim()));
    Ok(out)
}

/// A page without its title and its remark, its headings two levels deeper.
fn body(text: &str) -> String {
    let lines = text.lines().filter(|l| !l.starts_with("# ") && !l.starts_with("<!--"));
    lines.map(deeper).collect::<Vec<_>>().join("\n")
}

fn deeper(line: &str) -> String {
    if line.starts_with('#') { format!("##{line}") } else { line.to_owned() }
}

const MODEL: &str = "crates/exitvoice-model/src/";

/// Submodels with a card, by name: mechanisms, and the decision rules, which stand in a folder of their own.
fn submodels(tree: &Tree) -> impl Iterator<Item = (String, &crate::rust_source::RustSource)> {
    let named = |path: &str| {
        let below = path.strip_prefix(MODEL)?.strip_suffix(".rs")?;
        let name = below.strip_prefix("mechanism/").unwrap_or(below);
        Some(name.strip_suffix("/mod").unwrap_or(name).replace('/', "."))
    };
    let is_one = |path: &str, code: &str| code.contains("const SPEC") || path.contains("/src/decision/");
    tree.rust_in(MODEL)
        .filter(move |(path, source)| !path.contains("/_") && is_one(path, &source.code))
        .filter_map(move |(path, source)| Some((named(path)?, source)))
}

/// The names between quotes in a list that begins after `field`.
fn names_after<'a>(text: &'a str, field: &str) -> Vec<&'a str> {
    let list = text.split_once(field).and_then(|(_, rest)| rest.split(']').next()).unwrap_or_default();
    list.split('"').skip(1).step_by(2).collect()
}

/// Structs that hold what changes, or is kept, from step to step, by the file they stand in.
const STATE: [(&str, &str); 24] = [
    ("society/history/mod.rs", "History"),
    ("society/history/mod.rs", "Search"),
    ("society/history/mod.rs", "Due"),
    ("society/person.rs", "Life"),
    ("society/person.rs", "Links"),
    ("society/person.rs", "Persons"),
    ("society/person.rs", "Marriages"),
    ("society/moves.rs", "Moves"),
    ("society/control/files.rs", "Files"),
    ("society/control/mod.rs", "Control"),
    ("society/control/mod.rs", "Clock"),
    ("society/control/mod.rs", "Pending"),
    ("society/dossier.rs", "Record"),
    ("force/base.rs", "ForceBase"),
    ("force/base.rs", "Squad"),
    ("force/base.rs", "Hostage"),
    ("force/world.rs", "World"),
    ("force/world.rs", "WaveColumns"),
    ("force/world.rs", "SquadColumns"),
    ("force/world.rs", "SoldierColumns"),
    ("force/world.rs", "Group"),
    ("force/world.rs", "CompanyFile"),
    ("force/agenda.rs", "Agenda"),
    ("force/agenda.rs", "Pending"),
];

/// Structs that state holds and that are none themselves, with what they are instead.
const NO_STATE: [(&str, &str); 25] = [
    ("Input", "tables, parameters and seed"),
    ("Plan", "the scenario: waves, phases, roles"),
    ("Params", "parameters of a mechanism"),
    ("ForceParams", "parameters of all mechanisms of the force"),
    ("Terms", "lengths of service by year, from parameters"),
    ("Law", "a distribution, from parameters"),
    ("Fertility", "rates, from tables and parameters"),
    ("Nuptiality", "rates, from tables and parameters"),
    ("Survival", "rates, from tables and parameters"),
    ("Destinations", "shares, from tables"),
    ("Hazards", "rates of a day, computed anew from state and parameters"),
    ("Pairs", "trust by days together, from parameters"),
    ("HomeDraws", "addresses of draws"),
    ("ControlDraws", "addresses of draws"),
    ("ForceDraws", "addresses of draws"),
    ("Intervention", "a change asked for from outside, for tests and branches"),
    ("Buckets", "a container: what falls due, by year"),
    ("Calendar", "a container: what falls due in the year, by day"),
    ("Cell", "searchers of one kind, sorted anew each year from `Searches`"),
    ("CellMap", "number of a cell"),
    ("Level", "squads of each formation, from `Squad`"),
    ("Case", "how a case came out, one word"),
    ("Tallies", "counts for tables, read by no mechanism"),
    ("Part", "a sub-force with its own state: tables above, once more"),
    ("Turns", "the order in which parts take turns, from `ForceBase`"),
];

/// Every field of every struct of state with what it is. A field without description, a struct that is gone, a struct of columns that is
/// not listed, and a struct that one of state holds and that no list names are errors.
fn tables(tree: &Tree) -> Result<String, String> {
    let mut out = "Every state variable, as the sources hold it. The country is frozen before a force is drawn from it; `ForceBase` is what all \
                   replicates share, `World` one of them while it runs.\n\n| held in | state variable | what it is |\n|---|---|---|\n"
        .to_owned();
    let mut found: BTreeSet<&(&str, &str)> = BTreeSet::new();
    let model = || tree.rust_in(MODEL).filter(|(path, _)| !path.contains("/_"));
    let all: BTreeSet<&str> = model().flat_map(|(_, source)| structs(&source.text)).map(|(name, _)| name).collect();
    for (path, source) in model() {
        let below = path.strip_prefix(MODEL).unwrap_or(path);
        for (name, fields) in structs(&source.text) {
            let listed = STATE.contains(&(below, name));
            let columns = name.ends_with("Columns") || fields.iter().any(|f| f.kind.starts_with("Column<"));
            if columns && !listed {
                return Err(format!("{path}: `{name}` holds columns and is no part of the ODD"));
            }
            for field in fields.iter().filter(|_| listed) {
                if field.description.is_empty() {
                    return Err(format!("{path}: `{name}.{}` has no description", field.name));
                }
                if let Some(unknown) = held(&field.kind).find(|held| all.contains(held) && !is_named(held)) {
                    return Err(format!(
                        "{path}: `{name}.{}` holds a `{unknown}`, which is no part of the ODD",
                        field.name
                    ));
                }
                writeln!(out, "| `{name}` | `{}` | {} |", field.name, field.description).expect("a String grows");
            }
            found.extend(STATE.iter().filter(|entry| **entry == (below, name)));
        }
    }
    if let Some((path, name)) = STATE.iter().find(|entry| !found.contains(*entry)) {
        return Err(format!("{MODEL}{path}: no struct `{name}`"));
    }
    out.push_str("\nHeld beside these, and no state:\n\n| struct | what it is |\n|---|---|\n");
    for (name, what) in NO_STATE {
        writeln!(out, "| `{name}` | {what} |").expect("a String grows");
    }
    Ok(out)
}

/// Whether one of the lists has a struct of this name.
fn is_named(name: &str) -> bool {
    STATE.iter().any(|(_, state)| *state == name) || NO_STATE.iter().any(|(other, _)| *other == name)
}

/// Names of types in the type of a field.
fn held(kind: &str) -> impl Iterator<Item = &str> {
    kind.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with(char::is_uppercase))
}

/// One field of a struct.
struct Field {
    name: String,
    kind: String,
    description: String,
}

/// Structs with named fields of a formatted file.
fn structs(text: &str) -> Vec<(&str, Vec<Field>)> {
    let mut found: Vec<(&str, Vec<Field>)> = Vec::new();
    let (mut inside, mut description) = (false, String::new());
    for line in text.lines() {
        let bare = without_visibility(line.trim_start());
        let head =
            if line.starts_with(' ') { None } else { bare.strip_prefix("struct ").filter(|_| line.ends_with('{')) };
        if let Some(head) = head {
            found.push((head.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default(), Vec::new()));
            inside = true;
        } else if line == "}" {
            inside = false;
        } else if let Some(words) = bare.strip_prefix("///").filter(|_| inside) {
            description.push_str(words);
        } else if let (true, Some((name, kind)), Some((_, fields))) = (inside, bare.split_once(": "), found.last_mut())
        {
            let description = std::mem::take(&mut description).trim().replace('|', "\\|");
            let kind = kind.trim_end_matches(',').to_owned();
            fields.push(Field { name: name.to_owned(), kind, description });
        }
    }
    found
}

/// A declaration without `pub` or `pub(...)`.
fn without_visibility(line: &str) -> &str {
    match line.strip_prefix("pub") {
        Some(rest) if rest.starts_with('(') => rest.split_once(") ").map_or(line, |(_, rest)| rest),
        Some(rest) => rest.strip_prefix(' ').unwrap_or(line),
        None => line,
    }
}

/// Columns with who writes and who reads them.
fn variables(tree: &Tree) -> Result<String, String> {
    let mut columns: BTreeMap<String, [Vec<String>; 2]> = BTreeMap::new();
    for (_, source) in tree.rust_in(MODEL).filter(|(path, _)| !path.contains("/_")) {
        for spec in source.text.split("Spec {").skip(1) {
            let spec = spec.split("};").next().unwrap_or_default();
            let Some(name) = spec.split_once("name: \"").and_then(|(_, rest)| rest.split('"').next()) else { continue };
            for (side, field) in ["writes: &[", "reads: &["].into_iter().enumerate() {
                for column in names_after(spec, field) {
                    columns.entry(column.to_owned()).or_default()[side].push(format!("`{name}`"));
                }
            }
        }
    }
    if columns.is_empty() {
        return Err("no mechanism names a column".to_owned());
    }
    let mut out = "State variables that mechanisms name; events write status, unit and zone (`apply`).\n\n\
                   | state variable | written by | read by |\n|---|---|---|\n"
        .to_owned();
    for (column, [writers, readers]) in columns {
        let said = |list: &[String]| if list.is_empty() { "events, or fixed".to_owned() } else { list.join(", ") };
        writeln!(out, "| `{column}` | {} | {} |", said(&writers), said(&readers)).expect("a String grows");
    }
    Ok(out)
}

/// Cards of all mechanisms.
fn cards(tree: &Tree) -> Result<String, String> {
    let mut out = String::new();
    for (name, source) in submodels(tree) {
        let card: Vec<String> = source.module_doc().iter().skip(1).map(|l| deeper(l)).collect();
        write!(out, "### `{name}`\n\n{}\n\n", card.join("\n").trim()).expect("a String grows");
    }
    if out.is_empty() { Err("no mechanism has a card".to_owned()) } else { Ok(out) }
}

/// Embedded files with source and licence.
fn data(tree: &Tree) -> Result<String, String> {
    let path = "crates/exitvoice/data/MANIFEST.toml";
    let text = tree.files.get(path).ok_or_else(|| format!("{path} is missing"))?;
    let mut out = "| file | content | source | licence |\n|---|---|---|---|\n".to_owned();
    for entry in text.split("[[file]]").skip(1) {
        let field = |key: &str| {
            let line = entry.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix(" = \""));
            line.map(|rest| rest.trim_end_matches('"').replace("\\\"", "\"").replace('|', "/")).unwrap_or_default()
        };
        let [path, title, source, licence] = ["path", "title", "source", "licence"].map(field);
        writeln!(out, "| `{path}` | {title} | {source} | {licence} |").expect("a String grows");
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_cards_and_data_are_read_from_the_sources() {
        let card = "//! # Danger\n//! Fear grows.\n//!\n//! ## Equation\n//! x\npub const SPEC: Spec = Spec { name: \"mind.danger\", reads: &[\"a.b\"], writes: &[\"c.d\"] };\n";
        let manifest = "[[file]]\npath = \"x.csv\"\ntitle = \"X\"\nsource = \"Y\"\nlicence = \"CC0\"\n";
        let tree = Tree::made_up(&[
            ("crates/exitvoice-model/src/mechanism/mind/danger.rs", card),
            ("crates/exitvoice/data/MANIFEST.toml", manifest),
        ]);
        let columns = variables(&tree).expect("columns");
        assert!(columns.contains("| `a.b` | events, or fixed | `mind.danger` |"), "{columns}");
        assert!(columns.contains("| `c.d` | `mind.danger` | events, or fixed |"), "{columns}");
        let cards = cards(&tree).expect("cards");
        assert!(cards.contains("### `mind.danger`\n\nFear grows.") && cards.contains("#### Equation"), "{cards}");
        assert!(data(&tree).expect("data").contains("| `x.csv` | X | Y | CC0 |"));
    }

    #[test]
    fn no_state_variable_is_left_out_of_the_page() {
        let made_up = |path: &str, more: &str| {
            let mut files: BTreeMap<String, String> = BTreeMap::new();
            for (file, name) in STATE {
                let text = format!("pub struct {name} {{\n    /// One.\n    pub one: u8,\n}}\n");
                files.entry(format!("{MODEL}{file}")).or_default().push_str(&text);
            }
            files.entry(format!("{MODEL}{path}")).or_default().push_str(more);
            let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            tables(&Tree::made_up(&files))
        };
        let kept = "force/world.rs";
        let plain = "struct Memory {\n    /// X.\n    past: u32,\n}\n";
        let holder = "pub struct Outer {\n    /// Y.\n    pub(super) memory: Option<Memory>,\n}\n";
        assert!(made_up(kept, &format!("{plain}{holder}")).is_ok(), "nothing of state holds it");
        let new = made_up(kept, &format!("{plain}{}", holder.replace("Outer", "World"))).expect_err("state holds it");
        assert!(new.contains("`World.memory` holds a `Memory`"), "{new}");
        let page = made_up("a.rs", "struct Other {\n    two: u8,\n}\n").expect("complete");
        assert!(page.contains("| `SquadColumns` | `one` | One. |") && !page.contains("two"), "{page}");
        let new = made_up("a.rs", "struct More {\n    /// X.\n    pub x: Column<Y, u8>,\n}\n").expect_err("columns");
        assert!(new.contains("`More` holds columns"), "{new}");
        let silent =
            made_up("force/world.rs", "pub struct World {\n    pub(super) step: u32,\n}\n").expect_err("no words");
        assert!(silent.contains("`World.step` has no description"), "{silent}");
        let gone = tables(&Tree::made_up(&[])).expect_err("nothing there");
        assert!(gone.contains("no struct `History`"), "{gone}");
    }
}
