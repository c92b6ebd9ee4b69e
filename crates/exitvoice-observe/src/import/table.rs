//! Text to cells: CSV, header checks, and typed cells with the place of every mistake.

use crate::error::{ClaimError, Place};
use crate::words::nearest;
use exitvoice_core::time::Day;

/// A file in memory.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Name for messages.
    pub name: &'a str,
    /// Content.
    pub bytes: &'a [u8],
}

/// Longest piece of a cell that a message repeats.
const SHOWN: usize = 40;
/// Largest number in a claim; far above any force.
const LARGEST: f64 = 1e9;

/// Parts of a column name that point to a person, in several languages. Compared with the parts between separators.
const PERSONAL_PARTS: [&str; 44] = [
    "name",
    "names",
    "fname",
    "lname",
    "surname",
    "forename",
    "firstname",
    "lastname",
    "fullname",
    "patronymic",
    "nickname",
    "alias",
    "birth",
    "birthday",
    "birthdate",
    "born",
    "dob",
    "passport",
    "ssn",
    "phone",
    "tel",
    "telephone",
    "mobile",
    "cell",
    "email",
    "mail",
    "address",
    "addr",
    "street",
    "zip",
    "postcode",
    "lat",
    "lon",
    "lng",
    "latitude",
    "longitude",
    "gps",
    "coordinates",
    "photo",
    "face",
    "kin",
    "spouse",
    "parents",
    "children",
];
/// Texts inside a column name that point to a person wherever they stand.
const PERSONAL_TEXTS: [&str; 26] = [
    "name",
    "birth",
    "passport",
    "phone",
    "address",
    "e-mail",
    "email",
    "personal",
    "identity",
    "national_id",
    "service_number",
    "serial_number",
    "military_id",
    "телефон",
    "паспорт",
    "фамилия",
    "рожд",
    "адрес",
    "прізвище",
    "народж",
    "이름",
    "성명",
    "전화",
    "주소",
    "여권",
    "생년",
];

/// Header and records of one file.
pub(super) struct Table {
    pub(super) file: String,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One record and the line on which it begins.
pub(super) struct Row {
    pub(super) line: u64,
    cells: csv::StringRecord,
}

impl Table {
    /// Reads a whole file; at least the header must be there.
    pub(super) fn read(file: File<'_>) -> Result<Self, ClaimError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file.bytes);
        let (mut records, mut lines) = (Vec::new(), Lines::new(file.bytes));
        for record in reader.records() {
            let cells = record.map_err(|error| unreadable(file, &error))?;
            records.push(Row { line: lines.of(cells.position().map(csv::Position::byte)), cells });
        }
        let place = |column: &str| Place { file: file.name.into(), line: 1, id: String::new(), column: column.into() };
        if records.is_empty() {
            return Err(ClaimError::Unreadable { at: place(""), detail: "the file is empty".into() });
        }
        let header: Vec<String> = records.remove(0).cells.iter().map(str::to_owned).collect();
        refuse_personal(file.name, &header)?;
        if let Some((_, column)) = header.iter().enumerate().find(|(i, c)| header[..*i].contains(c)) {
            return Err(ClaimError::ColumnTwice { at: place(&short(column)) });
        }
        Ok(Self { file: file.name.into(), header, rows: records })
    }

    /// Refuses a header that lacks a required column or has one that is neither required nor optional.
    pub(super) fn check_columns(&self, required: &[&str], optional: &[&str]) -> Result<(), ClaimError> {
        let place = |column: &str| Place { file: self.file.clone(), line: 1, id: String::new(), column: column.into() };
        let known = |c: &str| required.contains(&c) || optional.contains(&c);
        let strangers = || self.header.iter().map(String::as_str).filter(|c| !known(c));
        if let Some(missing) = required.iter().find(|c| !self.has(c)) {
            let nearest = nearest(missing, strangers()).map(str::to_owned);
            return Err(ClaimError::MissingColumn { at: place(""), missing: (*missing).to_owned(), nearest });
        }
        if let Some(stranger) = strangers().next() {
            let nearest = nearest(stranger, required.iter().chain(optional).copied()).map(str::to_owned);
            return Err(ClaimError::UnknownColumn { at: place(&short(stranger)), nearest });
        }
        Ok(())
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.header.iter().any(|c| c == column)
    }

    /// Cells of a row by name. An absent optional column reads as empty.
    pub(super) fn cells<'t>(&'t self, row: &'t Row) -> Cells<'t> {
        Cells { table: self, row }
    }
}

/// Lines of a CSV file, asked for in order. The reader's own count is of line feeds passed so far: one too small after a carriage return and
/// after empty lines.
#[derive(Clone, Debug)]
pub struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> Lines<'a> {
    /// Of a file's bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, line: 1 }
    }

    /// Line on which the record begins whose reading began at a byte, from 1.
    pub fn of(&mut self, byte: Option<u64>) -> u64 {
        let is_end = |i: usize| match self.bytes[i] {
            b'\n' => true,
            b'\r' => self.bytes.get(i + 1) != Some(&b'\n'),
            _ => false,
        };
        let start = byte.map_or(0, |at| at as usize).clamp(self.at, self.bytes.len());
        let blank = self.bytes[start..].iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        self.line += (self.at..start + blank).filter(|i| is_end(*i)).count() as u64;
        self.at = start + blank;
        self.line
    }
}

fn unreadable(file: File<'_>, error: &csv::Error) -> ClaimError {
    let line = Lines::new(file.bytes).of(error.position().map(csv::Position::byte));
    let detail = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "the text is not UTF-8".to_owned(),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} fields, the header has {expected_len}")
        }
        _ => "the text breaks off".to_owned(),
    };
    ClaimError::Unreadable {
        at: Place { file: file.name.into(), line, id: String::new(), column: String::new() },
        detail,
    }
}

