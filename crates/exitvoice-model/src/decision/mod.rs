//! The rival rules of decision behind one interface; a scenario names one, and all others cost nothing.
//!
//! A rule answers for a soldier and a day with a [`Decision`]: a hazard, or now. So that answers need not be asked for every soldier every
//! day, a hazard splits into a squad's part ([`common`]), a personal part ([`personal`]) and what trust in mates leaves of both
//! ([`left_by_trust`]), and "now" into a pressure on the soldier, of which the squad knows the most it can be ([`most_pressure`]), and a
//! limit of the person ([`limit`]).

pub mod affect;
pub mod collective_sanction;
pub mod constant;
pub mod principal_agent;
pub mod threshold;

use crate::force::plan::Zone;
use crate::force::world::World;
use crate::mechanism::exit::attempt;
use exitvoice_core::lanes;
use exitvoice_core::param::{Lookup, ParamError};

/// Which rule decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// M0: constant hazard by class, the null.
    Constant,
    /// M1: random utility.
    RandomUtility,
    /// M2: threshold contagion.
    Threshold,
    /// M3: affect.
    Affect,
    /// M4: collective sanction.
    CollectiveSanction,
    /// M5: control falls with distance.
    PrincipalAgent,
}

impl Rule {
    /// Every rule with its key in scenarios.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Constant, "m0"),
        (Self::RandomUtility, "m1"),
        (Self::Threshold, "m2"),
        (Self::Affect, "m3"),
        (Self::CollectiveSanction, "m4"),
        (Self::PrincipalAgent, "m5"),
    ];

    /// From its key; `None` for other words.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, k)| *k == key).map(|(rule, _)| *rule)
    }

    /// Whether soldiers leave at once when a pressure reaches their limit, rather than by a hazard.
    #[must_use]
    pub const fn acts_at_once(self) -> bool {
        matches!(self, Self::Threshold | Self::Affect)
    }
}

/// Parameters of the rules that are not M1.
#[derive(Clone, Copy, Debug)]
pub struct Params {
    /// M0.
    pub constant: constant::Params,
    /// M2.
    pub threshold: threshold::Params,
    /// M3.
    pub affect: affect::Params,
    /// M4.
    pub collective_sanction: collective_sanction::Params,
    /// M5.
    pub principal_agent: principal_agent::Params,
}

impl Params {
    /// Reads all of them.
    ///
    /// # Errors
    /// A value is missing or does not fit.
    pub fn from_resolved(values: &dyn Lookup) -> Result<Self, ParamError> {
        Ok(Self {
            constant: constant::Params::from_resolved(values)?,
            threshold: threshold::Params::from_resolved(values)?,
            affect: affect::Params::from_resolved(values)?,
            collective_sanction: collective_sanction::Params::from_resolved(values)?,
            principal_agent: principal_agent::Params::from_resolved(values)?,
        })
    }
}

/// What a rule says of a soldier today.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decision {
    /// He starts to leave at this hazard, per day.
    Hazard(f64),
    /// He starts to leave at the start of the day.
    Now,
}

/// The answer for a soldier who is present and plans nothing, from yesterday's state.
#[must_use]
pub fn decide(world: &World<'_>, soldier: usize) -> Decision {
    let squad = world.squad_of_row(soldier);
    if world.rule().acts_at_once() {
        let reached = pressure(world, soldier, 0) >= limit(world, soldier) && confirmed(world, soldier);
        if reached { Decision::Now } else { Decision::Hazard(0.0) }
    } else {
        Decision::Hazard(common(world, squad) * world.soldiers.factor[soldier] * left_by_trust(world, soldier))
    }
}

/// The highest value of the factor of trust, which the squad's part of a hazard holds; 1 under the null.
#[must_use]
pub(crate) fn most_trust_factor(world: &World<'_>) -> f64 {
    if world.rule() == Rule::Constant { 1.0 } else { attempt::most_trust_factor(&world.params.attempt) }
}

/// What a soldier's trust in mates leaves of the hazard of one whom it does not hold, in (0, 1]; 1 under the null.
#[must_use]
pub(crate) fn left_by_trust(world: &World<'_>, soldier: usize) -> f64 {
    if world.rule() == Rule::Constant {
        return 1.0;
    }
    attempt::trust_factor(&world.params.attempt, world.trust_in_loyal(soldier)) / most_trust_factor(world)
}

