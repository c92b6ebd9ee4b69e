//! Sums over the readings of all reports: each describes a desertion, an absence, or nothing.

use crate::quadrature::Node;
use exitvoice_core::{lanes, math};

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
    /// t and d of each node of desertions, and t of each of absences.
    pub(crate) places: Vec<[f64; 2]>,
    pub(crate) absent_at: Vec<f64>,
    pub(crate) if_false: Vec<f64>,
    /// Nodes of the rate of false reports, where they are summed over.
    pub(crate) rule: Vec<Node>,
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
    pub(crate) weight: Scaled,
}

/// A number as `part` times e^`ln_scale`: the weights of hundreds of reports multiply to less than a number can hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scaled {
    pub(crate) part: f64,
    /// 0 for all products of few reports.
    pub(crate) ln_scale: f64,
}

/// Numbers over a scale that they share, and its logarithm: the largest of those that are not 0.
pub(crate) fn on_one_scale(numbers: &[Scaled]) -> (Vec<f64>, f64) {
    let scales = numbers.iter().filter(|n| n.part != 0.0).map(|n| n.ln_scale);
    let most = scales.fold(f64::NEG_INFINITY, f64::max);
    // What is no number stays none: it must not pass for a 0.
    let over = |n: &Scaled| if n.part == 0.0 { 0.0 } else { n.part * math::exp(n.ln_scale - most) };
    (numbers.iter().map(over).collect(), most)
}

/// ln of the sum of numbers.
pub(crate) fn ln_sum(numbers: &[Scaled]) -> f64 {
    let (parts, ln_scale) = on_one_scale(numbers);
    math::ln(parts.iter().sum::<f64>()) + ln_scale
}

fn ln_total(terms: &[Term]) -> f64 {
    ln_sum(&terms.iter().map(|term| term.weight).collect::<Vec<Scaled>>())
}

/// Reports whose weights are multiplied before the products are brought back to 1: each may weigh 1e-15 and more.
const IN_A_ROW: usize = 16;

/// Divides by the largest value, and gives its logarithm; all zeros stay.
pub(crate) fn rescale(products: &mut [f64]) -> f64 {
    let most = products.iter().copied().fold(0.0, f64::max);
    if most > 0.0 {
        products.iter_mut().for_each(|product| *product /= most);
    }
    math::ln(most)
}

/// Nodes of both kinds, and what reports weigh that describe nothing.
#[derive(Clone, Copy)]
pub(crate) struct Nodes<'a> {
    pub(crate) desertions: &'a [Side],
    pub(crate) absences: &'a [Side],
    pub(crate) if_false: &'a [f64],
}

/// Calls `visit` with the number of each rate and of each node of desertions, the weight of the two, and the weights of the nodes of absences beside
/// them over a scale whose logarithm comes last. With nodes of both kinds and the rate of false reports given, reports are independent.
fn each_term(
    nodes: Nodes<'_>,
    rule: &[Node],
    only: Option<(usize, Reading)>,
    mut visit: impl FnMut([usize; 2], f64, &[f64], f64),
) {
    let Nodes { desertions, absences, if_false } = nodes;
    let reads = |report: usize, reading: Reading| {
        f64::from(u8::from(only.is_none_or(|(r, as_read)| r != report || as_read == reading)))
    };
    let silent: Vec<f64> = absences.iter().map(|a| a.silent).collect();
    let mut products = vec![0.0; absences.len()];
    for (number, rate) in rule.iter().enumerate() {
        // Of each report at all nodes of absences: weight of the two readings that are not a desertion.
        let other = |(report, if_false): (usize, &f64)| -> Vec<f64> {
            let (a, g) = (reads(report, Reading::Absence), reads(report, Reading::Nothing) * if_false * rate.x);
            absences.iter().map(|absence| a * absence.matched[report] + g).collect()
        };
        let others: Vec<Vec<f64>> = if_false.iter().enumerate().map(other).collect();
        for (node, desertion) in desertions.iter().enumerate() {
            products.copy_from_slice(&silent);
            let mut ln_scale = 0.0;
            for (report, other) in others.iter().enumerate() {
                if report > 0 && report % IN_A_ROW == 0 {
                    ln_scale += rescale(&mut products);
                }
                let d = reads(report, Reading::Desertion) * desertion.matched[report];
                products.iter_mut().zip(other).for_each(|(product, other)| *product *= other + d);
            }
            visit([number, node], rate.weight * desertion.silent, &products, ln_scale);
        }
    }
}

