//! Expected living kin of a cohort at the rates that a country had, by sums over the birth years of parents: no list of kin is read.
//!
//! The country is counted by year step (365.25 days, ending on the day of the count) as a demographer would count it: persons alive by sex
//! and cohort, births by cohort of either parent, and births and women at risk by cohort and parity of the mother. From these rates:
//! - siblings of a cohort: its mothers by cohort and parity, with the years of their earlier births, and of the later ones by parity; the
//!   same of its fathers; less the same of its couples, whose children were counted twice;
//! - parents: mothers and fathers by cohort, with the survival of theirs;
//! - everybody else by the same sums one generation further: aunts are siblings of parents, cousins the children of these.
//!
//! Assumed: what befalls one relative is independent of the others, given cohort, sex and (for siblings) the parity of the mother. Left out:
//! that fertility differs between couples of one parity.

use exitvoice_core::time::{DAYS_PER_YEAR, Day};
use exitvoice_model::society::Society;
use exitvoice_model::society::person::PersonId;
use exitvoice_model::society::rates::{FOUNDING_YEAR, Sex, mid_year};

/// Year steps before the count: ancestors of the founders were born in the eighteenth century.
const STEPS: usize = 260;
/// Parities told apart; the last is open.
const PARITIES: usize = 9;
/// Steps before a parent's first birth: nobody bears before 15.
const CHILDHOOD: usize = 14;

/// Counts of a country up to a day.
struct Counts {
    /// Persons with parents on record by sex and cohort, at birth (of founders: those who lived to the founding).
    born: [Vec<f64>; 2],
    /// Of them, alive at the start of each step, `[sex][cohort][step]`.
    alive: [Vec<Vec<f64>>; 2],
    /// Children by step, of parents of a sex with parents on record by cohort, `[sex][step][cohort]`.
    births: [Vec<Vec<f64>>; 2],
    mothers: Parents,
    fathers: Parents,
    /// By cohort of the husband: couples are taken off what fathers have.
    couples: Parents,
}

/// Numbers by `[step][cohort][parity]`.
type ByParity = Vec<Vec<[f64; PARITIES]>>;

/// Mothers, fathers or couples; those dead before the founding stand apart, because they are on record only with children.
struct Parents {
    /// By parity before the birth, `[kind]`.
    births: [ByParity; 2],
    /// At risk at the start of a step, `[kind]`.
    at_risk: [ByParity; 2],
    /// Alive at the start of a step, and those who die within it, `[kind][step][cohort]`.
    alive: [Vec<Vec<(f64, f64)>>; 2],
}

/// A woman, a man or a couple, with the steps in which children were born.
struct Parent<'a> {
    kind: usize,
    cohort: usize,
    /// First step at whose start they are counted, and first at whose start they are gone.
    from: usize,
    gone: usize,
    births: &'a [usize],
}

/// Living blood relatives of persons of an age on a day, `[steps up][steps down]`, as the rates imply; to the fourth degree.
pub(super) fn living_kin(society: &Society, day: Day, age_years: usize) -> [[f64; 5]; 5] {
    let counts = Counts::new(society, day);
    let cohorts = Cohorts::new(&counts);
    let ego = STEPS - 1 - age_years;
    let of = |by_cohort: &Vec<f64>| by_cohort[ego];
    let up = |by_cohort: &Vec<f64>| counts.mix(by_cohort);
    let Cohorts { parents, siblings, nieces, grandnieces, .. } = &cohorts;
    let [grandparents, aunts, cousins] = [up(parents), up(siblings), up(nieces)];
    let [third, great_aunts] = [up(&grandparents), up(&aunts)];
    let fourth = up(&third);
    let mut kin = [[0.0; 5]; 5];
    // Children of those who live on the day.
    let share =
        |sex: usize| counts.alive[sex][ego][STEPS] / [0, 1].map(|s| counts.alive[s][ego][STEPS]).iter().sum::<f64>();
    let own = |sex: usize| cohorts.children[sex][ego] * counts.born[sex][ego] / counts.alive[sex][ego][STEPS];
    kin[0][1] = share(0) * own(0) + share(1) * own(1);
    (kin[1][0], kin[2][0], kin[3][0], kin[4][0]) = (of(parents), of(&grandparents), of(&third), of(&fourth));
    (kin[1][1], kin[1][2], kin[1][3]) = (of(siblings), of(nieces), of(grandnieces));
    (kin[2][1], kin[2][2], kin[3][1]) = (of(&aunts), of(&cousins), of(&great_aunts));
    kin
}

