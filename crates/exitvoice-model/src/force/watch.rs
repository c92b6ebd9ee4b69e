//! Events of being watched: faces, denunciations, assessments, audits and what follows from them.

use super::agenda::What;
use super::world::World;
use crate::decision;
use crate::mechanism::surveillance::assessment;
use crate::mechanism::surveillance::audit::{self, Act};
use crate::schedule::Cause;
use exitvoice_core::rng::{Purpose, sample};
use exitvoice_record::EventKind;
use std::collections::BTreeMap;

impl World<'_> {
    pub(super) fn turn_face(&mut self, soldier: usize, hour: f64) {
        let face = !self.soldiers.face[soldier];
        self.show(soldier, face, hour);
    }

    /// A present soldier shows a face; his clocks follow, also where it is the face he had.
    fn show(&mut self, soldier: usize, loyal: bool, hour: f64) {
        let before = std::mem::replace(&mut self.soldiers.face[soldier], loyal);
        self.set_face_probability(soldier);
        if before != loyal {
            let kind = if loyal { EventKind::ShowedLoyalty } else { EventKind::CeasedToShowLoyalty };
            self.record(soldier, kind, hour, 0);
        }
        self.refresh(soldier, Cause::Face, hour);
        self.refresh(soldier, Cause::Denunciation, hour);
    }

    /// Where a denunciation became known in the step before, its squad chooses faces by what it now believes.
    pub(super) fn choose_faces_in_fear(&mut self) {
        let hour = self.step_start();
        for squad in std::mem::take(&mut self.squads.frightened) {
            for soldier in self.members(squad as usize).collect::<Vec<_>>() {
                if self.is_present(soldier) {
                    self.set_face_probability(soldier);
                    self.refresh(soldier, Cause::Face, hour);
                }
            }
        }
    }

    pub(super) fn denounce(&mut self, target: usize, occurrence: u64, hour: f64) {
        let squad = self.squad_of_row(target);
        let (key, draws) = (self.key(target), self.draws.of(Purpose::DenunciationCourse));
        let choice =
            |informer: &usize| (draws.hash(draws.hash(self.key(*informer), key), occurrence), self.key(*informer));
        let informers =
            self.members(squad).filter(|m| *m != target && self.is_present(*m) && self.soldiers.informer[*m]);
        let Some(informer) = informers.min_by_key(choice) else { return };
        self.denunciations += 1;
        self.record(informer, EventKind::FiledDenunciation, hour, self.denunciations);
        self.record(target, EventKind::Denounced, hour, self.denunciations);
        let company = self.base.squads[squad].company as usize;
        self.companies[company].denunciations.push((self.day, target));
        let course = draws.block(key, occurrence);
        if course.uniform() < self.params.denunciation.becomes_known.value() {
            self.squads.known_denunciations.push(squad as u32);
            if course.second() < self.params.denunciation.recognised.value() {
                self.record(informer, EventKind::InformerExposed, hour, self.denunciations);
                self.transfer(informer, hour);
            }
        }
    }

    /// Assessments and audits of the day, at its start, company by company.
    pub(super) fn office_hours(&mut self) {
        let interval = (self.params.assessment.interval.0.max(1.0)) as u32;
        for company in 0..self.companies.len() as u32 {
            let first = self.base.companies.squads(company).start;
            let arrival = self.base.arrivals[self.base.squads[first].wave as usize].0;
            if self.day > arrival && (self.day - arrival).is_multiple_of(interval) {
                self.assess(company);
            }
            if self.day > 0 && self.day.is_multiple_of(audit::WEEK) {
                self.audit(company);
            }
        }
    }

    fn assess(&mut self, company: u32) {
        let Some(officer) = self.political_officer(company) else { return };
        for squad in self.base.companies.squads(company) {
            for soldier in self.members(squad).collect::<Vec<_>>() {
                if self.is_present(soldier) {
                    self.soldiers.assessed_face[soldier] = self.soldiers.face[soldier];
                }
            }
        }
        let file = &mut self.companies[company as usize];
        file.assessor = Some(officer);
        file.assessments += 1;
        self.record(officer, EventKind::AssessedCompany, 0.0, 0);
    }

    fn audit(&mut self, company: u32) {
        let (day, window) = (self.day, self.params.audit.window.0);
        self.companies[company as usize].denunciations.retain(|(filed, _)| f64::from(day - filed) <= window);
        if self.companies[company as usize].denunciations.is_empty() {
            return;
        }
        let squads = self.base.companies.squads(company);
        let (address, battalion) = (self.base.squads[squads.start].key, self.base.squads[squads.start].battalion);
        let week = day / audit::WEEK;
        let u = self.draws.of(Purpose::AuditAct).uniform(address, u64::from(week));
        let most = audit::quota(&self.params.audit, u);
        if most == 0 || !self.has_security_officer(battalion) {
            return;
        }
        for suspect in self.rank(company).into_iter().take(most) {
            self.companies[company as usize].denunciations.retain(|(_, soldier)| *soldier != suspect);
            let delay = self.draws.of(Purpose::AuditDelay).uniform(self.key(suspect), u64::from(week));
            let delay = sample::exponential(delay, self.params.audit.delay.0);
            self.plan(0.0, delay, What::ActedOn(week), suspect);
        }
    }

    /// Present soldiers on file, the most suspect first.
    fn rank(&self, company: u32) -> Vec<usize> {
        let file = &self.companies[company as usize];
        let mut counts: BTreeMap<usize, f64> = BTreeMap::new();
        for (_, soldier) in &file.denunciations {
            *counts.entry(*soldier).or_insert(0.0) += 1.0;
        }
        let each = audit::weight(&self.params.audit, &self.params.denunciation);
        let mut ranked: Vec<(f64, u64, usize)> = counts
            .into_iter()
            .filter(|(soldier, _)| self.is_present(*soldier))
            .map(|(soldier, n)| (n * each + self.assessment_weight(company, soldier), self.key(soldier), soldier))
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.into_iter().map(|r| r.2).collect()
    }

    /// Weight of the last assessment of a soldier; 0 before the first one.
    #[must_use]
    pub fn assessment_weight(&self, company: u32, soldier: usize) -> f64 {
        let file = &self.companies[company as usize];
        let Some(officer) = file.assessor else { return 0.0 };
        let squad = self.base.companies.squads(company).start;
        let assessor = if officer == soldier {
            self.battalion_political_officer(self.base.squads[squad].battalion).unwrap_or(officer)
        } else {
            officer
        };
        let draws = self.draws.of(Purpose::Assessment);
        let u = draws.uniform(draws.hash(self.key(assessor), self.key(soldier)), file.assessments);
        assessment::weight(&self.params.assessment, self.soldiers.assessed_face[soldier], u)
    }

    /// The act that an audit decided on.
    pub(super) fn act_on(&mut self, soldier: usize, week: u32, hour: f64) {
        if !self.is_present(soldier) {
            return;
        }
        let u = self.draws.of(Purpose::AuditAct).uniform(self.key(soldier), u64::from(week));
        match audit::act(&self.params.audit, u) {
            Act::Warning => {
                self.record(soldier, EventKind::Warned, hour, 0);
                self.show(soldier, true, hour);
            }
            Act::Transfer => self.transfer(soldier, hour),
            Act::Arrest => self.change(soldier, EventKind::ArrestedOnSuspicion, hour, 0),
        }
    }

    /// Moves a present soldier to another squad of the battalion, chosen by an addressed order; where there is none he stays.
    fn transfer(&mut self, soldier: usize, hour: f64) {
        let from = self.squad_of_row(soldier);
        let draws = self.draws.of(Purpose::Transfer);
        let address = draws.hash(self.key(soldier), u64::from(self.day));
        let open = |squad: &usize| *squad != from && self.squads.arrived[*squad] && self.squads.strength[*squad] > 0;
        let squads = self.base.battalions.squads(self.base.squads[from].battalion);
        let order = |squad: &usize| (draws.hash(address, self.base.squads[*squad].key), self.base.squads[*squad].key);
        let Some(to) = squads.filter(open).min_by_key(order) else { return };
        self.count_out(soldier, hour);
        let mut left = self.roster(from).to_vec();
        left.retain(|mate| *mate as usize != soldier);
        self.squads.roster[from] = Some(left);
        self.join_squad(soldier, to);
        self.count_in(soldier, hour);
        self.record(soldier, EventKind::Transferred, hour, to as u32 + 1);
        self.carry_clocks(soldier, from, hour);
        self.set_personal_factor(soldier, decision::personal(self, soldier));
        self.refresh_all(soldier, hour);
        if self.rule().acts_at_once() {
            let limit = decision::limit(self, soldier);
            self.squads.lowest_limit[to] = self.squads.lowest_limit[to].min(limit);
        }
        self.follow_unit(soldier, hour);
    }

    /// Enters a soldier into the roster of a squad.
    pub(super) fn join_squad(&mut self, soldier: usize, squad: usize) {
        let mut joined = self.roster(squad).to_vec();
        joined.push(soldier as u32);
        self.squads.roster[squad] = Some(joined);
        self.soldiers.squad[soldier] = squad as u32;
        self.soldiers.joined[soldier] = self.day;
    }
}
