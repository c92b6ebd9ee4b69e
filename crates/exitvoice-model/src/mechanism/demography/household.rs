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

/// Household that each husband stays in when he marries on a day; `None` where the couple founds a new one.
#[must_use]
pub fn parental_households(persons: &Persons, grooms: &[(PersonId, Day)]) -> Vec<Option<HouseholdId>> {
    // Columns are read in passes of their own, so that the look-ups of many grooms overlap.
    let fathers: Vec<Option<PersonId>> = grooms.iter().map(|(groom, _)| persons.father[*groom]).collect();
    let mothers: Vec<Option<PersonId>> = grooms.iter().map(|(groom, _)| persons.mother[*groom]).collect();
    let elders: Vec<Option<PersonId>> = grooms.iter().map(|(groom, _)| persons.elder_by_father[*groom]).collect();
    let living = |parents: &[Option<PersonId>]| -> Vec<Option<PersonId>> {
        let alive =
            |(parent, (_, day)): (&Option<PersonId>, &(PersonId, Day))| parent.filter(|p| persons.death[*p] > *day);
        parents.iter().zip(grooms).map(alive).collect()
    };
    let mut parents = living(&fathers);
    for (parent, mother) in parents.iter_mut().zip(living(&mothers)) {
        *parent = parent.or(mother);
    }
    let mut brothers: Vec<(usize, PersonId)> = elders
        .iter()
        .enumerate()
        .filter(|(index, _)| parents[*index].is_some())
        .filter_map(|(index, elder)| elder.map(|e| (index, e)))
        .collect();
    while !brothers.is_empty() {
        let eldest = |(index, brother): &(usize, PersonId)| {
            persons.sex[*brother] == Sex::Male && persons.death[*brother] > grooms[*index].1
        };
        let stays: Vec<bool> = brothers.iter().map(eldest).collect();
        for ((index, _), stays) in brothers.iter().zip(&stays) {
            if *stays {
                parents[*index] = None;
            }
        }
        let next = |((index, brother), stays): (&(usize, PersonId), bool)| {
            persons.elder_by_father[*brother].filter(|_| !stays).map(|e| (*index, e))
        };
        brothers = brothers.iter().zip(stays).filter_map(next).collect();
    }
    parents.iter().map(|parent| parent.and_then(|p| persons.household[p])).collect()
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
        assert_eq!(parental_households(&persons, &[(elder, day)])[0], Some(HouseholdId::from_row(7)));
        assert_eq!(parental_households(&persons, &[(younger, day)])[0], None);
        persons.death[elder] = Day::new_year(1980);
        assert_eq!(parental_households(&persons, &[(younger, day)])[0], Some(HouseholdId::from_row(7)));
        persons.death[PersonId::from_row(0)] = Day::new_year(1980);
        assert_eq!(parental_households(&persons, &[(younger, day)])[0], None);
    }
}
