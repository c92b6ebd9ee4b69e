//! The slow twin: soldiers as objects, every hazard of every soldier added up again at every event. It shares numbers with the model
//! (parameters, who stands where, addresses of draws), and no equation, clock or column. Rule M1, one step a day, no orders.

mod acts;

use exitvoice_core::math::{exp, ln, logistic, normal_quantile};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose as P, sample};
use exitvoice_model::force::base::Hostage;
use exitvoice_model::force::{ForceBase, ForceParams};
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind as E, FamilyEvent, FamilyEventKind as F, Status as S};

/// Causes: casualty, capture, absence, attempt, surrender, face, denunciation.
const CLOCKS: [P; 7] = [P::Casualty, P::Capture, P::Absence, P::Attempt, P::Surrender, P::PublicFace, P::Denunciation];

/// Day, hour, row, kind, number.
pub(crate) type Happened = (u32, f64, usize, E, u32);

#[derive(Clone, Default)]
struct Man {
    key: u64,
    squad: usize,
    wave: usize,
    loyalty: f64,
    status: Option<S>,
    joined: u32,
    face: bool,
    loyal_odds: f64,
    assessed: bool,
    confided: f64,
    informer: bool,
    at_front: bool,
    fates: [f64; 2],
    planning: usize,
    used: [f64; 7],
    fired: [u64; 7],
}

#[derive(Clone, Default)]
struct Team {
    roster: Vec<usize>,
    arrived: bool,
    gone: bool,
    front: bool,
    danger: f64,
    fear: f64,
    caught: f64,
    known: f64,
    bond: f64,
    dread: f64,
    urge: f64,
    role: f64,
    dawn: f64,
    losses: f64,
    cases: Vec<bool>,
    heard: u32,
    afraid: bool,
    common: [f64; 7],
}

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Due {
    Dies,
    Recovers,
    DiesInCustody,
    Returns(usize),
    PlanKnown(usize),
    Leaves(usize),
    Ends(usize),
    Act(u32),
    Fate,
    Learns(usize),
    Home,
}

struct Party {
    head: usize,
    men: Vec<usize>,
    address: (u64, u64),
    planning: bool,
}

pub(crate) struct Twin<'a> {
    base: &'a ForceBase,
    p: &'a ForceParams,
    seed: Seed,
    day: u32,
    hour: f64,
    men: Vec<Man>,
    teams: Vec<Team>,
    exposure: Vec<(bool, f64)>,
    due: Vec<(u32, f64, u64, Due, usize)>,
    parties: Vec<Party>,
    files: Vec<(Vec<(u32, usize)>, Option<usize>, u64)>,
    denunciations: u32,
    pub(crate) events: Vec<Happened>,
    pub(crate) families: Vec<FamilyEvent>,
    pub(crate) heads: Vec<[u32; 12]>,
}

impl<'a> Twin<'a> {
    pub(crate) fn run(base: &'a ForceBase, p: &'a ForceParams, seed: Seed) -> Self {
        // Private loyalty is what the force starts from: `service.selection` has known answers of its own.
        let loyalty = base.private_loyalty(&p.selection).into_owned();
        let man = |row: usize| {
            let (key, loyalty) = (base.soldiers.key.as_slice()[row], loyalty[row]);
            let (squad, wave) = (base.soldiers.squad.as_slice()[row] as usize, base.soldiers.wave.as_slice()[row]);
            Man { key, squad, wave: usize::from(wave), loyalty, ..Man::default() }
        };
        let role = |squad: usize| {
            let first = base.squads[base.platoons.squads(base.squads[squad].platoon).start].key;
            let (share, factor) = (p.combat.assault_share.value(), p.combat.assault_factor);
            let leads = Draws::new(seed, P::AssaultRole).uniform(first, 0) < share;
            (if leads { factor } else { 1.0 }) / (1.0 - share + share * factor)
        };
        let team = |squad: usize| Team {
            roster: (base.squads[squad].first as usize..base.squads[squad].end as usize).collect(),
            caught: p.belief.catch_prior.value(),
            bond: 1.0,
            role: role(squad),
            ..Team::default()
        };
        let mut twin = Self {
            base,
            p,
            seed,
            day: 0,
            hour: 0.0,
            men: (0..base.dated).map(man).collect(),
            teams: (0..base.squads.len()).map(team).collect(),
            exposure: vec![(false, 0.0); base.arrivals.len()],
            due: Vec::new(),
            parties: Vec::new(),
            files: vec![(Vec::new(), None, 0); base.companies.len()],
            denunciations: 0,
            events: Vec::new(),
            families: Vec::new(),
            heads: Vec::new(),
        };
        for day in 0..base.plan.days {
            (twin.day, twin.hour) = (day, 0.0);
            twin.morning();
            twin.pass_day();
            twin.evening();
            let of = |status| twin.men.iter().filter(|m| m.status.is_some_and(|s| s as usize == status)).count() as u32;
            let heads = std::array::from_fn(of);
            twin.heads.push(heads);
        }
        twin
    }

