//! A deployment, day by day.

use super::base::ForceBase;
use super::events::Agenda;
use super::plan::ForceParams;
use super::world::{Hazards, World};
use crate::mechanism::danger::capture;
use crate::schedule::{Cause, DAY, DayStep, Verb};
use exitvoice_core::column::Column;
use exitvoice_core::quantity::Seed;
use exitvoice_record::{Record, Soldiers};

/// Runs one replicate. The same base, parameters and seed give the same record, bit for bit.
#[must_use]
pub fn deploy(base: &ForceBase, params: &ForceParams, seed: Seed) -> Record {
    run(base, params, seed, DAY)
}

/// As [`deploy`], with the steps of each day in another order; for the test that order within a stage does not matter.
/// `order` is a permutation of the rows of [`DAY`]; rows are then sorted by stage, stably.
#[must_use]
pub fn deploy_shuffled(base: &ForceBase, params: &ForceParams, seed: Seed, order: &[usize]) -> Record {
    let mut steps: Vec<DayStep> = order.iter().map(|i| DAY[*i]).collect();
    steps.sort_by_key(|s| s.spec.stage);
    run(base, params, seed, &steps)
}

fn run(base: &ForceBase, params: &ForceParams, seed: Seed, steps: &[DayStep]) -> Record {
    let mut world = World::new(base, params, seed);
    let mut hazards = Hazards::new(base.squads.len());
    let mut agenda = Agenda::new(base.plan.days);
    let mut heads = Vec::with_capacity(base.plan.days as usize);
    for day in 0..base.plan.days {
        world.day = day;
        world.begin_day(&hazards);
        for step in steps {
            if let Verb::Propose(propose) = step.verb {
                propose(&world, &mut hazards);
            }
        }
        world.pass_events(&hazards, &mut agenda);
        world.end_day(&hazards);
        for step in steps {
            if let Verb::Advance(advance) = step.verb {
                // The only continuous column so far; the mechanism's own column is taken out, so that it reads all others.
                let mut own = std::mem::take(&mut world.squads.danger);
                advance(&world, &mut own);
                world.squads.danger = own;
            }
        }
        heads.push(world.heads);
    }
    let deployed = world.deployed;
    let soldiers = &base.soldiers;
    Record {
        day_zero: base.plan.day_zero,
        days: base.plan.days,
        soldiers: Soldiers {
            key: Column::from_vec(soldiers.key.as_slice()[..deployed].to_vec()),
            contingent: Column::from_vec(soldiers.contingent.as_slice()[..deployed].to_vec()),
            wave: Column::from_vec(soldiers.wave.as_slice()[..deployed].to_vec()),
            squad: Column::from_vec(soldiers.squad.as_slice()[..deployed].to_vec()),
        },
        events: world.events,
        heads,
        capture_alive: capture::alive(&params.capture),
    }
}

impl World<'_> {
    /// Arrivals and moves of the day, at its start.
    fn begin_day(&mut self, hazards: &Hazards) {
        for squad in 0..self.base.squads.len() {
            let (arrives, front) = self.base.arrivals[self.base.squads[squad].wave as usize];
            if arrives == self.day {
                self.arrive(squad, hazards);
            }
            if front == Some(self.day) {
                self.reach_front(squad);
            }
            self.squads.strength_at_dawn[squad] = self.squads.strength[squad];
            self.squads.losses_today[squad] = 0;
        }
    }

    /// Adds today's hazards to the sums and finds the lowest thresholds of squads that changed.
    fn end_day(&mut self, hazards: &Hazards) {
        for squad in 0..self.base.squads.len() {
            for cause in Cause::ALL {
                self.squads.common[cause as usize][squad] += hazards.get(cause, squad);
            }
            if std::mem::take(&mut self.squads.stale[squad]) {
                for cause in Cause::ALL {
                    let clocks = &self.soldiers.clocks[cause as usize];
                    let lowest = self.members(squad).map(|s| clocks[s].threshold()).fold(f64::INFINITY, f64::min);
                    self.squads.next[cause as usize][squad] = lowest;
                }
            }
        }
    }
}
