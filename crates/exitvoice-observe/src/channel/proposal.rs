//! Laws that the shared errors are drawn from: one normal posterior, or two where the rows can be read in two ways.

use super::dense::{Pattern, solve_upper};

/// A normal law in as many dimensions as there are shared errors.
#[derive(Clone, Debug)]
pub(crate) struct Normal {
    mean: Vec<f64>,
    /// Cholesky factor of the precision.
    upper: Vec<f64>,
    half_ln_determinant: f64,
    /// Whether each row is taken as an estimate of the truth.
    pub(crate) trusted: Vec<bool>,
}

impl Normal {
    pub(crate) fn new(errors: usize, rows: usize) -> Self {
        Self {
            mean: vec![0.0; errors],
            upper: vec![0.0; errors * errors],
            half_ln_determinant: 0.0,
            trusted: vec![true; rows],
        }
    }

    /// Takes over a mean and a factored precision.
    pub(crate) fn set(&mut self, mean: &[f64], upper: &[f64], half_ln_determinant: f64, trusted: &[bool]) {
        self.mean.copy_from_slice(mean);
        self.upper.copy_from_slice(upper);
        self.trusted.copy_from_slice(trusted);
        self.half_ln_determinant = half_ln_determinant;
    }

    /// The draw that belongs to standard normals.
    pub(crate) fn draw(&self, pattern: &Pattern, noise: &[f64], into: &mut [f64]) {
        into.copy_from_slice(noise);
        solve_upper(&self.upper, pattern, into);
        into.iter_mut().zip(&self.mean).for_each(|(x, mean)| *x += mean);
    }

    /// Its mean.
    pub(crate) fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// ln of the mass around the mean of what is standard normal before the rows: density there over that of this law.
    pub(crate) fn ln_mass(&self) -> f64 {
        -0.5 * self.mean.iter().map(|x| x * x).sum::<f64>() - self.half_ln_determinant
    }

    /// ln density at `x`, without the factor that all normal laws of this dimension share.
    pub(crate) fn ln_density(&self, pattern: &Pattern, x: &[f64]) -> f64 {
        let mut squares = 0.0;
        for (i, row, columns) in pattern.rows(&self.upper) {
            let of = |k: usize| row[k] * (x[k] - self.mean[k]);
            let z = columns.iter().fold(of(i), |z, k| z + of(*k));
            squares += z * z;
        }
        self.half_ln_determinant - 0.5 * squares
    }
}

#[cfg(test)]
mod tests {
    use super::super::dense::factor;
    use super::*;
    use exitvoice_core::math;

    #[test]
    fn a_draw_has_the_density_that_is_scored() {
        let mut upper = [4.0, 1.0, 1.0, 3.0];
        let pattern = Pattern::new(2, [vec![0, 1]]);
        let half_ln_determinant = factor(&mut upper, &pattern);
        let mut law = Normal::new(2, 0);
        law.set(&[0.3, -1.0], &upper, half_ln_determinant, &[]);
        let (noise, mut x) = ([0.7, -0.2], [0.0; 2]);
        law.draw(&pattern, &noise, &mut x);
        // A linear map of standard normals: their density times the determinant of its inverse.
        let expected = 0.5 * math::ln(11.0) - 0.5 * (0.7_f64 * 0.7 + 0.2 * 0.2);
        assert!((law.ln_density(&pattern, &x) - expected).abs() < 1e-12);
        // The quadratic form written out.
        let (a, b) = (x[0] - 0.3, x[1] + 1.0);
        let form = 4.0 * a * a + 2.0 * a * b + 3.0 * b * b;
        assert!((law.ln_density(&pattern, &x) - (0.5 * math::ln(11.0) - 0.5 * form)).abs() < 1e-12);
        // At its mean, the density of standard normals over that of the law.
        assert!((law.ln_mass() - (-0.5 * (0.3 * 0.3 + 1.0) - 0.5 * math::ln(11.0))).abs() < 1e-12);
    }
}
