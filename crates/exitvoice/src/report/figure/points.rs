//! The points of a sweep, number by number.

use super::axis::{Labels, Scale};
use super::canvas::wrapped;
use super::ribbon::Entry;
use super::rows::{Bar, FONT, Row, Rows, Tone, bar_key};
use super::sheet::{Cell, Sheet};
use super::{Caption, Figure, figure};
use crate::report::data::Measure;
use crate::report::sweep::{Answer, PointRow, SweepData, labels, reading, shown};
use crate::report::words::significant;
use serde_json::json;

/// Width of the words of a point, in user units.
const WORDS: f64 = 256.0;

/// One row a point, in groups by number; `None` where no point has a result.
pub(in crate::report) fn points(data: &SweepData) -> Option<Figure> {
    let (names, labels) = (shown(&data.rows), labels(&data.rows));
    let find = |name: &str| {
        let rows = data.rows.iter().zip(&labels);
        rows.filter_map(|(row, label)| Some((row, label.as_str(), row.answer(name)?))).collect::<Vec<_>>()
    };
    // One axis for all: heads and incidents, no shares.
    let shown: Vec<(&PointRow, &str, &Answer)> = names
        .iter()
        .flat_map(|name| find(name))
        .filter(|(.., a)| matches!(a.measure, Measure::Persons | Measure::Incidents))
        .collect();
    let most = shown.iter().flat_map(|(.., a)| [a.mean_high, a.q95]).fold(1.0, f64::max) * 1.05;
    if shown.is_empty() {
        return None;
    }
    let reading = reading(&data.rows, data.points);
    let caption = Caption {
        name: "points",
        title: "What each point gives".to_owned(),
        alt: format!("One row a point, by number, with intervals of the mean. {reading}"),
        reading,
        note: "Thick: 95\u{a0}% interval of the mean. Light: middle 90\u{a0}% of single replicates. The axis stretches as ln(1 + x).".to_owned(),
    };
    let sheet = sheet(&shown);
    let vega = json!({
        "facet": {"row": {"field": "quantity", "type": "nominal"}}, "resolve": {"scale": {"x": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "rule", "size": 5}, "encoding": {"x": {"field": "mean_low", "type": "quantitative",
                "title": "mean"}, "x2": {"field": "mean_high"}}},
            {"mark": "point", "encoding": {"x": {"field": "mean", "type": "quantitative"}}}],
            "encoding": {"y": {"field": "values", "type": "nominal", "sort": null}}},
    });
    Some(figure(caption, &sheet, &vega, |page, heading| {
        let key = bar_key(Tone::Posterior);
        let mut before = String::new();
        let rows = shown.iter().map(|(_, label, a)| {
            let begins = a.name != before;
            before.clone_from(&a.name);
            let mut lines = wrapped(label, WORDS, FONT, 2).into_iter();
            let label = lines.next().unwrap_or_default();
            Row {
                group: begins.then(|| a.label.clone()),
                label,
                detail: lines.next().unwrap_or_default(),
                side: significant(a.mean),
                side_detail: format!("{} to {}", significant(a.mean_low), significant(a.mean_high)),
                bars: vec![Bar {
                    tone: Tone::Posterior,
                    line: None,
                    outer: Some((a.q05, a.q95)),
                    inner: Some((a.mean_low.max(0.0), a.mean_high)),
                    middle: Some(a.mean),
                }],
                mark: None,
            }
        });
        Rows {
            scale: Scale::Symlog,
            range: (0.0, most),
            labels: Labels::Number,
            axis: "persons",
            reference: None,
            rows: rows.collect(),
            legend: &[Entry { text: "mean, its 95 % interval, 90 % of replicates", draw: &key }],
            columns: (WORDS + 14.0, 130.0),
        }
        .svg(page, heading)
    }))
}

/// What the figure draws, as its CSV has it.
fn sheet(shown: &[(&PointRow, &str, &Answer)]) -> Sheet {
    let mut sheet =
        Sheet::new(&["point", "scenario", "values", "quantity", "mean", "mean_low", "mean_high", "q05", "q95"]);
    for (row, label, a) in shown {
        let [b, c, d, e, f] = [a.mean, a.mean_low, a.mean_high, a.q05, a.q95].map(Cell::from);
        let number = row.number.to_string();
        sheet.row([
            number.as_str().into(),
            row.scenario.as_str().into(),
            (*label).into(),
            a.name.as_str().into(),
            b,
            c,
            d,
            e,
            f,
        ]);
    }
    sheet
}
