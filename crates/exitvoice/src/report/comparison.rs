//! The document of a comparison: what changes from A to B, with intervals, and what pairing was worth.

use super::data::{Bands, Head, Measure};
use super::figure::{Figure, comparison};
use super::societies::{self, Of};
use super::words::{NBSP, significant};
use super::{iso_days, page, table, words};
use crate::answers::Measured;
use crate::command::compare::Decomposition;
use crate::compare::{CellRate, Difference, Means, Paired, Pairing};
use crate::societies::Found;
use exitvoice_core::time::Day;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// A quantity in both scenarios.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct QuantityRow {
    /// Name in tables and JSON.
    pub name: String,
    /// Plain words.
    pub label: String,
    /// What it counts.
    pub measure: Measure,
    /// Means over replicates.
    pub means: Means,
    /// B minus A.
    pub difference: Difference,
    /// What pairing was worth.
    pub pairing: Pairing,
}

/// Rows of the numbers compared.
#[must_use]
pub fn rows(found: &[(Measured, Paired)]) -> Vec<QuantityRow> {
    let row = |(measured, p): &(Measured, Paired)| QuantityRow {
        name: measured.name().to_owned(),
        label: measured.label().to_owned(),
        measure: measured.measure(),
        means: p.means,
        difference: p.difference,
        pairing: p.pairing,
    };
    found.iter().map(row).collect()
}

/// A running total in both scenarios.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeriesPair {
    /// Name in tables.
    pub name: String,
    /// Plain words.
    pub label: String,
    /// In A.
    pub a: Bands,
    /// In B.
    pub b: Bands,
}

/// Everything that the page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ComparisonData {
    /// The comparison and its scenario A.
    pub head: Head,
    /// Name of scenario B.
    pub b_scenario: String,
    /// Its title.
    pub b_title: String,
    /// In order of importance.
    pub quantities: Vec<QuantityRow>,
    /// Days of A.
    #[serde(with = "iso_days")]
    pub days: Vec<Day>,
    /// Days of B.
    #[serde(with = "iso_days")]
    pub b_days: Vec<Day>,
    /// Running totals.
    pub series: Vec<SeriesPair>,
    /// By class and by third of hostage weight.
    pub rates: Vec<CellRate>,
    /// The same differences in several countries, where that was asked for.
    #[serde(default)]
    pub societies: Option<Found>,
    /// What each of some mechanisms does in A, where that was asked for.
    #[serde(default)]
    pub shapley: Option<Decomposition>,
    /// Values that differ: key, in A, in B.
    pub changed: Vec<[String; 3]>,
    /// Whether nothing at all differs, the names apart.
    #[serde(default)]
    pub same: bool,
}

/// Said where two scenarios have the same values.
pub const NOTHING_CHANGED: &str = "A and B have the same values, so nothing can differ. Where `--set` was given, it wins over what the files of the \
                                   scenarios say.";

/// What such a page cannot say.
pub(super) const LIMITS: [&str; 4] = [
    "It speaks of synthetic people only, and says what stated assumptions imply: it is no forecast and no advice.",
    "Rates stand by class and by third of hostage weight alone, never by formation, role, trust or person, and no cell has fewer than 50 persons.",
    "An interval of a mean covers the luck of the deployment in one synthetic country. It covers neither other countries nor doubt about the parameters.",
    "A means of control that lowers exits in the model does so by what it does to soldiers and their kin: that is counted beside it as far as the model has it, and never netted.",
];

/// The sentences of the terminal and of the head of the page, one a quantity that differs or might.
#[must_use]
pub fn sentences(rows: &[QuantityRow]) -> Vec<String> {
    let all = replicates(rows);
    rows.iter()
        .map(|row| {
            let Difference { mean, mean_low, mean_high, .. } = row.difference;
            let said = |x| signed(x, &row.measure);
            let [a, b] = both_means(row);
            let both = format!("{a} in A, {b} in B");
            let same = mean_low.to_bits() == mean_high.to_bits() && mean.abs() < f64::MIN_POSITIVE;
            let verdict = if same {
                "the same in every replicate".to_owned()
            } else {
                let shown = if mean_low <= 0.0 && mean_high >= 0.0 { "; it holds 0" } else { "" };
                format!("B - A = {} (95 % interval {} to {}{shown})", said(mean), said(mean_low), said(mean_high))
            };
            let n = row.means.replicates;
            let over = if n < all {
                format!(", over the {n} of {all} replicates in which both have it")
            } else {
                String::new()
            };
            format!("{}: mean {both}; {verdict}{over}.", row.label).replace(NBSP, " ")
        })
        .collect()
}

