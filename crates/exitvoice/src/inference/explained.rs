//! How much of the variance of one number several others together explain.
//!
//! Least squares on Hermite polynomials of normal scores: each number up to its cube, and the product of every two. The share is that of the
//! variance of the fitted mean, corrected for the number of terms (Ezekiel 1930), so that noise explains nothing on average; of the variance of
//! the mean itself it is a lower bound, because a jump or a product of three numbers is only partly a polynomial of this kind.

use exitvoice_core::math;

/// Draws that a term needs.
const DRAWS_PER_TERM: usize = 4;
/// A column of which less than this share is left beside the others (in squared length) says nothing new.
const COLLINEAR: f64 = 1e-9;
/// Normal laws: E[z^3 z] = 3.
const CUBE_ALONG: f64 = 3.0;

/// Several numbers of the same draws, ready to explain others.
pub(super) struct Known {
    draws: usize,
    /// Terms, of length 1 and at right angles to each other and to a constant.
    terms: Vec<Vec<f64>>,
}

impl Known {
    /// From one value for each draw of every number. `None` without numbers, or where there are too few draws for the terms (four draws a term).
    pub(super) fn new(numbers: &[Vec<f64>]) -> Option<Self> {
        let draws = numbers.first()?.len();
        let scores: Vec<Vec<f64>> = numbers.iter().map(|values| normal_scores(values)).collect();
        let mut columns: Vec<Vec<f64>> = Vec::new();
        for (k, z) in scores.iter().enumerate() {
            let of_one: [fn(f64) -> f64; 3] = [|z| z, |z| z * z, |z| z * (z * z - CUBE_ALONG)];
            columns.extend(of_one.map(|term| z.iter().map(|z| term(*z)).collect()));
            let product = |other: &Vec<f64>| z.iter().zip(other).map(|(a, b)| a * b).collect();
            columns.extend(scores[..k].iter().map(product));
        }
        if draws < DRAWS_PER_TERM * columns.len() {
            return None;
        }
        let mut terms: Vec<Vec<f64>> = Vec::with_capacity(columns.len());
        for mut column in columns {
            center(&mut column);
            let whole = dot(&column, &column);
            // Twice: once leaves what rounding made of nearly parallel columns.
            for _ in 0..2 {
                for term in &terms {
                    let along = dot(term, &column);
                    column.iter_mut().zip(term).for_each(|(x, t)| *x -= along * t);
                }
            }
            let left = dot(&column, &column);
            if left > COLLINEAR * whole {
                let length = left.sqrt();
                column.iter_mut().for_each(|x| *x /= length);
                terms.push(column);
            }
        }
        Some(Self { draws, terms })
    }

    /// Share of the variance of `y`, one value for each draw, in [0, 1]; 0 where it does not vary.
    pub(super) fn share(&self, y: &[f64]) -> f64 {
        let mut y = y.to_vec();
        center(&mut y);
        let all = dot(&y, &y);
        if all <= 0.0 {
            return 0.0;
        }
        let told = |term: &Vec<f64>| {
            let along = dot(term, &y);
            along * along
        };
        let left = 1.0 - self.terms.iter().map(told).sum::<f64>() / all;
        let freedom = (self.draws - 1) as f64;
        (1.0 - left * freedom / (freedom - self.terms.len() as f64)).clamp(0.0, 1.0)
    }
}

/// Quantile of the standard normal law at each value's rank; equal values have the mean of their ranks.
fn normal_scores(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut scores = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let middle = first as f64 + 0.5 * equal.len() as f64;
        let score = math::normal_quantile(middle / values.len() as f64);
        equal.iter().for_each(|i| scores[*i] = score);
        first += equal.len();
    }
    scores
}

fn center(values: &mut [f64]) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    values.iter_mut().for_each(|x| *x -= mean);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    const DRAWS: u64 = 2_000;
    /// Four standard errors of a share of 2,000 draws, or more.
    const NEAR: f64 = 0.08;

    /// Standard normal number `k` of every draw.
    fn normal(k: u64) -> Vec<f64> {
        let all = Draws::new(Seed(9), Purpose::Test);
        (0..DRAWS).map(|i| math::normal_quantile(all.uniform(i, k))).collect()
    }

    fn of_draws(f: impl Fn(f64, f64, f64) -> f64) -> Vec<f64> {
        let [a, b, noise] = [0, 1, 2].map(normal);
        (0..a.len()).map(|i| f(a[i], b[i], noise[i])).collect()
    }

    fn share(numbers: &[Vec<f64>], y: &[f64]) -> f64 {
        Known::new(numbers).expect("draws enough").share(y)
    }

    #[test]
    fn what_two_numbers_do_together_is_explained_by_both_and_by_neither() {
        let [a, b] = [0, 1].map(normal);
        // ab + noise: half of the variance, and no main effect.
        let y = of_draws(|a, b, noise| a * b + noise);
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < NEAR, "{found}, expected {expected}");
        near(share(&[a.clone(), b.clone()], &y), 0.5);
        near(share(std::slice::from_ref(&a), &y), 0.0);
        // 2 a + b + noise: 4/6, 1/6, together 5/6.
        let y = of_draws(|a, b, noise| 2.0 * a + b + noise);
        near(share(std::slice::from_ref(&a), &y), 4.0 / 6.0);
        near(share(std::slice::from_ref(&b), &y), 1.0 / 6.0);
        near(share(&[a, b], &y), 5.0 / 6.0);
    }

    #[test]
    fn any_rising_scale_of_a_number_explains_the_same() {
        let y = of_draws(|a, _, noise| a + noise);
        let a = normal(0);
        let stretched: Vec<f64> = a.iter().map(|a| math::exp(3.0 * a)).collect();
        assert_eq!(share(&[a], &y).to_bits(), share(&[stretched], &y).to_bits());
    }

    #[test]
    fn noise_explains_nothing_and_what_tells_the_number_explains_it() {
        let numbers: Vec<Vec<f64>> = (0..12).map(normal).collect();
        assert_eq!(Known::new(&numbers).map(|known| known.terms.len()), Some(3 * 12 + 12 * 11 / 2));
        let stranger = normal(20);
        // 102 terms of 2,000 draws would explain .05 by chance.
        assert!(share(&numbers, &stranger) < 0.04, "{}", share(&numbers, &stranger));
        // Ranks of 2,000 draws stand for the numbers but for the outermost.
        assert!(share(&numbers, &numbers[3]) > 0.99, "{}", share(&numbers, &numbers[3]));
        assert_eq!(share(&numbers, &[2.0; DRAWS as usize]).to_bits(), 0, "a constant");
    }

    #[test]
    fn numbers_that_are_held_or_stand_twice_change_nothing_and_few_draws_have_no_share() {
        let (a, y) = (normal(0), of_draws(|a, _, noise| a + noise));
        let twice = Known::new(&[a.clone(), vec![1.0; a.len()], a.clone()]).expect("draws enough");
        // Its powers of four and more do not stand among the terms of one number: the product of both is its square.
        assert_eq!(twice.terms.len(), 3);
        assert!((twice.share(&y) - share(std::slice::from_ref(&a), &y)).abs() < 1e-9);
        assert!(Known::new(&[a[..11].to_vec()]).is_none() && Known::new(&[a[..12].to_vec()]).is_some());
    }
}
