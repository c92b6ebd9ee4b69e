//! Settings of the sampler, and what each costs in simulations.

use crate::error::InferError;

/// Settings of [`super::smc`]. One *simulation* is one call of `simulate`; the budget is never exceeded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Simulations allowed in all, the check of the likelihood's noise included.
    pub budget: u64,
    /// Simulations averaged for one estimate of the likelihood (R), at least 1. More only help where the variance of the
    /// log-likelihood estimate is above 1 or so.
    pub replicates: u32,
    /// Draws from the prior: the first population, and the prior side of the bank. At least `particles`.
    pub prior_draws: u32,
    /// Size of a population between prior and posterior. Made smaller where the budget would not reach the posterior.
    pub particles: u32,
    /// States kept of each chain in such a population: chains = particles / chain length, and a population costs
    /// chains x (chain length - 1) x replicates simulations. At least 2.
    pub chain_length: u32,
    /// The temperature rises until the effective sample size of the weights has fallen to this share of the population.
    pub ess_target: f64,
    /// Effective sample size below which the result is refused.
    pub ess_needed: f64,
    /// Draws made where the problem's rare parts are large; none below 16, one for each fold and round.
    pub focus: u32,
    /// Draws made from the posterior as far as it is known, where the effective sample size would be below `ess_needed`; none below 16.
    /// They are kept back until then.
    pub reserve: u32,
    /// Draws at which the likelihood is estimated twice more, to measure its noise; 0 for no check.
    pub noise_checks: u32,
    /// Most draws kept from the posterior; longer chains are thinned.
    pub most_draws: u32,
}

/// Chains below this number are too few to carry a posterior or to measure its error.
pub(crate) const FEWEST_CHAINS: u64 = 20;

/// States kept of a chain between prior and posterior, unless a caller says otherwise.
const CHAIN_LENGTH: u32 = 8;

impl Settings {
    /// Settings that suit a budget: a quarter for the prior, a sixth for the size of a population, the rest as needed.
    #[must_use]
    pub fn for_budget(budget: u64) -> Self {
        let share = |of: u64, least: u64, most: u64| (budget / of).clamp(least, most) as u32;
        let particles = share(6, FEWEST_CHAINS * u64::from(CHAIN_LENGTH), 4_000);
        Self {
            budget,
            replicates: 1,
            prior_draws: share(4, 1, 16_000).max(particles),
            particles,
            chain_length: CHAIN_LENGTH,
            ess_target: 0.5,
            ess_needed: 200.0,
            focus: 0,
            reserve: 0,
            noise_checks: share(150, 1, 40),
            most_draws: 20_000,
        }
    }

    /// Chains run side by side.
    pub(crate) fn chains(&self) -> u64 {
        u64::from(self.particles / self.chain_length)
    }

    /// Simulations that the check of the likelihood's noise costs.
    pub(crate) fn check_cost(&self) -> u64 {
        2 * u64::from(self.noise_checks) * u64::from(self.replicates)
    }

    /// Simulations set aside for what comes after temperature 1.
    pub(crate) fn set_aside(&self) -> u64 {
        self.check_cost() + (u64::from(self.focus) + u64::from(self.reserve)) * u64::from(self.replicates)
    }

    /// Refuses settings that cannot work.
    ///
    /// # Errors
    /// The first setting that lies outside its range.
    pub fn check(&self) -> Result<(), InferError> {
        let refuse = |setting, found: f64, expected: &str| {
            Err(InferError::Setting { setting, found, expected: expected.to_owned() })
        };
        let prior_cost = u64::from(self.prior_draws) * u64::from(self.replicates);
        if self.replicates == 0 {
            return refuse("replicates", 0.0, "at least 1");
        }
        if self.chain_length < 2 {
            return refuse("chain_length", f64::from(self.chain_length), "at least 2");
        }
        if self.chains() < FEWEST_CHAINS {
            return refuse("particles", f64::from(self.particles), "at least 20 chains: 20 x chain_length");
        }
        if self.prior_draws < self.particles {
            return refuse("prior_draws", f64::from(self.prior_draws), "at least `particles`");
        }
        if !(self.ess_target > 0.0 && self.ess_target < 1.0) {
            return refuse("ess_target", self.ess_target, "between 0 and 1, both excluded");
        }
        if !(self.ess_needed >= 0.0 && self.ess_needed.is_finite()) {
            return refuse("ess_needed", self.ess_needed, "a number from 0 on");
        }
        if self.most_draws < self.particles {
            return refuse("most_draws", f64::from(self.most_draws), "at least `particles`");
        }
        if prior_cost + self.set_aside() > self.budget {
            return refuse(
                "budget",
                self.budget as f64,
                &format!(
                    "at least {}: draws before the claims, checks, focus and reserve",
                    prior_cost + self.set_aside()
                ),
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_outside_its_range_is_named() {
        let good = Settings::for_budget(6_000);
        assert_eq!(good.check(), Ok(()));
        let least = Settings { prior_draws: good.particles, most_draws: good.particles, ..good };
        assert_eq!(least.check(), Ok(()));
        for (bad, name) in [
            (Settings { replicates: 0, ..good }, "replicates"),
            (Settings { chain_length: 1, ..good }, "chain_length"),
            (Settings { particles: 159, ..good }, "particles"),
            (Settings { prior_draws: 100, ..good }, "prior_draws"),
            (Settings { ess_target: 1.0, ..good }, "ess_target"),
            (Settings { ess_target: f64::NAN, ..good }, "ess_target"),
            (Settings { ess_needed: f64::INFINITY, ..good }, "ess_needed"),
            (Settings { most_draws: 10, ..good }, "most_draws"),
            (Settings { budget: 1_000, ..good }, "budget"),
        ] {
            let error = bad.check().expect_err("refused");
            assert!(matches!(&error, InferError::Setting { setting, .. } if *setting == name), "{error}");
            assert!(error.to_string().starts_with("EV0606: "));
        }
    }
}
