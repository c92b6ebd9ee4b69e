//! Functions whose shares are published in closed form.

use super::*;
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use std::f64::consts::PI;

/// Ishigami and Homma (1990): sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on (-pi, pi)^3.
fn ishigami(u: &[f64]) -> f64 {
    let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
    let (s1, s2) = (math::sin(x[0]), math::sin(x[1]));
    s1 + 7.0 * s2 * s2 + 0.1 * x[2] * x[2] * x[2] * x[2] * s1
}

/// First and total order of the Ishigami function, from its variance decomposition with a = 7, b = 0.1.
fn ishigami_shares() -> [(f64, f64); 3] {
    let (a, b) = (7.0, 0.1);
    let p4 = PI * PI * PI * PI;
    let p8 = p4 * p4;
    let v1 = 0.5 * (1.0 + b * p4 / 5.0) * (1.0 + b * p4 / 5.0);
    let (v2, v13) = (a * a / 8.0, b * b * p8 * (1.0 / 18.0 - 1.0 / 50.0));
    let v = v1 + v2 + v13;
    [(v1 / v, (v1 + v13) / v), (v2 / v, v2 / v), (0.0, v13 / v)]
}

/// Sobol's g-function with a = 0, 1, 4.5, 9, 99, 99: each factor has variance 1 / (3 (1 + a)^2).
const G: [f64; 6] = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0];

fn g_function(u: &[f64]) -> f64 {
    u.iter().zip(G).map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a)).product()
}

fn g_shares() -> Vec<(f64, f64)> {
    let v: Vec<f64> = G.iter().map(|a| 1.0 / (3.0 * (1.0 + a) * (1.0 + a))).collect();
    let all = v.iter().map(|v| 1.0 + v).product::<f64>() - 1.0;
    v.iter().map(|own| (own / all, own * ((all + 1.0) / (1.0 + own)) / all)).collect()
}

fn check(found: &[Shares], expected: &[(f64, f64)], tolerance: f64) {
    for (i, (found, (first, total))) in found.iter().zip(expected).enumerate() {
        assert!((found.first.value - first).abs() < tolerance, "{i}: first {:?}, published {first}", found.first);
        assert!((found.total.value - total).abs() < tolerance, "{i}: total {:?}, published {total}", found.total);
        assert!(found.first.low <= found.first.value && found.first.value <= found.first.high);
    }
}

#[test]
fn the_published_values_are_those_of_the_literature() {
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    let found = ishigami_shares().map(|(first, total)| (rounded(first), rounded(total)));
    assert_eq!(found, [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)]);
}

#[test]
fn shares_of_the_ishigami_function_are_found() {
    // The quasi-random error at 4,096 base points is below .005; a plain random sample of that size has a standard error of .01 to .02.
    let base = 4_096;
    let points = saltelli_points(base, 3, Seed(1));
    let outputs: Vec<f64> = points.iter().map(|p| ishigami(p)).collect();
    let found = sobol(base, 3, &outputs, Seed(1)).expect("it varies");
    check(&found, &ishigami_shares(), 0.02);
}

#[test]
fn shares_of_the_g_function_are_found() {
    let base = 4_096;
    let points = saltelli_points(base, 6, Seed(2));
    let outputs: Vec<f64> = points.iter().map(|p| g_function(p)).collect();
    let found = sobol(base, 6, &outputs, Seed(2)).expect("it varies");
    check(&found, &g_shares(), 0.02);
}

#[test]
fn more_dimensions_than_the_sequence_has_are_sampled_too() {
    let base = 2_048;
    let points = saltelli_points(base, 12, Seed(3));
    let outputs: Vec<f64> = points.iter().map(|p| p[0] + 2.0 * p[11]).collect();
    let found = sobol(base, 12, &outputs, Seed(3)).expect("it varies");
    let mut expected = vec![(0.0, 0.0); 12];
    (expected[0], expected[11]) = ((0.2, 0.2), (0.8, 0.8));
    // Estimators at 2,048 random points: standard error below .03 for a linear function; four of them.
    check(&found, &expected, 0.12);
}

#[test]
fn shares_of_a_variance_that_rests_on_two_points_come_with_a_warning() {
    let analysis = Analysis { method: Method::Sobol, base: 16, seed: 1 };
    let keys = [("a".to_owned(), false), ("b".to_owned(), false)];
    let points = saltelli_points(16, 2, Seed(1));
    let of = |f: &dyn Fn(usize) -> f64| -> Vec<Vec<Vec<f64>>> { (0..points.len()).map(|i| vec![vec![f(i)]]).collect() };
    let many = saltelli_points(1_024, 2, Seed(1));
    let first: Vec<Vec<Vec<f64>>> = many.iter().map(|point| vec![vec![point[0]]]).collect();
    let even = analyse(Analysis { base: 1_024, ..analysis }, &keys, &["even"], &first);
    assert!(even.warnings.is_empty() && even.rows.len() == 2, "{even:?}");
    // The same of eight base points: every one has its part in the variance, and the shares are anywhere.
    let few = saltelli_points(8, 2, Seed(1));
    let first: Vec<Vec<Vec<f64>>> = few.iter().map(|point| vec![vec![point[0] + 0.9 * point[1]]]).collect();
    let open = analyse(Analysis { base: 8, ..analysis }, &keys, &["open"], &first);
    assert!(open.warnings["open"].contains("wider than a half"), "{open:?}");
    let lucky = analyse(analysis, &keys, &["lucky"], &of(&|i| if i < 2 { 1.0 } else { 0.0 }));
    assert!(lucky.warnings["lucky"].contains("about 2 of 64 points"), "{:?}", lucky.warnings);
    let flat = analyse(analysis, &keys, &["flat"], &of(&|_| 3.0));
    assert!(flat.warnings.is_empty() && flat.left_out.contains_key("flat"), "{flat:?}");
    // An effect of zero on what never varies says nothing about a parameter.
    let steps = Analysis { method: Method::Morris, base: 4, seed: 1 };
    let walks = vec![vec![vec![3.0]]; 4 * 3];
    let flat = analyse(steps, &keys, &["flat"], &walks);
    assert!(flat.rows.is_empty() && flat.left_out["flat"] == NO_VARIANCE, "{flat:?}");
}

#[test]
fn what_does_not_vary_has_no_shares() {
    let outputs = vec![3.0; 16 * 4];
    assert_eq!(sobol(16, 2, &outputs, Seed(1)), None);
}

#[test]
fn the_elementary_effects_of_a_linear_function_are_its_slopes_and_do_not_spread() {
    let slopes = [3.0, -2.0, 0.0];
    let (points, orders) = morris_points(10, 3, Seed(4));
    assert!(points.iter().flatten().all(|x| (0.0..=1.0).contains(x)));
    let outputs: Vec<f64> = points.iter().map(|p| p.iter().zip(slopes).map(|(x, s)| x * s).sum()).collect();
    for (effect, slope) in morris(&points, &orders, &outputs).iter().zip(slopes) {
        assert!((effect.mean - slope).abs() < 1e-12 && (effect.mean_absolute - slope.abs()).abs() < 1e-12);
        assert!(effect.deviation < 1e-12, "{effect:?}");
    }
}

#[test]
fn an_interaction_shows_as_spread() {
    let (points, orders) = morris_points(40, 2, Seed(5));
    let outputs: Vec<f64> = points.iter().map(|p| p[0] * p[1]).collect();
    let found = morris(&points, &orders, &outputs);
    assert!(found.iter().all(|e| e.deviation > 0.1 && e.mean_absolute > 0.2), "{found:?}");
}
