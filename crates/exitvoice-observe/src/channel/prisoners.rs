//! # Prisoners
//! Exact public counts of the living prisoners, the rare event itself summed out.
//!
//! ## Equation
//! x(t) = prisoners alive in custody at the end of day t: x grows by Binomial(opportunities of the days between, capture_alive) and by
//! the surrendered. A printed count is n ~ Binomial(x, d), d ~ Beta(19, 1) for each bulletin: given x a beta-binomial.
//! The counts of several dates share x: p(n_1, n_2, ...) is summed forward over the path of x.
//!
//! ## Symbols
//! opportunities, surrendered, capture_alive of the trajectory
//! ## Not modelled
//! delay (captors announce themselves); deaths in custody (the trajectory does not hold them by day)
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 exact 2 of 3 at d = .95 is .135375 (`two_of_three_at_a_given_detection`)
//! - C2 sampled counts have the frequencies that are scored (`sampled_counts_match_their_scores`)

use crate::claim::{Claim, Quantity};
use crate::nuisance::{Law, ObserverLaws};
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_core::rng::sample;
use exitvoice_core::time::Day;
use exitvoice_record::Trajectory;

/// Numbers of prisoners considered beyond one and a half times the largest count; at d ~ Beta(19, 1) the rest is below 1e-16.
const BEYOND: usize = 80;

/// How a count arises from the truth.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Detection {
    /// Binomial.
    Known(f64),
    /// Beta-binomial.
    Beta(f64, f64),
}

/// ln of P(n of x are counted).
fn ln_counted(n: f64, x: f64, detection: Detection) -> f64 {
    if n > x {
        return f64::NEG_INFINITY;
    }
    let ln_odds = match detection {
        Detection::Known(d) if d >= 1.0 => return if n < x { f64::NEG_INFINITY } else { 0.0 },
        Detection::Known(d) if d <= 0.0 => return if n > 0.0 { f64::NEG_INFINITY } else { 0.0 },
        Detection::Known(d) => n * math::ln(d) + (x - n) * math::ln_1p(-d),
        Detection::Beta(a, b) => math::ln_beta(n + a, x - n + b) - math::ln_beta(a, b),
    };
    math::ln_choose(x, n) + ln_odds
}

/// One public count.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Count {
    pub(crate) id: String,
    /// Last day.
    to: i32,
    /// How many.
    pub(crate) n: usize,
}

/// All public counts of prisoners.
#[derive(Clone, Debug)]
pub(crate) struct Prisoners {
    pub(crate) counts: Vec<Count>,
    detection: Detection,
    detection_law: Law,
}

impl Prisoners {
    pub(crate) fn new<'c>(claims: impl Iterator<Item = &'c Claim>, day_zero: Day, laws: &ObserverLaws) -> Self {
        let mut counts: Vec<Count> = claims
            .filter(|c| c.quantity == Quantity::Prisoners)
            .filter_map(|c| Some(Count { id: c.id.clone(), to: c.as_of - day_zero, n: c.value? as usize }))
            .collect();
        counts.sort_by(|a, b| (a.to, a.n, &a.id).cmp(&(b.to, b.n, &b.id)));
        let detection_law = laws.get("observe.announcements.prisoner");
        let detection = match detection_law {
            Law::Prior(Prior::Beta { a, b }) => Detection::Beta(a, b),
            other => Detection::Known(other.quantile(0.5)),
        };
        Self { counts, detection, detection_law }
    }

    /// ln of the probability of all counts.
    pub(crate) fn ln_likelihood(&self, trajectory: &Trajectory) -> f64 {
        let Some(largest) = self.counts.iter().map(|c| c.n).max() else { return 0.0 };
        let top = largest + largest / 2 + BEYOND;
        let mut path = vec![0.0; top + 1];
        path[0] = 1.0;
        let (mut from, mut ln_total) = (-1, 0.0);
        for count in &self.counts {
            let opportunities = between(&trajectory.capture_opportunities, from, count.to);
            let surrendered = between(&trajectory.surrendered, from, count.to);
            path = grow(&path, opportunities, surrendered, trajectory.capture_alive.value());
            for (x, mass) in path.iter_mut().enumerate() {
                *mass *= math::exp(ln_counted(count.n as f64, x as f64, self.detection));
            }
            let total: f64 = path.iter().sum();
            if total <= 0.0 {
                return f64::NEG_INFINITY;
            }
            path.iter_mut().for_each(|mass| *mass /= total);
            ln_total += math::ln(total);
            from = count.to;
        }
        ln_total
    }

    /// What each count would have been. `u` gives one uniform per count and use (0 captures, 1 detection, 2 count).
    pub(crate) fn simulate(&self, trajectory: &Trajectory, u: impl Fn(u64, u64) -> f64) -> Vec<u64> {
        let (mut alive, mut from) = (0, -1);
        let mut found = Vec::with_capacity(self.counts.len());
        for (number, count) in (0_u64..).zip(&self.counts) {
            let opportunities = between(&trajectory.capture_opportunities, from, count.to);
            let p = trajectory.capture_alive.value();
            alive +=
                sample::binomial(u(number, 0), opportunities, p) + between(&trajectory.surrendered, from, count.to);
            let d = self.detection_law.quantile(u(number, 1));
            found.push(sample::binomial(u(number, 2), alive, d));
            from = count.to;
        }
        found
    }
}

