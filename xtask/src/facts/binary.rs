//! Facts that the built binary prints: help of each command, the codebook of a run.

use crate::process;
use std::path::Path;

/// Help of the program itself and of each of its commands, in the order the program lists them.
pub(crate) fn command_help(root: &Path, binary: &Path) -> Result<Vec<(String, String)>, String> {
    let program = binary.to_string_lossy();
    let general = process::capture(root, &program, &["--help"])?;
    let names = command_names(&general);
    if names.is_empty() {
        return Err("`exitvoice --help` lists no commands".to_owned());
    }
    let mut all = vec![("exitvoice".to_owned(), general)];
    for name in names {
        let help = process::capture(root, &program, &[&name, "--help"])?;
        all.push((format!("exitvoice {name}"), help));
    }
    Ok(all)
}

/// The first words of the lines under `Commands:`.
fn command_names(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|l| l.trim() != "Commands:").skip(1).take_while(|l| !l.trim().is_empty());
    listed
        .filter(|l| l.starts_with("  ") && !l.starts_with("   "))
        .filter_map(|l| l.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// One column of one table of a run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CodebookRow {
    /// Table.
    pub(crate) table: String,
    /// Column.
    pub(crate) column: String,
    /// Type of its values.
    pub(crate) kind: String,
    /// Unit of measure.
    pub(crate) unit: String,
    /// Meaning.
    pub(crate) description: String,
    /// Possible values of a category.
    pub(crate) levels: String,
    /// What a missing value means.
    pub(crate) missing: String,
    /// Input, latent, observed or inferred.
    pub(crate) role: String,
}

/// The codebook that a run of the smallest shipped scenario writes.
pub(crate) fn codebook(root: &Path, binary: &Path) -> Result<Vec<CodebookRow>, String> {
    let work = std::env::temp_dir().join(format!("exitvoice-codebook-{}", std::process::id()));
    let out = work.to_string_lossy().into_owned();
    let arguments = [
        "run",
        "toy-squad",
        "--no-infer",
        "--replicates",
        "1",
        "--json",
        "--progress",
        "none",
        "--force",
        "--out",
        &out,
    ];
    let printed = process::capture(root, &binary.to_string_lossy(), &arguments)?;
    let json: serde_json::Value =
        serde_json::from_str(&printed).map_err(|e| format!("`run --json` printed no JSON: {e}"))?;
    let folder = json["out"].as_str().ok_or("`run --json` gave no text under `out`")?;
    let path = root.join(folder).join("codebook.csv");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("could not read {}: {e}", path.display()))?;
    std::fs::remove_dir_all(&work).map_err(|e| format!("could not remove {out}: {e}"))?;
    codebook_rows(&text)
}

fn codebook_rows(text: &str) -> Result<Vec<CodebookRow>, String> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| format!("codebook.csv: {e}"))?.clone();
    let place = |name: &str| {
        headers.iter().position(|h| h == name).ok_or_else(|| format!("codebook.csv has no column `{name}`"))
    };
    let names = ["table", "column", "type", "unit", "description", "levels", "missing", "role"];
    let places = names.iter().map(|n| place(n)).collect::<Result<Vec<usize>, String>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| format!("codebook.csv: {e}"))?;
        let cell = |i: usize| record.get(places[i]).unwrap_or_default().to_owned();
        rows.push(CodebookRow {
            table: cell(0),
            column: cell(1),
            kind: cell(2),
            unit: cell(3),
            description: cell(4),
            levels: cell(5),
            missing: cell(6),
            role: cell(7),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_names_come_from_the_help_text() {
        let help = "Usage: exitvoice <COMMAND>\n\nCommands:\n  run      Runs a scenario\n           on two lines\n  about    Scope\n  \
                    help     Help\n\nOptions:\n  -h\n";
        assert_eq!(command_names(help), ["run", "about"]);
        assert!(command_names("nothing").is_empty());
    }

    #[test]
    fn codebook_columns_are_found_by_name_and_a_missing_one_is_refused() {
        let text = "table,column,type,unit,description,levels,missing,role,source,since\nseries,day,int32,d,\"Day, from 0\",,,input,,m1.0\n";
        let rows = codebook_rows(text).expect("complete");
        assert_eq!((rows[0].column.as_str(), rows[0].description.as_str()), ("day", "Day, from 0"));
        assert!(codebook_rows("table,column\n").is_err_and(|m| m.contains("`type`")));
    }
}
