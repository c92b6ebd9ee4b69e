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
    debug_assert_eq!(misplaced(parts), None, "{name}");
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

/// What a renderer of Vega-Lite would refuse or pass over: layers beside a facet in place of inside its `spec`, a number of columns inside the
/// facet, rows or columns as channels of layers.
fn misplaced(parts: &Value) -> Option<&'static str> {
    let channels = ["row", "column"].map(|key| &parts["encoding"][key]);
    match (parts.get("facet"), parts.get("layer"), parts.get("spec")) {
        (Some(_), Some(_), _) => Some("layers beside a facet"),
        (Some(_), None, None) => Some("a facet of nothing"),
        (Some(facet), ..) if facet.get("columns").is_some() => Some("columns inside a facet"),
        (_, Some(_), _) if channels.iter().any(|channel| !channel.is_null()) => Some("rows or columns of layers"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_renderer_refuses_is_noticed() {
        let layer = json!([{"mark": "point"}]);
        let facet = json!({"field": "x", "type": "nominal"});
        assert_eq!(misplaced(&json!({"layer": layer})), None);
        assert_eq!(misplaced(&json!({"facet": facet, "columns": 2, "spec": {"layer": layer}})), None);
        assert_eq!(misplaced(&json!({"facet": facet, "layer": layer})), Some("layers beside a facet"));
        assert_eq!(misplaced(&json!({"facet": facet})), Some("a facet of nothing"));
        assert_eq!(
            misplaced(&json!({"facet": {"field": "x", "columns": 2}, "spec": {}})),
            Some("columns inside a facet")
        );
        let rows = json!({"layer": layer, "encoding": {"row": facet}});
        assert_eq!(misplaced(&rows), Some("rows or columns of layers"));
    }

    #[test]
    fn text_with_commas_and_quotes_survives() {
        let mut sheet = Sheet::new(&["name", "value"]);
        sheet.row(["a, \"b\"".into(), 0.1.into()]);
        sheet.row(["c".into(), None.into()]);
        assert_eq!(sheet.csv(), "name,value,population\n\"a, \"\"b\"\"\",0.1,synthetic\nc,,synthetic\n");
    }
}
