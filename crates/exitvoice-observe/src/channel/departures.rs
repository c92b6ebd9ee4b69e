//! # Departures
//! Unnamed reports that soldiers left a post: each is a desertion, an absence, or nothing.
//!
//! ## Equation
//! Reports come from an event of n men with probability r = 1 - (1 - r0)^n, r0 ~ Beta(1, 9) by kind, 0 to 2 days later; the size is
//! n with probability .7, else a rounded LogN(log n, .4), 100 at most. False reports: Poisson, f in 30 days, sizes log-uniform on 1..100.
//! L = E_f,r0[ exp(-f T/30) sum over matchings of prod unreported (1 - v r) prod matched r h(y | n)/3 prod false (f/30) g(y) ].
//! v is the share of the three lags that are over by the as-of day: 1, but 2/3 and 1/3 for events of the day before it and of that day.
//! A retelling (label "absence") multiplies by .8 if the report is matched to an absence, else by .3.
//! Departures given as rates: see `exits`.
//!
//! ## Symbols
//! t = -ln(1 - r0): 1 - r = e^(-n t), so L needs only E over t of exponentials, by even steps of ln t, as close as the reports tell
//! ## Resolution
//! T counts the days from day 0 to the as-of day; reports that can share an event are summed over jointly
//! ## Not modelled
//! two reports of one event that are not known to be copies
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 the three readings add up to the likelihood (`desertion_absence_and_nothing_add_up`)
//! - C2 sampled reports have the frequencies that are scored (`sampled_reports_match_their_scores`)
//! - C3 a report of the last days may be still to come (`reports_of_the_last_days_may_be_still_to_come`)

use super::closer::parts;
use super::false_reports::{PER_DAYS, false_moments, false_rules};
use super::matching::{Allowed, AtNode, Cluster, Event, Stretch, group, unreported};
use super::readings::{MOST_BY_SET, Scaled, ln_sum, rescale};
use crate::claim::{Claim, Quantity};
use crate::error::ClaimError;
use crate::likelihood::{Completeness, EventWeights, ScorerSettings, Truth};
use crate::nuisance::{Law, ObserverLaws};
use crate::quadrature::{self, Node};
use exitvoice_core::math;
use exitvoice_core::param::Prior;
use exitvoice_core::rng::{Draws, sample};
use exitvoice_record::DepartureKind;

/// Longest lag of a report, days.
pub const LAG_DAYS: i32 = 2;
/// Probability that the size is reported as it was, and the spread of the log otherwise.
const EXACT_SIZE: f64 = 0.7;
const SIZE_SPREAD: f64 = 0.4;
/// Sizes of reports, false ones included: one that could only be true would be no evidence to be weighed.
pub(crate) const SMALLEST: f64 = 1.0;
pub(crate) const LARGEST: f64 = 100.0;
/// Probability of the label "absence" in a retelling.
pub(crate) const LABEL_IF_ABSENCE: f64 = 0.8;
pub(crate) const LABEL_OTHERWISE: f64 = 0.3;

/// P(reported size y | n left).
pub(crate) fn size_given(y: u32, n: u32) -> f64 {
    let (y, n) = (f64::from(y), f64::from(n));
    let score = |x: f64| math::normal_cdf((math::ln(x) - math::ln(n)) / SIZE_SPREAD);
    let below = if y <= SMALLEST { 0.0 } else { score(y - 0.5) };
    let above = if y >= LARGEST { 1.0 } else { score(y + 0.5) };
    let rounded = (1.0 - EXACT_SIZE) * (above - below);
    if (y - n.min(LARGEST)).abs() < 0.5 { EXACT_SIZE + rounded } else { rounded }
}

/// P(size y of a false report): the log-uniform law on 1..100, rounded.
pub(crate) fn size_if_false(y: u32) -> f64 {
    let (y, all) = (f64::from(y), math::ln((LARGEST + 0.5) / (SMALLEST - 0.5)));
    if (SMALLEST..=LARGEST).contains(&y) { math::ln((y + 0.5) / (y - 0.5)) / all } else { 0.0 }
}

