//! Facts that the built binary prints: help of each command, and the codebooks of those that write tables.

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

/// One column of one table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct CodebookRow {
    /// Commands that write it.
    pub(crate) commands: Vec<String>,
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

/// A command whose folder has tables. Of its words, `FIRST` stands for the folder of the first command, `WAR`, `HOME`, `PLAN` and `NONE` for files.
struct Case {
    words: &'static [&'static str],
    /// Exit codes that it may end with.
    accepted: &'static [i32],
}

const CASES: [Case; 11] = [
    Case { words: &["run", "toy-squad", "--no-infer", "--replicates", "1", "--record", "full"], accepted: &[0] },
    Case {
        words: &["run", "HOME", "--scale", "0.02", "--no-infer", "--replicates", "2", "--societies", "2"],
        accepted: &[0],
    },
    Case {
        words: &["compare", "toy-squad", "toy-squad", "--replicates", "2", "--mechanisms", "informers,hostages"],
        accepted: &[0],
    },
    Case {
        words: &["compare", "HOME", "HOME", "--scale", "0.02", "--replicates", "2", "--societies", "2"],
        accepted: &[0],
    },
    Case { words: &["branch", "FIRST", "--at", "2024-11-07", "--with", "toy-squad"], accepted: &[0] },
    Case { words: &["sweep", "toy-squad", "--replicates", "2", "--record", "full"], accepted: &[0] },
    Case { words: &["sensitivity", "PLAN"], accepted: &[0] },
    Case { words: &["run", "WAR", "--replicates", "1", "--set", "infer.budget=3000"], accepted: &[0] },
    // Too few simulations for a posterior: one that is refused writes predictions of its prior.
    Case { words: &["infer", "WAR"], accepted: &[69] },
    // Without a claim the posterior is the prior, which is never refused and can be gone on from.
    Case {
        words: &["infer", "WAR", "--claims", "NONE", "--budget", "2000", "--predict-to", "2025-04-30"],
        accepted: &[0],
    },
    Case { words: &["history", "kursk-2024", "--scale", "0.01", "--no-cache"], accepted: &[0] },
];

/// A war of 120 men that can be inferred from in seconds.
const WAR: &str = "crates/exitvoice/tests/place/small-war.toml";
/// Claims of which the header is taken.
const CLAIMS: &str = "crates/exitvoice/data/evidence/claims-kursk-2024-coded.csv";
const PLAN: &str = "format = 1\nname = \"codebook\"\nscenario = \"toy-squad\"\nmethod = \"sobol\"\nbase = 2\n\
                    parameters = [\"exit.absence.length\"]\n";

