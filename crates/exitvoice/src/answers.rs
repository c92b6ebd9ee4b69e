//! Answers of a run: numbers read off trajectories, and their quantiles over weighted draws.

use crate::deployment::Replicate;
use crate::report::{Bands, Measure, Quantiles};
use exitvoice_core::time::Day;
use exitvoice_infer::output::{Summary, quantiles};
use exitvoice_record::{DepartureKind, STATUSES, Toll, Trajectory};

/// What is kept of a deployment while answers are computed.
#[derive(Clone, Debug)]
pub struct Truth {
    /// Daily counts.
    pub trajectory: Trajectory,
    /// Heads by status at the end of each day; a force has at most 2^20 soldiers.
    pub heads: Vec<[u32; STATUSES.len()]>,
}

/// One number read off a deployment.
pub struct Quantity {
    /// Name in tables and JSON.
    pub name: &'static str,
    /// Name of the column that holds it where the truth is known.
    pub column: &'static str,
    /// Plain words; the date is added by the report.
    pub label: &'static str,
    /// What it counts.
    pub measure: Measure,
    /// What an answer after the claims rests on that no claim can tell.
    pub rests_on: Option<&'static str>,
    /// Reads it; NaN where it is not defined: a share of nothing.
    pub read: fn(&Trajectory) -> f64,
}

fn total(column: &[i32]) -> f64 {
    column.iter().fold(0.0, |sum, x| sum + f64::from(*x))
}

/// Claims of casualties and killed are compared up to the error that all third parties share.
const COMMON_LEVEL: &str = "up to the common level of the third parties, which is assumed";
/// Nobody is known to have arrived; that nobody was announced is what speaks.
const SILENCE: &str = "by the assumed prior and the reading of silence";

/// Every quantity, most important first.
pub const QUANTITIES: &[Quantity] = &[
    Quantity {
        name: "desertions_total",
        column: "true_desertions_total",
        label: "Soldiers who deserted and reached the other side or a third party",
        measure: Measure::Persons,
        rests_on: Some(SILENCE),
        read: |t| total(&t.reached),
    },
    Quantity {
        name: "attempts_total",
        column: "true_attempts_total",
        label: "Attempts to desert, whatever became of them (a soldier can try again)",
        measure: Measure::Incidents,
        rests_on: Some(SILENCE),
        read: |t| total(&t.attempted),
    },
    Quantity {
        name: "casualties_total",
        column: "true_casualties_total",
        label: "Casualty incidents (killed or wounded, each once)",
        measure: Measure::Incidents,
        rests_on: Some(COMMON_LEVEL),
        read: |t| total(&t.incidents),
    },
    Quantity {
        name: "killed_total",
        column: "true_killed_total",
        label: "Killed",
        measure: Measure::Persons,
        rests_on: Some(COMMON_LEVEL),
        read: |t| total(&t.killed),
    },
    Quantity {
        name: "killed_share",
        column: "true_killed_share",
        label: "Killed as a share of casualty incidents",
        measure: Measure::Share,
        rests_on: None,
        read: |t| if total(&t.incidents) > 0.0 { total(&t.killed) / total(&t.incidents) } else { f64::NAN },
    },
    Quantity {
        name: "prisoners_alive",
        column: "true_prisoners_alive",
        label: "Prisoners alive in custody",
        measure: Measure::Persons,
        rests_on: None,
        read: |t| total(&t.custody),
    },
    Quantity {
        name: "absences_total",
        column: "true_absences_total",
        label: "Absences from the post meant to end, each soldier each time",
        measure: Measure::Incidents,
        rests_on: None,
        read: |t| {
            t.departures.iter().filter(|d| d.kind == DepartureKind::Absence).fold(0.0, |sum, d| sum + f64::from(d.size))
        },
    },
    Quantity {
        name: "sent_total",
        column: "true_sent_total",
        label: "Soldiers sent",
        measure: Measure::Persons,
        rests_on: None,
        read: |t| total(&t.sent),
    },
];

/// What control costs those who do not leave. It stands beside the exits wherever replicates are compared; no claim speaks of it, so no
/// inference answers it.
pub struct Cost {
    /// Name in tables and JSON.
    pub name: &'static str,
    /// Name of the column that holds it where the truth is known.
    pub column: &'static str,
    /// Plain words.
    pub label: &'static str,
    /// Reads it, in persons.
    pub read: fn(&Toll) -> u32,
}

/// Every such number.
pub const COSTS: &[Cost] = &[
    Cost {
        name: "kin_punished_total",
        column: "true_kin_punished_total",
        label: "Relatives at home who were penalised for what a soldier did",
        read: |t| t.kin_punished,
    },
    Cost {
        name: "innocents_hit_total",
        column: "true_innocents_hit_total",
        label: "Soldiers warned, moved or arrested who had planned nothing",
        read: |t| t.innocents_hit,
    },
];

