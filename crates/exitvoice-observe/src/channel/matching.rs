//! Sums over matchings of reports to departures, at most one event each: exact, by subsets of the reports that can share events.

use super::departures::{LABEL_IF_ABSENCE, LABEL_OTHERWISE, LAG_DAYS, size_given, size_if_false};
use super::readings::rescale;
use exitvoice_core::math;
use exitvoice_record::DepartureKind;
use std::collections::BTreeMap;

/// Reports whose sets fit into memory; a scorer for truths without rates has fewer.
const MOST_SUMMED: usize = 16;

/// One report: the root of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cluster {
    /// Row that counts.
    pub(crate) id: String,
    /// Day of the deployment at which it is dated.
    pub(crate) day: i32,
    /// How many are said to have left.
    pub(crate) size: u32,
    /// Whether a later telling calls it an absence.
    pub(crate) retold: bool,
}

impl Cluster {
    /// Factor of the retelling.
    pub(crate) fn label(&self, kind: Option<DepartureKind>) -> f64 {
        match (self.retold, kind) {
            (false, _) => 1.0,
            (true, Some(DepartureKind::Absence)) => LABEL_IF_ABSENCE,
            (true, _) => LABEL_OTHERWISE,
        }
    }

    /// Density of this report, given that it describes a departure of `size` on `day`; 0 where the dates exclude it.
    pub(crate) fn density(&self, day: i32, size: u32, kind: DepartureKind) -> f64 {
        if (0..=LAG_DAYS).contains(&(self.day - day)) {
            size_given(self.size, size) * self.label(Some(kind)) / f64::from(LAG_DAYS + 1)
        } else {
            0.0
        }
    }
}

/// A departure that took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// Day of the deployment.
    pub(crate) day: i32,
    /// How many left.
    pub(crate) size: u32,
    /// Why.
    pub(crate) kind: DepartureKind,
    /// How many of the lags of a report are over.
    pub(crate) lags: i32,
}

impl Event {
    /// Whether a report of it would have come, if one comes.
    pub(crate) const fn is_settled(&self) -> bool {
        self.lags > LAG_DAYS
    }
}

/// How many of the lags of a report about `day` end before day `end`, 0 to 3.
pub(crate) fn lags_over(day: i32, end: i32) -> i32 {
    end.saturating_sub(day).clamp(0, LAG_DAYS + 1)
}

/// P(no report yet) of a departure of which none ever comes with probability `never`, so many of its equally likely lags being over.
pub(crate) fn unreported(never: f64, lags: i32) -> f64 {
    let over = f64::from(lags) / f64::from(LAG_DAYS + 1);
    (1.0 - over) + over * never
}

/// What a report may be matched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) desertion: bool,
    pub(crate) absence: bool,
    pub(crate) nothing: bool,
}

impl Allowed {
    pub(crate) const ANY: Self = Self { desertion: true, absence: true, nothing: true };

    pub(crate) const fn kind(self, kind: DepartureKind) -> bool {
        match kind {
            DepartureKind::Desertion => self.desertion,
            DepartureKind::Absence => self.absence,
        }
    }
}

/// Stretches (first, count) of reports in order of their day within which two neighbours can share an event.
pub(crate) fn group(clusters: &[Cluster]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (i, cluster) in clusters.iter().enumerate() {
        match found.last_mut() {
            Some((_, count)) if cluster.day - clusters[i - 1].day <= LAG_DAYS => *count += 1,
            _ => found.push((i, 1)),
        }
    }
    found
}

/// Equal departures, and the densities of the reports that may describe one of them.
struct Equal {
    kind: DepartureKind,
    size: u32,
    lags: i32,
    count: usize,
    densities: Vec<f64>,
}

/// One stretch of reports against one trajectory.
pub(crate) struct Stretch {
    reports: usize,
    equal: Vec<Equal>,
    if_false: Vec<f64>,
}

/// Values of a stretch at one t of one kind: the odds of a report by group of equal departures, those of the other kind left empty.
pub(crate) struct AtNode {
    odds: Vec<Odds>,
}

/// Odds of a report as `part` times e^`ln_scale`: e^(n t) - 1 where all lags are over, more than a number can hold where n t is large.
#[derive(Clone, Copy, Default)]
struct Odds {
    part: f64,
    ln_scale: f64,
}

impl Stretch {
    pub(crate) fn new(clusters: &[Cluster], allowed: &[Allowed], events: &[Event]) -> Self {
        let first = clusters.first().map_or(0, |c| c.day) - LAG_DAYS;
        let last = clusters.last().map_or(-1, |c| c.day);
        let mut counts: BTreeMap<(DepartureKind, u32, i32, i32), usize> = BTreeMap::new();
        for event in events.iter().filter(|e| (first..=last).contains(&e.day)) {
            *counts.entry((event.kind, event.size, event.day, event.lags)).or_default() += 1;
        }
        let both = || clusters.iter().zip(allowed);
        let density =
            |c: &Cluster, a: &Allowed, day, size, kind| if a.kind(kind) { c.density(day, size, kind) } else { 0.0 };
        let equal: Vec<Equal> = counts
            .into_iter()
            .map(|((kind, size, day, lags), count)| {
                let densities = both().map(|(c, a)| density(c, a, day, size, kind)).collect();
                Equal { kind, size, lags, count, densities }
            })
            .collect();
        let if_false =
            both().map(|(c, a)| if a.nothing { size_if_false(c.size) * c.label(None) } else { 0.0 }).collect();
        Self { reports: clusters.len(), equal, if_false }
    }

