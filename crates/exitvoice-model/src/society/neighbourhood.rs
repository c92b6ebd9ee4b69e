//! Neighbourhood units: which unit a household belongs to. Units are numbered within their province; a unit's address is what its
//! draws are addressed by.

use super::person::{Marriages, PROVINCES, PersonId, Persons};
use super::rates::Rates;
use super::reach;
use crate::mechanism::control::neighbourhood::{self, PERSONS_A_HOUSEHOLD, Params, TERM_YEARS};
use exitvoice_core::time::Day;

/// Units of each province on a day, from the published population, the scale and the census share of the province.
pub(crate) fn of_provinces(params: &Params, rates: &Rates, scale: f64, day: Day) -> Vec<u32> {
    let all: f64 = PROVINCES.iter().map(|p| p.1).sum();
    let households = rates.published_population(day) * scale / PERSONS_A_HOUSEHOLD;
    PROVINCES.iter().map(|(_, census)| neighbourhood::units(params, households * census / all)).collect()
}

/// Addresses of the units that the households of some persons belong to: the province, and the unit that the key of the household's founder
/// falls to.
pub(crate) fn addresses(persons: &Persons, marriages: &Marriages, units: &[u32], of: &[PersonId]) -> Vec<u64> {
    let founders = reach::household_founders(persons, marriages, of);
    let keys: Vec<u64> = founders.into_iter().map(|founder| persons.life[founder].key).collect();
    let address = |(person, key): (&PersonId, u64)| {
        let province = persons.links[*person].province;
        let unit = neighbourhood::unit_of(key, units[usize::from(province)]);
        u64::from(province) << u32::BITS | u64::from(unit)
    };
    of.iter().zip(keys).map(address).collect()
}

/// Term of a year step: informers stay the same within it.
pub(crate) const fn term(year: usize) -> u64 {
    (year / TERM_YEARS) as u64 + 1
}
