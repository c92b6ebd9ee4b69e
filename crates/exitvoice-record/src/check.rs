//! Requirements of a record, checked one by one.

use crate::event::{EventKind, STATUSES, Status};
use crate::table::{FamilyEvent, FamilyEventKind, Record};
use std::collections::BTreeMap;

/// A requirement that does not hold, with the rows that break it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("EV0401: requirement {requirement} is broken by rows {rows:?} of {table}: {detail}")]
pub struct Violation {
    /// Short name, as in [`check()`].
    pub requirement: &'static str,
    /// Table.
    pub table: &'static str,
    /// Up to ten rows.
    pub rows: Vec<usize>,
    /// What was found.
    pub detail: String,
}

const MOST_ROWS: usize = 10;

/// Checks every requirement:
///
/// - `columns_of_one_length`, `keys_differ`, `contingents_from_one` (soldiers)
/// - `in_order`: events are sorted by (day, fraction); days lie inside the record and fractions in [0, 1)
/// - `allowed`: every event is possible in the soldier's status; nothing happens to the dead, the gone, the captured or before arrival
/// - `group_of_one_kind`: the events that start a departure carry a group; one group has one kind and one day of departure
/// - `families_follow`: the requirements of [`crate::FamilyEvent`]
/// - `heads_add_up`: heads by status recomputed from the events equal the heads counted while the world ran, and add up to the sent
///
/// # Errors
/// One [`Violation`] for each requirement that fails.
pub fn check(record: &Record) -> Result<(), Vec<Violation>> {
    let mut found = Vec::new();
    check_soldiers(record, &mut found);
    check_order(record, &mut found);
    check_transitions(record, &mut found);
    check_groups(record, &mut found);
    check_families(record, &mut found);
    if found.is_empty() { Ok(()) } else { Err(found) }
}

fn report(
    found: &mut Vec<Violation>,
    requirement: &'static str,
    table: &'static str,
    mut rows: Vec<usize>,
    detail: impl Into<String>,
) {
    if !rows.is_empty() {
        rows.truncate(MOST_ROWS);
        found.push(Violation { requirement, table, rows, detail: detail.into() });
    }
}

fn check_soldiers(record: &Record, found: &mut Vec<Violation>) {
    let soldiers = &record.soldiers;
    let rows = soldiers.key.len();
    let lengths = [soldiers.contingent.len(), soldiers.wave.len(), soldiers.squad.len()];
    if lengths != [rows; 3] {
        report(found, "columns_of_one_length", "soldiers", vec![rows], format!("{lengths:?} against {rows}"));
    }
    let mut keys: Vec<(u64, usize)> = soldiers.key.as_slice().iter().copied().zip(0..).collect();
    keys.sort_unstable();
    let twice = keys.windows(2).filter(|w| w[0].0 == w[1].0).map(|w| w[1].1).collect();
    report(found, "keys_differ", "soldiers", twice, "the same person is sent twice");
    let zero = soldiers.contingent.as_slice().iter().zip(0..).filter(|(c, _)| **c == 0).map(|(_, row)| row).collect();
    report(found, "contingents_from_one", "soldiers", zero, "contingent 0");
}

fn check_order(record: &Record, found: &mut Vec<Violation>) {
    let events = &record.events;
    let outside = |e: &crate::Event| {
        e.day >= record.days || !(0.0..1.0).contains(&e.fraction) || e.soldier.row() >= record.soldiers.key.len()
    };
    let bad = (0..events.len()).filter(|i| outside(&events[*i])).collect();
    report(found, "in_order", "events", bad, "day, fraction or soldier outside the record");
    let back = (1..events.len())
        .filter(|i| (events[*i].day, events[*i].fraction) < (events[*i - 1].day, events[*i - 1].fraction))
        .collect();
    report(found, "in_order", "events", back, "an event stands before its predecessor");
}

