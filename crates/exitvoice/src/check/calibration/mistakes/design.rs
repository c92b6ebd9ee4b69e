//! Worlds made for one mistake: few rows, each of the kind that the mistake misreads, so that hardly anything else is told.
//!
//! Nobody speaks of departures, and silence about them says nothing. Parameters and deployments are drawn from the prior, the rows are printed by
//! the sampler of the observers, and the posterior is the prior's own
//! simulations weighted by their likelihood: a bank that all worlds of all designs share. No sampler stands between, so a world costs two passes
//! over the bank. Errors that the mistake is not about and that would hide it are held at nothing, in the world as in the fit.

use super::super::bench::{Bench, World};
use super::{Drawn, How, held, misread, picked, placed, score};
use crate::command::Error;
use crate::inference::{Kept, War};
use crate::scenario::{Origin, Scenario};
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::Draws;
use exitvoice_infer::Problem;
use exitvoice_observe::ClaimSet;
use exitvoice_observe::claim::{Attribution, Claim, Form, InfoGrade, Population, Quantity, SourceGrade, SourceType};
use std::collections::BTreeMap;

/// Simulations of the prior, and how many of them a design weighs unless nothing is to be scored.
const BANK: usize = 6_000;
const WEIGHED: usize = 1_200;
/// Worlds for one mistake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Design {
    /// The rows; the numbers in them are printed anew.
    pub(super) rows: fn(&Scenario) -> Vec<Claim>,
    /// Laws of the observers held at a value, in the world and in the fit.
    pub(super) held: &'static [(&'static str, f64)],
    /// How many.
    pub(super) worlds: u32,
}

impl Design {
    /// Simulations that its worlds share: more of them tell more about a truth of which nothing is told.
    pub(super) fn simulations(&self, scenario: &Scenario) -> usize {
        if (self.rows)(scenario).is_empty() { BANK } else { WEIGHED }
    }
}

/// No error that all sources of a group share, and none that all rows of an office share.
pub(super) const NO_SHARED_ERROR: &[(&str, f64)] = &[
    ("observe.level.third_bias", 0.0),
    ("observe.level.kyiv_bias", 0.0),
    ("observe.level.source_sd", 0.0),
    ("observe.split.source_sd", 0.0),
];
/// None that all sources of a group share.
pub(super) const NO_GROUP_ERROR: &[(&str, f64)] =
    &[("observe.level.third_bias", 0.0), ("observe.level.kyiv_bias", 0.0)];
/// None that all rows of an office share.
pub(super) const NO_OFFICE_ERROR: &[(&str, f64)] =
    &[("observe.level.source_sd", 0.0), ("observe.split.source_sd", 0.0)];

/// Offices of third parties.
const THIRD: [&str; 4] = ["nis", "jcs", "uk_di", "us_dod"];
/// Day of the deployment, in the middle of the fighting.
const MIDDLE: i32 = 120;
/// Of its first weeks.
const EARLY: i32 = 60;

/// A total of casualties, said well and on record.
fn row(scenario: &Scenario, number: usize, day: i32) -> Claim {
    let as_of = scenario.day_zero + day;
    Claim {
        id: format!("D{number:02}"),
        quantity: Quantity::Casualties,
        form: Form::About,
        low: None,
        value: Some(100.0),
        high: None,
        window_from: None,
        as_of,
        published: as_of + 1,
        population: Population::Dprk,
        source: THIRD[number % THIRD.len()].to_owned(),
        source_type: SourceType::Official,
        attribution: Some(Attribution::OnRecord),
        cluster: format!("d{number:02}"),
        revises: None,
        declared_floor: false,
        first_wave_only: false,
        source_grade: SourceGrade::A,
        info_grade: InfoGrade::Confirmed,
    }
}

fn each(scenario: &Scenario, count: usize, change: impl Fn(&mut Claim)) -> Vec<Claim> {
    let changed = |number: usize| {
        let mut claim = row(scenario, number, MIDDLE + number as i32);
        change(&mut claim);
        claim
    };
    (0..count).map(changed).collect()
}

/// Told of the first weeks, seven weeks later.
pub(super) fn told_late(scenario: &Scenario) -> Vec<Claim> {
    let late = |number: usize| {
        let claim = row(scenario, number, EARLY + number as i32);
        Claim { published: claim.as_of + 50, ..claim }
    };
    (0..3).map(late).collect()
}

/// Wide intervals.
pub(super) fn intervals(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 3, |c| (c.form, c.low, c.value, c.high) = (Form::Interval, Some(50.0), None, Some(400.0)))
}

/// Numbers of which it is said that they are floors.
pub(super) fn floors(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 4, |c| (c.form, c.low, c.declared_floor) = (Form::AtLeast, c.value, true))
}

/// Rumours of sources that nobody can judge.
pub(super) fn rumours(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 3, |c| (c.source_grade, c.info_grade) = (SourceGrade::F, InfoGrade::Unknown))
}

/// The killed, and nobody else.
pub(super) fn killed(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 3, |c| c.quantity = Quantity::Killed)
}

/// Good numbers of several offices.
pub(super) fn offices(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 4, |_| ())
}

