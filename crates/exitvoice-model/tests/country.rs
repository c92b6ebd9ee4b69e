//! The country as a whole: requirements, targets, and that threads do not matter.

mod support;

use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::{DAYS_PER_YEAR, Day};
use exitvoice_model::check_society;
use exitvoice_model::mechanism::class::inheritance::Rule;
use exitvoice_model::society::Society;
use exitvoice_model::society::extract::Extract;
use exitvoice_model::society::kin::{self, Relative};
use exitvoice_model::society::measures;
use exitvoice_model::society::moves::Reason;
use exitvoice_model::society::person::{Class, MarriageId, PROVINCES, PersonId};
use exitvoice_model::society::rates::{FOUNDING_YEAR, Sex, mid_year};
use exitvoice_model::society::tables::{self, classes};
use std::collections::BTreeMap;
use support::{SCALE, changed_country, country, freeze_day, rates, shared};

fn bytes(society: &Society) -> Vec<u8> {
    society.canonical(&Pool::new(2).expect("threads"), <[u8]>::to_vec).concat()
}

#[test]
fn every_requirement_of_the_country_holds() {
    assert_eq!(check_society(&shared().0), Ok(()));
}

#[test]
fn every_requirement_holds_where_punishment_is_fifteen_times_as_frequent() {
    // At the usual rate a wedding of somebody who is sentenced in the same year is one in a thousand.
    let a_year = 1.0 / DAYS_PER_YEAR;
    let society = changed_country(5, SCALE, &[("control.offence.base_rate", 0.03 * a_year)], freeze_day());
    assert_eq!(check_society(&society), Ok(()));
}

#[test]
fn the_number_of_threads_does_not_matter() {
    let one = country(9, SCALE, 1);
    let pool = Pool::new(1).expect("a thread");
    let extract = Extract::take(&one, 500, &pool);
    for threads in [2, 3, 8] {
        let many = country(9, SCALE, threads);
        assert!(bytes(&one) == bytes(&many), "{threads} threads");
        let pool = Pool::new(threads).expect("threads");
        assert!(extract == Extract::take(&many, 500, &pool), "{threads} threads");
    }
    assert!(bytes(&one) != bytes(&country(10, SCALE, 1)), "another seed gives another country");
}

#[test]
fn population_follows_the_published_series() {
    // Binomial noise of 52,000 persons is .4 %; births add to it over the years: four standard errors are about 3 %.
    let society = &shared().0;
    let days: Vec<_> = (0..14).map(|k| mid_year(1955 + 5 * k)).collect();
    let counts = tables::population(society, &days, &Pool::new(2).expect("threads"));
    for row in tables::against_pyramid(&counts, &rates(), SCALE).iter().filter(|r| r.age_from.is_none()) {
        assert!(row.deviation().abs() < 0.03, "{}: {:.4}", row.year, row.deviation());
    }
}

#[test]
fn five_year_groups_follow_the_published_pyramids() {
    // 3 % as at full scale, and four standard errors of the persons simulated: of a group, and of the births that it comes from.
    let (society, pool) = (&shared().0, Pool::new(2).expect("threads"));
    let days: Vec<_> = (1..14).map(|k| mid_year(1955 + 5 * k)).collect();
    let rows = tables::against_pyramid(&tables::population(society, &days, &pool), &rates(), SCALE);
    let groups: Vec<_> =
        rows.iter().filter(|r| r.age_from.is_some_and(|age| age < 80) && r.published > 50_000.0).collect();
    assert!(groups.len() > 350, "{}", groups.len());
    let mut errors = 0.0;
    for row in &groups {
        let error = (2.0 / (row.published * SCALE)).sqrt();
        errors += row.deviation() / error;
        let what = format!("{} {:?} {:?}", row.year, row.sex, row.age_from);
        assert!(row.deviation().abs() < 0.03 + 4.0 * error, "{what}: {:.4}", row.deviation());
    }
    // On average they are neither too many nor too few: groups of one cohort go together, so a third of an error is allowed.
    assert!((errors / groups.len() as f64).abs() < 1.0 / 3.0, "{}", errors / groups.len() as f64);
}

