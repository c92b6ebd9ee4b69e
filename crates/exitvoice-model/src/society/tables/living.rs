//! How many people of each day of birth are alive on given days.
//!
//! Counted in lives, not in lives times days: each person is entered once, under its birth and the first of the days that it does not
//! see, and the sums from the last day backward are the living.

use crate::society::Society;
use crate::society::person::PersonId;
use crate::society::rates::Sex;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;

/// Rows handled together by one thread: so many that the sums over days of birth weigh little beside them.
const CHUNK: usize = 1 << 20;

/// People of one sex and day of birth who are alive on `days[day]`.
pub(super) struct Living {
    pub(super) day: usize,
    pub(super) birth: Day,
    pub(super) sex: Sex,
    pub(super) persons: u64,
}

/// Adds the living on each of `days`, which are in order, into tables that begin as `none`; one table for each chunk of rows.
pub(super) fn tally<T: Send>(
    society: &Society,
    days: &[Day],
    pool: &Pool,
    none: impl Fn() -> T + Sync,
    add: impl Fn(&mut T, &Living) + Sync,
) -> Vec<T> {
    let persons = &society.persons;
    pool.map_chunks_of(persons.len(), CHUNK, |rows| {
        let mut table = none();
        let lives = &persons.life.as_slice()[rows.clone()];
        let births = || lives.iter().map(|life| life.birth);
        let (Some(first), Some(last)) = (births().min(), births().max()) else { return table };
        // For each birth and sex, by the first day on which they are dead: none of the days comes before the first.
        let width = days.len() + 1;
        let mut unseen = vec![0_u32; ((last - first) as usize + 1) * 2 * width];
        for (life, row) in lives.iter().zip(rows) {
            let sex = persons.links[PersonId::from_row(row)].sex;
            let dead = days.partition_point(|day| *day < life.death);
            unseen[((life.birth - first) as usize * 2 + sex as usize) * width + dead] += 1;
        }
        for (cohort, dead) in unseen.chunks_exact(width).enumerate() {
            let birth = first + (cohort / 2) as i32;
            let sex = if cohort % 2 == Sex::Female as usize { Sex::Female } else { Sex::Male };
            let from = days.partition_point(|day| *day < birth);
            let mut alive = 0;
            for day in (from..days.len()).rev() {
                alive += u64::from(dead[day + 1]);
                if alive > 0 {
                    add(&mut table, &Living { day, birth, sex, persons: alive });
                }
            }
        }
        table
    })
}

/// Numbers of those present on each of some ordered days, from their first and last days.
pub(super) struct Presence {
    changes: Vec<i64>,
}

impl Presence {
    /// Nobody on `days` days.
    pub(super) fn new(days: usize) -> Self {
        Self { changes: vec![0; days + 1] }
    }

    /// One more on the days of numbers `from..until`.
    pub(super) fn add(&mut self, from: usize, until: usize) {
        if from < until {
            self.changes[from] += 1;
            self.changes[until] -= 1;
        }
    }

    /// Number of those present on each day.
    pub(super) fn counts(&self) -> impl Iterator<Item = u64> + '_ {
        let running = self.changes.iter().scan(0, |sum, change| {
            *sum += change;
            Some(*sum as u64)
        });
        running.take(self.changes.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_present_on_the_days_between() {
        let mut presence = Presence::new(4);
        for (from, until) in [(0, 4), (1, 3), (2, 2), (3, 1), (3, 4)] {
            presence.add(from, until);
        }
        assert_eq!(presence.counts().collect::<Vec<_>>(), [1, 2, 2, 2]);
    }
}
