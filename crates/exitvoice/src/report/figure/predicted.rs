//! Each scored claim against what the posterior expects it to say.

use super::axis::{Labels, Scale};
use super::canvas::{Canvas, POSTERIOR, SOFT, Shape};
use super::claims::{GROUPS, arrow, group_key, group_words, looks, point, span};
use super::ribbon::{Entry, KEY};
use super::rows::{Bar, Mark, Row, Rows, Tone};
use super::sheet::{Cell, Sheet};
use super::{Caption, Figure, figure};
use crate::report::data::{ClaimRow, Inference, Quantiles};
use crate::report::{table, words};
use serde_json::{Value, json};

fn arrow_key(canvas: &mut Canvas<'_>, (x, y): (f64, f64)) {
    canvas.mark((x + 5.0, y), Shape::Dot, 3.6, SOFT);
    canvas.line((x + 5.0, y), (x + 14.0, y), SOFT, 1.4);
    canvas.arrow_head((x + 14.0, y), (1.0, 0.0), SOFT);
}

/// Scored rows with a prediction above 0, in order of the day they speak of.
fn scored(inference: &Inference) -> Vec<(&ClaimRow, Quantiles, f64)> {
    let mut rows: Vec<_> = inference
        .claims
        .used
        .iter()
        .filter_map(|c| Some((c, c.predictive.filter(|q| q.q50 > 0.0)?, point(c).filter(|v| *v > 0.0)?)))
        .collect();
    rows.sort_by(|a, b| (a.0.as_of, &a.0.id).cmp(&(b.0.as_of, &b.0.id)));
    rows
}

/// Each scored row relative to its own predictive median; `None` where no row has a prediction.
pub(super) fn predicted_claims(inference: &Inference) -> Option<Figure> {
    let rows = scored(inference);
    if rows.is_empty() {
        return None;
    }
    let inside = rows.iter().filter(|(c, q, v)| agrees(c, q, *v)).count();
    let reading = format!(
        "{inside} of the {} scored numbers agree with their own 90\u{a0}% predictive interval (about {:.0} would be expected). \
         Reports of departures are scored too, but as events of a day, and have no predicted number.",
        rows.len(),
        rows.len() as f64 * 0.9
    );
    let caption = Caption {
        name: "claims-predicted",
        title: "Each scored claim against its prediction".to_owned(),
        alt: format!("One row a claim: predictive interval and claimed number, both relative to the predictive median. {reading}"),
        reading,
        note: "Each row is divided by its own predictive median, so 1 is as predicted and 2 is twice as much. Bars: 50 % and \
               90 % predictive intervals, errors of the source included, a share up to the whole; arrows: at least or at most. The claims were used in \
               the fit, so this is a check of fit, not of foresight."
            .to_owned(),
    };
    Some(figure(caption, &ratio_sheet(&rows), &vega(), |page, heading| {
        let predicted_key = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| {
            canvas.bar((x, y - 3.0), (x + KEY, y + 3.0), POSTERIOR, 0.4);
            canvas.bar((x + 6.0, y - 3.0), (x + KEY - 6.0, y + 3.0), POSTERIOR, 0.75);
        };
        let [third, kyiv, other] = GROUPS.map(group_key);
        let mut entries = vec![Entry { text: "predicted: 50 % and 90 % interval", draw: &predicted_key }];
        for (group, draw) in GROUPS.into_iter().zip([&third as &dyn Fn(&mut Canvas<'_>, (f64, f64)), &kyiv, &other]) {
            if rows.iter().any(|(c, ..)| c.group == group) {
                entries.push(Entry { text: group_words(group), draw });
            }
        }
        entries.push(Entry { text: "at least", draw: &arrow_key });
        let ends = || rows.iter().flat_map(|(_, q, v)| [q.q05 / q.q50, q.q95 / q.q50, v / q.q50]);
        let low = ends().fold(0.5, f64::min).max(0.02);
        let high = ends().fold(2.0, f64::max).min(50.0);
        Rows {
            scale: Scale::Log,
            range: (low * 0.9, high * 1.3),
            labels: Labels::Number,
            axis: "claimed and predicted number, ratio to the predictive median",
            reference: Some(1.0),
            rows: rows.iter().map(|(c, q, v)| ratio_row(c, q, *v)).collect(),
            legend: &entries,
            columns: (236.0, 178.0),
        }
        .svg(page, heading)
    }))
}

/// Whether the number that a row names, or any part of its interval, lies inside its 90 % predictive interval.
fn agrees(claim: &ClaimRow, q: &Quantiles, value: f64) -> bool {
    let (low, high) = span(claim).unwrap_or((value, value));
    low <= q.q95 && high >= q.q05
}

fn ratio_row(claim: &ClaimRow, q: &Quantiles, value: f64) -> Row {
    let (shape, color) = looks(claim.group);
    let measure = table::claim_measure(&claim.quantity);
    Row {
        group: None,
        label: format!("{} {} {}", claim.id, claim.quantity.replace('_', " "), table::claimed(claim)),
        detail: format!("{}, {}", claim.source, claim.as_of.map_or_else(String::new, |d| d.to_string())),
        side: format!("predicted {}", words::range(q.q05, q.q95, &measure)),
        side_detail: String::new(),
        bars: vec![Bar {
            tone: Tone::Posterior,
            line: None,
            outer: Some((q.q05 / q.q50, q.q95 / q.q50)),
            inner: Some((q.q25 / q.q50, q.q75 / q.q50)),
            middle: None,
        }],
        mark: Some(Mark {
            shape: if claim.part_of_force.is_some() { Shape::Ring } else { shape },
            color,
            value: value / q.q50,
            span: span(claim).map(|(low, high)| (low / q.q50, high / q.q50)),
            arrow: arrow(claim),
        }),
    }
}

fn ratio_sheet(rows: &[(&ClaimRow, Quantiles, f64)]) -> Sheet {
    let columns = [
        "claim",
        "quantity",
        "form",
        "source",
        "group",
        "as_of",
        "claimed",
        "ratio_claimed",
        "ratio_q05",
        "ratio_q25",
        "ratio_q75",
        "ratio_q95",
        "predicted_q50",
    ];
    let mut sheet = Sheet::new(&columns);
    for (claim, q, value) in rows {
        let [id, quantity, form, source] =
            [&claim.id, &claim.quantity, &claim.form, &claim.source].map(|t| Cell::from(t.as_str()));
        let as_of = claim.as_of.map_or(Cell::Missing, |d| d.to_string().into());
        let ratio = |x: f64| Cell::from(x / q.q50);
        let group = group_words(claim.group).trim_end_matches(" claim").into();
        let (value, claimed) = (*value, (*value).into());
        sheet.row([
            id,
            quantity,
            form,
            source,
            group,
            as_of,
            claimed,
            ratio(value),
            ratio(q.q05),
            ratio(q.q25),
            ratio(q.q75),
            ratio(q.q95),
            q.q50.into(),
        ]);
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "layer": [
            {"mark": {"type": "rule", "size": 3, "opacity": 0.4}, "encoding": {"x": {"field": "ratio_q05",
                "type": "quantitative", "scale": {"type": "log"}, "title": "ratio to the predictive median"},
                "x2": {"field": "ratio_q95"}}},
            {"mark": "point", "encoding": {"x": {"field": "ratio_claimed", "type": "quantitative"},
                "shape": {"field": "group", "type": "nominal"}}}],
        "encoding": {"y": {"field": "claim", "type": "nominal", "sort": null, "title": null}},
    })
}
