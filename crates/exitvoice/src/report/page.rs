//! The page: its parts in order. One file, no script, nothing loaded from elsewhere.

use super::data::{Assumption, Head, Inference, ReportData};
use super::figure::Figure;
use super::societies::{self, Of};
use super::{forecast, summary, table, words};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::BTreeMap;

const STYLE: &str = include_str!("style.css");

/// What this report cannot say and must not be used for.
pub(super) const LIMITS: [&str; 5] = [
    "It speaks of synthetic people only. No row, number or figure describes a real person.",
    "It is no advice, and speaks of no single person's past or future: it says what public claims imply under stated assumptions.",
    "It gives no desertions by squad, place, class or kin, after the claims none by day, and no soldier's hazard or belief.",
    "It does not judge sources: grades are rules on what was known at publication.",
    "An interval holds only inside the model; what the model leaves out is in none of them.",
];

/// The whole document.
pub(super) fn page(data: &ReportData, figures: &[Figure]) -> String {
    let columns = html! {
        (contents(data))
        main id="main" { (parts(data, figures)) }
    };
    let title = format!("{} – exitvoice report", data.head.title);
    document(&data.head, &title, &masthead(data), &columns)
}

/// A page of this program: everything but its masthead and its columns.
pub(super) fn document(head: &Head, title: &str, masthead: &Markup, columns: &Markup) -> String {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="population" content="synthetic";
                meta name="generator" content=(head.software);
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "To the results" }
                (masthead)
                div.columns { (columns) }
                footer {
                    p { (head.software) ", model " (head.model_version) ". Population = synthetic. Run " code { (head.run_id) } "." }
                }
            }
        }
    };
    markup.into_string()
}

fn masthead(data: &ReportData) -> Markup {
    let head = &data.head;
    let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
    html! {
        header {
            p.kicker { "exitvoice report · synthetic population" }
            h1 { (head.title) }
            p.deck {
                @if data.inference.is_some() {
                    "What public claims about this deployment imply, in a simulation of synthetic people: prior and posterior \
                     side by side, with intervals, and a label where the claims say nothing."
                } @else {
                    "What stated assumptions imply, in a simulation of synthetic people, with intervals. No claims enter."
                }
            }
            dl.facts {
                (fact("Scenario", &head.scenario))
                (fact("Period", &format!("{} to {}", words::date(head.first), words::date(head.last))))
                @if let Some(inference) = &data.inference { (fact("Claims published by", &words::date(inference.as_of))) }
                (fact("Soldiers sent", &words::grouped(head.soldiers)))
                @if head.replicates > 0 { (fact("Replicates", &words::grouped(head.replicates))) }
                (fact("Population", "synthetic"))
                (fact("Scale of the country", &format!("{}{}", head.scale, if head.scale < 1.0 { " (scaled = true)" } else { "" })))
                (fact("Model version", &head.model_version))
                @if let Some(version) = data.inference.as_ref().map(|i| i.sampler_version).filter(|v| *v > 0) {
                    (fact("Sampler version", &version.to_string()))
                }
                (fact("Software", &head.software))
                (fact("Seed", &head.seed.to_string()))
                (fact("Run", &head.run_id))
            }
        }
    }
}

/// Ids and names of the numbered parts that this run has.
fn sections(data: &ReportData) -> Vec<(&'static str, &'static str)> {
    let mut out = vec![("summary", "Summary"), ("force", "The force, day by day")];
    if let Some(inference) = &data.inference {
        out.extend([("claims", "Casualties and the killed"), ("desertions", "Desertions")]);
        if inference.dated_claim.is_some() {
            out.push(("dated-claim", "The first report of departures"));
        }
        if data.forecast.is_some() {
            out.push(("forecast", "After the last day known"));
        }
        if !inference.further.is_empty() {
            out.push(("further", "What further evidence would be worth"));
        }
    }
    if data.societies.is_some() {
        out.push(("societies", "The same scenario in other countries"));
    }
    out.extend([("terms", "What each term of the decision does"), ("parameters", "Parameters and diagnostics")]);
    if data.inference.is_some() {
        out.push(("claims-table", "The claims"));
    }
    out.push(("assumptions", "Assumptions, files and how to repeat the run"));
    out
}

fn contents(data: &ReportData) -> Markup {
    html! {
        nav aria-label="Contents" {
            p { "Contents" }
            ol { @for (id, name) in sections(data) { li { a href=(format!("#{id}")) { (name) } } } }
        }
    }
}

