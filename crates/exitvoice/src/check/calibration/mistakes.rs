//! `check mistakes`: whether calibration would notice. Twenty mistakes that such programs make, each made in the fit and not in the world.
//!
//! Worlds and fits are those of `check sbc`. The simulations of each fit are weighted again by the likelihood that a mistaken program would
//! have computed, and the truth's places are noted under each mistake. A mistake that the few rows of these worlds would hardly show has worlds of
//! a design of its own ([`design`]). A mistake is rejected where the places of any quantity are as far from
//! uniform as chance makes them once in a thousand times, all quantities together; the fit without a mistake must not be, in any of the designs.
//!
//! Mistakes live here and nowhere else: no inference of a user can make one. Each changes the claims as read, the laws of the observers, or
//! the score, so the code of channels and sampler stays free of switches.

mod design;

use self::design::{Bank, Design, EFFECTIVE, NO_GROUP_ERROR, NO_OFFICE_ERROR, NO_SHARED_ERROR, PARAMETER};
use super::bench::{Bench, World};
use super::sbc::{distance, position, total};
use super::worlds;
use crate::check::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::inference::{Kept, War};
use crate::scenario::Scenario;
use exitvoice_core::math;
use exitvoice_core::parallel::Pool;
use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::Draws;
use exitvoice_core::rng::sample::{categorical, index};
use exitvoice_infer::bank::Section;
use exitvoice_infer::{Outcome, Problem, Weighted};
use exitvoice_observe::ClaimSet;
use exitvoice_observe::claim::{Claim, Form, InfoGrade, Quantity, SourceGrade, SourceGroup};
use std::collections::BTreeMap;

/// The suite.
pub(in crate::check) const SUITE: Suite = Suite {
    name: "mistakes",
    about: "Twenty mistakes made on purpose in the fit: calibration must reject them, and only them.",
    counts: Some(COUNTS),
    run,
};

/// Worlds of the chain, and those that the numbers of worlds of a design belong to.
const WORLDS: u32 = 100;
const COUNTS: Counts = Counts { what: "simulated worlds of the chain", default: WORLDS, range: [1, 300] };
/// First world: others than those of the other suites.
const FIRST: u64 = 40_000;
/// Probability that a fit without a mistake is rejected.
const ALPHA: f64 = 1e-3;
/// First world of the designs, and address of the simulations that they share.
const OF_DESIGNS: u64 = 60_000;
/// Numbers between the first worlds of two designs: more than any has.
const APART: u64 = 10_000;
const OF_BANK: u64 = 59_999;
/// Worlds of the designs after which they are kept.
const DESIGNS_KEPT: u32 = 200;
/// Name of the fit that makes none.
const RIGHT: &str = "no mistake";
/// Of the mistakes, so many may pass.
const MAY_PASS: usize = 1;
/// Draws for which likelihoods are estimated afresh.
const FRESH: usize = 60;
/// Sets of as many worlds, drawn from those at hand with replacement, in which the power of the comparison is counted.
const RESAMPLES: u64 = 400;
/// Days of the month that a total is taken for.
const MONTH: i32 = 30;

/// How a mistaken program differs.
#[derive(Clone, Copy)]
enum How {
    /// It makes no mistake.
    Not,
    /// It reads the rows otherwise.
    Rows(fn(&mut Claim)),
    /// It takes each row of counts for a second, independent one as well.
    Copies,
    /// It holds parameters of the observers at values.
    Laws(&'static [(&'static str, f64)]),
    /// It reads silence the other way.
    Silence,
    /// It adds to the log-likelihood.
    Adds(fn(&War<'_>, &[f64]) -> f64),
    /// It multiplies the log-likelihood.
    Power(f64),
}

/// Worlds of a design of its own, and how many.
const fn own(rows: fn(&Scenario) -> Vec<Claim>, held: &'static [(&'static str, f64)], worlds: u32) -> Option<Design> {
    Some(Design { rows, held, worlds })
}

