//! What can be wrong with a scenario, and where: every error has a code, a place, what was expected and, where there is one, a hint.

use super::place::{Place, SourceText, line_and_column, shown, window};
use exitvoice_core::quantity::{Dimension, QuantityError};
use exitvoice_core::time::Day;
use std::ops::Range;
use std::sync::Arc;

/// What is wrong. One variant per code; codes are never reused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// The file is larger than a scenario can be.
    #[error("EV0201: a scenario of {bytes} bytes is too large; the limit is {limit} bytes")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The bytes are not UTF-8.
    #[error("EV0202: the file is not UTF-8 text")]
    NotUtf8,
    /// A number without the unit it needs.
    #[error("EV0203: `{key}` needs a unit, found the bare number {found}")]
    Bare {
        /// The key.
        key: String,
        /// As written.
        found: String,
        /// What was needed.
        dimension: Dimension,
    },
    /// Brackets or dotted keys nested too deep.
    #[error("EV0204: brackets or dotted keys nested more than {limit} deep")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// Not TOML.
    #[error("EV0205: not TOML: {reason}")]
    NotToml {
        /// The parser's words.
        reason: String,
    },
    /// The format is missing, unknown or newer than this program.
    #[error("EV0206: {}", found.as_ref().map_or_else(|| "`format` is missing".to_owned(), |f| format!("format {f} cannot be read")))]
    Format {
        /// As written, if it was.
        found: Option<String>,
    },
    /// A key that means nothing.
    #[error("EV0207: unknown key `{key}`")]
    UnknownKey {
        /// As written.
        key: String,
    },
    /// A value of another type.
    #[error("EV0208: `{key}` cannot be {found}")]
    WrongType {
        /// The key.
        key: String,
        /// What was found, in words.
        found: &'static str,
    },
    /// A unit that does not fit.
    #[error("EV0209: unit `{unit}` does not fit `{key}`")]
    Unit {
        /// The key.
        key: String,
        /// As written.
        unit: String,
        /// What was needed.
        dimension: Dimension,
    },
    /// A number outside its domain.
    #[error("EV0210: `{key}` cannot be {found}")]
    OutOfRange {
        /// The key.
        key: String,
        /// As written.
        found: String,
    },
    /// Not a finite number.
    #[error("EV0211: `{key}`: {found} is not a finite number")]
    NotANumber {
        /// The key.
        key: String,
        /// As written.
        found: String,
    },
    /// A key without which there is no scenario.
    #[error("EV0212: `{key}` is missing")]
    Missing {
        /// The key.
        key: String,
    },
    /// A name of a scenario, baseline, claims set or fixture that is not shipped.
    #[error("EV0213: there is no {kind} named `{name}`")]
    UnknownName {
        /// What was looked for.
        kind: &'static str,
        /// As written.
        name: String,
    },
    /// `extends` of a scenario that itself extends another.
    #[error("EV0214: `{name}` itself extends `{parent}`; only one level is read")]
    ExtendsTwice {
        /// The scenario named.
        name: String,
        /// What that one extends.
        parent: String,
    },
    /// The end lies before the start, or the period is too long.
    #[error("EV0215: the period from {start} to {end} {what}")]
    Period {
        /// First day.
        start: Day,
        /// Last day.
        end: Day,
        /// What is wrong with it.
        what: &'static str,
    },
    /// No wave, or a wave of nobody.
    #[error("EV0216: {0}")]
    NoForce(String),
    /// A wave or phase on an impossible day.
    #[error("EV0217: {what} `{name}`: {reason}")]
    ImpossibleDay {
        /// `wave` or `phase`.
        what: &'static str,
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// A wave of replacements for nobody, or with a march of its own.
    #[error("EV0228: wave `{name}` cannot be replacements: {reason}")]
    ImpossibleReplacements {
        /// Its name.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// More soldiers than can be simulated, or than the order of battle has places for.
    #[error("EV0218: {found} soldiers are more than {limit}, {reason}")]
    TooManySoldiers {
        /// The force.
        found: u64,
        /// The limit.
        limit: u64,
        /// Where the limit comes from.
        reason: &'static str,
    },
    /// Waves or phases that do not follow one another in time.
    #[error("EV0219: {what} `{name}` of {day} stands after one of {previous}")]
    OutOfOrder {
        /// `wave` or `phase`.
        what: &'static str,
        /// Its name.
        name: String,
        /// Its day.
        day: Day,
        /// Day of the row before.
        previous: Day,
    },
    /// Two rows of one name.
    #[error("EV0220: two {what}s are named `{name}`")]
    DuplicateName {
        /// `wave` or `phase`.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// A phase whose hazard is no hazard of the registry.
    #[error("EV0221: phase `{phase}`: `{key}` is no hazard of the registry")]
    NotAHazard {
        /// The phase.
        phase: String,
        /// The key as written.
        key: String,
    },
    /// A parameter that cannot be inferred.
    #[error("EV0222: `{key}` cannot be inferred: {reason}")]
    NotInferable {
        /// The key as written.
        key: String,
        /// Why not.
        reason: &'static str,
    },
    /// An as-of view before anything was known.
    #[error("EV0223: nothing of this scenario was known on {date}")]
    NothingKnown {
        /// The date of the view.
        date: Day,
    },
    /// A `--set` that is not `KEY=VALUE`.
    #[error("EV0224: `{text}` is not KEY=VALUE")]
    Override {
        /// As written.
        text: String,
    },
    /// A name that cannot name a folder or a row.
    #[error("EV0225: `{name}` cannot be the name of a {what}: {reason}")]
    Name {
        /// What it should name.
        what: &'static str,
        /// As written.
        name: String,
        /// Why not.
        reason: &'static str,
    },
    /// One key given in two spellings (`a.b` and `"a.b"`), or twice in a list.
    #[error("EV0226: `{key}` is given twice")]
    GivenTwice {
        /// The key.
        key: String,
    },
}

impl Problem {
    /// The code, as `EV0203`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "EV0201",
            Self::NotUtf8 => "EV0202",
            Self::Bare { .. } => "EV0203",
            Self::TooDeep { .. } => "EV0204",
            Self::NotToml { .. } => "EV0205",
            Self::Format { .. } => "EV0206",
            Self::UnknownKey { .. } => "EV0207",
            Self::WrongType { .. } => "EV0208",
            Self::Unit { .. } => "EV0209",
            Self::OutOfRange { .. } => "EV0210",
            Self::NotANumber { .. } => "EV0211",
            Self::Missing { .. } => "EV0212",
            Self::UnknownName { .. } => "EV0213",
            Self::ExtendsTwice { .. } => "EV0214",
            Self::Period { .. } => "EV0215",
            Self::NoForce(_) => "EV0216",
            Self::ImpossibleDay { .. } => "EV0217",
            Self::TooManySoldiers { .. } => "EV0218",
            Self::OutOfOrder { .. } => "EV0219",
            Self::DuplicateName { .. } => "EV0220",
            Self::NotAHazard { .. } => "EV0221",
            Self::NotInferable { .. } => "EV0222",
            Self::NothingKnown { .. } => "EV0223",
            Self::Override { .. } => "EV0224",
            Self::Name { .. } => "EV0225",
            Self::GivenTwice { .. } => "EV0226",
            Self::ImpossibleReplacements { .. } => "EV0228",
        }
    }

    /// The problem of a quantity that did not parse, with what was expected in its place.
    pub(crate) fn of_quantity(key: &str, found: &str, error: QuantityError, dimension: Dimension) -> (Self, String) {
        let (key, found) = (key.to_owned(), shown(found));
        match error {
            QuantityError::Bare { .. } => (Self::Bare { key, found, dimension }, dimension.expected().to_owned()),
            QuantityError::Unit { unit, .. } => {
                (Self::Unit { key, unit: shown(&unit), dimension }, dimension.expected().to_owned())
            }
            QuantityError::NotANumber { .. } => (Self::NotANumber { key, found }, dimension.expected().to_owned()),
            QuantityError::OutOfRange { domain, .. } => (Self::OutOfRange { key, found }, domain.to_owned()),
        }
    }
}

