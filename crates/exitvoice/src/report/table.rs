//! Tables of the page. Each stands in a box of its own that scrolls where the page is too narrow.

use super::data::{
    Answer, Assumption, ClaimRow, DatedClaim, Desertions, Diagnostic, Further, InputFile, Meaning, Measure, MonthRow,
    Parameter, Quantiles, VarianceShares, Variant, Verdict,
};
use super::words;
use maud::{Markup, html};
use std::collections::BTreeSet;

/// A table in its own scrolling box, under a caption that does not scroll.
pub(super) fn boxed(caption: &str, head: &[&str], body: &Markup) -> Markup {
    html! {
        div.table {
            p.caption { (caption) }
            div.scroll tabindex="0" role="region" aria-label=(caption) {
                table {
                    thead { tr { @for name in head { th scope="col" { (name) } } } }
                    tbody { (body) }
                }
            }
        }
    }
}

/// `4,120 (3,300 to 5,400)`.
pub(super) fn median_and_90(q: &Quantiles, measure: &Measure) -> String {
    format!("{} ({})", words::value(q.q50, measure), words::range(q.q05, q.q95, measure))
}

fn optional(q: Option<&Quantiles>, measure: &Measure) -> String {
    q.map_or_else(|| "none".to_owned(), |q| median_and_90(q, measure))
}

/// A cell with the median over its 90 % interval.
fn two_lines(q: Option<&Quantiles>, measure: &Measure) -> Markup {
    html! {
        td.number {
            @if let Some(q) = q {
                b { (words::value(q.q50, measure)) } br; span.soft { (words::range(q.q05, q.q95, measure)) }
            } @else { "none" }
        }
    }
}

fn verdict(verdict: Option<Verdict>) -> Markup {
    let class = match verdict {
        Some(Verdict::Identified) => "badge identified",
        Some(Verdict::Shifted) => "badge shifted",
        Some(Verdict::NotIdentified) => "badge blind",
        None => return html! { "–" },
    };
    html! { @if let Some(v) = verdict { span class=(class) { (words::verdict(v)) } } }
}

/// The numbers that the run was asked for.
pub(super) fn answers(rows: &[Answer]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" { (row.label) br; span.soft { (words::unit(&row.measure)) } }
                (two_lines(Some(&row.prior), &row.measure))
                (two_lines(row.posterior.as_ref(), &row.measure))
                td { (verdict(row.verdict)) @if let Some(rests) = &row.rests_on { br; span.soft { (rests) } } }
            }
        }
    };
    let head = ["Quantity", "Prior: median, 90 %", "Posterior: median, 90 %", "The claims"];
    boxed("Main numbers before and after the claims", &head, &body)
}

/// Total desertions under every setting.
pub(super) fn desertions(desertions: &Desertions) -> Markup {
    let span = |low, high| words::range(low, high, &Measure::Persons);
    let cells = |q: &Quantiles| {
        html! {
            td.number.strong { (words::estimate(q.q50)) }
            td.number { (span(q.q25, q.q75)) }
            td.number { (span(q.q05, q.q95)) }
            td.number { (span(q.q025, q.q975)) }
        }
    };
    let answered = desertions.settings.iter().any(|row| row.posterior.is_some());
    let body = html! {
        @for row in &desertions.settings {
            tr.main[row.main] {
                th.name scope="rowgroup" rowspan=[answered.then_some(2)] {
                    (words::setting(row)) @if row.main { " (main)" }
                }
                td { "prior" } (cells(&row.prior)) td { "–" } td { "–" }
            }
            @if let Some(posterior) = &row.posterior {
                tr.main[row.main] { td { "posterior" } (cells(posterior)) td.number { (effective(row.effective_draws)) } td { (verdict(row.verdict)) } }
            } @else if answered {
                tr {
                    td { "posterior" }
                    td colspan="4" {
                        "refused: too few simulations "
                        @if row.short_at_upper_end { "at the upper end of this prior" } @else { "remain under this setting" }
                    }
                    td.number { (effective(row.effective_draws)) }
                    td { "–" }
                }
            }
        }
    };
    let head = ["Setting", "", "Median", "50 %", "90 %", "95 %", EFFECTIVE, "The claims"];
    let title = "Total desertions, persons, by prior and reading of silence. With 100 effective simulations the 95 % point lies between \
                 those of 93 and 97 %, with 400 between those of 94 and 96 %";
    boxed(title, &head, &body)
}

