//! The world of one replicate: what moves while the force is abroad.

use super::agenda::Agenda;
use super::base::ForceBase;
use super::parts::Turns;
use super::plan::{ADVANCE_SPREAD, ForceParams, Zone};
use crate::mechanism::danger::combat;
use crate::mechanism::mind::belief::Case;
use crate::mechanism::mind::trust::Pairs;
use crate::schedule::{CAUSES, Cause};
use exitvoice_core::hazard::Clock;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_record::{Event, FamilyEvent, STATUSES, Status};
use std::borrow::Cow;

/// Squads' part of today's hazards, per day, by cause and squad. Each cause has one poster.
#[derive(Clone, Debug)]
pub struct Hazards {
    pub(super) common: [Vec<f64>; CAUSES],
}

impl Hazards {
    pub(super) fn new(squads: usize) -> Self {
        Self { common: std::array::from_fn(|_| vec![0.0; squads]) }
    }

    /// Today's hazards of a cause, one per squad.
    pub fn of(&mut self, cause: Cause) -> &mut [f64] {
        &mut self.common[cause as usize]
    }

    pub(super) fn all(&self, cause: Cause) -> &[f64] {
        &self.common[cause as usize]
    }

    pub(super) fn get(&self, cause: Cause, squad: usize) -> f64 {
        self.common[cause as usize][squad]
    }
}

/// Columns of waves, the advance party last.
#[derive(Clone, Debug)]
pub struct WaveColumns {
    /// Whether it has arrived in Russia.
    pub arrived: Vec<bool>,
    /// Exposure, in [0, 1].
    pub exposure: Vec<f64>,
}

/// Columns of squads.
#[derive(Clone, Debug)]
pub struct SquadColumns {
    /// Whether the squad has arrived in Russia and not set out for home.
    pub arrived: Vec<bool>,
    /// Whether it has set out for home.
    pub gone: Vec<bool>,
    /// Where it is.
    pub zone: Vec<Zone>,
    /// Perceived danger, in [0, 1].
    pub danger: Vec<f64>,
    /// Fear and fatigue, 0 or more.
    pub fear: Vec<f64>,
    /// Perceived probability of being caught.
    pub catch_belief: Vec<f64>,
    /// Known successes, in [0, 1).
    pub successes: Vec<f64>,
    /// What is left of trust after known denunciations, in (0, 1].
    pub bond: Vec<f64>,
    /// Excess of the believed over the true share of informers.
    pub informer_fear: Vec<f64>,
    /// Learned fear of rule M3.
    pub affect: Vec<f64>,
    /// Squads' factor of the decision, today; 0 for those that are not in the field.
    pub urge: Vec<f64>,
    /// Casualty hazard relative to the mean of all roles.
    pub assault: Vec<f64>,
    /// Levels between the squad and its political officer; kept under rule M5 only.
    pub distance: Vec<u32>,
    /// Present now.
    pub strength: Vec<u32>,
    /// Present at the start of the step.
    pub strength_at_dawn: Vec<u32>,
    /// Casualties within the last day.
    pub losses: Vec<u32>,
    /// Casualties by step of the last day; empty where a day is one step.
    pub(super) losses_by_step: Vec<Vec<u32>>,
    /// Soldiers who left for good.
    pub leavers: Vec<u32>,
    /// Informers present.
    pub informers: Vec<u32>,
    /// Cases that became known today.
    pub cases_today: Vec<(u32, Case)>,
    /// Squads in which a denunciation became known today.
    pub known_denunciations: Vec<u32>,
    /// Those of the step before, whose members choose their faces by what they now believe.
    pub(super) frightened: Vec<u32>,
    /// Soldiers who belong to it now, where somebody joined or left it.
    pub(super) roster: Vec<Option<Vec<u32>>>,
    /// Sums of the squads' part of each hazard up to the start of the step.
    pub(super) common: [Vec<f64>; CAUSES],
    /// Lowest threshold among the members.
    pub(super) next: [Vec<f64>; CAUSES],
    /// Lowest pressure at which a member leaves at once.
    pub(super) lowest_limit: Vec<f64>,
}

