//! Shares of persons in camps and in banishment by period, sex and age, and the offset of everybody else's mortality that follows.

use crate::mechanism::control::camp;
use crate::society::dossier::{EntryId, Outcome};
use crate::society::history::History;
use crate::society::person::PersonId;
use crate::society::rates::{MORTALITY_GROUPS, PERIODS, Rates, Sex};
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;

/// Days from the start of a year step to the day of its count.
const MIDDLE_OF_YEAR: i32 = 182;

/// Persons counted in the middle of each year, summed over the years of a period.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    living: f64,
    in_camps: f64,
    banished: f64,
}

/// Counts `[period][sex][mortality group]`.
type Counts = Vec<[[Count; MORTALITY_GROUPS]; 2]>;

/// Counts of a history.
pub(crate) struct PunishedShares(Counts);

/// Counts a history that has run.
pub(crate) fn punished_shares(history: &History<'_>, pool: &Pool) -> PunishedShares {
    let none = || vec![[[Count::default(); MORTALITY_GROUPS]; 2]; PERIODS];
    let persons = &history.persons;
    let days: Vec<(Day, usize)> = (0..history.calendar.len())
        .map(|year| history.calendar.first_day(year) + MIDDLE_OF_YEAR)
        .map(|day| (day, history.input.rates.period(day)))
        .collect();
    let group =
        |person: PersonId, day: Day| Rates::mortality_group(day.years_since(persons.life[person].birth) as usize);
    let add = |counts: &mut Counts, person: PersonId, from: Day, until: Day, count: &dyn Fn(&mut Count)| {
        let first = days.partition_point(|(day, _)| *day < from);
        for (day, period) in days[first..].iter().take_while(|(day, _)| *day < until) {
            count(&mut counts[*period][persons.links[person].sex as usize][group(person, *day)]);
        }
    };
    let living = pool.map_chunks(persons.len(), |rows| {
        let mut counts = none();
        for person in rows.map(PersonId::from_row) {
            let life = persons.life[person];
            add(&mut counts, person, life.birth, life.death, &|c| c.living += 1.0);
        }
        counts
    });
    let mut counts = none();
    for part in &living {
        for (sum, part) in counts.iter_mut().flatten().flatten().zip(part.iter().flatten().flatten()) {
            sum.living += part.living;
        }
    }
    let record = &history.control.files.record;
    // A second banishment changes nothing, and who is in a camp counts there.
    let mut banished: Vec<Option<EntryId>> = vec![None; persons.len()];
    let day = |id: &EntryId| record.day[*id];
    for id in record.bearer.ids().filter(|id| record.outcome[*id] == Outcome::Banishment) {
        let first = &mut banished[record.bearer[id].row()];
        *first = (*first).into_iter().chain([id]).min_by_key(day);
    }
    for id in record.bearer.ids() {
        let bearer = record.bearer[id];
        let (from, until) = (record.day[id], record.until[id].min(persons.life[bearer].death));
        let first = banished[bearer.row()];
        match record.outcome[id] {
            Outcome::Camp => {
                add(&mut counts, bearer, from, until, &|c| c.in_camps += 1.0);
                if let Some(since) = first.as_ref().map(day) {
                    add(&mut counts, bearer, from.max(since), until, &|c| c.banished -= 1.0);
                }
            }
            Outcome::Banishment if first == Some(id) => {
                add(&mut counts, bearer, from, until, &|c| c.banished += 1.0);
            }
            _ => {}
        }
    }
    PunishedShares(counts)
}

impl PunishedShares {
    /// Rates of those outside camps and banishment, so that the rates of all are the published ones in expectation.
    pub(crate) fn offset(&self, rates: &Rates, params: &camp::Params) -> Rates {
        rates.with_mortality(|period, sex: Sex, group| {
            let count = self.0[period][sex as usize][group];
            let share = |punished: f64| if count.living > 0.0 { punished / count.living } else { 0.0 };
            camp::offset(params, share(count.in_camps), share(count.banished))
        })
    }
}
