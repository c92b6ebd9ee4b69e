//! Proposals of a Metropolis-Hastings move: four families, mixed, fitted to a population and then frozen.
//!
//! - *Independence*: a draw from the fitted mixture of t laws, wherever the chain is. Near such a posterior one simulation gives nearly
//!   one draw; and because its density is known, every such proposal, accepted or not, also serves as an importance draw.
//! - *Shrink* (preconditioned Crank-Nicolson for the t law, Grumitt et al. 2024): `m + sqrt(1 - s^2) (x - m) + s r L xi`
//!   with `r^2 = (nu + |L^-1 (x - m)|^2) / chi^2(nu + d)`, reversible for the fitted law. For many dimensions.
//! - *Walk*: `x + c 2.38 / sqrt(d) L xi`, its step now and then a fifth or three times as long.
//! - *Difference*: `x + g (a - b)` for two random members a, b of the population, sometimes with g = 1: follows ridges and
//!   jumps between modes (ter Braak 2006).
//!
//! Which family is tried is drawn before looking at x, so each keeps the target by itself. Shares and steps are adapted
//! between fits, never inside: shares by the squared jump per proposal (Fearnhead & Taylor 2013), steps by acceptance.

use super::evaluate::Address;
use super::law::{FREEDOM, Law};
use super::linear;
use super::mixture::Mixture;
use exitvoice_core::math;
use exitvoice_core::rng::sample::{categorical, index};
use exitvoice_core::rng::{Block, Draws};

/// Number of families.
pub(crate) const FAMILIES: usize = 4;
/// Index of the family whose proposals are importance draws.
pub(crate) const INDEPENDENCE: usize = 0;
const SHRINK: usize = 1;
const WALK: usize = 2;
const DIFFERENCE: usize = 3;

/// Optimal step of a random walk on a normal target, times sqrt(dimension) (Roberts, Gelman, Gilks 1997).
const WALK_STEP: f64 = 2.38;
/// A difference of two members has twice the covariance of one.
const DIFFERENCE_STEP: f64 = 1.68;
/// Acceptance that steps are adapted towards.
const ACCEPTANCE: [f64; FAMILIES] = [0.3, 0.3, 0.25, 0.25];
/// How fast: a step changes by exp(this x (acceptance - target)).
const ADAPTATION: f64 = 2.0;
/// Smallest and largest step after adaptation; independence has none, and shrink leaves the longest to it.
const STEPS: [(f64, f64); FAMILIES] = [(1.0, 1.0), (0.03, 0.7), (0.02, 4.0), (0.02, 4.0)];
/// No family is tried less often than this.
const LEAST_SHARE: f64 = 0.05;
/// Random part of a difference proposal, in fitted standard deviations: reaches points that no two members span.
const JITTER: f64 = 0.01;
/// Size of the population's random part of a stretched walk step: (probability, factor).
const STRETCHES: [(f64, f64); 3] = [(0.7, 1.0), (0.2, 0.2), (0.1, 3.0)];
/// Probability that a difference is taken whole.
const WHOLE: f64 = 0.2;
/// Members kept for differences.
const REFERENCE: usize = 1_000;

/// Parts of an address: below these the normals of the proposal.
const PART_FAMILY: u32 = 1 << 30;
const PART_PAIR: u32 = PART_FAMILY + 1;
const PART_PART: u32 = PART_FAMILY + 2;
const PART_RADIUS: u32 = 1 << 29;

/// Shares and steps of the families.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Tuning {
    /// How often each family is tried; sum 1.
    pub(crate) shares: [f64; FAMILIES],
    /// Step of each family, relative to its standard.
    pub(crate) steps: [f64; FAMILIES],
}

impl Default for Tuning {
    fn default() -> Self {
        Self { shares: [0.55, 0.15, 0.15, 0.15], steps: [1.0, 0.5, 1.0, 1.0] }
    }
}

/// What one family did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FamilyInfo {
    /// Proposals.
    pub proposals: u64,
    /// Proposals accepted.
    pub accepted: u64,
    /// Sum of acceptance probabilities.
    pub acceptance: f64,
    /// Sum of acceptance probability x squared jump in fitted standard deviations.
    pub jump: f64,
}