/// Name, what is done otherwise, and the worlds in which it shows: those of the chain where there is no design.
const MISTAKES: [(&str, How, Option<Design>); 20] = [
    (
        "date of publication taken as that of the event",
        How::Rows(|c| c.as_of = c.published),
        own(design::told_late, &[], 300),
    ),
    ("interval taken as its middle", How::Rows(middle), own(design::intervals, NO_SHARED_ERROR, 300)),
    ("total taken as what the last month added", How::Rows(month), None),
    ("copies taken as independent", How::Copies, None),
    ("floor taken as a number", How::Rows(floor_as_number), own(design::floors, NO_GROUP_ERROR, 300)),
    ("floor taken as a ceiling", How::Rows(floor_as_ceiling), own(design::floors, NO_GROUP_ERROR, 300)),
    ("every grade taken as the best", How::Rows(best), own(design::rumours, NO_SHARED_ERROR, 300)),
    (
        "killed taken as casualties",
        How::Rows(|c| takes(c, Quantity::Killed, Quantity::Casualties)),
        own(design::killed, &[], 300),
    ),
    ("casualties taken as killed", How::Rows(|c| takes(c, Quantity::Casualties, Quantity::Killed)), None),
    ("third parties taken for Kyiv", How::Rows(to_kyiv), own(design::offices, NO_OFFICE_ERROR, 2_000)),
    ("every row taken as an office of its own", How::Rows(apart), own(design::one_office, NO_GROUP_ERROR, 600)),
    ("delay dropped", How::Laws(&[("observe.delay.third", 1e-3), ("observe.delay.kyiv", 1e-3)]), None),
    (
        "half of the rows taken as junk",
        How::Laws(&[("observe.junk.grade_a", 0.5), ("observe.junk.grade_f", 0.5)]),
        own(design::one, NO_SHARED_ERROR, 1_500),
    ),
    (
        "common bias dropped",
        How::Laws(&[("observe.level.third_bias", 0.0), ("observe.level.kyiv_bias", 0.0)]),
        own(design::offices, NO_OFFICE_ERROR, 300),
    ),
    (
        "errors of offices and bulletins dropped",
        How::Laws(&[
            ("observe.level.source_sd", 0.0),
            ("observe.split.source_sd", 0.0),
            ("observe.error.step_2", 0.0),
            ("observe.error.step_3", 0.0),
            ("observe.error.step_4", 0.0),
        ]),
        None,
    ),
    ("false reports ignored", How::Laws(&[("observe.departures.false_reports", 1e-9)]), None),
    ("silence read the other way", How::Silence, None),
    ("Jacobian missing", How::Adds(jacobian), None),
    ("one prior twice", How::Adds(prior_twice), own(design::none, &[], 3_000)),
    ("likelihood to the power 1/4", How::Power(0.25), None),
];

const fn is_count(claim: &Claim) -> bool {
    !matches!(claim.quantity, Quantity::Prisoners | Quantity::Desertions | Quantity::Recaptured | Quantity::None)
}

fn middle(claim: &mut Claim) {
    if claim.form == Form::Interval {
        let ends = claim.low.zip(claim.high).map(|(low, high)| (0.5 * (low + high)).round());
        (claim.form, claim.value) = (Form::About, ends.or(claim.value));
    }
}

fn month(claim: &mut Claim) {
    if is_count(claim) {
        claim.window_from = claim.window_from.or(Some(claim.as_of + (1 - MONTH)));
    }
}

fn floor_as_number(claim: &mut Claim) {
    if claim.form == Form::AtLeast {
        (claim.form, claim.low) = (Form::About, None);
    }
}

fn floor_as_ceiling(claim: &mut Claim) {
    if claim.form == Form::AtLeast {
        (claim.form, claim.high, claim.low) = (Form::AtMost, claim.value, None);
    }
}

fn best(claim: &mut Claim) {
    if is_count(claim) {
        (claim.source_grade, claim.info_grade) = (SourceGrade::A, InfoGrade::Confirmed);
    }
}

fn takes(claim: &mut Claim, from: Quantity, to: Quantity) {
    if claim.quantity == from {
        claim.quantity = to;
    }
}

