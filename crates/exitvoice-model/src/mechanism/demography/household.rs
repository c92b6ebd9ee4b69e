//! # Household
//! Who lives together: the eldest son stays with his parents, other sons found a household at their first wedding.
//!
//! ## Equation
//! none: a rule
//! ## Symbols
//! none
//! ## Resolution
//! at the wedding: a widower keeps the household that he has; else the couple joins that of the husband's parents if he is their eldest living son
//! and one of them lives, in the husband's province; else it founds one, as it does where a banished bride keeps her province. Children are born into
//! the mother's household, and those of an earlier marriage stay where they are
//! ## Not modelled
//! splits without a wedding, lodgers, dormitories, barracks
//! ## Sources
//! `dprk_census2008`: 5.9 million households of 3.9 persons
//! ## Claims
//! C1 a younger brother founds a household (`only_the_eldest_living_son_stays`) · C2 a widower keeps his (`a_widower_keeps_his_household`)

use crate::schedule::{Spec, Stage};
use crate::society::person::{HouseholdId, Links, PersonId, Persons};
use crate::society::rates::Sex;
use exitvoice_core::quantity::ModelVersion;
use exitvoice_core::time::Day;

/// Registration of the mechanism.
pub const SPEC: Spec = Spec {
    name: "demography.household",
    stage: Stage::Marriage,
    since: ModelVersion { law: 1, draws: 0 },
    reads: &[
        "persons.father",
        "persons.mother",
        "persons.death",
        "persons.elder_by_father",
        "persons.province",
        "persons.marriage",
    ],
    writes: &["persons.household"],
    posts: &[],
};

/// Parent with whom a husband who marries on a day stays; `None` where the couple founds a household.
#[must_use]
pub fn staying_with(persons: &Persons, groom: PersonId, day: Day) -> Option<PersonId> {
    let living = |parent: Option<PersonId>| parent.filter(|p| persons.life[*p].death > day);
    let parent = living(persons.links[groom].father).or_else(|| living(persons.links[groom].mother))?;
    let mut elders = std::iter::successors(persons.links[groom].elder_by_father, |b| persons.links[*b].elder_by_father);
    let elder_stays =
        elders.any(|brother| persons.links[brother].sex == Sex::Male && persons.life[brother].death > day);
    let near = persons.links[parent].province == persons.links[groom].province;
    (!elder_stays && near).then_some(parent)
}

/// Household that each husband brings into the marriage: a widower his own, others that of [`parental_households`].
#[must_use]
pub fn household_of_couples(persons: &Persons, grooms: &[(PersonId, Day)]) -> Vec<Option<HouseholdId>> {
    let own = |(groom, _): &(PersonId, Day)| persons.marriage[*groom].and_then(|_| persons.household[*groom]);
    let own: Vec<Option<HouseholdId>> = grooms.iter().map(own).collect();
    parental_households(persons, grooms).into_iter().zip(own).map(|(parental, own)| own.or(parental)).collect()
}

/// Household that each husband stays in, of the parent that [`staying_with`] names; a column at a time, so that the look-ups overlap.
#[must_use]
pub fn parental_households(persons: &Persons, grooms: &[(PersonId, Day)]) -> Vec<Option<HouseholdId>> {
    let own: Vec<Links> = grooms.iter().map(|(groom, _)| persons.links[*groom]).collect();
    let living = |parent: fn(&Links) -> Option<PersonId>| -> Vec<Option<PersonId>> {
        let alive = |(own, (_, day)): (&Links, &(PersonId, Day))| parent(own).filter(|p| persons.life[*p].death > *day);
        own.iter().zip(grooms).map(alive).collect()
    };
    let mut parents = living(|own| own.father);
    for (parent, mother) in parents.iter_mut().zip(living(|own| own.mother)) {
        *parent = parent.or(mother);
    }
    let elder = |(index, own): (usize, &Links)| own.elder_by_father.map(|brother| (index, brother));
    let mut brothers: Vec<(usize, PersonId)> = own.iter().enumerate().filter_map(elder).collect();
    brothers.retain(|(index, _)| parents[*index].is_some());
    while !brothers.is_empty() {
        let eldest = |(index, brother): &(usize, PersonId)| {
            persons.links[*brother].sex == Sex::Male && persons.life[*brother].death > grooms[*index].1
        };
        let stays: Vec<bool> = brothers.iter().map(eldest).collect();
        for ((index, _), stays) in brothers.iter().zip(&stays) {
            if *stays {
                parents[*index] = None;
            }
        }
        let next = |((index, brother), stays): (&(usize, PersonId), bool)| {
            persons.links[*brother].elder_by_father.filter(|_| !stays).map(|e| (*index, e))
        };
        brothers = brothers.iter().zip(stays).filter_map(next).collect();
    }
    let near = |(parent, own): (Option<PersonId>, &Links)| {
        parent.filter(|p| persons.links[*p].province == own.province).and_then(|p| persons.household[p])
    };
    parents.into_iter().zip(&own).map(near).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::society::person::NewPerson;

    #[test]
    fn only_the_eldest_living_son_stays() {
        let mut persons = Persons::default();
        let person = |key, year, sex, father: Option<usize>| NewPerson {
            father: father.map(PersonId::from_row),
            sex,
            household: Some(HouseholdId::from_row(7)),
            ..NewPerson::alone(key, Day::new_year(year))
        };
        persons.append(&[
            person(1, 1930, Sex::Male, None),
            person(2, 1955, Sex::Female, Some(0)),
            person(3, 1957, Sex::Male, Some(0)),
            person(4, 1960, Sex::Male, Some(0)),
        ]);
        let day = Day::new_year(1985);
        let (elder, younger) = (PersonId::from_row(2), PersonId::from_row(3));
        let stay = |persons: &Persons| {
            let one_by_one = [elder, younger]
                .map(|groom| staying_with(persons, groom, day).and_then(|parent| persons.household[parent]));
            assert_eq!(parental_households(persons, &[(elder, day), (younger, day)]), one_by_one);
            one_by_one
        };
        let home = Some(HouseholdId::from_row(7));
        assert_eq!(stay(&persons), [home, None]);
        persons.life[elder].death = Day::new_year(1980);
        assert_eq!(stay(&persons), [home, home]);
        persons.links[younger].province = 3;
        assert_eq!(stay(&persons), [home, None], "he was banished");
        persons.links[younger].province = 0;
        persons.life[PersonId::from_row(0)].death = Day::new_year(1980);
        assert_eq!(stay(&persons), [None, None]);
    }

    #[test]
    fn a_widower_keeps_his_household() {
        let mut persons = Persons::default();
        let man = |key, father: Option<usize>, household| NewPerson {
            father: father.map(PersonId::from_row),
            sex: Sex::Male,
            household: Some(HouseholdId::from_row(household)),
            ..NewPerson::alone(key, Day::new_year(1930 + key as i16))
        };
        persons.append(&[man(0, None, 1), man(25, Some(0), 1), man(27, Some(0), 2)]);
        let day = Day::new_year(1995);
        let [elder, younger] = [1, 2].map(PersonId::from_row);
        let brings = |persons: &Persons| household_of_couples(persons, &[(elder, day), (younger, day)]);
        let [parental, own] = [1, 2].map(|row| Some(HouseholdId::from_row(row)));
        assert_eq!(brings(&persons), [parental, None]);
        persons.marriage[younger] = Some(crate::society::person::MarriageId::from_row(0));
        assert_eq!(brings(&persons), [parental, own]);
        persons.household[younger] = None;
        assert_eq!(brings(&persons), [parental, None], "he comes from a camp");
    }
}
