//! A mixture of t laws fitted to weighted points: follows several modes and bends, which one law cannot.
//!
//! Parts are found by expectation and maximisation (Dempster, Laird, Rubin 1977) from centres spread as in Arthur & Vassilvitskii (2007).
//! One part is the single law of all points: what the others miss is still reached. Few points allow no more than that one.

use super::kernel::systematic;
use super::law::Law;
use super::linear;
use exitvoice_core::math;
use exitvoice_core::rng::sample::categorical;

/// Effective points for each number of a part: means, variances, covariances.
const POINTS_PER_NUMBER: f64 = 4.0;
/// Most parts, the law of all points not counted.
const MOST_PARTS: usize = 32;
/// Points that parts are fitted to.
const SAMPLE: usize = 3_000;
/// Rounds of expectation and maximisation.
const ROUNDS: usize = 20;
/// Share of the law of all points.
const WHOLE: f64 = 0.1;
/// Step of a sequence that fills (0, 1) evenly: the golden ratio's fractional part.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// t laws with shares.
#[derive(Clone, Debug)]
pub(crate) struct Mixture {
    shares: Vec<f64>,
    ln_shares: Vec<f64>,
    parts: Vec<Law>,
}

impl Mixture {
    /// `whole` is fitted to all points, `rests_on` their effective number, `u` in (0, 1) resamples them. Weights sum to 1.
    pub(crate) fn fit(points: &[&[f64]], weights: &[f64], rests_on: f64, whole: &Law, u: f64) -> Self {
        let d = whole.mean.len();
        let numbers = 0.5 * (d * (d + 3)) as f64;
        let most = (rests_on / (POINTS_PER_NUMBER * numbers)) as usize;
        if most < 2 {
            return Self::single(whole.clone());
        }
        let count = SAMPLE.min(points.len());
        let sample: Vec<&[f64]> = systematic(weights, count, u).into_iter().map(|i| points[i]).collect();
        let each = rests_on.min(count as f64) / count as f64;
        let mut found = start(&sample, whole, most.min(MOST_PARTS), each, u);
        for _ in 0..ROUNDS {
            let mixture = Self::of(found);
            let belongs: Vec<Vec<f64>> = sample.iter().map(|x| mixture.memberships(x)).collect();
            found = (0..mixture.parts.len()).filter_map(|k| part(&sample, |i| belongs[i][k], each)).collect();
        }
        found.iter_mut().for_each(|(share, _)| *share *= 1.0 - WHOLE);
        found.push((WHOLE, whole.clone()));
        Self::of(found)
    }

    /// A single law.
    pub(crate) fn single(law: Law) -> Self {
        Self::of(vec![(1.0, law)])
    }

    fn of(parts: Vec<(f64, Law)>) -> Self {
        let total: f64 = parts.iter().map(|(share, _)| share).sum();
        let shares: Vec<f64> = parts.iter().map(|(share, _)| share / total).collect();
        Self {
            ln_shares: shares.iter().map(|s| math::ln(*s)).collect(),
            shares,
            parts: parts.into_iter().map(|(_, law)| law).collect(),
        }
    }

    /// The part of a draw, picked by one uniform.
    pub(crate) fn pick(&self, u: f64) -> &Law {
        &self.parts[categorical(u, &self.shares)]
    }

    /// Log density.
    pub(crate) fn ln_density(&self, x: &[f64]) -> f64 {
        if let [only] = self.parts.as_slice() {
            return only.ln_density(x);
        }
        math::ln_sum_exp(&self.ln_parts(x))
    }

    fn ln_parts(&self, x: &[f64]) -> Vec<f64> {
        self.ln_shares.iter().zip(&self.parts).map(|(share, law)| share + law.ln_density(x)).collect()
    }

    /// Probability of each part, given the point.
    fn memberships(&self, x: &[f64]) -> Vec<f64> {
        let all = self.ln_parts(x);
        let sum = math::ln_sum_exp(&all);
        all.iter().map(|l| math::exp(l - sum)).collect()
    }
}

