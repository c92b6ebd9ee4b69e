//! Many futures of one past: a replicate runs to a day under one scenario and goes on from there under others.
//!
//! The past is simulated once and written; every branch reads it, so it is the same in all of them, bit for bit. At the start of the day the new plan and the
//! new parameters take hold: whatever the world keeps that follows from a parameter is worked out again, and only where it comes out
//! different. Hence a branch that changes nothing is the run that was not interrupted.
//!
//! What was settled before the day stays: who was sent, who has been told what, what is under way. [`Plan::settled`] and [`SETTLED`]
//! name what therefore cannot be changed.

use super::base::ForceBase;
use super::consequences::Move;
use super::plan::{ForceParams, Plan};
use super::run::{Course, pass, record};
use super::state;
use super::world::{World, assault_roles, idle};
use crate::decision;
use crate::mechanism::mind::trust::Pairs;
use crate::mechanism::regime::response::{Order, Response, When};
use crate::schedule::DAY;
use exitvoice_core::quantity::Seed;
use exitvoice_record::Record;
use std::sync::OnceLock;

/// Beginnings of the keys of parameters of part `Force` that say nothing about the days after one: they were used up before it (who is
/// sent, what is believed at first), or nothing of a record hangs on them.
pub const SETTLED: [&str; 7] = [
    "service.selection.",
    "force.advance_party",
    "mind.belief.catch_prior",
    "force.outlook.",
    "regime.ledger.",
    "home.returnees.neighbour_rate",
    "exit.initiative.",
];

/// One way on from a day.
#[derive(Clone, Copy, Debug)]
pub struct Branch<'a> {
    /// The same force, under the plan that holds from the day on: see [`ForceBase::replanned`].
    pub base: &'a ForceBase,
    /// Parameters from the day on.
    pub params: &'a ForceParams,
}

impl Plan {
    /// What another plan says differently of the days before `day`, or of what was settled before them; empty where it can take over.
    #[must_use]
    pub fn settled(&self, other: &Self, day: u32) -> Vec<&'static str> {
        let dated = |plan: &Self| {
            let before = |r: &&Response| matches!(r.when, When::Dated(on) if on < day);
            plan.responses.iter().filter(before).copied().collect::<Vec<Response>>()
        };
        let differs = [
            ("period", (self.day_zero, self.days) != (other.day_zero, other.days)),
            ("order of battle", (self.squad, self.levels) != (other.squad, other.levels)),
            ("waves", self.waves != other.waves || self.advance_party != other.advance_party),
            ("phases before the day", (0..day).any(|d| self.phase(d) != other.phase(d))),
            ("decision.rule", self.rule != other.rule),
            ("responses before the day", dated(self) != dated(other)),
            ("steps of a day", self.steps_per_day != other.steps_per_day),
            ("thresholds", self.thresholds != other.thresholds),
            ("outlook", self.outlook != other.outlook),
        ];
        differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect()
    }
}

impl ForceBase {
    /// The same force under a plan that can take over from its own.
    #[must_use]
    pub fn replanned(&self, plan: Plan) -> Self {
        let mut base = self.clone();
        (base.plan, base.parts) = (plan, OnceLock::new());
        base
    }
}

