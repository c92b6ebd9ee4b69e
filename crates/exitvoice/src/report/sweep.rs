//! The document of a sweep: what each point gives, and which assumptions matter where that was asked.

use super::comparison::{TOLD, plain, signed};
use super::data::{Head, Measure};
use super::figure::{Figure, points};
use super::words::{NBSP, significant};
use super::{page, table, words};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Points that a page shows; the table `summary` has all of them.
pub const MOST_POINTS: usize = 40;
/// Said in place of what each point gives.
pub const LEVERS: &str = "Levers of control are among what varies here, so outcomes are not told point by point: only shares of their \
                          variance are. A plan that names other parameters alone gets both.";
/// Quantities beside exits and what stands beside them that a page shows.
const MOST_OTHERS: usize = 3;
/// Parameters that a page shows for one number; the table `sensitivity` has all of them.
const MOST_PARAMETERS: usize = 12;

/// One number at one point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Name in tables and JSON.
    pub name: String,
    /// Plain words.
    pub label: String,
    /// What it counts.
    pub measure: Measure,
    /// Mean over replicates.
    pub mean: f64,
    /// Its 95 % interval; both ends are the mean where there is one replicate.
    pub mean_low: f64,
    /// Upper end.
    pub mean_high: f64,
    /// Of single replicates, at 5 %.
    pub q05: f64,
    /// At 95 %.
    pub q95: f64,
}

/// One point of the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PointRow {
    /// Number, from 0.
    pub number: usize,
    /// Name of its scenario.
    pub scenario: String,
    /// Key and value of each change.
    pub values: Vec<(String, String)>,
    /// Replicates with a result.
    pub replicates: usize,
    /// Exits, what stands beside them, the rest; empty where no replicate has a result.
    pub answers: Vec<Answer>,
}

/// One parameter's part in one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Influence {
    /// Key of the parameter.
    pub parameter: String,
    /// Name of the number.
    pub quantity: String,
    /// Mean absolute elementary effect, or share of variance that stays when all others are known.
    pub value: f64,
    /// Its interval, of shares only.
    pub interval: Option<(f64, f64)>,
}

/// Everything that the page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SweepData {
    /// The sweep and its first scenario.
    pub head: Head,
    /// Name of the plan.
    pub plan: String,
    /// Points of the plan.
    pub points: usize,
    /// Tasks with a result, and without.
    pub tasks: [u64; 2],
    /// The first points; none where a lever of control is among what varies.
    pub rows: Vec<PointRow>,
    /// Whether one is.
    pub levers: bool,
    /// Of a sensitivity analysis, largest first within a number; empty otherwise.
    pub influences: Vec<Influence>,
    /// Numbers whose shares or effects say little or nothing, and why.
    pub warnings: Vec<(String, String)>,
}

impl SweepData {
    /// Whether it was asked which parameters matter.
    const fn is_analysis(&self) -> bool {
        !(self.influences.is_empty() && self.warnings.is_empty())
    }
}

impl PointRow {
    /// A quantity at the point, by name.
    pub(super) fn answer(&self, name: &str) -> Option<&Answer> {
        self.answers.iter().find(|a| a.name == name)
    }
}

/// What tells each point from the others, in a line: its number, its scenario where there are several, and those of its values that are
/// not the same everywhere, each key by as many of its last words as no other key ends with.
pub(super) fn labels(rows: &[PointRow]) -> Vec<String> {
    let keys: BTreeSet<&str> = rows.iter().flat_map(|row| row.values.iter().map(|(key, _)| key.as_str())).collect();
    let several = rows.iter().any(|row| row.scenario != rows[0].scenario);
    let varies = |pair: &(String, String)| rows.iter().any(|row| !row.values.contains(pair));
    let label = |row: &PointRow| {
        let values = row.values.iter().filter(|pair| rows.len() == 1 || varies(pair));
        let values: Vec<String> = values.map(|(key, value)| format!("{} {}", short(key, &keys), told(value))).collect();
        let scenario = (several || values.is_empty()).then(|| row.scenario.clone());
        let words: Vec<String> = scenario.into_iter().chain(values).collect();
        format!("{}: {}", row.number, words.join(", "))
    };
    rows.iter().map(label).collect()
}

/// A value with as many digits as a reader takes in; table `points` has all.
fn told(value: &str) -> String {
    const LONG: usize = 8;
    let (number, unit) = value.split_once(' ').unwrap_or((value, ""));
    match number.parse::<f64>() {
        Ok(x) if number.len() > LONG => format!("{} {unit}", significant(x)).trim_end().to_owned(),
        _ => value.to_owned(),
    }
}

