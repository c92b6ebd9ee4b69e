//! Where what a history is compared with is published: keys of `docs/sources.bib`, or rows of `data/evidence/sources.csv`.

/// Population by age and sex, death rates, total fertility.
pub(super) const PROSPECTS: &str = "un_wpp2019";
/// Mean ages at first marriage in 2008, women and men.
pub(super) const FIRST_MARRIAGE: [&str; 2] = ["DM040", "DM039"];
/// Persons a household in 2008, derived there from the census.
pub(super) const HOUSEHOLD: &str = "DM038";
/// Shares of provinces in 2008.
pub(super) const CENSUS: &str = "dprk_census2008";
/// Shares of the classes about 2012.
pub(super) const CLASSES: &str = "SB001 to SB008";
/// That children's classes are distributed as their fathers'.
pub(super) const FATHERS: &str = "SB031";
/// Persons in camps since 2009.
pub(super) const CAMPS: &str = "CP005 to CP008, CP016 to CP024";
/// Share of them held for a relative only.
pub(super) const CAMPS_FOR_KIN: &str = "CP002";
/// Soldiers, by school.
pub(super) const ARMY: &str = "KP001, KP038 to KP040";
/// Members of the party in 1988 and 2021, persons; shares of all people are derived from them.
pub(super) const PARTY: &str = "SB023, SB024";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::history::home::DOCUMENTED_FOR_KIN;
    use crate::command::history::{CENSUS_FIRST_MARRIAGE, CENSUS_HOUSEHOLD};
    use exitvoice_model::mechanism::control::camp::PUBLISHED_STOCK;
    use exitvoice_model::mechanism::service::career::PUBLISHED_MEMBERS;
    use exitvoice_model::mechanism::service::conscription::PUBLISHED_ARMY;
    use std::collections::BTreeMap;

    /// Low, middle and high value of each row of the table of facts, as far as given.
    fn facts() -> BTreeMap<String, Vec<f64>> {
        let mut rows = csv::Reader::from_reader(crate::data::sources().as_bytes());
        let values = |row: &csv::StringRecord| (3..6).filter_map(|i| row.get(i)?.parse().ok()).collect();
        rows.records().map(|row| row.expect("a row")).map(|row| (row[0].to_owned(), values(&row))).collect()
    }

    #[test]
    fn every_source_stands_in_the_bibliography_or_in_the_table_of_facts() {
        let (facts, works) = (facts(), include_str!("../../../../../docs/sources.bib"));
        let all = [PROSPECTS, HOUSEHOLD, CENSUS, CLASSES, FATHERS, CAMPS, CAMPS_FOR_KIN, ARMY, PARTY];
        for source in all.into_iter().chain(FIRST_MARRIAGE).flat_map(|s| s.split(", ")).flat_map(|s| s.split(" to ")) {
            assert!(facts.contains_key(source) || works.contains(&format!("{{{source},")), "{source}");
        }
    }

    #[test]
    fn a_number_told_as_published_stands_in_the_row_that_is_named() {
        let facts = facts();
        let [(smaller_low, smaller_high), (larger_low, larger_high)] = PUBLISHED_ARMY;
        let told = [
            (FIRST_MARRIAGE[0], CENSUS_FIRST_MARRIAGE[0]),
            (FIRST_MARRIAGE[1], CENSUS_FIRST_MARRIAGE[1]),
            (HOUSEHOLD, CENSUS_HOUSEHOLD.0),
            (HOUSEHOLD, CENSUS_HOUSEHOLD.1),
            ("SB023", PUBLISHED_MEMBERS[0].1),
            ("SB024", PUBLISHED_MEMBERS[1].1),
            ("KP040", smaller_low),
            ("KP040", smaller_high),
            ("KP038", larger_low),
            ("KP001", larger_high),
            ("CP024", PUBLISHED_STOCK.0),
            (CAMPS_FOR_KIN, 100.0 * DOCUMENTED_FOR_KIN.0.0),
            (CAMPS_FOR_KIN, 100.0 * DOCUMENTED_FOR_KIN.0.1),
        ];
        for (row, number) in told {
            let stands = facts[row].iter().any(|fact| (fact - number).abs() < 1e-9 * number);
            assert!(stands, "{row}: {number} is not among {:?}", facts[row]);
        }
        // The highest of the camps is told rounded.
        let highest = facts.iter().filter(|(id, _)| id.starts_with("CP016") || id.starts_with("CP017"));
        let highest = highest.flat_map(|(_, values)| values.iter().copied()).fold(0.0, f64::max);
        assert!((PUBLISHED_STOCK.1 / highest - 1.0).abs() < 0.011, "{highest}");
    }
}
