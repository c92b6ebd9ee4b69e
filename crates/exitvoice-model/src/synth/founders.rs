//! Founders: the pyramid of 1 July 1955, married and linked backward so that everyone born later has grandparents.
//!
//! A founder is addressed by (cohort, sex, number), so a smaller country is a prefix of a larger one. Founders are dealt to market cells;
//! each cell is settled by itself: couples first, then the mother of each founder, from the oldest down. A mother's age follows the age
//! pattern of 1950-55; she is a living founder with room for the birth, or else an ancestor already dead, whose row is made.

use crate::mechanism::class::inheritance;
use crate::mechanism::demography::marriage::{self, Forebears, Seeker, UNKNOWN};
use crate::mechanism::demography::{death, household};
use crate::society::history::{CellMap, Due, History, Input, Prospects, Spouse};
use crate::society::person::{Class, HouseholdId, LEAST_PARENT_AGE_YEARS, NewPerson, PROVINCES, PersonId};
use crate::society::rates::{FERTILE_FROM, FOUNDING_YEAR, GROUP, Sex, mid_year};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};
use std::ops::Range;

/// A founder before settling.
#[derive(Clone, Copy)]
struct Founder {
    key: u64,
    birth: Day,
    sex: Sex,
    class: Class,
}

/// A person of a cell while it is settled; indices are local to the cell.
#[derive(Clone, Copy)]
struct Member {
    founder: Founder,
    death: Day,
    /// First search for a spouse; of an ancestor never read.
    search: Day,
    mother: Option<u32>,
    father: Option<u32>,
    marriage: Option<u32>,
    last_birth: Day,
}

struct Couple {
    wife: u32,
    husband: u32,
    day: Day,
    prospects: Option<(Prospects, Option<Day>)>,
}

impl Couple {
    /// What the marriage brings, and the day of the next child.
    const fn prospects(&self) -> &(Prospects, Option<Day>) {
        self.prospects.as_ref().expect("settling ends with the prospects of each couple")
    }
}

#[derive(Default)]
struct Settled {
    members: Vec<Member>,
    couples: Vec<Couple>,
}

const NEVER: Day = Day(i32::MIN / 2);
/// Days between two births of a founder, at least; and from wedding to first birth.
const SPACING: i32 = 400;
const FIRST_DELAY: i32 = 200;
const NINE_MONTHS: i32 = 270;
/// Candidates looked at on either side of the wanted age of a mother.
const MOTHERS_TRIED: usize = 60;
/// Ancestors looked at for a founder whose mother is dead, and the share who get one that is there already.
const ANCESTORS_TRIED: usize = 48;
const SHARE_WITH_SIBLING: f64 = 0.67;
/// Largest difference between the wanted and the found age of an ancestor.
const ANCESTOR_REACH_DAYS: i32 = 1_500;
/// Youngest age of a groom, in years.
const GROOM_AGE_YEARS: f64 = 17.0;
/// The war: husbands missing in 1955 died between these days, or between the wedding and the founding.
const WAR_FROM: (i16, i8, i8) = (1950, 6, 25);

/// Cells settled and written together: their memory is used again for those that follow.
const CELLS_TOGETHER: usize = 128;

/// Puts the founders, their ancestors, marriages and households into an empty country.
pub(crate) fn settle(history: &mut History<'_>, dealt: &[Dealt], pool: &Pool) {
    let cells = history.cell_map.len();
    for first in (0..cells).step_by(CELLS_TOGETHER) {
        settle_cells(history, dealt, first..(first + CELLS_TOGETHER).min(cells), pool);
    }
}

/// Settles some cells and writes them behind those before.
fn settle_cells(history: &mut History<'_>, dealt: &[Dealt], cells: Range<usize>, pool: &Pool) {
    let shared = &*history;
    let settled = pool
        .map(cells.len(), |i| Settlement::new(shared, dealt.iter().flat_map(|block| block.of(cells.start + i))).run());
    let mut offset = history.persons.len();
    let mut placed: Vec<Placed> = Vec::with_capacity(cells.len());
    for (cell, settled) in cells.zip(settled) {
        let members = settled.members.len();
        placed.push((cell, offset, settled));
        offset += members;
    }
    let shared = &*history;
    let rows = pool.map(placed.len(), |cell| rows(shared, &placed[cell]));
    append(history, &rows, pool);
    let shared = &*history;
    let moves = pool.map(placed.len(), |cell| move_in(shared, &placed[cell]));
    write(history, &placed, &moves, pool);
}

