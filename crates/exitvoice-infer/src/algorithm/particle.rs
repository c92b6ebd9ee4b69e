//! Particle filter: an unbiased estimate of the likelihood of a series whose state is hidden (Gordon, Salmond, Smith 1993).
//!
//! States are drawn from the process, weighted by the observation, resampled systematically after each one. The estimate is the product
//! of the mean weights; its expectation is the likelihood, whatever the number of particles.

use super::{ln_mean_exp, systematic};
use crate::bank::normalised;
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};

/// A hidden state that moves by chance and is observed with error.
pub trait StateSpace {
    /// The state.
    type State: Clone;

    /// The state at the first observation; `u` gives a uniform number in (0, 1) for each part.
    fn first(&self, u: &dyn Fn(u64) -> f64) -> Self::State;

    /// The state at the next observation.
    fn next(&self, state: &Self::State, u: &dyn Fn(u64) -> f64) -> Self::State;

    /// ln of the density of observation number `time` given the state.
    fn ln_density(&self, time: usize, state: &Self::State) -> f64;
}

/// ln of the estimated likelihood of `observations` observations with `particles` particles; minus infinity where none fits.
#[must_use]
pub fn ln_likelihood<S: StateSpace>(space: &S, observations: usize, particles: usize, seed: Seed) -> f64 {
    let (moves, picks) = (Draws::new(seed, Purpose::SimulationSeed), Draws::new(seed, Purpose::Resampling));
    let mut states: Vec<S::State> = Vec::new();
    let mut total = 0.0;
    for time in 0..observations {
        let at = |particle: usize| move |part: u64| moves.uniform(time as u64, (particle as u64) << 16 | part);
        states = (0..particles)
            .map(|p| states.get(p).map_or_else(|| space.first(&at(p)), |state| space.next(state, &at(p))))
            .collect();
        let scores: Vec<f64> = states.iter().map(|s| space.ln_density(time, s)).collect();
        total += ln_mean_exp(&scores);
        if total == f64::NEG_INFINITY {
            return total;
        }
        let kept = systematic(&normalised(&scores), particles, picks.uniform(time as u64, 0));
        states = kept.into_iter().map(|i| states[i].clone()).collect();
    }
    total
}

/// A level that returns to zero, seen with normal errors: the space for which the likelihood is known.
#[derive(Clone, Debug)]
pub struct LinearGaussian {
    /// Share of the level that is kept from one observation to the next.
    pub keep: f64,
    /// Standard deviation of a move, and of an error.
    pub sd: [f64; 2],
    /// What was seen.
    pub seen: Vec<f64>,
}

impl LinearGaussian {
    /// ln of the likelihood, exact: the filter of Kalman (1960). The level starts from its stationary law.
    #[must_use]
    pub fn ln_likelihood(&self) -> f64 {
        let [moved, error] = self.sd.map(|s| s * s);
        let (mut mean, mut variance) = (0.0, self.stationary());
        let mut total = 0.0;
        for y in &self.seen {
            let spread = variance + error;
            total += math::normal_ln_pdf(*y, mean, spread.sqrt());
            let gain = variance / spread;
            mean = self.keep * (mean + gain * (y - mean));
            variance = self.keep * self.keep * variance * (1.0 - gain) + moved;
        }
        total
    }

    fn stationary(&self) -> f64 {
        self.sd[0] * self.sd[0] / (1.0 - self.keep * self.keep)
    }
}

impl StateSpace for LinearGaussian {
    type State = f64;

    fn first(&self, u: &dyn Fn(u64) -> f64) -> f64 {
        self.stationary().sqrt() * math::normal_quantile(u(0))
    }

    fn next(&self, state: &f64, u: &dyn Fn(u64) -> f64) -> f64 {
        self.keep * state + self.sd[0] * math::normal_quantile(u(0))
    }

    fn ln_density(&self, time: usize, state: &f64) -> f64 {
        math::normal_ln_pdf(self.seen[time], *state, self.sd[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> LinearGaussian {
        LinearGaussian { keep: 0.8, sd: [0.5, 0.4], seen: vec![0.3, 0.9, 1.4, 0.6, -0.2, -0.9, 0.1, 0.4] }
    }

    /// One observation: the level has variance s^2 / (1 - k^2).
    #[test]
    fn the_exact_likelihood_of_one_observation_is_a_normal_density() {
        let one = LinearGaussian { seen: vec![0.7], ..space() };
        let sd = (0.25 / (1.0 - 0.64) + 0.16_f64).sqrt();
        assert!((one.ln_likelihood() - math::normal_ln_pdf(0.7, 0.0, sd)).abs() < 1e-12);
    }

    #[test]
    fn the_estimate_has_the_likelihood_as_its_mean() {
        let space = space();
        let exact = space.ln_likelihood();
        let n = 400_u32;
        let ratios: Vec<f64> =
            (0..n).map(|s| math::exp(ln_likelihood(&space, 8, 60, Seed(u64::from(s))) - exact)).collect();
        let mean = ratios.iter().sum::<f64>() / f64::from(n);
        let variance = ratios.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / f64::from(n - 1);
        assert!((mean - 1.0).abs() < 4.0 * (variance / f64::from(n)).sqrt(), "{mean} {variance}");
    }

    #[test]
    fn what_no_particle_can_show_is_impossible() {
        struct Never;
        impl StateSpace for Never {
            type State = ();
            fn first(&self, _: &dyn Fn(u64) -> f64) {}
            fn next(&self, (): &(), _: &dyn Fn(u64) -> f64) {}
            fn ln_density(&self, _: usize, (): &()) -> f64 {
                f64::NEG_INFINITY
            }
        }
        assert!(ln_likelihood(&Never, 3, 10, Seed(1)) == f64::NEG_INFINITY);
    }
}
