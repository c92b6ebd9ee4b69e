//! What comes after the last day known: each posterior draw goes on from its own past, and observers tell of it.
//!
//! A draw is simulated again under the seed of its own simulation, from the first day to the last one asked for: its past is the same bit
//! for bit (that is checked), so nothing of a world needs to be stored. After the known days danger wanders and further waves come
//! (`exitvoice_model::force::outlook`), each draw under seeds of its own; departures and captures up to the as-of day are drawn given the
//! claims, as everywhere, and announcements of deserters go on from those made by that day. What a group of sources would say is printed by the observers behind the claims: errors that they share with
//! those are drawn given them, all others anew.

use super::Inferred;
use super::problem::{Kept, War};
use crate::answers::{QUANTITIES, summarise};
use crate::command::{Error, Event, Machine, Progress, Stage};
use crate::deployment;
use crate::io::table::{Column, ColumnData, Role, Table};
use crate::report::forecast::{Forecast as Shown, Predicted, Told as ShownTold};
use crate::report::{Measure, Quantiles};
use crate::scenario::{MAX_DAYS, Scenario};
use crate::tables::Keys;
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use exitvoice_model::force::{ForceBase, outlook};
use exitvoice_model::society::extract::Extract;
use exitvoice_observe::Scorer;
use exitvoice_observe::claim::{Attribution, Claim, Form, InfoGrade, Population, Quantity, SourceGrade, SourceType};
use exitvoice_observe::sampler::Observers;
use exitvoice_record::Trajectory;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Instant;

/// Posterior draws that go on.
pub(crate) const DRAWS: usize = 1_000;
/// Reports printed of each draw: one printed number in twenty or so is free of the truth, so that ends of intervals lie where few draws are.
const PRINTS: u64 = 8;
/// Draws between two looks at the signal.
const BATCH: usize = 50;
/// Parameters of the time beyond the known one, each drawn from its prior where nobody has set it.
const OUTLOOK: [&str; 4] =
    ["force.outlook.danger_walk", "force.outlook.waves", "force.outlook.wave_size", "force.outlook.front_after"];

/// Predictive quantiles of one number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForecastRow {
    /// As `2025-05`.
    pub month: String,
    /// Last day counted.
    pub date: String,
    /// First day counted; `None`: the first day of the deployment.
    pub window_from: Option<String>,
    /// `world`: what happens; `third` or `kyiv`: what that group of sources prints of it.
    pub source_group: String,
    /// What is counted.
    pub quantity: String,
    /// Quantiles and mean; 50 % lie between `q25` and `q75`, 90 % between `q05` and `q95`.
    pub predicted: Quantiles,
}

/// What was predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Rows by month, source group and quantity.
    pub rows: Vec<ForecastRow>,
    /// Posterior draws that went on.
    pub draws: usize,
    /// Of these, draws in which more men would have been sent than the country has candidates.
    pub cut: usize,
}

/// What is asked, and of which force.
pub struct Ask<'a> {
    /// The scenario as it was known.
    pub scenario: &'a Scenario,
    /// Its force.
    pub base: &'a ForceBase,
    /// Whom further waves are taken from.
    pub extract: &'a Extract,
    /// Last day predicted.
    pub to: Day,
}

/// Refuses a last day that is not after those known, or too far away.
///
/// # Errors
/// It is one of these.
pub fn check_horizon(scenario: &Scenario, to: Day) -> Result<(), Error> {
    let (first, most) = (scenario.last_day + 1, scenario.day_zero + (MAX_DAYS - 1));
    if to < first || to > most {
        return Err(Error::Horizon { asked: to.to_string(), first: first.to_string(), last: most.to_string() });
    }
    Ok(())
}

/// A count or a level, as it stands at the end of a day.
struct Asked {
    name: &'static str,
    label: &'static str,
    measure: Measure,
    /// Whether what a month adds is asked for as well.
    adds_up: bool,
    read: fn(&Trajectory) -> f64,
}

