//! Claims against the posterior: cumulative totals with the claims as marks.

use super::axis::{Axis, Labels, Panel, Scale};
use super::canvas::{Anchor, Canvas, Font, INK, KYIV, OTHER, POSTERIOR, PRIOR, SOFT, Shape, THIRD, svg, text_width};
use super::ribbon::{Entry, KEY, day, legend, legend_height, ribbon, ribbon_key};
use super::sheet::{Cell, Sheet};
use super::{Caption, Figure, Page, figure};
use crate::report::data::{Bands, ClaimRow, Inference, SourceGroup, Total, Totals};
use crate::report::words;
use exitvoice_core::time::Day;
use plotters::prelude::RGBColor;
use serde_json::{Value, json};

/// Looks of a source group: shape and colour, so that either alone tells it.
pub(super) const fn looks(group: SourceGroup) -> (Shape, RGBColor) {
    match group {
        SourceGroup::ThirdParty => (Shape::Dot, THIRD),
        SourceGroup::Kyiv => (Shape::Triangle, KYIV),
        SourceGroup::Other => (Shape::Square, OTHER),
    }
}

/// Words for a source group.
pub(super) const fn group_words(group: SourceGroup) -> &'static str {
    match group {
        SourceGroup::ThirdParty => "third-party claim",
        SourceGroup::Kyiv => "Kyiv claim",
        SourceGroup::Other => "other claim",
    }
}

pub(super) const GROUPS: [SourceGroup; 3] = [SourceGroup::ThirdParty, SourceGroup::Kyiv, SourceGroup::Other];

pub(super) fn group_key(group: SourceGroup) -> impl Fn(&mut Canvas<'_>, (f64, f64)) {
    let (shape, color) = looks(group);
    move |canvas, (x, y)| canvas.mark((x + KEY / 2.0, y), shape, 4.2, color)
}

/// The number that stands for a row: its value, else the end it names, else the middle ratio of its interval.
pub(super) fn point(claim: &ClaimRow) -> Option<f64> {
    match (claim.form.as_str(), claim.low, claim.high) {
        ("at_least", Some(low), _) => Some(low),
        ("at_most", _, Some(high)) => Some(high),
        ("interval", Some(low), Some(high)) => claim.value.or(Some((low * high).sqrt())),
        _ => claim.value,
    }
}

/// 1 for at least, -1 for at most, 0 for the others.
pub(super) fn arrow(claim: &ClaimRow) -> f64 {
    match claim.form.as_str() {
        "at_least" => 1.0,
        "at_most" => -1.0,
        _ => 0.0,
    }
}

pub(super) fn span(claim: &ClaimRow) -> Option<(f64, f64)> {
    (claim.form == "interval").then_some(())?;
    Some((claim.low?, claim.high?))
}

/// Scored rows about a cumulative total since day 0.
fn cumulative<'a>(inference: &'a Inference, total: &'a Total) -> impl Iterator<Item = (&'a ClaimRow, Day, f64)> {
    let first = inference.totals.days.first().copied();
    let since_first = move |c: &ClaimRow| c.window_from.is_none_or(|from| first.is_some_and(|first| from <= first));
    inference
        .claims
        .used
        .iter()
        .filter(move |c| c.quantity == total.name && since_first(c))
        .filter_map(|c| Some((c, c.as_of?, point(c)?)))
}

