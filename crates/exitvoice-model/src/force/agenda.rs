//! What is due, by day and hour.

use crate::schedule::Cause;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What can happen at an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// A clock fires.
    Crossing(Cause),
    /// A soldier leaves at once.
    Now,
    /// A wounded man dies.
    Dies,
    /// A wounded man comes back.
    Recovers,
    /// A prisoner dies.
    DiesInCustody,
    /// A group comes back from an absence.
    AbsenceEnds(u32),
    /// A report of a plan is acted on.
    PlanActedOn(u32),
    /// A group leaves.
    CellLeaves(u32),
    /// A group's way ends.
    CellEnds(u32),
    /// A soldier is acted on after an audit, the number of the week.
    ActedOn(u32),
    /// Inquiry into the family of one who left ends.
    Fate,
    /// A relative learns from one who came home, by place in the list of kin.
    KinLearns(u32),
    /// A soldier arrives at home.
    ArrivesHome,
}

/// Something due, ordered by (hour, person key, what).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pending {
    /// Bits of the fraction of the day: fractions are not negative, so bits order as numbers do.
    pub(super) fraction: u64,
    /// Key of the soldier.
    pub(super) key: u64,
    /// What is due.
    pub(super) what: What,
    /// Row of the soldier.
    pub(super) soldier: usize,
    /// Bits of the clock's threshold when this crossing was found: it counts only while the clock still has that threshold.
    pub(super) mark: u64,
}

/// What is due, by day; today's in a heap.
#[derive(Clone)]
pub(super) struct Agenda {
    /// By day, in no order.
    pub(super) later: Vec<Vec<Pending>>,
    /// Of the day that is open, the next first.
    pub(super) today: BinaryHeap<Reverse<Pending>>,
}

impl Agenda {
    pub(super) fn new(days: u32) -> Self {
        Self { later: vec![Vec::new(); days as usize], today: BinaryHeap::new() }
    }

    /// Opens a day: what was planned for it becomes today's.
    pub(super) fn open(&mut self, day: u32) {
        for pending in std::mem::take(&mut self.later[day as usize]) {
            self.today.push(Reverse(pending));
        }
    }

    /// Adds something of today.
    pub(super) fn today(&mut self, pending: Pending) {
        self.today.push(Reverse(pending));
    }

    /// Adds something of another day; what lies after the last day never happens.
    pub(super) fn on(&mut self, day: usize, pending: Pending) {
        if let Some(later) = self.later.get_mut(day) {
            later.push(pending);
        }
    }

    /// Next of today before the hour `end`, a fraction of the day.
    pub(super) fn next_before(&mut self, end: f64) -> Option<Pending> {
        let Reverse(first) = self.today.peek()?;
        if f64::from_bits(first.fraction) < end { self.today.pop().map(|p| p.0) } else { None }
    }
}
