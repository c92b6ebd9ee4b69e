//! The embedded data against their manifest and against the folder, and what may not stand in them.

use exitvoice::data;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

fn files_below(folder: &Path, root: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_below(&path, root, found);
        } else {
            let relative = path.strip_prefix(root).expect("below the root");
            found.insert(relative.to_str().expect("plain names").replace('\\', "/"));
        }
    }
}

fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect();
    (headers, rows)
}

#[test]
fn every_file_has_the_hash_of_the_manifest() {
    assert_eq!(data::verify(), Vec::<String>::new());
    assert_eq!(data::manifest().len(), data::FILES.len());
}

#[test]
fn every_file_of_the_folder_is_listed_and_embedded() {
    let mut found = BTreeSet::new();
    files_below(&folder(), &folder(), &mut found);
    assert!(found.remove("MANIFEST.toml"));
    // Baselines are written by this program and carry their model version; they have no outside source.
    found.retain(|path| !path.starts_with("baselines/"));
    let listed: BTreeSet<String> = data::manifest().into_iter().map(|row| row.path).collect();
    let embedded: BTreeSet<String> = data::FILES.iter().map(|file| file.path.to_owned()).collect();
    assert_eq!(found, listed);
    assert_eq!(found, embedded);
}

#[test]
fn every_row_of_the_manifest_names_source_licence_and_date() {
    for row in data::manifest() {
        for field in [&row.title, &row.source, &row.url, &row.licence, &row.script, &row.changes] {
            assert!(!field.trim().is_empty(), "{}", row.path);
        }
        assert!(exitvoice_core::time::Day::parse(&row.retrieved).is_ok(), "{}", row.path);
    }
}

#[test]
fn every_csv_has_rows_of_one_width_and_every_accessor_a_text() {
    for file in data::FILES.iter().filter(|file| file.path.ends_with(".csv")) {
        let (headers, rows) = table(data::text(file.path).expect("UTF-8"));
        assert!(!headers.is_empty() && !rows.is_empty(), "{}", file.path);
    }
    let demography = data::demography();
    for (text, columns) in [
        (demography.population_by_age_sex, "year,sex,age_group,population_thousand"),
        (demography.death_rates, "period,sex,age_from,death_rate_per_year"),
        (demography.total_fertility, "period,children_per_woman"),
        (demography.fertility_age_pattern, "period,age_from,age_to,share_percent"),
        (demography.sex_ratio_at_birth, "period,males_per_female"),
    ] {
        assert_eq!(text.lines().next(), Some(columns));
    }
    assert!(demography.annual_summary.starts_with("year,population_wb,"));
    assert!(data::known_answers().contains("philox4x32_10"));
    assert_eq!(table(data::anesthesia()).1.len(), 315);
    assert!(data::sweden_1950().starts_with("age,"));
    assert!(data::sources().starts_with("id,topic,"));
    assert_eq!(data::demography_digest(), data::demography_digest());
}

#[test]
fn the_coded_claims_are_the_raw_rows_with_three_columns_more() {
    let claims = data::claims("kursk-2024").expect("embedded");
    assert!(data::claims("kursk-2023").is_none());
    let ((raw_columns, raw), (columns, coded)) = (table(claims.raw), table(claims.coded));
    assert_eq!(columns[columns.len() - 3..], ["revises", "declared_floor", "first_wave_only"]);
    assert_eq!((raw_columns[0].as_str(), columns[0].as_str()), ("id", "id"));
    let ids = |rows: &[Vec<String>]| rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&raw), ids(&coded));
    let modelled = columns.iter().position(|column| column == "modelled").expect("a column");
    assert_eq!(coded.iter().filter(|row| row[modelled] == "yes").count(), 38);
    let marked: Vec<String> = coded
        .iter()
        .filter(|row| row[columns.len() - 3..].iter().any(|cell| !cell.is_empty()))
        .map(|row| format!("{} {}", row[0], row[columns.len() - 3..].join(",")))
        .collect();
    assert_eq!(marked, ["DP010 DP006,,", "DP040 ,yes,", "DP072 ,,yes", "DP081 DP056,,", "DP082 DP057,,"]);
}

#[test]
fn no_claim_was_published_after_the_cut_off() {
    let claims = data::claims("kursk-2024").expect("embedded");
    let (columns, rows) = table(claims.coded);
    let published = columns.iter().position(|column| column == "published").expect("a column");
    assert!(rows.iter().all(|row| row[published].as_str() <= "2025-04-30"));
}

#[test]
fn no_prisoner_is_linked_and_no_column_could_hold_a_person() {
    let claims = data::claims("kursk-2024").expect("embedded");
    let (columns, rows) = table(claims.raw);
    let column = |name: &str| columns.iter().position(|column| column == name).expect("a column");
    let (statement, title, url) = (column("statement"), column("source_title"), column("url"));
    for row in rows.iter().filter(|row| row[statement].contains("prisoner's")) {
        assert_eq!((row[title].as_str(), row[url].as_str()), ("prisoner testimony (not linked)", ""), "{}", row[0]);
    }
    for file in data::FILES.iter().filter(|file| file.path.starts_with("evidence/")) {
        let (columns, _) = table(data::text(file.path).expect("UTF-8"));
        for word in ["name", "birth", "passport", "phone", "address", "coordinate"] {
            assert!(!columns.iter().any(|column| column.contains(word)), "{}: {word}", file.path);
        }
    }
}
