//! A large force passes in parts; the record is that of one pass over the whole.

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::parts::LARGE;
use exitvoice_model::force::plan::{Joins, Phase, PhaseHazard, Wave};
use exitvoice_model::force::{ForceBase, deploy, deploy_shuffled};
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_model::schedule::DAY;
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind, check};
use std::collections::BTreeSet;

fn base(rule: Rule, responses: Vec<Response>) -> ForceBase {
    let size = LARGE as u32;
    let mut plan = force::plan(size, 24);
    let units = Wave { contingent: 1, soldiers: size / 2, arrives: 0, front: Some(2), joins: Joins::AsUnits };
    plan.waves = vec![
        units.clone(),
        Wave { soldiers: 900, arrives: 9, front: None, joins: Joins::AsReplacements, ..units },
        Wave { contingent: 2, arrives: 5, front: Some(12), ..units },
    ];
    plan.phases = vec![Phase { from: 3, hazard: PhaseHazard::WinterAssaults }];
    (plan.advance_party, plan.rule, plan.responses) = (true, rule, responses);
    ForceBase::new(plan, &force::extract(size + 1_500)).expect("enough candidates")
}

#[test]
fn parts_leave_the_record_of_the_whole() {
    let params = force::params(&[
        ("exit.attempt.base_rate", 0.02),
        ("exit.absence.base_rate", 0.002),
        ("exit.surrender.base_rate", 0.01),
        ("danger.combat.hazard_winter_assaults", 0.01),
        ("danger.combat.time_away", 5.0),
        ("danger.capture.opportunity", 0.1),
        ("danger.rotation.tour", 20.0),
        ("danger.rotation.travel", 2.0),
        ("home.returnees.kin_rate", 0.5),
        ("home.penalty.delay", 4.0),
        ("mind.belief.news", 0.2),
        ("mind.public_face.base", 0.0),
        ("surveillance.denunciation.innocent_rate", 0.005),
        ("surveillance.denunciation.becomes_known", 0.4),
        ("surveillance.audit.quota", 1.5),
        ("decision.threshold.mean", 2.0),
    ]);
    let order = |order, day| Response { order, when: When::Dated(day) };
    let orders = vec![order(Order::PullBack, 14), order(Order::TightenInformers, 6), order(Order::PullBack, 14)];
    let in_order: Vec<usize> = (0..DAY.len()).collect();
    for (rule, orders) in
        [(Rule::RandomUtility, orders), (Rule::Threshold, Vec::new()), (Rule::PrincipalAgent, Vec::new())]
    {
        let base = base(rule, orders);
        let (parts, whole) = (deploy(&base, &params, Seed(3)), deploy_shuffled(&base, &params, Seed(3), &in_order));
        let first = parts.events.iter().zip(&whole.events).position(|(a, b)| a != b);
        assert_eq!(first.map(|n| (n, parts.events[n], whole.events[n])), None, "{rule:?}");
        assert_eq!(parts.events.len(), whole.events.len());
        assert_eq!((parts.families, parts.heads), (whole.families, whole.heads));
        assert_eq!(parts.soldiers.squad.as_slice(), whole.soldiers.squad.as_slice());
        assert_eq!(parts.soldiers.key.as_slice(), whole.soldiers.key.as_slice());
        assert_eq!(check(&deploy(&base, &params, Seed(3))), Ok(()));
        let kinds: BTreeSet<EventKind> = parts.events.iter().map(|e| e.kind).collect();
        let needed = [EventKind::Joined, EventKind::Transferred, EventKind::InformerExposed, EventKind::ArrivedHome];
        assert!(needed.iter().all(|kind| kinds.contains(kind)), "{rule:?}: {kinds:?}");
    }
}

#[test]
fn labels_on_paper_change_who_is_alike_and_nobodys_loyalty() {
    let params = force::params(&[("service.selection.core_loyalty_gap", 2.0), ("exit.attempt.base_rate", 0.02)]);
    let size = LARGE as u32;
    let extract = force::extract(size);
    let labels = |candidate: usize| (if candidate.is_multiple_of(2) { Class::Core } else { Class::Wavering }, 3);
    let own = ForceBase::new(force::plan(size, 24), &extract).expect("enough candidates");
    let labelled = ForceBase::labelled(force::plan(size, 24), &extract, labels).expect("enough candidates");
    assert_eq!(own.private_loyalty(&params.selection), labelled.private_loyalty(&params.selection));
    assert!((0..own.len()).any(|s| own.class.as_slice()[s] != labelled.class.as_slice()[s]));
    assert!((1..own.len()).all(|s| labelled.alike(0, s)), "one province");
    // The same where the force passes in parts.
    let in_order: Vec<usize> = (0..DAY.len()).collect();
    let (parts, whole) = (deploy(&labelled, &params, Seed(3)), deploy_shuffled(&labelled, &params, Seed(3), &in_order));
    assert!(parts.events == whole.events && !parts.events.is_empty());
    // Labels that are the candidates' own change nothing.
    let same = |candidate: usize| (extract.class[candidate], extract.province[candidate]);
    let same = ForceBase::labelled(force::plan(size, 24), &extract, same).expect("enough candidates");
    assert_eq!(deploy(&own, &params, Seed(3)).events, deploy(&same, &params, Seed(3)).events);
}

#[test]
fn an_order_that_waits_for_exits_of_the_whole_force_keeps_it_whole() {
    let triggered = Response { order: Order::MoveFamilies, when: When::Triggered };
    let base = base(Rule::RandomUtility, vec![triggered]);
    let in_order: Vec<usize> = (0..DAY.len()).collect();
    let params = force::params(&[("exit.attempt.base_rate", 0.02), ("home.penalty.base", 0.3)]);
    let (one, other) = (deploy(&base, &params, Seed(4)), deploy_shuffled(&base, &params, Seed(4), &in_order));
    assert_eq!((one.events, one.families), (other.events, other.families));
}
