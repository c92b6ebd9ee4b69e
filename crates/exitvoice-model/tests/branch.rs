//! Many futures of one past: the past is the same bit for bit, nothing changed means nothing changes, and whatever can be changed takes
//! hold.

#[path = "support/busy.rs"]
mod busy;
#[path = "../benches/force/mod.rs"]
mod force;

use busy::BUSY;
use exitvoice_core::param::{ParamMeta, Part};
use exitvoice_core::quantity::Seed;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::branch::SETTLED;
use exitvoice_model::force::plan::{Phase, PhaseHazard, Plan};
use exitvoice_model::force::{Branch, ForceBase, ForceParams, deploy, deploy_branches, go_on, past};
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_record::{EventKind, Record, check};
use std::collections::BTreeSet;

const DAYS: u32 = 45;

fn busy(more: &[(&str, f64)]) -> ForceParams {
    let mut all = BUSY.to_vec();
    all.extend_from_slice(more);
    force::params(&all)
}

fn plan(rule: Rule) -> Plan {
    let order = |order, when| Response { order, when };
    Plan {
        waves: busy::waves(),
        phases: vec![
            Phase { from: 5, hazard: PhaseHazard::WinterAssaults },
            Phase { from: 30, hazard: PhaseHazard::Pause },
        ],
        advance_party: true,
        rule,
        responses: vec![
            order(Order::TightenInformers, When::Dated(10)),
            order(Order::PullBack, When::Dated(18)),
            order(Order::MoveFamilies, When::Triggered),
        ],
        ..force::plan(240, DAYS)
    }
}

fn base(rule: Rule) -> ForceBase {
    ForceBase::new(plan(rule), &force::extract(400)).expect("enough candidates")
}

fn bytes(record: &Record) -> Vec<u8> {
    let mut all = Vec::new();
    record.canonical(&mut |b| all.extend_from_slice(b));
    all
}

/// The one branch of a run.
fn branch(base: &ForceBase, params: &ForceParams, seed: u64, day: u32, to: Branch<'_>) -> Record {
    deploy_branches(base, params, Seed(seed), day, &[to]).pop().expect("one branch, one record")
}

#[test]
fn a_branch_that_changes_nothing_is_the_run_that_was_not_interrupted() {
    for (rule, _) in Rule::ALL {
        let (base, params) = (base(rule), busy(&[]));
        let whole = bytes(&deploy(&base, &params, Seed(3)));
        for day in [0, 1, 10, 11, 18, 25, 31, DAYS - 1, DAYS, DAYS + 9] {
            let same = branch(&base, &params, 3, day, Branch { base: &base, params: &params });
            assert_eq!(bytes(&same), whole, "{rule:?}, day {day}");
            let replanned = base.replanned(plan(rule));
            let same = branch(&base, &params, 3, day, Branch { base: &replanned, params: &params });
            assert_eq!(bytes(&same), whole, "{rule:?}, day {day}, the same plan again");
        }
    }
}

#[test]
fn a_state_is_read_back_to_the_same_bytes_and_a_cut_or_lengthened_one_is_refused() {
    for (rule, _) in Rule::ALL {
        let (base, params) = (base(rule), busy(&[]));
        let to = Branch { base: &base, params: &params };
        let whole = bytes(&deploy(&base, &params, Seed(4)));
        for day in [0, 7, 19, 20, 44] {
            let state = past(&base, &params, Seed(4), day);
            assert_eq!(state, past(&base, &params, Seed(4), day), "{rule:?}, day {day}");
            let found = go_on(&state, &base, &params, to).expect("whole");
            assert_eq!(bytes(&found), whole, "{rule:?}, day {day}");
            let step = (state.len() / 50).max(1);
            for length in (0..state.len()).step_by(step).chain([state.len() - 1]) {
                assert!(go_on(&state[..length], &base, &params, to).is_none(), "{rule:?}, day {day}: {length} bytes");
            }
            assert!(go_on(&[state.as_slice(), &[0]].concat(), &base, &params, to).is_none(), "a byte more");
        }
    }
}

