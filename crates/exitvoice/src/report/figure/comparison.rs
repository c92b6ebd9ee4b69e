//! Figures of a comparison: A is drawn as a prior is, B as a posterior, with their own words in the legend.

use super::axis::{Axis, Labels, Panel, Scale};
use super::canvas::{Anchor, Canvas, Font, INK, POSTERIOR, PRIOR, svg};
use super::ribbon::{Entry, day, legend, legend_height, ribbon, ribbon_key};
use super::rows::{Bar, Row, Rows, Tone, bar_key};
use super::sheet::Sheet;
use super::{Caption, Figure, figure};
use crate::answers::Measured;
use crate::command::compare::Decomposition;
use crate::compare::Rate;
use crate::compare::shapley::{Part, SharedOut};
use crate::report::comparison::{
    ComparisonData, QuantityRow, SeriesPair, TOLD, between, sentences, shares_told, signed,
};
use crate::report::words::{self, significant};
use crate::report::{Bands, Measure};
use serde_json::json;

/// All figures of a comparison, in the order of the page.
pub(in crate::report) fn all(data: &ComparisonData) -> Vec<Figure> {
    let mut out = Vec::new();
    out.extend(differences(data));
    out.extend((!data.series.is_empty()).then(|| both(data)));
    out.extend(rates(data));
    out.extend(data.shapley.as_ref().and_then(shares));
    out
}

/// A quantity's difference in per cent of its mean in A.
fn relative(row: &QuantityRow) -> Option<[f64; 5]> {
    let d = row.difference;
    let percent = |x: f64| x / row.means.a * 100.0;
    (row.means.a > 0.0).then(|| [d.mean_low, d.mean, d.mean_high, d.q05, d.q95].map(percent))
}

/// A quantity that no replicate of A has, with what B has of it.
fn only_in_b(row: &QuantityRow) -> String {
    format!("{} ({} in B)", row.name.replace('_', " "), words::value(row.means.b, &row.measure))
}

fn differences(data: &ComparisonData) -> Option<Figure> {
    let shown: Vec<(&QuantityRow, [f64; 5])> =
        data.quantities.iter().filter_map(|row| relative(row).map(|r| (row, r))).collect();
    let most = shown.iter().flat_map(|(_, r)| r.map(f64::abs)).fold(1.0, f64::max) * 1.05;
    if shown.is_empty() {
        return None;
    }
    let drawn = || data.quantities.iter().zip(sentences(&data.quantities)).filter(|(row, _)| relative(row).is_some());
    // What differs is read first.
    let differs = drawn().find(|(row, _)| row.difference.mean.abs() > 0.0);
    let reading = differs.or_else(|| drawn().next()).map(|(_, said)| said).unwrap_or_default();
    let left_out: Vec<String> = data.quantities.iter().filter(|row| relative(row).is_none()).map(only_in_b).collect();
    let mut note =
        "Thick: 95\u{a0}% interval of the mean difference. Light: middle 90\u{a0}% of single replicates.".to_owned();
    if !left_out.is_empty() {
        note.push_str(&format!(" Not drawn, for their mean in A is 0: {}.", left_out.join("; ")));
    }
    let caption = Caption {
        name: "differences",
        title: "Difference of B from A, relative to the mean in A".to_owned(),
        alt: format!("One row a quantity with intervals of the paired difference. {reading}"),
        reading,
        note,
    };
    let mut sheet = Sheet::new(&["quantity", "mean_a", "mean_b", "mean", "mean_low", "mean_high", "q05", "q50", "q95"]);
    for row in &data.quantities {
        let d = row.difference;
        let numbers = [row.means.a, row.means.b, d.mean, d.mean_low, d.mean_high, d.q05, d.q50, d.q95];
        let [a, b, c, e, f, g, h, i] = numbers.map(super::sheet::Cell::from);
        sheet.row([row.name.as_str().into(), a, b, c, e, f, g, h, i]);
    }
    let vega = json!({
        "facet": {"row": {"field": "quantity", "type": "nominal"}}, "resolve": {"scale": {"x": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "rule", "opacity": 0.4}, "encoding": {"x": {"field": "q05", "type": "quantitative",
                "title": "B - A"}, "x2": {"field": "q95"}}},
            {"mark": {"type": "rule", "size": 5}, "encoding": {"x": {"field": "mean_low", "type": "quantitative"},
                "x2": {"field": "mean_high"}}},
            {"mark": "point", "encoding": {"x": {"field": "mean", "type": "quantitative"}}}]},
    });
    Some(figure(caption, &sheet, &vega, |page, heading| {
        let key = bar_key(Tone::Posterior);
        let rows = shown.iter().map(|(row, r)| Row {
            group: None,
            label: row.name.replace('_', " "),
            detail: words::unit(&row.measure).to_owned(),
            side: signed(row.difference.mean, &row.measure),
            side_detail: between(row.difference.mean_low, row.difference.mean_high, &row.measure),
            bars: vec![Bar {
                tone: Tone::Posterior,
                line: None,
                outer: Some((r[3], r[4])),
                inner: Some((r[0], r[2])),
                middle: Some(r[1]),
            }],
            mark: None,
        });
        Rows {
            scale: Scale::Linear,
            range: (-most, most),
            labels: Labels::Number,
            axis: "difference, per cent of the mean in A",
            reference: Some(0.0),
            rows: rows.collect(),
            legend: &[Entry { text: "B - A: mean, its 95 % interval, 90 % of replicates", draw: &key }],
            columns: (190.0, 170.0),
        }
        .svg(page, heading)
    }))
}

