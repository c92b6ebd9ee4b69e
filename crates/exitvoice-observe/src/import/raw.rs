//! The raw rows, as collected from pages, against their coding: same ids, dates and numbers, grades by rule.

use super::row::Parsed;
use super::table::{File, Table};
use crate::claim::{Attribution, Basis, Claim, Confirmation, Form, InfoGrade, SourceGrade, SourceGroup, SourceType};
use crate::error::{ClaimError, Place};
use exitvoice_core::time::Day;
use std::collections::{BTreeMap, BTreeSet};

/// Columns of the raw file.
const RAW: [&str; 17] = [
    "id",
    "topic",
    "statement",
    "value_low",
    "value_mid",
    "value_high",
    "unit",
    "as_of_date",
    "published_date",
    "source_title",
    "publisher",
    "source_type",
    "attribution",
    "confirmation",
    "grade",
    "url",
    "page_seen",
];
/// Largest relative difference of equal numbers: percent against fractions.
const ROUNDING: f64 = 1e-9;
/// Hundred parts of one.
const PERCENT: f64 = 100.0;

/// What the raw file says about one row.
pub(super) struct RawRow {
    at: Place,
    low: Option<f64>,
    middle: Option<f64>,
    high: Option<f64>,
    as_of: Day,
    published: Day,
    source_type: SourceType,
    pub(super) attribution: Attribution,
    confirmation: Confirmation,
    basis: Basis,
}

/// Reads the raw file, by id.
pub(super) fn read(file: File<'_>) -> Result<BTreeMap<String, RawRow>, ClaimError> {
    let table = Table::read(file)?;
    table.check_columns(&RAW, &[])?;
    let mut found: BTreeMap<String, RawRow> = BTreeMap::new();
    for row in &table.rows {
        let cells = table.cells(row);
        let id = cells.filled("id", "a key of the row")?;
        if let Some(first) = found.get(id) {
            return Err(ClaimError::DuplicateId { at: cells.at("id"), first: first.at.line });
        }
        let scale = if cells.text("unit").starts_with("percent") { 1.0 / PERCENT } else { 1.0 };
        let number = |column: &str| cells.number(column).map(|n| n.map(|n| n * scale));
        let raw = RawRow {
            at: cells.at(""),
            low: number("value_low")?,
            middle: number("value_mid")?,
            high: number("value_high")?,
            as_of: cells.date("as_of_date")?,
            published: cells.date("published_date")?,
            source_type: cells.word("source_type", SourceType::WORDS, SourceType::parse)?,
            attribution: cells.word("attribution", Attribution::WORDS, Attribution::parse)?,
            confirmation: cells.word("confirmation", Confirmation::WORDS, Confirmation::parse)?,
            basis: cells.word("grade", Basis::WORDS, Basis::parse)?,
        };
        found.insert(id.to_owned(), raw);
    }
    Ok(found)
}

/// Compares every coded row with its raw row, and takes over the attribution.
pub(super) fn compare(
    rows: &mut [Parsed],
    raw: &BTreeMap<String, RawRow>,
    raw_name: &str,
    coded_name: &str,
) -> Result<(), ClaimError> {
    for row in rows.iter_mut() {
        let Some(partner) = raw.get(&row.claim.id) else {
            return Err(ClaimError::NoPartner { at: row.at.clone(), other: raw_name.to_owned() });
        };
        compare_row(row, partner)?;
        row.claim.attribution = Some(partner.attribution);
    }
    let coded: BTreeSet<&str> = rows.iter().map(|row| row.claim.id.as_str()).collect();
    let lonely = raw.iter().find(|(id, _)| !coded.contains(id.as_str()));
    lonely.map_or(Ok(()), |(_, r)| Err(ClaimError::NoPartner { at: r.at.clone(), other: coded_name.to_owned() }))
}

fn compare_row(row: &Parsed, raw: &RawRow) -> Result<(), ClaimError> {
    let claim = &row.claim;
    let at = |column: &str| Place { column: column.to_owned(), ..row.at.clone() };
    let texts = [
        ("as_of", claim.as_of.to_string(), raw.as_of.to_string()),
        ("published", claim.published.to_string(), raw.published.to_string()),
        ("source_type", claim.source_type.word().to_owned(), raw.source_type.word().to_owned()),
    ];
    if let Some((column, coded, raw)) = texts.into_iter().find(|(_, a, b)| a != b) {
        return Err(ClaimError::DiffersFromRaw { at: at(column), coded, raw });
    }
    let numbers = [("low", claim.low, raw.low), ("value", claim.value, raw.middle), ("high", claim.high, raw.high)];
    for (column, coded, raw) in numbers {
        let Some(coded) = coded else { continue };
        if raw.is_none_or(|raw| (raw - coded).abs() > ROUNDING * coded.abs()) {
            let raw = raw.map_or_else(|| "no number".to_owned(), |r| r.to_string());
            return Err(ClaimError::DiffersFromRaw { at: at(column), coded: coded.to_string(), raw });
        }
    }
    let (source_rule, info_rule) = (source_grade(claim, raw), info_grade(raw));
    if claim.source_grade != source_rule {
        let (coded, rule) = (claim.source_grade.word(), source_rule.word());
        return Err(ClaimError::Grade { at: at("source_grade"), coded, rule });
    }
    if claim.info_grade != info_rule {
        let (coded, rule) = (claim.info_grade.word(), info_rule.word());
        return Err(ClaimError::Grade { at: at("info_grade"), coded, rule });
    }
    Ok(())
}

/// F: prisoners and unnamed sources of a belligerent, who cannot be judged. D: those whose denials proved false, when they deny.
/// B: a state not fighting there, on record. C: the rest (a belligerent on record, an office-named anonymous source, named press).
fn source_grade(claim: &Claim, raw: &RawRow) -> SourceGrade {
    let denies = claim.form == Form::Denial && matches!(claim.source.as_str(), "kremlin" | "dprk_state");
    match (claim.source.as_str(), claim.group(), raw.attribution) {
        ("prisoner" | "ua_anon", _, _) => SourceGrade::F,
        _ if denies => SourceGrade::D,
        (_, SourceGroup::Third, Attribution::OnRecord) => SourceGrade::B,
        _ => SourceGrade::C,
    }
}

fn info_grade(raw: &RawRow) -> InfoGrade {
    match (raw.confirmation, raw.basis, raw.attribution) {
        (Confirmation::Confirmed, _, _) => InfoGrade::Confirmed,
        (Confirmation::Corroborated, _, _) => InfoGrade::Corroborated,
        (Confirmation::Denied, _, _) | (Confirmation::SingleSource, Basis::Rumoured, Attribution::OnRecord) => {
            InfoGrade::Doubtful
        }
        (Confirmation::Unknown, _, _) | (Confirmation::SingleSource, Basis::Rumoured, Attribution::Anonymous) => {
            InfoGrade::Unknown
        }
        (Confirmation::SingleSource, _, _) => InfoGrade::Single,
    }
}