/// The last words of a key that no other key ends with.
fn short(key: &str, keys: &BTreeSet<&str>) -> String {
    let ends =
        |other: &str, tail: &str| other.strip_suffix(tail).is_some_and(|head| head.is_empty() || head.ends_with('.'));
    let tails = key.rmatch_indices('.').map(|(dot, _)| &key[dot + 1..]);
    let alone = |tail: &&str| !keys.iter().any(|other| *other != key && ends(other, tail));
    tails.into_iter().find(alone).unwrap_or(key).replace(['.', '_'], " ")
}

/// The quantities that the page shows: exits and what stands beside them, and those whose means differ most between points, measured
/// by the intervals of the means; a quantity of which all intervals overlap is not among the latter.
pub(super) fn shown(rows: &[PointRow]) -> Vec<String> {
    let names = rows.iter().find(|row| !row.answers.is_empty()).map_or(&[][..], |row| &row.answers);
    let others = names.iter().map(|a| a.name.as_str()).filter(|name| !TOLD.contains(name));
    let mut found: Vec<(f64, &str)> = others.filter_map(|name| Some((apart(rows, name)?, name))).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let most = found.iter().take(MOST_OTHERS).map(|(_, name)| *name);
    TOLD.into_iter().chain(most).map(str::to_owned).collect()
}

/// From the lowest to the highest mean, in mean half-widths of their intervals; `None` where all intervals overlap, or a point has one
/// replicate and so no interval.
fn apart(rows: &[PointRow], name: &str) -> Option<f64> {
    let answers: Vec<&Answer> = rows.iter().filter_map(|row| row.answer(name)).collect();
    let most = |read: fn(&Answer) -> f64| answers.iter().map(|a| read(a)).fold(f64::NEG_INFINITY, f64::max);
    let least = |read: fn(&Answer) -> f64| answers.iter().map(|a| read(a)).fold(f64::INFINITY, f64::min);
    let width = answers.iter().map(|a| a.mean_high - a.mean).sum::<f64>() / answers.len() as f64;
    let intervals = rows.iter().all(|row| row.replicates > 1);
    (intervals && most(|a| a.mean_low) > least(|a| a.mean_high)).then(|| (most(|a| a.mean) - least(|a| a.mean)) / width)
}

/// Draws page and figures.
#[must_use]
pub fn render(data: &SweepData) -> (String, Vec<Figure>) {
    let figures: Vec<Figure> = points::points(data).into_iter().collect();
    let title = format!("{} – exitvoice sweep", data.plan);
    let columns = html! { main id="main" { (parts(data, &figures)) } };
    (page::document(&data.head, &title, &masthead(data), &columns), figures)
}

fn masthead(data: &SweepData) -> Markup {
    let head = &data.head;
    let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
    let scaled = if head.scale < 1.0 { " (scaled = true)" } else { "" };
    html! {
        header {
            p.kicker { "exitvoice " (if data.is_analysis() { "sensitivity analysis" } else { "sweep" }) " · synthetic population" }
            h1 { (data.plan) }
            p.deck { "Every point of a plan, each with many deployments under the same draws." }
            dl.facts {
                (fact("Points", &words::grouped(data.points as u64)))
                (fact("Deployments done", &words::grouped(data.tasks[0])))
                (fact("Deployments failed", &words::grouped(data.tasks[1])))
                (fact("First scenario", &head.scenario))
                (fact("Its period", &format!("{} to {}", words::date(head.first), words::date(head.last))))
                (fact("Population", "synthetic"))
                (fact("Scale of the country", &format!("{}{scaled}", head.scale)))
                (fact("Model version", &head.model_version))
                (fact("Seed", &head.seed.to_string()))
                (fact("Run", &head.run_id))
            }
        }
    }
}

