//! Table and figure of the experiments: wins of twenty pairs by pattern and rule.

use super::Column;
use super::experiments::{EXPERIMENTS, PAIRS, SHOWN};
use std::fmt::Write as _;

/// One row an experiment and rule.
pub(super) fn csv(columns: &[Column]) -> String {
    let mut out = String::from("population,pattern,rule,wins_of_20,verdict,says\n");
    for column in columns {
        for (experiment, wins) in EXPERIMENTS.iter().zip(&column.wins) {
            let (pattern, says) = (experiment.pattern, experiment.says);
            writeln!(out, "synthetic,{pattern},{},{wins},{},\"{says}\"", column.rule, verdict(*wins))
                .expect("writing to a String does not fail");
        }
    }
    out
}

fn verdict(wins: f64) -> &'static str {
    if wins >= SHOWN {
        "shown"
    } else if wins <= f64::from(PAIRS) - SHOWN {
        "reversed"
    } else {
        "undecided"
    }
}

const LEFT: f64 = 70.0;
const TOP: f64 = 70.0;
const CELL: (f64, f64) = (78.0, 30.0);

/// A sheet of cells: rows are patterns, columns are rules; the number of pairs that agree, coloured by verdict.
pub(super) fn svg(columns: &[Column]) -> String {
    let width = LEFT + CELL.0 * columns.len() as f64 + 20.0;
    let height = TOP + CELL.1 * EXPERIMENTS.len() as f64 + 40.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\">\n\
         <title>Emergent patterns by rule of decision: pairs of 20 that agree</title>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"10\" y=\"22\" font-size=\"14\" font-weight=\"bold\">Emergent patterns: pairs of 20 that agree</text>\n\
         <text x=\"10\" y=\"40\" font-size=\"11\" fill=\"#5c5c5c\">blue: shown (16 or more); grey: undecided; orange: reversed (4 or fewer)</text>\n"
    );
    let mut write = |text: String| out.push_str(&text);
    for (place, column) in columns.iter().enumerate() {
        let x = LEFT + CELL.0 * (place as f64 + 0.5);
        write(format!(
            "<text x=\"{x}\" y=\"{}\" font-size=\"12\" text-anchor=\"middle\">{}</text>\n",
            TOP - 8.0,
            column.rule
        ));
    }
    for (row, experiment) in EXPERIMENTS.iter().enumerate() {
        let y = TOP + CELL.1 * row as f64;
        write(format!("<text x=\"10\" y=\"{}\" font-size=\"12\">{}</text>\n", y + 19.0, experiment.pattern));
        for (place, column) in columns.iter().enumerate() {
            let (x, wins) = (LEFT + CELL.0 * place as f64, column.wins[row]);
            let colour = match verdict(wins) {
                "shown" => "#0072b2",
                "reversed" => "#d55e00",
                _ => "#bdbdbd",
            };
            write(format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{colour}\"/>\n\
                 <text x=\"{}\" y=\"{}\" font-size=\"12\" fill=\"#fff\" text-anchor=\"middle\">{wins}</text>\n",
                x + 1.0,
                y + 1.0,
                CELL.0 - 2.0,
                CELL.1 - 2.0,
                x + CELL.0 / 2.0,
                y + 19.0
            ));
        }
    }
    out.push_str("</svg>\n");
    out
}