/// Founders of one sex and year of age, dealt to cells.
pub(crate) struct Dealt {
    founders: Vec<Founder>,
    /// Place of each cell's first founder; one more for the end.
    first: Vec<u32>,
}

impl Dealt {
    /// Founders in the order of their cells, and within a cell in the order given.
    fn new(dealt: &[(u32, Founder)], cells: usize) -> Self {
        let mut first = vec![0_u32; cells + 1];
        for (cell, _) in dealt {
            first[*cell as usize + 1] += 1;
        }
        for cell in 0..cells {
            first[cell + 1] += first[cell];
        }
        let mut next = first.clone();
        let mut order = vec![0_u32; dealt.len()];
        for (index, (cell, _)) in (0_u32..).zip(dealt) {
            let place = &mut next[*cell as usize];
            order[*place as usize] = index;
            *place += 1;
        }
        Self { founders: order.into_iter().map(|index| dealt[index as usize].1).collect(), first }
    }

    fn of(&self, cell: usize) -> &[Founder] {
        &self.founders[self.first[cell] as usize..self.first[cell + 1] as usize]
    }
}

/// Province in which the founder with a key lives, by the census shares.
#[must_use]
pub fn founding_province(seed: Seed, key: u64) -> u8 {
    let draws = Draws::new(seed, Purpose::FoundingProvince);
    sample::categorical(draws.uniform(key, 0), &PROVINCES.map(|p| p.1)) as u8
}

/// Creates the founders and deals them to cells: province and cell follow from the key. No rate of birth or death is asked for.
pub(crate) fn deal(input: &Input<'_>, pool: &Pool) -> Vec<Dealt> {
    let (start, cell_map) = (mid_year(FOUNDING_YEAR), CellMap::new(input.scale));
    let pyramid = input.rates.pyramid(FOUNDING_YEAR).expect("the tables hold 1955");
    let draws = |purpose| Draws::new(input.seed, purpose);
    let (keys, birthdays) = (draws(Purpose::FounderKey), draws(Purpose::FounderBirthday));
    let classes = draws(Purpose::FoundingClass);
    let mut blocks = Vec::new();
    for sex in [Sex::Female, Sex::Male] {
        for (group, persons) in pyramid[sex as usize].iter().enumerate() {
            for year in 0..GROUP {
                // Each year of age takes a fifth of its group; rounding the running sum keeps the group's total.
                let upto = |y: usize| (persons * input.scale * y as f64 / GROUP as f64).round() as u64;
                blocks.push((sex, group * GROUP + year, upto(year + 1) - upto(year)));
            }
        }
    }
    pool.map(blocks.len(), |block| {
        let (sex, age, count) = blocks[block];
        let cohort = (age as u64) << 1 | sex as u64;
        let dealt = (0..count).map(|i| {
            let key = keys.hash(cohort, i);
            let lived = (age as f64 + birthdays.uniform(key, 0)) * DAYS_PER_YEAR;
            let province = founding_province(input.seed, key);
            let class = inheritance::founding_class(&input.params.class, classes, key);
            let founder = Founder { key, birth: Day(start.0 - lived as i32), sex, class };
            (cell_map.of(province, key) as u32, founder)
        });
        Dealt::new(&dealt.collect::<Vec<_>>(), cell_map.len())
    })
}

/// One cell while it is settled.
struct Settlement<'a> {
    history: &'a History<'a>,
    mothers: Draws,
    founders: usize,
    out: Settled,
    /// Wives among the founders in order of birth, by class of the husband.
    wives: [Vec<u32>; 3],
    /// Wives among the ancestors, by class.
    ancestors: [Vec<u32>; 3],
}