/// Running totals of A and B over time.
fn both(data: &ComparisonData) -> Figure {
    let last = |b: &Bands| b.q50.last().copied().unwrap_or(0.0);
    let first = &data.series[0];
    let reading = format!(
        "{}: median {} in A and {} in B on the last day.",
        first.label,
        significant(last(&first.a)),
        significant(last(&first.b))
    );
    let caption = Caption {
        name: "both",
        title: "Running totals in A and B".to_owned(),
        alt: format!("Small panels over time with median, 50 % and 90 % bands of both scenarios. {reading}"),
        reading,
        note: format!(
            "A (dashed): {}. B (solid): {}. Bands hold the middle 50 and 90\u{a0}% of replicates. Each panel has its own scale.",
            data.head.scenario, data.b_scenario
        ),
    };
    let mut sheet = Sheet::new(&["date", "series", "scenario", "q05", "q25", "q50", "q75", "q95"]);
    for pair in &data.series {
        for (side, days, b) in [("A", &data.days, &pair.a), ("B", &data.b_days, &pair.b)] {
            for (i, date) in days.iter().enumerate() {
                let [q05, q25, q50, q75, q95] = [&b.q05, &b.q25, &b.q50, &b.q75, &b.q95].map(|c| c[i].into());
                sheet.row([date.to_string().into(), pair.name.as_str().into(), side.into(), q05, q25, q50, q75, q95]);
            }
        }
    }
    let vega = json!({
        "facet": {"field": "series", "type": "nominal"}, "columns": 2,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": {"field": "q05", "type": "quantitative"}, "y2": {"field": "q95"}}},
            {"mark": "line", "encoding": {"y": {"field": "q50", "type": "quantitative"}}}],
            "encoding": {"x": {"field": "date", "type": "temporal"}, "color": {"field": "scenario", "type": "nominal"}}},
    });
    figure(caption, &sheet, &vega, |page, heading| {
        let columns = page.pick(2, 1);
        let gap = page.pick(20.0, 0.0);
        let width = (page.width() - gap * (columns as f64 - 1.0)) / columns as f64;
        let height = page.pick(210.0, 190.0);
        let (a_key, b_key) = (ribbon_key(PRIOR), ribbon_key(POSTERIOR));
        let entries = [Entry { text: "A: median, 50 % and 90 %", draw: &a_key }, Entry { text: "B", draw: &b_key }];
        let top = legend_height(&entries, page.width()) + 8.0;
        let rows = data.series.len().div_ceil(columns) as f64;
        svg(page.width(), top + height * rows + 4.0, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            for (i, pair) in data.series.iter().enumerate() {
                let corner = ((i % columns) as f64 * (width + gap), top + (i / columns) as f64 * height);
                panel(canvas, data, pair, corner, (width, height));
            }
        })
    })
}

fn panel(
    canvas: &mut Canvas<'_>,
    data: &ComparisonData,
    pair: &SeriesPair,
    (left, top): (f64, f64),
    (width, height): (f64, f64),
) {
    let most = pair.a.q95.iter().chain(&pair.b.q95).copied().fold(1.0, f64::max);
    let end = data.days.len().max(data.b_days.len()) - 1;
    let longest = if data.days.len() > data.b_days.len() { &data.days } else { &data.b_days };
    let panel = Panel {
        x: Axis::new(Scale::Days, (day(longest, 0), day(longest, end)), (left + 48.0, left + width - 6.0)),
        y: Axis::new(Scale::Linear, (0.0, most * 1.05), (top + height - 44.0, top + 26.0)),
    };
    canvas.text(&pair.label, (left, top + 8.0), Anchor::Start, Font::bold(13.0, INK));
    panel.frame(canvas, Labels::Count, 4, 4);
    ribbon(canvas, panel, &data.days, &pair.a, PRIOR);
    ribbon(canvas, panel, &data.b_days, &pair.b, POSTERIOR);
}

