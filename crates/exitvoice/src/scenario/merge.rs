//! Layers, lowest first: registry default, named baseline, extended scenario, scenario, sweep point, command line. A higher layer
//! replaces single keys (tables merge) and whole lists. Keys are checked layer by layer, so that an error names its own file.

use super::error::{Problem, ResolveError};
use super::file::{self, Document, Leaf, Raw};
use super::place::{Place, SourceText, did_you_mean, shown};
use super::schema::{self, Kind, SETTINGS};
use super::{Catalogue, FORMAT, Given, Layers, Origin, Override};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Keys of the document itself; they are not merged.
const DOCUMENT_KEYS: [&str; 3] = ["format", "extends", "model"];

/// One merged key: its value, where it stands and which layer gave it.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) raw: Raw,
    pub(crate) place: Place,
    pub(crate) origin: Origin,
}

/// All layers in one.
#[derive(Clone, Debug)]
pub(crate) struct Merged {
    pub(crate) entries: BTreeMap<String, Entry>,
    /// Beginning of the scenario file: the place of what is missing.
    pub(crate) home: Place,
}

/// Reads every layer and lays one over the other.
pub(crate) fn merge(
    source: &Arc<SourceText>,
    layers: &Layers<'_>,
    catalogue: &Catalogue<'_>,
) -> Result<Merged, ResolveError> {
    let mut entries = BTreeMap::new();
    let document = file::parse(source)?;
    check_format(&document)?;
    defaults(&mut entries, source, catalogue);
    if let Some(name) = layers.baseline {
        let baseline = baseline(name, catalogue)?;
        lay(&mut entries, &baseline, |_| Origin::Baseline(name.to_owned()));
    }
    if let Some(base) = extended(&document, catalogue)? {
        lay(&mut entries, &base, |place| Origin::Extends { file: place.source.name.clone(), line: place.line() });
    }
    check_keys(&document, catalogue, &["format", "extends"])?;
    lay(&mut entries, &document, |place| Origin::Scenario { file: place.source.name.clone(), line: place.line() });
    for change in layers.sweep {
        overlay(&mut entries, change, Origin::Sweep, catalogue)?;
    }
    for change in layers.command_line {
        overlay(&mut entries, change, Origin::CommandLine, catalogue)?;
    }
    Ok(Merged { entries, home: Place::start(source) })
}

fn defaults(entries: &mut BTreeMap<String, Entry>, home: &Arc<SourceText>, catalogue: &Catalogue<'_>) {
    let mut add = |key: &str, text: &str| {
        // The place is never shown: tests read every default.
        let entry = Entry { raw: file::parse_value(text), place: Place::start(home), origin: Origin::Default };
        entries.insert(key.to_owned(), entry);
    };
    for setting in SETTINGS {
        if let Some(text) = setting.default {
            add(setting.key, text);
        }
    }
    for meta in catalogue.registry {
        add(meta.key, meta.default);
    }
}

fn lay(entries: &mut BTreeMap<String, Entry>, document: &Document, origin: impl Fn(&Place) -> Origin) {
    for leaf in &document.leaves {
        if !DOCUMENT_KEYS.contains(&leaf.key.as_str()) {
            let place = document.place(&leaf.span);
            let origin = origin(&place);
            entries.insert(leaf.key.clone(), Entry { raw: leaf.raw.clone(), place, origin });
        }
    }
}

fn check_format(document: &Document) -> Result<(), ResolveError> {
    let expected = format!("format = {FORMAT}");
    let Some(leaf) = document.leaf("format") else {
        let help = format!("write `format = {FORMAT}` as the first line");
        let place = Place::start(&document.source);
        return Err(ResolveError::new(Problem::Format { found: None }, &place, expected, Some(help)));
    };
    if leaf.raw == Raw::Integer(FORMAT.to_string()) {
        return Ok(());
    }
    let (found, newer) = match &leaf.raw {
        Raw::Integer(digits) => (shown(digits), digits.parse::<u64>().is_ok_and(|n| n > u64::from(FORMAT))),
        Raw::Text(text) => (format!("\"{}\"", shown(text)), false),
        Raw::Decimal(_, text) => (shown(text), false),
        other => (other.in_words().to_owned(), false),
    };
    let help = if newer {
        format!("this program reads format {FORMAT}; a newer exitvoice may read the file")
    } else {
        format!("this program reads format {FORMAT}, written as a bare whole number")
    };
    let place = document.place(&leaf.span);
    Err(ResolveError::new(Problem::Format { found: Some(found) }, &place, expected, Some(help)))
}

