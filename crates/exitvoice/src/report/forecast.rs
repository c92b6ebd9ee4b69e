//! What comes after the last day known, as the page shows it: intervals by month, of what happens and of what is said of it.

use super::data::{Measure, Quantiles};
use super::figure::{self, Figure};
use super::{iso_day, iso_days, page, table, words};
use exitvoice_core::time::Day;
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// One number by month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Predicted {
    /// Name in tables (`casualties_total`).
    pub name: String,
    /// Plain words.
    pub label: String,
    /// What it counts.
    pub measure: Measure,
    /// At the end of each month, since the first day of the deployment.
    pub until: Vec<Quantiles>,
    /// What each month adds; empty for levels.
    pub within: Vec<Quantiles>,
}

/// Numbers that one group of sources would print.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// Who, in plain words (`Third parties`).
    pub group: String,
    /// What they would print, `until` the end of each month or `within` it.
    pub numbers: Vec<Predicted>,
}

/// Predictive intervals by month.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Forecast {
    /// Last day that the claims and the scenario speak of.
    #[serde(with = "iso_day")]
    pub from: Day,
    /// Last day of each month predicted.
    #[serde(with = "iso_days")]
    pub days: Vec<Day>,
    /// Posterior draws that went on.
    pub draws: u64,
    /// What happens.
    pub world: Vec<Predicted>,
    /// What is said of it.
    pub told: Vec<Told>,
}

impl Forecast {
    /// Names of what does not have one interval a month.
    pub(super) fn misfits(&self) -> Vec<&str> {
        let fits = |p: &&Predicted| {
            (p.until.is_empty() || p.until.len() == self.days.len())
                && (p.within.is_empty() || p.within.len() == self.days.len())
        };
        let all = self.world.iter().chain(self.told.iter().flat_map(|t| &t.numbers));
        all.filter(|p| !fits(p)).map(|p| p.name.as_str()).collect()
    }
}

/// `12 (9 to 16; 5 to 30)`.
fn both_intervals(q: &Quantiles, measure: &Measure) -> Markup {
    html! {
        b { (words::value(q.q50, measure)) } br;
        span.soft { (words::range(q.q25, q.q75, measure)) br; (words::range(q.q05, q.q95, measure)) }
    }
}

/// A table with a row a month and a column a number.
fn by_month(
    caption: &str,
    forecast: &Forecast,
    numbers: &[Predicted],
    read: fn(&Predicted) -> &Vec<Quantiles>,
) -> Markup {
    let shown: Vec<&Predicted> = numbers.iter().filter(|p| !read(p).is_empty()).collect();
    let labels: Vec<&str> = std::iter::once("Until").chain(shown.iter().map(|p| p.label.as_str())).collect();
    let body = html! {
        @for (k, day) in forecast.days.iter().enumerate() {
            tr {
                th.date scope="row" { (day) }
                @for number in &shown { td.number { (both_intervals(&read(number)[k], &number.measure)) } }
            }
        }
    };
    if shown.is_empty() {
        html! {}
    } else {
        table::boxed(caption, &labels, &body)
    }
}

/// The part of the page.
pub(super) fn section(forecast: &Forecast, figures: &[Figure]) -> Markup {
    let last = forecast.days.last().map_or_else(String::new, |d| words::date(*d));
    html! {
        p {
            (words::grouped(forecast.draws)) " posterior draws go on from " (words::date(forecast.from)) " to " (last) ", each from its own \
             past. After the last day known the danger wanders on the log scale, further soldiers may be sent, and both come from stated \
             priors: the intervals widen with the distance. It is a forecast of the model, made to be scored against later claims."
        }
        (page::figure(figures, figure::forecast::NAME))
        (by_month("What each month adds: median, 50 % and 90 % predictive interval", forecast, &forecast.world, |p| &p.within))
        details {
            summary { "Totals and levels at the end of each month" }
            (by_month("Since the first day, and levels: median, 50 % and 90 % predictive interval", forecast, &forecast.world, |p| &p.until))
        }
        @for told in &forecast.told {
            details {
                summary { (told.group) ": what they would print" }
                (by_month("Totals and levels that would be printed", forecast, &told.numbers, |p| &p.until))
                (by_month("Reports of each month", forecast, &told.numbers, |p| &p.within))
            }
        }
    }
}
