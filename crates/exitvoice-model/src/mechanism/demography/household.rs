//! # Household
//! Who lives together: the eldest son stays with his parents, other sons found a household at their wedding.
//!
//! ## Equation
//! none: a rule
//! ## Symbols
//! none
//! ## Resolution
//! at the wedding: the couple joins the household of the husband's parents if he is their eldest living son and
//! one of them lives; else it founds one. Children are born into the mother's household
//! ## Not modelled
//! splits without a wedding, lodgers, dormitories, barracks
//! ## Sources
//! `dprk_census2008`: 5.9 million households of 3.9 persons
//! ## Claims
//! C1 a younger brother founds a household (`only_the_eldest_living_son_stays`)

use crate::schedule::{Spec, Stage};
use crate::society::person::{HouseholdId, PersonId, Persons};
use crate::society::rates::Sex;
use exitvoice_core::quantity::ModelVersion;
use exitvoice_core::time::Day;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "demography.household",
    stage: Stage::Marriage,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &["persons.father", "persons.mother", "persons.death", "persons.elder_by_father"],
    writes: &["persons.household"],
    posts: &[],
};

/// Household that `husband` stays in when he marries on `day`; `None` where the couple founds a new one.
#[must_use]
pub fn parental_household(persons: &Persons, husband: PersonId, day: Day) -> Option<HouseholdId> {
    let parents = [persons.father[husband], persons.mother[husband]];
    let living = parents.into_iter().flatten().find(|p| persons.alive(*p, day))?;
    let mut elder = persons.elder_by_father[husband];
    while let Some(brother) = elder {
        if persons.sex[brother] == Sex::Male && persons.alive(brother, day) {
            return None;
        }
        elder = persons.elder_by_father[brother];
    }
    persons.household[living]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::society::person::{ALIVE, Class, NewPerson};

    #[test]
    fn only_the_eldest_living_son_stays() {
        let mut persons = Persons::default();
        let person = |key, year, sex, father: Option<usize>| NewPerson {
            key,
            birth: Day::new_year(year),
            death: ALIVE,
            mother: None,
            father: father.map(PersonId::from_row),
            sex,
            class: Class::Core,
            province: 0,
            household: Some(HouseholdId::from_row(7)),
        };
        persons.append(&[
            person(1, 1930, Sex::Male, None),
            person(2, 1955, Sex::Female, Some(0)),
            person(3, 1957, Sex::Male, Some(0)),
            person(4, 1960, Sex::Male, Some(0)),
        ]);
        let day = Day::new_year(1985);
        let (elder, younger) = (PersonId::from_row(2), PersonId::from_row(3));
        assert_eq!(parental_household(&persons, elder, day), Some(HouseholdId::from_row(7)));
        assert_eq!(parental_household(&persons, younger, day), None);
        persons.death[elder] = Day::new_year(1980);
        assert_eq!(parental_household(&persons, younger, day), Some(HouseholdId::from_row(7)));
        persons.death[PersonId::from_row(0)] = Day::new_year(1980);
        assert_eq!(parental_household(&persons, younger, day), None);
    }
}