/// Desertions by month, whole force.
pub(super) fn months(rows: &[MonthRow]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                th scope="row" { (row.month) }
                td.number { (median_and_90(&row.prior, &Measure::Persons)) }
                td.number { (optional(row.posterior.as_ref(), &Measure::Persons)) }
            }
        }
    };
    boxed(
        "Desertions by month, persons, main setting",
        &["Month", "Prior: median (90 %)", "Posterior: median (90 %)"],
        &body,
    )
}

/// Whether the Monte-Carlo error of a probability is more than half of it.
fn uncertain(probability: f64, error: Option<f64>) -> bool {
    error.is_none_or(|error| error > 0.5 * probability)
}

/// A probability, or where its Monte-Carlo error is large, the bound two errors above it.
fn bounded(probability: f64, error: Option<f64>) -> String {
    match error {
        Some(error) if !uncertain(probability, Some(error)) => words::percent(probability),
        Some(error) => format!("up to {}", words::percent((probability + 2.0 * error).min(1.0))),
        None => "unknown".to_owned(),
    }
}

/// The first dated claim under every setting.
pub(super) fn dated_claim(claim: &DatedClaim) -> Markup {
    let cells = |prior: &Meaning, posterior: Option<&Meaning>, factor, draws| {
        html! {
            td.number { (words::percent(prior.desertion)) }
            td.number { (words::percent(prior.absence)) }
            td.number.strong { (posterior.map_or_else(|| "none".to_owned(), |m| words::percent(m.desertion))) }
            td.number { (posterior.map_or_else(|| "none".to_owned(), |m| words::percent(m.absence))) }
            td.number { (posterior.map_or_else(|| "none".to_owned(), |m| words::percent(m.nothing))) }
            td.number { (words::bayes_factor(factor, draws)) }
        }
    };
    let advance = claim.varies_advance_party();
    let (settings, uncertain_settings) = if advance { (3, "all three") } else { (2, "both") };
    let body = html! {
        tr.main {
            th scope="row" colspan=(settings) { "main: " (uncertain_settings) " uncertain, " (words::silence(claim.complete)) }
            (cells(&claim.prior, claim.posterior.as_ref(), claim.bayes_factor, claim.desertion_draws))
        }
        @if let Some(other) = &claim.other_silence {
            tr {
                th scope="row" colspan=(settings) { "the same, " (words::silence(!claim.complete)) }
                td.number { (words::percent(claim.prior.desertion)) }
                td.number { (words::percent(claim.prior.absence)) }
                @let known = !uncertain(other.desertion, claim.other_silence_error.map(|e| e.desertion));
                td.number.strong { (bounded(other.desertion, claim.other_silence_error.map(|e| e.desertion))) }
                td.number { (bounded(other.absence, claim.other_silence_error.map(|e| e.absence))) }
                td.number { (words::percent(other.nothing)) }
                td.number { (words::bayes_factor(claim.factor(other).filter(|_| known), claim.other_silence_draws)) }
            }
        }
        @for case in &claim.cases {
            tr {
                th scope="row" { (words::significant(case.false_reports)) }
                @if advance {
                    td.number { (case.advance_party.map_or_else(|| "–".to_owned(), words::significant)) }
                }
                td.number { (words::value(case.base_rate_factor, &Measure::Factor)) }
                (cells(&case.prior, case.posterior.as_ref(), case.bayes_factor, case.desertion_draws))
            }
        }
    };
    let mut head = vec!["False reports per 30 days"];
    head.extend(advance.then_some("P(advance party)"));
    head.extend(["Base rate", "Prior: desertion", "Prior: absence"]);
    head.extend(["Posterior: desertion", "Posterior: absence", "Posterior: nothing", "Bayes factor"]);
    let rough = "A Bayes factor that rests on fewer than fifty effective simulations is told by its order of magnitude, as about one digit";
    boxed(&format!("The claim of {} under other assumptions. {rough}", words::date(claim.day)), &head, &body)
}

/// Head of the column that says how many simulations of equal weight an answer rests on.
const EFFECTIVE: &str = "Effective simulations";

fn effective(draws: Option<f64>) -> String {
    draws.map_or_else(|| "–".to_owned(), words::significant)
}

/// Answers under other settings, with every row of the claims.
pub(super) fn variants(rows: &[Variant]) -> Markup {
    let body = html! {
        @for row in rows.iter().filter(|row| row.left_out.is_none()) {
            tr {
                th scope="row" { (row.question) }
                td { (row.setting) }
                @match &row.posterior {
                    Some(posterior) => td.number { (median_and_90(posterior, &row.measure)) },
                    None => td { "refused: too few simulations remain under this setting" },
                }
                td.number { (effective(row.effective_draws)) }
            }
        }
    };
    boxed(
        "The same answers under other settings",
        &["Quantity", "Setting", "Posterior: median (90 %)", EFFECTIVE],
        &body,
    )
}

