//! Stage `Marriage` of a year: new seekers join their cells, cells pair them, couples found or join households.

use super::{Calendar, Cell, Due, History, Search, Searches};
use crate::mechanism::demography::marriage::{self, Forebears, Seeker};
use crate::mechanism::demography::migration::{self, CAPITAL};
use crate::mechanism::demography::{birth, household};
use crate::society::control::{self, Entry};
use crate::society::moves::{Moves, NewMove, Reason};
use crate::society::person::{Class, HouseholdId, Life, Links, Person, PersonId, Persons};
use crate::society::rates::{FERTILE_FROM, FERTILE_GROUPS, GROUP, Sex};
use crate::society::service::{Career, Mark};
use exitvoice_core::column::Column;
use exitvoice_core::parallel::Pool;
use exitvoice_core::rng::sample;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

const NINE_MONTHS: i32 = 270;
const LAST_FERTILE_YEARS: f64 = (FERTILE_FROM + FERTILE_GROUPS * GROUP) as f64;

/// One side of a couple.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spouse {
    pub(crate) key: u64,
    pub(crate) birth: Day,
    pub(crate) death: Day,
}

impl From<&Seeker> for Spouse {
    fn from(seeker: &Seeker) -> Self {
        Self { key: seeker.key, birth: seeker.birth, death: seeker.death }
    }
}

/// What a wedding brings with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prospects {
    /// Key of the pair.
    pub(crate) pair: u64,
    /// Class of its fertility.
    pub(crate) frailty: u8,
    /// Last day on which it can have a child.
    pub(crate) fertile_until: Day,
    /// Who will be widowed and search again, and from when.
    pub(crate) survivor: Option<(Sex, Day)>,
}

/// A wedding, ready to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Couple {
    pub(crate) wife: PersonId,
    pub(crate) husband: PersonId,
    pub(crate) day: Day,
    /// Deaths, wife's and husband's.
    pub(crate) death: [Day; 2],
    /// The first child.
    pub(crate) due: Option<Due>,
    pub(crate) survivor: Option<(Sex, Day)>,
    /// Where it will live.
    pub(crate) place: Place,
    /// Whether one of the two was punished for an offence of their own.
    pub(crate) with_offender: bool,
}

/// Where a couple will live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// Household that the husband lives in already, his own or his parents'; none where the couple founds one.
    household: Option<HouseholdId>,
    province: u8,
    reason: Reason,
    /// Whether wife and husband live elsewhere until now.
    moves: [bool; 2],
}

impl History<'_> {
    /// What a wedding brings with it.
    pub(crate) fn prospects(&self, wife: Spouse, husband: Spouse) -> Prospects {
        let fiftieth = Day(wife.birth.0 + (LAST_FERTILE_YEARS * DAYS_PER_YEAR) as i32);
        let posthumous = Day(husband.death.0.saturating_add(NINE_MONTHS));
        let again = |sex, survivor: Spouse, end| {
            let params = &self.input.params.marriage;
            marriage::next_search(params, self.draws.again, survivor.key, sex, survivor.birth, end)
                .map(|day| (sex, day))
        };
        let survivor = match wife.death.cmp(&husband.death) {
            std::cmp::Ordering::Less => again(Sex::Male, husband, wife.death),
            std::cmp::Ordering::Greater => again(Sex::Female, wife, husband.death),
            std::cmp::Ordering::Equal => None,
        };
        let block = self.draws.pair.block(wife.key, husband.key);
        Prospects {
            pair: block.hash(),
            frailty: sample::index(block.second(), birth::FRAILTY_CLASSES) as u8,
            fertile_until: wife.death.min(posthumous).min(fiftieth),
            survivor,
        }
    }

    /// Writes weddings: marriage rows, households, what follows from them. `pool` has four things to do at a time.
    fn wed(&mut self, held: &[Held], pool: &Pool) {
        let Self { persons, marriages, moves, households, calendar, births, searches, control, .. } = self;
        let (latest, home, links) = (&mut persons.marriage, &mut persons.household, &mut persons.links);
        let couples = || held.iter().flat_map(|cell| &cell.couples);
        let rows = || {
            for couple in couples() {
                let marriage = marriages.wed(latest, couple.wife, couple.husband, couple.day);
                if couple.with_offender {
                    control.marries_offender(marriage);
                }
            }
        };
        let widowed = || couples().for_each(|couple| couple.widow(calendar, searches));
        let settled = || couples().for_each(|couple| couple.settle(home, households));
        let gone = || {
            for couple in couples() {
                couple.relocate(links, moves);
                if let Some(due) = couple.due {
                    births.add(calendar, due);
                }
            }
        };
        pool.join(|| pool.join(rows, widowed), || pool.join(settled, gone));
    }
}

