//! Approximate Bayesian computation by population Monte Carlo: the baseline that an engine with a likelihood has to beat.
//!
//! Points are kept whose simulation lies within a tolerance of the data; the next population is drawn around them with twice their
//! covariance, weighted by prior over proposal (Beaumont, Cornuet, Marin, Robert 2009), under the tolerance that a share of the last distances
//! met. What it returns is a posterior given "about these data", wider than the posterior by as much as the tolerance.

use super::evaluate::Address;
use super::{linear, systematic};
use crate::bank::normalised;
use crate::diagnostic::ess::effective_size;
use crate::error::InferError;
use crate::prior::Coordinates;
use crate::problem::Problem;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};

/// Settings of the baseline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AbcSettings {
    /// Simulations allowed in all.
    pub budget: u64,
    /// Points of a population.
    pub particles: u32,
    /// Share of the last population's distances that lies within the next tolerance, in (0, 1).
    pub keep: f64,
}

/// The last population that was completed.
#[derive(Clone, Debug, PartialEq)]
pub struct AbcOutcome {
    /// One column for each parameter, natural units.
    pub columns: Vec<Vec<f64>>,
    /// Weights, sum 1.
    pub weights: Vec<f64>,
    /// Distance within which every simulation of it lies; infinite for draws from the prior.
    pub tolerance: f64,
    /// Simulations spent.
    pub simulations: u64,
    /// Populations completed, the prior's included.
    pub populations: u32,
}

impl AbcOutcome {
    /// Effective sample size of the weights.
    #[must_use]
    pub fn ess(&self) -> f64 {
        effective_size(0..self.weights.len(), &self.weights)
    }

    /// Rows of `count` draws of equal weight, resampled systematically with one uniform `u` in (0, 1).
    #[must_use]
    pub fn resampled(&self, count: usize, u: f64) -> Vec<usize> {
        systematic(&self.weights, count, u)
    }
}

/// Points of one population.
#[derive(Default)]
struct Points {
    scores: Vec<Vec<f64>>,
    theta: Vec<Vec<f64>>,
    distances: Vec<f64>,
    weights: Vec<f64>,
}

/// Runs until the budget is spent. `distance` says how far a truth lies from the data; a simulation that gives up is infinitely far.
///
/// # Errors
/// No parameter, a fixed one, two of one name; settings outside their ranges; the simulator calls a failure fatal.
pub fn abc<P: Problem>(
    problem: &P,
    distance: impl Fn(&P::Truth) -> f64 + Sync,
    settings: &AbcSettings,
    seed: Seed,
    pool: &Pool,
) -> Result<AbcOutcome, InferError> {
    let coordinates = Coordinates::new(problem.parameters())?;
    let count = settings.particles as usize;
    let refuse = |setting, found: f64, expected: &str| {
        Err(InferError::Setting { setting, found, expected: expected.to_owned() })
    };
    if count < 2 || settings.budget < u64::from(settings.particles) {
        return refuse("particles", f64::from(settings.particles), "at least 2, and at most the budget");
    }
    if !(settings.keep > 0.0 && settings.keep < 1.0) {
        return refuse("keep", settings.keep, "between 0 and 1, both excluded");
    }
    let seeds = Draws::new(seed, Purpose::SimulationSeed);
    let far = |theta: &[f64], address: Address| -> Result<f64, InferError> {
        match problem.simulate(theta, seeds.seed(address.outer(), address.inner(0))) {
            Ok(truth) => Ok(distance(&truth)),
            Err(error) if error.is_recoverable() => Ok(f64::INFINITY),
            Err(source) => Err(InferError::Fatal { theta: theta.to_vec(), source }),
        }
    };
    let prior = Draws::new(seed, Purpose::Prior);
    let drawn = pool.map(count, |i| {
        let (scores, theta) = coordinates.draw(prior, i as u64);
        let found = far(&theta, Address { stage: 0, sweep: 0, member: i as u32 })?;
        Ok((scores, theta, found))
    });
    let mut last = Points { weights: vec![1.0 / count as f64; count], ..Points::default() };
    for point in drawn {
        last.push(point?);
    }
    let (mut tolerance, mut simulations, mut populations) = (f64::INFINITY, count as u64, 1_u32);
    loop {
        let next = quantile(&last.distances, settings.keep);
        if next.is_nan() || next >= tolerance {
            break;
        }
        let around = last.kernel(coordinates.dimension());
        let mut grown = Points::default();
        let mut sweep = 0;
        while grown.distances.len() < count && simulations < settings.budget {
            let batch = (count as u64).min(settings.budget - simulations) as usize;
            let tried = pool.map(batch, |i| {
                let address = Address { stage: populations, sweep, member: i as u32 };
                let scores = last.propose(&around, Draws::new(seed, Purpose::Proposal), address);
                let theta = coordinates.natural(&scores);
                far(&theta, address).map(|found| (scores, theta, found))
            });
            for point in tried {
                let point = point?;
                if point.2 <= next && grown.distances.len() < count {
                    grown.push(point);
                }
            }
            simulations += batch as u64;
            sweep += 1;
        }
        if grown.distances.len() < count {
            break;
        }
        let ln_weights =
            pool.map(count, |i| coordinates.ln_density(&grown.scores[i]) - last.ln_density(&around, &grown.scores[i]));
        grown.weights = normalised(&ln_weights);
        (last, tolerance) = (grown, next);
        populations += 1;
    }
    let column = |k: usize| last.theta.iter().map(|t| t[k]).collect();
    let columns = (0..coordinates.dimension()).map(column).collect();
    Ok(AbcOutcome { columns, weights: last.weights, tolerance, simulations, populations })
}

