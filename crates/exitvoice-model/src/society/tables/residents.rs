//! The living by sex, age group, class and province on each 1 July, class by the scenario's rule and province as both stood on that day.
//!
//! Counted in changes, not in persons and years: a running table of cohorts gains the newborn, loses the dead, and shifts those whose class
//! or province moves. A cohort is the births of one year step; its first and its last day are kept apart, since ages in years of
//! 365.25 days can pass a group's edge a day off the calendar's.

use crate::society::Society;
use crate::society::moves::Reason;
use crate::society::person::{Class, Life, PROVINCES, PersonId};
use crate::society::rates::{FOUNDING_YEAR, GROUP, PYRAMID_GROUPS, mid_year};
use crate::synth::founders::founding_province;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Living persons by `[sex][age group][class][province]`.
pub type Cross = Vec<[[[u64; PROVINCES.len()]; 3]; PYRAMID_GROUPS]>;

/// Living persons on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Residents {
    /// Day of the count.
    pub day: Day,
    /// Persons.
    pub cells: Cross,
}

/// Years before the founding in which the oldest living founder can be born.
const OLDEST: i16 = 110;
/// The first day of a cohort, the days between, the last day.
const PARTS: usize = 3;

type Cells = [[[u32; PROVINCES.len()]; 3]; 2];

/// The running table.
pub(super) struct Count<'a> {
    society: &'a Society,
    /// Province of every row born so far.
    province: Vec<u8>,
    /// Moves applied.
    moves: usize,
    /// First day of each cohort, and the day after the last cohort.
    years: Vec<Day>,
    cohorts: Vec<Cells>,
    /// Rows by the boundary at which they are dead first, and where those of each boundary end.
    dead: Vec<u32>,
    dead_end: Vec<usize>,
    out: Vec<Residents>,
}

impl<'a> Count<'a> {
    /// The founding: founders in the classes `class`, before anything has happened.
    pub(super) fn new(society: &'a Society, class: impl Fn(PersonId) -> Class) -> Self {
        let years: Vec<Day> = (FOUNDING_YEAR - OLDEST..=society.frozen.year() + 1).map(mid_year).collect();
        let (dead, dead_end) = by_death(society);
        let province = Vec::with_capacity(society.persons.len());
        let cohorts = vec![Cells::default(); PARTS * (years.len() - 1)];
        let mut count = Self { society, province, moves: 0, years, cohorts, dead, dead_end, out: Vec::new() };
        let start = mid_year(FOUNDING_YEAR);
        for founder in (0..society.files.founders).map(PersonId::from_row) {
            count.province.push(founding_province(society.seed, society.persons.life[founder].key));
            if society.persons.alive(founder, start) {
                *count.cell(founder, class(founder)) += 1;
            }
        }
        count.snapshot(start);
        count
    }

    /// Weddings of the step that ends before `until`: those who marry move before children are born.
    pub(super) fn weddings(&mut self, until: Day, class: impl Fn(PersonId) -> Class) {
        self.relocate(until, class, |reason| reason != Reason::Banishment);
    }

    /// Banishments of the step that ends before `until`.
    pub(super) fn banishments(&mut self, until: Day, class: impl Fn(PersonId) -> Class) {
        self.relocate(until, class, |reason| reason == Reason::Banishment);
    }

    fn relocate(&mut self, until: Day, class: impl Fn(PersonId) -> Class, wanted: impl Fn(Reason) -> bool) {
        let moves = &self.society.moves;
        while self.moves < moves.len() {
            let id = exitvoice_core::id::Id::from_row(self.moves);
            if moves.day[id] >= until || !wanted(moves.reason[id]) {
                break;
            }
            self.moves += 1;
            let person = moves.person[id];
            self.shift(person, class(person), class(person), moves.province[id]);
        }
    }

    /// A child born in the step that begins on `from`; it lives where its mother does.
    pub(super) fn born(&mut self, child: PersonId, class: Class, from: Day) {
        let persons = &self.society.persons;
        let mother = persons.links[child].mother.expect("who is born in the country has a mother there");
        self.province.push(self.province[mother.row()]);
        *self.cell(child, class) += 1;
        // Born on the day of the last count: they were there.
        if persons.life[child].birth == from && persons.life[child].death > from {
            let (sex, province) = (persons.links[child].sex as usize, self.province[child.row()]);
            let last = self.out.last_mut().expect("the founding is counted");
            last.cells[sex][0][class as usize][usize::from(province)] += 1;
        }
    }

