//! Provenance of claims files: a hash per row, chained, so that an edited, moved, added or deleted row is found and named.
//!
//! `row` = first 16 hex digits of BLAKE3 over the cells, each with its length, without the column `chain`; `link` the same over the link
//! before and the row. The chain starts from the header and the number of rows, so rows taken from the end are missed as well: the number
//! it was made for is the one from which its first link follows. A file
//! carries its chain in a column `chain` (`row-link`); of the shipped files the chain is embedded beside them, and a copy of one is
//! known by its header and its ids. A chain shows accidents and careless edits; against someone who writes a new chain only the printed
//! head helps, compared with the one that was published.

use crate::command::{Error, InputError};
use crate::scenario::Diagnostic;
use csv::Position;
use exitvoice_observe::import::{Lines, refuse_personal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Column that carries the chain.
pub const COLUMN: &str = "chain";
/// Most rows that a chain is taken to have lost.
const MOST_LOST: usize = 10_000;
/// Most rows that a warning names.
const NAMED: usize = 8;
/// Hexadecimal digits kept of a hash.
const DIGITS: usize = 16;

/// A claims file as cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Names of the columns, `chain` left out.
    pub header: Vec<String>,
    /// Rows with the line each begins on, `chain` left out.
    pub rows: Vec<(u64, Vec<String>)>,
    /// Cells of the column `chain`, where there is one.
    chain: Option<Vec<String>>,
}

/// Hash of a row and its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Of the row alone.
    pub row: String,
    /// Of the row and all before it.
    pub link: String,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Line of the file; `None` for a row that is not there.
    pub line: Option<u64>,
    /// Key of the row; of deleted rows whose keys nobody knows, their numbers.
    pub id: String,
    /// `edited`, `moved`, `deleted`, `added`, or `header`.
    pub kind: String,
}

impl Problem {
    fn new(line: Option<u64>, id: impl Into<String>, kind: &str) -> Self {
        Self { line, id: id.into(), kind: kind.to_owned() }
    }

    /// The same in words.
    #[must_use]
    pub fn words(&self) -> String {
        let at = self.line.map_or_else(String::new, |line| format!("line {line}: "));
        format!("{at}row `{}` {}", self.id, self.kind)
    }
}

/// Result of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Rows read.
    pub rows: usize,
    /// Last link: names the file as a whole.
    pub head: String,
    /// What it was compared with, in words.
    pub against: String,
    /// What is wrong, in the order of the file, missing rows last.
    pub problems: Vec<Problem>,
}

fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().to_hex()[..DIGITS].to_owned()
}

fn hash_cells(cells: &[String]) -> String {
    hash(&cells.iter().map(String::as_bytes).collect::<Vec<_>>())
}

/// What the first of so many rows is chained to.
fn start(header: &str, rows: usize) -> String {
    hash(&[header.as_bytes(), &(rows as u64).to_le_bytes()])
}

/// What is wrong with the chain that a claims file carries, as a warning; `None` where it carries none, or every row holds.
#[must_use]
pub fn broken_chain(name: &str, bytes: &[u8]) -> Option<String> {
    let head = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
    let carries = String::from_utf8_lossy(head).split(',').any(|cell| cell.trim().trim_matches('"') == COLUMN);
    let told = match Rows::read(name, bytes) {
        _ if !carries => return None,
        Err(error) => format!("cannot be checked: {error}"),
        Ok(rows) => {
            let problems = rows.verify().map_or_else(Vec::new, |found| found.problems);
            let more = problems.len().saturating_sub(NAMED);
            let rest = if more > 0 { format!(", and {more} more") } else { String::new() };
            let words: Vec<String> = problems.iter().take(NAMED).map(Problem::words).collect();
            (!words.is_empty()).then(|| format!("does not hold: {}{rest}", words.join(", ")))?
        }
    };
    Some(format!("{name}: its provenance chain {told}; the rows count as they stand"))
}

