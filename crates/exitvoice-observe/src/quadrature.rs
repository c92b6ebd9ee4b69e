//! Nodes and weights for integrals over one nuisance parameter: Gauss-Legendre (Numerical Recipes 4.6), and rules
//! that are even on a logarithmic scale, for integrands that may live anywhere on it.

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

/// Nodes up to which rounding leaves the recurrence orthogonal enough; beyond, every polynomial is made orthogonal to all before it, or nodes
/// would come up twice and weights be lost.
const MOST_UNGUARDED: usize = 16;

/// Gauss rule of a law given by points: integrates polynomials of degree `2 count - 1` as the points do (Golub & Welsch 1969). Fewer nodes
/// where the points are fewer, none without weight.
#[must_use]
pub fn gauss(points: &[Node], count: usize) -> Vec<Node> {
    // Weights near 1, so that neither they nor their inverses leave the range of numbers.
    let scale = near_one(points.iter().map(|p| p.weight).fold(0.0, f64::max));
    let mean = |f: &dyn Fn(usize) -> f64| points.iter().enumerate().map(|(i, p)| p.weight * scale * f(i)).sum::<f64>();
    let total = mean(&|_| 1.0);
    if total <= 0.0 {
        return Vec::new();
    }
    // Orthonormal polynomials at the points, by the three-term recurrence (Stieltjes).
    let (mut diagonal, mut beside) = (Vec::new(), Vec::new());
    let (mut before, mut now) = (vec![0.0; points.len()], vec![1.0 / total.sqrt(); points.len()]);
    let mut earlier: Vec<Vec<f64>> = Vec::new();
    while diagonal.len() < count.min(points.len()) {
        let own = mean(&|i| points[i].x * now[i] * now[i]);
        diagonal.push(own);
        let last = beside.last().copied().unwrap_or(0.0);
        let mut next: Vec<f64> = (0..points.len()).map(|i| (points[i].x - own) * now[i] - last * before[i]).collect();
        if count > MOST_UNGUARDED {
            earlier.push(now.clone());
            for polynomial in &earlier {
                let along = mean(&|i| next[i] * polynomial[i]);
                next.iter_mut().zip(polynomial).for_each(|(next, p)| *next -= along * p);
            }
        }
        let norm = mean(&|i| next[i] * next[i]).sqrt();
        if norm <= f64::EPSILON * own.abs() {
            break;
        }
        beside.push(norm);
        before = std::mem::replace(&mut now, next.into_iter().map(|p| p / norm).collect());
    }
    let own = |n: Node| Node { weight: n.weight / scale, ..n };
    (0..diagonal.len()).map(|k| own(node(&diagonal, &beside, k, total))).collect()
}

/// A power of 4, exact as a factor of numbers and of their roots, that brings a number of 0 and more near 1.
fn near_one(x: f64) -> f64 {
    let exponent = (x.to_bits() >> 52) as i64 - 1_023;
    let even = (-exponent).clamp(-1_022, 1_022) & !1;
    f64::from_bits(((1_023 + even) as u64) << 52)
}

/// Node number `k` from below of the rule whose recurrence has these coefficients: an eigenvalue of the tridiagonal matrix.
fn node(diagonal: &[f64], beside: &[f64], k: usize, total: f64) -> Node {
    let off = |i: usize| if i == 0 { 0.0 } else { beside[i - 1] };
    // Eigenvalues below x, by the signs of the pivots (Sturm).
    let below = |x: f64| {
        let mut pivot = 1.0;
        let negative = |(i, own): (usize, &f64)| {
            pivot = own - x - off(i) * off(i) / pivot;
            if pivot == 0.0 {
                pivot = f64::EPSILON * (1.0 + x.abs());
            }
            pivot < 0.0
        };
        diagonal.iter().enumerate().map(negative).filter(|negative| *negative).count()
    };
    let reach = |i: usize| off(i) + if i + 1 < diagonal.len() { beside[i] } else { 0.0 };
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for (i, own) in diagonal.iter().enumerate() {
        (low, high) = (low.min(own - reach(i)), high.max(own + reach(i)));
    }
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if below(middle) > k { high = middle } else { low = middle }
    }
    let x = f64::midpoint(low, high);
    let (mut before, mut now) = (0.0, 1.0 / total.sqrt());
    let mut squares = now * now;
    for i in 0..diagonal.len() - 1 {
        (before, now) = (now, ((x - diagonal[i]) * now - off(i) * before) / beside[i]);
        squares += now * now;
    }
    Node { x, weight: 1.0 / squares }
}

/// Distance of neighbours on the scale of ln t, and where the rule ends: below, t counts as 0.
const LN_STEP: f64 = 0.5;
const LN_LEAST: f64 = -13.0;
/// The tail beyond this many means is left out (e^-60).
const MEANS: f64 = 60.0;

/// Integrates over the exponential law with `rate`: even steps of ln t, exact to e^(-pi^2 / step) for functions that are smooth there,
/// however steep they are in t. Weights add up to 1.
#[must_use]
pub fn exponential(rate: f64) -> Vec<Node> {
    exponential_closer(rate, 1)
}

/// The same law with steps of ln t that are `parts` times shorter; the last node is at 0, for what lies below.
#[must_use]
pub fn exponential_closer(rate: f64, parts: usize) -> Vec<Node> {
    let last = ((math::ln(MEANS / rate) - LN_LEAST) / LN_STEP) as usize;
    let step = LN_STEP / parts as f64;
    let mut nodes: Vec<Node> = (0..=last * parts)
        .map(|i| math::exp(LN_LEAST + i as f64 * step))
        .map(|t| Node { x: t, weight: step * rate * t * math::exp(-rate * t) })
        .collect();
    let sum: f64 = nodes.iter().map(|n| n.weight).sum();
    nodes.push(Node { x: 0.0, weight: (1.0 - sum).max(0.0) });
    nodes
}

