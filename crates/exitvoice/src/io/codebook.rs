//! `codebook.csv`: one row per column of every table of a run, generated from the tables themselves.

use super::table::{Column, ColumnData, Table, TableError};

const HEADER: [&str; 10] =
    ["table", "column", "type", "unit", "description", "levels", "missing", "role", "source", "since"];

/// Rows of a codebook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codebook {
    rows: Vec<[String; 10]>,
}

impl Codebook {
    /// Adds a table; a second part of a table already there adds nothing.
    ///
    /// # Errors
    /// The part has other columns than the first one; the error names the first that differs.
    pub fn add(&mut self, table: &Table) -> Result<(), TableError> {
        let new: Vec<[String; 10]> = table.columns.iter().map(|c| row(table.name, c)).collect();
        let old: Vec<&[String; 10]> = self.rows.iter().filter(|r| r[0] == table.name).collect();
        if old.is_empty() {
            self.rows.extend(new);
            return Ok(());
        }
        let differs = (0..old.len().max(new.len())).find(|i| old.get(*i).copied() != new.get(*i));
        match differs {
            None => Ok(()),
            Some(i) => {
                let column = table.columns.get(i).map_or("", |c| c.name);
                let problem = "this part has other columns than the first one".to_owned();
                Err(TableError { table: table.name, column, problem })
            }
        }
    }

    /// The file.
    ///
    /// # Panics
    /// Never: writing into memory does not fail.
    #[must_use]
    pub fn to_csv(&self) -> Vec<u8> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(HEADER).expect("memory does not fail");
        for row in &self.rows {
            writer.write_record(row).expect("memory does not fail, and every row has the header's length");
        }
        writer.into_inner().expect("memory does not fail")
    }
}

fn row(table: &str, column: &Column) -> [String; 10] {
    let levels = match &column.data {
        ColumnData::Category { levels, .. } => levels.join(" | "),
        ColumnData::Bool(_) => "false | true".to_owned(),
        _ => String::new(),
    };
    let missing = if column.missing.is_empty() { "never" } else { column.missing };
    [
        table,
        column.name,
        column.data.type_word(),
        column.unit,
        column.description,
        &levels,
        missing,
        column.role.word(),
        column.source,
        column.since,
    ]
    .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::table::tests::example;

    #[test]
    fn the_codebook_says_for_every_column_what_the_declaration_says() {
        let mut book = Codebook::default();
        book.add(&example()).expect("new");
        book.add(&example()).expect("the same part again");
        let text = String::from_utf8(book.to_csv()).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1 + example().columns.len());
        assert_eq!(lines[0], "table,column,type,unit,description,levels,missing,role,source,since");
        assert_eq!(
            lines[6],
            "series,status,category,,Status counted.,present | killed,all statuses together,latent,exitvoice,0.1.0"
        );
        assert_eq!(lines[8], "series,note,text,,\"A remark, \"\"quoted\"\".\",,never,observed,exitvoice,0.1.0");
    }

    #[test]
    fn a_part_with_other_columns_is_refused() {
        let mut book = Codebook::default();
        book.add(&example()).expect("new");
        let mut other = example();
        other.columns[3].unit = "yr";
        assert_eq!(book.add(&other).expect_err("another unit").column, "day");
        other = example();
        other.columns.pop();
        assert!(book.add(&other).expect_err("a column less").to_string().starts_with("EV0740"));
    }
}
