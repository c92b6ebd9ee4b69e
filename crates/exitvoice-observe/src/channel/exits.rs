//! # Exits by rates
//! Departures and their announcements where they are given as rates: what was seen and what was not, summed in one integral.
//!
//! ## Equation
//! Departures i of size n, arriving with probability s, are Poisson with rate_i. One leaves no trace with probability q c:
//! q = 1 - v (1 - e^(-n t)) at the front, v the share of a report's lags that are over, 1 behind it (never reported), and
//! c = 1 - s + s (1 - d w)^n (never announced). Then
//! L = E_t,d,f[ exp(-f T/30) exp(-sum rate (1 - q c)) sum over readings of prod matched rate (1 - e^(-n t)) c h(y | n)/3 prod false (f/30) g(y) ].
//! With n announced exp(-sum rate q (1 - c)) becomes the compound Poisson probability of n (Panjer 1981).
//!
//! ## Symbols
//! t = -ln(1 - r0) by kind, v, d, w: as in `departures` and `announcements`
//! ## Resolution
//! all days of the replicate up to the as-of day; two reports never describe one departure, because each sample of a rate stands for many.
//! With more than eight reports nodes of t lie as close as the reports of a kind tell apart (`closer`). ln L is exact within 1e-3
//! ## Not modelled
//! a departure that is both reported and, in a file that has announcements, announced: the report's c is then 1
//! ## Sources
//! definitions of this project
//! ## Claims
//! - C1 rates are the average over the departures they stand for (`rates_are_the_average_over_the_departures_they_stand_for`)
//! - C2 the three readings add up to the likelihood (`readings_by_rate_add_up`)
//! - C3 many reports weigh what a fine grid says (`many_reports_weigh_what_a_fine_grid_says_whether_they_are_true_or_false`)

use super::announcements::share_by;
use super::closer::Closer;
use super::departures::{LAG_DAYS, Seen, size_if_false};
use super::desertions::{Desertions, OfD, Placed};
use super::false_reports::{false_moments, false_rules};
use super::matching::{lags_over, unreported};
use super::readings::{MOST_BY_SET, Reading, Side, Sums, by_set};
use crate::likelihood::{Completeness, EventWeights, Scorer};
use crate::nuisance::Law;
use crate::quadrature::{self, Node};
use exitvoice_core::{lanes, math};
use exitvoice_record::{DepartureKind, Expected, ExpectedDeparture};
use std::collections::BTreeMap;

/// One scorer's reports and announcements against one set of rates.
pub(crate) struct Exits<'a> {
    pub(crate) scorer: &'a Scorer,
    pub(crate) rates: Vec<Rate>,
    /// Nodes of t of desertions and of absences, and of d.
    pub(crate) t: [Vec<Node>; 2],
    pub(crate) d: Vec<Node>,
}

/// A departure with its rate, as the observers could have met it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate {
    pub(crate) departure: ExpectedDeparture,
    pub(crate) rate: f64,
    /// Probability that its arrival would have been announced by the as-of day, were d = 1.
    pub(crate) w: f64,
    /// Lags of a report that are over, so that a missing one counts against it: 0 behind the front, and far from a report where silence says
    /// nothing.
    pub(crate) lags: i32,
}

impl Rate {
    /// Probability that no report ever comes.
    pub(crate) fn never(&self, t: f64) -> f64 {
        if self.lags > 0 { math::exp(-f64::from(self.departure.size) * t) } else { 1.0 }
    }

    /// Probability of no report by the as-of day.
    pub(crate) fn unreported(&self, t: f64) -> f64 {
        unreported(self.never(t), self.lags)
    }

    /// Probability of no announcement.
    pub(crate) fn unannounced(&self, d: f64) -> f64 {
        1.0 - self.departure.success * (1.0 - whole_power(1.0 - d * self.w, self.departure.size))
    }
}

