//! One coded row: cells to a typed claim, and what the numbers of each form must be.

use super::table::{Cells, Row, Table};
use crate::claim::{
    Attribution, Claim, FAMILIES, Form, InfoGrade, Population, Quantity, SOURCES, SourceGrade, SourceGroup, SourceType,
};
use crate::error::{ClaimError, Place};
use crate::words::nearest;

/// Columns of a claim row, all needed where the source stands in `source`; files of claims are written with them.
pub const CLAIM_ROW: [&str; 19] = [
    "id",
    "quantity",
    "form",
    "low",
    "value",
    "high",
    "window_from",
    "as_of",
    "published",
    "population",
    "source",
    "source_type",
    "attribution",
    "cluster",
    "revises",
    "declared_floor",
    "first_wave_only",
    "source_grade",
    "info_grade",
];
/// Columns that a file of claim rows may have besides.
const CLAIM_ROW_OPTIONAL: [&str; 3] = ["modelled", "reason", CHAIN];
/// Column of the provenance chain; it says nothing about the claim.
const CHAIN: &str = "chain";
/// Columns of the coded format, where the source stands in `source_key`.
const CODED: [&str; 17] = [
    "id",
    "quantity",
    "form",
    "low",
    "value",
    "high",
    "window_from",
    "as_of",
    "published",
    "population",
    "source_key",
    "source_type",
    "cluster",
    "source_grade",
    "info_grade",
    "modelled",
    "reason",
];
/// Columns that the coded format may have besides; absent ones are reported.
pub(super) const CODED_OPTIONAL: [&str; 4] = ["attribution", "revises", "declared_floor", "first_wave_only"];

/// A typed row, with what the file says about its use.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parsed {
    pub(super) claim: Claim,
    /// `Some(reason)` where the file marks the row as not modelled.
    pub(super) left_out: Option<String>,
    pub(super) at: Place,
}

/// Checks the header and returns the name of the source column and the optional columns that are absent.
pub(super) fn check_header(table: &Table) -> Result<(&'static str, Vec<&'static str>), ClaimError> {
    if table.has("source_key") || (table.has("modelled") && !table.has("source")) {
        table.check_columns(&CODED, &[CODED_OPTIONAL.as_slice(), &[CHAIN]].concat())?;
        return Ok(("source_key", CODED_OPTIONAL.into_iter().filter(|c| !table.has(c)).collect()));
    }
    table.check_columns(&CLAIM_ROW, &CLAIM_ROW_OPTIONAL)?;
    Ok(("source", Vec::new()))
}

/// Reads one row.
pub(super) fn parse(table: &Table, row: &Row, source_column: &str) -> Result<Parsed, ClaimError> {
    let cells = table.cells(row);
    let claim = Claim {
        id: cells.filled("id", "a key of the row")?.to_owned(),
        quantity: cells.word("quantity", Quantity::WORDS, Quantity::parse)?,
        form: cells.word("form", Form::WORDS, Form::parse)?,
        low: cells.number("low")?,
        value: cells.number("value")?,
        high: cells.number("high")?,
        window_from: cells.optional_date("window_from")?,
        as_of: cells.date("as_of")?,
        published: cells.date("published")?,
        population: cells.word("population", Population::WORDS, Population::parse)?,
        source: source(&cells, source_column)?,
        source_type: cells.word("source_type", SourceType::WORDS, SourceType::parse)?,
        attribution: attribution(&cells)?,
        cluster: cells.filled("cluster", "the key of the origin")?.to_owned(),
        revises: Some(cells.text("revises")).filter(|t| !t.is_empty()).map(str::to_owned),
        declared_floor: cells.flag("declared_floor")?,
        first_wave_only: cells.flag("first_wave_only")?,
        source_grade: cells.word("source_grade", SourceGrade::WORDS, SourceGrade::parse)?,
        info_grade: cells.word("info_grade", InfoGrade::WORDS, InfoGrade::parse)?,
    };
    check_order(&cells, &claim)?;
    let left_out = if table.has("modelled") && !modelled(&cells)? {
        Some(Some(cells.text("reason")).filter(|t| !t.is_empty()).unwrap_or("marked as not modelled").to_owned())
    } else {
        None
    };
    if left_out.is_none() {
        check_numbers(&cells, &claim)?;
    }
    Ok(Parsed { claim, left_out, at: cells.at("") })
}

