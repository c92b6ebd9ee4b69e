//! What the channels score and print of the shipped claims and a deployment that fits them, number by number. Another score, or another draw from
//! the same seed, is another `OBSERVER_VERSION`, which heads each file.
//! `cargo xtask golden --accept` writes the numbers anew; whoever does says in the commit why they moved.

mod common;

use common::{day, deployment, import_kursk, import_text, kursk_settings, scorer_settings};
use exitvoice_core::quantity::Seed;
use exitvoice_observe::import::{ImportSettings, Waves};
use exitvoice_observe::quadrature;
use exitvoice_observe::sampler::Observers;
use exitvoice_observe::{ClaimSet, Completeness, OBSERVER_VERSION, ObserverLaws, Scorer, ScorerSettings, Truth};
use exitvoice_record::{Departure, DepartureKind, Expected, ExpectedDeparture, Trajectory};
use std::fmt::Write as _;

/// The version that every file begins with.
fn head() -> String {
    format!("observers {OBSERVER_VERSION}\n")
}

fn lines<T: std::fmt::Debug>(out: &mut String, title: &str, rows: impl IntoIterator<Item = T>) {
    writeln!(out, "\n{title}").expect("a string");
    rows.into_iter().for_each(|row| writeln!(out, "{row:?}").expect("a string"));
}

/// Intensities of departures over the deployment, of both kinds and several sizes, some of them near the reports.
fn expected() -> Expected {
    let departure = |k: u32| ExpectedDeparture {
        day: 1 + k * 5,
        size: 1 + k * k % 23,
        kind: if k.is_multiple_of(3) { DepartureKind::Desertion } else { DepartureKind::Absence },
        at_front: !k.is_multiple_of(7),
        rate: 0.02 + 0.3 / f64::from(1 + k % 5),
        success: if k.is_multiple_of(3) { 0.3 } else { 0.0 },
        arrives: 2 + k * 5 + k % 4,
    };
    let near = [(4, 18), (5, 17), (104, 6), (105, 6), (106, 5), (107, 4), (144, 9), (145, 9)].into_iter().enumerate();
    let near = near.map(|(number, (day, size))| ExpectedDeparture {
        day,
        size,
        at_front: true,
        arrives: day + 1,
        ..departure(3 + number as u32 % 2)
    });
    Expected {
        departures: (0..40).map(departure).chain(near).collect(),
        captures: (0..205).map(|d| if d > 60 { 0.03 } else { 0.0 }).collect(),
        surrenders: (0..205).map(|d| f64::from(d % 9) * 1e-3).collect(),
    }
}