/// `x^n` by squaring.
fn whole_power(x: f64, mut n: u32) -> f64 {
    let (mut result, mut square) = (1.0, x);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

impl<'a> Exits<'a> {
    /// `desertions` multiplies the rates of desertion.
    pub(crate) fn new(scorer: &'a Scorer, expected: &Expected, desertions: f64) -> Self {
        let (departures, announcements) = (&scorer.departures, &scorer.announcements);
        let within = |e: &&ExpectedDeparture| (e.day as i32) < departures.days;
        let near = |day: u32| departures.clusters.iter().any(|c| (0..=LAG_DAYS).contains(&(c.day - day as i32)));
        let heard = |e: &ExpectedDeparture| departures.completeness == Completeness::Complete || near(e.day);
        let rate = |e: &ExpectedDeparture| Rate {
            lags: if e.at_front && heard(e) { lags_over(e.day as i32, departures.days) } else { 0 },
            departure: *e,
            rate: e.rate * if e.kind == DepartureKind::Desertion { desertions } else { 1.0 },
            w: share_by(announcements.as_of - e.arrives as i32),
        };
        let t = departures.seen.map(|seen| match seen {
            Seen::Known(r0) => vec![Node { x: -math::ln_1p(-r0.min(1.0 - f64::EPSILON)), weight: 1.0 }],
            Seen::Beta(b) => quadrature::exponential(b),
        });
        Self {
            scorer,
            rates: expected.departures.iter().filter(within).map(rate).collect(),
            t,
            d: announcements.rule(0.0),
        }
    }

    /// Whether nobody was announced but those who are told of.
    pub(crate) fn is_complete(&self) -> bool {
        self.scorer.announcements.completeness == Completeness::Complete
    }

    /// ln of the probability of what was, and was not, reported and announced.
    pub(crate) fn ln_likelihood(&self) -> f64 {
        let departures = &self.scorer.departures;
        let sums = self.sums();
        sums.ln_total(&departures.false_moments, &sums.rule, None)
    }

    /// ln weights of the readings of one report, by rate of false reports (`None` integrates over it).
    pub(crate) fn weights<const N: usize>(&self, report: usize, false_reports: [Option<f64>; N]) -> [EventWeights; N] {
        let departures = &self.scorer.departures;
        let sums = self.sums();
        false_reports.map(|rate| {
            let (days, reports) = (departures.days, departures.clusters.len());
            let pinned = rate.map(|f| {
                let law = Law::Pinned(f);
                (false_moments(law, days, reports), false_rules(law, days, reports))
            });
            let (moments, rule) =
                pinned.as_ref().map_or((&departures.false_moments, &sums.rule), |(m, [_, all])| (m, all));
            let read = |reading: Reading| sums.ln_total(moments, rule, Some((report, reading)));
            EventWeights {
                ln_desertion: read(Reading::Desertion),
                ln_absence: read(Reading::Absence),
                ln_nothing: read(Reading::Nothing),
            }
        })
    }

    pub(crate) fn sums(&self) -> Sums {
        let (reports, if_false) = (self.scorer.departures.clusters.len(), self.if_false());
        let at = |t: &[Node]| t.iter().map(|t| t.x).collect();
        if reports <= MOST_BY_SET {
            let Placed { places, sides } = Desertions::new(self, &self.d).placed(&self.t[0], OfD::All);
            let absences = self.absences(&self.t[1]);
            let by_set = Some([by_set(&sides, reports), by_set(&absences, reports)]);
            let sides = [sides, absences];
            return Sums { by_set, sides, places, absent_at: at(&self.t[1]), if_false, rule: Vec::new() };
        }
        let Closer { t, desertions: Placed { places, sides }, rule } = self.closer(&if_false);
        let absences = self.absences(&t[1]);
        Sums { by_set: None, sides: [sides, absences], places, absent_at: at(&t[1]), if_false, rule }
    }

    /// Weight of each report if it describes nothing, without the rate of false reports.
    fn if_false(&self) -> Vec<f64> {
        self.scorer.departures.clusters.iter().map(|c| size_if_false(c.size) * c.label(None)).collect()
    }

    /// Density of each report under each rate of a kind: (report, rate, rate times density), where it is not 0.
    pub(crate) fn matches(&self, kind: DepartureKind) -> Vec<(usize, usize, f64)> {
        let clusters = &self.scorer.departures.clusters;
        let mut found = Vec::new();
        for (i, rate) in self.rates.iter().enumerate().filter(|(_, r)| r.departure.kind == kind && r.departure.at_front)
        {
            let (day, size) = (rate.departure.day as i32, rate.departure.size);
            let (from, to) =
                (clusters.partition_point(|c| c.day < day), clusters.partition_point(|c| c.day <= day + LAG_DAYS));
            let density = |report: usize| (report, i, rate.rate * clusters[report].density(day, size, kind));
            found.extend((from..to).map(density));
        }
        found.sort_unstable_by_key(|(report, i, _)| (*report, *i));
        found
    }

    /// Values of absences at nodes of t.
    pub(super) fn absences(&self, t: &[Node]) -> Vec<Side> {
        let kind = DepartureKind::Absence;
        let groups = self.groups(kind);
        let matches = self.grouped(&self.matches(kind), &groups, &self.group_of(&groups), |_| 1.0);
        let side = |node: &Node| {
            let lost: f64 = groups.iter().map(|g| g.rate * g.over() * -math::exp_m1(-g.heads * node.x)).sum();
            let quiet = never_each(groups.iter().map(|g| g.heads), node.x);
            Side { silent: node.weight * math::exp(-lost), matched: self.matched(&matches, &quiet) }
        };
        t.iter().map(side).collect()
    }

    /// Whether nobody was announced where announcing is the rule.
    pub(crate) fn silenced(&self) -> bool {
        self.is_complete() && self.scorer.announcements.announced == 0
    }

    /// Matches of each report with the departures of each group, of which all are as likely to be reported; `unannounced` by match.
    pub(super) fn grouped(
        &self,
        matches: &[(usize, usize, f64)],
        groups: &[Group],
        group_of: &[usize],
        unannounced: impl Fn(usize) -> f64,
    ) -> Vec<Grouped> {
        let mut sums = vec![0.0; self.scorer.departures.clusters.len() * groups.len()];
        for (number, (report, i, weight)) in matches.iter().enumerate() {
            sums[report * groups.len() + group_of[*i]] += weight * unannounced(number);
        }
        let place = |(k, weight): (usize, f64)| Grouped { report: k / groups.len(), group: k % groups.len(), weight };
        sums.into_iter().enumerate().filter(|(_, weight)| *weight > 0.0).map(place).collect()
    }

    /// Weight of the matches of each report where no report of each group ever comes with probability `quiet`.
    pub(super) fn matched(&self, matches: &[Grouped], quiet: &[f64]) -> Vec<f64> {
        let mut found = vec![0.0; self.scorer.departures.clusters.len()];
        for m in matches {
            found[m.report] += m.weight * (1.0 - quiet[m.group]);
        }
        found
    }

    /// Probability of what was announced; `shown` = expected number of departures of which somebody is announced, `table` from
    /// [`Self::shown_by_size`] for all numbers that matter, `quiet` from [`quiet_rows`] for it.
    pub(super) fn announced(&self, shown: f64, table: &[Shown], quiet: &[f64]) -> f64 {
        let count = self.scorer.announcements.announced;
        match (self.is_complete(), count) {
            (true, 0) => math::exp(-shown),
            (false, 0) => 1.0,
            (true, _) => compound(quiet, table, count).1[count],
            (false, _) => (1.0 - compound(quiet, table, count - 1).1.iter().sum::<f64>()).max(0.0),
        }
    }

    /// Rates of departures that arrive, by how many of them are announced, up to `most` or the whole departure; summed over those of one
    /// size and place.
    pub(crate) fn shown_by_size(&self, d: f64, most: usize) -> Vec<Shown> {
        // Arrivals of more than 60 days ago share w = 1, so few laws remain.
        let mut laws: BTreeMap<(u32, i32, u64), f64> = BTreeMap::new();
        for rate in self.rates.iter().filter(|r| r.departure.success > 0.0 && r.w > 0.0) {
            *laws.entry((rate.departure.size, rate.lags, rate.w.to_bits())).or_insert(0.0) +=
                rate.rate * rate.departure.success;
        }
        let mut found: Vec<Shown> = Vec::new();
        for ((size, lags, w), arriving) in laws {
            let same = |s: &&mut Shown| s.size == size && s.lags == lags;
            let row = match found.last_mut().filter(same) {
                Some(row) => row,
                None => {
                    found.push(Shown { size, lags, some: 0.0, rates: vec![0.0; most.min(size as usize) + 1] });
                    found.last_mut().expect("pushed above")
                }
            };
            let p = d * f64::from_bits(w);
            let none = whole_power(1.0 - p, size);
            row.some += arriving * (1.0 - none);
            let mut chance = none;
            for k in 1..=most.min(size as usize) {
                chance *= f64::from(size + 1 - k as u32) / k as f64 * p / (1.0 - p);
                // So large that nobody unseen underflows: each number from its logarithm.
                row.rates[k] += arriving * if none > SMALLEST { chance } else { binomial(size, p, k) };
            }
        }
        found
    }

    /// Group of each rate; 0 for those in none.
    pub(super) fn group_of(&self, groups: &[Group]) -> Vec<usize> {
        let mut found = vec![0; self.rates.len()];
        for (number, group) in groups.iter().enumerate() {
            group.members.iter().for_each(|i| found[*i] = number);
        }
        found
    }

    /// Rates of a kind by size and place.
    pub(super) fn groups(&self, kind: DepartureKind) -> Vec<Group> {
        let mut groups: BTreeMap<(u32, i32), Group> = BTreeMap::new();
        for (i, rate) in self.rates.iter().enumerate().filter(|(_, r)| r.departure.kind == kind) {
            let size = rate.departure.size;
            let heads = if rate.lags > 0 { f64::from(size) } else { 0.0 };
            let new = Group { heads, lags: rate.lags, rate: 0.0, members: Vec::new() };
            let group = groups.entry((size, rate.lags)).or_insert(new);
            group.rate += rate.rate;
            group.members.push(i);
        }
        groups.into_values().collect()
    }
}

/// Arrivals of one size and place at one d: expected departures of which somebody, and of which exactly k, are announced.
pub(crate) struct Shown {
    size: u32,
    lags: i32,
    some: f64,
    rates: Vec<f64>,
}

/// Probability of no report by the as-of day for each row of a table. The rows are the same whatever d.
pub(crate) fn quiet_rows(table: &[Shown], t: f64) -> Vec<f64> {
    let silent = never_each(table.iter().map(|row| f64::from(row.size)), t);
    table.iter().zip(silent).map(|(row, silent)| unreported(silent, row.lags)).collect()
}

/// Probability that no report ever comes of departures of so many soldiers, of whom each is silent with probability e^-t.
pub(super) fn never_each(heads: impl Iterator<Item = f64>, t: f64) -> Vec<f64> {
    let mut found: Vec<f64> = heads.map(|heads| -heads * t).collect();
    lanes::exp_each(&mut found);
    found
}

/// Rates of unreported departures of which exactly k are announced, and the law of the number announced in all, both up to `most`; `quiet`
/// from [`quiet_rows`] for the table.
pub(crate) fn compound(quiet: &[f64], table: &[Shown], most: usize) -> (Vec<f64>, Vec<f64>) {
    debug_assert_eq!(quiet.len(), table.len());
    let mut rates = vec![0.0; most + 1];
    let mut all = 0.0;
    for (row, q) in table.iter().zip(quiet) {
        all += q * row.some;
        rates.iter_mut().zip(&row.rates).skip(1).for_each(|(sum, rate)| *sum += q * rate);
    }
    let largest = rates.iter().rposition(|rate| *rate > 0.0).unwrap_or(0);
    let mut law = vec![math::exp(-all)];
    for n in 1..=most {
        let sum: f64 = (1..=n.min(largest)).map(|k| k as f64 * rates[k] * law[n - k]).sum();
        law.push(sum / n as f64);
    }
    (rates, law)
}

/// Probability that k of a departure that arrived are announced.
pub(crate) fn shown(rate: &Rate, d: f64, k: usize) -> f64 {
    binomial(rate.departure.size, d * rate.w, k)
}

/// Below this a recurrence from the probability of none loses its digits.
const SMALLEST: f64 = 1e-280;

/// P(k of n) where each counts with probability `p`.
fn binomial(n: u32, p: f64, k: usize) -> f64 {
    let (n, k) = (f64::from(n), k as f64);
    if k > n || p <= 0.0 { 0.0 } else { math::exp(math::ln_choose(n, k) + k * math::ln(p) + (n - k) * math::ln_1p(-p)) }
}

/// Matches of a report with the departures of a group.
pub(super) struct Grouped {
    report: usize,
    group: usize,
    weight: f64,
}

/// Rates of one size at one place.
pub(super) struct Group {
    /// Soldiers of one departure whose silence counts.
    pub(super) heads: f64,
    pub(super) lags: i32,
    pub(super) rate: f64,
    members: Vec<usize>,
}

impl Group {
    /// Share of the lags of a report that are over.
    fn over(&self) -> f64 {
        1.0 - unreported(0.0, self.lags)
    }

    /// Expected number of departures of which somebody is announced.
    pub(super) fn announced(&self, rates: &[Rate], d: f64) -> f64 {
        self.members.iter().map(|i| rates[*i].rate * (1.0 - rates[*i].unannounced(d))).sum()
    }
}
