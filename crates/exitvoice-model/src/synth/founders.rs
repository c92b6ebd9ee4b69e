//! Founders: the pyramid of 1 July 1955, married and linked backward so that everyone born later has grandparents.
//!
//! A founder is addressed by (cohort, sex, number), so a smaller country is a prefix of a larger one. Founders are dealt to market cells;
//! each cell is settled by itself: couples first, then the mother of each founder, from the oldest down. A mother's age follows the age
//! pattern of 1950-55; she is a living founder with room for the birth, or else an ancestor already dead, whose row is made.

use crate::mechanism::class::inheritance;
use crate::mechanism::demography::marriage::{self, Seeker};
use crate::mechanism::demography::{death, household};
use crate::society::history::{Couple as Written, Due, History, Prospects, Spouse};
use crate::society::person::{Class, LEAST_PARENT_AGE_YEARS, NewPerson, PROVINCES, PersonId};
use crate::society::rates::{FERTILE_FROM, FOUNDING_YEAR, GROUP, Sex};
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::{Draws, Purpose, sample};
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

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

/// Puts the founders, their ancestors, marriages and households into an empty country.
pub(crate) fn settle(history: &mut History<'_>, pool: &Pool) {
    let dealt = deal(history, pool);
    let shared = &*history;
    let settled = pool.map(dealt.len(), |cell| Settlement::new(shared, &dealt[cell]).run());
    for (cell, settled) in settled.into_iter().enumerate() {
        write(history, cell, &settled);
    }
}

/// Creates the founders and deals them to cells: province and cell follow from the key.
fn deal(history: &History<'_>, pool: &Pool) -> Vec<Vec<Founder>> {
    let input = &history.input;
    let pyramid = input.rates.pyramid(FOUNDING_YEAR).expect("the tables hold 1955");
    let draws = |purpose| Draws::new(input.seed, purpose);
    let (keys, birthdays) = (draws(Purpose::FounderKey), draws(Purpose::FounderBirthday));
    let (classes, provinces) = (draws(Purpose::FoundingClass), draws(Purpose::FoundingProvince));
    let weights: Vec<f64> = PROVINCES.iter().map(|p| p.1).collect();
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
    let made = pool.map(blocks.len(), |block| {
        let (sex, age, count) = blocks[block];
        let cohort = (age as u64) << 1 | sex as u64;
        (0..count)
            .map(|i| {
                let key = keys.hash(cohort, i);
                let lived = (age as f64 + birthdays.uniform(key, 0)) * DAYS_PER_YEAR;
                let province = sample::categorical(provinces.uniform(key, 0), &weights) as u8;
                let class = inheritance::founding_class(&input.params.class, classes, key);
                let founder = Founder { key, birth: Day(history.calendar.start().0 - lived as i32), sex, class };
                (history.cell_map.of(province, key), founder)
            })
            .collect::<Vec<_>>()
    });
    let mut cells: Vec<Vec<Founder>> = (0..history.cell_map.len()).map(|_| Vec::new()).collect();
    for (cell, founder) in made.into_iter().flatten() {
        cells[cell].push(founder);
    }
    cells
}

/// One cell while it is settled.
struct Settlement<'a> {
    history: &'a History<'a>,
    mothers: Draws,
    founders: usize,
    out: Settled,
    /// Wives among the ancestors, by class.
    ancestors: [Vec<u32>; 3],
}

impl<'a> Settlement<'a> {
    fn new(history: &'a History<'a>, founders: &[Founder]) -> Self {
        let mut sorted = founders.to_vec();
        sorted.sort_unstable_by_key(|f| (f.birth, f.key));
        let input = &history.input;
        let member = |founder: Founder| Member {
            founder,
            death: death::day_of_death(
                input.rates,
                history.draws.life.block(founder.key, 0),
                founder.sex,
                founder.birth,
                history.calendar.start(),
                input.freeze,
            ),
            mother: None,
            father: None,
            marriage: None,
            last_birth: NEVER,
        };
        Self {
            history,
            mothers: Draws::new(input.seed, Purpose::FounderMother),
            founders: sorted.len(),
            out: Settled { members: sorted.into_iter().map(member).collect(), couples: Vec::new() },
            ancestors: [Vec::new(), Vec::new(), Vec::new()],
        }
    }

