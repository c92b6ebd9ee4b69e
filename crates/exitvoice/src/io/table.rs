//! Declaration of a result table: its columns with unit, description, role and source. The Parquet file ([`super::parquet`]) and
//! the codebook ([`super::codebook`]) are two views of it, so that nothing is written twice.

use exitvoice_core::time::Day;

/// Where a column's values come from. Truth, claimed and inferred never share a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Given: keys, scenario, seed, claims as published.
    Input,
    /// Simulated and hidden from outsiders.
    Latent,
    /// What simulated outsiders see or say.
    Observed,
    /// Estimated from claims.
    Inferred,
}

impl Role {
    /// Word in the codebook.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Latent => "latent",
            Self::Observed => "observed",
            Self::Inferred => "inferred",
        }
    }
}

/// Values of a column, one per row; `None` is a missing value.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnData {
    /// Whole numbers from 0.
    U32(Vec<Option<u32>>),
    /// Whole numbers.
    I32(Vec<Option<i32>>),
    /// Whole numbers from 0, as seeds.
    U64(Vec<Option<u64>>),
    /// Numbers; never NaN or infinite.
    F64(Vec<Option<f64>>),
    /// Yes or no.
    Bool(Vec<Option<bool>>),
    /// Dates.
    Date(Vec<Option<Day>>),
    /// Any text.
    Text(Vec<Option<String>>),
    /// One of a fixed list of words, by position.
    Category {
        /// The words that can stand here, whether they occur or not.
        levels: Vec<String>,
        /// Position in `levels`.
        codes: Vec<Option<u32>>,
    },
}

impl ColumnData {
    /// The same text in every row.
    #[must_use]
    pub fn constant(text: &str, rows: usize) -> Self {
        Self::Category { levels: vec![text.to_owned()], codes: vec![Some(0); rows] }
    }

    /// Words of a fixed list.
    ///
    /// # Panics
    /// A word is not in the list: a bug of ours.
    #[must_use]
    pub fn category<'a>(levels: &[&str], words: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let code = |word: &str| {
            let position = levels.iter().position(|l| *l == word);
            position.unwrap_or_else(|| panic!("`{word}` is not a level of the column")) as u32
        };
        let codes = words.into_iter().map(|w| w.map(code)).collect();
        Self::Category { levels: levels.iter().map(|l| (*l).to_owned()).collect(), codes }
    }

    /// Number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        match self {
            Self::U32(v) | Self::Category { codes: v, .. } => v.len(),
            Self::I32(v) => v.len(),
            Self::U64(v) => v.len(),
            Self::F64(v) => v.len(),
            Self::Bool(v) => v.len(),
            Self::Date(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    /// Whether a value is missing.
    #[must_use]
    pub fn has_missing(&self) -> bool {
        match self {
            Self::U32(v) | Self::Category { codes: v, .. } => v.contains(&None),
            Self::I32(v) => v.contains(&None),
            Self::U64(v) => v.contains(&None),
            Self::F64(v) => v.iter().any(Option::is_none),
            Self::Bool(v) => v.contains(&None),
            Self::Date(v) => v.contains(&None),
            Self::Text(v) => v.contains(&None),
        }
    }

    /// Word for the type in the codebook.
    #[must_use]
    pub const fn type_word(&self) -> &'static str {
        match self {
            Self::U32(_) => "u32",
            Self::I32(_) => "i32",
            Self::U64(_) => "u64",
            Self::F64(_) => "f64",
            Self::Bool(_) => "bool",
            Self::Date(_) => "date",
            Self::Text(_) => "text",
            Self::Category { .. } => "category",
        }
    }
}

macro_rules! from_complete {
    ($($element:ty => $variant:ident),*) => {$(
        impl From<Vec<$element>> for ColumnData {
            fn from(values: Vec<$element>) -> Self {
                Self::$variant(values.into_iter().map(Some).collect())
            }
        }
        impl From<Vec<Option<$element>>> for ColumnData {
            fn from(values: Vec<Option<$element>>) -> Self {
                Self::$variant(values)
            }
        }
    )*};
}
from_complete!(u32 => U32, i32 => I32, u64 => U64, f64 => F64, bool => Bool, Day => Date, String => Text);

/// A column with all that a reader must know about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Name: snake_case with unit suffix (`desertions_per_1000_month`).
    pub name: &'static str,
    /// Unit of measure; `1` for counts and shares, empty for words and keys.
    pub unit: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// Where its values come from.
    pub role: Role,
    /// What a missing value means; empty where none may be missing.
    pub missing: &'static str,
    /// Mechanism, channel, key of the literature or file that the column comes from.
    pub source: &'static str,
    /// Software version that first wrote it.
    pub since: &'static str,
    /// The values.
    pub data: ColumnData,
}

impl Column {
    /// A column without missing values, since version 0.1.0, computed by exitvoice.
    #[must_use]
    pub fn new(
        name: &'static str,
        unit: &'static str,
        description: &'static str,
        role: Role,
        data: impl Into<ColumnData>,
    ) -> Self {
        let data = data.into();
        Self { name, unit, description, role, missing: "", source: "exitvoice", since: "0.1.0", data }
    }

