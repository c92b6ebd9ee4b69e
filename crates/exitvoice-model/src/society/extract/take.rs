//! Taking the extract: who is eligible, who of them is kept, and what is gathered about them and their kin.

use super::{Extract, KinLink, NOWHERE};
use crate::mechanism::control::neighbourhood;
use crate::mechanism::home::hostage;
use crate::mechanism::service::selection;
use crate::society::Society;
use crate::society::kin::{self, FARTHEST_DEGREE};
use crate::society::person::{HouseholdId, PersonId};
use crate::society::rates::Sex;
use crate::society::reach::{self, Reached};
use crate::society::{neighbourhood as units, service::Service};
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;

/// Candidates handled together by one thread.
const CHUNK: usize = 1_024;
/// Degree within which a living relative makes a man fit to be sent: spouse, parents, children, siblings, grandparents.
const CLOSE_DEGREE: u8 = 2;

impl Extract {
    /// Takes the candidates with the lowest addressed hashes, at most `most`, and their living kin.
    #[must_use]
    pub fn take(society: &Society, most: usize, pool: &Pool) -> Self {
        let (chosen, eligible) = candidates(society, most, pool);
        let gathered = pool.map_chunks_of(chosen.len(), CHUNK, |range| living_kin(society, &chosen[range]));
        let kin: Vec<Vec<Reached>> = gathered.into_iter().flatten().collect();
        let ranks = Ranks::new(society.persons.len(), kin.iter().flatten().map(|r| r.person.row()));
        let mut extract = Self::of_candidates(society, &chosen, eligible);
        extract.weigh(society, &chosen, &kin);
        for (candidate, kin) in chosen.iter().zip(&kin) {
            extract.links.extend(kin.iter().map(|r| KinLink {
                kin: ranks.of(r.person.row()),
                degree: r.degree,
                together: lives_with(society, *candidate, r.person),
            }));
            extract.kin_end.push(extract.links.len() as u32);
        }
        let everyone: Vec<PersonId> = ranks.rows().map(PersonId::from_row).collect();
        extract.describe_kin(society, &everyone, pool);
        extract.house(society, &chosen, &everyone);
        extract
    }

    fn of_candidates(society: &Society, chosen: &[PersonId], eligible: u64) -> Self {
        let persons = &society.persons;
        let service = |p: &PersonId| service_of(society, *p).expect("candidates serve");
        Self {
            seed: society.seed,
            scale: society.scale,
            frozen: society.frozen,
            eligible,
            key: chosen.iter().map(|p| persons.life[*p].key).collect(),
            birth: chosen.iter().map(|p| persons.life[*p].birth).collect(),
            class: chosen.iter().map(|p| persons.links[*p].class).collect(),
            province: chosen.iter().map(|p| persons.links[*p].province).collect(),
            service: chosen.iter().map(service).collect(),
            household: Vec::new(),
            hostage: Vec::new(),
            kin_end: Vec::new(),
            links: Vec::new(),
            kin_key: Vec::new(),
            kin_birth: Vec::new(),
            kin_class: Vec::new(),
            kin_province: Vec::new(),
            kin_sex: Vec::new(),
            kin_household: Vec::new(),
            household_unit: Vec::new(),
            unit_address: Vec::new(),
            unit_informers: Vec::new(),
        }
    }

    /// Hostage weights, in the unit of [`hostage::BASELINE_MEAN`].
    fn weigh(&mut self, society: &Society, chosen: &[PersonId], kin: &[Vec<Reached>]) {
        let weight = |(candidate, kin): (&PersonId, &Vec<Reached>)| -> f64 {
            let one = |r: &Reached| {
                let age = society.frozen.years_since(society.persons.life[r.person].birth);
                hostage::weight(r.degree, lives_with(society, *candidate, r.person), age)
            };
            kin.iter().map(one).sum()
        };
        self.hostage = chosen.iter().zip(kin).map(weight).map(|weight| weight / hostage::BASELINE_MEAN).collect();
    }

