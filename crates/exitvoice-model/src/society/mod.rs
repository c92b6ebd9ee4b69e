//! Nouns at home: everyone with their families, and what a deployment reads of them.

pub mod control;
pub mod dossier;
pub mod extract;
pub mod fertility;
pub mod history;
pub mod kin;
mod lifeline;
pub(crate) mod market;
pub mod measures;
pub mod moves;
mod neighbourhood;
pub mod nuptiality;
pub mod person;
pub mod rates;
mod reach;
pub mod service;
pub mod songbun;
pub(crate) mod survival;
pub mod tables;
mod views;

use exitvoice_core::column::Column;
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use person::{HouseholdId, Links, MARRIAGE_BYTES, Marriage, MarriageId, Marriages, PERSON_BYTES, PersonId, Persons};
use std::ops::Range;

/// The country on the day it was frozen: read-only for everything that follows.
#[derive(Debug)]
pub struct Society {
    /// Seed it was built from.
    pub seed: Seed,
    /// Share of the real population that was simulated.
    pub scale: f64,
    /// The day of the freeze.
    pub frozen: Day,
    /// Everyone who ever lived in it.
    pub persons: Persons,
    /// All marriages.
    pub marriages: Marriages,
    /// Moves between provinces.
    pub moves: moves::Moves,
    /// Number of households ever formed.
    pub households: usize,
    /// Class record, careers, control at home.
    pub files: control::Files,
    /// Counts kept while it was built.
    pub tallies: history::Tallies,
}

impl Society {
    /// Bytes of the frozen columns.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.persons.len() * PERSON_BYTES
            + self.marriages.len() * MARRIAGE_BYTES
            + self.moves.len() * moves::MOVE_BYTES
            + self.files.bytes()
    }

    /// Canonical bytes, in pieces of a constant number of rows, each handed to `digest`: every row by key, never by memory order of
    /// anything else. Results come back in order.
    pub fn canonical<T: Send>(&self, pool: &Pool, digest: impl Fn(&[u8]) -> T + Sync + Send) -> Vec<T> {
        let rows = || {
            let mut pieces = pool.map_chunks(self.persons.len(), |rows| digest(&self.person_bytes(rows)));
            pieces.extend(pool.map_chunks(self.marriages.len(), |rows| digest(&self.marriage_bytes(rows))));
            pieces
        };
        // Record and moves are a piece each: one thread writes them, beside the others.
        let (last, mut pieces) = pool.join(
            || {
                let mut record = Vec::new();
                self.files.record.canonical(&self.persons.life, &mut |bytes| record.extend_from_slice(bytes));
                let mut moves = Vec::new();
                self.moves.canonical(&self.persons.life, &mut |bytes| moves.extend_from_slice(bytes));
                [digest(&record), digest(&moves)]
            },
            rows,
        );
        pieces.extend(last);
        pieces
    }

    fn person_bytes(&self, rows: Range<usize>) -> Vec<u8> {
        let persons = &self.persons;
        // Parents' keys are read in passes of their own, so that the look-ups overlap.
        let keys = |parent: fn(&Links) -> Option<PersonId>| -> Vec<u64> {
            let key = |links: &Links| parent(links).map_or(0, |p| persons.life[p].key);
            persons.links.as_slice()[rows.clone()].iter().map(key).collect()
        };
        let (mothers, fathers) = (keys(|l| l.mother), keys(|l| l.father));
        let mut bytes = Vec::with_capacity(rows.len() * PERSON_BYTES);
        for ((id, mother), father) in rows.map(PersonId::from_row).zip(mothers).zip(fathers) {
            bytes.extend(persons.life[id].key.to_le_bytes());
            bytes.extend(persons.life[id].birth.0.to_le_bytes());
            bytes.extend(persons.life[id].death.0.to_le_bytes());
            bytes.extend(mother.to_le_bytes());
            bytes.extend(father.to_le_bytes());
            bytes.extend(HouseholdId::encode(persons.household[id]).to_le_bytes());
            bytes.extend([persons.links[id].sex as u8, persons.links[id].class as u8, persons.links[id].province]);
            bytes.extend([self.files.origin[id].byte(), self.files.career[id].byte()]);
        }
        bytes
    }

    fn marriage_bytes(&self, rows: Range<usize>) -> Vec<u8> {
        let marriages = &self.marriages;
        let keys = |column: &Column<Marriage, PersonId>| -> Vec<u64> {
            column.as_slice()[rows.clone()].iter().map(|p| self.persons.life[*p].key).collect()
        };
        let (wives, husbands) = (keys(&marriages.wife), keys(&marriages.husband));
        let mut bytes = Vec::with_capacity(rows.len() * MARRIAGE_BYTES);
        for ((id, wife), husband) in rows.map(MarriageId::from_row).zip(wives).zip(husbands) {
            bytes.extend(wife.to_le_bytes());
            bytes.extend(husband.to_le_bytes());
            bytes.extend(marriages.start[id].0.to_le_bytes());
        }
        bytes
    }
}
