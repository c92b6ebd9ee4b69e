//! What the claims leave unseen: rare events of one replicate drawn from their law given the claims.
//!
//! Where a replicate is scored by rates, its own realised departures and captures know nothing of the claims. A draw from the posterior
//! takes their place here: nodes of the nuisance parameters in proportion to the likelihood, a reading for each report, and for each rate
//! a Poisson number of departures that left no trace.

use crate::awaited::Awaited;
use crate::channel::exits::{Exits, Rate, compound, quiet_rows, shown};
use crate::channel::readings::{Scaled, Side, on_one_scale};
use crate::likelihood::{Scorer, Truth};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, sample};
use exitvoice_record::{Departure, DepartureKind, ExpectedDeparture, Trajectory};
use std::collections::BTreeMap;

/// Largest number of announced deserters beyond those on record that is drawn where the list need not be complete.
const BEYOND: usize = 64;

/// Kinds of departures.
const KINDS: usize = 2;

/// A departure, and whether it arrived.
pub(crate) struct Real {
    departure: ExpectedDeparture,
    arrived: bool,
    /// How many of it were announced by the as-of day.
    shown: u64,
}

impl Scorer {
    /// The trajectory with departures, arrivals and captures drawn given the claims; as it is where they are not given as rates.
    ///
    /// Without a scored row the law given the claims is the prior, so the trajectory is returned as it is.
    #[must_use]
    pub fn complete(&self, truth: &Truth<'_>, seed: Seed) -> Trajectory {
        self.complete_announced(truth, seed).trajectory
    }
}

/// Puts the drawn departures in the place of the realised ones, up to the as-of day; those after it are as the replicate has them.
pub(crate) fn write(out: &mut Trajectory, real: &[Real], days: i32) {
    let end = usize::try_from(days).unwrap_or(0).min(out.days as usize);
    for departure in out.departures.iter().filter(|d| d.kind == DepartureKind::Desertion && (d.day as i32) < days) {
        let size = departure.size as i32;
        out.attempted[departure.day as usize] -= size;
        // Whoever was still under way on the as-of day would arrive beside those drawn in his place.
        if let Some((day, reached)) = departure.outcome.filter(|(day, _)| *day as usize >= end) {
            let column = if reached { &mut out.reached } else { &mut out.failed };
            column[day as usize] -= size;
        }
    }
    out.departures.retain(|d| d.day as i32 >= days);
    // What is left of the attempts are cells arrested before they left.
    out.failed[..end].copy_from_slice(&out.attempted[..end]);
    out.reached[..end].fill(0);
    for Real { departure: e, arrived, .. } in real {
        out.departures.push(Departure {
            day: e.day,
            size: e.size,
            kind: e.kind,
            at_front: e.at_front,
            outcome: Some((e.arrives, *arrived)),
        });
        if e.kind == DepartureKind::Desertion {
            let (day, arrives, size) = (e.day as usize, e.arrives as usize, e.size as i32);
            out.attempted[day] += size;
            let column = if *arrived { &mut out.reached } else { &mut out.failed };
            if let Some(slot) = column.get_mut(arrives) {
                *slot += size;
            }
        }
    }
    out.departures.sort_by_key(|d| (d.day, d.kind, d.size));
}

