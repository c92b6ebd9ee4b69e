//! Intensities along a replicate: departures by day, size and kind, opportunities of capture and surrenders, without waiting for one to
//! happen.
//!
//! A cause's intensity is the sum of its hazards over those at risk, times the share of the step that they stay so. Of the departures of a
//! step and kind a few are drawn whole: who starts it, when, who goes along, whether a report stops them, who is still there when they leave.
//! Such draws have addresses of their own, so a replicate is the same bit for bit whether it is watched or not. On dense days absences are
//! not drawn but told by size: anybody who plans nothing may lead, and each mate goes along by himself.

use super::base::ForceBase;
use super::plan::Zone;
use super::run::Look;
use super::world::{Hazards, World};
use crate::decision::{self, Rule, principal_agent};
use crate::mechanism::exit::cell;
use crate::schedule::Cause;
use exitvoice_core::math;
use exitvoice_core::rng::{Block, Draws, Purpose, sample};
use exitvoice_record::{DepartureKind, Expected, ExpectedDeparture};
use std::collections::BTreeMap;

/// Desertions drawn on a dense day.
const DENSE: u64 = 16;
/// Occurrence numbers of these draws lie far from those of the clocks.
const ADDRESS: u64 = 1 << 40;

/// Collects the intensities of one replicate.
pub(super) struct Watch<'a> {
    /// Days on which more desertions are drawn than one and absences are told by size, in rising order.
    dense: &'a [u32],
    found: Expected,
    /// Sums over the members of each squad.
    sums: Vec<Sums>,
    /// Intensities of the step by squad, 0 where nobody is present.
    step: Intensities,
}

/// Intensities of a step by squad: of attempts, of absences, and of surrenders whom trust would not hold.
#[derive(Default)]
struct Intensities {
    attempts: Vec<f64>,
    absences: Vec<f64>,
    surrenders: Vec<f64>,
}

impl Intensities {
    fn clear(&mut self, squads: usize) {
        for column in [&mut self.attempts, &mut self.absences, &mut self.surrenders] {
            column.clear();
            column.resize(squads, 0.0);
        }
    }
}

/// Factors of the decision summed over the members of a squad who are present, and how many of these plan nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sums {
    /// Number of `World::stirred` at which they were taken; `None` before the first time.
    stirred: Option<u32>,
    /// Of all.
    all: f64,
    /// Of those who plan nothing.
    free: f64,
    /// How many plan nothing.
    at_risk: usize,
}

impl Sums {
    const NONE: Self = Self { stirred: None, all: 0.0, free: 0.0, at_risk: 0 };

    fn of(world: &World<'_>, squad: usize) -> Self {
        let mut sums = Self { stirred: Some(world.stirred[squad]), ..Self::NONE };
        for soldier in world.members(squad).filter(|s| world.is_present(*s)) {
            let (factor, free) = (world.soldiers.factor[soldier], at_risk(world, soldier));
            sums.all += factor;
            sums.free += if free { factor } else { 0.0 };
            sums.at_risk += usize::from(free);
        }
        sums
    }
}

/// A departure as it is drawn: numbers in (0, 1) and its address.
struct Drawn {
    draws: Draws,
    address: u64,
    time: Block,
}

impl<'a> Watch<'a> {
    pub(super) fn new(base: &ForceBase, dense: &'a [u32]) -> Self {
        let days = vec![0.0; base.plan.days as usize];
        let found = Expected { departures: Vec::new(), captures: days.clone(), surrenders: days };
        Self { dense, found, sums: vec![Sums::NONE; base.squads.len()], step: Intensities::default() }
    }

    pub(super) fn found(self) -> Expected {
        self.found
    }
}

impl Look for Watch<'_> {
    fn look(&mut self, world: &World<'_>) {
        self.add_up(world);
        let rates = &self.step;
        self.found.surrenders[world.day as usize] += left_of_surrenders(world, &rates.surrenders);
        let dense = self.dense.binary_search(&world.day).is_ok();
        let mut draws = |kind, rates: &[f64], count: u64| {
            let rate: f64 = rates.iter().sum();
            for number in 0..if rate > 0.0 { count } else { 0 } {
                let departure = draw(world, kind, (rates, rate), number);
                let share = rate / count as f64;
                self.found.departures.extend(departure.map(|d| ExpectedDeparture { rate: share * d.rate, ..d }));
            }
        };
        draws(DepartureKind::Desertion, &rates.attempts, if dense { DENSE } else { 1 });
        if dense {
            let at_risk = |(sums, strength): (&Sums, &u32)| if *strength > 0 { sums.at_risk } else { 0 };
            let at_risk: Vec<usize> = self.sums.iter().zip(&world.squads.strength).map(at_risk).collect();
            self.found.departures.extend(absences_by_size(world, &rates.absences, &at_risk));
        } else {
            draws(DepartureKind::Absence, &rates.absences, 1);
        }
    }
}

