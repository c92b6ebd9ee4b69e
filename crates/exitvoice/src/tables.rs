//! Result tables of a run. Keys first, the same everywhere; truth, claimed and inferred never share a column.

pub mod country;
pub mod home;

use crate::answers::{Measured, defined, running};
use crate::deployment::Replicate;
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::report::Measure;
use exitvoice_core::param::Lookup;
use exitvoice_core::time::Day;
use exitvoice_infer::output::Group;
use exitvoice_model::force::ForceBase;
use exitvoice_model::force::base::Squad;
use exitvoice_model::society::extract::Extract;
use exitvoice_record::{EventKind, Record, STATUSES, Trajectory};

/// What every row of every table says of its run.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Name of the run folder.
    pub run_id: String,
    /// Scenario.
    pub scenario: String,
}

impl Keys {
    /// The two key columns that every table starts with.
    pub fn columns(&self, rows: usize) -> Vec<Column> {
        vec![
            Column::new("run_id", "", "Name of the run folder", Role::Input, ColumnData::constant(&self.run_id, rows)),
            Column::new("scenario", "", "Scenario", Role::Input, ColumnData::constant(&self.scenario, rows)),
        ]
    }
}

/// One row per replicate.
#[must_use]
pub fn runs(keys: &Keys, replicates: &[Replicate]) -> Table {
    let mut columns = keys.columns(replicates.len());
    let hex = |r: &Replicate| crate::io::section_file::hex(&r.digest);
    columns.push(replicate_column(replicates.iter().map(|r| r.number)));
    columns.push(Column::new(
        "seed",
        "",
        "Seed of the replicate",
        Role::Input,
        replicates.iter().map(|r| r.seed.0).collect::<Vec<u64>>(),
    ));
    columns.push(Column::new(
        "digest",
        "",
        "BLAKE3 of the canonical record",
        Role::Latent,
        replicates.iter().map(hex).collect::<Vec<String>>(),
    ));
    for measured in Measured::all() {
        columns.push(measured_column(measured, replicates.iter().map(|r| measured.of(r))));
    }
    Table { name: "runs", description: "One replicate of the ensemble at the scenario's values", columns }
}

/// What was read off replicates.
pub(crate) fn measured_column(measured: Measured, values: impl Iterator<Item = f64>) -> Column {
    let column = |data: ColumnData| Column::new(measured.column(), "1", measured.label(), Role::Latent, data);
    match measured.measure() {
        Measure::Share => {
            column(values.map(defined).collect::<Vec<Option<f64>>>().into()).missing("nothing to take a share of")
        }
        _ => column(values.collect::<Vec<f64>>().into()),
    }
}

fn replicate_column(numbers: impl Iterator<Item = u32>) -> Column {
    Column::new("replicate", "1", "Number of the replicate", Role::Input, numbers.collect::<Vec<u32>>())
}

/// A running total: its metric and the daily increments it sums.
type Total = (&'static str, fn(&Trajectory) -> &[i32]);

/// Cumulative totals kept beside the heads in `series`.
const TOTALS: [Total; 5] = [
    ("casualties_cumulative", |t| &t.incidents),
    ("killed_cumulative", |t| &t.killed),
    ("sent_cumulative", |t| &t.sent),
    ("attempts_cumulative", |t| &t.attempted),
    ("desertions_cumulative", |t| &t.reached),
];

/// Metrics of `series`.
pub const METRICS: u64 = (STATUSES.len() + TOTALS.len()) as u64;

/// Daily values of one replicate in the order of the metrics of `series`: day by day, heads by status, then totals. All are counts.
#[must_use]
pub fn daily(replicate: &Replicate) -> Vec<u32> {
    let totals: Vec<Vec<f64>> = TOTALS.iter().map(|(_, column)| running(column(&replicate.trajectory))).collect();
    let of_day = |(day, heads): (usize, &[u32; STATUSES.len()])| {
        let sums = totals.iter().map(move |column| column[day] as u32);
        heads.iter().copied().chain(sums).collect::<Vec<u32>>()
    };
    replicate.heads.iter().enumerate().flat_map(of_day).collect()
}

/// One replicate as a row group of `series`.
#[derive(Clone, Copy, Debug)]
pub struct Daily<'a> {
    /// Number of the replicate.
    pub number: u32,
    /// Its seed.
    pub seed: u64,
    /// Date of its day 0.
    pub first: Day,
    /// As [`daily`] has them.
    pub values: &'a [u32],
}

