//! Requirements that hold in any world: records of random forces, parameters, rules and orders.

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Phase, PhaseHazard, Wave};
use exitvoice_model::force::{ForceBase, deploy};
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_record::{EventKind, FamilyEventKind, Record, Status, check};

/// What varies between cases, each with the range from which it is drawn on a logarithmic scale.
const VARIED: [(&str, f64, f64); 16] = [
    ("exit.attempt.base_rate", 1e-4, 0.3),
    ("exit.absence.base_rate", 1e-4, 0.05),
    ("exit.surrender.base_rate", 1e-4, 0.3),
    ("danger.combat.hazard_winter_assaults", 1e-3, 0.2),
    ("danger.capture.opportunity", 0.01, 0.9),
    ("danger.rotation.tour", 5.0, 400.0),
    ("surveillance.denunciation.informer_share", 0.01, 0.6),
    ("surveillance.denunciation.innocent_rate", 1e-4, 0.1),
    ("surveillance.audit.quota", 0.05, 5.0),
    ("surveillance.denunciation.becomes_known", 0.05, 0.9),
    ("mind.public_face.redraw_rate", 0.01, 1.0),
    ("exit.cell.lag", 0.01, 5.0),
    ("home.penalty.delay", 0.5, 60.0),
    ("home.penalty.base", 0.05, 1.0),
    ("force.roles.political_officers", 0.1, 1.0),
    ("decision.affect.threshold", 0.05, 3.0),
];

/// A world of a case: everything about it follows from its number.
fn world(case: u64) -> (ForceBase, Record) {
    let draws = Draws::new(Seed(2_024), Purpose::Test);
    let u = |place: u64| draws.uniform(case, place);
    let pick = |place: u64, n: usize| sample::index(u(place), n);
    let changes: Vec<(&str, f64)> = VARIED
        .iter()
        .zip(100..)
        .map(|((key, low, high), place)| (*key, low * math::pow(high / low, u(place))))
        .collect();
    let days = 10 + pick(0, 50) as u32;
    let soldiers = 1 + pick(1, 240) as u32;
    let mut plan = force::plan(soldiers, days);
    let second = 1 + pick(2, 60) as u32;
    plan.squad = 1 + pick(3, 12) as u32;
    plan.levels = [1 + pick(4, 3) as u32, 1 + pick(5, 3) as u32, 1 + pick(6, 3) as u32, 1 + pick(7, 3) as u32];
    plan.waves = vec![
        Wave { contingent: 1, soldiers, arrives: 0, front: Some(pick(8, 10) as u32), joins: Joins::AsUnits },
        Wave {
            contingent: 2,
            soldiers: second,
            arrives: pick(9, 20) as u32,
            front: None,
            joins: if pick(17, 2) == 0 { Joins::AsReplacements } else { Joins::AsUnits },
        },
    ];
    plan.phases = vec![Phase { from: pick(10, 15) as u32, hazard: PhaseHazard::WinterAssaults }];
    plan.advance_party = pick(11, 2) == 0;
    plan.rule = Rule::ALL[pick(12, Rule::ALL.len())].0;
    plan.steps_per_day = 1 + pick(13, 2) as u32;
    let order = [Order::TightenInformers, Order::PullBack, Order::MoveFamilies][pick(14, 3)];
    let when = if pick(15, 2) == 0 { When::Triggered } else { When::Dated(pick(16, 30) as u32) };
    plan.responses = vec![Response { order, when }];
    let base = ForceBase::new(plan, &force::extract(soldiers + second + 40)).expect("enough candidates");
    let record = deploy(&base, &force::params(&changes), Seed(case));
    (base, record)
}

/// Rows of the base are those of the record: the keys of those whose families are penalised name their own kin.
fn penalised_are_kin(base: &ForceBase, record: &Record) -> bool {
    let mut penalties = record.families.iter().filter(|f| f.kind.is_penalty() || f.kind == FamilyEventKind::Learnt);
    penalties.all(|f| {
        base.kin(f.soldier.row()).iter().any(|kin| kin.key == f.kin && kin.degree == f.degree && kin.degree < 4)
    })
}

fn nothing_after_the_end(record: &Record) -> bool {
    let mut status = vec![None; record.soldiers.key.len()];
    record.events.iter().all(|event| {
        let before = status[event.soldier.row()];
        if let Some(after) = event.kind.status_after() {
            status[event.soldier.row()] = Some(after);
        }
        let dies_there = event.kind == EventKind::DiedInCustody;
        let lapsed = event.kind == EventKind::AttemptLapsed;
        lapsed
            || match before {
                Some(Status::Killed | Status::Deserted | Status::Caught | Status::Arrested | Status::Home) => false,
                Some(Status::Captured | Status::Surrendered) => dies_there,
                _ => true,
            }
    })
}

fn hold(cases: std::ops::Range<u64>) {
    let mut kinds = std::collections::BTreeSet::new();
    let mut families = std::collections::BTreeSet::new();
    for case in cases {
        let (base, record) = world(case);
        assert_eq!(check(&record), Ok(()), "case {case}");
        assert!(penalised_are_kin(&base, &record), "case {case}: a stranger is penalised");
        assert!(nothing_after_the_end(&record), "case {case}: something happens to one who is gone");
        kinds.extend(record.events.iter().map(|e| e.kind));
        families.extend(record.families.iter().map(|f| f.kind));
    }
    let never: Vec<&EventKind> = EventKind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(never.is_empty(), "no case has {never:?}");
    assert_eq!(families.len(), FamilyEventKind::ALL.len(), "{families:?}");
}

#[test]
fn those_penalised_are_kin() {
    hold(0..10_000);
}