fn check_transitions(record: &Record, found: &mut Vec<Violation>) {
    let mut status: Vec<Option<Status>> = vec![None; record.soldiers.key.len()];
    let mut heads = [0_u32; STATUSES.len()];
    let (mut sent, mut next) = (0_u32, 0_usize);
    let (mut forbidden, mut uneven) = (Vec::new(), Vec::new());
    for day in 0..record.days as usize {
        while next < record.events.len() && record.events[next].day as usize <= day {
            let event = record.events[next];
            let Some(slot) = status.get_mut(event.soldier.row()) else {
                next += 1;
                continue;
            };
            if !event.kind.allowed_from(*slot) {
                forbidden.push(next);
            }
            if let Some(after) = event.kind.status_after() {
                if let Some(before) = *slot {
                    heads[before as usize] -= 1;
                } else {
                    sent += 1;
                }
                heads[after as usize] += 1;
                *slot = Some(after);
            }
            next += 1;
        }
        if heads.iter().sum::<u32>() != sent || record.heads.get(day) != Some(&heads) {
            uneven.push(day);
        }
    }
    report(found, "allowed", "events", forbidden, "an event that its soldier's status does not allow");
    report(found, "heads_add_up", "heads", uneven, "heads by status differ from the events");
}

fn check_groups(record: &Record, found: &mut Vec<Violation>) {
    let mut groups: BTreeMap<u32, (EventKind, u32)> = BTreeMap::new();
    let (mut lonely, mut mixed) = (Vec::new(), Vec::new());
    for (row, event) in record.events.iter().enumerate() {
        if !matches!(event.kind, EventKind::Left | EventKind::AbsenceBegan) {
            continue;
        }
        if event.group == 0 {
            lonely.push(row);
        } else if *groups.entry(event.group).or_insert((event.kind, event.day)) != (event.kind, event.day) {
            mixed.push(row);
        }
    }
    report(found, "group_of_one_kind", "events", lonely, "a departure without a group");
    report(found, "group_of_one_kind", "events", mixed, "one group with two kinds or days of departure");
}

/// Events abroad after which a family may be penalised.
const GUILTY: [EventKind; 5] = [
    EventKind::Deserted,
    EventKind::CaughtLeaving,
    EventKind::KilledLeaving,
    EventKind::Surrendered,
    EventKind::Arrested,
];