impl Exits<'_> {
    /// Departures given the claims, and who of them was announced by the as-of day.
    pub(crate) fn draw(&self, draws: Draws) -> (Vec<Real>, Awaited) {
        let sums = self.sums();
        let moments = &self.scorer.departures.false_moments;
        let [desertions, absences] = &sums.sides;
        let u = draws.block(0, 0);
        // Either the readings first and then the nodes of each kind by itself, or both nodes first.
        let (readings, side, k): (Vec<Option<usize>>, _, _) = if let Some(by_set) = &sums.by_set {
            let all = sums.each_reading(by_set, moments, None);
            let pick = sample::categorical(u.uniform(), &all.iter().map(|r| r.2).collect::<Vec<f64>>());
            let sets = [all[pick].0, all[pick].1];
            let weight = |side: &Side, set: usize| {
                let matched = side.matched.iter().enumerate().filter(|(r, _)| set & (1 << r) != 0);
                side.silent * matched.map(|(_, m)| m).product::<f64>()
            };
            let node = |sides: &[Side], set: usize, u: f64| {
                sample::categorical(u, &sides.iter().map(|s| weight(s, set)).collect::<Vec<f64>>())
            };
            let nodes = draws.block(0, 1);
            let readings = (0..sums.if_false.len()).map(|r| sets.iter().position(|set| set & (1 << r) != 0)).collect();
            (readings, node(desertions, sets[0], u.second()), node(absences, sets[1], nodes.uniform()))
        } else {
            let terms = sums.terms(&sums.rule, None);
            let (weights, _) = on_one_scale(&terms.iter().map(|t| t.weight).collect::<Vec<Scaled>>());
            let term = &terms[sample::categorical(u.uniform(), &weights)];
            let rate = sums.rule[term.rate].x;
            let k = sample::categorical(u.second(), &sums.absences_given(term.desertion, rate));
            let odds = sums.odds(term.desertion, &absences[k], rate);
            let read = |(report, odds): (u64, &[f64; KINDS + 1])| {
                let kind = sample::categorical(draws.uniform((1 << 48) + report, 0), odds);
                (kind < KINDS).then_some(kind)
            };
            ((0..).zip(&odds).map(read).collect(), term.desertion, k)
        };
        let [t_desertion, d] = sums.places[side];
        let t = [t_desertion, sums.absent_at[k]];
        let mut found = self.draw_matches(draws, t, d, &readings);
        self.draw_unseen(draws, t, d, &mut found);
        let mut shown = BTreeMap::new();
        for real in found.iter().filter(|r| r.shown > 0) {
            *shown.entry(real.departure.arrives as i32).or_insert(0) += real.shown;
        }
        (found, Awaited { d, since: self.tells().then_some(self.scorer.announcements.as_of), shown })
    }

    /// A departure for each report that describes one.
    fn draw_matches(&self, draws: Draws, t: [f64; 2], d: f64, readings: &[Option<usize>]) -> Vec<Real> {
        let all = [DepartureKind::Desertion, DepartureKind::Absence].map(|kind| self.matches(kind));
        let mut found = Vec::new();
        for (report, kind) in readings.iter().enumerate().filter_map(|(r, kind)| Some((r, (*kind)?))) {
            let own: Vec<&(usize, usize, f64)> = all[kind].iter().filter(|(r, _, _)| *r == report).collect();
            let silenced = self.silenced();
            let weight = |(_, i, w): &(usize, usize, f64)| {
                let c = if silenced { self.rates[*i].unannounced(d) } else { 1.0 };
                w * (1.0 - self.rates[*i].never(t[kind])) * c
            };
            let weights: Vec<f64> = own.iter().map(|m| weight(m)).collect();
            let u = draws.block((1 << 48) + report as u64, 1);
            let rate = &self.rates[own[sample::categorical(u.uniform(), &weights)].1];
            let arrived = u.second() < self.arrived_unseen(rate, d);
            found.push(Real { departure: rate.departure, arrived, shown: 0 });
        }
        found
    }

    /// Whether the number announced says something of those who were not.
    fn tells(&self) -> bool {
        self.is_complete() || self.scorer.announcements.announced > 0
    }

    /// Probability that a departure arrived, given that nobody of it was announced (where that says something).
    fn arrived_unseen(&self, rate: &Rate, d: f64) -> f64 {
        let s = rate.departure.success;
        if self.tells() { 1.0 - (1.0 - s) / rate.unannounced(d) } else { s }
    }

    /// Departures that left no trace, and those of which some were announced.
    fn draw_unseen(&self, draws: Draws, t: [f64; 2], d: f64, found: &mut Vec<Real>) {
        for (i, rate) in self.rates.iter().enumerate() {
            let kind = rate.departure.kind;
            let c = if self.tells() { rate.unannounced(d) } else { 1.0 };
            let address = (2 << 48) + i as u64;
            let count = sample::poisson(draws.uniform(address, 0), rate.rate * rate.unreported(t[kind as usize]) * c);
            for number in 1..=count {
                let arrived = draws.uniform(address, number) < self.arrived_unseen(rate, d);
                found.push(Real { departure: rate.departure, arrived, shown: 0 });
            }
        }
        let count = self.scorer.announcements.announced;
        if count == 0 {
            return;
        }
        let most = if self.is_complete() { count } else { count + BEYOND };
        let table = self.shown_by_size(d, most);
        let (rates, law) = compound(&quiet_rows(&table, t[0]), &table, most);
        let mut left = match self.is_complete() {
            true => count,
            false => count + sample::categorical(draws.uniform(3 << 48, 0), &law[count..]),
        };
        let mut number = 1;
        // The first jump of a compound Poisson sum n is k with probability k rate_k P(n - k) / (n P(n)).
        while left > 0 {
            let jumps: Vec<f64> = (0..=left).map(|k| k as f64 * rates[k] * law[left - k]).collect();
            let k = sample::categorical(draws.uniform(3 << 48, number), &jumps).max(1);
            let part = |r: &Rate| r.rate * r.unreported(t[0]) * r.departure.success * shown(r, d, k);
            let parts: Vec<f64> = self.rates.iter().map(part).collect();
            let pick = sample::categorical(draws.uniform(4 << 48, number), &parts);
            found.push(Real { departure: self.rates[pick].departure, arrived: true, shown: k as u64 });
            left -= k;
            number += 1;
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::channel::false_reports::false_rules;
    use crate::channel::readings::{Reading, Sums};
    use crate::channel::{announcements, departures};
    use crate::claim::ClaimSet;
    use crate::likelihood::{Completeness, DeparturesAs, ScorerSettings};
    use crate::nuisance::{Law, ObserverLaws};
    use crate::quadrature::{self, Node};
    use crate::toy::quiet;
    use exitvoice_core::math;
    use exitvoice_core::time::Day;

    pub(crate) fn scorer(clusters: &[(i32, u32, bool)], announced: usize, completeness: Completeness) -> Scorer {
        let settings = ScorerSettings {
            day_zero: Day(0),
            as_of: Day(199),
            completeness,
            departures: DeparturesAs::Rates,
            draws: 1,
        };
        let mut found = Scorer::new(&ClaimSet::default(), &settings, &ObserverLaws::from_registry()).expect("no rows");
        found.departures = departures::tests::channel(clusters, 199);
        found.departures.completeness = completeness;
        found.announcements = announcements::tests::channel(announced, completeness);
        found.scored = 1;
        found
    }

    pub(crate) fn rate(kind: DepartureKind, size: u32, rate: f64, success: f64) -> ExpectedDeparture {
        ExpectedDeparture { day: 6, size, kind, at_front: true, rate, success, arrives: 20 }
    }

    /// Likelihood, mean number of departures and mean number who arrived given the claims, all Poisson numbers of departures written out.
    fn written_out(scorer: &Scorer, e: &ExpectedDeparture) -> [f64; 3] {
        let mut sums = [0.0; 3];
        let mut chance = math::exp(-e.rate);
        for n in 0..24_usize {
            let mut truth = quiet(200);
            truth.departures =
                vec![Departure { day: e.day, size: e.size, kind: e.kind, at_front: true, outcome: None }; n];
            let mut binomial = math::exp(n as f64 * math::ln_1p(-e.success));
            for arrived in 0..=n {
                truth.reached[e.arrives as usize] = (arrived as u32 * e.size) as i32;
                let l = chance * binomial * math::exp(scorer.ln_exits(&Truth::new(&truth)));
                sums = [sums[0] + l, sums[1] + l * n as f64, sums[2] + l * (arrived as f64) * f64::from(e.size)];
                binomial *= (n - arrived) as f64 / (arrived as f64 + 1.0) * e.success / (1.0 - e.success);
            }
            chance *= e.rate / (n as f64 + 1.0);
        }
        [sums[0], sums[1] / sums[0], sums[2] / sums[0]]
    }

    type Case = (&'static [(i32, u32, bool)], usize, Completeness, ExpectedDeparture);

    /// More reports than are summed set by set: one that the departure can explain, or five.
    const MANY: &[(i32, u32, bool)] = &[
        (7, 3, false),
        (20, 30, false),
        (40, 8, true),
        (60, 5, false),
        (80, 50, false),
        (100, 2, false),
        (120, 17, true),
        (140, 4, false),
        (160, 60, false),
        (180, 9, false),
    ];
    const TOGETHER: &[(i32, u32, bool)] = &[
        (6, 2, false),
        (6, 2, false),
        (7, 2, false),
        (7, 3, true),
        (8, 2, false),
        (60, 5, false),
        (80, 50, false),
        (100, 2, false),
        (120, 17, true),
    ];

    /// Leaves on the day before the as-of day: a report may be still to come.
    fn late(kind: DepartureKind, size: u32, mean: f64, success: f64) -> ExpectedDeparture {
        ExpectedDeparture { day: 198, arrives: 199, ..rate(kind, size, mean, success) }
    }

    fn cases() -> Vec<Case> {
        use Completeness::{Complete, Incomplete};
        use DepartureKind::{Absence, Desertion};
        vec![
            (&[], 0, Complete, rate(Desertion, 2, 1.3, 0.3)),
            (&[(7, 18, true)], 0, Complete, rate(Absence, 18, 0.3, 0.0)),
            (&[(7, 3, false)], 0, Complete, rate(Desertion, 3, 0.8, 0.4)),
            (&[(7, 3, false)], 0, Incomplete, rate(Desertion, 3, 0.8, 0.4)),
            (&[], 4, Complete, rate(Desertion, 2, 1.1, 0.6)),
            (&[], 2, Incomplete, rate(Desertion, 1, 1.5, 0.6)),
            (MANY, 0, Complete, rate(Desertion, 3, 0.8, 0.4)),
            (&MANY[1..], 2, Complete, rate(Desertion, 2, 1.1, 0.6)),
            (&MANY[1..], 2, Incomplete, rate(Desertion, 2, 1.1, 0.6)),
            (TOGETHER, 0, Complete, rate(Desertion, 2, 5.0, 0.9)),
            (TOGETHER, 0, Complete, rate(Absence, 3, 2.0, 0.0)),
            (&[], 0, Complete, late(Absence, 18, 0.9, 0.0)),
            (&[(199, 3, false)], 0, Complete, late(Desertion, 3, 0.8, 0.4)),
            (&[(199, 3, false)], 0, Incomplete, late(Desertion, 3, 0.8, 0.4)),
        ]
    }

    #[test]
    fn rates_are_the_average_over_the_departures_they_stand_for() {
        for (number, (reports, announced, completeness, e)) in cases().into_iter().enumerate() {
            let scorer = scorer(reports, announced, completeness);
            let expected =
                exitvoice_record::Expected { departures: vec![e], captures: Vec::new(), surrenders: Vec::new() };
            let world = quiet(200);
            let by_rate = math::exp(scorer.ln_exits(&Truth::new(&world).with_expected(&expected)));
            let [exact, ..] = written_out(&scorer, &e);
            assert!((by_rate / exact - 1.0).abs() < 1e-4, "case {number}: {by_rate} against {exact}");
        }
    }

    #[test]
    fn drawn_departures_have_the_mean_that_the_claims_leave_them() {
        for (number, (reports, announced, completeness, e)) in cases().into_iter().enumerate() {
            let scorer = scorer(reports, announced, completeness);
            let expected =
                exitvoice_record::Expected { departures: vec![e], captures: Vec::new(), surrenders: Vec::new() };
            let world = quiet(200);
            let n = 800_u32;
            let (mut sums, mut squares) = ([0.0; 2], [0.0; 2]);
            for seed in 0..n {
                let drawn = scorer.complete(&Truth::new(&world).with_expected(&expected), Seed(u64::from(seed)));
                let found = [drawn.departures.len() as f64, f64::from(drawn.reached[e.arrives as usize])];
                for k in 0..2 {
                    sums[k] += found[k];
                    squares[k] += found[k] * found[k];
                }
            }
            let [_, departures, arrived] = written_out(&scorer, &e);
            for (k, exact) in [departures, arrived].into_iter().enumerate() {
                let n = f64::from(n);
                let mean = sums[k] / n;
                let error = ((squares[k] / n - mean * mean) / n).sqrt();
                assert!((mean - exact).abs() <= 4.0 * error + 1e-4, "case {number}.{k}: {mean} +- {error}, {exact}");
            }
        }
    }

    #[test]
    fn who_was_under_way_on_the_as_of_day_is_counted_once() {
        let scorer = scorer(&[], 0, Completeness::Complete);
        let none = exitvoice_record::Expected::default();
        let mut world = quiet(260);
        // Two leave before the as-of day and arrive, or are caught, after it; one leaves after it.
        for (day, ends, size, reached) in [(195, 205, 3, true), (196, 210, 2, false), (220, 230, 4, true)] {
            let (kind, outcome) = (DepartureKind::Desertion, Some((ends, reached)));
            world.departures.push(Departure { day, size, kind, at_front: true, outcome });
            world.attempted[day as usize] += size as i32;
            let column = if reached { &mut world.reached } else { &mut world.failed };
            column[ends as usize] += size as i32;
        }
        let given = scorer.complete(&Truth::new(&world).with_expected(&none), Seed(1));
        assert_eq!(given.departures, world.departures[2..]);
        let (reached, attempted) = (given.reached.iter().sum::<i32>(), given.attempted.iter().sum::<i32>());
        assert_eq!((reached, attempted, given.failed.iter().sum::<i32>()), (4, 4, 0));
        // Drawn ones who arrive after the as-of day are there beside it.
        let late =
            ExpectedDeparture { day: 198, arrives: 215, rate: 40.0, ..rate(DepartureKind::Desertion, 1, 40.0, 1.0) };
        let expected = exitvoice_record::Expected { departures: vec![late], ..none };
        let given = scorer.complete(&Truth::new(&world).with_expected(&expected), Seed(1));
        let drawn = given.departures.len() as i32 - 1;
        assert!(drawn > 0);
        assert_eq!((given.reached[215], given.attempted[198], given.reached[205]), (drawn, drawn, 0));
    }

    #[test]
    fn without_a_scored_row_the_trajectory_stays_as_it_is() {
        let mut scorer = scorer(&[], 0, Completeness::Complete);
        let departures = vec![rate(DepartureKind::Desertion, 2, 40.0, 0.5)];
        let expected = exitvoice_record::Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
        let world = quiet(200);
        let truth = Truth::new(&world).with_expected(&expected);
        assert_ne!(scorer.complete(&truth, Seed(1)), world, "drawn where something is scored");
        scorer.scored = 0;
        assert_eq!(scorer.complete(&truth, Seed(1)), world);
    }

    #[test]
    fn readings_by_rate_add_up() {
        let scorer = scorer(&[(7, 18, true), (8, 4, false), (31, 2, false)], 0, Completeness::Complete);
        let departures = vec![rate(DepartureKind::Desertion, 4, 0.02, 0.3), rate(DepartureKind::Absence, 20, 0.1, 0.0)];
        let expected = exitvoice_record::Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
        let world = quiet(200);
        let truth = Truth::new(&world).with_expected(&expected);
        let total = math::exp(scorer.ln_exits(&truth));
        for report in 0..3 {
            let [w] = scorer.event_weights(&truth, report, [None], 1.0);
            let sum = math::exp(w.ln_desertion) + math::exp(w.ln_absence) + math::exp(w.ln_nothing);
            assert!((sum / total - 1.0).abs() < 1e-12, "{report}");
        }
    }

    #[test]
    fn many_reports_are_summed_over_nodes_to_the_same_total() {
        let scorer = scorer(&[(7, 18, true), (8, 4, false), (31, 2, false)], 0, Completeness::Complete);
        let departures = vec![rate(DepartureKind::Desertion, 4, 0.2, 0.3), rate(DepartureKind::Absence, 20, 0.1, 0.0)];
        let expected = exitvoice_record::Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
        let exits = Exits::new(&scorer, &expected, 1.0);
        let (by_set, moments) = (exits.sums(), &scorer.departures.false_moments);
        let over_nodes = Sums { by_set: None, ..exits.sums() };
        let [rule, _] = false_rules(scorer.departures.false_law, scorer.departures.days, 3);
        for only in [None, Some((1, Reading::Desertion)), Some((0, Reading::Absence)), Some((2, Reading::Nothing))] {
            let (a, b) = (by_set.ln_total(moments, &[], only), over_nodes.ln_total(moments, &rule, only));
            assert!((a - b).abs() < 1e-12, "{only:?}: {a} against {b}");
        }
    }

    /// ln of the probability of `reports` reports of three men, each of an absence at one of the `near` rates around them or of nothing, integrated
    /// over a grid of its own.
    fn by_grid(rate: f64, near: f64, reports: f64) -> f64 {
        let grid = |low: f64, high: f64, steps: i32| {
            let step = (high - low) / f64::from(steps);
            (0..=steps).map(move |i| (low + f64::from(i) * step, step))
        };
        let given = |t: f64| rate * -math::exp_m1(-3.0 * t);
        let mut terms = Vec::new();
        for (ln_t, step_t) in grid(-13.0, 2.0, 3_000) {
            let t = math::exp(ln_t);
            let ln_t_weight = math::ln(9.0 * t * step_t) - 9.0 * t - near * given(t);
            for (z, step_z) in grid(-8.0, 8.0, 400) {
                let f = 0.1 * math::exp(z);
                let each = departures::size_given(3, 3) * given(t) + departures::size_if_false(3) * f / 30.0;
                let ln_f_weight = math::normal_ln_pdf(z, 0.0, 1.0) + math::ln(step_z) - f * 200.0 / 30.0;
                terms.push(ln_t_weight + ln_f_weight + reports * math::ln(each));
            }
        }
        math::ln_sum_exp(&terms)
    }

    #[test]
    fn many_reports_weigh_what_a_fine_grid_says_whether_they_are_true_or_false() {
        let cases = [
            (30, 0.7),
            (120, 1.0),
            (120, 0.9),
            (120, 0.8),
            (120, 0.02),
            (120, 0.05),
            (127, 0.0),
            (127, 0.01),
            (127, 0.06),
            (127, 3.0),
        ];
        for (reports, rate_each) in cases {
            let day = |k: i32| 10 + k * 180 / reports;
            let clusters: Vec<(i32, u32, bool)> = (0..reports).map(|k| (day(k), 3, false)).collect();
            let scorer = scorer(&clusters, 0, Completeness::Incomplete);
            let departure = |day: u32| ExpectedDeparture { day, ..rate(DepartureKind::Absence, 3, rate_each, 0.0) };
            let departures: Vec<ExpectedDeparture> = (8..190).map(departure).collect();
            let near = |e: &&ExpectedDeparture| clusters.iter().any(|c| (0..=2).contains(&(c.0 - e.day as i32)));
            let near = departures.iter().filter(near).count() as f64;
            let expected = exitvoice_record::Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
            let world = quiet(200);
            let found = scorer.ln_exits(&Truth::new(&world).with_expected(&expected));
            let exact = by_grid(rate_each, near, f64::from(reports));
            assert!((found - exact).abs() < 1e-4, "{reports} at {rate_each}: {found} against {exact}");
        }
    }

    #[test]
    fn reports_that_tell_of_an_unlikely_chance_of_announcements_weigh_what_a_fine_grid_says() {
        // Forty reports of ten men of whom nearly all arrive and nobody is announced: the chance of it must be far smaller than its law says.
        let clusters: Vec<(i32, u32, bool)> = (0..40).map(|k| (1 + 3 * k, 10, false)).collect();
        let scorer = scorer(&clusters, 0, Completeness::Complete);
        let (rate_each, success) = (1.1, 0.97);
        let departure = |k: u32| {
            let day = 1 + 3 * k;
            ExpectedDeparture { day, arrives: day + 1, ..rate(DepartureKind::Desertion, 10, rate_each, success) }
        };
        let departures: Vec<ExpectedDeparture> = (0..40).map(departure).collect();
        let expected = exitvoice_record::Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
        let world = quiet(200);
        let found = scorer.ln_exits(&Truth::new(&world).with_expected(&expected));
        let steps =
            |low: f64, high: f64, step: f64| (0..=((high - low) / step) as i32).map(move |i| low + f64::from(i) * step);
        let ln_beta_82 = math::ln_beta(8.0, 2.0);
        let density = departures::size_given(10, 10) / 3.0;
        let mut terms = Vec::new();
        for ln_t in steps(-13.0, 2.0, 0.04) {
            let t = math::exp(ln_t);
            let quiet = math::exp(-10.0 * t);
            for logit in steps(-14.0, 8.0, 0.05) {
                let d = math::logistic(logit);
                let unannounced = 1.0 - success * (1.0 - math::exp(10.0 * math::ln_1p(-d)));
                let silent = -40.0 * rate_each * (1.0 - quiet * unannounced);
                let at = math::ln(9.0 * t * 0.04) - 9.0 * t + silent + math::ln(0.05) - ln_beta_82
                    + 8.0 * math::ln_logistic(logit)
                    + 2.0 * math::ln_logistic(-logit);
                for z in steps(-8.0, 8.0, 0.1) {
                    let f = 0.1 * math::exp(z);
                    let each =
                        rate_each * density * (1.0 - quiet) * unannounced + departures::size_if_false(10) * f / 30.0;
                    let of_f = math::normal_ln_pdf(z, 0.0, 1.0) + math::ln(0.1) - f * 200.0 / 30.0;
                    terms.push(at + of_f + 40.0 * math::ln(each));
                }
            }
        }
        let exact = math::ln_sum_exp(&terms);
        assert!((found - exact).abs() < 1e-3, "{found} against {exact}");
    }

    #[test]
    fn many_who_are_announced_tell_the_chance_of_it() {
        // Single men behind the front, whom no report can describe: a Poisson number is announced.
        for (arriving, announced) in [(40.0, 8), (67.0, 20), (167.0, 50), (500.0, 100), (400.0, 200)] {
            let scorer = scorer(&[], announced, Completeness::Complete);
            let e = ExpectedDeparture { at_front: false, ..rate(DepartureKind::Desertion, 1, arriving, 1.0) };
            let expected =
                exitvoice_record::Expected { departures: vec![e], captures: Vec::new(), surrenders: Vec::new() };
            let world = quiet(200);
            let found = scorer.ln_exits(&Truth::new(&world).with_expected(&expected));
            let n = announced as f64;
            let at = |i: i32| {
                let d = (f64::from(i) + 0.5) / 100_000.0;
                let poisson = n * math::ln(arriving * d) - arriving * d - math::ln_gamma(n + 1.0);
                poisson + 7.0 * math::ln(d) + math::ln_1p(-d) - math::ln_beta(8.0, 2.0) - math::ln(100_000.0)
            };
            let silence = math::ln(scorer.departures.false_moments[0]);
            let exact = silence + math::ln_sum_exp(&(0..100_000).map(at).collect::<Vec<f64>>());
            assert!((found - exact).abs() < 1e-4, "{announced} of {arriving}: {found} against {exact}");
        }
    }

    #[test]
    fn the_chance_of_an_announcement_is_averaged_out_however_much_many_reports_say_of_it() {
        // Nobody was announced: where reports are desertions of which most arrive, the chance was small.
        for (kind, success, rate_each) in [
            (DepartureKind::Desertion, 0.6, 1.0),
            (DepartureKind::Desertion, 0.3, 0.1),
            (DepartureKind::Desertion, 0.6, 30.0),
            (DepartureKind::Absence, 0.0, 1.0),
        ] {
            let clusters: Vec<(i32, u32, bool)> = (1..=38).map(|k| (5 * k, 3, false)).collect();
            let mut scorer = scorer(&clusters, 0, Completeness::Complete);
            let departure =
                |k: u32| ExpectedDeparture { day: 5 * k, arrives: 5 * k + 1, ..rate(kind, 3, rate_each, success) };
            let departures = (1..=38).map(departure).collect();
            let expected = exitvoice_record::Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
            let world = quiet(200);
            let found = scorer.ln_exits(&Truth::new(&world).with_expected(&expected));
            let at = |node: Node| {
                scorer.announcements.law = Law::Pinned(node.x);
                math::ln(node.weight) + scorer.ln_exits(&Truth::new(&world).with_expected(&expected))
            };
            let exact = math::ln_sum_exp(&quadrature::beta(8.0, 2.0, 6).into_iter().map(at).collect::<Vec<f64>>());
            assert!((found - exact).abs() < 1e-3, "{kind:?}, {success}, {rate_each}: {found} against {exact}");
        }
    }

    #[test]
    fn departures_behind_the_front_are_never_reported() {
        let scorer = scorer(&[(7, 18, true)], 0, Completeness::Complete);
        let behind = ExpectedDeparture { at_front: false, ..rate(DepartureKind::Absence, 18, 0.3, 0.0) };
        let expected =
            exitvoice_record::Expected { departures: vec![behind], captures: Vec::new(), surrenders: Vec::new() };
        let world = quiet(200);
        let empty = exitvoice_record::Expected::default();
        let with = scorer.ln_exits(&Truth::new(&world).with_expected(&expected));
        let without = scorer.ln_exits(&Truth::new(&world).with_expected(&empty));
        assert!((with - without).abs() < 1e-12);
    }
}
