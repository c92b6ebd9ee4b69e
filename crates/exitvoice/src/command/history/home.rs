//! Tables of `history` on class, control and service, each beside what is published.

use super::measured::{Controlled, Measured, REACHED};
use super::{PrintedTable, sources, table, table_with_gaps};
use exitvoice_core::time::Day;
use exitvoice_model::mechanism::class::inheritance::Rule;
use exitvoice_model::mechanism::control::camp;
use exitvoice_model::mechanism::service::{career, conscription};
use exitvoice_model::society::history::HistoryParams;
use exitvoice_model::society::moves::Reason;
use exitvoice_model::society::person::Class;
use exitvoice_model::society::rates::mid_year;
use exitvoice_model::society::tables::{classes, stocks};

/// All of them.
pub(super) fn tables(scale: f64, params: &HistoryParams, measured: &Measured) -> Vec<PrintedTable> {
    vec![
        class_rules(&measured.class_shares),
        fathers(&measured.fathers),
        camps(scale, measured),
        service(scale, params, measured),
        moves(scale, &measured.moves),
        control(scale, &measured.control),
        kin_at_risk(&measured.at_risk),
    ]
}

fn class_rules(shares: &[classes::ByRule]) -> PrintedTable {
    let row = |by: &classes::ByRule, rule: Rule| {
        (format!("{} {}", by.day, rule.word()), by.shares[rule as usize - Rule::Paternal as usize].to_vec())
    };
    table(
        "class_rules",
        &format!(
            "Class shares by rule of inheritance, all read from one record (published for 1958 to 2012: .25 to .30, .40 to .55, .20 to .40; {})",
            sources::CLASSES
        ),
        &["day_and_rule", "core", "wavering", "hostile"],
        shares.iter().flat_map(|by| Rule::ALL.map(|rule| row(by, rule))).collect(),
    )
}

fn fathers(counts: &[[u64; 3]; 3]) -> PrintedTable {
    let matrix = classes::transition(counts);
    let (stationary, margins) = (classes::stationary(&matrix), classes::transition_margins(counts));
    let mut rows: Vec<(String, Vec<f64>)> =
        Class::ALL.iter().zip(matrix).map(|(c, row)| (format!("father_{}", c.word()), row.to_vec())).collect();
    rows.push(("all_fathers".to_owned(), margins[0].to_vec()));
    rows.push(("all_children".to_owned(), margins[1].to_vec()));
    rows.push(("stationary".to_owned(), stationary.to_vec()));
    let title = format!(
        "Children of 17 to 39 at the freeze by class under the paternal rule (R1), fathers as at the birth; second eigenvalue {:.3} (a survey finds the two alike, with some downward drift; {})",
        classes::second_eigenvalue(&matrix),
        sources::FATHERS
    );
    table("fathers_and_children", &title, &["class", "core", "wavering", "hostile"], rows)
}

/// First years of the published stocks of camps, and of the censuses and estimates behind the two schools of army size.
pub(super) const CAMPS_SINCE: i16 = 2009;
pub(super) const ARMY_SINCE: i16 = 1993;

/// Share of documented prisoners held only for a relative's act, 356 of 1,258 and "a third", and the year of its publication
/// (`sources::CAMPS_FOR_KIN`). Those are all who were documented, no stock on a day.
pub(super) const DOCUMENTED_FOR_KIN: ((f64, f64), i16) = ((0.283, 0.333), 2016);

/// Published bounds from the first year on that they speak of.
fn since(first: i16, day: Day, (low, high): (f64, f64)) -> [Option<f64>; 2] {
    [low, high].map(|bound| (day.year() >= first).then_some(bound))
}