#[test]
fn spouses_who_are_not_mutual_are_found() {
    type Change = fn(&mut Society, MarriageId);
    let changes: [(&str, Change); 5] = [
        ("a bride who is a man", |s, m| s.persons.links[s.marriages.wife[m]].sex = Sex::Male),
        ("a groom who is a woman", |s, m| s.persons.links[s.marriages.husband[m]].sex = Sex::Female),
        ("a dead bride", |s, m| s.persons.life[s.marriages.wife[m]].death = s.marriages.start[m] + -1),
        ("a dead groom", |s, m| s.persons.life[s.marriages.husband[m]].death = s.marriages.start[m] + -1),
        ("a marriage of others", |s, m| {
            let husband = s.marriages.husband[m];
            s.persons.marriage[husband] = s.marriages.wife.ids().find(|other| s.marriages.husband[*other] != husband);
        }),
    ];
    for (what, change) in changes {
        let mut society = country(11, 0.000_3, 2);
        let persons = &society.persons;
        // Both are in their latest marriage.
        let both = |m: &MarriageId| {
            [society.marriages.wife[*m], society.marriages.husband[*m]]
                .into_iter()
                .all(|p| persons.marriage[p] == Some(*m))
        };
        let marriage = society.marriages.wife.ids().find(both).expect("somebody is married once");
        change(&mut society, marriage);
        let found = check_society(&society).expect_err(what);
        assert!(found.iter().any(|v| v.requirement == "spouses_are_mutual"), "{what}: {found:?}");
    }
}

#[test]
fn children_of_one_day_are_in_order() {
    let mut society = country(11, 0.000_3, 2);
    let persons = &society.persons;
    let siblings = |p| kin::children(persons, p).take(2).collect::<Vec<_>>();
    let two = persons.life.ids().map(siblings).find(|children| children.len() == 2).expect("somebody has two");
    society.persons.life[two[1]].birth = society.persons.life[two[0]].birth;
    let found = check_society(&society).err().unwrap_or_default();
    assert!(found.iter().all(|v| v.requirement != "child_lists_are_complete"), "{found:?}");
}

#[test]
fn first_marriages_come_at_the_ages_of_the_census() {
    // Ten years about the census of 2008, of which each has less than 400 couples here; ages differ by 4 years.
    let marriages = measures::first_marriages(&shared().0, mid_year(2003), mid_year(2013));
    for ((mean, couples), census) in marriages.into_iter().zip([25.5, 29.0]) {
        let error = 4.0 / (couples as f64).sqrt();
        assert!(couples > 3_000 && (mean - census).abs() < 0.4 + 4.0 * error, "{mean} at {couples}");
    }
}

#[test]
fn mothers_live_beside_their_children_less_often_with_age_and_as_the_walk_over_kin_counts_them() {
    let society = &shared().0;
    let (day, pool) = (society.frozen, Pool::new(2).expect("threads"));
    let [newborn, grown, old] = [0.0, 20.0, 60.0].map(|age| measures::with_living_mother(society, day, age));
    assert!(newborn.0 > 0.98 && newborn.0 > grown.0 && grown.0 > 0.85 && old.0 < 0.5, "{newborn:?} {grown:?} {old:?}");
    let with_father = |age| {
        let of_age: Vec<PersonId> = measures::of_age(&society.persons, day, age).collect();
        let lives = |p: &&PersonId| society.persons.links[**p].father.is_some_and(|f| society.persons.alive(f, day));
        of_age.iter().filter(lives).count() as f64 / of_age.len() as f64
    };
    let (kin, persons) = measures::living_kin(society, day, 20.0, 1, &pool);
    assert_eq!(persons, grown.1);
    assert!((kin[1][0] - grown.0 - with_father(20.0)).abs() < 1e-9, "parents alive: {} and {grown:?}", kin[1][0]);
}

#[test]
fn kin_are_found_once_and_are_mutual() {
    let society = &shared().0;
    let persons = &society.persons;
    let (mut mine, mut theirs): (Vec<Relative>, Vec<Relative>) = (Vec::new(), Vec::new());
    let living: Vec<PersonId> = persons.life.ids().filter(|p| persons.alive(*p, society.frozen)).step_by(997).collect();
    assert!(living.len() > 40);
    for person in living {
        kin::relatives(persons, &society.marriages, person, 4, &mut mine);
        let mut rows: Vec<PersonId> = mine.iter().map(|r| r.person).collect();
        rows.sort_unstable();
        assert!(rows.windows(2).all(|w| w[0] < w[1]), "each relative once");
        for relative in mine.iter().filter(|r| r.degree > 0).step_by(5) {
            kin::relatives(persons, &society.marriages, relative.person, 4, &mut theirs);
            assert!(
                theirs.iter().any(|r| r.person == person && r.degree == relative.degree),
                "{person:?} {relative:?}"
            );
        }
    }
}

