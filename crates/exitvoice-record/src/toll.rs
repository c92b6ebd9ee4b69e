//! Whom a system of control strikes beside those who leave: relatives at home, and soldiers who planned nothing.

use crate::event::{Event, EventKind};
use crate::table::Record;
use std::collections::BTreeSet;

/// Persons struck in one replicate, each counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Toll {
    /// Relatives at home who were penalised for what a soldier did.
    pub kin_punished: u32,
    /// Soldiers who were warned, moved or arrested after a denunciation and had neither begun nor joined an attempt by then.
    pub innocents_hit: u32,
}

impl Toll {
    /// Counts a record that meets its requirements.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let kin: BTreeSet<u64> = record.families.iter().filter(|e| e.kind.is_penalty()).map(|e| e.kin).collect();
        let soldiers = record.soldiers.key.len();
        let (mut planned, mut hit) = (vec![false; soldiers], vec![false; soldiers]);
        let mut before = None;
        for event in &record.events {
            let row = event.soldier.row();
            if matches!(event.kind, EventKind::AttemptBegan | EventKind::Joined) {
                planned[row] = true;
            } else if is_act(event, before) && !planned[row] {
                hit[row] = true;
            }
            before = Some(event);
        }
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { kin_punished: count(kin.len()), innocents_hit: count(hit.iter().filter(|h| **h).count()) }
    }
}

/// Whether an event is an act on a suspect. A recognised informer is moved too, right after the event that says so: for his safety.
fn is_act(event: &Event, before: Option<&Event>) -> bool {
    match event.kind {
        EventKind::Warned | EventKind::ArrestedOnSuspicion => true,
        EventKind::Transferred => {
            !before.is_some_and(|b| b.kind == EventKind::InformerExposed && b.soldier == event.soldier)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::STATUSES;
    use crate::table::{FamilyEvent, FamilyEventKind, SoldierId, Soldiers};
    use exitvoice_core::column::Column;
    use exitvoice_core::quantity::Probability;
    use exitvoice_core::time::Day;

    fn record(events: &[(usize, EventKind)], families: &[(usize, u64, FamilyEventKind)]) -> Record {
        let id = SoldierId::from_row;
        let event = |(row, kind): &(usize, EventKind)| Event {
            day: 1,
            fraction: 0.5,
            soldier: id(*row),
            kind: *kind,
            group: 1,
        };
        let family = |(row, kin, kind): &(usize, u64, FamilyEventKind)| FamilyEvent {
            day: 2,
            soldier: id(*row),
            kin: *kin,
            degree: if *kin == 0 { FamilyEvent::WHOLE } else { 1 },
            kind: *kind,
        };
        Record {
            day_zero: Day(0),
            days: 3,
            soldiers: Soldiers { key: Column::from_vec(vec![1, 2, 3, 4, 5]), ..Soldiers::default() },
            events: events.iter().map(event).collect(),
            families: families.iter().map(family).collect(),
            heads: vec![[0; STATUSES.len()]; 3],
            capture_alive: Probability::clamped(0.5),
        }
    }

    #[test]
    fn an_innocent_is_hit_once_and_one_who_planned_before_the_act_is_none() {
        use EventKind as E;
        let found = Toll::of(&record(
            &[
                (0, E::Warned),
                (0, E::ArrestedOnSuspicion),
                (1, E::AttemptBegan),
                (1, E::Warned),
                (2, E::Joined),
                (2, E::Transferred),
                (3, E::Warned),
                (3, E::AttemptBegan),
            ],
            &[],
        ));
        assert_eq!(found, Toll { kin_punished: 0, innocents_hit: 2 });
    }

    #[test]
    fn a_recognised_informer_who_is_moved_is_not_hit_and_a_suspect_who_is_moved_is() {
        use EventKind as E;
        let hit = |events: &[(usize, EventKind)]| Toll::of(&record(events, &[])).innocents_hit;
        assert_eq!(hit(&[(0, E::InformerExposed), (0, E::Transferred)]), 0);
        assert_eq!(hit(&[(1, E::InformerExposed), (2, E::Transferred), (3, E::Transferred), (4, E::Arrested)]), 2);
    }

    #[test]
    fn a_relative_of_two_soldiers_is_one_person_and_rewards_and_knowledge_are_no_penalty() {
        use FamilyEventKind as F;
        let families = [
            (0, 0, F::ExitKnown),
            (0, 70, F::Camp),
            (1, 70, F::Banished),
            (1, 71, F::CareerBlocked),
            (2, 0, F::Rewarded),
            (2, 72, F::Learnt),
            (3, 73, F::ClassLowered),
        ];
        assert_eq!(Toll::of(&record(&[], &families)).kin_punished, 3);
    }
}