/// A row of each form, three reports of departures of which two lie close together and one is retold, deserters shown on record.
const OTHER: &str = "id,quantity,form,low,value,high,window_from,as_of,published,population,source_key,source_type,cluster,source_grade,\
info_grade,modelled,reason,revises,declared_floor,first_wave_only
A1,casualties,about,,3200,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a,B,2,yes,,,,
A2,killed,at_least,300,300,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a,B,2,yes,,,yes,
A3,wounded,at_most,,2700,2700,,2025-01-20,2025-01-22,dprk,uk_di,official,b,C,3,yes,,,,
A4,casualties,interval,3000,,4500,,2025-02-20,2025-02-21,dprk,ua_mod,official,c,C,3,yes,,,,
A5,share_killed,about,,0.2,,,2025-02-20,2025-02-21,dprk,ua_mod,official,c,C,3,yes,,,,
A6,killed,about,,150,,2025-01-01,2025-01-31,2025-02-01,dprk,ua_mod,official,d,D,4,yes,,,,yes
A7,sent,about,,12000,,,2025-01-15,2025-01-16,dprk,nis,intelligence_agency,e,B,2,yes,,,,
A8,present,interval,9000,,11500,,2025-01-15,2025-01-16,dprk,us_gov,official,f,B,3,yes,,,,
A9,share_casualties,about,,0.4,,,2025-01-15,2025-01-16,dprk,us_gov,official,f,E,5,yes,,,,
A10,share_casualties,about,,0.35,,,2025-01-25,2025-01-26,dprk,us_gov,official,n,C,3,yes,,,,yes
A11,wounded,about,,2100,,,2025-01-25,2025-01-26,dprk,us_gov,official,n,C,3,yes,,,,yes
A12,casualties,about,,2900,,,2025-01-26,2025-01-27,dprk,nis,intelligence_agency,o,B,2,yes,,,,yes
B1,prisoners,exact,,2,,,2025-01-11,2025-01-11,dprk,ua_president,official,g,C,1,yes,,,,
B2,prisoners,exact,,3,,,2025-03-11,2025-03-11,dprk,ua_president,official,h,C,1,yes,,,,
C1,desertions,exact,,6,,2025-01-20,2025-01-22,2025-01-23,dprk,ua_anon,media_anonymous,i,F,6,yes,,,,
C2,desertions,exact,,4,,2025-01-22,2025-01-24,2025-01-25,dprk,ua_anon,media_anonymous,j,F,6,yes,,,,
C3,desertions,exact,,9,,2025-03-01,2025-03-02,2025-03-03,dprk,ua_anon,media_anonymous,k,F,6,yes,,,,
C4,recaptured,exact,,9,,2025-03-01,2025-03-05,2025-03-06,dprk,ua_anon,media_anonymous,k,F,6,yes,,C3,,
D1,desertions,exact,,1,,,2025-03-20,2025-03-21,dprk,ua_mod,official,l,C,1,yes,,,,
";

fn other_claims() -> ClaimSet {
    import_text(OTHER)
}

/// The same with more reports than are summed set by set, and nobody shown on record.
fn many_claims() -> ClaimSet {
    let mut text: String = OTHER.lines().filter(|row| !row.starts_with("D1")).flat_map(|row| [row, "\n"]).collect();
    for (number, size) in [18, 2, 44, 7, 20, 12, 5, 3, 90, 6].into_iter().enumerate() {
        let month = 11 + number / 5;
        let day = |after: usize| 3 + 5 * (number % 5) + after;
        writeln!(
            text,
            "E{number},desertions,exact,,{size},,,2024-{month}-{:02},2024-{month}-{:02},dprk,ua_anon,media_anonymous,m{number},F,6,yes,,,,",
            day(0),
            day(1)
        )
        .expect("a string");
    }
    import_text(&text)
}

/// The deployment, with departures that the reports could describe.
fn world(scale: f64) -> Trajectory {
    let mut world = deployment(scale);
    let kinds = [DepartureKind::Absence, DepartureKind::Desertion];
    for (number, (day, size)) in
        [(4, 18), (5, 16), (104, 6), (106, 4), (107, 5), (144, 9), (146, 8)].into_iter().enumerate()
    {
        let departure = Departure { day, size, kind: kinds[number % 2], at_front: true, outcome: None };
        world.departures.push(departure);
    }
    (world.reached[60], world.reached[140], world.custody[70], world.custody[120]) = (6, 3, 2, 2);
    world
}

fn scorer(set: &ClaimSet, completeness: Completeness, laws: &ObserverLaws) -> Scorer {
    Scorer::new(set, &ScorerSettings { completeness, ..scorer_settings(8) }, laws).expect("few reports")
}

