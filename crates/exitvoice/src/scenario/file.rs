//! From bytes to leaves: a scenario file is data. Size, encoding and nesting are checked before the parser sees the text;
//! every key and value keeps its place.

use super::error::{Problem, ResolveError};
use super::place::{Place, SourceText, shown};
use exitvoice_core::time::Day;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Largest scenario in bytes.
pub const MAX_BYTES: usize = 1_000_000;
/// Deepest nesting of brackets, and longest dotted key.
pub const MAX_DEPTH: usize = 16;

/// A value as written, before its key says what it should be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    Text(String),
    /// A whole number, as digits in base 10 or as written where it is longer than any integer.
    Integer(String),
    Decimal(f64, String),
    Flag(bool),
    Date(Day),
    /// A date with a time, or a time: never what is asked for.
    Moment,
    List(Vec<Item>),
    Table(Vec<Leaf>),
}

impl Raw {
    /// What it is, for `cannot be ...`.
    pub(crate) const fn in_words(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Integer(_) => "a whole number",
            Self::Decimal(..) => "a decimal number",
            Self::Flag(_) => "true or false",
            Self::Date(_) => "a date",
            Self::Moment => "a time of day",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// One element of a list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    pub(crate) raw: Raw,
    pub(crate) span: Range<usize>,
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    /// Full dotted key within the document, or within the row of a list.
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) raw: Raw,
    pub(crate) span: Range<usize>,
}

/// A parsed text: leaves in the order of their keys, tables apart so that an unknown empty table is noticed.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) source: Arc<SourceText>,
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) tables: Vec<(String, Range<usize>)>,
}

impl Document {
    pub(crate) fn place(&self, span: &Range<usize>) -> Place {
        Place { source: Arc::clone(&self.source), span: span.clone() }
    }

    pub(crate) fn leaf(&self, key: &str) -> Option<&Leaf> {
        self.leaves.iter().find(|leaf| leaf.key == key)
    }
}