    fn describe_kin(&mut self, society: &Society, everyone: &[PersonId], pool: &Pool) {
        let persons = &society.persons;
        // Two columns at a time: each pass is independent look-ups in order of the rows.
        (self.kin_key, self.kin_birth) = pool.join(
            || everyone.iter().map(|p| persons.life[*p].key).collect(),
            || everyone.iter().map(|p| persons.life[*p].birth).collect(),
        );
        (self.kin_class, self.kin_province) = pool.join(
            || everyone.iter().map(|p| persons.links[*p].class).collect(),
            || everyone.iter().map(|p| persons.links[*p].province).collect(),
        );
        self.kin_sex = everyone.iter().map(|p| persons.links[*p].sex).collect();
    }

    /// Households and neighbourhood units of candidates and kin.
    fn house(&mut self, society: &Society, chosen: &[PersonId], everyone: &[PersonId]) {
        let home = |p: &PersonId| society.persons.household[*p];
        let all = || chosen.iter().chain(everyone);
        let ranks = Ranks::new(society.households, all().filter_map(home).map(HouseholdId::row));
        let number = |p: &PersonId| home(p).map_or(NOWHERE, |h| ranks.of(h.row()));
        self.household = chosen.iter().map(number).collect();
        self.kin_household = everyone.iter().map(number).collect();
        // The first of each household stands for it.
        let mut first: Vec<Option<PersonId>> = vec![None; ranks.len()];
        for (person, number) in all().zip(self.household.iter().chain(&self.kin_household)) {
            if let Some(first) = first.get_mut(*number as usize) {
                first.get_or_insert(*person);
            }
        }
        let first: Vec<PersonId> = first.into_iter().map(|p| p.expect("ranks count households of somebody")).collect();
        let addresses = units::addresses(&society.persons, &society.marriages, &society.files.units, &first);
        self.unit_address = addresses.clone();
        self.unit_address.sort_unstable();
        self.unit_address.dedup();
        let row = |address: &u64| self.unit_address.partition_point(|a| a < address) as u32;
        self.household_unit = addresses.iter().map(row).collect();
        let draws = Draws::new(society.seed, Purpose::Neighbourhood);
        let term = units::term(society.files.tallies.len().saturating_sub(1));
        let informers = neighbourhood::Informers::new(&society.files.neighbourhood);
        let count = |a: &u64| informers.of(draws, *a, term);
        self.unit_informers = self.unit_address.iter().map(|a| count(a).min(u64::from(u8::MAX)) as u8).collect();
    }
}

/// Numbers of the marked rows in order: a bit for each row, and the count before each word.
struct Ranks {
    words: Vec<u64>,
    before: Vec<u32>,
}

impl Ranks {
    fn new(rows: usize, marked: impl Iterator<Item = usize>) -> Self {
        let mut words = vec![0_u64; rows / u64::BITS as usize + 1];
        for row in marked {
            words[row / u64::BITS as usize] |= 1 << (row % u64::BITS as usize);
        }
        let mut sum = 0;
        let mut count = |word: &u64| {
            sum += word.count_ones();
            sum - word.count_ones()
        };
        let before = words.iter().map(&mut count).collect();
        Self { words, before }
    }

    fn of(&self, row: usize) -> u32 {
        let (word, bit) = (row / u64::BITS as usize, row % u64::BITS as usize);
        self.before[word] + (self.words[word] & ((1 << bit) - 1)).count_ones()
    }

    fn len(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    fn rows(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let rest = |w: &u64| Some(w & (w - 1)).filter(|w| *w != 0);
            std::iter::successors(Some(*word).filter(|w| *w != 0), rest)
                .map(move |w| index * u64::BITS as usize + w.trailing_zeros() as usize)
        })
    }
}

fn service_of(society: &Society, person: PersonId) -> Option<Service> {
    society.files.terms.service(&society.persons, &society.files.career, person, society.frozen)
}

