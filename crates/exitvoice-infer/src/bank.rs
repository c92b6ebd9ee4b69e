//! The bank: points with their truths, in columns, and what they represent.
//!
//! Another likelihood of the same truths (a changed data set, another reading of a source) needs no simulation:
//! [`Bank::reweight`]. Kept are all prior draws, all independence proposals (accepted or not), and all states of chains.
//! Other proposals that were rejected represent nothing and are not kept.

use crate::algorithm::{At, Evaluation, Importance, Replicate, clean, fold_of_prior_draw, ln_mean_exp, systematic};
use crate::diagnostic::ess::{Lineage, effective_size};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::sample::categorical;
use exitvoice_core::rng::{Draws, Purpose};
use std::collections::BTreeMap;

/// Points in columns, and the populations they form.
#[derive(Clone, Debug)]
pub struct Bank<T> {
    names: Vec<String>,
    seed: Seed,
    replicates: usize,
    scores: Vec<f64>,
    theta: Vec<f64>,
    ln_prior: Vec<f64>,
    ln_likelihood: Vec<f64>,
    stage: Vec<u32>,
    /// Fold of each row: laws of that fold are fitted without it.
    fold: Vec<u8>,
    simulations: Vec<Replicate<T>>,
    populations: Vec<Population>,
    importance: Importance,
    source: Source,
}

/// What the posterior draws are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// States of the chains of the last population: equal weights if it has temperature 1.
    Chains,
    /// Importance draws with their weights: no two share an ancestor.
    Importance,
}

/// Equally weighted draws from prior x likelihood^temperature.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Power of the likelihood: 0 is the prior, 1 the posterior.
    pub temperature: f64,
    /// ln of the integral of prior x likelihood^temperature.
    pub ln_evidence: f64,
    /// Bank rows; a point that was not left is there again.
    pub members: Vec<u32>,
    /// Chain that visited the member.
    pub chains: Vec<u32>,
    /// Position along the chain.
    pub positions: Vec<u32>,
    /// Where the member's chain started: index in the population before, or running number of an importance draw.
    /// Empty for the prior.
    pub parents: Vec<u32>,
    /// What `parents` counts.
    pub parents_are: Source,
}

impl Population {
    /// A population that has no member yet.
    pub(crate) const fn empty(temperature: f64, ln_evidence: f64) -> Self {
        Self {
            temperature,
            ln_evidence,
            members: Vec::new(),
            chains: Vec::new(),
            positions: Vec::new(),
            parents: Vec::new(),
            parents_are: Source::Chains,
        }
    }

    /// The same members, chain after chain: descendants of one ancestor then lie side by side, and stay so when the next
    /// ancestors are picked in this order.
    pub(crate) fn by_chain(self) -> Self {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        order.sort_by_key(|i| self.chains[*i]);
        let ordered = |column: &[u32]| order.iter().map(|i| column[*i]).collect();
        Self {
            members: ordered(&self.members),
            chains: ordered(&self.chains),
            positions: ordered(&self.positions),
            parents: ordered(&self.parents),
            ..self
        }
    }
}

/// Which draws are re-weighted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Draws from the prior: weights are likelihoods. Right for any new likelihood, thin where it is sharp.
    Prior,
    /// States of the chains of the last population: weights are ratios of the new likelihood to the old. For small changes.
    Chains,
    /// Chains or importance draws, whichever the posterior was taken from.
    Posterior,
    /// All draws from known laws, prior included, under the laws of their fold: the safe choice for a large change.
    Importance,
}

/// One draw: a row of the bank, and the replicate whose truth goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Row of the bank.
    pub row: u32,
    /// Replicate, picked with probability proportional to its likelihood (the first under the prior).
    pub replicate: u32,
    /// Chain that visited it; 0 for draws that belong to no chain.
    pub chain: u32,
    /// Position along the chain, or running number.
    pub draw: u32,
}

