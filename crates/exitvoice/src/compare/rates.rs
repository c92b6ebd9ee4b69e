//! Rates by class and by third of hostage weight: events over time at risk. Never by formation, role, trust or person, and no cell
//! under [`FEWEST`] persons.

use super::{Difference, paired};
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::person::Class;
use exitvoice_record::{EventKind, Record, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Fewest persons of a cell that is shown.
pub const FEWEST: u32 = 50;

/// Days of a thousand years.
const DAYS_PER_1000_YEARS: f64 = 365_250.0;

/// One cell: all soldiers of a class, or of a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// `class` or `hostage_weight_third`.
    pub group: &'static str,
    /// Which.
    pub name: &'static str,
}

const CLASSES: usize = 3;
const CELLS: [Cell; 6] = [
    Cell { group: "class", name: "core" },
    Cell { group: "class", name: "wavering" },
    Cell { group: "class", name: "hostile" },
    Cell { group: "hostage_weight_third", name: "lowest" },
    Cell { group: "hostage_weight_third", name: "middle" },
    Cell { group: "hostage_weight_third", name: "highest" },
];

/// What is counted in each cell.
pub const MEASURES: [&str; 3] = ["attempts", "desertions", "killed"];

/// Class and third of every candidate for the force, by key.
#[derive(Clone, Debug)]
pub struct Strata {
    of: BTreeMap<u64, [u8; 2]>,
}

impl Strata {
    /// Thirds are those of all candidates, so that they do not move with who is selected.
    #[must_use]
    pub fn new(extract: &Extract) -> Self {
        let mut sorted = extract.hostage.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| sorted.get((sorted.len() as f64 * share) as usize).copied().unwrap_or(f64::INFINITY);
        let (low, high) = (at(1.0 / 3.0), at(2.0 / 3.0));
        let class = |class: Class| match class {
            Class::Core => 0,
            Class::Wavering => 1,
            Class::Hostile => 2,
        };
        let third = |weight: f64| CLASSES as u8 + u8::from(weight >= low) + u8::from(weight >= high);
        let rows = extract.key.iter().zip(extract.class.iter().zip(&extract.hostage));
        Self { of: rows.map(|(key, (c, weight))| (*key, [class(*c), third(*weight)])).collect() }
    }
}

/// Counts of one replicate in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tally {
    /// Soldiers of the cell.
    pub persons: u32,
    /// Days with the unit, over all of them.
    pub days: f64,
    /// Events, in the order of [`MEASURES`].
    pub events: [u32; MEASURES.len()],
}

/// Counts of one replicate in every cell.
pub type Tallies = [Tally; CELLS.len()];

impl Strata {
    /// Counts a record.
    #[must_use]
    pub fn count(&self, record: &Record) -> Tallies {
        let mut out = Tallies::default();
        let cells: Vec<Option<[u8; 2]>> =
            record.soldiers.key.as_slice().iter().map(|key| self.of.get(key).copied()).collect();
        let mut since: Vec<Option<f64>> = vec![None; cells.len()];
        let mut into = |row: usize, change: &dyn Fn(&mut Tally)| {
            for cell in cells[row].into_iter().flatten() {
                change(&mut out[usize::from(cell)]);
            }
        };
        for event in &record.events {
            let (row, at) = (event.soldier.row(), f64::from(event.day) + event.fraction);
            if event.kind == EventKind::Arrived {
                into(row, &|t| t.persons += 1);
            }
            if let Some(after) = event.kind.status_after() {
                if let Some(from) = since[row].take() {
                    into(row, &|t| t.days += at - from);
                }
                since[row] = (after == Status::Present).then_some(at);
            }
            for measure in measures_of(event.kind) {
                into(row, &|t| t.events[measure] += 1);
            }
        }
        for (row, from) in since.iter().enumerate().filter_map(|(row, from)| from.map(|f| (row, f))) {
            into(row, &|t| t.days += f64::from(record.days) - from);
        }
        out
    }
}

/// Which of [`MEASURES`] an event counts in; an attempt counts on the day of leaving or of the arrest, as in the trajectories.
fn measures_of(kind: EventKind) -> impl Iterator<Item = usize> {
    let attempt = matches!(kind, EventKind::Left | EventKind::Arrested);
    let desertion = kind == EventKind::Deserted;
    let killed = kind.status_after() == Some(Status::Killed);
    [attempt, desertion, killed].into_iter().enumerate().filter_map(|(i, counts)| counts.then_some(i))
}

/// One rate in both scenarios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellRate {
    /// `attempts`, `desertions` or `killed`.
    pub measure: String,
    /// `class` or `hostage_weight_third`.
    pub group: String,
    /// Which class or third.
    pub cell: String,
    /// Null where the cell has too few persons.
    pub rates: Option<Rate>,
    /// Why there are no rates; empty where there are.
    pub reason: String,
}

