//! Coordinates in which samplers move: the real line of each prior, stretched so that the prior is close to N(0, 1).
//!
//! A parameter that the data do not inform is then nearly normal whatever its prior, and normal proposals fit it. The
//! stretching is a table of a few dozen nodes joined by cubics; the density below is exact for that table, so a coarse
//! table costs efficiency only, never correctness.

use crate::error::InferError;
use crate::problem::Parameter;
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_core::rng::Draws;
use std::collections::BTreeSet;

/// Distance of two nodes, in standard deviations.
const STEP: f64 = 0.25;
/// Nodes on each side of the median: 5 standard deviations; linear outside.
const SIDE: i32 = 20;
/// A cubic through two points rises everywhere if its end slopes are at most this many times the chord's (Fritsch, Carlson 1980).
const STEEPEST: f64 = 3.0;

/// Maps scores (close to N(0, 1) under the prior) to natural units, one map per parameter.
#[derive(Clone, Debug)]
pub(crate) struct Coordinates {
    axes: Vec<Axis>,
}

impl Coordinates {
    /// Checks the parameters and builds their maps.
    pub(crate) fn new(parameters: &[Parameter]) -> Result<Self, InferError> {
        if parameters.is_empty() {
            return Err(InferError::NoParameters);
        }
        let mut names = BTreeSet::new();
        for parameter in parameters {
            if parameter.prior.is_fixed() {
                return Err(InferError::FixedPrior { name: parameter.name.clone() });
            }
            if !names.insert(&parameter.name) {
                return Err(InferError::DuplicateName { name: parameter.name.clone() });
            }
        }
        Ok(Self { axes: parameters.iter().map(|p| Axis::new(p.prior)).collect() })
    }

    /// Number of parameters.
    pub(crate) fn dimension(&self) -> usize {
        self.axes.len()
    }

    /// Draw number `member` from the prior: scores and natural units. Exact in natural units.
    pub(crate) fn draw(&self, draws: Draws, member: u64) -> (Vec<f64>, Vec<f64>) {
        let uniforms = (0_u64..).map(|axis| draws.uniform(member, axis));
        self.axes.iter().zip(uniforms).map(|(axis, u)| axis.draw(u)).unzip()
    }

    /// Natural units of a point given by its scores.
    pub(crate) fn natural(&self, scores: &[f64]) -> Vec<f64> {
        self.axes.iter().zip(scores).map(|(axis, z)| axis.prior.from_real(axis.real(*z).0)).collect()
    }

    /// Log density of the prior at the scores, Jacobian included.
    pub(crate) fn ln_density(&self, scores: &[f64]) -> f64 {
        self.axes
            .iter()
            .zip(scores)
            .map(|(axis, z)| {
                let (real, slope) = axis.real(*z);
                axis.prior.ln_density_real(real) + math::ln(slope)
            })
            .sum()
    }
}

/// One parameter: nodes at scores `low`, `low + STEP`, ...
#[derive(Clone, Debug)]
struct Axis {
    prior: Prior,
    low: f64,
    /// Real-line value at each node.
    real: Vec<f64>,
    /// Slopes at the two ends of each cell, in real-line units per cell.
    slopes: Vec<(f64, f64)>,
}

impl Axis {
    fn new(prior: Prior) -> Self {
        let node = |k: i32| -> Option<(f64, f64)> {
            let z = f64::from(k) * STEP;
            let real = prior.to_real(prior.quantile(math::normal_cdf(z))?);
            let slope = STEP * math::exp(math::normal_ln_pdf(z, 0.0, 1.0) - prior.ln_density_real(real));
            (real.is_finite() && slope.is_finite() && slope > 0.0).then_some((real, slope))
        };
        // Outward from the median, as far as the quantile function still tells neighbours apart.
        let mut nodes = vec![node(0).unwrap_or((0.0, STEP))];
        let mut low = 0.0;
        for k in 1..=SIDE {
            match node(-k) {
                Some(next) if next.0 < nodes[0].0 => nodes.insert(0, next),
                _ => break,
            }
            low = -f64::from(k) * STEP;
        }
        for k in 1..=SIDE {
            match node(k) {
                Some(next) if next.0 > nodes[nodes.len() - 1].0 => nodes.push(next),
                _ => break,
            }
        }
        let slopes = nodes
            .windows(2)
            .map(|pair| {
                let chord = pair[1].0 - pair[0].0;
                let rises = pair.iter().all(|(_, slope)| *slope <= STEEPEST * chord);
                if rises { (pair[0].1, pair[1].1) } else { (chord, chord) }
            })
            .collect();
        Self { prior, low, real: nodes.iter().map(|n| n.0).collect(), slopes }
    }