/// Long table of daily values of the whole force.
#[must_use]
pub fn series(keys: &Keys, first: Day, replicates: &[Replicate]) -> Table {
    let values: Vec<Vec<u32>> = replicates.iter().map(daily).collect();
    let rows = replicates.iter().zip(&values);
    let rows: Vec<Daily<'_>> =
        rows.map(|(r, v)| Daily { number: r.number, seed: r.seed.0, first, values: v }).collect();
    series_of(keys.columns(rows.iter().map(|r| r.values.len()).sum()), &rows)
}

/// As [`series`], from values kept; `keys` are the key columns, one row for each value.
#[must_use]
pub fn series_of(keys: Vec<Column>, replicates: &[Daily<'_>]) -> Table {
    let metrics: Vec<String> =
        STATUSES.iter().map(|(_, word)| format!("heads_{word}")).chain(TOTALS.iter().map(|t| t.0.to_owned())).collect();
    let rows = replicates.iter().map(|r| r.values.len()).sum();
    let (mut number, mut seed) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut day, mut date) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    let (mut metric, mut value) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for replicate in replicates {
        for (d, counts) in replicate.values.chunks(metrics.len()).enumerate() {
            for (code, count) in counts.iter().enumerate() {
                number.push(Some(replicate.number));
                seed.push(Some(replicate.seed));
                day.push(Some(d as u32));
                date.push(Some(replicate.first + d as i32));
                metric.push(Some(code as u32));
                value.push(f64::from(*count));
            }
        }
    }
    let mut columns = keys;
    columns.push(Column::new("replicate", "1", "Number of the replicate", Role::Input, ColumnData::U32(number)));
    columns.push(Column::new("seed", "", "Seed of the replicate", Role::Input, ColumnData::U64(seed)));
    columns.push(Column::new("day", "d", "Day of the deployment, 0 = first", Role::Input, ColumnData::U32(day)));
    columns.push(Column::new("date", "", "Calendar date", Role::Input, ColumnData::Date(date)));
    columns.push(Column::new("level", "", "Level of formation", Role::Input, ColumnData::constant("force", rows)));
    columns.push(Column::new("unit_id", "1", "Number of the formation at its level", Role::Input, vec![0_u32; rows]));
    let codes = ColumnData::Category { levels: metrics, codes: metric };
    columns.push(Column::new("metric", "", "What is counted", Role::Latent, codes));
    columns.push(Column::new(
        "true_value",
        "persons",
        "Heads at the end of the day, or a total since day 0",
        Role::Latent,
        value,
    ));
    Table { name: "series", description: "Daily heads by status and running totals of the whole force", columns }
}

/// Squads with the formations they belong to.
#[must_use]
pub fn units(keys: &Keys, base: &ForceBase) -> Table {
    let rows = base.squads.len();
    let of = |level: fn(&Squad) -> u32| base.squads.iter().map(level).collect::<Vec<u32>>();
    let battalions = base.plan.levels[3];
    let mut columns = keys.columns(rows);
    let number = |name, description, values: Vec<u32>| Column::new(name, "1", description, Role::Input, values);
    columns.push(number("squad_id", "Number of the squad", (0..rows as u32).collect()));
    columns.push(number("platoon_id", "Number of the platoon", of(|s| s.platoon)));
    columns.push(number("company_id", "Number of the company", of(|s| s.company)));
    columns.push(number("battalion_id", "Number of the battalion", of(|s| s.battalion)));
    let brigades = base.squads.iter().map(|s| s.battalion / battalions).collect();
    columns.push(number("brigade_id", "Number of the brigade", brigades));
    columns.push(number("wave", "Wave, counted from 0", base.squads.iter().map(|s| u32::from(s.wave)).collect()));
    columns.push(number("soldiers", "Soldiers at arrival", base.squads.iter().map(|s| s.end - s.first).collect()));
    Table {
        name: "units",
        description: "One squad of the order of battle, the advance party's at its largest",
        columns,
    }
}

