//! The shipped claims: what is used, what is not, and that every grade follows the rule.

mod common;

use common::{HEADER, KURSK_CODED, import_kursk, import_text, kursk_settings, read};
use exitvoice_core::quantity::Seed;
use exitvoice_core::time::Day;
use exitvoice_observe::import::{File, ImportSettings, Returns, Waves, import};
use exitvoice_observe::{ClaimSet, ObserverLaws, Scorer, ScorerSettings, Truth};
use std::collections::BTreeSet;

#[test]
fn the_shipped_claims_pass_every_check_against_the_raw_rows() {
    let set = import_kursk(&kursk_settings());
    assert_eq!((set.used.len(), set.inputs.len(), set.not_modelled.len(), set.after_view), (25, 13, 43, 0));
    assert_eq!(set.copies.iter().map(|c| (c.id.as_str(), c.of.as_str())).collect::<Vec<_>>(), [("DP007", "DP006")]);
    assert_eq!(set.scored().count(), 24);
    assert!(set.not_modelled.iter().all(|n| !n.reason.is_empty()));
    assert!(set.notices.is_empty(), "{:?}", set.notices);
    let floors: Vec<&str> = set.used.iter().filter(|c| c.declared_floor).map(|c| c.id.as_str()).collect();
    let first: Vec<&str> = set.used.iter().filter(|c| c.first_wave_only).map(|c| c.id.as_str()).collect();
    let revising: Vec<&str> = set.used.iter().filter(|c| c.revises.is_some()).map(|c| c.id.as_str()).collect();
    assert_eq!((floors, first, revising), (vec!["DP040"], vec!["DP072"], vec!["DP010", "DP081", "DP082"]));
}

#[test]
fn free_waves_make_inputs_scored_rows_and_a_world_without_returns_leaves_one_out() {
    let settings = ImportSettings { waves: Waves::Free, returns: Returns::NotModelled, ..kursk_settings() };
    let set = import_kursk(&settings);
    assert_eq!((set.used.len(), set.inputs.len(), set.not_modelled.len()), (37, 0, 44));
    assert!(set.not_modelled.iter().any(|n| n.id == "DP075"));
}

#[test]
fn an_as_of_view_ignores_and_counts_what_was_published_later() {
    let view = Day::from_ymd(2024, 10, 20);
    let set = import_kursk(&ImportSettings { view, ..kursk_settings() });
    let ids: Vec<&str> = set.used.iter().map(|c| c.id.as_str()).collect();
    assert_eq!(ids, ["DP006", "DP007"]);
    assert_eq!(set.used.len() + set.inputs.len() + set.not_modelled.len() + set.after_view, 81);
}

#[test]
fn the_coded_file_alone_is_read_and_says_that_nothing_was_compared() {
    let coded = read(KURSK_CODED);
    let file = File { name: "coded.csv", bytes: coded.as_bytes() };
    let set = import(&[file], None, &kursk_settings()).expect("valid");
    assert_eq!((set.used.len(), set.inputs.len(), set.not_modelled.len()), (25, 13, 43));
    assert!(set.notices.iter().any(|n| n.contains("no raw rows")));
    // The format without the three added columns, as others may have it.
    let short: String = coded.lines().map(|line| format!("{}\n", without_last_three(line))).collect();
    let set = import(&[File { name: "short.csv", bytes: short.as_bytes() }], None, &kursk_settings()).expect("valid");
    assert_eq!(set.used.len(), 24, "without `revises` the recapture retells nothing");
    assert_eq!(set.notices.iter().filter(|n| n.contains("taken as empty")).count(), 4);
}