    fn draws(&self, purpose: P) -> Draws {
        Draws::new(self.seed, purpose)
    }

    fn note(&mut self, man: usize, kind: E, number: usize) {
        self.events.push((self.day, self.hour, man, kind, number as u32));
    }

    fn note_kin(&mut self, man: usize, kin: Option<Hostage>, kind: F) {
        let (kin, degree) = kin.map_or((0, FamilyEvent::WHOLE), |k| (k.key, k.degree));
        let soldier = exitvoice_record::SoldierId::from_row(man);
        self.families.push(FamilyEvent { day: self.day, soldier, kin, degree, kind });
    }

    fn later(&mut self, delay: f64, due: Due, man: usize) {
        let at = self.hour + delay;
        if at < f64::from(self.base.plan.days) {
            self.due.push((self.day + at as u32, at.fract(), self.men[man].key, due, man));
        }
    }

    fn here(&self, man: usize) -> bool {
        self.men[man].status == Some(S::Present)
    }

    fn present(&self, squads: std::ops::Range<usize>) -> Vec<usize> {
        squads.flat_map(|s| self.teams[s].roster.clone()).filter(|m| self.here(*m)).collect()
    }

    fn of_company(&self, company: usize) -> std::ops::Range<usize> {
        self.base.companies.squads(company as u32)
    }

    fn of_battalion(&self, squad: usize) -> std::ops::Range<usize> {
        self.base.battalions.squads(self.base.squads[squad].battalion)
    }

    fn head(&self, squads: std::ops::Range<usize>) -> Option<usize> {
        self.present(squads).into_iter().min_by_key(|m| self.base.command_rank.as_slice()[*m])
    }

    fn political(&self, squads: std::ops::Range<usize>) -> Option<usize> {
        let head = self.head(squads.clone());
        let others = self.present(squads).into_iter().filter(|m| Some(*m) != head);
        others.min_by_key(|m| self.base.political_rank.as_slice()[*m])
    }

    fn alike(&self, a: usize, b: usize) -> bool {
        let class: &[Class] = self.base.class.as_slice();
        class[a] == class[b] || self.base.province.as_slice()[a] == self.base.province.as_slice()[b]
    }

    /// Trust of a pair after some days, before the bond.
    fn pair(&self, days: u32, alike: bool, across: bool) -> f64 {
        let p = &self.p.trust;
        let growth = p.growth.value() * if alike { p.alike_factor } else { 1.0 };
        let growth = growth * if across { p.across_factor.value() } else { 1.0 };
        (0..days).fold(p.initial.value(), |trust, _| trust + growth * (1.0 - trust))
    }

    fn trust(&self, a: usize, b: usize) -> f64 {
        let across = self.men[a].squad != self.men[b].squad;
        let days = self.day - self.men[a].joined.max(self.men[b].joined);
        self.teams[self.men[a].squad].bond * self.pair(days, self.alike(a, b), across)
    }