/// Rates by class and third, A beside B.
fn rates(data: &ComparisonData) -> Option<Figure> {
    let shown: Vec<_> = data.rates.iter().filter_map(|r| r.rates.map(|rate| (r, rate))).collect();
    let (first, rate) = shown.first()?;
    let reading = format!(
        "{}, {} {}: {} per 1,000 years in A, {} in B.",
        first.measure,
        first.group.replace('_', " "),
        first.cell,
        significant(rate.a),
        significant(rate.b)
    );
    let caption = Caption {
        name: "rates",
        title: "Rates by class and by third of hostage weight".to_owned(),
        alt: format!("One row a measure and cell, A beside B. {reading}"),
        reading,
        note: "Events per 1,000 years with the unit, all replicates together. Thick: 95\u{a0}% interval of the mean difference B - A, drawn around B. Cells under 50 persons are not shown. The axis stretches as ln(1 + x).".to_owned(),
    };
    let mut sheet = Sheet::new(&["measure", "group", "cell", "a", "b", "mean_difference", "mean_low", "mean_high"]);
    for (row, rate) in &shown {
        let d = rate.difference;
        let [a, b, c, e, f] = [rate.a, rate.b, d.mean, d.mean_low, d.mean_high].map(super::sheet::Cell::from);
        sheet.row([row.measure.as_str().into(), row.group.as_str().into(), row.cell.as_str().into(), a, b, c, e, f]);
    }
    let y = json!({"field": "cell", "type": "nominal"});
    let x = |field: &str| json!({"field": field, "type": "quantitative", "title": "per 1,000 years with the unit"});
    let vega = json!({
        "transform": [
            {"calculate": "max(0, datum.b + datum.mean_low - datum.mean_difference)", "as": "b_low"},
            {"calculate": "datum.b + datum.mean_high - datum.mean_difference", "as": "b_high"}],
        "facet": {"row": {"field": "measure", "type": "nominal"}, "column": {"field": "group", "type": "nominal"}},
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "point", "shape": "diamond"}, "encoding": {"y": y, "x": x("a")}},
            {"mark": {"type": "rule", "size": 5}, "encoding": {"y": y, "x": x("b_low"), "x2": {"field": "b_high"}}},
            {"mark": "point", "encoding": {"y": y, "x": x("b")}}]},
    });
    Some(figure(caption, &sheet, &vega, |page, heading| {
        let (a_key, b_key) = (bar_key(Tone::Prior), bar_key(Tone::Posterior));
        let farthest = |r: &Rate| r.a.max(r.b + r.difference.mean_high - r.difference.mean);
        let most = shown.iter().map(|(_, r)| farthest(r)).fold(1.0, f64::max) * 1.1;
        let mut before = String::new();
        let rows = shown
            .iter()
            .map(|(row, rate)| {
                let group = format!("{}, {}", row.measure, row.group.replace('_', " "));
                let begins = group != before;
                before.clone_from(&group);
                let point = |tone, x, inner| Bar { tone, line: None, outer: None, inner, middle: Some(x) };
                let d = rate.difference;
                let beside = |end: f64| (rate.b + end - d.mean).max(0.0);
                Row {
                    group: begins.then_some(group),
                    label: row.cell.clone(),
                    detail: String::new(),
                    side: format!("{} in A, {} in B", significant(rate.a), significant(rate.b)),
                    side_detail: format!("B - A {}", between(d.mean_low, d.mean_high, &Measure::Persons)),
                    bars: vec![
                        point(Tone::Prior, rate.a, None),
                        point(Tone::Posterior, rate.b, Some((beside(d.mean_low), beside(d.mean_high)))),
                    ],
                    mark: None,
                }
            })
            .collect();
        Rows {
            scale: Scale::Symlog,
            range: (0.0, most),
            labels: Labels::Number,
            axis: "per 1,000 years with the unit",
            reference: None,
            rows,
            legend: &[Entry { text: "A", draw: &a_key }, Entry { text: "B, 95 % interval of B - A", draw: &b_key }],
            columns: (150.0, 190.0),
        }
        .svg(page, heading)
    }))
}

