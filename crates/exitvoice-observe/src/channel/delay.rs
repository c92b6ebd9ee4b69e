//! # Delay
//! How much of what happened a group of sources knows by a day.
//!
//! ## Equation
//! X~(b) = sum over t <= b of dX(t) G(b - t), G(tau) = 1 - .9 exp(-tau/l) - .1 exp(-tau/60)
//! ## Symbols
//! dX increments of the record; b the as-of day of the row; l in days
//! ## Resolution
//! a window restricts dX first: only events inside it are counted, as far as they are known by its end
//! ## Not modelled
//! delay between knowing and publishing: the date of the page at hand says nothing about events
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 G(0, 1, 7, 30) = 0, .1648, .6891, .9371 at l = 5 (`known_shares_at_five_days`)
//! - C2 recursion and sum agree (`the_recursion_equals_the_sum`)

use exitvoice_core::math;

/// Share of events that become known fast.
pub const FAST_SHARE: f64 = 0.9;
/// Mean days until the others become known.
pub const SLOW_DAYS: f64 = 60.0;

/// G(tau): share known after `tau` days.
#[must_use]
pub fn known_share(days: f64, fast_days: f64) -> f64 {
    1.0 - FAST_SHARE * math::exp(-days / fast_days) - (1.0 - FAST_SHARE) * math::exp(-days / SLOW_DAYS)
}

/// Running sums of one column of increments, plain and discounted, up to a last day.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    total: Vec<f64>,
    slow: Vec<f64>,
    fast: Vec<f64>,
}

impl Ledger {
    /// Takes over a column; days after its end have no events.
    pub fn fill(&mut self, increments: &[i32], days: usize) {
        let keep = math::exp(-1.0 / SLOW_DAYS);
        self.total.clear();
        self.slow.clear();
        let (mut total, mut slow) = (0.0, 0.0);
        for day in 0..days {
            let x = increments.get(day).map_or(0.0, |x| f64::from(*x));
            total += x;
            slow = slow * keep + x;
            self.total.push(total);
            self.slow.push(slow);
        }
    }

    /// Discounts with the fast delay `fast_days`.
    pub fn set_fast(&mut self, fast_days: f64) {
        let keep = math::exp(-1.0 / fast_days);
        self.fast.clear();
        let (mut fast, mut before) = (0.0, 0.0);
        for total in &self.total {
            fast = fast * keep + (total - before);
            before = *total;
            self.fast.push(fast);
        }
    }

    /// Known by the end of day `to` of what happened after day `after` (`None`: ever). Before day 0 nothing happened.
    #[must_use]
    pub fn known(&self, after: Option<i32>, to: i32, fast_days: f64) -> f64 {
        let Ok(to_day) = usize::try_from(to) else { return 0.0 };
        let at = |column: &[f64], day: usize| column.get(day).copied().unwrap_or(0.0);
        let mut total = at(&self.total, to_day);
        let (mut fast, mut slow) = (at(&self.fast, to_day), at(&self.slow, to_day));
        if let Some(Ok(start)) = after.map(usize::try_from) {
            let lag = f64::from(to) - start as f64;
            total -= at(&self.total, start);
            fast -= at(&self.fast, start) * math::exp(-lag / fast_days);
            slow -= at(&self.slow, start) * math::exp(-lag / SLOW_DAYS);
        }
        (total - FAST_SHARE * fast - (1.0 - FAST_SHARE) * slow).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_shares_at_five_days() {
        for (days, expected) in [(0.0, 0.0), (1.0, 0.1648), (7.0, 0.6891), (30.0, 0.9371)] {
            assert!((known_share(days, 5.0) - expected).abs() < 5e-5, "{days}");
        }
    }

    #[test]
    fn the_recursion_equals_the_sum() {
        let increments: Vec<i32> = (0..100).map(|day| (day * 7) % 11).collect();
        let mut ledger = Ledger::default();
        ledger.fill(&increments, 150);
        ledger.set_fast(3.7);
        for (after, to) in [(None, 80), (Some(40), 80), (Some(-3), 20), (None, 140), (Some(70), 70), (None, -1)] {
            let from = after.map_or(0, |a: i32| (a + 1).max(0));
            let expected: f64 = (from..=to)
                .filter_map(|t| increments.get(usize::try_from(t).ok()?).map(|x| (t, *x)))
                .map(|(t, x)| f64::from(x) * known_share(f64::from(to - t), 3.7))
                .sum();
            let found = ledger.known(after, to, 3.7);
            assert!((found - expected).abs() < 1e-9, "{after:?} {to}: {found} against {expected}");
        }
    }
}
