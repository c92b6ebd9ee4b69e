//! Stocks of control and service by year: camps, banished, army, party; and kin at risk by age.

use super::living::Presence;
use crate::mechanism::control::guilt_by_association::{self as guilt, Roof, Tie};
use crate::mechanism::service::career::Track;
use crate::society::Society;
use crate::society::dossier::{EntryId, Outcome, Relation};
use crate::society::person::PersonId;
use crate::society::rates::Sex;
use crate::society::reach;
use crate::society::service::Mark;
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;

/// Persons in camps and banished on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Punished {
    /// In camps.
    pub camps: u64,
    /// Of them, for a relative's act only.
    pub camps_for_kin: u64,
    /// Banished, once each, and not in a camp.
    pub banished: u64,
}

/// Counts the punished on each of the given days, which are in order.
#[must_use]
pub fn punished(society: &Society, days: &[Day], pool: &Pool) -> Vec<Punished> {
    let record = &society.files.record;
    let counted = pool.map_chunks(record.len(), |range| {
        let [mut camps, mut kin, mut banished] = [(); 3].map(|()| Presence::new(days.len()));
        for id in range.clone().map(EntryId::from_row).filter(|id| record.outcome[*id] == Outcome::Camp) {
            let end = record.until[id].min(society.persons.life[record.bearer[id]].death);
            let [from, until] = [record.day[id], end].map(|end| days.partition_point(|day| *day < end));
            camps.add(from, until);
            if record.relation[id] != Relation::OWN {
                kin.add(from, until);
            }
        }
        // A chunk of as many entries, here by bearer.
        for file in society.files.of_positions(range) {
            banished_outside(society, file, |since, end| {
                let [from, until] = [since, end].map(|end| days.partition_point(|day| *day < end));
                banished.add(from, until);
            });
        }
        [camps, kin, banished]
    });
    let mut counts = vec![Punished::default(); days.len()];
    for [camps, kin, banished] in &counted {
        counts.iter_mut().zip(camps.counts()).for_each(|(sum, n)| sum.camps += n);
        counts.iter_mut().zip(kin.counts()).for_each(|(sum, n)| sum.camps_for_kin += n);
        counts.iter_mut().zip(banished.counts()).for_each(|(sum, n)| sum.banished += n);
    }
    counts
}

/// The spans outside the camps of the bearer of a file, from the first banishment until death: another one changes nothing. None for who was
/// never banished.
fn banished_outside(society: &Society, file: &[EntryId], mut span: impl FnMut(Day, Day)) {
    let record = &society.files.record;
    let of = |outcome: Outcome| file.iter().copied().filter(move |id| record.outcome[*id] == outcome);
    let Some(entry) = of(Outcome::Banishment).next() else { return };
    let mut camps: Vec<(Day, Day)> = of(Outcome::Camp).map(|id| (record.day[id], record.until[id])).collect();
    camps.sort_unstable();
    let death = society.persons.life[record.bearer[entry]].death;
    let mut since = record.day[entry];
    for (taken, released) in camps {
        if since < taken {
            span(since, taken.min(death));
        }
        since = since.max(released);
    }
    if since < death {
        span(since, death);
    }
}

/// Army and party on a day. Tracks are those of the freeze: an officer put back into the ranks counts there for the whole service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// Soldiers, by sex.
    pub soldiers: [u64; 2],
    /// Officers among them.
    pub officers: u64,
    /// Political and security officers among these.
    pub political: u64,
    /// Soldiers by class, as it stands at the freeze.
    pub by_class: [u64; 3],
    /// Members of the party, soldiers or not.
    pub party: u64,
    /// Living.
    pub living: u64,
}

/// Counts army and party on each of the given days, which are in order.
#[must_use]
pub fn serving(society: &Society, days: &[Day], pool: &Pool) -> Vec<Serving> {
    let (persons, files) = (&society.persons, &society.files);
    let counted = pool.map_chunks(persons.len(), |range| {
        let (mut counts, mut living) = (vec![Serving::default(); days.len()], Presence::new(days.len()));
        for person in range.map(PersonId::from_row) {
            let (birth, death) = (persons.life[person].birth, persons.life[person].death);
            // Numbers of the days on which the person is alive and of a span of its life, which are few.
            let within = |since: Day, until: Day| {
                let [from, until] =
                    [since.max(birth), until.min(death)].map(|end| days.partition_point(|day| *day < end));
                from..until.max(from)
            };
            let alive = within(birth, death);
            living.add(alive.start, alive.end);
            let career = files.career[person];
            if career.has(Mark::Party) {
                counts[within(files.terms.party_day(birth), death)].iter_mut().for_each(|count| count.party += 1);
            }
            let Some(track) = career.track() else { continue };
            let (since, until) = files.terms.span(persons, person, track);
            let links = &persons.links[person];
            for count in &mut counts[within(since, until)] {
                count.soldiers[links.sex as usize] += 1;
                count.by_class[links.class as usize] += 1;
                count.officers += u64::from(track != Track::Ranks);
                count.political += u64::from(track == Track::PoliticalOfficer);
            }
        }
        counts.iter_mut().zip(living.counts()).for_each(|(count, n)| count.living = n);
        counts
    });
    let mut sum = vec![Serving::default(); days.len()];
    for chunk in counted {
        for (a, b) in sum.iter_mut().zip(chunk) {
            a.soldiers.iter_mut().zip(b.soldiers).for_each(|(x, y)| *x += y);
            a.by_class.iter_mut().zip(b.by_class).for_each(|(x, y)| *x += y);
            a.officers += b.officers;
            a.political += b.political;
            a.party += b.party;
            a.living += b.living;
        }
    }
    sum
}

