//! The slow twin of `twin/` against the model: the same events, in the same order, from the same draws, under every rule and with orders.

#[path = "../benches/force/mod.rs"]
mod force;
#[rustfmt::skip]
mod twin;

use exitvoice_core::quantity::Seed;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Phase, PhaseHazard, Wave};
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_record::EventKind;
use std::collections::BTreeSet;
use twin::Twin;

/// Two hundred soldiers in two waves, two battalions and a wave of replacements over sixty days, and what an advance party adds.
fn base(rule: Rule, responses: &[Response]) -> ForceBase {
    let mut plan = force::plan(100, 60);
    plan.levels = [3, 2, 3, 4];
    let units = Wave { contingent: 1, soldiers: 100, arrives: 0, front: Some(4), joins: Joins::AsUnits };
    plan.waves = vec![
        units.clone(),
        Wave { soldiers: 80, arrives: 6, front: Some(30), ..units.clone() },
        Wave { soldiers: 20, arrives: 20, front: None, joins: Joins::AsReplacements, ..units },
    ];
    plan.phases = vec![Phase { from: 8, hazard: PhaseHazard::WinterAssaults }];
    plan.advance_party = true;
    plan.rule = rule;
    plan.responses = responses.to_vec();
    ForceBase::new(plan, &force::extract(260)).expect("enough candidates")
}

/// Every mechanism busy.
const BUSY: [(&str, f64); 33] = [
    ("exit.attempt.base_rate", 0.3),
    ("exit.attempt.opportunity_border", 2.0),
    ("exit.absence.base_rate", 0.002),
    ("exit.surrender.base_rate", 0.01),
    ("exit.cell.join", 1.0),
    ("exit.cell.success_border", 0.6),
    ("danger.combat.hazard_winter_assaults", 0.01),
    ("danger.capture.opportunity", 0.1),
    ("danger.combat.killed_by_own_side", 0.2),
    ("danger.combat.time_away", 10.0),
    ("danger.rotation.tour", 50.0),
    ("danger.rotation.travel", 3.0),
    ("home.returnees.kin_rate", 0.5),
    ("home.penalty.delay", 8.0),
    ("mind.belief.news", 0.4),
    ("mind.belief.between_squads", 0.5),
    ("mind.public_face.base", 0.0),
    ("surveillance.denunciation.informer_share", 0.15),
    ("surveillance.denunciation.innocent_rate", 0.01),
    ("surveillance.denunciation.becomes_known", 0.4),
    ("surveillance.assessment.interval", 9.0),
    ("surveillance.audit.quota", 1.6),
    ("decision.constant.core_rate", 0.004),
    ("decision.constant.wavering_rate", 0.007),
    ("decision.threshold.mean", 2.0),
    ("decision.threshold.sd", 1.2),
    ("decision.affect.threshold", 1.0),
    ("decision.affect.mate_weight", 0.2),
    ("decision.principal_agent.catch_fall", 0.4),
    ("decision.principal_agent.penalty_fall", 0.5),
    ("decision.collective_sanction.policing_success", 0.05),
    ("regime.response.trigger", 3.0),
    ("regime.response.pull_back", 7.0),
];

/// Hours may differ by rounding alone: sums in another order over sixty days.
const ROUNDING: f64 = 1e-9;

/// Kinds of events that happened while both agreed on every one of some seeds.
fn agree(base: &ForceBase, params: &ForceParams, seeds: std::ops::Range<u64>) -> BTreeSet<EventKind> {
    let (mut kinds, rule) = (BTreeSet::new(), base.plan.rule);
    for seed in seeds {
        let record = deploy(base, params, Seed(seed));
        let twin = Twin::run(base, params, Seed(seed));
        for (number, (fast, slow)) in record.events.iter().zip(&twin.events).enumerate() {
            let fast = (fast.day, fast.fraction, fast.soldier.row(), fast.kind, fast.group);
            let same = (fast.0, fast.2, fast.3, fast.4) == (slow.0, slow.2, slow.3, slow.4);
            assert!(
                same && (fast.1 - slow.1).abs() < ROUNDING,
                "{rule:?}, seed {seed}, event {number}: {fast:?} and {slow:?}"
            );
            kinds.insert(fast.3);
        }
        assert_eq!(record.events.len(), twin.events.len(), "{rule:?}, seed {seed}");
        assert_eq!(record.families, twin.families, "{rule:?}, seed {seed}");
        assert_eq!(record.heads, twin.heads, "{rule:?}, seed {seed}");
    }
    kinds
}

#[test]
fn the_slow_twin_agrees_event_by_event() {
    let kinds = agree(&base(Rule::RandomUtility, &[]), &force::params(&BUSY), 0..12);
    let never: Vec<&EventKind> = EventKind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(never.is_empty(), "the twin is not tried on {never:?}");
}

#[test]
fn it_agrees_under_every_rule() {
    for (rule, key) in Rule::ALL {
        let kinds = agree(&base(rule, &[]), &force::params(&BUSY), 20..24);
        for kind in [EventKind::AttemptBegan, EventKind::Joined, EventKind::Left, EventKind::Transferred] {
            assert!(kinds.contains(&kind), "{key} is not tried on {kind:?}");
        }
    }
}

#[test]
fn it_agrees_under_orders() {
    let order = |order, when| Response { order, when };
    for (rule, key) in Rule::ALL {
        let orders = [
            order(Order::TightenInformers, When::Dated(12)),
            order(Order::PullBack, When::Triggered),
            order(Order::MoveFamilies, When::Triggered),
            order(Order::PullBack, When::Dated(31)),
        ];
        let kinds = agree(&base(rule, &orders), &force::params(&BUSY), 30..32);
        assert!(kinds.contains(&EventKind::LeftFront), "{key}: nobody is pulled back");
    }
}

#[test]
fn it_agrees_at_the_defaults() {
    for (rule, _) in Rule::ALL {
        agree(&base(rule, &[]), &force::params(&[]), 40..42);
    }
}
