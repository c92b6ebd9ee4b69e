//! Where what a history is compared with is published: keys of `docs/sources.bib`, or rows of `data/evidence/sources.csv`.

/// Population, mortality, fertility.
pub(super) const POPULATION: &str = "un_wpp2019";
/// Mean ages at first marriage, women and men, and persons a household.
pub(super) const FIRST_MARRIAGE: [&str; 2] = ["DM040", "DM039"];
pub(super) const HOUSEHOLD: &str = "DM038";
/// Shares of provinces.
pub(super) const CENSUS: &str = "dprk_census2008";
/// Shares of the classes, and that children's are those of their fathers.
pub(super) const CLASSES: &str = "SB001 to SB008";
pub(super) const FATHERS: &str = "SB031";
/// Persons in camps, and how many of them for a relative only.
pub(super) const CAMPS: &str = "CP005 to CP008, CP016 to CP024";
pub(super) const CAMPS_FOR_KIN: &str = "CP002";
/// Soldiers, by school, and members of the party.
pub(super) const ARMY: &str = "KP001, KP038 to KP040";
pub(super) const PARTY: &str = "SB023, SB024";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_source_stands_in_the_bibliography_or_in_the_table_of_facts() {
        let facts: BTreeSet<&str> =
            crate::data::sources().lines().skip(1).filter_map(|line| line.split_once(',').map(|row| row.0)).collect();
        let works = include_str!("../../../../../docs/sources.bib");
        let all = [POPULATION, HOUSEHOLD, CENSUS, CLASSES, FATHERS, CAMPS, CAMPS_FOR_KIN, ARMY, PARTY];
        for source in all.into_iter().chain(FIRST_MARRIAGE).flat_map(|s| s.split(", ")).flat_map(|s| s.split(" to ")) {
            assert!(facts.contains(source) || works.contains(&format!("{{{source},")), "{source}");
        }
    }
}