fn sum(column: &[i32]) -> f64 {
    column.iter().fold(0.0, |sum, x| sum + f64::from(*x))
}

fn asked() -> Vec<Asked> {
    const LEVELS: [&str; 2] = ["killed_share", "prisoners_alive"];
    let known = QUANTITIES.iter().map(|q| Asked {
        name: q.name,
        label: q.label,
        measure: q.measure.clone(),
        adds_up: !LEVELS.contains(&q.name),
        read: q.read,
    });
    let persons = |name, label, adds_up, read| Asked { name, label, measure: Measure::Persons, adds_up, read };
    let present = persons("present_at_front", "Alive, free and at the front", false, |t| sum(&t.present));
    let returned = persons("returned_total", "Returned home", true, |t| sum(&t.returned));
    let wounded = persons("wounded_total", "Wounded", true, |t| sum(&t.incidents) - sum(&t.killed));
    let share = Asked {
        name: "casualties_share",
        label: "Casualty incidents as a share of those sent",
        measure: Measure::Share,
        adds_up: false,
        read: |t| if sum(&t.sent) > 0.0 { sum(&t.incidents) / sum(&t.sent) } else { f64::NAN },
    };
    known.chain([wounded, share, present, returned]).collect()
}

/// Days at whose end numbers are told: ends of months, and the last day.
fn month_ends(first: Day, last: Day) -> Vec<Day> {
    let ends = (0..=last - first).map(|d| first + d).filter(|d| *d == last || d.ymd().1 != (*d + 1).ymd().1);
    ends.collect()
}

fn month(day: Day) -> String {
    let (year, month, _) = day.ymd();
    format!("{year:04}-{month:02}")
}

/// Groups of sources: name, key of an office of that group that has said nothing yet, and the usual grade of its sources.
pub(super) const GROUPS: [(&str, &str, SourceGrade); 2] =
    [("third", "us_forecast", SourceGrade::B), ("kyiv", "ua_forecast", SourceGrade::C)];
/// What an office counts.
pub(super) const TOLD: [Quantity; 8] = [
    Quantity::Casualties,
    Quantity::Killed,
    Quantity::Wounded,
    Quantity::ShareKilled,
    Quantity::Sent,
    Quantity::Present,
    Quantity::Returned,
    Quantity::ShareCasualties,
];
/// What captors count exactly.
pub(super) const HEADS: [&str; 2] = ["prisoners", "desertions_announced"];

const fn is_share(quantity: Quantity) -> bool {
    matches!(quantity, Quantity::ShareKilled | Quantity::ShareCasualties)
}

/// One row for each group, quantity and day: `about` a number, single information, one bulletin a month.
pub(super) fn unprinted(days: &[Day]) -> Vec<Claim> {
    let mut rows = Vec::new();
    for (group, source, source_grade) in GROUPS {
        for day in days {
            rows.extend(TOLD.map(|quantity| Claim {
                id: id(group, quantity.word(), day),
                quantity,
                form: Form::About,
                low: None,
                // Any number: nobody has printed the row, and it is not scored.
                value: Some(if is_share(quantity) { 0.5 } else { 1_000.0 }),
                high: None,
                window_from: None,
                as_of: *day,
                published: *day,
                population: Population::Dprk,
                source: source.to_owned(),
                source_type: SourceType::Official,
                attribution: Some(Attribution::OnRecord),
                cluster: format!("{source} {day}"),
                revises: None,
                declared_floor: false,
                first_wave_only: false,
                source_grade,
                info_grade: InfoGrade::Single,
            }));
        }
    }
    rows
}

/// Name of such a row.
pub(super) fn id(group: &str, quantity: &str, day: impl Display) -> String {
    format!("{group} {quantity} {day}")
}

/// Numbers of one draw, in the order of the rows.
struct Told {
    world: Vec<f64>,
    /// By row, once for each print.
    printed: BTreeMap<String, Vec<f64>>,
    heads: Vec<[u64; 2]>,
    cut: bool,
}

