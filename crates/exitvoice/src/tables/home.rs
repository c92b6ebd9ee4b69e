//! What a deployment does at home, by replicate: events of families, and the regime's ledger month by month.

use super::{Keys, replicate_column};
use crate::deployment::Replicate;
use crate::io::table::{Column, ColumnData, Role, Table};
use exitvoice_core::time::{DAYS_PER_MONTH, Day};
use exitvoice_model::mechanism::regime::ledger::Month;
use exitvoice_record::{FamilyEvent, FamilyEventKind, Record};
use std::collections::BTreeMap;

/// Events of one kind that befell relatives of one degree on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyCount {
    /// Day of the deployment.
    pub day: u32,
    /// Degree of kinship; `None` for families as a whole.
    pub degree: Option<u8>,
    /// What.
    pub kind: FamilyEventKind,
    /// How many relatives, or families.
    pub count: u32,
}

/// Events of families counted by day, kind and degree, in that order: no soldier and no relative can be told from it.
#[must_use]
pub fn count_families(record: &Record) -> Vec<FamilyCount> {
    let mut counts: BTreeMap<(u32, FamilyEventKind, u8), u32> = BTreeMap::new();
    for event in &record.families {
        *counts.entry((event.day, event.kind, event.degree)).or_default() += 1;
    }
    let degree = |degree: u8| (degree != FamilyEvent::WHOLE).then_some(degree);
    let counts = counts.into_iter();
    counts.map(|((day, kind, of), count)| FamilyCount { day, degree: degree(of), kind, count }).collect()
}

/// What happened to the families of those sent.
#[must_use]
pub fn families(keys: &Keys, first: Day, replicates: &[Replicate]) -> Table {
    let all = || replicates.iter().flat_map(|r| r.families.iter().map(move |count| (r, count)));
    let rows = all().count();
    let levels: Vec<&str> = FamilyEventKind::ALL.iter().map(|kind| kind.1).collect();
    let word = |kind| FamilyEventKind::ALL.iter().find(|known| known.0 == kind).map(|known| known.1);
    let degree = |count: &FamilyCount| count.degree.map(u32::from);
    let mut columns = keys.columns(rows);
    columns.extend(addresses(all().map(|(r, _)| r)));
    columns.extend(dates(first, all().map(|(_, count)| count.day)));
    columns.push(Column::new(
        "event",
        "",
        "What happened",
        Role::Latent,
        ColumnData::category(&levels, all().map(|(_, count)| word(count.kind))),
    ));
    let degrees = ColumnData::U32(all().map(|(_, count)| degree(count)).collect());
    let degrees = Column::new("degree", "1", "Degree of kinship, 0 for a spouse", Role::Latent, degrees);
    columns.push(degrees.missing("an event of the family as a whole"));
    columns.push(Column::new(
        "true_count",
        "1",
        "Relatives, or families where there is no degree",
        Role::Latent,
        all().map(|(_, count)| count.count).collect::<Vec<u32>>(),
    ));
    Table { name: "families", description: "Events at home of the families of those sent, counted", columns }
}

/// A column of the ledger: name, unit, what it is, and how it is read.
type Entry = (&'static str, &'static str, &'static str, fn(&Month) -> f64);

/// Columns of the ledger, never netted or valued in one unit.
const LEDGER: [Entry; 12] = [
    ("true_soldier_days", "person-days", "Days soldiers spent abroad", |m| m.soldier_days),
    ("true_pay_kept_usd", "USD", "Pay kept by the regime", |m| m.pay_kept_usd),
    ("true_pay_passed_on_usd", "USD", "Pay that reaches the soldiers", |m| m.pay_passed_on_usd),
    ("true_shells_rounds", "rounds", "Shells delivered", |m| m.shells_rounds),
    ("true_oil_barrels", "barrels", "Oil received", |m| m.oil_barrels),
    ("true_technology_kinds", "1", "Technical systems received, in kinds", |m| m.technology_kinds),
    ("true_dead", "persons", "Dead by violence", |m| m.dead),
    ("true_known_exits", "persons", "Exits that became known at home", |m| m.known_exits),
    ("true_kin_penalised", "persons", "Relatives penalised", |m| m.kin_penalised),
    ("true_families_rewarded", "1", "Families rewarded", |m| m.families_rewarded),
    ("true_kin_who_learnt", "persons", "Relatives who learnt of life abroad", |m| m.kin_who_learnt),
    ("true_neighbours_who_learn", "persons", "Neighbours expected to learn of it by the end of the period", |m| {
        m.neighbours_who_learn
    }),
];

/// The regime's ledger, one row a month.
#[must_use]
pub fn ledger(keys: &Keys, first: Day, replicates: &[Replicate]) -> Table {
    let all =
        || replicates.iter().flat_map(|r| (0_u32..).zip(&r.ledger).map(move |(number, month)| (r, number, month)));
    let mut columns = keys.columns(all().count());
    columns.extend(addresses(all().map(|(r, ..)| r)));
    let begins = |number: u32| (f64::from(number) * DAYS_PER_MONTH).ceil() as u32;
    columns.extend(dates(first, all().map(|(_, number, _)| begins(number))));
    let months: Vec<u32> = all().map(|(_, number, _)| number).collect();
    columns.push(Column::new("month", "1", "Months of 30.4375 days since day 0", Role::Input, months));
    for (name, unit, description, read) in LEDGER {
        let values: Vec<f64> = all().map(|(.., month)| read(month)).collect();
        columns.push(Column::new(name, unit, description, Role::Latent, values));
    }
    let description = "What the deployment brings and costs, in columns that are never netted or valued in one unit";
    Table { name: "ledger_regime", description, columns }
}

fn addresses<'a>(rows: impl Iterator<Item = &'a Replicate> + Clone) -> [Column; 2] {
    let seeds: Vec<u64> = rows.clone().map(|r| r.seed.0).collect();
    [replicate_column(rows.map(|r| r.number)), Column::new("seed", "", "Seed of the replicate", Role::Input, seeds)]
}

