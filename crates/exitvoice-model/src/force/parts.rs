//! A large force in parts. Battalions share nothing but the calendar, so some of them pass all days before the next ones do, while their
//! columns stay in the processor's cache; the record is put together in the order in which one pass over the whole force writes it.

use super::base::ForceBase;
use super::plan::ForceParams;
use super::run::{pass_days, record};
use super::world::World;
use crate::mechanism::regime::response::When;
use crate::schedule::DAY;
use exitvoice_core::quantity::Seed;
use exitvoice_record::{Event, EventKind, FamilyEvent, Record, STATUSES, SoldierId};
use std::ops::Range;

/// Soldiers from which a force passes in parts.
pub const LARGE: usize = 40_000;
/// Soldiers in a part, at least: the columns of as many fit into a cache of one megabyte.
const PART: usize = 4_000;

/// Some battalions as a force of their own.
#[derive(Clone, Debug)]
pub(super) struct Part {
    base: ForceBase,
    /// Row in the whole force of each of its rows.
    rows: Vec<u32>,
    /// Squads of the whole force before its first.
    squads_before: u32,
}

/// Stretches of a record that belong together, in the order in which they happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Turns {
    turns: Vec<Turn>,
    /// Turns up to the end of each day.
    day_ends: Vec<usize>,
}

/// What happens at one hour because of one soldier, or in one round of a morning.
#[derive(Clone, Copy, Debug)]
struct Turn {
    order: (u64, u64),
    events: usize,
    families: usize,
}

/// Place of a turn within its day. Rounds of the morning come first: orders of the regime by number, dated moves by kind, offices.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    Order(usize),
    Move(super::consequences::Move),
    Offices,
    /// Bits of the fraction of the day, key of the person.
    Hour(u64, u64),
}

impl Place {
    const fn order(self) -> (u64, u64) {
        match self {
            Self::Order(number) => (number as u64, 0),
            Self::Move(kind) => (MOVES + kind as u64, 0),
            Self::Offices => (OFFICES, 0),
            Self::Hour(fraction, key) => (HOURS + fraction, key),
        }
    }
}

const MOVES: u64 = 1 << 32;
const OFFICES: u64 = 2 << 32;
const HOURS: u64 = 3 << 32;

impl Turns {
    /// A turn begins, after so many events and family events.
    pub(super) fn begin(&mut self, place: Place, events: usize, families: usize) {
        let today = self.day_ends.last().copied().unwrap_or(0);
        let mut order = place.order();
        if let Some(last) = self.turns[today..].last_mut() {
            // What a turn sets off at its own hour follows it, whatever its key.
            order = order.max(last.order);
            if order == last.order {
                return;
            }
            if (last.events, last.families) == (events, families) {
                last.order = order;
                return;
            }
        }
        self.turns.push(Turn { order, events, families });
    }

    pub(super) fn end_day(&mut self) {
        self.day_ends.push(self.turns.len());
    }

    fn of_day(&self, day: usize) -> Range<usize> {
        let from = if day == 0 { 0 } else { self.day_ends[day - 1] };
        from..self.day_ends[day]
    }
}

impl ForceBase {
    /// The parts in which the force passes: none where it is small, or where an order waits for a number of exits of the whole force.
    pub(super) fn parts(&self) -> &[Part] {
        let waits = self.plan.responses.iter().any(|r| r.when == When::Triggered);
        if self.len() < LARGE || waits || self.plan.thresholds.is_some() {
            return &[];
        }
        self.parts.get_or_init(|| {
            let mut parts = Vec::new();
            let mut from = 0;
            for battalion in 0..self.battalions.len() as u32 {
                let squads = from..self.battalions.squads(battalion).end;
                let soldiers = self.squads[squads.end - 1].end - self.squads[squads.start].first;
                if soldiers as usize >= PART || squads.end == self.squads.len() {
                    from = squads.end;
                    parts.push(self.part(squads));
                }
            }
            parts
        })
    }

    /// Whole battalions, by their squads, as a force of their own.
    fn part(&self, squads: Range<usize>) -> Part {
        let (first, last) = (&self.squads[squads.start], &self.squads[squads.end - 1]);
        let mut rows: Vec<u32> = (squads.clone()).flat_map(|s| self.squads[s].first..self.squads[s].end).collect();
        let mine = |row: &u32| squads.contains(&(self.soldiers.squad.as_slice()[*row as usize] as usize));
        let replacements: Vec<u32> = self.replacements.iter().copied().filter(mine).collect();
        let dated = rows.iter().filter(|row| (**row as usize) < self.dated).count();
        // Replacements stand behind the units and before the advance party.
        rows.splice(dated..dated, replacements.iter().copied());
        let replacements = dated as u32..(dated + replacements.len()) as u32;
        let mut base = self.rows_of(&rows, dated + replacements.len());
        base.replacements = replacements.collect();
        let mut next = 0;
        for squad in &self.squads[squads.clone()] {
            let mut squad = squad.clone();
            let size = squad.end - squad.first;
            if next == dated as u32 {
                next += base.replacements.len() as u32;
            }
            (squad.first, squad.end, next) = (next, next + size, next + size);
            squad.platoon -= first.platoon;
            squad.company -= first.company;
            squad.battalion -= first.battalion;
            base.squads.push(squad);
        }
        base.platoons = self.platoons.part(first.platoon..last.platoon + 1);
        base.companies = self.companies.part(first.company..last.company + 1);
        base.battalions = self.battalions.part(first.battalion..last.battalion + 1);
        for squad in base.soldiers.squad.as_mut_slice() {
            *squad -= squads.start as u32;
        }
        Part { base, rows, squads_before: squads.start as u32 }
    }
}

