//! The world of one replicate: what moves while the force is abroad.

use super::base::ForceBase;
use super::plan::{ADVANCE_SPREAD, ForceParams};
use crate::mechanism::exit::attempt;
use crate::mechanism::service::selection;
use crate::schedule::{CAUSES, Cause};
use exitvoice_core::hazard::Clock;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_record::{Event, SoldierId, Status};

/// Squads' part of today's hazards, per day, by cause and squad. Each cause has one poster.
#[derive(Debug)]
pub struct Hazards {
    common: [Vec<f64>; CAUSES],
}

impl Hazards {
    pub(super) fn new(squads: usize) -> Self {
        Self { common: std::array::from_fn(|_| vec![0.0; squads]) }
    }

    /// Today's hazards of a cause, one per squad.
    pub fn of(&mut self, cause: Cause) -> &mut [f64] {
        &mut self.common[cause as usize]
    }

    pub(super) fn get(&self, cause: Cause, squad: usize) -> f64 {
        self.common[cause as usize][squad]
    }
}

/// Columns of squads.
#[derive(Debug)]
pub struct SquadColumns {
    /// Whether the squad has arrived in Russia.
    pub arrived: Vec<bool>,
    /// Whether it is at the front.
    pub at_front: Vec<bool>,
    /// Perceived danger, in [0, 1].
    pub danger: Vec<f64>,
    /// Present now.
    pub strength: Vec<u32>,
    /// Present at the start of the day.
    pub strength_at_dawn: Vec<u32>,
    /// Casualties today.
    pub losses_today: Vec<u32>,
    /// Sums of the squads' part of each hazard up to the start of the day.
    pub(super) common: [Vec<f64>; CAUSES],
    /// Lowest threshold among the members, at most.
    pub(super) next: [Vec<f64>; CAUSES],
    /// Whether `next` must be found anew tonight.
    pub(super) stale: Vec<bool>,
}

/// Columns of soldiers.
#[derive(Debug)]
pub struct SoldierColumns {
    /// Status; none before arrival.
    pub status: Vec<Option<Status>>,
    /// Whether he has reached the front.
    pub(super) reached_front: Vec<bool>,
    /// Personal factor of the attempt's hazard.
    pub(super) attempt_factor: Vec<f64>,
    /// Clock by cause.
    pub(super) clocks: [Vec<Clock>; CAUSES],
    /// Occurrences so far by cause.
    pub(super) occurrence: [Vec<u32>; CAUSES],
    /// Attempt he is planning, 0 for none.
    pub(super) planning: Vec<u32>,
}

/// Addressed draws of a replicate.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForceDraws {
    pub(super) clocks: [Draws; CAUSES],
    pub(super) casualty: Draws,
    pub(super) recovery: Draws,
    pub(super) capture: Draws,
    pub(super) absence: Draws,
    pub(super) confide: Draws,
    pub(super) join: Draws,
    pub(super) departure: Draws,
    pub(super) outcome: Draws,
}

impl ForceDraws {
    pub(super) fn new(seed: Seed) -> Self {
        let draws = |purpose| Draws::new(seed, purpose);
        Self {
            clocks: [Purpose::Casualty, Purpose::Capture, Purpose::Absence, Purpose::Attempt].map(draws),
            casualty: draws(Purpose::CasualtyOutcome),
            recovery: draws(Purpose::Recovery),
            capture: draws(Purpose::CaptureOutcome),
            absence: draws(Purpose::AbsenceCourse),
            confide: draws(Purpose::Confide),
            join: draws(Purpose::Join),
            departure: draws(Purpose::Departure),
            outcome: draws(Purpose::ExitOutcome),
        }
    }
}

/// Soldiers who left, or plan to leave, together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) initiator: SoldierId,
    pub(super) members: Vec<SoldierId>,
    /// Address of the group's draws: the initiator's key and the occurrence of his clock.
    pub(super) address: (u64, u64),
}