impl Couple {
    /// The survivor's later search.
    fn widow(&self, calendar: &Calendar, searches: &mut Searches) {
        if let Some((sex, day)) = self.survivor {
            let person = if sex == Sex::Female { self.wife } else { self.husband };
            searches.add(calendar, person, sex, self.death[sex as usize], day);
        }
    }

    /// Moves both into the household of the husband's parents or into a new one.
    fn settle(&self, home: &mut Column<Person, Option<HouseholdId>>, households: &mut usize) {
        let household = self.place.household.unwrap_or_else(|| {
            *households += 1;
            HouseholdId::from_row(*households - 1)
        });
        home[self.wife] = Some(household);
        home[self.husband] = Some(household);
    }

    /// Moves those of the two who live in another province.
    fn relocate(&self, links: &mut Column<Person, Links>, moves: &mut Moves) {
        let Place { province, reason, moves: elsewhere, .. } = self.place;
        for (person, _) in [self.wife, self.husband].into_iter().zip(elsewhere).filter(|(_, moves)| *moves) {
            let from = std::mem::replace(&mut links[person].province, province);
            moves.append(NewMove { person, day: self.day, from, province, reason });
        }
    }
}

/// The weddings of a cell and year, and what became of the market.
struct Held {
    couples: Vec<Couple>,
    /// Those whose match died or was taken to a camp since the search began, and those taken there.
    left: Vec<(Sex, Seeker)>,
    /// Women and men who still search.
    searching: [u64; 2],
}

/// The stage. Cells are independent: each is paired, read anew and worked out in one go, while its couples are at hand.
pub(crate) fn weddings(history: &mut History<'_>, year: usize, pool: &Pool) {
    enter_market(history, year, pool);
    let mut cells = std::mem::take(&mut history.cells);
    let shared = &*history;
    let held = pool.map_each_mut(&mut cells, |_, cell| hold(shared, year, cell));
    history.cells = cells;
    let tallies = &mut history.tallies;
    let next = history.calendar.first_day(year + 1);
    for cell in &held {
        tallies.weddings[year] += cell.couples.len() as u64;
        tallies.women_searching[year] += cell.searching[Sex::Female as usize];
        tallies.men_searching[year] += cell.searching[Sex::Male as usize];
        for (sex, seeker) in &cell.left {
            history.searches.add(&history.calendar, person(seeker), *sex, seeker.death, next);
        }
    }
    history.wed(&held, pool);
}

/// Pairs the seekers of a cell and works out what the weddings bring with them.
fn hold(history: &History<'_>, year: usize, cell: &mut Cell) -> Held {
    let (from, until) = (history.calendar.first_day(year), history.calendar.first_day(year + 1));
    let (params, market) = (&history.input.params.marriage, &history.draws.market);
    marriage::leave_market(&mut cell.women, &mut cell.men, from);
    let mut pairs = marriage::pair_cell(params, market, &mut cell.women, &mut cell.men, from, until);
    let left = part(history, &mut pairs);
    let searching = [cell.women.len() as u64, cell.men.len() as u64];
    Held { couples: prepare(history, &pairs), left, searching }
}

/// Row of a seeker.
fn person(seeker: &Seeker) -> PersonId {
    PersonId::from_row(seeker.row as usize)
}