/// Checks size and encoding of the bytes of a scenario file.
///
/// # Errors
/// More than [`MAX_BYTES`] bytes, or not UTF-8.
pub fn read_text(name: &str, bytes: &[u8]) -> Result<SourceText, ResolveError> {
    if bytes.len() > MAX_BYTES {
        return Err(too_large(name, bytes.len()));
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let source = SourceText { name: name.to_owned(), text };
    if let Err(error) = std::str::from_utf8(bytes) {
        // Up to the first bad byte the lossy text is the file itself; there stands the replacement character.
        let at = error.valid_up_to();
        let place = Place { source: Arc::new(source), span: at..at + '\u{fffd}'.len_utf8() };
        let help = "save the file as UTF-8, without compression".to_owned();
        return Err(ResolveError::new(Problem::NotUtf8, &place, "UTF-8 text", Some(help)));
    }
    Ok(source)
}

fn too_large(name: &str, bytes: usize) -> ResolveError {
    let source = Arc::new(SourceText { name: name.to_owned(), text: String::new() });
    let expected = format!("at most {MAX_BYTES} bytes");
    let help = "a scenario holds values, waves and phases; claims stand in a file of their own".to_owned();
    let problem = Problem::TooLarge { bytes, limit: MAX_BYTES };
    ResolveError::new(problem, &Place::start(&source), expected, Some(help))
}

/// Parses a whole document.
pub(crate) fn parse(source: &Arc<SourceText>) -> Result<Document, ResolveError> {
    if source.text.len() > MAX_BYTES {
        return Err(too_large(&source.name, source.text.len()));
    }
    if let Some(at) = too_deep(&source.text) {
        let place = Place { source: Arc::clone(source), span: at..at + 1 };
        let expected = format!("at most {MAX_DEPTH} levels");
        return Err(ResolveError::new(Problem::TooDeep { limit: MAX_DEPTH }, &place, expected, None));
    }
    let table = DeTable::parse(&source.text).map_err(|error| not_toml(source, &error))?;
    let mut document = Document { source: Arc::clone(source), leaves: Vec::new(), tables: Vec::new() };
    flatten("", table.get_ref(), &mut document);
    document.leaves.sort_by(|a, b| a.key.cmp(&b.key).then(a.key_span.start.cmp(&b.key_span.start)));
    document.tables.sort_by_key(|(_, span)| span.start);
    if let Some(pair) = document.leaves.windows(2).find(|pair| pair[0].key == pair[1].key) {
        let key = shown(&pair[1].key);
        return Err(ResolveError::new(
            Problem::GivenTwice { key },
            &document.place(&pair[1].key_span),
            "each key once",
            None,
        ));
    }
    Ok(document)
}

fn not_toml(source: &Arc<SourceText>, error: &toml::de::Error) -> ResolveError {
    let mut lines = error.message().lines();
    let reason = lines.next().unwrap_or("it cannot be parsed").escape_debug().to_string();
    let rest: Vec<&str> = lines.collect();
    let expected =
        if rest.is_empty() { "lines `key = value` under `[table]` headers".to_owned() } else { rest.join("; ") };
    let place = Place { source: Arc::clone(source), span: error.span().unwrap_or(0..0) };
    let help = "texts and quantities stand in quotes: title = \"...\", hazard = \"0.004 /d\"; dates do not: 2024-10-08";
    ResolveError::new(Problem::NotToml { reason }, &place, expected, Some(help.to_owned()))
}

/// Reads the value part of `KEY=VALUE`: TOML where it is TOML (`3`, `true`, `2024-10-08`, `["a", "b"]`), else a bare text
/// (`0.004 /yr`), so that a shell user need not quote twice.
pub(crate) fn parse_value(text: &str) -> Raw {
    let trimmed = text.trim();
    if too_deep(trimmed).is_none()
        && let Ok(value) = DeValue::parse(trimmed)
    {
        return raw_of(value.get_ref());
    }
    Raw::Text(trimmed.to_owned())
}

fn flatten(prefix: &str, table: &DeTable<'_>, document: &mut Document) {
    for (key, value) in table {
        let name = key.get_ref();
        let path = if prefix.is_empty() { name.to_string() } else { format!("{prefix}.{name}") };
        match value.get_ref() {
            DeValue::Table(inner) => {
                document.tables.push((path.clone(), key.span()));
                flatten(&path, inner, document);
            }
            other => {
                document.leaves.push(Leaf { key: path, key_span: key.span(), raw: raw_of(other), span: value.span() })
            }
        }
    }
}

fn raw_of(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => Raw::Integer(
            i128::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| number.as_str().to_owned(), |n| n.to_string()),
        ),
        // `inf` and `nan` become non-finite numbers here and are refused where the key is known.
        DeValue::Float(number) => Raw::Decimal(number.as_str().parse().unwrap_or(f64::NAN), number.as_str().to_owned()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Datetime(moment) => match (moment.date, moment.time, moment.offset) {
            (Some(date), None, None) => i16::try_from(date.year)
                .ok()
                .and_then(|year| Day::from_ymd(year, date.month.cast_signed(), date.day.cast_signed()))
                .map_or(Raw::Moment, Raw::Date),
            _ => Raw::Moment,
        },
        DeValue::Array(array) => Raw::List(items(array)),
        DeValue::Table(table) => {
            let mut fields = Vec::new();
            row("", table, &mut fields);
            Raw::Table(fields)
        }
    }
}