/// Runs one replicate to the start of `day` and from there on along every branch: one record a branch, each of all days. With `day` past
/// the last one nothing changes. Plans of the branches must have nothing [`Plan::settled`] against the one of `base`.
///
/// # Panics
/// The state just written cannot be read: a bug of ours.
#[must_use]
pub fn deploy_branches(
    base: &ForceBase,
    params: &ForceParams,
    seed: Seed,
    day: u32,
    branches: &[Branch<'_>],
) -> Vec<Record> {
    let past = past(base, params, seed, day);
    branches.iter().map(|branch| go_on(&past, base, params, *branch).expect("it was written just now")).collect()
}

/// State of one replicate at the start of `day`, or after the last one, in bytes: about 400 a soldier.
#[must_use]
pub fn past(base: &ForceBase, params: &ForceParams, seed: Seed, day: u32) -> Vec<u8> {
    let mut world = World::new(base, params, seed);
    let mut course = Course::new(&world);
    let day = day.min(base.plan.days);
    pass(&mut world, &mut course, 0..day, DAY, None);
    state::write(&world, &course, seed, day)
}

/// Goes on along a branch from the state that [`past`] gave under the same base and parameters: the record of all days. `None` where the
/// bytes are not such a state.
#[must_use]
pub fn go_on(past: &[u8], base: &ForceBase, params: &ForceParams, branch: Branch<'_>) -> Option<Record> {
    let (mut world, mut course, day) = state::read(past, base, params)?;
    debug_assert!(base.plan.settled(&branch.base.plan, day).is_empty(), "the caller has asked");
    world.take_over(&mut course, branch, day);
    pass(&mut world, &mut course, day..base.plan.days, DAY, None);
    let (deployed, tables) = (world.deployed, (world.events, world.families, course.heads));
    Some(record(world.base, world.params, deployed, &world.replaced, tables))
}

impl<'a> World<'a> {
    /// Plan and parameters of a branch hold from the start of `day` on.
    fn take_over(&mut self, course: &mut Course, branch: Branch<'a>, day: u32) {
        (self.day, self.step, self.posted) = (day, day * self.base.plan.steps_per_day, false);
        let before: Vec<[f64; 2]> = (0..self.deployed).map(|soldier| self.leanings(soldier)).collect();
        let (old_base, old_params) = (self.base, self.params);
        (self.base, self.params) = (branch.base, branch.params);
        self.pair_trust = Pairs::new(&self.params.trust, self.base.plan.days);
        self.squads.assault = assault_roles(self.base, self.params, self.draws);
        self.idle = idle(self.base, self.params);
        self.carry_over_orders(old_base, old_params);
        for (soldier, before) in before.into_iter().enumerate() {
            let now = self.leanings(soldier);
            let same = |i: usize| before[i].to_bits() == now[i].to_bits();
            if !same(0) {
                self.set_personal_factor(soldier, now[0]);
            }
            if !same(1) {
                self.set_face_probability(soldier);
            }
            self.refresh_all(soldier, 0.0);
        }
        if self.rule().acts_at_once() {
            for squad in 0..self.base.squads.len() {
                let limits = self.members(squad).map(|soldier| decision::limit(self, soldier));
                self.squads.lowest_limit[squad] = limits.fold(f64::INFINITY, f64::min);
            }
        }
        course.moves = self.moves_from(&course.moves, day);
    }

    /// Personal factor of the decision, and probability of a loyal face, as state and parameters give them now.
    fn leanings(&self, soldier: usize) -> [f64; 2] {
        [decision::personal(self, soldier), self.loyal_face(soldier)]
    }

    /// Orders that were carried out stay so; informers are those whom the share in force now names.
    fn carry_over_orders(&mut self, old_base: &ForceBase, old_params: &ForceParams) {
        let old: Vec<_> =
            old_base.plan.responses.iter().zip(&self.responses_done).map(|(r, done)| (*r, *done)).collect();
        self.responses_done = self.base.plan.responses.iter().map(|r| old.contains(&(*r, true))).collect();
        let carried_out = |order: Order| old.iter().filter(|(r, done)| *done && r.order == order).count();
        if carried_out(Order::MoveFamilies) == 0 {
            self.families_moved = self.params.penalty.families_moved.value();
        }
        let share = |params: &ForceParams| {
            let start = params.denunciation.informer_share.value();
            (0..carried_out(Order::TightenInformers)).fold(start, |x, _| (x * params.response.informer_factor).min(1.0))
        };
        let (was, is) = (share(old_params), share(self.params));
        if was.to_bits() != is.to_bits() {
            self.informer_share = is;
            for soldier in (0..self.deployed).filter(|s| self.soldiers.status[*s].is_some()).collect::<Vec<_>>() {
                let informs = self.base.informer_draw.as_slice()[soldier] < is;
                let informed = std::mem::replace(&mut self.soldiers.informer[soldier], informs);
                if self.is_present(soldier) {
                    let squad = self.squad_of_row(soldier);
                    self.squads.informers[squad] += u32::from(informs);
                    self.squads.informers[squad] -= u32::from(informed);
                }
            }
        }
    }

    /// Moves from a day on: those that the new parameters date, returns of units that were pulled back, and tours that are over already.
    fn moves_from(&self, old: &[(u32, Move, usize)], day: u32) -> Vec<(u32, Move, usize)> {
        let mut moves: Vec<_> = old.iter().copied().filter(|(_, order, _)| *order == Move::Return).collect();
        for (on, order, number) in self.dated_moves() {
            if on >= day {
                moves.push((on, order, number));
            } else if order == Move::Rotate && !self.squads.gone[number] && day < self.base.plan.days {
                moves.push((day, order, number));
            }
        }
        // Latest first, as they are taken.
        moves.sort_unstable_by(|a, b| b.cmp(a));
        moves
    }
}