fn to_kyiv(claim: &mut Claim) {
    if is_count(claim) && claim.group() != SourceGroup::Kyiv {
        claim.source = format!("ua_{}", claim.source);
    }
}

fn apart(claim: &mut Claim) {
    // An office of the same group, by the start of its key.
    let start = match claim.group() {
        SourceGroup::Third => "us",
        SourceGroup::Kyiv => "ua",
        SourceGroup::Other => return,
    };
    if is_count(claim) {
        claim.source = format!("{start}_{}_{}", claim.source, claim.id.to_lowercase());
        claim.cluster.clone_from(&claim.id);
    }
}

/// Density per natural unit in the place of density per unit of the coordinate: the factor d(theta) / d(coordinate).
fn jacobian(war: &War<'_>, theta: &[f64]) -> f64 {
    let logarithmic = |prior: &Prior| matches!(prior, Prior::LogNormal { .. } | Prior::HalfNormal { .. });
    war.parameters().iter().zip(theta).filter(|(p, _)| logarithmic(&p.prior)).map(|(_, x)| math::ln(*x)).sum()
}

/// The prior of the base rate of attempts, once more.
fn prior_twice(war: &War<'_>, theta: &[f64]) -> f64 {
    let twice = |p: &exitvoice_infer::Parameter| p.name == PARAMETER;
    let found = war.parameters().iter().zip(theta).find(|(p, _)| twice(p));
    found.map_or(0.0, |(p, x)| p.prior.ln_density_real(p.prior.to_real(*x)))
}

/// The claims as a mistaken program reads them.
fn misread(claims: &ClaimSet, how: How) -> ClaimSet {
    let mut out = claims.clone();
    match how {
        How::Rows(change) => out.used.iter_mut().for_each(change),
        How::Copies => {
            let copies = claims.used.iter().filter(|c| is_count(c)).map(|c| {
                let mut copy = Claim { id: format!("{}again", c.id), ..c.clone() };
                apart(&mut copy);
                copy
            });
            out.used.extend(copies.collect::<Vec<_>>());
        }
        _ => {}
    }
    out
}

/// The scenario with parameters of the observers held.
fn held(scenario: &Scenario, how: How) -> Scenario {
    design::pinned(scenario, if let How::Laws(laws) = how { laws } else { &[] })
}

/// The log-likelihood that a mistaken program computes.
fn score(war: &War<'_>, how: How, theta: &[f64], kept: &Kept, seed: Seed) -> f64 {
    let scorer = if matches!(how, How::Silence) { &war.other } else { &war.scorer };
    let found = scorer.ln_likelihood(&kept.seen(), seed);
    match how {
        How::Adds(more) => found + more(war, theta),
        How::Power(power) => power * found,
        _ => found,
    }
}

type Places = BTreeMap<String, Vec<f64>>;

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let pool = request.machine.pool()?;
    let bench = Bench::reduced(request, &pool, progress)?;
    let worlds = COUNTS.asked(request)?;
    let chain = in_chain(request, &bench, &pool, worlds, progress)?;
    let designed = in_designs(request, &bench, &pool, worlds, progress)?;
    Ok(items(chain, designed, bench.draws(FIRST)))
}

/// Places in the worlds of the whole chain: of the fit without a mistake, and of every mistake without a design.
fn in_chain(
    request: &Request<'_>,
    bench: &Bench,
    pool: &Pool,
    worlds: u32,
    progress: &mut dyn Progress,
) -> Result<Vec<(&'static str, Places)>, Error> {
    let mistaken = MISTAKES.iter().filter(|(_, _, design)| design.is_none()).map(|(name, how, _)| (*name, *how));
    let all: Vec<(&str, How)> = std::iter::once((RIGHT, How::Not)).chain(mistaken).collect();
    let found = worlds::each(&SUITE, request, bench, (0..worlds, 1), progress, |number| {
        let draws = bench.draws(FIRST + u64::from(number));
        let world = bench.world(draws)?;
        let Some(war) = bench.told(&world.claims)? else { return Ok(None) };
        let Some(outcome) = bench.infer(request, pool, &war, draws)? else { return Ok(None) };
        let places = all.iter().map(|(_, how)| under(*how, bench, &world, &outcome, pool, draws));
        places.collect::<Result<Vec<_>, _>>().map(Some)
    })?;
    let mut places = vec![Places::new(); all.len()];
    for world in found.into_iter().flatten() {
        places.iter_mut().zip(world).for_each(|(places, found)| note(places, found));
    }
    Ok(all.into_iter().map(|(name, _)| name).zip(places).collect())
}

