//! Quantile ribbons over time, and the figure of the force by status.

use super::axis::{Axis, Labels, Panel, SIDE, Scale, room};
use super::canvas::{Anchor, Canvas, Font, INK, POSTERIOR, PRIOR, SOFT, svg, text_width};
use super::sheet::Sheet;
use super::{Caption, Figure, Page, figure};
use crate::report::data::{Bands, Force, Measure, ReportData, StatusSeries};
use crate::report::{summary, words};
use exitvoice_core::time::Day;
use plotters::prelude::RGBColor;
use serde_json::{Value, json};

/// Opacity of a 90 % and of a 50 % band.
pub(super) const OPACITY: (f64, f64) = (0.16, 0.32);

/// 90 % and 50 % bands and the median line.
pub(super) fn ribbon(canvas: &mut Canvas<'_>, panel: Panel, days: &[Day], bands: &Bands, color: RGBColor) {
    let place = |day: &Day, value: f64| (panel.x.at(f64::from(day.0)), panel.y.at(value));
    let edge = |column: &[f64]| days.iter().zip(column).map(|(d, v)| place(d, *v)).collect::<Vec<_>>();
    for (low, high, opacity) in [(&bands.q05, &bands.q95, OPACITY.0), (&bands.q25, &bands.q75, OPACITY.1)] {
        let mut outline = edge(high);
        outline.extend(edge(low).into_iter().rev());
        canvas.polygon(&outline, color, opacity);
    }
    median(canvas, panel, days, &bands.q50, color);
}

/// The median line alone; dashed for the prior, so that grey print tells them apart.
pub(super) fn median(canvas: &mut Canvas<'_>, panel: Panel, days: &[Day], values: &[f64], color: RGBColor) {
    let line: Vec<_> = days.iter().zip(values).map(|(d, v)| (panel.x.at(f64::from(d.0)), panel.y.at(*v))).collect();
    if color == PRIOR { canvas.dashes(&line, color, 1.4) } else { canvas.path(&line, color, 1.8) }
}

/// One entry of a legend: its drawing gets the left end and the middle height.
pub(super) struct Entry<'a> {
    pub(super) text: &'a str,
    pub(super) draw: &'a dyn Fn(&mut Canvas<'_>, (f64, f64)),
}

/// Height of a line of a legend.
const LINE: f64 = 17.0;
/// Width of the drawing of an entry.
pub(super) const KEY: f64 = 22.0;

/// Lines that a legend takes.
pub(super) fn legend_height(entries: &[Entry<'_>], width: f64) -> f64 {
    LINE * (1.0 + legend_places(entries, width).last().map_or(0.0, |p| p.1))
}

fn legend_places(entries: &[Entry<'_>], width: f64) -> Vec<(f64, f64)> {
    let (mut x, mut line) = (0.0, 0.0);
    entries
        .iter()
        .map(|entry| {
            let need = KEY + 6.0 + text_width(entry.text, 11.5) + 14.0;
            if x > 0.0 && x + need > width {
                (x, line) = (0.0, line + 1.0);
            }
            let place = (x, line);
            x += need;
            place
        })
        .collect()
}

/// A legend whose first line has its middle at `top` + half a line.
pub(super) fn legend(canvas: &mut Canvas<'_>, entries: &[Entry<'_>], (left, top): (f64, f64)) {
    let places = legend_places(entries, canvas.width - left);
    for (entry, (x, line)) in entries.iter().zip(places) {
        let (x, y) = (left + x, top + LINE * (line + 0.5));
        (entry.draw)(canvas, (x, y));
        canvas.text(entry.text, (x + KEY + 6.0, y), Anchor::Start, Font::new(11.5, INK));
    }
}

/// The drawing of a ribbon in a legend.
pub(super) fn ribbon_key(color: RGBColor) -> impl Fn(&mut Canvas<'_>, (f64, f64)) {
    move |canvas, (x, y)| {
        canvas.bar((x, y - 6.5), (x + KEY, y + 6.5), color, OPACITY.0);
        canvas.bar((x, y - 3.5), (x + KEY, y + 3.5), color, OPACITY.1);
        let line = [(x, y), (x + KEY, y)];
        if color == PRIOR { canvas.dashes(&line, color, 1.4) } else { canvas.path(&line, color, 1.8) }
    }
}

/// Statuses that occur: somebody is in them on some day at the 95 % quantile.
fn occurring(force: &Force) -> Vec<&StatusSeries> {
    force.statuses.iter().filter(|s| shown(s).q95.iter().any(|v| *v >= 1.0)).collect()
}

fn shown(series: &StatusSeries) -> &Bands {
    series.posterior.as_ref().unwrap_or(&series.prior)
}

/// Heads by status over time: one small panel a status.
pub(super) fn force(data: &ReportData) -> Figure {
    let force = &data.force;
    let series = occurring(force);
    let never: Vec<_> = force
        .statuses
        .iter()
        .filter(|s| !series.iter().any(|o| o.name == s.name))
        .map(|s| s.label.to_lowercase())
        .collect();
    let updated = series.iter().any(|s| s.posterior.is_some());
    let basis = if updated {
        "after the claims; dashed line: median before them; grey panels: before the claims only, since these passing states are read \
         off realised attempts, which the likelihood integrates out"
    } else {
        "before any claim"
    };
    let mut note = format!(
        "Simulated heads at the end of each day, {basis}. Under each name: heads on the last day, median and 90\u{a0}% interval. Each panel has its own scale."
    );
    if !never.is_empty() {
        note.push_str(&format!(
            " Fewer than one head on every day at the 95{}% quantile, not drawn: {}.",
            '\u{a0}',
            never.join(", ")
        ));
    }
    note.push_str(" Source: ensemble of this run; grades of its parameters are in the section on assumptions.");
    let reading = summary::force_sentence(data)
        .unwrap_or_else(|| "No status has a head on any day at the 95 % quantile.".to_owned());
    let caption = Caption {
        name: "force",
        title: "The force by status, day by day".to_owned(),
        alt: format!("Small panels over time, one a status, with median, 50 % and 90 % bands. {reading}"),
        reading,
        note,
    };
    figure(caption, &sheet(force), &vega(), |page, heading| {
        let columns = page.pick(3, 2);
        let rows = series.len().div_ceil(columns).max(1);
        let gap = page.pick(14.0, 6.0);
        let width = (page.width() - gap * (columns as f64 - 1.0)) / columns as f64;
        let height = page.pick(178.0, 158.0);
        let entries_main = ribbon_key(POSTERIOR);
        let prior_key = |canvas: &mut Canvas<'_>, (x, y)| canvas.dashes(&[(x, y), (x + KEY, y)], PRIOR, 1.4);
        let main_text = if updated { "posterior: median, 50 % and 90 % band" } else { "median, 50 % and 90 % band" };
        let mut entries = vec![Entry { text: main_text, draw: &entries_main }];
        if updated {
            entries.push(Entry { text: "prior: median, and bands of what is prior only", draw: &prior_key });
        }
        let top = legend_height(&entries, page.width()) + 8.0;
        svg(page.width(), top + height * rows as f64 + 4.0, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            for (i, status) in series.iter().enumerate() {
                let (column, row) = ((i % columns) as f64, (i / columns) as f64);
                let corner = (column * (width + gap), top + row * height);
                status_panel(canvas, &force.days, (status, updated), corner, (width, height), page);
            }
        })
    })
}