/// Eligible persons with the lowest hashes, in that order, and the number of all eligible.
fn candidates(society: &Society, most: usize, pool: &Pool) -> (Vec<PersonId>, u64) {
    let draws = Draws::new(society.seed, Purpose::Candidate);
    let found = pool.map_chunks(society.persons.len(), |range| {
        let fit = |p: &PersonId| is_fit(society, *p) && has_close_kin(society, *p);
        let fit = range.map(PersonId::from_row).filter(fit);
        fit.map(|p| (draws.hash(society.persons.life[p].key, 0), society.persons.life[p].key, p)).collect::<Vec<_>>()
    });
    let mut chosen: Vec<(u64, u64, PersonId)> = found.into_iter().flatten().collect();
    let eligible = chosen.len() as u64;
    if most < chosen.len() {
        let _ = chosen.select_nth_unstable(most);
        chosen.truncate(most);
    }
    chosen.sort_unstable();
    (chosen.into_iter().map(|c| c.2).collect(), eligible)
}

/// Whether a person is a soldier who can be sent: a man of a class that is sent, in service, of age, and not under a penalty.
fn is_fit(society: &Society, person: PersonId) -> bool {
    let persons = &society.persons;
    let career = society.files.career[person];
    career.track().is_some()
        && !selection::BARRED.into_iter().any(|mark| career.has(mark))
        && persons.links[person].sex == Sex::Male
        && selection::class_is_eligible(persons.links[person].class)
        && persons.alive(person, society.frozen)
        && society.frozen.years_since(persons.life[person].birth) >= selection::LEAST_AGE_YEARS
        && service_of(society, person).is_some()
}

/// Whether a close relative lives: parents and spouse are looked at first, the others only where all of these are dead.
fn has_close_kin(society: &Society, person: PersonId) -> bool {
    let persons = &society.persons;
    let lives = |p: PersonId| persons.alive(p, society.frozen);
    let near = [persons.links[person].mother, persons.links[person].father, society.marriages.spouse(persons, person)];
    if near.into_iter().flatten().any(lives) {
        return true;
    }
    let mut all = Vec::new();
    kin::relatives(persons, &society.marriages, person, CLOSE_DEGREE, &mut all);
    all.iter().any(|r| lives(r.person))
}

/// Living kin to degree 4 of each candidate, each relative once at the nearest degree, by degree and row.
fn living_kin(society: &Society, candidates: &[PersonId]) -> Vec<Vec<Reached>> {
    let persons = &society.persons;
    let dated: Vec<(PersonId, Day)> = candidates.iter().map(|p| (*p, society.frozen)).collect();
    let mut found = reach::blood(persons, candidates, FARTHEST_DEGREE);
    found.extend(reach::spouses(persons, &society.marriages, &dated));
    reach::keep_living(persons, &mut found, |_| society.frozen);
    found.sort_unstable_by_key(|r| (r.of, r.person, r.degree));
    found.dedup_by_key(|r| (r.of, r.person));
    let mut by_candidate = vec![Vec::new(); candidates.len()];
    for relative in found.into_iter().filter(|r| r.person != candidates[r.of as usize]) {
        by_candidate[relative.of as usize].push(relative);
    }
    by_candidate.iter_mut().for_each(|kin: &mut Vec<Reached>| kin.sort_unstable_by_key(|r| (r.degree, r.person)));
    by_candidate
}

fn lives_with(society: &Society, a: PersonId, b: PersonId) -> bool {
    let household = |p: PersonId| HouseholdId::encode(society.persons.household[p]);
    household(a) != 0 && household(a) == household(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_number_the_marked_rows_in_order() {
        let marked = [0, 3, 63, 64, 200, 201, 1_000];
        let ranks = Ranks::new(1_001, marked.into_iter().chain([3, 64]));
        assert_eq!(ranks.len(), marked.len());
        assert_eq!(ranks.rows().collect::<Vec<_>>(), marked);
        for (number, row) in marked.into_iter().enumerate() {
            assert_eq!(ranks.of(row) as usize, number);
        }
    }
}
