//! Requirements of a Society, checked one by one.

use crate::society::Society;
use crate::society::dossier::{EntryId, Outcome};
use crate::society::kin;
use crate::society::person::{LEAST_PARENT_AGE_YEARS, MarriageId, PersonId};
use crate::society::rates::Sex;
use exitvoice_core::time::Day;
use exitvoice_record::Violation;

const MOST_ROWS: usize = 10;
/// Nine months: a father may have died before the birth.
const NINE_MONTHS: i32 = 271;
/// Slack of whole days in ages counted in years of 365.25 days.
const AGE_SLACK_YEARS: f64 = 0.01;

/// Checks the requirements of [`crate::society::person`]:
///
/// - `parents_are_plausible`: a mother is a woman, a father a man, both old enough; she lives at the birth, he nine months before
/// - `death_after_birth`
/// - `spouses_are_mutual`: a person's latest marriage names them; wife is a woman and husband a man, both alive at the wedding
/// - `the_living_and_free_marry`: nobody marries after death, in a camp, or a first cousin or nearer kin
/// - `prisoners_have_no_children`: neither parent is in a camp at a birth
/// - `nobody_serves_after_a_camp`: who was sent to a camp while serving has been discharged
/// - `households_share_a_province`: the living members of a household live in one province
/// - `child_lists_are_complete`: following the lists finds every child once, youngest first
///
/// # Errors
/// One [`Violation`] for each requirement that fails.
pub fn check_society(society: &Society) -> Result<(), Vec<Violation>> {
    let mut found = Vec::new();
    let persons = &society.persons;
    let all = || persons.life.ids();
    let mut report = |requirement, rows: Vec<PersonId>, detail: &str| {
        if !rows.is_empty() {
            let rows = rows.iter().take(MOST_ROWS).map(|p| p.row()).collect();
            found.push(Violation { requirement, table: "persons", rows, detail: detail.to_owned() });
        }
    };
    report(
        "parents_are_plausible",
        all().filter(|p| !parents_plausible(society, *p)).collect(),
        "a parent of wrong sex, age or life span",
    );
    report(
        "death_after_birth",
        all().filter(|p| persons.life[*p].death < persons.life[*p].birth).collect(),
        "death before birth",
    );
    report(
        "spouses_are_mutual",
        all().filter(|p| !spouse_mutual(society, *p)).collect(),
        "a marriage that does not name both",
    );
    let unfit = |m: &MarriageId| {
        let (couple, start) =
            ([society.marriages.wife[*m], society.marriages.husband[*m]], society.marriages.start[*m]);
        couple.into_iter().any(|p| persons.life[p].death < start || in_camp(society, p, start))
            || near_kin(society, couple)
    };
    report(
        "the_living_and_free_marry",
        society.marriages.start.ids().filter(unfit).map(|m| society.marriages.wife[m]).collect(),
        "a wedding after a death, in a camp or of near kin; the wives are named",
    );
    let imprisoned = |p: &PersonId| {
        let links = &persons.links[*p];
        [links.mother, links.father].into_iter().flatten().any(|q| in_camp(society, q, persons.life[*p].birth))
    };
    report("prisoners_have_no_children", all().filter(imprisoned).collect(), "a birth to somebody in a camp");
    report(
        "nobody_serves_after_a_camp",
        all().filter(|p| serves_after_a_camp(society, *p)).collect(),
        "a soldier who was sent to a camp in service",
    );
    report(
        "households_share_a_province",
        apart(society),
        "a member of a household in another province than the others",
    );
    let mut listed = vec![0_u8; persons.len()];
    let mut unordered = Vec::new();
    for parent in all() {
        let mut last = None;
        for child in kin::children(persons, parent) {
            listed[child.row()] += 1;
            if last.is_some_and(|l| persons.life[child].birth > l) {
                unordered.push(child);
            }
            last = Some(persons.life[child].birth);
        }
    }
    report("child_lists_are_complete", unordered, "a list that is not ordered by birth");
    let expected =
        |p: PersonId| u8::from(persons.links[p].mother.is_some()) + u8::from(persons.links[p].father.is_some());
    report(
        "child_lists_are_complete",
        all().filter(|p| listed[p.row()] != expected(*p)).collect(),
        "a child listed too often or not at all",
    );
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Living persons whose household has an earlier living member in another province.
fn apart(society: &Society) -> Vec<PersonId> {
    let persons = &society.persons;
    let mut provinces: Vec<Option<u8>> = vec![None; society.households];
    let elsewhere = |person: &PersonId| {
        let household = persons.household[*person].filter(|_| persons.alive(*person, society.frozen));
        let province = persons.links[*person].province;
        household.is_some_and(|h| *provinces[h.row()].get_or_insert(province) != province)
    };
    persons.life.ids().filter(elsewhere).collect()
}

/// Whether somebody alive is in a camp on a day after the first and before the last one of a sentence.
fn in_camp(society: &Society, person: PersonId, day: Day) -> bool {
    let (record, death) = (&society.files.record, society.persons.life[person].death);
    let entries = society.files.entries(person).iter();
    let mut sentences = entries.filter(|id| record.outcome[**id] == Outcome::Camp);
    sentences.any(|id| record.day[*id] < day && day < record.until[*id].min(death))
}

/// Whether somebody who was sent to a camp while serving is on a track still.
fn serves_after_a_camp(society: &Society, person: PersonId) -> bool {
    let files = &society.files;
    files.career[person].track().is_some_and(|track| {
        let (since, until) = files.terms.span(&society.persons, person, track);
        let camp = |id: &EntryId| files.record.outcome[*id] == Outcome::Camp;
        files.entries(person).iter().any(|id| camp(id) && (since..until).contains(&files.record.day[*id]))
    })
}

/// Whether one of two persons is a parent or grandparent of the other, or they have one in common.
fn near_kin(society: &Society, couple: [PersonId; 2]) -> bool {
    let parents =
        |p: PersonId| [society.persons.links[p].mother, society.persons.links[p].father].into_iter().flatten();
    let forebears = |p: PersonId| parents(p).chain(parents(p).flat_map(parents)).collect::<Vec<PersonId>>();
    let [hers, his] = couple.map(forebears);
    hers.iter().any(|p| his.contains(p) || *p == couple[1]) || his.contains(&couple[0])
}

fn parents_plausible(society: &Society, person: PersonId) -> bool {
    let persons = &society.persons;
    let birth = persons.life[person].birth;
    let fits = |parent: PersonId, sex: Sex, slack: i32| {
        persons.links[parent].sex == sex
            && birth.years_since(persons.life[parent].birth) >= LEAST_PARENT_AGE_YEARS - AGE_SLACK_YEARS
            && birth.0 <= persons.life[parent].death.0.saturating_add(slack)
    };
    persons.links[person].mother.is_none_or(|m| fits(m, Sex::Female, 0))
        && persons.links[person].father.is_none_or(|f| fits(f, Sex::Male, NINE_MONTHS))
}

fn spouse_mutual(society: &Society, person: PersonId) -> bool {
    let (persons, marriages) = (&society.persons, &society.marriages);
    let Some(marriage) = persons.marriage[person] else { return true };
    let (wife, husband, start) = (marriages.wife[marriage], marriages.husband[marriage], marriages.start[marriage]);
    (wife == person || husband == person)
        && persons.links[wife].sex == Sex::Female
        && persons.links[husband].sex == Sex::Male
        && persons.life[wife].death >= start
        && persons.life[husband].death >= start
}
