//! Prior and posterior of each parameter, as histograms in small panels.

use super::axis::{Axis, Labels, Scale};
use super::canvas::{AXIS, Anchor, Canvas, Font, INK, POSTERIOR, PRIOR, SOFT, svg, wrapped};
use super::ribbon::{Entry, KEY, legend, legend_height};
use super::sheet::Sheet;
use super::{Caption, Figure, figure};
use crate::report::data::{AxisKind, Density, Measure, Parameter, Verdict};
use crate::report::words;
use serde_json::{Value, json};

/// One panel a parameter that carries a histogram; `None` where none does.
pub(super) fn densities(parameters: &[Parameter]) -> Option<Figure> {
    let shown: Vec<(&Parameter, &Density)> =
        parameters.iter().filter_map(|p| p.density.as_ref().map(|d| (p, d))).collect();
    if shown.is_empty() {
        return None;
    }
    let updated = shown.iter().any(|(_, d)| d.posterior.is_some());
    let reading = reading(&shown);
    let caption = Caption {
        name: "parameters",
        title: if updated { "What the claims do to the parameters" } else { "What is assumed about the parameters" }
            .to_owned(),
        alt: format!("Histograms of each uncertain parameter before and after the claims. {reading}"),
        reading,
        note: format!(
            "Share of draws in equal bins of the axis; each panel has its own scale.{} Grades and intervals are in the table \
             below.",
            if updated { " Where blue repeats grey, the claims say nothing about the parameter." } else { "" }
        ),
    };
    Some(figure(caption, &sheet(&shown), &vega(), |page, heading| {
        let columns = page.pick(3, 1);
        let gap = 24.0;
        let width = (page.width() - gap * (columns as f64 - 1.0)) / columns as f64;
        let height = page.pick(164.0, 152.0);
        let prior =
            |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| canvas.bar((x, y - 5.0), (x + KEY, y + 5.0), PRIOR, 0.35);
        let posterior = |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| {
            canvas.bar((x, y - 5.0), (x + KEY, y + 5.0), POSTERIOR, 0.25);
            canvas.line((x, y - 5.0), (x + KEY, y - 5.0), POSTERIOR, 1.6);
        };
        let mut entries = vec![Entry { text: "prior", draw: &prior }];
        if updated {
            entries.push(Entry { text: "posterior", draw: &posterior });
        }
        let top = legend_height(&entries, page.width()) + 8.0;
        let rows = shown.len().div_ceil(columns);
        svg(page.width(), top + height * rows as f64, heading, |canvas| {
            legend(canvas, &entries, (0.0, 0.0));
            for (i, (parameter, density)) in shown.iter().enumerate() {
                let corner = ((i % columns) as f64 * (width + gap), top + (i / columns) as f64 * height);
                panel(canvas, parameter, density, corner, (width, height));
            }
        })
    }))
}

/// Title of a panel: points, lines, and the height of one.
const TITLE_SIZE: f64 = 11.5;
const TITLE_LINES: usize = 3;
const TITLE_LINE: f64 = 14.0;
/// Share of a width that bold text may take by the widths of plain text.
const BOLD_FITS: f64 = 0.88;

fn panel(
    canvas: &mut Canvas<'_>,
    parameter: &Parameter,
    density: &Density,
    (left, top): (f64, f64),
    (width, height): (f64, f64),
) {
    let scale = match density.axis {
        AxisKind::Linear => Scale::Linear,
        AxisKind::Log => Scale::Log,
    };
    let ends = (density.edges[0], density.edges[density.prior.len()]);
    let x = Axis::new(scale, ends, (left + 4.0, left + width - 8.0));
    let bottom = top + height - 34.0;
    let most =
        density.prior.iter().chain(density.posterior.iter().flatten()).copied().fold(f64::MIN_POSITIVE, f64::max);
    let y = Axis::new(Scale::Linear, (0.0, most), (bottom, top + TITLE_LINES as f64 * TITLE_LINE + 22.0));
    let title = wrapped(&parameter.label, (width - 4.0) * BOLD_FITS, TITLE_SIZE, TITLE_LINES);
    for (line, text) in title.iter().enumerate() {
        canvas.text(text, (left, top + 8.0 + TITLE_LINE * line as f64), Anchor::Start, Font::bold(TITLE_SIZE, INK));
    }
    let judged = parameter.verdict.map(words::verdict).unwrap_or_default();
    let below = top + 9.0 + TITLE_LINE * title.len() as f64;
    canvas.text(judged, (left, below), Anchor::Start, Font::new(11.0, SOFT));
    let steps = |shares: &[f64]| {
        let mut line = vec![(x.at(density.edges[0]), bottom)];
        for (i, share) in shares.iter().enumerate() {
            line.extend([(x.at(density.edges[i]), y.at(*share)), (x.at(density.edges[i + 1]), y.at(*share))]);
        }
        line.push((x.at(density.edges[shares.len()]), bottom));
        line
    };
    canvas.polygon(&steps(&density.prior), PRIOR, 0.35);
    if let Some(shares) = &density.posterior {
        let line = steps(shares);
        canvas.polygon(&line, POSTERIOR, 0.25);
        canvas.path(&line, POSTERIOR, 1.4);
    }
    let labels = if parameter.measure == Measure::Share { Labels::Percent } else { Labels::Number };
    super::axis::vertical_rules(canvas, x, (bottom, bottom), labels, 4);
    canvas.line((x.ends().0, bottom), (x.ends().1, bottom), AXIS, 1.0);
    let unit = words::unit(&parameter.measure);
    canvas.text(unit, (left + width / 2.0, bottom + 23.0), Anchor::Middle, Font::new(10.5, SOFT));
}

fn reading(shown: &[(&Parameter, &Density)]) -> String {
    let count = |verdict| shown.iter().filter(|(p, _)| p.verdict == Some(verdict)).count();
    let judged = shown.iter().filter(|(p, _)| p.verdict.is_some()).count();
    if judged == 0 {
        return "No posterior: grey is what was assumed.".to_owned();
    }
    format!(
        "Of {judged} parameters the claims narrow {}, shift {} without narrowing, and say nothing about {}.",
        count(Verdict::Identified),
        count(Verdict::Shifted),
        count(Verdict::NotIdentified)
    )
}

fn sheet(shown: &[(&Parameter, &Density)]) -> Sheet {
    let mut sheet = Sheet::new(&["parameter", "measure", "basis", "from", "to", "share"]);
    for (parameter, density) in shown {
        for (basis, shares) in [("prior", Some(&density.prior)), ("posterior", density.posterior.as_ref())] {
            for (i, share) in shares.into_iter().flatten().enumerate() {
                let (name, unit) = (parameter.key.as_str().into(), words::unit(&parameter.measure).into());
                let (from, to) = (density.edges[i].into(), density.edges[i + 1].into());
                sheet.row([name, unit, basis.into(), from, to, (*share).into()]);
            }
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "facet": {"field": "parameter", "type": "nominal"}, "columns": 3,
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
        "spec": {"mark": {"type": "bar", "opacity": 0.5}, "encoding": {
            "x": {"field": "from", "type": "quantitative", "title": "value"}, "x2": {"field": "to"},
            "y": {"field": "share", "type": "quantitative", "stack": null, "title": "share of draws"},
            "color": {"field": "basis", "type": "nominal"}}},
    })
}
