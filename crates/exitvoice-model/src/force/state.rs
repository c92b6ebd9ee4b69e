//! A deployment at the start of a day, as bytes: seed, day and columns, no generator. Read back it goes on as if it had never stopped, bit
//! for bit.
//!
//! What follows from base, parameters and seed is not written: draws, private loyalty, trust by days, causes that cannot fire. Nor are
//! thresholds, which are read off the clocks again, and counts of changes, which begin anew: nobody who compares them outlives a state. A
//! field that is neither written nor named as known does not compile.

use super::agenda::{Agenda, Pending, What};
use super::base::ForceBase;
use super::consequences::Move;
use super::plan::{ForceParams, Zone};
use super::run::Course;
use super::world::{CompanyFile, Group, Hazards, SoldierColumns, SquadColumns, WaveColumns, World};
use crate::mechanism::mind::belief::Case;
use crate::schedule::Cause;
use exitvoice_core::hazard::Clock;
use exitvoice_core::quantity::Seed;
use exitvoice_record::{Event, EventKind, FamilyEvent, FamilyEventKind, STATUSES, SoldierId, Status};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What can be written and read back, bit for bit.
trait Kept: Sized {
    fn put(&self, to: &mut Vec<u8>);
    /// `None` where the bytes are not those of one.
    fn take(from: &mut &[u8]) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Kept for $number {
            fn put(&self, to: &mut Vec<u8>) {
                to.extend_from_slice(&self.to_le_bytes());
            }
            fn take(from: &mut &[u8]) -> Option<Self> {
                let (first, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(Self::from_le_bytes(*first))
            }
        })*
    };
}
numbers!(u8, u16, u32, u64, f64);

/// Types that are written as another one.
macro_rules! written_as {
    ($($name:ty as $other:ty: $to:expr, $from:expr;)*) => {
        $(impl Kept for $name {
            fn put(&self, to: &mut Vec<u8>) {
                let write: fn(&Self) -> $other = $to;
                write(self).put(to);
            }
            fn take(from: &mut &[u8]) -> Option<Self> {
                let read: fn($other) -> Option<Self> = $from;
                read(<$other>::take(from)?)
            }
        })*
    };
}
written_as! {
    usize as u64: |x| *x as u64, |x| Self::try_from(x).ok();
    bool as u8: |x| u8::from(*x), |x| (x < 2).then_some(x == 1);
    Clock as [f64; 3]: Self::to_parts, |parts| Some(Self::from_parts(parts));
    SoldierId as u32: |id| Self::encode(Some(*id)), Self::decode;
    Status as u8: |status| *status as u8, |x| STATUSES.get(usize::from(x)).map(|(status, _)| *status);
    EventKind as u8: |kind| *kind as u8, |x| Self::ALL.iter().copied().find(|kind| *kind as u8 == x);
    FamilyEventKind as u8: |kind| *kind as u8, |x| Self::ALL.iter().map(|(kind, _)| *kind).find(|kind| *kind as u8 == x);
    Cause as u8: |cause| *cause as u8, |x| Self::ALL.get(usize::from(x)).copied();
    Zone as u8: |zone| *zone as u8, |x| [Self::Rear, Self::Front, Self::Border].get(usize::from(x)).copied();
    Case as u8: |case| *case as u8, |x| [Self::Success, Self::Failure].get(usize::from(x)).copied();
    Move as u8: |order| *order as u8, |x| {
        [Self::Arrive, Self::Replace, Self::Front, Self::Return, Self::Rotate].get(usize::from(x)).copied()
    };
    BinaryHeap<Reverse<Pending>> as Vec<Pending>: |heap| heap.iter().map(|pending| pending.0).collect(),
        |all| Some(all.into_iter().map(Reverse).collect());
}

impl<T: Kept> Kept for Vec<T> {
    fn put(&self, to: &mut Vec<u8>) {
        self.len().put(to);
        self.iter().for_each(|x| x.put(to));
    }
    fn take(from: &mut &[u8]) -> Option<Self> {
        // Nothing that is kept takes less than a byte, so damaged bytes never size memory.
        let count = usize::take(from)?;
        if count > from.len() {
            return None;
        }
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<T: Kept> Kept for Option<T> {
    fn put(&self, to: &mut Vec<u8>) {
        self.is_some().put(to);
        self.iter().for_each(|x| x.put(to));
    }
    fn take(from: &mut &[u8]) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Some) } else { Some(None) }
    }
}

impl<T: Kept, const N: usize> Kept for [T; N] {
    fn put(&self, to: &mut Vec<u8>) {
        self.iter().for_each(|x| x.put(to));
    }
    fn take(from: &mut &[u8]) -> Option<Self> {
        (0..N).map(|_| T::take(from)).collect::<Option<Vec<T>>>()?.try_into().ok()
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn put(&self, to: &mut Vec<u8>) {
        self.0.put(to);
        self.1.put(to);
    }
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

impl<A: Kept, B: Kept, C: Kept> Kept for (A, B, C) {
    fn put(&self, to: &mut Vec<u8>) {
        self.0.put(to);
        self.1.put(to);
        self.2.put(to);
    }
    fn take(from: &mut &[u8]) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?, C::take(from)?))
    }
}

