//! The tables of a record.

use crate::event::{Event, Status};
use exitvoice_core::column::Column;
use exitvoice_core::id::Id;
use exitvoice_core::quantity::Probability;
use exitvoice_core::time::Day;

/// Version of the tables below; a change of columns or event numbers moves it.
pub const SCHEMA_VERSION: u32 = 1;

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
    pub fn canonical(&self, sink: &mut dyn FnMut(&[u8])) {
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