/// Everything a front end needs to show an error at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Code, as `EV0203`.
    pub code: &'static str,
    /// One sentence, without the code.
    pub message: String,
    /// Name of the file, or `--set`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Byte range in the source text.
    pub span: Range<usize>,
    /// What should stand there.
    pub expected: String,
    /// A hint: the nearest name, or how to write it.
    pub help: Option<String>,
}

/// A scenario could not be read or resolved.
#[derive(Debug, thiserror::Error)]
#[error("{} ({}:{}:{})", .0.problem, .0.diagnostic.file, .0.diagnostic.line, .0.diagnostic.column)]
pub struct ResolveError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    problem: Problem,
    diagnostic: Diagnostic,
    source: Arc<SourceText>,
}

impl ResolveError {
    pub(crate) fn new(problem: Problem, place: &Place, expected: impl Into<String>, help: Option<String>) -> Self {
        let (line, column) = line_and_column(&place.source.text, place.span.start);
        let text = problem.to_string();
        let code = problem.code();
        let message = text.strip_prefix(code).and_then(|m| m.strip_prefix(": ")).unwrap_or(&text).to_owned();
        let diagnostic = Diagnostic {
            code,
            message,
            file: place.source.name.clone(),
            line,
            column,
            span: place.span.clone(),
            expected: expected.into(),
            help,
        };
        Self(Box::new(Inner { problem, diagnostic, source: Arc::clone(&place.source) }))
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// Where it is, what was expected, and a hint.
    #[must_use]
    pub fn diagnostic(&self) -> &Diagnostic {
        &self.0.diagnostic
    }

    /// The text in which the span of the diagnostic lies.
    #[must_use]
    pub fn source_text(&self) -> &SourceText {
        &self.0.source
    }

    /// The source text for a renderer, with the span in it. Line numbers hold; a line too long for a terminal is cut
    /// around the span, and lines further than five away are emptied, so that 1 MB of garbage prints a few lines.
    #[must_use]
    pub fn display_text(&self) -> (String, Range<usize>) {
        let (text, span) = (&self.0.source.text, &self.0.diagnostic.span);
        let mut out = String::new();
        let mut shifted = 0..0;
        let mut start = 0;
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                out.push('\n');
            }
            let holds = span.start >= start && span.start <= start + line.len();
            let near = (index + 1).abs_diff(self.0.diagnostic.line) <= 5;
            if holds || near {
                let (from, to) = window(line, if holds { span.start - start } else { 0 });
                if holds {
                    let begin = out.len() + (span.start - start).clamp(from, to) - from;
                    let end = out.len() + span.end.saturating_sub(start).clamp(from, to) - from;
                    shifted = begin..end.max(begin);
                }
                out.push_str(&line[from..to]);
            }
            start += line.len() + 1;
        }
        (out, shifted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_megabyte_on_one_line_is_cut_for_display_and_keeps_its_span() {
        let text = format!("first\n{}BAD{}\nlast", "ä".repeat(400_000), "ö".repeat(100));
        let begin = text.find("BAD").expect("there");
        let source = Arc::new(SourceText { name: "x.toml".to_owned(), text });
        let place = Place { source, span: begin..begin + 3 };
        let error = ResolveError::new(Problem::NotToml { reason: "bad".to_owned() }, &place, "x", None);
        let (display, span) = error.display_text();
        assert!(display.len() < 400);
        assert_eq!(&display[span], "BAD");
        assert_eq!(display.split('\n').count(), 3);
        assert_eq!((error.diagnostic().line, error.diagnostic().column), (2, 400_001));
    }
}