#[test]
fn a_copy_with_another_number_is_named_and_one_that_may_mean_the_same_is_not() {
    let coded = read(KURSK_CODED);
    let (head, _) = coded.split_once('\n').expect("a header");
    let row = |id: &str, form: &str, numbers: &str| {
        format!("{id},casualties,{form},{numbers},,2025-01-13,2025-01-20,dprk,nis,official,one,B,2,yes,,,,\n")
    };
    let notices = |second: &str| {
        let text = format!("{head}\n{}{second}", row("A1", "about", ",3000,"));
        let set = import(&[File { name: "two.csv", bytes: text.as_bytes() }], None, &kursk_settings()).expect("valid");
        assert_eq!((set.used.len(), set.scored().count()), (2, 1));
        set.notices.into_iter().filter(|n| n.contains("contradicts")).collect::<Vec<_>>()
    };
    let words = "A2 contradicts A1: both are casualties of cluster `one` for one window, 9000 against 3000; the earlier row counts";
    assert_eq!(notices(&row("A2", "about", ",9000,")), [words]);
    assert!(notices(&row("A2", "at_least", "2500,2500,")).is_empty());
    assert_eq!(notices(&row("A2", "interval", "4000,,5000")).len(), 1);
}

#[test]
fn more_killed_than_casualties_or_soldiers_is_named_and_more_prisoners_say_nothing() {
    let coded = read(KURSK_CODED);
    let (head, _) = coded.split_once('\n').expect("a header");
    let row = |id: &str, quantity: &str, form: &str, number: u32, cluster: &str| {
        format!("{id},{quantity},{form},,{number},,,2025-01-13,2025-01-20,dprk,nis,official,{cluster},B,2,yes,,,,\n")
    };
    let read = |rows: &[String]| {
        let text = format!("{head}\n{}", rows.concat());
        let settings = ImportSettings { soldiers: 600, ..kursk_settings() };
        import(&[File { name: "three.csv", bytes: text.as_bytes() }], None, &settings).expect("valid")
    };
    let told = |rows: &[String]| {
        let said = |n: &String| n.contains("killed than");
        read(rows).notices.into_iter().filter(said).collect::<Vec<_>>()
    };
    let casualties = || row("C1", "casualties", "about", 50, "one");
    let words =
        "K1 contradicts C1: `nis` tells of more killed than casualties in one window, 150 against 50; both rows count";
    assert_eq!(told(&[casualties(), row("K1", "killed", "about", 150, "two")]), [words]);
    assert!(told(&[casualties(), row("K1", "killed", "about", 50, "two")]).is_empty());
    assert_eq!(told(&[row("K1", "killed", "about", 601, "two")]).len(), 1);
    assert!(told(&[row("K1", "killed", "about", 600, "two")]).is_empty());
    // Rounded numbers: 55 killed and about 50 casualties may be both.
    assert!(told(&[casualties(), row("K1", "killed", "about", 55, "two")]).is_empty());
    assert_eq!(read(&[casualties(), row("W1", "wounded", "about", 150, "two")]).notices.len(), 3);
    for (prisoners, scored) in [(600, 1), (601, 0)] {
        let set = read(&[row("P1", "prisoners", "exact", prisoners, "three")]);
        assert_eq!((set.scored().count(), set.not_modelled.len()), (scored, 1 - scored));
    }
}

#[test]
fn what_is_about_a_day_after_the_last_one_is_listed_and_says_nothing() {
    let end = Day::from_ymd(2025, 1, 31).expect("a date");
    let settings = ImportSettings { last_day: end, ..kursk_settings() };
    let set = import_kursk(&settings);
    assert_eq!(set.used.len() + set.inputs.len() + set.not_modelled.len(), 81);
    assert!(set.used.iter().chain(&set.inputs).all(|c| c.as_of <= end));
    let late: Vec<&str> = set
        .not_modelled
        .iter()
        .filter(|n| n.reason == "about a day after the last day of the deployment")
        .map(|n| n.id.as_str())
        .collect();
    assert_eq!(
        late,
        ["DP066", "DP067", "DP069", "DP070", "DP072", "DP073", "DP074", "DP075", "DP078", "DP080", "DP081", "DP082"]
    );
    // One such row more leaves every bit of the likelihood.
    let coded = read(KURSK_CODED);
    let ln = |text: &str| {
        let set = import(&[File { name: "claims.csv", bytes: text.as_bytes() }], None, &settings).expect("valid");
        let scorer_settings = ScorerSettings { as_of: end, ..common::scorer_settings(8) };
        let scorer = Scorer::new(&set, &scorer_settings, &ObserverLaws::from_registry()).expect("few reports");
        scorer.ln_likelihood(&Truth::new(&common::deployment(1.0)), Seed(1)).to_bits()
    };
    let more = "N1,killed,about,,9000,,,2025-02-01,2025-02-02,dprk,nis,intelligence_agency,later,B,2,yes,,,,\n";
    assert_eq!(ln(&coded), ln(&format!("{coded}{more}")));
    let on_the_day = more.replace("2025-02-01,", "2025-01-31,");
    assert_ne!(ln(&coded), ln(&format!("{coded}{on_the_day}")));
}

