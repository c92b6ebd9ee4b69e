//! Samplers by inversion: one uniform in, one value out, increasing in the uniform. Outputs are pinned by tests.

use super::draws::uniform_from_bits;
use crate::math;

/// Exponential with mean `mean`.
#[inline]
#[must_use]
pub fn exponential(u: f64, mean: f64) -> f64 {
    -mean * math::ln_1p(-u)
}

/// Normal with mean and standard deviation.
#[inline]
#[must_use]
pub fn normal(u: f64, mean: f64, sd: f64) -> f64 {
    mean + sd * math::normal_quantile(u)
}

/// Log-normal with the given median.
#[inline]
#[must_use]
pub fn log_normal(u: f64, median: f64, sd_log: f64) -> f64 {
    median * math::exp(sd_log * math::normal_quantile(u))
}

/// Index of the interval of cumulated weights in which `u` times their sum falls. Weights are not negative and not all zero.
#[inline]
#[must_use]
pub fn categorical(u: f64, weights: &[f64]) -> usize {
    categorical_of(u, weights.iter().sum(), weights)
}

/// As [`categorical`], for weights whose sum in slice order, `total`, is known.
#[inline]
#[must_use]
pub fn categorical_of(u: f64, total: f64, weights: &[f64]) -> usize {
    let mut left = u * total;
    for (index, weight) in weights.iter().enumerate() {
        if left < *weight {
            return index;
        }
        left -= weight;
    }
    // Rounding can leave a residue of one ulp: the last interval with weight takes it.
    weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
}

/// Whole number from 0 to n - 1, uniform.
#[inline]
#[must_use]
pub fn index(u: f64, n: usize) -> usize {
    ((u * n as f64) as usize).min(n.saturating_sub(1))
}

/// Gamma with shape and mean.
#[must_use]
pub fn gamma(u: f64, shape: f64, mean: f64) -> f64 {
    let mut high = shape + 1.0;
    while math::gamma_p(shape, high) < u {
        high *= 2.0;
    }
    math::bisect(0.0, high, u, |x| math::gamma_p(shape, x)) * mean / shape
}

/// Beta with two shapes.
#[must_use]
pub fn beta(u: f64, a: f64, b: f64) -> f64 {
    math::bisect(0.0, 1.0, u, |x| math::beta_inc(a, b, x))
}

/// Poisson with mean `mean`.
#[must_use]
pub fn poisson(u: f64, mean: f64) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    discrete_quantile(u, mean, u64::MAX, |k| 1.0 - math::gamma_p(k as f64 + 1.0, mean))
}

/// [`poisson`] for many draws with one mean: the distribution function by count, from the smallest count that a draw can have to where it
/// is 1.
#[derive(Clone, Debug)]
pub struct PoissonTable {
    first: u64,
    below: Vec<f64>,
}

impl PoissonTable {
    /// Tabulates the mean; of a mean that is not above 0 every draw is 0.
    #[must_use]
    pub fn new(mean: f64) -> Self {
        let first = poisson(uniform_from_bits(0), mean);
        let mut below = Vec::new();
        while mean > 0.0 && below.last().is_none_or(|last| *last < 1.0) {
            below.push(1.0 - math::gamma_p((first + below.len() as u64) as f64 + 1.0, mean));
        }
        Self { first, below }
    }

    /// The draw at `u` in (0, 1).
    #[must_use]
    pub fn draw(&self, u: f64) -> u64 {
        self.first + self.below.partition_point(|below| *below < u) as u64
    }
}

/// Binomial: successes in `n` trials.
#[must_use]
pub fn binomial(u: f64, n: u64, p: f64) -> u64 {
    if p <= 0.0 || n == 0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    discrete_quantile(u, n as f64 * p, n, |k| {
        if k >= n { 1.0 } else { math::beta_inc((n - k) as f64, k as f64 + 1.0, 1.0 - p) }
    })
}