impl Watch<'_> {
    /// Intensities of the step, squad by squad; those of capture go to the day at once.
    fn add_up(&mut self, world: &World<'_>) {
        let squads = self.sums.len();
        self.step.clear(squads);
        let of = |cause| &world.rates.all(cause)[..squads];
        let [capture, absence, attempt, surrender] =
            [Cause::Capture, Cause::Absence, Cause::Attempt, Cause::Surrender].map(of);
        let (strength, stirred) = (&world.squads.strength[..squads], &world.stirred[..squads]);
        let Intensities { attempts, absences, surrenders } = &mut self.step;
        let (attempts, absences, surrenders) =
            (&mut attempts[..squads], &mut absences[..squads], &mut surrenders[..squads]);
        let length = world.step_days();
        let mut shares = Shares::default();
        let captures = &mut self.found.captures[world.day as usize];
        let mut captured = *captures;
        for (squad, sums) in self.sums.iter_mut().enumerate() {
            if strength[squad] == 0 {
                continue;
            }
            let time = length * shares.of(losses(&world.rates, squad) * length);
            if sums.stirred != Some(stirred[squad]) {
                *sums = Sums::of(world, squad);
            }
            debug_assert_eq!(*sums, Sums::of(world, squad), "squad {squad} changed unseen");
            let heads = f64::from(strength[squad]);
            captured += time * capture[squad] * heads;
            surrenders[squad] = time * surrender[squad] * sums.all;
            attempts[squad] = time * attempt[squad] * sums.free;
            absences[squad] = time * absence[squad] * heads;
        }
        *captures = captured;
    }
}

/// [`share_of_step`] of the hazards met last: the squads of a step share a few, by role and place.
struct Shares {
    met: [(f64, f64); 4],
    next: usize,
}

impl Default for Shares {
    fn default() -> Self {
        Self { met: [(0.0, 1.0); 4], next: 0 }
    }
}

impl Shares {
    fn of(&mut self, hazard: f64) -> f64 {
        if let Some((_, share)) = self.met.iter().find(|(met, _)| met.to_bits() == hazard.to_bits()) {
            return *share;
        }
        let share = share_of_step(hazard);
        self.met[self.next] = (hazard, share);
        self.next = (self.next + 1) % self.met.len();
        share
    }
}

/// Hazard of being killed, wounded or taken, per day.
fn losses(hazards: &Hazards, squad: usize) -> f64 {
    hazards.get(Cause::Casualty, squad) + hazards.get(Cause::Capture, squad)
}

/// Mean share of a step at risk under a cumulative hazard of leaving it: `(1 - exp(-h)) / h`.
fn share_of_step(hazard: f64) -> f64 {
    if hazard > 0.0 { -math::exp_m1(-hazard) / hazard } else { 1.0 }
}

fn at_risk(world: &World<'_>, row: usize) -> bool {
    world.is_present(row) && world.soldiers.planning[row] == 0
}

/// Intensity of surrenders of a step, from that of soldiers whom trust does not hold: what it leaves is read off one of them, drawn by
/// his part, so that the mean over draws is exact.
fn left_of_surrenders(world: &World<'_>, rates: &[f64]) -> f64 {
    let rate: f64 = rates.iter().sum();
    if rate <= 0.0 {
        return 0.0;
    }
    let who = world.draws.of(Purpose::SurrenderOutcome).block(ADDRESS + u64::from(world.step), 0);
    let members: Vec<usize> = world.members(sample::categorical_of(who.uniform(), rate, rates)).collect();
    let weights: Vec<f64> =
        members.iter().map(|s| if world.is_present(*s) { world.soldiers.factor[*s] } else { 0.0 }).collect();
    rate * decision::left_by_trust(world, members[sample::categorical(who.second(), &weights)])
}

/// One departure of this step's intensity, its rate not yet set but for what trust leaves of it; `None` where it is stopped or nobody is
/// left when the time comes.
fn draw(
    world: &World<'_>,
    kind: DepartureKind,
    (rates, rate): (&[f64], f64),
    number: u64,
) -> Option<ExpectedDeparture> {
    let purpose = if kind == DepartureKind::Desertion { Purpose::Departure } else { Purpose::AbsenceCourse };
    let draws = world.draws.of(purpose);
    let address = ADDRESS + u64::from(world.step) * DENSE + number;
    let who = draws.block(address, 0);
    let squad = sample::categorical_of(who.uniform(), rate, rates);
    let members: Vec<usize> = world.members(squad).filter(|s| at_risk(world, *s)).collect();
    let weights: Vec<f64> = match kind {
        DepartureKind::Desertion => members.iter().map(|s| world.soldiers.factor[*s]).collect(),
        DepartureKind::Absence => vec![1.0; members.len()],
    };
    let leader = *members.get(sample::categorical(who.second(), &weights))?;
    let drawn = Drawn { draws, address, time: draws.block(address, 1) };
    match kind {
        DepartureKind::Desertion => desertion(world, squad, leader, &drawn),
        DepartureKind::Absence => Some(absence(world, squad, leader, &drawn)),
    }
}

