//! A small country and force for tests.
#![allow(dead_code, reason = "each test file uses a part")]

use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Outlook, Phase, PhaseHazard, Plan, Wave};
use exitvoice_model::force::{ForceBase, ForceParams};
use exitvoice_model::society::Society;
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::history::{HistoryParams, Input, build};
use exitvoice_model::society::rates::{RateTables, Rates};
use std::collections::BTreeMap;
use std::sync::OnceLock;

pub(crate) const SCALE: f64 = 0.002;

pub(crate) fn rates() -> Rates {
    Rates::read(&RateTables {
        population: include_str!("../../../exitvoice/data/demography/population_by_age_sex.csv"),
        deaths: include_str!("../../../exitvoice/data/demography/death_rates.csv"),
        fertility_pattern: include_str!("../../../exitvoice/data/demography/fertility_age_pattern.csv"),
        total_fertility: include_str!("../../../exitvoice/data/demography/total_fertility_wpp2019.csv"),
        sex_ratio: include_str!("../../../exitvoice/data/demography/sex_ratio_at_birth.csv"),
    })
    .expect("the shipped tables are complete")
}

pub(crate) fn defaults() -> BTreeMap<String, f64> {
    let all = exitvoice_model::registry().iter().flat_map(|rows| rows.iter());
    all.map(|m| (m.key.to_owned(), m.default_value().expect("every default reads"))).collect()
}

pub(crate) fn force_params(changes: &[(&str, f64)]) -> ForceParams {
    let mut values = defaults();
    for (key, value) in changes {
        assert!(values.insert((*key).to_owned(), *value).is_some(), "{key} is in the registry");
    }
    ForceParams::from_resolved(&values).expect("complete")
}

pub(crate) fn history_params(changes: &[(&str, f64)]) -> HistoryParams {
    let mut values = defaults();
    for (key, value) in changes {
        assert!(values.insert((*key).to_owned(), *value).is_some(), "{key} is in the registry");
    }
    HistoryParams::from_resolved(&values).expect("complete")
}

pub(crate) fn freeze_day() -> Day {
    Day::from_ymd(2024, 10, 1).expect("a date")
}

pub(crate) fn country(seed: u64, scale: f64, threads: usize) -> Society {
    built(seed, scale, threads, &[], freeze_day())
}

pub(crate) fn changed_country(seed: u64, scale: f64, changes: &[(&str, f64)], freeze: Day) -> Society {
    built(seed, scale, 2, changes, freeze)
}

fn built(seed: u64, scale: f64, threads: usize, changes: &[(&str, f64)], freeze: Day) -> Society {
    let (rates, params) = (rates(), history_params(changes));
    let input = Input { rates: &rates, params: &params, seed: Seed(seed), scale, freeze };
    build(&input, &Pool::new(threads).expect("threads"), &mut |_, _| true).expect("not stopped")
}

pub(crate) fn shared() -> &'static (Society, Extract) {
    static COUNTRY: OnceLock<(Society, Extract)> = OnceLock::new();
    COUNTRY.get_or_init(|| {
        let society = country(1, SCALE, 2);
        let extract = Extract::take(&society, 60_000, &Pool::new(2).expect("threads"));
        (society, extract)
    })
}

pub(crate) fn plan(soldiers: u32, days: u32) -> Plan {
    Plan {
        day_zero: Day::from_ymd(2024, 10, 8).expect("a date"),
        days,
        squad: 10,
        levels: [3, 4, 4, 5],
        waves: vec![Wave { contingent: 1, soldiers, arrives: 0, front: Some(days.min(10) / 2), joins: Joins::AsUnits }],
        phases: vec![Phase { from: days / 3, hazard: PhaseHazard::WinterAssaults }],
        advance_party: true,
        rule: Rule::RandomUtility,
        responses: Vec::new(),
        steps_per_day: 1,
        thresholds: None,
        outlook: Outlook::default(),
    }
}

pub(crate) fn base(soldiers: u32, days: u32) -> ForceBase {
    ForceBase::new(plan(soldiers, days), &shared().1).expect("enough candidates")
}
