//! The likelihood of the shipped claims: unbiased, quiet enough, and blind to what must not matter.
#![expect(clippy::float_cmp, reason = "exact values are meant")]

mod common;

use common::{HEADER, KURSK_CODED, day, deployment, import_kursk, import_text, kursk_settings, read, scorer_settings};
use exitvoice_core::math;
use exitvoice_core::quantity::Seed;
use exitvoice_observe::claim::{Claim, Form, Quantity};
use exitvoice_observe::import::{File, import};
use exitvoice_observe::sampler::{Observers, PrintedClaim};
use exitvoice_observe::{ClaimSet, Completeness, ObserverLaws, Scorer, ScorerSettings, Truth};
use exitvoice_record::{Expected, Trajectory};

fn scorer(set: &ClaimSet, draws: usize) -> Scorer {
    Scorer::new(set, &scorer_settings(draws), &ObserverLaws::from_registry()).expect("few reports")
}

fn ln(set: &ClaimSet, world: &Trajectory) -> f64 {
    scorer(set, 16).ln_likelihood(&Truth::new(world), Seed(4))
}

#[test]
fn the_estimate_varies_little() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 64);
    for scale in [0.7, 1.0, 1.4] {
        let variance = variance_of_counts(&scorer, scale);
        assert!(variance <= 2.0, "scale {scale}: {variance}");
    }
}

/// ln estimates of the probability of the counts, one for each of a hundred seeds: their variance.
fn variance_of_counts(scorer: &Scorer, scale: f64) -> f64 {
    let world = deployment(scale);
    let values: Vec<f64> = (0..100).map(|seed| scorer.decompose(&Truth::new(&world), Seed(seed)).counts).collect();
    let mean = values.iter().sum::<f64>() / 100.0;
    values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 99.0
}

/// Claims that agree with each other and not with the world: the observers may all err alike, or each number be free of the truth. Draws
/// from the first way alone give 665 and 149 here.
#[test]
fn the_estimate_is_usable_where_the_claims_contradict_the_world() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 64);
    for scale in [0.003, 0.03] {
        let variance = variance_of_counts(&scorer, scale);
        assert!(variance <= 30.0, "scale {scale}: {variance}");
    }
}

#[test]
fn the_estimate_is_unbiased() {
    // Few rows in coarse numbers, so that observers drawn from their prior print exactly these often enough to compare with.
    let text = format!(
        "{HEADER}A1,killed,at_least,500,500,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a,B,3,yes,,,,\n\
         A2,wounded,about,,2000,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a,B,6,yes,,,,\n\
         A3,casualties,at_most,,3000,3000,,2025-02-20,2025-02-21,dprk,ua_mod,official,b,C,3,yes,,,,\n"
    );
    estimate_matches_prints(&text, 3, 1.0, 150_000);
}

#[test]
fn the_estimate_is_unbiased_where_the_claims_contradict_the_world() {
    // A world with a fiftieth of the losses that the claim speaks of.
    let row = "a,casualties,about,,5000,,,2025-02-20,2025-02-20,dprk,nis,intelligence_agency,a,B,3,yes,,,,";
    estimate_matches_prints(&format!("{HEADER}{row}\n"), 1, 0.02, 400_000);
}

/// Holds the mean of the estimate to the share of simulations that print exactly these rows.
fn estimate_matches_prints(text: &str, rows: usize, scale: f64, draws: u64) {
    let set = import_text(text);
    assert_eq!(set.scored().count(), rows);
    let (world, scorer) = (deployment(scale), scorer(&set, 8));
    let truth = Truth::new(&world);
    let estimates: Vec<f64> = (0..2_000).map(|s| math::exp(scorer.decompose(&truth, Seed(s)).counts)).collect();
    let n = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / n;
    let variance = estimates.iter().map(|e| (e - mean) * (e - mean)).sum::<f64>() / (n - 1.0) / n;
    let observed = scorer.observed();
    let hits = (0..draws)
        .filter(|s| {
            let printed = scorer.simulate(&truth, Seed(1_000_000 + s), Observers::Fresh).claims;
            printed.iter().zip(&observed).all(|(p, o)| p.number().to_bits() == o.number().to_bits())
        })
        .count() as f64;
    let share = hits / draws as f64;
    let error = (variance + share * (1.0 - share) / draws as f64).sqrt();
    assert!(hits > 100.0, "too few hits to compare: {hits}");
    assert!((mean - share).abs() < 4.0 * error, "{mean} against {share}, standard error {error}");
}