/// Draws with weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighted {
    /// The draws.
    pub entries: Vec<Entry>,
    /// Their weights, sum 1. Draws that the data exclude are left out; where they exclude all, there is none.
    pub weights: Vec<f64>,
    /// ln of the evidence: the likelihood averaged over the prior.
    pub ln_evidence: f64,
}

impl Weighted {
    /// Effective sample size of the weights; equal rows count once (Kish 1965).
    #[must_use]
    pub fn ess(&self) -> f64 {
        effective_size(self.entries.iter().map(|e| e.row), &self.weights)
    }

    /// Whether the data exclude every draw.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `count` draws of equal weight, resampled systematically with one uniform `u` in (0, 1): for uses that take no weights.
    #[must_use]
    pub fn resampled(&self, count: usize, u: f64) -> Self {
        if self.is_empty() {
            return self.clone();
        }
        let entries = systematic(&self.weights, count, u).into_iter().map(|i| self.entries[i]).collect();
        Self { entries, weights: vec![1.0 / count as f64; count], ln_evidence: self.ln_evidence }
    }
}

impl<T> Bank<T> {
    pub(crate) fn new(names: Vec<String>, seed: Seed, replicates: u32) -> Self {
        Self {
            names,
            seed,
            replicates: replicates as usize,
            scores: Vec::new(),
            theta: Vec::new(),
            ln_prior: Vec::new(),
            ln_likelihood: Vec::new(),
            stage: Vec::new(),
            fold: Vec::new(),
            simulations: Vec::new(),
            populations: Vec::new(),
            importance: Importance::default(),
            source: Source::Chains,
        }
    }

    /// Appends a draw from the prior and returns its row.
    pub(crate) fn push_prior_draw(&mut self, point: Point, evaluation: Evaluation<T>) -> u32 {
        let row = self.push(0, fold_of_prior_draw(self.stage.len() as u32), point, evaluation);
        self.importance.add_prior_draw(row);
        row
    }

    /// Appends a point of a fold and returns its row.
    pub(crate) fn push(&mut self, stage: u32, fold: usize, point: Point, evaluation: Evaluation<T>) -> u32 {
        let row = u32::try_from(self.stage.len()).expect("a budget of 2^32 points does not fit in memory");
        self.fold.push(fold as u8);
        self.scores.extend_from_slice(&point.scores);
        self.theta.extend_from_slice(&point.theta);
        self.ln_prior.push(point.ln_prior);
        self.ln_likelihood.push(evaluation.ln_likelihood);
        self.stage.push(stage);
        self.simulations.extend(evaluation.replicates);
        row
    }

    pub(crate) fn push_population(&mut self, population: Population) {
        self.populations.push(population);
    }

    pub(crate) const fn importance_mut(&mut self) -> &mut Importance {
        &mut self.importance
    }

    /// Brings the mixture densities of the importance draws up to date.
    pub(crate) fn settle(&mut self, pool: &Pool)
    where
        T: Sync,
    {
        let mut importance = std::mem::take(&mut self.importance);
        importance.settle(pool, |row| {
            let ln_prior = self.ln_prior[row as usize];
            At { scores: self.scores(row), ln_prior, fold: self.fold(row) }
        });
        self.importance = importance;
    }