/// Living kin of the force by degree.
#[must_use]
pub fn kin(keys: &Keys, base: &ForceBase, extract: &Extract) -> Table {
    let degrees = 5;
    let (mut links, mut together) = (vec![0_u32; degrees], vec![0_u32; degrees]);
    for candidate in &base.candidate.as_slice()[..base.dated] {
        for link in extract.kin(*candidate as usize) {
            links[link.degree as usize] += 1;
            together[link.degree as usize] += u32::from(link.together);
        }
    }
    let mut columns = keys.columns(degrees);
    let head = f64::from(base.dated.max(1) as u32);
    let mean = |counts: &[u32]| counts.iter().map(|c| f64::from(*c) / head).collect::<Vec<f64>>();
    columns.push(Column::new(
        "degree",
        "1",
        "Degree of kinship, 0 for a spouse",
        Role::Input,
        (0..degrees as u32).collect::<Vec<_>>(),
    ));
    columns.push(Column::new(
        "soldiers",
        "persons",
        "Soldiers of the dated waves",
        Role::Latent,
        vec![base.dated as u32; degrees],
    ));
    columns.push(Column::new(
        "true_kin_mean",
        "persons",
        "Living kin of the degree per soldier",
        Role::Latent,
        mean(&links),
    ));
    columns.push(Column::new(
        "true_kin_together_mean",
        "persons",
        "Of them in the soldier's household at home",
        Role::Latent,
        mean(&together),
    ));
    Table { name: "kin", description: "Living kin at home of the soldiers sent, by degree", columns }
}

/// All events of some replicates.
#[must_use]
pub fn events(keys: &Keys, first: Day, records: &[(u32, Record)]) -> Table {
    let rows: usize = records.iter().map(|(_, r)| r.events.len()).sum();
    let all = || records.iter().flat_map(|(number, record)| record.events.iter().map(move |e| (*number, record, e)));
    let levels: Vec<&str> = EventKind::ALL.iter().map(|k| k.word()).collect();
    let mut columns = keys.columns(rows);
    columns.push(replicate_column(all().map(|(number, ..)| number)));
    columns.push(Column::new(
        "day",
        "d",
        "Day of the deployment",
        Role::Latent,
        all().map(|(.., e)| e.day).collect::<Vec<u32>>(),
    ));
    columns.push(Column::new(
        "date",
        "",
        "Calendar date",
        Role::Latent,
        all().map(|(.., e)| first + e.day as i32).collect::<Vec<Day>>(),
    ));
    columns.push(Column::new(
        "fraction",
        "d",
        "Part of the day gone",
        Role::Latent,
        all().map(|(.., e)| e.fraction).collect::<Vec<f64>>(),
    ));
    columns.push(Column::new(
        "soldier_key",
        "",
        "Key of the synthetic person",
        Role::Latent,
        all().map(|(_, r, e)| r.soldiers.key[e.soldier]).collect::<Vec<u64>>(),
    ));
    let words = all().map(|(.., e)| Some(e.kind.word()));
    columns.push(Column::new("event", "", "What happened", Role::Latent, ColumnData::category(&levels, words)));
    columns.push(Column::new(
        "departure",
        "1",
        "Number of the attempt or absence, 0 for none",
        Role::Latent,
        all().map(|(.., e)| e.group).collect::<Vec<u32>>(),
    ));
    Table { name: "events", description: "Everything that happened to anybody abroad, in order", columns }
}

/// Draws from the posterior, one row a draw and parameter.
#[must_use]
pub fn posterior(keys: &Keys, draws: &Group) -> Table {
    let columns = draws_of_parameters(keys, draws, "post_value");
    Table { name: "posterior", description: "Draws from the posterior of the parameters that were inferred", columns }
}

/// Draws from their prior, in the same shape.
#[must_use]
pub fn prior(keys: &Keys, draws: &Group) -> Table {
    let columns = draws_of_parameters(keys, draws, "prior_value");
    Table { name: "prior", description: "Draws from the prior of the parameters that were inferred", columns }
}

/// What the sampler knows of each posterior draw, one row a draw.
#[must_use]
pub fn sample_stats(keys: &Keys, draws: &Group) -> Table {
    let each = || 0..draws.weight.len();
    let mut columns = keys.columns(draws.weight.len());
    columns.extend(address(draws, each));
    for (name, description) in [
        ("ln_likelihood", "Natural logarithm of the likelihood estimate that the draw was accepted with"),
        ("row", "Row of the bank that the draw is"),
        ("stage", "Stage of the sampler that made it, the prior being 0"),
    ] {
        let values = draws.column(name).expect("the sampler names it").to_vec();
        columns.push(Column::new(name, "1", description, Role::Inferred, values));
    }
    Table { name: "sample_stats", description: "What the sampler knows of one posterior draw", columns }
}