/// The squad's factor relative to the reference, without base rate, opportunity and trust; 1 under the null, 0 for a squad that has not
/// arrived or has set out for home.
#[must_use]
pub fn urge(world: &World<'_>, squad: usize) -> f64 {
    world.squads.urge[squad]
}

/// Computes what [`urge`] returns, once a step, for every squad in the field; also for those with nobody present, to which somebody may come
/// back within the day.
pub(crate) fn compute_urges(world: &mut World<'_>) {
    if matches!(world.rule(), Rule::Constant | Rule::Threshold | Rule::Affect) && !needs_utility(world) {
        return;
    }
    let mut urges = std::mem::take(&mut world.squads.urge);
    if world.rule() == Rule::RandomUtility {
        random_utility(world, &mut urges);
    } else {
        for (squad, urge) in urges.iter_mut().enumerate() {
            *urge = if world.squads.arrived[squad] { squad_urge(world, squad) } else { 0.0 };
        }
    }
    world.squads.urge = urges;
}

/// M1 for all squads in one pass over columns: the sums first, the exponentials after.
fn random_utility(world: &World<'_>, urges: &mut [f64]) {
    let squads = urges.len();
    let (columns, waves, params) = (&world.squads, &world.waves, &world.params.attempt);
    let wave_of = &world.base.squads[..squads];
    let (danger, fear, successes) = (&columns.danger[..squads], &columns.fear[..squads], &columns.successes[..squads]);
    let belief = &columns.catch_belief[..squads];
    for squad in 0..squads {
        let wave = wave_of[squad].wave as usize;
        let view = attempt::SquadView {
            exposure: waves.exposure[wave],
            danger: danger[squad],
            fear: fear[squad],
            successes: successes[squad],
            catch_belief: belief[squad],
        };
        urges[squad] = attempt::log_urge(params, &view);
    }
    lanes::exp_each(urges);
    for (urge, arrived) in urges.iter_mut().zip(&columns.arrived) {
        *urge = if *arrived { *urge } else { 0.0 };
    }
}

/// Surrender reads the utility under every rule but the null.
fn needs_utility(world: &World<'_>) -> bool {
    world.rule() != Rule::Constant && world.params.surrender.base_rate.per_day_value() > 0.0
}

#[inline]
fn squad_urge(world: &World<'_>, squad: usize) -> f64 {
    let (params, view) = (world.params, world.view(squad));
    match world.rule() {
        Rule::PrincipalAgent => {
            let factor = principal_agent::catch_factor(&params.decision.principal_agent, world.distance(squad));
            let seen = attempt::SquadView { catch_belief: view.catch_belief * factor, ..view };
            attempt::urge(&params.attempt, &seen)
        }
        Rule::CollectiveSanction => {
            let strength = world.squads.strength[squad];
            attempt::urge(&params.attempt, &view)
                * collective_sanction::spared(&params.decision.collective_sanction, view.catch_belief, strength)
        }
        _ => attempt::urge(&params.attempt, &view),
    }
}

/// The squad's part of the hazard of an attempt, per day, for one whom trust does not hold; 0 before arrival and under rules that act at
/// once.
#[must_use]
pub fn common(world: &World<'_>, squad: usize) -> f64 {
    if !world.squads.arrived[squad] || world.rule().acts_at_once() {
        return 0.0;
    }
    if world.rule() == Rule::Constant {
        return constant::reference(&world.params.decision.constant);
    }
    per_urge(world, world.squads.zone[squad]) * urge(world, squad)
}

/// Hazard of an attempt per unit of urge in a zone, per day, where trust holds nobody.
fn per_urge(world: &World<'_>, zone: Zone) -> f64 {
    let params = &world.params.attempt;
    attempt::opportunity(params, zone) * params.base_rate.per_day_value() * attempt::most_trust_factor(params)
}

