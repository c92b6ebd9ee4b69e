//! Stage `Service` of a year: what births left open of a class is settled, a cohort comes of age, officers are commissioned.

use super::{Clock, Control, ControlParams, Pending, penalty};
use crate::mechanism::class::inheritance::{self, Rule};
use crate::mechanism::class::review;
use crate::mechanism::control::offence;
use crate::mechanism::service::{career, conscription};
use crate::society::history::{Buckets, History};
use crate::society::person::{Class, MarriageId, PersonId};
use crate::society::rates::FOUNDING_YEAR;
use crate::society::reach;
use crate::society::service::{Career, Mark};
use crate::society::songbun::{Origin, line_root};
use crate::society::views::{self, Labels};
use exitvoice_core::parallel::Pool;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};

/// Rows handled together by one thread.
const CHUNK: usize = 8_192;
/// The same of those chosen as officers: few, each with all of their kin.
const CHOSEN_CHUNK: usize = 256;

/// The stage.
pub(crate) fn come_of_age(history: &mut History<'_>, year: usize, pool: &Pool) {
    book_newborns(history, year, pool);
    let control = &history.input.params.control;
    let [first, service] = [clock_age(control), control.conscription.age.0];
    // One walk over the cohort where both ages are one.
    if first < service {
        let cohort = cohort(history, year, first, |control| &mut control.minors);
        open_files(history, year, &cohort, Coming::Clock, pool);
        let cohort = self::cohort(history, year, service, |control| &mut control.youths);
        open_files(history, year, &cohort, Coming::Service, pool);
    } else {
        let cohort = cohort(history, year, service, |control| &mut control.youths);
        open_files(history, year, &cohort, Coming::Both, pool);
    }
    commission(history, year, pool);
    leave_track_by_marriage(history, year);
}

/// What a cohort comes of age for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coming {
    /// The clock of offences.
    Clock,
    /// Draft, party and officer track.
    Service,
    /// Both.
    Both,
}

/// Age in days at which a cohort is read for its clocks of offences, which start when the file is opened: no later than that, or a first
/// event between would fall into a year that is over.
fn clock_age(params: &ControlParams) -> f64 {
    params.review.opened_at.0.min(params.conscription.age.0)
}

/// Opens the files of a cohort and puts what follows into its years.
fn open_files(history: &mut History<'_>, year: usize, cohort: &[PersonId], coming: Coming, pool: &Pool) {
    let shared = &*history;
    let opened = pool.map_chunks_of(cohort.len(), CHUNK, |range| opened(shared, &cohort[range], coming));
    let now = year;
    for opened in opened {
        let control = &mut history.control;
        for (person, career) in opened.careers {
            control.files.career[person] = career;
        }
        for clock in opened.clocks {
            let year = history.calendar.year_of(clock.day).expect("clocks fall before the freeze");
            // Leap days let some of those born on a 1 July come of age on the last day of the year before.
            history.control.clocks.push(year.max(now), clock);
        }
        for (person, day) in opened.commissions {
            let year = history.calendar.year_of(day).expect("commissions are dated before the freeze");
            history.control.commissions.push(year.max(now), person);
        }
        for pending in opened.pending {
            let year = history.calendar.year_of(pending.day).expect("reviews are dated before the freeze");
            history.control.pending.push(year.max(now), pending);
        }
    }
}

/// Books the lines of the founders, by their class.
pub(crate) fn book_founders(history: &mut History<'_>, pool: &Pool) {
    let shared = &*history;
    let founders = shared.persons.len();
    let found = pool.map_chunks_of(founders, CHUNK, |range| {
        let origin = |row| founding(shared, PersonId::from_row(row));
        range.map(origin).collect::<Vec<Origin>>()
    });
    history.control.files.origin.as_mut_vec().extend(found.into_iter().flatten());
    history.control.files.founders = founders;
    history.control.rows.push(founders as u32);
}