/// Pairs of replicates: those of a number that has a value in each.
fn replicates(rows: &[QuantityRow]) -> u32 {
    rows.iter().map(|row| row.means.replicates).max().unwrap_or(0)
}

/// First and last of some days.
fn ends(days: &[Day]) -> Option<[Day; 2]> {
    Some([*days.first()?, *days.last()?])
}

/// Said where the two scenarios cover other days, so that totals are of other lengths of time; first and last day of each.
#[must_use]
pub fn periods_told(a: [Day; 2], b: [Day; 2]) -> Option<String> {
    let said = |[first, last]: [Day; 2]| format!("from {} to {}", words::date(first), words::date(last));
    let told = || format!("A runs {}, B {}: totals are of different periods.", said(a), said(b));
    (a != b).then(|| told().replace(NBSP, " "))
}

/// What the mechanisms do to attempts and to those who planned nothing, in sentences.
#[must_use]
pub fn shares_told(found: &Decomposition) -> Vec<String> {
    let told = Measured::all().filter(|m| TOLD.contains(&m.name())).filter_map(|m| {
        let shared = found.quantities.get(m.name())?;
        let said = |d: &Difference| {
            let [mean, low, high] = [d.mean, d.mean_low, d.mean_high].map(|x| signed(x, &m.measure()));
            format!("{mean} ({low} to {high})")
        };
        let parts: Vec<String> =
            shared.parts.iter().map(|part| format!("{} {}", part.mechanism, said(&part.share))).collect();
        Some(format!(
            "{}: mean {} in A, {} with none of the mechanisms; together they make {}, of which {}.",
            m.label(),
            plain(shared.mean_with, &m.measure()),
            plain(shared.mean_without, &m.measure()),
            said(&shared.together),
            parts.join(", ")
        ))
    });
    told.map(|line| line.replace(NBSP, " ")).collect()
}

/// Numbers that are told in a sentence and drawn: the others stand in the table.
pub const TOLD: [&str; 3] = ["attempts_total", "kin_punished_total", "innocents_hit_total"];

/// A mean, with decimals that a count has not.
pub(super) fn plain(x: f64, measure: &Measure) -> String {
    match measure {
        Measure::Share => words::percent(x),
        _ => significant(x),
    }
}

/// Means of both scenarios, with the digits that tell them apart.
fn both_means(row: &QuantityRow) -> [String; 2] {
    words::told_apart([row.means.a, row.means.b], &row.measure)
}

/// A difference with its sign; shares in percentage points.
pub(super) fn signed(x: f64, measure: &Measure) -> String {
    let (x, unit) = match measure {
        Measure::Share => (x * 100.0, " points"),
        _ => (x, ""),
    };
    let plus = if x > 0.0 { "+" } else { "" };
    format!("{plus}{}{unit}", significant(x))
}

/// Two differences as an interval; the unit stands once.
pub(super) fn between(low: f64, high: f64, measure: &Measure) -> String {
    format!("{} to {}", signed(low, measure).trim_end_matches(" points"), signed(high, measure))
}

/// Draws page and figures.
#[must_use]
pub fn render(data: &ComparisonData) -> (String, Vec<Figure>) {
    let figures = comparison::all(data);
    let title = format!("{} against {} – exitvoice comparison", data.b_scenario, data.head.scenario);
    let columns = html! { main id="main" { (parts(data, &figures)) } };
    (page::document(&data.head, &title, &masthead(data), &columns), figures)
}