impl Kept for What {
    fn put(&self, to: &mut Vec<u8>) {
        let (code, number): (u8, u32) = match *self {
            Self::Crossing(cause) => (0, cause as u32),
            Self::Now => (1, 0),
            Self::Dies => (2, 0),
            Self::Recovers => (3, 0),
            Self::DiesInCustody => (4, 0),
            Self::AbsenceEnds(n) => (5, n),
            Self::PlanActedOn(n) => (6, n),
            Self::CellLeaves(n) => (7, n),
            Self::CellEnds(n) => (8, n),
            Self::ActedOn(n) => (9, n),
            Self::Fate => (10, 0),
            Self::KinLearns(n) => (11, n),
            Self::ArrivesHome => (12, 0),
        };
        (code, number).put(to);
    }
    fn take(from: &mut &[u8]) -> Option<Self> {
        let (code, n) = <(u8, u32)>::take(from)?;
        Some(match code {
            0 => Self::Crossing(*Cause::ALL.get(n as usize)?),
            1 => Self::Now,
            2 => Self::Dies,
            3 => Self::Recovers,
            4 => Self::DiesInCustody,
            5 => Self::AbsenceEnds(n),
            6 => Self::PlanActedOn(n),
            7 => Self::CellLeaves(n),
            8 => Self::CellEnds(n),
            9 => Self::ActedOn(n),
            10 => Self::Fate,
            11 => Self::KinLearns(n),
            12 => Self::ArrivesHome,
            _ => return None,
        })
    }
}

/// Structs of which every field is written, in the order given.
macro_rules! whole {
    ($($name:ident { $($field:ident),* $(,)? })*) => {
        $(impl Kept for $name {
            fn put(&self, to: &mut Vec<u8>) {
                let Self { $($field),* } = self;
                $($field.put(to);)*
            }
            fn take(from: &mut &[u8]) -> Option<Self> {
                $(let $field = Kept::take(from)?;)*
                Some(Self { $($field),* })
            }
        })*
    };
}
whole! {
    Pending { fraction, key, what, soldier, mark }
    Agenda { later, today }
    Group { initiator, members, address, planning }
    CompanyFile { denunciations, assessor, assessments }
    Hazards { common }
    Course { moves, heads }
    Event { day, fraction, soldier, kind, group }
    FamilyEvent { day, soldier, kin, degree, kind }
    WaveColumns { arrived, exposure }
    SquadColumns {
        arrived, gone, zone, danger, fear, catch_belief, successes, bond, informer_fear, affect, urge, assault, distance, strength,
        strength_at_dawn, losses, losses_by_step, leavers, informers, cases_today, known_denunciations, frightened, roster, common, next,
        lowest_limit,
    }
}

/// Structs of which some fields are written; the others are known and come from a fresh one, thresholds until [`SoldierColumns::read_clocks`].
macro_rules! partly {
    ($($name:ident { $($field:ident),* $(,)? } known { $($known:ident),* $(,)? })*) => {
        $(impl $name<'_> {
            fn put(&self, to: &mut Vec<u8>) {
                let Self { $($field,)* $($known: _),* } = self;
                $($field.put(to);)*
            }
            fn take(fresh: Self, from: &mut &[u8]) -> Option<Self> {
                let Self { $($field: _,)* $($known),* } = fresh;
                $(let $field = Kept::take(from)?;)*
                Some(Self { $($field,)* $($known),* })
            }
        })*
    };
}
partly! {
    SoldierColumns {
        status, squad, joined, factor, face, face_probability, assessed_face, confided, informer, left, at_front, fates, planning, clocks,
        occurrence,
    } known { loyalty, thresholds }
    World {
        day, waves, squads, informer_share, step, rates, posted, agenda, heads, events, families, groups, companies, denunciations,
        replaced, known_exits, families_moved, responses_done,
    } known { base, params, soldiers, deployed, draws, intervention, turns, idle, pair_trust, stirred }
}

/// Writes a replicate of a seed at the start of `day`; a part of a larger force is never written.
pub(super) fn write(world: &World<'_>, course: &Course, seed: Seed, day: u32) -> Vec<u8> {
    let mut to = Vec::new();
    (seed.0, day).put(&mut to);
    world.put(&mut to);
    world.soldiers.put(&mut to);
    course.put(&mut to);
    to
}

/// Reads a replicate of the same base and parameters: its world, what it carries from day to day, and the day.
/// `None` where the bytes are not those of one.
pub(super) fn read<'a>(
    mut bytes: &[u8],
    base: &'a ForceBase,
    params: &'a ForceParams,
) -> Option<(World<'a>, Course, u32)> {
    let from = &mut bytes;
    let (seed, day) = <(u64, u32)>::take(from)?;
    let mut world = World::take(World::new(base, params, Seed(seed)), from)?;
    world.soldiers = SoldierColumns::take(world.soldiers, from)?;
    world.soldiers.read_clocks();
    let course = Course::take(from)?;
    let fits = world.soldiers.status.len() == world.deployed && world.squads.zone.len() == base.squads.len();
    (from.is_empty() && fits).then_some((world, course, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_can_happen_at_an_hour_is_read_back() {
        let causes = Cause::ALL.iter().copied().map(What::Crossing);
        let plain = [What::Now, What::Dies, What::Recovers, What::DiesInCustody, What::Fate, What::ArrivesHome];
        let numbered: [fn(u32) -> What; 6] =
            [What::AbsenceEnds, What::PlanActedOn, What::CellLeaves, What::CellEnds, What::ActedOn, What::KinLearns];
        for what in causes.chain(plain).chain(numbered.into_iter().map(|of| of(7))) {
            let mut bytes = Vec::new();
            what.put(&mut bytes);
            let mut rest = bytes.as_slice();
            assert_eq!(What::take(&mut rest), Some(what));
            assert!(rest.is_empty());
        }
        let of_code = |code: u8| {
            let mut bytes = Vec::new();
            (code, 1_u32).put(&mut bytes);
            What::take(&mut bytes.as_slice())
        };
        assert!(of_code(12).is_some() && of_code(13).is_none());
    }
}