    /// Rows of the importance draws with ln(mixture) - ln(prior).
    pub(crate) fn importance(&self) -> impl Iterator<Item = (u32, f64)> + '_ {
        self.importance.draws()
    }

    /// Other scores for the simulations of a row.
    pub(crate) fn set_scores(&mut self, row: u32, scores: &[f64], ln_likelihood: f64) {
        let first = row as usize * self.replicates;
        for (replicate, score) in self.simulations[first..].iter_mut().zip(scores) {
            replicate.ln_likelihood = *score;
        }
        self.ln_likelihood[row as usize] = ln_likelihood;
    }

    /// Leaves the prior as the only population, and the importance draws as posterior. Nothing has a score until [`Bank::set_scores`] gives one.
    pub(crate) fn forget_chains(&mut self) {
        self.populations.truncate(1);
        self.source = Source::Importance;
        self.ln_likelihood.fill(f64::NEG_INFINITY);
        self.simulations.iter_mut().for_each(|replicate| replicate.ln_likelihood = f64::NEG_INFINITY);
    }

    pub(crate) const fn set_source(&mut self, source: Source) {
        self.source = source;
    }

    pub(crate) fn ln_prior(&self, row: u32) -> f64 {
        self.ln_prior[row as usize]
    }

    pub(crate) fn scores(&self, row: u32) -> &[f64] {
        let d = self.names.len();
        &self.scores[row as usize * d..(row as usize + 1) * d]
    }

    /// Fold of a row.
    pub(crate) fn fold(&self, row: u32) -> usize {
        usize::from(self.fold[row as usize])
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stage.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stage.is_empty()
    }

    /// Names of the parameters, in the order of [`Bank::theta`].
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Parameters of a row, natural units.
    #[must_use]
    pub fn theta(&self, row: u32) -> &[f64] {
        let d = self.names.len();
        &self.theta[row as usize * d..(row as usize + 1) * d]
    }

    /// Estimated log-likelihood of a row.
    #[must_use]
    pub fn ln_likelihood(&self, row: u32) -> f64 {
        self.ln_likelihood[row as usize]
    }

    /// Running number of the temperature at which a row was simulated; 0 is the prior.
    #[must_use]
    pub fn stage(&self, row: u32) -> u32 {
        self.stage[row as usize]
    }

    /// Simulations of a row.
    #[must_use]
    pub fn simulations(&self, row: u32) -> &[Replicate<T>] {
        &self.simulations[row as usize * self.replicates..(row as usize + 1) * self.replicates]
    }

    /// The truth that goes with a draw; `None` where its simulation gave up (such a draw has weight only without data).
    #[must_use]
    pub fn truth(&self, entry: Entry) -> Option<&T> {
        self.simulations(entry.row)[entry.replicate as usize].truth.as_ref()
    }

    /// Populations by rising temperature; the first is the prior.
    #[must_use]
    pub fn populations(&self) -> &[Population] {
        &self.populations
    }

    /// What [`Bank::posterior_draws`] returns.
    #[must_use]
    pub const fn source(&self) -> Source {
        self.source
    }

    /// Draws from the prior, equally weighted, one for each prior simulation, failed ones included.
    #[must_use]
    pub fn prior_draws(&self) -> Weighted {
        let entries = entries(self.members(Section::Prior), |_, _| 0);
        let weight = 1.0 / entries.len().max(1) as f64;
        Weighted { weights: vec![weight; entries.len()], entries, ln_evidence: 0.0 }
    }

    /// Draws from the posterior.
    #[must_use]
    pub fn posterior_draws(&self) -> Weighted {
        self.stored_draws(Section::Posterior)
    }

    /// Draws of a section, weighted by the likelihood they were simulated for.
    #[must_use]
    pub fn stored_draws(&self, section: Section) -> Weighted {
        let scores = |row: u32| self.simulations(row).iter().map(|r| r.ln_likelihood).collect::<Vec<f64>>();
        self.weigh(self.members(section), |row| self.ln_likelihood(row), scores)
    }

    /// Common ancestors of a section's stored draws, weighted as given.
    #[must_use]
    pub fn lineage(&self, section: Section, draws: &Weighted) -> Lineage {
        // Draws without weight are left out; then the generations do not fit any more, and the draws are weighted anyway.
        let whole = self.populations.last().is_some_and(|p| p.members.len() == draws.entries.len());
        match self.resolved(section) {
            Section::Chains if whole => Lineage::of_chains(&self.populations, &draws.weights),
            _ => Lineage::independent(draws.entries.len()),
        }
    }

    /// Weights under another likelihood of the same truths, called once for each truth of the section, with the seed that
    /// the old one had.
    #[must_use]
    pub fn reweight<F>(&self, pool: &Pool, section: Section, ln_likelihood: F) -> Weighted
    where
        T: Sync + Send,
        F: Fn(&[f64], &T, Seed) -> f64 + Sync + Send,
    {
        let members = self.members(section);
        let mut rows: Vec<u32> = members.iter().map(|m| m.row).collect();
        rows.sort_unstable();
        rows.dedup();
        let scored: Vec<Vec<f64>> = pool.map(rows.len(), |i| {
            let score = |r: &Replicate<T>| {
                clean(r.truth.as_ref().map(|truth| ln_likelihood(self.theta(rows[i]), truth, r.likelihood_seed)))
            };
            self.simulations(rows[i]).iter().map(score).collect()
        });
        let of = |row: u32| &scored[rows.binary_search(&row).expect("every member was scored above")];
        self.weigh(members, |row| ln_mean_exp(of(row)), |row| of(row).clone())
    }

    /// Weights of the importance draws under scores of their simulations, by row.
    pub(crate) fn weigh_by(&self, scored: &BTreeMap<u32, Vec<f64>>) -> Weighted {
        let of = |row: u32| scored.get(&row).map_or(&[][..], Vec::as_slice);
        self.weigh(self.members(Section::Importance), |row| ln_mean_exp(of(row)), |row| of(row).to_vec())
    }

    /// The section that `section` stands for.
    const fn resolved(&self, section: Section) -> Section {
        match (section, self.source) {
            (Section::Posterior, Source::Chains) => Section::Chains,
            (Section::Posterior, Source::Importance) => Section::Importance,
            (other, _) => other,
        }
    }

    fn members(&self, section: Section) -> Vec<Member> {
        match self.resolved(section) {
            Section::Prior => self.populations.first().map_or_else(Vec::new, |p| {
                let ln_size = math::ln(p.members.len() as f64);
                along(p, |_| ln_size)
            }),
            Section::Chains => self.populations.last().map_or_else(Vec::new, |p| {
                let ln_size = math::ln(p.members.len() as f64) - p.ln_evidence;
                along(p, |row| ln_size + tempered(p.temperature, self.ln_likelihood(row)))
            }),
            Section::Importance | Section::Posterior => (0_u32..)
                .zip(self.importance())
                .map(|(draw, (row, ln_drawn))| Member { row, chain: 0, draw, ln_drawn })
                .collect(),
        }
    }

    /// Normalised weights: new likelihood over the density that the draws have; draws without weight are left out.
    fn weigh(
        &self,
        mut members: Vec<Member>,
        ln_new: impl Fn(u32) -> f64,
        replicate_scores: impl Fn(u32) -> Vec<f64>,
    ) -> Weighted {
        let ln_weight = |m: &Member| {
            let new = ln_new(m.row);
            if new == f64::NEG_INFINITY { new } else { new - m.ln_drawn }
        };
        let all: Vec<f64> = members.iter().map(ln_weight).collect();
        let best = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let kept = |w: &f64| *w > best - NEGLIGIBLE;
        let mut flags = all.iter().map(kept);
        members.retain(|_| flags.next().unwrap_or(false));
        let ln_weights: Vec<f64> = all.iter().copied().filter(kept).collect();
        let pick = |row: u32, number: u64| self.pick(row, number, &replicate_scores(row));
        Weighted {
            entries: entries(members, pick),
            weights: normalised(&ln_weights),
            ln_evidence: math::ln_sum_exp(&ln_weights),
        }
    }

    /// Replicate picked in proportion to the likelihoods; given theta and the data, its truth is a posterior draw.
    fn pick(&self, row: u32, number: u64, scores: &[f64]) -> u32 {
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if scores.len() == 1 || best == f64::NEG_INFINITY {
            return 0;
        }
        let weights: Vec<f64> = scores.iter().map(|s| math::exp(s - best)).collect();
        let u = Draws::new(self.seed, Purpose::Predictive).uniform(u64::from(row), number);
        categorical(u, &weights) as u32
    }
}