fn desertion(world: &World<'_>, squad: usize, leader: usize, drawn: &Drawn) -> Option<ExpectedDeparture> {
    let (params, address) = (&world.params.cell, drawn.address);
    let cell = world.gather(leader, &world.mates(leader), address);
    let of = |purpose| world.draws.of(purpose);
    let lag = sample::exponential(drawn.time.uniform(), params.lag.0);
    let way = sample::exponential(drawn.time.second(), params.way.0);
    let acted_on = sample::exponential(of(Purpose::CellReport).uniform(address, 0), world.params.audit.delay.0);
    if !cell.reporters.is_empty() && acted_on < lag {
        return None;
    }
    let stays = math::exp(-losses(&world.rates, squad) * lag);
    let there = sample::binomial(of(Purpose::ExitOutcome).uniform(address, 0), cell.joined.len() as u64 + 1, stays);
    let factor = if world.rule() == Rule::PrincipalAgent {
        principal_agent::catch_factor(&world.params.decision.principal_agent, world.distance(squad))
    } else {
        1.0
    };
    let hour = world.step_start() + world.step_days() * drawn.draws.uniform(address, 2);
    let day = |time: f64| world.day.saturating_add((hour + time) as u32);
    (there > 0).then(|| ExpectedDeparture {
        day: day(lag),
        size: there as u32,
        kind: DepartureKind::Desertion,
        at_front: world.squads.zone[squad] != Zone::Rear,
        rate: decision::left_by_trust(world, leader),
        success: cell::shares(params, world.squads.zone[squad], factor)[0],
        arrives: day(lag + way),
    })
}

/// Absences of a step at the front and behind it by size, from rates and numbers at risk by squad: the mean over all that could be drawn.
fn absences_by_size(world: &World<'_>, rates: &[f64], at_risk: &[usize]) -> Vec<ExpectedDeparture> {
    let (params, base) = (world.params.absence, world.base);
    // By place, and by how many could go: the leader's squad, or his platoon.
    let mut by_number: [BTreeMap<usize, f64>; 2] = Default::default();
    for (squad, rate) in rates.iter().enumerate().filter(|(squad, rate)| **rate > 0.0 && at_risk[*squad] > 0) {
        let platoon: usize = base.platoons.squads(base.squads[squad].platoon).map(|s| at_risk[s]).sum();
        let of_place = &mut by_number[usize::from(world.squads.zone[squad] != Zone::Rear)];
        *of_place.entry(platoon).or_insert(0.0) += rate * params.platoon_share.value();
        *of_place.entry(at_risk[squad]).or_insert(0.0) += rate * (1.0 - params.platoon_share.value());
    }
    let mut found = Vec::new();
    for (place, by_number) in by_number.iter().enumerate() {
        let most = by_number.keys().next_back().copied().unwrap_or(0);
        let mut by_size = vec![0.0; most];
        for (number, rate) in by_number {
            for (sum, chance) in by_size.iter_mut().zip(binomial(number - 1, params.together.value())) {
                *sum += rate * chance;
            }
        }
        found.extend((1_u32..).zip(by_size).filter(|(_, rate)| *rate > 0.0).map(|(size, rate)| ExpectedDeparture {
            day: world.day,
            size,
            kind: DepartureKind::Absence,
            at_front: place == 1,
            rate,
            success: 0.0,
            arrives: world.day,
        }));
    }
    found
}

/// Probabilities of 0 to n of n, each with probability `p`.
fn binomial(n: usize, p: f64) -> Vec<f64> {
    let mut law = vec![1.0];
    for _ in 0..n {
        law.push(0.0);
        for k in (1..law.len()).rev() {
            law[k] = law[k] * (1.0 - p) + law[k - 1] * p;
        }
        law[0] *= 1.0 - p;
    }
    law
}

fn absence(world: &World<'_>, squad: usize, leader: usize, drawn: &Drawn) -> ExpectedDeparture {
    let params = world.params.absence;
    let platoon = drawn.time.uniform() < params.platoon_share.value();
    let along = world
        .mates(leader)
        .into_iter()
        .filter(|m| platoon || world.squad_of_row(*m) == squad)
        .filter(|m| drawn.draws.uniform(drawn.address, world.key(*m)) < params.together.value());
    ExpectedDeparture {
        day: world.day,
        size: 1 + along.count() as u32,
        kind: DepartureKind::Absence,
        at_front: world.squads.zone[squad] != Zone::Rear,
        rate: 1.0,
        success: 0.0,
        arrives: world.day,
    }
}