/// Goes on from the posterior. `None` where the inference refused its result.
///
/// # Errors
/// A signal, or a draw whose past is not its own (a bug).
pub fn forecast(
    ask: &Ask<'_>,
    inferred: &Inferred,
    machine: &Machine,
    pool: &Pool,
    progress: &mut dyn Progress,
) -> Result<Option<Forecast>, Error> {
    check_horizon(ask.scenario, ask.to)?;
    if inferred.refusal.is_some() {
        return Ok(None);
    }
    let started = Instant::now();
    let days = month_ends(ask.scenario.last_day + 1, ask.to);
    let war = War::new(ask.scenario, ask.base, &inferred.claims, inferred.as_of)?;
    let scorer = war.scorer.with_unprinted(&inferred.claims, &unprinted(&days), ask.scenario.day_zero);
    let draws = inferred.outcome.posterior.resampled(DRAWS, 0.5);
    progress.event(Event::Began { stage: Stage::Deployment, of: Some(draws.entries.len() as u64) });
    let mut told = Vec::with_capacity(draws.entries.len());
    while told.len() < draws.entries.len() {
        machine.stop.check()?;
        let from = told.len();
        let count = BATCH.min(draws.entries.len() - from);
        let batch = pool.map(count, |i| one(ask, inferred, &war, &scorer, &days, (from + i, draws.entries[from + i])));
        told.extend(batch.into_iter().collect::<Result<Vec<_>, _>>()?);
        progress.event(Event::Advanced { done: told.len() as u64 });
    }
    progress.event(Event::Ended { stage: Stage::Deployment, seconds: started.elapsed().as_secs_f64() });
    let cut = told.iter().filter(|t| t.cut).count();
    Ok(Some(Forecast { rows: rows(ask.scenario, &days, &told), draws: told.len(), cut }))
}

fn one(
    ask: &Ask<'_>,
    inferred: &Inferred,
    war: &War<'_>,
    scorer: &Scorer,
    days: &[Day],
    (number, entry): (usize, exitvoice_infer::bank::Entry),
) -> Result<Told, Error> {
    let bank = &inferred.outcome.bank;
    let replicate = &bank.simulations(entry.row)[entry.replicate as usize];
    let seeds = Draws::new(ask.scenario.seed, Purpose::Outlook);
    let seed = |what: u64| seeds.seed(what, number as u64);
    let params = outlook_params(ask.scenario, Draws::new(seed(0), Purpose::Prior))?;
    let longer = Scenario { last_day: ask.to, ..ask.scenario.clone() };
    let spare = (ask.extract.len() - ask.base.len()) as u32;
    let (plan, cut) = outlook::extend(&deployment::plan(&longer)?, &params, ask.scenario.days(), spare, seed(1));
    let base = ask.base.extended(plan, ask.extract).map_err(Error::bug)?;
    let kept: Kept = war.simulate_on(&base, bank.theta(entry.row), replicate.simulation_seed).map_err(Error::bug)?;
    let past = kept.truth.trajectory.until(ask.scenario.days() - 1);
    if replicate.truth.as_ref().is_none_or(|known| known.truth.trajectory != past) {
        return Err(Error::Bug { detail: format!("draw {number} of the forecast has another past") });
    }
    let completed = war.scorer.complete_announced(&kept.seen(), seed(2));
    let whole = &completed.trajectory;
    let zero = ask.scenario.day_zero;
    let until: Vec<Trajectory> = std::iter::once(ask.scenario.last_day)
        .chain(days.iter().copied())
        .map(|day| whole.until((day - zero).unsigned_abs()))
        .collect();
    let world = asked().iter().flat_map(|a| until.iter().map(|t| (a.read)(t)).collect::<Vec<f64>>()).collect();
    let seen = exitvoice_observe::Truth::new(whole);
    let mut printed: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let prints = Draws::new(seed(3), Purpose::Outlook);
    for number in 0..PRINTS {
        for row in scorer.simulate(&seen, prints.seed(number, 0), Observers::Conditioned).claims {
            let told = row.number();
            printed.entry(row.id).or_default().push(told);
        }
    }
    let offsets: Vec<i32> = days.iter().map(|d| *d - zero).collect();
    let heads = scorer.told_after(&completed, &offsets, seed(4));
    Ok(Told { world, printed, heads, cut })
}