    /// Score and natural units of the prior's quantile at `u`.
    fn draw(&self, u: f64) -> (f64, f64) {
        let score = math::normal_quantile(u);
        match self.prior.quantile(u) {
            Some(x) if self.prior.to_real(x).is_finite() => (self.score(self.prior.to_real(x)), x),
            // Rounded onto an end of the domain: take the point that the map gives.
            _ => (score, self.prior.from_real(self.real(score).0)),
        }
    }

    /// Real-line value at a score, and its derivative.
    fn real(&self, score: f64) -> (f64, f64) {
        let cells = self.slopes.len();
        if cells == 0 {
            return (self.real[0] + score, 1.0);
        }
        let position = (score - self.low) / STEP;
        if position <= 0.0 {
            let slope = self.slopes[0].0;
            return (self.real[0] + slope * position, slope / STEP);
        }
        if position >= cells as f64 {
            let slope = self.slopes[cells - 1].1;
            return (self.real[cells] + slope * (position - cells as f64), slope / STEP);
        }
        let cell = (position as usize).min(cells - 1);
        let (value, slope) = self.cubic(cell, position - cell as f64);
        (value, slope / STEP)
    }

    /// Cubic of a cell at `t` in [0, 1], and its derivative in `t`.
    fn cubic(&self, cell: usize, t: f64) -> (f64, f64) {
        let chord = self.real[cell + 1] - self.real[cell];
        let (first, second) = self.slopes[cell];
        let (a, b) = (3.0 * chord - 2.0 * first - second, first + second - 2.0 * chord);
        (self.real[cell] + t * (first + t * (a + t * b)), first + t * (2.0 * a + 3.0 * t * b))
    }

    /// The score at which the map gives `real`.
    fn score(&self, real: f64) -> f64 {
        let cells = self.slopes.len();
        if cells == 0 {
            return real - self.real[0];
        }
        if real <= self.real[0] {
            return self.low + STEP * (real - self.real[0]) / self.slopes[0].0;
        }
        if real >= self.real[cells] {
            return self.low + STEP * (cells as f64 + (real - self.real[cells]) / self.slopes[cells - 1].1);
        }
        let cell = self.real.partition_point(|r| *r <= real) - 1;
        self.low + STEP * (cell as f64 + math::bisect(0.0, 1.0, real, |t| self.cubic(cell, t).0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIORS: [Prior; 8] = [
        Prior::Normal { mean: -11.71, sd: 1.8 },
        Prior::LogNormal { median: 0.004, sd_log: 1.0 },
        Prior::HalfNormal { sd: 2.0 },
        Prior::Beta { a: 1.0, b: 19.0 },
        Prior::Beta { a: 0.5, b: 0.5 },
        Prior::Beta { a: 1.0, b: 0.05 },
        Prior::LogitNormal { mean: -1.2, sd: 1.0 },
        Prior::Uniform { low: -3.0, high: 5.0 },
    ];

    #[test]
    fn the_density_of_the_scores_integrates_to_one_and_is_close_to_the_standard_normal() {
        for prior in PRIORS {
            let axis = Coordinates { axes: vec![Axis::new(prior)] };
            let (steps, width) = (80_000, 80.0 / 80_000.0);
            let grid = (0..steps).map(|i| -40.0 + (f64::from(i) + 0.5) * width);
            let mass: f64 = grid.map(|z| math::exp(axis.ln_density(&[z])) * width).sum();
            assert!((mass - 1.0).abs() < 1e-6, "{prior:?}: {mass}");
            if !matches!(prior, Prior::Beta { b, .. } if b < 0.1) {
                for k in -30..=30 {
                    let z = f64::from(k) / 10.0;
                    let ratio = axis.ln_density(&[z]) - math::normal_ln_pdf(z, 0.0, 1.0);
                    assert!(ratio.abs() < 0.01, "{prior:?} at {z}: {ratio}");
                }
            }
        }
    }

    #[test]
    fn a_draw_is_the_quantile_of_the_prior_and_its_score_leads_back_to_it() {
        for prior in PRIORS {
            let axis = Axis::new(prior);
            for u in [1e-12, 1e-7, 0.01, 0.3, 0.5, 0.83, 0.999, 1.0 - 1e-9] {
                let (score, x) = axis.draw(u);
                let back = prior.from_real(axis.real(score).0);
                assert!((back - x).abs() <= 1e-11 * x.abs().max(1e-3), "{prior:?} at {u}: {back} for {x}");
            }
        }
    }

    #[test]
    fn parameters_that_cannot_be_inferred_are_named() {
        let parameter = |name: &str, prior| Parameter { name: name.to_owned(), prior };
        let normal = Prior::Normal { mean: 0.0, sd: 1.0 };
        let error = |parameters: &[Parameter]| Coordinates::new(parameters).expect_err("refused");
        assert!(error(&[]).to_string().starts_with("EV0603"));
        assert!(error(&[parameter("a", Prior::Fixed)]).to_string().starts_with("EV0604"));
        assert!(error(&[parameter("a", normal), parameter("a", normal)]).to_string().starts_with("EV0605"));
    }
}