fn parts(data: &SweepData, figures: &[Figure]) -> Markup {
    let more = if data.levers { 0 } else { data.points.saturating_sub(data.rows.len()) };
    html! {
        section {
            h2 { span.number { "1" } " What each point gives" }
            @if data.levers { p { (LEVERS) } }
            @if data.head.scale < 1.0 {
                p.notice role="note" { "scaled = true: the synthetic country has " (words::percent(data.head.scale)) " of the real size. The force has its full size." }
            }
            @if more > 0 { p { "The first " (data.rows.len()) " points; table " code { "summary" } " has all " (words::grouped(data.points as u64)) "." } }
            @if !data.levers {
                (page::figure(figures, "points"))
                (answers(&data.rows))
                p.note {
                    "Shown are exits and what stands beside them, and at most " (MOST_OTHERS) " others, those that differ most between points \
                     (intervals of two means lie apart; of many, some do by luck). Table " code { "summary" } " has every quantity."
                }
            }
        }
        @if data.is_analysis() {
            section {
                h2 { span.number { "2" } " Which assumptions matter" }
                p {
                    "Total order: the share of the variance of a mean that stays when every other parameter is known; or, after Morris, the \
                     mean absolute effect from the prior's quantile at 12.5 % to that at 87.5 %. Levers of control have no sign here."
                }
                (influences(&data.influences))
                @for (quantity, why) in &data.warnings { p.note { (quantity.replace('_', " ")) ": " (why) "." } }
            }
        }
        section {
            h2 { span.number { (if data.is_analysis() { 3 } else { 2 }) } " What this page is not, and how to repeat it" }
            ul {
                li { "It speaks of synthetic people only, and says what stated assumptions imply: it is no forecast and no advice." }
                li { "An interval of a mean covers the luck of the deployments at a point in one synthetic country, and no doubt about the point." }
                @if data.levers {
                    li { "A means of control that varies has a share of variance without a sign, and no value of it stands beside an outcome." }
                } @else { li { "A means of control is no axis: only shipped scenarios that differ in one are contrasted." } }
            }
            pre tabindex="0" { code { (data.head.command) } }
            p.note { "Digest of all records: " code { (data.head.digest) } "; table " code { (if data.levers { "sensitivity" } else { "summary" }) } " has every number, " code { "ledger.jsonl" } " the command that repeats each task." }
        }
    }
}

fn answers(rows: &[PointRow]) -> Markup {
    let names = shown(rows);
    let body = html! {
        @for (row, label) in rows.iter().zip(labels(rows)) {
            @for (i, answer) in names.iter().filter_map(|name| row.answer(name)).enumerate() {
                tr {
                    @if i == 0 { th.name scope="row" { (label) br; span.soft { (row.scenario) ", " (row.replicates) " replicates" } } } @else { td {} }
                    td { (answer.label) br; span.soft { (words::unit(&answer.measure)) } }
                    td.number { b { (plain(answer.mean, &answer.measure)) } }
                    td.number {
                        // Of what was never seen Student's interval has no width, and says nothing.
                        @if answer.q95.abs() < f64::MIN_POSITIVE && answer.mean.abs() < f64::MIN_POSITIVE { "none in " (row.replicates) }
                        @else { (plain(answer.mean_low, &answer.measure)) " to " (plain(answer.mean_high, &answer.measure)) }
                    }
                    td.number { (plain(answer.q05, &answer.measure)) " to " (plain(answer.q95, &answer.measure)) }
                }
            }
            @if row.answers.is_empty() { tr { th.name scope="row" { (label) } td colspan="4" { "no replicate has a result" } } }
        }
    };
    let head = ["Point", "Quantity", "Mean", "95 % interval of the mean", "Single replicates, 90 %"];
    table::boxed("Exits and what stands beside them, by point", &head, &body)
}

fn influences(rows: &[Influence]) -> Markup {
    let shown = |quantity: &str| {
        rows.iter().filter(move |row| row.quantity == quantity).take(MOST_PARAMETERS).collect::<Vec<&Influence>>()
    };
    // Exits and what stands beside them first, then whatever else varies.
    let mut quantities = TOLD.to_vec();
    for row in rows {
        if !quantities.contains(&row.quantity.as_str()) {
            quantities.push(&row.quantity);
        }
    }
    let body = html! {
        @for quantity in quantities {
            @for (i, row) in shown(quantity).into_iter().enumerate() {
                tr {
                    @if i == 0 { th.name scope="row" { (quantity.replace('_', " ")) } } @else { td {} }
                    td { code { (row.parameter) } }
                    td.number { (significant(row.value)) }
                    td.number { @if let Some((low, high)) = row.interval { (significant(low)) " to " (significant(high)) } @else { "none" } }
                }
            }
        }
    };
    table::boxed(
        "Parameters that matter most",
        &["Quantity", "Parameter", "Effect or total share", "95 % interval"],
        &body,
    )
}

/// The sentence under the figure: the points with the fewest and the most attempts, of those that are shown; `points` are all there are.
pub(super) fn reading(rows: &[PointRow], points: usize) -> String {
    let mut all: Vec<(&Answer, String)> =
        rows.iter().zip(labels(rows)).filter_map(|(row, label)| Some((row.answer(TOLD[0])?, label))).collect();
    all.sort_by(|a, b| a.0.mean.total_cmp(&b.0.mean));
    let (Some((least, at_least)), Some((most, at_most))) = (all.first(), all.last()) else { return String::new() };
    if most.mean <= 0.0 {
        return format!("{}: none in any deployment of any point.", most.label).replace(NBSP, " ");
    }
    let said = |x: &Answer| plain(x.mean, &x.measure);
    let words = if all.len() == 1 {
        format!("{}: mean {} ({at_most}).", most.label, said(most))
    } else if most.mean.to_bits() == least.mean.to_bits() {
        format!("{}: mean {} at every point{}.", most.label, said(most), of_shown(rows.len(), points))
    } else {
        format!(
            "{}: mean from {} (point {at_least}) to {} (point {at_most}), {}{}.",
            most.label,
            said(least),
            said(most),
            signed(most.mean - least.mean, &most.measure),
            of_shown(rows.len(), points)
        )
    };
    words.replace(NBSP, " ")
}

