//! The slow twin of `twin/` against the model: the same events, in the same order, from the same draws.

#[path = "../benches/force/mod.rs"]
mod force;
mod twin;

use exitvoice_core::quantity::Seed;
use exitvoice_model::force::plan::{Joins, Phase, PhaseHazard, Wave};
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use exitvoice_record::EventKind;
use twin::Twin;

/// Two hundred soldiers in two waves, two battalions and a wave of replacements over sixty days.
fn base() -> ForceBase {
    let mut plan = force::plan(100, 60);
    plan.levels = [3, 2, 3, 4];
    let units = Wave { contingent: 1, soldiers: 100, arrives: 0, front: Some(4), joins: Joins::AsUnits };
    plan.waves = vec![
        units.clone(),
        Wave { soldiers: 80, arrives: 6, front: Some(30), ..units.clone() },
        Wave { soldiers: 20, arrives: 20, front: None, joins: Joins::AsReplacements, ..units },
    ];
    plan.phases = vec![Phase { from: 8, hazard: PhaseHazard::WinterAssaults }];
    ForceBase::new(plan, &force::extract(200)).expect("enough candidates")
}

/// Every mechanism busy.
fn params() -> ForceParams {
    force::params(&[
        ("exit.attempt.base_rate", 0.3),
        ("exit.absence.base_rate", 0.002),
        ("exit.surrender.base_rate", 0.01),
        ("exit.cell.join", 1.0),
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
    ])
}

/// Hours may differ by rounding alone: sums in another order over sixty days.
const ROUNDING: f64 = 1e-9;

#[test]
fn the_slow_twin_agrees_event_by_event() {
    let (base, params) = (base(), params());
    let mut kinds = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let record = deploy(&base, &params, Seed(seed));
        let twin = Twin::run(&base, &params, Seed(seed));
        for (number, (fast, slow)) in record.events.iter().zip(&twin.events).enumerate() {
            let fast = (fast.day, fast.fraction, fast.soldier.row(), fast.kind, fast.group);
            let same = (fast.0, fast.2, fast.3, fast.4) == (slow.0, slow.2, slow.3, slow.4);
            assert!(same && (fast.1 - slow.1).abs() < ROUNDING, "seed {seed}, event {number}: {fast:?} and {slow:?}");
            kinds.insert(fast.3);
        }
        assert_eq!(record.events.len(), twin.events.len(), "seed {seed}");
        assert_eq!(record.families, twin.families, "seed {seed}");
        assert_eq!(record.heads, twin.heads, "seed {seed}");
    }
    let never: Vec<&EventKind> = EventKind::ALL.iter().filter(|kind| !kinds.contains(kind)).collect();
    assert!(never.is_empty(), "the twin is not tried on {never:?}");
}