/// Answers with the rows of one source, or of one grade of sources, left out.
pub(super) fn left_out(rows: &[Variant]) -> Markup {
    let number = |x: f64, measure: &Measure| words::value(x, measure);
    let body = html! {
        @for (row, compared) in rows.iter().filter_map(|row| Some((row, row.left_out.as_ref()?))) {
            tr {
                th scope="row" { (row.question) }
                td { (row.setting) @if compared.from_all { ", from all simulations" } }
                td.number { (number(compared.median_with, &row.measure)) }
                td.number { (number(compared.sd_with, &row.measure)) }
                @if let Some((posterior, sd)) = row.posterior.as_ref().zip(compared.sd_without) {
                    td.number.strong { (median_and_90(posterior, &row.measure)) }
                    td.number { (number(sd, &row.measure)) }
                } @else {
                    td colspan="2" { "refused: too few simulations remain without it" }
                }
                td.number { (effective(row.effective_draws)) }
            }
        }
    };
    let head = ["Quantity", "Left out", "All rows: median", "sd", "Without: median (90 %)", "sd", EFFECTIVE];
    boxed(
        "What the answers rest on: posterior with the rows of one source or grade left out, from draws of the posterior, or from all simulations where these are too few",
        &head,
        &body,
    )
}

/// What further evidence would be worth: for each answer the most useful numbers.
pub(super) fn further(rows: &[Further]) -> Markup {
    const SHOWN: usize = 5;
    let before = |k: usize| rows[..k].iter().filter(|row| row.quantity == rows[k].quantity).count();
    let body = html! {
        @for (_, row) in rows.iter().enumerate().filter(|(k, _)| before(*k) < SHOWN) {
            tr {
                th scope="row" { (row.label) }
                td { (row.evidence) }
                td.number { (words::percent(row.share)) }
            }
        }
    };
    boxed("What one more number would be worth", &["Quantity", "Number published", "Variance expected to go"], &body)
}

/// Shares of the variance before the claims, a column a grade.
pub(super) fn variance_shares(rows: &[VarianceShares]) -> Markup {
    let grades: BTreeSet<&str> = rows.iter().flat_map(|row| row.by_grade.keys()).map(String::as_str).collect();
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" { (row.label) }
                @for grade in &grades {
                    td.number { (row.by_grade.get(*grade).map_or_else(|| "–".to_owned(), |share| words::percent(*share))) }
                }
            }
        }
    };
    let head: Vec<&str> = std::iter::once("Quantity").chain(grades.iter().copied()).collect();
    boxed(
        "Variance before the claims by grade of evidence, per cent: what would go of it were all inferred parameters of the grade known, \
         on the logarithm of the number plus 1/2; what grades do together is in no share",
        &head,
        &body,
    )
}

/// Uncertain parameters; without any posterior its columns are left out.
pub(super) fn parameters(rows: &[Parameter]) -> Markup {
    let updated = rows.iter().any(|row| row.posterior.is_some());
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" { (row.label) br; code { (row.key) } }
                td { (words::unit(&row.measure)) }
                (two_lines(Some(&row.prior), &bare(&row.measure)))
                @if updated { (two_lines(row.posterior.as_ref(), &bare(&row.measure))) }
                td { (row.grade) }
                @if updated { td { (verdict(row.verdict)) } }
            }
        }
    };
    let mut head = vec!["Parameter", "Measured in", "Prior: median, 90 %"];
    head.extend(updated.then_some("Posterior: median, 90 %"));
    head.push("Grade");
    head.extend(updated.then_some("The claims"));
    boxed("Uncertain parameters", &head, &body)
}

/// The measure without its unit, which has a column of its own.
fn bare(measure: &Measure) -> Measure {
    match measure {
        Measure::Other(_) | Measure::Factor => Measure::Other(String::new()),
        other => other.clone(),
    }
}

/// Checks of the inference.
pub(super) fn diagnostics(rows: &[Diagnostic]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" { (row.name) }
                td.number { (words::significant(row.value)) }
                td.date { (row.wanted.as_deref().unwrap_or("–")) }
                td { @if row.wanted.is_none() { "–" } @else if row.met { "met" } @else { strong { "not met" } } }
                td.prose { (row.meaning) }
            }
        }
    };
    boxed("Diagnostics of the inference", &["Diagnostic", "Value", "Asked", "", "What it says"], &body)
}

