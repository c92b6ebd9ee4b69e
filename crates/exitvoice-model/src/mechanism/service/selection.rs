//! # Selection for deployment
//! Who is sent: eligible soldiers, none of them under a penalty, ranked by a noisy loyalty score.
//!
//! ## Equation
//! `L = g_k - m + e`; `s = rho (L / sd) + sqrt(1 - rho^2) z`; sent if s > c, `sum over k of pi_k P(s > c | k) = q`; e, z ~ N(0, 1)
//! ## Symbols
//! k: class; g_k: loyalty gap of the core class, 0 for the wavering; m, sd: mean and standard deviation over the eligible; pi_k: class shares
//! among the eligible; s: loyalty score; q: share selected; rho: correlation of the score with private loyalty; L: private loyalty, in
//! standard deviations within a class, zero on average among the eligible
//! ## Resolution
//! once. Candidates are a random subset of the eligible; each is taken with the probability of its class to pass the cut, relative to the
//! class that passes most often, and draws its score from the law above the cut: a small country sends neither worse men nor another mixture
//! ## Not modelled
//! officers, specialists, volunteers, quotas by province
//! ## Sources
//! `domain` c: men, mostly in their early twenties; hostile families usually not drafted; `SB001`, `SB002`: class shares
//! ## Claims
//! C1 without a gap the mean of the selected follows the truncated normal (`the_selected_have_the_known_mean`) · C2 with a gap mixture and means
//! are those of the best of a large population (`taking_the_best_of_many_gives_the_same_classes_and_means`)

use crate::schedule::{Spec, Stage};
use crate::society::person::Class;
use crate::society::service::Mark;
use exitvoice_core::Params;
use exitvoice_core::math;
use exitvoice_core::quantity::{ModelVersion, Share};
use exitvoice_core::rng::Draws;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "service.selection",
    stage: Stage::Selection,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.class", "persons.birth", "files.career"],
    writes: &["soldiers.private_loyalty"],
    posts: &[],
};

/// Parameters of selection.
#[derive(Clone, Copy, Debug, PartialEq, Params)]
#[params(prefix = "service.selection", part = Force)]
pub struct Params {
    /// Share of eligible soldiers selected at full scale.
    #[param(symbol = "q_ref", default = "0.02", prior = "beta(2, 98)", grade = Assumed, why = "15 thousand of an army of .7 to 1.15 million less the ineligible", lever)]
    pub share_selected: Share,
    /// Correlation between the score and private loyalty.
    #[param(symbol = "rho", default = "0.65", prior = "uniform(0.5, 0.8)", grade = Assumed, why = "a file kept for years, read by superiors: useful, far from perfect", lever)]
    pub correlation: Share,
    /// Mean private loyalty of the core class above the wavering, in standard deviations within a class.
    #[param(symbol = "g", default = "0.5", prior = "half_normal(0.5)", grade = Assumed, why = "privilege binds, by an unknown amount; the gap in attempts would show it")]
    pub core_loyalty_gap: f64,
}

/// Least age of soldiers who can be sent, at the freeze, in years: conscripted at 17, the deployed said to be in their late teens and
/// early twenties (DP021).
pub const LEAST_AGE_YEARS: f64 = 18.0;
/// Share of the core class among the eligible: .28 / (.28 + .45), a definition, so that no decision reads a realised count (`SB001`, `SB002`).
pub const CORE_AMONG_ELIGIBLE: f64 = 0.38;

/// Who is not sent: men punished for an offence of their own, in a camp, banished, or with a career closed on account of kin.
pub const BARRED: [Mark; 4] = [Mark::Offender, Mark::Confined, Mark::Banished, Mark::Blocked];

/// Whether the class is drafted and sent.
#[must_use]
pub const fn class_is_eligible(class: Class) -> bool {
    !matches!(class, Class::Hostile)
}

