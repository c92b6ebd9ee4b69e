//! The stage `Event`: crossings of the day and what was due today, one by one in order of the hour; the only writer of statuses.

use super::world::{Group, Hazards, World};
use crate::mechanism::danger::combat::{self, Course};
use crate::mechanism::exit::{attempt, cell};
use crate::schedule::Cause;
use exitvoice_core::hazard::Clock;
use exitvoice_core::math;
use exitvoice_core::rng::sample;
use exitvoice_record::{Event, EventKind, SoldierId, Status};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What can happen at an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A clock fires.
    Crossing(Cause),
    /// A wounded man dies.
    Dies,
    /// A wounded man comes back.
    Recovers,
    /// A group comes back from an absence.
    AbsenceEnds(u32),
    /// A group leaves.
    CellLeaves(u32),
    /// A group's way ends.
    CellEnds(u32),
}

/// Something due, ordered by (hour, person key, what).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pending {
    /// Bits of the fraction of the day: fractions are not negative, so bits order as numbers do.
    fraction: u64,
    key: u64,
    what: What,
    soldier: SoldierId,
}

/// What is due, by day; today's in a heap.
pub(super) struct Agenda {
    later: Vec<Vec<Pending>>,
    today: BinaryHeap<Reverse<Pending>>,
}

impl Agenda {
    pub(super) fn new(days: u32) -> Self {
        Self { later: vec![Vec::new(); days as usize], today: BinaryHeap::new() }
    }
}

/// Just below one: the latest hour of a day.
const LAST_HOUR: f64 = 1.0 - f64::EPSILON;

