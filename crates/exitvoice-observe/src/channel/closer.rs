//! Where to integrate when reports are many: n of them that describe one kind tell ln t of it to 1 / sqrt(n), less than the step that is enough for
//! few, and leave most nodes and most rates of false reports without weight.

use super::departures::Seen;
use super::desertions::{Desertions, OfD, Placed};
use super::exits::Exits;
use super::readings::{Heights, Nodes, rates_stand_for, stand_for};
use crate::quadrature::{self, Node};

/// How far below the largest a term may lie (ln) around which there are nodes, and one whose readings are told apart. Between two nodes that are .5
/// apart in ln t the terms of n reports can rise by n / 32.
const LOST: f64 = 20.0;
const TOLD_APART: f64 = 14.0;
const RISE: f64 = 1.0 / 32.0;
/// Parts of a step of ln t where n reports describe this kind, over sqrt(n): the sum is then exact to 1e-6 for a normal law as narrow as 1 / sqrt(n).
const PARTS: f64 = 0.42;

/// Nodes of t of both kinds, of d, and of the rate of false reports.
pub(super) struct Closer {
    pub(super) t: [Vec<Node>; 2],
    pub(super) of_d: OfD,
    pub(super) rule: Vec<Node>,
}

impl Exits<'_> {
    /// Nodes where the weight is, as close as the reports there tell; none elsewhere.
    pub(super) fn closer(&self, desertions: &Desertions<'_>, if_false: &[f64]) -> Closer {
        let (absences, Placed { places, sides }) = (self.absences(&self.t[1]), desertions.placed(&self.t[0], OfD::Few));
        let nodes = Nodes { desertions: &sides, absences: &absences, if_false };
        let [few, all] = &self.scorer.departures.false_rules;
        let rule = if rates_stand_for([few, all], nodes) { few } else { all };
        let all_of_d = desertions.placed(&self.t[0], OfD::All).sides;
        let of_d = if stand_for(&sides, &all_of_d, &absences, if_false, rule) { OfD::Few } else { OfD::All };
        let heights = Heights::new(nodes, rule);
        let (best, rise) = (heights.best(), RISE * if_false.len() as f64);
        if best == f64::NEG_INFINITY {
            return Closer { t: self.t.clone(), of_d, rule: rule.clone() };
        }
        let least = best - LOST - rise;
        let [of_rates, of_places, of_absences] = heights.by_node();
        let at_t = |t: &Node| {
            let own = places.iter().zip(&of_places).filter(|(place, _)| place[0].total_cmp(&t.x).is_eq());
            own.map(|(_, height)| *height).fold(f64::NEG_INFINITY, f64::max)
        };
        let of_desertions: Vec<f64> = self.t[0].iter().map(at_t).collect();
        let read = heights.most_read(best - TOLD_APART - rise);
        let close = |kind: usize, heights: &[f64]| match self.scorer.departures.seen[kind] {
            Seen::Known(_) => self.t[kind].clone(),
            Seen::Beta(b) => {
                let kept: Vec<bool> = heights.iter().map(|height| *height >= least).collect();
                let parts = (PARTS * read[kind].sqrt()).ceil().max(1.0);
                quadrature::exponential_around(b, &kept, parts as usize)
            }
        };
        let kept = rule.iter().zip(of_rates).filter(|(_, height)| *height >= least).map(|(rate, _)| *rate);
        Closer { of_d, t: [close(0, &of_desertions), close(1, &of_absences)], rule: kept.collect() }
    }
}