    fn morning(&mut self) {
        let squads = self.teams.len();
        for squad in 0..squads {
            if self.base.arrivals[self.base.squads[squad].wave as usize].0 == self.day {
                self.arrive(squad);
            }
        }
        for row in self.base.replacements.clone().into_iter().map(|row| row as usize) {
            if self.base.arrivals[self.men[row].wave].0 == self.day {
                self.replace(row);
            }
        }
        for squad in 0..squads {
            let (arrives, front) = self.base.arrivals[self.base.squads[squad].wave as usize];
            if front.is_some_and(|f| f.max(arrives) == self.day) && !self.teams[squad].gone && self.teams[squad].arrived
            {
                self.teams[squad].front = true;
                self.present(squad..squad + 1).into_iter().for_each(|m| self.follow(m));
            }
        }
        for squad in 0..squads {
            let company = self.of_company(self.base.squads[squad].company as usize).start;
            let u = self.draws(P::Rotation).uniform(self.base.squads[company].key, 0);
            let tour = (self.p.rotation.tour.0 * exp(0.2 * normal_quantile(u))).max(1.0) as u32;
            if self.base.arrivals[self.base.squads[squad].wave as usize].0 + tour == self.day {
                let team = &mut self.teams[squad];
                (team.gone, team.arrived, team.front) = (true, false, false);
                team.roster.clone().into_iter().for_each(|m| self.send_home(m));
            }
        }
        for company in 0..self.files.len() {
            self.office(company);
        }
    }

    fn arrive(&mut self, squad: usize) {
        (self.teams[squad].arrived, self.exposure[self.base.squads[squad].wave as usize].0) = (true, true);
        for man in self.teams[squad].roster.clone() {
            self.enter(man);
        }
    }

    fn enter(&mut self, man: usize) {
        self.men[man].informer = self.base.informer_draw.as_slice()[man] < self.p.denunciation.informer_share.value();
        self.men[man].joined = self.day;
        self.choose_odds(man);
        let face = self.draws(P::PublicFace).uniform(self.men[man].key, u64::MAX) < self.men[man].loyal_odds;
        (self.men[man].face, self.men[man].assessed, self.men[man].status) = (face, face, Some(S::Present));
        self.note(man, E::Arrived, 0);
    }

    fn replace(&mut self, man: usize) {
        let draws = self.draws(P::Replacement);
        let order =
            |s: &usize| (self.present(*s..*s + 1).len(), draws.hash(self.men[man].key, self.base.squads[*s].key));
        let field = self.of_battalion(self.men[man].squad).filter(|s| self.teams[*s].arrived);
        if let Some(squad) = field.min_by_key(order) {
            self.men[man].squad = squad;
            self.teams[squad].roster.push(man);
            self.exposure[self.men[man].wave].0 = true;
            self.enter(man);
            self.follow(man);
        }
    }

    fn choose_odds(&mut self, man: usize) {
        let (p, squad) = (&self.p.public_face, self.men[man].squad);
        let mates = (self.present(squad..squad + 1).len() as f64 - 1.0).max(1.0);
        let informers = self.p.denunciation.informer_share.value() + self.teams[squad].dread;
        let confided = (self.men[man].confided / mates).min(1.0);
        let sum = p.base + p.loyalty_effect * self.men[man].loyalty + p.informer_effect * informers;
        self.men[man].loyal_odds = logistic(sum - p.confided_effect * confided);
    }

    fn office(&mut self, company: usize) {
        let (squads, p) = (self.of_company(company), self.p);
        let (first, week) = (&self.base.squads[squads.start], self.day / 7);
        let since = i64::from(self.day) - i64::from(self.base.arrivals[first.wave as usize].0);
        let post = self.draws(P::Post).uniform(first.key, 0) < p.roles.political_officers.value();
        if since > 0 && since % (p.assessment.interval.0.max(1.0) as i64) == 0 && post {
            if let Some(officer) = self.political(squads.clone()) {
                self.present(squads.clone()).into_iter().for_each(|m| self.men[m].assessed = self.men[m].face);
                (self.files[company].1, self.files[company].2) = (Some(officer), self.files[company].2 + 1);
                self.note(officer, E::AssessedCompany, 0);
            }
        }
        if self.day == 0 || self.day % 7 != 0 {
            return;
        }
        self.files[company].0.retain(|(filed, _)| f64::from(self.day - filed) <= p.audit.window.0);
        let battalion = self.base.squads[self.of_battalion(squads.start).start].key;
        let guarded = self.draws(P::Post).uniform(battalion, 1) < p.roles.security_officers.value();
        let u = self.draws(P::AuditAct).uniform(first.key, u64::from(week));
        let most = p.audit.quota.floor() as usize + usize::from(u < p.audit.quota.fract());
        let mut suspects: Vec<usize> = self.files[company].0.iter().map(|f| f.1).filter(|m| self.here(*m)).collect();
        suspects.sort_unstable();
        suspects.dedup();
        let mut ranked: Vec<(f64, u64, usize)> =
            suspects.into_iter().map(|m| (-self.suspicion(company, m), self.men[m].key, m)).collect();
        ranked.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
        for (_, key, man) in ranked.into_iter().take(if guarded { most } else { 0 }) {
            self.files[company].0.retain(|f| f.1 != man);
            let u = self.draws(P::AuditDelay).uniform(key, u64::from(week));
            self.later(sample::exponential(u, p.audit.delay.0), Due::Act(week), man);
        }
    }