fn note(places: &mut Places, found: BTreeMap<String, f64>) {
    found.into_iter().for_each(|(name, u)| places.entry(name).or_default().push(u));
}

/// Places in the worlds that were made for a mistake, and how many simulations they share.
struct Designed {
    name: &'static str,
    shared: usize,
    right: Places,
    mistaken: Places,
}

/// Which design the n-th world is of, and which of its worlds: designs in turn, each as often as its weight, so that more worlds begin with those of
/// fewer.
fn order(weights: &[u32], turns: u32) -> Vec<(usize, u32)> {
    let of = |turn: u32| {
        let worlds =
            move |(k, weight): (usize, &u32)| (turn * weight..(turn + 1) * weight).map(move |world| (k, world));
        weights.iter().enumerate().flat_map(worlds)
    };
    (0..turns).flat_map(of).collect()
}

/// Places of the right fit and of the mistaken one for every mistake with a design; `worlds` of [`WORLDS`] of the worlds that it names.
fn in_designs(
    request: &Request<'_>,
    bench: &Bench,
    pool: &Pool,
    worlds: u32,
    progress: &mut dyn Progress,
) -> Result<Vec<Designed>, Error> {
    let all: Vec<(&'static str, How, Design)> =
        MISTAKES.iter().filter_map(|(name, how, design)| Some((*name, *how, (*design)?))).collect();
    let weights: Vec<u32> = all.iter().map(|(_, _, design)| design.worlds / WORLDS).collect();
    let numbers = order(&weights, worlds);
    let bank = Bank::new(bench, pool, bench.draws(OF_BANK))?;
    let suite = Suite { name: "mistakes-designs", ..SUITE };
    let found = worlds::each(&suite, request, bench, (0..numbers.len() as u32, DESIGNS_KEPT), progress, |number| {
        let (k, world) = numbers[number as usize];
        let (_, how, design) = &all[k];
        // A world does not depend on how many the other designs have.
        let first = OF_DESIGNS + APART * k as u64;
        design::places(design, *how, bench, &bank, pool, bench.draws(first + u64::from(world)))
    })?;
    let mut places: Vec<[Places; 2]> = vec![Default::default(); all.len()];
    for ((k, _), [right, mistaken]) in numbers.into_iter().zip(found) {
        note(&mut places[k][0], right);
        note(&mut places[k][1], mistaken);
    }
    let told = |((name, _, design), [right, mistaken]): ((&'static str, How, Design), [Places; 2])| Designed {
        name,
        shared: design.simulations(&bench.scenario),
        right,
        mistaken,
    };
    Ok(all.into_iter().zip(places).map(told).collect())
}

/// Draws of a fit.
struct Drawn<'a> {
    weights: &'a [f64],
    /// What each was.
    kept: Vec<Option<&'a Kept>>,
    /// Name, value of each draw and true value of the parameters whose places are noted.
    parameters: Vec<(String, Vec<f64>, f64)>,
    /// Draws of equal weight, for which likelihoods are estimated afresh: those that decided over the weights are too high.
    picked: Vec<usize>,
}

/// Places of the truth of a world among draws; `fresh` estimates the log-likelihood of a draw with the seed of a number, `own` is that of the truth.
fn placed(
    drawn: &Drawn<'_>,
    world: &World,
    own: f64,
    fresh: impl Fn(usize, u64) -> f64 + Sync,
    tie: impl Fn(u64) -> f64,
    pool: &Pool,
) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::new();
    for (k, (name, values, truth)) in drawn.parameters.iter().enumerate() {
        found.insert(name.clone(), position(drawn.weights, values, *truth, tie(k as u64)));
    }
    type Read = fn(&Kept) -> f64;
    let totals: [(&str, Read); 2] =
        [("casualties", |k| total(&k.truth.trajectory.incidents)), ("killed", |k| total(&k.truth.trajectory.killed))];
    for (k, (name, read)) in totals.into_iter().enumerate() {
        let values: Vec<f64> = drawn.kept.iter().map(|kept| kept.map_or(f64::NAN, read)).collect();
        found.insert(name.to_owned(), position(drawn.weights, &values, read(&world.truth), tie(100 + k as u64)));
    }
    let again = pool.map(drawn.picked.len(), |i| fresh(drawn.picked[i], i as u64 + 1));
    found.insert("log-likelihood".to_owned(), position(&vec![1.0; again.len()], &again, own, tie(200)));
    if drawn.weights.iter().all(|w| *w <= 0.0) {
        // Every simulation is impossible to a mistaken program: as far from uniform as one world can be.
        found.values_mut().for_each(|place| *place = 0.0);
    }
    found
}

