//! Points of the unit cube that spread, and a small dense positive definite system.

use exitvoice_core::math;
use exitvoice_core::rng::{Draws, sample};

/// `draws` points of the unit cube; in each dimension one falls in each of `draws` equal strata.
pub(crate) fn latin_hypercube(source: Draws, draws: usize, dimensions: usize) -> Vec<f64> {
    let mut cube = vec![0.0; draws * dimensions];
    let mut strata: Vec<usize> = (0..draws).collect();
    for dimension in 0..dimensions {
        for draw in (0..draws).rev() {
            let block = source.block(dimension as u64, draw as u64);
            // Fisher-Yates from the end: the stratum of this draw is fixed, the rest stays to be shuffled.
            strata.swap(draw, sample::index(block.uniform(), draw + 1));
            let u = (strata[draw] as f64 + block.second()) / draws as f64;
            cube[draw * dimensions + dimension] = u.min(1.0 - f64::EPSILON);
        }
    }
    cube
}

/// Cholesky factor in the lower triangle, in place; returns half the ln determinant. The matrix is the identity plus squares.
pub(crate) fn factor(matrix: &mut [f64], n: usize) -> f64 {
    let mut determinant = 1.0;
    let mut ln_determinant = 0.0;
    for j in 0..n {
        for i in j..n {
            let mut sum = matrix[i * n + j];
            for k in 0..j {
                sum -= matrix[i * n + k] * matrix[j * n + k];
            }
            matrix[i * n + j] = if i == j { sum.sqrt() } else { sum / matrix[j * n + j] };
        }
        determinant *= matrix[j * n + j];
        if determinant > 1e100 {
            ln_determinant += math::ln(determinant);
            determinant = 1.0;
        }
    }
    ln_determinant + math::ln(determinant)
}

/// Solves L L^T x = b in place.
pub(crate) fn solve(lower: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in 0..n {
        for k in 0..i {
            b[i] -= lower[i * n + k] * b[k];
        }
        b[i] /= lower[i * n + i];
    }
    solve_transposed(lower, b);
}

/// Solves L^T x = b in place.
pub(crate) fn solve_transposed(lower: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in (0..n).rev() {
        for k in i + 1..n {
            b[i] -= lower[k * n + i] * b[k];
        }
        b[i] /= lower[i * n + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    #[test]
    fn a_factored_system_is_solved_and_its_determinant_known() {
        let matrix = [4.0, 1.0, 2.0, 1.0, 3.0, 0.5, 2.0, 0.5, 5.0];
        let mut lower = matrix;
        let half_ln_determinant = factor(&mut lower, 3);
        assert!((math::exp(2.0 * half_ln_determinant) - 44.0).abs() < 1e-12);
        let mut x = [1.0, 2.0, 3.0];
        solve(&lower, &mut x);
        for (row, b) in matrix.chunks(3).zip([1.0, 2.0, 3.0]) {
            let found: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
            assert!((found - b).abs() < 1e-12);
        }
    }

    #[test]
    fn a_determinant_beyond_the_largest_number_has_its_logarithm() {
        // 1e300 on the diagonal, four times: the root of the determinant is 1e600.
        let mut matrix = [0.0; 16];
        (0..4).for_each(|i| matrix[i * 4 + i] = 1e300);
        assert!((factor(&mut matrix, 4) - 600.0 * math::ln(10.0)).abs() < 1e-9);
    }

    #[test]
    fn every_stratum_holds_one_point_in_each_dimension() {
        let (draws, dimensions) = (16, 3);
        let cube = latin_hypercube(Draws::new(Seed(2), Purpose::Test), draws, dimensions);
        for dimension in 0..dimensions {
            let mut strata: Vec<usize> =
                (0..draws).map(|d| (cube[d * dimensions + dimension] * 16.0) as usize).collect();
            strata.sort_unstable();
            assert_eq!(strata, (0..draws).collect::<Vec<_>>());
        }
    }
}