fn percent(x: f64, whole: f64) -> f64 {
    x / whole * 100.0
}

fn share_sheet(found: &Decomposition) -> Sheet {
    let mut sheet = Sheet::new(&["quantity", "mechanism", "mean", "mean_low", "mean_high", "q05", "q95"]);
    for (name, shared) in &found.quantities {
        for part in &shared.parts {
            let d = part.share;
            let [a, b, c, e, f] = [d.mean, d.mean_low, d.mean_high, d.q05, d.q95].map(super::sheet::Cell::from);
            sheet.row([name.as_str().into(), part.mechanism.as_str().into(), a, b, c, e, f]);
        }
    }
    sheet
}

/// What shares are drawn relative to.
const fn whole(shared: &SharedOut) -> f64 {
    shared.mean_without.max(shared.mean_with)
}

/// A mechanism's share in a number, relative to `whole`; the first row of a number names it.
fn share_row(m: Measured, whole: f64, part: &Part, first: bool) -> Row {
    let d = part.share;
    Row {
        group: first.then(|| m.label().to_owned()),
        label: part.mechanism.clone(),
        detail: String::new(),
        side: signed(d.mean, &m.measure()),
        side_detail: between(d.mean_low, d.mean_high, &m.measure()),
        bars: vec![Bar {
            tone: Tone::Posterior,
            line: None,
            outer: Some((percent(d.q05, whole), percent(d.q95, whole))),
            inner: Some((percent(d.mean_low, whole), percent(d.mean_high, whole))),
            middle: Some(percent(d.mean, whole)),
        }],
        mark: None,
    }
}

/// Shares of the mechanisms in the numbers that are told, relative to the larger of the means with none and with all of them.
fn shares(found: &Decomposition) -> Option<Figure> {
    let told = || Measured::all().filter(|m| TOLD.contains(&m.name()));
    let shown: Vec<_> = told()
        .filter_map(|m| found.quantities.get(m.name()).map(|shared| (m, shared)))
        .filter(|(_, shared)| whole(shared) > 0.0)
        .collect();
    if shown.is_empty() {
        return None;
    }
    let reading = shares_told(found).into_iter().next().unwrap_or_default();
    let mut note =
        "Thick: 95\u{a0}% interval of the mean share. Light: middle 90\u{a0}% of single replicates. At the right: persons."
            .to_owned();
    let left_out = told().count() - shown.len();
    if left_out > 0 {
        note.push_str(&format!(" Not drawn, for it happens neither with nor without them: {left_out}."));
    }
    let caption = Caption {
        name: "shapley",
        title: "What each mechanism does, relative to the larger mean, with none or with all of them".to_owned(),
        alt: format!("One row a mechanism, by quantity, with intervals of its share. {reading}"),
        reading,
        note,
    };
    let sheet = share_sheet(found);
    let vega = json!({
        "facet": {"row": {"field": "quantity", "type": "nominal"}}, "resolve": {"scale": {"x": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "rule", "opacity": 0.4}, "encoding": {"x": {"field": "q05", "type": "quantitative",
                "title": "share"}, "x2": {"field": "q95"}}},
            {"mark": {"type": "rule", "size": 5}, "encoding": {"x": {"field": "mean_low", "type": "quantitative"},
                "x2": {"field": "mean_high"}}},
            {"mark": "point", "encoding": {"x": {"field": "mean", "type": "quantitative"}}}],
            "encoding": {"y": {"field": "mechanism", "type": "nominal"}}},
    });
    let ends = shown.iter().flat_map(|(_, shared)| {
        let each = |part: &Part| [part.share.mean_low, part.share.mean_high, part.share.q05, part.share.q95];
        shared.parts.iter().flat_map(each).map(|x| percent(x, whole(shared)).abs())
    });
    let most = ends.fold(1.0, f64::max) * 1.05;
    Some(figure(caption, &sheet, &vega, |page, heading| {
        let key = bar_key(Tone::Posterior);
        let rows = shown.iter().flat_map(|(m, shared)| {
            shared.parts.iter().enumerate().map(|(i, part)| share_row(*m, whole(shared), part, i == 0))
        });
        Rows {
            scale: Scale::Linear,
            range: (-most, most),
            labels: Labels::Number,
            axis: "share, per cent of the larger mean, with none or with all",
            reference: Some(0.0),
            rows: rows.collect(),
            legend: &[Entry { text: "share: mean, its 95 % interval, 90 % of replicates", draw: &key }],
            columns: (150.0, 170.0),
        }
        .svg(page, heading)
    }))
}