/// A point before it has a row.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) scores: Vec<f64>,
    pub(crate) theta: Vec<f64>,
    pub(crate) ln_prior: f64,
}

/// A draw before it has a weight.
struct Member {
    row: u32,
    chain: u32,
    draw: u32,
    /// ln of the density it was drawn from, over the prior's, times the number of draws.
    ln_drawn: f64,
}

/// Weights smaller than the largest by this factor (ln of 1e12) are as good as 0.
const NEGLIGIBLE: f64 = 27.6;

fn along(population: &Population, ln_drawn: impl Fn(u32) -> f64) -> Vec<Member> {
    (0..population.members.len())
        .map(|i| Member {
            row: population.members[i],
            chain: population.chains[i],
            draw: population.positions[i],
            ln_drawn: ln_drawn(population.members[i]),
        })
        .collect()
}

/// Entries, each with the replicate that `pick(row, running number)` gives.
fn entries(members: Vec<Member>, pick: impl Fn(u32, u64) -> u32) -> Vec<Entry> {
    (0_u64..)
        .zip(members)
        .map(|(i, m)| Entry { row: m.row, replicate: pick(m.row, i), chain: m.chain, draw: m.draw })
        .collect()
}

/// temperature x ln likelihood, with 0 x minus infinity = 0: the prior does not know the likelihood.
pub(crate) fn tempered(temperature: f64, ln_likelihood: f64) -> f64 {
    if temperature > 0.0 { temperature * ln_likelihood } else { 0.0 }
}