/// The channel of unnamed reports.
#[derive(Clone, Debug)]
pub(crate) struct Departures {
    /// In order of their day.
    pub(crate) clusters: Vec<Cluster>,
    /// Number of days from day 0 to the as-of day, both included.
    pub(crate) days: i32,
    pub(crate) seen: [Seen; 2],
    /// Whether days without a report count against departures.
    pub(crate) completeness: Completeness,
    pub(crate) false_law: Law,
    /// E[(f/30)^k exp(-f T/30)] for k false reports.
    pub(crate) false_moments: Vec<f64>,
    /// Few nodes of its law, and as many as any number of false reports needs; none where reports are so few that moments do.
    pub(crate) false_rules: [Vec<Node>; 2],
}

/// The law of r0.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// Beta(1, b): t = -ln(1 - r0) is exponential with rate b.
    Beta(f64),
    Known(f64),
}

/// One value of t, and everything of its kind that does not depend on the matching.
struct Point {
    at: Vec<AtNode>,
    weight: f64,
    /// ln of the probability that none of the departures with all lags over is reported.
    ln_silent: f64,
}

impl Departures {
    pub(crate) fn new<'c>(
        claims: impl Iterator<Item = &'c Claim> + Clone,
        settings: &ScorerSettings,
        laws: &ObserverLaws,
    ) -> Result<Self, ClaimError> {
        let ScorerSettings { day_zero, as_of, completeness, departures, .. } = *settings;
        let retold = |c: &Claim| claims.clone().any(|r| r.quantity == Quantity::Recaptured && r.cluster == c.cluster);
        let mut clusters: Vec<Cluster> = claims
            .clone()
            .filter(|c| c.quantity == Quantity::Desertions && c.is_anonymous())
            .filter_map(|c| {
                Some(Cluster { id: c.id.clone(), day: c.as_of - day_zero, size: c.value? as u32, retold: retold(c) })
            })
            .collect();
        clusters.sort_by(|a, b| (a.day, a.size, a.retold, &a.id).cmp(&(b.day, b.size, b.retold, &b.id)));
        let most = departures.most_together();
        if let Some((first, count)) = group(&clusters).into_iter().find(|(_, n)| *n > most) {
            return Err(ClaimError::TooManyReports { count, day: clusters[first].day, most });
        }
        let most = departures.most_in_all();
        if clusters.len() > most {
            return Err(ClaimError::TooManyInAll { count: clusters.len(), most });
        }
        let days = (as_of - day_zero).saturating_add(1).max(0);
        let false_law = laws.get("observe.departures.false_reports");
        let false_moments = false_moments(false_law, days, clusters.len());
        let many = clusters.len() > MOST_BY_SET;
        let false_rules = if many { false_rules(false_law, days, clusters.len()) } else { Default::default() };
        let seen =
            ["observe.departures.desertion_seen", "observe.departures.absence_seen"].map(|key| match laws.get(key) {
                Law::Prior(Prior::Beta { b, .. }) => Seen::Beta(b),
                other => Seen::Known(other.quantile(0.5)),
            });
        Ok(Self { clusters, days, seen, completeness, false_law, false_moments, false_rules })
    }

    /// ln of the likelihood of the reports that came and of those that did not.
    pub(crate) fn ln_likelihood(&self, truth: &Truth<'_>) -> f64 {
        self.ln_sum(truth, &vec![Allowed::ANY; self.clusters.len()], &self.false_moments)
    }

    /// ln weights of the readings of one report, the rate of false reports given, or integrated over.
    pub(crate) fn weights(&self, truth: &Truth<'_>, report: usize, false_reports: Option<f64>) -> EventWeights {
        let pinned = false_reports.map(|f| false_moments(Law::Pinned(f), self.days, self.clusters.len()));
        let moments = pinned.as_ref().unwrap_or(&self.false_moments);
        let read = |allowed: Allowed| {
            let mut all = vec![Allowed::ANY; self.clusters.len()];
            all[report] = allowed;
            self.ln_sum(truth, &all, moments)
        };
        EventWeights {
            ln_desertion: read(Allowed { desertion: true, absence: false, nothing: false }),
            ln_absence: read(Allowed { desertion: false, absence: true, nothing: false }),
            ln_nothing: read(Allowed { desertion: false, absence: false, nothing: true }),
        }
    }

    fn ln_sum(&self, truth: &Truth<'_>, allowed: &[Allowed], moments: &[f64]) -> f64 {
        let mut events = truth.events(self.days);
        if self.completeness == Completeness::Incomplete {
            // Silence says nothing: only departures that a report may describe are looked at.
            events.retain(|e| self.clusters.iter().any(|c| (0..=LAG_DAYS).contains(&(c.day - e.day))));
        }
        let stretches: Vec<Stretch> = group(&self.clusters)
            .into_iter()
            .map(|(first, count)| (first, first + count))
            .map(|(from, to)| Stretch::new(&self.clusters[from..to], &allowed[from..to], &events))
            .collect();
        let [desertions, absences] = KINDS.map(|kind| self.points(kind, &stretches, &events));
        let (mut terms, mut scratch) = (Vec::with_capacity(desertions.len() * absences.len()), Vec::new());
        for desertion in &desertions {
            for absence in &absences {
                let (mut all, mut ln_scale) = (vec![1.0], desertion.ln_silent + absence.ln_silent);
                for (i, stretch) in stretches.iter().enumerate() {
                    let (found, ln_found) = stretch.polynomial(&desertion.at[i], &absence.at[i], &mut scratch);
                    all = product(&all, &found);
                    ln_scale += ln_found + rescale(&mut all);
                }
                let sum: f64 = all.iter().zip(moments).map(|(a, m)| a * m).sum();
                terms.push(Scaled { part: desertion.weight * absence.weight * sum, ln_scale });
            }
        }
        ln_sum(&terms)
    }

    /// Points of the integral over t of one kind: the law of t, e^(-heads t) of departures with all lags over, and the silence of the others.
    fn points(&self, kind: DepartureKind, stretches: &[Stretch], events: &[Event]) -> Vec<Point> {
        let (settled, late): (Vec<&Event>, Vec<&Event>) =
            events.iter().filter(|e| e.kind == kind).partition(|e| e.is_settled());
        let heads: f64 = settled.iter().map(|e| f64::from(e.size)).sum();
        let awaited =
            |t: f64| late.iter().map(|e| unreported(math::exp(-f64::from(e.size) * t), e.lags)).product::<f64>();
        let point = |t: f64, weight: f64, silent: f64| {
            let at = stretches.iter().map(|s| s.at(kind, t)).collect();
            Point { at, weight: weight * awaited(t), ln_silent: -silent * t }
        };
        match self.seen[kind as usize] {
            Seen::Known(r0) => {
                let t = -math::ln_1p(-r0.min(1.0 - f64::EPSILON));
                vec![point(t, 1.0, heads)]
            }
            // Nothing can be matched: E[e^(-heads t)] in closed form.
            Seen::Beta(b) if late.is_empty() && !stretches.iter().any(|s| s.reaches(kind)) => {
                vec![point(0.0, b / (b + heads), 0.0)]
            }
            Seen::Beta(b) => {
                let nodes = quadrature::exponential_closer(b, parts(self.clusters.len() as f64));
                nodes.iter().map(|n| point(n.x, n.weight, heads)).collect()
            }
        }
    }

    /// Draws what unnamed sources would have reported until the as-of day: (day, size, retold as an absence).
    pub(crate) fn simulate(&self, truth: &Truth<'_>, draws: Draws, false_draws: Draws) -> Vec<Report> {
        let t = [0, 1].map(|kind| match self.seen[kind] {
            Seen::Beta(b) => -math::ln(draws.uniform(0, kind as u64)) / b,
            Seen::Known(r0) => -math::ln_1p(-r0.min(1.0 - f64::EPSILON)),
        });
        let mut found = Vec::new();
        let mut report = |address: u64, event: Event| {
            let chance = -math::exp_m1(-f64::from(event.size) * t[event.kind as usize]);
            let lag = sample::index(draws.uniform(address, 1), LAG_DAYS as usize + 1) as i32;
            let day = event.day + lag;
            if draws.uniform(address, 0) < chance && lag < event.lags {
                let (block, n) = (draws.block(address, 2), f64::from(event.size));
                let noisy = || sample::log_normal(block.second(), n, SIZE_SPREAD).round();
                let size = if block.uniform() < EXACT_SIZE { n } else { noisy() };
                let label = if event.kind == DepartureKind::Absence { LABEL_IF_ABSENCE } else { LABEL_OTHERWISE };
                let retold_as_absence = draws.uniform(address, 3) < label;
                let size = size.clamp(SMALLEST, LARGEST) as u32;
                found.push(Report { day, size, truth: Some(event.kind), retold_as_absence });
            }
        };
        let events = truth.events(self.days);
        for (address, event) in (1_u64..).zip(&events) {
            report(address, *event);
        }
        let false_rate = self.false_law.quantile(false_draws.uniform(0, 0));
        let count = sample::poisson(false_draws.uniform(0, 1), false_rate * f64::from(self.days) / PER_DAYS);
        for number in 1..=count {
            let block = false_draws.block(number, 0);
            let day = sample::index(block.uniform(), self.days as usize) as i32;
            let (low, high) = (math::ln(SMALLEST - 0.5), math::ln(LARGEST + 0.5));
            let size = math::exp(low + block.second() * (high - low)).round() as u32;
            let retold_as_absence = false_draws.uniform(number, 1) < LABEL_OTHERWISE;
            found.push(Report { day, size, truth: None, retold_as_absence });
        }
        found.sort_by_key(|r| (r.day, r.size, r.truth, r.retold_as_absence));
        found
    }
}

