//! Kin: who is related to whom, and how closely (chon), through constant-size rows.

use super::person::{Marriages, PersonId, Persons};

/// Largest degree that a mechanism of the country asks for.
pub const FARTHEST_DEGREE: u8 = 4;

/// A blood relative or spouse with the degree of kinship: 0 spouse, 1 parents and children, 2 grandparents, siblings and
/// grandchildren, 3 aunts, uncles, nieces, nephews, 4 cousins and others at four steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relative {
    /// Who.
    pub person: PersonId,
    /// Steps between the two, counted through the nearest common ancestor; 0 for a spouse.
    pub degree: u8,
    /// Of these, steps up from the person to the common ancestor: a mother and a grandmother have all, a daughter none, a sister one of two.
    pub up: u8,
}

/// Children of a person, youngest first.
pub fn children(persons: &Persons, parent: PersonId) -> impl Iterator<Item = PersonId> + '_ {
    let is_mother = persons.links[parent].sex == super::rates::Sex::Female;
    std::iter::successors(persons.links[parent].last_child, move |child| {
        if is_mother { persons.links[*child].elder_by_mother } else { persons.links[*child].elder_by_father }
    })
}

/// Spouse and all blood relatives up to `degree`, dead or alive, each once with the smallest degree,
/// ordered by (degree, row). Time is proportional to their number. `found` is cleared first.
pub fn relatives(persons: &Persons, marriages: &Marriages, person: PersonId, degree: u8, found: &mut Vec<Relative>) {
    found.clear();
    if let Some(spouse) = marriages.spouse(persons, person) {
        found.push(Relative { person: spouse, degree: 0, up: 0 });
    }
    up(persons, person, 0, degree, found);
    found.sort_unstable_by_key(|r| (r.person, r.degree));
    found.dedup_by_key(|r| r.person);
    found.retain(|r| r.person != person);
    found.sort_unstable_by_key(|r| (r.degree, r.person));
}

/// Adds the descendants of `ancestor`, who stands `steps` generations above, then goes on to the parents.
fn up(persons: &Persons, ancestor: PersonId, steps: u8, limit: u8, found: &mut Vec<Relative>) {
    if steps > 0 {
        found.push(Relative { person: ancestor, degree: steps, up: steps });
    }
    down(persons, ancestor, steps, steps, limit, found);
    if steps < limit {
        for parent in [persons.links[ancestor].mother, persons.links[ancestor].father].into_iter().flatten() {
            up(persons, parent, steps + 1, limit, found);
        }
    }
}

fn down(persons: &Persons, ancestor: PersonId, up: u8, degree: u8, limit: u8, found: &mut Vec<Relative>) {
    if degree >= limit {
        return;
    }
    for child in children(persons, ancestor) {
        found.push(Relative { person: child, degree: degree + 1, up });
        down(persons, child, up, degree + 1, limit, found);
    }
}