#[test]
fn a_report_of_more_than_a_hundred_is_left_out_with_its_retelling() {
    let left_out = |size: u32, soldiers: u32| {
        let text = read(KURSK_CODED).replace(",exact,,18,,", &format!(",exact,,{size},,"));
        let settings = ImportSettings { soldiers, ..kursk_settings() };
        let set = import(&[File { name: "claims.csv", bytes: text.as_bytes() }], None, &settings).expect("valid");
        let reason = |id: &str| set.not_modelled.iter().find(|n| n.id == id).map(|n| n.reason.clone());
        ["DP006", "DP007", "DP010"].map(reason)
    };
    let range = "unnamed reports of departures are modelled up to 100 soldiers only";
    for size in [101, 150] {
        let found = left_out(size, 14_000);
        assert!(found[..2].iter().all(|reason| reason.as_deref() == Some(range)), "{size}: {found:?}");
        assert!(found[2].as_deref().is_some_and(|reason| reason.contains("retelling")), "{size}: {found:?}");
    }
    for size in [1, 2, 18, 100] {
        assert_eq!(left_out(size, 14_000), [None, None, None], "{size}");
    }
    let found = left_out(31, 30);
    assert_eq!(found[0].as_deref(), Some("more deserters than the force has soldiers"));
    assert_eq!(left_out(30, 30), [None, None, None]);
}

#[test]
fn a_row_is_a_sum_of_parts_only_where_the_numbers_that_count_add_up() {
    let coded = read(KURSK_CODED);
    let (head, _) = coded.split_once('\n').expect("a header");
    let sum = |total: &str, killed: &str, wounded: &str| {
        let row = |id: &str, quantity: &str, numbers: &str| {
            format!("{id},{quantity},{numbers},,2025-01-13,2025-01-20,dprk,nis,official,one,B,2,yes,,,,\n")
        };
        let rows = [row("A1", "casualties", total), row("A2", "killed", killed), row("A3", "wounded", wounded)];
        let text = format!("{head}\n{}", rows.concat());
        let set = import(&[File { name: "sum.csv", bytes: text.as_bytes() }], None, &kursk_settings()).expect("valid");
        assert_eq!(set.used.len() + set.not_modelled.len(), 3);
        set.used.len() == 2
    };
    let (killed, wounded) = ("about,,100,", "about,,1000,");
    assert!(sum("about,,1100,", killed, wounded));
    assert!(sum("at_least,1100,1100,", "at_least,100,100,", wounded));
    assert!(sum("interval,1100,1300,1500", "interval,100,,500", wounded));
    // The middle, and one end only.
    assert!(!sum("interval,900,1100,1500", killed, wounded));
    assert!(!sum("interval,1100,,1500", killed, wounded));
    assert!(!sum("about,,1100,", "interval,50,100,500", wounded));
}

/// Killed, wounded and their sum, as X1, X2 and X7 of one cluster.
const SUM: &str = "X1,killed,about,,250,,,2025-01-20,2025-01-21,dprk,nis,official,one,B,2,yes,,,,\n\
                   X2,wounded,about,,1900,,,2025-01-20,2025-01-21,dprk,nis,official,one,B,2,yes,,,,\n\
                   X7,casualties,about,,2150,,,2025-01-20,2025-01-21,dprk,nis,official,one,B,2,yes,,,,\n";

