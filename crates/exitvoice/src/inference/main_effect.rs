//! How much of the variance of one number the mean given another explains.

use std::collections::{BTreeMap, BTreeSet};

/// Groups into which draws are sorted by what is known.
const BINS: usize = 20;

/// Two numbers of one draw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    /// Row and replicate of the simulation that both come from.
    pub(super) origin: (u32, u32),
    /// What is known.
    pub(super) x: f64,
    /// What is asked.
    pub(super) y: f64,
}

/// Share of the variance of y that the mean of y given x explains, in [0, 1].
///
/// Sorted by x, draws fall into groups of about equal size; those of equal x stay together. The variance of the means is the mean product of
/// two deviations from one group less that of any two, over pairs of different simulations: a pair of one simulation is alike whatever x
/// says. With distinct draws this is the between-group variance corrected for the number of draws. 0 where x or y is constant, or with
/// fewer than 40 simulations; an estimate beyond an end of [0, 1] is told as that end.
pub(super) fn main_effect(mut draws: Vec<Pair>) -> f64 {
    draws.sort_by(|a, b| a.x.total_cmp(&b.x));
    let simulations = draws.iter().map(|d| d.origin).collect::<BTreeSet<_>>().len();
    let constant = |read: fn(&Pair) -> f64| draws.windows(2).all(|w| read(&w[0]).total_cmp(&read(&w[1])).is_eq());
    if simulations < 2 * BINS || constant(|d| d.x) || constant(|d| d.y) {
        return 0.0;
    }
    let mean = draws.iter().map(|d| d.y).sum::<f64>() / draws.len() as f64;
    draws.iter_mut().for_each(|d| d.y -= mean);
    let (mut sum, mut counted) = (0.0, 0.0);
    for group in groups(&draws) {
        // Draws of a single simulation make no pair, and say nothing of the mean.
        if let Some(pairs) = Pairs::of(group) {
            sum += group.len() as f64 * pairs.product;
            counted += group.len() as f64;
        }
    }
    let Some(all) = Pairs::of(&draws) else { return 0.0 };
    let variance = all.square - all.product;
    if variance > 0.0 && counted > 0.0 { ((sum / counted - all.product) / variance).clamp(0.0, 1.0) } else { 0.0 }
}

/// Groups of about a twentieth of the draws each, in order of x; a run of equal x goes where its middle lies.
fn groups(draws: &[Pair]) -> Vec<&[Pair]> {
    let (mut start, mut place, mut first) = (0, 0, 0);
    let mut found = Vec::new();
    for run in draws.chunk_by(|a, b| a.x.total_cmp(&b.x).is_eq()) {
        let here = (2 * start + run.len()) * BINS / (2 * draws.len());
        if here != place && start > first {
            found.push(&draws[first..start]);
            first = start;
        }
        place = here;
        start += run.len();
    }
    found.push(&draws[first..]);
    found
}

/// Means over ordered pairs of draws from different simulations.
struct Pairs {
    /// Of the product of both.
    product: f64,
    /// Of the square of the first.
    square: f64,
}