/// Extends the columns to the rows born this year and settles what is left open of their class under the scenario's rule.
fn book_newborns(history: &mut History<'_>, year: usize, pool: &Pool) {
    let (first, end) = (history.control.entries.len(), history.persons.len());
    let unread = std::mem::take(&mut history.control.unread);
    let shared = &*history;
    let booked = pool.map_chunks_of(unread.len(), CHUNK, |range| {
        unread[range].iter().map(|child| book(shared, *child, year)).collect::<Vec<Class>>()
    });
    let History { control, persons, .. } = history;
    for (child, class) in unread.into_iter().zip(booked.into_iter().flatten()) {
        persons.links[child].class = class;
    }
    control.files.career.as_mut_vec().resize(end, Career::default());
    control.entries.as_mut_vec().resize(end, 0);
    control.rows.push(end as u32);
    keep_worst(history, first, end);
}

/// Whether the year's files decide on the class of a child whose father stands in `paternal` and whose line was booked as `line`. The default
/// rule needs nobody else, and most lines stand where they were booked.
pub(crate) fn class_is_open(rule: Rule, paternal: Class, line: Origin) -> bool {
    rule != Rule::Paternal || paternal > line.standing()
}

/// Under rule R5, takes the classes of new rows into the worst class of their parents' children.
fn keep_worst(history: &mut History<'_>, first: usize, end: usize) {
    if history.input.params.class.rule != Rule::ThreeGenerations {
        return;
    }
    history.control.worst_child.as_mut_vec().resize(end, Class::Core);
    for child in (first..end).map(PersonId::from_row) {
        note_worst(history, child);
    }
}

/// Takes the class of a person into the worst class of the parents' children, where rule R5 keeps it.
pub(super) fn note_worst(history: &mut History<'_>, person: PersonId) {
    let class = history.persons.links[person].class;
    let parents = [history.persons.links[person].father, history.persons.links[person].mother];
    let worst = history.control.worst_child.as_mut_slice();
    for parent in parents.into_iter().flatten() {
        if let Some(slot) = worst.get_mut(parent.row()) {
            *slot = class.max(*slot);
        }
    }
}

fn founding(history: &History<'_>, person: PersonId) -> Origin {
    let persons = &history.persons;
    let root = line_root(persons, person);
    inheritance::founding_origin(
        &history.input.params.class,
        history.control.draws.origin,
        persons.life[root].key,
        persons.links[person].class,
    )
}

/// Class of a child born this year: the rule's, restored where the line stood higher.
fn book(history: &History<'_>, child: PersonId, year: usize) -> Class {
    let (persons, params) = (&history.persons, &history.input.params);
    let worst = &history.control.worst_child;
    let labels = Labels {
        now: |p: PersonId| persons.links[p].class,
        worst_child: |p: PersonId| worst.as_slice().get(p.row()).copied().unwrap_or(Class::Core),
    };
    let (rule, draws) = (params.class.rule, history.control.draws.review);
    let class = views::class_at_birth(rule, params, persons, &labels, child, draws, history.calendar.first_day(year));
    let draw = || views::restoring(persons, child, draws);
    views::restored(params, class, history.control.files.origin[child].standing(), draw)
}

/// Who reaches an age, in days, this year: a block of rows, since children were appended in the order of their year; founders come from the
/// buckets of `younger`, and all grown founders in the first year.
fn cohort(
    history: &mut History<'_>,
    year: usize,
    age: f64,
    younger: fn(&mut Control) -> &mut Buckets<PersonId>,
) -> Vec<PersonId> {
    if year == 0 {
        let founders = history.control.rows[0] as usize;
        let mut grown = Vec::new();
        for person in (0..founders).map(PersonId::from_row) {
            if !history.persons.alive(person, history.calendar.start()) {
                continue;
            }
            let day = history.persons.life[person].birth + age as i32;
            match history.calendar.year_of(day) {
                None => grown.push(person),
                Some(year) => younger(&mut history.control).push(year, person),
            }
        }
        grown.extend(younger(&mut history.control).take(0).into_iter().flatten());
        return grown;
    }
    let mut cohort = younger(&mut history.control).take(year).concat();
    if let Some(born) = year.checked_sub((age / DAYS_PER_YEAR) as usize) {
        let rows = &history.control.rows;
        cohort.extend((rows[born]..rows[born + 1]).map(|row| PersonId::from_row(row as usize)));
    }
    cohort
}

