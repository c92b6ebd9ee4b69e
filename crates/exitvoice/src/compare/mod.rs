//! Two scenarios under common draws: what differs between them, replicate by replicate.
//!
//! A replicate of the one and the replicate of the same number of the other share their seed, so the same life meets the same luck in
//! both, and most of the luck cancels in the difference. [`paired`] says how much of it did.

mod rates;
pub mod shapley;

pub use rates::{Cell, CellRate, FEWEST, MEASURES, Rate, Strata, Tallies, Tally, rates};

use crate::answers::{Measured, defined, mean, summarise, variance};
use crate::deployment::Replicate;
use crate::scenario::Scenario;
use exitvoice_core::math;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Quantiles over replicates of B minus A, and the mean difference with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Of single replicates, at 5 %.
    pub q05: f64,
    /// Median.
    pub q50: f64,
    /// At 95 %.
    pub q95: f64,
    /// Mean over replicates: the answer.
    pub mean: f64,
    /// Lower end of the mean's 95 % interval (Student's t over replicates; the country is given).
    pub mean_low: f64,
    /// Upper end.
    pub mean_high: f64,
    /// Standard error of the mean.
    pub standard_error: f64,
}

/// A quantity in both scenarios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Means {
    /// Mean over replicates in A.
    pub a: f64,
    /// Mean in B.
    pub b: f64,
    /// Replicates in which both are defined; means and differences are over these. 0 in results of earlier programs.
    #[serde(default)]
    pub replicates: u32,
}

/// What common draws were worth for one quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairing {
    /// Variance of the paired difference over the variance of an unpaired one; null where nothing varies.
    pub variance_ratio: Option<f64>,
    /// The least possible for rare independent events, |r - 1| / (r + 1) with r the ratio of means; null where a mean is 0.
    pub independent_bound: Option<f64>,
    /// Replicates that an unpaired comparison would need beyond these for the same standard error; null where that has no limit.
    pub replicates_saved: Option<f64>,
}

/// One quantity compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// B minus A.
    pub difference: Difference,
    /// Both means.
    pub means: Means,
    /// What pairing was worth.
    pub pairing: Pairing,
}

/// Compares the values of a quantity in the replicates of A and of B, in the same order, where both are defined. `None` with fewer than two
/// such replicates.
#[must_use]
pub fn paired(a: &[f64], b: &[f64]) -> Option<Paired> {
    let both = |(a, b): (&f64, &f64)| Some((defined(*a)?, defined(*b)?));
    let (a, b): (Vec<f64>, Vec<f64>) = a.iter().zip(b).filter_map(both).unzip();
    let (a, b, n) = (a.as_slice(), b.as_slice(), a.len());
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
    let (var_a, var_b, variance) = (variance(a)?, variance(b)?, variance(&differences)?);
    let [mean_a, mean_b, mean] = [a, b, &differences].map(mean);
    let quantiles = summarise(&vec![1.0; n], &differences)?;
    let standard_error = (variance / n as f64).sqrt();
    let half = student_quantile(0.975, (n - 1) as f64) * standard_error;
    let unpaired = var_a + var_b;
    let variance_ratio = (unpaired > 0.0).then(|| variance / unpaired);
    Some(Paired {
        difference: Difference {
            q05: quantiles.q05,
            q50: quantiles.q50,
            q95: quantiles.q95,
            mean,
            mean_low: mean - half,
            mean_high: mean + half,
            standard_error,
        },
        means: Means { a: mean_a, b: mean_b, replicates: n as u32 },
        pairing: Pairing {
            variance_ratio,
            independent_bound: (mean_a > 0.0 && mean_b > 0.0)
                .then(|| (mean_b / mean_a - 1.0).abs() / (mean_b / mean_a + 1.0)),
            replicates_saved: variance_ratio.filter(|r| *r > 0.0).map(|r| saved(n as f64, r)),
        },
    })
}

/// Every number that is read off replicates and has two of them on both sides, in the same order.
#[must_use]
pub fn compared(a: &[Replicate], b: &[Replicate]) -> Vec<(Measured, Paired)> {
    let read = |side: &[Replicate], m: Measured| side.iter().map(|r| m.of(r)).collect::<Vec<f64>>();
    Measured::all().filter_map(|m| paired(&read(a, m), &read(b, m)).map(|p| (m, p))).collect()
}