/// Takes out couples of whom one has died or been taken to a camp since the search began, and returns those who live: they search again. Days
/// of death are read anew: a penalty may have moved them.
fn part(history: &History<'_>, pairs: &mut Vec<marriage::Couple>) -> Vec<(Sex, Seeker)> {
    let read = |pair: &marriage::Couple| [&pair.wife, &pair.husband].map(|s| control::changed(history, person(s)));
    let changes: Vec<[Option<(Day, bool)>; 2]> = pairs.iter().map(read).collect();
    let mut changes = changes.into_iter();
    let mut left = Vec::new();
    pairs.retain_mut(|pair| {
        let read = changes.next().expect("one for each pair");
        let mut both = true;
        for (seeker, change) in [&mut pair.wife, &mut pair.husband].into_iter().zip(read) {
            let (death, confined) = change.unwrap_or((seeker.death, false));
            seeker.death = death;
            both &= death > pair.day && !confined;
        }
        if !both {
            let sides = [(Sex::Female, pair.wife), (Sex::Male, pair.husband)];
            left.extend(sides.into_iter().filter(|(_, s)| s.death > pair.day));
        }
        both
    });
    left
}

/// Works out what the weddings of a cell bring with them.
fn prepare(history: &History<'_>, pairs: &[marriage::Couple]) -> Vec<Couple> {
    let persons = &history.persons;
    let delay = history.input.params.birth.first_delay.0 as i32;
    // Columns are read in passes of their own, so that the look-ups of many couples overlap.
    let births: Vec<u8> = pairs.iter().map(|p| persons.links[person(&p.wife)].births).collect();
    let grooms: Vec<(PersonId, Day)> = pairs.iter().map(|p| (person(&p.husband), p.day)).collect();
    let households = household::household_of_couples(persons, &grooms);
    let both = |p: &marriage::Couple| [&p.wife, &p.husband].map(|seeker| control::career(history, person(seeker)));
    let careers: Vec<[Career; 2]> = pairs.iter().map(both).collect();
    let at_home = pairs.iter().zip(households).zip(&careers);
    let places: Vec<Place> = at_home.map(|((pair, with), careers)| place(history, pair, with, *careers)).collect();
    let couple = |(((pair, births), place), careers): (((&marriage::Couple, u8), Place), [Career; 2])| {
        let prospects = history.prospects(Spouse::from(&pair.wife), Spouse::from(&pair.husband));
        let due = Due {
            pair: prospects.pair,
            wife_key: pair.wife.key,
            wife: person(&pair.wife),
            husband: person(&pair.husband),
            day: pair.day,
            wife_birth: pair.wife.birth,
            fertile_until: prospects.fertile_until,
            frailty: prospects.frailty,
        };
        let first = history.next_birth(&due, births, pair.day + delay);
        Couple {
            wife: due.wife,
            husband: due.husband,
            day: pair.day,
            death: [pair.wife.death, pair.husband.death],
            due: first.map(|day| Due { day, ..due }),
            survivor: prospects.survivor,
            place,
            with_offender: careers.iter().any(|career| career.has(Mark::Offender)),
        }
    };
    pairs.iter().zip(births).zip(places).zip(careers).map(couple).collect()
}

/// Where a couple will live: in the household that the husband brings (`with`), where he lives, where their draw leads them, or where one of
/// them was banished to.
fn place(
    history: &History<'_>,
    pair: &marriage::Couple,
    with: Option<HouseholdId>,
    [her_career, his_career]: [Career; 2],
) -> Place {
    let (wife, husband) = (person(&pair.wife), person(&pair.husband));
    let [bride, groom] = [wife, husband].map(|p| &history.persons.links[p]);
    let to = |household, province, reason| Place {
        household,
        province,
        reason,
        moves: [bride.province != province, groom.province != province],
    };
    let banished = [her_career, his_career].map(|career| career.has(Mark::Banished));
    if banished == [true, false] && bride.province != groom.province {
        return to(None, bride.province, Reason::Marriage);
    }
    let stays = to(with, groom.province, Reason::Marriage);
    if with.is_some() || banished != [false, false] {
        return stays;
    }
    let block = history.draws.migration.block(pair.wife.key, pair.husband.key);
    let served = || discharged(history, husband, his_career, pair.day);
    let Some(why) = migration::reason(&history.input.params.migration, block.uniform(), served) else {
        return stays;
    };
    let province = history.destinations.province(groom.class, block.second());
    let privilege = groom.class == Class::Core && province == CAPITAL;
    to(None, province, if privilege { Reason::Privilege } else { why })
}