fn parts(data: &ReportData, figures: &[Figure]) -> Markup {
    let body = |id: &str| match (id, &data.inference) {
        ("summary", _) => summary(data),
        ("force", _) => force(figures),
        ("claims", Some(inference)) => casualties(inference, figures),
        ("desertions", Some(inference)) => desertions(inference, figures),
        ("dated-claim", Some(inference)) => dated_claim(inference, figures),
        ("forecast", _) => html! { @if let Some(found) = &data.forecast { (forecast::section(found, figures)) } },
        ("further", Some(inference)) => further(inference),
        ("societies", _) => html! { @if let Some(found) = &data.societies { (societies::section(found, Of::Values)) } },
        ("terms", _) => terms(data, figures),
        ("parameters", inference) => parameters(data, inference.as_ref(), figures),
        ("claims-table", Some(inference)) => claims(inference),
        _ => assumptions(data),
    };
    html! {
        @for (number, (id, name)) in sections(data).into_iter().enumerate() {
            section id=(id) {
                h2 { span.number { (number + 1) } " " (name) }
                (body(id))
            }
        }
    }
}

/// A figure in both widths; the style sheet shows one.
pub(super) fn figure(figures: &[Figure], name: &str) -> Markup {
    let Some((index, figure)) = figures.iter().enumerate().find(|(_, f)| f.name == name) else { return html! {} };
    html! {
        figure id=(format!("figure-{name}")) {
            h3 { span.number { "Figure " (index + 1) } " " (figure.title) }
            div.wide { (PreEscaped(&figure.svg_wide)) }
            div.narrow { (PreEscaped(&figure.svg_narrow)) }
            figcaption {
                p.reading { (figure.reading) }
                p.note { (figure.note) " Data: " code { "figures/" (name) ".csv" } "." }
            }
        }
    }
}

/// What is said first: a sentence and a list.
pub(super) fn opening(data: &ReportData) -> Markup {
    let (opening, items) = summary::page_summary(data);
    html! {
        p.lead { (opening) }
        ul.lead { @for item in &items { li { (item) } } }
    }
}

fn summary(data: &ReportData) -> Markup {
    html! {
        @if let Some(notice) = summary::refusal_notice(data) { p.notice.refusal role="note" { (notice) } }
        @if let Some(notice) = summary::scaled_notice(data) { p.notice role="note" { (notice) } }
        @if let Some(notice) = summary::unused_notice(data) { p.notice role="note" { (notice) } }
        (opening(data))
        @if let Some(inference) = &data.inference {
            @if !inference.answers.is_empty() { (table::answers(&inference.answers)) }
            p.note {
                "Prior: before any claim. Posterior: after the claims. Intervals hold the middle 50, 90 or 95 % of the draws. The \
                 claims label a number " em { "identified" } " where they narrow it, " em { "shifted, not narrowed" } " where \
                 they only move it, and " em { "not identified" } " where the posterior repeats the prior. A label judges the width of an \
                 interval; what stands under it names what that width rests on."
            }
        }
        h3 { "What this report is not" }
        ul { @for limit in LIMITS { li { (limit) } } }
    }
}

fn force(figures: &[Figure]) -> Markup {
    html! {
        p {
            "Every soldier sent is in exactly one status at the end of each day, so the heads of each draw add up to the \
             soldiers sent so far (medians of several panels need not). Desertion, absence, surrender and capture are four causes and are never merged."
        }
        (figure(figures, "force"))
    }
}

fn casualties(inference: &Inference, figures: &[Figure]) -> Markup {
    html! {
        p {
            "Third parties (Seoul, Washington, London, unnamed Western officials) and Kyiv are taken to err in level by a common \
             factor each. The claims cannot say how far the third parties are off together: that common factor sets the \
             level and is assumed."
        }
        (figure(figures, "claims"))
        (figure(figures, "claims-predicted"))
        @let any = |left_out: bool| inference.variants.iter().any(|row| row.left_out.is_some() == left_out);
        @if any(false) { (table::variants(&inference.variants)) }
        @if any(true) {
            (table::left_out(&inference.variants))
            p {
                "A copy is left out with the row that it copies, and a retelling with the report that it retells: neither is evidence of its \
                 own. Waves of the scenario that were built from rows of a source stay, so only what its rows are scored for is left out."
            }
        }
    }
}

fn desertions(inference: &Inference, figures: &[Figure]) -> Markup {
    let complete = inference.desertions.settings.iter().any(|s| s.main && s.complete);
    html! {
        p {
            "No confirmed desertion is among the claims, so this total rests on two things that were put in: the prior rate of \
             attempts, and whether silence counts. "
            @if complete {
                "In the main setting silence counts: a deserter who reaches the Ukrainian side is taken to be announced on record \
                 within 60 days with probability Beta(8, 2). "
            } @else {
                "In the main setting silence is ignored, and every parameter of desertion is printed as not identified. "
            }
            strong { (summary::ASSUMPTION) }
        }
        (figure(figures, "desertions"))
        (table::desertions(&inference.desertions))
        @if !inference.desertions.by_month.is_empty() {
            details { summary { "Desertions by month" } (table::months(&inference.desertions.by_month)) }
        }
    }
}