impl Parents {
    fn new() -> Self {
        let by_parity = || vec![vec![[0.0; PARITIES]; STEPS]; STEPS + 1];
        let alive = || vec![vec![(0.0, 0.0); STEPS]; STEPS + 1];
        Self { births: [by_parity(), by_parity()], at_risk: [by_parity(), by_parity()], alive: [alive(), alive()] }
    }

    fn add(&mut self, parent: &Parent<'_>) {
        let Parent { kind, cohort, from, gone, births } = *parent;
        let (mut since, mut parity) = (from, 0);
        for born in births {
            self.births[kind][*born][cohort][parity] += 1.0;
            (since..born + 1).for_each(|step| self.at_risk[kind][step][cohort][parity] += 1.0);
            since = since.max(born + 1);
            parity = (parity + 1).min(PARITIES - 1);
        }
        (since..gone).for_each(|step| self.at_risk[kind][step][cohort][parity] += 1.0);
        (from..gone).for_each(|step| self.alive[kind][step][cohort].0 += 1.0);
        if from < gone && gone <= STEPS {
            self.alive[kind][gone - 1][cohort].1 += 1.0;
        }
    }

    /// Births a parent at risk in a step.
    fn rate(&self, kind: usize, step: usize, cohort: usize, parity: usize) -> f64 {
        ratio(self.births[kind][step][cohort][parity], self.at_risk[kind][step][cohort][parity]).min(1.0)
    }

    /// Chance of dying within a step.
    fn death(&self, kind: usize, step: usize, cohort: usize) -> f64 {
        let (alive, dead) = self.alive[kind][step][cohort];
        ratio(dead, alive)
    }

    /// Other children of the parents of the births of a step, by step of their birth, alive or not.
    fn others(&self, step: usize) -> Vec<f64> {
        let mut others = vec![0.0; STEPS];
        for kind in 0..self.births.len() {
            for (parent, by_parity) in self.births[kind][step].iter().enumerate() {
                if by_parity.iter().sum::<f64>() > 0.0 {
                    self.elder(kind, parent, step, &mut others);
                    self.younger(kind, parent, step, &mut others);
                }
            }
        }
        others
    }

    /// Adds the earlier births of parents: chances of each parity, and within each the expected births by year.
    fn elder(&self, kind: usize, parent: usize, until: usize, others: &mut [f64]) {
        let first = (parent + CHILDHOOD).min(until);
        let mut share = [0.0; PARITIES];
        share[0] = 1.0;
        let mut births = vec![[0.0; PARITIES]; until - first];
        for step in first..until {
            for parity in (0..PARITIES).rev() {
                let rate = self.rate(kind, step, parent, parity);
                let next = (parity + 1).min(PARITIES - 1);
                let moved = share[parity] * rate;
                births[step - first][next] += moved;
                share[parity] -= moved;
                share[next] += moved;
                for year in &mut births[..step - first] {
                    let moved = year[parity] * rate;
                    year[parity] -= moved;
                    year[next] += moved;
                }
            }
        }
        for (step, year) in births.iter().enumerate() {
            for ((count, share), births) in self.births[kind][until][parent].iter().zip(share).zip(year) {
                others[first + step] += count * ratio(*births, share);
            }
        }
    }