    fn suspicion(&self, company: usize, man: usize) -> f64 {
        let (file, p) = (&self.files[company], self.p);
        let each = ln(p.denunciation.told.value() / (p.denunciation.innocent_rate.per_day_value() * p.audit.window.0));
        let count = file.0.iter().filter(|f| f.1 == man).count() as f64;
        let rating = file.1.map_or(0.0, |officer| {
            let above =
                if officer == man { self.political(self.of_battalion(self.of_company(company).start)) } else { None };
            let (draws, judge) = (self.draws(P::Assessment), self.men[above.unwrap_or(officer)].key);
            let error = normal_quantile(draws.uniform(draws.hash(judge, self.men[man].key), file.2));
            let seen = f64::from(u8::from(self.men[man].assessed)) + p.assessment.noise * error;
            (0.5 - seen) / (p.assessment.noise * p.assessment.noise)
        });
        count * each + rating
    }

    /// Squads' part of the hazards, fixed for the day.
    fn set_commons(&mut self) {
        let (p, phase) = (self.p, self.base.plan.phase(self.day).value(&self.p.combat));
        for squad in 0..self.teams.len() {
            let (members, exposure) =
                (self.present(squad..squad + 1), self.exposure[self.base.squads[squad].wave as usize].1);
            let team = &mut self.teams[squad];
            (team.dawn, team.losses) = (members.len() as f64, 0.0);
            let sum = p.attempt.exposure_effect * (exposure - 0.5)
                + p.attempt.danger_effect * (team.danger - 0.05)
                + p.attempt.fear_effect * team.fear
                + p.attempt.success_effect * team.known
                - p.attempt.catch_effect * (team.caught - 0.5);
            team.urge = exp(sum);
            let (field, contact) = (f64::from(u8::from(team.arrived)), f64::from(u8::from(team.front)));
            let near = if team.front { 1.0 } else { p.attempt.opportunity_rear.value() };
            let danger = contact * phase * team.role;
            let fighting = contact * f64::from(u8::from(phase > 0.0));
            team.common = [
                danger,
                danger * p.capture.opportunity.value(),
                field * p.absence.base_rate.per_day_value(),
                field * near * p.attempt.base_rate.per_day_value() * team.urge,
                fighting * p.surrender.base_rate.per_day_value() * team.urge,
                field * p.public_face.redraw_rate.per_day_value(),
                field,
            ];
        }
    }

    /// Factor of a man's trust in present squad mates who show loyalty.
    fn trust_factor(&self, man: usize) -> f64 {
        let squad = self.men[man].squad;
        let mates: Vec<usize> =
            self.present(squad..squad + 1).into_iter().filter(|m| *m != man && self.men[*m].face).collect();
        let sum: f64 = mates.iter().map(|m| self.trust(man, *m)).sum();
        exp(-self.p.attempt.trust_effect * (sum / (mates.len() as f64).max(1.0) - 0.5))
    }

    fn factor(&self, man: usize) -> f64 {
        let (p, [punished, known]) = (self.p, self.men[man].fates);
        let strength = p.belief.penalty_strength;
        let belief = (strength * p.hostage.belief.value() + punished) / (strength + known);
        let kin = belief * self.base.hostage.as_slice()[man] - 0.6;
        exp(-p.attempt.loyalty_effect * self.men[man].loyalty - p.attempt.hostage_effect * kin)
    }