/// Parameters of the time beyond the known one: set ones as they are, the others from their priors.
fn outlook_params(scenario: &Scenario, draws: Draws) -> Result<outlook::Params, Error> {
    let mut values: BTreeMap<String, f64> = BTreeMap::new();
    for (k, key) in (0_u64..).zip(OUTLOOK) {
        let value = scenario.values.get(key).ok_or_else(|| Error::Bug { detail: format!("`{key}` has no value") })?;
        let drawn = value
            .meta
            .parsed_prior()
            .map_err(Error::bug)?
            .quantile(draws.uniform(k, 0))
            .filter(|_| !value.origin.is_set());
        values.insert(key.to_owned(), drawn.unwrap_or(value.canonical));
    }
    outlook::Params::from_resolved(&values).map_err(Error::bug)
}

fn rows(scenario: &Scenario, days: &[Day], told: &[Told]) -> Vec<ForecastRow> {
    let mut found = Vec::new();
    let mut push = |day: Day, from: Option<Day>, group: &str, quantity: &str, values: Vec<f64>| {
        found.extend(summarise(&vec![1.0; values.len()], &values).map(|predicted| ForecastRow {
            month: month(day),
            date: day.to_string(),
            window_from: from.map(|d| d.to_string()),
            source_group: group.to_owned(),
            quantity: quantity.to_owned(),
            predicted,
        }));
    };
    for (k, day) in days.iter().enumerate() {
        let first = if k == 0 { scenario.last_day } else { days[k - 1] } + 1;
        for (number, asked) in asked().iter().enumerate() {
            let at = |t: &Told, point: usize| t.world[number * (days.len() + 1) + point];
            push(*day, None, "world", asked.name, told.iter().map(|t| at(t, k + 1)).collect());
            if asked.adds_up {
                push(*day, Some(first), "world", asked.name, told.iter().map(|t| at(t, k + 1) - at(t, k)).collect());
            }
        }
        for (group, ..) in GROUPS {
            for quantity in TOLD {
                let name = id(group, quantity.word(), day);
                push(
                    *day,
                    None,
                    group,
                    quantity.word(),
                    told.iter().filter_map(|t| t.printed.get(&name)).flatten().copied().collect(),
                );
            }
        }
        for (what, name) in HEADS.iter().enumerate() {
            push(*day, None, "kyiv", name, told.iter().map(|t| t.heads[k][what] as f64).collect());
        }
    }
    found
}

/// Quantile columns.
type Read = (&'static str, &'static str, fn(&Quantiles) -> f64);
const COLUMNS: [Read; 6] = [
    ("pred_q05", "Quantile at 5 % over posterior draws that went on", |q| q.q05),
    ("pred_q25", "Quantile at 25 %", |q| q.q25),
    ("pred_q50", "Median", |q| q.q50),
    ("pred_q75", "Quantile at 75 %", |q| q.q75),
    ("pred_q95", "Quantile at 95 %", |q| q.q95),
    ("pred_mean", "Mean", |q| q.mean),
];