#[test]
fn order_files_names_and_copies_leave_every_bit_and_a_new_origin_does_not() {
    let coded = read(KURSK_CODED);
    let world = deployment(1.0);
    let base = ln(&import_text(&coded), &world).to_bits();
    let (header, rows) = coded.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let file = |rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));

    let backwards: Vec<&str> = rows.iter().rev().copied().collect();
    assert_eq!(ln(&import_text(&file(&backwards)), &world).to_bits(), base, "row order");

    let halves = [file(&rows[..30]), file(&rows[30..])];
    let files: Vec<File<'_>> = halves.iter().map(|h| File { name: "half.csv", bytes: h.as_bytes() }).collect();
    let set = import(&files, None, &kursk_settings()).expect("valid");
    assert_eq!(ln(&set, &world).to_bits(), base, "file splitting");

    let renamed =
        coded.replace(",nis,", ",kr_zeta,").replace(",us_gov,", ",us_alpha,").replace(",ua_president,", ",ua_first,");
    assert_eq!(ln(&import_text(&renamed), &world).to_bits(), base, "source renaming");

    let original = rows.iter().find(|r| r.starts_with("DP058")).expect("a row");
    let copy = original.replace("DP058", "DP058b");
    let with_copy: Vec<&str> = rows.iter().copied().chain([copy.as_str()]).collect();
    assert_eq!(ln(&import_text(&file(&with_copy)), &world).to_bits(), base, "copy in its cluster");
    let twice: Vec<&str> = rows.iter().copied().chain([*original]).collect();
    assert_eq!(ln(&import_text(&file(&twice)), &world).to_bits(), base, "the same row twice");

    let elsewhere = copy.replace("west_anon", "us_other").replace("bbc-2025-01-15", "other-2025-01-15");
    let with_other: Vec<&str> = rows.iter().copied().chain([elsewhere.as_str()]).collect();
    assert_ne!(ln(&import_text(&file(&with_other)), &world).to_bits(), base, "a new origin");
}

#[test]
fn without_rows_the_likelihood_is_one() {
    let set = import_text(HEADER);
    let world = deployment(1.0);
    assert_eq!(ln(&set, &world).to_bits(), 0.0_f64.to_bits());
    let factors = scorer(&set, 16).decompose(&Truth::new(&world), Seed(1));
    assert_eq!(factors.total().to_bits(), 0.0_f64.to_bits());
}

#[test]
fn short_worlds_and_empty_worlds_have_a_likelihood() {
    let set = import_kursk(&kursk_settings());
    let mut world = deployment(1.0);
    for column in [&mut world.incidents, &mut world.killed, &mut world.sent, &mut world.incidents_first] {
        column.truncate(1);
    }
    world.departures.clear();
    world.days = 1;
    let factors = scorer(&set, 16).decompose(&Truth::new(&world), Seed(1));
    assert!(factors.counts.is_finite(), "{factors:?}");
}

#[test]
fn zeros_tiny_shares_and_absurd_numbers_are_scored_or_left_out_but_never_undefined() {
    let text = format!(
        "{HEADER}Z1,casualties,about,,0,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a,B,3,yes,,,,\n\
         Z2,killed,at_least,0,0,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,b,B,3,yes,,,,\n\
         Z3,casualties,at_most,,0,0,,2025-02-20,2025-02-21,dprk,ua_mod,official,c,C,3,yes,,,,\n\
         Z4,share_killed,about,,0.01,,,2025-02-20,2025-02-21,dprk,ua_mod,official,d,C,3,yes,,,,\n\
         Z5,casualties,about,,1000000000,,,2025-02-20,2025-02-21,dprk,ua_mod,official,e,C,3,yes,,,,\n\
         Z6,casualties,about,,4718,,,2025-02-20,2025-02-21,dprk,uk_di,official,f,C,3,yes,,,,\n"
    );
    let set = import_text(&text);
    assert_eq!((set.scored().count(), set.not_modelled[0].id.as_str()), (5, "Z3"));
    for scale in [0.0, 1.0] {
        let world = deployment(scale);
        for seed in 0..20 {
            let counts = scorer(&set, 16).decompose(&Truth::new(&world), Seed(seed)).counts;
            assert!(counts.is_finite(), "scale {scale}, seed {seed}: {counts}");
        }
    }
}

