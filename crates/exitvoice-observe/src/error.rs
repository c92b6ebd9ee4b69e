//! What can be wrong with a claims file. `line` counts the lines of the file, the header being line 1.

use std::fmt;

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which file, in the words of the caller.
    pub file: String,
    /// Line on which the row begins, the header being line 1.
    pub line: u64,
    /// Id of the row; empty where it is not known.
    pub id: String,
    /// Column; empty where the whole row is meant.
    pub column: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, row at line {}", self.file, self.line)?;
        if !self.id.is_empty() {
            write!(f, " ({})", self.id)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column `{}`", self.column)?;
        }
        Ok(())
    }
}

fn hint(nearest: Option<&String>) -> String {
    nearest.map_or_else(String::new, |n| format!("; did you mean `{n}`?"))
}

/// A claims file that cannot be used. Nothing is repaired.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// Not comma-separated text in UTF-8 with equal numbers of fields.
    #[error("EV0301: {at}: not a readable CSV file: {detail}")]
    Unreadable {
        /// Where.
        at: Place,
        /// What was found.
        detail: String,
    },
    /// A column that the format needs.
    #[error("EV0302: {at}: the header lacks the column `{missing}`{}", hint(nearest.as_ref()))]
    MissingColumn {
        /// The header.
        at: Place,
        /// The column.
        missing: String,
        /// A column of the file that looks like it.
        nearest: Option<String>,
    },
    /// A column about persons.
    #[error(
        "EV0303: {at}: a column that looks like personal data; claims are about numbers, and no person may be in them"
    )]
    PersonalData {
        /// The header.
        at: Place,
    },
    /// A column nobody knows.
    #[error("EV0304: {at}: unknown column{}", hint(nearest.as_ref()))]
    UnknownColumn {
        /// The header.
        at: Place,
        /// A known column that looks like it.
        nearest: Option<String>,
    },
    /// A column that stands twice.
    #[error("EV0305: {at}: the column stands twice")]
    ColumnTwice {
        /// The header.
        at: Place,
    },
    /// Not a date of the calendar.
    #[error("EV0306: {at}: expected a date as 2024-10-08, found `{found}`")]
    Date {
        /// Where.
        at: Place,
        /// As written.
        found: String,
    },
    /// Not a number.
    #[error("EV0307: {at}: expected a finite number, found `{found}`")]
    Number {
        /// Where.
        at: Place,
        /// As written.
        found: String,
    },
    /// A number outside its range.
    #[error("EV0308: {at}: expected {expected}, found {found}")]
    OutOfRange {
        /// Where.
        at: Place,
        /// The range in words.
        expected: &'static str,
        /// As written.
        found: String,
    },
    /// Ends in the wrong order.
    #[error("EV0309: {at}: {low} lies above {high}; the lower end comes first")]
    LowAboveHigh {
        /// Where.
        at: Place,
        /// Lower end, as written.
        low: String,
        /// Upper end, as written.
        high: String,
    },
    /// A word outside the list of a column.
    #[error("EV0310: {at}: unknown word `{found}`; expected {expected}{}", hint(nearest.as_ref()))]
    Word {
        /// Where.
        at: Place,
        /// As written.
        found: String,
        /// The list.
        expected: String,
        /// The word of the list that looks like it.
        nearest: Option<String>,
    },
    /// Two different rows with one id.
    #[error("EV0311: {at}: the id stands on line {first} with other content")]
    DuplicateId {
        /// The second.
        at: Place,
        /// Line of the first.
        first: u64,
    },
    /// A row that revises nothing.
    #[error("EV0312: {at}: there is no row `{found}`{}", hint(nearest.as_ref()))]
    Revises {
        /// Where.
        at: Place,
        /// As written.
        found: String,
        /// An id that looks like it.
        nearest: Option<String>,
    },
    /// A row that revises itself, at once or through others.
    #[error("EV0320: {at}: the row revises itself{through}; a row revises an earlier one")]
    RevisesItself {
        /// Where.
        at: Place,
        /// The rows between, in words, or nothing.
        through: String,
    },
    /// Numbers that do not fit the form.
    #[error("EV0313: {at}: the form `{form}` needs {expected}")]
    FormNeeds {
        /// Where.
        at: Place,
        /// The form.
        form: &'static str,
        /// What.
        expected: &'static str,
    },
    /// Coded and raw row differ.
    #[error("EV0314: {at}: coded as `{coded}`, the raw row has `{raw}`")]
    DiffersFromRaw {
        /// Where in the coded file.
        at: Place,
        /// Coded.
        coded: String,
        /// Raw.
        raw: String,
    },
    /// A grade that the rule does not give.
    #[error("EV0315: {at}: coded as grade `{coded}`, the rule on the raw columns gives `{rule}`")]
    Grade {
        /// Where in the coded file.
        at: Place,
        /// Coded.
        coded: &'static str,
        /// By the rule.
        rule: &'static str,
    },
    /// A row of one file without its partner in the other.
    #[error("EV0316: {at}: the row has no partner in {other}")]
    NoPartner {
        /// Where.
        at: Place,
        /// The other file.
        other: String,
    },
    /// An empty cell that must be filled.
    #[error("EV0317: {at}: expected {expected}, found an empty cell")]
    Empty {
        /// Where.
        at: Place,
        /// What.
        expected: &'static str,
    },
    /// More simultaneous reports of departures than the sum over matchings can take.
    #[error(
        "EV0318: {count} reports of departures lie within days of each other (near day {day} of the deployment); at most {most} are supported"
    )]
    TooManyReports {
        /// How many.
        count: usize,
        /// Day of the first of them.
        day: i32,
        /// The limit.
        most: usize,
    },
    /// More reports of departures than their readings can be summed over, if all are false.
    #[error("EV0319: {count} unnamed reports of departures until the last day; at most {most} are supported")]
    TooManyInAll {
        /// How many.
        count: usize,
        /// The limit.
        most: usize,
    },
}

impl ClaimError {
    /// Where in the file, if it is one place.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::Unreadable { at, .. }
            | Self::MissingColumn { at, .. }
            | Self::PersonalData { at, .. }
            | Self::UnknownColumn { at, .. }
            | Self::ColumnTwice { at, .. }
            | Self::Date { at, .. }
            | Self::Number { at, .. }
            | Self::OutOfRange { at, .. }
            | Self::LowAboveHigh { at, .. }
            | Self::Word { at, .. }
            | Self::DuplicateId { at, .. }
            | Self::Revises { at, .. }
            | Self::RevisesItself { at, .. }
            | Self::FormNeeds { at, .. }
            | Self::DiffersFromRaw { at, .. }
            | Self::Grade { at, .. }
            | Self::NoPartner { at, .. }
            | Self::Empty { at, .. } => Some(at),
            Self::TooManyReports { .. } | Self::TooManyInAll { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_what_is_known_of_it() {
        let place = |id: &str, column: &str| {
            let (file, id, column) = ("c.csv".to_owned(), id.to_owned(), column.to_owned());
            Place { file, line: 3, id, column }.to_string()
        };
        assert_eq!(place("A1", "value"), "c.csv, row at line 3 (A1), column `value`");
        assert_eq!(place("", ""), "c.csv, row at line 3");
    }
}