/// The terms, summed over nodes of absences.
fn terms(nodes: Nodes<'_>, rule: &[Node], only: Option<(usize, Reading)>) -> Vec<Term> {
    let mut found = Vec::with_capacity(rule.len() * nodes.desertions.len());
    each_term(nodes, rule, only, |[rate, desertion], weight, products, ln_scale| {
        let weight = Scaled { part: weight * products.iter().sum::<f64>(), ln_scale };
        found.push(Term { rate, desertion, weight });
    });
    found
}

/// All terms of a sum, one by one.
pub(crate) struct Heights<'a> {
    nodes: Nodes<'a>,
    rule: &'a [Node],
    /// ln of each term: by rate of false reports, node of desertions and node of absences, the last running fastest.
    ln_terms: Vec<f64>,
}

impl<'a> Heights<'a> {
    pub(crate) fn new(nodes: Nodes<'a>, rule: &'a [Node]) -> Self {
        let mut ln_terms = Vec::with_capacity(rule.len() * nodes.desertions.len() * nodes.absences.len());
        each_term(nodes, rule, None, |_, weight, products, ln_scale| {
            let (ln_weight, from) = (math::ln(weight) + ln_scale, ln_terms.len());
            ln_terms.extend_from_slice(products);
            lanes::ln_each(&mut ln_terms[from..]);
            ln_terms[from..].iter_mut().for_each(|ln_term| *ln_term += ln_weight);
        });
        Self { nodes, rule, ln_terms }
    }

    fn terms(&self) -> impl Iterator<Item = ([usize; 3], f64)> {
        let (desertions, absences) = (self.nodes.desertions.len(), self.nodes.absences.len());
        let pairs = self.ln_terms.chunks_exact(absences.max(1)).enumerate();
        pairs.flat_map(move |(pair, of_pair)| {
            let (rate, desertion) = (pair / desertions, pair % desertions);
            of_pair.iter().enumerate().map(move |(absence, ln_term)| ([rate, desertion, absence], *ln_term))
        })
    }

    /// ln of the largest term.
    pub(crate) fn best(&self) -> f64 {
        self.ln_terms.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }

    /// ln of the largest term of each rate of false reports, each node of desertions and each node of absences.
    pub(crate) fn by_node(&self) -> [Vec<f64>; 3] {
        let counts = [self.rule.len(), self.nodes.desertions.len(), self.nodes.absences.len()];
        let mut heights = counts.map(|n| vec![f64::NEG_INFINITY; n]);
        for (place, ln_term) in self.terms() {
            for (heights, node) in heights.iter_mut().zip(place) {
                heights[node] = heights[node].max(ln_term);
            }
        }
        heights
    }

    /// Most reports that are expected to describe a desertion, and an absence, in any term of at least a height.
    pub(crate) fn most_read(&self, least: f64) -> [f64; 2] {
        let mut most = [0.0_f64; 2];
        for ([rate, desertion, absence], _) in self.terms().filter(|(_, ln_term)| *ln_term >= least) {
            let (desertion, absence) = (&self.nodes.desertions[desertion], &self.nodes.absences[absence]);
            let mut read = [0.0; 2];
            for (report, if_false) in self.nodes.if_false.iter().enumerate() {
                let [d, a] = [desertion.matched[report], absence.matched[report]];
                let all = d + a + if_false * self.rule[rate].x;
                read = [read[0] + d / all, read[1] + a / all];
            }
            most = [most[0].max(read[0]), most[1].max(read[1])];
        }
        most
    }
}

/// Most that sums over fewer nodes may be off by, relative to those over all.
const SAME: f64 = 1e-6;

/// Some nodes of absences: from none that are ever reported to many.
fn some(absences: &[Side]) -> Vec<Side> {
    let n = absences.len();
    [n / 2, n * 5 / 8, n * 3 / 4, n - 1].map(|k| absences[k].clone()).into()
}

/// Whether few rates of false reports give what all give, at some nodes of absences.
pub(crate) fn rates_stand_for([few, all]: [&[Node]; 2], nodes: Nodes<'_>) -> bool {
    let absences = some(nodes.absences);
    let over = |rule: &[Node]| ln_total(&terms(Nodes { absences: &absences, ..nodes }, rule, None));
    few.len() == all.len() || (over(few) - over(all)).abs() <= SAME
}

