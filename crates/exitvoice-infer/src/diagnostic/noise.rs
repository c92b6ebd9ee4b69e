//! Noise of the likelihood estimate, measured where it matters: at draws from the posterior, with fresh seeds.

/// Variance of the log-likelihood estimate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Noise {
    /// Points at which the likelihood was estimated twice more.
    pub points: u32,
    /// Points at which one of the two estimates was zero; they do not enter the variance.
    pub impossible: u32,
    /// Variance of ln(estimate) at a point, averaged over the points; 0 where there is none to average.
    pub variance: f64,
    /// Largest single estimate of it (one degree of freedom each).
    pub largest: f64,
}

impl Noise {
    /// From pairs of independent estimates: half of the squared difference has the variance as its mean.
    #[must_use]
    pub fn from_pairs(pairs: &[(f64, f64)]) -> Self {
        let finite = |(a, b): &&(f64, f64)| a.is_finite() && b.is_finite();
        let halves: Vec<f64> = pairs.iter().filter(finite).map(|(a, b)| 0.5 * (a - b) * (a - b)).collect();
        let count = halves.len();
        Self {
            points: pairs.len() as u32,
            impossible: (pairs.len() - count) as u32,
            variance: halves.iter().sum::<f64>() / count.max(1) as f64,
            largest: halves.iter().copied().fold(0.0, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_squared_difference_is_averaged_over_possible_pairs() {
        let noise = Noise::from_pairs(&[(0.0, 2.0), (1.0, 1.0), (f64::NEG_INFINITY, 0.0)]);
        assert_eq!(noise, Noise { points: 3, impossible: 1, variance: 1.0, largest: 2.0 });
        assert_eq!(Noise::from_pairs(&[]), Noise { points: 0, impossible: 0, variance: 0.0, largest: 0.0 });
    }
}
