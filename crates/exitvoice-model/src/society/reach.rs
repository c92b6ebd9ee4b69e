//! Kin of many persons at once: the walk goes breadth first over all of them together, so that their look-ups overlap in memory.
//!
//! The kin found are those of [`super::kin::relatives`] (a test compares), each with every path of least or greater degree; a relative
//! on two paths appears twice, and the caller takes the nearest.

use super::person::{HouseholdId, Links, Marriages, PersonId, Persons};
use super::rates::Sex;
use exitvoice_core::time::Day;

/// A relative of one of the persons asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reached {
    /// Index of the person asked for.
    pub(crate) of: u32,
    /// Who.
    pub(crate) person: PersonId,
    /// Degree of kinship along this path; 0 for the spouse.
    pub(crate) degree: u8,
}

/// An ancestor, or at the start the person asked for.
#[derive(Clone, Copy)]
struct Ancestor {
    of: u32,
    person: PersonId,
    sex: Sex,
    /// The mother on the same level: her children are found through her.
    beside: Option<PersonId>,
    /// The child through whom the walk came.
    through: Option<PersonId>,
}

/// A place in a list of children.
#[derive(Clone, Copy)]
struct Place {
    of: u32,
    child: PersonId,
    /// Degree of the child.
    degree: u8,
    /// Parent whose list it is.
    list: Sex,
    beside: Option<PersonId>,
    through: Option<PersonId>,
}

/// Blood relatives to degree `limit`, dead or alive, born or not by any day, of each person asked for.
pub(crate) fn blood(persons: &Persons, asked: &[PersonId], limit: u8) -> Vec<Reached> {
    let mut found = Vec::new();
    let mut places = Vec::new();
    let mut level: Vec<Ancestor> = asked
        .iter()
        .enumerate()
        .map(|(of, p)| Ancestor { of: of as u32, person: *p, sex: persons.links[*p].sex, beside: None, through: None })
        .collect();
    for steps in 0..=limit {
        if steps > 0 {
            level = parents(persons, &level);
            found.extend(level.iter().map(|a| Reached { of: a.of, person: a.person, degree: steps }));
        }
        if steps < limit {
            let first = |a: &Ancestor| {
                let Ancestor { of, sex: list, beside, through, .. } = *a;
                persons.links[a.person].last_child.map(|child| Place {
                    of,
                    child,
                    degree: steps + 1,
                    list,
                    beside,
                    through,
                })
            };
            places.extend(level.iter().filter_map(first));
        }
    }
    descend(persons, places, limit, &mut found);
    found
}

fn parents(persons: &Persons, level: &[Ancestor]) -> Vec<Ancestor> {
    let mut above = Vec::with_capacity(2 * level.len());
    for child in level {
        let Links { mother, father, .. } = persons.links[child.person];
        let through = Some(child.person);
        if let Some(person) = mother {
            above.push(Ancestor { of: child.of, person, sex: Sex::Female, beside: None, through });
        }
        if let Some(person) = father {
            above.push(Ancestor { of: child.of, person, sex: Sex::Male, beside: mother, through });
        }
    }
    above
}

/// Follows the lists from `places` on, and the lists of those found, down to degree `limit`.
fn descend(persons: &Persons, mut places: Vec<Place>, limit: u8, found: &mut Vec<Reached>) {
    let mut next = Vec::with_capacity(places.len());
    while !places.is_empty() {
        for place in &places {
            let child = place.child;
            let links = &persons.links[child];
            let elder = match place.list {
                Sex::Female => links.elder_by_mother,
                Sex::Male => links.elder_by_father,
            };
            next.extend(elder.map(|child| Place { child, ..*place }));
            let seen = place.through == Some(child) || place.beside.is_some_and(|mother| links.mother == Some(mother));
            if seen {
                continue;
            }
            found.push(Reached { of: place.of, person: child, degree: place.degree });
            if place.degree < limit
                && let Some(grandchild) = links.last_child
            {
                let (degree, list) = (place.degree + 1, links.sex);
                next.push(Place { of: place.of, child: grandchild, degree, list, beside: None, through: None });
            }
        }
        std::mem::swap(&mut places, &mut next);
        next.clear();
    }
}

/// Spouse of each person in the latest marriage, as relatives of degree 0; `day` of each: the marriage must have begun by then.
pub(crate) fn spouses(persons: &Persons, marriages: &Marriages, asked: &[(PersonId, Day)]) -> Vec<Reached> {
    let found = |(of, (person, day)): (usize, &(PersonId, Day))| {
        let begun = persons.marriage[*person].is_some_and(|m| marriages.start[m] <= *day);
        let spouse = marriages.spouse(persons, *person).filter(|_| begun)?;
        Some(Reached { of: of as u32, person: spouse, degree: 0 })
    };
    asked.iter().enumerate().filter_map(found).collect()
}

