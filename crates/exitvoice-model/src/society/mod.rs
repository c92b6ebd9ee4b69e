//! Nouns at home: everyone with their families, and what a deployment reads of them.

pub mod control;
pub mod dossier;
pub mod extract;
pub mod fertility;
pub mod history;
pub mod kin;
mod lifeline;
pub mod person;
pub mod rates;
mod reach;
pub mod service;
pub mod songbun;
pub mod tables;
mod views;

use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use person::{MARRIAGE_BYTES, Marriages, PERSON_BYTES, Persons};

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
        self.persons.len() * PERSON_BYTES + self.marriages.len() * MARRIAGE_BYTES + self.files.bytes()
    }

    /// Feeds the canonical bytes to `sink`: every row by key, never by memory order of anything else.
    pub fn canonical(&self, sink: &mut dyn FnMut(&[u8])) {
        let persons = &self.persons;
        let key_of = |id: Option<person::PersonId>| id.map_or(0, |p| persons.key[p]);
        for id in persons.key.ids() {
            sink(&persons.key[id].to_le_bytes());
            sink(&persons.birth[id].0.to_le_bytes());
            sink(&persons.death[id].0.to_le_bytes());
            sink(&key_of(persons.mother[id]).to_le_bytes());
            sink(&key_of(persons.father[id]).to_le_bytes());
            sink(&(person::HouseholdId::encode(persons.household[id])).to_le_bytes());
            sink(&[persons.sex[id] as u8, persons.class[id] as u8, persons.province[id]]);
            sink(&[self.files.origin[id].byte(), self.files.career[id].byte()]);
        }
        for id in self.marriages.wife.ids() {
            sink(&persons.key[self.marriages.wife[id]].to_le_bytes());
            sink(&persons.key[self.marriages.husband[id]].to_le_bytes());
            sink(&self.marriages.start[id].0.to_le_bytes());
        }
        self.files.record.canonical(&persons.key, sink);
    }
}