/// Per 1,000 years with the unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// All events over all time at risk in A.
    pub a: f64,
    /// In B.
    pub b: f64,
    /// B minus A of these two, with the error of a ratio of sums over paired replicates (linearised); quantiles are those of single replicates.
    pub difference: Difference,
}

/// Whether each cell is shown. One hidden cell with persons in it would follow from the total and the others of its group, so the smallest
/// of those is hidden with it.
fn shown(a: &[Tallies], b: &[Tallies]) -> [Result<(), &'static str>; CELLS.len()] {
    let persons = |cell: usize| a.iter().chain(b).map(move |t| t[cell].persons);
    let fewest = |cell: usize| persons(cell).min().unwrap_or(0);
    let mut shown = [Ok(()); CELLS.len()];
    for (cell, shown) in shown.iter_mut().enumerate().filter(|(cell, _)| fewest(*cell) < FEWEST) {
        let nobody = persons(cell).all(|n| n == 0);
        *shown = Err(if nobody { "nobody" } else { "fewer than 50 persons" });
    }
    for group in [0..CLASSES, CLASSES..CELLS.len()] {
        let hidden = group.clone().filter(|cell| shown[*cell].is_err() && persons(*cell).any(|n| n > 0)).count();
        let smallest = group.filter(|cell| shown[*cell].is_ok()).min_by_key(|cell| fewest(*cell));
        if let Some(cell) = smallest.filter(|_| hidden == 1) {
            shown[cell] = Err("hidden, since a cell under 50 persons would follow from it and the total");
        }
    }
    shown
}

/// Rates of every measure in every cell, from the counts of the replicates of A and B in the same order.
#[must_use]
pub fn rates(a: &[Tallies], b: &[Tallies]) -> Vec<CellRate> {
    let (mut out, shown) = (Vec::new(), shown(a, b));
    for (measure, word) in MEASURES.iter().enumerate() {
        for (index, cell) in CELLS.iter().enumerate() {
            let rate = if shown[index].is_ok() { rate(a, b, index, measure) } else { None };
            let reason = match (&rate, shown[index]) {
                (Some(_), _) => "",
                (None, Err(reason)) => reason,
                (None, Ok(())) => "fewer than two replicates",
            };
            out.push(CellRate {
                measure: (*word).to_owned(),
                group: cell.group.to_owned(),
                cell: cell.name.to_owned(),
                rates: rate,
                reason: reason.to_owned(),
            });
        }
    }
    out
}

fn rate(a: &[Tallies], b: &[Tallies], cell: usize, measure: usize) -> Option<Rate> {
    let single = |t: &Tallies| {
        let tally = t[cell];
        if tally.days > 0.0 { f64::from(tally.events[measure]) / tally.days * DAYS_PER_1000_YEARS } else { 0.0 }
    };
    let all = |side: &[Tallies]| {
        let days: f64 = side.iter().map(|t| t[cell].days).sum();
        let events: f64 = side.iter().map(|t| f64::from(t[cell].events[measure])).sum();
        if days > 0.0 { events / days * DAYS_PER_1000_YEARS } else { 0.0 }
    };
    let values = |side: &[Tallies]| side.iter().map(single).collect::<Vec<f64>>();
    let (rate_a, rate_b) = (all(a), all(b));
    // A ratio of sums moves by this much when one replicate is weighed up: its error is that of their mean.
    let moved = |side: &[Tallies], rate: f64| {
        let days = side.iter().map(|t| t[cell].days).sum::<f64>() / side.len() as f64;
        let of = |t: &Tallies| (f64::from(t[cell].events[measure]) * DAYS_PER_1000_YEARS - rate * t[cell].days) / days;
        side.iter().map(|t| if days > 0.0 { of(t) } else { 0.0 }).collect::<Vec<f64>>()
    };
    let error = paired(&moved(a, rate_a), &moved(b, rate_b))?.difference;
    let [half, mean] = [error.mean_high - error.mean, rate_b - rate_a];
    let single = paired(&values(a), &values(b))?.difference;
    let difference = Difference {
        mean,
        mean_low: mean - half,
        mean_high: mean + half,
        standard_error: error.standard_error,
        ..single
    };
    Some(Rate { a: rate_a, b: rate_b, difference })
}

#[cfg(test)]
mod tests {
    use super::*;
    use exitvoice_core::column::Column;
    use exitvoice_core::quantity::Probability;
    use exitvoice_core::time::Day;
    use exitvoice_record::{Event, STATUSES, SoldierId, Soldiers};

