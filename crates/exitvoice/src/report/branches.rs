//! The document of branches: many futures of one past, each against going on unchanged.

use super::comparison::{self, ComparisonData};
use super::data::Head;
use super::figure::{Figure, comparison as drawn};
use super::{iso_day, page, words};
use exitvoice_core::time::Day;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// Everything that the page shows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BranchesData {
    /// First day on which the branches differ.
    #[serde(with = "iso_day")]
    pub at: Day,
    /// Run whose past it is.
    pub parent: String,
    /// The branches and the scenario of the past.
    pub head: Head,
    /// What scenarios set themselves and the run settles for all branches, one sentence each.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// One a branch: A goes on unchanged, B is the branch.
    pub parts: Vec<ComparisonData>,
}

/// Draws page and figures; those of the n-th branch end in `-n`.
#[must_use]
pub fn render(data: &BranchesData) -> (String, Vec<Figure>) {
    let mut figures = Vec::new();
    for (number, part) in (1..).zip(&data.parts) {
        figures.extend(drawn::all(part).into_iter().map(|figure| figure.numbered(number)));
    }
    let title = format!("Branches of {} at {} – exitvoice", data.head.scenario, data.at);
    let columns = html! { main id="main" { (parts(data, &figures)) } };
    (page::document(&data.head, &title, &masthead(data), &columns), figures)
}

fn masthead(data: &BranchesData) -> Markup {
    let head = &data.head;
    let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { (value) } } };
    let scaled = if head.scale < 1.0 { " (scaled = true)" } else { "" };
    html! {
        header {
            p.kicker { "exitvoice branches · synthetic population" }
            h1 { (head.title) ": what could have followed from " (words::date(data.at)) }
            p.deck {
                "The same synthetic lives have the same past, bit for bit. From the day on some assumptions change, and the same luck \
                 meets the same lives: what differs is what the change makes of that past."
            }
            @for sentence in &data.left_out { p.note { (sentence) } }
            dl.facts {
                (fact("A", "the run, gone on unchanged"))
                (fact("Branches", &data.parts.len().to_string()))
                (fact("First day of change", &words::date(data.at)))
                (fact("Period", &format!("{} to {}", words::date(head.first), words::date(head.last))))
                (fact("Replicates of each", &words::grouped(head.replicates)))
                (fact("Population", "synthetic"))
                (fact("Scale of the country", &format!("{}{scaled}", head.scale)))
                (fact("Model version", &head.model_version))
                (fact("Seed", &head.seed.to_string()))
                (fact("Past from run", &data.parent))
                (fact("Run", &head.run_id))
            }
        }
    }
}

fn parts(data: &BranchesData, figures: &[Figure]) -> Markup {
    html! {
        @for (number, part) in (1..).zip(&data.parts) {
            section {
                h2 { span.number { (number) } " " (part.b_scenario) }
                @if part.b_title != part.b_scenario { p { (part.b_title) } }
                p { "B is " code { (part.b_scenario) } " from " (words::date(data.at)) " on; totals count from the first day, so both sides hold the common past." }
                ul { @for sentence in comparison::sentences(&part.quantities) { li { (sentence) } } }
                (page::figure(figures, &format!("differences-{number}")))
                (comparison::differences(&part.quantities))
                (page::figure(figures, &format!("both-{number}")))
                @if part.changed.is_empty() {
                    p { @if part.same { (comparison::NOTHING_CHANGED) } @else { "No parameter differs; phases or orders of the regime after the day do." } }
                } @else { (comparison::changes(&part.changed)) }
            }
        }
        section {
            h2 { span.number { (data.parts.len() + 1) } " What this page is not, and how to repeat it" }
            ul { @for limit in comparison::LIMITS { li { (limit) } } }
            pre tabindex="0" { code { (data.head.command) } }
            p.note { "Digest of all records: " code { (data.head.digest) } }
        }
    }
}