/// The distance that a share of the points lies within; equal distances count together.
fn quantile(distances: &[f64], share: f64) -> f64 {
    let mut sorted = distances.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((share * sorted.len() as f64) as usize).min(sorted.len() - 1)]
}

impl Points {
    fn push(&mut self, (scores, theta, distance): (Vec<f64>, Vec<f64>, f64)) {
        self.scores.push(scores);
        self.theta.push(theta);
        self.distances.push(distance);
    }

    /// Lower factor of twice the covariance of the points.
    fn kernel(&self, d: usize) -> Vec<f64> {
        /// Added to each variance: points that have collapsed onto one must still be able to move.
        const TINY: f64 = 1e-10;
        let weighted = || self.scores.iter().map(Vec::as_slice).zip(self.weights.iter().copied());
        let mean = linear::mean(weighted(), d);
        let mut matrix = linear::covariance(weighted(), &mean);
        matrix.iter_mut().for_each(|x| *x *= 2.0);
        (0..d).for_each(|i| matrix[i * d + i] += TINY);
        let diagonal = || (0..d * d).map(|k| if k / d == k % d { matrix[k].sqrt() } else { 0.0 }).collect();
        linear::factor(&matrix, d).unwrap_or_else(diagonal)
    }

    fn propose(&self, factor: &[f64], draws: Draws, address: Address) -> Vec<f64> {
        let u = |part: u32| draws.uniform(address.outer(), address.inner(part));
        let from = &self.scores[exitvoice_core::rng::sample::categorical(u(0), &self.weights)];
        let steps: Vec<f64> = (1_u32..).zip(from).map(|(k, _)| math::normal_quantile(u(k))).collect();
        linear::multiply(factor, &steps).iter().zip(from).map(|(step, x)| x + step).collect()
    }