/// Whether few nodes of desertions give what all give, at some nodes of absences.
pub(crate) fn stand_for(few: &[Side], all: &[Side], absences: &[Side], if_false: &[f64], rule: &[Node]) -> bool {
    let absences = some(absences);
    let over = |desertions: &[Side]| ln_total(&terms(Nodes { desertions, absences: &absences, if_false }, rule, None));
    // Where both are impossible the difference is no number.
    (over(few) - over(all)).abs() <= SAME
}

impl Sums {
    /// ln of the sum over all readings, or over those in which one report is read in one way. `moments` of the rate of false reports by their
    /// number, `rule` of as many of them.
    pub(crate) fn ln_total(&self, moments: &[f64], rule: &[Node], only: Option<(usize, Reading)>) -> f64 {
        match &self.by_set {
            Some(by_set) => {
                math::ln(self.each_reading(by_set, moments, only).into_iter().map(|(_, _, weight)| weight).sum())
            }
            None => ln_total(&self.terms(rule, only)),
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
        terms(Nodes { desertions, absences, if_false: &self.if_false }, rule, only)
    }

    /// Relative weights of the nodes of absences at one node of desertions and one rate of false reports.
    pub(crate) fn absences_given(&self, desertion: usize, rate: f64) -> Vec<f64> {
        let at = |absence: &Side| {
            let (mut products, mut ln_scale) = ([1.0], 0.0);
            for (report, odds) in self.odds(desertion, absence, rate).iter().enumerate() {
                if report > 0 && report % IN_A_ROW == 0 {
                    ln_scale += rescale(&mut products);
                }
                products[0] *= odds.iter().sum::<f64>();
            }
            Scaled { part: absence.silent * products[0], ln_scale }
        };
        on_one_scale(&self.sides[1].iter().map(at).collect::<Vec<Scaled>>()).0
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
    fn hundreds_of_reports_multiply_to_what_their_logarithms_add_up_to() {
        // Each weighs 2e-4 at the first node of absences and 1e-4 at the second: 1e-1480 in all.
        let reports = 400;
        let side = |silent: f64, matched: f64| Side { silent, matched: vec![matched; reports] };
        let sums = Sums {
            sides: [vec![side(0.5, 0.0), side(0.5, 0.0)], vec![side(0.25, 1.5e-4), side(0.75, 5e-5)]],
            places: vec![[0.0, 0.0]; 2],
            absent_at: vec![0.0; 2],
            if_false: vec![0.01; reports],
            rule: Vec::new(),
            by_set: None,
        };
        let rule = [Node { x: 0.005, weight: 1.0 }];
        let each = 400.0 * math::ln(2e-4);
        let ln_total = sums.ln_total(&[], &rule, None);
        // The second node is 2^-400 of the first.
        assert!((ln_total - (each + math::ln(0.25))).abs() < 1e-9, "{ln_total}");
        let [read, all] = [Some((399, Reading::Nothing)), None].map(|only| sums.ln_total(&[], &rule, only));
        assert!((math::exp(read - all) - 0.25).abs() < 1e-9, "5e-5 of 2e-4");
        let [first, second] = sums.absences_given(0, 0.005)[..] else { panic!("two nodes") };
        assert!((second / first / (3.0 * math::exp(-400.0 * math::ln(2.0))) - 1.0).abs() < 1e-9, "{second}, {first}");
    }

    #[test]
    fn what_is_impossible_stays_so() {
        let side = |matched: f64| Side { silent: 1.0, matched: vec![matched; 40] };
        let sums = Sums {
            sides: [vec![side(0.0)], vec![side(0.0)]],
            places: vec![[0.0; 2]],
            absent_at: vec![0.0],
            if_false: vec![0.0; 40],
            rule: Vec::new(),
            by_set: None,
        };
        let rule = [Node { x: 0.005, weight: 1.0 }];
        assert!(sums.ln_total(&[], &rule, None).total_cmp(&f64::NEG_INFINITY).is_eq());
        assert!(!stand_for(&sums.sides[0], &sums.sides[0], &sums.sides[1], &sums.if_false, &rule));
    }

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
