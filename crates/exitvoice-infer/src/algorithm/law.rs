//! Student's t law in several dimensions, fitted to weighted points.

use super::linear;
use exitvoice_core::math;
use std::f64::consts::PI;

/// Degrees of freedom: heavy enough tails that a point far out is not called impossible.
pub(crate) const FREEDOM: u32 = 20;
/// Added to each variance: points that have collapsed onto one must still be able to move.
const TINY: f64 = 1e-10;

/// A t law with location and scale.
#[derive(Clone, Debug)]
pub(crate) struct Law {
    pub(crate) mean: Vec<f64>,
    /// Lower factor of the scale matrix.
    pub(crate) factor: Vec<f64>,
    ln_constant: f64,
}

impl Law {
    /// Scale matrix = covariance of the points, so that the law matches a normal target where most of its mass is.
    /// `rests_on` is the effective number of points; weights sum to 1.
    pub(crate) fn fit(points: &[&[f64]], weights: &[f64], rests_on: f64) -> Self {
        let d = points.first().map_or(0, |p| p.len());
        let weighted = || points.iter().copied().zip(weights.iter().copied());
        let mean = linear::mean(weighted(), d);
        let raw = linear::covariance(weighted(), &mean);
        // Off-diagonal terms shrink as if d more points had none: few points must not close directions.
        let trust = rests_on / (rests_on + d as f64);
        let cell = |i: usize, j: usize| if i == j { raw[i * d + i] + TINY } else { trust * raw[i * d + j] };
        let matrix: Vec<f64> = (0..d * d).map(|k| cell(k / d, k % d)).collect();
        let diagonal = || (0..d * d).map(|k| if k / d == k % d { cell(k / d, k % d).sqrt() } else { 0.0 }).collect();
        let factor = linear::factor(&matrix, d).unwrap_or_else(diagonal);
        let ln_scale: f64 = (0..d).map(|i| math::ln(factor[i * d + i])).sum();
        let (freedom, dimensions) = (f64::from(FREEDOM), d as f64);
        let ln_constant = math::ln_gamma(0.5 * (freedom + dimensions))
            - math::ln_gamma(0.5 * freedom)
            - 0.5 * dimensions * math::ln(freedom * PI)
            - ln_scale;
        Self { mean, factor, ln_constant }
    }

    /// Squared distance from the mean, in units of the scale.
    pub(crate) fn distance(&self, x: &[f64]) -> f64 {
        linear::squared_distance(&self.factor, x, &self.mean)
    }

    /// Log density.
    pub(crate) fn ln_density(&self, x: &[f64]) -> f64 {
        let freedom = f64::from(FREEDOM);
        self.ln_constant - 0.5 * (freedom + x.len() as f64) * math::ln_1p(self.distance(x) / freedom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_density_integrates_to_one_in_two_dimensions() {
        let points: [&[f64]; 4] = [&[0.0, 0.0], &[2.0, 1.0], &[1.0, 3.0], &[3.0, 2.0]];
        let law = Law::fit(&points, &[0.25; 4], 4.0);
        assert_eq!(law.mean, [1.5, 1.5]);
        let (cells, width) = (400, 0.25);
        let at = |i: i32| f64::from(i - cells / 2) * width;
        let mass: f64 = (0..cells * cells)
            .map(|k| math::exp(law.ln_density(&[at(k / cells), at(k % cells)])) * width * width)
            .sum();
        // Outside the square of 100 lies less than (1 + 45^2 / 5)^(-5/2) of the mass.
        assert!((mass - 1.0).abs() < 1e-4, "{mass}");
    }
}