    /// Whether these reports can describe a departure of a kind.
    pub(crate) fn reaches(&self, kind: DepartureKind) -> bool {
        self.equal.iter().any(|equal| equal.kind == kind)
    }

    pub(crate) fn at(&self, kind: DepartureKind, t: f64) -> AtNode {
        AtNode { odds: self.equal.iter().map(|e| if e.kind == kind { e.odds(t) } else { Odds::default() }).collect() }
    }

    /// Sum over matchings, as coefficients by the number of reports left without an event, over a scale whose logarithm comes with them. `sums` is
    /// scratch space.
    pub(crate) fn polynomial(&self, desertion: &AtNode, absence: &AtNode, sums: &mut Vec<f64>) -> (Vec<f64>, f64) {
        assert!(self.reports <= MOST_SUMMED, "{} reports of departures that are given one by one", self.reports);
        let all = 1_usize << self.reports;
        sums.clear();
        sums.resize(all, 0.0);
        sums[0] = 1.0;
        let mut ln_scale = 0.0;
        for (i, equal) in self.equal.iter().enumerate() {
            let odds = match equal.kind {
                DepartureKind::Desertion => desertion.odds[i],
                DepartureKind::Absence => absence.odds[i],
            };
            let (by_count, ln_most) = equal.by_count(odds);
            // From large sets to small: what a set is made from has not been touched yet.
            for set in (0..all).rev() {
                sums[set] *= by_count[0];
                let mut part = set;
                while part > 0 {
                    sums[set] += sums[set ^ part] * equal.matched(part, &by_count);
                    part = (part - 1) & set;
                }
            }
            ln_scale += ln_most + rescale(sums);
        }
        let mut found = vec![0.0; self.reports + 1];
        for (set, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
            // Reports outside the set describe nothing.
            let left = (0..self.reports).filter(|r| set & (1 << r) == 0);
            let (mut count, mut weight) = (0, *sum);
            for report in left {
                count += 1;
                weight *= self.if_false[report];
            }
            found[count] += weight;
        }
        (found, ln_scale)
    }
}

impl Equal {
    /// Probability of a report in the end, over that of none yet.
    fn odds(&self, t: f64) -> Odds {
        let heads = f64::from(self.size);
        let reported = -math::exp_m1(-heads * t);
        if self.lags > LAG_DAYS {
            Odds { part: reported, ln_scale: heads * t }
        } else {
            Odds { part: reported / unreported(math::exp(-heads * t), self.lags), ln_scale: 0.0 }
        }
    }

    /// Powers of the odds up to the number of these departures that can be matched, over the scale of the last one.
    fn by_count(&self, odds: Odds) -> (Vec<f64>, f64) {
        let most = self.densities.iter().filter(|density| **density > 0.0).count().min(self.count);
        let power = |k: usize| {
            let over = (most - k) as f64 * odds.ln_scale;
            math::pow(odds.part, k as f64) * math::exp(-over)
        };
        ((0..=most).map(power).collect(), most as f64 * odds.ln_scale)
    }

    /// Weight of matching the reports in `set` to as many of these departures.
    fn matched(&self, set: usize, by_count: &[f64]) -> f64 {
        let Some(odds) = by_count.get(set.count_ones() as usize) else { return 0.0 };
        let (mut weight, mut left) = (*odds, self.count as f64);
        for (report, density) in self.densities.iter().enumerate() {
            if set & (1 << report) != 0 {
                weight *= density * left;
                left -= 1.0;
            }
        }
        weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(day: i32, size: u32) -> Cluster {
        Cluster { id: format!("{day}-{size}"), day, size, retold: false }
    }

    #[test]
    fn reports_two_days_apart_can_share_an_event_and_three_days_apart_cannot() {
        let clusters = [cluster(3, 2), cluster(5, 2), cluster(8, 2), cluster(9, 2)];
        assert_eq!(group(&clusters), [(0, 2), (2, 2)]);
    }

    #[test]
    fn the_sum_over_subsets_equals_the_sum_written_out() {
        // Two reports, three departures, two of them equal: all 1 + 2 * 3 + 3 * 2 matchings by hand.
        let clusters = [cluster(5, 4), cluster(6, 5)];
        let event = |day, size, kind| Event { day, size, kind, lags: LAG_DAYS + 1 };
        let events = [
            event(5, 4, DepartureKind::Desertion),
            event(5, 4, DepartureKind::Desertion),
            event(4, 6, DepartureKind::Absence),
        ];
        let stretch = Stretch::new(&clusters, &[Allowed::ANY; 2], &events);
        let t = [0.02, 0.07];
        let (desertion, absence) =
            (stretch.at(DepartureKind::Desertion, t[0]), stretch.at(DepartureKind::Absence, t[1]));
        let (found, ln_scale) = stretch.polynomial(&desertion, &absence, &mut Vec::new());
        let odds = |e: &Event| math::exp(f64::from(e.size) * t[e.kind as usize]) - 1.0;
        let pair = |c: &Cluster, e: &Event| odds(e) * c.density(e.day, e.size, e.kind);
        let mut expected = [0.0; 3];
        let g = clusters.each_ref().map(|c| size_if_false(c.size));
        expected[2] = g[0] * g[1];
        for (i, a) in events.iter().enumerate() {
            expected[1] += pair(&clusters[0], a) * g[1] + pair(&clusters[1], a) * g[0];
            for (j, b) in events.iter().enumerate() {
                if i != j {
                    expected[0] += pair(&clusters[0], a) * pair(&clusters[1], b);
                }
            }
        }
        for (f, e) in found.iter().zip(expected) {
            assert!((f * math::exp(ln_scale) - e).abs() < 1e-15, "{found:?} against {expected:?}");
        }
    }
}
