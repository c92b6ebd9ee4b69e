//! The brief: the same numbers on one printed page, for readers who will not open the report.

use super::data::{DesertionSetting, Inference, Measure, ReportData};
use super::figure::Figure;
use super::{page, summary, table, words};
use maud::{Markup, PreEscaped, html};

/// What fits the page: a sheet of A4 with narrow margins, one column, small print.
const STYLE: &str = "body{font-size:13.5px;line-height:1.4}header,.columns,footer{max-width:820px}header{padding-top:22px}\
h1{font-size:24px}h2{font-size:16px;margin:12px 0 4px;padding-top:6px}.columns{display:block}table{font-size:12.5px}\
th,td{padding:3px 10px 3px 0}.table{margin:8px 0 10px}.lead,.lead li,p,ul{font-size:13.5px;max-width:none}p{margin-bottom:7px}\
.lead li{margin-bottom:3px}footer{margin-top:10px;padding-bottom:12px;font-size:12px}footer p{padding-top:6px}.line{margin:6px 0 8px}\
@media print{@page{size:A4;margin:11mm 13mm}body,table,.lead,.lead li,p,ul{font-size:8.6pt;line-height:1.27}th,td{padding:1.5px 8px 1.5px 0}\
.caption,th.name br,th.name .soft{display:none}.badge{font-size:8pt;line-height:1.25}.table{margin:2px 0 5px}\
header,.columns,footer{max-width:none;padding-left:0;padding-right:0}header{padding-top:0}h1{font-size:15pt;max-width:none}\
h2{font-size:11pt;margin:6px 0 2px;padding-top:3px}.note,footer{font-size:8pt}}";

/// The whole document.
pub(super) fn brief(data: &ReportData, figures: &[Figure]) -> String {
    let head = &data.head;
    let masthead = html! {
        style { (PreEscaped(STYLE)) }
        header {
            p.kicker { "exitvoice brief · synthetic population" }
            h1 { (head.title) }
            p.note.line {
                (words::date(head.first)) " to " (words::date(head.last))
                @if let Some(inference) = &data.inference { ", claims published by " (words::date(inference.as_of)) }
                "; " (words::grouped(head.soldiers)) " synthetic soldiers, scale " (head.scale)
                @if head.scale < 1.0 { " (scaled = true)" }
                ", model " (head.model_version) ", seed " (head.seed) ". The full report stands beside this page: "
                a href="report.html" { "report.html" } "."
            }
        }
    };
    let columns = html! {
        main id="main" {
            @if let Some(notice) = summary::refusal_notice(data) { p.notice.refusal role="note" { (notice) } }
            @if let Some(notice) = summary::scaled_notice(data) { p.notice role="note" { (notice) } }
            @if let Some(notice) = summary::unused_notice(data) { p.notice role="note" { (notice) } }
            @match &data.inference {
                Some(inference) => (found(data, inference)),
                None => { (page::opening(data)) (page::figure(figures, "force")) }
            }
            h2 { "What this brief is not" }
            p { (page::LIMITS.join(" ")) }
        }
    };
    page::document(head, &format!("{} – exitvoice brief", head.title), &masthead, &columns)
}

fn found(data: &ReportData, inference: &Inference) -> Markup {
    let (_, items) = summary::page_summary(data);
    // What the table says already is left out: the sentences that follow it are those on assumptions.
    let said: Vec<&String> = items.iter().filter(|item| !item.starts_with("After the claims, ")).collect();
    html! {
        h2 { "What the claims imply" }
        @if !inference.answers.is_empty() { (table::answers(&inference.answers)) }
        h2 { "What it rests on" }
        ul.lead { @for item in said { li { (item) } } }
        h2 { "Desertions under each assumption" }
        (settings(&inference.desertions.settings))
    }
}

/// One row a setting.
fn settings(rows: &[DesertionSetting]) -> Markup {
    let body = html! {
        @for row in rows {
            tr.main[row.main] {
                th scope="row" { (words::short_setting(row)) @if row.main { " (main)" } }
                td.number { (table::median_and_90(&row.prior, &Measure::Persons)) }
                @match &row.posterior {
                    Some(found) => {
                        td.number { (table::median_and_90(found, &Measure::Persons)) }
                        td.number { (words::range(found.q25, found.q75, &Measure::Persons)) }
                        td.number { (words::range(found.q025, found.q975, &Measure::Persons)) }
                    }
                    None => td colspan="3" { "refused" },
                }
                td { (row.verdict.map_or("–", words::verdict)) }
            }
        }
    };
    let head = ["Prior median, reading of silence", "Prior (90 %)", "Posterior (90 %)", "50 %", "95 %", "The claims"];
    let title =
        "Total desertions, persons: medians and intervals, by the prior median of attempts per 1,000 soldier-years";
    table::boxed(title, &head, &body)
}
