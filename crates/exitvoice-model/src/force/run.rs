//! A deployment, day by day.

use super::base::ForceBase;
use super::consequences::Move;
use super::expected::Watch;
use super::parts::{self, Place};
use super::plan::ForceParams;
use super::world::{Hazards, Intervention, World};
use crate::decision;
use crate::mechanism::danger::capture;
use crate::schedule::{DAY, DayStep, Own, Verb};
use exitvoice_core::column::Column;
use exitvoice_core::quantity::Seed;
use exitvoice_record::{Event, Expected, FamilyEvent, Record, STATUSES, Soldiers};
use std::ops::Range;

/// Runs one replicate. The same base, parameters and seed give the same record, bit for bit.
#[must_use]
pub fn deploy(base: &ForceBase, params: &ForceParams, seed: Seed) -> Record {
    if base.parts().is_empty() {
        run(World::new(base, params, seed), DAY, None)
    } else {
        parts::deploy(base, params, seed)
    }
}

/// As [`deploy`], with the intensities of rare events; on the days `dense`, in rising order, more desertions are drawn and absences told by
/// size. Only for rules whose decision is a hazard: one that acts at once has no intensity.
#[must_use]
pub fn deploy_watched(base: &ForceBase, params: &ForceParams, seed: Seed, dense: &[u32]) -> (Record, Expected) {
    let mut watch = Watch::new(base, dense);
    let record = run(World::new(base, params, seed), DAY, Some(&mut watch));
    (record, watch.found())
}

/// As [`deploy`], with the steps of each day in another order; for the test that order within a stage does not matter.
/// `order` is a permutation of the rows of [`DAY`]; rows are then sorted by stage, stably.
#[must_use]
pub fn deploy_shuffled(base: &ForceBase, params: &ForceParams, seed: Seed, order: &[usize]) -> Record {
    let mut steps: Vec<DayStep> = order.iter().map(|i| DAY[*i]).collect();
    steps.sort_by_key(|s| s.spec.stage);
    run(World::new(base, params, seed), &steps, None)
}

/// As [`deploy`], with one soldier's hostage weight changed from a day on; for the test of what can follow from it.
#[must_use]
pub fn deploy_changed(base: &ForceBase, params: &ForceParams, seed: Seed, change: Intervention) -> Record {
    let mut world = World::new(base, params, seed);
    world.intervention = Some(change);
    run(world, DAY, None)
}

/// Somebody who sees a replicate at every step, once its hazards are posted and before anything happens.
pub(super) trait Look {
    fn look(&mut self, world: &World<'_>);
}

pub(super) fn run(mut world: World<'_>, steps: &[DayStep], watcher: Option<&mut dyn Look>) -> Record {
    let heads = pass_days(&mut world, steps, watcher);
    record(world.base, world.params, world.deployed, &world.replaced, (world.events, world.families, heads))
}

/// Passes every day; returns heads by status at the end of each.
pub(super) fn pass_days(
    world: &mut World<'_>,
    steps: &[DayStep],
    watcher: Option<&mut dyn Look>,
) -> Vec<[u32; STATUSES.len()]> {
    let mut course = Course::new(world);
    pass(world, &mut course, 0..world.base.plan.days, steps, watcher);
    course.heads
}

/// What a run carries from day to day beside its world.
#[derive(Clone)]
pub(super) struct Course {
    /// Moves still to come, the next one last.
    pub(super) moves: Vec<(u32, Move, usize)>,
    /// Heads by status at the end of each day passed.
    pub(super) heads: Vec<[u32; STATUSES.len()]>,
}

impl Course {
    pub(super) fn new(world: &World<'_>) -> Self {
        Self { moves: world.dated_moves(), heads: Vec::with_capacity(world.base.plan.days as usize) }
    }
}

/// Passes some days, the first of them the one after the last that was passed.
pub(super) fn pass(
    world: &mut World<'_>,
    course: &mut Course,
    days: Range<u32>,
    steps: &[DayStep],
    mut watcher: Option<&mut dyn Look>,
) {
    let steps_per_day = world.base.plan.steps_per_day;
    for day in days {
        world.day = day;
        world.begin_day(&mut course.moves);
        for step in 0..steps_per_day {
            world.step = day * steps_per_day + step;
            world.pass_step(steps, &mut watcher);
        }
        course.heads.push(world.heads);
        if let Some(turns) = &mut world.turns {
            turns.end_day();
        }
    }
}

/// The record of a replicate: events, family events and heads, and what the base says of those deployed.
pub(super) fn record(
    base: &ForceBase,
    params: &ForceParams,
    deployed: usize,
    replaced: &[(u32, u32)],
    (events, families, heads): (Vec<Event>, Vec<FamilyEvent>, Vec<[u32; STATUSES.len()]>),
) -> Record {
    let soldiers = &base.soldiers;
    let mut squads = soldiers.squad.as_slice()[..deployed].to_vec();
    for (row, squad) in replaced {
        squads[*row as usize] = *squad;
    }
    Record {
        day_zero: base.plan.day_zero,
        days: base.plan.days,
        soldiers: Soldiers {
            key: Column::from_vec(soldiers.key.as_slice()[..deployed].to_vec()),
            contingent: Column::from_vec(soldiers.contingent.as_slice()[..deployed].to_vec()),
            wave: Column::from_vec(soldiers.wave.as_slice()[..deployed].to_vec()),
            squad: Column::from_vec(squads),
        },
        events,
        families,
        heads,
        capture_alive: capture::alive(&params.capture),
    }
}

impl World<'_> {
    /// Arrivals, moves, orders and office work of the day, at its start. Yesterday's hazards are gone: nothing accrues at hour 0.
    fn begin_day(&mut self, moves: &mut Vec<(u32, Move, usize)>) {
        self.step = self.day * self.base.plan.steps_per_day;
        self.posted = false;
        self.agenda.open(self.day);
        let back = self.respond();
        if !back.is_empty() {
            moves.extend(back);
            moves.sort_unstable_by(|a, b| b.cmp(a));
        }
        while let Some((_, order, squad)) = moves.pop_if(|m| m.0 == self.day) {
            self.take_turn(Place::Move(order));
            self.carry_out(order, squad);
        }
        self.intervene();
        self.take_turn(Place::Offices);
        self.office_hours();
    }