const KINDS: [DepartureKind; 2] = [DepartureKind::Desertion, DepartureKind::Absence];

/// A report as the channel draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// Day of the deployment.
    pub day: i32,
    /// How many are said to have left.
    pub size: u32,
    /// What it describes; `None`: nothing. Never shown to an observer.
    pub truth: Option<DepartureKind>,
    /// What a retelling would say, were there one.
    pub retold_as_absence: bool,
}

/// Coefficients of the product of two polynomials.
fn product(a: &[f64], b: &[f64]) -> Vec<f64> {
    let mut found = vec![0.0; a.len() + b.len() - 1];
    for (i, x) in a.iter().enumerate() {
        for (j, y) in b.iter().enumerate() {
            found[i + j] += x * y;
        }
    }
    found
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "exact values are meant")]
pub(crate) mod tests {
    use super::*;
    use crate::toy::quiet;
    use exitvoice_core::quantity::Seed;
    use exitvoice_core::rng::Purpose;
    use exitvoice_core::time::Day;
    use exitvoice_record::{Departure, Trajectory};

    pub(crate) fn channel(clusters: &[(i32, u32, bool)], as_of: i32) -> Departures {
        let laws = ObserverLaws::from_registry();
        let (as_of, completeness) = (Day(as_of), Completeness::Complete);
        let settings =
            ScorerSettings { day_zero: Day(0), as_of, completeness, departures: crate::DeparturesAs::Events, draws: 1 };
        let mut found = Departures::new(std::iter::empty(), &settings, &laws).expect("no report");
        let cluster = |(day, size, retold): &(i32, u32, bool)| Cluster {
            id: String::new(),
            day: *day,
            size: *size,
            retold: *retold,
        };
        found.clusters = clusters.iter().map(cluster).collect();
        found.false_moments = false_moments(found.false_law, found.days, clusters.len());
        found.false_rules = false_rules(found.false_law, found.days, clusters.len());
        found
    }

