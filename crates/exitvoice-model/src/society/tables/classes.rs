//! Class shares by year under each of the six rules, and the table of fathers and children.
//!
//! The rules are views over one record: the country is replayed once, every person carries six labels, newborns read their forebears',
//! and the entries of the record move them in the order of booking.

use super::residents::{Count, Residents};
use crate::mechanism::class::inheritance::Rule;
use crate::mechanism::class::review;
use crate::society::Society;
use crate::society::dossier::{EntryId, Event, moved};
use crate::society::history::HistoryParams;
use crate::society::person::{Class, PersonId};
use crate::society::rates::{FOUNDING_YEAR, mid_year};
use crate::society::views::{self, Labels};
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_core::time::Day;
use std::ops::Range;

/// Rows handled together by one thread.
const CHUNK: usize = 8_192;
/// Children whose forebears are read together: what the rules read of them fits a core's own cache.
const AT_ONCE: usize = 256;
const RULES: usize = Rule::ALL.len();
/// Bits of one label.
const BITS: usize = 2;

/// Labels of a person under the six rules and two more, two bits each: what a rule reads of a forebear lies in one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Six(u16);

/// Place of the worst class that any child of the person ever had, under R5.
const WORST_CHILD: usize = RULES;
/// Place of the father's class at the birth, under the paternal rule; that of the person itself for founders.
const FATHER: usize = RULES + 1;

impl Six {
    fn get(self, rule: Rule) -> Class {
        self.at(rule as usize - 1)
    }

    fn set(&mut self, rule: Rule, class: Class) {
        self.put(rule as usize - 1, class);
    }

    fn at(self, place: usize) -> Class {
        let number = self.0 >> (BITS * place) & 0b11;
        Class::ALL[usize::from(number).min(2)]
    }

    fn put(&mut self, place: usize, class: Class) {
        let shift = BITS * place;
        self.0 = self.0 & !(0b11 << shift) | (class as u16) << shift;
    }

    fn all(class: Class) -> Self {
        let mut six = Self::default();
        for rule in Rule::ALL {
            six.set(rule, class);
        }
        six
    }
}

/// Shares of the classes among the living on a day, by rule and class.
#[derive(Clone, Debug, PartialEq)]
pub struct ByRule {
    /// Day of the count.
    pub day: Day,
    /// `[rule][class]`, rules in order of their numbers.
    pub shares: [[f64; 3]; RULES],
}

/// The country replayed under all rules.
pub struct Replay<'a> {
    society: &'a Society,
    params: &'a HistoryParams,
    now: Vec<Six>,
    /// First day of each year step, and the freeze.
    steps: Vec<Day>,
    entries: usize,
    /// Whose own line was moved by the reclassification in their lifetime: before it, they stood as at the founding.
    reclassified: Vec<bool>,
    /// Residents by class under the scenario's rule, where they are counted.
    residents: Option<Count<'a>>,
    draws: Draws,
}

impl<'a> Replay<'a> {
    /// Founders are booked, nothing has happened yet.
    #[must_use]
    pub fn new(society: &'a Society, params: &'a HistoryParams) -> Self {
        let mut steps: Vec<Day> = (FOUNDING_YEAR..).map(mid_year).take_while(|d| *d < society.frozen).collect();
        steps.push(society.frozen);
        let draws = Draws::new(society.seed, Purpose::Review);
        let mut reclassified = vec![false; society.persons.len()];
        let record = &society.files.record;
        for id in record.bearer.ids().filter(|id| record.event[*id] == Event::Reclassification) {
            reclassified[record.bearer[id].row()] = true;
        }
        let mut replay =
            Self { society, params, now: Vec::new(), steps, entries: 0, reclassified, residents: None, draws };
        let founders = society.files.founders;
        let origin = |row| {
            let mut six = Six::all(society.files.origin[PersonId::from_row(row)].class());
            six.put(FATHER, six.get(Rule::Paternal));
            six
        };
        replay.now = Vec::with_capacity(society.persons.len());
        replay.now.extend((0..founders).map(origin));
        (0..founders).for_each(|row| replay.note_worst(PersonId::from_row(row)));
        replay
    }

    /// The same, counting residents on each 1 July on the way.
    #[must_use]
    pub fn with_residents(society: &'a Society, params: &'a HistoryParams) -> Self {
        let mut replay = Self::new(society, params);
        let rule = params.class.rule;
        replay.residents = Some(Count::new(society, |p| replay.now[p.row()].get(rule)));
        replay
    }