/// Number of each draw and its weight, a row for each of `each`.
fn address<I: Iterator<Item = usize>>(draws: &Group, each: impl Fn() -> I) -> [Column; 3] {
    let whole = |name, description, of: &[u32]| {
        Column::new(name, "1", description, Role::Inferred, each().map(|d| of[d]).collect::<Vec<u32>>())
    };
    let weights = each().map(|d| draws.weight[d]).collect::<Vec<f64>>();
    [
        whole("chain", "Chain of the sampler", &draws.chain),
        whole("draw", "Position in its chain", &draws.draw),
        Column::new("weight", "1", "Weight of the draw; over draws they sum to one", Role::Inferred, weights),
    ]
}

fn draws_of_parameters(keys: &Keys, draws: &Group, value: &'static str) -> Vec<Column> {
    let (count, names) = (draws.weight.len(), &draws.names);
    let each = || (0..count).flat_map(|draw| (0..names.len()).map(move |name| (draw, name)));
    let mut columns = keys.columns(count * names.len());
    columns.extend(address(draws, || each().map(|(d, _)| d)));
    let levels = names.clone();
    let codes = each().map(|(_, n)| Some(n as u32)).collect();
    columns.push(Column::new(
        "parameter",
        "",
        "Key of the parameter",
        Role::Inferred,
        ColumnData::Category { levels, codes },
    ));
    let description = "Its value in the canonical unit of its dimension: 1/day, days, persons, or a bare number";
    let values = each().map(|(d, n)| draws.columns[n][d]).collect::<Vec<f64>>();
    columns.push(Column::new(value, "", description, Role::Inferred, values));
    columns
}

/// What simulated observers print of one draw of an inference.
pub struct Printed {
    /// Chain of the draw, and its position there.
    pub draw: [u32; 2],
    /// Claims and numbers.
    pub rows: Vec<(String, f64)>,
}

/// What simulated observers print, one row a sample and claim.
#[must_use]
pub fn predictive(keys: &Keys, name: &'static str, samples: &[Printed]) -> Table {
    let each =
        || samples.iter().enumerate().flat_map(|(i, sample)| sample.rows.iter().map(move |row| (i, sample, row)));
    let mut columns = keys.columns(each().count());
    let whole = |name, description, of: &dyn Fn(usize, &Printed) -> u32| {
        let values = each().map(|(i, sample, _)| of(i, sample)).collect::<Vec<u32>>();
        Column::new(name, "1", description, Role::Inferred, values)
    };
    columns.push(whole("sample", "Number of the sample; all weigh alike", &|i, _| i as u32));
    columns.push(whole("chain", "Chain of the draw that was printed", &|_, sample| sample.draw[0]));
    columns.push(whole("draw", "Its position in the chain; heavy draws are printed several times", &|_, sample| {
        sample.draw[1]
    }));
    let ids = each().map(|(.., row)| row.0.clone()).collect::<Vec<String>>();
    columns.push(Column::new("claim_id", "", "Row of the claims file", Role::Input, ids));
    let printed = each().map(|(.., row)| row.1).collect::<Vec<f64>>();
    let description = "What observers like those of the claim would have printed in its place";
    columns.push(Column::new("printed_value", "1", description, Role::Inferred, printed));
    Table { name, description: "What one scored claim would have said in one sample", columns }
}

/// Numbers by name.
#[must_use]
pub fn diagnostics(keys: &Keys, numbers: &[(String, f64)]) -> Table {
    let mut columns = keys.columns(numbers.len());
    columns.push(Column::new(
        "name",
        "",
        "Diagnostic",
        Role::Inferred,
        numbers.iter().map(|n| n.0.clone()).collect::<Vec<String>>(),
    ));
    columns.push(Column::new(
        "value",
        "1",
        "Its value",
        Role::Inferred,
        numbers.iter().map(|n| n.1).collect::<Vec<f64>>(),
    ));
    Table { name: "diagnostics", description: "Diagnostics of the inference", columns }
}

/// Reads a value that every resolved scenario has.
#[must_use]
pub fn value(values: &dyn Lookup, key: &str) -> f64 {
    values.canonical(key).expect("resolving gives every parameter of the registry a value")
}
