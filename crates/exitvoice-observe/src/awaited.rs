//! What announcements go on from: who of a replicate was announced by the as-of day, given the claims, and who can still be.
//!
//! The claims say how many were announced by the as-of day. What is told on a later day adds to these only what is possible after it: an
//! arrival nobody has announced is announced between the as-of day and day D with probability d (w_D - w) / (1 - d w), w and w_D his
//! shares of the days within which an announcement comes, and d the chance under which the rest of the replicate was drawn. Where silence says
//! nothing and nobody is on record, the list tells of no one, and all announcements are drawn.

use crate::channel::announcements::{Announcements, share_by};
use crate::channel::exits::Exits;
use crate::hidden::write;
use crate::likelihood::{Completeness, Scorer, Truth};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_record::Trajectory;
use std::collections::BTreeMap;

/// A replicate with its rare events drawn given the claims, and where its announcements stand on the as-of day.
#[derive(Clone, Debug)]
pub struct Completed {
    /// What happened.
    pub trajectory: Trajectory,
    awaited: Option<Awaited>,
}

/// Announcements as they stand on the as-of day.
#[derive(Clone, Debug)]
pub(crate) struct Awaited {
    /// Probability that an arrival is announced in the end.
    pub(crate) d: f64,
    /// The as-of day, by which only those of `shown` were announced; `None`: the claims do not say.
    pub(crate) since: Option<i32>,
    /// Announced by then, by day of arrival.
    pub(crate) shown: BTreeMap<i32, u64>,
}

impl Awaited {
    /// How many are announced by the end of `day`, the as-of day or a later one; `u` as in [`Announcements::simulate`].
    fn told(&self, trajectory: &Trajectory, day: i32, u: impl Fn(u64) -> f64) -> u64 {
        let later = |(arrived, count): (i32, u64)| {
            let before = self.since.map_or(0.0, |since| share_by(since - arrived));
            let gained = self.d * (share_by(day - arrived) - before).max(0.0);
            let first = 1 + (u64::from(arrived.unsigned_abs()) << 32);
            let silent = count.saturating_sub(self.shown.get(&arrived).copied().unwrap_or(0));
            (0..silent).filter(|person| u(first + person) * (1.0 - self.d * before) < gained).count() as u64
        };
        let known: u64 = self.shown.values().sum();
        known + Announcements::by_day(trajectory, day).map(later).sum::<u64>()
    }
}

impl Scorer {
    /// The trajectory with departures, arrivals and captures drawn given the claims, as [`Scorer::complete`] has it, and who of it was
    /// announced by the as-of day.
    #[must_use]
    pub fn complete_announced(&self, truth: &Truth<'_>, seed: Seed) -> Completed {
        let mut trajectory = truth.trajectory.clone();
        // Without a scored row the law given the claims is the prior.
        if self.scored() == 0 {
            return Completed { trajectory, awaited: None };
        }
        let draws = Draws::new(seed, Purpose::Hidden);
        let Some(expected) = truth.expected() else {
            let awaited = self.announcements.draw_given(&trajectory, draws);
            return Completed { trajectory, awaited };
        };
        let (real, awaited) = Exits::new(self, expected, 1.0).draw(draws);
        write(&mut trajectory, &real, self.departures.days);
        if let Some(captured) = self.prisoners.draw_captured(truth, |i| draws.uniform(1 << 60, i)) {
            for (day, count) in captured.into_iter().enumerate() {
                trajectory.custody[day] = count;
            }
        }
        Completed { trajectory, awaited: Some(awaited) }
    }

    /// Living prisoners counted, and deserters announced on record, as they would be told at the end of each of `days`, none of which is
    /// before the as-of day: never fewer announced than the claims have.
    #[must_use]
    pub fn told_after(&self, whole: &Completed, days: &[i32], seed: Seed) -> Vec<[u64; 2]> {
        let mut told = self.told(&whole.trajectory, days, seed);
        let Some(awaited) = &whole.awaited else { return told };
        let departures = Draws::new(seed, Purpose::Departures);
        for (row, day) in told.iter_mut().zip(days) {
            row[1] = awaited.told(&whole.trajectory, *day, |i| departures.uniform(u64::MAX, i));
        }
        told
    }
}