    fn record(keys: &[u64], events: &[(u32, f64, usize, EventKind)]) -> Record {
        let event = |(day, fraction, row, kind): &(u32, f64, usize, EventKind)| Event {
            day: *day,
            fraction: *fraction,
            soldier: SoldierId::from_row(*row),
            kind: *kind,
            group: 1,
        };
        Record {
            day_zero: Day(0),
            days: 10,
            soldiers: Soldiers { key: Column::from_vec(keys.to_vec()), ..Soldiers::default() },
            families: Vec::new(),
            events: events.iter().map(event).collect(),
            heads: vec![[0; STATUSES.len()]; 10],
            capture_alive: Probability::clamped(0.5),
        }
    }

    #[test]
    fn time_at_risk_runs_while_the_soldier_is_with_the_unit_and_events_count_once() {
        use EventKind as E;
        let strata = Strata { of: BTreeMap::from([(7, [0, 3]), (8, [2, 5])]) };
        let record = record(
            &[7, 8, 9],
            &[
                (0, 0.0, 0, E::Arrived),
                (0, 0.0, 1, E::Arrived),
                (0, 0.0, 2, E::Arrived),
                (2, 0.5, 0, E::Wounded),
                (4, 0.0, 0, E::Recovered),
                (6, 0.0, 0, E::Left),
                (7, 0.0, 0, E::Deserted),
                (8, 0.0, 1, E::KilledInCombat),
            ],
        );
        let found = strata.count(&record);
        let core = Tally { persons: 1, days: 4.5, events: [1, 1, 0] };
        let hostile = Tally { persons: 1, days: 8.0, events: [0, 0, 1] };
        assert_eq!(found, [core, Tally::default(), hostile, core, Tally::default(), hostile]);
    }

    #[test]
    fn one_small_cell_takes_the_smallest_of_its_group_with_it_and_an_empty_one_takes_none() {
        let shown_of = |persons: [u32; 3]| {
            let mut tallies = Tallies::default();
            tallies.iter_mut().zip(persons).for_each(|(tally, persons)| tally.persons = persons);
            let found = shown(&[tallies, tallies], &[tallies, tallies]);
            std::array::from_fn::<bool, 3, _>(|cell| found[cell].is_ok())
        };
        assert_eq!(shown_of([49, 60, 80]), [false, false, true], "60 would give away 49");
        assert_eq!(shown_of([49, 48, 80]), [false, false, true], "two hidden ones hide each other");
        assert_eq!(shown_of([0, 60, 80]), [false, true, true], "nobody is there to be hidden");
        assert_eq!(shown_of([0, 49, 80]), [false, false, false]);
        assert_eq!(shown_of([50, 60, 80]), [true, true, true]);
    }

    #[test]
    fn a_cell_under_fifty_persons_shows_nothing_and_one_of_fifty_does() {
        let side = |persons, attempts| {
            let mut tallies = Tallies::default();
            tallies[0] = Tally { persons, days: 365_250.0, events: [attempts, 0, 0] };
            tallies
        };
        for (persons, shown) in [(FEWEST - 1, false), (FEWEST, true)] {
            let found = rates(&[side(persons, 2), side(persons, 4)], &[side(60, 5), side(60, 9)]);
            assert_eq!((found.len(), found[0].rates.is_some()), (18, shown));
            assert_eq!(found[0].reason.is_empty(), shown);
            if let Some(rate) = found[0].rates {
                // Sums of 3, 7 and 4 terms round in the last place.
                let close = |found: f64, expected: f64| (found - expected).abs() < 1e-12;
                assert!(close(rate.a, 3.0) && close(rate.b, 7.0) && close(rate.difference.mean, 4.0));
            }
        }
    }

    #[test]
    fn a_difference_of_rates_is_that_of_the_rates_beside_it_whatever_the_exposure_of_a_replicate() {
        let side = |all: [(f64, u32); 2]| {
            all.map(|(years, attempts)| {
                let mut tallies = Tallies::default();
                tallies[0] = Tally { persons: 60, days: years * 365_250.0, events: [attempts, 0, 0] };
                tallies
            })
        };
        let first = |a, b| rates(&side(a), &side(b))[0].rates.expect("shown");
        // 5 and 10 in every replicate: nothing varies.
        let even = first([(1.0, 5), (3.0, 15)], [(1.0, 10), (3.0, 30)]);
        assert!((even.difference.mean - 5.0).abs() < 1e-12 && even.difference.standard_error < 1e-12, "{even:?}");
        // 20 events in 4 years are 5; the mean of 10 and 10/3 is not.
        let uneven = first([(1.0, 10), (3.0, 10)], [(1.0, 10), (3.0, 30)]);
        assert!((uneven.a - 5.0).abs() < 1e-12 && (uneven.difference.mean - (uneven.b - uneven.a)).abs() < 1e-12);
        // Moved by (0 - 5, 0 + 5) / 2 in A and not in B: a mean of two with a standard error of 2.5.
        assert!((uneven.difference.standard_error - 2.5).abs() < 1e-12, "{uneven:?}");
    }
}