/// Smallest k with cdf(k) >= u, searched outward from a guess.
fn discrete_quantile(u: f64, guess: f64, largest: u64, cdf: impl Fn(u64) -> f64) -> u64 {
    let start = (guess as u64).min(largest);
    let mut step = 1_u64;
    let (mut below, mut above);
    if cdf(start) >= u {
        above = start;
        loop {
            if above == 0 {
                return 0;
            }
            below = above.saturating_sub(step);
            if cdf(below) < u {
                break;
            }
            above = below;
            step *= 2;
        }
    } else {
        below = start;
        loop {
            above = below.saturating_add(step).min(largest);
            if above == largest || cdf(above) >= u {
                break;
            }
            below = above;
            step *= 2;
        }
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if cdf(middle) >= u {
            above = middle;
        } else {
            below = middle;
        }
    }
    above
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_outputs_do_not_move() {
        let found = [
            exponential(0.3, 2.0),
            normal(0.3, 1.0, 2.0),
            log_normal(0.9, 40.0, 0.5),
            gamma(0.3, 4.0, 1.0),
            beta(0.3, 1.0, 9.0),
        ]
        .map(f64::to_bits);
        assert_eq!(found, PINNED);
        assert_eq!([poisson(0.3, 0.1), poisson(0.999, 4.0), poisson(0.5, 900.0)], [0, 11, 900]);
        assert_eq!([binomial(0.3, 10, 0.2), binomial(0.97, 10_000, 0.3), binomial(0.5, 3, 1.0)], [1, 3086, 3]);
        assert_eq!(
            [categorical(0.0, &[0.0, 1.0]), categorical(0.999_999, &[1.0, 0.0]), categorical(0.5, &[1.0, 1.0])],
            [1, 0, 1]
        );
    }
    const PINNED: [u64; 5] = [
        4_604_600_504_123_735_886,
        13_810_565_826_846_703_424,
        4_635_042_678_877_819_530,
        4_604_398_543_556_111_438,
        4_585_760_493_188_363_182,
    ];

    #[test]
    fn whole_numbers_fill_their_range_evenly_and_never_leave_it() {
        assert_eq!([0.0, 0.199, 0.2, 0.999_999, 1.0].map(|u| index(u, 5)), [0, 0, 1, 4, 4]);
        assert_eq!(index(0.5, 0), 0);
    }

    #[test]
    fn cumulated_weights_are_hit_in_proportion() {
        let weights = [1.0, 0.0, 2.0, 1.0];
        assert_eq!([0.0, 0.249, 0.251, 0.749, 0.751, 1.0].map(|u| categorical(u, &weights)), [0, 0, 2, 2, 3, 3]);
        assert_eq!(categorical(1.0, &[1.0, 0.0]), 0, "what rounding leaves falls on the last one with weight");
    }

    #[test]
    fn the_table_of_a_poisson_law_draws_what_the_law_draws() {
        for mean in [0.0, 0.02, 2.61, 40.0, 900.0, 2e6] {
            let table = PoissonTable::new(mean);
            assert!(table.below.len() as f64 <= 40.0 + 20.0 * mean.sqrt(), "{mean}: {}", table.below.len());
            assert_eq!(table.draw(uniform_from_bits(0)), poisson(uniform_from_bits(0), mean), "{mean}");
            for i in 0..4_000 {
                let u = (f64::from(i) + 0.5) / 4_000.0;
                assert_eq!(table.draw(u), poisson(u, mean), "{mean} {u}");
            }
        }
    }

    #[test]
    fn counts_that_cannot_vary_do_not() {
        assert_eq!(
            [poisson(0.9, 0.0), binomial(0.9, 0, 0.5), binomial(0.9, 5, 0.0), binomial(0.9, 5, 1.0)],
            [0, 0, 0, 5]
        );
        assert_eq!([binomial(1.0 - 1e-15, 3, 0.5), binomial(1e-15, 3, 0.5)], [3, 0]);
    }

    #[test]
    fn a_count_is_the_smallest_whose_distribution_function_reaches_the_draw() {
        for n in 1..=40_u32 {
            let u = f64::from(n) / 41.0;
            let at = |k: u64| 1.0 - math::gamma_p(k as f64 + 1.0, 6.5);
            let k = poisson(u, 6.5);
            assert!(at(k) >= u && (k == 0 || at(k - 1) < u), "{u}: {k}");
        }
    }

    #[test]
    fn discrete_samplers_follow_their_law() {
        // Summing over a grid of u gives the mean up to the grid's width.
        let n = 20_000;
        let grid = |f: &dyn Fn(f64) -> u64| {
            (0..n).map(|i| f((f64::from(i) + 0.5) / f64::from(n)) as f64).sum::<f64>() / f64::from(n)
        };
        assert!((grid(&|u| poisson(u, 2.5)) - 2.5).abs() < 2e-3);
        assert!((grid(&|u| binomial(u, 40, 0.05)) - 2.0).abs() < 2e-3);
    }
}
