//! What is read of the slow twin: who holds which post, and the equations.

use super::{Hostage, Twin};
use exitvoice_core::math::{exp, ln, logistic, normal_quantile, pow};
use exitvoice_core::rng::{Purpose as P, sample::exponential, sample::log_normal};
use exitvoice_model::decision::Rule as R;
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind as E, FamilyEventKind as F};
use std::{cmp::Reverse, mem::take, ops::Range};

impl Twin<'_> {
    pub(super) fn head(&self, squads: Range<usize>) -> Option<usize> {
        self.present(squads).into_iter().min_by_key(|m| self.base.command_rank.as_slice()[*m])
    }
    pub(super) fn political(&self, squads: Range<usize>) -> Option<usize> {
        let (head, ranks) = (self.head(squads.clone()), self.base.political_rank.as_slice());
        self.present(squads).into_iter().filter(|m| Some(*m) != head).min_by_key(|m| ranks[*m])
    }
    pub(super) fn political_of_company(&self, company: u32) -> Option<usize> {
        let squads = self.base.companies.squads(company);
        let filled =
            self.draw(P::Post, self.base.squads[squads.start].key, 0)[0] < self.p.roles.political_officers.value();
        self.political(squads).filter(|_| filled)
    }

    /// Present men of the platoon who plan nothing, in order of squads and rosters.
    pub(super) fn mates(&self, man: usize) -> Vec<usize> {
        let platoon = self.present(self.platoon(self.men[man].squad));
        platoon.into_iter().filter(|m| *m != man && self.men[*m].party == 0).collect()
    }

    /// Whom a man asks: a leader those he commands, others the most trusted with an open face.
    pub(super) fn whom(&self, asker: usize, open: &[usize]) -> Vec<usize> {
        let squad = self.men[asker].squad;
        let (leads, all) = (self.head(squad..squad + 1) == Some(asker), self.head(self.platoon(squad)) == Some(asker));
        let asked = |m: &usize| {
            if leads {
                all || self.men[*m].squad == squad
            } else {
                !self.men[*m].face && self.trust(asker, *m) > self.p.cell.trust_threshold.value()
            }
        };
        let mut mates: Vec<usize> = open.iter().copied().filter(asked).collect();
        let draws = self.draws(P::Confide);
        mates.sort_by_key(|m| {
            (Reverse(self.trust(asker, *m).to_bits()), draws.hash(self.men[asker].key, self.men[*m].key))
        });
        mates.truncate(if leads { usize::MAX } else { self.p.cell.asked as usize });
        mates
    }

    pub(super) fn trust(&self, a: usize, b: usize) -> f64 {
        let (p, class, home) = (&self.p.trust, self.base.class.as_slice(), self.base.province.as_slice());
        let alike = if class[a] == class[b] || home[a] == home[b] { p.alike_factor } else { 1.0 };
        let growth = p.growth.value()
            * alike
            * if self.men[a].squad == self.men[b].squad { 1.0 } else { p.across_factor.value() };
        let days = f64::from(self.day - self.men[a].joined.max(self.men[b].joined));
        self.teams[self.men[a].squad].bond * (1.0 - (1.0 - p.initial.value()) * pow(1.0 - growth, days))
    }

    /// Trust of a man in present squad mates who show loyalty.
    pub(super) fn trust_in_loyal(&self, man: usize) -> f64 {
        let mut mates = self.squad(self.men[man].squad);
        mates.retain(|m| *m != man && self.men[*m].face);
        mates.iter().map(|m| self.trust(man, *m)).sum::<f64>() / (mates.len() as f64).max(1.0)
    }

    /// What trust leaves of the urge of one whom it does not hold.
    pub(super) fn left_by_trust(&self, man: usize) -> f64 {
        let effect = self.p.attempt.trust_effect;
        if self.base.plan.rule == R::Constant {
            1.0
        } else {
            exp(-effect * (self.trust_in_loyal(man) - 0.5) - 0.5 * effect.abs())
        }
    }

    /// A man's own factor of the decision. The clock runs as for one who trusts nobody; what trust keeps is drawn when it fires.
    pub(super) fn factor(&self, man: usize) -> f64 {
        let (p, m, a, null) = (self.p, &self.men[man], &self.p.attempt, &self.p.decision.constant);
        let (strength, distance) = (p.belief.penalty_strength, self.teams[m.squad].distance);
        let belief = (strength * p.hostage.belief.value() + m.punished) / (strength + m.fates);
        let far = match self.base.plan.rule {
            R::Constant if self.base.class.as_slice()[man] != Class::Core => return 1.0,
            R::Constant => return null.core_rate.per_day_value() / null.wavering_rate.per_day_value(),
            R::PrincipalAgent => pow(1.0 - p.decision.principal_agent.penalty_fall.value(), distance),
            _ => 1.0,
        };
        let kin = a.hostage_effect * (far * belief * self.base.hostage.as_slice()[man] - 0.6);
        exp(0.5 * a.trust_effect.abs() - a.loyalty_effect * m.loyalty - kin)
    }

    /// Under M2 and M3: what presses a man to leave where `asking` mates count as gone, and his limit.
    pub(super) fn pressure(&self, man: usize, asking: f64) -> (f64, f64) {
        let (m, p, team) = (&self.men[man], &self.p.decision, &self.teams[self.men[man].squad]);
        let gone = team.roster.iter().filter(|m| self.men[**m].left).count() as f64 + asking;
        if self.base.plan.rule == R::Threshold {
            return (gone, p.threshold.mean + p.threshold.sd * normal_quantile(self.draw(P::Threshold, m.key, 0)[0]));
        }
        let (p, present) = (&p.affect, self.squad(m.squad).len() as f64);
        let own = p.fear_weight * team.affect + p.evidence_weight * gone / (present + gone).max(1.0);
        let mates = p.mate_weight * self.trust_in_loyal(man) * (present - 1.0).max(0.0);
        (own * (1.0 + mates), p.threshold + m.loyalty)
    }

    pub(super) fn leaves_now(&self, man: usize) -> bool {
        let (m, (pressure, limit)) = (&self.men[man], self.pressure(man, 0.0));
        let trusted = |l: &&usize| self.men[**l].left && self.trust(man, **l) >= self.p.cell.trust_threshold.value();
        let seen = self.teams[m.squad].roster.iter().filter(trusted).count() as f64;
        let free = self.here(man) && m.party == 0 && self.teams[m.squad].arrived;
        let rule = self.base.plan.rule;
        rule.acts_at_once() && free && pressure >= limit && (rule == R::Affect || seen >= limit)
    }

    pub(super) fn choose_odds(&mut self, man: usize) {
        let (p, m, squad) = (&self.p.public_face, &self.men[man], self.men[man].squad);
        let confided = (m.confided / (self.squad(squad).len() as f64 - 1.0).max(1.0)).min(1.0);
        let seen = p.informer_effect * (self.informers + self.teams[squad].dread);
        self.men[man].odds = logistic(p.base + p.loyalty_effect * m.loyalty + seen - p.confided_effect * confided);
    }

    pub(super) fn suspicion(&self, company: usize, man: usize) -> f64 {
        let (file, p, noise) = (&self.files[company], self.p, self.p.assessment.noise);
        let each = ln(p.denunciation.told.value() / (p.denunciation.innocent_rate.per_day_value() * p.audit.window.0));
        let count = file.reports.iter().filter(|f| f.1 == man).count() as f64;
        let above = self.political(self.battalion(self.base.companies.squads(company as u32).start));
        let Some(mut judge) = file.assessor else { return count * each };
        if judge == man {
            judge = above.unwrap_or(judge)
        }
        let draws = self.draws(P::Assessment);
        let error =
            normal_quantile(draws.uniform(draws.hash(self.men[judge].key, self.men[man].key), file.assessments));
        count * each + (0.5 - f64::from(self.men[man].assessed) - noise * error) / (noise * noise)
    }

    /// A squad's part of the hazards, fixed for the day.
    pub(super) fn fix_hazards(&mut self, squad: usize) {
        let (p, rule, a, joint) = (self.p, self.base.plan.rule, &self.p.attempt, &self.p.decision.collective_sanction);
        let phase = self.base.plan.phase(self.day).value(&p.combat);
        let (members, of) = (self.squad(squad), &self.base.squads[squad]);
        if take(&mut self.teams[squad].heard) > 0 {
            members.iter().for_each(|m| self.choose_odds(*m))
        }
        let (share, factor, platoon) = (p.combat.assault_share.value(), p.combat.assault_factor, self.platoon(squad));
        let leads = self.draw(P::AssaultRole, self.base.squads[platoon.start].key, 0)[0] < share;
        let role = if leads { factor } else { 1.0 } / (1.0 - share + share * factor);
        let post = self.political_of_company(of.company).map(|officer| self.men[officer].squad);
        let near = f64::from(post.is_some_and(|at| platoon.contains(&at))) + f64::from(post == Some(squad));
        let (team, exposure) = (&mut self.teams[squad], self.exposure[of.wave as usize].1);
        (team.dawn, team.losses, team.distance) = (members.len() as f64, 0.0, 2.0 - near);
        let far = pow(1.0 - p.decision.principal_agent.catch_fall.value(), team.distance);
        let caught = team.caught * if rule == R::PrincipalAgent { far } else { 1.0 };
        let police = rule == R::CollectiveSanction && joint.fine * team.caught >= joint.policing_cost;
        let mates = if police { (team.dawn - 1.0).max(0.0) } else { 0.0 };
        let sum = a.exposure_effect * (exposure - 0.5)
            + a.danger_effect * (team.danger - 0.05)
            + a.fear_effect * team.fear
            + a.success_effect * team.known
            - a.catch_effect * (caught - 0.5);
        team.urge = if rule == R::Constant { 1.0 } else { exp(sum) * pow(1.0 - joint.policing_success.value(), mates) };
        let open = [a.opportunity_rear.value(), 1.0, a.opportunity_border][team.zone];
        let rate = match rule {
            R::Constant => p.decision.constant.wavering_rate.per_day_value(),
            R::Threshold | R::Affect => 0.0,
            _ => open * a.base_rate.per_day_value() * team.urge,
        };
        let (field, danger) = (f64::from(team.arrived), f64::from(team.zone > 0) * phase * role);
        let yielding = f64::from(danger > 0.0) * p.surrender.base_rate.per_day_value() * team.urge;
        team.common = [
            danger,
            danger * p.capture.opportunity.value(),
            field * p.absence.base_rate.per_day_value(),
            field * rate,
            yielding,
            field * p.public_face.redraw_rate.per_day_value(),
            field,
        ];
    }

    pub(super) fn hazards(&self, man: usize) -> [f64; 7] {
        let (m, team, watch) = (&self.men[man], &self.teams[self.men[man].squad], &self.p.denunciation);
        if !self.here(man) {
            return [0.0; 7];
        }
        let informers = self.squad(m.squad).into_iter().filter(|i| *i != man && self.men[*i].informer).count() as f64;
        let each = if m.face { watch.innocent_rate } else { watch.sign_rate }.per_day_value();
        let (urge, turn) = (self.factor(man), if m.face { 1.0 - m.odds } else { m.odds });
        let own = [1.0, 1.0, 1.0, urge * f64::from(m.party == 0), urge, turn, informers * each];
        std::array::from_fn(|cause| own[cause] * team.common[cause])
    }

    /// What continuous columns become overnight.
    pub(super) fn evening(&mut self) {
        let (p, fighting) = (self.p, self.base.plan.phase(self.day).value(&self.p.combat) > 0.0);
        for (_, seen) in self.exposure.iter_mut().filter(|wave| wave.0) {
            *seen += p.exposure.growth.value() * (1.0 - *seen)
        }
        for team in &mut self.teams {
            let lost = team.losses / team.dawn.max(1.0);
            let taught = f64::from(team.dawn > 0.0) * p.danger.learning.value();
            team.danger += taught * ((60.0 * lost).min(1.0) - team.danger);
            team.fear = (1.0 - p.fear.decay.value()) * team.fear + p.fear.rise * lost * f64::from(team.dawn > 0.0);
            team.affect +=
                p.decision.affect.fear_learning.value() * (f64::from(fighting && team.zone > 0) - team.affect);
            team.known *= 1.0 - p.belief.success_decay.value();
            team.bond += p.trust.recovery.value() * (1.0 - team.bond);
            team.dread *= exp(-1.0 / p.public_face.informer_memory.0);
            for success in take(&mut team.cases) {
                team.caught += p.belief.catch_learning.value() * (1.0 - success - team.caught);
                team.known += success * p.belief.success_gain.value() * (1.0 - team.known);
            }
            for _ in 0..team.heard {
                team.bond *= p.trust.broken_factor.value();
                team.dread += p.belief.catch_learning.value() * (1.0 - self.informers - team.dread).max(0.0);
            }
        }
    }

    /// What a hit does: at once, and after some days.
    pub(super) fn wound(&self, key: u64, fired: u64) -> (E, Option<(f64, E)>) {
        let ([u, v], [w, x]) = (self.draw(P::CasualtyOutcome, key, fired), self.draw(P::Recovery, key, fired));
        let (p, killed, later) =
            (&self.p.combat, self.p.combat.killed_share.value(), self.p.combat.died_of_wounds.value());
        let at_once = killed * (1.0 - later);
        let after = match (v < killed * later / (1.0 - at_once), x < p.return_share.value()) {
            (true, _) => Some((exponential(w, p.time_to_death.0), E::DiedOfWounds)),
            (_, true) => Some((log_normal(w, p.time_away.0, 0.5), E::Recovered)),
            _ => None,
        };
        match u / at_once {
            share if share < p.killed_by_own_side.value() => (E::KilledByOwnSide, None),
            share if share < 1.0 => (E::KilledInCombat, None),
            _ => (E::Wounded, after),
        }
    }

    /// Whether a mate who is asked joins, and whether he reports it.
    pub(super) fn answer(&self, asker: usize, mate: usize) -> (bool, bool) {
        let (m, watch, day) = (&self.men[mate], &self.p.denunciation, u64::from(self.day));
        let pair = self.draws(P::Confide).hash(self.men[asker].key, m.key);
        let tells = if m.informer { watch.told.value() } else { watch.others.value() * logistic(m.loyalty) };
        let tells = self.draw(P::CellReport, pair, day)[0] < tells;
        let (pressure, limit) = self.pressure(mate, 1.0);
        let urge = self.teams[m.squad].urge * self.factor(mate) * self.left_by_trust(mate);
        let chance = 1.0 - 1.0 / (1.0 + exp(self.p.cell.join) * urge);
        let chance = if self.base.plan.rule.acts_at_once() { f64::from(pressure >= limit) } else { chance };
        (self.draw(P::Join, pair, day)[0] < chance && !(tells && m.informer), tells)
    }

    pub(super) fn end_of_way(&self, squad: usize, u: f64) -> E {
        let (p, team, far) = (&self.p.cell, &self.teams[squad], self.p.decision.principal_agent.catch_fall.value());
        let far = if self.base.plan.rule == R::PrincipalAgent { pow(1.0 - far, team.distance) } else { 1.0 };
        let success = [p.success_rear, p.success, p.success_border][team.zone].value();
        let caught = (1.0 - success) * [p.caught_rear, p.caught, p.caught_border][team.zone].value();
        let killed = (1.0 - success - caught) * [p.killed_rear, p.killed, p.killed_border][team.zone].value();
        match u - success {
            over if over < caught * (1.0 - far) => E::Deserted,
            over if over < caught => E::CaughtLeaving,
            over if over < caught + killed => E::KilledLeaving,
            _ => E::TurnedBack,
        }
    }

    /// What a relative suffers.
    pub(super) fn penalty(&self, man: usize, kin: &Hostage, moved: bool) -> Option<F> {
        let ([u, v], p) = (self.draw(P::HomePenalty, self.men[man].key, kin.key), &self.p.penalty);
        let weight = [1.0, 1.0, 0.5, 0.2, 0.0][usize::from(kin.degree)];
        let near = if kin.together || moved { p.together_factor } else { 1.0 };
        let kinds = [(0.1, F::Camp), (0.37, F::Banished), (0.748, F::CareerBlocked), (1.0, F::ClassLowered)];
        let kind = kinds.into_iter().find(|(below, _)| v < *below).map(|k| k.1);
        kind.filter(|_| u < (p.base.value() * weight * near).min(1.0))
    }
}