impl Pairs {
    /// `None` where all draws are of one simulation.
    fn of(draws: &[Pair]) -> Option<Self> {
        // By simulation: draws, their sum, their sum of squares.
        let mut by_origin: BTreeMap<(u32, u32), [f64; 3]> = BTreeMap::new();
        for draw in draws {
            let [n, sum, squares] = by_origin.entry(draw.origin).or_default();
            *n += 1.0;
            *sum += draw.y;
            *squares += draw.y * draw.y;
        }
        let n = draws.len() as f64;
        let total: f64 = by_origin.values().map(|[_, sum, _]| sum).sum();
        let pairs = n * n - by_origin.values().map(|[n, ..]| n * n).sum::<f64>();
        let products = total * total - by_origin.values().map(|[_, sum, _]| sum * sum).sum::<f64>();
        let squares = by_origin.values().map(|[own, _, squares]| (n - own) * squares).sum::<f64>();
        (pairs > 0.0).then(|| Self { product: products / pairs, square: squares / pairs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::math;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::{Draws, Purpose};

    const SIMULATIONS: u32 = 400;

    fn draws(seed: u64) -> Draws {
        Draws::new(Seed(seed), Purpose::Test)
    }

    /// 400 simulations, copied once to five times, with a number of their own; `x` gives what is known of copy `c` of simulation `i`.
    fn copied(seed: u64, x: impl Fn(Draws, u64, u64) -> f64) -> Vec<Pair> {
        let all = draws(seed);
        let copies = |i: u32| (0..1 + u64::from(i % 5)).map(move |c| (i, c));
        let pair = |(i, c): (u32, u64)| {
            let number = u64::from(i);
            Pair { origin: (i, 0), x: x(all, number, c), y: all.uniform(number, 0) }
        };
        (0..SIMULATIONS).flat_map(copies).map(pair).collect()
    }

    #[test]
    fn main_effects_of_a_sum_are_the_shares_of_its_variance() {
        // y = 2 a + b + noise with equal variances: 4/6, 1/6; and nothing for a stranger.
        let all = draws(4);
        let z = |i: u32, k: u64| math::normal_quantile(all.uniform(u64::from(i), k));
        let pair = |i: u32, k: u64| Pair { origin: (i, 0), x: z(i, k), y: 2.0 * z(i, 0) + z(i, 1) + z(i, 2) };
        let share = |k: u64| main_effect((0..6_000).map(|i| pair(i, k)).collect());
        for (k, expected) in [(0, 4.0 / 6.0), (1, 1.0 / 6.0), (3, 0.0)] {
            // A share of 6,000 draws errs by about .01; bins of a twentieth lose .01 of a linear effect.
            assert!((share(k) - expected).abs() < 0.04, "{k}: {}", share(k));
        }
    }

    #[test]
    fn what_is_constant_explains_nothing_and_needs_no_explanation() {
        assert_eq!(main_effect(copied(1, |_, _, _| 3.0)).to_bits(), 0, "x is constant");
        let mut same = copied(1, |all, i, c| all.uniform(i, 1 + c));
        same.iter_mut().for_each(|d| d.y = 0.1);
        assert_eq!(main_effect(same).to_bits(), 0, "y is constant");
    }

    #[test]
    fn noise_explains_nothing_however_often_a_draw_is_copied() {
        // Of each copy, of each simulation, and one of three values: ties in the order of the simulations.
        let laws: [fn(Draws, u64, u64) -> f64; 3] = [
            |all, i, c| all.uniform(i, 1 + c),
            |all, i, _| all.uniform(i, 1),
            |all, i, _| (3.0 * all.uniform(i, 1)).floor(),
        ];
        for (k, law) in laws.into_iter().enumerate() {
            let shares: f64 = (0..30).map(|seed| main_effect(copied(seed, law))).sum();
            // One share errs by sqrt(2 x 19) / 327, worth as many draws by Kish: .019. Cut off at 0 the mean is .4 of that.
            assert!(shares / 30.0 < 0.02, "{k}: {}", shares / 30.0);
        }
    }

    #[test]
    fn what_tells_the_number_itself_explains_it() {
        // Groups of a twentieth leave 1 / 400 of a uniform law.
        let share = main_effect(copied(2, |all, i, _| all.uniform(i, 0)));
        assert!(share > 0.99, "{share}");
        // Two halves of a uniform law: 3/4. Four standard errors of 327 draws' worth.
        let share = main_effect(copied(2, |all, i, _| all.uniform(i, 0).round()));
        assert!((share - 0.75).abs() < 0.07, "{share}");
    }

    #[test]
    fn draws_of_equal_x_stay_in_one_group() {
        let pair = |i: u32| Pair { origin: (i, 0), x: f64::from(i / 90), y: 0.0 };
        let all: Vec<Pair> = (0..100).map(pair).collect();
        assert_eq!(groups(&all).iter().map(|g| g.len()).collect::<Vec<_>>(), [90, 10]);
        let apart: Vec<Pair> = (0..100).map(|i| Pair { x: f64::from(i), ..pair(i) }).collect();
        assert_eq!(groups(&apart).iter().map(|g| g.len()).collect::<Vec<_>>(), [5; 20]);
    }
}