    /// The same, allowed to miss values, which means `reason`.
    #[must_use]
    pub fn missing(self, reason: &'static str) -> Self {
        Self { missing: reason, ..self }
    }

    /// The same, from another source.
    #[must_use]
    pub fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }

    /// The same, first written by software version `since`.
    #[must_use]
    pub fn since(self, since: &'static str) -> Self {
        Self { since, ..self }
    }
}

/// A table, or one part of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Name: snake_case.
    pub name: &'static str,
    /// One sentence: what a row is.
    pub description: &'static str,
    /// Columns; keys first.
    pub columns: Vec<Column>,
}

/// A table contradicts its own declaration: a bug of ours, found before a file is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("EV0740: table `{table}`, column `{column}`: {problem}")]
pub struct TableError {
    /// The table.
    pub table: &'static str,
    /// The column; empty where it is about the table.
    pub column: &'static str,
    /// What is wrong.
    pub problem: String,
}

impl Table {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.data.rows())
    }

    /// Requirements: at least one column; names in snake_case and different; columns of one length; nothing missing where nothing
    /// may be; finite numbers; codes inside their levels.
    ///
    /// # Errors
    /// The first requirement that fails.
    pub fn check(&self) -> Result<(), TableError> {
        let error = |column: &'static str, problem: String| TableError { table: self.name, column, problem };
        if self.columns.is_empty() || !is_snake_case(self.name) {
            return Err(error("", "a table has a name in snake_case and at least one column".to_owned()));
        }
        for (index, column) in self.columns.iter().enumerate() {
            let fail = |problem: &str| Err(error(column.name, problem.to_owned()));
            if !is_snake_case(column.name) || column.description.is_empty() {
                return fail("a column has a name in snake_case and a description");
            }
            if self.columns[..index].iter().any(|c| c.name == column.name) {
                return fail("the name is given twice");
            }
            if column.data.rows() != self.rows() {
                return fail(&format!("{} rows where the first column has {}", column.data.rows(), self.rows()));
            }
            if column.missing.is_empty() && column.data.has_missing() {
                return fail("a value is missing, and the column does not say what that means");
            }
            match &column.data {
                ColumnData::F64(v) if v.iter().flatten().any(|x| !x.is_finite()) => {
                    return fail("a number is not finite");
                }
                ColumnData::Category { levels, codes }
                    if codes.iter().flatten().any(|c| *c as usize >= levels.len()) =>
                {
                    return fail("a code lies outside the levels");
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn is_snake_case(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A table with every type of column.
    pub(crate) fn example() -> Table {
        let days = [Day(20_004), Day(20_005), Day(20_006)];
        Table {
            name: "series",
            description: "One value of one metric of one unit on one day of one replicate.",
            columns: vec![
                Column::new("run_id", "", "Run.", Role::Input, ColumnData::constant("0123456789ab", 3)),
                Column::new("replicate", "", "Replicate, from 0.", Role::Input, vec![0_u32, 0, 1]),
                Column::new("seed", "", "Seed of the replicate.", Role::Input, vec![u64::MAX, u64::MAX, 3]),
                Column::new("day", "d", "Day of the deployment.", Role::Input, vec![-1_i32, 0, 1]),
                Column::new("date", "", "Date.", Role::Input, days.to_vec()),
                Column::new(
                    "status",
                    "",
                    "Status counted.",
                    Role::Latent,
                    ColumnData::category(&["present", "killed"], [Some("killed"), None, Some("present")]),
                )
                .missing("all statuses together"),
                Column::new("true_heads", "1", "Soldiers.", Role::Latent, vec![Some(0.5), None, Some(-0.0)])
                    .missing("not counted before day 0")
                    .source("force.status"),
                Column::new(
                    "note",
                    "",
                    "A remark, \"quoted\".",
                    Role::Observed,
                    vec!["a".to_owned(), String::new(), "ж, 한".to_owned()],
                ),
                Column::new("scaled", "", "Fewer persons than the country has.", Role::Input, vec![true, false, true])
                    .since("0.2.0"),
            ],
        }
    }

    fn broken(change: impl FnOnce(&mut Table)) -> String {
        let mut table = example();
        change(&mut table);
        let error = table.check().expect_err("the change breaks a requirement").to_string();
        assert!(error.starts_with("EV0740"), "{error}");
        error
    }

    #[test]
    fn a_table_that_contradicts_itself_is_found_with_table_and_column() {
        assert_eq!(example().check(), Ok(()));
        assert!(broken(|t| t.columns.clear()).contains("series"));
        assert!(broken(|t| t.columns[1].name = "Replicate").contains("snake_case"));
        assert!(broken(|t| t.columns[1].name = "run_id").contains("twice"));
        assert!(broken(|t| t.columns[1].data = vec![1_u32].into()).contains("1 rows"));
        assert!(broken(|t| t.columns[5].missing = "").contains("`status`"));
        assert!(broken(|t| t.columns[6].data = vec![f64::NAN; 3].into()).contains("finite"));
        let outside = ColumnData::Category { levels: Vec::new(), codes: vec![None, None, Some(0)] };
        assert!(broken(|t| t.columns[5].data = outside).contains("levels"));
    }
}
