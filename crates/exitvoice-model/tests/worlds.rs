//! Paired worlds: one person more, who never marries, changes only lives that recorded links lead to.

mod support;

use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::society::Society;
use exitvoice_model::society::history::{HistoryParams, build_after};
use exitvoice_model::society::kin;
use exitvoice_model::society::person::PersonId;
use exitvoice_model::society::rates::{FOUNDING_YEAR, GROUP, Rates, Sex, mid_year};
use exitvoice_model::synth::pilot::Pilot;
use std::collections::{BTreeMap, BTreeSet};
use support::{freeze_day, history_params, rates};

/// About the scale of the worlds.
const SCALE: f64 = 0.001;
/// Distance of a scale from the one at which a founder more is rounded into an age group; no other founder lies between the two.
const APART: f64 = 1e-10;

/// Worlds up to three days, whose pilots, ten times their size, run once.
struct Worlds<'a> {
    pool: Pool,
    /// To the year after the founding.
    young: Pilot<'a>,
    /// To 21 years after it: who is married by then is not looked at further.
    grown: Pilot<'a>,
    /// To the freeze.
    whole: Pilot<'a>,
}

impl<'a> Worlds<'a> {
    fn new(rates: &Rates, params: &'a HistoryParams) -> Self {
        let pool = Pool::new(2).expect("threads");
        let until = |freeze| Pilot::run(rates, params, freeze, &pool);
        let [young, grown] = [1, 21].map(|years| until(mid_year(FOUNDING_YEAR + years)));
        Self { young, grown, whole: until(freeze_day()), pool }
    }

    fn world(&self, pilot: &Pilot<'_>, scale: f64) -> Society {
        build_after(pilot, Seed(11), scale, &self.pool, &mut |_, _| true).expect("not stopped")
    }
}

/// The least scale from [`SCALE`] on at which the oldest year of an age group, and no other, holds a founder more: a count of k + 1/2 in
/// the group is rounded up; where 2k + 1 is a multiple of five, shares of the group are too.
fn next_scale(rates: &Rates, sex: Sex, group: usize, turn: u64) -> f64 {
    let persons = rates.pyramid(FOUNDING_YEAR).expect("the tables hold it")[sex as usize][group];
    let above = (persons * SCALE + 0.5).ceil() as u64 + turn;
    let twice = (2 * above - 1..).step_by(2).find(|n| !n.is_multiple_of(GROUP as u64)).expect("every other is");
    twice as f64 / 2.0 / persons
}

/// A life by what it holds, everybody else named by key.
type Life = (i32, i32, [u8; 5], [u64; 2], Vec<u64>, Vec<(i32, u8)>);

fn lives(society: &Society) -> BTreeMap<u64, (PersonId, Life)> {
    let (persons, files, record) = (&society.persons, &society.files, &society.files.record);
    let key = |p: PersonId| persons.life[p].key;
    let parent = |p: Option<PersonId>| p.map_or(0, key);
    let mut spouses: BTreeMap<PersonId, Vec<u64>> = BTreeMap::new();
    for marriage in society.marriages.wife.ids() {
        let (wife, husband) = (society.marriages.wife[marriage], society.marriages.husband[marriage]);
        spouses.entry(wife).or_default().push(key(husband));
        spouses.entry(husband).or_default().push(key(wife));
    }
    let life = |p: PersonId| {
        let (life, links) = (persons.life[p], &persons.links[p]);
        let words =
            [links.sex as u8, links.class as u8, links.province, files.career[p].byte(), files.origin[p].byte()];
        let entries = files.entries(p).iter().map(|id| (record.day[*id].0, record.outcome[*id] as u8)).collect();
        let married = spouses.get(&p).cloned().unwrap_or_default();
        (life.birth.0, life.death.0, words, [parent(links.mother), parent(links.father)], married, entries)
    };
    persons.life.ids().map(|p| (key(p), (p, life(p)))).collect()
}

/// Keys that a person's recorded links lead to in a world: kin to the fourth degree, spouses and their near kin.
fn linked(society: &Society, person: PersonId, found: &mut BTreeSet<u64>) {
    let persons = &society.persons;
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    kin::relatives(persons, &society.marriages, person, kin::FARTHEST_DEGREE, &mut own);
    for relative in &own {
        found.insert(persons.life[relative.person].key);
        if relative.degree == 0 {
            kin::relatives(persons, &society.marriages, relative.person, 2, &mut theirs);
            found.extend(theirs.iter().map(|r| persons.life[r.person].key));
        }
    }
}

/// Provinces in which each person ever lived.
fn provinces_lived_in(society: &Society) -> Vec<BTreeSet<u8>> {
    let mut lived: Vec<BTreeSet<u8>> =
        society.persons.links.as_slice().iter().map(|links| BTreeSet::from([links.province])).collect();
    for id in society.moves.person.ids() {
        lived[society.moves.person[id].row()].insert(society.moves.from[id]);
    }
    lived
}

