//! Effective sample size and Monte-Carlo error of draws that share ancestors.

use crate::bank::{Population, Source};
use crate::output::{quantile, weighted_mean};
use std::collections::BTreeMap;

/// Groups of draws can measure an error if they count as this many: relative error of a standard error 18 %.
const ENOUGH_GROUPS: f64 = 15.0;

/// Kish's effective size `(sum w)^2 / sum w^2` after adding up the weights of equal keys; 0 where all weights are 0.
#[must_use]
pub fn effective_size<K: Ord>(keys: impl Iterator<Item = K>, weights: &[f64]) -> f64 {
    let mut sums: BTreeMap<K, f64> = BTreeMap::new();
    for (key, weight) in keys.zip(weights) {
        *sums.entry(key).or_insert(0.0) += weight;
    }
    let total: f64 = sums.values().sum();
    let squares: f64 = sums.values().map(|w| w * w).sum();
    if squares > 0.0 { total * total / squares } else { 0.0 }
}

/// Which draws descend from one ancestor: draws of different families are as good as independent.
///
/// There is one grouping for each generation: chains, their starts, the starts of those, and so on, as far back as enough
/// families are left (Lee & Whiteley 2018 go back to the first). Chains that mix well err alike under each; where they do
/// not, the older generations know of errors that the younger have inherited. The largest error counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Lineage {
    generations: Vec<Vec<u32>>,
}

impl Lineage {
    /// Lineage of draws that share nothing.
    #[must_use]
    pub fn independent(draws: usize) -> Self {
        Self { generations: vec![(0_u32..).take(draws).collect()] }
    }

    /// Lineage of the last population's draws with their weights.
    pub(crate) fn of_chains(populations: &[Population], weights: &[f64]) -> Self {
        let Some(last) = populations.last() else {
            return Self::independent(0);
        };
        let mut levels = vec![last.chains.clone()];
        let mut ancestors: Vec<u32> = (0_u32..).take(last.members.len()).collect();
        for population in populations[1..].iter().rev() {
            ancestors = ancestors.iter().map(|i| population.parents[*i as usize]).collect();
            levels.push(ancestors.clone());
            if population.parents_are == Source::Importance {
                break;
            }
        }
        let enough = |level: &Vec<u32>| effective_size(level.iter().copied(), weights) >= ENOUGH_GROUPS;
        let youngest = levels[0].clone();
        levels.retain(enough);
        Self { generations: if levels.is_empty() { vec![youngest] } else { levels } }
    }

    /// Monte-Carlo standard error of the weighted mean of `values`; weights sum to 1. NaN where there is no weight.
    #[must_use]
    pub fn standard_error(&self, weights: &[f64], values: &[f64]) -> f64 {
        self.generations.iter().map(|groups| between_groups(groups, weights, values)).fold(f64::NAN, f64::max)
    }

    /// Effective sample size for the weighted mean of `values`: independent draws that would err as much. Constant values
    /// give the effective number of groups.
    #[must_use]
    pub fn ess(&self, weights: &[f64], values: &[f64]) -> f64 {
        let mean = weighted_mean(weights, values);
        let variance: f64 = weights.iter().zip(values).map(|(w, x)| w * (x - mean) * (x - mean)).sum();
        let error = self.standard_error(weights, values);
        if variance > 0.0 && error > 0.0 {
            variance / (error * error)
        } else {
            let size = |groups: &Vec<u32>| effective_size(groups.iter().copied(), weights);
            self.generations.iter().map(size).fold(0.0, f64::max)
        }
    }

    /// Monte-Carlo standard error of the quantile at `p`: half the distance of the quantiles one standard error of the
    /// distribution function below and above (Woodruff 1952).
    #[must_use]
    pub fn quantile_error(&self, weights: &[f64], values: &[f64], p: f64) -> f64 {
        let Some(at) = quantile(weights, values, p) else { return f64::NAN };
        let below: Vec<f64> = values.iter().map(|x| if *x <= at { 1.0 } else { 0.0 }).collect();
        let error = self.standard_error(weights, &below);
        let end = |p: f64| quantile(weights, values, p.clamp(0.0, 1.0)).unwrap_or(f64::NAN);
        0.5 * (end(p + error) - end(p - error))
    }
}

/// Standard error of a weighted mean from the spread between groups.
fn between_groups(groups: &[u32], weights: &[f64], values: &[f64]) -> f64 {
    let mean = weighted_mean(weights, values);
    let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
    for ((group, weight), value) in groups.iter().zip(weights).zip(values) {
        *sums.entry(*group).or_insert(0.0) += weight * (value - mean);
    }
    let size = effective_size(groups.iter().copied(), weights);
    if size <= 1.0 {
        return f64::NAN;
    }
    (sums.values().map(|s| s * s).sum::<f64>() * size / (size - 1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::math;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    #[test]
    fn equal_rows_count_once() {
        assert!((effective_size([0, 1, 2, 3].into_iter(), &[0.25; 4]) - 4.0).abs() < 1e-12);
        assert!((effective_size([7, 7, 8, 8].into_iter(), &[0.25; 4]) - 2.0).abs() < 1e-12);
        assert!(effective_size([0, 1].into_iter(), &[0.0; 2]).abs() < 1e-12);
    }

    /// 400 ancestors with 5 descendants each that are the same draw: the error is that of 400 draws, not of 2,000.
    #[test]
    fn descendants_that_never_moved_are_one_draw() {
        let draws = Draws::new(Seed(3), Purpose::Test);
        let n = 2_000_u32;
        let parents: Vec<u32> = (0..n).map(|i| i / 5).collect();
        let prior = Population {
            temperature: 0.0,
            ln_evidence: 0.0,
            members: (0..400).collect(),
            chains: (0..400).collect(),
            positions: vec![0; 400],
            parents: Vec::new(),
            parents_are: Source::Chains,
        };
        let last = Population {
            temperature: 1.0,
            ln_evidence: 0.0,
            members: parents.clone(),
            chains: (0..n).collect(),
            positions: vec![0; n as usize],
            parents: parents.clone(),
            parents_are: Source::Chains,
        };
        let weights = vec![1.0 / f64::from(n); n as usize];
        let lineage = Lineage::of_chains(&[prior, last], &weights);
        let values: Vec<f64> = parents.iter().map(|p| math::normal_quantile(draws.uniform(u64::from(*p), 0))).collect();
        let ess = lineage.ess(&weights, &values);
        // Sum of 400 squared normals over its mean: the ratio is 1 with sd sqrt(2/400); 4 of them.
        assert!((ess / 400.0 - 1.0).abs() < 4.0 * (2.0_f64 / 400.0).sqrt(), "{ess}");
        // A median of n normal draws errs by sqrt(pi / 2n); the estimate itself by about n^(-1/4): a factor of 2 is 3 of them.
        let error = lineage.quantile_error(&weights, &values, 0.5) / (std::f64::consts::PI / 800.0).sqrt();
        assert!((0.5..2.0).contains(&error), "{error}");
    }
}