/// Those of the relatives who live on the day of the person asked for.
pub(crate) fn keep_living(persons: &Persons, found: &mut Vec<Reached>, day: impl Fn(u32) -> Day) {
    found.retain(|r| persons.alive(r.person, day(r.of)));
}

/// A head and all descendants in the male line, dead or alive: sons and daughters, the children of sons, and so on.
pub(crate) fn male_line(persons: &Persons, heads: &[PersonId]) -> Vec<Reached> {
    let own = |(of, head): (usize, &PersonId)| Reached { of: of as u32, person: *head, degree: 0 };
    let mut found: Vec<Reached> = heads.iter().enumerate().map(own).collect();
    let mut from = 0;
    while from < found.len() {
        let end = found.len();
        let sons = found[from..end].iter().filter(|r| persons.links[r.person].sex == Sex::Male);
        let mut places: Vec<(Reached, PersonId)> =
            sons.filter_map(|r| persons.links[r.person].last_child.map(|child| (*r, child))).collect();
        while !places.is_empty() {
            found.extend(places.iter().map(|(r, child)| Reached { person: *child, degree: r.degree + 1, ..*r }));
            let elder = |(r, child): &(Reached, PersonId)| persons.links[*child].elder_by_father.map(|e| (*r, e));
            places = places.iter().filter_map(elder).collect();
        }
        from = end;
    }
    found
}

/// For each person the farthest ancestor in the male line who belongs to the same household, starting from the husband of a married woman:
/// the founder of the household; the person where there is none.
pub(crate) fn household_founders(persons: &Persons, marriages: &Marriages, asked: &[PersonId]) -> Vec<PersonId> {
    let homes: Vec<Option<HouseholdId>> = asked.iter().map(|p| persons.household[*p]).collect();
    let husband = |person: &PersonId| match persons.links[*person].sex {
        Sex::Female => marriages.spouse(persons, *person),
        Sex::Male => None,
    };
    let husbands: Vec<Option<PersonId>> = asked.iter().map(husband).collect();
    let mut founders = asked.to_vec();
    let mut elders: Vec<(usize, PersonId)> =
        husbands.into_iter().enumerate().filter_map(|(of, husband)| husband.map(|h| (of, h))).collect();
    let lives_there = |(of, elder): &(usize, PersonId)| homes[*of].is_some() && persons.household[*elder] == homes[*of];
    elders.retain(lives_there);
    for (of, husband) in &elders {
        founders[*of] = *husband;
    }
    // The walk up begins anew for everybody: with the husband, or with the person.
    let mut open: Vec<usize> = (0..asked.len()).filter(|of| homes[*of].is_some()).collect();
    while !open.is_empty() {
        elders.clear();
        elders.extend(open.iter().filter_map(|of| persons.links[founders[*of]].father.map(|father| (*of, father))));
        elders.retain(lives_there);
        for (of, father) in &elders {
            founders[*of] = *father;
        }
        open.clear();
        open.extend(elders.iter().map(|(of, _)| *of));
    }
    founders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::society::person::NewPerson;

    #[test]
    fn a_household_is_founded_by_the_eldest_of_the_male_line_in_it() {
        let (mut persons, mut marriages) = (Persons::default(), Marriages::default());
        let home = |number: Option<usize>| number.map(HouseholdId::from_row);
        let person = |key, sex, father: Option<usize>, household| NewPerson {
            father: father.map(PersonId::from_row),
            sex,
            household: home(household),
            ..NewPerson::alone(key, Day::new_year(1900 + 20 * key as i16))
        };
        // Grandfather, father, son in one household; a son who founded his own; his wife, her mother and a child with them; a widow whose
        // husband lived elsewhere; father and son in a camp.
        persons.append(&[
            person(0, Sex::Male, None, Some(0)),
            person(1, Sex::Male, Some(0), Some(0)),
            person(2, Sex::Male, Some(1), Some(0)),
            person(3, Sex::Male, Some(1), Some(1)),
            person(3, Sex::Female, None, Some(1)),
            person(2, Sex::Female, None, Some(1)),
            person(4, Sex::Female, Some(3), Some(1)),
            person(2, Sex::Female, None, Some(2)),
            person(2, Sex::Male, None, Some(3)),
            person(1, Sex::Male, None, None),
            person(2, Sex::Male, Some(9), None),
        ]);
        let id = PersonId::from_row;
        for (wife, husband) in [(4, 3), (7, 8)] {
            marriages.wed(&mut persons.marriage, id(wife), id(husband), Day::new_year(1970));
        }
        let asked: Vec<PersonId> = persons.life.ids().collect();
        let founders = household_founders(&persons, &marriages, &asked);
        assert_eq!(founders, [0, 0, 0, 3, 3, 5, 3, 7, 8, 9, 10].map(id));
        // Each by itself.
        for (person, founder) in asked.iter().zip(founders) {
            assert_eq!(household_founders(&persons, &marriages, &[*person]), [founder]);
        }
    }
}