/// Cumulative totals as ribbons with the claims as marks; `None` where no total is given.
pub(super) fn totals(inference: &Inference) -> Option<Figure> {
    let totals = &inference.totals;
    if totals.series.is_empty() {
        return None;
    }
    let reading = totals_reading(totals);
    let caption = Caption {
        name: "claims",
        title: "Claims against the simulated totals".to_owned(),
        alt: format!("Cumulative totals over time, prior and posterior, with each claim as a mark. {reading}"),
        reading,
        note: "Marks are claims as published, at the day they speak of; an arrow means at least or at most, a bar an \
               interval, a hollow mark only a part of the force. Ribbons are true totals in the simulation, not \
               predictions of claims: a source may miscount. Rows about a window are in the next figure. Sources and \
               grades: table of claims."
            .to_owned(),
    };
    Some(figure(caption, &totals_sheet(inference), &vega(), |page, heading| {
        let (prior, posterior) = (ribbon_key(PRIOR), ribbon_key(POSTERIOR));
        let [third, kyiv, other] = GROUPS.map(group_key);
        let mut entries = vec![Entry { text: "prior: median, 50 % and 90 % band", draw: &prior }];
        if totals.series.iter().any(|t| t.posterior.is_some()) {
            entries.push(Entry { text: "posterior: median, 50 % and 90 % band", draw: &posterior });
        }
        let seen = |group| totals.series.iter().any(|t| cumulative(inference, t).any(|(c, ..)| c.group == group));
        for (group, draw) in GROUPS.into_iter().zip([&third as &dyn Fn(&mut Canvas<'_>, (f64, f64)), &kyiv, &other]) {
            if seen(group) {
                entries.push(Entry { text: group_words(group), draw });
            }
        }
        let top = legend_height(&entries, page.width()) + 8.0;
        let columns = page.pick(2, 1);
        let gap = 22.0;
        let width = (page.width() - gap * (columns as f64 - 1.0)) / columns as f64;
        let height = page.pick(330.0, 290.0);
        // With an odd number of panels the first, which carries most claims, takes a whole line.
        let alone = columns > 1 && totals.series.len() % 2 == 1;
        let slots = totals.series.len() + usize::from(alone);
        svg(page.width(), top + height * slots.div_ceil(columns) as f64, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            for (i, total) in totals.series.iter().enumerate() {
                let slot = if i > 0 && alone { i + 1 } else { i };
                let corner = ((slot % columns) as f64 * (width + gap), top + (slot / columns) as f64 * height);
                let wide = if i == 0 && alone { page.width() } else { width };
                let marks: Vec<_> = cumulative(inference, total).collect();
                total_panel(canvas, &totals.days, total, &marks, corner, (wide, height), page);
            }
        })
    }))
}

/// Axis of counts: logarithmic from 10 on where the prior or a claim goes far beyond the posterior, else linear from 0.
fn count_axis(total: &Total, marks: &[(&ClaimRow, Day, f64)], places: (f64, f64)) -> Axis {
    const FAR: f64 = 2.5;
    let most = |values: &[f64]| values.iter().copied().fold(1.0, f64::max);
    let posterior = total.posterior.as_ref().map_or_else(|| most(&total.prior.q95), |b| most(&b.q95));
    let claimed = marks.iter().map(|(c, _, v)| c.high.unwrap_or(*v).max(*v)).fold(1.0, f64::max);
    let all = posterior.max(claimed).max(most(&total.prior.q95));
    if all > FAR * posterior.max(claimed) {
        Axis::new(Scale::Log, (10.0, all * 1.3), places)
    } else {
        Axis::new(Scale::Linear, (0.0, all * 1.06), places)
    }
}

fn total_panel(
    canvas: &mut Canvas<'_>,
    days: &[Day],
    total: &Total,
    marks: &[(&ClaimRow, Day, f64)],
    (left, top): (f64, f64),
    (width, height): (f64, f64),
    page: Page,
) {
    let panel = Panel {
        x: Axis::new(Scale::Days, (day(days, 0), day(days, days.len() - 1)), (left + 44.0, left + width - 34.0)),
        y: count_axis(total, marks, (top + height - 40.0, top + 40.0)),
    };
    canvas.text(&total.label, (left, top + 9.0), Anchor::Start, Font::bold(13.0, INK));
    let measure = format!("{}, cumulative", words::unit(&total.measure));
    canvas.text(&measure, (left, top + 25.0), Anchor::Start, Font::new(11.0, SOFT));
    panel.frame(canvas, Labels::Count, 5, page.pick(5, 4));
    ribbon(canvas, panel, days, &total.prior, PRIOR);
    if let Some(bands) = &total.posterior {
        ribbon(canvas, panel, days, bands, POSTERIOR);
    }
    let mut taken: Vec<[f64; 4]> = Vec::new();
    for (claim, as_of, value) in marks {
        let (x, y) = (panel.x.at(f64::from(as_of.0)), panel.y.at(*value));
        let up = arrow(claim);
        taken.push([x - 5.0, y.min(y - up * 20.0) - 5.0, x + 5.0, y.max(y - up * 20.0) + 5.0]);
        draw_claim(canvas, panel, claim, (x, y));
    }
    let bounds = [left + 44.0, top + 36.0, left + width, top + height - 42.0];
    for (claim, as_of, value) in marks {
        let at = (panel.x.at(f64::from(as_of.0)), panel.y.at(*value));
        label(canvas, &claim.id, at, &mut taken, bounds);
    }
}

fn draw_claim(canvas: &mut Canvas<'_>, panel: Panel, claim: &ClaimRow, (x, y): (f64, f64)) {
    let (shape, color) = looks(claim.group);
    if let Some((low, high)) = span(claim) {
        canvas.line((x, panel.y.at(low)), (x, panel.y.at(high)), color, 1.6);
    }
    let up = arrow(claim);
    if up.abs() > 0.5 {
        canvas.line((x, y), (x, y - up * 13.0), color, 1.6);
        canvas.arrow_head((x, y - up * 13.0), (0.0, -up), color);
    }
    canvas.mark((x, y), if claim.part_of_force.is_some() { Shape::Ring } else { shape }, 4.2, color);
}

/// Writes a row id beside its mark where it hides no other mark or label; if there is no such place, at the right.
fn label(canvas: &mut Canvas<'_>, id: &str, (x, y): (f64, f64), taken: &mut Vec<[f64; 4]>, bounds: [f64; 4]) {
    const SIZE: f64 = 10.0;
    let width = text_width(id, SIZE) + 4.0;
    let boxed = |dx: f64, dy: f64| {
        let left = if dx < 0.0 { x + dx - width } else { x + dx };
        [left, y + dy - 6.0, left + width, y + dy + 6.0]
    };
    let hits = |b: &[f64; 4], o: &[f64; 4]| b[0] < o[2] && b[2] > o[0] && b[1] < o[3] && b[3] > o[1];
    let inside = |b: &[f64; 4]| b[0] >= bounds[0] && b[1] >= bounds[1] && b[2] <= bounds[2] && b[3] <= bounds[3];
    let steps = [0.0, -8.0, 8.0, 13.0, -13.0, 19.0, -19.0, 26.0, -26.0];
    let places = steps.into_iter().flat_map(|dy| [(7.0, dy), (-7.0, dy)]);
    let found = places.map(|(dx, dy)| boxed(dx, dy)).find(|b| inside(b) && !taken.iter().any(|o| hits(b, o)));
    let place = found.unwrap_or_else(|| boxed(7.0, 0.0));
    let middle = f64::midpoint(place[1], place[3]);
    canvas.text(id, (place[0] + 2.0, middle), Anchor::Start, Font::new(SIZE, INK));
    taken.push(place);
}

fn totals_reading(totals: &Totals) -> String {
    let Some(last) = totals.days.last() else { return String::new() };
    let end = totals.days.len() - 1;
    let parts = totals.series.iter().map(|total| {
        let say = |b: &Bands| {
            let (low, high) = (words::value(b.q05[end], &total.measure), words::value(b.q95[end], &total.measure));
            format!("{} ({low} to {high})", words::value(b.q50[end], &total.measure))
        };
        let prior = say(&total.prior);
        let found = total.posterior.as_ref().map_or_else(String::new, |b| format!("{}, ", say(b)));
        format!("{} {found}prior {prior}", total.label.to_lowercase())
    });
    format!("By {}, median and 90\u{a0}% interval: {}.", words::date(*last), parts.collect::<Vec<_>>().join("; "))
}

fn totals_sheet(inference: &Inference) -> Sheet {
    let columns = [
        "date", "total", "basis", "claim", "form", "source", "low", "value", "high", "q05", "q25", "q50", "q75", "q95",
    ];
    let mut sheet = Sheet::new(&columns);
    let none = || Cell::Missing;
    for total in &inference.totals.series {
        for (basis, bands) in [("prior", Some(&total.prior)), ("posterior", total.posterior.as_ref())] {
            let Some(b) = bands else { continue };
            for (i, date) in inference.totals.days.iter().enumerate() {
                let [q05, q25, q50, q75, q95] = [&b.q05, &b.q25, &b.q50, &b.q75, &b.q95].map(|c| Cell::from(c[i]));
                let (date, name) = (date.to_string().into(), total.name.as_str().into());
                sheet.row([
                    date,
                    name,
                    basis.into(),
                    none(),
                    none(),
                    none(),
                    none(),
                    none(),
                    none(),
                    q05,
                    q25,
                    q50,
                    q75,
                    q95,
                ]);
            }
        }
        for (claim, as_of, value) in cumulative(inference, total) {
            let [id, form, source] = [&claim.id, &claim.form, &claim.source].map(|t| Cell::from(t.as_str()));
            let (date, name) = (as_of.to_string().into(), total.name.as_str().into());
            let (low, high) = (claim.low.into(), claim.high.into());
            sheet.row([
                date,
                name,
                "claim".into(),
                id,
                form,
                source,
                low,
                value.into(),
                high,
                none(),
                none(),
                none(),
                none(),
                none(),
            ]);
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "facet": {"field": "total", "type": "nominal"},
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"layer": [
            {"mark": {"type": "area", "opacity": 0.2}, "encoding": {"y": {"field": "q05", "type": "quantitative",
                "title": "cumulative"}, "y2": {"field": "q95"}}},
            {"mark": "line", "encoding": {"y": {"field": "q50", "type": "quantitative"}}},
            {"transform": [{"filter": "datum.basis == 'claim'"}], "mark": "point", "encoding": {
                "y": {"field": "value", "type": "quantitative"}, "tooltip": {"field": "claim"}}}],
            "encoding": {"x": {"field": "date", "type": "temporal"}, "color": {"field": "basis", "type": "nominal"}}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sided_claims_point_to_their_open_side() {
        let example = crate::report::example::kursk();
        let inference = example.inference.expect("the example has claims");
        let row = |id: &str| inference.claims.used.iter().find(|c| c.id == id).expect("a row of the example");
        assert!((arrow(row("DP073")) - 1.0).abs() < 1e-12 && point(row("DP073")) == Some(5_000.0));
        assert!(arrow(row("DP058")).abs() < 1e-12 && point(row("DP058")) == Some(4_000.0));
        assert_eq!(span(row("DP038")), Some((200.0, 999.0)));
    }
}
