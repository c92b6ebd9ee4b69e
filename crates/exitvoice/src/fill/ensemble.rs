//! Series of the force and its running totals, with bands over draws.

use crate::answers::{Measured, Truth, bands, days, running, summarise};
use crate::deployment::Replicate;
use crate::report::{Answer, Bands, Force, Measure, StatusSeries, Total, Totals};
use exitvoice_core::time::Day;
use exitvoice_record::{STATUSES, Status, Trajectory};

/// Deployments with weights.
#[derive(Clone, Copy, Debug)]
pub struct Weighted<'a> {
    /// The deployments.
    pub truths: &'a [&'a Truth],
    /// Their weights, of any positive sum.
    pub weights: &'a [f64],
}

/// Panels: the statuses whose heads are counted together, and plain words; panels that stay empty are left out by the caller's data.
const SHOWN: [(&[Status], &str); 9] = [
    (&[Status::Present], "With the unit"),
    (&[Status::WoundedAway], "Wounded and away"),
    (&[Status::Killed], "Killed"),
    // What the claims count: whoever is in custody, however he came there.
    (&[Status::Captured, Status::Surrendered], "Prisoners alive"),
    (&[Status::Absent], "Absent"),
    (&[Status::Leaving], "Leaving"),
    (&[Status::Deserted], "Deserted"),
    (&[Status::Caught], "Caught while leaving"),
    (&[Status::Arrested], "Arrested"),
];

/// Passing states read off the attempts that a replicate happened to have; the likelihood integrates over these, so after the claims they
/// are not known from the replicates. Of deserters the claims say when they left no better than to the month: they are told as a total and
/// by month, never by day.
const NOT_GIVEN: [Status; 5] = [Status::Absent, Status::Leaving, Status::Caught, Status::Arrested, Status::Deserted];

/// Heads by status over time, the posterior only of what the claims speak of. A status that nobody has in any draw is left out.
#[must_use]
pub fn force(first: Day, prior: Weighted<'_>, posterior: Option<Weighted<'_>>) -> Force {
    let count = prior.truths.first().map_or(0, |t| t.heads.len());
    let of = |side: Weighted<'_>, panel: &[Status]| -> Option<Bands> {
        let heads =
            |draw: usize, day: usize| panel.iter().map(|s| side.truths[draw].heads[day][*s as usize]).sum::<u32>();
        bands(side.weights, count, |draw, day| f64::from(heads(draw, day)))
    };
    let mut statuses = Vec::new();
    for (panel, label) in SHOWN {
        let somebody = |t: &&Truth| t.heads.iter().any(|h| panel.iter().any(|s| h[*s as usize] > 0));
        let anybody = |side: &Weighted<'_>| side.truths.iter().any(somebody);
        if !anybody(&prior) && !posterior.as_ref().is_some_and(anybody) {
            continue;
        }
        let Some(before) = of(prior, panel) else { continue };
        statuses.push(StatusSeries {
            name: panel.iter().map(|s| STATUSES[*s as usize].1).collect::<Vec<_>>().join("_and_"),
            label: label.to_owned(),
            prior: before,
            posterior: posterior
                .filter(|_| !panel.iter().any(|s| NOT_GIVEN.contains(s)))
                .and_then(|side| of(side, panel)),
        });
    }
    Force { days: days(first, count as u32), statuses }
}

/// Exits and what control costs those who do not leave, over replicates of equal weight.
#[must_use]
pub fn exits(replicates: &[Replicate]) -> Vec<Answer> {
    let even = vec![1.0; replicates.len()];
    let answer = |m: Measured| {
        let values: Vec<f64> = replicates.iter().map(|replicate| m.of(replicate)).collect();
        Some(Answer {
            name: m.name().to_owned(),
            label: m.label().to_owned(),
            measure: m.measure(),
            prior: summarise(&even, &values)?,
            posterior: None,
            verdict: None,
            rests_on: None,
        })
    };
    Measured::first().filter_map(answer).collect()
}

/// Running totals that claims are set against.
#[must_use]
pub fn totals_of(first: Day, prior: Weighted<'_>, posterior: Option<Weighted<'_>>) -> Totals {
    type Series = (&'static str, &'static str, Measure, fn(&Trajectory) -> &[i32]);
    const SERIES: [Series; 2] = [
        ("casualties", "Casualty incidents since day 0", Measure::Incidents, |t| &t.incidents),
        ("killed", "Killed since day 0", Measure::Persons, |t| &t.killed),
    ];
    let count = prior.truths.first().map_or(0, |t| t.heads.len());
    let of = |side: Weighted<'_>, column: fn(&Trajectory) -> &[i32]| -> Option<Bands> {
        let sums: Vec<Vec<f64>> = side.truths.iter().map(|t| running(column(&t.trajectory))).collect();
        bands(side.weights, count, |draw, day| sums[draw][day])
    };
    let series = SERIES
        .into_iter()
        .filter_map(|(name, label, measure, column)| {
            Some(Total {
                name: name.to_owned(),
                label: label.to_owned(),
                measure,
                prior: of(prior, column)?,
                posterior: posterior.and_then(|side| of(side, column)),
            })
        })
        .collect();
    Totals { days: days(first, count as u32), series }
}

/// A running total with its bands over deployments.
#[derive(Clone, Debug)]
pub struct Path {
    /// Name in tables.
    pub name: String,
    /// Plain words.
    pub label: String,
    /// By day.
    pub bands: Bands,
}

/// Running totals that two scenarios are compared in, with their days.
#[must_use]
pub fn paths_of(first: Day, side: Weighted<'_>) -> (Vec<Day>, Vec<Path>) {
    type Series = (&'static str, &'static str, fn(&Trajectory) -> &[i32]);
    const SERIES: [Series; 4] = [
        ("attempts", "Attempts since day 0", |t| &t.attempted),
        ("desertions", "Desertions since day 0", |t| &t.reached),
        ("casualties", "Casualty incidents since day 0", |t| &t.incidents),
        ("killed", "Killed since day 0", |t| &t.killed),
    ];
    let count = side.truths.first().map_or(0, |t| t.heads.len());
    let path = |(name, label, column): Series| {
        let sums: Vec<Vec<f64>> = side.truths.iter().map(|t| running(column(&t.trajectory))).collect();
        let bands = bands(side.weights, count, |draw, day| sums[draw][day])?;
        Some(Path { name: name.to_owned(), label: label.to_owned(), bands })
    };
    (days(first, count as u32), SERIES.into_iter().filter_map(path).collect())
}
