//! Where the points of a sweep come from: grid, one at a time, Latin hypercube, Sobol sequence.

use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};

/// Most dimensions of the Sobol sequence.
pub const MOST_SOBOL: usize = 21;

/// Primitive polynomials and initial numbers of Joe and Kuo (2008, `new-joe-kuo-6`), dimensions 2 to 21: degree, coefficients, m.
const JOE_KUO: [(u32, u32, &[u32]); MOST_SOBOL - 1] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
    (6, 19, &[1, 1, 1, 15, 7, 5]),
    (6, 22, &[1, 3, 1, 15, 13, 25]),
    (6, 25, &[1, 1, 5, 5, 19, 61]),
    (7, 1, &[1, 3, 7, 11, 23, 15, 103]),
    (7, 4, &[1, 3, 7, 13, 13, 15, 69]),
];

const BITS: u32 = 32;

/// Indices of every combination of `counts[0]` x `counts[1]` x ... choices; the last dimension moves fastest.
#[must_use]
pub fn grid(counts: &[usize]) -> Vec<Vec<usize>> {
    let total: usize = counts.iter().product();
    let point = |mut number: usize| {
        let mut point = vec![0; counts.len()];
        for (slot, count) in point.iter_mut().zip(counts).rev() {
            *slot = number % count;
            number /= count;
        }
        point
    };
    (0..total).map(point).collect()
}

/// `points` points of the unit cube, one in each of `points` equal strata of every dimension, at a random place of it.
#[must_use]
pub fn latin_hypercube(points: u32, dimensions: usize, seed: Seed) -> Vec<Vec<f64>> {
    let draws = Draws::new(seed, Purpose::Design);
    let mut out = vec![vec![0.0; dimensions]; points as usize];
    for dimension in 0..dimensions {
        let mut order: Vec<u32> = (0..points).collect();
        order.sort_by_key(|stratum| (draws.hash(dimension as u64, u64::from(*stratum)), *stratum));
        for (point, stratum) in out.iter_mut().zip(order) {
            let place = draws.block(dimension as u64, u64::from(stratum)).second();
            point[dimension] = (f64::from(stratum) + place) / f64::from(points);
        }
    }
    out
}

/// The first `points` points of the Sobol sequence after its origin, shifted digitally by the seed, so that each point is uniform.
///
/// # Panics
/// More than [`MOST_SOBOL`] dimensions: the caller checks.
#[must_use]
pub fn sobol(points: u32, dimensions: usize, seed: Seed) -> Vec<Vec<f64>> {
    assert!(dimensions <= MOST_SOBOL, "the table of directions has {MOST_SOBOL} dimensions");
    let draws = Draws::new(seed, Purpose::Design);
    let shift: Vec<u32> = (0..dimensions).map(|d| (draws.hash(d as u64, u64::MAX) >> 32) as u32).collect();
    let number = |bits: u32| (f64::from(bits) + 0.5) / 4_294_967_296.0;
    let raw = sobol_bits(points + 1, dimensions);
    raw.into_iter().skip(1).map(|p| p.iter().zip(&shift).map(|(x, s)| number(x ^ s)).collect()).collect()
}

/// The sequence in 32-bit fractions, in Gray-code order.
fn sobol_bits(points: u32, dimensions: usize) -> Vec<Vec<u32>> {
    let directions: Vec<[u32; BITS as usize]> = (0..dimensions).map(directions).collect();
    let mut now = vec![0_u32; dimensions];
    let mut out = Vec::with_capacity(points as usize);
    for index in 0..points {
        out.push(now.clone());
        let bit = (!index).trailing_zeros() as usize;
        now.iter_mut().zip(&directions).for_each(|(x, v)| *x ^= v.get(bit).copied().unwrap_or(0));
    }
    out
}

fn directions(dimension: usize) -> [u32; BITS as usize] {
    let mut v = [0_u32; BITS as usize];
    if dimension == 0 {
        (0..BITS as usize).for_each(|i| v[i] = 1 << (31 - i));
        return v;
    }
    let (degree, coefficients, m) = JOE_KUO[dimension - 1];
    let degree = degree as usize;
    for i in 0..degree {
        v[i] = m[i] << (31 - i);
    }
    for i in degree..BITS as usize {
        v[i] = v[i - degree] ^ (v[i - degree] >> degree);
        for k in 1..degree {
            if coefficients >> (degree - 1 - k) & 1 == 1 {
                v[i] ^= v[i - k];
            }
        }
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_has_every_combination_once_the_last_moves_fastest() {
        assert_eq!(grid(&[2, 3]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
        assert_eq!(grid(&[]), [Vec::<usize>::new()]);
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_each_stratum_of_each_dimension() {
        let points = latin_hypercube(20, 3, Seed(5));
        for dimension in 0..3 {
            let mut strata: Vec<u32> = points.iter().map(|p| (p[dimension] * 20.0) as u32).collect();
            strata.sort_unstable();
            assert_eq!(strata, (0..20).collect::<Vec<u32>>(), "dimension {dimension}");
        }
        assert_ne!(points, latin_hypercube(20, 3, Seed(6)));
    }

    #[test]
    fn the_sobol_sequence_begins_as_published() {
        // Joe and Kuo's own example: the first points in three dimensions, Gray-code order.
        let published =
            [[0.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25], [0.25, 0.75, 0.75], [0.375, 0.375, 0.625]];
        let found: Vec<Vec<f64>> =
            sobol_bits(5, 3).iter().map(|p| p.iter().map(|x| f64::from(*x) / 4_294_967_296.0).collect()).collect();
        assert_eq!(found, published);
    }

    #[test]
    fn every_dimension_of_the_sobol_sequence_is_stratified() {
        for dimensions in [2, MOST_SOBOL] {
            let points = sobol_bits(256, dimensions);
            for dimension in 0..dimensions {
                let mut cells: Vec<u32> = points.iter().map(|p| p[dimension] >> 24).collect();
                cells.sort_unstable();
                assert_eq!(cells, (0..256).collect::<Vec<u32>>(), "dimension {dimension}");
            }
        }
    }
}