fn check_families(record: &Record, found: &mut Vec<Violation>) {
    let mut facts: BTreeMap<(usize, u8), u32> = BTreeMap::new();
    for event in &record.events {
        let fact = match event.kind {
            kind if GUILTY.contains(&kind) => 0,
            kind if kind.status_after() == Some(Status::Killed) => 1,
            EventKind::ArrivedHome => 2,
            _ => continue,
        };
        facts.entry((event.soldier.row(), fact)).or_insert(event.day);
    }
    let after =
        |event: &FamilyEvent, fact: u8| facts.get(&(event.soldier.row(), fact)).is_some_and(|d| *d <= event.day);
    let mut once = std::collections::BTreeSet::new();
    let mut bad = Vec::new();
    for (row, event) in record.families.iter().enumerate() {
        let in_order = row == 0 || record.families[row - 1].day <= event.day;
        let whole = event.degree == FamilyEvent::WHOLE;
        let cause = match event.kind {
            kind if kind.is_penalty() => !whole && once.insert((event.soldier.row(), event.kin)) && after(event, 0),
            FamilyEventKind::Spared | FamilyEventKind::ExitKnown => whole && after(event, 0),
            FamilyEventKind::Rewarded | FamilyEventKind::ClassRaised => whole && after(event, 1),
            _ => !whole && after(event, 2),
        };
        if !in_order || !cause || whole != (event.kin == 0) || event.day >= record.days {
            bad.push(row);
        }
    }
    report(
        found,
        "families_follow",
        "families",
        bad,
        "an event at home without its cause abroad, twice, or out of order",
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, SoldierId, Soldiers};
    use exitvoice_core::column::Column;
    use exitvoice_core::quantity::Probability;
    use exitvoice_core::time::Day;

    fn event(day: u32, fraction: f64, row: usize, kind: EventKind, group: u32) -> Event {
        Event { day, fraction, soldier: SoldierId::from_row(row), kind, group }
    }

    fn valid() -> Record {
        let mut present = [0; 12];
        present[0] = 2;
        let mut later = [0; 12];
        later[Status::Killed as usize] = 1;
        later[Status::Leaving as usize] = 1;
        Record {
            day_zero: Day(0),
            days: 2,
            soldiers: Soldiers {
                key: Column::from_vec(vec![11, 12]),
                contingent: Column::from_vec(vec![1, 1]),
                wave: Column::from_vec(vec![0, 0]),
                squad: Column::from_vec(vec![0, 0]),
            },
            events: vec![
                event(0, 0.0, 0, EventKind::Arrived, 0),
                event(0, 0.0, 1, EventKind::Arrived, 0),
                event(1, 0.25, 0, EventKind::KilledInCombat, 0),
                event(1, 0.5, 1, EventKind::Left, 1),
            ],
            families: Vec::new(),
            heads: vec![present, later],
            capture_alive: Probability::clamped(0.5),
        }
    }

    fn broken(change: impl FnOnce(&mut Record)) -> Vec<&'static str> {
        let mut record = valid();
        change(&mut record);
        check(&record).expect_err("the change breaks a requirement").iter().map(|v| v.requirement).collect()
    }

    #[test]
    fn a_valid_record_passes_and_each_requirement_can_fail() {
        assert_eq!(check(&valid()), Ok(()));
        assert!(broken(|r| r.soldiers.wave = Column::new()).contains(&"columns_of_one_length"));
        assert!(broken(|r| r.soldiers.key.as_mut_slice()[1] = 11).contains(&"keys_differ"));
        assert!(broken(|r| r.soldiers.contingent.as_mut_slice()[1] = 0).contains(&"contingents_from_one"));
        assert!(broken(|r| r.events.swap(2, 3)).contains(&"in_order"));
        assert!(broken(|r| r.events[3].fraction = 1.0).contains(&"in_order"));
        assert!(broken(|r| r.events.push(event(1, 0.75, 0, EventKind::Wounded, 0))).contains(&"allowed"));
        assert!(broken(|r| r.heads[1][0] = 1).contains(&"heads_add_up"));
        assert!(broken(|r| r.events[3].group = 0).contains(&"group_of_one_kind"));
        let reward = FamilyEvent {
            day: 1,
            soldier: SoldierId::from_row(0),
            kin: 0,
            degree: FamilyEvent::WHOLE,
            kind: FamilyEventKind::Rewarded,
        };
        let mut record = valid();
        record.families.push(reward);
        assert_eq!(check(&record), Ok(()), "the first soldier was killed on that day");
        for bad in [
            FamilyEvent { day: 0, ..reward },
            FamilyEvent { day: 2, ..reward },
            FamilyEvent { soldier: SoldierId::from_row(1), ..reward },
            FamilyEvent { kin: 5, ..reward },
            FamilyEvent { kind: FamilyEventKind::Camp, kin: 5, degree: 1, ..reward },
            FamilyEvent { kind: FamilyEventKind::Learnt, kin: 5, degree: 1, ..reward },
            FamilyEvent { kind: FamilyEventKind::Spared, ..reward },
        ] {
            assert_eq!(broken(|r| r.families.push(bad)), ["families_follow"], "{bad:?}");
        }
        let mut record = valid();
        record.events[3].group = 0;
        let found = check(&record).expect_err("broken");
        assert!(found[0].to_string().starts_with("EV0401: requirement group_of_one_kind"));
    }

    #[test]
    fn a_trajectory_counts_what_the_events_say() {
        let trajectory = crate::Trajectory::from_record(&valid());
        assert_eq!(trajectory.sent, [2, 0]);
        assert_eq!(trajectory.incidents, [0, 1]);
        assert_eq!(trajectory.killed, [0, 1]);
        assert_eq!(trajectory.departures.len(), 1);
        assert_eq!(crate::Trajectory::total(&trajectory.sent, 5), 2);
        assert_eq!(crate::Trajectory::total(&trajectory.sent, -1), 0);
    }
}