/// Law of score and loyalty under given parameters.
#[derive(Clone, Copy, Debug)]
pub struct Law {
    /// Loyalty of each class against the mean of the eligible.
    loyalty: [f64; 2],
    /// Mean score of each class.
    score: [f64; 2],
    /// Standard deviation of the score within a class.
    spread: f64,
    /// Slope of loyalty on the score within a class, and what it leaves unexplained.
    slope: f64,
    rest: f64,
    /// Probability of each class to pass the cut.
    passes: [f64; 2],
}

impl Law {
    /// The law and its cut.
    #[must_use]
    pub fn new(params: &Params) -> Self {
        let (rho, gap, q) = (params.correlation.value(), params.core_loyalty_gap, params.share_selected.value());
        let shares = [CORE_AMONG_ELIGIBLE, 1.0 - CORE_AMONG_ELIGIBLE];
        let loyalty = [gap * shares[1], -gap * shares[0]];
        let variance = 1.0 + shares[0] * shares[1] * gap * gap;
        let on_loyalty = rho / variance.sqrt();
        let score = loyalty.map(|l| on_loyalty * l);
        let spread_squared = on_loyalty * on_loyalty + 1.0 - rho * rho;
        let spread = spread_squared.sqrt();
        let tail = |cut: f64, class: usize| math::normal_cdf((score[class] - cut) / spread);
        let selected = |cut: f64| shares[0] * tail(cut, 0) + shares[1] * tail(cut, 1);
        // Falls with the cut; nobody is beyond ten standard deviations.
        let cut = math::bisect(-FARTHEST_CUT, FARTHEST_CUT, -q, |cut| -selected(cut));
        Self {
            loyalty,
            score,
            spread,
            slope: on_loyalty / spread_squared,
            rest: (1.0 - on_loyalty * on_loyalty / spread_squared).max(0.0).sqrt(),
            passes: [tail(cut, 0), tail(cut, 1)],
        }
    }

    /// Probability that a candidate of a class is taken, relative to the class that passes the cut most often.
    #[must_use]
    pub fn acceptance(&self, class: Class) -> f64 {
        self.passes[index(class)] / self.passes[0].max(self.passes[1])
    }

    /// Private loyalty of a selected soldier.
    #[must_use]
    pub fn private_loyalty(&self, class: Class, score: Draws, noise: Draws, key: u64) -> f64 {
        let class = index(class);
        // The upper tail by symmetry: -quantile(tail u) keeps precision where 1 - tail u would round.
        let above = -self.spread * math::normal_quantile(self.passes[class] * score.uniform(key, 0));
        self.loyalty[class] + self.slope * above + self.rest * math::normal_quantile(noise.uniform(key, 0))
    }

    /// Mean score of a class before the cut.
    #[must_use]
    pub fn mean_score(&self, class: Class) -> f64 {
        self.score[index(class)]
    }
}

/// Standard deviations within which the cut is looked for.
const FARTHEST_CUT: f64 = 10.0;

/// Core, or all others who are sent.
const fn index(class: Class) -> usize {
    if matches!(class, Class::Core) { 0 } else { 1 }
}