/// The same law where a function is steep in ln t: steps of ln t that are `parts` times shorter, around the nodes of [`exponential`] that are
/// `kept`, by position. What lies elsewhere is left out.
#[must_use]
pub fn exponential_around(rate: f64, kept: &[bool], parts: usize) -> Vec<Node> {
    let mut nodes = exponential_closer(rate, parts);
    let zero = nodes.pop().filter(|_| kept.last() == Some(&true));
    let beside = |j: usize| kept[j / parts] || kept[j.div_ceil(parts)];
    (0..).zip(nodes).filter(|(j, _)| beside(*j)).map(|(_, node)| node).chain(zero).collect()
}

/// Step of the logit, and where the rule ends: below it nobody of tens of thousands would be told apart from nobody at all.
const LOGIT_STEP: f64 = 0.6;
const LOGIT_ENDS: (f64, f64) = (-10.2, 9.0);

/// Integrates over the Beta(a, b) law, for a and b of about 1 and more: even steps of the logit, `parts` to the step that is enough for functions as
/// wide as the law. Weights add up to 1.
#[must_use]
pub fn beta(a: f64, b: f64, parts: usize) -> Vec<Node> {
    let step = LOGIT_STEP / parts as f64;
    let count = ((LOGIT_ENDS.1 - LOGIT_ENDS.0) / LOGIT_STEP) as usize * parts;
    let node = |i: usize| {
        let v = LOGIT_ENDS.0 + i as f64 * step;
        Node { x: math::logistic(v), weight: math::exp(a * math::ln_logistic(v) + b * math::ln_logistic(-v)) }
    };
    let mut nodes: Vec<Node> = (0..=count).map(node).collect();
    let sum: f64 = nodes.iter().map(|n| n.weight).sum();
    nodes.iter_mut().for_each(|n| n.weight /= sum);
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integral(nodes: &[Node], f: impl Fn(f64) -> f64) -> f64 {
        nodes.iter().map(|n| n.weight * f(n.x)).sum()
    }

    #[test]
    fn polynomials_are_integrated() {
        let nodes = legendre(64);
        for power in 0..20 {
            let found = integral(&nodes, |x| math::pow(x, f64::from(power)));
            assert!((found * f64::from(power + 1) - 1.0).abs() < 1e-12, "{power}: {found}");
        }
    }

    #[test]
    fn a_few_nodes_have_the_moments_of_many() {
        // Rates of several sizes, as those of false reports.
        let points: Vec<Node> = (0..400)
            .map(|i| math::exp(-4.0 + f64::from(i) * 0.015))
            .map(|x| Node { x, weight: 0.002 * math::exp(-3.0 * x) })
            .collect();
        for count in [1, 2, 5, 20] {
            let nodes = gauss(&points, count);
            assert_eq!(nodes.len(), count);
            assert!(nodes.iter().all(|n| n.weight > 0.0 && n.x > 0.0));
            for power in 0..2 * count as i32 {
                let [few, many] = [&nodes, &points].map(|nodes| integral(nodes, |x| math::pow(x, f64::from(power))));
                assert!((few / many - 1.0).abs() < 1e-9, "{count} nodes, {power}: {few} against {many}");
            }
        }
        // Weights so small that their inverses are no numbers.
        let faint = |n: Node| Node { weight: n.weight * 1e-308, ..n };
        let found = gauss(&legendre(40).into_iter().map(faint).collect::<Vec<_>>(), 6);
        assert_eq!(found.len(), 6);
        for (node, other) in found.into_iter().zip(gauss(&legendre(40), 6)) {
            assert!((node.x / other.x - 1.0).abs() < 1e-9 && (node.weight / faint(other).weight - 1.0).abs() < 1e-9);
        }
        assert_eq!(gauss(&[Node { x: 0.3, weight: 0.0 }], 4), []);
        let one = gauss(&[Node { x: 0.3, weight: 0.2 }], 4);
        assert_eq!(one.len(), 1);
        assert!((one[0].x - 0.3).abs() < 1e-15 && (one[0].weight - 0.2).abs() < 1e-15);
    }

    #[test]
    fn rules_on_a_logarithmic_scale_hold_for_steep_functions() {
        let nodes = exponential(9.0);
        for heads in [0.0, 1.0, 40.0, 3_000.0] {
            let found = integral(&nodes, |t| math::exp(-heads * t));
            // Absolute errors of 5e-8, relative to 9 / 3,009: the sum of the weights errs by 2 |Gamma(1 + 2 pi i / step)|, and the
            // mass below e^-13 counts as t = 0.
            assert!((found * (9.0 + heads) / 9.0 - 1.0).abs() < 3e-5, "{heads}: {found}");
        }
        let nodes = beta(8.0, 2.0, 1);
        for n in [0_u32, 1, 5, 30] {
            let found = integral(&nodes, |d| math::exp(f64::from(n) * math::ln_1p(-d)));
            let exact = math::exp(math::ln_beta(8.0, 2.0 + f64::from(n)) - math::ln_beta(8.0, 2.0));
            // 2 |Gamma(8 + iw) Gamma(2 - iw)| / (Gamma(8) Gamma(2)) at w = 2 pi / step: 3e-8.
            assert!((found - exact).abs() < 1e-7, "{n}: {found} against {exact}");
        }
    }
}