#[test]
fn silence_counts_only_where_announcing_is_the_rule() {
    let set = import_kursk(&kursk_settings());
    let (quiet, mut world) = (deployment(1.0), deployment(1.0));
    world.reached[60] = 3;
    let change = |completeness| {
        let settings = ScorerSettings { completeness, ..scorer_settings(4) };
        let scorer = Scorer::new(&set, &settings, &ObserverLaws::from_registry()).expect("few reports");
        scorer.ln_exits(&Truth::new(&world)) - scorer.ln_exits(&Truth::new(&quiet))
    };
    assert_eq!(change(Completeness::Incomplete), 0.0);
    assert!(change(Completeness::Complete) < -3.0);
}

#[test]
fn what_is_printed_is_read_again_number_by_number_in_every_form() {
    let forms = [
        "casualties,about,,900,",
        "killed,at_least,100,100,",
        "wounded,at_most,,700,700",
        "casualties,interval,200,,999",
        "share_killed,about,,0.3,",
        "prisoners,exact,,2,",
    ];
    let text = |row: &dyn Fn(usize) -> String| {
        let rest = ",2025-01-20,2025-01-21,dprk,nis,intelligence_agency,";
        let line = |k: usize| format!("F{k},{},{rest}f{k},B,3,yes,,,,\n", row(k));
        (0..forms.len()).fold(HEADER.to_owned(), |text, k| text + &line(k))
    };
    let set = import_text(&text(&|k| forms[k].to_owned()));
    assert_eq!(set.used.len(), forms.len());
    let scorer = scorer(&set, 1);
    for seed in 0..200 {
        let world = deployment(0.02 + seed as f64 / 100.0);
        let printed = scorer.simulate(&Truth::new(&world), Seed(seed), Observers::Fresh).claims;
        let of = |k: usize| printed.iter().find(|c| c.id == format!("F{k}")).expect("one each");
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| x.to_string());
        let row = |k: usize| {
            let words: Vec<&str> = forms[k].split(',').take(2).collect();
            [words[0], words[1], &number(of(k).low), &number(of(k).value), &number(of(k).high)].join(",")
        };
        let read = import_text(&text(&row));
        for claim in &read.used {
            let found = printed.iter().find(|c| c.id == claim.id).expect("one each");
            assert_eq!((claim.low, claim.value, claim.high), (found.low, found.value, found.high), "seed {seed}");
        }
        // "At most 0" alone has no density.
        assert!(read.used.len() + 1 >= forms.len(), "seed {seed}: {:?}", read.not_modelled);
    }
}

/// First and last day of a window, and how many deserters are on record in it.
type OnRecord = (&'static str, &'static str, u32);

/// Rows of deserters on record, each of its own origin.
fn on_record(rows: &[OnRecord]) -> ClaimSet {
    let row = |(number, (from, to, value)): (usize, &(&str, &str, u32))| {
        format!("D{number},desertions,exact,,{value},,{from},{to},{to},dprk,ua_mod,official,d{number},C,1,yes,,,,\n")
    };
    import_text(&rows.iter().enumerate().fold(HEADER.to_owned(), |text, each| text + &row(each)))
}