/// What the opening of files sets off.
#[derive(Default)]
struct Opened {
    careers: Vec<(PersonId, Career)>,
    clocks: Vec<Clock>,
    commissions: Vec<(PersonId, Day)>,
    pending: Vec<Pending>,
}

fn opened(history: &History<'_>, cohort: &[PersonId], coming: Coming) -> Opened {
    let mut opened = Opened::default();
    let (persons, params, draws) = (&history.persons, &history.input.params.control, &history.control.draws);
    let freeze = history.input.freeze;
    let highest = offence::highest_rate(&params.offence);
    let age = if coming == Coming::Clock { clock_age(params) } else { params.conscription.age.0 };
    for person in cohort {
        let (person, birth) = (*person, persons.life[*person].birth);
        let end = persons.life[person].death.min(freeze);
        if end <= birth + age as i32 {
            continue;
        }
        let block = draws.service.block(persons.life[person].key, 0);
        let from = review::opening_day(&params.review, birth).max(history.calendar.start());
        if coming != Coming::Service
            && let Some(day) = offence::next_event(highest, block.second(), from, end)
        {
            opened.clocks.push(Clock { person, day, occurrence: 0 });
        }
        if coming != Coming::Clock {
            enlist(history, person, block.uniform(), end, &mut opened);
        }
    }
    opened
}

/// Draft, party and officer track from one uniform value, split by each probability in turn.
fn enlist(history: &History<'_>, person: PersonId, u: f64, end: Day, opened: &mut Opened) {
    let (persons, params) = (&history.persons, &history.input.params.control);
    let (class, sex, birth) = (persons.links[person].class, persons.links[person].sex, persons.life[person].birth);
    let stratum = history.control.files.origin[person].stratum();
    let day = birth + params.conscription.age.0 as i32;
    let mut left = u;
    let mut happens = |chance: f64| {
        let yes = left < chance;
        left = if yes { left / chance } else { (left - chance) / (1.0 - chance) };
        yes
    };
    let mut career = history.control.files.career[person];
    let drafted = happens(if career.has(Mark::Confined) {
        0.0
    } else {
        conscription::probability(&params.conscription, sex, class, stratum)
    });
    if drafted {
        career.set_track(career::Track::Ranks);
    }
    let admitted = if drafted { params.career.party_admitted } else { params.career.party_others };
    let party = day + params.career.party_after.0 as i32;
    let admitted = (admitted.value() * career::party_factor(&params.career, f64::from(party.year()))).min(1.0);
    let closed = class == Class::Hostile || career.has(Mark::Blocked) || career.has(Mark::Confined);
    if !closed && happens(admitted) {
        career.set(Mark::Party);
        let review = review::review_day(&params.review, params.review.up, party, raise_draw(history, person));
        if let Some(day) = review.filter(|day| class != Class::Core && *day < end && *day >= history.calendar.start()) {
            opened.pending.push(Pending { person, day, entries: history.control.entries[person], raises: true });
        }
    }
    let length = conscription::length(&params.conscription, sex, day.year());
    if drafted && class == Class::Core && happens(career::officer_track(&params.career, length)) {
        // Nobody is an officer before the service begins.
        let day = birth + params.career.commissioned_at.0.max(params.conscription.age.0) as i32;
        // Founders past that age in 1955 are commissioned in the first year.
        let until = birth + params.career.officer_until.0 as i32;
        let day = day.max(history.calendar.start());
        if day < end && day < until {
            opened.commissions.push((person, day));
        }
    }
    if career != Career::default() {
        opened.careers.push((person, career));
    }
}