/// Draws of equal weight; none where no draw has any.
fn picked(weights: &[f64], u: impl Fn(u64) -> f64) -> Vec<usize> {
    let any = weights.iter().any(|w| *w > 0.0);
    (0..if any { FRESH } else { 0 }).map(|i| categorical(u(i as u64), weights)).collect()
}

/// Places of the truth among the draws of a mistaken program in a world of the chain.
fn under(
    how: How,
    bench: &Bench,
    world: &World,
    outcome: &Outcome<Kept>,
    pool: &Pool,
    draws: Draws,
) -> Result<BTreeMap<String, f64>, Error> {
    let scenario = held(&bench.scenario, how);
    let war = War::new(&scenario, &bench.base, &misread(&world.claims, how), scenario.last_day)?;
    let bank = &outcome.bank;
    let Weighted { entries, weights, .. } =
        bank.reweight(pool, Section::Importance, |theta, kept, seed| score(&war, how, theta, kept, seed));
    let values = |k: usize| entries.iter().map(|e| bank.theta(e.row)[k]).collect::<Vec<f64>>();
    let drawn = Drawn {
        weights: &weights,
        kept: entries.iter().map(|e| bank.truth(*e)).collect(),
        parameters: bank.names().iter().enumerate().map(|(k, n)| (n.clone(), values(k), world.theta[k])).collect(),
        picked: picked(&weights, |i| draws.uniform(61, i)),
    };
    let fresh = |i: usize, number: u64| {
        let (theta, seed) = (bank.theta(entries[i].row), draws.seed(62, number));
        drawn.kept[i].map_or(f64::NEG_INFINITY, |kept| score(&war, how, theta, kept, seed))
    };
    let own = score(&war, how, &world.theta, &world.truth, draws.seed(62, 0));
    Ok(placed(&drawn, world, own, fresh, |k| draws.uniform(60, k), pool))
}

/// Probability that chance alone puts the places of some quantity as far from uniform, at most. Worlds of a design share their simulations: their
/// places are those of one sample in another, which together tell as much as n B / (n + B) worlds that share nothing.
fn chance(places: &Places, shared: Option<usize>) -> f64 {
    let bound = |u: &Vec<f64>| {
        let n = u.len() as f64;
        let worth = shared.map_or(n, |bank| n * bank as f64 / (n + bank as f64));
        2.0 * math::exp(-2.0 * worth * distance(u) * distance(u))
    };
    let smallest = places.values().map(bound).fold(1.0, f64::min);
    (smallest * places.len() as f64).min(1.0)
}

/// How often a set of as many worlds rejects: the share of resamples in which chance is below [`ALPHA`].
fn power(places: &Places, shared: Option<usize>, draws: Draws) -> f64 {
    let resample = |number: u64| {
        let drawn = |u: &Vec<f64>| (0..u.len()).map(|i| u[index(draws.uniform(number, i as u64), u.len())]).collect();
        chance(&places.iter().map(|(name, u)| (name.clone(), drawn(u))).collect(), shared) < ALPHA
    };
    (0..RESAMPLES).filter(|number| resample(*number)).count() as f64 / RESAMPLES as f64
}