impl<'a> Settlement<'a> {
    fn new(history: &'a History<'a>, founders: impl Iterator<Item = &'a Founder>) -> Self {
        let mut sorted: Vec<Founder> = founders.copied().collect();
        sorted.sort_unstable_by_key(|f| (f.birth, f.key));
        let input = &history.input;
        let (start, params) = (history.calendar.start(), &input.params.marriage);
        let member = |founder: Founder| {
            let (sex, birth) = (founder.sex, founder.birth);
            let life = history.draws.life.block(founder.key, 0);
            Member {
                founder,
                death: death::day_of_death(input.rates, &history.survival, life, sex, birth, start),
                search: marriage::first_search(params, &history.nuptiality, life, sex, birth),
                mother: None,
                father: None,
                marriage: None,
                last_birth: NEVER,
            }
        };
        Self {
            history,
            mothers: Draws::new(input.seed, Purpose::FounderMother),
            founders: sorted.len(),
            out: Settled { members: sorted.into_iter().map(member).collect(), couples: Vec::new() },
            wives: [const { Vec::new() }; 3],
            ancestors: [const { Vec::new() }; 3],
        }
    }

    fn run(mut self) -> Settled {
        self.marry();
        for (row, member) in self.out.members[..self.founders].iter().enumerate() {
            if let (Sex::Female, Some(marriage)) = (member.founder.sex, member.marriage) {
                let husband = self.out.couples[marriage as usize].husband;
                self.wives[self.out.members[husband as usize].founder.class as usize].push(row as u32);
            }
        }
        for child in 0..self.founders {
            self.link(child);
        }
        let mut births = vec![0_u8; self.out.members.len()];
        for mother in self.out.members.iter().filter_map(|m| m.mother) {
            births[mother as usize] = births[mother as usize].saturating_add(1);
        }
        let expect = |couple: &Couple| self.expect(couple, births[couple.wife as usize]);
        let expected: Vec<_> = self.out.couples.iter().map(expect).collect();
        for (couple, expected) in self.out.couples.iter_mut().zip(expected) {
            couple.prospects = Some(expected);
        }
        self.out
    }

    /// What the marriage brings from the founding on, and the next birth; `births` counts those before it.
    fn expect(&self, couple: &Couple, births: u8) -> (Prospects, Option<Day>) {
        let history = self.history;
        let (wife, husband) = (&self.out.members[couple.wife as usize], &self.out.members[couple.husband as usize]);
        let spouse = |m: &Member| Spouse { key: m.founder.key, birth: m.founder.birth, death: m.death };
        let prospects = history.prospects(spouse(wife), spouse(husband));
        let params = &history.input.params.birth;
        let from = Day(couple.day.0 + params.first_delay.0 as i32)
            .max(Day(wife.last_birth.0.saturating_add(params.spacing.0 as i32)))
            .max(history.calendar.start());
        let due = due(couple, &self.out.members, &prospects, couple.day, 0);
        (prospects, history.next_birth(&due, births, from))
    }

    /// Couples among the founders whose search began before the founding; women who find nobody are widows of the war.
    fn marry(&mut self) {
        let (params, start) = (&self.history.input.params.marriage, self.history.calendar.start());
        let mut seekers = [Vec::new(), Vec::new()];
        for (row, member) in self.out.members.iter().enumerate() {
            let founder = member.founder;
            let due = member.search;
            if due < start {
                let seeker = Seeker {
                    key: founder.key,
                    row: row as u32,
                    birth: founder.birth,
                    death: member.death,
                    due,
                    class: founder.class,
                    taste: self.history.draws.market.taste(params, founder.sex, founder.key, founder.birth),
                    // Their kin are linked afterwards, beside the couples.
                    forebears: UNKNOWN,
                };
                seekers[founder.sex as usize].push(seeker);
            }
        }
        let [mut women, mut men] = seekers;
        // The founding day counts as the wedding day while pairing, so that every man whose search began is free to marry.
        let pairs = marriage::pair_cell(params, &self.history.draws.market, &mut women, &mut men, start, start + 1);
        for pair in pairs {
            let grown = pair.husband.birth.0 + (GROOM_AGE_YEARS * DAYS_PER_YEAR) as i32;
            let day = Day(pair.wife.due.0.max(grown).min(start.0 - 1));
            self.wed(pair.wife.row, pair.husband.row, day);
        }
        women.sort_unstable_by_key(|w| w.row);
        for widow in women {
            self.widow(&widow);
        }
    }

    fn wed(&mut self, wife: u32, husband: u32, day: Day) {
        let couple = Some(self.out.couples.len() as u32);
        self.out.members[wife as usize].marriage = couple;
        self.out.members[husband as usize].marriage = couple;
        self.out.couples.push(Couple { wife, husband, day, prospects: None });
    }