/// A number that is read off a whole replicate.
#[derive(Clone, Copy)]
pub enum Measured {
    /// One that claims can speak of.
    Quantity(&'static Quantity),
    /// One that stands beside the exits.
    Cost(&'static Cost),
}

/// Exits come first in [`QUANTITIES`].
const EXITS: usize = 2;

impl Measured {
    /// Exits, and what stands beside them.
    pub fn first() -> impl Iterator<Item = Self> + Clone {
        Self::all().take(EXITS + COSTS.len())
    }

    /// Everything that is compared between replicates: exits, what stands beside them, the rest.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let (exits, rest) = QUANTITIES.split_at(EXITS);
        exits.iter().map(Self::Quantity).chain(COSTS.iter().map(Self::Cost)).chain(rest.iter().map(Self::Quantity))
    }

    /// Name in tables and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quantity(q) => q.name,
            Self::Cost(c) => c.name,
        }
    }

    /// Name of the column that holds it.
    #[must_use]
    pub const fn column(self) -> &'static str {
        match self {
            Self::Quantity(q) => q.column,
            Self::Cost(c) => c.column,
        }
    }

    /// Plain words.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Quantity(q) => q.label,
            Self::Cost(c) => c.label,
        }
    }

    /// What it counts.
    #[must_use]
    pub fn measure(self) -> Measure {
        match self {
            Self::Quantity(q) => q.measure.clone(),
            Self::Cost(_) => Measure::Persons,
        }
    }

    /// Its value in a replicate; NaN where it is not defined there.
    #[must_use]
    pub fn of(self, replicate: &Replicate) -> f64 {
        match self {
            Self::Quantity(q) => (q.read)(&replicate.trajectory),
            Self::Cost(c) => f64::from((c.read)(&replicate.toll)),
        }
    }
}

/// Arithmetic mean; NaN of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Unbiased variance; `None` of fewer than two values.
#[must_use]
pub fn variance(values: &[f64]) -> Option<f64> {
    let middle = mean(values);
    (values.len() > 1)
        .then(|| values.iter().map(|x| (x - middle) * (x - middle)).sum::<f64>() / (values.len() - 1) as f64)
}

/// A number that may be undefined.
#[must_use]
pub fn defined(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

/// The weights, and the values that are defined; a value that is not gets no weight, and the sum of weights stays what it was. `None` where less
/// than half of the weight is on values that are defined: a share of casualties is no answer where there probably were none.
#[must_use]
pub fn where_defined(weights: &[f64], values: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let kept = |(w, x): (&f64, &f64)| defined(*x).map_or((0.0, 0.0), |x| (*w, x));
    let (mut kept, values): (Vec<f64>, Vec<f64>) = weights.iter().zip(values).map(kept).unzip();
    let (before, after) = (weights.iter().sum::<f64>(), kept.iter().sum::<f64>());
    if after < 0.5 * before {
        return None;
    }
    if after < before {
        kept.iter_mut().for_each(|w| *w *= before / after);
    }
    Some((kept, values))
}

/// Quantiles of weighted values [where they are defined](where_defined); `None` where they are not, or nothing has weight.
#[must_use]
pub fn summarise(weights: &[f64], values: &[f64]) -> Option<Quantiles> {
    let (weights, values) = where_defined(weights, values)?;
    Summary::of(&weights, &values).map(|s| Quantiles {
        q025: s.q025,
        q05: s.q05,
        q25: s.q25,
        q50: s.q50,
        q75: s.q75,
        q95: s.q95,
        q975: s.q975,
        mean: s.mean,
    })
}

/// Quantiles by day of weighted series, each with one value a day; `None` where nothing has weight.
#[must_use]
pub fn bands(weights: &[f64], days: usize, value: impl Fn(usize, usize) -> f64) -> Option<Bands> {
    let mut out = Bands { q05: vec![], q25: vec![], q50: vec![], q75: vec![], q95: vec![] };
    let mut values = vec![0.0; weights.len()];
    for day in 0..days {
        for (draw, slot) in values.iter_mut().enumerate() {
            *slot = value(draw, day);
        }
        let [q05, q25, q50, q75, q95] = quantiles(weights, &values, [0.05, 0.25, 0.5, 0.75, 0.95])?;
        out.q05.push(q05);
        out.q25.push(q25);
        out.q50.push(q50);
        out.q75.push(q75);
        out.q95.push(q95);
    }
    Some(out)
}

/// Running sum of daily increments.
#[must_use]
pub fn running(column: &[i32]) -> Vec<f64> {
    let mut sum = 0.0;
    column
        .iter()
        .map(|x| {
            sum += f64::from(*x);
            sum
        })
        .collect()
}

/// Days of a deployment, first to last.
#[must_use]
pub fn days(first: Day, count: u32) -> Vec<Day> {
    (0..count as i32).map(|d| first + d).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Probability;

    #[test]
    fn a_share_of_no_casualties_is_no_number_and_weighs_nothing() {
        let read = QUANTITIES.iter().find(|q| q.name == "killed_share").expect("one of them").read;
        let with = |incidents: i32, killed: i32| {
            let mut t = Trajectory::quiet(Day(0), 1, Probability::clamped(0.0));
            (t.incidents[0], t.killed[0]) = (incidents, killed);
            read(&t)
        };
        let values = [with(0, 0), with(4, 1), with(4, 3)];
        assert!(values[0].is_nan());
        let found = summarise(&[0.5, 0.25, 0.25], &values).expect("two are defined");
        assert_eq!((found.mean, found.q05, found.q95), (0.5, 0.25, 0.75));
        assert_eq!(where_defined(&[0.5, 0.25, 0.25], &values), Some((vec![0.0, 0.5, 0.5], vec![0.0, 0.25, 0.75])));
        assert!(summarise(&[1.0], &values[..1]).is_none(), "defined nowhere");
        assert!(summarise(&[0.6, 0.2, 0.2], &values).is_none(), "probably undefined");
    }

    #[test]
    fn kin_punished_and_innocents_hit_stand_right_after_the_exits_and_names_stand_once() {
        let names: Vec<&str> = Measured::all().map(Measured::name).collect();
        assert_eq!(names[..4], ["desertions_total", "attempts_total", "kin_punished_total", "innocents_hit_total"]);
        assert_eq!(names.len(), QUANTITIES.len() + COSTS.len());
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), names.len(), "{names:?}");
    }
}