/// Draw of the review that raises a class after party entry.
fn raise_draw(history: &History<'_>, person: PersonId) -> f64 {
    history.control.draws.review.uniform(history.persons.life[person].key, 0)
}

/// Officers of the year: those chosen who are still in the core class with an empty file and clean kin.
fn commission(history: &mut History<'_>, year: usize, pool: &Pool) {
    let chosen = history.control.commissions.take(year).concat();
    let shared = &*history;
    let tracks = pool.map_chunks_of(chosen.len(), CHOSEN_CHUNK, |range| {
        let (persons, files) = (&shared.persons, &shared.control.files);
        let fit = |p: &PersonId| {
            persons.life[*p].death > shared.calendar.first_day(year)
                && persons.links[*p].class == Class::Core
                && shared.control.entries[*p] == 0
                && files.career[*p].track().is_some()
        };
        let fit: Vec<PersonId> = chosen[range].iter().copied().filter(fit).collect();
        let nearest = nearest_offender(shared, &fit, year);
        let political = shared.input.params.control.career.political_eligible.value();
        let track = |(person, nearest): (PersonId, u8)| {
            let strict = nearest > career::CLEAN_DEGREE_STRICT
                && shared.control.draws.review.block(persons.life[person].key, 0).second() < political;
            let track = if strict { career::Track::PoliticalOfficer } else { career::Track::Officer };
            (nearest > career::CLEAN_DEGREE).then_some((person, track))
        };
        fit.into_iter().zip(nearest).filter_map(track).collect::<Vec<_>>()
    });
    for (person, track) in tracks.into_iter().flatten() {
        history.control.files.career[person].set_track(track);
        history.control.files.tallies[year].commissioned += 1;
    }
}

/// Degree of the nearest relative, dead or alive, who was punished for an offence of their own; `u8::MAX` where there is none within the
/// degrees that matter.
fn nearest_offender(history: &History<'_>, asked: &[PersonId], year: usize) -> Vec<u8> {
    let (persons, career) = (&history.persons, &history.control.files.career);
    let day = history.calendar.first_day(year + 1);
    let with_day: Vec<(PersonId, Day)> = asked.iter().map(|p| (*p, day)).collect();
    let mut nearest = vec![u8::MAX; asked.len()];
    let blood = reach::blood(persons, asked, career::CLEAN_DEGREE_STRICT);
    for found in blood.into_iter().chain(reach::spouses(persons, &history.marriages, &with_day)) {
        if career[found.person].has(Mark::Offender) {
            let slot = &mut nearest[found.of as usize];
            *slot = (*slot).min(found.degree);
        }
    }
    nearest
}

/// An officer who married an offender leaves the track.
fn leave_track_by_marriage(history: &mut History<'_>, year: usize) {
    for marriage in std::mem::take(&mut history.control.with_offender) {
        let officers: Vec<PersonId> = leaving(history, marriage).collect();
        for person in officers {
            penalty::end_track(history, year, person);
        }
    }
}

/// Officers of a couple whose other one is an offender.
fn leaving(history: &History<'_>, marriage: MarriageId) -> impl Iterator<Item = PersonId> {
    let couple = [history.marriages.wife[marriage], history.marriages.husband[marriage]];
    let careers = couple.map(|p| history.control.files.career[p]);
    let leaves = move |side: &usize| careers[*side].is_officer() && careers[1 - side].has(Mark::Offender);
    (0..couple.len()).filter(leaves).map(move |side| couple[side])
}

/// Calendar year in which most of a year step lies after its first half: the step from 1 July 1967 to 30 June 1968 counts as 1967.
pub(super) const fn calendar_year(year: usize) -> i16 {
    FOUNDING_YEAR + year as i16
}
