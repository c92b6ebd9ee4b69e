//! Table and figure of the patterns: imposed, emergent by rule, level and not modelled, counted apart.

use super::experiments::{EXPERIMENTS, PAIRS, SHOWN};
use super::imposed::Imposed;
use super::{JUDGED, LEVEL_BAND, NOT_MODELLED};
use crate::report::escaped;
use exitvoice_core::rng::sample;
use exitvoice_model::MODEL_VERSION;
use std::fmt::Write as _;

/// Wins of every experiment under a rule.
pub(super) struct Column {
    pub(super) rule: &'static str,
    pub(super) wins: Vec<f64>,
}

/// All that was found.
pub(super) struct Sheet {
    pub(super) imposed: Vec<Imposed>,
    pub(super) columns: Vec<Column>,
    /// Share of the prior with at most one prisoner alive per 1,000 casualties.
    pub(super) level: f64,
}

/// One row a pattern; emergent ones have one for each experiment and rule.
pub(super) fn csv(sheet: &Sheet) -> String {
    let mut out = String::from("population,kind,pattern,rule,value,unit,low95,high95,verdict,says\n");
    let mut row = |text: std::fmt::Arguments<'_>| {
        out.write_fmt(format_args!("synthetic,{text}\n")).expect("writing to a String does not fail");
    };
    for (pattern, says, holds) in &sheet.imposed {
        row(format_args!("imposed,{pattern},m1,,,,,{},\"{says}\"", if *holds { "shown" } else { "not shown" }));
    }
    for column in &sheet.columns {
        for (experiment, wins) in EXPERIMENTS.iter().zip(&column.wins) {
            let ([low, high], says) = (interval(*wins), experiment.says);
            let (pattern, rule, verdict) = (experiment.pattern, column.rule, verdict(*wins));
            row(format_args!("emergent,{pattern},{rule},{wins},pairs of 20,{low:.3},{high:.3},{verdict},\"{says}\""));
        }
    }
    let inside = if (LEVEL_BAND[0]..=LEVEL_BAND[1]).contains(&sheet.level) { "inside" } else { "outside" };
    row(format_args!("level,P22,prior,{:.3},share of the prior,,,{inside},\"{LEVEL_SAYS}\"", sheet.level));
    for (pattern, why) in NOT_MODELLED {
        row(format_args!("not modelled,{pattern},,,,,,,\"{why}\""));
    }
    out
}

const LEVEL_SAYS: &str = "at most one prisoner alive per 1,000 casualties is reachable and not certain";

pub(super) fn verdict(wins: f64) -> &'static str {
    if wins >= SHOWN {
        "shown"
    } else if wins <= f64::from(PAIRS) - SHOWN {
        "reversed"
    } else {
        "undecided"
    }
}

/// Interval of 95 in a hundred, after Jeffreys, of the share of pairs that agree.
fn interval(wins: f64) -> [f64; 2] {
    [0.025, 0.975].map(|u| sample::beta(u, wins + 0.5, f64::from(PAIRS) - wins + 0.5))
}

const LEFT: f64 = 400.0;
const TOP: f64 = 112.0;
const CELL: (f64, f64) = (92.0, 46.0);
const WIDTH: f64 = LEFT + 6.0 * CELL.0 + 14.0;
const LINE: f64 = 19.0;

/// A sheet of cells, rows are experiments and columns are rules, and below it what is counted apart.
pub(super) fn svg(sheet: &Sheet) -> String {
    let below = TOP + CELL.1 * EXPERIMENTS.len() as f64;
    let height = below + LINE * (NOT_MODELLED.len() + sheet.imposed.len() + 6) as f64 + 60.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" role=\"img\" font-family=\"sans-serif\" fill=\"#1a1a1a\">\n\
         <title>Patterns of desertion by rule of decision</title>\n\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    let mut text = |x: f64, y: f64, style: &str, words: &str| {
        writeln!(out, "<text x=\"{x}\" y=\"{y}\" {style}>{}</text>", escaped(words))
            .expect("writing to a String does not fail");
    };
    text(
        10.0,
        24.0,
        "font-size=\"16\" font-weight=\"bold\"",
        "Emergent patterns: pairs of worlds, of 20, that have the sign",
    );
    let key = format!(
        "Model {MODEL_VERSION}. ✓ shown: 16 or more · ? undecided · ✗ reversed: 4 or fewer; ties count half. In brackets: 95 % interval of the share of pairs"
    );
    text(10.0, 44.0, "font-size=\"12\"", &key);
    for (place, column) in sheet.columns.iter().enumerate() {
        let x = LEFT + CELL.0 * (place as f64 + 0.5);
        text(x, TOP - 24.0, "font-size=\"13\" font-weight=\"bold\" text-anchor=\"middle\"", column.rule);
        text(x, TOP - 9.0, "font-size=\"11\" text-anchor=\"middle\"", rule_name(column.rule));
        if column.rule == JUDGED {
            text(x, TOP - 39.0, "font-size=\"10\" text-anchor=\"middle\"", "default, judged");
        }
    }
    for (row, experiment) in EXPERIMENTS.iter().enumerate() {
        let y = TOP + CELL.1 * row as f64;
        text(10.0, y + 18.0, "font-size=\"12\" font-weight=\"bold\"", experiment.pattern);
        for (line, words) in lines(experiment.says).iter().enumerate() {
            text(48.0, y + 13.0 + 13.0 * line as f64, "font-size=\"11\"", words);
        }
    }
    for (place, column) in sheet.columns.iter().enumerate() {
        for (row, wins) in column.wins.iter().enumerate() {
            let (x, y) = (LEFT + CELL.0 * place as f64, TOP + CELL.1 * row as f64);
            out.push_str(&cell(x, y, *wins));
        }
    }
    let mut y = below + 30.0;
    let mut line = |style: &str, words: &str| {
        // A heading stands apart from what is above it.
        y += if style == HEAD { LINE / 2.0 } else { 0.0 };
        writeln!(out, "<text x=\"10\" y=\"{y}\" {style}>{}</text>", escaped(words))
            .expect("writing to a String does not fail");
        y += LINE;
    };
    let holds = sheet.imposed.iter().filter(|i| i.2).count();
    let title = format!("Imposed by the sign of a coefficient, under m1: {holds} of {}", sheet.imposed.len());
    line(HEAD, &title);
    for (pattern, says, holds) in &sheet.imposed {
        line(PLAIN, &format!("{} {pattern}  {says}", if *holds { '✓' } else { '✗' }));
    }
    line(HEAD, "Level");
    let [low, high] = LEVEL_BAND;
    line(PLAIN, &format!("P22  {LEVEL_SAYS}: {:.2} of the prior (band {low} to {high})", sheet.level));
    line(HEAD, "Not modelled");
    for (pattern, why) in NOT_MODELLED {
        line(PLAIN, &format!("{pattern}  {why}"));
    }
    out.push_str("</svg>\n");
    out
}