/// Living kin of an age at the freeze, and how many of them an offence would reach.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AtRisk {
    /// Age in completed years.
    pub age: u32,
    /// Persons looked at.
    pub sampled: u64,
    /// Mean living kin by degree, 0 the spouse.
    pub kin: [f64; 5],
    /// Mean number who would be punished for an offence of such a person, kin of the spouse left out.
    pub punished: f64,
    /// Standard error of that mean.
    pub error: f64,
}

/// Kin at risk at the given ages: of each, the `most` persons with the lowest addressed hashes.
#[must_use]
pub fn at_risk(society: &Society, guilt: &guilt::Params, ages: &[u32], most: usize, pool: &Pool) -> Vec<AtRisk> {
    at_risk_with_errors(society, guilt, ages, most, pool).into_iter().map(|(row, _)| row).collect()
}

/// The same with the standard errors of the mean living kin; none of fewer than two persons.
#[must_use]
pub fn at_risk_with_errors(
    society: &Society,
    guilt: &guilt::Params,
    ages: &[u32],
    most: usize,
    pool: &Pool,
) -> Vec<(AtRisk, Option<[f64; 5]>)> {
    let draws = Draws::new(society.seed, Purpose::Candidate);
    let persons = &society.persons;
    let found = pool.map_chunks(persons.len(), |range| {
        let age_of = |p: &PersonId| society.frozen.years_since(persons.life[*p].birth) as u32;
        let wanted = |p: &PersonId| persons.alive(*p, society.frozen) && ages.contains(&age_of(p));
        let hashed = |p: PersonId| (age_of(&p), draws.hash(persons.life[p].key, 1), p);
        range.map(PersonId::from_row).filter(wanted).map(hashed).collect::<Vec<_>>()
    });
    let mut all: Vec<(u32, u64, PersonId)> = found.into_iter().flatten().collect();
    all.sort_unstable();
    let of_age = |age: &u32| {
        let sample: Vec<PersonId> = all.iter().filter(|a| a.0 == *age).take(most).map(|a| a.2).collect();
        at_risk_of(society, guilt, *age, &sample)
    };
    ages.iter().map(of_age).collect()
}

fn at_risk_of(society: &Society, params: &guilt::Params, age: u32, sample: &[PersonId]) -> (AtRisk, Option<[f64; 5]>) {
    let persons = &society.persons;
    let mut kin = reach::blood(persons, sample, crate::society::kin::FARTHEST_DEGREE);
    let with_day: Vec<(PersonId, Day)> = sample.iter().map(|p| (*p, society.frozen)).collect();
    kin.extend(reach::spouses(persons, &society.marriages, &with_day));
    reach::keep_living(persons, &mut kin, |_| society.frozen);
    kin.sort_unstable_by_key(|r| (r.of, r.person, r.degree));
    kin.dedup_by_key(|r| (r.of, r.person));
    let n = sample.len().max(1) as f64;
    let mut row = AtRisk { age, sampled: sample.len() as u64, ..AtRisk::default() };
    let mut punished = vec![0.0; sample.len()];
    let mut living = vec![[0.0; 5]; sample.len()];
    for relative in kin {
        let person = sample[relative.of as usize];
        row.kin[usize::from(relative.degree)] += 1.0 / n;
        living[relative.of as usize][usize::from(relative.degree)] += 1.0;
        let home = persons.household[person];
        let together = home.is_some() && persons.household[relative.person] == home;
        let roof = if together { Roof::Same } else { Roof::Apart };
        punished[relative.of as usize] += guilt::probability(params, relative.degree, Tie::Own, roof);
    }
    row.punished = punished.iter().sum::<f64>() / n;
    let error = |mean: f64, numbers: &mut dyn Iterator<Item = f64>| {
        let variance = numbers.map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0).max(1.0);
        (variance / n).sqrt()
    };
    row.error = error(row.punished, &mut punished.iter().copied());
    let of_degree = |degree: usize| error(row.kin[degree], &mut living.iter().map(|kin| kin[degree]));
    let errors = (sample.len() > 1).then(|| std::array::from_fn(of_degree));
    (row, errors)
}

/// Sex ratio of the army: share of women among soldiers.
#[must_use]
pub fn share_of_women(serving: &Serving) -> f64 {
    let [women, men] = [Sex::Female, Sex::Male].map(|sex| serving.soldiers[sex as usize] as f64);
    women / (women + men).max(1.0)
}