/// The same for every squad.
pub(crate) fn commons(world: &World<'_>, hazards: &mut [f64]) {
    if world.rule().acts_at_once() || world.rule() == Rule::Constant {
        for (squad, hazard) in hazards.iter_mut().enumerate() {
            *hazard = common(world, squad);
        }
        return;
    }
    let by_zone = [Zone::Rear, Zone::Front, Zone::Border].map(|zone| per_urge(world, zone));
    let squads = &world.squads;
    let columns = squads.zone.iter().zip(&squads.arrived).zip(&squads.urge);
    for (hazard, ((zone, arrived), urge)) in hazards.iter_mut().zip(columns) {
        *hazard = if *arrived { by_zone[*zone as usize] * urge } else { 0.0 };
    }
}

/// The person's part of the hazard, as it stands after the last event that touched it.
#[must_use]
pub(crate) fn personal(world: &World<'_>, soldier: usize) -> f64 {
    let (params, base) = (world.params, world.base);
    if world.rule() == Rule::Constant {
        return constant::relative(&params.decision.constant, base.drawn_as.as_slice()[soldier]);
    }
    let belief = world.penalty_belief(soldier) * world.penalty_factor(world.squad_of_row(soldier));
    attempt::personal(&params.attempt, world.soldiers.loyalty[soldier], belief, world.hostage(soldier))
}

/// Hazard relative to the reference soldier, without opportunity: how willing a mate is to join. Infinite where he leaves now.
#[must_use]
pub(crate) fn willingness(world: &World<'_>, soldier: usize) -> f64 {
    let squad = world.squad_of_row(soldier);
    match world.rule() {
        Rule::Constant => world.soldiers.factor[soldier],
        Rule::Threshold | Rule::Affect => {
            // Who asks has left in the eyes of the one asked.
            if pressure(world, soldier, 1) >= limit(world, soldier) { f64::INFINITY } else { 0.0 }
        }
        _ => {
            let trust = attempt::trust_factor(&world.params.attempt, world.trust_in_loyal(soldier));
            urge(world, squad) * world.soldiers.factor[soldier] * trust
        }
    }
}

/// The most that can push a member of a squad to leave at once; minus infinity under rules with a hazard.
#[must_use]
pub(crate) fn most_pressure(world: &World<'_>, squad: usize) -> f64 {
    pressure_at(world, squad, 0, 1.0)
}

/// What pushes a soldier to leave at once, where `asking` mates count as gone besides those who left.
fn pressure(world: &World<'_>, soldier: usize, asking: u32) -> f64 {
    let trust = if world.rule() == Rule::Affect { world.trust_in_loyal(soldier) } else { 1.0 };
    pressure_at(world, world.squad_of_row(soldier), asking, trust)
}

fn pressure_at(world: &World<'_>, squad: usize, asking: u32, trust: f64) -> f64 {
    let leavers = world.squads.leavers[squad] + asking;
    match world.rule() {
        Rule::Threshold => f64::from(leavers),
        Rule::Affect => {
            let (fear, present) = (world.squads.affect[squad], world.squads.strength[squad]);
            affect::disposition(&world.params.decision.affect, fear, leavers, present, trust)
        }
        _ => f64::NEG_INFINITY,
    }
}

/// The pressure at which a soldier leaves; infinite under rules with a hazard.
#[must_use]
pub(crate) fn limit(world: &World<'_>, soldier: usize) -> f64 {
    match world.rule() {
        Rule::Threshold => world.base.plan.thresholds.as_ref().map_or_else(
            || threshold::threshold(&world.params.decision.threshold, world.threshold_draw(soldier)),
            |given| given.get(soldier).copied().unwrap_or(f64::INFINITY),
        ),
        Rule::Affect => world.params.decision.affect.threshold + world.soldiers.loyalty[soldier],
        _ => f64::INFINITY,
    }
}

/// Whether the pressure that a squad feels holds for this soldier: under M2 only leavers he trusts count.
#[must_use]
pub(crate) fn confirmed(world: &World<'_>, soldier: usize) -> bool {
    if world.rule() != Rule::Threshold {
        return true;
    }
    let least = world.params.cell.trust_threshold.value();
    let squad = world.squad_of_row(soldier);
    let trusted = world.members(squad).filter(|m| world.soldiers.left[*m] && world.trust(soldier, *m) >= least).count();
    trusted as f64 >= limit(world, soldier)
}
