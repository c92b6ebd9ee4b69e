//! One synthetic soldier, day by day: what he felt and knew, the terms of his decision, and the draw that decided.

use super::base::ForceBase;
use super::plan::ForceParams;
use super::run::{Look, run};
use super::world::World;
use crate::decision::{self, Decision};
use crate::mechanism::exit::attempt::SquadView;
use crate::schedule::{Cause, DAY};
use exitvoice_core::quantity::Seed;
use exitvoice_record::{Record, SoldierId, Status};

/// A soldier at the start of a day, before its events.
#[derive(Clone, Debug)]
pub struct LifeDay {
    /// Day of the deployment.
    pub day: u32,
    /// Status; none before arrival.
    pub status: Option<Status>,
    /// Squad, counted from 0.
    pub squad: usize,
    /// What his squad and wave feel and expect.
    pub view: SquadView,
    /// His trust in mates who show loyalty.
    pub trust: f64,
    /// Opportunity of the zone, relative to the front.
    pub opportunity: f64,
    /// Believed share of informers.
    pub believed_informers: f64,
    /// Belief that kin will be punished.
    pub penalty_belief: f64,
    /// Hostage weight.
    pub hostage: f64,
    /// Whether he shows loyalty.
    pub loyal_face: bool,
    /// What the rule says.
    pub decision: Decision,
    /// Resistance left before the clock of the attempt fires, `-ln(u)` less what was used; `None` while it stands still or is idle.
    pub resistance_left: Option<f64>,
    /// Hazard at which that clock runs, per day: that of one whom trust in mates does not hold.
    pub clock_per_day: f64,
}

/// Sees one soldier at every day.
pub(super) struct Watcher {
    soldier: usize,
    days: Vec<LifeDay>,
    fired: u64,
}

impl Look for Watcher {
    fn look(&mut self, world: &World<'_>) {
        let soldier = self.soldier;
        if soldier >= world.deployed || !world.step.is_multiple_of(world.base.plan.steps_per_day) {
            return;
        }
        let squad = world.squad_of_row(soldier);
        self.fired = u64::from(world.soldiers.occurrence[soldier][Cause::Attempt as usize]);
        let clock = world.soldiers.clocks[soldier][Cause::Attempt as usize];
        let left = clock.left_at(world.squads.common[Cause::Attempt as usize][squad]);
        self.days.push(LifeDay {
            day: world.day,
            status: world.soldiers.status[soldier],
            squad,
            view: world.view(squad),
            trust: world.trust_in_loyal(soldier),
            opportunity: crate::mechanism::exit::attempt::opportunity(&world.params.attempt, world.squads.zone[squad]),
            believed_informers: world.believed_informers(squad),
            penalty_belief: world.penalty_belief(soldier),
            hostage: world.hostage(soldier),
            loyal_face: world.soldiers.face[soldier],
            decision: decision::decide(world, soldier),
            resistance_left: left.is_finite().then_some(left),
            clock_per_day: decision::common(world, squad) * clock.personal(),
        });
    }
}

/// A replicate with one of its soldiers followed.
#[derive(Clone, Debug)]
pub struct Life {
    /// Everything that happened.
    pub record: Record,
    /// The soldier's days; empty where he is not deployed in this replicate.
    pub days: Vec<LifeDay>,
    /// His private loyalty.
    pub private_loyalty: f64,
    /// Whether he informs from the start.
    pub informer: bool,
    /// Firings of the clock of his attempt, up to the start of the last day: trust may have held him at each.
    pub fired: u64,
    /// His relatives.
    pub kin: Vec<super::base::Hostage>,
}

/// Runs one replicate and follows one soldier through it; the record is that of [`super::deploy`].
#[must_use]
pub fn follow(base: &ForceBase, params: &ForceParams, seed: Seed, soldier: SoldierId) -> Life {
    let row = soldier.row();
    let world = World::new(base, params, seed);
    let private_loyalty = world.soldiers.loyalty[row];
    let informer = base.informer_draw.as_slice()[row] < world.informer_share;
    let mut watcher = Watcher { soldier: row, days: Vec::new(), fired: 0 };
    let record = run(world, DAY, Some(&mut watcher));
    Life { record, days: watcher.days, private_loyalty, informer, fired: watcher.fired, kin: base.kin(row).to_vec() }
}
