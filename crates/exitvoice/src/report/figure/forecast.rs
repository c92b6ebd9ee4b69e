//! What comes after the last day known: one small panel a number, by month.

use super::axis::{Labels, SIDE};
use super::canvas::{Anchor, Canvas, Font, INK, POSTERIOR, SOFT, svg};
use super::ribbon::{Entry, by_month, legend, legend_height, ribbon, ribbon_key};
use super::sheet::Sheet;
use super::{Caption, Figure, Page, figure};
use crate::report::data::{Bands, Measure, Quantiles};
use crate::report::forecast::{Forecast, Predicted};
use crate::report::words;
use exitvoice_core::time::Day;
use serde_json::{Value, json};

/// Name of its files.
pub(in crate::report) const NAME: &str = "forecast";

/// Numbers by month with 50 and 90 % bands; `None` where there is no whole number to draw.
pub(super) fn predicted(forecast: &Forecast) -> Option<Figure> {
    let shown: Vec<&Predicted> =
        forecast.world.iter().filter(|p| p.measure != Measure::Share && !p.until.is_empty()).collect();
    let first = shown.first()?;
    let (last, end) = (forecast.days.last()?, first.until.last()?);
    let reading = format!("{} by {}: {}.", first.label, words::date(*last), words::interval(end, &first.measure));
    let caption = Caption {
        name: NAME,
        title: format!("After {}, by month", words::date(forecast.from)),
        alt: format!("Small panels by month, one a number, with median, 50 % and 90 % predictive bands. {reading}"),
        reading,
        note: format!(
            "Totals since the first day, and levels, at the end of each month; bands are predictive intervals over {} posterior draws that \
             went on. Names are those of the tables; under each: the last month, median and 90\u{a0}% interval. Each panel has its own scale. Danger after the last day \
             known and further waves are graded Assumed.",
            words::grouped(forecast.draws)
        ),
    };
    Some(figure(caption, &sheet(forecast), &vega(), |page, heading| {
        let columns = page.pick(3, 2);
        let gap = page.pick(14.0, 6.0);
        let width = (page.width() - gap * (columns as f64 - 1.0)) / columns as f64;
        let height = page.pick(178.0, 158.0);
        let key = ribbon_key(POSTERIOR);
        let entries = [Entry { text: "predictive: median, 50 % and 90 % band", draw: &key }];
        let top = legend_height(&entries, page.width()) + 8.0;
        svg(page.width(), top + height * shown.len().div_ceil(columns) as f64 + 4.0, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            for (i, number) in shown.iter().enumerate() {
                let corner = ((i % columns) as f64 * (width + gap), top + (i / columns) as f64 * height);
                panel(canvas, &forecast.days, number, corner, (width, height), page);
            }
        })
    }))
}

fn panel(
    canvas: &mut Canvas<'_>,
    days: &[Day],
    number: &Predicted,
    (left, top): (f64, f64),
    (width, height): (f64, f64),
    page: Page,
) {
    let column = |read: fn(&Quantiles) -> f64| number.until.iter().map(read).collect::<Vec<f64>>();
    let bands = Bands {
        q05: column(|q| q.q05),
        q25: column(|q| q.q25),
        q50: column(|q| q.q50),
        q75: column(|q| q.q75),
        q95: column(|q| q.q95),
    };
    let end = days.len() - 1;
    let most = bands.q95.iter().copied().fold(1.0, f64::max);
    let panel = by_month(days, most, (left, top), (width, height));
    let span = words::range(bands.q05[end], bands.q95[end], &number.measure);
    canvas.text(&heading(&number.name), (left, top + 8.0), Anchor::Start, Font::bold(13.0, INK));
    let text = format!("{} ({span}) {}", words::estimate(bands.q50[end]), words::unit(&number.measure));
    canvas.text(&text, (left, top + 24.0), Anchor::Start, Font::new(11.0, SOFT));
    panel.frame(canvas, Labels::Count, SIDE, page.pick(4, 3));
    ribbon(canvas, panel, days, &bands, POSTERIOR);
}

/// Name of a panel: that of the number in tables, short enough for a narrow page.
fn heading(name: &str) -> String {
    words::first_up(&name.trim_end_matches("_total").replace('_', " "))
}

fn sheet(forecast: &Forecast) -> Sheet {
    let mut sheet = Sheet::new(&["date", "quantity", "counted", "q05", "q25", "q50", "q75", "q95"]);
    for number in &forecast.world {
        for (counted, column) in [("until", &number.until), ("within", &number.within)] {
            for (date, q) in forecast.days.iter().zip(column) {
                let [q05, q25, q50, q75, q95] = [q.q05, q.q25, q.q50, q.q75, q.q95].map(super::sheet::Cell::from);
                let name = number.name.as_str().into();
                sheet.row([date.to_string().into(), name, counted.into(), q05, q25, q50, q75, q95]);
            }
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "transform": [{"filter": "datum.counted === 'until'"}],
        "facet": {"field": "quantity", "type": "nominal"}, "columns": 3,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": {"field": "q05", "type": "quantitative",
                "title": "persons or incidents"}, "y2": {"field": "q95"}}},
            {"mark": {"type": "area", "opacity": 0.3}, "encoding": {"y": {"field": "q25", "type": "quantitative"},
                "y2": {"field": "q75"}}},
            {"mark": "line", "encoding": {"y": {"field": "q50", "type": "quantitative"}}}],
            "encoding": {"x": {"field": "date", "type": "temporal"}}},
    })
}