    /// Adds the later births of parents.
    fn younger(&self, kind: usize, parent: usize, from: usize, others: &mut [f64]) {
        let mut share = [0.0; PARITIES];
        for (parity, count) in self.births[kind][from][parent].iter().enumerate() {
            share[(parity + 1).min(PARITIES - 1)] += count;
        }
        // Births stand in the middle of their step.
        let mut alive = 1.0 - self.death(kind, from, parent) / 2.0;
        for (step, born) in others.iter_mut().enumerate().take(STEPS).skip(from + 1) {
            for parity in (0..PARITIES).rev() {
                let moved = share[parity] * self.rate(kind, step, parent, parity);
                *born += moved * alive;
                share[parity] -= moved;
                share[(parity + 1).min(PARITIES - 1)] += moved;
            }
            alive *= 1.0 - self.death(kind, step, parent);
        }
    }
}

/// Step of a day, counted so that the last ends on `day`.
fn step(date: Day, day: Day) -> i64 {
    STEPS as i64 + (f64::from(date.0 - day.0) / DAYS_PER_YEAR).floor() as i64
}

impl Counts {
    fn new(society: &Society, day: Day) -> Self {
        let persons = &society.persons;
        let square = || vec![vec![0.0; STEPS + 1]; STEPS];
        let mut counts = Self {
            born: [vec![0.0; STEPS], vec![0.0; STEPS]],
            alive: [square(), square()],
            births: [vec![vec![0.0; STEPS]; STEPS], vec![vec![0.0; STEPS]; STEPS]],
            mothers: Parents::new(),
            fathers: Parents::new(),
            couples: Parents::new(),
        };
        let cohort = |p: PersonId| usize::try_from(step(persons.life[p].birth, day)).expect("nobody was born so early");
        let gone = |p: PersonId| usize::try_from(step(persons.life[p].death, day) + 1).map_or(0, |s| s.min(STEPS + 1));
        let kind = |p: PersonId| usize::from(persons.life[p].death < mid_year(FOUNDING_YEAR));
        let mut children: Vec<(PersonId, PersonId, Day, usize)> = Vec::new();
        for person in persons.life.ids().filter(|p| persons.life[*p].birth < day) {
            let links = &persons.links[person];
            if let (Some(mother), Some(father)) = (links.mother, links.father) {
                let (sex, own) = (links.sex as usize, cohort(person));
                counts.born[sex][own] += 1.0;
                (own + 1..gone(person)).for_each(|at| counts.alive[sex][own][at] += 1.0);
                for (parent, sex) in [(mother, Sex::Female), (father, Sex::Male)] {
                    if persons.links[parent].mother.is_some() {
                        counts.births[sex as usize][own][cohort(parent)] += 1.0;
                    }
                }
                children.push((mother, father, persons.life[person].birth, own));
            }
        }
        children.sort_unstable();
        let steps = |family: &[(PersonId, PersonId, Day, usize)]| family.iter().map(|c| c.3).collect::<Vec<usize>>();
        for family in children.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1) {
            let (mother, father, births) = (family[0].0, family[0].1, steps(family));
            let (from, gone) = (births[0] + 1, gone(mother).min(gone(father)));
            counts.couples.add(&Parent { kind: kind(father), cohort: cohort(father), from, gone, births: &births });
        }
        for (parents, sex) in [(&mut counts.mothers, Sex::Female), (&mut counts.fathers, Sex::Male)] {
            let parent = |c: &(PersonId, PersonId, Day, usize)| if sex == Sex::Female { c.0 } else { c.1 };
            children.sort_unstable_by_key(|c| (parent(c), c.2));
            let mut families = children.chunk_by(|a, b| parent(a) == parent(b)).peekable();
            for person in persons.life.ids().filter(|p| persons.life[*p].birth < day && persons.links[*p].sex == sex) {
                let births = families.next_if(|family| parent(&family[0]) == person).map_or(Vec::new(), steps);
                let (from, gone) = (cohort(person) + 1, gone(person));
                parents.add(&Parent { kind: kind(person), cohort: cohort(person), from, gone, births: &births });
            }
        }
        // A couple without children is not on record: its first birth is a risk of men without any.
        for (couples, men) in counts.couples.at_risk.iter_mut().zip(&counts.fathers.at_risk) {
            for (couples, men) in couples.iter_mut().flatten().zip(men.iter().flatten()) {
                couples[0] = men[0];
            }
        }
        counts
    }

    /// Births of a cohort, both sexes.
    fn size(&self, cohort: usize) -> f64 {
        self.born[0][cohort] + self.born[1][cohort]
    }

    /// Share of a cohort alive on the day of the count.
    fn alive_now(&self, cohort: usize) -> f64 {
        ratio(self.alive[0][cohort][STEPS] + self.alive[1][cohort][STEPS], self.size(cohort))
    }

    /// Chance that a parent of a cohort who lived in the middle of a step lives at the start of a later one.
    fn survives(&self, sex: usize, cohort: usize, from: usize, to: usize) -> f64 {
        let alive = &self.alive[sex][cohort];
        ratio(alive[to], f64::midpoint(alive[from], alive[from + 1]))
    }

    /// Sum over the parents of each cohort, by their cohorts, of what each of them has.
    fn mix(&self, by_cohort: &[f64]) -> Vec<f64> {
        let of = |cohort: usize| {
            let parents = self.births.iter().flat_map(|births| births[cohort].iter().zip(by_cohort));
            ratio(parents.map(|(births, value)| births * value).sum(), self.size(cohort))
        };
        (0..STEPS).map(of).collect()
    }

    /// Siblings by year step of their birth of a person of a cohort, alive or not.
    fn sibling_births(&self, cohort: usize) -> Vec<f64> {
        let [mothers, fathers, couples] = [&self.mothers, &self.fathers, &self.couples].map(|p| p.others(cohort));
        let size = self.size(cohort);
        mothers.iter().zip(fathers).zip(couples).map(|((m, f), c)| ratio(m + f - c, size)).collect()
    }
}

