//! One value at a time: from what was written to a text, date, count, number or quantity, or the error that says what was expected.

use super::error::{Problem, ResolveError};
use super::file::Raw;
use super::place::{Place, did_you_mean, shown};
use super::schema::Kind;
use crate::io::run_folder;
use exitvoice_core::quantity::{Dimension, Quantity};
use exitvoice_core::time::Day;
use std::ops::Range;
use std::sync::Arc;

/// Longest name of a scenario, wave or phase, in characters.
const MAX_NAME: usize = 64;

type Result<T> = std::result::Result<T, ResolveError>;

pub(crate) fn within(place: &Place, span: &Range<usize>) -> Place {
    // A list of the command line was parsed apart from its text: it has one place, the whole value.
    let inside = span.end <= place.source.text.len() && span.start >= place.span.start;
    if inside { Place { source: Arc::clone(&place.source), span: span.clone() } } else { place.clone() }
}

pub(crate) fn wrong_type(key: &str, raw: &Raw, place: &Place, expected: &str) -> ResolveError {
    let problem = Problem::WrongType { key: key.to_owned(), found: raw.in_words() };
    let help = match raw {
        Raw::Text(text) if Day::parse(text).is_ok() => Some(format!("without quotes: {text}")),
        Raw::Text(text) if text.parse::<f64>().is_ok() => Some(format!("without quotes: {}", shown(text))),
        _ => None,
    };
    ResolveError::new(problem, place, expected, help)
}

pub(crate) fn out_of_range(key: &str, found: &str, place: &Place, expected: &str) -> ResolveError {
    let problem = Problem::OutOfRange { key: key.to_owned(), found: shown(found) };
    ResolveError::new(problem, place, expected, None)
}

pub(crate) fn text_of(key: &str, raw: &Raw, place: &Place) -> Result<String> {
    match raw {
        Raw::Text(text) => Ok(text.clone()),
        other => Err(wrong_type(key, other, place, &Kind::Text.expected())),
    }
}

pub(crate) fn day_of(key: &str, raw: &Raw, place: &Place) -> Result<Day> {
    match raw {
        Raw::Date(day) => Ok(*day),
        other => Err(wrong_type(key, other, place, &Kind::Date.expected())),
    }
}

/// A bare finite number, with the words in which it was written.
pub(crate) fn number_of(key: &str, raw: &Raw, place: &Place, expected: &str) -> Result<(f64, String)> {
    let (value, found) = match raw {
        Raw::Decimal(value, text) => (*value, text.clone()),
        Raw::Integer(digits) => (digits.parse().unwrap_or(f64::INFINITY), digits.clone()),
        other => return Err(wrong_type(key, other, place, expected)),
    };
    if value.is_finite() {
        return Ok((value, found));
    }
    let problem = Problem::NotANumber { key: key.to_owned(), found: shown(&found) };
    Err(ResolveError::new(problem, place, expected, None))
}

/// A whole number, with the unit `persons` where the kind asks for it.
pub(crate) fn count_of(key: &str, kind: Kind, raw: &Raw, place: &Place) -> Result<u32> {
    let expected = kind.expected();
    let (low, high, value, found) = match kind {
        Kind::Persons(low, high) => {
            let value = quantity_of(key, Dimension::Persons, raw, place)?;
            (low, high, value, value.to_string())
        }
        Kind::Count(low, high) => match raw {
            Raw::Integer(digits) => (low, high, digits.parse().unwrap_or(f64::INFINITY), digits.clone()),
            other => return Err(wrong_type(key, other, place, &expected)),
        },
        _ => unreachable!("only counts are read as counts"),
    };
    if value.fract() == 0.0 && value >= f64::from(low) && value <= f64::from(high) {
        return Ok(value as u32);
    }
    Err(out_of_range(key, &found, place, &expected))
}

/// A quantity in canonical units: bare for numbers and shares, a text with unit for everything else.
pub(crate) fn quantity_of(key: &str, dimension: Dimension, raw: &Raw, place: &Place) -> Result<f64> {
    let bare = dimension.units().is_empty();
    let (parsed, found) = match raw {
        Raw::Text(text) if !bare => (Quantity::parse(text, dimension), text.clone()),
        Raw::Integer(text) | Raw::Decimal(_, text) if !bare => {
            // The digits alone: the error says that the unit is missing.
            (Quantity::parse(&text.replace('_', ""), dimension), text.clone())
        }
        Raw::Integer(_) | Raw::Decimal(..) => {
            let (value, found) = number_of(key, raw, place, dimension.expected())?;
            (Quantity::new(value, dimension), found)
        }
        other => return Err(wrong_type(key, other, place, dimension.expected())),
    };
    match parsed {
        Ok(quantity) if dimension == Dimension::Persons && quantity.value.fract() != 0.0 => {
            Err(out_of_range(key, &found, place, "a whole number of persons"))
        }
        Ok(quantity) => Ok(quantity.value + 0.0),
        Err(error) => {
            let (problem, expected) = Problem::of_quantity(key, &found, error, dimension);
            let help = unit_help(&problem, dimension);
            Err(ResolveError::new(problem, place, expected, help))
        }
    }
}

/// How to write the number with a unit.
fn unit_help(problem: &Problem, dimension: Dimension) -> Option<String> {
    let all: Vec<&str> = dimension.units().iter().map(|(unit, _)| *unit).collect();
    match problem {
        Problem::Bare { found, .. } => Some(match dimension {
            Dimension::Hazard => format!("\"{found} /yr\" or \"{found} /d\"?"),
            Dimension::Time => format!("\"{found} d\" or \"{found} months\"?"),
            _ => format!("\"{found} {}\"?", dimension.canonical_unit()),
        }),
        Problem::Unit { unit, .. } => did_you_mean(unit, all.iter().copied())
            .or_else(|| Some(format!("units that fit: {}", all.join(", "))))
            .filter(|_| !all.is_empty()),
        _ => None,
    }
}

pub(crate) fn checked_name(what: &'static str, name: &str, place: &Place, help: Option<String>) -> Result<String> {
    let reason = if name.trim().is_empty() {
        "it is empty"
    } else if name.chars().count() > MAX_NAME {
        "it has more than 64 characters"
    } else if name.starts_with('.') || name != name.trim() || name.ends_with('.') {
        "it begins or ends with a point or a space"
    } else if name.chars().any(|c| c.is_control() || "/\\:*?\"<>|".contains(c)) {
        "it holds one of / \\ : * ? \" < > | or a control character"
    } else if what == "scenario" && run_folder::check_name(name).is_err() {
        "it names a folder of results too, and holds a space or a sign other than `-`, `_` and `.`"
    } else {
        return Ok(name.to_owned());
    };
    let problem = Problem::Name { what, name: shown(name), reason };
    let expected = match what {
        "scenario" => "1 to 64 letters, digits, `-`, `_` or `.`",
        _ => "1 to 64 letters, digits, spaces, `-`, `_` or `.`",
    };
    Err(ResolveError::new(problem, place, expected, help))
}