    /// ln of the density of proposals, up to the constant of the kernel.
    fn ln_density(&self, factor: &[f64], x: &[f64]) -> f64 {
        let from = |(at, weight): (&Vec<f64>, &f64)| math::ln(*weight) - 0.5 * linear::squared_distance(factor, x, at);
        math::ln_sum_exp(&self.scores.iter().zip(&self.weights).map(from).collect::<Vec<f64>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::{Parameter, SimError};
    use exitvoice_core::param::Prior;

    /// A mean with prior N(0, 1), and one number around it with sd 1/2.
    struct Number(Vec<Parameter>);

    impl Problem for Number {
        type Truth = f64;
        fn parameters(&self) -> &[Parameter] {
            &self.0
        }
        fn simulate(&self, theta: &[f64], seed: Seed) -> Result<f64, SimError> {
            Ok(theta[0] + 0.5 * math::normal_quantile(Draws::new(seed, Purpose::Test).uniform(0, 0)))
        }
        fn ln_likelihood(&self, _: &[f64], truth: &f64, _: Seed) -> f64 {
            math::normal_ln_pdf(*truth, 1.0, 0.5)
        }
    }

    fn number() -> Number {
        Number(vec![Parameter { name: "mean".to_owned(), prior: Prior::Normal { mean: 0.0, sd: 1.0 } }])
    }

    #[test]
    fn a_quantile_is_one_of_the_distances_whatever_a_product_rounds_to() {
        let distances = [3.0, 1.0, 2.0];
        for (share, expected) in [(0.0, 1.0), (0.34, 2.0), (0.7, 3.0), (1.0, 3.0)] {
            let found = quantile(&distances, share);
            assert!((found - expected).abs() < 1e-15, "{share}: {found}");
        }
    }

    #[test]
    fn points_that_have_collapsed_onto_one_can_still_move() {
        let at = |x: [f64; 2]| x.to_vec();
        let points = Points { scores: vec![at([1.0, 2.0]); 3], weights: vec![1.0 / 3.0; 3], ..Points::default() };
        for (k, x) in points.kernel(2).into_iter().enumerate() {
            let expected = if k % 3 == 0 { 1e-5 } else { 0.0 };
            assert!((x - expected).abs() < 1e-12, "{k}: {x}");
        }
    }

    /// Seen: 1. Within e of it a simulation has the density of a uniform error of variance e^2 / 3 on top: posterior variance
    /// 1 / (1 + 1 / (1/4 + e^2 / 3)) to first order, mean that much less than 1.
    #[test]
    fn a_small_tolerance_gives_the_posterior_and_any_number_of_threads_the_same() {
        let settings = AbcSettings { budget: 60_000, particles: 1_000, keep: 0.5 };
        let run = |threads: usize| {
            let pool = Pool::new(threads).expect("threads");
            abc(&number(), |x| (x - 1.0).abs(), &settings, Seed(4), &pool).expect("runs")
        };
        let found = run(2);
        assert_eq!(found, run(3));
        assert!(found.simulations <= 60_000 && found.populations > 4 && found.tolerance < 0.2, "{}", found.tolerance);
        let error = 0.25 + found.tolerance * found.tolerance / 3.0;
        let (mean, variance) = (1.0 / (1.0 + error), error / (1.0 + error));
        let weighted = |f: &dyn Fn(f64) -> f64| -> f64 {
            found.columns[0].iter().zip(&found.weights).map(|(x, w)| w * f(*x)).sum()
        };
        let m = weighted(&|x| x);
        let v = weighted(&|x| (x - mean) * (x - mean));
        // Four standard errors of as many independent draws as the weights are worth.
        let n = found.ess();
        assert!(n > 200.0, "{n}");
        assert!((m - mean).abs() < 4.0 * (variance / n).sqrt(), "{m} against {mean}");
        assert!((v / variance - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "{v} against {variance}");
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        let pool = Pool::new(1).expect("a thread");
        let good = AbcSettings { budget: 100, particles: 10, keep: 0.5 };
        for (bad, name) in [
            (AbcSettings { particles: 1, ..good }, "particles"),
            (AbcSettings { budget: 9, ..good }, "particles"),
            (AbcSettings { keep: 1.0, ..good }, "keep"),
        ] {
            let error = abc(&number(), |x| *x, &bad, Seed(1), &pool).expect_err("refused");
            assert!(matches!(&error, InferError::Setting { setting, .. } if *setting == name), "{error}");
        }
        let one_draw_each = AbcSettings { budget: 10, ..good };
        assert_eq!(
            abc(&number(), |x| *x, &one_draw_each, Seed(1), &pool).map(|found| found.simulations).ok(),
            Some(10)
        );
    }
}
