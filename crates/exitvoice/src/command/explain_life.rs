//! `explain-life`: one synthetic soldier, day by day. One soldier a call, and only in scenarios that no public claim feeds.

use super::estimate::{Estimate, need_of};
use super::{Error, Machine, Outcome, Progress, ScenarioOptions};
use crate::country;
use crate::deployment;
use crate::fill;
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_model::decision::Decision;
use exitvoice_model::force::follow;
use exitvoice_model::force::life::{Life, LifeDay};
use exitvoice_model::mechanism::exit::attempt;
use exitvoice_record::{EventKind, FamilyEvent, FamilyEventKind, STATUSES, SoldierId, Status};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Options of `explain-life`.
#[derive(Clone, Debug)]
pub struct ExplainLifeOptions {
    /// The scenario and what is laid over it.
    pub scenario: ScenarioOptions,
    /// Files, threads, memory.
    pub machine: Machine,
    /// The soldier, counted from 0 in the order of battle.
    pub soldier: u32,
    /// Replicate whose world he lives in.
    pub replicate: u32,
}

/// A life.
#[derive(Clone, Debug)]
pub struct ExplainLifeOutcome {
    scenario: String,
    scaled: bool,
    soldier: u32,
    replicate: u32,
    rule: &'static str,
    life: Life,
    params: attempt::Params,
    draws: Draws,
    key: u64,
}

/// One denunciation as seen from one side of it.
struct Denunciation {
    day: u32,
    number: u32,
    /// Row of the soldier on the other side.
    other: Option<usize>,
}

impl Denunciation {
    fn to_json(&self, other: &str) -> Value {
        json!({ "day": self.day, "number": self.number, other: self.other })
    }

    fn line(&self, side: &str) -> String {
        let other = self.other.map_or_else(|| "nobody known".to_owned(), |row| format!("soldier {row}"));
        format!("day {:3}  denunciation {} {side} {other}", self.day, self.number)
    }
}

/// What following one soldier would take.
///
/// # Errors
/// As [`explain_life`], before anything is simulated.
pub fn estimate(options: &ExplainLifeOptions) -> Result<Estimate, Error> {
    let scenario = asked(options)?;
    Ok(need_of(&scenario, 0, 1, &options.machine)?.on(&options.machine, &options.scenario.out))
}

/// The scenario, if it has such a life.
fn asked(options: &ExplainLifeOptions) -> Result<Scenario, Error> {
    let scenario = options.scenario.resolve(&options.machine, &[])?;
    if scenario.claims.is_some() {
        return Err(Error::LifeOfClaims { scenario: scenario.name });
    }
    if options.soldier >= scenario.soldiers() {
        return Err(Error::NoSuchSoldier { soldier: options.soldier, soldiers: scenario.soldiers() });
    }
    Ok(scenario)
}

/// Runs one replicate and follows one soldier.
///
/// # Errors
/// The scenario is fed by claims (exit 64), has fewer soldiers, or cannot be resolved or built.
pub fn explain_life(options: &ExplainLifeOptions, progress: &mut dyn Progress) -> Result<ExplainLifeOutcome, Error> {
    let scenario = asked(options)?;
    let pool = options.machine.pool()?;
    let country = country::open(&scenario, &options.machine, &pool, progress)?;
    let base = deployment::force(&scenario, &country)?;
    let params = deployment::force_params(&scenario)?;
    let seed = deployment::replicate_seed(scenario.seed, options.replicate);
    let soldier = SoldierId::from_row(options.soldier as usize);
    let key = base.soldiers.key[soldier];
    Ok(ExplainLifeOutcome {
        scaled: scenario.is_scaled(),
        rule: scenario.rule,
        scenario: scenario.name.clone(),
        soldier: options.soldier,
        replicate: options.replicate,
        life: follow(&base, &params, seed, soldier),
        params: params.attempt,
        draws: Draws::new(seed, Purpose::Attempt),
        key,
    })
}

impl ExplainLifeOutcome {
    fn row(&self) -> SoldierId {
        SoldierId::from_row(self.soldier as usize)
    }

    /// Terms of the log-hazard relative to the reference soldier, each 0 at its reference; none under a rule whose hazard is no product of terms.
    fn terms(&self, day: &LifeDay) -> Vec<(&'static str, f64)> {
        if !fill::is_product(self.rule) {
            return Vec::new();
        }
        let (p, view) = (&self.params, &day.view);
        let terms = [
            ("exposure", p.exposure_effect * (view.exposure - attempt::REFERENCE_HALF)),
            ("danger", p.danger_effect * (view.danger - attempt::REFERENCE_DANGER)),
            ("fear", p.fear_effect * view.fear),
            ("known_successes", p.success_effect * view.successes),
            ("catch", -p.catch_effect * (view.catch_belief - attempt::REFERENCE_HALF)),
            ("trust", -p.trust_effect * (day.trust - attempt::REFERENCE_HALF)),
            ("private_loyalty", -p.loyalty_effect * self.life.private_loyalty),
            ("hostage", -p.hostage_effect * (day.penalty_belief * day.hostage - attempt::REFERENCE_HOSTAGE)),
        ];
        terms.to_vec()
    }