    /// Somebody's class moves.
    pub(super) fn reclassed(&mut self, person: PersonId, before: Class, after: Class) {
        self.shift(person, before, after, self.province[person.row()]);
    }

    fn shift(&mut self, person: PersonId, before: Class, after: Class, province: u8) {
        let counted = self.out.last().is_some_and(|last| self.society.persons.life[person].death > last.day);
        if counted {
            *self.cell(person, before) -= 1;
        }
        self.province[person.row()] = province;
        if counted {
            *self.cell(person, after) += 1;
        }
    }

    /// End of a step: the dead leave, and the living are counted on `day`.
    pub(super) fn year_end(&mut self, day: Day, class: impl Fn(PersonId) -> Class) {
        let boundary = self.out.len();
        for at in self.dead_end[boundary - 1]..self.dead_end[boundary] {
            let person = PersonId::from_row(self.dead[at] as usize);
            *self.cell(person, class(person)) -= 1;
        }
        self.snapshot(day);
    }

    /// Counts by day, and the province of every row in the end.
    pub(super) fn into_parts(self) -> (Vec<Residents>, Vec<u8>) {
        (self.out, self.province)
    }

    fn cell(&mut self, person: PersonId, class: Class) -> &mut u32 {
        let persons = &self.society.persons;
        let (birth, sex) = (persons.life[person].birth, persons.links[person].sex);
        // Calendar years differ by a day or two from their mean length.
        let guess = (f64::from(birth - self.years[0]) / DAYS_PER_YEAR) as usize;
        let year =
            if birth < self.years[guess] { guess - 1 } else { guess + usize::from(birth >= self.years[guess + 1]) };
        let part = match (birth - self.years[year], self.years[year + 1] - birth) {
            (0, _) => 0,
            (_, 1) => 2,
            _ => 1,
        };
        let province = usize::from(self.province[person.row()]);
        &mut self.cohorts[PARTS * year + part][sex as usize][class as usize][province]
    }

    fn snapshot(&mut self, day: Day) {
        let mut cells: Cross = vec![[[[0; PROVINCES.len()]; 3]; PYRAMID_GROUPS]; 2];
        for (index, cohort) in self.cohorts.iter().enumerate() {
            let (first, next) = (self.years[index / PARTS], self.years[index / PARTS + 1]);
            let born = [first, first + 1, next + -1][index % PARTS];
            if first > day {
                break;
            }
            let group = ((day.years_since(born) / GROUP as f64) as usize).min(PYRAMID_GROUPS - 1);
            for (of_sex, counted) in cells.iter_mut().zip(cohort) {
                let sums = of_sex[group].iter_mut().flatten();
                sums.zip(counted.iter().flatten()).for_each(|(sum, n)| *sum += u64::from(*n));
            }
        }
        self.out.push(Residents { day, cells });
    }
}

/// Rows that die between the founding and the last 1 July, by the first 1 July on which they are dead, and where those of each end; nobody
/// is dead first at the founding.
fn by_death(society: &Society) -> (Vec<u32>, Vec<usize>) {
    let boundaries: Vec<Day> = (FOUNDING_YEAR..).map(mid_year).take_while(|d| *d <= society.frozen).collect();
    let lives = society.persons.life.as_slice();
    let boundary = |life: &Life| {
        let guess = (f64::from(life.death.0.saturating_sub(boundaries[0].0)) / DAYS_PER_YEAR) as usize;
        let near = guess.saturating_sub(1);
        // Who is born and dies on a 1 July enters in the step that begins then, and leaves at its end.
        let gone = |b: &usize| boundaries[*b] >= life.death && boundaries[*b] > life.birth;
        (near..boundaries.len().min(near + 5)).find(gone).filter(|b| *b > 0)
    };
    let mut end = vec![0; boundaries.len()];
    for life in lives {
        if let Some(b) = boundary(life) {
            end[b] += 1;
        }
    }
    let mut sum = 0;
    for slot in &mut end {
        sum += std::mem::replace(slot, sum);
    }
    let mut dead = vec![0_u32; sum];
    for (row, life) in lives.iter().enumerate() {
        if let Some(b) = boundary(life) {
            dead[end[b]] = row as u32;
            end[b] += 1;
        }
    }
    (dead, end)
}