    fn hazards(&self, man: usize) -> [f64; 7] {
        if !self.here(man) {
            return [0.0; 7];
        }
        let (m, team) = (&self.men[man], &self.teams[self.men[man].squad]);
        let informers = team.roster.iter().filter(|i| **i != man && self.here(**i) && self.men[**i].informer).count();
        let each = if m.face { self.p.denunciation.innocent_rate } else { self.p.denunciation.sign_rate };
        let turn = if m.face { 1.0 - m.loyal_odds } else { m.loyal_odds };
        // The clock runs as for one who trusts nobody; what trust keeps is drawn when it fires.
        let urge = self.factor(man) * exp(0.5 * self.p.attempt.trust_effect);
        let free = if m.planning == 0 { urge } else { 0.0 };
        let own = [1.0, 1.0, 1.0, free, urge, turn, informers as f64 * each.per_day_value()];
        std::array::from_fn(|cause| own[cause] * team.common[cause])
    }

    /// The next crossing or due event of today, in order of (hour, key); settles every clock up to its hour and lets it happen.
    fn pass_day(&mut self) {
        for squad in 0..self.teams.len() {
            if std::mem::take(&mut self.teams[squad].afraid) {
                self.present(squad..squad + 1).into_iter().for_each(|m| self.choose_odds(m));
            }
        }
        self.set_commons();
        loop {
            let rates: Vec<[f64; 7]> = (0..self.men.len()).map(|m| self.hazards(m)).collect();
            let mut next = (1.0, 0, None, None, 0);
            for (man, rates) in rates.iter().enumerate() {
                for cause in 0..7 {
                    let left = self.draws(CLOCKS[cause]).resistance(self.men[man].key, self.men[man].fired[cause]);
                    let at = self.hour + ((left - self.men[man].used[cause]) / rates[cause]).max(0.0);
                    if rates[cause] > 0.0 && (at, self.men[man].key) < (next.0, next.1) {
                        next = (at, self.men[man].key, Some(cause), None, man);
                    }
                }
            }
            for (place, due) in self.due.iter().enumerate().filter(|(_, d)| d.0 == self.day) {
                if (due.1, due.2) < (next.0, next.1) {
                    next = (due.1, due.2, None, Some(place), due.4);
                }
            }
            for (man, rates) in rates.iter().enumerate() {
                (0..7).for_each(|c| self.men[man].used[c] += rates[c] * (next.0 - self.hour));
            }
            self.hour = next.0;
            match (next.2, next.3) {
                (Some(cause), _) => {
                    let fired = self.men[next.4].fired[cause];
                    (self.men[next.4].fired[cause], self.men[next.4].used[cause]) = (fired + 1, 0.0);
                    self.crossing(next.4, cause, fired);
                }
                (_, Some(place)) => {
                    let due = self.due.remove(place);
                    self.fall_due(due.4, due.3);
                }
                _ => return,
            }
        }
    }

    /// What continuous columns become overnight.
    fn evening(&mut self) {
        let p = self.p;
        for (abroad, seen) in self.exposure.iter_mut().filter(|e| e.0) {
            *seen += if *abroad { p.exposure.growth.value() * (1.0 - *seen) } else { 0.0 };
        }
        for team in &mut self.teams {
            let lost = if team.dawn > 0.0 { team.losses / team.dawn } else { 0.0 };
            if team.dawn > 0.0 {
                team.danger += p.danger.learning.value() * ((60.0 * lost).min(1.0) - team.danger);
            }
            team.fear = (1.0 - p.fear.decay.value()) * team.fear + p.fear.rise * lost;
            team.known *= 1.0 - p.belief.success_decay.value();
            team.bond += p.trust.recovery.value() * (1.0 - team.bond);
            team.dread *= exp(-1.0 / p.public_face.informer_memory.0);
            for success in std::mem::take(&mut team.cases) {
                let failed = if success { 0.0 } else { 1.0 };
                team.caught += p.belief.catch_learning.value() * (failed - team.caught);
                team.known += (1.0 - failed) * p.belief.success_gain.value() * (1.0 - team.known);
            }
            team.afraid = team.heard > 0;
            for _ in 0..std::mem::take(&mut team.heard) {
                team.bond *= p.trust.broken_factor.value();
                let room = 1.0 - p.denunciation.informer_share.value() - team.dread;
                team.dread += p.belief.catch_learning.value() * room.max(0.0);
            }
        }
    }
}