    /// The terms of a day in one line, and their sum; nothing where no hazard is decided on.
    fn terms_line(&self, day: &LifeDay) -> Option<String> {
        let present = day.status == Some(Status::Present) && matches!(day.decision, Decision::Hazard(_));
        let terms = self.terms(day);
        let words: Vec<String> = terms.iter().map(|(name, x)| format!("{} {x:+.2}", name.replace('_', " "))).collect();
        let sum: f64 = terms.iter().map(|term| term.1).sum();
        (present && !terms.is_empty())
            .then(|| format!("         opportunity {:.2}, terms {}, sum {sum:+.2}", day.opportunity, words.join(", ")))
    }

    /// What happened on a day to him, and the other side of denunciations he filed or suffered.
    fn happened(&self, day: u32) -> Vec<Value> {
        let events = self.life.record.events.iter().filter(|e| e.day == day && e.soldier == self.row());
        events.map(|e| json!({ "event": e.kind.word(), "fraction": e.fraction, "number": e.group })).collect()
    }

    fn day(&self, day: &LifeDay) -> Value {
        let status = day.status.map_or("not_yet_sent", |s| STATUSES[s as usize].1);
        let (hazard, now) = match day.decision {
            Decision::Hazard(hazard) => (Some(hazard), false),
            Decision::Now => (None, true),
        };
        json!({
            "day": day.day,
            "status": status,
            "squad": day.squad,
            "loyal_face": day.loyal_face,
            "knew": {
                "exposure": day.view.exposure,
                "danger": day.view.danger,
                "known_successes": day.view.successes,
                "catch_belief": day.view.catch_belief,
                "believed_informers": day.believed_informers,
                "penalty_belief": day.penalty_belief,
            },
            "opportunity": day.opportunity,
            "terms": self.terms(day).into_iter().collect::<BTreeMap<_, _>>(),
            "hazard_per_day": hazard,
            "leaves_now": now,
            "clock_per_day": day.clock_per_day,
            "resistance_left": day.resistance_left,
            "happened": self.happened(day.day),
        })
    }

    fn kin(&self) -> Vec<Value> {
        self.life.kin.iter().map(|k| json!({ "degree": k.degree, "lives_with_him": k.together })).collect()
    }

    fn family(&self) -> Vec<Value> {
        let word = |kind| FamilyEventKind::ALL.iter().find(|k| k.0 == kind).map_or("", |k| k.1);
        let own = self.life.record.families.iter().filter(|f| f.soldier == self.row());
        let degree = |f: &FamilyEvent| (f.degree != FamilyEvent::WHOLE).then_some(f.degree);
        own.map(|f| json!({ "day": f.day, "event": word(f.kind), "degree": degree(f) })).collect()
    }

    /// Denunciations of which he is on one side, with day, number and who is on the other.
    fn denunciations(&self, own: EventKind, other: EventKind) -> Vec<Denunciation> {
        let events = &self.life.record.events;
        let of = |kind| events.iter().filter(move |e| e.kind == kind);
        let own = of(own).filter(|e| e.soldier == self.row());
        let with = |number| of(other).find(|e| e.group == number).map(|e| e.soldier.row());
        own.map(|e| Denunciation { day: e.day, number: e.group, other: with(e.group) }).collect()
    }

    fn on_him(&self) -> Vec<Denunciation> {
        self.denunciations(EventKind::Denounced, EventKind::FiledDenunciation)
    }

    fn by_him(&self) -> Vec<Denunciation> {
        self.denunciations(EventKind::FiledDenunciation, EventKind::Denounced)
    }

    /// Every firing of the clock of his attempt: the uniform behind the resistance of each occurrence, and the one that trust is held against.
    fn draws(&self) -> Vec<Value> {
        let events = &self.life.record.events;
        let begun =
            events.iter().filter(|e| e.soldier == self.row() && e.kind == EventKind::AttemptBegan).count() as u64;
        let draw = |occurrence| {
            let block = self.draws.block(self.key, occurrence);
            json!({ "occurrence": occurrence, "resistance": -math::ln(block.uniform()), "against_trust": block.second() })
        };
        (0..=begun.max(self.life.fired)).map(draw).collect()
    }
}

impl Outcome for ExplainLifeOutcome {
    fn to_json(&self) -> Value {
        json!({
            "population": "synthetic",
            "scenario": self.scenario,
            "scaled": self.scaled,
            "soldier": self.soldier,
            "replicate": self.replicate,
            "rule": self.rule,
            "private_loyalty": self.life.private_loyalty,
            "informer": self.life.informer,
            "kin_at_risk": self.kin(),
            "denunciations": {
                "on_him": self.on_him().iter().map(|d| d.to_json("by")).collect::<Vec<_>>(),
                "by_him": self.by_him().iter().map(|d| d.to_json("on")).collect::<Vec<_>>(),
            },
            "draws_of_the_attempt": self.draws(),
            "days": self.life.days.iter().map(|day| self.day(day)).collect::<Vec<_>>(),
            "family": self.family(),
        })
    }