/// Columns of soldiers.
#[derive(Clone, Debug)]
pub struct SoldierColumns<'a> {
    /// Status; none before arrival.
    pub status: Vec<Option<Status>>,
    /// Squad now.
    pub squad: Vec<u32>,
    /// Day on which he joined it.
    pub joined: Vec<u32>,
    /// Private loyalty, in standard deviations of the eligible.
    pub loyalty: Cow<'a, [f64]>,
    /// Personal factor of the decision.
    pub factor: Vec<f64>,
    /// Whether he shows loyalty.
    pub face: Vec<bool>,
    /// Probability of a loyal face when it was last computed.
    pub face_probability: Vec<f64>,
    /// Face at the last assessment.
    pub assessed_face: Vec<bool>,
    /// Mates who confided in him.
    pub confided: Vec<u16>,
    /// Whether he informs.
    pub informer: Vec<bool>,
    /// Whether he left for good, in the eyes of his squad.
    pub left: Vec<bool>,
    /// Whether he is counted at the front.
    pub(super) at_front: Vec<bool>,
    /// Fates of families he has learnt: penalised, all.
    pub fates: Vec<[u16; 2]>,
    /// Attempt he is planning, 0 for none.
    pub planning: Vec<u32>,
    /// Clocks by cause.
    pub(super) clocks: Vec<[Clock; CAUSES]>,
    /// Thresholds of the clocks by cause and soldier, side by side for those who look through a squad.
    pub(super) thresholds: [Vec<f64>; CAUSES],
    /// Occurrences so far by cause.
    pub(super) occurrence: Vec<[u16; CAUSES]>,
}

/// Addressed draws of a replicate: the seed, and a source for each purpose.
#[derive(Clone, Copy, Debug)]
pub(super) struct ForceDraws {
    seed: Seed,
    pub(super) clocks: [Draws; CAUSES],
}

impl ForceDraws {
    pub(super) fn new(seed: Seed) -> Self {
        let clocks = [
            Purpose::Casualty,
            Purpose::Capture,
            Purpose::Absence,
            Purpose::Attempt,
            Purpose::Surrender,
            Purpose::PublicFace,
            Purpose::Denunciation,
        ];
        Self { seed, clocks: clocks.map(|p| Draws::new(seed, p)) }
    }

    pub(super) fn of(&self, purpose: Purpose) -> Draws {
        Draws::new(self.seed, purpose)
    }
}

/// Soldiers who left, or plan to leave, together.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Who began, by row.
    pub(super) initiator: usize,
    /// Everybody who goes, the initiator first, by row.
    pub(super) members: Vec<usize>,
    /// Address of the group's draws: the initiator's key and the occurrence of his clock.
    pub(super) address: (u64, u64),
    /// Whether it can still be stopped by a report.
    pub(super) planning: bool,
}

/// What a company's superiors have on file.
#[derive(Clone, Debug, Default)]
pub(super) struct CompanyFile {
    /// Denunciations that count: day and soldier.
    pub(super) denunciations: Vec<(u32, usize)>,
    /// Who made the last assessment, by row.
    pub(super) assessor: Option<usize>,
    /// Assessments made so far.
    pub(super) assessments: u64,
}

/// A change of one soldier from outside the model, for the test of what can follow from it.
#[derive(Clone, Copy, Debug)]
pub struct Intervention {
    /// First day on which it holds.
    pub day: u32,
    /// Row of the soldier.
    pub soldier: usize,
    /// His hostage weight from then on.
    pub hostage: f64,
}

