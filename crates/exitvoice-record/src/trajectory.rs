//! Daily counts read off a record: what channels see, and all that inference keeps of a replicate.

use crate::event::{EventKind, Status};
use crate::table::Record;
use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;

/// Two reasons to leave a post, never merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DepartureKind {
    /// Meant not to come back.
    Desertion,
    /// Meant to come back.
    Absence,
}

/// Soldiers who left a post together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Departure {
    /// Day of the deployment.
    pub day: u32,
    /// How many left.
    pub size: u32,
    /// Why.
    pub kind: DepartureKind,
    /// Whether from the front: unnamed sources speak of posts there.
    pub at_front: bool,
    /// Day on which a desertion was over, and whether it reached the other side or a third party; `None` while under way.
    pub outcome: Option<(u32, bool)>,
}

/// Increments by day (index 0 = day 0). Cumulative totals are running sums; all columns have `days` entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// Date of day 0.
    pub day_zero: Day,
    /// Number of days.
    pub days: u32,
    /// Arrived in Russia.
    pub sent: Vec<i32>,
    /// Alive, free and in Kursk oblast: change of the level.
    pub present: Vec<i32>,
    /// Arrived at home again.
    pub returned: Vec<i32>,
    /// Casualty incidents: each killing or wounding once.
    pub incidents: Vec<i32>,
    /// Dead by violence, deaths of wounds on the day of death.
    pub killed: Vec<i32>,
    /// Incidents of the first contingent.
    pub incidents_first: Vec<i32>,
    /// Dead by violence of the first contingent.
    pub killed_first: Vec<i32>,
    /// Arrivals of the first contingent.
    pub sent_first: Vec<i32>,
    /// Alive in enemy custody: change of the level (captured and surrendered, less died in custody).
    pub custody: Vec<i32>,
    /// Opportunities of capture: each ends alive in custody with probability `capture_alive`, else in suicide or death in custody.
    pub capture_opportunities: Vec<i32>,
    /// Alive in custody by another way than a capture opportunity (surrender).
    pub surrendered: Vec<i32>,
    /// Soldiers who reached the other side or a third party after an attempt.
    pub reached: Vec<i32>,
    /// Soldiers who began an attempt (initiators and those who joined and left), on the day they left or were stopped.
    pub attempted: Vec<i32>,
    /// Caught, killed or turned back while leaving, or arrested before.
    pub failed: Vec<i32>,
    /// Groups that left, in order of their day.
    pub departures: Vec<Departure>,
    /// Probability that an opportunity of capture ends alive in custody.
    pub capture_alive: Probability,
}

impl Trajectory {
    /// Days on which nothing happened.
    #[must_use]
    pub fn quiet(day_zero: Day, days: u32, capture_alive: Probability) -> Self {
        let zero = || vec![0_i32; days as usize];
        Self {
            day_zero,
            days,
            sent: zero(),
            present: zero(),
            returned: zero(),
            incidents: zero(),
            killed: zero(),
            incidents_first: zero(),
            killed_first: zero(),
            sent_first: zero(),
            custody: zero(),
            capture_opportunities: zero(),
            surrendered: zero(),
            reached: zero(),
            attempted: zero(),
            failed: zero(),
            departures: Vec::new(),
            capture_alive,
        }
    }

