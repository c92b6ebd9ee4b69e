//! How much of an answer is that of the one country drawn: a part of the page of a run and of a comparison.

use super::comparison::{TOLD, between, plain, signed};
use super::data::Measure;
use super::words::NBSP;
use super::{table, words};
use crate::answers::Measured;
use crate::societies::{Found, Spread};
use maud::{Markup, html};

/// What the numbers are: they are read off replicates, or are differences between two scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Of a run.
    Values,
    /// B minus A of a comparison.
    Differences,
}

impl Of {
    /// A mean and the ends of its interval, with the digits that tell them apart.
    fn mean(self, spread: &Spread, measure: &Measure) -> [String; 2] {
        let (mean, ends) = (spread.mean, [spread.mean_low, spread.mean_high]);
        match self {
            Self::Values => {
                let [low, high] = words::told_apart(ends, measure);
                let [mean, _] = words::told_apart([mean, ends[1]], measure);
                [mean, format!("{low} to {high}")]
            }
            Self::Differences => [signed(mean, measure), between(ends[0], ends[1], measure)],
        }
    }

    /// A standard deviation, which has no sign.
    fn deviation(x: Option<f64>, measure: &Measure) -> String {
        x.map_or_else(|| "none".to_owned(), |x| plain(x, measure))
    }
}

fn share(spread: &Spread) -> Option<String> {
    let [middle, low, high] = [spread.share_between?, spread.share_low?, spread.share_high?].map(words::percent);
    Some(format!("{middle} ({low} to {high})"))
}

/// Sentences of the terminal on exits and what stands beside them.
#[must_use]
pub fn sentences(found: &Found, of: Of) -> Vec<String> {
    let told = Measured::all().filter(|m| TOLD.contains(&m.name())).filter_map(|m| {
        let (spread, measure) = (found.spread.get(m.name())?, m.measure());
        let what = if of == Of::Differences { ", B - A" } else { "" };
        let at = if of == Of::Values { ", at the values of the scenario" } else { "" };
        let shared = match share(spread) {
            Some(share) => format!("{share} of the variance of a single deployment is between countries"),
            None if spread.sd_within.is_none() => {
                "with one replicate in each, luck and country are not told apart".to_owned()
            }
            None if spread.mean.abs() < f64::MIN_POSITIVE => {
                format!(
                    "none in any of {} deployments, which leaves a small mean open",
                    found.seeds.len() as u32 * found.replicates
                )
            }
            None => "it is the same in all of them".to_owned(),
        };
        let [mean, interval] = of.mean(spread, &measure);
        Some(format!(
            "{}{what}: mean {mean} over {} countries{at} (95 % interval {interval}); {shared}.",
            m.label(),
            spread.societies,
        ))
    });
    told.map(|line| line.replace(NBSP, " ")).collect()
}

/// The part of the page.
pub(super) fn section(found: &Found, of: Of) -> Markup {
    html! {
        p {
            "Everything else on this page is about one synthetic country. Here the same scenario was simulated in "
            (found.seeds.len()) " countries of different seeds, " (words::grouped(u64::from(found.replicates))) " replicates in each, at the \
             values of the scenario: no claim enters these numbers. The interval of the mean covers the draw of the country as well as luck; it does not cover doubt about the parameters. \
             The share says how much of the variance of a single deployment comes from which country it is drawn in."
        }
        (rows(found, of))
        p.note { "Seeds: " @for (i, seed) in found.seeds.iter().enumerate() { @if i > 0 { ", " } code { (seed) } } ". Each is a country that " code { "--seed" } " builds again; table " code { "societies" } " has every mean." }
    }
}

fn rows(found: &Found, of: Of) -> Markup {
    let body = html! {
        @for (m, measure) in Measured::all().map(|m| (m, m.measure())) {
            @if let Some(spread) = found.spread.get(m.name()) {
                @let [mean, interval] = of.mean(spread, &measure);
                tr {
                    th.name scope="row" { (m.label()) br; span.soft { (words::unit(&measure)) } }
                    td.number { b { (mean) } br; span.soft { (interval) } }
                    td.number { (Of::deviation(spread.sd_within, &measure)) }
                    td.number { (Of::deviation(spread.sd_between, &measure)) }
                    td.number { (share(spread).unwrap_or_else(|| "none".to_owned())) }
                }
            }
        }
    };
    let head =
        ["Quantity", "Mean over countries, 95 %", "sd within a country", "sd between countries", "Share between, 95 %"];
    let title = if of == Of::Differences {
        "Differences B - A in several countries"
    } else {
        "The same scenario in several countries"
    };
    table::boxed(title, &head, &body)
}