fn masthead(data: &ComparisonData) -> Markup {
    let head = &data.head;
    let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
    let scaled = if head.scale < 1.0 { " (scaled = true)" } else { "" };
    html! {
        header {
            p.kicker { "exitvoice comparison · synthetic population" }
            @let [b, a] = if data.b_title == head.title { [&data.b_scenario, &head.scenario] } else { [&data.b_title, &head.title] };
            h1 { (b) ", against " (a) }
            p.deck {
                "The same synthetic lives meet the same luck in both scenarios. What is left when one is taken from the other is \
                 the difference that the changed assumptions make."
            }
            dl.facts {
                (fact("A", &head.scenario))
                (fact("B", &data.b_scenario))
                (fact("Period of A", &format!("{} to {}", words::date(head.first), words::date(head.last))))
                @if let Some([first, last]) = ends(&data.b_days) {
                    (fact("Period of B", &format!("{} to {}", words::date(first), words::date(last))))
                }
                (fact("Soldiers sent in A", &words::grouped(head.soldiers)))
                (fact("Replicates of each", &words::grouped(head.replicates)))
                (fact("Population", "synthetic"))
                (fact("Scale of the country", &format!("{}{scaled}", head.scale)))
                (fact("Model version", &head.model_version))
                (fact("Seed", &head.seed.to_string()))
                (fact("Run", &head.run_id))
            }
        }
    }
}

fn parts(data: &ComparisonData, figures: &[Figure]) -> Markup {
    let section = |number: usize, name: &str, body: Markup| {
        html! { section { h2 { span.number { (number) } " " (name) } (body) } }
    };
    let further = usize::from(data.societies.is_some());
    html! {
        (section(1, "What differs", html! {
            @if data.head.scale < 1.0 {
                p.notice role="note" { "scaled = true: the synthetic country has " (words::percent(data.head.scale)) " of the real size. The force has its full size." }
            }
            @if let (Some(a), Some(b)) = (ends(&data.days), ends(&data.b_days)) {
                @if let Some(told) = periods_told(a, b) { p.notice role="note" { (told) } }
            }
            @if data.same { p.notice role="note" { (NOTHING_CHANGED) } }
            ul { @for sentence in sentences(&data.quantities) { li { (sentence) } } }
            (page::figure(figures, "differences"))
            (differences(&data.quantities))
            h3 { "What this comparison is not" }
            ul { @for limit in LIMITS { li { (limit) } } }
        }))
        (section(2, "Day by day", page::figure(figures, "both")))
        (section(3, "By class and by third of hostage weight", html! {
            p { "Events per 1,000 years that soldiers spent with the unit. Thirds are those of all candidates for the force." }
            (page::figure(figures, "rates"))
            (rates(&data.rates))
        }))
        @if let Some(found) = &data.societies {
            (section(4, "The same comparison in other countries", societies::section(found, Of::Differences)))
        }
        @if let Some(shapley) = &data.shapley {
            (section(4 + further, "What each mechanism does in A", html! {
                p {
                    "Every one of the " (shapley.sets) " sets of the mechanisms was simulated under the same draws, those outside it \
                     switched off. A mechanism's share is what it adds when it joins the others, averaged over all orders of joining; \
                     shares add up to what all of them do together. What one does depends on the others: a share is no sum of \
                     separate effects."
                }
                ul { @for switch in &shapley.mechanisms { li { b { (switch.name) } " switched off: " (switch.without) " (" code { (switch.key) " = " (switch.off) } ")" } } }
                (page::figure(figures, "shapley"))
                (shares(shapley))
            }))
        }
        (section(4 + further + usize::from(data.shapley.is_some()), "What was changed, and how to repeat it", html! {
            @if data.changed.is_empty() {
                p { @if data.same { "Nothing." } @else { "No parameter differs; the scenarios differ in forces, phases, orders or period." } }
            } @else { (changes(&data.changed)) }
            pre tabindex="0" { code { (data.head.command) } }
            p.note { "Digest of both records: " code { (data.head.digest) } }
        }))
    }
}

pub(super) fn differences(rows: &[QuantityRow]) -> Markup {
    let bare = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), significant);
    let all = replicates(rows);
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" {
                    (row.label) br;
                    span.soft { (words::unit(&row.measure)) @if row.means.replicates < all { "; in " (row.means.replicates) " of " (all) " replicates" } }
                }
                @for mean in both_means(row) {
                    td.number { (mean) }
                }
                td.number {
                    b { (signed(row.difference.mean, &row.measure)) } br;
                    span.soft { (between(row.difference.mean_low, row.difference.mean_high, &row.measure)) }
                }
                td.number { (between(row.difference.q05, row.difference.q95, &row.measure)) }
                td.number { (bare(row.pairing.variance_ratio)) }
                td.number { (bare(row.pairing.replicates_saved)) }
            }
        }
    };
    let head = [
        "Quantity",
        "Mean in A",
        "Mean in B",
        "B - A: mean, 95 %",
        "Single replicates, 90 %",
        "Variance ratio",
        "Replicates saved",
    ];
    table::boxed("Paired differences, and what pairing was worth", &head, &body)
}

