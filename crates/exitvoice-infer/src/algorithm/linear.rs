//! Means, covariances and triangular factors of small symmetric matrices, kept row by row.

/// Weighted mean of points in `d` dimensions; weights sum to 1.
pub(crate) fn mean<'a>(points: impl Iterator<Item = (&'a [f64], f64)>, d: usize) -> Vec<f64> {
    let mut mean = vec![0.0; d];
    for (point, weight) in points {
        for (sum, x) in mean.iter_mut().zip(point) {
            *sum += weight * x;
        }
    }
    mean
}

/// Weighted covariance around `mean`; weights sum to 1.
pub(crate) fn covariance<'a>(points: impl Iterator<Item = (&'a [f64], f64)>, mean: &[f64]) -> Vec<f64> {
    let d = mean.len();
    let mut sum = vec![0.0; d * d];
    for (point, weight) in points {
        for i in 0..d {
            let scaled = weight * (point[i] - mean[i]);
            for j in 0..=i {
                sum[i * d + j] += scaled * (point[j] - mean[j]);
            }
        }
    }
    for i in 0..d {
        for j in 0..i {
            sum[j * d + i] = sum[i * d + j];
        }
    }
    sum
}

/// Lower factor L with L L' = `matrix`; `None` where the matrix is not positive definite.
pub(crate) fn factor(matrix: &[f64], d: usize) -> Option<Vec<f64>> {
    let mut lower = vec![0.0; d * d];
    for i in 0..d {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| lower[i * d + k] * lower[j * d + k]).sum();
            let left = matrix[i * d + j] - known;
            if i == j {
                if left <= 0.0 || !left.is_finite() {
                    return None;
                }
                lower[i * d + i] = left.sqrt();
            } else {
                lower[i * d + j] = left / lower[j * d + j];
            }
        }
    }
    Some(lower)
}

/// L v.
pub(crate) fn multiply(lower: &[f64], v: &[f64]) -> Vec<f64> {
    let d = v.len();
    (0..d).map(|i| (0..=i).map(|j| lower[i * d + j] * v[j]).sum()).collect()
}

/// Squared length of L^-1 v.
pub(crate) fn squared_length(lower: &[f64], v: &[f64]) -> f64 {
    solved_length(lower, v.to_vec())
}

/// Squared length of L^-1 (x - m): a law's density is asked for so often that one vector is all it may take.
pub(crate) fn squared_distance(lower: &[f64], x: &[f64], m: &[f64]) -> f64 {
    solved_length(lower, x.iter().zip(m).map(|(x, m)| x - m).collect())
}

fn solved_length(lower: &[f64], mut v: Vec<f64>) -> f64 {
    let d = v.len();
    for i in 0..d {
        let row = &lower[i * d..i * d + i];
        let known: f64 = row.iter().zip(&v).map(|(l, s)| l * s).sum();
        v[i] = (v[i] - known) / lower[i * d + i];
    }
    v.iter().map(|x| x * x).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factor_multiplies_back_and_measures_length() {
        let matrix = [4.0, 2.0, 2.0, 10.0];
        let lower = factor(&matrix, 2).expect("positive definite");
        assert_eq!(lower, [2.0, 0.0, 1.0, 3.0]);
        assert_eq!(multiply(&lower, &[1.0, 2.0]), [2.0, 7.0]);
        assert!((squared_length(&lower, &[2.0, 7.0]) - 5.0).abs() < 1e-14);
        assert!(factor(&[1.0, 2.0, 2.0, 1.0], 2).is_none());
    }

    #[test]
    fn moments_of_two_weighted_points() {
        let points: [(&[f64], f64); 2] = [(&[0.0, 0.0], 0.75), (&[4.0, 8.0], 0.25)];
        let mean = mean(points.into_iter(), 2);
        assert_eq!(mean, [1.0, 2.0]);
        assert_eq!(covariance(points.into_iter(), &mean), [3.0, 6.0, 6.0, 12.0]);
    }

    #[test]
    fn a_covariance_of_three_dimensions_is_the_same_on_both_sides() {
        let points: [(&[f64], f64); 2] = [(&[0.0, 0.0, 2.0], 0.5), (&[2.0, 4.0, 8.0], 0.5)];
        let mean = mean(points.into_iter(), 3);
        assert_eq!(covariance(points.into_iter(), &mean), [1.0, 2.0, 3.0, 2.0, 4.0, 6.0, 3.0, 6.0, 9.0]);
    }
}