/// Said where a page shows some of the points.
fn of_shown(shown: usize, points: usize) -> String {
    if shown < points {
        format!(", of the {shown} points shown out of {}", words::grouped(points as u64))
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(number: usize, mean: f64) -> PointRow {
        let [mean_low, mean_high, q05, q95] = [mean; 4];
        let answer = Answer {
            name: TOLD[0].to_owned(),
            label: "Attempts".to_owned(),
            measure: Measure::Persons,
            mean,
            mean_low,
            mean_high,
            q05,
            q95,
        };
        let values = vec![("exit.absence.base_rate".to_owned(), format!("{number} /yr"))];
        PointRow { number, scenario: "toy-squad".to_owned(), values, replicates: 4, answers: vec![answer] }
    }

    #[test]
    fn the_reading_names_the_lowest_and_the_highest_point_or_says_that_there_is_none() {
        let said = reading(&[point(1, 2.0), point(2, 0.5), point(3, 3.5)], 3);
        assert_eq!(said, "Attempts: mean from 0.5 (point 2: base rate 2 /yr) to 3.5 (point 3: base rate 3 /yr), +3.");
        assert_eq!(reading(&[point(1, 0.0), point(2, 0.0)], 2), "Attempts: none in any deployment of any point.");
        assert_eq!(reading(&[point(1, 2.0), point(2, 2.0)], 2), "Attempts: mean 2 at every point.");
        let some = reading(&[point(1, 2.0), point(2, 0.5)], 5);
        assert!(some.ends_with("+1.5, of the 2 points shown out of 5."), "{some}");
        assert_eq!(
            (told("1.5924446772040003e-5 /d"), told("0.25 /yr"), told("18")),
            ("1.6\u{a0}×\u{a0}10⁻⁵ /d".to_owned(), "0.25 /yr".to_owned(), "18".to_owned())
        );
        assert_eq!(reading(&[], 0), "");
    }

    #[test]
    fn labels_tell_points_apart_by_scenario_and_by_as_much_of_a_key_as_is_needed() {
        let at = |number, scenario: &str, values: &[(&str, &str)]| PointRow {
            number,
            scenario: scenario.to_owned(),
            values: values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            replicates: 1,
            answers: Vec::new(),
        };
        let rows = [
            at(0, "a", &[]),
            at(1, "a", &[("exit.attempt.base_rate", "1 /yr")]),
            at(2, "a", &[("exit.absence.base_rate", "1 /yr"), ("exit.absence.length", "2 d")]),
        ];
        assert_eq!(labels(&rows), ["0: a", "1: attempt base rate 1 /yr", "2: absence base rate 1 /yr, length 2 d"]);
        let rows = [at(0, "a", &[("exit.absence.length", "2 d")]), at(1, "b", &[("exit.absence.length", "2 d")])];
        assert_eq!(labels(&rows), ["0: a", "1: b"], "a value that all have tells none from another");
        assert_eq!(labels(&rows[..1]), ["0: length 2 d"]);
        let rows = [at(0, "a", &[("exit.absence.length", "2 d")]), at(1, "b", &[("exit.absence.length", "3 d")])];
        assert_eq!(labels(&rows), ["0: a, length 2 d", "1: b, length 3 d"]);
        assert_eq!(short("base_rate", &BTreeSet::from(["base_rate", "a.base_rate"])), "base rate");
    }

    #[test]
    fn beside_the_exits_stand_the_quantities_that_differ_most_beyond_their_intervals() {
        let with = |number, others: &[(&str, f64, f64)]| {
            let mut row = point(number, 1.0);
            let first = row.answers[0].clone();
            row.answers.extend(others.iter().map(|(name, mean, half)| Answer {
                name: (*name).to_owned(),
                mean: *mean,
                mean_low: mean - half,
                mean_high: mean + half,
                ..first.clone()
            }));
            row
        };
        let rows = [
            with(0, &[("overlap", 1.0, 1.0), ("some", 1.0, 0.2), ("certain", 1.0, 0.0), ("much", 1.0, 0.1)]),
            with(1, &[("overlap", 2.0, 1.0), ("some", 2.0, 0.2), ("certain", 1.0, 0.0), ("much", 2.0, 0.1)]),
        ];
        assert_eq!(shown(&rows)[TOLD.len()..], ["much", "some"]);
        assert_eq!(shown(&rows[..1]), TOLD, "one point differs from nothing");
    }
}