    fn widow(&mut self, widow: &Seeker) {
        let start = self.history.calendar.start();
        let block = self.mothers.block(widow.key, 1);
        let war = Day::from_ymd(WAR_FROM.0, WAR_FROM.1, WAR_FROM.2).expect("a date of the calendar");
        let earliest = war.max(widow.due);
        let died = Day(earliest.0 + (block.uniform() * f64::from((start - earliest - 1).max(0))) as i32);
        let gap = self.history.input.params.marriage.gap.0 as i32;
        let husband =
            self.add_ancestor(self.mothers.hash(widow.key, 2), Sex::Male, widow.class, widow.birth + -gap, died);
        self.wed(widow.row, husband, widow.due);
    }

    fn add_ancestor(&mut self, key: u64, sex: Sex, class: Class, birth: Day, death: Day) -> u32 {
        let founder = Founder { key, birth, sex, class };
        let (mother, father, marriage) = (None, None, None);
        self.out.members.push(Member { founder, death, search: NEVER, mother, father, marriage, last_birth: NEVER });
        (self.out.members.len() - 1) as u32
    }

    /// Finds or makes the parents of a founder.
    fn link(&mut self, child: usize) {
        let founder = self.out.members[child].founder;
        let rates = self.history.input.rates;
        let block = self.mothers.block(founder.key, 0);
        let group = sample::categorical(block.uniform(), rates.births(0));
        let inside = self.mothers.uniform(founder.key, 3);
        let age = (FERTILE_FROM + group * GROUP) as f64 + inside * GROUP as f64;
        let wanted = Day(founder.birth.0 - (age * DAYS_PER_YEAR) as i32);
        let lived = self.history.calendar.start().years_since(founder.birth);
        let alive = block.second() < rates.survival(0, Sex::Female, age, age + lived);
        let apart = self.forebears_of_spouse(child);
        let mother = if alive { self.living_mother(child, wanted, &apart) } else { None };
        let mother = mother.unwrap_or_else(|| self.dead_mother(founder, wanted, &apart));
        let couple =
            &self.out.couples[self.out.members[mother as usize].marriage.expect("mothers are married") as usize];
        let father = couple.husband;
        self.out.members[mother as usize].last_birth = founder.birth;
        let member = &mut self.out.members[child];
        (member.mother, member.father) = (Some(mother), Some(father));
    }

    /// Parents of a member, once linked.
    fn parents(&self, member: u32) -> [Option<u32>; 2] {
        let member = &self.out.members[member as usize];
        [member.mother, member.father]
    }

    /// Parents and grandparents of a member, as far as they are linked.
    fn forebears(&self, member: u32) -> Forebears {
        let elders = |of: Option<u32>| of.map_or([None; 2], |parent| self.parents(parent));
        let [mother, father] = self.parents(member);
        let ([a, b], [c, d]) = (elders(mother), elders(father));
        [mother, father, a, b, c, d].map(|row| row.map_or(0, |row| row + 1))
    }

    /// Those of whom a member's spouse descends: the member, who is linked after the wedding, must not.
    fn forebears_of_spouse(&self, member: usize) -> Forebears {
        let couple = self.out.members[member].marriage.map(|marriage| &self.out.couples[marriage as usize]);
        let spouse = couple.map(|c| if c.wife as usize == member { c.husband } else { c.wife });
        spouse.map_or(UNKNOWN, |spouse| self.forebears(spouse))
    }

    /// Whether neither of a couple nor their parents are among the given forebears.
    fn descend_apart(&self, couple: &Couple, apart: &Forebears) -> bool {
        let among = |row: u32| apart.contains(&(row + 1));
        let near = |member: u32| among(member) || self.parents(member).into_iter().flatten().any(among);
        !near(couple.wife) && !near(couple.husband)
    }