/// The codebooks that every command which writes tables leaves, on the smallest scenarios.
pub(crate) fn codebook(root: &Path, binary: &Path) -> Result<Vec<CodebookRow>, String> {
    let work = std::env::temp_dir().join(format!("exitvoice-codebook-{}", std::process::id()));
    let write = |name: &str, text: &str| -> Result<String, String> {
        let path = work.join(name);
        std::fs::write(&path, text).map_err(|e| format!("could not write {}: {e}", path.display()))?;
        Ok(path.to_string_lossy().into_owned())
    };
    std::fs::create_dir_all(&work).map_err(|e| format!("could not make {}: {e}", work.display()))?;
    let war = std::fs::read_to_string(root.join(WAR)).map_err(|e| format!("could not read {WAR}: {e}"))?;
    let at_home = war.replace("fixture:toy", "history").replace("\"small-war\"", "\"home\"");
    let claims = std::fs::read_to_string(root.join(CLAIMS)).map_err(|e| format!("could not read {CLAIMS}: {e}"))?;
    let none = write("none.csv", &format!("{}\n", claims.lines().next().unwrap_or_default()))?;
    let (war, home, plan) = (write("war.toml", &war)?, write("home.toml", &at_home)?, write("plan.toml", PLAN)?);
    let out = work.join("results").to_string_lossy().into_owned();
    let (mut rows, mut first) = (Vec::new(), String::new());
    for case in CASES {
        let named = |word: &&'static str| match *word {
            "FIRST" => first.clone(),
            "WAR" => war.clone(),
            "HOME" => home.clone(),
            "PLAN" => plan.clone(),
            "NONE" => none.clone(),
            other => other.to_owned(),
        };
        let mut words: Vec<String> = case.words.iter().map(named).collect();
        words.extend(["--json", "--progress", "none", "--out", &out].map(str::to_owned));
        if case.words[0] != "branch" {
            words.push("--allow-scaled".to_owned());
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let printed = process::answer(root, &binary.to_string_lossy(), &words, case.accepted)?;
        let json: serde_json::Value =
            serde_json::from_str(&printed).map_err(|e| format!("`{} --json` printed no JSON: {e}", case.words[0]))?;
        let folder = json["out"].as_str().ok_or_else(|| format!("`{} --json` gave no `out`", case.words[0]))?;
        if first.is_empty() {
            folder.clone_into(&mut first);
        }
        let path = root.join(folder).join("codebook.csv");
        let text = std::fs::read_to_string(&path).map_err(|e| format!("could not read {}: {e}", path.display()))?;
        merge(&mut rows, case.words[0], codebook_rows(&text)?);
    }
    std::fs::remove_dir_all(&work).map_err(|e| format!("could not remove {}: {e}", work.display()))?;
    Ok(rows)
}

/// Adds the columns that a command writes; what another one writes alike is named beside it.
fn merge(all: &mut Vec<CodebookRow>, command: &str, rows: Vec<CodebookRow>) {
    for row in rows {
        let alike = |other: &CodebookRow| {
            (&other.table, &other.column, &other.kind, &other.unit, &other.description, &other.missing, &other.role)
                == (&row.table, &row.column, &row.kind, &row.unit, &row.description, &row.missing, &row.role)
        };
        if let Some(known) = all.iter_mut().find(|other| alike(other)) {
            if !known.commands.iter().any(|known| known == command) {
                known.commands.push(command.to_owned());
            }
            continue;
        }
        let place = all.iter().rposition(|other| other.table == row.table).map_or(all.len(), |last| last + 1);
        all.insert(place, CodebookRow { commands: vec![command.to_owned()], ..row });
    }
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
            commands: Vec::new(),
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
    fn a_column_that_two_commands_write_stands_once_and_beside_those_of_its_table() {
        let of = |table: &str, column: &str, unit: &str| CodebookRow {
            table: table.to_owned(),
            column: column.to_owned(),
            unit: unit.to_owned(),
            ..CodebookRow::default()
        };
        let run = vec![of("runs", "seed", ""), of("kin", "degree", "1")];
        let mut merged = Vec::new();
        merge(&mut merged, "run", run);
        merge(&mut merged, "compare", vec![of("runs", "side", ""), of("runs", "seed", ""), of("kin", "degree", "d")]);
        let found: Vec<String> =
            merged.iter().map(|r| format!("{}.{} {} {}", r.table, r.column, r.unit, r.commands.join("+"))).collect();
        let expected = ["runs.seed  run+compare", "runs.side  compare", "kin.degree 1 run", "kin.degree d compare"];
        assert_eq!(found, expected);
    }

    #[test]
    fn codebook_columns_are_found_by_name_and_a_missing_one_is_refused() {
        let text = "table,column,type,unit,description,levels,missing,role,source,since\nseries,day,int32,d,\"Day, from 0\",,,input,,m1.0\n";
        let rows = codebook_rows(text).expect("complete");
        assert_eq!((rows[0].column.as_str(), rows[0].description.as_str()), ("day", "Day, from 0"));
        assert!(codebook_rows("table,column\n").is_err_and(|m| m.contains("`type`")));
    }
}