fn source(cells: &Cells<'_>, column: &str) -> Result<String, ClaimError> {
    let text = cells.filled(column, "the key of a source")?;
    if SourceGroup::of(text).is_some() {
        return Ok(text.to_owned());
    }
    let families: Vec<String> = FAMILIES.iter().map(|(start, _)| format!("{start}*")).collect();
    let singles = SOURCES.iter().map(|(key, _)| *key);
    let known: Vec<&str> = singles.clone().chain(families.iter().map(String::as_str)).collect();
    Err(ClaimError::Word {
        at: cells.at(column),
        found: super::table::short(text),
        expected: known.join(", "),
        nearest: nearest(text, singles).map(str::to_owned),
    })
}

/// `yes` or `no`; unlike other flags it may not be empty.
fn modelled(cells: &Cells<'_>) -> Result<bool, ClaimError> {
    cells.filled("modelled", "`yes` or `no`")?;
    cells.flag("modelled")
}

fn attribution(cells: &Cells<'_>) -> Result<Option<Attribution>, ClaimError> {
    if cells.text("attribution").is_empty() {
        return Ok(None);
    }
    cells.word("attribution", Attribution::WORDS, Attribution::parse).map(Some)
}

/// Ends in order, whatever the form; a window that ends before it begins is impossible too.
fn check_order(cells: &Cells<'_>, claim: &Claim) -> Result<(), ClaimError> {
    if let (Some(low), Some(high)) = (claim.low, claim.high)
        && low > high
    {
        let (low, high) = (cells.text("low").to_owned(), cells.text("high").to_owned());
        return Err(ClaimError::LowAboveHigh { at: cells.at("low"), low, high });
    }
    if claim.window_from.is_some_and(|from| from > claim.as_of) {
        let (low, high) = (cells.text("window_from").to_owned(), cells.text("as_of").to_owned());
        return Err(ClaimError::LowAboveHigh { at: cells.at("window_from"), low, high });
    }
    Ok(())
}

/// What an unused cell needs.
const UNUSED: &str = "this cell empty: it is not used (a range has the form `interval`)";

/// Numbers that each form needs, and the range of each quantity.
fn check_numbers(cells: &Cells<'_>, claim: &Claim) -> Result<(), ClaimError> {
    let needs = |column: &str, expected: &'static str| {
        Err(ClaimError::FormNeeds { at: cells.at(column), form: claim.form.word(), expected })
    };
    match claim.form {
        Form::About | Form::Exact if claim.value.is_none() => return needs("value", "a number in `value`"),
        Form::AtLeast if claim.low.is_none() => return needs("low", "a number in `low`"),
        Form::AtLeast if claim.value.is_some_and(|v| Some(v) != claim.low) => {
            return needs("value", "`value` equal to `low`, or empty");
        }
        Form::AtMost if claim.high.is_none() => return needs("high", "a number in `high`"),
        Form::AtMost if claim.value.is_some_and(|v| Some(v) != claim.high) => {
            return needs("value", "`value` equal to `high`, or empty");
        }
        // A number beside the one that is used would be a range that nobody scores.
        Form::About | Form::Exact if claim.low.is_some() => return needs("low", UNUSED),
        Form::About | Form::Exact if claim.high.is_some() => return needs("high", UNUSED),
        Form::AtLeast if claim.high.is_some() => return needs("high", UNUSED),
        Form::AtMost if claim.low.is_some() => return needs("low", UNUSED),
        Form::Interval if claim.low.is_none() => return needs("low", "numbers in `low` and `high`"),
        Form::Interval if claim.high.is_none() => return needs("high", "numbers in `low` and `high`"),
        _ => {}
    }
    let share = matches!(claim.quantity, Quantity::ShareKilled | Quantity::ShareCasualties);
    for (column, number) in [("low", claim.low), ("value", claim.value), ("high", claim.high)] {
        let Some(number) = number else { continue };
        // The ends of an interval are places on a continuous scale, and simulated ones are seldom whole; its middle is not used.
        let counted = claim.quantity != Quantity::None && claim.form != Form::Interval;
        let expected = match (share, counted) {
            (true, _) if number > 1.0 => "a fraction from 0 to 1",
            (false, true) if number.fract() != 0.0 => "a whole number",
            _ => continue,
        };
        return Err(ClaimError::OutOfRange { at: cells.at(column), expected, found: cells.text(column).to_owned() });
    }
    Ok(())
}