/// Rows of casualties of the cluster of [`SUM`].
fn casualties(id: &str, numbers: &str) -> String {
    format!("{id},casualties,{numbers},,2025-01-20,2025-01-21,dprk,nis,official,one,B,2,yes,,,,\n")
}

/// Notices about rows that cannot be true together.
fn contradictions(set: ClaimSet) -> Vec<String> {
    set.notices.into_iter().filter(|n| n.contains("contradicts")).collect()
}

fn left_out(set: &ClaimSet) -> Vec<String> {
    set.not_modelled.iter().map(|n| format!("{}: {}", n.id, n.reason)).collect()
}

#[test]
fn a_copy_of_a_sum_is_left_out_with_it_and_named_where_its_number_cannot_be_the_sum() {
    let notices = |copy: &str| {
        let set = import_text(&format!("{HEADER}{SUM}{}", casualties("X8", copy)));
        assert_eq!((set.used.len(), set.copies.len()), (2, 0), "{copy}");
        let sum = "the sum of X1 and X2 of its cluster";
        assert_eq!(left_out(&set), [format!("X7: {sum}"), format!("X8: a copy of X7, which is {sum}")], "{copy}");
        contradictions(set)
    };
    let words = "X8 contradicts X7: both are casualties of cluster `one` for one window, 9000 against 2150; neither row counts, the \
                 earlier one is the sum of X1 and X2 of its cluster";
    assert_eq!(notices("about,,9000,"), [words]);
    assert_eq!(notices("at_most,,2000,2000").len(), 1);
    for copy in ["about,,2150,", "at_least,2000,2000,", "at_most,,3000,3000", "interval,2000,,3000"] {
        assert!(notices(copy).is_empty(), "{copy}");
    }
}

#[test]
fn a_sum_that_contradicts_an_earlier_row_of_its_cluster_is_named() {
    let notices = |first: &str| {
        let set = import_text(&format!("{HEADER}{}{SUM}", casualties("X0", first)));
        assert_eq!(set.scored().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["X0", "X1", "X2"], "{first}");
        assert_eq!(left_out(&set), ["X7: the sum of X1 and X2 of its cluster"], "{first}");
        contradictions(set)
    };
    let words = "X7 contradicts X0: both are casualties of cluster `one` for one window, 2150 against 3000; the earlier row counts";
    assert_eq!(notices("about,,3000,"), [words]);
    assert!(notices("at_least,2000,2000,").is_empty());
}

/// First days of a window, and whether rows with it count the same days as rows without one: day 0 is 2024-10-08.
const FIRST_DAYS: [(&str, bool); 5] =
    [("", true), ("2024-10-01", true), ("2024-10-07", true), ("2024-10-08", true), ("2024-10-09", false)];

/// A row with a window from the day `from`.
fn since(id: &str, what: &str, from: &str, cluster: &str) -> String {
    format!("{id},{what},,{from},2025-01-20,2025-01-21,dprk,nis,official,{cluster},B,2,yes,,,,\n")
}

#[test]
fn a_window_from_day_zero_or_before_is_that_of_a_row_without_one() {
    for (from, same) in FIRST_DAYS {
        for (one, other) in [("", from), (from, "")] {
            let read = |rows: [String; 3]| import_text(&format!("{HEADER}{}", rows.concat()));
            let total = |id: &str, number: u32, from: &str, cluster: &str| {
                since(id, &format!("casualties,about,,{number}"), from, cluster)
            };
            // A copy with another number.
            let (first, second) = (total("X1", 3000, one, "one"), total("X2", 9000, other, "one"));
            let set = read([first, second, String::new()]);
            let found = (set.scored().count(), set.copies.len(), contradictions(set).len());
            assert_eq!(found, if same { (1, 1, 1) } else { (2, 0, 0) }, "copies {one} {other}");
            // A source that tells of more killed than casualties.
            let killed = since("X1", "killed,about,,5000", one, "one");
            let set = read([killed, total("X2", 900, other, "two"), String::new()]);
            assert_eq!((set.scored().count(), contradictions(set).len()), (2, usize::from(same)), "all {one} {other}");
            // A sum of parts.
            let killed = since("X1", "killed,about,,100", one, "one");
            let wounded = since("X2", "wounded,about,,1000", one, "one");
            let set = read([killed, wounded, total("X3", 1100, other, "one")]);
            assert_eq!((set.used.len(), left_out(&set).len()), if same { (2, 1) } else { (3, 0) }, "{one} {other}");
        }
        let set = import_text(&format!("{HEADER}{}", since("X1", "prisoners,exact,,3", from, "one")));
        assert_eq!(set.used.len(), usize::from(same), "prisoners {from}");
    }
}

