//! The extract: what a deployment reads of the Society. Soldiers in service in addressed order, with their living kin to degree 4,
//! households and neighbourhood units.

mod store;
mod take;

use super::person::Class;
use super::rates::Sex;
use super::service::Service;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;

pub use store::SECTIONS;

/// Most candidates kept.
pub const MOST_CANDIDATES: usize = 60_000;
/// Number of a household or unit that is not known.
pub const NOWHERE: u32 = u32::MAX;

/// A relative of a candidate: an index into the table of kin, and the degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KinLink {
    /// Row of [`Extract::kin_key`] and its sisters.
    pub kin: u32,
    /// Degree, 0 for a spouse.
    pub degree: u8,
    /// Whether both live in one household.
    pub together: bool,
}

/// Candidates and their kin.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    /// Seed of the Society.
    pub seed: Seed,
    /// Its scale.
    pub scale: f64,
    /// Day of the freeze.
    pub frozen: Day,
    /// Eligible soldiers in the whole Society.
    pub eligible: u64,
    /// Keys of the candidates, lowest addressed hash first.
    pub key: Vec<u64>,
    /// Dates of birth.
    pub birth: Vec<Day>,
    /// Classes.
    pub class: Vec<Class>,
    /// Provinces.
    pub province: Vec<u8>,
    /// Track, first day of service, rank, party.
    pub service: Vec<Service>,
    /// Households, numbered within the extract; [`NOWHERE`] for those without one.
    pub household: Vec<u32>,
    /// Hostage weight, mean one over the candidates.
    pub hostage: Vec<f64>,
    /// End of the links of each candidate; they start where the one before ends.
    pub kin_end: Vec<u32>,
    /// Links, by candidate.
    pub links: Vec<KinLink>,
    /// Keys of the kin, each person once.
    pub kin_key: Vec<u64>,
    /// Their dates of birth.
    pub kin_birth: Vec<Day>,
    /// Their classes.
    pub kin_class: Vec<Class>,
    /// Their provinces.
    pub kin_province: Vec<u8>,
    /// Their sexes.
    pub kin_sex: Vec<Sex>,
    /// Their households, numbered within the extract; [`NOWHERE`] for those without one, in camps above all.
    pub kin_household: Vec<u32>,
    /// Neighbourhood unit of each household of the extract, a row of the next columns.
    pub household_unit: Vec<u32>,
    /// Addresses of the neighbourhood units.
    pub unit_address: Vec<u64>,
    /// Their informers.
    pub unit_informers: Vec<u8>,
}

impl Extract {
    /// Number of candidates.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.key.len()
    }

    /// Whether nobody is eligible.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.key.is_empty()
    }

    /// Living kin of a candidate, by degree.
    #[must_use]
    pub fn kin(&self, candidate: usize) -> &[KinLink] {
        let from = if candidate == 0 { 0 } else { self.kin_end[candidate - 1] as usize };
        &self.links[from..self.kin_end[candidate] as usize]
    }

    /// Neighbourhood unit that a candidate's household belongs to.
    #[must_use]
    pub fn unit(&self, candidate: usize) -> Option<u32> {
        self.household_unit.get(self.household[candidate] as usize).copied()
    }
}
