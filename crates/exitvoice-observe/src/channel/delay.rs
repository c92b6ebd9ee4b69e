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

/// Running sums of `N` columns of increments, plain and discounted, up to a last day.
#[derive(Clone, Debug, Default)]
pub struct Ledger<const N: usize> {
    total: Vec<[f64; N]>,
    slow: Vec<[f64; N]>,
    fast: Vec<[f64; N]>,
    fast_days: f64,
}

impl<const N: usize> Ledger<N> {
    /// Sums columns over `days` days; days after the end of a column have no events.
    #[must_use]
    pub fn new(columns: [&[i32]; N], days: usize) -> Self {
        let keep = math::exp(-1.0 / SLOW_DAYS);
        let (mut total, mut slow) = ([0.0; N], [0.0; N]);
        let mut found = Self {
            total: Vec::with_capacity(days),
            slow: Vec::with_capacity(days),
            fast: vec![[0.0; N]; days],
            fast_days: SLOW_DAYS,
        };
        for day in 0..days {
            for (i, column) in columns.iter().enumerate() {
                let x = column.get(day).map_or(0.0, |x| f64::from(*x));
                total[i] += x;
                slow[i] = slow[i] * keep + x;
            }
            found.total.push(total);
            found.slow.push(slow);
        }
        found
    }

    /// Discounts with the fast delay `fast_days`.
    pub fn set_fast(&mut self, fast_days: f64) {
        self.fast_days = fast_days;
        let keep = math::exp(-1.0 / fast_days);
        let (mut fast, mut before) = ([0.0; N], [0.0; N]);
        for (slot, total) in self.fast.iter_mut().zip(&self.total) {
            for i in 0..N {
                fast[i] = fast[i] * keep + (total[i] - before[i]);
            }
            before = *total;
            *slot = fast;
        }
    }

    /// Known by the end of day `to` of what happened after day `after` (`None`: ever). Before day 0 nothing happened.
    #[must_use]
    pub fn known(&self, column: usize, after: Option<i32>, to: i32) -> f64 {
        let Ok(to_day) = usize::try_from(to) else { return 0.0 };
        let at = |sums: &[[f64; N]], day: usize| sums.get(day).map_or(0.0, |row| row[column]);
        let mut total = at(&self.total, to_day);
        let (mut fast, mut slow) = (at(&self.fast, to_day), at(&self.slow, to_day));
        if let Some(Ok(start)) = after.map(usize::try_from) {
            let lag = f64::from(to) - start as f64;
            total -= at(&self.total, start);
            fast -= at(&self.fast, start) * math::exp(-lag / self.fast_days);
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
        let mut ledger = Ledger::new([&increments, &[7]], 150);
        ledger.set_fast(3.7);
        for (after, to) in [(None, 80), (Some(40), 80), (Some(-3), 20), (None, 140), (Some(70), 70), (None, -1)] {
            let from = after.map_or(0, |a: i32| (a + 1).max(0));
            let expected: f64 = (from..=to)
                .filter_map(|t| increments.get(usize::try_from(t).ok()?).map(|x| (t, *x)))
                .map(|(t, x)| f64::from(x) * known_share(f64::from(to - t), 3.7))
                .sum();
            let found = ledger.known(0, after, to);
            assert!((found - expected).abs() < 1e-9, "{after:?} {to}: {found} against {expected}");
        }
        assert!((ledger.known(1, None, 30) - 7.0 * known_share(30.0, 3.7)).abs() < 1e-12);
    }
}
