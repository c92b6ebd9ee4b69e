//! What each term of the decision does to the hazard of starting an attempt.

use super::axis::{Labels, Scale};
use super::ribbon::Entry;
use super::rows::{Bar, Row, Rows, Tone, bar_key};
use super::sheet::{Cell, Sheet};
use super::{Caption, Figure, figure};
use crate::report::data::{Measure, Quantiles, Term, Verdict};
use crate::report::words;
use serde_json::{Value, json};

/// Factors on the hazard, one row a term; `None` where the scenario has no term.
pub(super) fn terms(terms: &[Term]) -> Option<Figure> {
    if terms.is_empty() {
        return None;
    }
    let caption = Caption {
        name: "terms",
        title: "What each term of the decision does to the hazard of an attempt".to_owned(),
        alt: format!("Intervals of the factor that each term puts on the hazard. {}", reading(terms)),
        reading: reading(terms),
        note: format!(
            "Factor on the hazard of starting an attempt for the reference soldier (average on every other term), for the \
             change named under each label; left of 1 the term deters, right of 1 it drives.{}{} Grades: table of {}.",
            if at_values(terms) { "" } else { " In brackets: 90\u{a0}% intervals." },
            if terms.iter().any(|t| t.verdict.is_some()) {
                " \"Not identified\": the claims leave the prior as it is, so the bar shows what was assumed, not what was found."
            } else {
                ""
            },
            if at_values(terms) { "assumptions" } else { "parameters" }
        ),
    };
    let figure = figure(caption, &sheet(terms), &vega(), |page, heading| {
        let (prior, posterior) = (bar_key(Tone::Prior), bar_key(Tone::Posterior));
        let before = if at_values(terms) { "value of this run" } else { "prior: median, 50, 90, 95 %" };
        let mut entries = vec![Entry { text: before, draw: &prior }];
        if terms.iter().any(|t| t.posterior.is_some()) {
            entries.push(Entry { text: "posterior: median, 50, 90, 95 %", draw: &posterior });
        }
        let all = || terms.iter().flat_map(both).map(|(_, q)| q);
        // Half and double at least, so that an axis around 1 is always readable.
        let low = all().map(|q| q.q025).filter(|low| *low > 0.0).fold(0.5, f64::min);
        let high = all().map(|q| q.q975).fold(2.0, f64::max);
        Rows {
            scale: Scale::Log,
            range: (low * 0.9, high * 1.1),
            labels: Labels::Number,
            axis: "factor on the hazard (1 = no effect)",
            reference: Some(1.0),
            rows: terms.iter().map(row).collect(),
            legend: &entries,
            columns: (262.0, 158.0),
        }
        .svg(page, heading)
    });
    Some(figure)
}

/// Whether a term stands at the value of the scenario in a run that infers nothing.
const fn at_value(term: &Term) -> bool {
    term.held && term.posterior.is_none()
}

/// Whether all do.
fn at_values(terms: &[Term]) -> bool {
    terms.iter().all(at_value)
}

fn both(term: &Term) -> impl Iterator<Item = (Tone, &Quantiles)> {
    [(Tone::Prior, Some(&term.prior)), (Tone::Posterior, term.posterior.as_ref())]
        .into_iter()
        .filter_map(|(tone, q)| Some((tone, q?)))
}

fn row(term: &Term) -> Row {
    let shown = term.posterior.as_ref().unwrap_or(&term.prior);
    Row {
        group: None,
        label: term.label.clone(),
        detail: term.contrast.clone(),
        side: if term.held {
            words::value(shown.q50, &Measure::Factor)
        } else {
            let span = words::range(shown.q05, shown.q95, &Measure::Other(String::new()));
            format!("{} ({span})", words::value(shown.q50, &Measure::Factor))
        },
        side_detail: match term.verdict {
            Some(verdict) if term.held => format!("{} (held)", words::verdict(verdict)),
            Some(verdict) => words::verdict(verdict).to_owned(),
            None => String::new(),
        },
        // A factor of 0 has no place on the axis; its number stands at the right.
        bars: both(term).filter(|(_, q)| q.q025 > 0.0).map(|(tone, q)| Bar::of(tone, q)).collect(),
        mark: None,
    }
}

fn reading(terms: &[Term]) -> String {
    let strongest = terms
        .iter()
        .map(|t| (t, t.posterior.as_ref().unwrap_or(&t.prior).q50))
        .max_by(|a, b| strength(a.1).total_cmp(&strength(b.1)));
    let Some((term, median)) = strongest else { return String::new() };
    let blind = terms.iter().filter(|t| t.verdict == Some(Verdict::NotIdentified) && !t.held).count();
    let judged = terms.iter().any(|t| t.verdict.is_some());
    let tail = if judged {
        let held = terms.iter().filter(|t| t.held).count();
        format!(
            " Of the {} terms that were inferred {blind} are not identified by the claims; {held} more are held at the value of the \
             scenario: of what is not inferred nothing is learnt.",
            terms.len() - held
        )
    } else {
        " No posterior: these are assumptions.".to_owned()
    };
    let which = if at_values(terms) { "factor" } else { "median factor" };
    format!(
        "The largest {which} belongs to \"{}\" ({}, {}).{tail}",
        term.label,
        term.contrast,
        words::value(median, &Measure::Factor)
    )
}

/// Distance of a factor from 1, the same for 2 and 1/2.
fn strength(factor: f64) -> f64 {
    if factor < 1.0 { 1.0 / factor } else { factor }
}

fn sheet(terms: &[Term]) -> Sheet {
    let mut sheet = Sheet::new(&[
        "term", "label", "contrast", "basis", "q025", "q05", "q25", "q50", "q75", "q95", "q975", "verdict",
    ]);
    for term in terms {
        for (tone, q) in both(term) {
            let basis = match tone {
                Tone::Prior if at_value(term) => "value",
                Tone::Prior => "prior",
                _ => "posterior",
            };
            let [a, b, c, d, e, f, g] = [q.q025, q.q05, q.q25, q.q50, q.q75, q.q95, q.q975].map(Cell::from);
            let verdict = term.verdict.map_or(Cell::Missing, |v| words::verdict(v).into());
            let [name, label, contrast] = [&term.name, &term.label, &term.contrast].map(|t| Cell::from(t.as_str()));
            sheet.row([name, label, contrast, basis.into(), a, b, c, d, e, f, g, verdict]);
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "layer": [
            {"mark": {"type": "rule", "size": 3, "opacity": 0.4}, "encoding": {"x": {"field": "q05",
                "type": "quantitative", "scale": {"type": "log"}, "title": "factor on the hazard"}, "x2": {"field": "q95"}}},
            {"mark": {"type": "rule", "size": 6, "opacity": 0.8}, "encoding": {"x": {"field": "q25",
                "type": "quantitative"}, "x2": {"field": "q75"}}},
            {"mark": "point", "encoding": {"x": {"field": "q50", "type": "quantitative"}}}],
        "encoding": {"y": {"field": "label", "type": "nominal", "title": null}, "yOffset": {"field": "basis"},
            "color": {"field": "basis", "type": "nominal"}},
    })
}
