//! What the claims say without some of their rows: posterior draws weighted again, or where few of these are left every simulation of the bank,
//! which lies wider. What either is worth is told beside it.

use super::given::Given;
use super::problem::{Kept, War};
use super::settings::ESS_NEEDED;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_infer::algorithm::weigh_again;
use exitvoice_infer::diagnostic::ess::effective_size;
use exitvoice_infer::{Bank, Entry, Outcome, Weighted};
use exitvoice_observe::Scorer;
use exitvoice_record::Trajectory;
use std::collections::BTreeSet;

/// Posterior draws that are weighted again.
const DRAWS: usize = 600;
/// How many of equal weight have to be left of these: a posterior with fewer rows is wider than they are, and fewer would not show it. As many as
/// the posterior itself needs.
const ENOUGH_LEFT: f64 = 200.0;

/// Draws of equal weight from a posterior.
pub(super) struct Again<'a> {
    bank: &'a Bank<Kept>,
    draws: Weighted,
    /// Simulations behind the draws: one of much weight is drawn often, and scored once.
    distinct: Vec<(u32, u32)>,
    /// By draw: position of its simulation among `distinct`.
    places: Vec<usize>,
}

/// What is read under another likelihood.
pub(super) struct Under {
    /// `None` where too few simulations are left.
    pub(super) values: Option<Values>,
    /// How many simulations of equal weight it rests on.
    pub(super) worth: f64,
    /// Whether it is read off every simulation of the bank.
    pub(super) from_all: bool,
}

/// Things read off weighted draws.
pub(super) struct Values {
    pub(super) weights: Vec<f64>,
    /// One column for each thing.
    pub(super) columns: Vec<Vec<f64>>,
}

impl<'a> Again<'a> {
    pub(super) fn of(outcome: &'a Outcome<Kept>) -> Self {
        let draws = outcome.posterior.resampled(DRAWS, 0.5);
        let distinct: Vec<(u32, u32)> =
            draws.entries.iter().map(simulation).collect::<BTreeSet<_>>().into_iter().collect();
        let place = |entry: &Entry| distinct.binary_search(&simulation(entry)).expect("it is among them");
        let places = draws.entries.iter().map(place).collect();
        Self { bank: &outcome.bank, draws, distinct, places }
    }

    /// Several things read under the likelihood of `other`, which has fewer rows, rare events drawn anew given its claims.
    pub(super) fn under(
        &self,
        war: &War<'_>,
        other: &Scorer,
        seed: Seed,
        pool: &Pool,
        reads: &[fn(&Trajectory) -> f64],
    ) -> Under {
        let near = self.weights(other, pool);
        let of_near = near.as_ref().map_or(0.0, |weights| worth(&self.draws.entries, weights));
        let wide = (of_near < ENOUGH_LEFT).then(|| weigh_again(&war.under(other), self.bank, pool));
        if let Some(all) = wide.filter(|all| all.ess() > of_near) {
            let worth = all.ess();
            // Where too few are left, nothing is drawn.
            let given =
                (worth >= ESS_NEEDED).then(|| Given::new(other, self.bank, &all.resampled(DRAWS, 0.5), seed, pool));
            let values = given.map(|given| Values {
                columns: reads.iter().map(|read| given.values(read)).collect(),
                weights: given.weights,
            });
            return Under { values, worth, from_all: true };
        }
        let enough = near.filter(|_| of_near >= ESS_NEEDED);
        let values = enough.map(|weights| Values { weights, columns: self.values_given(other, seed, pool, reads) });
        Under { values, worth: of_near, from_all: false }
    }

    /// Weights in proportion to the likelihood of `other` over the one that the draws were made for; `None` where it excludes every draw.
    fn weights(&self, other: &Scorer, pool: &Pool) -> Option<Vec<f64>> {
        let scored = pool.map(self.distinct.len(), |i| {
            let (row, number) = self.distinct[i];
            let replicate = &self.bank.simulations(row)[number as usize];
            let kept = replicate.truth.as_ref()?;
            Some(other.ln_likelihood(&kept.seen(), replicate.likelihood_seed) - replicate.ln_likelihood)
        });
        let ln_weights: Vec<f64> =
            self.places.iter().map(|place| scored[*place].unwrap_or(f64::NEG_INFINITY)).collect();
        let best = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (best > f64::NEG_INFINITY).then(|| ln_weights.iter().map(|w| math::exp(w - best)).collect())
    }

    /// Several things read off each draw, rare events drawn anew given the claims of `scorer`.
    pub(super) fn values_given(
        &self,
        scorer: &Scorer,
        seed: Seed,
        pool: &Pool,
        reads: &[fn(&Trajectory) -> f64],
    ) -> Vec<Vec<f64>> {
        let given = Given::new(scorer, self.bank, &self.draws, seed, pool);
        reads.iter().map(|read| given.spread(&given.values(read), self.draws.entries.len())).collect()
    }
}

/// How many simulations of equal weight the draws are worth: copies of one simulation add to its weight, not to their number.
fn worth(draws: &[Entry], weights: &[f64]) -> f64 {
    effective_size(draws.iter().map(simulation), weights)
}

/// Where a draw comes from.
const fn simulation(entry: &Entry) -> (u32, u32) {
    (entry.row, entry.replicate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(row: u32, replicate: u32, draw: u32) -> Entry {
        Entry { row, replicate, chain: 0, draw }
    }

    #[test]
    fn one_simulation_drawn_three_hundred_times_is_worth_one() {
        let near = |found: f64, expected: f64| (found - expected).abs() < 1e-9;
        let copies: Vec<Entry> = (0..300).map(|draw| entry(7, 1, draw)).collect();
        assert!(near(worth(&copies, &[0.3; 300]), 1.0));
        let both: Vec<Entry> = (0..300).map(|draw| entry(7, draw % 2, draw)).collect();
        assert!(near(worth(&both, &[0.3; 300]), 2.0), "replicates are simulations of their own");
        let distinct: Vec<Entry> = (0..300).map(|draw| entry(draw, 0, draw)).collect();
        assert!(near(worth(&distinct, &[0.3; 300]), 300.0));
    }
}