    fn text(&self) -> Vec<String> {
        let life = &self.life;
        let mut lines = vec![
            format!(
                "Synthetic soldier {} of `{}`, replicate {}, rule {}",
                self.soldier, self.scenario, self.replicate, self.rule
            ),
            format!(
                "private loyalty {:.2}, {}, {} living relatives, resistance of the clock of his attempt {:.3}, fired {} times",
                life.private_loyalty,
                if life.informer { "an informer" } else { "no informer" },
                life.kin.len(),
                self.draws.resistance(self.key, 0),
                life.fired
            ),
            format!("denounced {} times, filed {} denunciations", self.on_him().len(), self.by_him().len()),
        ];
        lines.extend(self.on_him().iter().map(|d| d.line("on him, by")));
        lines.extend(self.by_him().iter().map(|d| d.line("by him, on")));
        for day in &life.days {
            let status = day.status.map_or("not yet sent", |s| STATUSES[s as usize].1);
            let decision = match day.decision {
                Decision::Hazard(hazard) => format!("hazard {hazard:.2e} /d"),
                Decision::Now => "leaves now".to_owned(),
            };
            let face = if day.loyal_face { "loyal face" } else { "face not loyal" };
            let happened = self.happened(day.day);
            let words: Vec<&str> = happened.iter().filter_map(|e| e["event"].as_str()).collect();
            let v = &day.view;
            lines.push(format!(
                "day {:3}  {status:13} {face:14} danger {:.3} fear {:.3} trust {:.2} catch belief {:.2} known successes {:.2}  {decision}  {}",
                day.day,
                v.danger,
                v.fear,
                day.trust,
                v.catch_belief,
                v.successes,
                words.join(", ")
            ));
            lines.extend(self.terms_line(day));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Silent;

    fn life(scenario: &str, soldier: u32) -> Result<ExplainLifeOutcome, Error> {
        lived(ScenarioOptions::new(scenario), soldier)
    }

    fn lived(scenario: ScenarioOptions, soldier: u32) -> Result<ExplainLifeOutcome, Error> {
        explain_life(&ExplainLifeOptions { scenario, machine: Machine::this(), soldier, replicate: 0 }, &mut Silent)
    }

    #[test]
    fn no_terms_are_told_under_rules_whose_hazard_has_none() {
        for rule in ["m0", "m2", "m3"] {
            let set = vec![format!("decision.rule={rule}")];
            let outcome = lived(ScenarioOptions { set, ..ScenarioOptions::new("toy-squad") }, 7).expect("a toy");
            assert!(outcome.life.days.iter().all(|day| outcome.terms_line(day).is_none()), "{rule}");
            assert_eq!(outcome.to_json()["days"][9]["terms"], json!({}), "{rule}");
        }
    }

    #[test]
    fn a_life_has_every_day_and_its_terms_make_its_hazard() {
        let outcome = life("toy-squad", 7).expect("a toy");
        let json = outcome.to_json();
        let days = json["days"].as_array().expect("days");
        assert_eq!(days.len(), 60);
        let seen = |kind| {
            let happened = days.iter().flat_map(|day| day["happened"].as_array().expect("a list"));
            happened.filter(|event| event["event"] == kind).count()
        };
        for (side, kind) in [("on_him", "denounced"), ("by_him", "filed_denunciation")] {
            assert_eq!(json["denunciations"][side].as_array().map(Vec::len), Some(seen(kind)), "{side}");
        }
        assert!(json["draws_of_the_attempt"].as_array().is_some_and(|draws| draws.len() > seen("attempt_began")));
        assert_eq!(json["population"], "synthetic");
        for (day, told) in outcome.life.days.iter().zip(days) {
            let Decision::Hazard(hazard) = day.decision else { continue };
            let terms = told["terms"].as_object().expect("terms");
            let sum: f64 = terms.values().filter_map(Value::as_f64).sum();
            let expected = day.opportunity * outcome.params.base_rate.per_day_value() * exitvoice_core::math::exp(sum);
            let present = day.status.is_some_and(|s| s == exitvoice_record::Status::Present);
            assert!(!present || (hazard / expected - 1.0).abs() < 1e-9, "day {}: {hazard} {expected}", day.day);
            let line = outcome.terms_line(day);
            assert_eq!(line.is_some(), present);
            assert!(line.is_none_or(|line| line.ends_with(&format!("sum {sum:+.2}"))));
        }
        assert!(outcome.text().iter().any(|line| line.contains("private loyalty -") && line.contains("hostage ")));
    }

    #[test]
    fn lives_in_scenarios_fed_by_claims_and_soldiers_who_are_not_there_are_refused() {
        let claims = life("kursk-2024", 7).expect_err("fed by claims");
        assert_eq!((claims.code().as_str(), claims.exit_code()), ("EV0785", 64));
        let nobody = life("toy-squad", 30).expect_err("thirty soldiers, counted from 0");
        assert_eq!((nobody.code().as_str(), nobody.exit_code()), ("EV0786", 64));
    }
}