/// As many bulletins of one office.
pub(super) fn one_office(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 8, |c| THIRD[0].clone_into(&mut c.source))
}

/// One number.
pub(super) fn one(scenario: &Scenario) -> Vec<Claim> {
    each(scenario, 1, |_| ())
}

/// Nothing is said: the posterior is the prior.
pub(super) fn none(_: &Scenario) -> Vec<Claim> {
    Vec::new()
}

/// Simulations of the prior.
pub(super) struct Bank {
    theta: Vec<Vec<f64>>,
    kept: Vec<Kept>,
}

/// Draws parameters from their priors and simulates them.
fn drawn(war: &War<'_>, draws: Draws, number: u64) -> Result<(Vec<f64>, Kept), Error> {
    let theta = war.prior_draw(draws, number);
    let kept = war.simulate(&theta, draws.seed(number, 1_000)).map_err(Error::bug)?;
    Ok((theta, kept))
}

impl Bank {
    pub(super) fn new(bench: &Bench, pool: &Pool, draws: Draws) -> Result<Self, Error> {
        let war = bench.war(&ClaimSet::default())?;
        let all = pool.map(BANK, |i| drawn(&war, draws, i as u64));
        let (theta, kept) = all.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        Ok(Self { theta, kept })
    }
}

/// Places of the truth of a world among the draws of the right fit and of the mistaken one.
pub(super) fn places(
    design: &Design,
    how: How,
    bench: &Bench,
    bank: &Bank,
    pool: &Pool,
    draws: Draws,
) -> Result<[BTreeMap<String, f64>; 2], Error> {
    let mut scenario = pinned(&bench.scenario, design.held);
    // Departures are not told of, and nothing follows from that.
    if let Some(claims) = &mut scenario.claims {
        claims.complete = false;
    }
    let template = ClaimSet { used: (design.rows)(&scenario), ..ClaimSet::default() };
    let world = told(&scenario, &template, bench, draws)?;
    let size = design.simulations(&scenario);
    let of = |how: How| -> Result<BTreeMap<String, f64>, Error> {
        let fitted = held(&scenario, how);
        let war = War::new(&fitted, &bench.base, &misread(&world.claims, how), fitted.last_day)?;
        let ln = |i: usize, seed: Seed| score(&war, how, &bank.theta[i], &bank.kept[i], seed);
        let scores = pool.map(size, |i| ln(i, draws.seed(70, i as u64)));
        let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weight = |s: &f64| if highest.is_finite() { math::exp(s - highest) } else { 0.0 };
        let weights: Vec<f64> = scores.iter().map(weight).collect();
        let noted = war.parameters().iter().position(|p| p.name == PARAMETER);
        let values = |k: usize| bank.theta[..size].iter().map(|theta| theta[k]).collect();
        let parameters = noted.map(|k| (PARAMETER.to_owned(), values(k), world.theta[k]));
        let drawn = Drawn {
            weights: &weights,
            kept: bank.kept[..size].iter().map(Some).collect(),
            parameters: parameters.into_iter().collect(),
            picked: picked(&weights, |i| draws.uniform(72, i)),
        };
        let own = score(&war, how, &world.theta, &world.truth, draws.seed(73, 0));
        let fresh = |i: usize, number: u64| ln(i, draws.seed(73, number));
        let mut found = placed(&drawn, &world, own, fresh, |k| draws.uniform(71, k), pool);
        if matches!(how, How::Not) {
            found.insert(EFFECTIVE.to_owned(), effective(&weights));
        }
        Ok(found)
    };
    Ok([of(How::Not)?, of(how)?])
}

/// Name under which the right fit notes how many equal draws its weights are worth.
pub(super) const EFFECTIVE: &str = "effective draws";

fn effective(weights: &[f64]) -> f64 {
    let sum = weights.iter().sum::<f64>();
    sum * sum / weights.iter().map(|w| w * w).sum::<f64>()
}

/// Parameter whose place is noted: the one that claims say least about.
pub(super) const PARAMETER: &str = "exit.attempt.base_rate";

/// A world of a design, and what observers under its laws print of it.
fn told(scenario: &Scenario, template: &ClaimSet, bench: &Bench, draws: Draws) -> Result<World, Error> {
    let war = War::new(scenario, &bench.base, template, scenario.last_day)?;
    let (theta, truth) = drawn(&war, draws, 0)?;
    let claims = if template.used.is_empty() {
        ClaimSet::default()
    } else {
        Bench::counts_printed(scenario, template, &war, &truth, draws.seed(12, 0))
    };
    if claims.scored().count() != template.used.len() {
        return Err(Error::bug("an observer printed fewer rows than the design has"));
    }
    Ok(World { theta, truth, claims })
}

/// The scenario with laws of the observers held at a value.
pub(super) fn pinned(scenario: &Scenario, laws: &[(&str, f64)]) -> Scenario {
    let mut out = scenario.clone();
    for (key, value) in laws {
        let slot = out.values.get_mut(*key).expect("a law of the registry");
        (slot.canonical, slot.origin) = (*value, Origin::CommandLine);
    }
    out
}
