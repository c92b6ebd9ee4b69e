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
pub(crate) mod tests;
