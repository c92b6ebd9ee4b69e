//! What mechanisms read of the world: nothing here writes.

use super::plan::Zone;
use super::world::World;
use crate::decision::{Rule, principal_agent};
use crate::mechanism::exit::attempt::SquadView;
use crate::mechanism::mind::belief;
use crate::mechanism::mind::trust::{Likeness, Place};
use exitvoice_core::hazard;
use exitvoice_core::quantity::{Days, Share};
use exitvoice_core::rng::Purpose;
use exitvoice_record::{SoldierId, Status};

impl World<'_> {
    /// Rule that decides.
    #[must_use]
    #[inline]
    pub const fn rule(&self) -> Rule {
        self.base.plan.rule
    }

    /// Length of a step in days.
    #[must_use]
    #[inline]
    pub fn step_days(&self) -> f64 {
        1.0 / f64::from(self.base.plan.steps_per_day)
    }

    /// A share per day as a share per step.
    #[must_use]
    pub fn per_step(&self, share: Share) -> f64 {
        if self.base.plan.steps_per_day == 1 {
            share.value()
        } else {
            hazard::per_step(share.value(), Days(self.step_days()))
        }
    }

    /// Casualty hazard of today's phase at the front, per day.
    #[must_use]
    pub fn phase_hazard(&self) -> f64 {
        self.base.plan.phase(self.day).value(&self.params.combat) * self.base.plan.danger(self.day)
    }

    /// Casualties of a squad within the last day.
    #[must_use]
    pub fn losses_today(&self, squad: usize) -> u32 {
        self.squads.losses[squad]
    }

    /// Trust of a soldier in the present mates of his squad who show loyalty, S; 0 where there is none.
    #[must_use]
    pub fn trust_in_loyal(&self, soldier: usize) -> f64 {
        let (mut sum, mut mates) = (0.0, 0.0);
        for mate in self.members(self.squad_of_row(soldier)) {
            if mate != soldier && self.soldiers.face[mate] && self.is_present(mate) {
                sum += self.trust(soldier, mate);
                mates += 1.0;
            }
        }
        if mates > 0.0 { sum / mates } else { 0.0 }
    }

    /// What a squad feels and expects.
    #[must_use]
    pub fn view(&self, squad: usize) -> SquadView {
        SquadView {
            exposure: self.waves.exposure[self.base.squads[squad].wave as usize],
            danger: self.squads.danger[squad],
            fear: self.squads.fear[squad],
            successes: self.squads.successes[squad],
            catch_belief: self.squads.catch_belief[squad],
        }
    }

    /// Trust of one soldier in another of his platoon, now.
    #[must_use]
    pub fn trust(&self, a: usize, b: usize) -> f64 {
        let (squad, other) = (self.squad_of_row(a), self.squad_of_row(b));
        let since = self.soldiers.joined[a].max(self.soldiers.joined[b]);
        let days = self.day.saturating_sub(since);
        let alike = if self.base.alike(a, b) { Likeness::Alike } else { Likeness::Different };
        let place = if squad == other { Place::SameSquad } else { Place::OtherSquad };
        self.squads.bond[squad] * self.pair_trust.get(days, alike, place)
    }

    /// Belief of a soldier that kin will be punished, b.
    #[must_use]
    pub fn penalty_belief(&self, soldier: usize) -> f64 {
        let [punished, known] = self.soldiers.fates[soldier];
        let initial = self.params.hostage.belief.value();
        if known == 0 { initial } else { belief::penalty_belief(&self.params.belief, initial, punished, known) }
    }

    /// Hostage weight of a soldier.
    #[must_use]
    pub fn hostage(&self, soldier: usize) -> f64 {
        match self.intervention {
            Some(change) if change.soldier == soldier && change.day <= self.day => change.hostage,
            _ => self.base.hostage.as_slice()[soldier],
        }
    }

    /// Believed share of informers in a squad.
    #[must_use]
    pub fn believed_informers(&self, squad: usize) -> f64 {
        self.informer_share + self.squads.informer_fear[squad]
    }

    /// Levels of formation between a squad and its company's political officer: 0 his own, 1 his platoon, 2 his company.
    #[must_use]
    pub fn distance(&self, squad: usize) -> u32 {
        self.squads.distance[squad]
    }

    /// Factor of rule M5 on the believed penalty; 1 under the others.
    #[must_use]
    pub fn penalty_factor(&self, squad: usize) -> f64 {
        if self.rule() == Rule::PrincipalAgent {
            principal_agent::penalty_factor(&self.params.decision.principal_agent, self.distance(squad))
        } else {
            1.0
        }
    }

    /// Uniform behind a soldier's threshold of rule M2.
    #[must_use]
    pub fn threshold_draw(&self, soldier: usize) -> f64 {
        self.draws.of(Purpose::Threshold).uniform(self.key(soldier), 0)
    }

    /// Soldiers who belong to a squad now, whatever their status.
    #[inline]
    pub(super) fn roster(&self, squad: usize) -> &[u32] {
        self.squads.roster[squad].as_deref().unwrap_or_else(|| &self.base.rows[self.own_rows(squad)])
    }

    /// Rows of soldiers who belong to a squad now, whatever their status.
    pub fn members(&self, squad: usize) -> impl Iterator<Item = usize> + '_ {
        self.roster(squad).iter().map(|row| *row as usize)
    }

    /// Rows of those who arrive as members of a squad and are deployed in this replicate.
    #[inline]
    pub(super) fn own_rows(&self, squad: usize) -> std::ops::Range<usize> {
        let squad = &self.base.squads[squad];
        (squad.first as usize).min(self.deployed)..(squad.end as usize).min(self.deployed)
    }

    /// Squad of a soldier now.
    #[must_use]
    #[inline]
    pub fn squad_of_row(&self, soldier: usize) -> usize {
        self.soldiers.squad[soldier] as usize
    }

    #[inline]
    pub(super) fn key(&self, soldier: usize) -> u64 {
        self.base.soldiers.key[SoldierId::from_row(soldier)]
    }

    #[inline]
    pub(super) fn is_present(&self, soldier: usize) -> bool {
        self.soldiers.status[soldier] == Some(Status::Present)
    }

    pub(super) fn in_contact(&self, squad: usize) -> bool {
        self.squads.zone[squad] != Zone::Rear
    }
}