impl FamilyInfo {
    /// Adds the counts of another sweep.
    pub(crate) fn add(&mut self, other: &Self) {
        self.proposals += other.proposals;
        self.accepted += other.accepted;
        self.acceptance += other.acceptance;
        self.jump += other.jump;
    }
}

impl Tuning {
    /// Shares and steps for the next fit, after what the families did.
    pub(crate) fn adapted(self, info: &[FamilyInfo; FAMILIES]) -> Self {
        let mut next = self;
        let tried = |k: usize| info[k].proposals.max(1) as f64;
        for k in (0..FAMILIES).filter(|k| info[*k].proposals > 0) {
            let change = math::exp(ADAPTATION * (info[k].acceptance / tried(k) - ACCEPTANCE[k]));
            next.steps[k] = (self.steps[k] * change).clamp(STEPS[k].0, STEPS[k].1);
        }
        let jumps: Vec<f64> = (0..FAMILIES).map(|k| info[k].jump / tried(k)).collect();
        let all: f64 = jumps.iter().sum();
        if all > 0.0 {
            let free = 1.0 - LEAST_SHARE * FAMILIES as f64;
            // Half of the way: one stage of proposals is a noisy measure.
            for (share, jump) in next.shares.iter_mut().zip(&jumps) {
                *share = 0.5 * (*share + LEAST_SHARE + free * jump / all);
            }
        }
        next
    }
}

/// A frozen mixture of proposals.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    /// The single law of all points: spread of shrink and walk.
    law: Law,
    /// Law of independence proposals.
    pub(crate) independent: Mixture,
    /// Members that differences are taken of, one after the other.
    reference: Vec<f64>,
    /// Effective number of points the fit rests on.
    pub(crate) rests_on: f64,
    pub(crate) tuning: Tuning,
}

/// Where to go, and the ratio of proposal densities.
#[derive(Clone, Debug)]
pub(crate) struct Proposal {
    pub(crate) scores: Vec<f64>,
    /// ln of q(back) / q(there).
    pub(crate) ln_back: f64,
    pub(crate) family: usize,
    /// Squared jump in fitted standard deviations.
    pub(crate) jump: f64,
}

impl Kernel {
    /// Fits to weighted points; `rests_on` is their effective number, `u` resamples the reference. Weights sum to 1.
    pub(crate) fn fit(points: &[&[f64]], weights: &[f64], rests_on: f64, u: f64, tuning: Tuning) -> Self {
        let count = REFERENCE.min(points.len());
        let reference = systematic(weights, count, u).into_iter().flat_map(|i| points[i].iter().copied()).collect();
        let law = Law::fit(points, weights, rests_on);
        let independent = Mixture::fit(points, weights, rests_on, &law, u);
        Self { law, independent, reference, rests_on, tuning }
    }

    /// Proposal from `x` for the chain at `address`.
    pub(crate) fn propose(&self, draws: Draws, address: Address, x: &[f64]) -> Proposal {
        let at = |part: u32| -> Block { draws.block(address.outer(), address.inner(part)) };
        let normals = |from: u32, count: usize| normals(draws, address, from, count);
        let normal = normals(0, x.len());
        let noise = linear::multiply(&self.law.factor, &normal);
        let chi_squared = |freedom: usize| -> f64 { normals(PART_RADIUS, freedom).iter().map(|n| n * n).sum() };
        let choice = at(PART_FAMILY);
        let family = categorical(choice.uniform(), &self.tuning.shares);
        let freedom = f64::from(FREEDOM);
        let scores: Vec<f64> = match family {
            INDEPENDENCE => draw_from(&self.independent, draws, address),
            SHRINK => {
                let radius = (freedom + self.law.distance(x)) / chi_squared(x.len() + FREEDOM as usize);
                self.shrink(x, &noise, radius.sqrt())
            }
            WALK => self.walk(x, &noise, choice.second()),
            _ => self.difference(x, &noise, choice.second(), at(PART_PAIR)),
        };
        let ln_back = match family {
            INDEPENDENCE => self.independent.ln_density(x) - self.independent.ln_density(&scores),
            SHRINK => self.law.ln_density(x) - self.law.ln_density(&scores),
            _ => 0.0,
        };
        let step: Vec<f64> = scores.iter().zip(x).map(|(a, b)| a - b).collect();
        Proposal { jump: linear::squared_length(&self.law.factor, &step), scores, ln_back, family }
    }