/// Parameters of the force with another value that their prior gives, or half or twice the default where it gives none.
fn others() -> Vec<(&'static ParamMeta, f64)> {
    let rows = exitvoice_model::registry().iter().flat_map(|rows| rows.iter()).filter(|m| m.part == Part::Force);
    let other = |meta: &'static ParamMeta| {
        let default = BUSY.iter().find(|(key, _)| *key == meta.key).map(|(_, value)| *value);
        let default = default.unwrap_or_else(|| meta.default_value().expect("every default reads"));
        let prior = meta.parsed_prior().expect("every prior reads");
        let value = prior.quantile(0.9).filter(|x| (x - default).abs() > 1e-9 * default.abs());
        (meta, value.unwrap_or(if default == 0.0 { 1.0 } else { default * 0.5 }))
    };
    rows.map(other).collect()
}

fn is_settled(meta: &ParamMeta) -> bool {
    SETTLED.iter().any(|beginning| meta.key.starts_with(beginning))
}

#[test]
fn before_the_first_day_every_parameter_takes_hold_as_if_it_had_always_been_so() {
    let mut moved = BTreeSet::new();
    for (rule, _) in Rule::ALL {
        let (base, params) = (base(rule), busy(&[]));
        let before = bytes(&deploy(&base, &params, Seed(5)));
        for (meta, value) in others().into_iter().filter(|(meta, _)| !is_settled(meta)) {
            let changed = busy(&[(meta.key, value)]);
            let direct = bytes(&deploy(&base, &changed, Seed(5)));
            let branched = branch(&base, &params, 5, 0, Branch { base: &base, params: &changed });
            assert_eq!(bytes(&branched), direct, "{rule:?}: {} = {value}", meta.key);
            if direct != before {
                moved.insert(meta.key);
            }
        }
    }
    let all = others().into_iter().filter(|(meta, _)| !is_settled(meta)).count();
    let still: Vec<&str> =
        others().iter().filter(|(m, _)| !is_settled(m) && !moved.contains(m.key)).map(|(m, _)| m.key).collect();
    assert!(moved.len() * 10 >= all * 8, "most parameters move this world; these do not: {still:?}");
}

#[test]
fn what_is_settled_before_a_day_moves_nothing_or_only_what_lies_before_it() {
    // The list is no place to hide a parameter that a branch should have taken over: each is used up before the first arrival.
    let (base, params) = (base(Rule::RandomUtility), busy(&[]));
    let before = bytes(&deploy(&base, &params, Seed(5)));
    let settled: Vec<_> = others().into_iter().filter(|(meta, _)| is_settled(meta)).collect();
    assert!(SETTLED.iter().all(|beginning| settled.iter().any(|(meta, _)| meta.key.starts_with(beginning))));
    for (meta, value) in settled {
        let changed = busy(&[(meta.key, value)]);
        let branched = branch(&base, &params, 5, 20, Branch { base: &base, params: &changed });
        assert_eq!(bytes(&branched), before, "{} = {value}", meta.key);
    }
}

#[test]
fn the_past_of_every_branch_is_the_same_bit_for_bit_and_the_future_is_not() {
    const DAY: u32 = 22;
    let (base, params) = (base(Rule::RandomUtility), busy(&[]));
    let whole = deploy(&base, &params, Seed(8));
    let short = busy(&[("danger.rotation.tour", 20.0)]);
    let free = busy(&[("surveillance.denunciation.informer_share", 0.0)]);
    let bold = busy(&[("home.hostage.belief", 0.0), ("exit.attempt.base_rate", 0.2)]);
    let calm = base.replanned(Plan {
        phases: vec![
            Phase { from: 5, hazard: PhaseHazard::WinterAssaults },
            Phase { from: DAY, hazard: PhaseHazard::None },
        ],
        ..plan(Rule::RandomUtility)
    });
    let branches = [(&base, &short), (&base, &free), (&base, &bold), (&calm, &params)];
    let branches = branches.map(|(base, params)| Branch { base, params });
    let records = deploy_branches(&base, &params, Seed(8), DAY, &branches);
    let past = |r: &Record| {
        let events: Vec<_> = r.events.iter().filter(|e| e.day < DAY).copied().collect();
        let families: Vec<_> = r.families.iter().filter(|e| e.day < DAY).copied().collect();
        (events, families, r.heads[..DAY as usize].to_vec())
    };
    assert!(past(&whole).0.len() > 500 && !past(&whole).1.is_empty(), "there is a past");
    for (number, record) in records.iter().enumerate() {
        assert_eq!(check(record), Ok(()), "branch {number}");
        assert!(past(record) == past(&whole), "branch {number}");
        assert_ne!(bytes(record), bytes(&whole), "branch {number}");
    }
    let after =
        |record: &Record, kind: EventKind| record.events.iter().filter(|e| e.day >= DAY && e.kind == kind).count();
    assert!(after(&whole, EventKind::FiledDenunciation) > 0, "informers go on where they are left");
    assert_eq!(after(&records[1], EventKind::FiledDenunciation), 0, "without informers nobody files");
    let (out, stay) = (after(&records[0], EventKind::RotatedOut), after(&whole, EventKind::RotatedOut));
    assert!(out > stay, "shorter tours send more home: {out} and {stay}");
    assert!(after(&records[2], EventKind::AttemptBegan) > after(&whole, EventKind::AttemptBegan));
    assert_eq!(after(&records[3], EventKind::KilledInCombat), 0, "no contact, nobody falls in combat");
}

