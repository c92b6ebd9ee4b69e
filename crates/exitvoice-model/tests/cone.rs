//! Causal cone: what a change of one soldier's hostage weight can reach, exactly.

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_model::force::{Intervention, deploy, deploy_changed};
use exitvoice_record::{EventKind, Record};

/// What happened to each soldier, by key: numbers of groups are labels of the whole force and are left out.
fn lives(record: &Record) -> Vec<Vec<(u32, u64, EventKind)>> {
    let mut lives = vec![Vec::new(); record.soldiers.key.len()];
    for event in &record.events {
        lives[event.soldier.row()].push((event.day, event.fraction.to_bits(), event.kind));
    }
    lives
}

/// First hour at which two lives differ.
fn parting(a: &[(u32, u64, EventKind)], b: &[(u32, u64, EventKind)]) -> Option<(u32, u64)> {
    let at = a.iter().zip(b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
    let hour = |life: &[(u32, u64, EventKind)]| life.get(at).map(|e| (e.0, e.1));
    [hour(a), hour(b)].into_iter().flatten().min()
}

#[test]
fn a_change_of_one_soldier_reaches_his_battalion_at_most_and_himself_first() {
    let base = force::base(960, 45);
    let params = force::params(&[
        ("exit.attempt.base_rate", 0.03),
        ("danger.combat.hazard_winter_assaults", 0.01),
        ("mind.public_face.base", 0.0),
        ("mind.belief.news", 0.5),
        ("home.penalty.delay", 10.0),
        ("surveillance.audit.quota", 0.5),
    ]);
    let draws = Draws::new(Seed(77), Purpose::Test);
    let untouched: Vec<_> = (0..4).map(|seed| lives(&deploy(&base, &params, Seed(seed)))).collect();
    let (mut changed, mut others) = (0, 0);
    for number in 0..200 {
        let seed = Seed(number % 4);
        let (soldier, day) =
            (sample::index(draws.uniform(number, 0), base.len()), sample::index(draws.uniform(number, 1), 35) as u32);
        let change = Intervention { day, soldier, hostage: if number % 2 == 0 { 0.0 } else { 4.0 } };
        let before = &untouched[(number % 4) as usize];
        let after = lives(&deploy_changed(&base, &params, seed, change));
        let battalion = |row: usize| base.squads[base.soldiers.squad.as_slice()[row] as usize].battalion;
        let his_own = parting(&before[soldier], &after[soldier]);
        for (row, (a, b)) in before.iter().zip(&after).enumerate() {
            let Some(hour) = parting(a, b) else { continue };
            assert!(hour.0 >= day, "nothing changes before the change: soldier {row}, day {}", hour.0);
            assert_eq!(battalion(row), battalion(soldier), "no word leaves the battalion");
            assert!(his_own.is_some_and(|own| own <= hour), "soldier {row} changes before soldier {soldier} does");
            others += usize::from(row != soldier);
        }
        changed += usize::from(his_own.is_some());
    }
    assert!(changed > 20 && others > 20, "{changed} lives changed, {others} others with them");
}
