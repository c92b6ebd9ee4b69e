//! # Announcements and silence
//! Deserters who reach the other side are shown on record; that none was shown says something, if showing is the rule.
//!
//! ## Equation
//! Each of those who reached the other side is announced within 60 days with probability d ~ Beta(8, 2), the day uniform among the
//! 60: by the as-of day with probability d w, w = min(1, days since / 60). The number announced is a sum of such trials.
//! Complete: P(that many, as many as were announced). Incomplete: P(at least as many); with none announced this is 1.
//! Announced are as many as the rows tell of at least: a row counts the days of its window, or all since day 0, and rows are added where
//! their days are not the same. Where a row bounds a number (at least, at most, from to), the list is not complete, whatever the rule.
//!
//! ## Symbols
//! `reached` of the trajectory; the announced: on-record claims of desertions
//! ## Not modelled
//! deserters caught by their own side: never visible from outside
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 silence is 1, .2, .0545, .0030, .00012 for 0, 1, 2, 5, 10 (`silence_has_the_known_values`)
//! - C2 sampled numbers have the frequencies that are scored (`sampled_announcements_match_their_scores`)
//! - C3 who is announced by one day is announced by every later one (`who_is_announced_stays_so`)
//! - C4 nobody is announced twice (`rows_about_the_same_days_are_not_added`)

use crate::claim::{Claim, Form, Quantity};
use crate::likelihood::Completeness;
use crate::nuisance::{Law, ObserverLaws};
use crate::quadrature::{self, Node, legendre};
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_core::time::Day;
use exitvoice_record::Trajectory;

/// Days within which an announcement comes, if it comes.
const WITHIN_DAYS: i32 = 60;
/// Points of the integral over d.
const POINTS: usize = 64;
/// So many, announced or reported, tell d as closely as one step of its logit; n tell it to 1 / sqrt(n).
const TOLD_A_STEP: f64 = 5.0;
/// Half the range of the integral over d in standard deviations around its mean.
const REACH: f64 = 12.0;

/// The channel of announcements.
#[derive(Clone, Debug)]
pub(crate) struct Announcements {
    /// How many were announced on record.
    pub(crate) announced: usize,
    pub(crate) completeness: Completeness,
    pub(crate) as_of: i32,
    pub(crate) law: Law,
    nodes: Vec<Node>,
}

/// Arrivals whose 60 days are over, and the recent ones with their share w.
struct Arrivals {
    ripe: u64,
    recent: Vec<(u64, f64)>,
}

