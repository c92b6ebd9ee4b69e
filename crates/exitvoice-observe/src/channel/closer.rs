//! Where to integrate when reports are many: n of them that describe one kind tell ln t of it to 1 / sqrt(n), less than the step that is enough for
//! few, and leave most nodes and most rates of false reports without weight.

use super::departures::Seen;
use super::desertions::{Desertions, OfD, Placed};
use super::exits::Exits;
use super::readings::{Heights, Nodes, Side, rates_stand_for, stand_for};
use crate::quadrature::{self, Node};

/// How far below the largest a term may lie (ln) around which there are nodes, and one whose readings are told apart. Between two nodes that are .5
/// apart in ln t the terms of n reports can rise by n / 32.
const LOST: f64 = 20.0;
const TOLD_APART: f64 = 14.0;
const RISE: f64 = 1.0 / 32.0;
/// Parts of a step of ln t where n reports describe this kind, over sqrt(n): the sum is then exact to 1e-6 for a normal law as narrow as 1 / sqrt(n).
const PARTS: f64 = 0.42;

/// Parts of a step of ln t for so many reports of a kind.
pub(super) fn parts(reports: f64) -> usize {
    (PARTS * reports.sqrt()).ceil().max(1.0) as usize
}

/// Nodes of t of both kinds, desertions at theirs, and nodes of the rate of false reports.
pub(super) struct Closer {
    pub(super) t: [Vec<Node>; 2],
    pub(super) desertions: Placed,
    pub(super) rule: Vec<Node>,
}

impl Exits<'_> {
    /// Nodes where the weight is, as close as the reports there tell; none elsewhere.
    pub(super) fn closer(&self, if_false: &[f64]) -> Closer {
        let desertions = Desertions::new(self, &self.d);
        let absences = self.absences(&self.t[1]);
        let [few, all] = [OfD::Few, OfD::All].map(|of_d| desertions.placed(&self.t[0], of_d));
        let [few_rates, all_rates] = &self.scorer.departures.false_rules;
        let rates = |sides: &[Side]| {
            let nodes = Nodes { desertions: sides, absences: &absences, if_false };
            if rates_stand_for([few_rates, all_rates], nodes) { few_rates } else { all_rates }
        };
        // Reports can say so much of d that the weight lies beyond all of the few, and then it is elsewhere in t, too.
        let rule = rates(&few.sides);
        let same = stand_for(&few.sides, &all.sides, &absences, if_false, rule);
        let rule = if same { rule } else { rates(&all.sides) };
        let Placed { places, sides } = if same { few } else { all };
        let nodes = Nodes { desertions: &sides, absences: &absences, if_false };
        let heights = Heights::new(nodes, rule);
        let (best, rise) = (heights.best(), RISE * if_false.len() as f64);
        if best == f64::NEG_INFINITY {
            return Closer { t: self.t.clone(), desertions: Placed { places, sides }, rule: rule.clone() };
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
                quadrature::exponential_around(b, &kept, parts(read[kind]))
            }
        };
        let kept = rule.iter().zip(of_rates).filter(|(_, height)| *height >= least).map(|(rate, _)| *rate);
        let t = [close(0, &of_desertions), close(1, &of_absences)];
        let desertions = if same {
            desertions.placed(&t[0], OfD::Few)
        } else {
            let d = self.scorer.announcements.rule(read[0]);
            Desertions::new(self, &d).placed(&t[0], OfD::All)
        };
        Closer { t, desertions, rule: kept.collect() }
    }
}
