//! Events of leaving: absences, attempts, reports of plans, departures and how they end.

use super::agenda::What;
use super::plan::Zone;
use super::world::{Group, World};
use crate::decision::{self, Rule, principal_agent};
use crate::mechanism::exit::cell::{self, Cell, CellDraws, Command, Lookups, Mate};
use crate::mechanism::mind::belief::Case;
use crate::mechanism::surveillance::denunciation::Informer;
use crate::schedule::Cause;
use exitvoice_core::rng::{Purpose, sample};
use exitvoice_record::EventKind;

impl World<'_> {
    pub(super) fn absence(&mut self, soldier: usize, occurrence: u64, hour: f64) {
        let key = self.key(soldier);
        let params = self.params.absence;
        let (draws, pairs) = (self.draws.of(Purpose::AbsenceCourse), self.draws.of(Purpose::Confide));
        let course = draws.block(key, occurrence);
        let platoon = course.uniform() < params.platoon_share.value();
        let mut members = vec![soldier];
        for mate in self.mates(soldier) {
            let near = platoon || self.squad_of_row(mate) == self.squad_of_row(soldier);
            let pair = pairs.hash(key, self.key(mate));
            if near && draws.uniform(pair, u64::from(self.day)) < params.together.value() {
                members.push(mate);
            }
        }
        let group = self.new_group(soldier, members.clone(), (key, occurrence));
        for member in members {
            self.change(member, EventKind::AbsenceBegan, hour, group);
        }
        let length = sample::exponential(course.second(), params.length.0);
        self.plan(hour, length, What::AbsenceEnds(group), soldier);
    }

    pub(super) fn end_absence(&mut self, group: u32, hour: f64) {
        for member in self.groups[group as usize - 1].members.clone() {
            self.rejoin(member, EventKind::AbsenceEnded, hour, group);
        }
    }

    pub(super) fn attempt(&mut self, soldier: usize, occurrence: u64, hour: f64) {
        let key = self.key(soldier);
        let mates = self.mates(soldier);
        let found = self.gather(soldier, &mates, 0);
        let mut members = vec![soldier];
        members.extend(found.joined.iter().map(|m| mates[*m]));
        let group = self.new_group(soldier, members.clone(), (key, occurrence));
        self.record(soldier, EventKind::AttemptBegan, hour, group);
        for member in &members {
            self.set_planning(*member, group);
            self.refresh(*member, Cause::Attempt, hour);
            if *member != soldier {
                self.record(*member, EventKind::Joined, hour, group);
            }
        }
        for mate in found.told {
            let mate = mates[mate];
            self.soldiers.confided[mate] = self.soldiers.confided[mate].saturating_add(1);
            self.set_face_probability(mate);
            self.refresh(mate, Cause::Face, hour);
        }
        if !found.reporters.is_empty() {
            for reporter in found.reporters {
                self.record(mates[reporter], EventKind::ReportedPlan, hour, group);
            }
            let delay = sample::exponential(
                self.draws.of(Purpose::CellReport).uniform(key, occurrence),
                self.params.audit.delay.0,
            );
            self.plan(hour, delay, What::PlanActedOn(group), soldier);
        }
        let lag =
            sample::exponential(self.draws.of(Purpose::Departure).uniform(key, occurrence), self.params.cell.lag.0);
        self.plan(hour, lag, What::CellLeaves(group), soldier);
    }

    /// A report reaches those who act on it; whoever has not left is arrested.
    pub(super) fn act_on_plan(&mut self, group: u32, hour: f64) {
        let Group { members, address, planning, .. } = self.groups[group as usize - 1].clone();
        if !planning {
            return;
        }
        self.stop_planning(group, hour);
        let taken: Vec<usize> = members.into_iter().filter(|m| self.is_present(*m)).collect();
        for member in &taken {
            self.change(*member, EventKind::Arrested, hour, group);
            self.exit_happens(*member, hour);
        }
        self.learn_of_case(&taken, address, Case::Failure);
    }

    pub(super) fn leave(&mut self, group: u32, hour: f64) {
        let Group { initiator, members, address, planning } = self.groups[group as usize - 1].clone();
        if !planning {
            return;
        }
        self.stop_planning(group, hour);
        let going: Vec<usize> = members.into_iter().filter(|m| self.is_present(*m)).collect();
        if going.is_empty() {
            self.record(initiator, EventKind::AttemptLapsed, hour, group);
            return;
        }
        for member in &going {
            self.soldiers.left[*member] = true;
            let squad = self.squad_of_row(*member);
            self.squads.leavers[squad] += 1;
            self.change(*member, EventKind::Left, hour, group);
        }
        let way = self.draws.of(Purpose::Departure).block(address.0, address.1).second();
        let way = sample::exponential(way, self.params.cell.way.0);
        self.groups[group as usize - 1].members = going;
        self.plan(hour, way, What::CellEnds(group), initiator);
    }

    fn stop_planning(&mut self, group: u32, hour: f64) {
        self.groups[group as usize - 1].planning = false;
        for member in self.groups[group as usize - 1].members.clone() {
            self.set_planning(member, 0);
            self.refresh(member, Cause::Attempt, hour);
        }
    }

    pub(super) fn end_cell(&mut self, group: u32, hour: f64) {
        let Group { initiator, members, address, .. } = self.groups[group as usize - 1].clone();
        let squad = self.squad_of_row(initiator);
        let factor = if self.rule() == Rule::PrincipalAgent {
            principal_agent::catch_factor(&self.params.decision.principal_agent, self.distance(squad))
        } else {
            1.0
        };
        let shares = cell::shares(&self.params.cell, self.zone_of(squad), factor);
        let kind = cell::outcome(&shares, self.draws.of(Purpose::ExitOutcome).uniform(address.0, address.1));
        for member in &members {
            if kind == EventKind::TurnedBack {
                self.soldiers.left[*member] = false;
                let squad = self.squad_of_row(*member);
                self.squads.leavers[squad] -= 1;
                self.rejoin(*member, kind, hour, group);
            } else {
                self.change(*member, kind, hour, group);
                self.exit_happens(*member, hour);
            }
        }
        let case = if kind == EventKind::Deserted { Case::Success } else { Case::Failure };
        self.learn_of_case(&members, address, case);
    }

    fn zone_of(&self, squad: usize) -> Zone {
        self.squads.zone[squad]
    }

    /// The squads of those concerned learn surely, others of the battalion with a probability, nobody beyond.
    fn learn_of_case(&mut self, members: &[usize], address: (u64, u64), case: Case) {
        let own: Vec<usize> = members.iter().map(|m| self.squad_of_row(*m)).collect();
        let Some(first) = own.first() else { return };
        let rumour = self.draws.of(Purpose::Rumour);
        let address = rumour.hash(address.0, address.1);
        let heard = self.params.belief.between_squads.value();
        for squad in self.base.battalions.squads(self.base.squads[*first].battalion) {
            if own.contains(&squad) || rumour.uniform(address, self.base.squads[squad].key) < heard {
                self.squads.cases_today.push((squad as u32, case));
            }
        }
    }

    fn new_group(&mut self, initiator: usize, members: Vec<usize>, address: (u64, u64)) -> u32 {
        self.groups.push(Group { initiator, members, address, planning: true });
        self.groups.len() as u32
    }

    /// Present members of the platoon who plan nothing, without the soldier himself.
    pub(super) fn mates(&self, soldier: usize) -> Vec<usize> {
        let platoon = self.base.squads[self.squad_of_row(soldier)].platoon;
        self.base
            .platoons
            .squads(platoon)
            .flat_map(|squad| self.members(squad))
            .filter(|m| *m != soldier && self.is_present(*m) && self.soldiers.planning[*m] == 0)
            .collect()
    }

    /// Whom a soldier wins for an attempt among his mates, as indices into these. Keys of addresses are set apart by `apart`, 0 for the
    /// attempts that take place.
    pub(super) fn gather(&self, initiator: usize, mates: &[usize], apart: u64) -> Cell {
        let of = |purpose| self.draws.of(purpose);
        let draws = CellDraws { pair: of(Purpose::Confide), join: of(Purpose::Join), report: of(Purpose::CellReport) };
        let view: Vec<Mate> = mates.iter().map(|m| self.as_mate(*m, apart)).collect();
        let (params, watch) = (&self.params.cell, &self.params.denunciation);
        let initiated = self.as_mate(initiator, apart);
        let row = |asker: Option<usize>| asker.map_or(initiator, |mate| mates[mate]);
        let known = Lookups {
            trust: |asker, mate: usize| self.trust(row(asker), mates[mate]),
            relative_hazard: |mate: usize| decision::willingness(self, mates[mate]),
            command: |asker| self.command(row(asker)),
        };
        cell::gather(params, watch, &draws, &initiated, self.day, &view, &known)
    }

    fn as_mate(&self, soldier: usize, apart: u64) -> Mate {
        Mate {
            key: self.key(soldier) ^ apart,
            squad: self.soldiers.squad[soldier],
            sign: self.sign(soldier),
            informer: if self.soldiers.informer[soldier] { Informer::Yes } else { Informer::No },
            private_loyalty: self.soldiers.loyalty[soldier],
        }
    }

    /// Whom a soldier commands: he who stands first among the present of a formation leads it.
    #[must_use]
    pub fn command(&self, soldier: usize) -> Command {
        let squad = self.squad_of_row(soldier);
        if self.commander(squad..squad + 1) != Some(soldier) {
            return Command::None;
        }
        let platoon = self.base.platoons.squads(self.base.squads[squad].platoon);
        if self.commander(platoon) == Some(soldier) { Command::Platoon } else { Command::Squad }
    }
}