/// A row of each sort that no channel can score, and one that restates two others.
fn unusable_claims() -> ClaimSet {
    let rows = [
        "none,about,,5,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a",
        "casualties,none,,5,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,b",
        "casualties,denial,,,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,c",
        "casualties,about,,5,,,2025-02-20,2025-01-21,dprk,nis,intelligence_agency,d",
        "casualties,about,,5,,,2025-01-20,2025-01-21,mixed,nis,intelligence_agency,e",
        "casualties,about,,5,,,2025-01-20,2025-01-21,other,nis,intelligence_agency,f",
        "casualties,about,,5,,,2024-09-20,2025-01-21,dprk,nis,intelligence_agency,g",
        "prisoners,about,,5,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,h",
        "prisoners,exact,,5,,2025-01-01,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,i",
        "desertions,exact,,0,,,2025-01-20,2025-01-21,dprk,ua_anon,media_anonymous,j",
        "desertions,at_least,5,5,,,2025-01-20,2025-01-21,dprk,ua_anon,media_anonymous,k",
        "recaptured,exact,,5,,,2025-01-20,2025-01-21,dprk,ua_anon,media_anonymous,l",
        "share_killed,at_least,0.2,0.2,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,m",
        "killed,exact,,5,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,n",
        "killed,at_most,,0,0,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,o",
        "killed,interval,5,,5,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,p",
        "killed,interval,0,,5,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,q",
        "killed,about,,50,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,r",
        "wounded,about,,250,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,r",
        "casualties,about,,300,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,r",
    ];
    let mut text = OTHER.lines().next().expect("a header").to_owned() + "\n";
    for (number, row) in rows.iter().enumerate() {
        writeln!(text, "U{number},{row},B,2,yes,,,,").expect("a string");
    }
    import_text(&text)
}

#[test]
fn claims_are_read_into_these_rows() {
    let early = ImportSettings { view: Some(day(2024, 12, 31)), waves: Waves::Free, ..kursk_settings() };
    for (name, set) in [
        ("claims-all", import_kursk(&kursk_settings())),
        ("claims-early", import_kursk(&early)),
        ("claims-unusable", unusable_claims()),
    ] {
        let mut out = head();
        lines(
            &mut out,
            "used",
            set.used.iter().map(|c| (&c.id, c.quantity, c.form, [c.low, c.value, c.high], &c.cluster)),
        );
        lines(&mut out, "copies", &set.copies);
        lines(&mut out, "inputs", set.inputs.iter().map(|c| &c.id));
        lines(
            &mut out,
            "not modelled",
            set.not_modelled.iter().map(|n| format!("{n:?}").chars().take(160).collect::<String>()),
        );
        lines(&mut out, "after the view, notices", [format!("{} {:?}", set.after_view, set.notices)]);
        insta::assert_snapshot!(name, out);
    }
}

#[test]
fn realised_and_expected_events_have_these_scores() {
    let expected = expected();
    let mut pinned = ObserverLaws::from_registry();
    for (key, value) in
        [("observe.announcements.deserter", 0.7), ("observe.delay.third", 5.0), ("observe.junk.grade_a", 0.1)]
    {
        pinned.pin(key, value).expect("in range");
    }
    let laws = [ObserverLaws::from_registry(), pinned, ObserverLaws::from_registry().with_common_bias_scaled(2.0)];
    for (name, set) in
        [("scores", import_kursk(&kursk_settings())), ("scores-other", other_claims()), ("scores-many", many_claims())]
    {
        let mut out = head();
        lines(&mut out, "reports", scorer(&set, Completeness::Complete, &laws[0]).reports());
        for (number, laws) in laws.iter().enumerate() {
            scores(&mut out, number, &set, laws, &expected);
        }
        insta::assert_snapshot!(name, out);
    }
}