impl Announcements {
    pub(crate) fn new<'c>(
        claims: impl Iterator<Item = &'c Claim>,
        as_of: i32,
        completeness: Completeness,
        laws: &ObserverLaws,
    ) -> Self {
        let claims: Vec<&Claim> = claims.collect();
        let bounds = claims.iter().any(|c| on_record(c) && !matches!(c.form, Form::Exact | Form::About));
        Self {
            announced: announced(claims.into_iter()),
            completeness: if bounds { Completeness::Incomplete } else { completeness },
            as_of,
            law: laws.get("observe.announcements.deserter"),
            nodes: legendre(POINTS),
        }
    }

    /// The same on another as-of day.
    pub(crate) fn until(&self, as_of: i32) -> Self {
        Self { as_of, ..self.clone() }
    }

    /// The law of d in nodes, as close as those announced tell, and so many reports of desertions of which nobody is announced.
    pub(crate) fn rule(&self, reports: f64) -> Vec<Node> {
        match self.law {
            Law::Prior(Prior::Beta { a, b }) => {
                let parts = ((self.announced as f64 + reports) / TOLD_A_STEP).sqrt().ceil().max(1.0);
                quadrature::beta(a, b, parts as usize)
            }
            other => vec![Node { x: other.quantile(0.5), weight: 1.0 }],
        }
    }

    /// Arrivals of each day up to the as-of day.
    pub(crate) fn by_day(trajectory: &Trajectory, as_of: i32) -> impl Iterator<Item = (i32, u64)> {
        let count = |(day, count): (i32, &i32)| (day, u64::try_from(*count).unwrap_or(0));
        (0_i32..).zip(&trajectory.reached).take_while(move |(day, _)| *day <= as_of).map(count)
    }

    fn arrivals(&self, trajectory: &Trajectory) -> Arrivals {
        let mut found = Arrivals { ripe: 0, recent: Vec::new() };
        for (day, count) in Self::by_day(trajectory, self.as_of) {
            let share = share_by(self.as_of - day);
            if share >= 1.0 {
                found.ripe += count;
            } else if count > 0 {
                found.recent.push((count, share));
            }
        }
        found
    }

    /// ln of the probability of what was, and was not, announced.
    pub(crate) fn ln_likelihood(&self, trajectory: &Trajectory) -> f64 {
        if self.completeness == Completeness::Incomplete && self.announced == 0 {
            return 0.0;
        }
        let arrivals = self.arrivals(trajectory);
        if self.announced as u64 > arrivals.ripe + arrivals.recent.iter().map(|(count, _)| count).sum::<u64>() {
            return f64::NEG_INFINITY;
        }
        let found = match self.completeness {
            Completeness::Complete => self.probability(&arrivals, self.announced),
            Completeness::Incomplete => {
                let fewer: f64 = (0..self.announced).map(|n| self.probability(&arrivals, n)).sum();
                (1.0 - fewer).max(0.0)
            }
        };
        math::ln(found)
    }

    /// P(exactly `n` announced), d integrated out.
    fn probability(&self, arrivals: &Arrivals, n: usize) -> f64 {
        let Law::Prior(Prior::Beta { a, b }) = self.law else {
            let d = self.law.quantile(0.5);
            let ripe = math::exp(arrivals.ripe as f64 * math::ln_1p(-d.min(1.0 - f64::EPSILON)));
            return ripe * trials(arrivals, d, n);
        };
        // The silent ripe trials join the law of d: Beta(a, b + ripe), so that the rest is smooth.
        let (ripe, b_after) = (arrivals.ripe as f64, b + arrivals.ripe as f64);
        let silent = math::exp(math::ln_beta(a, b_after) - math::ln_beta(a, b));
        if n == 0 && arrivals.recent.is_empty() {
            return silent;
        }
        let recent: f64 = arrivals.recent.iter().map(|(count, w)| *count as f64 * w).sum();
        let size = a + b + (ripe + recent).max(n as f64);
        let mean = (a + n as f64) / size;
        let sd = (mean * (1.0 - mean) / (size + 1.0)).sqrt();
        let (low, high) = ((mean - REACH * sd).max(0.0), (mean + REACH * sd).min(1.0));
        let ln_norm = math::ln_beta(a, b_after);
        let integral: f64 = self
            .nodes
            .iter()
            .map(|node| {
                let d = low + (high - low) * node.x;
                let density = math::exp((a - 1.0) * math::ln(d) + (b_after - 1.0) * math::ln_1p(-d) - ln_norm);
                node.weight * (high - low) * density * trials(arrivals, d, n)
            })
            .sum();
        silent * integral
    }

    /// How many would have been announced. `u` gives one uniform per number: 0 for d, then one per person by his day of arrival, so that who
    /// is announced by one as-of day is by every later one.
    pub(crate) fn simulate(&self, trajectory: &Trajectory, u: impl Fn(u64) -> f64) -> u64 {
        let d = self.law.quantile(u(0));
        let announced = |(day, count): (i32, u64)| {
            let chance = d * share_by(self.as_of - day);
            let first = 1 + (u64::from(day.unsigned_abs()) << 32);
            (0..count).filter(|person| u(first + person) < chance).count() as u64
        };
        Self::by_day(trajectory, self.as_of).map(announced).sum()
    }
}

/// Whether a row announces deserters on record.
pub(crate) fn on_record(claim: &Claim) -> bool {
    claim.quantity == Quantity::Desertions && !claim.is_anonymous()
}

/// How many deserters announced on record these claims tell of at least: the largest sum over rows no two of which are about one day.
pub(crate) fn announced<'c>(claims: impl Iterator<Item = &'c Claim>) -> usize {
    // An "at most" tells of nobody.
    let least = |c: &Claim| match c.form {
        Form::AtMost => None,
        Form::AtLeast | Form::Interval => c.low,
        _ => c.value,
    };
    let mut rows: Vec<(Day, Option<Day>, usize)> = claims
        .filter(|c| on_record(c))
        .filter_map(|c| Some((c.as_of, c.window_from, least(c)?.ceil() as usize)))
        .collect();
    rows.sort_unstable();
    // The largest sum over the first so many rows.
    let mut largest = vec![0_usize];
    for (number, (_, from, value)) in rows.iter().enumerate() {
        let before = from.map_or(0, |from| rows.partition_point(|(to, ..)| *to < from));
        largest.push(largest[number].max(largest[before].saturating_add(*value)));
    }
    largest[rows.len()]
}

/// Share of the announcements of an arrival that have come so many days after it, w in [0, 1].
pub(crate) fn share_by(days: i32) -> f64 {
    (f64::from(days) / f64::from(WITHIN_DAYS)).clamp(0.0, 1.0)
}

