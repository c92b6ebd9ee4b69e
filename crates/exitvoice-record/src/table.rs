//! The tables of a record.

use crate::event::{Event, Status};
use exitvoice_core::column::Column;
use exitvoice_core::id::Id;
use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;

/// Version of the tables below; a change of columns or event numbers moves it.
pub const SCHEMA_VERSION: u32 = 2;

/// Kind of the rows of [`Soldiers`].
pub enum Soldier {}
/// Row of one soldier.
pub type SoldierId = Id<Soldier>;

/// Everybody who is ever sent, one row each, in order of (wave, place in the order of battle).
///
/// Requirements: keys differ; contingents count from 1; all columns have one length.
#[derive(Clone, Debug, Default)]
pub struct Soldiers {
    /// 64-bit key of the (synthetic) person in the Society.
    pub key: Column<Soldier, u64>,
    /// Contingent: 1 is the first large one.
    pub contingent: Column<Soldier, u8>,
    /// Wave, counted from 0.
    pub wave: Column<Soldier, u8>,
    /// Squad at arrival, counted from 0 over the whole force.
    pub squad: Column<Soldier, u32>,
}

/// What happened to one relative of a soldier, or to his family as a whole, because of what became of him.
///
/// Requirements: `kin` is 0 exactly where `degree` is [`FamilyEvent::WHOLE`]; days inside the record, in order; a relative is penalised
/// once for one soldier, and only after the soldier left, surrendered or was arrested for it; the families of the dead alone are
/// rewarded; only those of men back home learn from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FamilyEvent {
    /// Day of the deployment.
    pub day: u32,
    /// Whose family.
    pub soldier: SoldierId,
    /// Key of the relative; 0 for the family as a whole.
    pub kin: u64,
    /// Degree of kinship, 0 for a spouse; [`Self::WHOLE`] for the family as a whole.
    pub degree: u8,
    /// What.
    pub kind: FamilyEventKind,
}

impl FamilyEvent {
    /// `degree` of an event of the family as a whole.
    pub const WHOLE: u8 = u8::MAX;
}

/// What can happen to a family. Numbers are part of the file format and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum FamilyEventKind {
    /// Sent to a camp.
    Camp = 1,
    /// Banished to another province.
    Banished = 2,
    /// Barred from office, party or study.
    CareerBlocked = 3,
    /// Lowered in class.
    ClassLowered = 4,
    /// Inquiry closed without penalty; the family as a whole.
    Spared = 5,
    /// Rewarded for a dead soldier; the family as a whole.
    Rewarded = 6,
    /// Raised in class with the reward; the family as a whole.
    ClassRaised = 7,
    /// Learnt of life abroad from a soldier who came home.
    Learnt = 8,
    /// It became known at home that the soldier left; the family as a whole.
    ExitKnown = 9,
}

impl FamilyEventKind {
    /// Every kind with the word used in tables, in numerical order.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Camp, "camp"),
        (Self::Banished, "banished"),
        (Self::CareerBlocked, "career_blocked"),
        (Self::ClassLowered, "class_lowered"),
        (Self::Spared, "spared"),
        (Self::Rewarded, "rewarded"),
        (Self::ClassRaised, "class_raised"),
        (Self::Learnt, "learnt"),
        (Self::ExitKnown, "exit_known"),
    ];

    /// Whether a relative suffers it for what a soldier did.
    #[must_use]
    pub const fn is_penalty(self) -> bool {
        matches!(self, Self::Camp | Self::Banished | Self::CareerBlocked | Self::ClassLowered)
    }
}

/// What happened abroad in one replicate.
#[derive(Clone, Debug)]
pub struct Record {
    /// Date of day 0.
    pub day_zero: Day,
    /// Number of days simulated.
    pub days: u32,
    /// Who was sent.
    pub soldiers: Soldiers,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What happened at home to the families of those sent, in order of the day.
    pub families: Vec<FamilyEvent>,
    /// Heads by status at the end of each day, one row per day, as counted by the world while it ran.
    pub heads: Vec<[u32; 12]>,
    /// Probability that an opportunity of capture ends alive in custody, the same for all: lets a channel sum out a rare outcome.
    pub capture_alive: Probability,
}

impl Record {
    /// Status of each soldier after all events; `None` where never sent.
    #[must_use]
    pub fn final_status(&self) -> Vec<Option<Status>> {
        let mut status = vec![None; self.soldiers.key.len()];
        for event in &self.events {
            if let Some(after) = event.kind.status_after() {
                status[event.soldier.row()] = Some(after);
            }
        }
        status
    }

    /// Feeds the canonical bytes to `sink`: header, soldiers, events in order, heads. No time, path or thread enters.
    /// The facade hashes them; equal bytes mean equal histories.
    pub fn canonical(&self, sink: &mut impl FnMut(&[u8])) {
        sink(&SCHEMA_VERSION.to_le_bytes());
        sink(&self.day_zero.0.to_le_bytes());
        sink(&self.days.to_le_bytes());
        sink(&canonical_bits(self.capture_alive.value()).to_le_bytes());
        sink(&(self.soldiers.key.len() as u64).to_le_bytes());
        for soldier in self.soldiers.key.ids() {
            sink(&self.soldiers.key[soldier].to_le_bytes());
            sink(&[self.soldiers.contingent[soldier], self.soldiers.wave[soldier]]);
            sink(&self.soldiers.squad[soldier].to_le_bytes());
        }
        sink(&(self.events.len() as u64).to_le_bytes());
        for event in &self.events {
            sink(&event.day.to_le_bytes());
            sink(&canonical_bits(event.fraction).to_le_bytes());
            sink(&self.soldiers.key[event.soldier].to_le_bytes());
            sink(&[event.kind as u8]);
            sink(&event.group.to_le_bytes());
        }
        sink(&(self.families.len() as u64).to_le_bytes());
        for event in &self.families {
            sink(&event.day.to_le_bytes());
            sink(&self.soldiers.key[event.soldier].to_le_bytes());
            sink(&event.kin.to_le_bytes());
            sink(&[event.degree, event.kind as u8]);
        }
        for heads in &self.heads {
            for count in heads {
                sink(&count.to_le_bytes());
            }
        }
    }
}

/// Bits of a float with -0 taken as 0; a NaN is a bug of ours.
fn canonical_bits(value: f64) -> u64 {
    debug_assert!(!value.is_nan(), "no NaN enters a record");
    if value == 0.0 { 0 } else { value.to_bits() }
}
