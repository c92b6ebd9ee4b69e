//! What happens in the slow twin's world: one function an event.

use super::{CLOCKS, Due, E, F, P, Party, Twin};
use exitvoice_core::math::{exp, logistic, normal_quantile};
use exitvoice_core::rng::sample;
use std::cmp::Reverse;

impl Twin<'_> {
    pub(super) fn crossing(&mut self, man: usize, cause: usize, fired: u64) {
        let (key, squad) = (self.men[man].key, self.men[man].squad);
        let block = |purpose| self.draws(purpose).block(key, fired);
        let p = self.p;
        let held = block(CLOCKS[cause]).second() >= self.trust_factor(man) / exp(0.5 * p.attempt.trust_effect);
        match cause {
            3 | 4 if held => {}
            0 => {
                let (outcome, time) = (block(P::CasualtyOutcome), block(P::Recovery));
                let (share, later) = (p.combat.killed_share.value(), p.combat.died_of_wounds.value());
                let at_once = share * (1.0 - later);
                self.teams[squad].losses += 1.0;
                if outcome.uniform() < at_once {
                    let own = outcome.uniform() < at_once * p.combat.killed_by_own_side.value();
                    return self.become_(man, if own { E::KilledByOwnSide } else { E::KilledInCombat }, 0);
                }
                self.become_(man, E::Wounded, 0);
                if outcome.second() < share * later / (1.0 - at_once) {
                    self.later(sample::exponential(time.uniform(), p.combat.time_to_death.0), Due::Dies, man);
                } else if time.second() < p.combat.return_share.value() {
                    self.later(p.combat.time_away.0 * exp(0.5 * normal_quantile(time.uniform())), Due::Recovers, man);
                }
            }
            1 => {
                let (taken, custody) = (block(P::CaptureOutcome), block(P::Custody));
                if taken.uniform() < p.capture.suicide_share.value() {
                    self.teams[squad].losses += 1.0;
                    return self.become_(man, E::SuicideToAvoidCapture, 0);
                }
                self.become_(man, E::Captured, 0);
                if custody.uniform() < p.capture.dies_in_custody.value() {
                    self.later(sample::exponential(custody.second(), 3.0), Due::DiesInCustody, man);
                }
            }
            2 => self.absence(man, fired),
            3 => self.attempt(man, fired),
            4 if block(P::SurrenderOutcome).uniform() < p.surrender.killed.value() => {
                self.teams[squad].losses += 1.0;
                self.become_(man, E::KilledSurrendering, 0);
            }
            4 => {
                self.become_(man, E::Surrendered, 0);
                self.gone_for_good(man);
            }
            5 => self.show(man, !self.men[man].face),
            _ => self.denounce(man, fired),
        }
    }

    pub(super) fn fall_due(&mut self, man: usize, due: Due) {
        match due {
            Due::Dies => self.become_(man, E::DiedOfWounds, 0),
            Due::DiesInCustody => self.become_(man, E::DiedInCustody, 0),
            Due::Recovers => self.come_back(man, E::Recovered, 0),
            Due::Returns(n) => {
                self.parties[n - 1].men.clone().into_iter().for_each(|m| self.come_back(m, E::AbsenceEnded, n))
            }
            Due::PlanKnown(n) if self.parties[n - 1].planning => {
                let taken = self.stop(n);
                for man in &taken {
                    self.become_(*man, E::Arrested, n);
                    self.gone_for_good(*man);
                }
                self.learn(&taken, self.parties[n - 1].address, false);
            }
            Due::Leaves(n) if self.parties[n - 1].planning => {
                let going = self.stop(n);
                if going.is_empty() {
                    return self.note(man, E::AttemptLapsed, n);
                }
                going.iter().for_each(|m| self.become_(*m, E::Left, n));
                let (a, b) = self.parties[n - 1].address;
                let way = sample::exponential(self.draws(P::Departure).block(a, b).second(), self.p.cell.way.0);
                self.parties[n - 1].men = going;
                self.later(way, Due::Ends(n), man);
            }
            Due::PlanKnown(_) | Due::Leaves(_) => {}
            Due::Ends(n) => self.end(n),
            Due::Act(week) => self.act(man, week),
            Due::Fate => self.fate(man),
            Due::Learns(place) => self.note_kin(man, Some(self.base.kin(man)[place]), F::Learnt),
            Due::Home => {
                self.become_(man, E::ArrivedHome, 0);
                let (draws, seen) = (self.draws(P::Returnee), self.exposure[self.men[man].wave].1);
                for (place, kin) in self.base.kin(man).iter().enumerate().filter(|(_, k)| k.degree <= 2) {
                    let resistance = draws.resistance(draws.hash(self.men[man].key, kin.key), 0);
                    self.later(
                        resistance / (self.p.returnees.kin_rate.per_day_value() * seen),
                        Due::Learns(place),
                        man,
                    );
                }
            }
        }
    }

    fn become_(&mut self, man: usize, kind: E, number: usize) {
        if !kind.allowed_from(self.men[man].status) {
            return;
        }
        self.note(man, kind, number);
        self.men[man].status = kind.status_after();
        if matches!(kind, E::KilledInCombat | E::DiedOfWounds | E::SuicideToAvoidCapture) {
            let block = self.draws(P::Reward).block(self.men[man].key, 0);
            if block.uniform() < self.p.reward.probability.value() {
                self.note_kin(man, None, F::Rewarded);
                if block.second() < self.p.reward.class_raised.value() {
                    self.note_kin(man, None, F::ClassRaised);
                }
            }
        }
    }

    fn come_back(&mut self, man: usize, kind: E, number: usize) {
        if kind.allowed_from(self.men[man].status) {
            self.become_(man, kind, number);
            if self.teams[self.men[man].squad].gone { self.send_home(man) } else { self.follow(man) }
        }
    }

    pub(super) fn follow(&mut self, man: usize) {
        let front = self.teams[self.men[man].squad].front;
        if front != std::mem::replace(&mut self.men[man].at_front, front) {
            self.note(man, if front { E::ReachedFront } else { E::LeftFront }, 0);
        }
    }

    pub(super) fn send_home(&mut self, man: usize) {
        if E::RotatedOut.allowed_from(self.men[man].status) {
            self.men[man].at_front = false;
            self.become_(man, E::RotatedOut, 0);
            self.later(self.p.rotation.travel.0, Due::Home, man);
        }
    }

    /// Present men of the platoon who plan nothing, in order of squads and rosters.
    fn mates(&self, man: usize) -> Vec<usize> {
        let platoon = self.base.platoons.squads(self.base.squads[self.men[man].squad].platoon);
        self.present(platoon).into_iter().filter(|m| *m != man && self.men[*m].planning == 0).collect()
    }

    fn absence(&mut self, man: usize, fired: u64) {
        let (p, key, draws) = (self.p.absence, self.men[man].key, self.draws(P::AbsenceCourse));
        let course = draws.block(key, fired);
        let mut men = vec![man];
        for mate in self.mates(man) {
            let pair = self.draws(P::Confide).hash(key, self.men[mate].key);
            let asked = course.uniform() < p.platoon_share.value() || self.men[mate].squad == self.men[man].squad;
            if asked && draws.uniform(pair, u64::from(self.day)) < p.together.value() {
                men.push(mate);
            }
        }
        self.parties.push(Party { head: man, men: men.clone(), address: (key, fired), planning: true });
        let number = self.parties.len();
        men.into_iter().for_each(|m| self.become_(m, E::AbsenceBegan, number));
        self.later(sample::exponential(course.second(), p.length.0), Due::Returns(number), man);
    }

    fn attempt(&mut self, head: usize, fired: u64) {
        let (key, day) = (self.men[head].key, u64::from(self.day));
        let [pairs, joins, reports] = [P::Confide, P::Join, P::CellReport].map(|purpose| self.draws(purpose));
        let (mut open, mut men, mut told, mut reporters) = (self.mates(head), vec![head], Vec::new(), Vec::new());
        let mut asking = 0;
        while let Some(asker) = men.get(asking).copied().filter(|_| self.p.cell.asked >= 1.0) {
            asking += 1;
            for mate in self.whom(asker, &open) {
                open.retain(|m| *m != mate);
                told.push(mate);
                let (m, pair) = (&self.men[mate], pairs.hash(self.men[asker].key, self.men[mate].key));
                let watch = &self.p.denunciation;
                let tells = if m.informer { watch.told.value() } else { watch.others.value() * logistic(m.loyalty) };
                let tells = reports.uniform(pair, day) < tells;
                let odds =
                    exp(self.p.cell.join) * self.teams[m.squad].urge * self.factor(mate) * self.trust_factor(mate);
                if joins.uniform(pair, day) < odds / (1.0 + odds) && !(tells && m.informer) {
                    men.push(mate);
                } else if tells {
                    reporters.push(mate);
                }
            }
        }
        self.parties.push(Party { head, men: men.clone(), address: (key, fired), planning: true });
        let number = self.parties.len();
        for man in men {
            self.men[man].planning = number;
            self.note(man, if man == head { E::AttemptBegan } else { E::Joined }, number);
        }
        for mate in told {
            self.men[mate].confided += 1.0;
            self.choose_odds(mate);
        }
        for reporter in &reporters {
            self.note(*reporter, E::ReportedPlan, number);
        }
        if !reporters.is_empty() {
            self.later(
                sample::exponential(reports.uniform(key, fired), self.p.audit.delay.0),
                Due::PlanKnown(number),
                head,
            );
        }
        let lag = sample::exponential(self.draws(P::Departure).uniform(key, fired), self.p.cell.lag.0);
        self.later(lag, Due::Leaves(number), head);
    }

    /// Whom a man asks: a leader those he commands, others the most trusted with an open face.
    fn whom(&self, asker: usize, open: &[usize]) -> Vec<usize> {
        let squad = self.men[asker].squad;
        let platoon = self.base.platoons.squads(self.base.squads[squad].platoon);
        let (leads, all) = (self.head(squad..squad + 1) == Some(asker), self.head(platoon) == Some(asker));
        let asked = |m: &&usize| {
            if leads {
                all || self.men[**m].squad == squad
            } else {
                !self.men[**m].face && self.trust(asker, **m) > self.p.cell.trust_threshold.value()
            }
        };
        let mut mates: Vec<usize> = open.iter().filter(asked).copied().collect();
        let order = |m: &usize| {
            let (a, b) = (self.men[asker].key, self.men[*m].key);
            (Reverse((self.trust(asker, *m) * 1e12) as u64), self.draws(P::Confide).hash(a, b))
        };
        mates.sort_by_key(order);
        mates.truncate(if leads { usize::MAX } else { self.p.cell.asked as usize });
        mates
    }

    /// A plan ends; who is still there.
    fn stop(&mut self, number: usize) -> Vec<usize> {
        self.parties[number - 1].planning = false;
        let men = self.parties[number - 1].men.clone();
        men.iter().for_each(|m| self.men[*m].planning = 0);
        men.into_iter().filter(|m| self.here(*m)).collect()
    }

    fn end(&mut self, number: usize) {
        let (men, head, (a, b)) =
            (self.parties[number - 1].men.clone(), self.parties[number - 1].head, self.parties[number - 1].address);
        let p = &self.p.cell;
        let (success, caught, killed) = if self.teams[self.men[head].squad].front {
            (p.success, p.caught, p.killed)
        } else {
            (p.success_rear, p.caught_rear, p.killed_rear)
        };
        let (s, q, u) = (success.value(), caught.value(), self.draws(P::ExitOutcome).uniform(a, b));
        let kind = match u {
            u if u < s => E::Deserted,
            u if u < s + (1.0 - s) * q => E::CaughtLeaving,
            u if u < s + (1.0 - s) * (q + (1.0 - q) * killed.value()) => E::KilledLeaving,
            _ => E::TurnedBack,
        };
        for man in &men {
            if kind == E::TurnedBack {
                self.come_back(*man, kind, number);
            } else {
                self.become_(*man, kind, number);
                self.gone_for_good(*man);
            }
        }
        self.learn(&men, (a, b), kind == E::Deserted);
    }

    fn learn(&mut self, men: &[usize], (a, b): (u64, u64), success: bool) {
        let own: Vec<usize> = men.iter().map(|m| self.men[*m].squad).collect();
        let rumour = self.draws(P::Rumour);
        for squad in own.first().map_or(0..0, |first| self.of_battalion(*first)) {
            let heard = rumour.uniform(rumour.hash(a, b), self.base.squads[squad].key);
            if own.contains(&squad) || heard < self.p.belief.between_squads.value() {
                self.teams[squad].cases.push(success);
            }
        }
    }

    fn show(&mut self, man: usize, face: bool) {
        let before = std::mem::replace(&mut self.men[man].face, face);
        self.choose_odds(man);
        if before != face {
            self.note(man, if face { E::ShowedLoyalty } else { E::CeasedToShowLoyalty }, 0);
        }
    }

    fn denounce(&mut self, man: usize, fired: u64) {
        let (squad, key, draws) = (self.men[man].squad, self.men[man].key, self.draws(P::DenunciationCourse));
        let informers = self.present(squad..squad + 1).into_iter().filter(|m| *m != man && self.men[*m].informer);
        let informer = informers.min_by_key(|m| draws.hash(draws.hash(self.men[*m].key, key), fired));
        let informer = informer.expect("the rate is zero without informers");
        self.denunciations += 1;
        let number = self.denunciations as usize;
        self.note(informer, E::FiledDenunciation, number);
        self.note(man, E::Denounced, number);
        self.files[self.base.squads[squad].company as usize].0.push((self.day, man));
        let course = draws.block(key, fired);
        if course.uniform() < self.p.denunciation.becomes_known.value() {
            self.teams[squad].heard += 1;
            if course.second() < self.p.denunciation.recognised.value() {
                self.note(informer, E::InformerExposed, number);
                self.transfer(informer);
            }
        }
    }

    fn act(&mut self, man: usize, week: u32) {
        let (p, u) = (self.p.audit, self.draws(P::AuditAct).uniform(self.men[man].key, u64::from(week)));
        match u {
            _ if !self.here(man) => {}
            u if u < p.arrest.value() => self.become_(man, E::ArrestedOnSuspicion, 0),
            u if u < p.arrest.value() + (1.0 - p.arrest.value()) * p.transfer.value() => self.transfer(man),
            _ => {
                self.note(man, E::Warned, 0);
                self.show(man, true);
            }
        }
    }

    fn transfer(&mut self, man: usize) {
        let (from, draws) = (self.men[man].squad, self.draws(P::Transfer));
        let address = draws.hash(self.men[man].key, u64::from(self.day));
        let open = |s: &usize| *s != from && self.teams[*s].arrived && !self.present(*s..*s + 1).is_empty();
        let to = self.of_battalion(from).filter(open).min_by_key(|s| draws.hash(address, self.base.squads[*s].key));
        let Some(to) = to else { return };
        self.teams[from].roster.retain(|m| *m != man);
        self.teams[to].roster.push(man);
        (self.men[man].squad, self.men[man].joined) = (to, self.day);
        self.note(man, E::Transferred, to + 1);
        self.follow(man);
    }

    fn gone_for_good(&mut self, man: usize) {
        let block = self.draws(P::ExitKnown).block(self.men[man].key, 0);
        if block.uniform() < self.p.penalty.exit_known.value() {
            self.note_kin(man, None, F::ExitKnown);
            self.later(self.p.penalty.delay.0 * exp(0.7 * normal_quantile(block.second())), Due::Fate, man);
        }
    }

    fn fate(&mut self, man: usize) {
        let (p, key, draws) = (self.p.penalty, self.men[man].key, self.draws(P::HomePenalty));
        let applied = draws.uniform(key, 0) < p.applied.value();
        let moved = self.draws(P::FamilyMoved).uniform(key, 0) < p.families_moved.value();
        let before = self.families.len();
        for kin in self.base.kin(man).iter().filter(|_| applied) {
            let weight = [1.0, 1.0, 0.5, 0.2, 0.0][usize::from(kin.degree)];
            let near = if kin.together || moved { p.together_factor } else { 1.0 };
            let block = draws.block(key, kin.key);
            if block.uniform() < (p.base.value() * weight * near).min(1.0) {
                let kind = match block.second() {
                    u if u < 0.1 => F::Camp,
                    u if u < 0.37 => F::Banished,
                    u if u < 0.748 => F::CareerBlocked,
                    _ => F::ClassLowered,
                };
                self.note_kin(man, Some(*kin), kind);
            }
        }
        let punished = self.families.len() > before;
        if !punished {
            self.note_kin(man, None, F::Spared);
        }
        for mate in self.present(self.of_battalion(self.men[man].squad)) {
            if self.draws(P::News).uniform(key, self.men[mate].key) < self.p.belief.news.value() {
                self.men[mate].fates[0] += f64::from(u8::from(punished));
                self.men[mate].fates[1] += 1.0;
                self.note(mate, E::LearntFateOfKin, usize::from(punished));
            }
        }
    }
}