fn scores(out: &mut String, number: usize, set: &ClaimSet, laws: &ObserverLaws, expected: &Expected) {
    for completeness in [Completeness::Complete, Completeness::Incomplete] {
        let scorer = scorer(set, completeness, laws);
        let row = |scale: f64, seed: u64| {
            let world = world(scale);
            let truth = Truth::new(&world);
            let by_rate = truth.with_expected(expected);
            [scorer.decompose(&truth, Seed(seed)), scorer.decompose(&by_rate, Seed(seed))]
        };
        let worlds = [(0.02, 1), (0.3, 2), (1.0, 3), (1.0, 4), (1.6, 5)];
        lines(out, &format!("laws {number}, {completeness:?}"), worlds.map(|(scale, seed)| row(scale, seed)));
        // So many arrivals that the chance of an announcement is known within a few hundredths.
        let mut many = world(1.0);
        (many.reached[20], many.reached[175]) = (400, 150);
        lines(out, "many arrivals", [scorer.ln_exits(&Truth::new(&many))]);
        for report in 0..scorer.reports().len() {
            let world = world(1.0);
            let truth = Truth::new(&world);
            let rates = [None, Some(0.3), Some(2.0)];
            let realised = scorer.event_weights(&truth, report, rates, 1.0);
            let by_rate = scorer.event_weights(&truth.with_expected(expected), report, rates, 1.7);
            lines(out, &format!("report {report}"), realised.iter().zip(&by_rate));
        }
    }
}

/// What differs between two trajectories, day by day.
fn changes(before: &Trajectory, after: &Trajectory) -> Vec<String> {
    let columns = |t: &Trajectory| {
        [t.custody.clone(), t.surrendered.clone(), t.reached.clone(), t.attempted.clone(), t.failed.clone()]
    };
    let names = ["custody", "surrendered", "reached", "attempted", "failed"];
    let (before_columns, after_columns) = (columns(before), columns(after));
    let mut found: Vec<String> = Vec::new();
    for ((name, old), new) in names.iter().zip(&before_columns).zip(&after_columns) {
        let days = old.iter().zip(new).enumerate().filter(|(_, (a, b))| a != b);
        found.extend(days.map(|(d, (a, b))| format!("{name} day {d}: {a} to {b}")));
    }
    found.push(format!("{:?}", after.departures));
    found
}

#[test]
fn these_numbers_are_printed_and_these_events_stay_hidden() {
    let (set, other, many) = (import_kursk(&kursk_settings()), other_claims(), many_claims());
    let (expected, world) = (expected(), world(1.0));
    let truth = Truth::new(&world);
    for (name, set, completeness) in [
        ("printed-complete", &set, Completeness::Complete),
        ("printed-incomplete", &set, Completeness::Incomplete),
        ("printed-other", &other, Completeness::Complete),
        ("printed-many", &many, Completeness::Complete),
    ] {
        let scorer = scorer(set, completeness, &ObserverLaws::from_registry());
        let mut out = head();
        for (seed, observers) in [(1, Observers::Fresh), (2, Observers::Fresh), (3, Observers::Conditioned)] {
            let found = scorer.simulate(&truth, Seed(seed), observers);
            lines(
                &mut out,
                &format!("seed {seed}, {observers:?}"),
                found.claims.iter().map(|c| (&c.id, c.low, c.value, c.high)),
            );
            lines(&mut out, &format!("{} announced; reports", found.announced), &found.reports);
        }
        let days: Vec<i32> = (0..205).step_by(17).collect();
        lines(&mut out, "told by day", scorer.told(&world, &days, Seed(4)));
        lines(&mut out, "observed", scorer.observed().iter().map(|c| (&c.id, c.number())));
        let drawn: Vec<_> = (0..60).map(|seed| scorer.simulate(&truth, Seed(seed), Observers::Conditioned)).collect();
        lines(&mut out, "90 % intervals", scorer.predictive_intervals(&drawn, 0.9));
        for seed in 5..8 {
            let whole = scorer.complete(&truth.with_expected(&expected), Seed(seed));
            lines(&mut out, &format!("completed, seed {seed}"), changes(&world, &whole));
        }
        insta::assert_snapshot!(name, out);
    }
}

#[test]
fn integrals_have_these_points() {
    let mut out = head();
    lines(&mut out, "Legendre", quadrature::legendre(7));
    lines(&mut out, "exponential", quadrature::exponential(1.5));
    lines(&mut out, "beta", quadrature::beta(2.0, 5.0, 1));
    lines(&mut out, "Gauss", quadrature::gauss(&quadrature::legendre(40), 5));
    insta::assert_snapshot!("quadrature", out);
}