impl Rows {
    /// Reads a CSV file with an `id` column first.
    ///
    /// # Errors
    /// It is not CSV, has no header, or its first column is not `id` (exit 64).
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        let refuse = |line: u64, message: String| {
            let diagnostic = Diagnostic {
                code: "EV0301",
                message,
                file: name.to_owned(),
                line: line as usize,
                column: 1,
                span: 0..0,
                expected: "a CSV file of claims whose first column is `id`".to_owned(),
                help: None,
            };
            Error::from(InputError::new(diagnostic, ""))
        };
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let (mut records, mut lines) = (Vec::new(), Lines::new(bytes));
        for record in reader.records() {
            let record = record
                .map_err(|e| refuse(Lines::new(bytes).of(e.position().map(Position::byte)), format!("not CSV: {e}")))?;
            let line = lines.of(record.position().map(Position::byte));
            records.push((line, record.iter().map(str::to_owned).collect::<Vec<String>>()));
        }
        records.first().map_or(Ok(()), |(_, cells)| refuse_personal(name, cells))?;
        if records.first().is_none_or(|(_, cells)| cells.first().is_none_or(|c| c != "id")) {
            return Err(refuse(1, "the first column is not `id`".to_owned()));
        }
        let (_, mut header) = records.remove(0);
        let at = header.iter().position(|c| c == COLUMN);
        let chain = at.map(|at| {
            header.remove(at);
            records.iter_mut().map(|(_, cells)| cells.remove(at)).collect()
        });
        Ok(Self { header, rows: records, chain })
    }

    /// Rows made by the program.
    #[must_use]
    pub fn new(header: Vec<String>, rows: Vec<Vec<String>>) -> Self {
        Self { header, rows: (2..).zip(rows).collect(), chain: None }
    }

    /// Links of all rows, in order.
    #[must_use]
    pub fn links(&self) -> Vec<Link> {
        let mut before = self.start();
        let next = |(_, cells): &(u64, Vec<String>)| {
            let row = hash_cells(cells);
            before = hash(&[before.as_bytes(), row.as_bytes()]);
            Link { row, link: before.clone() }
        };
        self.rows.iter().map(next).collect()
    }

    /// What the first row is chained to.
    fn start(&self) -> String {
        start(&hash_cells(&self.header), self.rows.len())
    }

    /// Number of rows that a chain was made for, by its first cell; `None` where that is not the first row of any number tried.
    fn made_for(&self, first: &str) -> Option<usize> {
        let (row, link) = first.split_once('-')?;
        let (header, now) = (hash_cells(&self.header), self.rows.len());
        let begins = |rows: &usize| hash(&[start(&header, *rows).as_bytes(), row.as_bytes()]) == link;
        (now..=now.saturating_add(MOST_LOST)).chain(0..now).find(begins)
    }

    /// The file with its chain. One without rows stays without: a chain of nothing reads as one whose rows were all deleted.
    ///
    /// # Errors
    /// A cell cannot be written (a bug).
    pub fn sealed(&self) -> Result<Vec<u8>, Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let column = (!self.rows.is_empty()).then_some(COLUMN);
        writer.write_record(self.header.iter().map(String::as_str).chain(column)).map_err(Error::bug)?;
        for ((_, cells), link) in self.rows.iter().zip(self.links()) {
            let cell = format!("{}-{}", link.row, link.link);
            writer.write_record(cells.iter().map(String::as_str).chain([cell.as_str()])).map_err(Error::bug)?;
        }
        writer.into_inner().map_err(Error::bug)
    }

    fn id(&self, row: usize) -> String {
        self.rows[row].1.first().cloned().unwrap_or_default()
    }

    /// Compares the rows with the chain of the file itself, or with the embedded one of a shipped file.
    /// `None` where there is neither.
    #[must_use]
    pub fn verify(&self) -> Option<Verified> {
        let head = self.links().last().map_or_else(|| self.start(), |l| l.link.clone());
        let (against, problems) = match &self.chain {
            Some(cells) => ("its own column `chain`".to_owned(), self.against_own(cells)),
            None => {
                let known = known().into_iter().find(|k| self.is_copy_of(k))?;
                (format!("the chain of the shipped {}", known.name), self.against_known(&known))
            }
        };
        Some(Verified { rows: self.rows.len(), head, against, problems })
    }

    fn against_own(&self, cells: &[String]) -> Vec<Problem> {
        // A chain is made of rows: without any it tells nothing but that they are gone.
        let Some(first) = cells.first() else { return vec![Problem::new(None, "all", "deleted")] };
        let (mut problems, mut breaks) = (Vec::new(), Vec::new());
        let made_for = self.made_for(first).unwrap_or(self.rows.len());
        let mut before = start(&hash_cells(&self.header), made_for);
        for (row, cell) in cells.iter().enumerate() {
            let (stated_row, stated_link) = cell.split_once('-').unwrap_or((cell, ""));
            let edited = hash_cells(&self.rows[row].1) != stated_row;
            let follows = hash(&[before.as_bytes(), stated_row.as_bytes()]) == stated_link;
            if edited || !follows {
                let kind = if cell.is_empty() {
                    "added"
                } else if edited {
                    "edited"
                } else {
                    "moved"
                };
                problems.push(Problem::new(Some(self.rows[row].0), self.id(row), kind));
            }
            if !follows {
                breaks.push(row);
            }
            stated_link.clone_into(&mut before);
        }
        problems.extend(self.lost_or_added(made_for, &breaks));
        problems
    }

    /// What the number of rows says of a chain that was made for another one; `breaks` are the rows that do not follow those before them.
    fn lost_or_added(&self, made_for: usize, breaks: &[usize]) -> Vec<Problem> {
        let now = self.rows.len();
        let Some(lost) = made_for.checked_sub(now).filter(|lost| *lost > 0) else {
            let added = if breaks.is_empty() { made_for..now } else { now..now };
            return added.map(|row| Problem::new(Some(self.rows[row].0), self.id(row), "added")).collect();
        };
        let numbers = |before: usize| match lost {
            1 => format!("number {} of {made_for}", before + 1),
            _ => format!("numbers {} to {} of {made_for}", before + 1, before + lost),
        };
        let which = match breaks {
            [] => numbers(now),
            [row] => numbers(*row),
            _ => format!("{lost} of {made_for} at a place unknown"),
        };
        vec![Problem::new(None, which, "deleted")]
    }

    fn is_copy_of(&self, known: &Known) -> bool {
        let ids = (0..self.rows.len()).filter(|row| known.rows.contains_key(&self.id(*row))).count();
        // Raw and coded rows have the same ids; their headers differ.
        2 * ids > known.rows.len() && (hash_cells(&self.header) == known.header || known.columns == self.header.len())
    }

    fn against_known(&self, known: &Known) -> Vec<Problem> {
        let mut problems = Vec::new();
        if hash_cells(&self.header) != known.header {
            problems.push(Problem::new(Some(1), "", "header"));
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let places: Vec<Option<usize>> =
            (0..self.rows.len()).map(|r| known.rows.get(&self.id(r)).map(|k| k.0)).collect();
        let in_order = longest_rising(&places);
        for (row, follows) in in_order.into_iter().enumerate() {
            let id = self.id(row);
            let kind = match known.rows.get(&id) {
                None => Some("added"),
                Some(_) if seen.contains_key(&id) => Some("added"),
                Some((_, hash)) if *hash != hash_cells(&self.rows[row].1) => Some("edited"),
                Some(_) if !follows => Some("moved"),
                Some(_) => None,
            };
            seen.insert(id.clone(), row);
            problems.extend(kind.map(|kind| Problem::new(Some(self.rows[row].0), id, kind)));
        }
        let mut missing: Vec<(&usize, &String)> =
            known.rows.iter().filter(|(id, _)| !seen.contains_key(*id)).map(|(id, (place, _))| (place, id)).collect();
        missing.sort_unstable();
        let gone = |(_, id): (&usize, &String)| Problem::new(None, id.as_str(), "deleted");
        problems.extend(missing.into_iter().map(gone));
        problems
    }
}