/// Kin of each cohort alive on the day of the count.
struct Cohorts {
    parents: Vec<f64>,
    siblings: Vec<f64>,
    nieces: Vec<f64>,
    grandnieces: Vec<f64>,
    /// By sex, of everyone ever born in the cohort.
    children: [Vec<f64>; 2],
}

impl Cohorts {
    fn new(counts: &Counts) -> Self {
        let cohorts = || 0..STEPS;
        let sum = |weights: &[f64], values: &[f64]| weights.iter().zip(values).map(|(w, v)| w * v).sum::<f64>();
        let alive: Vec<f64> = cohorts().map(|c| counts.alive_now(c)).collect();
        let per_parent = |sex: usize, child: &[f64]| -> Vec<f64> {
            let of = |cohort: usize| {
                let births = counts.births[sex].iter().zip(child).map(|(by_cohort, value)| by_cohort[cohort] * value);
                ratio(births.sum(), counts.born[sex][cohort])
            };
            cohorts().map(of).collect()
        };
        let of_both = |by_sex: &[Vec<f64>; 2]| -> Vec<f64> {
            let of = |c: usize| {
                ratio(sum(&[counts.born[0][c], counts.born[1][c]], &[by_sex[0][c], by_sex[1][c]]), counts.size(c))
            };
            cohorts().map(of).collect()
        };
        let children = [0, 1].map(|sex| per_parent(sex, &alive));
        let a_child = of_both(&children);
        let grandchildren = of_both(&[0, 1].map(|sex| per_parent(sex, &a_child)));
        let siblings: Vec<Vec<f64>> = cohorts().map(|c| counts.sibling_births(c)).collect();
        let through = |value: &[f64]| siblings.iter().map(|births| sum(births, value)).collect::<Vec<f64>>();
        let parents = cohorts().map(|cohort| {
            let parent = |sex: usize| -> f64 {
                let births = &counts.births[sex][cohort];
                let alive = |(parent, n): (usize, &f64)| n * counts.survives(sex, parent, cohort, STEPS);
                births.iter().enumerate().filter(|(_, n)| **n > 0.0).map(alive).sum()
            };
            ratio(parent(0) + parent(1), counts.size(cohort))
        });
        Self {
            parents: parents.collect(),
            siblings: through(&alive),
            nieces: through(&a_child),
            grandnieces: through(&grandchildren),
            children,
        }
    }
}

/// A quotient; 0 where nobody is at risk.
fn ratio(count: f64, of: f64) -> f64 {
    if of > 0.0 { count / of } else { 0.0 }
}