/// Refuses columns about persons, whatever is to be done with the file.
///
/// # Errors
/// The first column that looks like one.
pub fn refuse_personal(file: &str, header: &[String]) -> Result<(), ClaimError> {
    let Some(column) = header.iter().find(|c| looks_personal(c)) else { return Ok(()) };
    Err(ClaimError::PersonalData { at: Place { file: file.into(), line: 1, id: String::new(), column: short(column) } })
}

/// Whether a column name looks as if the column held data about persons.
fn looks_personal(column: &str) -> bool {
    let lower = column.to_lowercase();
    let mut split = String::new();
    let mut before = ' ';
    for c in column.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            split.push('_');
        }
        split.extend(c.to_lowercase());
        before = c;
    }
    PERSONAL_TEXTS.iter().any(|text| lower.contains(text))
        || split.split(|c: char| !c.is_alphanumeric()).any(|part| PERSONAL_PARTS.contains(&part))
}

/// The beginning of a text, for a message.
pub(super) fn short(text: &str) -> String {
    let mut found: String = text.chars().take(SHOWN).collect();
    if found.len() < text.len() {
        found.push('…');
    }
    found
}

/// Cells of one row.
#[derive(Clone, Copy)]
pub(super) struct Cells<'t> {
    table: &'t Table,
    row: &'t Row,
}

impl<'t> Cells<'t> {
    pub(super) fn text(&self, column: &str) -> &'t str {
        let index = self.table.header.iter().position(|c| c == column);
        index.and_then(|i| self.row.cells.get(i)).unwrap_or("")
    }

    pub(super) fn at(&self, column: &str) -> Place {
        Place { file: self.table.file.clone(), line: self.row.line, id: short(self.text("id")), column: column.into() }
    }

    pub(super) fn filled(&self, column: &str, expected: &'static str) -> Result<&'t str, ClaimError> {
        let text = self.text(column);
        if text.is_empty() { Err(ClaimError::Empty { at: self.at(column), expected }) } else { Ok(text) }
    }

    pub(super) fn optional_date(&self, column: &str) -> Result<Option<Day>, ClaimError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        Day::parse(text).map(Some).map_err(|_| ClaimError::Date { at: self.at(column), found: short(text) })
    }

    pub(super) fn date(&self, column: &str) -> Result<Day, ClaimError> {
        self.filled(column, "a date as 2024-10-08")?;
        self.optional_date(column)?.ok_or_else(|| ClaimError::Empty { at: self.at(column), expected: "a date" })
    }

    pub(super) fn number(&self, column: &str) -> Result<Option<f64>, ClaimError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
        match text.parse::<f64>() {
            Ok(value) if plain && value.is_finite() => {
                if (0.0..=LARGEST).contains(&value) {
                    Ok(Some(value))
                } else {
                    let (at, found) = (self.at(column), short(text));
                    Err(ClaimError::OutOfRange { at, expected: "a number from 0 to 1e9", found })
                }
            }
            _ => Err(ClaimError::Number { at: self.at(column), found: short(text) }),
        }
    }

    pub(super) fn word<T>(
        &self,
        column: &str,
        words: &[&str],
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ClaimError> {
        let text = self.text(column);
        parse(text).ok_or_else(|| ClaimError::Word {
            at: self.at(column),
            found: short(text),
            expected: words.join(", "),
            nearest: nearest(text, words.iter().copied()).map(str::to_owned),
        })
    }

    /// `yes` or `no`; an empty cell is `no`.
    pub(super) fn flag(&self, column: &str) -> Result<bool, ClaimError> {
        self.word(column, &["yes", "no"], |text| match text {
            "yes" => Some(true),
            "no" | "" => Some(false),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_line_on_which_they_begin_however_lines_end() {
        let header = "id,note";
        for end in ["\n", "\r\n", "\r"] {
            let text = [header, "A,x", "", "B,\"two", "lines\"", "C,y", ""].join(end);
            let table = Table::read(File { name: "c.csv", bytes: text.as_bytes() }).expect("a table");
            assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4, 6], "{end:?}");
            let bad = [header, "A,x", "B"].join(end);
            let error = Table::read(File { name: "c.csv", bytes: bad.as_bytes() }).err().expect("refused");
            assert_eq!(error.place().expect("a place").line, 3, "{end:?}");
        }
    }

    #[test]
    fn only_what_is_cut_ends_in_dots() {
        assert_eq!(short("killed"), "killed");
        let (whole, longer) = ("é".repeat(SHOWN), "é".repeat(SHOWN + 1));
        assert_eq!((short(&whole), short(&longer)), (whole.clone(), format!("{whole}…")));
    }

    #[test]
    fn columns_about_persons_are_recognised_and_columns_of_claims_are_not() {
        for column in [
            "name",
            "Last Name",
            "birth_date",
            "dateOfBirth",
            "DOB",
            "passport_no",
            "phone",
            "Phone Number",
            "home_address",
            "lat",
            "GPS",
            "e-mail",
            "телефон",
            "생년월일",
            "soldierName",
        ] {
            assert!(looks_personal(column), "{column}");
        }
        for column in [
            "id",
            "population",
            "source_title",
            "publisher",
            "cluster",
            "url",
            "statement",
            "topic",
            "revises",
            "page_seen",
            "attribution",
            "published",
            "window_from",
        ] {
            assert!(!looks_personal(column), "{column}");
        }
    }
}
