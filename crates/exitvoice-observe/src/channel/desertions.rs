//! Desertions at nodes of t and of d: how likely they are to be reported, and to be announced.

use super::exits::{Exits, Group, Grouped, Shown, never_each, quiet_rows};
use super::matching::unreported;
use super::readings::Side;
use crate::quadrature::{self, Node};
use exitvoice_core::math;
use exitvoice_record::DepartureKind;
use std::collections::BTreeMap;

/// Nodes of d at each t, where few stand for all.
const FEW: usize = 6;

/// Which nodes of d there are at each t.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OfD {
    All,
    /// Those of a Gauss rule under the silence.
    Few,
}

/// t and d of each node, and its values.
#[derive(Default)]
pub(super) struct Placed {
    pub(super) places: Vec<[f64; 2]>,
    pub(super) sides: Vec<Side>,
}

impl Placed {
    fn push(&mut self, t: f64, d: &Node, matched: Vec<f64>) {
        self.places.push([t, d.x]);
        self.sides.push(Side { silent: d.weight, matched });
    }
}

/// What nodes of desertions are made of, wherever t is.
pub(super) struct Desertions<'a> {
    exits: &'a Exits<'a>,
    d: &'a [Node],
    matches: Vec<(usize, usize, f64)>,
    groups: Vec<Group>,
    group_of: Vec<usize>,
    alike: Alike,
    /// By node of d: expected departures of each group of which somebody is announced, rates by how many are, and what reports weigh.
    announced: Vec<Vec<f64>>,
    tables: Vec<Vec<Shown>>,
    unshown: Vec<Vec<Grouped>>,
}

impl<'a> Desertions<'a> {
    pub(super) fn new(exits: &'a Exits<'a>, d: &'a [Node]) -> Self {
        let kind = DepartureKind::Desertion;
        let (matches, groups) = (exits.matches(kind), exits.groups(kind));
        let (group_of, alike) = (exits.group_of(&groups), Alike::new(exits, &matches));
        let announced = |d: &Node| groups.iter().map(|g| g.announced(&exits.rates, d.x)).collect();
        let announced = d.iter().map(announced).collect();
        let count = exits.scorer.announcements.announced;
        let most = if exits.is_complete() { count } else { count.saturating_sub(1) };
        let table = |d: &Node| if count > 0 { exits.shown_by_size(d.x, most) } else { Vec::new() };
        let tables = d.iter().map(table).collect();
        let mut found = Self { exits, d, matches, groups, group_of, alike, announced, tables, unshown: Vec::new() };
        found.unshown = d.iter().map(|d| found.unshown(d)).collect();
        found
    }

    /// What reports weigh at one d, by group of departures.
    fn unshown(&self, d: &Node) -> Vec<Grouped> {
        let exits = self.exits;
        let silenced = exits.silenced();
        let chance = |i: &usize| if silenced { exits.rates[*i].unannounced(d.x) } else { 1.0 };
        let chances: Vec<f64> = self.alike.first.iter().map(chance).collect();
        exits.grouped(&self.matches, &self.groups, &self.group_of, |m| chances[self.alike.of[m]])
    }

    /// Nodes of t times nodes of d, the latter running faster.
    pub(super) fn placed(&self, t: &[Node], of_d: OfD) -> Placed {
        let exits = self.exits;
        let mut found = Placed::default();
        for t in t {
            let quiet = never_each(self.groups.iter().map(|g| g.heads), t.x);
            let of_rows = self.tables.first().map_or_else(Vec::new, |table| quiet_rows(table, t.x));
            let unreported: Vec<f64> = self.groups.iter().zip(&quiet).map(|(g, q)| unreported(*q, g.lags)).collect();
            let reported: f64 = self.groups.iter().zip(&unreported).map(|(g, q)| g.rate * (1.0 - q)).sum();
            let silent = |(j, d): (usize, &Node)| {
                let shown: f64 = self.announced[j].iter().zip(&unreported).map(|(a, q)| a * q).sum();
                let silent = exits.announced(shown, &self.tables[j], &of_rows) * math::exp(-reported);
                Node { x: d.x, weight: t.weight * d.weight * silent }
            };
            let silence: Vec<Node> = self.d.iter().enumerate().map(silent).collect();
            match of_d {
                OfD::All => {
                    let both = silence.iter().zip(&self.unshown);
                    both.for_each(|(d, unshown)| found.push(t.x, d, exits.matched(unshown, &quiet)));
                }
                OfD::Few => {
                    let few = quadrature::gauss(&silence, FEW);
                    few.iter().for_each(|d| found.push(t.x, d, exits.matched(&self.unshown(d), &quiet)));
                }
            }
        }
        found
    }
}

/// Matches by what makes their departure's announcement likely: the first rate of each sort, and the sort of each match.
struct Alike {
    first: Vec<usize>,
    of: Vec<usize>,
}

impl Alike {
    /// Sorts of departures by size, success and the share w of their days that are over: each is as likely to be announced, whatever d.
    fn new(exits: &Exits<'_>, matches: &[(usize, usize, f64)]) -> Self {
        let mut known = BTreeMap::new();
        let (mut first, mut of) = (Vec::new(), Vec::with_capacity(matches.len()));
        for (_, i, _) in matches {
            let rate = &exits.rates[*i];
            let key = (rate.departure.size, rate.departure.success.to_bits(), rate.w.to_bits());
            of.push(*known.entry(key).or_insert_with(|| {
                first.push(*i);
                first.len() - 1
            }));
        }
        Self { first, of }
    }
}