    fn departure(day: u32, size: u32, kind: DepartureKind) -> Departure {
        Departure { day, size, kind, at_front: true, outcome: None }
    }

    fn world() -> Trajectory {
        let mut truth = quiet(60);
        truth.departures = vec![
            departure(6, 18, DepartureKind::Absence),
            departure(6, 3, DepartureKind::Desertion),
            departure(30, 1, DepartureKind::Absence),
        ];
        truth
    }

    #[test]
    fn sizes_of_reports_sum_to_one() {
        let false_sum: f64 = (0..200).map(size_if_false).sum();
        assert!((false_sum - 1.0).abs() < 1e-12);
        for n in [1, 2, 18, 99, 100, 240] {
            let sum: f64 = (1..=100).map(|y| size_given(y, n)).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{n}: {sum}");
        }
    }

    #[test]
    fn one_report_agrees_with_the_closed_form() {
        // E[q^N] = 9/(9 + N) for q = 1 - r0; the matched absence of 18 leaves 9/(9 + 1) - 9/(9 + 19) for the absences.
        let truth = world();
        let found = channel(&[(6, 18, false)], 59);
        let (f0, f1) = (found.false_moments[0], found.false_moments[1]);
        let silent_d = 9.0 / 12.0;
        let silent_a = 9.0 / 28.0;
        let absence = f0 * silent_d * (9.0 / 10.0 - silent_a) * size_given(18, 18) / 3.0;
        let desertion = f0 * (1.0 - silent_d) * silent_a * size_given(18, 3) / 3.0;
        let nothing = f1 * silent_d * silent_a * size_if_false(18);
        let weights = found.weights(&Truth::new(&truth), 0, None);
        for (ln, exact) in
            [(weights.ln_absence, absence), (weights.ln_desertion, desertion), (weights.ln_nothing, nothing)]
        {
            assert!((math::exp(ln) / exact - 1.0).abs() < 1e-5, "{} against {exact}", math::exp(ln));
        }
    }

