//! The stage `Event`: crossings of the day and what was due today, one by one in order of the hour; the only writer of statuses.

use super::agenda::{Pending, What};
use super::parts::Place;
use super::plan::Zone;
use super::world::World;
use crate::decision;
use crate::mechanism::danger::{capture, combat};
use crate::mechanism::home::reward;
use crate::mechanism::mind::public_face;
use crate::schedule::Cause;
use exitvoice_core::hazard::Clock;
use exitvoice_core::rng::Purpose;
use exitvoice_record::{Event, EventKind, FamilyEvent, FamilyEventKind, SoldierId, Status};

impl World<'_> {
    /// Passes the events of a step.
    pub(super) fn pass_events(&mut self) {
        let end = self.step_start() + self.step_days();
        self.find_crossings();
        while let Some(pending) = self.agenda.next_before(end) {
            self.take_turn(Place::Hour(pending.fraction, pending.key));
            self.apply(&pending);
        }
    }

    /// One arm per kind of event; each checks again whether the soldier can still take part.
    fn apply(&mut self, pending: &Pending) {
        let (soldier, hour) = (pending.soldier, f64::from_bits(pending.fraction));
        match pending.what {
            What::Crossing(cause) => {
                if self.still_fires(pending, cause) {
                    let occurrence = self.restart(soldier, cause, hour);
                    self.crossing(soldier, cause, occurrence, hour);
                }
            }
            What::Now => {
                if self.is_present(soldier) && self.soldiers.planning[soldier] == 0 {
                    let index = Cause::Attempt as usize;
                    let occurrence = u64::from(self.soldiers.occurrence[soldier][index]);
                    self.soldiers.occurrence[soldier][index] += 1;
                    self.attempt(soldier, occurrence, hour);
                }
            }
            What::Dies => self.change(soldier, EventKind::DiedOfWounds, hour, 0),
            What::DiesInCustody => self.change(soldier, EventKind::DiedInCustody, hour, 0),
            What::Recovers => self.rejoin(soldier, EventKind::Recovered, hour, 0),
            What::AbsenceEnds(group) => self.end_absence(group, hour),
            What::PlanActedOn(group) => self.act_on_plan(group, hour),
            What::CellLeaves(group) => self.leave(group, hour),
            What::CellEnds(group) => self.end_cell(group, hour),
            What::ActedOn(week) => self.act_on(soldier, week, hour),
            What::Fate => self.fate_of_kin(soldier, hour),
            What::KinLearns(place) => self.kin_learns(soldier, place),
            What::ArrivesHome => self.arrive_home(soldier, hour),
        }
    }

    fn crossing(&mut self, soldier: usize, cause: Cause, occurrence: u64, hour: f64) {
        match cause {
            Cause::Casualty => self.casualty(soldier, occurrence, hour),
            Cause::Capture => self.capture(soldier, occurrence, hour),
            Cause::Absence => self.absence(soldier, occurrence, hour),
            Cause::Attempt | Cause::Surrender if self.is_held(soldier, cause, occurrence) => {}
            Cause::Attempt => self.attempt(soldier, occurrence, hour),
            Cause::Surrender => self.surrender(soldier, occurrence, hour),
            Cause::Face => self.turn_face(soldier, hour),
            Cause::Denunciation => self.denounce(soldier, occurrence, hour),
        }
    }

    /// Plans something for later: today's hour, another day, or never within the deployment.
    pub(super) fn plan(&mut self, now: f64, delay_days: f64, what: What, soldier: usize) {
        let time = now + delay_days;
        let days = time as usize;
        let fraction = (time - days as f64).clamp(0.0, LAST_HOUR);
        let pending = Pending { fraction: fraction.to_bits(), key: self.key(soldier), what, soldier, mark: 0 };
        if days == 0 {
            self.agenda.today(pending);
        } else {
            self.agenda.on((self.day as usize).saturating_add(days), pending);
        }
    }

    pub(super) fn record(&mut self, soldier: usize, kind: EventKind, fraction: f64, group: u32) {
        self.events.push(Event { day: self.day, fraction, soldier: SoldierId::from_row(soldier), kind, group });
    }

    /// Writes a status, keeps heads and strength, stops or starts clocks.
    pub(super) fn change(&mut self, soldier: usize, kind: EventKind, hour: f64, group: u32) {
        let before = self.soldiers.status[soldier];
        if !kind.allowed_from(before) {
            return;
        }
        self.record(soldier, kind, hour, group);
        let Some(after) = kind.status_after() else { return };
        if before == Some(Status::Present) {
            self.count_out(soldier, hour);
        }
        if let Some(before) = before {
            self.heads[before as usize] -= 1;
        }
        self.heads[after as usize] += 1;
        self.soldiers.status[soldier] = Some(after);
        if after == Status::Present {
            self.count_in(soldier, hour);
        }
        self.refresh_all(soldier, hour);
        if after == Status::Killed && reward::honours(kind) {
            self.reward(soldier);
        }
    }

    /// Back with the unit: at risk again from this hour on, or on the way home where the unit has gone.
    pub(super) fn rejoin(&mut self, soldier: usize, kind: EventKind, hour: f64, group: u32) {
        if !kind.allowed_from(self.soldiers.status[soldier]) {
            return;
        }
        self.change(soldier, kind, hour, group);
        if self.squads.gone[self.squad_of_row(soldier)] {
            self.send_home(soldier, hour);
        } else {
            self.follow_unit(soldier, hour);
        }
    }

    /// Records that a present soldier is now where his squad is.
    pub(super) fn follow_unit(&mut self, soldier: usize, hour: f64) {
        let at_front = self.in_contact(self.squad_of_row(soldier));
        if at_front != self.soldiers.at_front[soldier] {
            self.soldiers.at_front[soldier] = at_front;
            let kind = if at_front { EventKind::ReachedFront } else { EventKind::LeftFront };
            self.record(soldier, kind, hour, 0);
        }
    }

    /// A present soldier joins the counts of his squad; the rate at which mates are denounced follows the informers among them.
    pub(super) fn count_in(&mut self, soldier: usize, hour: f64) {
        let squad = self.squad_of_row(soldier);
        self.squads.strength[squad] += 1;
        self.stir(squad);
        if self.soldiers.informer[soldier] {
            self.squads.informers[squad] += 1;
            self.refresh_denunciations(squad, Some(soldier), hour);
        }
    }

    /// The reverse, before his status changes.
    pub(super) fn count_out(&mut self, soldier: usize, hour: f64) {
        let squad = self.squad_of_row(soldier);
        self.squads.strength[squad] -= 1;
        self.stir(squad);
        if self.soldiers.informer[soldier] {
            self.squads.informers[squad] -= 1;
            self.refresh_denunciations(squad, Some(soldier), hour);
        }
    }

    /// Informers of a squad have come or gone: the rates of all but `except`, whose own clocks are set by who moves him.
    pub(super) fn refresh_denunciations(&mut self, squad: usize, except: Option<usize>, hour: f64) {
        for place in 0..self.roster(squad).len() {
            let mate = self.roster(squad)[place] as usize;
            if Some(mate) != except {
                self.refresh(mate, Cause::Denunciation, hour);
            }
        }
    }

    pub(super) fn set_face_probability(&mut self, soldier: usize) {
        self.soldiers.face_probability[soldier] = self.loyal_face(soldier);
    }

    /// Probability that a soldier shows a loyal face, as things stand.
    pub(super) fn loyal_face(&self, soldier: usize) -> f64 {
        let squad = self.squad_of_row(soldier);
        let mates = self.squads.strength[squad].saturating_sub(1).max(1);
        let confided = (f64::from(self.soldiers.confided[soldier]) / f64::from(mates)).min(1.0);
        public_face::loyal(
            &self.params.public_face,
            self.soldiers.loyalty[soldier],
            self.believed_informers(squad),
            confided,
        )
    }

    /// A squad arrives in Russia, at the start of the day.
    pub(super) fn arrive(&mut self, squad: usize) {
        self.squads.arrived[squad] = true;
        self.waves.arrived[self.base.squads[squad].wave as usize] = true;
        let rows = self.own_rows(squad);
        self.squads.strength[squad] = rows.len() as u32;
        self.stir(squad);
        for row in rows.clone() {
            self.soldiers.joined[row] = self.day;
            self.open_file(row);
            self.squads.informers[squad] += u32::from(self.soldiers.informer[row]);
        }
        for row in rows.clone() {
            self.enter(row);
        }
        self.wind_up(squad);
        for cause in Cause::ALL {
            self.squads.next[cause as usize][squad] = self.lowest_threshold(squad, cause);
        }
        if self.rule().acts_at_once() {
            self.squads.lowest_limit[squad] = rows.map(|row| decision::limit(self, row)).fold(f64::INFINITY, f64::min);
        }
    }

    /// A replacement who was entered into a squad is there from now on, at the start of the day.
    pub(super) fn report_for_duty(&mut self, soldier: usize) {
        self.open_file(soldier);
        self.enter(soldier);
        self.count_in(soldier, 0.0);
        self.refresh_all(soldier, 0.0);
        if self.rule().acts_at_once() {
            let (squad, limit) = (self.squad_of_row(soldier), decision::limit(self, soldier));
            self.squads.lowest_limit[squad] = self.squads.lowest_limit[squad].min(limit);
        }
        self.follow_unit(soldier, 0.0);
    }

    /// What is settled about a soldier when he arrives: whether he informs, his face, his factor of the decision.
    fn open_file(&mut self, row: usize) {
        self.soldiers.informer[row] = self.base.informer_draw.as_slice()[row] < self.informer_share;
        self.set_face_probability(row);
        // Occurrence numbers of the face's clock count from 0 upward: its first draw stands at the other end.
        let first = self.draws.of(Purpose::PublicFace).uniform(self.key(row), u64::MAX);
        self.soldiers.face[row] = first < self.soldiers.face_probability[row];
        self.soldiers.assessed_face[row] = self.soldiers.face[row];
        self.set_personal_factor(row, decision::personal(self, row));
    }

    fn enter(&mut self, row: usize) {
        self.soldiers.status[row] = Some(Status::Present);
        self.heads[Status::Present as usize] += 1;
        self.record(row, EventKind::Arrived, 0.0, 0);
    }

    /// Sets the clocks going of those who arrive as a squad.
    fn wind_up(&mut self, squad: usize) {
        let (mut at_risk, mut resistances) = (Vec::new(), Vec::new());
        for cause in Cause::ALL.into_iter().filter(|cause| !self.idle[*cause as usize]) {
            at_risk.clear();
            at_risk.extend(self.own_rows(squad).filter(|row| self.factor_of(*row, cause) > 0.0));
            let addresses = at_risk.iter().map(|row| self.clock_address(*row, cause));
            self.draws.clocks[cause as usize].resistances(addresses, &mut resistances);
            for (row, resistance) in at_risk.iter().zip(&resistances) {
                let mut clock = Clock::new(*resistance);
                clock.set_personal(self.squads.common[cause as usize][squad], self.factor_of(*row, cause));
                self.soldiers.set_clock(*row, cause, clock);
            }
        }
    }

    /// A squad moves to a zone, at the start of the day.
    pub(super) fn move_to(&mut self, squad: usize, zone: Zone) {
        self.squads.zone[squad] = zone;
        for soldier in self.members(squad).collect::<Vec<_>>() {
            if self.is_present(soldier) {
                self.follow_unit(soldier, 0.0);
            }
        }
    }

    fn lose(&mut self, soldier: usize) {
        let squad = self.squad_of_row(soldier);
        self.squads.losses[squad] += 1;
        if let Some(step) = self.squads.losses_by_step.get_mut((self.step % self.base.plan.steps_per_day) as usize) {
            step[squad] += 1;
        }
    }

    fn casualty(&mut self, soldier: usize, occurrence: u64, hour: f64) {
        let key = self.key(soldier);
        let block = |purpose| self.draws.of(purpose).block(key, occurrence);
        let course = combat::course(&self.params.combat, block(Purpose::CasualtyOutcome), block(Purpose::Recovery));
        self.lose(soldier);
        let kind = match course {
            combat::Course::Killed => EventKind::KilledInCombat,
            combat::Course::KilledByOwnSide => EventKind::KilledByOwnSide,
            _ => EventKind::Wounded,
        };
        self.change(soldier, kind, hour, 0);
        match course {
            combat::Course::DiesAfter(days) => self.plan(hour, days, What::Dies, soldier),
            combat::Course::ReturnsAfter(days) => self.plan(hour, days, What::Recovers, soldier),
            _ => {}
        }
    }

    fn capture(&mut self, soldier: usize, occurrence: u64, hour: f64) {
        let key = self.key(soldier);
        let block = |purpose| self.draws.of(purpose).block(key, occurrence);
        let outcome = capture::outcome(&self.params.capture, block(Purpose::CaptureOutcome), block(Purpose::Custody));
        if outcome == capture::Outcome::Suicide {
            self.lose(soldier);
            self.change(soldier, EventKind::SuicideToAvoidCapture, hour, 0);
            return;
        }
        self.change(soldier, EventKind::Captured, hour, 0);
        if let capture::Outcome::DiesAfter(days) = outcome {
            self.plan(hour, days, What::DiesInCustody, soldier);
        }
    }

    fn surrender(&mut self, soldier: usize, occurrence: u64, hour: f64) {
        let u = self.draws.of(Purpose::SurrenderOutcome).uniform(self.key(soldier), occurrence);
        if u < self.params.surrender.killed.value() {
            self.lose(soldier);
            self.change(soldier, EventKind::KilledSurrendering, hour, 0);
        } else {
            self.change(soldier, EventKind::Surrendered, hour, 0);
            self.exit_happens(soldier, hour);
        }
    }

    fn reward(&mut self, soldier: usize) {
        let block = self.draws.of(Purpose::Reward).block(self.key(soldier), 0);
        if block.uniform() < self.params.reward.probability.value() {
            self.record_family(soldier, 0, FamilyEvent::WHOLE, FamilyEventKind::Rewarded);
            if block.second() < self.params.reward.class_raised.value() {
                self.record_family(soldier, 0, FamilyEvent::WHOLE, FamilyEventKind::ClassRaised);
            }
        }
    }

    pub(super) fn record_family(&mut self, soldier: usize, kin: u64, degree: u8, kind: FamilyEventKind) {
        let soldier = SoldierId::from_row(soldier);
        self.families.push(FamilyEvent { day: self.day, soldier, kin, degree, kind });
    }
}

/// Just below one: the latest hour of a day.
const LAST_HOUR: f64 = 1.0 - f64::EPSILON;
