//! A force of any size for benches and tests: made-up candidates, no history.
#![allow(dead_code, reason = "each file that uses this uses a part")]

use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Outlook, Phase, PhaseHazard, Plan, Wave};
use exitvoice_model::force::{ForceBase, ForceParams};
use exitvoice_model::mechanism::service::career::{Rank, Track};
use exitvoice_model::society::extract::{Extract, KinLink, NOWHERE};
use exitvoice_model::society::person::Class;
use exitvoice_model::society::rates::Sex;
use exitvoice_model::society::service::Service;
use std::collections::BTreeMap;

const KIN: u32 = 12;

/// Candidates with twelve living kin each, classes and provinces in turn.
pub(crate) fn extract(candidates: u32) -> Extract {
    let draws = Draws::new(Seed(1), Purpose::Synthetic);
    let frozen = Day::from_ymd(2024, 10, 1).expect("a date");
    let kin = candidates * KIN;
    Extract {
        seed: Seed(1),
        scale: 1.0,
        frozen,
        eligible: u64::from(candidates),
        key: (0..candidates).map(|i| draws.hash(u64::from(i), 0)).collect(),
        birth: vec![frozen + -8_000; candidates as usize],
        class: (0..candidates).map(|i| if i % 10 < 4 { Class::Core } else { Class::Wavering }).collect(),
        province: (0..candidates).map(|i| (i % 10) as u8).collect(),
        service: vec![service(frozen); candidates as usize],
        household: vec![NOWHERE; candidates as usize],
        hostage: (0..candidates).map(|i| 2.0 * draws.uniform(u64::from(i), 1)).collect(),
        kin_end: (1..=candidates).map(|i| i * KIN).collect(),
        links: (0..kin).map(|k| KinLink { kin: k, degree: (k % 5) as u8, together: k % 4 == 0 }).collect(),
        kin_key: (0..kin).map(|k| draws.hash(u64::from(k), 2)).collect(),
        kin_birth: vec![frozen + -15_000; kin as usize],
        kin_class: vec![Class::Wavering; kin as usize],
        kin_province: vec![0; kin as usize],
        kin_sex: vec![Sex::Female; kin as usize],
        kin_household: vec![NOWHERE; kin as usize],
        household_unit: Vec::new(),
        unit_address: Vec::new(),
        unit_informers: Vec::new(),
    }
}

/// Five years in the ranks.
fn service(frozen: Day) -> Service {
    Service { track: Track::Ranks, since: frozen + -1_826, rank: Rank::Private, party: false }
}

/// One wave on day 0, at the front from day 10, in contact from day 20.
pub(crate) fn plan(soldiers: u32, days: u32) -> Plan {
    Plan {
        day_zero: Day::from_ymd(2024, 10, 8).expect("a date"),
        days,
        squad: 10,
        levels: [3, 4, 4, 6],
        waves: vec![Wave { contingent: 1, soldiers, arrives: 0, front: Some(10), joins: Joins::AsUnits }],
        phases: vec![Phase { from: 20, hazard: PhaseHazard::WinterAssaults }],
        advance_party: false,
        rule: Rule::RandomUtility,
        responses: Vec::new(),
        steps_per_day: 1,
        thresholds: None,
        outlook: Outlook::default(),
    }
}

/// The force of that plan.
pub(crate) fn base(soldiers: u32, days: u32) -> ForceBase {
    ForceBase::new(plan(soldiers, days), &extract(soldiers)).expect("enough candidates")
}

/// Registry defaults, with changes.
pub(crate) fn params(changes: &[(&str, f64)]) -> ForceParams {
    let all = exitvoice_model::registry().iter().flat_map(|rows| rows.iter());
    let mut values: BTreeMap<String, f64> =
        all.map(|m| (m.key.to_owned(), m.default_value().expect("every default reads"))).collect();
    for (key, value) in changes {
        assert!(values.insert((*key).to_owned(), *value).is_some(), "{key} is in the registry");
    }
    ForceParams::from_resolved(&values).expect("complete")
}
