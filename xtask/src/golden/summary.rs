//! The readable half of a golden result: a table of quantities with intervals.

use serde_json::Value;
use std::fmt::Write;

/// Columns of the table, as they are called in the JSON of `run`.
const COLUMNS: [&str; 4] = ["mean", "q05", "q50", "q95"];

/// What a run showed.
#[derive(Debug, PartialEq)]
pub(super) struct Observed {
    /// Text of `summary.tsv`.
    pub(super) summary: String,
    /// BLAKE3 of the canonical record.
    pub(super) digest: String,
    /// As `m1.0`.
    pub(super) model_version: String,
}

impl Observed {
    /// Reads the JSON that `run --json` prints.
    pub(super) fn from_json(name: &str, printed: &str) -> Result<Self, String> {
        let json: Value = serde_json::from_str(printed).map_err(|e| format!("`run --json` printed no JSON: {e}"))?;
        let text = |key: &str| {
            json[key].as_str().map(str::to_owned).ok_or_else(|| format!("`run --json` gave no text under `{key}`"))
        };
        let (digest, model_version) = (text("digest")?, text("model_version")?);
        let quantities = json["quantities"].as_object().ok_or("`run --json` gave no table under `quantities`")?;
        if quantities.is_empty() {
            return Err("`run --json` gave no quantities".to_owned());
        }
        let mut rows: Vec<(&String, &Value)> = quantities.iter().collect();
        rows.sort_by_key(|(name, _)| *name);
        let mut summary = format!("golden\t{name}\nmodel_version\t{model_version}\n");
        for key in ["scaled", "replicates"] {
            let value = &json[key];
            if value.is_null() {
                return Err(format!("`run --json` gave nothing under `{key}`"));
            }
            writeln!(summary, "{key}\t{value}").expect("writing to a String does not fail");
        }
        writeln!(summary, "quantity\t{}", COLUMNS.join("\t")).expect("writing to a String does not fail");
        for (quantity, values) in rows {
            let cells: Result<Vec<String>, String> = COLUMNS.iter().map(|c| cell(quantity, c, &values[*c])).collect();
            writeln!(summary, "{quantity}\t{}", cells?.join("\t")).expect("writing to a String does not fail");
        }
        Ok(Self { summary, digest, model_version })
    }
}

/// A number with at most six significant digits: enough to read; the digest covers the rest.
fn cell(quantity: &str, column: &str, value: &Value) -> Result<String, String> {
    if value.is_null() {
        return Ok("missing".to_owned());
    }
    let number = value.as_f64().ok_or_else(|| format!("`{quantity}.{column}` is no number: {value}"))?;
    let rounded: f64 = format!("{number:.5e}").parse().map_err(|e| format!("`{quantity}.{column}`: {e}"))?;
    Ok(rounded.to_string())
}

/// The model version named in a summary.
pub(super) fn model_version(summary: &str) -> Option<&str> {
    summary.lines().find_map(|l| l.strip_prefix("model_version\t"))
}

/// The first cell that differs, in words; `None` when the texts are equal.
pub(super) fn first_difference(before: &str, now: &str) -> Option<String> {
    if before == now {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let differing = (0..old.len().max(new.len())).filter(|i| old.get(*i) != new.get(*i)).count();
    let others = match differing.saturating_sub(1) {
        0 => String::new(),
        more => format!(" (and {more} more lines)"),
    };
    let Some(i) = (0..old.len().max(new.len())).find(|i| old.get(*i) != new.get(*i)) else {
        return Some("differs only in its line ends".to_owned());
    };
    let what = match (old.get(i), new.get(i)) {
        (Some(was), None) => format!("lost the line `{was}`"),
        (None, Some(is)) => format!("gained the line `{is}`"),
        (Some(was), Some(is)) => differing_cell(&old, was, is),
        (None, None) => "differs".to_owned(),
    };
    Some(format!("line {}: {what}{others}", i + 1))
}

fn differing_cell(lines: &[&str], was: &str, is: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (was.split('\t').collect(), is.split('\t').collect());
    if old.len() != new.len() || old[0] != new[0] {
        return format!("was `{}`, is `{}`", old.join(" "), new.join(" "));
    }
    let header: Vec<&str> =
        lines.iter().find(|l| l.starts_with("quantity\t")).map_or_else(Vec::new, |l| l.split('\t').collect());
    let column = (1..old.len()).find(|c| old[*c] != new[*c]).unwrap_or(0);
    let name =
        if header.len() == old.len() { format!("`{}` {}", old[0], header[column]) } else { format!("`{}`", old[0]) };
    format!("{name} was {}, is {}", old[column], new[column])
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"run_id":"1","digest":"ab","model_version":"m1.0","scaled":true,"replicates":3,
        "quantities":{"wounded":{"q05":1,"q50":2,"q95":3,"mean":2.123456789,"q25":0},
                      "deserted":{"q05":0,"q50":0,"q95":1.0,"mean":null}}}"#;

    #[test]
    fn a_summary_is_a_sorted_table_with_six_digits() {
        let observed = Observed::from_json("toy", JSON).expect("complete");
        let expected = "golden\ttoy\nmodel_version\tm1.0\nscaled\ttrue\nreplicates\t3\nquantity\tmean\tq05\tq50\tq95\n\
                        deserted\tmissing\t0\t0\t1\nwounded\t2.12346\t1\t2\t3\n";
        assert_eq!(observed.summary, expected);
        assert_eq!(model_version(&observed.summary), Some("m1.0"));
    }

    #[test]
    fn json_without_the_promised_keys_is_refused_by_name() {
        assert!(Observed::from_json("toy", "{}").is_err_and(|m| m.contains("digest")));
        assert!(Observed::from_json("toy", "hello").is_err_and(|m| m.contains("no JSON")));
        let empty = r#"{"digest":"a","model_version":"m1.0","quantities":{}}"#;
        assert!(Observed::from_json("toy", empty).is_err_and(|m| m.contains("no quantities")));
    }

    #[test]
    fn the_first_difference_names_line_quantity_and_column() {
        let before = Observed::from_json("toy", JSON).expect("complete").summary;
        let now = before.replace("2.12346\t1\t2", "2.12346\t1\t5");
        assert_eq!(first_difference(&before, &before), None);
        assert_eq!(first_difference(&before, &now).as_deref(), Some("line 7: `wounded` q50 was 2, is 5"));
        let longer = format!("{now}absent\t1\t1\t1\t1\n");
        let told = first_difference(&before, &longer).expect("differs");
        assert!(told.ends_with("(and 1 more lines)"), "{told}");
    }
}