/// Key of the founder of an age group and sex whom the first of two scales has more than the second: in the year after the founding.
fn founder_more(worlds: &Worlds<'_>, scales: [f64; 2], group: usize, sex: Sex) -> u64 {
    let founding = mid_year(FOUNDING_YEAR);
    let [more, fewer] = scales.map(|scale| worlds.world(&worlds.young, scale));
    let keys = |society: &Society| -> BTreeSet<u64> {
        let persons = &society.persons;
        let founder = |p: &PersonId| {
            let group_of = founding.years_since(persons.life[*p].birth) / GROUP as f64;
            persons.alive(*p, founding) && group_of as usize == group && persons.links[*p].sex == sex
        };
        persons.life.ids().filter(founder).map(|p| persons.life[p].key).collect()
    };
    let extra: Vec<u64> = keys(&more).difference(&keys(&fewer)).copied().collect();
    let [extra] = extra[..] else { panic!("{} founders more of {sex:?} {group}", extra.len()) };
    extra
}

#[test]
fn one_person_more_who_never_marries_changes_only_lives_that_links_lead_to() {
    let (rates, params) = (rates(), history_params(&[]));
    let worlds = Worlds::new(&rates, &params);
    let mut tried = 0;
    // Children of the founding die young more often than the grown-up, most of whom are married by then, and girls find nobody more often
    // than boys: men are scarce.
    let groups = (0..3).map(|group| (group, Sex::Female));
    for (turn, (group, sex)) in (0..32).flat_map(|turn| groups.clone().map(move |one| (turn, one))) {
        let scale = next_scale(&rates, sex, group, turn);
        let [above, below] = [scale * (1.0 + APART), scale * (1.0 - APART)];
        let extra = founder_more(&worlds, [above, below], group, sex);
        // Who is married after twenty years, a third of the work, is not looked at further.
        let single = |society: &Society| {
            let (person, life) = &lives(society)[&extra];
            (life.4.is_empty() && society.persons.links[*person].last_child.is_none()).then_some(*person)
        };
        if single(&worlds.world(&worlds.grown, above)).is_none() {
            continue;
        }
        let more = worlds.world(&worlds.whole, above);
        let Some(extra) = single(&more) else { continue };
        let fewer = worlds.world(&worlds.whole, below);
        let (with, without) = (lives(&more), lives(&fewer));
        tried += 1;
        let keys: BTreeSet<u64> = with.keys().chain(without.keys()).copied().collect();
        let same = |key: &u64| with.get(key).map(|l| &l.1) == without.get(key).map(|l| &l.1);
        let changed: BTreeSet<u64> = keys.iter().filter(|key| !same(key)).copied().collect();
        // From the one more along links, through changed lives only.
        let start = more.persons.life[extra].key;
        let lived = [&more, &fewer].map(provinces_lived_in);
        let provinces = |key: &u64| -> BTreeSet<u8> {
            let of = [&with, &without].map(|all| all.get(key).map(|(p, _)| p.row()));
            lived.iter().zip(of).flat_map(|(lived, row)| row.map(|row| lived[row].clone())).flatten().collect()
        };
        let mut reached = BTreeSet::from([start]);
        let mut open = vec![start];
        // At this scale a province is one market cell and holds a person's neighbourhood unit: those who share one are linked.
        let mut cells = BTreeSet::new();
        let mut linked_by_kin = 0;
        while let Some(key) = open.pop() {
            let mut next = BTreeSet::new();
            for (society, all) in [(&more, &with), (&fewer, &without)] {
                if let Some((person, _)) = all.get(&key) {
                    linked(society, *person, &mut next);
                }
            }
            linked_by_kin += next.iter().filter(|key| changed.contains(key) && !reached.contains(key)).count();
            for cell in provinces(&key).into_iter().filter(|cell| cells.insert(*cell)) {
                next.extend(changed.iter().filter(|key| provinces(key).contains(&cell)));
            }
            open.extend(next.into_iter().filter(|key| changed.contains(key) && reached.insert(*key)));
        }
        let outside: Vec<&u64> = changed.iter().filter(|key| !reached.contains(key)).collect();
        println!("{sex:?} {group}: {} of {} lives differ, {linked_by_kin} linked by kin", changed.len(), keys.len());
        assert!(changed.contains(&start) && outside.is_empty(), "{} lives differ without a link", outside.len());
        assert!(changed.len() < keys.len() / 2, "{} of {}", changed.len(), keys.len());
        if tried == 2 {
            return;
        }
    }
    panic!("{tried} of the founders tried never marry");
}
