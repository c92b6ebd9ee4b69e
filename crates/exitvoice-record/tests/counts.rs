//! What a record is counted to, event by event, and which families may suffer for what: every column that a watcher reads.

use exitvoice_core::column::Column;
use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;
use exitvoice_record::{
    DepartureKind, Event, EventKind, FamilyEvent, FamilyEventKind, Record, STATUSES, SoldierId, Soldiers, Status,
    Trajectory, check,
};

const DAYS: u32 = 8;
const SOLDIERS: usize = 12;

/// A record of these events, day by day; heads are those that follow from them. Odd rows are of the second contingent.
fn record(events: &[(u32, usize, EventKind, u32)]) -> Record {
    let mut status = [None::<Status>; SOLDIERS];
    let mut heads = vec![[0_u32; STATUSES.len()]; DAYS as usize];
    for day in 0..DAYS {
        for (_, row, kind, _) in events.iter().filter(|e| e.0 == day) {
            status[*row] = kind.status_after().or(status[*row]);
        }
        for status in status.iter().flatten() {
            heads[day as usize][*status as usize] += 1;
        }
    }
    let rows = SOLDIERS as u64;
    let event = |(day, row, kind, group): &(u32, usize, EventKind, u32)| Event {
        day: *day,
        fraction: 0.5,
        soldier: SoldierId::from_row(*row),
        kind: *kind,
        group: *group,
    };
    Record {
        day_zero: Day(100),
        days: DAYS,
        soldiers: Soldiers {
            key: Column::from_vec((0..rows).map(|row| 50 + row).collect()),
            contingent: Column::from_vec((0..rows).map(|row| 1 + (row % 2) as u8).collect()),
            wave: Column::from_vec(vec![0; SOLDIERS]),
            squad: Column::from_vec(vec![0; SOLDIERS]),
        },
        events: events.iter().map(event).collect(),
        families: Vec::new(),
        heads,
        capture_alive: Probability::clamped(0.25),
    }
}

/// Something of every kind that is counted.
fn busy() -> Record {
    use EventKind as E;
    let mut events: Vec<(u32, usize, EventKind, u32)> = (0..SOLDIERS).map(|row| (0, row, E::Arrived, 0)).collect();
    events.extend((0..4).map(|row| (1, row, E::ReachedFront, 0)));
    events.extend([
        (2, 0, E::KilledInCombat, 0),
        (2, 1, E::Wounded, 0),
        (2, 2, E::Captured, 0),
        (2, 3, E::Left, 1),
        (2, 4, E::Left, 2),
        (2, 5, E::Left, 2),
        (2, 6, E::AbsenceBegan, 3),
        (3, 3, E::Deserted, 1),
        (3, 4, E::KilledLeaving, 2),
        (3, 5, E::KilledLeaving, 2),
        (3, 7, E::Arrested, 4),
        (3, 8, E::SuicideToAvoidCapture, 0),
        (4, 1, E::Recovered, 0),
        (4, 9, E::Surrendered, 0),
        (5, 2, E::DiedInCustody, 0),
        (5, 6, E::AbsenceEnded, 3),
        (6, 1, E::LeftFront, 0),
        (6, 10, E::RotatedOut, 0),
        (7, 10, E::ArrivedHome, 0),
    ]);
    record(&events)
}

#[test]
fn every_event_counts_in_its_columns_on_its_day() {
    let record = busy();
    assert_eq!(check(&record), Ok(()));
    let t = Trajectory::from_record(&record);
    let on = |days: &[(usize, i32)]| {
        let mut column = vec![0; DAYS as usize];
        days.iter().for_each(|(day, n)| column[*day] = *n);
        column
    };
    assert_eq!((&t.sent, &t.sent_first), (&on(&[(0, 12)]), &on(&[(0, 6)])));
    // Four at the front; one falls, one is carried out and comes back, one is taken; who leaves is in the oblast until he is away.
    assert_eq!(t.present, on(&[(1, 4), (2, -3), (3, -1), (4, 1), (6, -1)]));
    assert_eq!(t.returned, on(&[(7, 1)]));
    assert_eq!((&t.incidents, &t.incidents_first), (&on(&[(2, 2), (3, 3), (5, 1)]), &on(&[(2, 1), (3, 2), (5, 1)])));
    assert_eq!((&t.killed, &t.killed_first), (&on(&[(2, 1), (3, 3), (5, 1)]), &on(&[(2, 1), (3, 2), (5, 1)])));
    assert_eq!(t.custody, on(&[(2, 1), (4, 1), (5, -1)]));
    assert_eq!(t.capture_opportunities, on(&[(2, 1), (3, 1)]));
    assert_eq!(t.surrendered, on(&[(4, 1)]));
    assert_eq!(t.reached, on(&[(3, 1)]));
    assert_eq!(t.attempted, on(&[(2, 3), (3, 1)]));
    assert_eq!(t.failed, on(&[(3, 3)]));
    let departures: Vec<_> = t.departures.iter().map(|d| (d.day, d.size, d.kind, d.at_front, d.outcome)).collect();
    let (desertion, absence) = (DepartureKind::Desertion, DepartureKind::Absence);
    let left = [(2, 1, desertion, true, Some((3, true))), (2, 2, desertion, false, Some((3, false)))];
    assert_eq!(departures, [left[0], left[1], (2, 1, absence, false, None)]);
}