fn camps(scale: f64, measured: &Measured) -> PrintedTable {
    let row = |(day, count): &(Day, stocks::Punished)| {
        let kin = count.camps_for_kin as f64 / count.camps.max(1) as f64;
        let at_full_scale = |n: u64| (n as f64 / scale).round();
        let [low, high] = since(CAMPS_SINCE, *day, camp::PUBLISHED_STOCK);
        let [held, banished] = [count.camps, count.banished].map(|n| Some(at_full_scale(n)));
        (day.to_string(), vec![held, low, high, Some(kin), banished])
    };
    table_with_gaps(
        "camps",
        &format!(
            "Persons in political camps at full scale, beside bounds of the published stocks since {CAMPS_SINCE} ({}): the upper value of the lowest study, CP024, and the highest number, CP017, rounded; share held for a relative only (of 1,258 documented prisoners, published in 2016 and no stock, .28 to .33; {}); banished",
            sources::CAMPS,
            sources::CAMPS_FOR_KIN
        ),
        &["day", "in_camps", "published_low", "published_high", "share_for_kin", "banished"],
        measured.punished.iter().filter(|(day, _)| measured.days.contains(day)).map(row).collect(),
    )
}

/// Published bounds of the army where a scenario chooses a school; none between the two, since nobody published a mean of them.
pub(super) fn published_army(params: &HistoryParams) -> Option<(f64, f64)> {
    let weight = params.control.conscription.larger_school.value();
    let [smaller, larger] = conscription::PUBLISHED_ARMY;
    match weight {
        w if w <= 0.0 => Some(smaller),
        w if w >= 1.0 => Some(larger),
        _ => None,
    }
}

/// Members of the party published of the year of a day.
pub(super) fn published_members(day: Day) -> Option<f64> {
    career::PUBLISHED_MEMBERS.iter().find(|(year, _)| day == mid_year(*year)).map(|(_, members)| *members)
}

fn service(scale: f64, params: &HistoryParams, measured: &Measured) -> PrintedTable {
    let row = |(day, count): (&Day, &stocks::Serving)| {
        let soldiers = count.soldiers.iter().sum::<u64>();
        let of = |n: u64, all: u64| n as f64 / all.max(1) as f64;
        let schools = conscription::PUBLISHED_ARMY.map(|bounds| since(ARMY_SINCE, *day, bounds));
        let shares = [stocks::share_of_women(count), of(count.officers, soldiers), of(count.party, count.living)];
        let numbers = std::iter::once(Some((soldiers as f64 / scale).round()))
            .chain(schools.into_iter().flatten())
            .chain(shares.map(Some))
            .chain([Some((count.party as f64 / scale).round()), published_members(*day)]);
        (day.to_string(), numbers.collect())
    };
    let title = format!(
        "Soldiers at full scale beside the ranges published by each school of army size (estimates of 1993 to 2022; {}; the scenario gives the larger one a weight of {}), by the tracks of the freeze; members of the party at full scale and as a share of all people, beside the members published of 1988 and 2021 ({})",
        sources::ARMY,
        params.control.conscription.larger_school.value(),
        sources::PARTY
    );
    table_with_gaps(
        "service",
        &title,
        &[
            "day",
            "soldiers",
            "smaller_school_low",
            "smaller_school_high",
            "larger_school_low",
            "larger_school_high",
            "share_women",
            "share_officers",
            "share_party",
            "party_members",
            "published_members",
        ],
        measured.days.iter().zip(&measured.serving).map(row).collect(),
    )
}

fn moves(scale: f64, counts: &[(Day, Day, Reason, u64)]) -> PrintedTable {
    let row = |period: &[(Day, Day, Reason, u64)]| {
        let (from, until, ..) = period[0];
        let a_year = |moves: &u64| (*moves as f64 / scale / until.years_since(from)).round();
        (format!("{}-{}", from.year(), until.year()), period.iter().map(|(.., moves)| a_year(moves)).collect())
    };
    let columns: Vec<&str> = std::iter::once("period").chain(Reason::ALL.map(Reason::word)).collect();
    table(
        "moves",
        "Moves to another province a year at full scale, by reason, the last period to the freeze (no published counts)",
        &columns,
        counts.chunks(Reason::ALL.len()).map(row).collect(),
    )
}

fn control(scale: f64, periods: &[Controlled]) -> PrintedTable {
    table_with_gaps(
        "control",
        "Offences and punished offences a year at full scale, the last period to the freeze; kin punished for each by degree; officers, retired ones among them, whose track ended, a year (no published counts)",
        &[
            "period",
            "offences",
            "punished",
            "spouses",
            "degree_1",
            "degree_2",
            "degree_3",
            "degree_4",
            "in_laws",
            "officers_removed",
        ],
        control_rows(periods, scale),
    )
}