/// `draws` resample the worlds, the same ones for every quantity.
fn items(chain: Vec<(&'static str, Places)>, designed: Vec<Designed>, draws: Draws) -> Vec<Item> {
    let reason = "chance of places as far from uniform, at most (Dvoretzky, Kiefer, Wolfowitz and Massart, times the quantities)";
    let (mut told, mut all) = (Vec::new(), Vec::new());
    for (name, places) in chain {
        if name == RIGHT {
            told.push(Item::between(name, chance(&places, None), [ALPHA, f64::INFINITY], reason));
        } else {
            all.push((name, None, places));
        }
    }
    for Designed { name, shared, mut right, mistaken } in designed {
        let least = right.remove(EFFECTIVE).unwrap_or_default().into_iter().fold(f64::INFINITY, f64::min);
        let title = format!("{RIGHT}, in the worlds made for: {name}; at least {least:.0} effective draws");
        told.push(Item::between(title, chance(&right, Some(shared)), [ALPHA, f64::INFINITY], reason));
        all.push((name, Some(shared), mistaken));
    }
    let rejected = all.iter().filter(|(_, shared, places)| chance(places, *shared) < ALPHA).count();
    let needed = [(MISTAKES.len() - MAY_PASS) as f64, MISTAKES.len() as f64];
    told.push(Item::between("mistakes rejected", rejected as f64, needed, "of twenty, one may pass"));
    for (name, shared, places) in &all {
        // Told one by one; the sum above is what must hold.
        let p = chance(places, *shared);
        let words = if p < ALPHA { "rejected" } else { "passed" };
        let worlds = places.values().map(Vec::len).max().unwrap_or(0);
        let made = if shared.is_some() { "worlds made for it" } else { "worlds of the chain" };
        let name = format!("{name}: {words}, {worlds} {made}, power {:.3}", power(places, *shared, draws));
        told.push(Item::between(name, p, [0.0, 1.0], reason));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::rng::Purpose;

    /// Each is scored in the end, and none as the fit without a mistake.
    #[test]
    fn every_mistake_changes_what_is_computed_of_some_world() {
        let machine = crate::command::Machine { threads: 1, cache_folder: None, ..crate::command::Machine::this() };
        let pool = machine.pool().expect("a thread");
        let request = Request { machine: &machine, n: None, reference: None, out: None };
        let bench = Bench::reduced(&request, &pool, &mut crate::command::Silent).expect("a force");
        let worlds: Vec<(Draws, World)> = (0..3)
            .map(|number| bench.draws(FIRST + number))
            .map(|draws| (draws, bench.world(draws).expect("a world")))
            .collect();
        let computed = |how: How| -> Vec<f64> {
            let scenario = held(&bench.scenario, how);
            let one = |(draws, world): &(Draws, World)| {
                let claims = misread(&world.claims, how);
                let counted = |set: &ClaimSet| set.scored().filter(|c| c.group() != SourceGroup::Other).count();
                assert!(counted(&claims) >= counted(&world.claims), "no row is lost");
                let war = War::new(&scenario, &bench.base, &claims, scenario.last_day).expect("claims");
                score(&war, how, &world.theta, &world.truth, draws.seed(62, 0))
            };
            worlds.iter().map(one).collect()
        };
        let right = computed(How::Not);
        for (name, how, _) in MISTAKES {
            let wrong = computed(how);
            assert!(wrong.iter().all(|x| !x.is_nan()), "{name}: {wrong:?}");
            assert!(wrong.iter().zip(&right).any(|(a, b)| (a - b).abs() > 1e-9), "{name}: {wrong:?} {right:?}");
        }
    }

    /// Two worlds of each design: every row is told and scored, and the mistake moves the truth's places in one of them.
    #[test]
    fn every_design_tells_its_rows_and_its_mistake_shows_in_them() {
        let machine = crate::command::Machine { cache_folder: None, ..crate::command::Machine::this() };
        let pool = machine.pool().expect("threads");
        let request = Request { machine: &machine, n: None, reference: None, out: None };
        let bench = Bench::reduced(&request, &pool, &mut crate::command::Silent).expect("a force");
        let bank = Bank::new(&bench, &pool, bench.draws(OF_BANK)).expect("simulations");
        for (name, how, design) in MISTAKES.into_iter().filter_map(|(n, h, design)| Some((n, h, design?))) {
            let moved = (0..2).any(|number| {
                let draws = bench.draws(OF_DESIGNS + number);
                let [right, mistaken] =
                    design::places(&design, how, &bench, &bank, &pool, draws).expect("two fits of one world");
                let right: Places =
                    right.into_iter().filter(|(name, _)| name != EFFECTIVE).map(|(n, u)| (n, vec![u])).collect();
                assert!(
                    right.len() == 4 && right.values().flatten().all(|u| *u > 0.0 && *u < 1.0),
                    "{name}: {right:?}"
                );
                right.iter().any(|(quantity, u)| (mistaken[quantity] - u[0]).abs() > 0.02)
            });
            assert!(moved, "{name}");
        }
    }

    #[test]
    fn more_worlds_of_the_designs_begin_with_those_of_fewer() {
        let [few, many] = [1, 3].map(|turns| order(&[2, 1, 3], turns));
        assert_eq!(few, [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1), (2, 2)]);
        assert_eq!(many[6..8], [(0, 2), (0, 3)]);
        assert!(many.len() == 18 && many.starts_with(&few));
        for (_, _, design) in MISTAKES {
            assert!(design.is_none_or(|d| d.worlds > 0 && d.worlds % WORLDS == 0), "whole turns");
            let most = |d: Design| u64::from(d.worlds / WORLDS * COUNTS.range[1]);
            assert!(design.is_none_or(|d| most(d) <= APART), "no world of the next design");
        }
    }

    #[test]
    fn a_mistake_is_rejected_where_one_quantity_lies_wrong_and_none_where_all_are_even() {
        let even = |n: u32| (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).collect::<Vec<f64>>();
        let fair = Places::from([("a".to_owned(), even(100)), ("b".to_owned(), even(100))]);
        let high =
            Places::from([("a".to_owned(), even(100)), ("b".to_owned(), even(100).iter().map(|u| u * u).collect())]);
        let alone = |places: &Places| chance(places, None);
        assert!(alone(&fair) > 0.9 && alone(&high) < ALPHA, "{} {}", alone(&fair), alone(&high));
        // A hundred worlds that share a hundred simulations are worth fifty.
        assert!(chance(&high, Some(100)) > 10.0 * alone(&high));
        let draws = Draws::new(Seed(1), Purpose::Test);
        assert!(
            power(&fair, None, draws) < 0.05 && power(&high, None, draws) > 0.95,
            "{} {}",
            power(&fair, None, draws),
            power(&high, None, draws)
        );
        let told = |right: &Places, own: &Places, passing: usize| {
            let mut chain = vec![(RIGHT, right.clone())];
            let mut designed = Vec::new();
            for (k, (name, _, design)) in MISTAKES.into_iter().enumerate() {
                let places = if k < passing { fair.clone() } else { high.clone() };
                match design {
                    None => chain.push((name, places)),
                    Some(_) => {
                        designed.push(Designed { name, shared: 1_000_000, right: own.clone(), mistaken: places })
                    }
                }
            }
            let items = items(chain, designed, draws);
            items.iter().filter(|item| !item.passed).map(|item| item.name.clone()).collect::<Vec<String>>()
        };
        assert_eq!(told(&fair, &fair, 0), Vec::<String>::new());
        assert_eq!(told(&fair, &fair, 1), Vec::<String>::new(), "one may pass");
        assert_eq!(told(&fair, &fair, 2), ["mistakes rejected"]);
        assert_eq!(told(&high, &fair, 0), [RIGHT]);
        assert!(told(&fair, &high, 0).iter().all(|name| name.starts_with("no mistake, in the worlds made for")));
        assert_eq!(told(&fair, &high, 0).len(), 11);
    }
}
