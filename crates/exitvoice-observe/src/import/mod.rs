//! From text to claims: reads, checks and sorts the rows of claims files. Bytes in, values or a typed error out.

mod classify;
mod raw;
mod row;
mod table;

pub use row::CLAIM_ROW;
pub use table::{File, Lines, refuse_personal};

use crate::claim::ClaimSet;
use crate::error::ClaimError;
use crate::words::nearest;
use exitvoice_core::time::Day;
use row::Parsed;
use std::collections::{BTreeMap, BTreeSet};
use table::Table;

/// Whether the sizes and dates of waves are given by the scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waves {
    /// Given: claims of `sent` and `present` built them and are inputs.
    Fixed,
    /// Free: these claims are scored.
    Free,
}

/// Whether the world of the scenario lets soldiers return home.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// It does: claims of `returned` are scored.
    Modelled,
    /// It does not: they are left out.
    NotModelled,
}

/// What the scenario says about the use of claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportSettings {
    /// First day of the deployment; rows about earlier days are left out.
    pub day_zero: Day,
    /// Last day of the deployment; rows about later days are left out.
    pub last_day: Day,
    /// Soldiers of the force; rows about more deserters than that are left out.
    pub soldiers: u32,
    /// Whether waves are given.
    pub waves: Waves,
    /// Whether returns home are modelled.
    pub returns: Returns,
    /// Rows published later are ignored and counted; `None` takes all.
    pub view: Option<Day>,
}

/// Reads claims from one or more files in the coded format, and checks them against the raw rows where these are given.
/// The order of rows, and how they are spread over files, make no difference.
///
/// # Errors
/// The first mistake, with file, line, column and what was expected. A file with rows none of which can be used is no mistake.
pub fn import(coded: &[File<'_>], raw: Option<File<'_>>, settings: &ImportSettings) -> Result<ClaimSet, ClaimError> {
    let mut rows: Vec<Parsed> = Vec::new();
    let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
    let mut repeated = 0_usize;
    let mut notices = Vec::new();
    for file in coded {
        let table = Table::read(*file)?;
        let (source_column, absent) = row::check_header(&table)?;
        for column in absent.into_iter().filter(|c| *c != "attribution" || raw.is_none()) {
            notices.push(format!("{}: no column `{column}`; every cell is taken as empty", file.name));
        }
        for record in &table.rows {
            let parsed = row::parse(&table, record, source_column)?;
            match by_id.get(&parsed.claim.id).map(|index| &rows[*index]) {
                Some(first) if first.claim == parsed.claim && first.left_out == parsed.left_out => repeated += 1,
                Some(first) => {
                    let at = crate::error::Place { column: "id".into(), ..parsed.at };
                    return Err(ClaimError::DuplicateId { at, first: first.at.line });
                }
                None => {
                    by_id.insert(parsed.claim.id.clone(), rows.len());
                    rows.push(parsed);
                }
            }
        }
    }
    if repeated > 0 {
        notices.push(format!("{repeated} rows repeat another row in every column and count once"));
    }
    check_revises(&rows)?;
    match raw {
        Some(raw) => {
            let names: Vec<&str> = coded.iter().map(|f| f.name).collect();
            raw::compare(&mut rows, &raw::read(raw)?, raw.name, &names.join(", "))?;
        }
        None => notices.push("no raw rows were given: dates, numbers and grades were not checked against them".into()),
    }
    let mut set = classify::classify(rows, settings);
    notices.append(&mut set.notices);
    set.notices = notices;
    Ok(set)
}

fn check_revises(rows: &[Parsed]) -> Result<(), ClaimError> {
    let revised: BTreeMap<&str, Option<&str>> =
        rows.iter().map(|r| (r.claim.id.as_str(), r.claim.revises.as_deref())).collect();
    let at = |row: &Parsed| crate::error::Place { column: "revises".into(), ..row.at.clone() };
    for row in rows {
        let Some(found) = row.claim.revises.as_deref() else { continue };
        if !revised.contains_key(found) {
            let others = revised.keys().copied().filter(|id| *id != row.claim.id);
            let nearest = nearest(found, others).map(str::to_owned);
            return Err(ClaimError::Revises { at: at(row), found: table::short(found), nearest });
        }
    }
    // A row whose chain of earlier rows ends needs no second look, and neither do those on the chain.
    let mut ends: BTreeSet<&str> = BTreeSet::new();
    for row in rows {
        let mut chain: Vec<&str> = vec![&row.claim.id];
        while let Some(earlier) = revised[chain[chain.len() - 1]].filter(|id| !ends.contains(id)) {
            if let Some(start) = chain.iter().position(|id| *id == earlier) {
                let of = rows.iter().find(|r| r.claim.id == earlier).unwrap_or(row);
                let between: Vec<String> =
                    chain[start + 1..].iter().map(|id| format!("`{}`", table::short(id))).collect();
                let through =
                    if between.is_empty() { String::new() } else { format!(" through {}", between.join(", ")) };
                return Err(ClaimError::RevisesItself { at: at(of), through });
            }
            chain.push(earlier);
        }
        ends.extend(chain);
    }
    Ok(())
}
