//! Where to integrate over how visible departures are when reports are many: n of them tell ln t to 1 / sqrt(n), less than the step that is enough
//! for few.

use super::departures::Seen;
use super::exits::{Exits, Placed};
use super::readings::{Nodes, ln_heights};
use crate::quadrature::{self, Node};

/// How far below the largest a term may lie (ln) around which nodes of t lie closer. Between two nodes that are .5 apart in ln t the terms of n
/// reports can rise by n / 32.
const LOST: f64 = 20.0;
const RISE: f64 = 1.0 / 32.0;
/// Parts of a step of ln t where n reports are, over sqrt(n): the sum is then exact to 1e-6 for a normal law as narrow as 1 / sqrt(n).
const PARTS: f64 = 0.42;

/// Nodes of t closer to each other around those with large terms; `None` where all are 0.
fn around(rate: f64, ln_heights: &[f64], reports: usize) -> Option<Vec<Node>> {
    let best = ln_heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = best - LOST - RISE * reports as f64;
    let kept: Vec<bool> = ln_heights.iter().map(|height| *height >= least).collect();
    let parts = (PARTS * (reports as f64).sqrt()).ceil() as usize;
    (best > f64::NEG_INFINITY).then(|| quadrature::exponential_around(rate, &kept, parts))
}

impl Exits<'_> {
    /// Nodes of t of both kinds where reports are many: n of them tell ln t to 1 / sqrt(n). Nodes lie closer where the weight is, and there are none
    /// elsewhere.
    pub(super) fn closer(&self, if_false: &[f64]) -> [Vec<Node>; 2] {
        let (absences, Placed { places, sides }) = (self.absences(&self.t[1]), self.desertions(&self.t[0]).few);
        let nodes = Nodes { desertions: &sides, absences: &absences, if_false };
        let [rule, _] = &self.scorer.departures.false_rules;
        let [of_places, of_absences] = ln_heights(nodes, rule);
        let at_t = |t: &Node| {
            let own = places.iter().zip(&of_places).filter(|(place, _)| place[0].total_cmp(&t.x).is_eq());
            own.map(|(_, height)| *height).fold(f64::NEG_INFINITY, f64::max)
        };
        let of_desertions: Vec<f64> = self.t[0].iter().map(at_t).collect();
        let close = |kind: usize, heights: &[f64]| match self.scorer.departures.seen[kind] {
            Seen::Known(_) => self.t[kind].clone(),
            Seen::Beta(b) => around(b, heights, if_false.len()).unwrap_or_else(|| self.t[kind].clone()),
        };
        [close(0, &of_desertions), close(1, &of_absences)]
    }
}