    /// The founder nearest in age to the wanted mother who has room for this birth.
    fn living_mother(&self, child: usize, wanted: Day, apart: &Forebears) -> Option<u32> {
        let members = &self.out.members;
        let child = &members[child].founder;
        let fits = |row: &usize| self.can_bear(*row, child, apart);
        let middle = members[..self.founders].partition_point(|m| m.founder.birth < wanted);
        // Only wives of the child's class can fit: the others in reach are passed over.
        let wives = &self.wives[child.class as usize];
        let start = wives.partition_point(|row| (*row as usize) < middle);
        let row = |wife: &u32| *wife as usize;
        let (lowest, highest) = (middle.saturating_sub(MOTHERS_TRIED), middle + MOTHERS_TRIED);
        let below = wives[..start].iter().rev().map(row).take_while(|row| *row >= lowest).find(fits);
        let above = wives[start..].iter().map(row).take_while(|row| *row < highest).find(fits);
        let distance = |row: usize| (members[row].founder.birth.0 - wanted.0).abs();
        let nearest = match (below, above) {
            (Some(b), Some(a)) if distance(a) < distance(b) => Some(a),
            (Some(b), _) => Some(b),
            (None, a) => a,
        };
        nearest.map(|row| row as u32)
    }

    fn can_bear(&self, row: usize, child: &Founder, apart: &Forebears) -> bool {
        let mother = &self.out.members[row];
        let (Sex::Female, Some(marriage)) = (mother.founder.sex, mother.marriage) else { return false };
        let couple = &self.out.couples[marriage as usize];
        let father = &self.out.members[couple.husband as usize];
        let age = child.birth.years_since(mother.founder.birth);
        father.founder.class == child.class
            && (LEAST_PARENT_AGE_YEARS..LAST_AGE_YEARS).contains(&age)
            && child.birth.years_since(father.founder.birth) >= GROOM_AGE_YEARS
            && child.birth - couple.day >= FIRST_DELAY
            && child.birth.0 < mother.death.0
            && child.birth.0 <= father.death.0.saturating_add(NINE_MONTHS)
            && child.birth - mother.last_birth >= SPACING
            && self.descend_apart(couple, apart)
    }

    /// An ancestor already dead in 1955: one who is there and has room, or a new couple.
    fn dead_mother(&mut self, child: Founder, wanted: Day, apart: &Forebears) -> u32 {
        let block = self.mothers.block(child.key, 4);
        if block.uniform() < SHARE_WITH_SIBLING {
            let known = &self.ancestors[child.class as usize];
            let near =
                |row: u32| (self.out.members[row as usize].founder.birth.0 - wanted.0).abs() < ANCESTOR_REACH_DAYS;
            let found = known
                .iter()
                .rev()
                .take(ANCESTORS_TRIED)
                .copied()
                .find(|row| near(*row) && self.can_bear(*row as usize, &child, apart));
            if let Some(row) = found {
                return row;
            }
        }
        let left = f64::from(self.history.calendar.start() - child.birth - 1).max(0.0);
        let died = |u: f64| Day(child.birth.0 + 1 + (u * left) as i32);
        let params = &self.history.input.params.marriage;
        let wife =
            self.add_ancestor(self.mothers.hash(child.key, 5), Sex::Female, child.class, wanted, died(block.second()));
        let birth = Day(wanted.0 - params.gap.0 as i32);
        let father_died = died(self.mothers.uniform(child.key, 7));
        let husband = self.add_ancestor(self.mothers.hash(child.key, 6), Sex::Male, child.class, birth, father_died);
        let wedding = Day(wanted.0 + (LEAST_PARENT_AGE_YEARS * DAYS_PER_YEAR) as i32 - FIRST_DELAY)
            .min(Day(child.birth.0 - FIRST_DELAY));
        self.wed(wife, husband, wedding);
        self.ancestors[child.class as usize].push(wife);
        wife
    }
}

const LAST_AGE_YEARS: f64 = 50.0;

/// A settled cell: its number, the row of its first member, and who lives there.
type Placed = (usize, usize, Settled);

/// Row of a member of a cell whose first row is `offset`.
fn row(offset: usize, local: u32) -> PersonId {
    PersonId::from_row(offset + local as usize)
}

/// The rows of a cell, still without households.
fn rows(history: &History<'_>, (cell, offset, settled): &Placed) -> Vec<NewPerson> {
    let province = history.cell_map.province(*cell);
    let person = |m: &Member| NewPerson {
        key: m.founder.key,
        birth: m.founder.birth,
        death: m.death,
        mother: m.mother.map(|m| row(*offset, m)),
        father: m.father.map(|f| row(*offset, f)),
        sex: m.founder.sex,
        class: m.founder.class,
        province,
        household: None,
    };
    settled.members.iter().map(person).collect()
}