impl Forecast {
    /// The table of predictive intervals.
    #[must_use]
    pub fn table(&self, keys: &Keys) -> Table {
        let mut columns = keys.columns(self.rows.len());
        let text = |f: fn(&ForecastRow) -> &String| self.rows.iter().map(|r| f(r).clone()).collect::<Vec<String>>();
        let day = |text: &str| Day::parse(text).ok();
        let dates = self.rows.iter().map(|r| day(&r.date)).collect();
        let from = self.rows.iter().map(|r| r.window_from.as_deref().and_then(day)).collect();
        columns.push(Column::new("month", "", "Month predicted", Role::Input, text(|r| &r.month)));
        columns.push(Column::new("date", "", "Last day counted", Role::Input, ColumnData::Date(dates)));
        columns.push(
            Column::new("window_from", "", "First day counted", Role::Input, ColumnData::Date(from))
                .missing("counted since the first day, or a level"),
        );
        let description = "`world`: what happens; else what that group of sources prints of it";
        columns.push(Column::new("source_group", "", description, Role::Input, text(|r| &r.source_group)));
        columns.push(Column::new("quantity", "", "What is counted", Role::Input, text(|r| &r.quantity)));
        for (name, description, read) in COLUMNS {
            let values: Vec<f64> = self.rows.iter().map(|r| read(&r.predicted)).collect();
            columns.push(Column::new(name, "1", description, Role::Inferred, values));
        }
        Table { name: "forecast", description: "Predictive quantiles of one number at the end of one month", columns }
    }

    /// The same as the page shows it; `from` is the last day known.
    #[must_use]
    pub fn shown(&self, from: Day) -> Shown {
        let mut days: Vec<Day> = self.rows.iter().filter_map(|r| Day::parse(&r.date).ok()).collect();
        days.sort_unstable();
        days.dedup();
        let column = |group: &str, quantity: &str, within: bool| -> Vec<Quantiles> {
            let of = |r: &&ForecastRow| {
                r.source_group == group && r.quantity == quantity && r.window_from.is_some() == within
            };
            self.rows.iter().filter(of).map(|r| r.predicted).collect()
        };
        let number = |group: &str, name: &str, label: &str, measure: Measure| Predicted {
            name: name.to_owned(),
            label: label.to_owned(),
            measure,
            until: column(group, name, false),
            within: column(group, name, true),
        };
        let told = [("third", "Third parties"), ("kyiv", "Kyiv")].map(|(group, words)| {
            let mut names: Vec<&str> = Vec::new();
            for row in self.rows.iter().filter(|r| r.source_group == group) {
                if !names.contains(&row.quantity.as_str()) {
                    names.push(&row.quantity);
                }
            }
            let measure = |name: &str| match name {
                "casualties" => Measure::Incidents,
                name if name.starts_with("share") => Measure::Share,
                _ => Measure::Persons,
            };
            let of = |name: &&str| number(group, name, &name.replace('_', " "), measure(name));
            ShownTold { group: words.to_owned(), numbers: names.iter().map(of).collect() }
        });
        Shown {
            from,
            days,
            draws: self.draws as u64,
            world: asked().into_iter().map(|a| number("world", a.name, a.label, a.measure)).collect(),
            told: told.into(),
        }
    }

    /// The same as CSV.
    #[must_use]
    pub fn csv(&self) -> String {
        let names: Vec<&str> = COLUMNS.iter().map(|c| c.0).collect();
        let mut text = format!("month,date,window_from,source_group,quantity,{}\n", names.join(","));
        for row in &self.rows {
            let numbers: Vec<String> = COLUMNS.iter().map(|(.., read)| read(&row.predicted).to_string()).collect();
            let from = row.window_from.as_deref().unwrap_or("");
            text.push_str(
                &[&row.month, &row.date, from, &row.source_group, &row.quantity, &numbers.join(",")].join(","),
            );
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_on_their_last_day_and_the_last_one_where_the_question_ends() {
        let day = |text: &str| Day::parse(text).expect("a date");
        let ends = month_ends(day("2024-12-30"), day("2025-02-10"));
        assert_eq!(ends, [day("2024-12-31"), day("2025-01-31"), day("2025-02-10")]);
        assert_eq!(month(ends[2]), "2025-02");
    }
}