fn items(array: &DeArray<'_>) -> Vec<Item> {
    array.iter().map(|item: &Spanned<DeValue<'_>>| Item { raw: raw_of(item.get_ref()), span: item.span() }).collect()
}

fn row(prefix: &str, table: &DeTable<'_>, fields: &mut Vec<Leaf>) {
    for (key, value) in table {
        let path = if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        if let DeValue::Table(inner) = value.get_ref() {
            row(&path, inner, fields);
        } else {
            let raw = raw_of(value.get_ref());
            fields.push(Leaf { key: path, key_span: key.span(), raw, span: value.span() });
        }
    }
}

/// Offset of the first bracket or dot beyond [`MAX_DEPTH`], outside of strings and comments.
///
/// One pass without recursion, so that 100,000 open brackets cost an error and not the stack.
fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut dots) = (0, 0_usize, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b'#' => {
                at = skip_line(bytes, at);
                continue;
            }
            b'"' | b'\'' => {
                at = skip_string(bytes, at);
                continue;
            }
            b'[' | b'{' => {
                depth += 1;
                dots = 0;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'.' => dots += 1,
            b'\n' | b'=' | b',' => dots = 0,
            _ => {}
        }
        if depth > MAX_DEPTH || dots > MAX_DEPTH {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn skip_line(bytes: &[u8], from: usize) -> usize {
    bytes[from..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| from + i)
}

/// Offset after the string that opens at `from`; a string on one line ends with the line.
fn skip_string(bytes: &[u8], from: usize) -> usize {
    let quote = bytes[from];
    let long = bytes[from..].starts_with(&[quote; 3]);
    let mut at = from + if long { 3 } else { 1 };
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' && (long || bytes.get(at + 1) != Some(&b'\n')) => at += 1,
            b'\n' if !long => return at,
            b if b == quote && !long => return at + 1,
            b if b == quote && bytes[at..].starts_with(&[quote; 3]) => return at + 3,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Arc<SourceText> {
        Arc::new(SourceText { name: "test.toml".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn leaves_carry_full_keys_and_places() {
        let text = "format = 1\n[exit.attempt]\nbase = \"1 /d\"\n[[waves]]\nname = \"a\"\n[[waves]]\nname = \"b\"\n";
        let document = parse(&source(text)).expect("valid");
        let base = document.leaf("exit.attempt.base").expect("there");
        assert_eq!(&text[base.span.clone()], "\"1 /d\"");
        assert_eq!(&text[base.key_span.clone()], "base");
        let Raw::List(rows) = &document.leaf("waves").expect("there").raw else { panic!("a list") };
        assert_eq!(rows.len(), 2);
        assert_eq!(document.tables.iter().map(|(t, _)| t.as_str()).collect::<Vec<_>>(), ["exit", "exit.attempt"]);
    }

    #[test]
    fn deep_nesting_is_refused_before_the_parser_sees_it() {
        for text in [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}", "{a=".repeat(100_000)),
            "[".repeat(100_000),
            format!("{}a = 1", "a.".repeat(100_000)),
            format!("[{}a]", "a.".repeat(100_000)),
        ] {
            let error = parse(&source(&text)).expect_err("too deep");
            assert_eq!(error.diagnostic().code, "EV0204");
            assert_eq!(error.diagnostic().line, 1);
        }
        let fine = "a = \"[[[[[[[[[[[[[[[[[[[[[[\" # [[[[[[[[[[[[[[[[[[[[\nb = '''\n[[[[[[[[[[[[[[[[[[[[[['''\n";
        assert!(parse(&source(fine)).is_ok());
    }

    #[test]
    fn a_key_in_two_spellings_is_refused() {
        let error = parse(&source("a.b = 1\n\"a.b\" = 2\n")).expect_err("twice");
        assert_eq!((error.diagnostic().code, error.diagnostic().line), ("EV0226", 2));
    }

    #[test]
    fn large_and_foreign_bytes_are_refused_with_a_place() {
        assert_eq!(read_text("x", &vec![0xff; 2_000_000]).expect_err("large").diagnostic().code, "EV0201");
        let error = read_text("x", b"a = 1\nb = \"\xff\"\n").expect_err("not UTF-8");
        assert_eq!((error.diagnostic().code, error.diagnostic().line, error.diagnostic().column), ("EV0202", 2, 6));
    }

    #[test]
    fn values_of_the_command_line_need_no_second_quoting() {
        assert_eq!(parse_value("0.004 /yr"), Raw::Text("0.004 /yr".to_owned()));
        assert_eq!(parse_value("\"0.004 /yr\""), Raw::Text("0.004 /yr".to_owned()));
        assert_eq!(parse_value("3"), Raw::Integer("3".to_owned()));
        assert_eq!(parse_value("2024-10-08"), Raw::Date(Day(20_004)));
        assert_eq!(parse_value("toy"), Raw::Text("toy".to_owned()));
        assert!(matches!(parse_value("[\"a\", \"b\"]"), Raw::List(items) if items.len() == 2));
    }
}
