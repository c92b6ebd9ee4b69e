//! # Prisoners
//! Exact public counts of the living prisoners, the rare event itself summed out.
//!
//! ## Equation
//! x(t) = prisoners alive in custody at the end of day t: x grows by Binomial(opportunities of the days between, capture_alive) and by
//! the surrendered. A printed count is n ~ Binomial(x, d), d ~ Beta(19, 1) for each bulletin: given x a beta-binomial.
//! The counts of several dates share x: p(n_1, n_2, ...) is summed forward over the path of x. Where captures are given as rates, x grows
//! by Poisson(rate capture_alive).
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
//! - C3 rates are the average over what they stand for (`rates_of_capture_are_the_average_over_captures`)

use crate::claim::{Claim, Quantity};
use crate::likelihood::Truth;
use crate::nuisance::{Law, ObserverLaws};
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_core::rng::sample;
use exitvoice_core::time::Day;
use exitvoice_record::{Expected, Trajectory};

/// Numbers of prisoners considered beyond one and a half times the largest count; at d ~ Beta(19, 1) the rest is below 1e-16.
const BEYOND: usize = 80;
/// Share counted down to which these suffice; below it they grow in proportion, down to the least share that is allowed for.
const USUALLY_COUNTED: f64 = 0.5;
const LEAST_COUNTED: f64 = 0.005;

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
    pub(crate) fn ln_likelihood(&self, truth: &Truth<'_>) -> f64 {
        self.filter(truth).map_or(f64::NEG_INFINITY, |(ln_total, _)| ln_total)
    }

    /// ln of the probability of all counts, and by count the law of the captured since the count before and of x after it.
    fn filter(&self, truth: &Truth<'_>) -> Option<(f64, Vec<Stage>)> {
        let (mut ln_total, mut stages) = (0.0, Vec::with_capacity(self.counts.len()));
        let Some(largest) = self.counts.iter().map(|c| c.n).max() else { return Some((ln_total, stages)) };
        // Laws end where their numbers are no longer above zero, so that a count of any size costs what the truth can reach.
        let most = largest.saturating_add(largest / 2).saturating_add(BEYOND);
        // Where few are counted many more may be there.
        let unseen = (USUALLY_COUNTED / self.detection_law.quantile(0.5).max(LEAST_COUNTED)).max(1.0);
        let most = (most as f64 * unseen) as usize;
        let mut path = vec![1.0];
        let mut from = -1;
        for count in &self.counts {
            // Where captures are given as rates surrenders are, too.
            let realised = || between(&truth.trajectory.surrendered, from, count.to) as usize;
            let surrendered = if truth.expected().is_some() { 0 } else { realised() };
            let captured = captured(truth, from, count.to, most);
            let sum = |x: usize| {
                let last = x.min(captured.len() - 1);
                (x.saturating_sub(path.len() - 1)..=last).map(|k| captured[k] * path[x - k]).sum::<f64>()
            };
            let reach = most.min(surrendered + path.len() + captured.len() - 2);
            path = (0..=reach).map(|x| x.checked_sub(surrendered).map_or(0.0, sum)).collect();
            for (x, mass) in path.iter_mut().enumerate() {
                *mass *= math::exp(ln_counted(count.n as f64, x as f64, self.detection));
            }
            let total: f64 = path.iter().sum();
            if total <= 0.0 {
                return None;
            }
            path.iter_mut().for_each(|mass| *mass /= total);
            ln_total += math::ln(total);
            stages.push(Stage { surrendered, captured, after: path.clone() });
            from = count.to;
        }
        Some((ln_total, stages))
    }

    /// Captured alive by day, given the counts: drawn backward along the counts, freely after the last. `u` gives one uniform per number.
    /// Nothing is drawn where captures are not given as rates, or where the counts are impossible.
    pub(crate) fn draw_captured(&self, truth: &Truth<'_>, u: impl Fn(u64) -> f64) -> Option<Vec<i32>> {
        let expected = truth.expected()?;
        let (_, stages) = self.filter(truth)?;
        let daily_rates = into_custody(expected, truth.trajectory.capture_alive.value());
        let mut daily = vec![0; truth.trajectory.days as usize];
        let mut address = 0;
        let mut place = |count: usize, from: i32, to: i32| {
            let rates = daily_rates.iter().enumerate();
            let rates: Vec<f64> =
                rates.map(|(d, r)| if (d as i32) > from && (d as i32) <= to { *r } else { 0.0 }).collect();
            for _ in 0..count {
                address += 1;
                daily[sample::categorical(u(address), &rates)] += 1;
            }
        };
        let mut alive = stages.last().map_or(0, |last| sample::categorical(u(0), &last.after));
        for (number, stage) in stages.iter().enumerate().rev() {
            let from = if number == 0 { -1 } else { self.counts[number - 1].to };
            let before = |x: usize| match number {
                0 => f64::from(u8::from(x == 0)),
                _ => stages[number - 1].after.get(x).copied().unwrap_or(0.0),
            };
            let weights: Vec<f64> = (0..=alive.min(stage.captured.len() - 1))
                .map(|k| stage.captured[k] * alive.checked_sub(k + stage.surrendered).map_or(0.0, before))
                .collect();
            let captured = sample::categorical(u((1 << 32) + number as u64), &weights);
            place(captured, from, self.counts[number].to);
            alive -= captured + stage.surrendered;
        }
        let last = self.counts.last().map_or(-1, |c| c.to);
        let rest: f64 = daily_rates.iter().skip(usize::try_from(last + 1).unwrap_or(0)).sum();
        let after = sample::poisson(u(1 << 33), rest);
        place(after as usize, last, i32::MAX);
        Some(daily)
    }

    /// How many of so many living prisoners would be counted. `u` gives one uniform per use (1 detection, 2 count).
    pub(crate) fn counted(&self, alive: u64, u: impl Fn(u64) -> f64) -> u64 {
        sample::binomial(u(2), alive, self.detection_law.quantile(u(1)))
    }

    /// What each count would have been of those alive in custody by its day. `u` as for [`Self::simulate`].
    pub(crate) fn of_custody(&self, trajectory: &Trajectory, u: impl Fn(u64, u64) -> f64) -> Vec<u64> {
        let alive = |to: i32| u64::try_from(Trajectory::total(&trajectory.custody, to)).unwrap_or(0);
        (0_u64..)
            .zip(&self.counts)
            .map(|(number, count)| self.counted(alive(count.to), |what| u(number, what)))
            .collect()
    }

    /// What each count would have been, captures drawn anew as they are scored. `u` gives one uniform per count and use (0 captures,
    /// 1 detection, 2 count).
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

