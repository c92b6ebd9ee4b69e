//! Survival to the freeze, by day of birth: tells most of those who live then from their draw alone, without a logarithm and the inverse of
//! a lifeline.

use super::rates::{FOUNDING_YEAR, Rates, Sex, mid_year};
use exitvoice_core::math;
use exitvoice_core::time::Day;

/// Days past the freeze that the table looks: whoever it lets pass lives at the freeze, whatever rounding does to an inverse.
const BEYOND: i32 = 2;

/// Shares of the newborns of each day who live past the freeze.
#[derive(Clone, Debug)]
pub(crate) struct Survival {
    horizon: Day,
    first: Day,
    /// By sex and day of birth.
    share: [Vec<f64>; 2],
}

impl Survival {
    /// Tabulates births from the founding to `horizon`.
    pub(crate) fn new(rates: &Rates, horizon: Day) -> Self {
        let first = mid_year(FOUNDING_YEAR);
        let lives = |sex, birth| math::exp(-rates.cumulative(sex, birth, birth, horizon + BEYOND));
        let by_sex = |sex| (first.0..horizon.0).map(|day| lives(sex, Day(day))).collect();
        Self { horizon, first, share: [by_sex(Sex::Female), by_sex(Sex::Male)] }
    }

    /// The day that lives are told up to.
    pub(crate) const fn horizon(&self) -> Day {
        self.horizon
    }

    /// Whether somebody born on a day with the draw `u` of the resistance to death, `-ln(u)`, certainly lives at the horizon. Of those born
    /// before the founding it says nothing.
    pub(crate) fn certain(&self, sex: Sex, birth: Day, u: f64) -> bool {
        let day = usize::try_from(birth - self.first).ok();
        day.and_then(|day| self.share[sex as usize].get(day)).is_some_and(|share| u < *share)
    }
}

#[cfg(test)]
mod tests {
    use super::super::rates::tests::shipped;
    use super::*;
    use exitvoice_core::quantity::{Seed, Share};
    use exitvoice_core::rng::{Draws, Purpose};

    #[test]
    fn whoever_is_certain_to_live_is_not_dead_by_the_inverse_and_few_others_live() {
        let (horizon, draws) = (Day::from_ymd(2024, 10, 1).expect("a date"), Draws::new(Seed(8), Purpose::Test));
        for famine in [0.6, 0.8] {
            let rates = shipped().with_famine(Share::new(famine).expect("a share"));
            let survival = Survival::new(&rates, horizon);
            let (mut certain, mut alive) = (0_u32, 0_u32);
            for number in 0..60_000 {
                let sex = if number % 2 == 0 { Sex::Female } else { Sex::Male };
                let birth = survival.first + (draws.uniform(number, 0) * f64::from(horizon - survival.first)) as i32;
                // Every second one near the border; of the others nearly all who live are certain to.
                let near = number % 4 < 2;
                let border = survival.share[sex as usize][(birth - survival.first) as usize];
                let u = if near {
                    border * (1.0 + 1e-4 * (draws.uniform(number, 2) - 0.5))
                } else {
                    draws.uniform(number, 1)
                };
                let lives = rates.death_day(sex, birth, birth, -math::ln(u), horizon).is_none();
                assert!(lives || !survival.certain(sex, birth, u), "{sex:?} {birth:?} {u}");
                if !near {
                    certain += u32::from(survival.certain(sex, birth, u));
                    alive += u32::from(lives);
                }
            }
            assert!(certain <= alive && f64::from(certain) > 0.999 * f64::from(alive), "{certain} of {alive}");
            assert!(!survival.certain(Sex::Male, survival.first + -1, 1e-9));
        }
    }
}