impl Announcements {
    /// Who of the arrivals that took place was announced by the as-of day, drawn given how many were; `None` where so many cannot have been.
    fn draw_given(&self, trajectory: &Trajectory, draws: Draws) -> Option<Awaited> {
        let (count, complete) = (self.announced, self.completeness == Completeness::Complete);
        let each = |(day, count): (i32, u64)| std::iter::repeat_n((day, share_by(self.as_of - day)), count as usize);
        let arrived: Vec<(i32, f64)> = Self::by_day(trajectory, self.as_of).flat_map(each).collect();
        let tells = complete || count > 0;
        let rule = self.rule(0.0);
        let laws: Vec<Vec<Vec<f64>>> = rule.iter().map(|d| numbers_from(&arrived, d.x, count, complete)).collect();
        let weight =
            |(d, law): (&crate::quadrature::Node, &Vec<Vec<f64>>)| d.weight * if tells { law[0][count] } else { 1.0 };
        let weights: Vec<f64> = rule.iter().zip(&laws).map(weight).collect();
        if weights.iter().all(|w| *w <= 0.0) {
            return None;
        }
        let u = draws.block(5 << 48, 0);
        let pick = sample::categorical(u.uniform(), &weights);
        let (d, law) = (rule[pick].x, &laws[pick]);
        let mut shown = BTreeMap::new();
        // How many are still to be found: exactly so many where the list is complete, else at least.
        let mut left = if tells { count } else { 0 };
        for (number, (day, w)) in (0_u64..).zip(&arrived).take_while(|_| tells) {
            let from = number as usize;
            if complete && left == 0 {
                break;
            }
            let fewer = left.saturating_sub(1);
            if draws.uniform(5 << 48, 1 + number) < d * w * law[from + 1][fewer] / law[from][left] {
                *shown.entry(*day).or_insert(0) += 1;
                left = fewer;
            }
        }
        Some(Awaited { d, since: tells.then_some(self.as_of), shown })
    }
}