    fn shrink(&self, x: &[f64], noise: &[f64], radius: f64) -> Vec<f64> {
        let s = self.tuning.steps[SHRINK];
        let (keep, mean) = ((1.0 - s * s).max(0.0).sqrt(), &self.law.mean);
        let moved = |i: usize| mean[i] + keep * (x[i] - mean[i]) + s * radius * noise[i];
        (0..x.len()).map(moved).collect()
    }

    fn walk(&self, x: &[f64], noise: &[f64], u: f64) -> Vec<f64> {
        let stretch = STRETCHES[categorical(u, &STRETCHES.map(|s| s.0))].1;
        let size = self.tuning.steps[WALK] * stretch * WALK_STEP / (x.len() as f64).sqrt();
        x.iter().zip(noise).map(|(x, e)| x + size * e).collect()
    }

    fn difference(&self, x: &[f64], noise: &[f64], u: f64, pair: Block) -> Vec<f64> {
        let d = x.len();
        let members = self.reference.len() / d;
        let (a, b) = (index(pair.uniform(), members) * d, index(pair.second(), members) * d);
        let size = if u < WHOLE { 1.0 } else { self.tuning.steps[DIFFERENCE] * DIFFERENCE_STEP / (d as f64).sqrt() };
        let moved = |i: usize| x[i] + size * (self.reference[a + i] - self.reference[b + i]) + JITTER * noise[i];
        (0..d).map(moved).collect()
    }
}

/// Standard normal numbers of a member, two a block.
fn normals(draws: Draws, address: Address, from: u32, count: usize) -> Vec<f64> {
    let pair = |k: u32| {
        let block = draws.block(address.outer(), address.inner(k));
        [block.uniform(), block.second()].map(math::normal_quantile)
    };
    (from..).take(count.div_ceil(2)).flat_map(pair).take(count).collect()
}

/// A draw from a mixture of t laws.
pub(crate) fn draw_from(law: &Mixture, draws: Draws, address: Address) -> Vec<f64> {
    let part = law.pick(draws.uniform(address.outer(), address.inner(PART_PART)));
    let square: f64 = normals(draws, address, PART_RADIUS, FREEDOM as usize).iter().map(|n| n * n).sum();
    let radius = (f64::from(FREEDOM) / square).sqrt();
    let noise = linear::multiply(&part.factor, &normals(draws, address, 0, part.mean.len()));
    part.mean.iter().zip(&noise).map(|(m, e)| m + radius * e).collect()
}