impl World<'_> {
    pub(super) fn pass_events(&mut self, hazards: &Hazards, agenda: &mut Agenda) {
        for pending in std::mem::take(&mut agenda.later[self.day as usize]) {
            agenda.today.push(Reverse(pending));
        }
        for squad in 0..self.base.squads.len() {
            for cause in Cause::ALL {
                let sum = self.squads.common[cause as usize][squad];
                if sum + hazards.get(cause, squad) >= self.squads.next[cause as usize][squad] {
                    self.squads.stale[squad] = true;
                    for soldier in self.members(squad) {
                        self.push_crossing(SoldierId::from_row(soldier), cause, 0.0, hazards, agenda);
                    }
                }
            }
        }
        while let Some(Reverse(pending)) = agenda.today.pop() {
            self.apply(&pending, hazards, agenda);
        }
    }

    /// Puts a crossing of today into the heap, if the clock fires after `from`.
    fn push_crossing(&self, soldier: SoldierId, cause: Cause, from: f64, hazards: &Hazards, agenda: &mut Agenda) {
        let squad = self.squad_of(soldier);
        let (sum, rate) = (self.squads.common[cause as usize][squad], hazards.get(cause, squad));
        let threshold = self.soldiers.clocks[cause as usize][soldier.row()].threshold();
        if rate > 0.0 && threshold < sum + rate {
            let fraction = ((threshold - sum) / rate).clamp(from, LAST_HOUR);
            agenda.today.push(Reverse(Pending {
                fraction: fraction.to_bits(),
                key: self.key(soldier),
                what: What::Crossing(cause),
                soldier,
            }));
        }
    }

    /// Plans something for later: today's hour, another day, or never within the deployment.
    fn plan(&self, now: f64, delay_days: f64, what: What, soldier: SoldierId, agenda: &mut Agenda) {
        let time = now + delay_days;
        let days = time as usize;
        let fraction = (time - days as f64).clamp(0.0, LAST_HOUR);
        let pending = Pending { fraction: fraction.to_bits(), key: self.key(soldier), what, soldier };
        if days == 0 {
            agenda.today.push(Reverse(pending));
        } else if let Some(later) = agenda.later.get_mut(self.day as usize + days) {
            later.push(pending);
        }
    }

    /// One arm per kind of event; each checks again whether the soldier can still take part.
    fn apply(&mut self, pending: &Pending, hazards: &Hazards, agenda: &mut Agenda) {
        let (soldier, fraction) = (pending.soldier, f64::from_bits(pending.fraction));
        match pending.what {
            What::Crossing(cause) => {
                if self.is_present(soldier) && self.still_fires(soldier, cause, fraction, hazards) {
                    let occurrence = self.restart(soldier, cause, fraction, hazards);
                    match cause {
                        Cause::Casualty => self.casualty(soldier, occurrence, fraction, hazards, agenda),
                        Cause::Capture => self.capture(soldier, occurrence, fraction, hazards),
                        Cause::Absence => self.absence(soldier, occurrence, fraction, hazards, agenda),
                        Cause::Attempt => self.attempt(soldier, occurrence, fraction, hazards, agenda),
                    }
                }
            }
            What::Dies => self.change(soldier, EventKind::DiedOfWounds, fraction, 0, hazards),
            What::Recovers => self.rejoin(soldier, EventKind::Recovered, fraction, 0, hazards, agenda),
            What::AbsenceEnds(group) => {
                for member in self.groups[group as usize - 1].members.clone() {
                    self.rejoin(member, EventKind::AbsenceEnded, fraction, group, hazards, agenda);
                }
            }
            What::CellLeaves(group) => self.leave(group, fraction, hazards, agenda),
            What::CellEnds(group) => self.end_cell(group, fraction, hazards, agenda),
        }
    }

    fn still_fires(&self, soldier: SoldierId, cause: Cause, fraction: f64, hazards: &Hazards) -> bool {
        let threshold = self.soldiers.clocks[cause as usize][soldier.row()].threshold();
        let planning = cause == Cause::Attempt && self.soldiers.planning[soldier.row()] != 0;
        !planning && threshold <= self.common_at(soldier, cause, fraction, hazards) * (1.0 + ROUNDING)
    }

    fn common_at(&self, soldier: SoldierId, cause: Cause, fraction: f64, hazards: &Hazards) -> f64 {
        let squad = self.squad_of(soldier);
        self.squads.common[cause as usize][squad] + hazards.get(cause, squad) * fraction
    }

    /// A fired clock starts anew with a fresh resistance; returns the occurrence that fired.
    fn restart(&mut self, soldier: SoldierId, cause: Cause, fraction: f64, hazards: &Hazards) -> u64 {
        let (row, index) = (soldier.row(), cause as usize);
        let fired = u64::from(self.soldiers.occurrence[index][row]);
        self.soldiers.occurrence[index][row] += 1;
        let personal = self.soldiers.clocks[index][row].personal();
        let mut clock = Clock::new(self.draws.clocks[index].resistance(self.key(soldier), fired + 1));
        clock.set_personal(self.common_at(soldier, cause, fraction, hazards), personal);
        self.soldiers.clocks[index][row] = clock;
        fired
    }

    /// Sets the personal factors to what the status allows; clocks keep what they have used.
    fn set_risks(&mut self, soldier: SoldierId, fraction: f64, hazards: &Hazards) {
        let row = soldier.row();
        let present = self.is_present(soldier);
        for cause in Cause::ALL {
            let personal = match cause {
                _ if !present => 0.0,
                Cause::Attempt if self.soldiers.planning[row] != 0 => 0.0,
                Cause::Attempt => self.soldiers.attempt_factor[row],
                _ => 1.0,
            };
            let common = self.common_at(soldier, cause, fraction, hazards);
            self.soldiers.clocks[cause as usize][row].set_personal(common, personal);
        }
        let squad = self.squad_of(soldier);
        self.squads.stale[squad] = true;
    }

    fn record(&mut self, soldier: SoldierId, kind: EventKind, fraction: f64, group: u32) {
        self.events.push(Event { day: self.day, fraction, soldier, kind, group });
    }

    /// Writes a status, keeps heads and strength, stops or starts clocks.
    fn change(&mut self, soldier: SoldierId, kind: EventKind, fraction: f64, group: u32, hazards: &Hazards) {
        let row = soldier.row();
        let before = self.soldiers.status[row];
        if !kind.allowed_from(before) {
            return;
        }
        self.record(soldier, kind, fraction, group);
        let Some(after) = kind.status_after() else { return };
        let squad = self.squad_of(soldier);
        if let Some(before) = before {
            self.heads[before as usize] -= 1;
            self.squads.strength[squad] -= u32::from(before == Status::Present);
        }
        self.heads[after as usize] += 1;
        self.squads.strength[squad] += u32::from(after == Status::Present);
        self.soldiers.status[row] = Some(after);
        self.set_risks(soldier, fraction, hazards);
    }

    /// Back with the unit: at risk again from this hour on.
    fn rejoin(
        &mut self,
        soldier: SoldierId,
        kind: EventKind,
        fraction: f64,
        group: u32,
        hazards: &Hazards,
        agenda: &mut Agenda,
    ) {
        if !kind.allowed_from(self.soldiers.status[soldier.row()]) {
            return;
        }
        self.change(soldier, kind, fraction, group, hazards);
        let (row, squad) = (soldier.row(), self.squad_of(soldier));
        if self.squads.at_front[squad] && !self.soldiers.reached_front[row] {
            self.soldiers.reached_front[row] = true;
            self.record(soldier, EventKind::ReachedFront, fraction, 0);
        }
        for cause in Cause::ALL {
            self.push_crossing(soldier, cause, fraction, hazards, agenda);
        }
    }

    /// `hazards` may be yesterday's: at the start of a day none of them has added anything.
    pub(super) fn arrive(&mut self, squad: usize, hazards: &Hazards) {
        self.squads.arrived[squad] = true;
        for row in self.members(squad) {
            self.change(SoldierId::from_row(row), EventKind::Arrived, 0.0, 0, hazards);
        }
        // The lowest threshold must be known before the first night.
        for cause in Cause::ALL {
            let clocks = &self.soldiers.clocks[cause as usize];
            self.squads.next[cause as usize][squad] =
                self.members(squad).map(|s| clocks[s].threshold()).fold(f64::INFINITY, f64::min);
        }
    }

    pub(super) fn reach_front(&mut self, squad: usize) {
        self.squads.at_front[squad] = true;
        for row in self.members(squad) {
            let soldier = SoldierId::from_row(row);
            if self.is_present(soldier) {
                self.soldiers.reached_front[row] = true;
                self.record(soldier, EventKind::ReachedFront, 0.0, 0);
            }
        }
    }

    fn casualty(&mut self, soldier: SoldierId, occurrence: u64, fraction: f64, hazards: &Hazards, agenda: &mut Agenda) {
        let key = self.key(soldier);
        let (outcome, time) = (self.draws.casualty.block(key, occurrence), self.draws.recovery.block(key, occurrence));
        let squad = self.squad_of(soldier);
        self.squads.losses_today[squad] += 1;
        let course = combat::course(&self.params.combat, outcome, time);
        let kind = if course == Course::Killed { EventKind::KilledInCombat } else { EventKind::Wounded };
        self.change(soldier, kind, fraction, 0, hazards);
        match course {
            Course::DiesAfter(days) => self.plan(fraction, days, What::Dies, soldier, agenda),
            Course::ReturnsAfter(days) => self.plan(fraction, days, What::Recovers, soldier, agenda),
            Course::Killed | Course::StaysAway => {}
        }
    }

    fn capture(&mut self, soldier: SoldierId, occurrence: u64, fraction: f64, hazards: &Hazards) {
        let alive =
            self.draws.capture.uniform(self.key(soldier), occurrence) >= self.params.capture.suicide_share.value();
        let kind = if alive { EventKind::Captured } else { EventKind::SuicideToAvoidCapture };
        if !alive {
            let squad = self.squad_of(soldier);
            self.squads.losses_today[squad] += 1;
        }
        self.change(soldier, kind, fraction, 0, hazards);
    }

    fn absence(&mut self, soldier: SoldierId, occurrence: u64, fraction: f64, hazards: &Hazards, agenda: &mut Agenda) {
        let key = self.key(soldier);
        let params = self.params.absence;
        let course = self.draws.absence.block(key, occurrence);
        let platoon = course.uniform() < params.platoon_share.value();
        let mut members = vec![soldier];
        for mate in self.mates(soldier) {
            let near = platoon || self.squad_of(mate) == self.squad_of(soldier);
            let pair = self.draws.confide.hash(key, self.key(mate));
            if near && self.draws.absence.uniform(pair, u64::from(self.day)) < params.together.value() {
                members.push(mate);
            }
        }
        let group = self.new_group(soldier, members.clone(), (key, occurrence));
        for member in members {
            self.change(member, EventKind::AbsenceBegan, fraction, group, hazards);
        }
        self.plan(
            fraction,
            sample::exponential(course.second(), params.length.0),
            What::AbsenceEnds(group),
            soldier,
            agenda,
        );
    }

    fn attempt(&mut self, soldier: SoldierId, occurrence: u64, fraction: f64, hazards: &Hazards, agenda: &mut Agenda) {
        let key = self.key(soldier);
        let mates = self.mates(soldier);
        let view: Vec<cell::Mate> = mates.iter().map(|m| self.as_mate(*m)).collect();
        let origin = (key, self.squad_of(soldier) as u32);
        let joined = cell::gather(&self.params.cell, self.draws.confide, self.draws.join, origin, self.day, &view);
        let mut members = vec![soldier];
        members.extend(joined.into_iter().map(|m| mates[m]));
        let group = self.new_group(soldier, members.clone(), (key, occurrence));
        self.record(soldier, EventKind::AttemptBegan, fraction, group);
        for member in members {
            self.soldiers.planning[member.row()] = group;
            self.set_risks(member, fraction, hazards);
            if member != soldier {
                self.record(member, EventKind::Joined, fraction, group);
            }
        }
        let lag = sample::exponential(self.draws.departure.uniform(key, occurrence), self.params.cell.lag.0);
        self.plan(fraction, lag, What::CellLeaves(group), soldier, agenda);
    }

    fn leave(&mut self, group: u32, fraction: f64, hazards: &Hazards, agenda: &mut Agenda) {
        let Group { initiator, members, address } = self.groups[group as usize - 1].clone();
        let going: Vec<SoldierId> = members.iter().copied().filter(|m| self.is_present(*m)).collect();
        for member in members {
            self.soldiers.planning[member.row()] = 0;
        }
        if going.is_empty() {
            self.record(initiator, EventKind::AttemptLapsed, fraction, group);
            return;
        }
        for member in &going {
            self.change(*member, EventKind::Left, fraction, group, hazards);
        }
        let way =
            sample::exponential(self.draws.departure.block(address.0, address.1).second(), self.params.cell.way.0);
        self.groups[group as usize - 1].members = going;
        self.plan(fraction, way, What::CellEnds(group), initiator, agenda);
    }

    fn end_cell(&mut self, group: u32, fraction: f64, hazards: &Hazards, agenda: &mut Agenda) {
        let Group { members, address, .. } = self.groups[group as usize - 1].clone();
        let kind = cell::outcome(&self.params.cell, self.draws.outcome.uniform(address.0, address.1));
        for member in members {
            if kind == EventKind::TurnedBack {
                self.rejoin(member, kind, fraction, group, hazards, agenda);
            } else {
                self.change(member, kind, fraction, group, hazards);
            }
        }
    }

    fn new_group(&mut self, initiator: SoldierId, members: Vec<SoldierId>, address: (u64, u64)) -> u32 {
        self.groups.push(Group { initiator, members, address });
        self.groups.len() as u32
    }

    /// Present members of the platoon who plan nothing, without the soldier himself.
    fn mates(&self, soldier: SoldierId) -> Vec<SoldierId> {
        let platoon = self.base.squads[self.squad_of(soldier)].platoon as usize;
        let squads = self.base.platoons[platoon] as usize..self.base.platoons[platoon + 1] as usize;
        squads
            .flat_map(|squad| self.members(squad))
            .map(SoldierId::from_row)
            .filter(|m| *m != soldier && self.is_present(*m) && self.soldiers.planning[m.row()] == 0)
            .collect()
    }

    fn as_mate(&self, soldier: SoldierId) -> cell::Mate {
        let squad = self.squad_of(soldier);
        let danger = self.params.attempt.danger_effect * (self.squads.danger[squad] - attempt::REFERENCE_DANGER);
        let relative_hazard = self.soldiers.attempt_factor[soldier.row()] * math::exp(danger);
        cell::Mate { key: self.key(soldier), squad: squad as u32, relative_hazard }
    }
}

/// Relative rounding allowed when a crossing is checked again at its own hour.
const ROUNDING: f64 = 1e-9;