/// What a part has brought.
struct Passed {
    deployed: usize,
    events: Vec<Event>,
    families: Vec<FamilyEvent>,
    replaced: Vec<(u32, u32)>,
    turns: Turns,
    heads: Vec<[u32; STATUSES.len()]>,
}

/// Runs one replicate part by part: the record of one pass over the whole force, bit for bit.
pub(super) fn deploy(whole: &ForceBase, params: &ForceParams, seed: Seed) -> Record {
    let parts = whole.parts();
    let passed: Vec<Passed> = parts
        .iter()
        .map(|part| {
            let mut world = World::new(&part.base, params, seed);
            world.turns = Some(Turns::default());
            let heads = pass_days(&mut world, DAY, None);
            let World { deployed, events, families, replaced, turns, .. } = world;
            Passed { deployed, events, families, replaced, turns: turns.expect("set above"), heads }
        })
        .collect();
    join(whole, params, parts, &passed)
}

fn join(whole: &ForceBase, params: &ForceParams, parts: &[Part], passed: &[Passed]) -> Record {
    let mut events = Vec::with_capacity(passed.iter().map(|p| p.events.len()).sum());
    let mut families = Vec::with_capacity(passed.iter().map(|p| p.families.len()).sum());
    let mut numbers = Numbers::new(parts.len());
    let mut today = Vec::new();
    for day in 0..whole.plan.days as usize {
        today.clear();
        for (number, part) in passed.iter().enumerate() {
            today.extend(part.turns.of_day(day).map(|turn| (part.turns.turns[turn].order, number, turn)));
        }
        // Each part's turns stand in order; the sort is stable and finds that.
        today.sort_by_key(|(order, ..)| *order);
        for (_, number, turn) in &today {
            let (part, Passed { turns, events: own, families: own_families, .. }) = (&parts[*number], &passed[*number]);
            let (from, to) = (turns.turns[*turn], turns.turns.get(turn + 1));
            let row = |soldier: SoldierId| SoldierId::from_row(part.rows[soldier.row()] as usize);
            for event in &own[from.events..to.map_or(own.len(), |t| t.events)] {
                let group = numbers.of_whole(*number, part, event);
                events.push(Event { soldier: row(event.soldier), group, ..*event });
            }
            for event in &own_families[from.families..to.map_or(own_families.len(), |t| t.families)] {
                families.push(FamilyEvent { soldier: row(event.soldier), ..*event });
            }
        }
    }
    let replaced = parts.iter().zip(passed).flat_map(|(part, passed)| {
        passed.replaced.iter().map(|(row, squad)| (part.rows[*row as usize], squad + part.squads_before))
    });
    let mut heads = vec![[0; STATUSES.len()]; whole.plan.days as usize];
    for (day, sums) in heads.iter_mut().enumerate() {
        for part in passed {
            sums.iter_mut().zip(part.heads[day]).for_each(|(sum, heads)| *sum += heads);
        }
    }
    let deployed = passed.iter().map(|p| p.deployed).sum();
    record(whole, params, deployed, &replaced.collect::<Vec<_>>(), (events, families, heads))
}

/// Numbers of groups and denunciations over the whole force: in the order in which they begin.
struct Numbers {
    groups: u32,
    denunciations: u32,
    /// By part, the number of each of its groups and denunciations.
    by_part: Vec<[Vec<u32>; 2]>,
}

impl Numbers {
    fn new(parts: usize) -> Self {
        Self { groups: 0, denunciations: 0, by_part: vec![[Vec::new(), Vec::new()]; parts] }
    }

    fn of_whole(&mut self, number: usize, part: &Part, event: &Event) -> u32 {
        let [groups, denunciations] = &mut self.by_part[number];
        let (known, last) = match event.kind {
            EventKind::LearntFateOfKin => return event.group,
            EventKind::Transferred => return event.group + part.squads_before,
            EventKind::FiledDenunciation | EventKind::Denounced | EventKind::InformerExposed => {
                (denunciations, &mut self.denunciations)
            }
            _ => (groups, &mut self.groups),
        };
        if event.group as usize > known.len() {
            *last += 1;
            known.push(*last);
        }
        if event.group == 0 { 0 } else { known[event.group as usize - 1] }
    }
}