    /// What happens from here on belongs at a place of its own in the record.
    #[inline]
    pub(super) fn take_turn(&mut self, place: Place) {
        if let Some(turns) = &mut self.turns {
            turns.begin(place, self.events.len(), self.families.len());
        }
    }

    fn pass_step(&mut self, steps: &[DayStep], watcher: &mut Option<&mut dyn Look>) {
        self.posted = false;
        self.measure_distances();
        self.choose_faces_in_fear();
        self.squads.strength_at_dawn.copy_from_slice(&self.squads.strength);
        self.forget_losses();
        decision::compute_urges(self);
        let mut hazards = std::mem::replace(&mut self.rates, Hazards::new(0));
        for step in steps {
            if let Verb::Propose(propose) = step.verb {
                propose(self, &mut hazards);
            }
        }
        self.rates = hazards;
        self.posted = true;
        if let Some(watcher) = watcher {
            watcher.look(self);
        }
        self.pass_events();
        self.add_up();
        for step in steps {
            if let Verb::Advance(column, advance) = step.verb {
                // The mechanism's own column is taken out, so that it reads all others.
                let mut own = std::mem::take(self.own(column));
                advance(self, &mut own);
                *self.own(column) = own;
            }
        }
        self.squads.cases_today.clear();
        self.squads.frightened.clear();
        std::mem::swap(&mut self.squads.frightened, &mut self.squads.known_denunciations);
    }

    /// Losses of more than a day ago no longer count.
    fn forget_losses(&mut self) {
        if self.squads.losses_by_step.is_empty() {
            self.squads.losses.fill(0);
        } else {
            let own = (self.step % self.base.plan.steps_per_day) as usize;
            for (sum, old) in self.squads.losses.iter_mut().zip(&mut self.squads.losses_by_step[own]) {
                *sum -= std::mem::take(old);
            }
        }
    }

    const fn own(&mut self, column: Own) -> &mut Vec<f64> {
        match column {
            Own::Exposure => &mut self.waves.exposure,
            Own::Danger => &mut self.squads.danger,
            Own::Fear => &mut self.squads.fear,
            Own::CatchBelief => &mut self.squads.catch_belief,
            Own::Successes => &mut self.squads.successes,
            Own::Bond => &mut self.squads.bond,
            Own::InformerFear => &mut self.squads.informer_fear,
            Own::Affect => &mut self.squads.affect,
        }
    }
}
