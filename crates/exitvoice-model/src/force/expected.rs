//! Expected departures from the front in a window of days: rates by day, size and kind, without waiting for one to happen.
//!
//! A single dated report of a rare departure is matched against these rates. They hold while losses are small, so the window must lie
//! before the first danger phase; rates are fixed at the state of day 0.

use super::base::ForceBase;
use super::plan::{ForceParams, PhaseHazard, Zone};
use super::world::{ForceDraws, advance_party, attempt_factor};
use crate::mechanism::exit::attempt::{self, SquadView};
use crate::mechanism::exit::cell::{self, CellDraws, Command, Mate};
use crate::mechanism::surveillance::denunciation::{Informer, Sign};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
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
        let quiet = quiet(params, day);
        let desertion = attempt::common(&params.attempt, &quiet, Zone::Front) * factors.iter().sum::<f64>();
        let absence = params.absence.base_rate.per_day_value() * present.len() as f64;
        for number in 0..SAMPLES {
            let address = ADDRESS + u64::from(day) * SAMPLES + number;
            let pick = draws.of(Purpose::Departure).block(address, 0);
            let leader = present[sample::categorical(pick.uniform(), &factors)];
            let lag = sample::exponential(pick.second(), params.cell.lag.0) as u32;
            let size = cell_size(base, params, &draws, &present, leader, day, address);
            found.push(ExpectedDeparture {
                day: day + lag,
                size,
                kind: DepartureKind::Desertion,
                rate: desertion / SAMPLES as f64,
            });
            let leader = present[sample::index(draws.of(Purpose::AbsenceCourse).uniform(address, 0), present.len())];
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
    let urge = attempt::urge(&params.attempt, &quiet(params, day));
    let mate = |s: usize| Mate {
        key: keys[s] ^ address,
        squad: squads[s],
        relative_hazard: urge * attempt_factor(base, params, s),
        sign: Sign::Shown,
        informer: Informer::No,
        private_loyalty: 0.0,
        command: Command::None,
    };
    let view: Vec<Mate> = mates(base, present, leader).map(mate).collect();
    let of = |p: Purpose| -> Draws { draws.of(p) };
    let draws = CellDraws { pair: of(Purpose::Confide), join: of(Purpose::Join), report: of(Purpose::CellReport) };
    1 + cell::gather(&params.cell, &params.denunciation, &draws, &mate(leader), day, &view, |_, _| 1.0).joined.len()
        as u32
}

/// What a squad feels before any contact.
fn quiet(params: &ForceParams, day: u32) -> SquadView {
    let exposure = (0..day).fold(0.0, |e, _| e + params.exposure.growth.value() * (1.0 - e));
    let catch_belief = params.belief.catch_prior.value();
    SquadView { exposure, danger: 0.0, fear: 0.0, successes: 0.0, catch_belief, trust: params.trust.initial.value() }
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
    let platoon = draws.of(Purpose::AbsenceCourse).uniform(address, 1) < params.absence.platoon_share.value();
    let along = mates(base, present, leader).filter(|s| platoon || squads[*s] == squads[leader]).filter(|s| {
        draws.of(Purpose::AbsenceCourse).uniform(address, base.soldiers.key.as_slice()[*s])
            < params.absence.together.value()
    });
    1 + along.count() as u32
}
