//! The first dated claim of a departure: probabilities that it describes a desertion, an absence or nothing.

use super::axis::{Labels, Scale};
use super::canvas::Canvas;
use super::ribbon::{Entry, KEY};
use super::rows::{Bar, Row, Rows, Tone};
use super::sheet::Sheet;
use super::{Caption, Figure, figure};
use crate::report::data::{DatedClaim, Meaning};
use crate::report::{summary, words};
use serde_json::{Value, json};

/// Reads one probability.
type Read = fn(&Meaning) -> f64;

/// The three meanings, each with its word and how to read it.
const MEANINGS: [(&str, &str, Read); 3] = [
    ("a real desertion", "left meaning not to return", |m| m.desertion),
    ("a real absence", "left meaning to come back", |m| m.absence),
    ("no departure", "a false report", |m| m.nothing),
];

/// Widths of label and side columns; the longest words at the right are `prior more than 99.9999 %`.
const COLUMNS: (f64, f64) = (190.0, 178.0);

/// Probabilities with their range over the settings; `None` where the scenario excludes the event.
pub(super) fn dated_claim(claim: &DatedClaim) -> Option<Figure> {
    if claim.excluded.is_some() {
        return None;
    }
    let advance = claim.varies_advance_party();
    let reading = summary::dated_claim_sentence(claim);
    let caption = Caption {
        name: claim.figure_name(),
        title: format!("What the claim of {} describes", crate::report::date(claim.day)),
        alt: format!("Probabilities of three meanings before and after the claims. {reading}"),
        reading,
        note: format!(
            "{}. Bars: smallest to largest value over the settings of the table below ({}); marks: the main \
             setting. {} settings are graded Assumed.",
            rows_of(claim),
            if advance {
                "false reports, an advance party near the border, base rate"
            } else {
                "false reports, base rate"
            },
            if advance { "All three" } else { "Both" },
        ),
    };
    let rows = || MEANINGS.iter().map(|(word, detail, read)| row(claim, word, detail, *read)).collect::<Vec<_>>();
    Some(figure(caption, &sheet(claim), &vega(), |page, heading| {
        let key = |tone: Tone| {
            move |canvas: &mut Canvas<'_>, (x, y): (f64, f64)| {
                canvas.bar((x, y - 3.0), (x + KEY, y + 3.0), tone.color(), 0.4);
                let shape = if tone == Tone::Prior { super::canvas::Shape::Ring } else { super::canvas::Shape::Dot };
                canvas.mark((x + KEY / 2.0, y), shape, 3.6, tone.color());
            }
        };
        let (prior, posterior) = (key(Tone::Prior), key(Tone::Posterior));
        let ends = rows().into_iter().flat_map(|r| r.bars).filter_map(|b| b.outer);
        let low = ends.map(|(low, _)| low).filter(|p| *p > 0.0).fold(0.01, f64::min);
        Rows {
            scale: Scale::Log,
            // Below one in a million nothing is told apart.
            range: ((low * 0.7).max(1e-6), 1.0),
            labels: Labels::Percent,
            axis: "probability, per cent (equal ratios)",
            reference: None,
            rows: rows(),
            legend: &[
                Entry { text: "prior and its range", draw: &prior },
                Entry { text: "posterior and its range", draw: &posterior },
            ],
            columns: COLUMNS,
        }
        .svg(page, heading)
    }))
}

/// `Rows A1, A2, one cluster; 1 other dated report is scored and not shown here`.
fn rows_of(claim: &DatedClaim) -> String {
    let rows = match claim.ids.as_slice() {
        [id] => format!("Row {id}"),
        ids => format!("Rows {}, one cluster", ids.join(", ")),
    };
    match claim.others {
        0 => rows,
        1 => format!("{rows}; 1 other dated report is scored and not shown here"),
        others => format!("{rows}; {others} other dated reports are scored and not shown here"),
    }
}

fn row(claim: &DatedClaim, word: &str, detail: &str, read: Read) -> Row {
    let bar = |tone, main: &Meaning, cases: Vec<f64>| {
        let all = cases.into_iter().chain([read(main)]);
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| (l.min(p), h.max(p)));
        Bar { tone, line: None, outer: Some((low, high)), inner: None, middle: Some(read(main)) }
    };
    let mut bars = vec![bar(Tone::Prior, &claim.prior, claim.cases.iter().map(|c| read(&c.prior)).collect())];
    let prior = words::percent(read(&claim.prior));
    let (mut side, mut side_detail) = (format!("prior {prior}"), String::new());
    if let Some(posterior) = &claim.posterior {
        let cases = claim.cases.iter().filter_map(|c| c.posterior.as_ref().map(read)).collect();
        bars.push(bar(Tone::Posterior, posterior, cases));
        // On lines of their own: side by side two long ones reach beyond the edge.
        (side, side_detail) = (words::percent(read(posterior)), side);
    }
    let (label, detail) = (word.to_owned(), detail.to_owned());
    Row { group: None, label, detail, side, side_detail, bars, mark: None }
}

fn sheet(claim: &DatedClaim) -> Sheet {
    let mut sheet = Sheet::new(&["setting", "basis", "meaning", "probability"]);
    let mut add = |setting: &str, basis: &str, meaning: &Meaning| {
        for (word, _, read) in &MEANINGS {
            sheet.row([setting.into(), basis.into(), (*word).into(), read(meaning).into()]);
        }
    };
    let cases = claim.cases.iter().map(|case| {
        let advance = case.advance_party.map_or_else(String::new, |p| format!("advance party {p}, "));
        let setting = format!("false reports {}, {advance}base rate x {}", case.false_reports, case.base_rate_factor);
        (setting, &case.prior, case.posterior.as_ref())
    });
    for (setting, prior, posterior) in
        [("main".to_owned(), &claim.prior, claim.posterior.as_ref())].into_iter().chain(cases)
    {
        add(&setting, "prior", prior);
        if let Some(posterior) = posterior {
            add(&setting, "posterior", posterior);
        }
    }
    sheet
}

/// Vega-Lite form of the figure.
fn vega() -> Value {
    json!({
        "mark": {"type": "tick", "thickness": 2},
        "encoding": {"x": {"field": "probability", "type": "quantitative", "scale": {"type": "log"}},
            "y": {"field": "meaning", "type": "nominal", "title": null}, "yOffset": {"field": "basis"},
            "color": {"field": "basis", "type": "nominal"}, "tooltip": {"field": "setting"}},
    })
}

#[cfg(test)]
mod tests {
    use super::super::canvas::text_width;
    use super::super::rows::{FONT, SIDE_GAP, SMALL};
    use super::*;

    #[test]
    fn words_at_the_right_end_before_the_edge() {
        let mut data = crate::report::example::kursk();
        let claim = data.inference.as_mut().and_then(|i| i.dated_claim.as_mut()).expect("the example has the claim");
        for p in [1e-9, 0.2, 1.0 - 1e-9] {
            claim.prior = Meaning { desertion: p, absence: p, nothing: p };
            for posterior in [Some(claim.prior), None] {
                claim.posterior = posterior;
                for (word, detail, read) in MEANINGS {
                    let row = row(claim, word, detail, read);
                    let wide = text_width(&row.side, FONT).max(text_width(&row.side_detail, SMALL));
                    assert!(wide + SIDE_GAP <= COLUMNS.1, "{} / {}: {wide}", row.side, row.side_detail);
                }
            }
        }
    }
}