/// Sum of a column over the days after `from` to the end of `to`.
fn between(column: &[i32], from: i32, to: i32) -> u64 {
    let sum = Trajectory::total(column, to) - Trajectory::total(column, from);
    u64::try_from(sum).unwrap_or(0)
}

/// Law of x after a stretch of days; numbers above the last index are dropped: no count can come from them.
fn grow(path: &[f64], opportunities: u64, surrendered: u64, alive: f64) -> Vec<f64> {
    let mut step = vec![0.0; path.len()];
    let start = usize::try_from(surrendered).unwrap_or(usize::MAX);
    let n = opportunities as f64;
    for (k, slot) in step.iter_mut().skip(start).enumerate() {
        if k as u64 <= opportunities {
            *slot = math::exp(ln_counted(k as f64, n, Detection::Known(alive)));
        }
    }
    (0..path.len()).map(|x| (0..=x).map(|k| step[k] * path[x - k]).sum()).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
mod tests {
    use super::*;
    use crate::toy::quiet;
    use exitvoice_core::quantity::{Probability, Seed};
    use exitvoice_core::rng::{Draws, Purpose};

    fn counts(list: &[(i32, usize)]) -> Prisoners {
        let mut found = Prisoners::new(std::iter::empty(), Day(0), &ObserverLaws::from_registry());
        found.counts = list.iter().map(|(to, n)| Count { id: format!("P{to}"), to: *to, n: *n }).collect();
        found
    }

    #[test]
    fn two_of_three_at_a_given_detection() {
        assert!((math::exp(ln_counted(2.0, 3.0, Detection::Known(0.95))) - 0.135_375).abs() < 1e-12);
        let beta: f64 = (0..=7).map(|n| math::exp(ln_counted(f64::from(n), 7.0, Detection::Beta(19.0, 1.0)))).sum();
        assert!((beta - 1.0).abs() < 1e-12, "{beta}");
    }

    #[test]
    fn one_count_is_the_double_sum_written_out() {
        let mut truth = quiet(30);
        truth.capture_opportunities[4] = 12;
        truth.surrendered[9] = 1;
        truth.capture_alive = Probability::clamped(0.2);
        let expected: f64 = (0..=12)
            .map(|k| {
                let k = f64::from(k);
                math::exp(
                    ln_counted(k, 12.0, Detection::Known(0.2)) + ln_counted(2.0, k + 1.0, Detection::Beta(19.0, 1.0)),
                )
            })
            .sum();
        assert!((counts(&[(20, 2)]).ln_likelihood(&truth) - math::ln(expected)).abs() < 1e-12);
    }

    #[test]
    fn sampled_counts_match_their_scores() {
        let mut truth = quiet(30);
        truth.capture_opportunities[4] = 9;
        truth.capture_opportunities[14] = 5;
        truth.capture_alive = Probability::clamped(0.3);
        let draws = Draws::new(Seed(3), Purpose::Test);
        let n = 20_000;
        let hits = (0..n)
            .filter(|i| {
                let channel = counts(&[(10, 0), (20, 0)]);
                channel.simulate(&truth, |number, what| draws.uniform(*i * 8 + number, what)) == [2, 4]
            })
            .count() as f64;
        let p = math::exp(counts(&[(10, 2), (20, 4)]).ln_likelihood(&truth));
        let n = n as f64;
        assert!((hits / n - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{} against {p}", hits / n);
    }

    #[test]
    fn a_count_above_every_possibility_is_impossible() {
        assert_eq!(counts(&[(20, 1)]).ln_likelihood(&quiet(30)), f64::NEG_INFINITY);
        assert_eq!(counts(&[]).ln_likelihood(&quiet(30)), 0.0);
    }
}
