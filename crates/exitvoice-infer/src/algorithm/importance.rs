//! Importance draws: every point that was drawn from a known law, under the mixture of such laws.
//!
//! Prior draws and independence proposals come from laws whose densities are known. Weighted by
//! `prior x likelihood / mixture` (balance heuristic, Veach & Guibas 1995; adaptive as Cornuet et al. 2012) they represent any
//! power of the likelihood, and any other likelihood, without an ancestor in common. The prior's part bounds each weight.
//!
//! A law fitted to a draw is high at that draw, most of all at one of large weight: under its density the weight shrinks, and evidence and
//! spread come out low, by the numbers fitted over the draws they rest on. So draws belong to folds. The laws of a fold are fitted to the
//! others, a draw is weighted under those of its own fold alone, and what is given out is the mean over folds (cross-fitting).

use super::mixture::Mixture;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;

/// Rows of the bank that are importance draws, and the mixture they come from.
#[derive(Clone, Debug, Default)]
pub(crate) struct Importance {
    rows: Vec<u32>,
    /// ln(mixture density) - ln(prior density) of each row, the mixture counted in draws; up to date after `settle`.
    ln_excess: Vec<f64>,
    /// Laws that rows were drawn from, in the order in which they were handed in.
    laws: Vec<Drawn>,
    /// Draws from the prior, by fold.
    prior_draws: [u64; FOLDS],
    settled_rows: usize,
    settled_laws: usize,
}

/// Parts of the draws that laws are fitted without.
pub(crate) const FOLDS: usize = 4;

/// Fold of a draw from the prior, by its row.
pub(crate) const fn fold_of_prior_draw(row: u32) -> usize {
    row as usize % FOLDS
}

/// A law that draws were made from.
#[derive(Clone, Debug)]
struct Drawn {
    law: Mixture,
    /// Fold of its draws, which it was not fitted to; to all, where no other fold had a draw of weight.
    fold: usize,
    draws: u64,
}

/// A row as its density needs it.
pub(crate) struct At<'a> {
    pub(crate) scores: &'a [f64],
    pub(crate) ln_prior: f64,
    pub(crate) fold: usize,
}

/// Rows per task when densities are computed.
const ROWS: usize = 256;

impl Importance {
    /// A draw from the prior, of the fold [`fold_of_prior_draw`].
    pub(crate) fn add_prior_draw(&mut self, row: u32) {
        self.rows.push(row);
        self.prior_draws[fold_of_prior_draw(row)] += 1;
    }

    /// A draw from a law that is handed in later by `add_law`.
    pub(crate) fn add_draw(&mut self, row: u32) {
        self.rows.push(row);
    }

    /// A law that `draws` rows of a fold were drawn from.
    pub(crate) fn add_law(&mut self, law: Mixture, fold: usize, draws: u64) {
        if draws > 0 {
            self.laws.push(Drawn { law, fold, draws });
        }
    }

    /// Brings the mixture density of every row up to date.
    pub(crate) fn settle<'a>(&mut self, pool: &Pool, at: impl Fn(u32) -> At<'a> + Sync + Send) {
        let (rows, laws, ln_excess) = (&self.rows, &self.laws, &self.ln_excess);
        let (settled_rows, settled_laws) = (self.settled_rows, self.settled_laws);
        // The mean over folds: each counts as if all draws were as many times its own.
        let ln_prior_draws = self.prior_draws.map(|draws| math::ln((FOLDS as u64 * draws) as f64));
        let parts = pool.map_chunks_of(rows.len(), ROWS, |range| {
            let excess = |i: usize| {
                let At { scores, ln_prior, fold } = at(rows[i]);
                let new = (ln_prior_draws[fold], 0);
                let (known, from) = if i < settled_rows { (ln_excess[i], settled_laws) } else { new };
                laws[from..].iter().filter(|l| l.fold == fold).fold(known, |sum, Drawn { law, draws, .. }| {
                    math::ln_add_exp(sum, math::ln((FOLDS as u64 * draws) as f64) + law.ln_density(scores) - ln_prior)
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
