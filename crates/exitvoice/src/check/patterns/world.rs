//! The worlds of the experiments: one small country, forces of a few thousand, parameters at their defaults but for the arm's changes.

use crate::check::Request;
use crate::command::{Error, Progress};
use crate::country;
use crate::data;
use crate::deployment;
use crate::registry;
use crate::scenario::{Catalogue, Layers, SourceText, resolve};
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::plan::{Joins, Outlook, Phase, PhaseHazard, Wave};
use exitvoice_model::force::{ForceBase, ForceParams, Plan, deploy};
use exitvoice_model::society::extract::Extract;
use exitvoice_record::{EventKind, Record, Status};
use std::collections::BTreeMap;

/// Soldiers, days and soldiers' formations of every experiment.
pub(in crate::check) const SOLDIERS: u32 = 12_000;
/// Days; contact begins on day 20.
pub(in crate::check) const DAYS: u32 = 200;
/// Base rates of attempts and surrenders are raised by this, so that a few thousand soldiers show what is rare.
pub(in crate::check) const POWER: f64 = 20.0;
/// Scale of the country from which candidates are taken: more than are sent.
const SCALE: f64 = 0.02;
const SEED: Seed = Seed(1);

/// Candidates and default values, shared by all experiments.
pub(in crate::check) struct Ground {
    pub(in crate::check) extract: Extract,
    values: BTreeMap<String, f64>,
}

impl Ground {
    /// Builds the country once.
    ///
    /// # Errors
    /// What building meets, or a request to stop.
    pub(in crate::check) fn build(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Self, Error> {
        Self::at_scale(SCALE, request, progress)
    }

    /// As [`Self::build`], from a country of another scale.
    ///
    /// # Errors
    /// What building meets, or a request to stop.
    pub(in crate::check) fn at_scale(
        scale: f64,
        request: &Request<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Self, Error> {
        let all = registry::all();
        let text =
            data::scenario("kursk-2024").ok_or_else(|| Error::Bug { detail: "kursk-2024 is gone".to_owned() })?;
        let source = SourceText { name: "kursk-2024.toml".to_owned(), text: text.to_owned() };
        let mut scenario = resolve(source, &Layers::default(), &Catalogue::embedded(&all))?;
        (scenario.scale, scenario.seed) = (scale, SEED);
        let pool = request.machine.pool()?;
        let society = country::history(&scenario, request.machine, &pool, progress)?;
        let extract = Extract::take(&society, 60_000, &pool);
        let values = scenario.values.iter().map(|(key, value)| (key.clone(), value.canonical)).collect();
        Ok(Self { extract, values })
    }

    /// Parameters at their defaults, base rates raised, and the changes of an arm: `(key, factor, term)` gives value x factor + term.
    pub(in crate::check) fn params(&self, changes: &[Change]) -> Result<ForceParams, Error> {
        let mut values = self.values.clone();
        for (key, factor, term) in RAISED.iter().chain(changes) {
            let value = values
                .get_mut(*key)
                .ok_or_else(|| Error::Bug { detail: format!("an experiment changes `{key}`, which nothing reads") })?;
            *value = *value * factor + term;
        }
        deployment::force_params(&values)
    }
}

/// A change of one parameter: its key, a factor, a term.
pub(in crate::check) type Change = (&'static str, f64, f64);

const RAISED: [Change; 4] = [
    ("exit.attempt.base_rate", POWER, 0.0),
    ("exit.surrender.base_rate", POWER, 0.0),
    ("decision.constant.core_rate", POWER, 0.0),
    ("decision.constant.wavering_rate", POWER, 0.0),
];

/// Plan of every experiment.
pub(in crate::check) fn plan(soldiers: u32, rule: Rule) -> Plan {
    Plan {
        day_zero: Day::from_ymd(2024, 10, 8).expect("a date of the calendar"),
        days: DAYS,
        squad: 10,
        levels: [3, 4, 4, 6],
        waves: vec![Wave { contingent: 1, soldiers, arrives: 0, front: Some(10), joins: Joins::AsUnits }],
        phases: vec![Phase { from: 20, hazard: PhaseHazard::WinterAssaults }],
        advance_party: false,
        rule,
        responses: Vec::new(),
        steps_per_day: 1,
        thresholds: None,
        outlook: Outlook::default(),
    }
}

/// A force of the first candidates.
///
/// # Errors
/// The country has too few (a bug: its scale is fixed).
pub(in crate::check) fn force(plan: Plan, extract: &Extract) -> Result<ForceBase, Error> {
    ForceBase::new(plan, extract).map_err(Error::bug)
}

/// One replicate; seeds pair the arms.
pub(in crate::check) fn replicate(base: &ForceBase, params: &ForceParams, pair: u64) -> Record {
    deploy(base, params, Seed(pair))
}

/// Soldier-days with the unit: the time at risk.
pub(in crate::check) fn at_risk(record: &Record) -> f64 {
    record.heads.iter().map(|heads| f64::from(heads[Status::Present as usize])).sum::<f64>().max(1.0)
}

/// Events of a kind per soldier-day at risk.
pub(in crate::check) fn rate(record: &Record, kind: EventKind) -> f64 {
    record.events.iter().filter(|e| e.kind == kind).fold(0.0, |n, _| n + 1.0) / at_risk(record)
}
