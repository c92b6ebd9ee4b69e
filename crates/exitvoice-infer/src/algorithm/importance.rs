//! Importance draws: every point that was drawn from a known law, under the mixture of all those laws.
//!
//! Prior draws and independence proposals come from laws whose densities are known. Weighted by
//! `prior x likelihood / mixture` (balance heuristic, Veach & Guibas 1995; adaptive as Cornuet et al. 2012) they represent any
//! power of the likelihood, and any other likelihood, without an ancestor in common. The prior's part bounds each weight.

use super::mixture::Mixture;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;

/// Rows of the bank that are importance draws, and the mixture they come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Importance {
    rows: Vec<u32>,
    /// ln(mixture density) - ln(prior density) of each row, the mixture counted in draws; up to date after `settle`.
    ln_excess: Vec<f64>,
    /// Laws with the number of draws from each.
    laws: Vec<(Mixture, u64)>,
    prior_draws: u64,
    settled_rows: usize,
    settled_laws: usize,
}

/// Rows per task when densities are computed.
const ROWS: usize = 256;

impl Importance {
    /// A draw from the prior.
    pub(crate) fn add_prior_draw(&mut self, row: u32) {
        self.rows.push(row);
        self.prior_draws += 1;
    }

    /// A draw from a law that is handed in later by `add_law`.
    pub(crate) fn add_draw(&mut self, row: u32) {
        self.rows.push(row);
    }

    /// A law that `draws` rows were drawn from.
    pub(crate) fn add_law(&mut self, law: Mixture, draws: u64) {
        if draws > 0 {
            self.laws.push((law, draws));
        }
    }

    /// Brings the mixture density of every row up to date; `at` gives scores and log prior density of a row.
    pub(crate) fn settle<'a>(&mut self, pool: &Pool, at: impl Fn(u32) -> (&'a [f64], f64) + Sync + Send) {
        let (rows, laws, ln_excess) = (&self.rows, &self.laws, &self.ln_excess);
        let (settled_rows, settled_laws, ln_prior_draws) =
            (self.settled_rows, self.settled_laws, math::ln(self.prior_draws as f64));
        let parts = pool.map_chunks_of(rows.len(), ROWS, |range| {
            let excess = |i: usize| {
                let (scores, ln_prior) = at(rows[i]);
                let (known, from) = if i < settled_rows { (ln_excess[i], settled_laws) } else { (ln_prior_draws, 0) };
                laws[from..].iter().fold(known, |sum, (law, draws)| {
                    math::ln_add_exp(sum, math::ln(*draws as f64) + law.ln_density(scores) - ln_prior)
                })
            };
            range.map(excess).collect::<Vec<f64>>()
        });
        self.ln_excess = parts.into_iter().flatten().collect();
        (self.settled_rows, self.settled_laws) = (self.rows.len(), self.laws.len());
    }

    /// Rows with ln(mixture) - ln(prior).
    pub(crate) fn draws(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.rows.iter().copied().zip(self.ln_excess.iter().copied())
    }
}
