//! The slow twin: soldiers as objects, every hazard of every soldier added up again at every event. It shares numbers with the model
//! (parameters, who stands where, addresses of draws), and no equation, clock or column. All rules and orders, one step a day. The
//! equations stand in `laws`; here is the world: who is where, and what follows from what. Laid out by hand, for one sitting.

mod laws;

use exitvoice_core::{quantity::Seed, rng::Draws, rng::Purpose as P, rng::sample::exponential, rng::sample::log_normal};
use exitvoice_model::force::{ForceBase, ForceParams, base::Hostage, world::advance_party};
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_record::{EventKind as E, FamilyEvent, FamilyEventKind as F, SoldierId, Status as S};
use std::{mem::replace, ops::Range};

/// Causes: casualty, capture, absence, attempt, surrender, face, denunciation.
const CLOCKS: [P; 7] = [P::Casualty, P::Capture, P::Absence, P::Attempt, P::Surrender, P::PublicFace, P::Denunciation];

#[derive(Default)]
struct Man {
    key: u64, squad: usize, loyalty: f64, status: Option<S>, joined: u32, informer: bool, at_front: bool,
    face: bool, odds: f64, assessed: bool, confided: f64, punished: f64, fates: f64, party: usize, left: bool,
    resistance: [f64; 7], fired: [u64; 7],
}

#[derive(Default)]
struct Team {
    roster: Vec<usize>, arrived: bool, gone: bool, zone: usize, distance: f64, dawn: f64, losses: f64,
    danger: f64, fear: f64, caught: f64, known: f64, bond: f64, dread: f64, affect: f64,
    cases: Vec<f64>, heard: usize, urge: f64, common: [f64; 7],
}

#[derive(Default)]
struct File { reports: Vec<(u32, usize)>, assessor: Option<usize>, assessments: u64 }
/// Day, hour, key of whom it concerns, what happens.
type Due<'a> = (u32, f64, u64, Box<dyn FnOnce(&mut Twin<'a>) + 'a>);

pub(crate) struct Twin<'a> {
    base: &'a ForceBase, p: &'a ForceParams, seed: Seed, day: u32, hour: f64,
    men: Vec<Man>, teams: Vec<Team>, files: Vec<File>, exposure: Vec<(bool, f64)>,
    due: Vec<Due<'a>>, moves: Vec<(u32, u8, usize)>, orders: Vec<Response>,
    informers: f64, moved: f64, exits: Vec<u32>, parties: usize, denunciations: usize,
    pub(crate) events: Vec<(u32, f64, usize, E, u32)>, pub(crate) families: Vec<FamilyEvent>, pub(crate) heads: Vec<[u32; 12]>,
}

