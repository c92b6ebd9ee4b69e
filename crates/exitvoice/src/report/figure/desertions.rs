//! Total desertions under three priors, with silence counted and ignored.

use super::axis::{Labels, Scale};
use super::ribbon::Entry;
use super::rows::{Bar, Row, Rows, Tone, bar_key};
use super::sheet::Sheet;
use super::{Caption, Figure, figure};
use crate::report::data::{DesertionSetting, Desertions, Measure, Quantiles};
use crate::report::words;
use serde_json::{Value, json};

/// Prior and posterior totals side by side, one row a setting.
pub(super) fn desertions(desertions: &Desertions) -> Figure {
    let caption = Caption {
        name: "desertions",
        title: "Total desertions, before and after the claims".to_owned(),
        alt: format!("Intervals of total desertions under each prior and reading of silence. {}", reading(desertions)),
        reading: reading(desertions),
        note: format!(
            "Counted: {}, whole force. The axis shows 0 and stretches as ln(1 + x). The prior median is graded Analogue; \
             whether silence counts is graded Assumed. Deserters caught by their own side are never visible: they are \
             informed only through the rate they share.",
            desertions.definition
        ),
    };
    figure(caption, &sheet(desertions), &vega(), |page, heading| {
        let (prior, posterior) = (bar_key(Tone::Prior), bar_key(Tone::Posterior));
        let most = desertions.settings.iter().flat_map(both).map(|(_, q)| q.q975).fold(10.0, f64::max);
        let mut before = None;
        let rows = desertions
            .settings
            .iter()
            .map(|setting| {
                let group = (before != Some(setting.complete)).then(|| silence(setting.complete));
                before = Some(setting.complete);
                row(setting, group)
            })
            .collect();
        Rows {
            scale: Scale::Symlog,
            range: (0.0, most),
            labels: Labels::Count,
            axis: "total desertions, persons",
            reference: None,
            rows,
            legend: &[
                Entry { text: "prior: median, 50, 90, 95 %", draw: &prior },
                Entry { text: "posterior: median, 50, 90, 95 %", draw: &posterior },
            ],
            columns: (282.0, 150.0),
        }
        .svg(page, heading)
    })
}

fn reading(desertions: &Desertions) -> String {
    let Some(main) = desertions.settings.iter().find(|s| s.main) else { return String::new() };
    let prior = words::interval(&main.prior, &Measure::Persons);
    let posterior = main.posterior.as_ref().map(|q| format!("; posterior {}", words::interval(q, &Measure::Persons)));
    format!("With {}: prior {prior}{}.", words::setting(main), posterior.unwrap_or_default())
}

/// Words for the completeness switch.
fn silence(complete: bool) -> String {
    if complete { "Silence counts (completeness on)" } else { "Silence ignored (completeness off)" }.to_owned()
}

/// Prior and posterior of a setting, as far as there are.
fn both(setting: &DesertionSetting) -> impl Iterator<Item = (Tone, &Quantiles)> {
    [(Tone::Prior, Some(&setting.prior)), (Tone::Posterior, setting.posterior.as_ref())]
        .into_iter()
        .filter_map(|(tone, q)| Some((tone, q?)))
}

fn row(setting: &DesertionSetting, group: Option<String>) -> Row {
    let shown = setting.posterior.as_ref().unwrap_or(&setting.prior);
    let median = words::estimate(shown.q50);
    let name = words::significant(setting.median_per_1000_years);
    Row {
        group,
        label: format!("prior median {name} per 1,000 soldier-years"),
        detail: if setting.main { "main setting".to_owned() } else { String::new() },
        side: format!("{median} ({})", words::range(shown.q05, shown.q95, &Measure::Persons)),
        side_detail: match (&setting.posterior, setting.verdict) {
            (None, _) => "prior only".to_owned(),
            (_, verdict) => verdict.map(|v| words::verdict(v).to_owned()).unwrap_or_default(),
        },
        bars: both(setting).map(|(tone, q)| Bar::of(tone, q)).collect(),
        mark: None,
    }
}

fn sheet(desertions: &Desertions) -> Sheet {
    let mut sheet = Sheet::new(&["setting", "basis", "q025", "q05", "q25", "q50", "q75", "q95", "q975", "mean"]);
    for setting in &desertions.settings {
        for (tone, q) in both(setting) {
            let basis = if tone == Tone::Prior { "prior" } else { "posterior" };
            let [a, b, c, d, e, f, g, h] =
                [q.q025, q.q05, q.q25, q.q50, q.q75, q.q95, q.q975, q.mean].map(super::sheet::Cell::from);
            sheet.row([words::setting(setting).into(), basis.into(), a, b, c, d, e, f, g, h]);
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "layer": [
            {"mark": {"type": "rule", "size": 3, "opacity": 0.4}, "encoding": {"x": {"field": "q05",
                "type": "quantitative", "scale": {"type": "symlog"}, "title": "desertions, persons"}, "x2": {"field": "q95"}}},
            {"mark": {"type": "rule", "size": 6, "opacity": 0.8}, "encoding": {"x": {"field": "q25",
                "type": "quantitative"}, "x2": {"field": "q75"}}},
            {"mark": "point", "encoding": {"x": {"field": "q50", "type": "quantitative"}}}],
        "encoding": {"y": {"field": "setting", "type": "nominal", "title": null}, "yOffset": {"field": "basis"},
            "color": {"field": "basis", "type": "nominal"}},
    })
}