/// Which rows belong to a longest run of rising places; rows without a place belong to it.
fn longest_rising(places: &[Option<usize>]) -> Vec<bool> {
    let (mut ends, mut before): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), vec![None; places.len()]);
    for (row, place) in places.iter().enumerate().filter_map(|(r, p)| p.map(|p| (r, p))) {
        let at = ends.partition_point(|end| places[*end] < Some(place));
        before[row] = at.checked_sub(1).map(|i| ends[i]);
        if at == ends.len() { ends.push(row) } else { ends[at] = row }
    }
    let mut kept: Vec<bool> = places.iter().map(Option::is_none).collect();
    let mut row = ends.last().copied();
    while let Some(r) = row {
        kept[r] = true;
        row = before[r];
    }
    kept
}

/// Chain of a shipped file.
struct Known {
    name: String,
    header: String,
    columns: usize,
    /// Place and hash of each row, by id.
    rows: BTreeMap<String, (usize, String)>,
}

/// Path of the embedded chain of the shipped claims.
const EMBEDDED: &str = "evidence/claims-kursk-2024.chain.csv";

fn known() -> Vec<Known> {
    let mut found: BTreeMap<String, Known> = BTreeMap::new();
    for line in crate::data::text(EMBEDDED).unwrap_or_default().lines().skip(1) {
        let mut cells = line.split(',').map(str::to_owned);
        let (Some(file), Some(id), Some(row)) = (cells.next(), cells.next(), cells.next()) else { continue };
        let columns = cells.nth(1).and_then(|c| c.parse().ok()).unwrap_or(0);
        let entry = found.entry(file.clone()).or_insert(Known {
            name: file,
            header: String::new(),
            columns: 0,
            rows: BTreeMap::new(),
        });
        if id.is_empty() {
            (entry.header, entry.columns) = (row, columns);
        } else {
            let place = entry.rows.len();
            entry.rows.insert(id, (place, row));
        }
    }
    found.into_values().collect()
}

/// The chain of the shipped files as its own file: `file,id,row,link,columns`; the row of the header has no id.
///
/// # Errors
/// A shipped file cannot be read (a bug).
pub fn chain_of_shipped() -> Result<String, Error> {
    let mut text = "file,id,row,link,columns\n".to_owned();
    for path in ["evidence/claims-kursk-2024.csv", "evidence/claims-kursk-2024-coded.csv"] {
        let bytes = crate::data::text(path).ok_or_else(|| Error::Bug { detail: format!("{path} is not embedded") })?;
        let rows = Rows::read(path, bytes.as_bytes())?;
        let file = path.rsplit('/').next().unwrap_or(path);
        let header = [file, "", &hash_cells(&rows.header), &rows.start(), &rows.header.len().to_string()].join(",");
        text += &header;
        text.push('\n');
        for (row, link) in rows.links().into_iter().enumerate() {
            text += &[file, &rows.id(row), &link.row, &link.link, ""].join(",");
            text.push('\n');
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
