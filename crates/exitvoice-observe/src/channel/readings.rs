//! Sums over the readings of all reports: each describes a desertion, an absence, or nothing.

use crate::quadrature::Node;

/// What a report may describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Desertion,
    Absence,
    Nothing,
}

/// Values at the nodes that do not depend on the other kind.
#[derive(Clone)]
pub(crate) struct Side {
    /// Weight of the node times the probability of the silence around the reports.
    pub(crate) silent: f64,
    /// Weight of each report being matched to this kind.
    pub(crate) matched: Vec<f64>,
}

/// Most reports whose readings are summed set by set.
pub(crate) const MOST_BY_SET: usize = 8;

/// Everything that a sum over readings needs.
pub(crate) struct Sums {
    /// Nodes of desertions and of absences.
    pub(crate) sides: [Vec<Side>; 2],
    /// t and d of each node of desertions.
    pub(crate) places: Vec<[f64; 2]>,
    pub(crate) if_false: Vec<f64>,
    /// For each kind and set of reports: the sum over nodes of silence times the matches of these reports. With the readings given, the
    /// two kinds do not meet in one term. `None` where there are too many reports for sets.
    pub(crate) by_set: Option<[Vec<f64>; 2]>,
}

/// Sum over nodes, by set of reports that this kind describes.
pub(crate) fn by_set(sides: &[Side], reports: usize) -> Vec<f64> {
    let mut sums = vec![0.0; 1 << reports];
    let mut products = vec![0.0; 1 << reports];
    for side in sides {
        products[0] = side.silent;
        sums[0] += products[0];
        for set in 1_usize..1 << reports {
            products[set] = products[set & (set - 1)] * side.matched[set.trailing_zeros() as usize];
            sums[set] += products[set];
        }
    }
    sums
}

/// One term of a sum over nodes, summed over those of absences.
pub(crate) struct Term {
    /// Number of the rate of false reports.
    pub(crate) rate: usize,
    /// Number of the node of desertions.
    pub(crate) desertion: usize,
    pub(crate) weight: f64,
}

/// With nodes of both kinds and the rate of false reports given, reports are independent.
fn terms(
    desertions: &[Side],
    absences: &[Side],
    if_false: &[f64],
    rule: &[Node],
    only: Option<(usize, Reading)>,
) -> Vec<Term> {
    let reads = |report: usize, reading: Reading| {
        f64::from(u8::from(only.is_none_or(|(r, as_read)| r != report || as_read == reading)))
    };
    let silent: Vec<f64> = absences.iter().map(|a| a.silent).collect();
    let mut products = vec![0.0; absences.len()];
    let mut found = Vec::with_capacity(rule.len() * desertions.len());
    for (number, rate) in rule.iter().enumerate() {
        // Of each report at all nodes of absences: weight of the two readings that are not a desertion.
        let other = |(report, if_false): (usize, &f64)| -> Vec<f64> {
            let (a, g) = (reads(report, Reading::Absence), reads(report, Reading::Nothing) * if_false * rate.x);
            absences.iter().map(|absence| a * absence.matched[report] + g).collect()
        };
        let others: Vec<Vec<f64>> = if_false.iter().enumerate().map(other).collect();
        for (node, desertion) in desertions.iter().enumerate() {
            products.copy_from_slice(&silent);
            for (report, other) in others.iter().enumerate() {
                let d = reads(report, Reading::Desertion) * desertion.matched[report];
                products.iter_mut().zip(other).for_each(|(product, other)| *product *= other + d);
            }
            let weight = rate.weight * desertion.silent * products.iter().sum::<f64>();
            found.push(Term { rate: number, desertion: node, weight });
        }
    }
    found
}

/// Most that sums over fewer nodes may be off by, relative to those over all.
const SAME: f64 = 1e-6;