/// The scenario that `extends` names, checked.
fn extended(document: &Document, catalogue: &Catalogue<'_>) -> Result<Option<Document>, ResolveError> {
    let Some(leaf) = document.leaf("extends") else { return Ok(None) };
    let place = document.place(&leaf.span);
    let Raw::Text(name) = &leaf.raw else {
        let problem = Problem::WrongType { key: "extends".to_owned(), found: leaf.raw.in_words() };
        return Err(ResolveError::new(problem, &place, "the name of a shipped scenario", None));
    };
    let names = || catalogue.scenarios.iter().map(|(name, _)| *name);
    let Some((_, text)) = catalogue.scenarios.iter().find(|(shipped, _)| shipped == name) else {
        let problem = Problem::UnknownName { kind: "shipped scenario", name: shown(name) };
        let expected = format!("one of {}", names().collect::<Vec<_>>().join(", "));
        let help = did_you_mean(name, names())
            .unwrap_or_else(|| "only shipped scenarios can be extended; a path is not read".to_owned());
        return Err(ResolveError::new(problem, &place, expected, Some(help)));
    };
    let source = Arc::new(SourceText { name: format!("{name}.toml"), text: (*text).to_owned() });
    let base = file::parse(&source)?;
    check_format(&base)?;
    if let Some(parent) = base.leaf("extends") {
        let parent = if let Raw::Text(parent) = &parent.raw { shown(parent) } else { parent.raw.in_words().to_owned() };
        let help = format!("extend `{parent}` and repeat what `{name}` changes");
        let problem = Problem::ExtendsTwice { name: shown(name), parent };
        return Err(ResolveError::new(problem, &place, "a scenario that extends nothing", Some(help)));
    }
    check_keys(&base, catalogue, &["format"])?;
    // The name of a scenario is its own: inherited, two scenarios would write to one folder.
    let mut base = base;
    base.leaves.retain(|leaf| leaf.key != "name");
    Ok(Some(base))
}

/// A named baseline: every default of an older model version.
fn baseline(name: &str, catalogue: &Catalogue<'_>) -> Result<Document, ResolveError> {
    let names = || catalogue.baselines.iter().map(|(name, _)| *name);
    let Some((_, text)) = catalogue.baselines.iter().find(|(known, _)| *known == name) else {
        let source = Arc::new(SourceText { name: "--baseline".to_owned(), text: name.to_owned() });
        let place = Place { source, span: 0..name.len() };
        let known: Vec<&str> = names().collect();
        let expected = if known.is_empty() { "nothing: there is none yet".to_owned() } else { known.join(", ") };
        let problem = Problem::UnknownName { kind: "baseline", name: shown(name) };
        return Err(ResolveError::new(problem, &place, expected, did_you_mean(name, names())));
    };
    let source = Arc::new(SourceText { name: format!("baselines/{name}.toml"), text: (*text).to_owned() });
    let document = file::parse(&source)?;
    check_format(&document)?;
    check_keys(&document, catalogue, &["format", "model"])?;
    Ok(document)
}

