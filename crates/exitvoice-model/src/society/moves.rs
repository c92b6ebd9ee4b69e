//! Moves between provinces: who, when, where to and why. Append-only, in the order in which they happen within a year step: weddings
//! first, banishments after the births.

use super::person::{Life, Person, PersonId};
use exitvoice_core::column::Column;
use exitvoice_core::time::Day;

/// Kind of the rows of [`Moves`].
pub enum Move {}

/// Why somebody moves to another province.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Reason {
    /// A household founded elsewhere at a wedding.
    Marriage = 0,
    /// The same, after discharge from service.
    Service = 1,
    /// The same, a core-class couple to the capital.
    Privilege = 2,
    /// Banishment.
    Banishment = 3,
}

impl Reason {
    /// All reasons, in order.
    pub const ALL: [Self; 4] = [Self::Marriage, Self::Service, Self::Privilege, Self::Banishment];

    /// Word used in tables.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Marriage => "marriage",
            Self::Service => "service",
            Self::Privilege => "privilege",
            Self::Banishment => "banishment",
        }
    }
}

/// One move, for appending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewMove {
    /// Who.
    pub person: PersonId,
    /// When.
    pub day: Day,
    /// Where from, an index into [`super::person::PROVINCES`].
    pub from: u8,
    /// Where to.
    pub province: u8,
    /// Why.
    pub reason: Reason,
}

/// Moves in order, 11 bytes a row.
#[derive(Debug, Default)]
pub struct Moves {
    /// Who.
    pub person: Column<Move, PersonId>,
    /// When.
    pub day: Column<Move, Day>,
    /// Where from.
    pub from: Column<Move, u8>,
    /// Where to.
    pub province: Column<Move, u8>,
    /// Why.
    pub reason: Column<Move, Reason>,
}

/// Bytes per row of [`Moves`].
pub const MOVE_BYTES: usize = 4 + 4 + 1 + 1 + 1;

impl Moves {
    /// Number of moves.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.person.len()
    }

    /// Whether nobody ever moved.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.person.is_empty()
    }

    /// Appends a move.
    pub fn append(&mut self, new: NewMove) {
        self.person.push(new.person);
        self.day.push(new.day);
        self.from.push(new.from);
        self.province.push(new.province);
        self.reason.push(new.reason);
    }

    /// Feeds the canonical bytes to `sink`, persons by key.
    pub(crate) fn canonical(&self, life: &Column<Person, Life>, sink: &mut dyn FnMut(&[u8])) {
        for id in self.person.ids() {
            sink(&life[self.person[id]].key.to_le_bytes());
            sink(&self.day[id].0.to_le_bytes());
            sink(&[self.from[id], self.province[id], self.reason[id] as u8]);
        }
    }
}
