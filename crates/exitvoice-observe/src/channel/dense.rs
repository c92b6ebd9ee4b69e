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

/// Cholesky factor U of a matrix U^T U, in place: rows of `n` numbers, of which the upper triangle alone is read and written. Returns half
/// the ln determinant. The matrix is the identity plus squares.
pub(crate) fn factor(matrix: &mut [f64], n: usize) -> f64 {
    let mut determinant = 1.0;
    let mut ln_determinant = 0.0;
    for k in 0..n {
        let (above, below) = matrix.split_at_mut((k + 1) * n);
        let pivot_row = &mut above[k * n..];
        let pivot = pivot_row[k].sqrt();
        pivot_row[k] = pivot;
        pivot_row[k + 1..].iter_mut().for_each(|x| *x /= pivot);
        for (i, row) in (k + 1..n).zip(below.chunks_exact_mut(n)) {
            let along = pivot_row[i];
            // Errors without a row in common, which are many.
            if along.to_bits() != 0 {
                subtract(&mut row[i..], along, &pivot_row[i..]);
            }
        }
        determinant *= pivot;
        if determinant > 1e100 {
            ln_determinant += math::ln(determinant);
            determinant = 1.0;
        }
    }
    ln_determinant + math::ln(determinant)
}

/// `to -= factor * from`, side by side.
#[inline]
fn subtract(to: &mut [f64], factor: f64, from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to -= factor * from);
}

/// Solves U^T U x = b in place.
pub(crate) fn solve(upper: &[f64], b: &mut [f64]) {
    let n = b.len();
    for (k, row) in upper.chunks_exact(n.max(1)).enumerate() {
        let (done, rest) = b.split_at_mut(k + 1);
        done[k] /= row[k];
        subtract(rest, done[k], &row[k + 1..]);
    }
    solve_upper(upper, b);
}

/// Solves U x = b in place.
pub(crate) fn solve_upper(upper: &[f64], b: &mut [f64]) {
    let n = b.len();
    for i in (0..n).rev() {
        let row = &upper[i * n..(i + 1) * n];
        for k in i + 1..n {
            b[i] -= row[k] * b[k];
        }
        b[i] /= row[i];
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
        let mut upper = matrix;
        // Nothing below the diagonal is read.
        [3, 6, 7].into_iter().for_each(|below| upper[below] = f64::NAN);
        let half_ln_determinant = factor(&mut upper, 3);
        assert!((math::exp(2.0 * half_ln_determinant) - 44.0).abs() < 1e-12);
        let mut x = [1.0, 2.0, 3.0];
        solve(&upper, &mut x);
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
