//! Chains of a small file and of the shipped ones.

use super::*;

const FILE: &str = "id,value\nA,1\nB,2\nC,3\nD,4\n";

fn kinds(text: &str) -> Vec<(String, String)> {
    let found = Rows::read("x.csv", text.as_bytes()).expect("CSV").verify().expect("a chain");
    found.problems.into_iter().map(|p| (p.id, p.kind)).collect()
}

fn sealed() -> String {
    let rows = Rows::read("x.csv", FILE.as_bytes()).expect("CSV");
    String::from_utf8(rows.sealed().expect("written")).expect("text")
}

#[test]
fn a_sealed_file_verifies_and_each_kind_of_change_is_found() {
    let text = sealed();
    assert!(kinds(&text).is_empty());
    assert_eq!(kinds(&text.replace("B,2,", "B,7,")), [("B".to_owned(), "edited".to_owned())]);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(2, 3);
    assert!(kinds(&(lines.join("\n") + "\n")).iter().any(|(_, kind)| kind == "moved"));
    for gone in 1..5 {
        let mut lines: Vec<&str> = text.lines().collect();
        lines.remove(gone);
        assert!(!kinds(&(lines.join("\n") + "\n")).is_empty(), "row {gone} is gone");
    }
}

#[test]
fn a_file_without_rows_gets_no_chain_and_lines_are_those_of_the_file() {
    let none = Rows::new(vec!["id".to_owned(), "value".to_owned()], Vec::new());
    assert_eq!(none.sealed().expect("written"), b"id,value\n");
    assert_eq!(none.verify(), None);
    let text = sealed().replace("B,2,", "B,7,").replace('\n', "\r\n");
    let found = Rows::read("x.csv", text.as_bytes()).expect("CSV").verify().expect("a chain");
    assert_eq!(found.problems, [Problem::new(Some(3), "B", "edited")]);
}

#[test]
fn deleted_rows_of_a_sealed_file_are_told_wherever_they_stood() {
    let text = sealed();
    let lines: Vec<&str> = text.lines().collect();
    let found = |rows: &[usize]| {
        let kept: Vec<&str> = [0].iter().chain(rows).map(|row| lines[*row]).collect();
        kinds(&(kept.join("\n") + "\n"))
    };
    let deleted = |which: &str| (which.to_owned(), "deleted".to_owned());
    assert_eq!(found(&[]), [deleted("all")]);
    assert_eq!(found(&[1, 2, 3]), [deleted("number 4 of 4")]);
    assert_eq!(found(&[1]), [deleted("numbers 2 to 4 of 4")]);
    let moved = |id: &str| (id.to_owned(), "moved".to_owned());
    assert_eq!(found(&[1, 4]), [moved("D"), deleted("numbers 2 to 3 of 4")]);
    assert_eq!(found(&[1, 3, 2]), [moved("C"), moved("B"), deleted("1 of 4 at a place unknown")]);
    // The first link is gone, and with it the number.
    assert_eq!(found(&[2, 3, 4]), [moved("B")]);
}

#[test]
fn rows_after_the_last_of_a_sealed_file_are_told_as_added() {
    let added = |cell: &str| kinds(&format!("{}E,5,{cell}\n", sealed()));
    assert_eq!(added(""), [("E".to_owned(), "added".to_owned())]);
    // Chained by whoever added it, to the last link there was.
    let rows = Rows::read("x.csv", sealed().as_bytes()).expect("CSV");
    let row = hash_cells(&["E".to_owned(), "5".to_owned()]);
    let link = hash(&[rows.links().last().expect("four").link.as_bytes(), row.as_bytes()]);
    assert_eq!(added(&format!("{row}-{link}")), [("E".to_owned(), "added".to_owned())]);
}

#[test]
fn a_warning_names_the_rows_that_do_not_hold() {
    let text = sealed();
    let told = |text: &str| broken_chain("x.csv", text.as_bytes());
    assert_eq!((told(FILE), told(&text)), (None, None));
    let words = "x.csv: its provenance chain does not hold: line 3: row `B` edited; the rows count as they stand";
    assert_eq!(told(&text.replace("B,2,", "B,7,")).as_deref(), Some(words));
    assert!(told("value,id,chain\n1,A,\n").is_some_and(|words| words.contains("cannot be checked")));
    let many: String = (0..20).fold("id,chain\n".to_owned(), |text, k| text + &format!("A{k},x\n"));
    assert!(told(&many).is_some_and(|words| words.contains("`A7` edited, and 12 more")));
}

#[test]
fn the_embedded_chain_is_that_of_the_shipped_files() {
    assert_eq!(crate::data::text(EMBEDDED), Some(chain_of_shipped().expect("readable").as_str()));
}

#[test]
fn every_changed_moved_or_missing_row_of_a_shipped_file_is_named() {
    let text = crate::data::text("evidence/claims-kursk-2024-coded.csv").expect("embedded");
    assert!(kinds(text).is_empty());
    let lines: Vec<&str> = text.lines().collect();
    for row in 1..lines.len() {
        let id = lines[row].split(',').next().expect("an id").to_owned();
        let mut edited: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
        edited[row].push('x');
        assert_eq!(kinds(&edited.join("\n")), [(id.clone(), "edited".to_owned())]);
        let mut deleted = lines.clone();
        deleted.remove(row);
        assert_eq!(kinds(&deleted.join("\n")), [(id.clone(), "deleted".to_owned())]);
        let mut moved = deleted;
        moved.insert(if row > 40 { 1 } else { lines.len() - 1 }, lines[row]);
        assert_eq!(kinds(&moved.join("\n")), [(id, "moved".to_owned())]);
    }
}

#[test]
fn a_file_without_a_chain_says_so_and_one_that_is_no_csv_is_refused() {
    assert!(Rows::read("x.csv", FILE.as_bytes()).expect("CSV").verify().is_none());
    assert!(Rows::read("x.csv", b"name,id\nx,1\n").is_err());
    assert!(Rows::read("x.csv", b"").is_err());
    assert!(Rows::read("x.csv", b"id,a\n1,2,3\n").is_err());
}
