//! Expected departures from the front in a window of days: rates by day, size and kind, without waiting for one to happen.
//!
//! A single dated report of a rare departure is matched against these rates. They hold while losses are small, so the window must lie
//! before the first danger phase; rates are fixed at the state of day 0.

use super::base::ForceBase;
use super::plan::{ForceParams, PhaseHazard};
use super::world::{ForceDraws, advance_party, attempt_factor};
use crate::mechanism::exit::{attempt, cell};
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::sample;
use exitvoice_record::{DepartureKind, ExpectedDeparture};

/// Initiators drawn per day and kind.
const SAMPLES: u64 = 4;
/// Occurrence numbers of these draws lie far from those of the clocks.
const ADDRESS: u64 = 1 << 40;

/// Expected departures of the days `0..window` from squads at the front, as weighted samples: summing `rate` over all samples of a day and
/// kind gives that day's expected number. Empty where nobody is at the front, and on days with a danger phase.
#[must_use]
pub fn expected_departures(base: &ForceBase, params: &ForceParams, seed: Seed, window: u32) -> Vec<ExpectedDeparture> {
    let draws = ForceDraws::new(seed);
    let deployed = base.dated + advance_party(base, params, seed);
    let mut found = Vec::new();
    for day in 0..window.min(base.plan.days) {
        if base.plan.phase(day) != PhaseHazard::None {
            continue;
        }
        let present: Vec<usize> = (0..base.squads.len())
            .filter(|s| base.arrivals[base.squads[*s].wave as usize].1.is_some_and(|front| front <= day))
            .flat_map(|s| (base.squads[s].first as usize).min(deployed)..(base.squads[s].end as usize).min(deployed))
            .collect();
        if present.is_empty() {
            continue;
        }
        let factors: Vec<f64> = present.iter().map(|s| attempt_factor(base, params, *s)).collect();
        let desertion = attempt::common(&params.attempt, 0.0, true) * factors.iter().sum::<f64>();
        let absence = params.absence.base_rate.per_day_value() * present.len() as f64;
        for number in 0..SAMPLES {
            let address = ADDRESS + u64::from(day) * SAMPLES + number;
            let pick = draws.departure.block(address, 0);
            let leader = present[sample::categorical(pick.uniform(), &factors)];
            let lag = sample::exponential(pick.second(), params.cell.lag.0) as u32;
            let size = cell_size(base, params, &draws, &present, leader, day, address);
            found.push(ExpectedDeparture {
                day: day + lag,
                size,
                kind: DepartureKind::Desertion,
                rate: desertion / SAMPLES as f64,
            });
            let leader = present[sample::index(draws.absence.uniform(address, 0), present.len())];
            let size = absence_size(base, params, &draws, &present, leader, address);
            found.push(ExpectedDeparture { day, size, kind: DepartureKind::Absence, rate: absence / SAMPLES as f64 });
        }
    }
    found
}

fn mates<'a>(base: &'a ForceBase, present: &'a [usize], leader: usize) -> impl Iterator<Item = usize> + 'a {
    let squad = |s: usize| base.soldiers.squad.as_slice()[s] as usize;
    let platoon = base.squads[squad(leader)].platoon;
    present.iter().copied().filter(move |s| *s != leader && base.squads[squad(*s)].platoon == platoon)
}

fn cell_size(
    base: &ForceBase,
    params: &ForceParams,
    draws: &ForceDraws,
    present: &[usize],
    leader: usize,
    day: u32,
    address: u64,
) -> u32 {
    let keys = base.soldiers.key.as_slice();
    let squads = base.soldiers.squad.as_slice();
    let danger = math::exp(-params.attempt.danger_effect * attempt::REFERENCE_DANGER);
    let view: Vec<cell::Mate> = mates(base, present, leader)
        .map(|s| cell::Mate {
            key: keys[s] ^ address,
            squad: squads[s],
            relative_hazard: danger * attempt_factor(base, params, s),
        })
        .collect();
    1 + cell::gather(&params.cell, draws.confide, draws.join, (keys[leader] ^ address, squads[leader]), day, &view)
        .len() as u32
}

fn absence_size(
    base: &ForceBase,
    params: &ForceParams,
    draws: &ForceDraws,
    present: &[usize],
    leader: usize,
    address: u64,
) -> u32 {
    let squads = base.soldiers.squad.as_slice();
    let platoon = draws.absence.uniform(address, 1) < params.absence.platoon_share.value();
    let along = mates(base, present, leader)
        .filter(|s| platoon || squads[*s] == squads[leader])
        .filter(|s| draws.absence.uniform(address, base.soldiers.key.as_slice()[*s]) < params.absence.together.value());
    1 + along.count() as u32
}