/// One count: what led to it, and what it leaves.
struct Stage {
    surrendered: usize,
    /// Law of the number captured alive since the count before.
    captured: Vec<f64>,
    /// Law of x given this count and those before.
    after: Vec<f64>,
}

/// Expected numbers who come into custody alive, by day.
fn into_custody(expected: &Expected, alive: f64) -> Vec<f64> {
    let surrenders = expected.surrenders.iter().copied().chain(std::iter::repeat(0.0));
    expected.captures.iter().zip(surrenders).map(|(captures, surrenders)| captures * alive + surrenders).collect()
}

/// Law of the captured alive over a stretch of days; numbers above `most` are dropped, since no count can come from them, and those
/// above the mean with a probability below the smallest float. Binomial in the realised opportunities, Poisson in the expected ones.
fn captured(truth: &Truth<'_>, from: i32, to: i32, most: usize) -> Vec<f64> {
    let alive = truth.trajectory.capture_alive.value();
    match truth.expected() {
        Some(expected) => {
            let days = into_custody(expected, alive).into_iter().enumerate();
            let mean: f64 = days.filter(|(d, _)| (*d as i32) > from && (*d as i32) <= to).map(|(_, r)| r).sum();
            let ln = |k: f64| {
                if mean > 0.0 { k * math::ln(mean) - mean - math::ln_gamma(k + 1.0) } else { f64::NEG_INFINITY }
            };
            let p = |k: usize| if k == 0 { math::exp(-mean) } else { math::exp(ln(k as f64)) };
            (0..=most).map(|k| (k, p(k))).take_while(|(k, p)| (*k as f64) <= mean || *p > 0.0).map(|(_, p)| p).collect()
        }
        None => {
            let opportunities = between(&truth.trajectory.capture_opportunities, from, to);
            let p = |k: usize| math::exp(ln_counted(k as f64, opportunities as f64, Detection::Known(alive)));
            (0..=most).take_while(|k| *k as u64 <= opportunities).map(p).collect()
        }
    }
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
        assert!((counts(&[(20, 2)]).ln_likelihood(&Truth::new(&truth)) - math::ln(expected)).abs() < 1e-12);
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
        let p = math::exp(counts(&[(10, 2), (20, 4)]).ln_likelihood(&Truth::new(&truth)));
        let n = n as f64;
        assert!((hits / n - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{} against {p}", hits / n);
    }

    #[test]
    fn a_count_above_every_possibility_is_impossible() {
        assert_eq!(counts(&[(20, 1)]).ln_likelihood(&Truth::new(&quiet(30))), f64::NEG_INFINITY);
        assert_eq!(counts(&[]).ln_likelihood(&Truth::new(&quiet(30))), 0.0);
    }

    #[test]
    fn a_count_of_any_size_is_scored() {
        let mut truth = quiet(30);
        truth.capture_alive = Probability::clamped(0.5);
        let expected = Expected { departures: Vec::new(), surrenders: Vec::new(), captures: vec![200.0; 30] };
        let rates = truth.clone();
        let rates = Truth::new(&rates).with_expected(&expected);
        for n in [1_000_000, usize::MAX] {
            assert_eq!(counts(&[(10, 3), (20, n)]).ln_likelihood(&rates), f64::NEG_INFINITY, "{n}");
        }
        // A thousand expected by day 10, all counted or nearly: far more than what lies beyond the smallest floats.
        assert!(counts(&[(9, 950)]).ln_likelihood(&rates) > -8.0);
    }

    #[test]
    fn where_few_are_counted_many_more_may_be_there() {
        let mut truth = quiet(30);
        truth.capture_alive = Probability::clamped(0.5);
        let expected = Expected { departures: Vec::new(), surrenders: Vec::new(), captures: vec![20.0; 30] };
        let truth = Truth::new(&truth).with_expected(&expected);
        let channel =
            Prisoners { detection: Detection::Known(0.01), detection_law: Law::Pinned(0.01), ..counts(&[(29, 2)]) };
        // Of a Poisson number with mean 300 each is counted with probability .01: Poisson with mean 3.
        let exact = math::ln(4.5) - 3.0;
        assert!((channel.ln_likelihood(&truth) - exact).abs() < 1e-9, "{}", channel.ln_likelihood(&truth));
    }

    #[test]
    fn rates_of_capture_are_the_average_over_captures() {
        // Poisson opportunities on two days, written out, against their rates; and the mean number captured given the counts.
        let channel = counts(&[(10, 1), (20, 2)]);
        let mut truth = quiet(30);
        truth.capture_alive = Probability::clamped(0.3);
        let expected = Expected {
            departures: Vec::new(),
            surrenders: Vec::new(),
            captures: (0..30).map(|d| if d == 4 || d == 14 { 3.0 } else { 0.0 }).collect(),
        };
        let rates = truth.clone();
        let rates = Truth::new(&rates).with_expected(&expected);
        let (mut sum, mut captured) = (0.0, 0.0);
        let poisson = |n: i32| math::exp(f64::from(n) * math::ln(3.0) - 3.0 - math::ln_gamma(f64::from(n) + 1.0));
        for first in 0..25 {
            for second in 0..25 {
                (truth.capture_opportunities[4], truth.capture_opportunities[14]) = (first, second);
                let l = poisson(first) * poisson(second) * math::exp(channel.ln_likelihood(&Truth::new(&truth)));
                sum += l;
                // Of x, given the last count: by Bayes over the law that `filter` leaves.
                let mean = channel.filter(&Truth::new(&truth)).map_or(0.0, |(_, stages)| {
                    stages[1].after.iter().enumerate().map(|(x, p)| x as f64 * p).sum::<f64>()
                });
                captured += l * mean;
            }
        }
        assert!((math::exp(channel.ln_likelihood(&rates)) / sum - 1.0).abs() < 1e-6);
        let draws = Draws::new(Seed(9), Purpose::Test);
        let n = 2_000_u64;
        let totals: Vec<f64> = (0..n)
            .map(|i| channel.draw_captured(&rates, |k| draws.uniform(i, k)).expect("possible").iter().sum::<i32>())
            .map(f64::from)
            .collect();
        let mean = totals.iter().sum::<f64>() / n as f64;
        let variance = totals.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n as f64;
        let error = (variance / n as f64).sqrt();
        assert!((mean - captured / sum).abs() < 4.0 * error, "{mean} +- {error} against {}", captured / sum);
    }
}
