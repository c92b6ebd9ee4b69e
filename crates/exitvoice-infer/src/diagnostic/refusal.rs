//! When a sample is too small to be reported, and what budget would do.

/// The budget is spent and the effective sample size is below what is needed. The draws exist; they must not be reported
/// as a posterior.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error(
    "EV0609: effective sample size {ess:.0} is below {needed:.0} after {budget} simulations; about {budget_needed} are needed"
)]
pub struct Refusal {
    /// Effective sample size reached.
    pub ess: f64,
    /// Effective sample size needed.
    pub needed: f64,
    /// Simulations allowed.
    pub budget: u64,
    /// Estimate of the simulations needed, rounded up to two digits: the cost of temperature 1, or of everything where it was
    /// not reached, grows with the effective sample size. A guess, never below 3/2 of the budget.
    pub budget_needed: u64,
}

/// What the estimate of the budget rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spending {
    pub(crate) budget: u64,
    /// Simulations spent in all, and those of them at temperature 1.
    pub(crate) simulations: u64,
    pub(crate) at_one: u64,
}

/// Margin on the estimated budget: it is itself an estimate.
const MARGIN: f64 = 1.25;
/// A budget that is named is at least this many times the one that failed.
const LEAST_GROWTH: f64 = 1.5;
/// Nothing useful can be said beyond this many times the budget.
const MOST_GROWTH: f64 = 1_000.0;

/// Refuses where `ess` is below `needed`.
pub(crate) fn refuse(ess: f64, needed: f64, spending: Spending) -> Option<Refusal> {
    if ess >= needed {
        return None;
    }
    let spent = spending.simulations as f64;
    let before = (spending.simulations - spending.at_one) as f64;
    let budget = spending.budget as f64;
    let missing = needed / ess.max(1.0);
    let estimate = if spending.at_one > 0 { before + spending.at_one as f64 * missing } else { spent * missing };
    let named = (MARGIN * estimate).clamp(LEAST_GROWTH * budget, MOST_GROWTH * budget);
    Some(Refusal { ess, needed, budget: spending.budget, budget_needed: two_digits_up(named) })
}

/// The smallest whole number of two significant digits that is not below `x`.
fn two_digits_up(x: f64) -> u64 {
    let mut unit = 1.0;
    while x / unit > 100.0 {
        unit *= 10.0;
    }
    ((x / unit).ceil() * unit) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_named_grows_with_what_is_missing() {
        let spending = Spending { budget: 4_000, simulations: 4_000, at_one: 2_000 };
        assert_eq!(refuse(200.0, 200.0, spending), None);
        let refusal = refuse(50.0, 200.0, spending).expect("refused");
        assert_eq!(refusal.budget_needed, 13_000);
        assert!(refusal.to_string().starts_with("EV0609: effective sample size 50 is below 200"));
        assert_eq!(refuse(199.0, 200.0, spending).expect("refused").budget_needed, 6_000);
        let early = Spending { at_one: 0, ..spending };
        assert_eq!(refuse(100.0, 200.0, early).expect("refused").budget_needed, 10_000);
        assert_eq!(refuse(0.0, 200.0, early).expect("refused").budget_needed, 1_000_000);
    }
}
