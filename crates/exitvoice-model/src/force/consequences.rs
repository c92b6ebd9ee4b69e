//! Events that follow at home or for whole units: penalties of kin and the news of them, return, the regime's orders.

use super::agenda::What;
use super::parts::Place;
use super::plan::Zone;
use super::world::World;
use crate::decision;
use crate::mechanism::danger::rotation;
use crate::mechanism::home::penalty::{self, Home};
use crate::mechanism::home::returnees;
use crate::mechanism::regime::response::{self, Order};
use crate::schedule::Cause;
use exitvoice_core::rng::{Purpose, sample};
use exitvoice_record::{EventKind, FamilyEvent, FamilyEventKind};

/// A move of a squad that is dated from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Move {
    /// Arrives in Russia.
    Arrive,
    /// A replacement arrives; the number is his row.
    Replace,
    /// Reaches the front, or the border.
    Front,
    /// Comes back to the front after it was pulled back.
    Return,
    /// Sets out for home.
    Rotate,
}

impl World<'_> {
    /// Every dated move, by day, the order of moves, and squad.
    pub(super) fn dated_moves(&self) -> Vec<(u32, Move, usize)> {
        let mut moves = Vec::new();
        let tours = self.draws.of(Purpose::Rotation);
        for (number, squad) in self.base.squads.iter().enumerate() {
            if self.own_rows(number).is_empty() {
                continue;
            }
            let (arrives, front) = self.base.arrivals[squad.wave as usize];
            let company = self.base.companies.squads(squad.company).start;
            let tour = rotation::tour_days(&self.params.rotation, tours.uniform(self.base.squads[company].key, 0));
            moves.push((arrives, Move::Arrive, number));
            if let Some(front) = front {
                moves.push((front.max(arrives), Move::Front, number));
            }
            moves.push((arrives.saturating_add(tour), Move::Rotate, number));
        }
        let waves = self.base.soldiers.wave.as_slice();
        let replacements = self.base.replacements.iter().map(|row| *row as usize);
        moves.extend(replacements.map(|row| (self.base.arrivals[waves[row] as usize].0, Move::Replace, row)));
        moves.retain(|m| m.0 < self.base.plan.days);
        // Latest first: the day's own moves are taken from the end.
        moves.sort_unstable_by(|a, b| b.cmp(a));
        moves
    }

    /// Carries out a dated move, at the start of the day.
    pub(super) fn carry_out(&mut self, order: Move, squad: usize) {
        match order {
            Move::Arrive => self.arrive(squad),
            Move::Replace => self.replace(squad),
            Move::Front | Move::Return if self.squads.gone[squad] => {}
            Move::Front | Move::Return => {
                let advance_party = self.base.squads[squad].wave as usize == self.base.plan.waves.len();
                self.move_to(squad, if advance_party { Zone::Border } else { Zone::Front });
            }
            Move::Rotate => self.rotate(squad),
        }
    }

    /// A replacement joins the weakest squad in the field of his battalion; where all have gone home he is not sent.
    fn replace(&mut self, soldier: usize) {
        let draws = self.draws.of(Purpose::Replacement);
        let (key, battalion) = (self.key(soldier), self.base.squads[self.squad_of_row(soldier)].battalion);
        let order = |squad: &usize| {
            let address = self.base.squads[*squad].key;
            (self.squads.strength[*squad], draws.hash(key, address), address)
        };
        let open = self.base.battalions.squads(battalion).filter(|squad| self.squads.arrived[*squad]);
        if let Some(squad) = open.min_by_key(order) {
            self.waves.arrived[self.base.soldiers.wave.as_slice()[soldier] as usize] = true;
            self.join_squad(soldier, squad);
            self.replaced.push((soldier as u32, squad as u32));
            self.report_for_duty(soldier);
        }
    }

    fn rotate(&mut self, squad: usize) {
        self.squads.gone[squad] = true;
        self.squads.arrived[squad] = false;
        self.squads.zone[squad] = Zone::Rear;
        for soldier in self.members(squad).collect::<Vec<_>>() {
            self.send_home(soldier, 0.0);
        }
    }

    /// Sends a soldier home who is with his unit or away wounded.
    pub(super) fn send_home(&mut self, soldier: usize, hour: f64) {
        if EventKind::RotatedOut.allowed_from(self.soldiers.status[soldier]) {
            self.soldiers.at_front[soldier] = false;
            self.change(soldier, EventKind::RotatedOut, hour, 0);
            self.plan(hour, self.params.rotation.travel.0, What::ArrivesHome, soldier);
        }
    }

    pub(super) fn arrive_home(&mut self, soldier: usize, hour: f64) {
        self.change(soldier, EventKind::ArrivedHome, hour, 0);
        let exposure = self.waves.exposure[self.base.soldiers.wave.as_slice()[soldier] as usize];
        let draws = self.draws.of(Purpose::Returnee);
        for (place, kin) in (0..).zip(self.base.kin(soldier)) {
            if kin.degree <= returnees::FARTHEST_DEGREE {
                let resistance = draws.resistance(draws.hash(self.key(soldier), kin.key), 0);
                let days = returnees::days_to_learning(self.params.returnees.kin_rate, exposure, resistance);
                self.plan(hour, days, What::KinLearns(place), soldier);
            }
        }
    }

    pub(super) fn kin_learns(&mut self, soldier: usize, place: u32) {
        let kin = self.base.kin(soldier)[place as usize];
        self.record_family(soldier, kin.key, kin.degree, FamilyEventKind::Learnt);
    }

    /// A soldier is gone for good: his exit may become known at home, and an inquiry begins.
    pub(super) fn exit_happens(&mut self, soldier: usize, hour: f64) {
        let block = self.draws.of(Purpose::ExitKnown).block(self.key(soldier), 0);
        if block.uniform() < self.params.penalty.exit_known.value() {
            self.record_family(soldier, 0, FamilyEvent::WHOLE, FamilyEventKind::ExitKnown);
            self.known_exits.push(self.day);
            let delay = sample::log_normal(block.second(), self.params.penalty.delay.0, penalty::DELAY_SPREAD);
            self.plan(hour, delay, What::Fate, soldier);
        }
    }

    /// The inquiry ends: kin are penalised or spared, and the battalion may hear of it.
    pub(super) fn fate_of_kin(&mut self, soldier: usize, hour: f64) {
        let key = self.key(soldier);
        let draws = self.draws.of(Purpose::HomePenalty);
        let mut penalised = 0;
        if draws.uniform(key, 0) < self.params.penalty.applied.value() {
            let moved = self.draws.of(Purpose::FamilyMoved).uniform(key, 0) < self.families_moved;
            for kin in self.base.kin(soldier) {
                let home = if kin.together || moved { Home::Together } else { Home::Apart };
                let block = draws.block(key, kin.key);
                if block.uniform() < penalty::probability(&self.params.penalty, kin.degree, home) {
                    penalised += 1;
                    self.record_family(soldier, kin.key, kin.degree, penalty::kind(block.second()));
                }
            }
        }
        if penalised == 0 {
            self.record_family(soldier, 0, FamilyEvent::WHOLE, FamilyEventKind::Spared);
        }
        self.spread_news(soldier, u16::from(penalised > 0), hour);
    }

    fn spread_news(&mut self, about: usize, punished: u16, hour: f64) {
        let news = self.draws.of(Purpose::News);
        let (key, heard) = (self.key(about), self.params.belief.news.value());
        let battalion = self.base.squads[self.squad_of_row(about)].battalion;
        for squad in self.base.battalions.squads(battalion) {
            for soldier in self.members(squad).collect::<Vec<_>>() {
                if self.is_present(soldier) && news.uniform(key, self.key(soldier)) < heard {
                    let [penalised, known] = self.soldiers.fates[soldier];
                    self.soldiers.fates[soldier] = [penalised + punished, known + 1];
                    self.record(soldier, EventKind::LearntFateOfKin, hour, u32::from(punished));
                    self.reconsider(soldier, hour);
                }
            }
        }
    }

    /// A soldier's personal factor of the decision is computed anew.
    pub(super) fn reconsider(&mut self, soldier: usize, hour: f64) {
        self.set_personal_factor(soldier, decision::personal(self, soldier));
        self.refresh(soldier, Cause::Attempt, hour);
        self.refresh(soldier, Cause::Surrender, hour);
    }

    /// Orders of the regime that are due, at the start of the day; returns the moves back that they bring.
    pub(super) fn respond(&mut self) -> Vec<(u32, Move, usize)> {
        let mut back = Vec::new();
        for number in 0..self.base.plan.responses.len() {
            let ordered = self.base.plan.responses[number];
            let recent = self.known_exits.iter().filter(|d| self.day - **d <= response::WINDOW_DAYS).count() as u32;
            if self.responses_done[number] || !response::due(&self.params.response, ordered.when, self.day, recent) {
                continue;
            }
            self.responses_done[number] = true;
            self.take_turn(Place::Order(number));
            match ordered.order {
                Order::MoveFamilies => self.families_moved = 1.0,
                Order::TightenInformers => self.recruit_informers(),
                Order::PullBack => back.extend(self.pull_back()),
            }
        }
        back
    }

    fn recruit_informers(&mut self) {
        self.informer_share = (self.informer_share * self.params.response.informer_factor).min(1.0);
        for soldier in 0..self.deployed {
            let recruited = self.base.informer_draw.as_slice()[soldier] < self.informer_share;
            if recruited && !self.soldiers.informer[soldier] && self.soldiers.status[soldier].is_some() {
                self.soldiers.informer[soldier] = true;
                if self.is_present(soldier) {
                    let squad = self.squad_of_row(soldier);
                    self.squads.informers[squad] += 1;
                    self.refresh_denunciations(squad, None, 0.0);
                }
            }
        }
    }

    fn pull_back(&mut self) -> Vec<(u32, Move, usize)> {
        let day = self.day + self.params.response.pull_back.0.max(1.0) as u32;
        let there: Vec<usize> = (0..self.base.squads.len()).filter(|s| self.in_contact(*s)).collect();
        for squad in &there {
            self.move_to(*squad, Zone::Rear);
        }
        there.into_iter().map(|squad| (day, Move::Return, squad)).collect()
    }

    /// A change of one soldier from outside the model takes hold.
    pub(super) fn intervene(&mut self) {
        let due = self.intervention.filter(|c| c.day == self.day && c.soldier < self.deployed);
        if let Some(change) = due.filter(|c| self.soldiers.status[c.soldier].is_some()) {
            self.reconsider(change.soldier, 0.0);
        }
    }
}