#[test]
fn the_extract_survives_storing_and_refuses_damage() {
    let (society, extract) = shared();
    let sections = extract.to_sections();
    let find = |name: &str| sections.iter().find(|(n, _)| *n == name).map(|(_, bytes)| bytes.as_slice());
    assert!(*extract == Extract::from_sections(&find).expect("complete"));
    assert!(Extract::from_sections(&|name| if name == "links" { None } else { find(name) }).is_err());
    let short: Vec<u8> = find("key").expect("there").iter().copied().skip(8).collect();
    assert!(Extract::from_sections(&|name| if name == "key" { Some(&short) } else { find(name) }).is_err());
    assert_eq!(extract.seed, Seed(1));
    let mean: f64 = extract.hostage.iter().sum::<f64>() / extract.len() as f64;
    // The weights have a standard deviation of .35 to .45, these are about 2,000 candidates, many of them brothers: five standard errors or more.
    assert!((mean - 1.0).abs() < 0.03, "the unit of the hostage weight is its mean over the default country: {mean}");
    let persons = &society.persons;
    let close = |c: usize| extract.kin(c).iter().any(|link| link.degree <= 2);
    assert!((0..extract.len()).all(close), "nobody is sent without a living close relative");
    // Kin and counts by the slow way: one person at a time.
    let rows: BTreeMap<u64, PersonId> = persons.life.ids().map(|p| (persons.life[p].key, p)).collect();
    let mut relatives = Vec::new();
    for candidate in (0..extract.len()).step_by(29) {
        let person = rows[&extract.key[candidate]];
        let service = society.files.terms.service(persons, &society.files.career, person, society.frozen);
        assert_eq!(service, Some(extract.service[candidate]));
        kin::relatives(persons, &society.marriages, person, 4, &mut relatives);
        let mut slow: Vec<(u64, u8)> = relatives
            .iter()
            .filter(|r| persons.alive(r.person, society.frozen))
            .map(|r| (persons.life[r.person].key, r.degree))
            .collect();
        let links = extract.kin(candidate).iter();
        let mut fast: Vec<(u64, u8)> = links.map(|l| (extract.kin_key[l.kin as usize], l.degree)).collect();
        slow.sort_unstable();
        fast.sort_unstable();
        assert_eq!(slow, fast);
        let unit = extract.unit(candidate).expect("soldiers belong to a household");
        assert!((unit as usize) < extract.unit_address.len());
    }
}

#[test]
fn births_keep_their_spacing() {
    let society = &shared().0;
    let persons = &society.persons;
    // 1.25 years, less a day of rounding at either end.
    let least = 455;
    let mut pairs = 0;
    for person in persons.life.ids().filter(|p| persons.life[*p].birth > mid_year(1960)) {
        if let Some(elder) = persons.links[person].elder_by_mother {
            pairs += 1;
            assert!(persons.life[person].birth - persons.life[elder].birth >= least, "{person:?}");
        }
    }
    assert!(pairs > 10_000, "{pairs}");
}

#[test]
fn residents_by_class_and_province_are_those_of_the_pyramid_and_of_the_freeze() {
    // Under a rule that is not the default: labels are those of the scenario.
    for rule in [Rule::Paternal, Rule::BestOfTwo] {
        let change = [("class.inheritance.rule", f64::from(rule as u8))];
        let society = support::changed_country(8, 0.002, &change, freeze_day());
        let (params, pool) = (support::history_params(&change), Pool::new(2).expect("threads"));
        let mut replay = classes::Replay::with_residents(&society, &params);
        let _ = replay.shares(&[society.frozen], &pool);
        for person in society.persons.life.ids() {
            assert_eq!(replay.class(person, rule), society.persons.links[person].class, "{person:?}");
        }
        let (residents, provinces) = replay.into_residents();
        for (person, province) in society.persons.life.ids().zip(provinces) {
            let lived = society.persons.life[person].death > mid_year(FOUNDING_YEAR);
            assert!(!lived || society.persons.links[person].province == province, "{person:?}");
        }
        let days: Vec<Day> = residents.iter().map(|r| r.day).collect();
        assert_eq!((days.len(), days[0], days[69]), (70, mid_year(1955), mid_year(2024)));
        for (count, population) in residents.iter().zip(tables::population(&society, &days, &pool)) {
            for (cells, groups) in count.cells.iter().zip(population.by_age) {
                for (group, (cell, expected)) in cells.iter().zip(groups).enumerate() {
                    let found: u64 = cell.iter().flatten().sum();
                    assert_eq!(found, expected, "{} {group}", count.day);
                }
            }
        }
        // Classes by the replay of shares, a second route.
        let mut replay = classes::Replay::new(&society, &params);
        let by_rule = &replay.shares(&[mid_year(1990)], &pool)[0];
        let class = |class: usize| residents[35].cells.iter().flatten().map(|c| c[class].iter().sum::<u64>()).sum();
        let counts: [u64; 3] = [0, 1, 2].map(class);
        let all = counts.iter().sum::<u64>() as f64;
        for (count, share) in counts.iter().zip(by_rule.shares[rule as usize - 1]) {
            assert!((*count as f64 / all - share).abs() < 1e-3, "{counts:?} {share}");
        }
    }
}

