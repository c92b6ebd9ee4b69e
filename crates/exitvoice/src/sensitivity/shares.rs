//! Shares of variance: how much of an output's variance goes when one parameter is known (first order), and how much stays when all
//! others are (total order). Estimators of Saltelli et al. (2010) and Jansen (1999), bootstrap over base points.

use crate::sweep::design;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use serde::Serialize;

/// Resamplings behind an interval.
const BOOTSTRAP: u32 = 400;

/// A share with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// Estimate; the estimators are unbiased, so small shares can come out below 0.
    pub value: f64,
    /// Bootstrap quantile at 2.5 %.
    pub low: f64,
    /// At 97.5 %.
    pub high: f64,
}

/// Both shares of one parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Shares {
    /// Of the variance of the mean output, what goes when the parameter is known.
    pub first: Share,
    /// What stays when every other parameter is known: 0 means that it can be fixed.
    pub total: Share,
}

/// `base x (dimensions + 2)` points: all of A, all of B, then for each dimension A with that column from B.
///
/// # Panics
/// More dimensions than half of what the Sobol sequence has, and no seed can help: the caller then uses [`design::latin_hypercube`].
#[must_use]
pub fn saltelli_points(base: u32, dimensions: usize, seed: Seed) -> Vec<Vec<f64>> {
    let both = if 2 * dimensions <= design::MOST_SOBOL {
        design::sobol(base, 2 * dimensions, seed)
    } else {
        design::latin_hypercube(base, 2 * dimensions, seed)
    };
    let a: Vec<Vec<f64>> = both.iter().map(|p| p[..dimensions].to_vec()).collect();
    let b: Vec<Vec<f64>> = both.iter().map(|p| p[dimensions..].to_vec()).collect();
    let mut points = a.clone();
    points.extend(b.iter().cloned());
    for dimension in 0..dimensions {
        points.extend(a.iter().zip(&b).map(|(a, b)| {
            let mut mixed = a.clone();
            mixed[dimension] = b[dimension];
            mixed
        }));
    }
    points
}

/// Shares of every dimension from the outputs at the points of [`saltelli_points`]; `None` where the output does not vary.
#[must_use]
pub fn sobol(base: u32, dimensions: usize, outputs: &[f64], seed: Seed) -> Option<Vec<Shares>> {
    let n = base as usize;
    let (a, rest) = outputs.split_at(n);
    let (b, mixed) = rest.split_at(n);
    let every: Vec<usize> = (0..n).collect();
    let estimate = |rows: &[usize], dimension: usize| {
        let mixed = &mixed[dimension * n..(dimension + 1) * n];
        shares(rows, a, b, mixed)
    };
    let draws = Draws::new(seed, Purpose::Bootstrap);
    let resampled: Vec<Vec<usize>> = (0..BOOTSTRAP)
        .map(|r| (0..n).map(|i| (draws.uniform(u64::from(r), i as u64) * n as f64) as usize).collect())
        .collect();
    (0..dimensions)
        .map(|dimension| {
            let (first, total) = estimate(&every, dimension)?;
            let again: Vec<(f64, f64)> = resampled.iter().filter_map(|rows| estimate(rows, dimension)).collect();
            let firsts = again.iter().map(|s| s.0).collect();
            let totals = again.iter().map(|s| s.1).collect();
            Some(Shares { first: with_interval(first, firsts), total: with_interval(total, totals) })
        })
        .collect()
}

fn shares(rows: &[usize], a: &[f64], b: &[f64], mixed: &[f64]) -> Option<(f64, f64)> {
    let n = rows.len() as f64;
    let both = || rows.iter().flat_map(|i| [a[*i], b[*i]]);
    let mean = both().sum::<f64>() / (2.0 * n);
    let variance = both().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (2.0 * n);
    // What does not vary beyond rounding has no shares.
    if variance <= f64::EPSILON * mean * mean {
        return None;
    }
    let first = rows.iter().map(|i| (b[*i] - mean) * (mixed[*i] - a[*i])).sum::<f64>() / n;
    let total = rows.iter().map(|i| (a[*i] - mixed[*i]) * (a[*i] - mixed[*i])).sum::<f64>() / (2.0 * n);
    Some((first / variance, total / variance))
}

fn with_interval(value: f64, mut again: Vec<f64>) -> Share {
    again.sort_by(f64::total_cmp);
    let at = |p: f64| again.get(((again.len() as f64 - 1.0) * p).round() as usize).copied().unwrap_or(value);
    Share { value, low: at(0.025), high: at(0.975) }
}