    /// The residents counted, and the province of every row as replayed so far; nobody where they were not asked for.
    #[must_use]
    pub fn into_residents(self) -> (Vec<Residents>, Vec<u8>) {
        self.residents.map_or_else(Default::default, Count::into_parts)
    }

    /// Number of rows born before a year step: rows stand in blocks of their step.
    fn rows_before(&self, day: Day) -> usize {
        let founders = self.society.files.founders;
        founders + self.society.persons.life.as_slice()[founders..].partition_point(|life| life.birth < day)
    }

    /// Replays the country and counts on each day of `days`, which must be ordered; each is counted at the end of the step before it.
    #[must_use]
    pub fn shares(&mut self, days: &[Day], pool: &Pool) -> Vec<ByRule> {
        let mut counted = Vec::new();
        let mut wanted = days.iter().peekable();
        for step in 0..self.steps.len() - 1 {
            while let Some(day) = wanted.next_if(|d| **d <= self.steps[step]) {
                counted.push(self.count(*day, pool));
            }
            self.step(step, pool);
        }
        counted.extend(wanted.map(|day| self.count(*day, pool)));
        counted
    }

    /// One year step, in the order of the schedule. The dead of the step before leave the count beside the labels of the newborn, which
    /// read nothing of it.
    fn step(&mut self, step: usize, pool: &Pool) {
        let (from, until, rule) = (self.steps[step], self.steps[step + 1], self.params.class.rule);
        let mut residents = self.residents.take();
        let (shared, counted) = (&*self, &mut residents);
        let class = |p: PersonId| shared.now[p.row()].get(rule);
        let begin = || {
            if let Some(count) = counted {
                if step > 0 {
                    count.year_end(from, class);
                }
                count.weddings(until, class);
            }
        };
        let (born, ()) = pool.join(|| shared.newborns(step, pool), begin);
        let first = self.now.len();
        self.now.extend(born);
        (first..self.now.len()).for_each(|row| self.note_worst(PersonId::from_row(row)));
        if let Some(count) = &mut residents {
            for child in (first..self.now.len()).map(PersonId::from_row) {
                count.born(child, self.now[child.row()].get(rule), from);
            }
            count.banishments(until, |p| self.now[p.row()].get(rule));
        }
        self.residents = residents;
        self.book(until);
    }

    /// Labels of the children of a year step, in order.
    fn newborns(&self, step: usize, pool: &Pool) -> Vec<Six> {
        let (first, end) = (self.now.len(), self.rows_before(self.steps[step + 1]));
        let born = pool.map_chunks_of(end - first, CHUNK, |range| {
            let rows = first + range.start..first + range.end;
            let mut labels = Vec::with_capacity(rows.len());
            for block in rows.clone().step_by(AT_ONCE) {
                let block = block..(block + AT_ONCE).min(rows.end);
                self.read_forebears(&block);
                labels.extend(block.map(|row| self.label(PersonId::from_row(row), self.steps[step])));
            }
            labels
        });
        born.concat()
    }

    /// Brings what the rules read of the forebears of some children into the cache, all at once instead of one after the other; no result
    /// depends on it.
    fn read_forebears(&self, children: &Range<usize>) {
        let persons = &self.society.persons;
        let father = |p: &PersonId| persons.links[*p].father;
        let both = |p: PersonId| [father(&p), persons.links[p].mother];
        let rows = || children.clone().map(PersonId::from_row);
        let parents: Vec<PersonId> = rows().flat_map(both).flatten().collect();
        let above = parents.iter().flat_map(|p| both(*p)).flatten();
        let label = |p: PersonId| usize::from(self.now[p.row()].0);
        std::hint::black_box(parents.iter().copied().chain(above).map(label).fold(0, |sum, x| sum ^ x));
        // Heads of households are men of the father's line.
        let line: Vec<PersonId> = rows().filter_map(|p| father(&p)).collect();
        let elders: Vec<PersonId> = line.iter().filter_map(father).collect();
        let beyond: Vec<PersonId> = elders.iter().filter_map(father).collect();
        let at_home = |p: &PersonId| {
            let home = persons.household[*p].map_or(0, |home| home.row());
            home ^ persons.life[*p].death.0 as usize
        };
        std::hint::black_box(line.iter().chain(&elders).chain(&beyond).map(at_home).fold(0, |sum, x| sum ^ x));
    }

