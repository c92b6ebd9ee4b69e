//! The document of a run: one self-contained `report.html`, a page of it as `brief.html`, its figures and the plain-word summary of the terminal.
//!
//! [`ReportData`] holds plain numbers with names, measures and quantiles; no type of the model, the observers or inference
//! enters. The facade fills it, [`render`] checks it and writes text. Equal data give equal bytes.
//!
//! Read on in `data` (what a report can show), `page` (the order of its parts), `figure` (how numbers are drawn), `summary`
//! (what is said first) and `words` (how numbers are said).

pub mod branches;
mod brief;
mod check;
pub mod comparison;
pub mod country;
mod data;
mod figure;
pub mod forecast;
mod iso;
mod page;
pub mod societies;
pub(crate) mod summary;
pub mod sweep;
mod table;
mod words;

#[cfg(test)]
mod example;
#[cfg(test)]
mod tests;

pub use data::{
    Answer, Assumption, AxisKind, Bands, ClaimRow, Claims, DatedClaim, DatedClaimCase, Density, DesertionSetting,
    Desertions, Diagnostic, Force, Further, Head, Inference, InputFile, LeftOut, Meaning, Measure, MonthRow, Parameter,
    Quantiles, Refusal, ReportData, SourceGroup, StatusSeries, Term, Total, Totals, VarianceShares, Variant, Verdict,
    odds_ratio,
};
pub use figure::Figure;
pub(crate) use figure::escaped;
use iso::{iso_day, iso_days, iso_option};
pub use summary::summary_lines;
pub(crate) use words::first_up;
pub use words::{date, estimate, grouped, interval, likelihood, percent};

/// Why a report cannot be written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ReportError {
    /// The numbers contradict each other: a bug of whoever filled them in.
    #[error("EV0790: the data of the report do not fit together: {0}")]
    Data(String),
}

/// Everything that a report consists of.
#[derive(Clone, Debug)]
pub struct Report {
    /// The text of `report.html`.
    pub html: String,
    /// The text of `brief.html`: the same on one printed page.
    pub brief: String,
    /// The figures, in the order of the page; the run folder keeps each as SVG, CSV and Vega-Lite JSON.
    pub figures: Vec<Figure>,
    /// Plain-word summary for the terminal, one sentence or notice a line.
    pub summary: Vec<String>,
}

/// Writes the report of a run.
///
/// # Errors
/// [`ReportError::Data`] where lengths differ, quantiles are out of order, or a number is not finite.
pub fn render(data: &ReportData) -> Result<Report, ReportError> {
    data.check()?;
    let figures = figure::all(data);
    let (html, brief) = (page::page(data, &figures), brief::brief(data, &figures));
    Ok(Report { html, brief, figures, summary: summary::summary_lines(data) })
}