const HEAD: &str = "font-size=\"14\" font-weight=\"bold\"";
const PLAIN: &str = "font-size=\"12\"";

/// Name of a rule, for the head of its column.
fn rule_name(rule: &str) -> &'static str {
    match rule {
        "m0" => "constant",
        "m1" => "random utility",
        "m2" => "threshold",
        "m3" => "affect",
        "m4" => "joint sanction",
        _ => "principal-agent",
    }
}

/// One cell: the count with a mark that needs no colour, and the interval.
fn cell(x: f64, y: f64, wins: f64) -> String {
    let (colour, ink, mark) = match verdict(wins) {
        "shown" => ("#00588c", "#fff", '✓'),
        "reversed" => ("#a33b00", "#fff", '✗'),
        _ => ("#e4e4e4", "#1a1a1a", '?'),
    };
    let [low, high] = interval(wins);
    let (width, height, middle) = (CELL.0 - 3.0, CELL.1 - 3.0, x + CELL.0 / 2.0);
    format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>\n\
         <text x=\"{middle}\" y=\"{}\" font-size=\"14\" fill=\"{ink}\" text-anchor=\"middle\">{wins} {mark}</text>\n\
         <text x=\"{middle}\" y=\"{}\" font-size=\"11\" fill=\"{ink}\" text-anchor=\"middle\">({low:.2} to {high:.2})</text>\n",
        y + 19.0,
        y + 35.0
    )
}

/// Words in lines of at most so many letters.
fn lines(words: &str) -> Vec<String> {
    const MOST: usize = 58;
    let mut lines: Vec<String> = vec![String::new()];
    for word in words.split(' ') {
        let last = lines.last_mut().expect("never empty");
        if !last.is_empty() && last.len() + word.len() >= MOST {
            lines.push(word.to_owned());
        } else {
            let gap = if last.is_empty() { "" } else { " " };
            *last += &format!("{gap}{word}");
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let wins = |n: f64| vec![n; EXPERIMENTS.len()];
        let columns = vec![Column { rule: "m1", wins: wins(17.0) }, Column { rule: "m2", wins: wins(3.5) }];
        Sheet { imposed: vec![("P1", "coercion lowers exit", true)], columns, level: 0.3 }
    }

    #[test]
    fn the_table_says_which_rule_shows_what() {
        let table = csv(&sheet());
        assert!(table.contains("emergent,P7,m1,17,pairs of 20,0.651,0.956,shown,"), "{table}");
        assert!(table.contains("emergent,P7,m2,3.5,pairs of 20,"), "{table}");
        assert!(table.contains(",reversed,\"homogeneous") && table.contains("imposed,P1,m1,,,,,shown,"));
        assert!(table.contains("level,P22,prior,0.300,share of the prior,,,inside,"));
        let columns = table.lines().next().expect("a head").split(',').count();
        assert_eq!(columns, 10);
        assert_eq!(table.lines().filter(|l| l.contains("not modelled")).count(), NOT_MODELLED.len());
    }

    #[test]
    fn the_figure_counts_kinds_apart() {
        let figure = svg(&sheet());
        for words in ["17 ✓", "3.5 ✗", "random utility", "under m1: 1 of 1", "Not modelled", "(0.65 to 0.96)"] {
            assert!(figure.contains(words), "{words} in {figure}");
        }
    }

    #[test]
    fn long_words_are_broken_into_lines() {
        let broken = lines(EXPERIMENTS[1].says);
        assert!(broken.len() > 1 && broken.iter().all(|l| l.len() < 70));
        assert_eq!(broken.join(" "), EXPERIMENTS[1].says);
    }
}