/// P(n announced | d) divided by (1 - d)^ripe: trials of the ripe and of the recent arrivals, by convolution.
fn trials(arrivals: &Arrivals, d: f64, n: usize) -> f64 {
    let mut law = vec![0.0; n + 1];
    let ln_odds = math::ln(d) - math::ln_1p(-d);
    for (k, mass) in law.iter_mut().enumerate().take_while(|(k, _)| *k as u64 <= arrivals.ripe) {
        *mass =
            if k == 0 { 1.0 } else { math::exp(math::ln_choose(arrivals.ripe as f64, k as f64) + k as f64 * ln_odds) };
    }
    for (count, w) in &arrivals.recent {
        for _ in 0..*count {
            for k in (0..=n).rev() {
                law[k] = law[k] * (1.0 - d * w) + if k > 0 { law[k - 1] * d * w } else { 0.0 };
            }
        }
    }
    law[n]
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
pub(crate) mod tests {
    use super::*;
    use crate::toy::quiet;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    pub(crate) fn channel(announced: usize, completeness: Completeness) -> Announcements {
        let laws = ObserverLaws::from_registry();
        let mut found = Announcements::new(std::iter::empty(), 200, completeness, &laws);
        found.announced = announced;
        found
    }

    #[test]
    fn silence_has_the_known_values() {
        for (n, expected) in [(0, 1.0), (1, 0.2), (2, 0.0545), (5, 0.0030), (10, 0.000_12)] {
            let mut truth = quiet(205);
            truth.reached[20] = n;
            let found = math::exp(channel(0, Completeness::Complete).ln_likelihood(&truth));
            assert!((found / expected - 1.0).abs() < 0.02, "{n}: {found}");
            assert_eq!(channel(0, Completeness::Incomplete).ln_likelihood(&truth), 0.0);
        }
    }

    #[test]
    fn numbers_announced_sum_to_one_and_incomplete_lists_bound_from_below() {
        let mut truth = quiet(205);
        (truth.reached[20], truth.reached[150], truth.reached[180]) = (4, 2, 1);
        let p = |n| math::exp(channel(n, Completeness::Complete).ln_likelihood(&truth));
        let sum: f64 = (0..=7).map(p).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let bound = math::exp(channel(2, Completeness::Incomplete).ln_likelihood(&truth));
        assert!((bound - (1.0 - p(0) - p(1))).abs() < 1e-9);
    }

    #[test]
    fn many_silent_deserters_stay_accurate() {
        // All ripe: closed form. One recent arrival at w = 0 changes nothing but the path through the integral.
        let mut truth = quiet(205);
        truth.reached[20] = 900;
        let closed = channel(0, Completeness::Complete).ln_likelihood(&truth);
        truth.reached[200] = 1;
        assert!((channel(0, Completeness::Complete).ln_likelihood(&truth) - closed).abs() < 1e-6);
    }

    #[test]
    fn a_known_probability_needs_no_integral() {
        let mut channel = channel(0, Completeness::Complete);
        channel.law = Law::Pinned(0.75);
        let mut truth = quiet(205);
        (truth.reached[20], truth.reached[170]) = (2, 1);
        // Two ripe arrivals and one of 30 days of 60.
        let found = math::exp(channel.ln_likelihood(&truth));
        assert!((found - 0.25 * 0.25 * (1.0 - 0.75 / 2.0)).abs() < 1e-12, "{found}");
    }

    #[test]
    fn who_arrives_after_the_as_of_day_is_not_awaited() {
        let mut truth = quiet(205);
        (truth.reached[20], truth.reached[120]) = (1, 6);
        let by = |day| channel(0, Completeness::Complete).until(day).ln_likelihood(&truth);
        let mut one = quiet(205);
        one.reached[20] = 1;
        assert_eq!(by(110), channel(0, Completeness::Complete).until(110).ln_likelihood(&one));
        assert!(by(200) < by(110) - 0.5);
    }

    #[test]
    fn sampled_announcements_match_their_scores() {
        let mut truth = quiet(205);
        (truth.reached[20], truth.reached[170]) = (2, 2);
        let draws = Draws::new(Seed(5), Purpose::Test);
        let (n, channel_of_two) = (20_000, channel(2, Completeness::Complete));
        let hits = (0..n).filter(|i| channel_of_two.simulate(&truth, |k| draws.uniform(*i, k)) == 2).count() as f64;
        let p = math::exp(channel_of_two.ln_likelihood(&truth));
        let n = n as f64;
        assert!((hits / n - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{} against {p}", hits / n);
    }

    #[test]
    fn who_is_announced_stays_so() {
        let mut truth = quiet(205);
        (truth.reached[20], truth.reached[50], truth.reached[51], truth.reached[140]) = (3, 40, 1, 25);
        let draws = Draws::new(Seed(6), Purpose::Test);
        for seed in 0..50 {
            let by = |day| channel(0, Completeness::Complete).until(day).simulate(&truth, |k| draws.uniform(seed, k));
            let path: Vec<u64> = (0..205).map(by).collect();
            assert!(path.is_sorted() && path[20] == 0 && path[204] > path[100], "{path:?}");
        }
    }
}