fn control_rows(periods: &[Controlled], scale: f64) -> Vec<(String, Vec<Option<f64>>)> {
    let row = |period: &Controlled| {
        let at_full_scale = |a_year: f64| Some((a_year / scale).round());
        let mut numbers = vec![at_full_scale(period.offences), at_full_scale(period.punished)];
        numbers.extend((0..REACHED.len()).map(|i| period.kin.map(|kin| kin[i])));
        numbers.push(at_full_scale(period.officers_removed));
        (format!("{}-{}", period.from.year(), period.until.year()), numbers)
    };
    periods.iter().map(row).collect()
}

fn kin_at_risk(at_risk: &[(stocks::AtRisk, Option<[f64; 5]>)]) -> PrintedTable {
    let row = |(r, _): &(stocks::AtRisk, _)| {
        let numbers = r.kin.into_iter().chain([r.punished, r.error]).collect();
        (r.age.to_string(), numbers)
    };
    table(
        "kin_at_risk",
        "Living kin of persons of an age at the freeze by degree, and how many of them an offence would reach, kin of the spouse left out, with its standard error",
        &["age", "spouse", "degree_1", "degree_2", "degree_3", "degree_4", "would_be_punished", "error_of_that"],
        at_risk.iter().map(row).collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::history::measured::controlled;
    use exitvoice_model::society::control::YearTally;
    use exitvoice_model::society::rates::FOUNDING_YEAR;

    #[test]
    fn a_constant_rate_gives_the_same_count_in_every_period_the_last_included() {
        let frozen = Day::from_ymd(2024, 10, 1).expect("a date");
        // A quarter of a year from 1 July 2024 on: 92 of 365.25 days.
        let step = |offences| YearTally { offences, punished: offences, removed: offences, ..YearTally::default() };
        let mut tallies = vec![step(365_250); (2024 - FOUNDING_YEAR) as usize];
        tallies.push(step(92_000));
        let rows = control_rows(&controlled(&tallies, frozen), 0.5);
        assert_eq!(rows.len(), 14);
        assert_eq!(rows[13].0, "2020-2024");
        for (period, numbers) in rows {
            for count in [numbers[0], numbers[1], numbers[8]].map(|n| n.expect("a count")) {
                // Leap days make steps of 365 or 366 days.
                assert!((count / 730_500.0 - 1.0).abs() < 0.001, "{period}: {count}");
            }
        }
    }

    #[test]
    fn kin_of_every_degree_are_counted_for_each_case() {
        let tallies = vec![YearTally { punished: 2, kin: [2, 4, 6, 8, 10], in_laws: 12, ..YearTally::default() }];
        let frozen = Day::from_ymd(2024, 10, 1).expect("a date");
        let numbers = &control_rows(&controlled(&tallies, frozen), 0.5)[0].1;
        for (found, expected) in numbers[2..8].iter().zip([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) {
            assert!((found.expect("a mean") - expected).abs() < 1e-12, "{numbers:?}");
        }
        let none = &control_rows(&controlled(&vec![YearTally::default()], frozen), 0.5)[0].1;
        assert_eq!((none[1], none[2]), (Some(0.0), None), "a mean over nobody is no number");
    }

    #[test]
    fn members_of_the_party_are_published_of_two_years_alone() {
        let of = |year| published_members(mid_year(year));
        assert_eq!((of(1988), of(2021), of(1990), of(2020)), (Some(3_000_000.0), Some(6_500_000.0), None, None));
    }

    #[test]
    fn the_army_has_published_bounds_only_where_a_school_is_chosen() {
        let of = |weight: f64| {
            let change = [("service.conscription.larger_school", weight)];
            published_army(&crate::country::changed_params(&change).expect("a weight"))
        };
        assert_eq!([of(0.0), of(1.0)], conscription::PUBLISHED_ARMY.map(Some));
        assert_eq!(of(0.5), None);
    }
}