    #[test]
    fn many_reports_of_departures_that_took_place_agree_with_the_closed_form() {
        // Absences of three men, each reported, and more that are not: E over t of e^(-3 m t) (1 - e^(-3t))^n is a beta function.
        for (reported, not) in [(1, 0), (10, 0), (20, 5), (30, 0), (30, 150), (100, 0), (100, 3), (100, 400)] {
            let mut truth = quiet(400);
            let absence = |k: u32| departure(3 * k.min(reported), 3, DepartureKind::Absence);
            truth.departures = (0..reported + not).map(absence).collect();
            let clusters: Vec<(i32, u32, bool)> = (0..reported as i32).map(|k| (3 * k, 3, false)).collect();
            let mut found = channel(&clusters, 399);
            found.false_moments = false_moments(Law::Pinned(0.0), found.days, clusters.len());
            let (n, m) = (f64::from(reported), f64::from(not));
            let exact = n * math::ln(size_given(3, 3) / 3.0) + math::ln(3.0) + math::ln_beta(3.0 + m, n + 1.0);
            let found = found.ln_likelihood(&Truth::new(&truth));
            assert!((found - exact).abs() < 1e-4, "{reported} and {not}: {found} against {exact}");
        }
    }

    #[test]
    fn false_reports_beside_departures_far_larger_agree_with_the_closed_form() {
        // Each report of y men beside an absence of n that it describes or not: with k that do, E over t is a beta function.
        for (reports, y, n) in [(1, 3, 100), (1, 3, 1000), (1, 100, 1000), (30, 2, 18), (60, 50, 3)] {
            let mut truth = quiet(400);
            truth.departures = (0..reports).map(|k| departure(6 * k, n, DepartureKind::Absence)).collect();
            let clusters: Vec<(i32, u32, bool)> = (0..reports as i32).map(|k| (6 * k, y, false)).collect();
            let found = channel(&clusters, 399);
            let b = 9.0 / f64::from(n);
            let of_true = |k: u32| {
                let (true_, false_) = (f64::from(k), f64::from(reports - k));
                let each = true_ * math::ln(size_given(y, n) / 3.0) + false_ * math::ln(size_if_false(y));
                let at_t = math::ln(b) + math::ln_beta(b + false_, true_ + 1.0);
                let rate = math::ln(found.false_moments[(reports - k) as usize]);
                math::ln_choose(f64::from(reports), true_) + each + at_t + rate
            };
            let exact = math::ln_sum_exp(&(0..=reports).map(of_true).collect::<Vec<f64>>());
            let found = found.ln_likelihood(&Truth::new(&truth));
            assert!((found - exact).abs() < 1e-4, "{reports} of {y} beside {n}: {found} against {exact}");
        }
    }

    #[test]
    fn reports_of_large_departures_agree_with_a_fine_grid() {
        // Two reports of an absence each, 200 and 90 men, and of a third of 150 that either can describe.
        let mut truth = quiet(60);
        truth.departures =
            [(6, 200), (8, 90), (7, 150)].map(|(day, n)| departure(day, n, DepartureKind::Absence)).into();
        let mut found = channel(&[(8, 100, false), (8, 90, false)], 59);
        found.false_moments = false_moments(Law::Pinned(0.0), found.days, 2);
        let h = |y, n| size_given(y, n) / 3.0;
        let steps = 200_000;
        let at = |i: i32| {
            let t = (f64::from(i) + 0.5) * 4.0 / f64::from(steps);
            let [r200, r150, r90] = [200.0, 150.0, 90.0].map(|n| -math::exp_m1(-n * t));
            let pair = |a: f64, na, b: f64, nb, silent: f64| {
                a * b * (1.0 - silent) * (h(100, na) * h(90, nb) + h(100, nb) * h(90, na))
            };
            let sum = pair(r200, 200, r90, 90, r150) + pair(r200, 200, r150, 150, r90) + pair(r150, 150, r90, 90, r200);
            sum * 9.0 * math::exp(-9.0 * t) * 4.0 / f64::from(steps)
        };
        let exact = math::ln((0..steps).map(at).sum());
        let found = found.ln_likelihood(&Truth::new(&truth));
        assert!((found - exact).abs() < 1e-4, "{found} against {exact}");
    }