/// One replicate while it runs.
pub struct World<'a> {
    /// What all replicates share.
    pub base: &'a ForceBase,
    /// Parameters.
    pub params: &'a ForceParams,
    /// Day at hand.
    pub day: u32,
    /// Squads.
    pub squads: SquadColumns,
    /// Soldiers.
    pub soldiers: SoldierColumns,
    pub(super) deployed: usize,
    pub(super) draws: ForceDraws,
    pub(super) heads: [u32; 12],
    pub(super) events: Vec<Event>,
    pub(super) groups: Vec<Group>,
}

/// Soldiers of the advance party in a replicate.
#[must_use]
pub fn advance_party(base: &ForceBase, params: &ForceParams, seed: Seed) -> usize {
    let spare = base.len() - base.dated;
    let block = Draws::new(seed, Purpose::AdvanceParty).block(0, 0);
    if block.uniform() >= params.force.advance_party.value() {
        return 0;
    }
    (sample::log_normal(block.second(), params.force.advance_party_size, ADVANCE_SPREAD).round() as usize).min(spare)
}

/// Personal factor of the attempt's hazard for a soldier.
#[must_use]
pub fn attempt_factor(base: &ForceBase, params: &ForceParams, soldier: usize) -> f64 {
    let key = base.soldiers.key.as_slice()[soldier];
    let [score, noise] = base.loyalty_draws;
    let loyalty = selection::private_loyalty(&params.selection, score, noise, key);
    attempt::personal(&params.attempt, loyalty, params.hostage.belief.value(), base.hostage.as_slice()[soldier])
}

impl<'a> World<'a> {
    pub(super) fn new(base: &'a ForceBase, params: &'a ForceParams, seed: Seed) -> Self {
        let deployed = base.dated + advance_party(base, params, seed);
        let squads = base.squads.len();
        let draws = ForceDraws::new(seed);
        let keys = &base.soldiers.key.as_slice()[..deployed];
        let clocks = std::array::from_fn(|cause| {
            keys.iter().map(|key| Clock::new(draws.clocks[cause].resistance(*key, 0))).collect()
        });
        Self {
            base,
            params,
            day: 0,
            squads: SquadColumns {
                arrived: vec![false; squads],
                at_front: vec![false; squads],
                danger: vec![0.0; squads],
                strength: vec![0; squads],
                strength_at_dawn: vec![0; squads],
                losses_today: vec![0; squads],
                common: std::array::from_fn(|_| vec![0.0; squads]),
                next: std::array::from_fn(|_| vec![f64::INFINITY; squads]),
                stale: vec![false; squads],
            },
            soldiers: SoldierColumns {
                status: vec![None; deployed],
                reached_front: vec![false; deployed],
                attempt_factor: (0..deployed).map(|s| attempt_factor(base, params, s)).collect(),
                clocks,
                occurrence: std::array::from_fn(|_| vec![0; deployed]),
                planning: vec![0; deployed],
            },
            deployed,
            draws,
            heads: [0; 12],
            events: Vec::with_capacity(deployed * EVENTS_A_SOLDIER),
            groups: Vec::new(),
        }
    }

    /// Casualty hazard of today's phase at the front, per day.
    #[must_use]
    pub fn phase_hazard(&self) -> f64 {
        self.base.plan.phase(self.day).value(&self.params.combat)
    }

    /// Rows of a squad that are deployed in this replicate.
    pub(super) fn members(&self, squad: usize) -> std::ops::Range<usize> {
        let squad = &self.base.squads[squad];
        (squad.first as usize).min(self.deployed)..(squad.end as usize).min(self.deployed)
    }

    pub(super) fn squad_of(&self, soldier: SoldierId) -> usize {
        self.base.soldiers.squad[soldier] as usize
    }

    pub(super) fn key(&self, soldier: SoldierId) -> u64 {
        self.base.soldiers.key[soldier]
    }

    pub(super) fn is_present(&self, soldier: SoldierId) -> bool {
        self.soldiers.status[soldier.row()] == Some(Status::Present)
    }
}

/// Events expected per soldier, for the first allocation.
const EVENTS_A_SOLDIER: usize = 4;