fn further(inference: &Inference) -> Markup {
    html! {
        p {
            "For each draw from the posterior the number that an office would publish next is drawn, its errors shared with those of the              claims. The share is that of the posterior variance (of the logarithm) that knowing the number is expected to remove, each              number by itself. Only numbers that offices publish are tried: none needs contact with soldiers, prisoners or kin."
        }
        (table::further(&inference.further))
    }
}

fn dated_claim(inference: &Inference, figures: &[Figure]) -> Markup {
    let Some(claim) = &inference.dated_claim else { return html! {} };
    html! {
        @if claim.excluded.is_some() {
            p { (summary::dated_claim_sentence(claim)) }
        } @else {
            p {
                @if claim.is_shipped() {
                    "In mid-October 2024 unnamed sources said that eighteen soldiers had left their post; a week later the same group \
                     was said to have been looking for its commanders. "
                } @else {
                    "Unnamed sources said that soldiers had left their post by " (words::date(claim.day)) ". "
                }
                "The simulation asks how often such a report would come from a real desertion, from a real absence, or from nothing."
            }
            (figure(figures, claim.figure_name()))
            @if !claim.cases.is_empty() { (table::dated_claim(claim)) }
        }
    }
}

fn terms(data: &ReportData, figures: &[Figure]) -> Markup {
    html! {
        @if data.terms.is_empty() {
            p { "Under the decision rule of this scenario the hazard of an attempt is no product of terms; its parameters stand among the assumptions." }
        } @else {
            p {
                "The hazard of starting an attempt is a product: each term multiplies it. The figure shows by how much, for the \
                 reference soldier" @if data.inference.is_none() { ", at the values of this run" } "."
            }
            (figure(figures, "terms"))
        }
    }
}

fn parameters(data: &ReportData, inference: Option<&Inference>, figures: &[Figure]) -> Markup {
    html! {
        @if inference.is_none() {
            p {
                "This run has no claims, or inference was switched off: there is no posterior. Every replicate has the values that stand among \
                 the assumptions."
                @if !data.parameters.is_empty() { " What is shown here is what an inference would begin with: the priors." }
            }
        }
        (figure(figures, "parameters"))
        @if !data.parameters.is_empty() { (table::parameters(&data.parameters)) }
        @if let Some(inference) = inference {
            @if !inference.variance_shares.is_empty() { (table::variance_shares(&inference.variance_shares)) }
            h3 { "Diagnostics" }
            @if let Some(notice) = summary::refusal_notice(data) { p.notice.refusal { (notice) } }
            (table::diagnostics(&inference.diagnostics))
        }
    }
}

fn claims(inference: &Inference) -> Markup {
    let claims = &inference.claims;
    let copies = claims.used.iter().filter(|row| row.copy_of.is_some()).count();
    html! {
        p {
            (claims.used.len() - copies) " rows in " (claims.clusters) " clusters are scored, "
            @if copies > 0 { (copies) " more " @if copies == 1 { "repeats" } @else { "repeat" } " a scored row of the same cluster and adds nothing, " }
            (claims.inputs.len()) " are inputs from which the scenario is built, and " (claims.not_modelled.len()) " are not modelled. \
             Rows of one cluster share a root and count once. Grade: letter for the source, digit for the information."
            @if claims.after_as_of > 0 {
                " " (claims.after_as_of) @if claims.after_as_of == 1 { " row was" } @else { " rows were" }
                " published after " (words::date(inference.as_of)) " and not read."
            }
        }
        @if !claims.notices.is_empty() {
            p { "About the file of claims:" }
            ul { @for notice in &claims.notices { li { (notice) } } }
        }
        (table::claims_used(&claims.used))
        @for (name, rows) in [("Inputs, not scored", &claims.inputs), ("Not modelled", &claims.not_modelled)] {
            @if !rows.is_empty() {
                details { summary { (name) " (" (rows.len()) " rows)" } (table::claims_other(name, rows)) }
            }
        }
    }
}

fn assumptions(data: &ReportData) -> Markup {
    let mut grades: BTreeMap<&str, Vec<&Assumption>> = BTreeMap::new();
    for row in &data.assumptions {
        grades.entry(&row.grade).or_default().push(row);
    }
    html! {
        @if !grades.is_empty() {
            p {
                "Every value of the scenario with the layer that set it and the grade of its evidence: "
                @for (i, (grade, rows)) in grades.iter().enumerate() { @if i > 0 { ", " } (rows.len()) " " (grade) }
                ". A value graded Assumed was chosen by the authors and belongs in every sensitivity sweep."
            }
            @for (grade, rows) in &grades {
                details { summary { (grade) " (" (rows.len()) ")" } (table::assumptions(grade, rows)) }
            }
        }
        @if !data.files.is_empty() { h3 { "Files" } (table::files(&data.files)) }
        h3 { "How to repeat the run" }
        p { "The same command with the same software gives the same digest and the same bytes of every table and figure." }
        pre tabindex="0" { code { (data.head.command) } }
        p.note { "Digest of the record: " code { (data.head.digest) } }
    }
}
