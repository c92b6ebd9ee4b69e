//! Points of the unit cube that spread, and a small positive definite system, solved where it is not 0.

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

/// Where the Cholesky factor of a matrix can differ from 0: the columns right of the diagonal, by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pattern {
    /// First of the columns of each row, and their end.
    first: Vec<usize>,
    columns: Vec<usize>,
}

impl Pattern {
    /// For the identity plus squares in which the indices of a group meet, each in `0..n`.
    pub(crate) fn new(n: usize, groups: impl IntoIterator<Item = Vec<usize>>) -> Self {
        let mut meets = vec![std::collections::BTreeSet::new(); n];
        for group in groups {
            for k in &group {
                meets[*k].extend(group.iter().copied().filter(|l| l > k));
            }
        }
        // A pivot fills in wherever two of its columns meet.
        for k in 0..n {
            let columns: Vec<usize> = meets[k].iter().copied().collect();
            for (place, column) in columns.iter().enumerate() {
                meets[*column].extend(&columns[place + 1..]);
            }
        }
        let mut first = vec![0];
        for columns in &meets {
            first.push(first[first.len() - 1] + columns.len());
        }
        Self { first, columns: meets.into_iter().flatten().collect() }
    }

    /// Number of rows.
    pub(crate) const fn len(&self) -> usize {
        self.first.len().saturating_sub(1)
    }

    /// Columns right of the diagonal of a row, ascending.
    #[inline]
    fn row(&self, k: usize) -> &[usize] {
        &self.columns[self.first[k]..self.first[k + 1]]
    }

    /// Rows of a factor, each with its number and these columns.
    #[inline]
    pub(crate) fn rows<'a>(
        &'a self,
        upper: &'a [f64],
    ) -> impl DoubleEndedIterator<Item = (usize, &'a [f64], &'a [usize])> + ExactSizeIterator {
        debug_assert_eq!(upper.len(), self.len() * self.len());
        upper.chunks_exact(self.len().max(1)).enumerate().map(|(k, row)| (k, row, self.row(k)))
    }
}

/// Cholesky factor U of a matrix U^T U, in place: rows of as many numbers as the pattern has, of which the upper triangle alone is read and
/// written. Returns half the ln determinant. The matrix is the identity plus squares.
pub(crate) fn factor(matrix: &mut [f64], pattern: &Pattern) -> f64 {
    let n = pattern.len();
    debug_assert_eq!(matrix.len(), n * n);
    let mut determinant = 1.0;
    let mut ln_determinant = 0.0;
    for k in 0..n {
        let (above, below) = matrix.split_at_mut((k + 1) * n);
        let pivot_row = &mut above[k * n..];
        let pivot = pivot_row[k].sqrt();
        pivot_row[k] = pivot;
        let columns = pattern.row(k);
        for column in columns {
            pivot_row[*column] /= pivot;
        }
        for (place, column) in columns.iter().enumerate() {
            let row = &mut below[(column - k - 1) * n..(column - k) * n];
            let along = pivot_row[*column];
            for other in &columns[place..] {
                row[*other] -= along * pivot_row[*other];
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

/// Solves U^T U x = b in place.
pub(crate) fn solve(upper: &[f64], pattern: &Pattern, b: &mut [f64]) {
    for (k, row, columns) in pattern.rows(upper) {
        b[k] /= row[k];
        for column in columns {
            b[*column] -= b[k] * row[*column];
        }
    }
    solve_upper(upper, pattern, b);
}

/// Solves U x = b in place.
pub(crate) fn solve_upper(upper: &[f64], pattern: &Pattern, b: &mut [f64]) {
    for (i, row, columns) in pattern.rows(upper).rev() {
        let mut left = b[i];
        for column in columns {
            left -= row[*column] * b[*column];
        }
        b[i] = left / row[i];
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
        let (mut upper, pattern) = (matrix, Pattern::new(3, [vec![0, 1, 2]]));
        // Nothing below the diagonal is read.
        [3, 6, 7].into_iter().for_each(|below| upper[below] = f64::NAN);
        let half_ln_determinant = factor(&mut upper, &pattern);
        assert!((math::exp(2.0 * half_ln_determinant) - 44.0).abs() < 1e-12);
        let mut x = [1.0, 2.0, 3.0];
        solve(&upper, &pattern, &mut x);
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
        let pattern = Pattern::new(4, [vec![0], vec![1, 3]]);
        assert!((factor(&mut matrix, &pattern) - 600.0 * math::ln(10.0)).abs() < 1e-9);
    }

    #[test]
    fn a_pattern_holds_all_that_a_factor_fills_in() {
        // Squares of random vectors over groups of indices: nothing that the pattern leaves out may matter.
        let draws = Draws::new(Seed(5), Purpose::Test);
        let u = |i: usize, j: usize| draws.uniform(i as u64, j as u64);
        for case in 0..60 {
            let n = 2 + case % 9;
            let drawn = |g: usize| (0..n).filter(|i| u(1_000 * case + g, *i) < 0.3).collect::<Vec<usize>>();
            let groups: Vec<Vec<usize>> = (0..n + 1).map(drawn).collect();
            let mut matrix = vec![0.0; n * n];
            (0..n).for_each(|i| matrix[i * n + i] = 1.0);
            for (g, group) in groups.iter().enumerate() {
                for i in group {
                    group.iter().for_each(|j| matrix[i * n + j] += u(case, 50 * g + i) * u(case, 50 * g + j));
                }
            }
            let b: Vec<f64> = (0..n).map(|i| u(case, 5_000 + i) - 0.5).collect();
            let [sparse, full] = [Pattern::new(n, groups), Pattern::new(n, [(0..n).collect()])].map(|pattern| {
                let (mut upper, mut x) = (matrix.clone(), b.clone());
                let half_ln_determinant = factor(&mut upper, &pattern);
                solve(&upper, &pattern, &mut x);
                x.push(half_ln_determinant);
                x.into_iter().map(f64::to_bits).collect::<Vec<u64>>()
            });
            assert_eq!(sparse, full, "{n} errors");
        }
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
