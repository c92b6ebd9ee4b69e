//! M2, threshold contagion: a soldier leaves when as many mates whom he trusts have left as his threshold says.
//!
//! Known answers: with thresholds N(25, sigma) in a crowd without end the share r who leave solves r = Phi((r - .25) / sigma)
//! (Granovetter 1978); with n thresholds uniform on {0..n} the number who leave follows the parking law.

use exitvoice_core::Params;
use exitvoice_core::math;

/// Parameters of M2.
#[derive(Clone, Copy, Debug, Params)]
#[params(prefix = "decision.threshold", part = Force)]
pub struct Params {
    /// Mean threshold, in trusted mates who left.
    #[param(symbol = "theta_mean", default = "4", prior = "normal(4, 2)", grade = Assumed, source = "granovetter1978", why = "half a squad; matched to the prior total of M1 before rules are compared")]
    pub mean: f64,
    /// Standard deviation of the threshold.
    #[param(symbol = "theta_sd", default = "1.2", prior = "half_normal(1.2)", grade = Assumed, source = "granovetter1978", why = "a few in a thousand leave first, the share that M1 has in a year")]
    pub sd: f64,
}

/// Threshold of a soldier from his uniform.
#[must_use]
pub fn threshold(params: &Params, u: f64) -> f64 {
    params.mean + params.sd * math::normal_quantile(u)
}

/// Share of a crowd without end who leave in the end: the lowest fixed point of r = Phi((r - mean) / sd), mean and sd as shares of
/// the crowd, reached from nobody.
#[must_use]
pub fn crowd(mean: f64, sd: f64) -> f64 {
    let mut share = 0.0;
    for _ in 0..ROUNDS {
        share = math::normal_cdf((share - mean) / sd);
    }
    share
}

/// Near the tangency a cascade creeps: rounds after which the share no longer moves in its sixth digit for the answers tested.
const ROUNDS: u32 = 200_000;

/// How many leave in the end where each sees all others leave: the cascade of given thresholds, from nobody.
#[must_use]
pub fn cascade(thresholds: &[f64]) -> usize {
    let mut gone = 0;
    loop {
        let next = thresholds.iter().filter(|t| **t <= gone as f64).count();
        if next == gone {
            return gone;
        }
        gone = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn granovetters_crowd_has_its_fixed_points() {
        for (sd, expected) in [(0.10, 0.0077), (0.12, 0.0402), (0.20, 0.9999), (0.50, 0.9049)] {
            assert!((crowd(0.25, sd) - expected).abs() < 5e-5, "sd {sd}: {}", crowd(0.25, sd));
        }
        assert!(crowd(0.25, 0.1225) > 0.99, "just past sigma_c = .1222209 nearly all go");
        assert!(crowd(0.25, 0.122) < 0.0620, "just before it the share stays below the tangency");
    }

    #[test]
    fn ladders_fall_whole_or_not_at_all() {
        let ladder: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(cascade(&ladder), 100);
        let mut broken = ladder;
        broken[1] = 2.0;
        assert_eq!(cascade(&broken), 1);
    }
}