#[test]
fn rows_about_the_same_days_are_not_added() {
    let mut world = deployment(1.0);
    (world.reached[20], world.reached[60]) = (9, 9);
    let exits = |rows: &[OnRecord]| scorer(&on_record(rows), 1).ln_exits(&Truth::new(&world)).to_bits();
    let of = |n: u32| exits(&[("", "2025-04-01", n)]);
    assert_ne!(of(1), of(2));
    let cases: [(&[OnRecord], u32); 7] = [
        // Since day 0: a repetition and a later total.
        (&[("", "2025-01-20", 1), ("", "2025-01-20", 1)], 1),
        (&[("", "2025-01-20", 1), ("", "2025-01-25", 3)], 3),
        (&[("", "2025-01-20", 5), ("", "2025-01-25", 3)], 5),
        // Windows side by side, overlapping, and after a total.
        (&[("2025-01-01", "2025-01-10", 2), ("2025-01-11", "2025-01-20", 3)], 5),
        (&[("2025-01-01", "2025-01-11", 2), ("2025-01-11", "2025-01-20", 3)], 3),
        (&[("", "2025-01-20", 1), ("2025-01-21", "2025-01-25", 3)], 4),
        (&[("", "2025-01-20", 2), ("2025-01-10", "2025-01-25", 1), ("2025-01-26", "2025-02-25", 4)], 6),
    ];
    for (rows, n) in cases {
        assert_eq!(exits(rows), of(n), "{rows:?}");
    }
}

#[test]
fn rows_on_record_of_one_cluster_stand_by_themselves() {
    let mut world = deployment(1.0);
    (world.reached[20], world.reached[60]) = (9, 9);
    let exits = |set: &ClaimSet| scorer(set, 1).ln_exits(&Truth::new(&world)).to_bits();
    let official = |id: &str, value: u32, from: &str, to: &str| {
        format!("{id},desertions,exact,,{value},,{from},{to},{to},dprk,ua_mod,official,one,C,1,yes,,,,\n")
    };
    let set = import_text(&format!(
        "{HEADER}{}{}",
        official("D0", 1, "2025-01-01", "2025-01-10"),
        official("D1", 2, "2025-02-01", "2025-02-10")
    ));
    assert!(set.copies.is_empty(), "{:?}", set.copies);
    assert_eq!(exits(&set), exits(&on_record(&[("", "2025-04-01", 3)])));
    let twice = import_text(&format!(
        "{HEADER}{}{}",
        official("D0", 1, "2025-01-01", "2025-01-10"),
        official("D1", 1, "2025-01-01", "2025-01-10")
    ));
    assert_eq!(twice.copies.len(), 1);
    // Who confirms a report does not copy it; who repeats it, unnamed, does.
    let report = |id: &str, day: &str| {
        format!("{id},desertions,exact,,4,,,{day},{day},dprk,ua_anon,media_anonymous,one,F,6,yes,,,,\n")
    };
    let (first, again) = (report("D2", "2025-01-03"), report("D3", "2025-01-05"));
    let confirmed = import_text(&format!("{HEADER}{first}{again}{}", official("D4", 1, "", "2025-01-20")));
    let copies: Vec<&str> = confirmed.copies.iter().map(|c| c.id.as_str()).collect();
    assert_eq!((confirmed.used.len(), copies), (3, vec!["D3"]));
}

#[test]
fn a_bound_on_record_says_that_the_list_is_not_complete() {
    let mut world = deployment(1.0);
    (world.reached[20], world.reached[60]) = (9, 9);
    let row = |form: &str, numbers: &str| {
        let text =
            format!("D0,desertions,{form},{numbers},,2025-01-20,2025-01-20,dprk,ua_mod,official,d,C,1,yes,,,,\n");
        let set = import_text(&format!("{HEADER}{text}"));
        assert_eq!(set.used.len(), 1, "{form}: {:?}", set.not_modelled);
        math::exp(scorer(&set, 1).ln_exits(&Truth::new(&world)))
    };
    // Exactly so many of the 18 who reached the other side; for none there must be a row about something else.
    let other = "K0,killed,at_least,500,500,,,2025-01-20,2025-01-21,dprk,nis,intelligence_agency,a,B,3,yes,,,,\n";
    let none = math::exp(scorer(&import_text(&format!("{HEADER}{other}")), 1).ln_exits(&Truth::new(&world)));
    let exactly: Vec<f64> = std::iter::once(none).chain((1..=18).map(|n| row("exact", &format!(",{n},")))).collect();
    let from = |n: usize| exactly[n..].iter().sum::<f64>();
    for (form, numbers, least) in [("at_least", "3,3,", 3), ("interval", "2,,5", 2), ("at_most", ",4,4", 0)] {
        let (found, expected) = (row(form, numbers), from(least));
        assert!((found / expected - 1.0).abs() < 1e-9, "{form}: {found} {expected}");
    }
}