    fn run(mut self) -> Settled {
        self.marry();
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
            let life = self.history.draws.life.block(founder.key, 0);
            let due = marriage::first_search(params, &self.history.nuptiality, life, founder.sex, founder.birth);
            if due < start {
                let seeker = Seeker {
                    key: founder.key,
                    row: row as u32,
                    birth: founder.birth,
                    death: member.death,
                    due,
                    class: founder.class,
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
        self.out.members.push(Member { founder, death, mother: None, father: None, marriage: None, last_birth: NEVER });
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
        let mother = if alive { self.living_mother(child, wanted) } else { None };
        let mother = mother.unwrap_or_else(|| self.dead_mother(founder, wanted));
        let couple =
            &self.out.couples[self.out.members[mother as usize].marriage.expect("mothers are married") as usize];
        let father = couple.husband;
        self.out.members[mother as usize].last_birth = founder.birth;
        let member = &mut self.out.members[child];
        (member.mother, member.father) = (Some(mother), Some(father));
    }

    /// The founder nearest in age to the wanted mother who has room for this birth.
    fn living_mother(&self, child: usize, wanted: Day) -> Option<u32> {
        let members = &self.out.members;
        let fits = |row: usize| self.can_bear(row, &members[child].founder);
        let middle = members[..self.founders].partition_point(|m| m.founder.birth < wanted);
        let below = (0..middle).rev().take(MOTHERS_TRIED).find(|row| fits(*row));
        let above = (middle..self.founders).take(MOTHERS_TRIED).find(|row| fits(*row));
        let distance = |row: usize| (members[row].founder.birth.0 - wanted.0).abs();
        let nearest = match (below, above) {
            (Some(b), Some(a)) if distance(a) < distance(b) => Some(a),
            (Some(b), _) => Some(b),
            (None, a) => a,
        };
        nearest.map(|row| row as u32)
    }

    fn can_bear(&self, row: usize, child: &Founder) -> bool {
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
    }

    /// An ancestor already dead in 1955: one who is there and has room, or a new couple.
    fn dead_mother(&mut self, child: Founder, wanted: Day) -> u32 {
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
                .find(|row| near(*row) && self.can_bear(*row as usize, &child));
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

/// Appends a settled cell to the country and schedules what follows.
fn write(history: &mut History<'_>, cell: usize, settled: &Settled) {
    let offset = history.persons.len();
    let global = |local: u32| PersonId::from_row(offset + local as usize);
    let province = history.cell_map.province(cell);
    let rows: Vec<NewPerson> = settled
        .members
        .iter()
        .map(|m| NewPerson {
            key: m.founder.key,
            birth: m.founder.birth,
            death: m.death,
            mother: m.mother.map(global),
            father: m.father.map(global),
            sex: m.founder.sex,
            class: m.founder.class,
            province,
            household: None,
        })
        .collect();
    history.persons.append(&rows);
    // Fathers before sons, so that an eldest son finds the household he stays in.
    let mut order: Vec<usize> = (0..settled.couples.len()).collect();
    order.sort_by_key(|c| (settled.members[settled.couples[*c].husband as usize].founder.birth, *c));
    for couple in order {
        let couple = &settled.couples[couple];
        let (prospects, next) = couple.prospects.expect("settling ends with the prospects of each couple");
        let husband = global(couple.husband);
        let written = Written {
            wife: global(couple.wife),
            husband,
            day: couple.day,
            death: [couple.wife, couple.husband].map(|m| settled.members[m as usize].death),
            due: next.map(|day| due(couple, &settled.members, &prospects, day, offset)),
            survivor: prospects.survivor,
            household: household::parental_households(&history.persons, &[(husband, couple.day)])[0],
        };
        history.wed_one(&written);
    }
    for (local, member) in settled.members.iter().enumerate() {
        if member.marriage.is_some() {
            continue;
        }
        let person = global(local as u32);
        history.persons.household[person] = member.mother.and_then(|m| history.persons.household[global(m)]);
        let founder = member.founder;
        let life = history.draws.life.block(founder.key, 0);
        let due = marriage::first_search(
            &history.input.params.marriage,
            &history.nuptiality,
            life,
            founder.sex,
            founder.birth,
        );
        history.searches.add(&history.calendar, person, founder.sex, member.death, due);
    }
}

/// A birth to a couple whose members' rows start at `offset`.
fn due(couple: &Couple, members: &[Member], prospects: &Prospects, day: Day, offset: usize) -> Due {
    let global = |local: u32| PersonId::from_row(offset + local as usize);
    let wife = &members[couple.wife as usize].founder;
    Due {
        pair: prospects.pair,
        wife_key: wife.key,
        wife: global(couple.wife),
        husband: global(couple.husband),
        day,
        wife_birth: wife.birth,
        fertile_until: prospects.fertile_until,
        frailty: prospects.frailty,
    }
}
