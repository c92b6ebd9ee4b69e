//! The data of a figure as text: CSV, and the frame of a Vega-Lite specification that reads it.

use serde_json::{Value, json};

/// One cell.
pub(in crate::report) enum Cell {
    Text(String),
    Number(f64),
    Missing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
impl From<Option<f64>> for Cell {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }
}

/// A table with one number or interval a row; a last column says that the population is synthetic.
pub(in crate::report) struct Sheet {
    text: String,
    columns: usize,
}

impl Sheet {
    pub(super) fn new(columns: &[&str]) -> Self {
        Self { text: format!("{},population\n", columns.join(",")), columns: columns.len() }
    }

    /// Adds a row with as many cells as there are columns.
    pub(super) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        debug_assert_eq!(N, self.columns, "a row has as many cells as the table has columns");
        for cell in cells {
            match cell {
                Cell::Text(text) => self.text.push_str(&quoted(&text)),
                Cell::Number(number) => self.text.push_str(&number.to_string()),
                Cell::Missing => {}
            }
            self.text.push(',');
        }
        self.text.push_str("synthetic\n");
    }

    pub(super) fn csv(&self) -> String {
        self.text.clone()
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// Adds what every specification shares to the parts of one.
pub(super) fn vega_lite(name: &str, title: &str, alt: &str, parts: &Value) -> String {
    let mut out = json!({
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "title": title,
        "description": alt,
        "usermeta": {"population": "synthetic"},
        "data": {"url": format!("{name}.csv"), "format": {"type": "csv"}},
    });
    if let (Value::Object(out), Value::Object(parts)) = (&mut out, parts) {
        out.extend(parts.clone());
    }
    format!("{out:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_with_commas_and_quotes_survives() {
        let mut sheet = Sheet::new(&["name", "value"]);
        sheet.row(["a, \"b\"".into(), 0.1.into()]);
        sheet.row(["c".into(), None.into()]);
        assert_eq!(sheet.csv(), "name,value,population\n\"a, \"\"b\"\"\",0.1,synthetic\nc,,synthetic\n");
    }
}