    fn label(&self, child: PersonId, day: Day) -> Six {
        let persons = &self.society.persons;
        let origin = self.society.files.origin[child];
        let origin = if self.reclassified[child.row()] { origin.class() } else { origin.standing() };
        let mut six = Six::default();
        // All rules share the draw, which most children do not need.
        let mut restoring = None;
        for rule in Rule::ALL {
            let labels = Labels {
                now: |p: PersonId| self.now[p.row()].get(rule),
                worst_child: |p: PersonId| self.now[p.row()].at(WORST_CHILD),
            };
            let class = views::class_at_birth(rule, self.params, persons, &labels, child, self.draws, day);
            let draw = || *restoring.get_or_insert_with(|| views::restoring(persons, child, self.draws));
            let class = views::restored(self.params, class, origin, draw);
            six.set(rule, class);
        }
        let father = persons.links[child].father;
        six.put(FATHER, father.map_or(Class::Wavering, |f| self.now[f.row()].get(Rule::Paternal)));
        six
    }

    /// Moves labels by the entries booked before `until`.
    fn book(&mut self, until: Day) {
        let record = &self.society.files.record;
        while self.entries < record.len() {
            let id = EntryId::from_row(self.entries);
            if record.day[id] >= until {
                break;
            }
            self.entries += 1;
            let (bearer, step) = (record.bearer[id], record.outcome[id].step());
            if step == 0 {
                continue;
            }
            let opened = review::opening_day(&self.params.control.review, self.society.persons.life[bearer].birth);
            for rule in Rule::ALL {
                if rule != Rule::HouseholdHead || record.day[id] < opened {
                    let six = &mut self.now[bearer.row()];
                    let (before, after) = (six.get(rule), moved(six.get(rule), step));
                    six.set(rule, after);
                    if let Some(count) = self.residents.as_mut().filter(|_| rule == self.params.class.rule) {
                        count.reclassed(bearer, before, after);
                    }
                }
            }
            self.note_worst(bearer);
        }
    }

    fn note_worst(&mut self, person: PersonId) {
        let class = self.now[person.row()].get(Rule::ThreeGenerations);
        let persons = &self.society.persons;
        for parent in [persons.links[person].father, persons.links[person].mother].into_iter().flatten() {
            let six = &mut self.now[parent.row()];
            six.put(WORST_CHILD, class.max(six.at(WORST_CHILD)));
        }
    }

    fn count(&self, day: Day, pool: &Pool) -> ByRule {
        let persons = &self.society.persons;
        let counted = pool.map_chunks(self.now.len(), |range| {
            let mut alike = vec![0_u32; 1 << (BITS * RULES)];
            for row in range.filter(|row| persons.alive(PersonId::from_row(*row), day)) {
                alike[usize::from(self.now[row].0) % (1 << (BITS * RULES))] += 1;
            }
            let mut counts = [[0_u64; 3]; RULES];
            for (labels, persons) in (0_u16..).zip(alike).filter(|(_, persons)| *persons > 0) {
                for rule in Rule::ALL {
                    counts[rule as usize - 1][Six(labels).get(rule) as usize] += u64::from(persons);
                }
            }
            counts
        });
        let mut shares = [[0.0; 3]; RULES];
        for chunk in &counted {
            for (sum, count) in shares.iter_mut().flatten().zip(chunk.iter().flatten()) {
                *sum += *count as f64;
            }
        }
        for rule in &mut shares {
            let total: f64 = rule.iter().sum::<f64>().max(1.0);
            rule.iter_mut().for_each(|x| *x /= total);
        }
        ByRule { day, shares }
    }

    /// Fathers and children by class under the paternal rule, `[father][child]`: the father as he stood at the birth, the living child of an
    /// age at the freeze, as replayed so far.
    #[must_use]
    pub fn fathers_and_children(&self, ages_years: &Range<f64>) -> [[u64; 3]; 3] {
        let (persons, frozen) = (&self.society.persons, self.society.frozen);
        let mut counts = [[0_u64; 3]; 3];
        for row in self.society.files.founders..self.now.len() {
            let child = PersonId::from_row(row);
            if persons.alive(child, frozen) && ages_years.contains(&frozen.years_since(persons.life[child].birth)) {
                counts[self.now[row].at(FATHER) as usize][self.now[row].get(Rule::Paternal) as usize] += 1;
            }
        }
        counts
    }

    /// Label of a person under a rule as replayed so far.
    #[must_use]
    pub fn class(&self, person: PersonId, rule: Rule) -> Class {
        self.now[person.row()].get(rule)
    }
}