/// What a row's numbers count.
pub(super) fn claim_measure(quantity: &str) -> Measure {
    match quantity {
        q if q.starts_with("share") => Measure::Share,
        "casualties" => Measure::Incidents,
        _ => Measure::Persons,
    }
}

/// A claimed number as published: `at least 3,000`, `200 to 999`, `about 33 %`.
pub(super) fn claimed(row: &ClaimRow) -> String {
    let say = |x: f64| match claim_measure(&row.quantity) {
        Measure::Share => words::percent(x),
        _ => words::grouped(x.max(0.0).round() as u64),
    };
    match (row.form.as_str(), row.low, row.value, row.high) {
        ("at_least", Some(low), ..) => format!("at least {}", say(low)),
        ("at_most", .., Some(high)) => format!("at most {}", say(high)),
        ("interval", Some(low), _, Some(high)) => format!("{} to {}", say(low), say(high)),
        ("about", _, Some(value), _) => format!("about {}", say(value)),
        ("denial", ..) => "denial".to_owned(),
        (_, _, Some(value), _) => say(value),
        _ => "–".to_owned(),
    }
}

/// Address of a page if it can be linked without harm.
fn address(row: &ClaimRow) -> Option<&str> {
    row.url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// Cells of a row; `predicted` follows the claimed number.
fn claim_cells(row: &ClaimRow, predicted: &Markup) -> Markup {
    let day = |d: Option<exitvoice_core::time::Day>| d.map_or_else(|| "–".to_owned(), |d| d.to_string());
    html! {
        th scope="row" id=(format!("row-{}", row.id)) { (row.id) }
        td { (row.quantity.replace('_', " ")) @if let Some(part) = &row.part_of_force { " (" (part) ")" } }
        td.number { (claimed(row)) }
        (predicted)
        td.date { @if let Some(from) = row.window_from { (from) " to " } (day(row.as_of)) }
        td.date { (day(row.published)) }
        td { @if let Some(url) = address(row) { a href=(url) rel="noreferrer external" { (row.source) } } @else { (row.source) } }
        td { (row.source_grade) (row.info_grade) }
    }
}

/// Scored rows with what the posterior expects them to say.
pub(super) fn claims_used(rows: &[ClaimRow]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                (claim_cells(row, &html! {
                    td.number { (optional(row.predictive.as_ref(), &claim_measure(&row.quantity))) }
                }))
                td.date { (row.cluster) @if let Some(of) = &row.copy_of { br; span.soft { "copy of " (of) } } }
            }
        }
    };
    let head = [
        "Row",
        "Quantity",
        "Claimed",
        "Predicted: median (90 %)",
        "Speaks of",
        "Published",
        "Source",
        "Grade",
        "Cluster",
    ];
    boxed("Scored claims", &head, &body)
}

/// Rows that are not scored, with the reason.
pub(super) fn claims_other(caption: &str, rows: &[ClaimRow]) -> Markup {
    let body = html! { @for row in rows { tr { (claim_cells(row, &html! {})) td.prose { (row.reason) } } } };
    boxed(caption, &["Row", "Quantity", "Claimed", "Speaks of", "Published", "Source", "Grade", "Reason"], &body)
}

/// Resolved values of one grade.
pub(super) fn assumptions(grade: &str, rows: &[&Assumption]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                th.name scope="row" { code { (row.key) } }
                td.number { (row.value) }
                td { (row.origin) }
                td { (row.source) }
                td.prose { (row.why) }
            }
        }
    };
    boxed(&format!("Values graded {grade}"), &["Key", "Value", "Set by", "Source", "Reason"], &body)
}

/// Files read.
pub(super) fn files(rows: &[InputFile]) -> Markup {
    let body = html! {
        @for row in rows {
            tr {
                th scope="row" { code { (row.name) } }
                td { (row.role) }
                td.number { (words::grouped(row.bytes)) }
                td { code { (row.hash) } }
            }
        }
    };
    boxed("Files that the run read", &["File", "For", "Bytes", "Hash"], &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_that_its_draws_do_not_tell_is_bounded() {
        let plain = |text: String| text.replace(words::NBSP, " ");
        assert_eq!(plain(bounded(0.1, Some(0.01))), "10 %");
        assert_eq!(plain(bounded(0.001, Some(0.001))), "up to 0.3 %");
        assert_eq!(bounded(0.001, None), "unknown");
    }
}