fn dates(first: Day, days: impl Iterator<Item = u32> + Clone) -> [Column; 2] {
    let dates: Vec<Day> = days.clone().map(|day| first + day as i32).collect();
    [
        Column::new("day", "d", "Day of the deployment, 0 = first", Role::Input, days.collect::<Vec<u32>>()),
        Column::new("date", "", "Calendar date", Role::Input, dates),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::record_digest;
    use exitvoice_core::column::Column as Rows;
    use exitvoice_core::quantity::{Probability, Seed};
    use exitvoice_model::mechanism::regime;
    use exitvoice_record::{Event, EventKind, SoldierId, Soldiers, Toll, Trajectory};

    /// Two soldiers: one deserts and has two relatives punished, one falls and his family is honoured.
    fn record() -> Record {
        let [first, second] = [0, 1].map(SoldierId::from_row);
        let event = |day, soldier, kind, group| Event { day, fraction: 0.0, soldier, kind, group };
        let family = |day, soldier, kin, degree, kind| FamilyEvent { day, soldier, kin, degree, kind };
        let heads = |present, killed, leaving, deserted| {
            let mut row = [0; 12];
            (row[0], row[2], row[6], row[7]) = (present, killed, leaving, deserted);
            row
        };
        let later = (1..40).map(|_| heads(0, 1, 0, 1));
        Record {
            day_zero: Day(0),
            days: 40,
            soldiers: Soldiers {
                key: Rows::from_vec(vec![11, 12]),
                contingent: Rows::from_vec(vec![1, 1]),
                wave: Rows::from_vec(vec![0, 0]),
                squad: Rows::from_vec(vec![0, 0]),
            },
            events: vec![
                event(0, first, EventKind::Arrived, 0),
                event(0, second, EventKind::Arrived, 0),
                event(1, first, EventKind::Left, 1),
                event(1, first, EventKind::Deserted, 1),
                event(1, second, EventKind::KilledInCombat, 0),
            ],
            families: vec![
                family(1, first, 0, FamilyEvent::WHOLE, FamilyEventKind::ExitKnown),
                family(1, second, 0, FamilyEvent::WHOLE, FamilyEventKind::Rewarded),
                family(35, first, 5, 1, FamilyEventKind::Camp),
                family(35, first, 6, 1, FamilyEventKind::Camp),
            ],
            heads: std::iter::once(heads(2, 0, 0, 0)).chain(later).collect(),
            capture_alive: Probability::clamped(0.5),
        }
    }

    fn replicate() -> Replicate {
        let record = record();
        assert_eq!(exitvoice_record::check(&record), Ok(()));
        let defaults: BTreeMap<String, f64> = crate::registry::all()
            .iter()
            .filter_map(|meta| Some((meta.key.to_owned(), meta.default_value().ok()?)))
            .collect();
        let params = crate::deployment::force_params(&defaults).expect("every default is there");
        Replicate {
            number: 3,
            seed: Seed(9),
            trajectory: Trajectory::from_record(&record),
            heads: record.heads.clone(),
            toll: Toll::of(&record),
            families: count_families(&record),
            ledger: regime::ledger::ledger(&params.ledger, &params.returnees, &|_| 0.0, &record),
            digest: record_digest(&record),
        }
    }

    fn keys() -> Keys {
        Keys { run_id: "0123456789ab".to_owned(), scenario: "two".to_owned() }
    }

    fn numbers(table: &Table, name: &str) -> Vec<Option<f64>> {
        let column = table.columns.iter().find(|c| c.name == name).expect("there");
        match &column.data {
            ColumnData::U32(values) => values.iter().map(|v| v.map(f64::from)).collect(),
            ColumnData::F64(values) => values.clone(),
            _ => panic!("{name} is no number"),
        }
    }

    #[test]
    fn families_are_counted_by_day_kind_and_degree() {
        let table = families(&keys(), Day(0), &[replicate()]);
        assert_eq!(table.check(), Ok(()));
        assert_eq!(numbers(&table, "day"), [Some(1.0), Some(1.0), Some(35.0)]);
        assert_eq!(numbers(&table, "degree"), [None, None, Some(1.0)]);
        assert_eq!(numbers(&table, "true_count"), [Some(1.0), Some(1.0), Some(2.0)]);
    }

    #[test]
    fn the_ledger_books_each_month_what_happened_in_it() {
        let table = ledger(&keys(), Day(0), &[replicate()]);
        assert_eq!(table.check(), Ok(()));
        assert_eq!(numbers(&table, "day"), [Some(0.0), Some(31.0)], "day 30 is still of the first month");
        assert_eq!(numbers(&table, "true_dead"), [Some(1.0), Some(0.0)]);
        assert_eq!(numbers(&table, "true_known_exits"), [Some(1.0), Some(0.0)]);
        assert_eq!(numbers(&table, "true_kin_penalised"), [Some(0.0), Some(2.0)]);
        assert_eq!(numbers(&table, "true_soldier_days"), [Some(2.0), Some(0.0)], "one day, two soldiers");
    }
}
