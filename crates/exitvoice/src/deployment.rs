//! From a resolved scenario to deployments: the plan, the force, and ensembles of replicates.

use crate::command::Error;
use crate::country::Country;
use crate::scenario::{self, Scenario};
use crate::tables::home::{FamilyCount, count_families};
use exitvoice_core::param::Lookup;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use exitvoice_model::ModelError;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Outlook, Phase, PhaseHazard, Plan, Wave};
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use exitvoice_model::mechanism::mind::exposure;
use exitvoice_model::mechanism::regime::ledger;
use exitvoice_model::mechanism::regime::response::{Order, Response, When};
use exitvoice_record::{Record, STATUSES, Toll, Trajectory};

/// What is kept of a replicate: daily counts, heads by status, and the digest of everything that happened.
#[derive(Clone, Debug)]
pub struct Replicate {
    /// Number of the replicate.
    pub number: u32,
    /// Its seed.
    pub seed: Seed,
    /// Daily counts.
    pub trajectory: Trajectory,
    /// Heads by status at the end of each day.
    pub heads: Vec<[u32; STATUSES.len()]>,
    /// Whom control struck beside those who left.
    pub toll: Toll,
    /// Events of families, counted.
    pub families: Vec<FamilyCount>,
    /// Ledger of the regime, by month.
    pub ledger: Vec<ledger::Month>,
    /// BLAKE3 of the canonical record.
    pub digest: [u8; 32],
}

/// Plan of a scenario. Waves that arrive, and fronts reached, after the last day are left out by the day counter itself.
///
/// # Errors
/// The scenario names a hazard that is no phase hazard (a bug: resolving checks it).
pub fn plan(scenario: &Scenario) -> Result<Plan, Error> {
    let day = |date: Day| (date - scenario.day_zero).max(0).unsigned_abs();
    let order = &scenario.order_of_battle;
    let mut phases = Vec::new();
    for phase in &scenario.phases {
        let hazard = match &phase.hazard {
            None => PhaseHazard::None,
            Some(key) => PhaseHazard::from_key(key)
                .ok_or_else(|| Error::Bug { detail: format!("`{key}` is no casualty hazard of a phase") })?,
        };
        phases.push(Phase { from: day(phase.from), hazard });
    }
    Ok(Plan {
        day_zero: scenario.day_zero,
        days: scenario.days(),
        squad: order.soldiers_per_squad,
        levels: [
            order.squads_per_platoon,
            order.platoons_per_company,
            order.companies_per_battalion,
            order.battalions_per_brigade,
        ],
        waves: scenario
            .waves
            .iter()
            .map(|wave| Wave {
                contingent: wave.contingent,
                soldiers: wave.persons,
                arrives: day(wave.arrives),
                front: wave.at_front.map(day),
                joins: if wave.joins == "replacements" { Joins::AsReplacements } else { Joins::AsUnits },
            })
            .collect(),
        phases,
        advance_party: scenario.claims.is_some(),
        rule: Rule::from_key(scenario.rule)
            .ok_or_else(|| Error::Bug { detail: format!("`{}` is no rule of decision", scenario.rule) })?,
        responses: scenario.responses.iter().map(|response| order_of(response, day)).collect::<Result<_, _>>()?,
        steps_per_day: 1,
        thresholds: None,
        outlook: Outlook::default(),
    })
}

fn order_of(response: &scenario::Response, day: impl Fn(Day) -> u32) -> Result<Response, Error> {
    let order = Order::from_word(&response.order)
        .ok_or_else(|| Error::Bug { detail: format!("`{}` is no order of the regime", response.order) })?;
    Ok(Response { order, when: response.on.map_or(When::Triggered, |on| When::Dated(day(on))) })
}

/// The force that all replicates share.
///
/// # Errors
/// The country has too few candidates (exit 64: the force or the scale is the user's).
pub fn force(scenario: &Scenario, country: &Country) -> Result<ForceBase, Error> {
    let selection = force_params(scenario)?.selection;
    ForceBase::selected(plan(scenario)?, &country.extract, &selection).map_err(|error| match error {
        ModelError::TooFewCandidates { needed, available } => Error::ForceTooLarge { needed, available },
        other => Error::Bug { detail: other.to_string() },
    })
}

/// Parameters of the force from resolved values.
///
/// # Errors
/// A value is missing (a bug: resolving gives every one).
pub fn force_params(values: &dyn Lookup) -> Result<ForceParams, Error> {
    ForceParams::from_resolved(values).map_err(|e| Error::Bug { detail: e.to_string() })
}

/// Seed of a replicate; the scenario never enters, so that scenarios pair.
#[must_use]
pub fn replicate_seed(seed: Seed, number: u32) -> Seed {
    Draws::new(seed, Purpose::Replicate).seed(u64::from(number), 0)
}

/// BLAKE3 of a record's canonical bytes. They come a few at a time and are hashed in large pieces, which BLAKE3 takes several abreast.
#[must_use]
pub fn record_digest(record: &Record) -> [u8; 32] {
    const PIECE: usize = 1 << 16;
    const LONGEST_FIELD: usize = 64;
    let mut hasher = blake3::Hasher::new();
    let mut piece = Vec::with_capacity(PIECE + LONGEST_FIELD);
    record.canonical(&mut |bytes| {
        piece.extend_from_slice(bytes);
        if piece.len() >= PIECE {
            hasher.update(&piece[..PIECE]);
            piece.drain(..PIECE);
        }
    });
    *hasher.update(&piece).finalize().as_bytes()
}

/// Runs one replicate.
#[must_use]
pub fn replicate(base: &ForceBase, params: &ForceParams, seed: Seed, number: u32) -> (Replicate, Record) {
    let seed = replicate_seed(seed, number);
    let record = deploy(base, params, seed);
    (kept(&record, params, seed, number), record)
}

/// What is kept of a record; `seed` is that of the replicate.
#[must_use]
pub fn kept(record: &Record, params: &ForceParams, seed: Seed, number: u32) -> Replicate {
    Replicate {
        number,
        seed,
        trajectory: Trajectory::from_record(record),
        heads: record.heads.clone(),
        toll: Toll::of(record),
        families: count_families(record),
        ledger: ledger::ledger(
            &params.ledger,
            &params.returnees,
            &|days| exposure::after(&params.exposure, days),
            record,
        ),
        digest: record_digest(record),
    }
}
