//! The page as a whole, from made-up but plausible numbers.

use super::example;
use super::{Report, ReportData, ReportError, render};

fn rendered(data: &ReportData) -> Report {
    render(data).expect("the example fits together")
}

/// Elements of the page in order: name and whether each opens (`Some(true)`), closes or stands alone (`None`).
fn tags(html: &str) -> Vec<(String, Option<bool>)> {
    let void = ["meta", "br", "!doctype"];
    html.split('<')
        .skip(1)
        .map(|part| {
            let inner = part.split('>').next().expect("split gives one part at least");
            let name = inner.trim_start_matches('/').split([' ', '/', '\n']).next().unwrap_or("").to_lowercase();
            let kind = if inner.ends_with('/') || void.contains(&name.as_str()) {
                None
            } else {
                Some(!inner.starts_with('/'))
            };
            (name, kind)
        })
        .collect()
}

#[test]
fn every_element_that_opens_closes_in_order() {
    for data in [example::kursk(), example::toy(), example::refused()] {
        let mut open: Vec<String> = Vec::new();
        for (name, kind) in tags(&rendered(&data).html) {
            match kind {
                Some(true) => open.push(name),
                Some(false) => assert_eq!(open.pop().as_ref(), Some(&name), "closing {name}"),
                None => {}
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let html = rendered(&example::kursk()).html;
    for loader in ["<script", "<link", "<img", "<iframe", "src=", "@import", "url(", "javascript:"] {
        assert!(!html.contains(loader), "{loader}");
    }
    for part in html.split("href=\"").skip(1) {
        assert!(
            part.starts_with('#') || part.starts_with("https://") || part.starts_with("http://"),
            "{}",
            &part[..40]
        );
    }
    assert!(html.contains("href=\"https://"), "sources are linked");
}

#[test]
fn text_from_files_cannot_become_markup_or_a_script_link() {
    let mut data = example::kursk();
    let claims = &mut data.inference.as_mut().expect("the example has claims").claims;
    claims.used[0].source = "<script>alert(1)</script>".to_owned();
    claims.used[0].url = Some("javascript:alert(1)".to_owned());
    data.head.title = "a < b & \"c\" 북한 Київ".to_owned();
    let report = rendered(&data);
    assert!(!report.html.contains("<script") && !report.html.contains("javascript:"));
    assert!(report.html.contains("a &lt; b &amp; &quot;c&quot; 북한 Київ"));
    assert!(report.figures.iter().all(|f| !f.svg_wide.contains("<script") && !f.svg_narrow.contains("<script")));
}

#[test]
fn every_figure_has_title_axes_measure_and_its_data() {
    let report = rendered(&example::kursk());
    let names: Vec<_> = report.figures.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        names,
        ["force", "claims", "claims-predicted", "desertions", "claim-14-october", "forecast", "terms", "parameters"]
    );
    for figure in &report.figures {
        for svg in [&figure.svg_wide, &figure.svg_narrow] {
            assert!(svg.contains("<title id=") && svg.contains("<desc id="), "{}", figure.name);
            assert!(svg.contains("Population: synthetic") && svg.contains("</text>"), "{}", figure.name);
            assert!(!svg.contains("NaN") && !svg.contains("inf,"), "{}", figure.name);
        }
        assert!(figure.csv.lines().count() > 3 && figure.csv.contains("synthetic"), "{}", figure.name);
        let vega: serde_json::Value = serde_json::from_str(&figure.vega_lite).expect("valid JSON");
        assert_eq!(vega["data"]["url"], format!("{}.csv", figure.name));
        assert!(!figure.reading.is_empty() && !figure.note.is_empty() && !figure.alt.is_empty());
    }
    for measure in
        ["incidents, cumulative", "total desertions, persons", "probability, per cent", "factor on the hazard"]
    {
        assert!(report.html.contains(measure), "{measure}");
    }
}

#[test]
fn ids_are_unique_and_links_inside_the_page_arrive() {
    let html = rendered(&example::kursk()).html;
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).map(|p| p.split('"').next().unwrap_or("")).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
    for target in html.split("href=\"#").skip(1).map(|p| p.split('"').next().unwrap_or("")) {
        assert!(ids.binary_search(&target).is_ok(), "{target}");
    }
}

#[test]
fn the_page_says_what_it_must() {
    let html = rendered(&example::kursk()).html;
    for words in [
        "synthetic population",
        "scaled = true",
        "It is an assumption with a number on it.",
        "not identified",
        "shifted, not narrowed",
        "Bayes factor",
        "What this report is not",
        "Model version",
        "Sampler version",
        "Not modelled",
        "How to repeat the run",
        "exitvoice run kursk-2024",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn without_claims_the_parts_about_claims_are_absent_and_said_to_be() {
    let report = rendered(&example::toy());
    assert!(!report.html.contains("id=\"desertions\"") && !report.html.contains("id=\"claims\""));
    assert!(report.html.contains("No claims enter this run"));
    assert_eq!(report.figures.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["force", "terms", "parameters"]);
}

#[test]
fn a_refusal_leaves_the_prior_and_names_the_budget() {
    let html = rendered(&example::refused()).html;
    assert!(html.contains("No posterior:") && html.contains("400,000 simulations"));
    assert!(html.contains("id=\"figure-desertions\""));
}

/// The row of a table that holds some words.
fn row_with<'p>(html: &'p str, words: &str) -> &'p str {
    html.split("<tr").find(|row| row.contains(words)).expect("a row").split("</tr>").next().expect("a row ends")
}

#[test]
fn what_is_left_out_changes_median_and_sd_or_is_refused_in_its_row() {
    let html = rendered(&example::kursk()).html;
    assert!(html.contains("A copy is left out with the row that it copies") && html.contains("Waves of the scenario"));
    let known = row_with(&html, "without source jcs (3 rows)");
    for words in [">4,700<", ">512<", ">4,500 (", ">733<"] {
        assert!(known.contains(words), "{words} in {known}");
    }
    let refused = row_with(&html, "without source nis (3 rows)");
    assert!(refused.contains(">512<") && refused.contains("too few simulations remain without it"), "{refused}");
    let bias = row_with(&html, "sd of the common bias × 2");
    assert!(bias.contains("too few simulations remain under this setting"), "{bias}");
}

#[test]
fn an_excluded_event_shows_no_probability() {
    let mut data = example::kursk();
    let claim = data.inference.as_mut().and_then(|i| i.dated_claim.as_mut()).expect("the example has the claim");
    claim.excluded = Some("it holds no advance party".to_owned());
    let report = rendered(&data);
    assert!(report.html.contains("excluded by the scenario: it holds no advance party"));
    assert!(!report.figures.iter().any(|f| f.name == "claim-14-october"));
}

#[test]
fn an_advance_party_that_is_settled_is_no_setting() {
    let mut data = example::kursk();
    assert!(rendered(&data).html.contains("P(advance party)"));
    let claim = data.inference.as_mut().and_then(|i| i.dated_claim.as_mut()).expect("the example has the claim");
    claim.cases.iter_mut().for_each(|case| case.advance_party = None);
    let report = rendered(&data);
    assert!(!report.html.contains("P(advance party)") && !report.html.contains("an advance party near the border"));
    assert!(report.html.contains("main: both uncertain"));
    let figure = report.figures.iter().find(|f| f.name.contains("claim-14")).expect("a figure");
    assert!(figure.csv.contains("false reports 0.02, base rate x 10") && !figure.csv.contains("advance party"));
}

#[test]
fn another_dated_claim_has_a_name_of_its_own_and_counts_the_others() {
    let mut data = example::kursk();
    let note = |report: &Report, name: &str| {
        let figure = report.figures.iter().find(|f| f.name == name).expect("a figure");
        figure.note.clone()
    };
    let shipped = note(&rendered(&data), "claim-14-october");
    assert!(shipped.starts_with("Rows DP006, DP007, DP010, one cluster. Bars"), "{shipped}");
    let claim = data.inference.as_mut().and_then(|i| i.dated_claim.as_mut()).expect("the example has the claim");
    claim.day = exitvoice_core::time::Day::parse("2024-12-03").expect("a date");
    (claim.ids, claim.others) = (vec!["A4".to_owned()], 2);
    let report = rendered(&data);
    let other = note(&report, "dated-claim");
    assert!(other.starts_with("Row A4; 2 other dated reports are scored and not shown here. Bars"), "{other}");
    assert!(!report.html.contains("claim-14-october") && !report.html.contains("mid-October"));
    assert!(report.html.contains("figure-dated-claim"));
}

#[test]
fn shares_of_variance_by_grade_stand_on_the_full_page_with_what_they_are() {
    let report = rendered(&example::kursk());
    let (_, table) =
        report.html.split_once("Variance before the claims by grade of evidence, per cent").expect("a table");
    let table = table.split("</table>").next().expect("it ends");
    for words in [
        "were all inferred parameters of the grade known",
        "what grades do together is in no share",
        "Assumed",
        "Analogue",
    ] {
        assert!(table.contains(words), "{words} in {table}");
    }
    let row = row_with(table, "Casualty incidents").replace('\u{a0}', " ");
    assert!(row.contains(">17 %<") && row.contains(">62 %<"), "{row}");
    assert!(!rendered(&example::toy()).html.contains("Variance before the claims"), "no claims, no inference");
}

#[test]
fn equal_data_give_equal_bytes() {
    let (first, second) = (rendered(&example::kursk()), rendered(&example::kursk()));
    assert_eq!(first.html, second.html);
    assert!(first.figures.iter().zip(&second.figures).all(|(a, b)| a.csv == b.csv && a.vega_lite == b.vega_lite));
}

#[test]
fn data_survive_storage_and_give_the_same_page() {
    let data = example::kursk();
    let text = serde_json::to_string(&data).expect("report data are plain");
    let back: ReportData = serde_json::from_str(&text).expect("what was written can be read");
    assert_eq!(rendered(&data).html, rendered(&back).html);
}

#[test]
fn zeros_and_very_wide_priors_have_a_place_on_every_figure() {
    for factor in [0.0, 1.0, 1e6] {
        let mut data = example::kursk();
        let inference = data.inference.as_mut().expect("the example has claims");
        for bands in inference.totals.series.iter_mut().map(|t| &mut t.prior) {
            for column in [&mut bands.q05, &mut bands.q25, &mut bands.q50, &mut bands.q75, &mut bands.q95] {
                column.iter_mut().for_each(|x| *x *= factor);
            }
        }
        for claim in &mut inference.claims.used {
            claim.predictive = claim.predictive.map(|q| super::Quantiles { q025: 0.0, q05: 0.0, ..q });
        }
        let none =
            super::Quantiles { q025: 0.0, q05: 0.0, q25: 0.0, q50: 0.0, q75: 0.0, q95: 0.0, q975: 0.0, mean: 0.0 };
        for setting in &mut inference.desertions.settings {
            setting.posterior = Some(none);
        }
        let claim = inference.dated_claim.as_mut().expect("the example has the claim");
        claim.posterior = Some(super::Meaning { desertion: 0.0, absence: 0.0, nothing: 1.0 });
        assert_eq!(rendered(&data).figures.len(), 8, "factor {factor}");
    }
}

#[test]
fn one_soldier_and_one_day_make_a_report() {
    let data = example::one_day();
    let report = rendered(&data);
    assert!(report.html.contains("1 synthetic soldier"), "one soldier");
    assert!(!report.html.contains("NaN"));
}

#[test]
fn data_that_do_not_fit_are_refused_with_a_code() {
    let refuses = |change: &dyn Fn(&mut ReportData), word: &str| {
        let mut data = example::kursk();
        change(&mut data);
        let error: ReportError = render(&data).expect_err("the data do not fit");
        let text = error.to_string();
        assert!(text.starts_with("EV0790: ") && text.contains(word), "{text}");
    };
    refuses(&|d| d.head.scale = 0.0, "scale");
    refuses(&|d| d.force.statuses[0].prior.q50.truncate(3), "values for");
    refuses(&|d| d.terms[0].prior.q50 = f64::NAN, "not finite");
    refuses(&|d| d.terms[0].prior.q025 = 0.0, "above 0");
    refuses(&|d| d.parameters[0].prior.q95 = -9.0, "out of order");
    refuses(&|d| d.inference.as_mut().expect("has claims").desertions.settings[0].main = true, "main");
}

/// Writes the examples for a look in a browser where `EXITVOICE_REPORT_LOOK` names a folder; else only to a temporary file.
#[test]
fn the_page_can_be_written_to_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = std::env::var_os("EXITVOICE_REPORT_LOOK").map_or_else(|| folder.path().to_owned(), Into::into);
    for (name, data) in [("kursk", example::kursk()), ("toy", example::toy()), ("refused", example::refused())] {
        let report = rendered(&data);
        std::fs::write(folder.join(format!("{name}.html")), &report.html).expect("the folder can be written");
        assert!(report.html.len() < 2_000_000, "{} bytes", report.html.len());
        for figure in &report.figures {
            std::fs::write(folder.join(format!("{name}-{}.svg", figure.name)), &figure.svg_wide).expect("as above");
        }
    }
}