/// Systematic resampling: `count` indices in proportion to the weights, spread by one uniform.
pub(crate) fn systematic(weights: &[f64], count: usize, u: f64) -> Vec<usize> {
    let total: f64 = weights.iter().sum();
    let last = weights.iter().rposition(|w| *w > 0.0).unwrap_or(0);
    let mut picked = Vec::with_capacity(count);
    let (mut i, mut reached) = (0, weights.first().copied().unwrap_or(0.0));
    for k in 0..count {
        let target = (k as f64 + u) / count as f64 * total;
        while reached <= target && i < last {
            i += 1;
            reached += weights[i];
        }
        picked.push(i);
    }
    picked
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    #[test]
    fn systematic_resampling_takes_the_expected_number_up_to_one() {
        let weights = [0.0, 0.1, 0.25, 0.0, 0.65, 0.0];
        for u in [0.001, 0.5, 0.999] {
            let picked = systematic(&weights, 40, u);
            for (i, w) in weights.iter().enumerate() {
                let found = picked.iter().filter(|p| **p == i).count() as f64;
                assert!((found - 40.0 * w).abs() < 1.0, "{i}: {found}");
            }
        }
        assert_eq!(systematic(&[0.0, 1.0], 1, 0.0), [1], "what weighs nothing is never picked");
    }

    #[test]
    fn what_two_sweeps_did_is_added_up() {
        let mut all = FamilyInfo { proposals: 40, accepted: 7, acceptance: 9.5, jump: 3.25 };
        all.add(&FamilyInfo { proposals: 60, accepted: 11, acceptance: 12.25, jump: 0.5 });
        assert_eq!(all, FamilyInfo { proposals: 100, accepted: 18, acceptance: 21.75, jump: 3.75 });
    }

    #[test]
    fn shares_move_half_way_to_the_families_that_travel_and_steps_to_their_acceptance() {
        let did = |accepted: f64, jump: f64| FamilyInfo { proposals: 100, accepted: 0, acceptance: accepted, jump };
        let tuning = Tuning { shares: [0.25; FAMILIES], steps: [1.0; FAMILIES] };
        let info = [did(100.0, 30.0), did(0.0, 0.0), did(90.0, 10.0), did(20.0, 0.0)];
        let next = tuning.adapted(&info);
        assert!((next.shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{:?}", next.shares);
        let free = 1.0 - LEAST_SHARE * FAMILIES as f64;
        for (share, of_all) in next.shares.iter().zip([0.75, 0.0, 0.25, 0.0]) {
            assert!((share - 0.5 * (0.25 + LEAST_SHARE + free * of_all)).abs() < 1e-12, "{:?}", next.shares);
        }
        assert!(next.steps[2] > 1.0 && next.steps[1] < 1.0, "{:?}", next.steps);
    }

    /// Each family alone must leave a target unchanged: here one that is not the fitted normal.
    #[test]
    fn each_family_keeps_a_target_that_it_was_not_fitted_to() {
        let draws = Draws::new(Seed(5), Purpose::Test);
        // Target: exponential times normal; kernel fitted to other points on purpose.
        let ln_target = |x: &[f64]| if x[0] < 0.0 { f64::NEG_INFINITY } else { -x[0] - 0.5 * x[1] * x[1] };
        let points: Vec<Vec<f64>> = (0..200_u64)
            .map(|i| {
                let block = draws.block(i, 1 << 40);
                vec![1.5 + math::normal_quantile(block.uniform()), 0.5 + math::normal_quantile(block.second())]
            })
            .collect();
        let views: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        for family in 0..FAMILIES {
            let mut tuning = Tuning { shares: [0.0; FAMILIES], steps: [1.0; FAMILIES] };
            tuning.shares[family] = 1.0;
            tuning.steps[SHRINK] = 0.7;
            let kernel = Kernel::fit(&views, &[1.0 / 200.0; 200], 200.0, 0.5, tuning);
            let (chains, sweeps) = (20_000_u32, 4);
            let (mut sum, mut square, mut moved) = (0.0, 0.0, 0.0);
            for member in 0..chains {
                let start = draws.block(u64::from(member), 2 << 40);
                let mut x = vec![-math::ln(start.uniform()), math::normal_quantile(start.second())];
                let first = x.clone();
                for sweep in 0..sweeps {
                    let address = Address { stage: 1, sweep, member };
                    let proposal = kernel.propose(draws, address, &x);
                    let ln_ratio = ln_target(&proposal.scores) - ln_target(&x) + proposal.ln_back;
                    if math::ln(draws.uniform(u64::from(member), 3 << 40 | u64::from(sweep))) < ln_ratio {
                        x = proposal.scores;
                    }
                }
                sum += x[0];
                square += x[1] * x[1];
                moved += f64::from(u8::from((x[0] - first[0]).abs() > 0.0));
            }
            // Exact starts stay exact: mean 1 (variance 1) and second moment 1 (variance 2), 4 standard errors.
            let n = f64::from(chains);
            assert!((sum / n - 1.0).abs() < 4.0 / n.sqrt(), "family {family}: {}", sum / n);
            assert!((square / n - 1.0).abs() < 4.0 * (2.0 / n).sqrt(), "family {family}: {}", square / n);
            assert!(moved / n > 0.5, "family {family} hardly moves: {}", moved / n);
        }
    }
}