/// Whether somebody has served and was discharged by `day`.
fn discharged(history: &History<'_>, person: PersonId, career: Career, day: Day) -> bool {
    let terms = &history.control.files.terms;
    career.track().is_some_and(|track| terms.span(&history.persons, person, track).1 <= day)
}

/// Those whose search begins this year join their cells; `pool` has two things to do at a time.
fn enter_market(history: &mut History<'_>, year: usize, pool: &Pool) {
    let next = history.calendar.first_day(year + 1);
    let [brides, grooms] = [Sex::Female, Sex::Male].map(|sex| {
        let new = history.searches.0[sex as usize].take(year);
        let shared = &*history;
        let entered = pool.map(new.len(), |piece| enter(shared, sex, year, &new[piece]));
        let (entries, postponed): (Vec<_>, Vec<_>) = entered.into_iter().unzip();
        for person in postponed.into_iter().flatten() {
            history.searches.add(&history.calendar, person, sex, history.persons.life[person].death, next);
        }
        entries
    });
    let (mut women, mut men): (Vec<_>, Vec<_>) =
        history.cells.iter_mut().map(|cell| (&mut cell.women, &mut cell.men)).unzip();
    pool.join(|| join_cells(&mut women, brides), || join_cells(&mut men, grooms));
}

/// Parents and grandparents of those with the given links; a generation of one side at a time, so that the look-ups overlap.
fn forebears(persons: &Persons, own: &[Links]) -> Vec<Forebears> {
    let parents = |links: &Links| [links.mother, links.father];
    let of = |side: usize| own.iter().map(move |links| parents(links)[side]);
    let elders = |side: usize| -> Vec<[Option<PersonId>; 2]> {
        of(side).map(|parent| parent.map_or([None; 2], |p| parents(&persons.links[p]))).collect()
    };
    let (mothers, fathers) = (elders(0), elders(1));
    let grand = mothers.into_iter().zip(fathers);
    let all = own.iter().zip(grand).map(|(links, ([a, b], [c, d]))| [links.mother, links.father, a, b, c, d]);
    all.map(|found| found.map(PersonId::encode)).collect()
}

/// Adds seekers of one sex to their side of the cells.
fn join_cells(sides: &mut [&mut Vec<Seeker>], entries: Vec<Vec<(usize, Seeker)>>) {
    for (cell, seeker) in entries.into_iter().flatten() {
        sides[cell].push(seeker);
    }
}

/// Seekers of a chunk, all of one sex, with their cells; and those who cannot search before the next year.
fn enter(history: &History<'_>, sex: Sex, year: usize, new: &[Search]) -> (Vec<(usize, Seeker)>, Vec<PersonId>) {
    let persons = &history.persons;
    let first = history.calendar.first_day(year);
    let lives: Vec<Life> = new.iter().map(|s| persons.life[s.person]).collect();
    let own: Vec<Links> = new.iter().map(|s| persons.links[s.person]).collect();
    let forebears = forebears(persons, &own);
    let widowed: Vec<bool> = new.iter().map(|s| persons.marriage[s.person].is_some()).collect();
    let entry = |(index, search): (usize, &Search)| {
        let Life { key, birth, death } = lives[index];
        let Links { class, province, .. } = own[index];
        let seeker = Seeker {
            key,
            row: search.person.row() as u32,
            birth,
            death,
            // Those who search again have waited when the year begins: the widowed, and who was set back to its first day.
            due: if widowed[index] || search.day == first { first + -1 } else { search.day },
            class,
            taste: history.draws.market.taste(&history.input.params.marriage, sex, key, birth),
            forebears: forebears[index],
        };
        (history.cell_map.of(province, key), seeker)
    };
    let becomes: Vec<Entry> = new.iter().map(|s| control::entry(history, s.person, year, s.day)).collect();
    let of = |which: Entry| new.iter().enumerate().zip(&becomes).filter(move |(_, b)| **b == which).map(|(s, _)| s);
    (of(Entry::Now).map(entry).collect(), of(Entry::Later).map(|(_, s)| s.person).collect())
}