    /// Reads the counts off a record that meets its requirements.
    #[must_use]
    pub fn from_record(record: &Record) -> Self {
        let mut out = Self::quiet(record.day_zero, record.days, record.capture_alive);
        let soldiers = record.soldiers.key.len();
        let mut status: Vec<Option<Status>> = vec![None; soldiers];
        let mut at_front = vec![false; soldiers];
        let mut groups: std::collections::BTreeMap<u32, Departure> = std::collections::BTreeMap::new();
        for event in &record.events {
            let (row, day) = (event.soldier.row(), event.day as usize);
            let first = record.soldiers.contingent[event.soldier] == 1;
            let was_present = at_front[row] && is_free(status[row]);
            if let Some(after) = event.kind.status_after() {
                status[row] = Some(after);
            }
            match event.kind {
                EventKind::ReachedFront => at_front[row] = true,
                EventKind::LeftFront | EventKind::RotatedOut => at_front[row] = false,
                _ => {}
            }
            out.present[day] += i32::from(at_front[row] && is_free(status[row])) - i32::from(was_present);
            out.count(event.kind, day, first);
            let kind = match event.kind {
                EventKind::Left => DepartureKind::Desertion,
                EventKind::AbsenceBegan => DepartureKind::Absence,
                EventKind::Deserted | EventKind::CaughtLeaving | EventKind::KilledLeaving | EventKind::TurnedBack => {
                    if let Some(left) = groups.get_mut(&event.group) {
                        left.outcome = Some((event.day, event.kind == EventKind::Deserted));
                    }
                    continue;
                }
                _ => continue,
            };
            let none = Departure { day: event.day, size: 0, kind, at_front: at_front[row], outcome: None };
            groups.entry(event.group).or_insert(none).size += 1;
        }
        out.departures = groups.into_values().collect();
        out.departures.sort_by_key(|d| (d.day, d.kind, d.size));
        out
    }

    fn count(&mut self, kind: EventKind, day: usize, first: bool) {
        let first = i32::from(first);
        if kind.is_incident() {
            self.incidents[day] += 1;
            self.incidents_first[day] += first;
        }
        if kind.status_after() == Some(Status::Killed) {
            self.killed[day] += 1;
            self.killed_first[day] += first;
        }
        match kind {
            EventKind::Arrived => {
                self.sent[day] += 1;
                self.sent_first[day] += first;
            }
            EventKind::ArrivedHome => self.returned[day] += 1,
            EventKind::Captured => {
                self.custody[day] += 1;
                self.capture_opportunities[day] += 1;
            }
            EventKind::SuicideToAvoidCapture => self.capture_opportunities[day] += 1,
            EventKind::Surrendered => {
                self.custody[day] += 1;
                self.surrendered[day] += 1;
            }
            EventKind::DiedInCustody => self.custody[day] -= 1,
            EventKind::Left => self.attempted[day] += 1,
            EventKind::Deserted => self.reached[day] += 1,
            EventKind::Arrested => {
                self.attempted[day] += 1;
                self.failed[day] += 1;
            }
            EventKind::CaughtLeaving | EventKind::KilledLeaving | EventKind::TurnedBack => self.failed[day] += 1,
            _ => {}
        }
    }

    /// What was true at the end of a day: the same without the days after it.
    #[must_use]
    pub fn until(&self, day: u32) -> Self {
        let days = self.days.min(day.saturating_add(1));
        let cut = |column: &[i32]| column[..days as usize].to_vec();
        let mut departures = self.departures.clone();
        departures.retain(|d| d.day < days);
        for departure in &mut departures {
            departure.outcome = departure.outcome.filter(|(day, _)| *day < days);
        }
        Self {
            day_zero: self.day_zero,
            days,
            sent: cut(&self.sent),
            present: cut(&self.present),
            returned: cut(&self.returned),
            incidents: cut(&self.incidents),
            killed: cut(&self.killed),
            incidents_first: cut(&self.incidents_first),
            killed_first: cut(&self.killed_first),
            sent_first: cut(&self.sent_first),
            custody: cut(&self.custody),
            capture_opportunities: cut(&self.capture_opportunities),
            surrendered: cut(&self.surrendered),
            reached: cut(&self.reached),
            attempted: cut(&self.attempted),
            failed: cut(&self.failed),
            departures,
            capture_alive: self.capture_alive,
        }
    }

    /// Sum of a column over days 0..=day; days after the last count as the last.
    #[must_use]
    pub fn total(column: &[i32], day: i32) -> i64 {
        let end = usize::try_from(i64::from(day) + 1).unwrap_or(0).min(column.len());
        column[..end].iter().map(|x| i64::from(*x)).sum()
    }
}

/// Alive, free and not carried out of the oblast: with the unit, absent, leaving or arrested; the wounded are away.
const fn is_free(status: Option<Status>) -> bool {
    matches!(status, Some(Status::Present | Status::Absent | Status::Leaving | Status::Arrested))
}