/// One replicate while it runs.
#[derive(Clone)]
pub struct World<'a> {
    /// What all replicates share.
    pub base: &'a ForceBase,
    /// Parameters.
    pub params: &'a ForceParams,
    /// Day at hand.
    pub day: u32,
    /// Waves.
    pub waves: WaveColumns,
    /// Squads.
    pub squads: SquadColumns,
    /// Soldiers.
    pub soldiers: SoldierColumns<'a>,
    /// Share of informers in force.
    pub informer_share: f64,
    /// Step at hand, counted over all days.
    pub(super) step: u32,
    /// Soldiers sent in this replicate, the advance party among them.
    pub(super) deployed: usize,
    /// Draws by purpose: the seed of the replicate.
    pub(super) draws: ForceDraws,
    /// Squads' part of the hazards of the step.
    pub(super) rates: Hazards,
    /// Whether they are those of this step: before that a changed clock is looked at when they are.
    pub(super) posted: bool,
    /// What is due, by day and hour.
    pub(super) agenda: Agenda,
    /// Heads by status now.
    pub(super) heads: [u32; STATUSES.len()],
    /// What happened so far.
    pub(super) events: Vec<Event>,
    /// What happened to families so far.
    pub(super) families: Vec<FamilyEvent>,
    /// Groups that planned to leave or left, absences among them, by number from 1.
    pub(super) groups: Vec<Group>,
    /// Files of the companies.
    pub(super) companies: Vec<CompanyFile>,
    /// Denunciations filed so far: the number of the last one.
    pub(super) denunciations: u32,
    /// Squad in which each replacement arrived.
    pub(super) replaced: Vec<(u32, u32)>,
    /// Days on which exits became known at home.
    pub(super) known_exits: Vec<u32>,
    /// Share of families that live where the regime moved them together.
    pub(super) families_moved: f64,
    /// Which orders of the regime have been carried out.
    pub(super) responses_done: Vec<bool>,
    /// A change from outside the model, in tests.
    pub(super) intervention: Option<Intervention>,
    /// Order of what happens, where the world is a part of a larger force.
    pub(super) turns: Option<Turns>,
    /// Causes that cannot fire at these parameters: their clocks are not even drawn.
    pub(super) idle: [bool; CAUSES],
    /// Trust of pairs by days together.
    pub(super) pair_trust: Pairs,
    /// By squad: how often the presence, the factor of the decision or the plan of one of its members changed. A sum over them holds as long
    /// as this number does.
    pub(super) stirred: Vec<u32>,
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

impl<'a> World<'a> {
    pub(super) fn new(base: &'a ForceBase, params: &'a ForceParams, seed: Seed) -> Self {
        let deployed = base.dated + advance_party(base, params, seed);
        let (squads, waves) = (base.squads.len(), base.arrivals.len());
        let draws = ForceDraws::new(seed);
        Self {
            base,
            params,
            day: 0,
            waves: WaveColumns { arrived: vec![false; waves], exposure: vec![0.0; waves] },
            squads: SquadColumns::new(base, params, draws),
            soldiers: SoldierColumns::new(base, params, deployed),
            informer_share: params.denunciation.informer_share.value(),
            step: 0,
            deployed,
            draws,
            rates: Hazards::new(squads),
            posted: false,
            agenda: Agenda::new(base.plan.days),
            heads: [0; STATUSES.len()],
            events: Vec::with_capacity(deployed * EVENTS_A_SOLDIER),
            families: Vec::new(),
            groups: Vec::new(),
            companies: vec![CompanyFile::default(); base.companies.len()],
            denunciations: 0,
            replaced: Vec::new(),
            known_exits: Vec::new(),
            families_moved: params.penalty.families_moved.value(),
            responses_done: vec![false; base.plan.responses.len()],
            intervention: None,
            turns: None,
            idle: idle(base, params),
            pair_trust: Pairs::new(&params.trust, base.plan.days),
            stirred: vec![0; squads],
        }
    }

    /// The presence, the factor of the decision or the plan of a member of a squad changed.
    #[inline]
    pub(super) fn stir(&mut self, squad: usize) {
        self.stirred[squad] = self.stirred[squad].wrapping_add(1);
    }

    /// The factor of a soldier's decision is what his state says.
    pub(super) fn set_personal_factor(&mut self, soldier: usize, factor: f64) {
        self.soldiers.factor[soldier] = factor;
        self.stir(self.squad_of_row(soldier));
    }

    /// A soldier plans to leave with a group, or, with 0, no longer.
    pub(super) fn set_planning(&mut self, soldier: usize, group: u32) {
        self.soldiers.planning[soldier] = group;
        self.stir(self.squad_of_row(soldier));
    }
}