/// Writes the rows of all cells; `pool` has two things to do at a time.
fn append(history: &mut History<'_>, cells: &[Vec<NewPerson>], pool: &Pool) {
    let (mut values, mut links) = history.persons.parts();
    pool.join(
        || cells.iter().for_each(|rows| values.append(rows)),
        || cells.iter().for_each(|rows| links.append(rows)),
    );
}

/// Households of a cell, numbered from 0 within it.
struct Moves {
    /// Couples in the order in which they found or join a household: fathers before sons.
    order: Vec<u32>,
    /// Of each member.
    household: Vec<Option<u32>>,
    /// How many.
    households: u32,
}

/// Who lives with whom in a cell: an eldest son finds the household he stays in, the unmarried live with their mothers.
fn move_in(history: &History<'_>, (_, offset, settled): &Placed) -> Moves {
    let members = &settled.members;
    let mut order: Vec<u32> = (0..settled.couples.len() as u32).collect();
    order.sort_by_key(|c| (members[settled.couples[*c as usize].husband as usize].founder.birth, *c));
    let mut household: Vec<Option<u32>> = vec![None; members.len()];
    let mut households = 0;
    for couple in &order {
        let couple = &settled.couples[*couple as usize];
        let parent = household::staying_with(&history.persons, row(*offset, couple.husband), couple.day);
        let home = parent.and_then(|p| household[p.row() - offset]).unwrap_or_else(|| {
            households += 1;
            households - 1
        });
        for spouse in [couple.wife, couple.husband] {
            household[spouse as usize] = Some(home);
        }
    }
    for (local, member) in members.iter().enumerate() {
        if member.marriage.is_none() {
            household[local] = member.mother.and_then(|m| household[m as usize]);
        }
    }
    Moves { order, household, households }
}

/// Writes marriages and households of all cells and schedules what follows; `pool` has two things to do at a time.
fn write(history: &mut History<'_>, placed: &[Placed], moves: &[Moves], pool: &Pool) {
    let History { persons, marriages, households, calendar, births, searches, .. } = history;
    let (latest, home) = (&mut persons.marriage, &mut persons.household);
    let couples = || {
        placed.iter().zip(moves).flat_map(|((_, offset, settled), moves)| {
            moves.order.iter().map(|c| (*offset, &settled.members, &settled.couples[*c as usize]))
        })
    };
    pool.join(
        || {
            for (offset, members, couple) in couples() {
                let (wife, husband) = (row(offset, couple.wife), row(offset, couple.husband));
                marriages.wed(latest, wife, husband, couple.day);
                let (prospects, next) = couple.prospects();
                if let Some(day) = next {
                    births.add(calendar, due(couple, members, prospects, *day, offset));
                }
            }
        },
        || {
            for ((_, offset, settled), moves) in placed.iter().zip(moves) {
                let first = *households;
                let number = |local: &u32| HouseholdId::from_row(first + *local as usize);
                for (local, household) in moves.household.iter().enumerate() {
                    home[row(*offset, local as u32)] = household.as_ref().map(number);
                }
                *households += moves.households as usize;
                for couple in &moves.order {
                    let couple = &settled.couples[*couple as usize];
                    if let Some((sex, day)) = couple.prospects().0.survivor {
                        let survivor = if sex == Sex::Female { couple.wife } else { couple.husband };
                        let death = settled.members[survivor as usize].death;
                        searches.add(calendar, row(*offset, survivor), sex, death, day);
                    }
                }
                for (local, member) in settled.members.iter().enumerate().filter(|(_, m)| m.marriage.is_none()) {
                    let person = row(*offset, local as u32);
                    searches.add(calendar, person, member.founder.sex, member.death, member.search);
                }
            }
        },
    );
}

/// A birth to a couple whose members' rows start at `offset`.
fn due(couple: &Couple, members: &[Member], prospects: &Prospects, day: Day, offset: usize) -> Due {
    let wife = &members[couple.wife as usize].founder;
    Due {
        pair: prospects.pair,
        wife_key: wife.key,
        wife: row(offset, couple.wife),
        husband: row(offset, couple.husband),
        day,
        wife_birth: wife.birth,
        fertile_until: prospects.fertile_until,
        frailty: prospects.frailty,
    }
}