impl<'a> Twin<'a> {
    pub(crate) fn run(base: &'a ForceBase, p: &'a ForceParams, seed: Seed) -> Self {
        let mut t = Self {
            base, p, seed, day: 0, hour: 0.0, men: vec![], teams: vec![], due: vec![], moves: vec![], exits: vec![],
            files: (0..base.companies.len()).map(|_| File::default()).collect(), exposure: vec![(false, 0.0); base.arrivals.len()],
            informers: p.denunciation.informer_share.value(), moved: p.penalty.families_moved.value(), parties: 0, denunciations: 0,
            orders: base.plan.responses.clone(), events: vec![], families: vec![], heads: vec![],
        };
        // Private loyalty is what the force starts from: `service.selection` has known answers of its own.
        let (loyalty, sent) = (base.private_loyalty(&p.selection), base.dated + advance_party(base, p, seed));
        for (row, &key) in base.soldiers.key.as_slice()[..sent].iter().enumerate() {
            let (squad, resistance) = (base.soldiers.squad.as_slice()[row] as usize, CLOCKS.map(|c| t.draws(c).resistance(key, 0)));
            t.men.push(Man { key, squad, resistance, loyalty: loyalty[row], ..Man::default() });
        }
        for (number, squad) in base.squads.iter().enumerate() {
            let roster = (squad.first as usize..squad.end as usize).filter(|m| *m < sent).collect();
            t.teams.push(Team { roster, caught: p.belief.catch_prior.value(), bond: 1.0, ..Team::default() });
            let ((arrives, front), company) = (base.arrivals[squad.wave as usize], base.companies.squads(squad.company).start);
            let tour = log_normal(t.draw(P::Rotation, base.squads[company].key, 0)[0], p.rotation.tour.0, 0.2).max(1.0) as u32;
            t.moves.extend([(arrives, 0, number), (arrives + tour, 3, number)]);
            t.moves.extend(front.map(|front| (front.max(arrives), 2, number)));
        }
        for man in base.replacements.iter().map(|m| *m as usize) { t.moves.push((base.arrivals[t.wave(man)].0, 1, man)) }
        for day in 0..base.plan.days {
            (t.day, t.hour) = (day, 0.0);
            t.obey();
            t.moves.sort_unstable();
            t.moves.extract_if(.., |m| m.0 == day).collect::<Vec<_>>().into_iter().for_each(|m| t.carry_out(m.1, m.2));
            (0..t.files.len()).for_each(|company| t.office(company));
            (0..t.teams.len()).for_each(|squad| t.fix_hazards(squad));
            let now: Vec<usize> = (0..t.men.len()).filter(|m| t.leaves_now(*m)).collect();
            now.into_iter().for_each(|man| t.later(0.0, man, move |t| t.leave(man)));
            t.pass_day();
            t.evening();
            t.heads.push(std::array::from_fn(|s| t.men.iter().filter(|m| m.status.is_some_and(|m| m as usize == s)).count() as u32));
        }
        t
    }
    fn draws(&self, purpose: P) -> Draws { Draws::new(self.seed, purpose) }
    fn draw(&self, purpose: P, a: u64, b: u64) -> [f64; 2] { let d = self.draws(purpose).block(a, b); [d.uniform(), d.second()] }
    fn wave(&self, man: usize) -> usize { self.base.soldiers.wave.as_slice()[man].into() }
    fn note(&mut self, man: usize, kind: E, number: usize) { self.events.push((self.day, self.hour, man, kind, number as u32)); }
    fn note_kin(&mut self, man: usize, kin: Option<&Hostage>, kind: F) {
        let (kin, degree) = kin.map_or((0, FamilyEvent::WHOLE), |k| (k.key, k.degree));
        self.families.push(FamilyEvent { day: self.day, soldier: SoldierId::from_row(man), kin, degree, kind });
    }
    fn later(&mut self, delay: f64, man: usize, act: impl FnOnce(&mut Self) + 'a) {
        let at = self.hour + delay;
        self.due.push((self.day.saturating_add(at as u32), at.fract(), self.men[man].key, Box::new(act)));
    }
    fn here(&self, man: usize) -> bool { self.men[man].status == Some(S::Present) }
    fn present(&self, squads: Range<usize>) -> Vec<usize> {
        squads.flat_map(|s| &self.teams[s].roster).copied().filter(|m| self.here(*m)).collect()
    }
    fn squad(&self, squad: usize) -> Vec<usize> { self.present(squad..squad + 1) }
    fn platoon(&self, squad: usize) -> Range<usize> { self.base.platoons.squads(self.base.squads[squad].platoon) }
    fn battalion(&self, squad: usize) -> Range<usize> { self.base.battalions.squads(self.base.squads[squad].battalion) }
    fn obey(&mut self) {
        let (p, day) = (&self.p.response, self.day);
        let recent = self.exits.iter().filter(|d| day - **d <= 30).count() as f64;
        let due = |o: &mut Response| if o.when == When::Triggered { recent >= p.trigger } else { o.when == When::Dated(day) };
        for Response { order, .. } in self.orders.extract_if(.., due).collect::<Vec<_>>() {
            match order {
                Order::MoveFamilies => self.moved = 1.0,
                Order::TightenInformers => {
                    self.informers = (self.informers * p.informer_factor).min(1.0);
                    let sent = self.men.iter_mut().zip(self.base.informer_draw.as_slice()).filter(|(m, _)| m.status.is_some());
                    sent.for_each(|(m, u)| m.informer |= *u < self.informers);
                }
                Order::PullBack => for squad in (0..self.teams.len()).filter(|s| self.teams[*s].zone > 0).collect::<Vec<_>>() {
                    self.moves.push((day + p.pull_back.0.max(1.0) as u32, 2, squad));
                    self.go(squad, 0);
                }
            }
        }
    }
    /// Arrival, a replacement, the front, the way home.
    fn carry_out(&mut self, order: u8, number: usize) {
        match order {
            1 => {
                let (key, draws) = (self.men[number].key, self.draws(P::Replacement));
                let weakest = |s: &usize| (self.squad(*s).len(), draws.hash(key, self.base.squads[*s].key));
                let field = self.battalion(self.men[number].squad).filter(|s| self.teams[*s].arrived);
                let Some(squad) = field.min_by_key(weakest) else { return };
                self.join(number, squad);
                self.enter(number);
                self.follow(number);
            }
            0 => self.teams[number].roster.clone().into_iter().for_each(|m| self.enter(m)),
            2 if self.teams[number].gone => {}
            2 => self.go(number, if self.base.squads[number].wave as usize == self.base.plan.waves.len() { 2 } else { 1 }),
            _ => {
                let team = &mut self.teams[number];
                (team.gone, team.arrived, team.zone) = (true, false, 0);
                team.roster.clone().into_iter().for_each(|m| self.send_home(m));
            }
        }
    }
    fn go(&mut self, squad: usize, zone: usize) {
        self.teams[squad].zone = zone;
        self.squad(squad).into_iter().for_each(|m| self.follow(m));
    }
    fn join(&mut self, man: usize, squad: usize) {
        self.teams[squad].roster.push(man);
        (self.men[man].squad, self.men[man].joined) = (squad, self.day);
    }
    fn enter(&mut self, man: usize) {
        let wave = self.wave(man);
        (self.exposure[wave].0, self.teams[self.men[man].squad].arrived, self.men[man].joined) = (true, true, self.day);
        self.men[man].informer = self.base.informer_draw.as_slice()[man] < self.informers;
        self.choose_odds(man);
        let face = self.draw(P::PublicFace, self.men[man].key, u64::MAX)[0] < self.men[man].odds;
        (self.men[man].face, self.men[man].assessed, self.men[man].status) = (face, face, Some(S::Present));
        self.note(man, E::Arrived, 0);
    }
    fn office(&mut self, company: usize) {
        let (squads, p, day, week) = (self.base.companies.squads(company as u32), self.p, self.day, u64::from(self.day / 7));
        let first = &self.base.squads[squads.start];
        let since = i64::from(day) - i64::from(self.base.arrivals[first.wave as usize].0);
        let assessed = since > 0 && since % (p.assessment.interval.0.max(1.0) as i64) == 0;
        if let Some(officer) = self.political_of_company(company as u32).filter(|_| assessed) {
            self.present(squads.clone()).into_iter().for_each(|m| self.men[m].assessed = self.men[m].face);
            (self.files[company].assessor, self.files[company].assessments) = (Some(officer), self.files[company].assessments + 1);
            self.note(officer, E::AssessedCompany, 0);
        }
        let guard = self.draw(P::Post, self.base.squads[self.battalion(squads.start).start].key, 1)[0];
        if day == 0 || day % 7 != 0 || guard >= p.roles.security_officers.value() { return }
        self.files[company].reports.retain(|(filed, _)| f64::from(day - filed) <= p.audit.window.0);
        let extra = self.draw(P::AuditAct, first.key, week)[0] < p.audit.quota.fract();
        let mut suspects: Vec<usize> = self.files[company].reports.iter().map(|f| f.1).filter(|m| self.here(*m)).collect();
        suspects.sort_by_key(|m| self.men[*m].key);
        suspects.dedup();
        suspects.sort_by(|a, b| self.suspicion(company, *b).total_cmp(&self.suspicion(company, *a)));
        for man in suspects.into_iter().take(p.audit.quota as usize + usize::from(extra)) {
            self.files[company].reports.retain(|f| f.1 != man);
            let delay = exponential(self.draw(P::AuditDelay, self.men[man].key, week)[0], p.audit.delay.0);
            self.later(delay, man, move |t| t.act(man, week));
        }
    }
    /// Crossings and due events of today, in order of (hour, key); each settles every clock up to its hour.
    fn pass_day(&mut self) {
        while self.hour < 1.0 {
            let rates: Vec<[f64; 7]> = (0..self.men.len()).map(|m| self.hazards(m)).collect();
            let clocks = (0..7 * rates.len()).map(|n| (n / 7, n % 7)).filter(|(m, c)| rates[*m][*c] > 0.0).map(|(m, c)|
                (self.hour + self.men[m].resistance[c].max(0.0) / rates[m][c], self.men[m].key, m, c));
            let due = self.due.iter().enumerate().filter(|(_, due)| due.0 == self.day).map(|(n, due)| (due.1, due.2, n, 7));
            let next = clocks.chain(due).min_by(|a, b| a.partial_cmp(b).expect("numbers"));
            let (hour, key, n, cause) = next.filter(|next| next.0 < 1.0).unwrap_or((1.0, 0, 0, 8));
            let each = self.men.iter_mut().zip(rates);
            each.for_each(|(man, rates)| (0..7).for_each(|c| man.resistance[c] -= rates[c] * (hour - self.hour)));
            self.hour = hour;
            if cause == 7 { (self.due.remove(n).3)(self) }
            if cause < 7 {
                let fired = self.men[n].fired[cause];
                self.men[n].fired[cause] += 1;
                self.men[n].resistance[cause] = self.draws(CLOCKS[cause]).resistance(key, fired + 1);
                self.crossing(n, cause, fired);
            }
        }
    }
    fn crossing(&mut self, man: usize, cause: usize, fired: u64) {
        let (p, key) = (self.p, self.men[man].key);
        let outcome = |purpose| self.draw(purpose, key, fired)[0];
        match cause {
            3 | 4 if self.draw(CLOCKS[cause], key, fired)[1] >= self.left_by_trust(man) => {}
            0 => {
                let (at_once, after) = self.wound(key, fired);
                self.turn(man, at_once, 0);
                let Some((days, kind)) = after else { return };
                self.later(days, man, move |t| if kind == E::Recovered { t.come_back(man, kind, 0) } else { t.turn(man, kind, 0) });
            }
            1 if outcome(P::CaptureOutcome) < p.capture.suicide_share.value() => self.turn(man, E::SuicideToAvoidCapture, 0),
            1 => {
                let [u, v] = self.draw(P::Custody, key, fired);
                self.turn(man, E::Captured, 0);
                if u < p.capture.dies_in_custody.value() {
                    self.later(exponential(v, 3.0), man, move |t| t.turn(man, E::DiedInCustody, 0));
                }
            }
            2 => self.absence(man, fired),
            3 => self.attempt(man, fired),
            4 if outcome(P::SurrenderOutcome) < p.surrender.killed.value() => self.turn(man, E::KilledSurrendering, 0),
            4 => self.lose_for_good(man, E::Surrendered, 0),
            5 => self.show(man, !self.men[man].face),
            _ => self.denounce(man, fired),
        }
    }
    fn turn(&mut self, man: usize, kind: E, number: usize) {
        if !kind.allowed_from(self.men[man].status) { return }
        self.note(man, kind, number);
        self.men[man].status = kind.status_after();
        let dead = [E::KilledInCombat, E::KilledByOwnSide, E::SuicideToAvoidCapture, E::KilledSurrendering].contains(&kind);
        self.teams[self.men[man].squad].losses += f64::from(dead || kind == E::Wounded);
        let [u, v] = self.draw(P::Reward, self.men[man].key, 0);
        let honoured = matches!(kind, E::KilledInCombat | E::DiedOfWounds | E::SuicideToAvoidCapture);
        if honoured && u < self.p.reward.probability.value() {
            self.note_kin(man, None, F::Rewarded);
            if v < self.p.reward.class_raised.value() { self.note_kin(man, None, F::ClassRaised) }
        }
    }
    fn come_back(&mut self, man: usize, kind: E, number: usize) {
        if !kind.allowed_from(self.men[man].status) { return }
        self.turn(man, kind, number);
        if self.teams[self.men[man].squad].gone { self.send_home(man) } else { self.follow(man) }
    }
    fn follow(&mut self, man: usize) {
        let front = self.teams[self.men[man].squad].zone > 0;
        let moved = front != replace(&mut self.men[man].at_front, front);
        if moved { self.note(man, if front { E::ReachedFront } else { E::LeftFront }, 0) }
    }
    fn send_home(&mut self, man: usize) {
        if !E::RotatedOut.allowed_from(self.men[man].status) { return }
        self.men[man].at_front = false;
        self.turn(man, E::RotatedOut, 0);
        self.later(self.p.rotation.travel.0, man, move |t| {
            t.turn(man, E::ArrivedHome, 0);
            let (draws, rate) = (t.draws(P::Returnee), t.p.returnees.kin_rate.per_day_value() * t.exposure[t.wave(man)].1);
            for kin in t.base.kin(man).iter().filter(|kin| kin.degree <= 2) {
                let days = draws.resistance(draws.hash(t.men[man].key, kin.key), 0) / rate;
                t.later(days, man, move |t| t.note_kin(man, Some(kin), F::Learnt));
            }
        });
    }
    fn absence(&mut self, man: usize, fired: u64) {
        let (p, key, squad, day) = (&self.p.absence, self.men[man].key, self.men[man].squad, u64::from(self.day));
        let [u, length] = self.draw(P::AbsenceCourse, key, fired);
        let goes = |m: &usize| (u < p.platoon_share.value() || self.men[*m].squad == squad)
            && self.draw(P::AbsenceCourse, self.draws(P::Confide).hash(key, self.men[*m].key), day)[0] < p.together.value();
        let men: Vec<usize> = [man].into_iter().chain(self.mates(man).into_iter().filter(goes)).collect();
        let number = self.party();
        men.iter().for_each(|m| self.turn(*m, E::AbsenceBegan, number));
        self.later(exponential(length, p.length.0), man, move |t| men.iter().for_each(|m| t.come_back(*m, E::AbsenceEnded, number)));
    }
    fn party(&mut self) -> usize { self.parties += 1; self.parties }
    fn leave(&mut self, man: usize) {
        if !self.here(man) || self.men[man].party != 0 { return }
        self.men[man].fired[3] += 1;
        self.attempt(man, self.men[man].fired[3] - 1);
    }
    fn attempt(&mut self, head: usize, fired: u64) {
        let (p, key, mut open, mut asking) = (self.p, self.men[head].key, self.mates(head), 0);
        let (mut men, mut told, mut reporters) = (vec![head], vec![], vec![]);
        while asking < men.len() && p.cell.asked >= 1.0 {
            for mate in self.whom(men[asking], &open) {
                let (joins, tells) = self.answer(men[asking], mate);
                if joins { men.push(mate) } else if tells { reporters.push(mate) }
                open.retain(|m| *m != mate);
                told.push(mate);
            }
            asking += 1;
        }
        let number = self.party();
        men.iter().for_each(|m| self.men[*m].party = number);
        men.iter().for_each(|m| self.note(*m, if *m == head { E::AttemptBegan } else { E::Joined }, number));
        told.iter().for_each(|m| self.men[*m].confided += 1.0);
        told.into_iter().for_each(|m| self.choose_odds(m));
        reporters.iter().for_each(|m| self.note(*m, E::ReportedPlan, number));
        let ([delay, _], [lag, way]) = (self.draw(P::CellReport, key, fired), self.draw(P::Departure, key, fired));
        let planned = men.clone();
        if !reporters.is_empty() {
            self.later(exponential(delay, p.audit.delay.0), head, move |t| {
                let Some(taken) = t.stop(&planned, number) else { return };
                taken.iter().for_each(|m| t.lose_for_good(*m, E::Arrested, number));
                t.learn(&taken, (key, fired), 0.0);
            });
        }
        self.later(exponential(lag, p.cell.lag.0), head, move |t| {
            let Some(going) = t.stop(&men, number) else { return };
            if going.is_empty() { return t.note(head, E::AttemptLapsed, number) }
            going.iter().for_each(|m| t.men[*m].left = true);
            going.iter().for_each(|m| t.turn(*m, E::Left, number));
            t.later(exponential(way, p.cell.way.0), head, move |t| t.end(head, &going, number, (key, fired)));
        });
    }
    /// A plan ends, if it still stands: who is still there.
    fn stop(&mut self, men: &[usize], number: usize) -> Option<Vec<usize>> {
        let stands = self.men[men[0]].party == number;
        men.iter().filter(|_| stands).for_each(|m| self.men[*m].party = 0);
        stands.then(|| men.iter().copied().filter(|m| self.here(*m)).collect())
    }
    fn end(&mut self, head: usize, men: &[usize], number: usize, address: (u64, u64)) {
        let kind = self.end_of_way(self.men[head].squad, self.draw(P::ExitOutcome, address.0, address.1)[0]);
        let back = kind == E::TurnedBack;
        men.iter().for_each(|m| self.men[*m].left = !back);
        men.iter().for_each(|m| if back { self.come_back(*m, kind, number) } else { self.lose_for_good(*m, kind, number) });
        self.learn(men, address, f64::from(kind == E::Deserted));
    }
    fn learn(&mut self, men: &[usize], (a, b): (u64, u64), success: f64) {
        let (own, rumour): (Vec<usize>, Draws) = (men.iter().map(|m| self.men[*m].squad).collect(), self.draws(P::Rumour));
        for squad in own.first().map_or(0..0, |first| self.battalion(*first)) {
            let heard = rumour.uniform(rumour.hash(a, b), self.base.squads[squad].key) < self.p.belief.between_squads.value();
            if heard || own.contains(&squad) { self.teams[squad].cases.push(success) }
        }
    }
    fn show(&mut self, man: usize, face: bool) {
        let before = replace(&mut self.men[man].face, face);
        self.choose_odds(man);
        if before != face { self.note(man, if face { E::ShowedLoyalty } else { E::CeasedToShowLoyalty }, 0) }
    }
    fn denounce(&mut self, man: usize, fired: u64) {
        let (p, squad, key) = (&self.p.denunciation, self.men[man].squad, self.men[man].key);
        let draws = self.draws(P::DenunciationCourse);
        let informers = self.squad(squad).into_iter().filter(|m| *m != man && self.men[*m].informer);
        let informer = informers.min_by_key(|m| draws.hash(draws.hash(self.men[*m].key, key), fired)).expect("else no rate");
        self.denunciations += 1;
        self.note(informer, E::FiledDenunciation, self.denunciations);
        self.note(man, E::Denounced, self.denunciations);
        self.files[self.base.squads[squad].company as usize].reports.push((self.day, man));
        let [known, recognised] = self.draw(P::DenunciationCourse, key, fired);
        self.teams[squad].heard += usize::from(known < p.becomes_known.value());
        if known < p.becomes_known.value() && recognised < p.recognised.value() {
            self.note(informer, E::InformerExposed, self.denunciations);
            self.transfer(informer);
        }
    }
    fn act(&mut self, man: usize, week: u64) {
        let (p, u) = (&self.p.audit, self.draw(P::AuditAct, self.men[man].key, week)[0]);
        if !self.here(man) { return }
        if u < p.arrest.value() { return self.turn(man, E::ArrestedOnSuspicion, 0) }
        if u < p.arrest.value() + (1.0 - p.arrest.value()) * p.transfer.value() { return self.transfer(man) }
        self.note(man, E::Warned, 0);
        self.show(man, true);
    }
    fn transfer(&mut self, man: usize) {
        let (from, draws) = (self.men[man].squad, self.draws(P::Transfer));
        let address = draws.hash(self.men[man].key, u64::from(self.day));
        let open = |s: &usize| *s != from && self.teams[*s].arrived && !self.squad(*s).is_empty();
        let to = self.battalion(from).filter(open).min_by_key(|s| draws.hash(address, self.base.squads[*s].key));
        let Some(to) = to else { return };
        self.teams[from].roster.retain(|m| *m != man);
        self.join(man, to);
        self.note(man, E::Transferred, to + 1);
        self.follow(man);
    }
    fn lose_for_good(&mut self, man: usize, kind: E, number: usize) {
        self.turn(man, kind, number);
        let ([u, v], p) = (self.draw(P::ExitKnown, self.men[man].key, 0), &self.p.penalty);
        if u >= p.exit_known.value() { return }
        self.note_kin(man, None, F::ExitKnown);
        self.exits.push(self.day);
        self.later(log_normal(v, p.delay.0, 0.7), man, move |t| t.fate(man));
    }
    fn fate(&mut self, man: usize) {
        let (key, before) = (self.men[man].key, self.families.len());
        let [applied, moved] = [P::HomePenalty, P::FamilyMoved].map(|purpose| self.draw(purpose, key, 0)[0]);
        for kin in self.base.kin(man).iter().filter(|_| applied < self.p.penalty.applied.value()) {
            if let Some(kind) = self.penalty(man, kin, moved < self.moved) { self.note_kin(man, Some(kin), kind) }
        }
        let punished = self.families.len() > before;
        if !punished { self.note_kin(man, None, F::Spared) }
        let hears = |m: &usize| self.draw(P::News, key, self.men[*m].key)[0] < self.p.belief.news.value();
        for mate in self.present(self.battalion(self.men[man].squad)).into_iter().filter(hears).collect::<Vec<_>>() {
            self.men[mate].punished += f64::from(punished);
            self.men[mate].fates += 1.0;
            self.note(mate, E::LearntFateOfKin, usize::from(punished));
        }
    }
}