/// Weights of sum 1 from their logarithms; all 0 if all are minus infinity; exactly equal if the logarithms are.
pub(crate) fn normalised(ln_weights: &[f64]) -> Vec<f64> {
    let best = ln_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if best == f64::NEG_INFINITY {
        return vec![0.0; ln_weights.len()];
    }
    let raw: Vec<f64> = ln_weights.iter().map(|w| math::exp(w - best)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|w| w / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_ordered_by_chain_with_all_that_belongs_to_them() {
        let shuffled = Population {
            members: vec![10, 11, 12, 13],
            chains: vec![2, 0, 2, 1],
            positions: vec![0, 4, 1, 7],
            parents: vec![5, 6, 7, 8],
            ..Population::empty(0.5, -3.0)
        };
        let ordered = shuffled.by_chain();
        assert_eq!(ordered.members, [11, 13, 10, 12]);
        assert_eq!(ordered.chains, [0, 1, 2, 2]);
        assert_eq!(ordered.positions, [4, 7, 0, 1]);
        assert_eq!(ordered.parents, [6, 8, 5, 7]);
        assert_eq!(
            (ordered.temperature.to_bits(), ordered.ln_evidence.to_bits()),
            (0.5_f64.to_bits(), (-3_f64).to_bits())
        );
    }

    #[test]
    fn weights_sum_to_one_and_none_is_left_where_all_are_impossible() {
        let weights = normalised(&[0.0, math::ln(3.0), f64::NEG_INFINITY]);
        assert!((weights[0] - 0.25).abs() < 1e-15 && (weights[1] - 0.75).abs() < 1e-15, "{weights:?}");
        assert!(weights[2].abs() <= 0.0);
        assert!(normalised(&[f64::NEG_INFINITY; 2]).iter().all(|w| w.abs() <= 0.0));
    }

    #[test]
    fn the_prior_does_not_know_the_likelihood() {
        assert!(tempered(0.0, f64::NEG_INFINITY).abs() <= 0.0);
        assert!((tempered(0.5, -4.0) + 2.0).abs() < 1e-15);
    }
}