/// Whether few nodes of desertions give what all give, at some nodes of absences: from none that are ever reported to many.
pub(crate) fn stand_for(few: &[Side], all: &[Side], absences: &[Side], if_false: &[f64], rule: &[Node]) -> bool {
    let n = absences.len();
    let some: Vec<Side> = [n / 2, n * 5 / 8, n * 3 / 4, n - 1].map(|k| absences[k].clone()).into();
    let total =
        |desertions: &[Side]| terms(desertions, &some, if_false, rule, None).iter().map(|t| t.weight).sum::<f64>();
    let (few, all) = (total(few), total(all));
    all > 0.0 && (few - all).abs() <= SAME * all
}

impl Sums {
    /// Sum over all readings, or over those in which one report is read in one way. `moments` of the rate of false reports by their number,
    /// `rule` of as many of them.
    pub(crate) fn total(&self, moments: &[f64], rule: &[Node], only: Option<(usize, Reading)>) -> f64 {
        match &self.by_set {
            Some(by_set) => self.each_reading(by_set, moments, only).into_iter().map(|(_, _, weight)| weight).sum(),
            None => self.terms(rule, only).iter().map(|term| term.weight).sum(),
        }
    }

    /// Weight of each reading of all reports: (set of desertions, set of absences, weight).
    pub(crate) fn each_reading(
        &self,
        [desertion, absence]: &[Vec<f64>; 2],
        moments: &[f64],
        only: Option<(usize, Reading)>,
    ) -> Vec<(usize, usize, f64)> {
        let all = desertion.len() - 1;
        let fits = |d: usize, a: usize| {
            only.is_none_or(|(report, reading)| {
                let has = |set: usize| set & (1 << report) != 0;
                reading
                    == if has(d) {
                        Reading::Desertion
                    } else if has(a) {
                        Reading::Absence
                    } else {
                        Reading::Nothing
                    }
            })
        };
        let mut found = Vec::new();
        for (d, of_d) in desertion.iter().enumerate() {
            let rest = all & !d;
            let mut a = rest;
            loop {
                if fits(d, a) {
                    let left = (0..self.if_false.len()).filter(|r| (d | a) & (1 << r) == 0);
                    let (mut count, mut weight) = (0, of_d * absence[a]);
                    left.for_each(|r| (count, weight) = (count + 1, weight * self.if_false[r]));
                    found.push((d, a, weight * moments[count]));
                }
                if a == 0 {
                    break;
                }
                a = (a - 1) & rest;
            }
        }
        found
    }

    /// Terms of the same sum over rates of false reports and nodes of desertions.
    pub(crate) fn terms(&self, rule: &[Node], only: Option<(usize, Reading)>) -> Vec<Term> {
        let [desertions, absences] = &self.sides;
        terms(desertions, absences, &self.if_false, rule, only)
    }

    /// Weights of the readings of each report at one node of each kind and one rate of false reports: desertion, absence, nothing.
    pub(crate) fn odds(&self, desertion: usize, absence: &Side, rate: f64) -> Vec<[f64; 3]> {
        let desertion = &self.sides[0][desertion];
        let each = |(r, g): (usize, &f64)| [desertion.matched[r], absence.matched[r], g * rate];
        self.if_false.iter().enumerate().map(each).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_nodes_stand_for_all_where_their_sums_agree_also_beside_a_single_node_of_absences() {
        let side = |silent: f64, matched: f64| Side { silent, matched: vec![matched] };
        let rule = [Node { x: 0.1, weight: 1.0 }];
        let all = [side(0.25, 2.0), side(0.25, 4.0)];
        let near = [side(0.5, 3.0)];
        let far = [side(0.5, 3.1)];
        for absences in [vec![side(0.5, 1.0)], vec![side(0.5, 1.0); 7]] {
            let stands = |few: &[Side]| stand_for(few, &all, &absences, &[0.3], &rule);
            assert!(stands(&near) && !stands(&far), "{} nodes of absences", absences.len());
        }
    }
}