/// Refuses keys that mean nothing, in the order in which they stand.
fn check_keys(document: &Document, catalogue: &Catalogue<'_>, own: &[&str]) -> Result<(), ResolveError> {
    let known = catalogue.keys();
    let is_table =
        |path: &str| known.iter().any(|key| key.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')));
    let is_key = |path: &str| own.contains(&path) || known.contains(&path);
    let tables = document.tables.iter().map(|(path, span)| (path.as_str(), span, "a table"));
    let leaves = document.leaves.iter().map(|leaf| (leaf.key.as_str(), &leaf.key_span, leaf.raw.in_words()));
    let wrong_tables = tables.filter(|(path, ..)| !is_table(path));
    let wrong_leaves = leaves.filter(|(path, ..)| !is_key(path));
    let Some((path, span, found)) = wrong_tables.chain(wrong_leaves).min_by_key(|(_, span, _)| span.start) else {
        return Ok(());
    };
    let place = document.place(span);
    if is_key(path) || is_table(path) {
        let problem = Problem::WrongType { key: path.to_owned(), found };
        let expected = match schema::setting_of(path) {
            _ if is_table(path) => "a table of keys".to_owned(),
            Some(setting) => setting.kind.expected(),
            None => "one value".to_owned(),
        };
        return Err(ResolveError::new(problem, &place, expected, None));
    }
    let known: Vec<&str> = known.iter().chain(own).copied().collect();
    Err(unknown_key(path, &place, &known))
}

/// The error for a key that means nothing, with the nearest key or table.
pub(crate) fn unknown_key(path: &str, place: &Place, known: &[&str]) -> ResolveError {
    let tables: Vec<&str> = known.iter().flat_map(|key| key.match_indices('.').map(|(i, _)| &key[..i])).collect();
    if tables.contains(&path) {
        let help = Some(format!("`exitvoice explain` lists the keys under `{path}`"));
        return ResolveError::new(
            Problem::UnknownKey { key: shown(path) },
            place,
            "one key, not a table of keys",
            help,
        );
    }
    let help = did_you_mean(path, known.iter().copied().chain(tables.iter().copied()))
        .or_else(|| {
            let head = path.split('.').next().unwrap_or(path);
            tables.contains(&head).then(|| format!("`exitvoice explain` lists the keys under `{head}`"))
        })
        .or_else(|| Some("`exitvoice params` lists the parameters".to_owned()));
    let problem = Problem::UnknownKey { key: shown(path) };
    ResolveError::new(problem, place, "a key of the scenario or of the parameter registry", help)
}

fn overlay(
    entries: &mut BTreeMap<String, Entry>,
    change: &Override,
    origin: Origin,
    catalogue: &Catalogue<'_>,
) -> Result<(), ResolveError> {
    // An option of its own has no key in it.
    let before = if let Given::Alone(_) = change.given { String::new() } else { format!("{}=", change.key) };
    let text = format!("{before}{}", change.value);
    let source = Arc::new(SourceText { name: change.given.name().to_owned(), text });
    let place = |span| Place { source: Arc::clone(&source), span };
    let known = catalogue.keys();
    let key_place = place(0..before.len().saturating_sub(1));
    if !known.contains(&change.key.as_str()) {
        return Err(unknown_key(&change.key, &key_place, &known));
    }
    if let Some(Kind::Rows(_)) = schema::setting_of(&change.key).map(|s| s.kind) {
        let problem = Problem::WrongType { key: change.key.clone(), found: "a single value" };
        let help = "write a scenario file that extends this one and has its own rows".to_owned();
        return Err(ResolveError::new(problem, &key_place, "rows in a scenario file", Some(help)));
    }
    let raw = file::parse_value(&change.value);
    let place = place(before.len()..before.len() + change.value.len());
    entries.insert(change.key.clone(), Entry { raw, place, origin });
    Ok(())
}

/// Splits `KEY=VALUE`.
///
/// # Errors
/// There is no `=`, or nothing before it.
pub fn parse_override(text: &str) -> Result<Override, ResolveError> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok(Override { key: key.trim().to_owned(), value: value.trim().to_owned(), given: Given::Set })
        }
        _ => {
            let source = Arc::new(SourceText { name: Given::Set.name().to_owned(), text: text.to_owned() });
            let place = Place { source, span: 0..text.len() };
            let help = "as `--set run.seed=7` or `--set \"danger.combat.hazard_pause=0.001 /d\"`".to_owned();
            Err(ResolveError::new(Problem::Override { text: shown(text) }, &place, "KEY=VALUE", Some(help)))
        }
    }
}

/// Fields of a row as a map, refusing unknown and repeated ones.
pub(crate) fn row_fields<'a>(
    fields: &'a [Leaf],
    known: &'static [schema::Field],
    place: impl Fn(&Range<usize>) -> Place,
) -> Result<BTreeMap<&'a str, &'a Leaf>, ResolveError> {
    let mut map = BTreeMap::new();
    for leaf in fields {
        let names: Vec<&str> = known.iter().map(|f| f.key).collect();
        if !names.contains(&leaf.key.as_str()) {
            let problem = Problem::UnknownKey { key: shown(&leaf.key) };
            let help = did_you_mean(&leaf.key, names.iter().copied());
            let expected = format!("one of {}", names.join(", "));
            return Err(ResolveError::new(problem, &place(&leaf.key_span), expected, help));
        }
        if map.insert(leaf.key.as_str(), leaf).is_some() {
            let problem = Problem::GivenTwice { key: shown(&leaf.key) };
            return Err(ResolveError::new(problem, &place(&leaf.key_span), "each key once", None));
        }
    }
    Ok(map)
}
