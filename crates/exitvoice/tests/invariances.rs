//! What must not change a posterior: the order of rows, the names of sources, and copies of a row within its cluster.

mod place;

use exitvoice::command::infer::InferOutcome;
use exitvoice_observe::claim::SourceGroup;
use place::{Place, SMALL_WAR};

const BUDGET: u32 = 600;
const CODED: &str = include_str!("../data/evidence/claims-kursk-2024-coded.csv");
/// Column of the source; no cell before it has a comma of its own.
const SOURCE: usize = 10;

/// Sources under other names of the same group, in another order.
const RENAMED: [(&str, &str); 8] = [
    ("jcs", "us_zeta"),
    ("nis", "us_beta"),
    ("us_anon", "kr_zeta"),
    ("us_gov", "kr_beta"),
    ("west_anon", "kr_alpha"),
    ("ua_anon", "ua_zeta"),
    ("ua_ccd", "ua_beta"),
    ("ua_president", "ua_alpha"),
];

fn rows() -> Vec<String> {
    CODED.lines().skip(1).map(str::to_owned).collect()
}

fn infer(place: &Place, name: &str, rows: &[String]) -> InferOutcome {
    let header = CODED.lines().next().expect("a header");
    let (war, file) =
        (place.file("war.toml", SMALL_WAR), place.file(name, &format!("{header}\n{}\n", rows.join("\n"))));
    place.infer(&war, Some(&file), BUDGET).expect("runs")
}

/// The draws of the posterior with their weights and likelihoods, what was computed from them, and what each row was expected to say.
fn assert_same(found: &InferOutcome, plain: &InferOutcome) {
    assert_ne!(found.run_id, plain.run_id, "other claims");
    assert_eq!(found.digest, plain.digest);
    assert_eq!(found.diagnostics, plain.diagnostics);
    assert_eq!(found.predictive, plain.predictive);
}

fn with_source(row: &str, rename: impl Fn(&str) -> Option<&'static str>) -> String {
    let mut cells: Vec<&str> = row.splitn(SOURCE + 2, ',').collect();
    if let Some(new) = rename(cells[SOURCE]) {
        cells[SOURCE] = new;
    }
    cells.join(",")
}

#[test]
fn neither_the_order_of_rows_nor_the_names_of_sources_enter_a_posterior() {
    let place = Place::new();
    let plain = infer(&place, "plain.csv", &rows());
    let reversed: Vec<String> = rows().into_iter().rev().collect();
    assert_same(&infer(&place, "reversed.csv", &reversed), &plain);
    for (old, new) in RENAMED {
        assert!(CODED.contains(&format!(",{old},")) && !CODED.contains(new), "{old} {new}");
        assert_eq!(SourceGroup::of(old), SourceGroup::of(new), "{old} {new}");
    }
    let other = |source: &str| RENAMED.into_iter().find(|(old, _)| *old == source).map(|(_, new)| new);
    let renamed: Vec<String> = rows().iter().map(|row| with_source(row, other)).collect();
    assert_same(&infer(&place, "renamed.csv", &renamed), &plain);
}

#[test]
fn copies_of_a_row_add_nothing_within_its_cluster_and_count_as_an_origin_of_their_own() {
    let place = Place::new();
    let plain = infer(&place, "plain.csv", &rows());
    let all = rows();
    let row = all.iter().find(|row| row.starts_with("DP043,")).expect("a row that counts");
    let copy = row.replacen("DP043", "DP943", 1);
    // Told by another source of the same group, and then as an origin of its own.
    let retold = with_source(&row.replacen("DP043", "DP944", 1), |_| Some("ua_alpha"));
    let apart = retold.replacen(",ua-president-2024-12-23,", ",elsewhere-2024-12-23,", 1);
    assert_ne!(apart, retold);
    let within = infer(&place, "within.csv", &[rows(), vec![copy, retold]].concat());
    assert_same(&within, &plain);
    assert_eq!(within.claims.used, plain.claims.used + 2);
    let apart = infer(&place, "apart.csv", &[rows(), vec![apart]].concat());
    assert_ne!(apart.digest, plain.digest);
    assert_eq!((apart.claims.used, apart.claims.clusters), (plain.claims.used + 1, plain.claims.clusters + 1));
}
