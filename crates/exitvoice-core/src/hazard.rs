//! Clocks: from hazards to days of events. Every conversion between rate and probability lives here.
//!
//! A life has one clock per cause and occurrence. Its resistance is `T = -ln(u)`; the event falls when the cumulative hazard
//! reaches `T`. With every other path fixed, a higher hazard can only bring the event forward.

use crate::math;
use crate::quantity::{Days, Hazard, Probability};

/// Probability of at least one event within `span` at a constant hazard: `1 - exp(-h t)`.
#[must_use]
pub fn probability_within(hazard: Hazard, span: Days) -> Probability {
    Probability::clamped(-math::exp_m1(-hazard.per_day_value() * span.0))
}

/// A share per day turned into the share per step of `step` days: `1 - (1 - x)^dt`.
#[must_use]
pub fn per_step(share_per_day: f64, step: Days) -> f64 {
    -math::exp_m1(step.0 * math::ln_1p(-share_per_day))
}

/// Cumulative incidence of cause x by `span` among constant competing hazards:
/// `h_x / (h_x + h_others) (1 - exp(-(h_x + h_others) t))`.
#[must_use]
pub fn cumulative_incidence(cause: Hazard, others: Hazard, span: Days) -> Probability {
    let (x, o) = (cause.per_day_value(), others.per_day_value());
    if x == 0.0 {
        return Probability::clamped(0.0);
    }
    Probability::clamped(x / (x + o) * -math::exp_m1(-(x + o) * span.0))
}

/// One clock whose hazard is `personal x common`, where `common` accumulates outside (per squad, wave and cause).
///
/// The clock fires when the common sum passes [`Clock::threshold`]; nothing is stored per day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Resistance left at the anchor.
    left: f64,
    /// Common sum at the anchor.
    anchor: f64,
    /// Personal factor since the anchor; 0 while not at risk.
    personal: f64,
}

impl Clock {
    /// A fresh clock with resistance `-ln(u)`, not yet at risk.
    #[must_use]
    #[inline]
    pub const fn new(resistance: f64) -> Self {
        Self { left: resistance, anchor: 0.0, personal: 0.0 }
    }

    /// Value of the common sum at which the clock fires; infinite while not at risk.
    #[must_use]
    #[inline]
    pub fn threshold(&self) -> f64 {
        if self.personal > 0.0 { self.anchor + self.left / self.personal } else { f64::INFINITY }
    }

    /// From common sum `common` on, the personal factor is `personal` (0 stops the clock). What was accumulated so far stays used.
    #[inline]
    pub fn set_personal(&mut self, common: f64, personal: f64) {
        self.left = (self.left - self.personal * (common - self.anchor)).max(0.0);
        self.anchor = common;
        self.personal = personal;
    }

    /// Moves the clock to another common sum (a joiner takes the new squad's values).
    #[inline]
    pub fn transfer(&mut self, old_common: f64, new_common: f64) {
        self.set_personal(old_common, self.personal);
        self.anchor = new_common;
    }

    /// Resistance left at common sum `common`.
    #[must_use]
    #[inline]
    pub fn left_at(&self, common: f64) -> f64 {
        (self.left - self.personal * (common - self.anchor)).max(0.0)
    }

    /// Everything it holds: resistance left at the anchor, the anchor, and the personal factor since.
    #[must_use]
    pub const fn to_parts(&self) -> [f64; 3] {
        [self.left, self.anchor, self.personal]
    }

    /// The clock of [`Clock::to_parts`].
    #[must_use]
    pub const fn from_parts([left, anchor, personal]: [f64; 3]) -> Self {
        Self { left, anchor, personal }
    }

    /// Whether it was made with an infinite resistance, in place of one that is still to be drawn.
    #[inline]
    #[must_use]
    pub const fn is_unwound(&self) -> bool {
        self.left == f64::INFINITY
    }

    /// Personal factor in force.
    #[must_use]
    #[inline]
    pub const fn personal(&self) -> f64 {
        self.personal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn competing_risks_have_the_known_incidence() {
        let found = cumulative_incidence(Hazard::per_day(1.5e-4), Hazard::per_day(0.005), Days(120.0)).value();
        assert!((found * 1000.0 - 13.43).abs() < 0.005, "{found}");
    }

    #[test]
    fn a_clock_keeps_what_it_used_when_the_personal_factor_changes() {
        let mut clock = Clock::new(1.0);
        clock.set_personal(0.0, 2.0);
        clock.set_personal(0.25, 1.0);
        assert!((clock.threshold() - 0.75).abs() < 1e-15);
        clock.set_personal(0.5, 0.0);
        assert!(clock.threshold().is_infinite());
        clock.transfer(0.9, 10.0);
        clock.set_personal(10.0, 0.5);
        assert!((clock.threshold() - 10.5).abs() < 1e-15);
    }

    #[test]
    fn a_constant_hazard_has_the_exponential_probability_and_no_hazard_none() {
        let ln_2 = std::f64::consts::LN_2;
        let within = |hazard: f64, span: f64| probability_within(Hazard::per_day(hazard), Days(span)).value();
        assert!((within(ln_2 / 10.0, 10.0) - 0.5).abs() < 1e-15 && (within(ln_2 / 10.0, 20.0) - 0.75).abs() < 1e-15);
        let alone = cumulative_incidence(Hazard::per_day(ln_2), Hazard::ZERO, Days(1.0)).value();
        assert!((alone - 0.5).abs() < 1e-15, "{alone}");
        let never = [(0.0, 0.3), (0.0, 0.0)]
            .map(|(x, o)| cumulative_incidence(Hazard::per_day(x), Hazard::per_day(o), Days(9.0)).value().to_bits());
        assert_eq!(never, [0.0_f64.to_bits(); 2]);
    }

    #[test]
    fn a_clock_that_moves_keeps_what_is_left_and_runs_on_the_new_sum() {
        let mut clock = Clock::new(2.0);
        assert!(clock.threshold().is_infinite() && !clock.is_unwound() && Clock::new(f64::INFINITY).is_unwound());
        clock.set_personal(1.0, 0.5);
        assert!((clock.threshold() - 5.0).abs() < 1e-15 && (clock.left_at(3.0) - 1.0).abs() < 1e-15);
        clock.transfer(3.0, 40.0);
        assert!((clock.threshold() - 42.0).abs() < 1e-13 && (clock.personal() - 0.5).abs() < 1e-15);
        assert!((clock.left_at(41.0) - 0.5).abs() < 1e-13);
        assert_eq!(Clock::from_parts(clock.to_parts()), clock);
        assert_eq!(clock.left_at(100.0).to_bits(), 0.0_f64.to_bits(), "never below nothing");
    }

    #[test]
    fn halving_the_step_keeps_a_daily_share() {
        let half = per_step(0.1, Days(0.5));
        assert!((1.0 - (1.0 - half) * (1.0 - half) - 0.1).abs() < 1e-15);
    }
}