fn rates(rows: &[CellRate]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" { (row.measure) br; span.soft { (row.group.replace('_', " ")) ": " (row.cell) } }
                @if let Some(rate) = row.rates {
                    td.number { (significant(rate.a)) }
                    td.number { (significant(rate.b)) }
                    td.number {
                        b { (signed(rate.difference.mean, &Measure::Persons)) } br;
                        span.soft { (between(rate.difference.mean_low, rate.difference.mean_high, &Measure::Persons)) }
                    }
                } @else { td colspan="3" { "not shown: " (row.reason) } }
            }
        }
    };
    table::boxed("Per 1,000 years with the unit", &["Rate", "A", "B", "B - A: mean, 95 %"], &body)
}

fn shares(found: &Decomposition) -> Markup {
    let cells = |d: &Difference, measure: &Measure| {
        html! {
            td.number { b { (signed(d.mean, measure)) } }
            td.number { (between(d.mean_low, d.mean_high, measure)) }
            td.number { (between(d.q05, d.q95, measure)) }
        }
    };
    let body = html! {
        @for (m, measure) in Measured::all().map(|m| (m, m.measure())) {
            @if let Some(shared) = found.quantities.get(m.name()) {
                tr {
                    th.name scope="row" {
                        (m.label()) br;
                        span.soft { (words::unit(&measure)) "; " (plain(shared.mean_without, &measure)) " with none, " (plain(shared.mean_with, &measure)) " in A" }
                    }
                    td { "all together" }
                    (cells(&shared.together, &measure))
                }
                @for part in &shared.parts { tr { td {} td { (part.mechanism) } (cells(&part.share, &measure)) } }
            }
        }
    };
    let head = ["Quantity", "Mechanism", "Share: mean", "95 % interval of the mean", "Single replicates, 90 %"];
    table::boxed("Shares of the mechanisms in what they do together", &head, &body)
}

pub(super) fn changes(rows: &[[String; 3]]) -> Markup {
    let body = html! {
        @for [key, a, b] in rows { tr { th.name scope="row" { code { (key) } } td { (a) } td { (b) } } }
    };
    table::boxed("Values that differ", &["Key", "A", "B"], &body)
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use crate::compare::paired;

    fn row(name: &str, values: [&[f64]; 2]) -> QuantityRow {
        let Paired { difference, means, pairing } = paired(values[0], values[1]).expect("two replicates");
        let (name, label) = (name.to_owned(), format!("The {name}"));
        QuantityRow { name, label, measure: Measure::Persons, means, difference, pairing }
    }

    fn data() -> ComparisonData {
        ComparisonData {
            head: example::toy().head,
            b_scenario: "bold".to_owned(),
            b_title: "Bolder soldiers".to_owned(),
            quantities: vec![row("rare", [&[0.0, 0.0], &[0.0, 1.0]]), row("common", [&[4.0, 6.0], &[7.0, 9.0]])],
            days: Vec::new(),
            b_days: Vec::new(),
            series: Vec::new(),
            rates: Vec::new(),
            societies: None,
            shapley: None,
            changed: Vec::new(),
            same: false,
        }
    }

    #[test]
    fn the_sentence_under_a_figure_speaks_of_what_it_draws() {
        // The first has no row: relative to a mean of 0 there is no difference.
        let (_, figures) = render(&data());
        let figure = figures.iter().find(|figure| figure.name == "differences").expect("one is drawn");
        assert!(
            figure.reading.starts_with("The common: mean 5") && figure.note.contains("is 0: rare (0.5 in B)."),
            "{figure:?}"
        );
    }

    #[test]
    fn scenarios_of_one_title_are_told_apart_by_their_names() {
        let own = data();
        assert!(render(&own).0.contains(&format!("Bolder soldiers, against {}", own.head.title)));
        let same = ComparisonData { b_title: own.head.title.clone(), ..own };
        assert!(render(&same).0.contains(&format!("<h1>bold, against {}</h1>", same.head.scenario)));
    }
}