#[test]
fn events_of_a_day_stand_in_the_order_of_their_hours() {
    let mut record = busy();
    record.events[0].fraction = 0.75;
    let found = check(&record).expect_err("the second arrival is half a day earlier than the first");
    assert_eq!((found[0].requirement, found[0].rows.as_slice()), ("in_order", [1].as_slice()));
}

#[test]
fn an_event_of_somebody_who_was_not_sent_is_named_and_the_rest_is_still_checked() {
    let mut record = busy();
    record.events[1].soldier = SoldierId::from_row(SOLDIERS);
    let found: Vec<&str> = check(&record).expect_err("nobody has that row").iter().map(|v| v.requirement).collect();
    assert!(found.contains(&"in_order") && found.contains(&"heads_add_up"), "{found:?}");
}

#[test]
fn until_a_day_only_what_was_known_by_its_end_is_there() {
    let t = Trajectory::from_record(&busy());
    let early = t.until(2);
    assert_eq!((early.days, early.sent.len(), early.incidents.clone()), (3, 3, vec![0, 0, 2]));
    assert!(early.departures.len() == 3 && early.departures.iter().all(|d| d.outcome.is_none()));
    let later = t.until(3);
    assert_eq!(later.departures.iter().filter(|d| d.outcome.is_some()).count(), 2);
    assert_eq!(t.until(99), t);
    assert!(t.until(1).departures.is_empty());
}

#[test]
fn totals_count_the_day_itself() {
    let column = [1, 10, 100];
    assert_eq!([-1, 0, 1, 2, 9].map(|day| Trajectory::total(&column, day)), [0, 1, 11, 111, 111]);
}

#[test]
fn canonical_bytes_tell_hours_apart_and_not_the_signs_of_nought() {
    let bytes = |fraction: f64| {
        let mut record = busy();
        record.events[0].fraction = fraction;
        let mut all = Vec::new();
        record.canonical(&mut |b| all.extend_from_slice(b));
        all
    };
    assert_ne!(bytes(0.25), bytes(0.5));
    assert_eq!(bytes(0.0), bytes(-0.0));
}

#[test]
fn an_attempt_may_lapse_when_he_who_began_it_is_gone() {
    assert!(EventKind::AttemptLapsed.allowed_from(Some(Status::Killed)));
    assert!(!EventKind::Joined.allowed_from(Some(Status::Killed)));
    assert!(!EventKind::Arrived.allowed_from(Some(Status::Present)) && EventKind::Arrived.allowed_from(None));
}

#[test]
fn families_suffer_for_what_was_done_in_order_and_once_and_learn_from_those_at_home() {
    let penalty = |day, row: usize, kin| FamilyEvent {
        day,
        soldier: SoldierId::from_row(row),
        kin,
        degree: 1,
        kind: FamilyEventKind::Camp,
    };
    let holds = |families: &[FamilyEvent]| {
        let mut record = busy();
        record.families = families.to_vec();
        check(&record).is_ok()
    };
    assert!(holds(&[penalty(3, 3, 70), penalty(4, 3, 71), penalty(4, 7, 70)]), "two relatives of one, one of another");
    assert!(!holds(&[penalty(4, 3, 70), penalty(3, 3, 71)]), "out of order");
    assert!(!holds(&[penalty(4, 3, 70), penalty(5, 3, 70)]), "twice for one soldier");
    assert!(!holds(&[penalty(2, 3, 70)]), "before he reached the other side");
    assert!(!holds(&[penalty(5, 2, 70)]), "a prisoner's family");
    let learnt = FamilyEvent { kind: FamilyEventKind::Learnt, ..penalty(7, 10, 70) };
    assert!(holds(&[learnt]) && !holds(&[FamilyEvent { day: 6, ..learnt }]), "only from one who is back");
    let spared = FamilyEvent { degree: FamilyEvent::WHOLE, kin: 0, kind: FamilyEventKind::Spared, ..penalty(3, 3, 0) };
    assert!(holds(&[spared]) && !holds(&[FamilyEvent { day: 2, ..spared }]), "only after the exit");
    let whole = FamilyEvent { degree: FamilyEvent::WHOLE, kin: 0, ..learnt };
    assert!(!holds(&[whole]), "a relative learns, not a family");
}