    #[test]
    fn desertion_absence_and_nothing_add_up() {
        let truth = world();
        let found = channel(&[(6, 18, true), (8, 4, false), (31, 2, false)], 59);
        let total = found.ln_likelihood(&Truth::new(&truth));
        for report in 0..3 {
            let w = found.weights(&Truth::new(&truth), report, None);
            let sum = math::exp(w.ln_desertion) + math::exp(w.ln_absence) + math::exp(w.ln_nothing);
            assert!((sum / math::exp(total) - 1.0).abs() < 1e-9, "{report}");
        }
    }

    #[test]
    fn as_the_world_empties_the_likelihood_tends_to_that_of_a_false_report() {
        let found = channel(&[(6, 18, true)], 59);
        let weights = found.weights(&Truth::new(&quiet(60)), 0, Some(0.2));
        let expected = math::ln(0.3 * size_if_false(18) * 0.2 / 30.0) - 0.2 * 60.0 / 30.0;
        assert!((weights.ln_nothing - expected).abs() < 1e-12);
        assert_eq!(weights.ln_desertion, f64::NEG_INFINITY);
        assert_eq!(weights.ln_absence, f64::NEG_INFINITY);
    }

    #[test]
    fn reports_of_the_last_days_may_be_still_to_come() {
        let mut truth = quiet(60);
        truth.departures = vec![
            departure(56, 4, DepartureKind::Desertion),
            departure(58, 30, DepartureKind::Absence),
            departure(59, 18, DepartureKind::Desertion),
        ];
        let n = 40_000_u64;
        let one = channel(&[], 59);
        let mut hits = [0.0_f64; 4];
        for i in 0..n {
            let (draws, false_draws) =
                (Draws::new(Seed(i), Purpose::Departures), Draws::new(Seed(i), Purpose::FalseReport));
            let reports = one.simulate(&Truth::new(&truth), draws, false_draws);
            let found: Vec<(i32, u32)> = reports.iter().map(|r| (r.day, r.size)).collect();
            let expected: [&[(i32, u32)]; 4] = [&[], &[(59, 30)], &[(59, 18)], &[(59, 18), (59, 30)]];
            (0..4).for_each(|k| hits[k] += f64::from(u8::from(found == expected[k])));
        }
        let n = n as f64;
        let p = |clusters: &[(i32, u32, bool)]| math::exp(channel(clusters, 59).ln_likelihood(&Truth::new(&truth)));
        let (a, b) = ((59, 18, false), (59, 30, false));
        for (hits, p) in hits.into_iter().zip([p(&[]), p(&[b]), p(&[a]), p(&[a, b])]) {
            let found = hits / n;
            // Four standard errors: a false alarm in 16,000.
            assert!((found - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{found} against {p}");
        }
    }

    #[test]
    fn sampled_reports_match_their_scores() {
        let truth = world();
        let n = 40_000_u64;
        let one = channel(&[], 59);
        let (mut silent, mut single) = (0.0, 0.0);
        for i in 0..n {
            let (draws, false_draws) =
                (Draws::new(Seed(i), Purpose::Departures), Draws::new(Seed(i), Purpose::FalseReport));
            let reports = one.simulate(&Truth::new(&truth), draws, false_draws);
            silent += f64::from(u8::from(reports.is_empty()));
            single += f64::from(u8::from(matches!(reports[..], [Report { day: 7, size: 18, .. }])));
        }
        let n = n as f64;
        let p_silent = math::exp(one.ln_likelihood(&Truth::new(&truth)));
        let p_single = math::exp(channel(&[(7, 18, false)], 59).ln_likelihood(&Truth::new(&truth)));
        for (found, p) in [(silent / n, p_silent), (single / n, p_single)] {
            assert!((found - p).abs() < 4.0 * (p * (1.0 - p) / n).sqrt(), "{found} against {p}");
        }
    }
}
