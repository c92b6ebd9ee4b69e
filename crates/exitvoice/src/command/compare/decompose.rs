//! What each of several mechanisms does in scenario A, shared out over every set of them that can be at work.

use super::CompareOptions;
use crate::answers::Measured;
use crate::command::{Error, Event, Progress, ScenarioOptions, Silent, Stage};
use crate::compare::Difference;
use crate::compare::shapley::{Mechanism, Part, SharedOut, sets, share_out};
use crate::country::{self, Country};
use crate::deployment::{self, Replicate};
use crate::ensemble::Ensemble;
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::scenario::Scenario;
use crate::tables::Keys;
use exitvoice_core::parallel::Pool;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of the mechanisms, as it was switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// Its name.
    pub name: String,
    /// Key of the value that switches it off.
    pub key: String,
    /// That value.
    pub off: String,
    /// What is so when it is off.
    pub without: String,
}

/// What mechanisms do together, and the share of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decomposition {
    /// The mechanisms.
    pub mechanisms: Vec<Switch>,
    /// Sets of them that were simulated, each with every replicate.
    pub sets: u64,
    /// By name of the number.
    pub quantities: BTreeMap<String, SharedOut>,
}

/// Replicates under which some mechanisms were switched off.
pub(super) struct SetRun {
    /// Key and value of each switch.
    pub(super) off: Vec<(&'static str, &'static str)>,
    /// Number and digest of each replicate.
    pub(super) digests: Vec<(u32, [u8; 32])>,
}

/// Sets to be simulated beside A, in which all are at work.
pub(super) fn more_sets(mechanisms: &[&Mechanism]) -> u64 {
    sets(mechanisms.len()) as u64 - 1
}

/// Simulates every set but the full one, under the draws of A, and shares out each number. `None` where no mechanism is named.
/// `all_at_work` are the replicates of A itself. With it come the sets that were simulated, in order.
///
/// # Errors
/// A mechanism cannot be switched off in A, or a signal.
pub(super) fn decompose(
    options: &CompareOptions,
    (a, all_at_work): (&Scenario, &[Replicate]),
    country: &Country,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<(Option<Decomposition>, Vec<SetRun>), Error> {
    let mechanisms = &options.mechanisms;
    if mechanisms.is_empty() {
        return Ok((None, Vec::new()));
    }
    let of_set = more_sets(mechanisms);
    progress.event(Event::Began { stage: Stage::Deployment, of: Some(of_set) });
    let clock = std::time::Instant::now();
    let mut values: Vec<Vec<Vec<f64>>> = vec![Vec::new(); Measured::all().count()];
    let mut runs = Vec::new();
    for set in 0..of_set {
        let off = mechanisms.iter().enumerate().filter(|(i, _)| set >> i & 1 == 0).map(|(_, m)| (m.key, m.off));
        let off: Vec<(&'static str, &'static str)> = off.collect();
        let replicates = simulate(options, &off, a, country, pool)?;
        add(&mut values, &replicates);
        runs.push(SetRun { off, digests: replicates.iter().map(|r| (r.number, r.digest)).collect() });
        progress.event(Event::Advanced { done: set + 1 });
    }
    add(&mut values, all_at_work);
    progress.event(Event::Ended { stage: Stage::Deployment, seconds: clock.elapsed().as_secs_f64() });
    let shared = Measured::all().zip(&values);
    let shared = shared.filter_map(|(m, values)| Some((m.name().to_owned(), share_out(mechanisms, values)?)));
    let switch = |m: &&'static Mechanism| Switch {
        name: m.name.to_owned(),
        key: m.key.to_owned(),
        off: m.off.to_owned(),
        without: m.without.to_owned(),
    };
    let found = Decomposition {
        mechanisms: mechanisms.iter().map(switch).collect(),
        sets: of_set + 1,
        quantities: shared.collect(),
    };
    Ok((Some(found), runs))
}

fn add(values: &mut [Vec<Vec<f64>>], replicates: &[Replicate]) {
    for (measured, all) in Measured::all().zip(values) {
        all.push(replicates.iter().map(|r| measured.of(r)).collect());
    }
}

/// A with some mechanisms switched off.
fn simulate(
    options: &CompareOptions,
    off: &[(&str, &str)],
    a: &Scenario,
    country: &Country,
    pool: &Pool,
) -> Result<Vec<Replicate>, Error> {
    let mut over = options.a.set.clone();
    over.extend(off.iter().map(|(key, value)| format!("{key}={value}")));
    let scenario = ScenarioOptions { set: over, ..options.a.alone() };
    let scenario = scenario.resolve(&options.machine, &[("run.replicates", a.replicates.to_string())])?;
    if country::cache_key(&scenario) != country::cache_key(a) {
        return Err(Error::bug("a mechanism of the force changed the country"));
    }
    let (base, params) = (deployment::force(&scenario, country)?, deployment::force_params(&scenario)?);
    let ensemble = Ensemble { base: &base, params: &params, seed: scenario.seed, machine: &options.machine, pool };
    ensemble.run(a.replicates, &mut Silent, &mut |_| Ok(()))
}

impl Decomposition {
    /// One row a number and mechanism.
    pub(super) fn table(&self, keys: &Keys) -> Table {
        let rows: Vec<(&str, &Part)> = self
            .quantities
            .iter()
            .flat_map(|(name, shared)| shared.parts.iter().map(move |part| (name.as_str(), part)))
            .collect();
        let names: Vec<&str> = Measured::all().map(Measured::name).collect();
        let switches: Vec<&str> = self.mechanisms.iter().map(|m| m.name.as_str()).collect();
        let mut columns = keys.columns(rows.len());
        let words = ColumnData::category(&names, rows.iter().map(|(name, _)| Some(*name)));
        columns.push(Column::new("quantity", "", "What was read off each replicate", Role::Latent, words));
        let words = ColumnData::category(&switches, rows.iter().map(|(_, part)| Some(part.mechanism.as_str())));
        columns.push(Column::new("mechanism", "", "Mechanism that was switched on and off", Role::Input, words));
        type Read = fn(&Difference) -> f64;
        let numbers: [(&'static str, &'static str, Read); 4] = [
            ("true_share_mean", "Its share of what all of them do together, mean over replicates", |d| d.mean),
            ("true_share_q025", "Lower end of the mean's 95 % interval", |d| d.mean_low),
            ("true_share_q975", "Upper end of the mean's 95 % interval", |d| d.mean_high),
            ("true_share_standard_error", "Standard error of the mean", |d| d.standard_error),
        ];
        for (name, description, read) in numbers {
            let values: Vec<f64> = rows.iter().map(|(_, part)| read(&part.share)).collect();
            columns.push(Column::new(name, "1", description, Role::Latent, values));
        }
        Table { name: "shapley", description: "What one mechanism does to one quantity in scenario A", columns }
    }
}