#[test]
fn informers_stay_who_they_are_where_share_and_factor_come_to_the_same_after_the_order() {
    let informers = |share: f64, factor: f64| {
        busy(&[("surveillance.denunciation.informer_share", share), ("regime.response.informer_factor", factor)])
    };
    let (base, params) = (base(Rule::RandomUtility), informers(0.1, 3.0));
    let after = |params: &ForceParams, day: u32| {
        let record = branch(&base, &informers(0.1, 3.0), 8, day, Branch { base: &base, params });
        bytes(&record)
    };
    let whole = bytes(&deploy(&base, &params, Seed(8)));
    // The order is of day 10: .1 three times and .05 six times are one share, .05 three times is another.
    assert!(after(&informers(0.05, 6.0), 22) == whole);
    assert!(after(&informers(0.05, 3.0), 22) != whole);
    assert!(after(&informers(0.05, 6.0), 6) != whole, "before the order the share is half");
}

#[test]
fn branches_from_any_day_meet_the_requirements_of_a_record() {
    for (rule, _) in Rule::ALL {
        let (base, params) = (base(rule), busy(&[]));
        let wild: Vec<ForceParams> = others()
            .chunks(7)
            .map(|some| busy(&some.iter().map(|(meta, value)| (meta.key, *value)).collect::<Vec<_>>()))
            .collect();
        let branches: Vec<Branch<'_>> = wild.iter().map(|params| Branch { base: &base, params }).collect();
        for day in [4, 19, 33] {
            for (number, record) in deploy_branches(&base, &params, Seed(2), day, &branches).iter().enumerate() {
                assert_eq!(check(record), Ok(()), "{rule:?}, day {day}, branch {number}");
            }
        }
    }
}

#[test]
fn a_plan_that_says_otherwise_of_what_was_settled_is_told_by_name() {
    let old = plan(Rule::RandomUtility);
    let named = |change: &dyn Fn(&mut Plan)| {
        let mut new = plan(Rule::RandomUtility);
        change(&mut new);
        old.settled(&new, 20)
    };
    assert_eq!(named(&|_| {}), Vec::<&str>::new());
    assert_eq!(named(&|p| p.phases[1].from = 25), Vec::<&str>::new(), "a phase after the day may move");
    assert_eq!(named(&|p| p.phases[0].from = 6), ["phases before the day"]);
    assert_eq!(named(&|p| p.responses[1].when = When::Dated(25)), ["responses before the day"]);
    assert_eq!(named(&|p| p.responses.push(Response { order: Order::PullBack, when: When::Dated(20) })), [""; 0]);
    assert_eq!(named(&|p| p.waves[2].soldiers = 31), ["waves"]);
    assert_eq!(named(&|p| p.rule = Rule::Affect), ["decision.rule"]);
    assert_eq!(named(&|p| p.days += 1), ["period"]);
    assert_eq!(named(&|p| p.squad = 9), ["order of battle"]);
}