/// Parts around `count` points that lie far from each other: each point belongs to the nearest.
fn start(sample: &[&[f64]], whole: &Law, count: usize, each: f64, u: f64) -> Vec<(f64, Law)> {
    let apart = |a: &[f64], b: &[f64]| linear::squared_distance(&whole.factor, a, b);
    let mut nearest = vec![(f64::INFINITY, 0); sample.len()];
    let mut next = (u * sample.len() as f64) as usize;
    for number in 0..count {
        let centre = sample[next.min(sample.len() - 1)];
        for (slot, x) in nearest.iter_mut().zip(sample) {
            let distance = apart(x, centre);
            if distance < slot.0 {
                *slot = (distance, number);
            }
        }
        let distances: Vec<f64> = nearest.iter().map(|n| n.0).collect();
        let at = u + GOLDEN * (number + 1) as f64;
        next = categorical(at - at.floor(), &distances);
    }
    let member = |number: usize| part(sample, |i| if nearest[i].1 == number { 1.0 } else { 0.0 }, each);
    let found: Vec<(f64, Law)> = (0..count).filter_map(member).collect();
    if found.is_empty() { vec![(1.0, whole.clone())] } else { found }
}

/// The law of the points that belong to a part, with its share; `None` where they are too few. `each` effective points stand in one.
fn part(sample: &[&[f64]], belongs: impl Fn(usize) -> f64, each: f64) -> Option<(f64, Law)> {
    let d = sample.first().map_or(0, |x| x.len());
    let weights: Vec<f64> = (0..sample.len()).map(belongs).collect();
    let sum: f64 = weights.iter().sum();
    let rests_on = each * sum;
    if rests_on < 2.0 * (d as f64 + 1.0) {
        return None;
    }
    let shares: Vec<f64> = weights.iter().map(|w| w / sum).collect();
    Some((sum / sample.len() as f64, Law::fit(sample, &shares, rests_on)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    /// Two modes ten standard deviations apart, one with a third of the points.
    fn two_modes(n: u64) -> Vec<Vec<f64>> {
        let draws = Draws::new(Seed(8), Purpose::Test);
        (0..n)
            .map(|i| {
                let block = draws.block(i, 0);
                let centre = if i % 3 == 0 { -5.0 } else { 5.0 };
                vec![centre + math::normal_quantile(block.uniform()), math::normal_quantile(block.second())]
            })
            .collect()
    }

    fn fitted(points: &[Vec<f64>], rests_on: f64) -> Mixture {
        let views: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        let weights = vec![1.0 / points.len() as f64; points.len()];
        Mixture::fit(&views, &weights, rests_on, &Law::fit(&views, &weights, rests_on), 0.3)
    }

    #[test]
    fn few_points_give_the_single_law() {
        let points = two_modes(39);
        let mixture = fitted(&points, 39.0);
        assert_eq!(mixture.parts.len(), 1);
        let single = &mixture.parts[0];
        assert_eq!(mixture.ln_density(&[1.0, 2.0]).to_bits(), single.ln_density(&[1.0, 2.0]).to_bits());
    }

    #[test]
    fn modes_are_found_with_their_shares_and_the_middle_is_left_empty() {
        let points = two_modes(3_000);
        let mixture = fitted(&points, 3_000.0);
        let single =
            Law::fit(&points.iter().map(Vec::as_slice).collect::<Vec<_>>(), &vec![1.0 / 3_000.0; 3_000], 3_000.0);
        // Density of the mixture of normals: a third, two thirds, and next to nothing between.
        let exact = |share: f64| math::ln(share / std::f64::consts::TAU);
        for (x, share) in [([-5.0, 0.0], 1.0 / 3.0), ([5.0, 0.0], 2.0 / 3.0)] {
            let found = mixture.ln_density(&x);
            // The whole law takes a tenth; a density at a centre is known to some parts in a hundred from 3,000 points.
            assert!((found - exact(share)).abs() < 0.3, "{found} against {}", exact(share));
            assert!(found > single.ln_density(&x));
        }
        assert!(mixture.ln_density(&[0.0, 0.0]) < single.ln_density(&[0.0, 0.0]) - 2.0);
        assert!((mixture.shares.last().expect("the whole law") - WHOLE).abs() < 1e-9, "{:?}", mixture.shares);
    }

    #[test]
    fn the_density_integrates_to_one() {
        let mixture = fitted(&two_modes(3_000), 3_000.0);
        let (cells, width) = (480, 0.125);
        let at = |i: i32| f64::from(i - cells / 2) * width;
        let mass: f64 = (0..cells * cells)
            .map(|k| math::exp(mixture.ln_density(&[at(k / cells), at(k % cells)])) * width * width)
            .sum();
        // Outside the square of 60 lies next to nothing of any part; the sum over cells of an eighth of a deviation is as good.
        assert!((mass - 1.0).abs() < 1e-3, "{mass}");
    }
}