#[test]
fn a_row_has_one_likelihood_without_a_window_and_with_one_from_day_zero_or_before() {
    let ln = |from: &str| {
        let set = import_text(&format!("{HEADER}{}", since("X1", "killed,about,,300", from, "one")));
        let laws = ObserverLaws::from_registry();
        let scorer = Scorer::new(&set, &common::scorer_settings(8), &laws).expect("few reports");
        scorer.ln_likelihood(&Truth::new(&common::deployment(1.0)), Seed(1)).to_bits()
    };
    for (from, _) in FIRST_DAYS.into_iter().filter(|(_, same)| *same) {
        assert_eq!(ln(from), ln(""), "{from}");
    }
    assert_ne!(ln("2025-01-01"), ln(""));
}

#[test]
fn numbers_are_read_with_a_sign_and_with_an_exponent_and_not_with_a_comma() {
    let read = |number: &str| {
        let text = format!("{HEADER}{}", since("X1", &format!("killed,about,,{number}"), "", "one"));
        import(&[File { name: "claims.csv", bytes: text.as_bytes() }], None, &kursk_settings())
    };
    for number in ["3000", "3000.0", "+3000", "3e3", "0.3E+4"] {
        let set = read(number).expect("valid");
        assert_eq!(set.used.iter().map(|c| c.value).collect::<Vec<_>>(), [Some(3000.0)], "{number}");
    }
    for number in ["\"3,000\"", "-3000", "1e10", "inf", "3000 "] {
        assert!(read(number).is_err(), "{number}");
    }
}

fn without_last_three(line: &str) -> &str {
    line.rsplitn(4, ',').last().expect("four columns at least")
}

#[test]
fn clusters_are_counted_over_used_rows() {
    let set = import_kursk(&kursk_settings());
    let clusters: BTreeSet<&str> = set.used.iter().map(|c| c.cluster.as_str()).collect();
    assert_eq!(set.clusters(), clusters.len());
    assert_eq!(set.clusters(), 16);
}

#[test]
fn a_file_with_rows_none_of_which_can_be_used_is_no_mistake() {
    let coded = read(KURSK_CODED);
    let kept: String = coded.lines().enumerate().filter(|(i, _)| *i < 4).map(|(_, l)| format!("{l}\n")).collect();
    let set = import(&[File { name: "three.csv", bytes: kept.as_bytes() }], None, &kursk_settings()).expect("valid");
    assert_eq!((set.used.len(), set.not_modelled.len()), (0, 3));
    let header = coded.lines().next().expect("a header").to_owned() + "\n";
    let set = import(&[File { name: "none.csv", bytes: header.as_bytes() }], None, &kursk_settings()).expect("valid");
    assert_eq!(set.used.len() + set.not_modelled.len(), 0);
}

#[test]
fn prisoners_of_a_window_are_not_scored_as_a_total() {
    let coded = common::read(KURSK_CODED);
    let row = coded.lines().find(|l| l.starts_with("DP054,prisoners,exact,")).expect("shipped");
    assert!(common::import_text(&coded).used.iter().any(|c| c.id == "DP054"));
    // The seventh cell is the window's first day.
    let mut cells: Vec<&str> = row.split(',').collect();
    cells[6] = "2025-01-01";
    let set = common::import_text(&coded.replace(row, &cells.join(",")));
    let left_out = set.not_modelled.iter().find(|left| left.id == "DP054").expect("named");
    assert!(left_out.reason.contains("exact total only"), "{}", left_out.reason);
}
