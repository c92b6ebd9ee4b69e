//! What stays of record, control and service when the country is frozen.

use super::ControlParams;
use crate::mechanism::control::neighbourhood;
use crate::society::dossier::{EntryId, Record, moved};
use crate::society::person::{Class, PersonId};
use crate::society::service::{Careers, Terms};
use crate::society::songbun::Origins;
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::Day;
use std::ops::Range;

/// Counts by year step (1 July to 30 June) from 1955 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct YearTally {
    /// Offences of adults outside the camps.
    pub offences: u64,
    /// Offences that were punished.
    pub punished: u64,
    /// Kin punished, by degree 0 to 4; kin of the spouse apart.
    pub kin: [u64; 5],
    /// Kin of the spouse who were punished.
    pub in_laws: u64,
    /// Officers commissioned.
    pub commissioned: u64,
    /// Officers, retired ones among them, whose track ended by an offence, a marriage or a fall in class.
    pub removed: u64,
}

/// Counts of all years.
pub type Tallies = Vec<YearTally>;

/// Files of everybody: 2 bytes a person and the rows of the record.
#[derive(Debug)]
pub struct Files {
    /// Subcategory of the founding classification, by male line.
    pub origin: Origins,
    /// Track, party, restrictions.
    pub career: Careers,
    /// The class record.
    pub record: Record,
    /// Entries ordered by bearer, then by booking; filled at the freeze.
    by_bearer: Vec<EntryId>,
    /// Founders and their ancestors: the first rows of persons.
    pub founders: usize,
    /// Rules of service.
    pub terms: Terms,
    /// Neighbourhood units.
    pub neighbourhood: neighbourhood::Params,
    /// Units of each province in the last year.
    pub units: Vec<u32>,
    /// Counts by year.
    pub tallies: Tallies,
}

impl Files {
    pub(super) fn new(params: &ControlParams, steps: usize) -> Self {
        Self {
            origin: Origins::new(),
            career: Careers::new(),
            record: Record::default(),
            by_bearer: Vec::new(),
            founders: 0,
            terms: Terms { conscription: params.conscription, career: params.career },
            neighbourhood: params.neighbourhood,
            units: Vec::new(),
            tallies: vec![YearTally::default(); steps],
        }
    }

    /// Puts the entries of each bearer together.
    pub(crate) fn freeze(&mut self, pool: &Pool) {
        let mut order: Vec<(PersonId, EntryId)> =
            self.record.bearer.ids().map(|id| (self.record.bearer[id], id)).collect();
        pool.sort_distinct(&mut order);
        self.by_bearer = order.into_iter().map(|(_, id)| id).collect();
    }

    /// Entries of a person's file in the order of booking, after the freeze.
    #[must_use]
    pub fn entries(&self, person: PersonId) -> &[EntryId] {
        let bearer = |id: &EntryId| self.record.bearer[*id];
        let from = self.by_bearer.partition_point(|id| bearer(id) < person);
        let count = self.by_bearer[from..].partition_point(|id| bearer(id) == person);
        &self.by_bearer[from..from + count]
    }

    /// Files of everybody with one, after the freeze, by bearer; of them those whose first entry stands at one of the given positions, so
    /// that parts of all entries hold every file once.
    pub fn of_positions(&self, positions: Range<usize>) -> impl Iterator<Item = &[EntryId]> {
        let bearer = |at: usize| self.record.bearer[self.by_bearer[at]];
        let end_of_file = move |from: usize| {
            let person = bearer(from);
            (from + 1..self.by_bearer.len()).find(|at| bearer(*at) != person).unwrap_or(self.by_bearer.len())
        };
        let mut at = positions.start;
        if at > 0 && at < positions.end && bearer(at) == bearer(at - 1) {
            at = end_of_file(at);
        }
        std::iter::from_fn(move || {
            let from = std::mem::replace(&mut at, positions.end);
            (from < positions.end).then(|| {
                at = end_of_file(from);
                &self.by_bearer[from..at]
            })
        })
    }

    /// Class on `day` of a person born into `at_birth`: moved by the entries of the file until then, in the order of booking.
    #[must_use]
    pub fn class_on(&self, person: PersonId, at_birth: Class, day: Day) -> Class {
        let until = self.entries(person).iter().filter(|id| self.record.day[**id] <= day);
        until.fold(at_birth, |class, id| moved(class, self.record.outcome[*id].step()))
    }

    /// Bytes of the frozen columns.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        2 * self.origin.len() + self.record.len() * (crate::society::dossier::ENTRY_BYTES + size_of::<EntryId>())
    }
}
