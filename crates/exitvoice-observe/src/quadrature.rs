//! Nodes and weights for integrals over one nuisance parameter: Gauss-Legendre and Gauss-Laguerre (Numerical Recipes 4.6).

use exitvoice_core::math;
use std::f64::consts::PI;

/// One point of an integral and its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Where.
    pub x: f64,
    /// How much.
    pub weight: f64,
}

/// Most steps of Newton's method; it needs fewer than ten.
const STEPS: usize = 100;
const CLOSE: f64 = 3e-14;

/// Integrates over [0, 1]; exact for polynomials of degree `2 count - 1`.
#[must_use]
pub fn legendre(count: usize) -> Vec<Node> {
    let n = count as f64;
    (0..count)
        .map(|i| {
            let mut z = -math::cos(PI * (i as f64 + 0.75) / (n + 0.5));
            let mut slope = 1.0;
            for _ in 0..STEPS {
                let (mut value, mut before) = (1.0, 0.0);
                for j in 0..count {
                    let j = j as f64;
                    (value, before) = (((2.0 * j + 1.0) * z * value - j * before) / (j + 1.0), value);
                }
                slope = n * (z * value - before) / (z * z - 1.0);
                let step = value / slope;
                z -= step;
                if step.abs() < CLOSE {
                    break;
                }
            }
            Node { x: 0.5 * (z + 1.0), weight: 1.0 / ((1.0 - z * z) * slope * slope) }
        })
        .collect()
}

/// Integrates f(x) e^-x over x > 0; exact for polynomials of degree `2 count - 1`.
#[must_use]
pub fn laguerre(count: usize) -> Vec<Node> {
    let n = count as f64;
    let mut found: Vec<Node> = Vec::with_capacity(count);
    let mut z = 0.0;
    for i in 0..count {
        z = match i {
            0 => 3.0 / (1.0 + 2.4 * n),
            1 => z + 15.0 / (1.0 + 2.5 * n),
            _ => {
                let j = i as f64 - 1.0;
                z + (1.0 + 2.55 * j) / (1.9 * j) * (z - found[i - 2].x)
            }
        };
        let (mut slope, mut before) = (1.0, 0.0);
        for _ in 0..STEPS {
            let mut value = 1.0;
            before = 0.0;
            for j in 0..count {
                let j = j as f64;
                (value, before) = (((2.0 * j + 1.0 - z) * value - j * before) / (j + 1.0), value);
            }
            slope = n * (value - before) / z;
            let step = value / slope;
            z -= step;
            if step.abs() < CLOSE * z {
                break;
            }
        }
        found.push(Node { x: z, weight: -1.0 / (slope * n * before) });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integral(nodes: &[Node], f: impl Fn(f64) -> f64) -> f64 {
        nodes.iter().map(|n| n.weight * f(n.x)).sum()
    }

    #[test]
    fn polynomials_and_exponentials_are_integrated() {
        let nodes = legendre(64);
        for power in 0..20 {
            let found = integral(&nodes, |x| math::pow(x, f64::from(power)));
            assert!((found * f64::from(power + 1) - 1.0).abs() < 1e-12, "{power}: {found}");
        }
        let nodes = laguerre(32);
        for power in 0..12 {
            let found = integral(&nodes, |x| math::pow(x, f64::from(power)));
            assert!(
                (found / math::exp(math::ln_gamma(f64::from(power) + 1.0)) - 1.0).abs() < 1e-10,
                "{power}: {found}"
            );
        }
        for rate in [0.0, 0.5, 2.0, 10.0] {
            let found = integral(&nodes, |x| math::exp(-rate * x));
            assert!((found * (1.0 + rate) - 1.0).abs() < 1e-3, "{rate}: {found}");
        }
    }
}