/// Rows of the candidates that make a force of `soldiers`, in their order: each is taken with the acceptance of its class, by an addressed
/// draw; candidates passed over follow at the end, so that a country with few of them sends the others too.
#[must_use]
pub fn order(law: &Law, keys: &[u64], classes: &[Class], draws: Draws) -> Vec<u32> {
    let taken = |row: &u32| {
        let row = *row as usize;
        draws.uniform(keys[row], 1) < law.acceptance(classes[row])
    };
    let (mut first, rest): (Vec<u32>, Vec<u32>) = (0..keys.len() as u32).partition(taken);
    first.extend(rest);
    first
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;

    fn draws() -> (Draws, Draws) {
        (Draws::new(Seed(3), Purpose::SelectionScore), Draws::new(Seed(3), Purpose::PrivateLoyalty))
    }

    fn params(q: f64, rho: f64, gap: f64) -> Params {
        Params { share_selected: Share::clamped(q), correlation: Share::clamped(rho), core_loyalty_gap: gap }
    }

    #[test]
    fn the_selected_have_the_known_mean() {
        let n = 40_000;
        let (score, noise) = draws();
        for (q, mean) in [(0.01, 2.665), (0.05, 2.063), (0.1, 1.755), (0.5, 0.798)] {
            let law = Law::new(&params(q, 0.65, 0.0));
            for class in [Class::Core, Class::Wavering] {
                let found = (0..n).map(|key| law.private_loyalty(class, score, noise, key)).sum::<f64>() / n as f64;
                // The standard deviation of L is below one: four standard errors.
                assert!((found - 0.65 * mean).abs() < 4.0 / (n as f64).sqrt(), "q {q}: {found}");
                assert!((law.acceptance(class) - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn taking_the_best_of_many_gives_the_same_classes_and_means() {
        let (q, rho, gap, n) = (0.05, 0.65, 0.8, 400_000_u64);
        let test = |purpose| Draws::new(Seed(9), purpose);
        let (kind, own, error) = (test(Purpose::Test), test(Purpose::Shuffle), test(Purpose::Synthetic));
        let share = CORE_AMONG_ELIGIBLE;
        let sd = (1.0 + share * (1.0 - share) * gap * gap).sqrt();
        let mut all: Vec<(f64, Class, f64)> = (0..n)
            .map(|key| {
                let class = if kind.uniform(key, 0) < share { Class::Core } else { Class::Wavering };
                let above = if class == Class::Core { gap * (1.0 - share) } else { -gap * share };
                let loyalty = above + math::normal_quantile(own.uniform(key, 0));
                let z = math::normal_quantile(error.uniform(key, 0));
                (rho * loyalty / sd + (1.0 - rho * rho).sqrt() * z, class, loyalty)
            })
            .collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let best = &all[..(q * n as f64) as usize];
        let law = Law::new(&params(q, rho, gap));
        let core = best.iter().filter(|b| b.1 == Class::Core).count() as f64 / best.len() as f64;
        let weights = [share * law.acceptance(Class::Core), (1.0 - share) * law.acceptance(Class::Wavering)];
        // Four standard errors of a share of 20,000.
        assert!((core - weights[0] / (weights[0] + weights[1])).abs() < 0.015, "{core} {weights:?}");
        let (score, noise) = draws();
        for class in [Class::Core, Class::Wavering] {
            let of: Vec<f64> = best.iter().filter(|b| b.1 == class).map(|b| b.2).collect();
            let slow = of.iter().sum::<f64>() / of.len() as f64;
            let fast = (0..40_000).map(|key| law.private_loyalty(class, score, noise, key)).sum::<f64>() / 40_000.0;
            let error = 4.0 * (1.0 / of.len() as f64 + 1.0 / 40_000.0).sqrt();
            assert!((slow - fast).abs() < error, "{class:?}: {slow} {fast}");
        }
        assert!(law.mean_score(Class::Core) > law.mean_score(Class::Wavering));
    }

    #[test]
    fn the_order_takes_more_of_the_class_that_passes_and_loses_nobody() {
        let law = Law::new(&params(0.02, 0.8, 1.0));
        let classes: Vec<Class> = (0..3_000).map(|i| if i % 3 == 0 { Class::Core } else { Class::Wavering }).collect();
        let keys: Vec<u64> = (0..3_000).collect();
        let order = order(&law, &keys, &classes, draws().0);
        let core = order[..500].iter().filter(|row| classes[**row as usize] == Class::Core).count();
        assert!(core > 250, "{core} of 500, a third before selection");
        let mut rows = order;
        rows.sort_unstable();
        assert_eq!(rows, (0..3_000).collect::<Vec<u32>>());
    }
}