#[test]
fn more_deserters_on_record_than_soldiers_are_listed_and_not_scored() {
    let left_out = |rows: &[OnRecord]| {
        let set = on_record(rows);
        let left_out: Vec<String> = set.not_modelled.iter().map(|n| format!("{}: {}", n.id, n.reason)).collect();
        let expected = Expected { departures: Vec::new(), captures: Vec::new(), surrenders: Vec::new() };
        let world = deployment(1.0);
        // A number that cannot have been is no length of any table.
        let _ = scorer(&set, 1).ln_exits(&Truth::new(&world).with_expected(&expected));
        left_out
    };
    assert_eq!(left_out(&[("", "2025-01-20", 1_000_000_000)]), ["D0: more deserters than the force has soldiers"]);
    let halves = [("", "2025-01-20", 40), ("2025-01-21", "2025-01-25", 13_990), ("2025-02-01", "2025-02-25", 2)];
    let words = "with the rows before it more deserters on record than the force has soldiers";
    assert_eq!(left_out(&halves), [format!("D1: {words}")]);
    assert!(left_out(&[("", "2025-01-20", 40), ("", "2025-01-25", 45)]).is_empty());
}

#[test]
fn the_claim_of_14_october_is_one_report_retold_as_an_absence() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 4);
    let reports = scorer.reports();
    assert_eq!(reports.len(), 1);
    let report = &reports[0];
    assert_eq!((report.id.as_str(), report.day, report.size, report.retold), ("DP006", 6, 18, true));
    // Before the retelling was published the same report stands without it.
    let view = exitvoice_observe::import::ImportSettings { view: Some(day(2024, 10, 20)), ..kursk_settings() };
    assert!(!self::scorer(&import_kursk(&view), 4).reports()[0].retold);
    let [weights] = scorer.event_weights(&Truth::new(&deployment(1.0)), 0, [None], 1.0);
    assert_eq!(weights.ln_desertion, f64::NEG_INFINITY, "no soldier stands at the border by mid October");
    assert!(weights.ln_nothing.is_finite());
}

#[test]
fn higher_losses_than_claimed_are_less_likely_and_so_are_lower_ones() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 64);
    let at = |scale| scorer.decompose(&Truth::new(&deployment(scale)), Seed(9)).counts;
    assert!(at(1.0) > at(0.3) + 2.0 && at(1.0) > at(3.5) + 2.0);
}

#[test]
fn most_claims_lie_inside_the_range_of_what_could_have_been_printed() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 32);
    let world = deployment(1.0);
    for observers in [Observers::Fresh, Observers::Conditioned] {
        let draws: Vec<_> = (0..200).map(|s| scorer.simulate(&Truth::new(&world), Seed(s), observers)).collect();
        let intervals = scorer.predictive_intervals(&draws, 0.95);
        assert_eq!(intervals.len(), 22);
        let inside = intervals.iter().filter(|i| i.low <= i.observed && i.observed <= i.high).count();
        assert!(inside >= 18, "{inside} of 22 ({observers:?})");
        assert!(intervals.iter().all(|i| i.low <= i.median && i.median <= i.high));
    }
}

#[test]
fn rows_that_nobody_printed_say_nothing_and_are_told_through_the_errors_of_their_group() {
    let set = import_kursk(&kursk_settings());
    let (plain, world) = (scorer(&set, 32), deployment(1.0));
    let like = set.scored().find(|c| c.id == "DP057").or_else(|| set.scored().next()).expect("a row").clone();
    let row = |source: &str| Claim {
        id: source.to_owned(),
        quantity: Quantity::Casualties,
        form: Form::About,
        low: None,
        value: Some(1_000.0),
        high: None,
        window_from: None,
        as_of: day(2025, 4, 30),
        source: source.to_owned(),
        cluster: source.to_owned(),
        first_wave_only: false,
        ..like.clone()
    };
    let asking = plain.with_unprinted(&set, &[row("us_new"), row("ua_new")], day(2024, 10, 8));
    let (truth, n) = (Truth::new(&world), 300_u64);
    let mean = |scorer: &Scorer| {
        let all: Vec<f64> = (0..n).map(|s| math::exp(scorer.decompose(&truth, Seed(s)).counts + 150.0)).collect();
        let mean = all.iter().sum::<f64>() / n as f64;
        (mean, all.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n * (n - 1)) as f64)
    };
    let ((a, va), (b, vb)) = (mean(&plain), mean(&asking));
    assert!(a > 0.0 && (a - b).abs() < 4.0 * (va + vb).sqrt(), "{a} against {b}");
    // Ukrainian totals of casualties run higher: their median is above the others', in most draws of one observer's errors.
    let told = |id: &str| {
        let number =
            |s| asking.simulate(&truth, Seed(s), Observers::Conditioned).claims.into_iter().find(|c| c.id == id);
        let mut all: Vec<f64> = (0..n).filter_map(number).map(|c| c.number()).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    let (third, kyiv) = (told("us_new"), told("ua_new"));
    assert!(kyiv > third && third > 0.4 * 4_700.0 && third < 2.5 * 4_700.0, "{third} {kyiv}");
}

