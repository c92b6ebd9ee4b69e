//! The rate of false reports, integrated over: moments for few reports, nodes of a Gauss rule for many.

use crate::nuisance::Law;
use crate::quadrature::{Node, gauss};
use exitvoice_core::math;
use exitvoice_core::param::Prior;

/// Days of a rate of false reports.
pub(crate) const PER_DAYS: f64 = 30.0;
/// Step and end of the integral over a log-normal f, in standard deviations of ln f: sixty false reports lie beyond the fourth.
const STEP: f64 = 1.0 / 64.0;
const END: f64 = 8.0;
/// Points of the integral over any other law.
const MIDPOINTS: usize = 1024;
/// Nodes that are exact where at most 31 of the reports are false, and where as many are as may be scored.
const FEW: usize = 16;
const MOST: usize = 64;
/// Most false reports for which a sum over rates is exact.
pub(crate) const MOST_FALSE: usize = 2 * MOST - 1;

/// Law of the rate of false reports a day: nodes f/30, weighted by exp(-f T/30).
fn false_rates(law: Law, days: i32) -> Vec<Node> {
    let exposure = f64::from(days) / PER_DAYS;
    let node = |f: f64, weight: f64| Node { x: f / PER_DAYS, weight: weight * math::exp(-f * exposure) };
    match law {
        Law::Pinned(value) => vec![node(value, 1.0)],
        Law::Prior(Prior::LogNormal { median, sd_log }) => {
            let steps = (END / STEP) as i32;
            let at = |z: f64| node(median * math::exp(sd_log * z), STEP * math::normal_pdf(z));
            (-steps..=steps).map(|i| at(f64::from(i) * STEP)).collect()
        }
        Law::Prior(_) => {
            let midpoint = |i: usize| law.quantile((i as f64 + 0.5) / MIDPOINTS as f64);
            (0..MIDPOINTS).map(|i| node(midpoint(i), 1.0 / MIDPOINTS as f64)).collect()
        }
    }
}

/// E[(f/30)^k exp(-f T/30)] for k = 0..=clusters.
pub(crate) fn false_moments(law: Law, days: i32, clusters: usize) -> Vec<f64> {
    let mut rates = false_rates(law, days);
    let mut found = Vec::with_capacity(clusters + 1);
    for _ in 0..=clusters {
        found.push(rates.iter().map(|rate| rate.weight).sum());
        rates.iter_mut().for_each(|rate| rate.weight *= rate.x);
    }
    found
}

/// Nodes with these moments: few, and as many as all of them need. With few reports both are the same.
pub(crate) fn false_rules(law: Law, days: i32, clusters: usize) -> [Vec<Node>; 2] {
    let (rates, all) = (false_rates(law, days), clusters / 2 + 1);
    [all.min(FEW), all.min(MOST)].map(|points| gauss(&rates, points))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_have_the_moments_of_the_law_however_many_reports_there_are() {
        let law = Law::Prior(Prior::LogNormal { median: 0.1, sd_log: 1.0 });
        for (clusters, few, all) in [(9, 5, 5), (31, 16, 16), (60, 16, 31), (126, 16, 64)] {
            let rules = false_rules(law, 200, clusters);
            assert_eq!(rules.each_ref().map(Vec::len), [few, all]);
            let moments = false_moments(law, 200, clusters);
            for (rule, most) in rules.iter().zip([2 * few - 1, 2 * all - 1]) {
                assert!(rule.windows(2).all(|pair| pair[0].x < pair[1].x), "no node comes up twice");
                for (k, moment) in moments.iter().enumerate().take(most + 1) {
                    let found: f64 = rule.iter().map(|n| n.weight * math::pow(n.x, k as f64)).sum();
                    assert!((found / moment - 1.0).abs() < 1e-8, "{clusters} reports, {k} false: {found} {moment}");
                }
            }
        }
    }

    #[test]
    fn moments_are_those_of_the_log_normal_law_without_silence_far_into_its_tail() {
        // Without days E[f^k] = median^k exp(k^2 sd^2 / 2): a law of spread .3, that ten of its standard deviations hold.
        let law = Law::Prior(Prior::LogNormal { median: 0.1, sd_log: 0.3 });
        for (k, moment) in false_moments(law, 0, 12).into_iter().enumerate() {
            let k = k as f64;
            let exact = k * math::ln(0.1 / PER_DAYS) + 0.5 * 0.09 * k * k;
            assert!((math::ln(moment) - exact).abs() < 1e-5, "{k}: {moment}");
        }
    }
}