/// One part of what was compared, by name of the number.
pub fn named<T>(found: &[(Measured, Paired)], read: impl Fn(&Paired) -> T) -> BTreeMap<String, T> {
    found.iter().map(|(measured, p)| (measured.name().to_owned(), read(p))).collect()
}

/// Values that differ between two scenarios: key, in A, in B.
#[must_use]
pub fn changed(a: &Scenario, b: &Scenario) -> Vec<[String; 3]> {
    let written = |s: &Scenario, key: &str| s.values.get(key).map_or_else(String::new, |v| v.as_written.clone());
    let differs = |key: &&String| {
        a.values.get(*key).map(|v| v.canonical.to_bits()) != b.values.get(*key).map(|v| v.canonical.to_bits())
    };
    a.values.keys().filter(differs).map(|key| [key.clone(), written(a, key), written(b, key)]).collect()
}

/// Replicates that an unpaired comparison would need beyond `n`; what rounding leaves of 0 is 0.
fn saved(n: f64, variance_ratio: f64) -> f64 {
    const ROUNDING: f64 = 1e-9;
    let saved = n * (1.0 / variance_ratio - 1.0);
    if saved.abs() < ROUNDING * n { 0.0 } else { saved }
}

/// Quantile of Student's t with `freedom` degrees of freedom at probability `p` in [.5, 1).
/// Upper tail = I_{v/(v+t^2)}(v/2, 1/2) / 2, with the regularised incomplete beta function.
#[must_use]
pub fn student_quantile(p: f64, freedom: f64) -> f64 {
    const FAR: f64 = 1e4;
    let below = |t: f64| 1.0 - 0.5 * math::beta_inc(freedom / 2.0, 0.5, freedom / (freedom + t * t));
    math::bisect(0.0, FAR, p, below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_with_an_undefined_side_are_left_out() {
        let found = paired(&[1.0, f64::NAN, 2.0, 3.0], &[2.0, 5.0, f64::NAN, 6.0]).expect("two are left");
        assert_eq!(Some(found), paired(&[1.0, 3.0], &[2.0, 6.0]));
        assert!(paired(&[1.0, f64::NAN], &[2.0, 5.0]).is_none());
    }

    #[test]
    fn student_quantiles_are_those_of_the_tables() {
        // Two-sided 95 %, any table: 12.706, 2.228, 1.984 (100 degrees).
        for (freedom, expected) in [(1.0, 12.706), (10.0, 2.228), (100.0, 1.984)] {
            let found = student_quantile(0.975, freedom);
            assert!((found - expected).abs() < 5e-4, "{freedom}: {found}");
        }
    }

    #[test]
    fn a_constant_shift_is_found_exactly_and_costs_no_variance() {
        let a = [1.0, 5.0, 2.0, 8.0];
        let found = paired(&a, &a.map(|x| x + 3.0)).expect("four replicates");
        assert_eq!((found.difference.mean, found.difference.mean_low, found.difference.mean_high), (3.0, 3.0, 3.0));
        assert_eq!(found.pairing.variance_ratio, Some(0.0));
        assert_eq!(found.pairing.replicates_saved, None, "no number of unpaired replicates would do");
        assert_eq!(found.means, Means { a: 4.0, b: 7.0, replicates: 4 });
    }

    #[test]
    fn opposite_luck_doubles_the_variance_and_unrelated_luck_keeps_it() {
        let opposite = paired(&[0.0, 1.0, 0.0, 1.0], &[1.0, 0.0, 1.0, 0.0]).expect("four");
        assert_eq!(opposite.pairing.variance_ratio, Some(2.0));
        let unrelated = paired(&[0.0, 0.0, 1.0, 1.0], &[0.0, 1.0, 0.0, 1.0]).expect("four");
        assert_eq!(unrelated.pairing.variance_ratio, Some(1.0));
        assert_eq!(unrelated.pairing.replicates_saved, Some(0.0));
    }

    #[test]
    fn what_cannot_be_said_is_missing() {
        assert_eq!(paired(&[1.0], &[1.0]), None);
        let nothing = paired(&[0.0, 0.0], &[0.0, 0.0]).expect("two");
        assert_eq!(nothing.pairing.variance_ratio, None);
        assert_eq!(nothing.pairing.independent_bound, None);
    }
}