#[test]
fn what_is_told_at_the_end_of_a_day_counts_living_prisoners_and_announcements_until_then() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 4);
    let mut world = deployment(1.0);
    world.custody.fill(0);
    (world.custody[50], world.custody[90]) = (40, -15);
    world.reached.fill(0);
    world.reached[60] = 30;
    let days = [49, 50, 59, 60, 75, 90, 120, 204];
    let n = 4_000;
    let mut sums = [[0.0; 2]; 8];
    for seed in 0..n {
        let told = scorer.told(&world, &days, Seed(seed));
        assert_eq!(told.len(), days.len());
        for (sum, told) in sums.iter_mut().zip(&told) {
            for (sum, number) in sum.iter_mut().zip(told) {
                *sum += *number as f64;
            }
        }
    }
    // A living prisoner is counted with probability .95 on average (beta(19, 1)), an arrival announced with .8 (beta(8, 2)) after a delay that
    // is even over sixty days.
    let alive = [0.0, 40.0, 40.0, 40.0, 40.0, 25.0, 25.0, 25.0];
    let ripe = [0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 1.0, 1.0];
    for (((day, sum), alive), ripe) in days.iter().zip(&sums).zip(alive).zip(ripe) {
        let [prisoners, announced] = sum.map(|sum| sum / n as f64);
        // Four standard errors: the spread of detection makes 2.3 of 40, that of announcing 4.2 of 30.
        assert!((prisoners - 0.95 * alive).abs() < 0.15, "day {day}: {prisoners} of {alive}");
        assert!((announced - 0.8 * 30.0 * ripe).abs() < 0.27, "day {day}: {announced}, {ripe} of 30 ripe");
    }
}

#[test]
fn observers_of_a_world_with_a_truth_of_its_own_count_the_prisoners_that_it_holds() {
    let scorer = scorer(&import_kursk(&kursk_settings()), 4);
    let mut world = deployment(1.0);
    world.custody.fill(0);
    let count = |world: &Trajectory, seed: u64| {
        let printed = scorer.simulate_world(world, Seed(seed), Observers::Fresh);
        let drawn = scorer.simulate(&Truth::new(world), Seed(seed), Observers::Fresh);
        let others = |claims: &[PrintedClaim]| claims.iter().filter(|c| c.id != "DP054").cloned().collect::<Vec<_>>();
        assert_eq!(others(&printed.claims), others(&drawn.claims));
        assert_eq!((printed.reports, printed.announced), (drawn.reports, drawn.announced));
        printed.claims.iter().find(|c| c.id == "DP054").expect("printed").number()
    };
    // Opportunities there are many, but nobody was taken.
    assert!(world.capture_opportunities.iter().take(90).sum::<i32>() > 10);
    assert!((0..100).all(|seed| count(&world, seed) == 0.0));
    // DP054 is of day 95; who is taken later is not counted.
    (world.custody[60], world.custody[150]) = (20, 30);
    let n = 2_000;
    let counts: Vec<f64> = (0..n).map(|seed| count(&world, seed)).collect();
    assert!(counts.iter().all(|n| *n <= 20.0));
    // Beta(19, 1) has mean .95 and spread .048: four standard errors of a mean of 20 d are .12.
    let mean = counts.iter().sum::<f64>() / n as f64;
    assert!((mean - 19.0).abs() < 0.12, "{mean}");
}