/// Published bounds of the shares of the classes (`SB001` to `SB008`): core 25 to 30, wavering 40 to 55, hostile 20 to 40 in a hundred.
pub const PUBLISHED_SHARES: [(f64, f64); 3] = [(0.25, 0.30), (0.40, 0.55), (0.20, 0.40)];

/// Shares of the classes among fathers and among children of a table of counts.
#[must_use]
pub fn transition_margins(counts: &[[u64; 3]; 3]) -> [[f64; 3]; 2] {
    let total = counts.iter().flatten().sum::<u64>().max(1) as f64;
    let fathers = |class: usize| counts[class].iter().sum::<u64>() as f64 / total;
    let children = |class: usize| counts.iter().map(|row| row[class]).sum::<u64>() as f64 / total;
    [[fathers(0), fathers(1), fathers(2)], [children(0), children(1), children(2)]]
}

/// Rows of a table of counts as probabilities; a row without anybody stays where it is.
#[must_use]
pub fn transition(counts: &[[u64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut matrix = [[0.0; 3]; 3];
    for (row, (cells, out)) in counts.iter().zip(&mut matrix).enumerate() {
        let total: u64 = cells.iter().sum();
        if total == 0 {
            out[row] = 1.0;
        } else {
            cells.iter().zip(out).for_each(|(count, cell)| *cell = *count as f64 / total as f64);
        }
    }
    matrix
}

/// Shares that a matrix of transitions between three classes leaves as they are: the limit of its powers on equal shares.
#[must_use]
pub fn stationary(matrix: &[[f64; 3]; 3]) -> [f64; 3] {
    /// Squarings: 2^40 generations.
    const SQUARINGS: usize = 40;
    let mut power = *matrix;
    for _ in 0..SQUARINGS {
        let mut square = [[0.0; 3]; 3];
        for (row, out) in power.iter().zip(&mut square) {
            for (column, cell) in out.iter_mut().enumerate() {
                *cell = row.iter().zip(&power).map(|(x, other)| x * other[column]).sum();
            }
            let total: f64 = out.iter().sum();
            out.iter_mut().for_each(|x| *x /= total);
        }
        power = square;
    }
    let mean = |column: usize| power.iter().map(|row| row[column]).sum::<f64>() / power.len() as f64;
    [mean(0), mean(1), mean(2)]
}

/// Modulus of the second eigenvalue of a matrix of transitions between three classes: how fast shares return, one is never. One
/// eigenvalue is 1, so the other two solve `x^2 - (trace - 1) x + determinant = 0`.
#[must_use]
pub fn second_eigenvalue(matrix: &[[f64; 3]; 3]) -> f64 {
    let [[a, b, c], [d, e, f], [g, h, i]] = *matrix;
    let sum = a + e + i - 1.0;
    let product = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    let discriminant = sum * sum / 4.0 - product;
    if discriminant >= 0.0 {
        let root = discriminant.sqrt();
        (sum / 2.0 + root).abs().max((sum / 2.0 - root).abs())
    } else {
        product.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_mobility_table_has_its_stationary_shares_and_second_eigenvalue() {
        let matrix = [[0.448, 0.484, 0.068], [0.054, 0.699, 0.247], [0.011, 0.503, 0.486]];
        let shares = stationary(&matrix);
        for (found, expected) in shares.iter().zip([0.0672, 0.6240, 0.3088]) {
            assert!((found - expected).abs() < 5e-5, "{shares:?}");
        }
        assert!((second_eigenvalue(&matrix) - 0.4336).abs() < 5e-5, "{}", second_eigenvalue(&matrix));
    }

    #[test]
    fn counts_become_rows_of_probabilities() {
        let matrix = transition(&[[3, 1, 0], [0, 0, 0], [0, 5, 5]]);
        assert_eq!(matrix, [[0.75, 0.25, 0.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.5]]);
        // A turn of three has eigenvalues on the unit circle.
        let turn = [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]];
        assert!((second_eigenvalue(&turn) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn six_labels_do_not_touch_each_other() {
        let mut six = Six::all(Class::Wavering);
        six.set(Rule::BestOfTwo, Class::Core);
        six.set(Rule::HouseholdHead, Class::Hostile);
        let found = Rule::ALL.map(|rule| six.get(rule));
        use Class::{Core, Hostile, Wavering};
        assert_eq!(found, [Wavering, Wavering, Core, Wavering, Wavering, Hostile]);
    }
}