/// P(k announced among the arrivals from each on), k up to `most`, each with probability d w: exactly k, or k at least.
fn numbers_from(arrived: &[(i32, f64)], d: f64, most: usize, exactly: bool) -> Vec<Vec<f64>> {
    let mut none = vec![0.0; most + 1];
    none[0] = 1.0;
    let mut found = vec![none];
    for (_, w) in arrived.iter().rev() {
        let rest = &found[found.len() - 1];
        let fewer = |k: usize| match k {
            0 if exactly => 0.0,
            0 => rest[0],
            k => rest[k - 1],
        };
        found.push((0..=most).map(|k| rest[k] * (1.0 - d * w) + fewer(k) * d * w).collect());
    }
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use crate::hidden::tests::{rate, scorer};
    use crate::likelihood::{Completeness, Scorer, Truth};
    use crate::quadrature;
    use crate::toy::quiet;
    use exitvoice_core::math;
    use exitvoice_core::quantity::Seed;
    use exitvoice_record::{DepartureKind, Expected, ExpectedDeparture, Trajectory};

    const CASES: [(Completeness, usize); 4] = [
        (Completeness::Complete, 4),
        (Completeness::Incomplete, 3),
        (Completeness::Complete, 0),
        (Completeness::Incomplete, 0),
    ];
    /// The as-of day of the announcements of these scorers, and two later ones.
    const DAYS: [i32; 3] = [200, 215, 259];

    fn departure() -> ExpectedDeparture {
        ExpectedDeparture { arrives: 170, ..rate(DepartureKind::Desertion, 2, 3.0, 0.6) }
    }

    fn expected() -> Expected {
        Expected { departures: vec![departure()], ..Expected::default() }
    }

    #[test]
    fn what_was_announced_stays_announced_and_only_arrivals_add_to_it() {
        for (completeness, announced) in CASES {
            let scorer = scorer(&[], announced, completeness);
            let (expected, mut world) = (expected(), quiet(260));
            // Arrives after the as-of day, of the replicate's own.
            world.reached[205] = 3;
            for seed in 0..400 {
                let whole = scorer.complete_announced(&Truth::new(&world).with_expected(&expected), Seed(seed));
                let told = scorer.told_after(&whole, &DAYS, Seed(1_000 + seed));
                let told: Vec<u64> = told.iter().map(|t| t[1]).collect();
                let arrived: i32 = whole.trajectory.reached.iter().sum();
                assert!(told[0] >= announced as u64 && told.is_sorted(), "{completeness:?} {announced}: {told:?}");
                assert!(told[2] <= arrived as u64, "{told:?} of {arrived}");
                if completeness == Completeness::Complete {
                    assert_eq!(told[0], announced as u64);
                }
            }
        }
    }

    /// Sum of weights and weighted number told on `day` for m who arrived on day 170: all numbers announced by day 200 written out.
    fn told_of(m: u32, completeness: Completeness, announced: u32, day: i32) -> [f64; 2] {
        let (before, by) = (30.0 / 60.0, f64::from((day - 170).min(60)) / 60.0);
        let last = if completeness == Completeness::Complete { announced } else { m };
        let mut sums = [0.0; 2];
        for node in quadrature::beta(8.0, 2.0, 1) {
            let p = node.x * before;
            for j in announced..=last.min(m) {
                let ln = math::ln_choose(f64::from(m), f64::from(j)) + f64::from(m - j) * math::ln_1p(-p);
                let weight = node.weight * math::exp(ln + f64::from(j) * math::ln(p));
                let later = f64::from(m - j) * node.x * (by - before) / (1.0 - p);
                sums = [sums[0] + weight, sums[1] + weight * (f64::from(j) + later)];
            }
        }
        sums
    }

    fn close(scorer: &Scorer, truth: &Truth<'_>, day: i32, exact: f64, what: &str) {
        let n = 3_000_u32;
        let (mut sum, mut squares) = (0.0, 0.0);
        for seed in 0..n {
            let whole = scorer.complete_announced(truth, Seed(u64::from(seed)));
            let told = scorer.told_after(&whole, &[day], Seed(u64::from(n + seed)))[0][1] as f64;
            (sum, squares) = (sum + told, squares + told * told);
        }
        let mean = sum / f64::from(n);
        let error = ((squares / f64::from(n) - mean * mean).max(0.0) / f64::from(n)).sqrt();
        // Four standard errors: a false alarm in 16,000.
        assert!((mean - exact).abs() <= 4.0 * error + 1e-9, "{what}, day {day}: {mean} +- {error}, {exact}");
    }

    #[test]
    fn later_announcements_have_the_mean_that_the_as_of_day_leaves_them() {
        let (e, expected, world) = (departure(), expected(), quiet(260));
        for (completeness, announced) in CASES {
            let scorer = scorer(&[], announced, completeness);
            for day in DAYS {
                let (mut sums, mut chance) = ([0.0; 2], math::exp(-e.rate));
                for n in 0..30_u32 {
                    // r0 ~ Beta(1, 9): nobody reported n departures of two.
                    let silent =
                        if completeness == Completeness::Complete { 9.0 / (9.0 + 2.0 * f64::from(n)) } else { 1.0 };
                    let mut binomial = math::exp(f64::from(n) * math::ln_1p(-e.success));
                    for arrived in 0..=n {
                        let [weight, told] = told_of(2 * arrived, completeness, announced as u32, day);
                        let all = chance * silent * binomial;
                        sums = [sums[0] + all * weight, sums[1] + all * told];
                        binomial *= f64::from(n - arrived) / f64::from(arrived + 1) * e.success / (1.0 - e.success);
                    }
                    chance *= e.rate / f64::from(n + 1);
                }
                let what = format!("{completeness:?} {announced}");
                let truth = Truth::new(&world).with_expected(&expected);
                close(&scorer, &truth, day, sums[1] / sums[0], &what);
            }
        }
    }

    #[test]
    fn arrivals_that_took_place_go_on_from_the_same_number() {
        let mut world: Trajectory = quiet(260);
        world.reached[170] = 7;
        for (completeness, announced) in CASES {
            let scorer = scorer(&[], announced, completeness);
            for day in DAYS {
                let [weight, told] = told_of(7, completeness, announced as u32, day);
                let what = format!("{completeness:?} {announced}");
                close(&scorer, &Truth::new(&world), day, told / weight, &what);
            }
        }
    }

    /// One of two is announced: which of them says nothing of the probability that a deserter is.
    #[test]
    fn who_was_announced_is_drawn_apart_from_how_likely_it_was() {
        let scorer = scorer(&[], 1, Completeness::Complete);
        let mut world = quiet(260);
        (world.reached[20], world.reached[30]) = (1, 1);
        let n = 4_000_u32;
        let mut sums = [[0.0; 3]; 2];
        for seed in 0..n {
            let whole = scorer.complete_announced(&Truth::new(&world), Seed(u64::from(seed)));
            let awaited = whole.awaited.as_ref().expect("somebody is awaited");
            let first = usize::from(awaited.shown.contains_key(&20));
            sums[first] = [sums[first][0] + 1.0, sums[first][1] + awaited.d, sums[first][2] + awaited.d * awaited.d];
        }
        let [later, first] = sums.map(|[n, d, squares]| (d / n, (squares / n - d * d / n / n) / n));
        // Four standard errors of a difference.
        assert!((later.0 - first.0).abs() < 4.0 * (later.1 + first.1).sqrt(), "{later:?} {first:?}");
        assert!((sums[0][0] - sums[1][0]).abs() < 4.0 * f64::from(n).sqrt(), "{sums:?}");
    }

    #[test]
    fn without_a_scored_row_nothing_is_known_of_announcements() {
        let mut scorer = scorer(&[], 0, Completeness::Complete);
        scorer.scored = 0;
        let mut world = quiet(260);
        world.reached[20] = 9;
        let whole = scorer.complete_announced(&Truth::new(&world), Seed(1));
        assert_eq!(scorer.told_after(&whole, &DAYS, Seed(2)), scorer.told(&world, &DAYS, Seed(2)));
        assert_eq!(whole.trajectory, world);
    }
}