#[test]
fn without_moves_only_the_banished_change_province() {
    let off = [("demography.migration.marriage_share", 0.0), ("demography.migration.service_share", 0.0)];
    let still = support::changed_country(8, 0.002, &off, freeze_day());
    let banished = |society: &Society, id| society.moves.reason[id] == Reason::Banishment;
    let joined = still.moves.person.ids().filter(|id| !banished(&still, *id)).count();
    // Left: who marries someone banished since the search began, and goes to live there.
    assert!(joined * 200 < still.marriages.len(), "{joined} of {}", still.marriages.len());
    let society = support::changed_country(8, 0.002, &[], freeze_day());
    let mut by_reason = [0; 4];
    society.moves.person.ids().for_each(|id| by_reason[society.moves.reason[id] as usize] += 1);
    assert!(by_reason.iter().all(|n| *n > 10), "{by_reason:?}");
    // The capital keeps its census share within sampling, and more of its residents are core than elsewhere.
    let living = |p: &PersonId| society.persons.alive(*p, society.frozen);
    let (mut all, mut core) = ([0.0; 2], [0.0; 2]);
    for links in society.persons.life.ids().filter(living).map(|p| &society.persons.links[p]) {
        let outside = usize::from(links.province != 0);
        all[outside] += 1.0;
        core[outside] += f64::from(u8::from(links.class == Class::Core));
    }
    let share = all[0] / (all[0] + all[1]);
    let census = PROVINCES[0].1 / PROVINCES.iter().map(|p| p.1).sum::<f64>();
    assert!((share - census).abs() < 0.01, "{share} {census}");
    assert!(core[0] / all[0] > core[1] / all[1] + 0.05, "{core:?} {all:?}");
}

#[test]
fn an_uneven_famine_moves_deaths_within_its_period_at_each_age() {
    // Period 1995-2000 of the tables, which begin with 1950-55.
    const FAMINE: usize = 9;
    let rates = rates();
    let society = support::changed_country(8, 0.01, &[("demography.death.famine_peak", 0.8)], freeze_day());
    // Four fifths of the hazard in three of five years: 4/3 of the published rate, then a half; the mean over the period is 1.
    for (from, until, factor) in [(1990, 1995, 1.0), (1995, 1998, 4.0 / 3.0), (1998, 2000, 0.5), (2000, 2005, 1.0)] {
        let period = FAMINE + usize::from(from >= 2000) - usize::from(from < 1995);
        let span = mid_year(from).0..mid_year(until).0;
        for ages in [0..5, 20..60, 60..80] {
            let (mut deaths, mut expected) = (0.0, 0.0);
            for person in society.persons.life.ids() {
                let (life, sex) = (society.persons.life[person], society.persons.links[person].sex);
                for age in ages.clone() {
                    let birthday = |age: usize| life.birth.0 + (age as f64 * DAYS_PER_YEAR) as i32;
                    let lived = birthday(age).max(span.start)..birthday(age + 1).min(span.end);
                    let days = (lived.end.min(life.death.0) - lived.start).max(0);
                    deaths += f64::from(u8::from(lived.contains(&life.death.0)));
                    expected += f64::from(days) / DAYS_PER_YEAR * factor * rates.death_rate(period, sex, age as f64);
                }
            }
            // Four standard errors of a Poisson count.
            assert!((deaths - expected).abs() < 4.0 * expected.sqrt(), "{from} {ages:?}: {deaths} {expected}");
        }
    }
}