/// A small panel of counts up to `most` by day, with a heading of two lines above and dates below.
pub(super) fn by_month(days: &[Day], most: f64, (left, top): (f64, f64), (width, height): (f64, f64)) -> Panel {
    let y = Axis::new(Scale::Linear, (0.0, most * 1.05), (top + height - 44.0, top + 40.0));
    let from = left + room(y, Labels::Count, SIDE);
    Panel { x: Axis::new(Scale::Days, (day(days, 0), day(days, days.len() - 1)), (from, left + width - 6.0)), y }
}

fn status_panel(
    canvas: &mut Canvas<'_>,
    days: &[Day],
    (series, updated): (&StatusSeries, bool),
    (left, top): (f64, f64),
    (width, height): (f64, f64),
    page: Page,
) {
    let bands = shown(series);
    let end = days.len() - 1;
    let median_prior = series.posterior.as_ref().map(|_| &series.prior.q50);
    let most = bands.q95.iter().chain(median_prior.into_iter().flatten()).copied().fold(1.0, f64::max);
    let panel = by_month(days, most, (left, top), (width, height));
    let at_end = format!(
        "{} ({})",
        words::estimate(bands.q50[end]),
        words::range(bands.q05[end], bands.q95[end], &Measure::Persons)
    );
    canvas.text(&series.label, (left, top + 8.0), Anchor::Start, Font::bold(13.0, INK));
    let at_end = if updated && series.posterior.is_none() { format!("prior only: {at_end}") } else { at_end };
    canvas.text(&at_end, (left, top + 24.0), Anchor::Start, Font::new(11.0, SOFT));
    panel.frame(canvas, Labels::Count, SIDE, page.pick(4, 3));
    if let Some(values) = median_prior {
        median(canvas, panel, days, values, PRIOR);
    }
    let tone = if updated && series.posterior.is_none() { PRIOR } else { POSTERIOR };
    ribbon(canvas, panel, days, bands, tone);
}

/// Place of a day on a time axis.
pub(super) fn day(days: &[Day], index: usize) -> f64 {
    days.get(index).map_or(0.0, |d| f64::from(d.0))
}

fn sheet(force: &Force) -> Sheet {
    let mut sheet = Sheet::new(&["date", "status", "basis", "q05", "q25", "q50", "q75", "q95"]);
    for series in &force.statuses {
        for (basis, bands) in [("prior", Some(&series.prior)), ("posterior", series.posterior.as_ref())] {
            let Some(b) = bands else { continue };
            for (i, date) in force.days.iter().enumerate() {
                let [q05, q25, q50, q75, q95] = [&b.q05, &b.q25, &b.q50, &b.q75, &b.q95].map(|c| c[i].into());
                let name = series.name.as_str().into();
                sheet.row([date.to_string().into(), name, basis.into(), q05, q25, q50, q75, q95]);
            }
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "facet": {"field": "status", "type": "nominal"}, "columns": 3,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": {"field": "q05", "type": "quantitative",
                "title": "heads"}, "y2": {"field": "q95"}}},
            {"mark": {"type": "area", "opacity": 0.3}, "encoding": {"y": {"field": "q25", "type": "quantitative"},
                "y2": {"field": "q75"}}},
            {"mark": "line", "encoding": {"y": {"field": "q50", "type": "quantitative"}}}],
            "encoding": {"x": {"field": "date", "type": "temporal"}, "color": {"field": "basis", "type": "nominal"}}},
    })
}