/// Causes whose hazard is zero for everybody on every day.
pub(super) fn idle(base: &ForceBase, params: &ForceParams) -> [bool; CAUSES] {
    let mut idle = [false; CAUSES];
    let no_rate = params.attempt.base_rate.per_day_value() <= 0.0;
    let null = base.plan.rule == crate::decision::Rule::Constant;
    idle[Cause::Capture as usize] = params.capture.opportunity.value() <= 0.0;
    idle[Cause::Absence as usize] = params.absence.base_rate.per_day_value() <= 0.0;
    idle[Cause::Attempt as usize] = base.plan.rule.acts_at_once() || no_rate && !null;
    idle[Cause::Surrender as usize] = params.surrender.base_rate.per_day_value() <= 0.0;
    idle[Cause::Denunciation as usize] = params.denunciation.informer_share.value() <= 0.0;
    idle
}

/// Casualty hazard of each squad relative to the mean of all roles.
pub(super) fn assault_roles(base: &ForceBase, params: &ForceParams, draws: ForceDraws) -> Vec<f64> {
    let roles = draws.of(Purpose::AssaultRole);
    let role = |platoon: u32| {
        let key = base.squads[base.platoons.squads(platoon).start].key;
        combat::role_factor(&params.combat, roles.uniform(key, 0))
    };
    let by_platoon: Vec<f64> = (0..base.platoons.len() as u32).map(role).collect();
    base.squads.iter().map(|s| by_platoon[s.platoon as usize]).collect()
}

impl SquadColumns {
    fn new(base: &ForceBase, params: &ForceParams, draws: ForceDraws) -> Self {
        let squads = base.squads.len();
        let zero = || vec![0.0; squads];
        let none = || vec![0_u32; squads];
        Self {
            arrived: vec![false; squads],
            gone: vec![false; squads],
            zone: vec![Zone::Rear; squads],
            danger: zero(),
            fear: zero(),
            catch_belief: vec![params.belief.catch_prior.value(); squads],
            successes: zero(),
            bond: vec![1.0; squads],
            informer_fear: zero(),
            affect: zero(),
            urge: vec![1.0; squads],
            assault: assault_roles(base, params, draws),
            distance: none(),
            strength: none(),
            strength_at_dawn: none(),
            losses: none(),
            losses_by_step: vec![
                none();
                if base.plan.steps_per_day > 1 { base.plan.steps_per_day as usize } else { 0 }
            ],
            leavers: none(),
            informers: none(),
            cases_today: Vec::new(),
            known_denunciations: Vec::new(),
            frightened: Vec::new(),
            roster: vec![None; squads],
            common: std::array::from_fn(|_| zero()),
            next: std::array::from_fn(|_| vec![f64::INFINITY; squads]),
            lowest_limit: vec![f64::INFINITY; squads],
        }
    }
}

impl<'a> SoldierColumns<'a> {
    fn new(base: &'a ForceBase, params: &ForceParams, deployed: usize) -> Self {
        Self {
            status: vec![None; deployed],
            squad: base.soldiers.squad.as_slice()[..deployed].to_vec(),
            joined: vec![0; deployed],
            loyalty: base.private_loyalty(&params.selection),
            factor: vec![0.0; deployed],
            face: vec![true; deployed],
            face_probability: vec![1.0; deployed],
            assessed_face: vec![true; deployed],
            confided: vec![0; deployed],
            informer: vec![false; deployed],
            left: vec![false; deployed],
            at_front: vec![false; deployed],
            fates: vec![[0; 2]; deployed],
            planning: vec![0; deployed],
            clocks: vec![[Clock::new(f64::INFINITY); CAUSES]; deployed],
            thresholds: std::array::from_fn(|_| vec![f64::INFINITY; deployed]),
            occurrence: vec![[0; CAUSES]; deployed],
        }
    }

    /// The clock of a cause is this one from now on; nothing else writes clocks.
    #[inline]
    pub(super) fn set_clock(&mut self, soldier: usize, cause: Cause, clock: Clock) {
        self.clocks[soldier][cause as usize] = clock;
        self.thresholds[cause as usize][soldier] = clock.threshold();
    }

    /// Thresholds as the clocks say.
    pub(super) fn read_clocks(&mut self) {
        for (cause, column) in self.thresholds.iter_mut().enumerate() {
            *column = self.clocks.iter().map(|clocks| clocks[cause].threshold()).collect();
        }
    }
}

/// Events expected per soldier, for the first allocation.
const EVENTS_A_SOLDIER: usize = 5;
