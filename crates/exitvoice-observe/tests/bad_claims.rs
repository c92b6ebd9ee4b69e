//! Claims files that must be refused, each with the row, the column and what was expected.

mod common;

use common::{KURSK_CODED, KURSK_RAW, kursk_settings, read};
use exitvoice_observe::ClaimError;
use exitvoice_observe::error::Place;
use exitvoice_observe::import::{File, import};

fn refused(text: &str) -> ClaimError {
    refused_bytes(text.as_bytes())
}

fn refused_bytes(bytes: &[u8]) -> ClaimError {
    import(&[File { name: "bad.csv", bytes }], None, &kursk_settings()).expect_err("a mistake was made on purpose")
}

/// The ten fixtures of a kind.
#[expect(clippy::disallowed_methods, reason = "tests read their fixtures from disk; the library takes bytes")]
fn fixtures(kind: &str) -> Vec<(String, ClaimError)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/bad_claims/");
    let name = |n: usize| format!("{folder}{kind}/{n:02}.csv");
    (1..=10).map(|n| (name(n), refused_bytes(&std::fs::read(name(n)).expect("a fixture")))).collect()
}

#[test]
fn a_missing_column_is_named_and_a_misspelt_one_is_guessed() {
    let found = fixtures("missing_column");
    for (name, error) in &found {
        assert!(matches!(error, ClaimError::MissingColumn { at: Place { line: 1, .. }, .. }), "{name}: {error}");
        assert!(error.to_string().starts_with("EV0302: bad.csv, row at line 1"), "{error}");
    }
    assert!(found[8].1.to_string().contains("`quantity`; did you mean `quantiy`?"), "{}", found[8].1);
}

#[test]
fn an_impossible_date_is_refused_with_its_row() {
    let rows = [2, 3, 4, 5, 2, 3, 4, 5, 2, 3];
    for ((name, error), row) in fixtures("impossible_date").iter().zip(rows) {
        let ClaimError::Date { at, .. } = error else { panic!("{name}: {error}") };
        assert_eq!((at.line, at.id.as_str()), (row, ["X1", "X2", "X3", "X4"][row as usize - 2]), "{name}");
        assert!(["as_of", "published", "window_from"].contains(&at.column.as_str()));
        assert!(error.to_string().starts_with("EV0306: "));
    }
}

#[test]
fn text_in_a_number_is_refused_with_its_row() {
    let rows = [2, 3, 4, 5, 2, 3, 4, 2, 4, 3];
    for ((name, error), row) in fixtures("text_in_number").iter().zip(rows) {
        let ClaimError::Number { at, found } = error else { panic!("{name}: {error}") };
        assert_eq!(at.line, row, "{name}");
        assert!(error.to_string().starts_with("EV0307: ") && error.to_string().contains(found.as_str()));
    }
}

#[test]
fn a_low_end_above_the_high_end_is_refused_with_its_row() {
    let rows = [2, 3, 4, 4, 4, 5, 2, 4, 3, 4];
    for ((name, error), row) in fixtures("low_above_high").iter().zip(rows) {
        let ClaimError::LowAboveHigh { at, .. } = error else { panic!("{name}: {error}") };
        assert_eq!(at.line, row, "{name}");
        assert!(error.to_string().starts_with("EV0309: "));
    }
}

#[test]
fn columns_about_persons_are_refused_before_anything_is_read() {
    for (name, error) in &fixtures("personal_data") {
        assert!(matches!(error, ClaimError::PersonalData { at: Place { line: 1, .. } }), "{name}: {error}");
        assert!(error.to_string().starts_with("EV0303: "));
    }
}

/// The shipped coded file with one replacement.
fn changed(from: &str, to: &str) -> String {
    let coded = read(KURSK_CODED);
    assert!(coded.contains(from), "{from}");
    coded.replacen(from, to, 1)
}

#[test]
fn text_that_is_no_table_is_refused_with_its_line_and_what_is_wrong() {
    let mut latin = read(KURSK_CODED).into_bytes();
    let second_line = latin.iter().position(|byte| *byte == b'\n').expect("a header") + 1;
    latin[second_line] = 0xE9;
    let narrow = changed("DP003,none,none,", "DP003,none,").into_bytes();
    for (bytes, line, words) in [(latin, 2, "is not UTF-8"), (narrow, 4, "the row has 19 fields, the header has 20")] {
        let error = refused_bytes(&bytes);
        assert!(matches!(&error, ClaimError::Unreadable { at: Place { line: l, .. }, .. } if *l == line), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn every_other_mistake_has_its_own_error() {
    let cases: [(&str, String); 23] = [
        ("EV0301", String::new()),
        ("EV0301", changed("DP003,none,none,", "DP003,none,")),
        ("EV0304", changed(",reason,", ",reason,colour,")),
        ("EV0304", changed("declared_floor", "declard_floor")),
        ("EV0305", changed(",reason,", ",value,")),
        ("EV0308", changed("DP049,casualties,about,,3800", "DP049,casualties,about,,-3800")),
        ("EV0308", changed("DP060,share_casualties,about,,0.5", "DP060,share_casualties,about,,50")),
        ("EV0308", changed("DP054,prisoners,exact,,2", "DP054,prisoners,exact,,2.5")),
        ("EV0310", changed("DP049,casualties,", "DP049,casualtys,")),
        ("EV0310", changed("DP049,casualties,about", "DP049,casualties,roughly")),
        ("EV0310", changed("dprk,ua_president,official,ua-president-2025-01-05", "dprk,zelda,official,x")),
        ("EV0311", changed("DP005,none,", "DP004,none,")),
        ("EV0312", changed(",DP056,,", ",DP156,,")),
        ("EV0313", changed("DP049,casualties,about,,3800", "DP049,casualties,about,,")),
        ("EV0313", changed("DP040,killed,at_least,100,100", "DP040,killed,at_least,100,120")),
        ("EV0313", changed("DP049,casualties,about,,3800,", "DP049,casualties,at_most,,3800,4000")),
        ("EV0313", changed("DP049,casualties,about,,3800,", "DP049,casualties,at_most,,3800,")),
        ("EV0313", changed("DP049,casualties,about,,3800,,", "DP049,casualties,about,3,3800,,")),
        ("EV0313", changed("DP049,casualties,about,,3800,,", "DP049,casualties,about,,3800,9000,")),
        ("EV0313", changed("DP040,killed,at_least,100,100,,", "DP040,killed,at_least,100,100,900,")),
        ("EV0313", changed("DP049,casualties,about,,3800,,", "DP049,casualties,at_most,3,3800,3800,")),
        ("EV0317", changed("DP049,casualties,about,,3800,,,2025-01-05", "DP049,casualties,about,,3800,,,")),
        ("EV0309", changed("2024-12-01,2024-12-19", "2024-12-21,2024-12-19")),
    ];
    for (code, text) in cases {
        let error = if code == "EV0304" && text.contains("colour") {
            refused(&text.lines().enumerate().map(|(i, l)| widened(i, l)).collect::<String>())
        } else {
            refused(&text)
        };
        assert!(error.to_string().starts_with(code), "expected {code}, found {error}");
    }
    assert!(
        refused(&changed("DP049,casualties,", "DP049,casualtys,")).to_string().contains("did you mean `casualties`?")
    );
    // What marks rows as modelled is the coded format, whatever its column of sources is called.
    let misspelt = refused(&changed("source_key", "sorce_key")).to_string();
    assert!(misspelt.contains("lacks the column `source_key`; did you mean `sorce_key`?"), "{misspelt}");
    assert!(refused_bytes(&[b'i', b'd', b'\n', 0xff, 0xfe]).to_string().starts_with("EV0301"));
}

#[test]
fn a_repeated_or_unknown_id_is_named_with_its_column() {
    let ClaimError::DuplicateId { at, .. } = refused(&changed("DP005,none,", "DP004,none,")) else { panic!("another") };
    assert_eq!((at.column.as_str(), at.id.as_str()), ("id", "DP004"));
    let ClaimError::Revises { at, found, .. } = refused(&changed(",DP056,,", ",DP156,,")) else { panic!("another") };
    assert_eq!((at.column.as_str(), found.as_str()), ("revises", "DP156"));
}

#[test]
fn a_row_that_revises_itself_is_named_with_those_between() {
    let own = changed("revises DP056,DP056,,", "revises DP081,DP081,,");
    let ClaimError::RevisesItself { at, through } = refused(&own) else { panic!("another") };
    assert_eq!((at.id.as_str(), at.column.as_str(), through.as_str()), ("DP081", "revises", ""));
    let circle = changed("bulletin with DP057,,,", "bulletin with DP057,DP081,,");
    let words = refused(&circle).to_string();
    assert!(
        words.starts_with("EV0320") && words.contains("DP056") && words.contains("itself through `DP081`;"),
        "{words}"
    );
}

/// A line with one more field, to fit a header with one more column.
fn widened(line: usize, text: &str) -> String {
    if line == 0 { format!("{text}\n") } else { format!("{text},\n") }
}

#[test]
fn the_coding_is_compared_with_the_raw_rows() {
    let against_raw = |coded: &str, raw: &str| {
        let coded = File { name: "coded.csv", bytes: coded.as_bytes() };
        let raw = File { name: "raw.csv", bytes: raw.as_bytes() };
        import(&[coded], Some(raw), &kursk_settings()).expect_err("a mistake was made on purpose").to_string()
    };
    let raw = read(KURSK_RAW);
    let cases = [
        ("EV0314", "DP049,casualties,about,,3800", "DP049,casualties,about,,3900"),
        ("EV0314", ",2025-01-05,2025-01-13,", ",2025-01-06,2025-01-13,"),
        ("EV0315", "ua-president-2025-01-05,C,3", "ua-president-2025-01-05,B,3"),
        ("EV0315", "ua-president-2025-01-05,C,3", "ua-president-2025-01-05,C,2"),
        ("EV0316", "DP049,casualties", "DP949,casualties"),
    ];
    let coded = changed(",2025-01-05,2025-01-13,", ",2025-01-06,2025-01-13,");
    let (coded, raw_file) =
        (File { name: "coded.csv", bytes: coded.as_bytes() }, File { name: "raw.csv", bytes: raw.as_bytes() });
    let found = import(&[coded], Some(raw_file), &kursk_settings());
    assert!(matches!(found, Err(ClaimError::DiffersFromRaw { at, .. }) if at.column == "as_of"));
    for (code, from, to) in cases {
        let found = against_raw(&changed(from, to), &raw);
        assert!(found.starts_with(code), "expected {code}, found {found}");
    }
    let shorter: String =
        read(KURSK_CODED).lines().filter(|l| !l.starts_with("DP083")).map(|l| format!("{l}\n")).collect();
    assert!(against_raw(&shorter, &raw).starts_with("EV0316: raw.csv"));
}

#[test]
fn too_many_reports_at_once_are_refused() {
    use exitvoice_core::math;
    use exitvoice_core::time::Day;
    use exitvoice_observe::{DeparturesAs, ObserverLaws, Scorer, ScorerSettings, Truth};
    use exitvoice_record::Expected;
    let coded = read(KURSK_CODED);
    let report = coded.lines().find(|l| l.starts_with("DP006")).expect("a report");
    let dated = |reports: usize, day: &dyn Fn(i32) -> Day, departures: DeparturesAs, laws: &ObserverLaws| {
        let mut text = format!("{}\n", coded.lines().next().expect("a header"));
        for i in 0..reports {
            let row = report.replace("DP006", &format!("R{i}")).replace("oct14-absence", &format!("c{i}"));
            let row = row.replace("2024-10-15", "2025-12-30").replace("2024-10-14", &day(i as i32).to_string());
            text += &format!("{row}\n");
        }
        let settings = ScorerSettings { departures, ..common::scorer_settings(4) };
        Scorer::new(&common::import_text(&text), &settings, laws)
    };
    let first = Day::from_ymd(2024, 10, 14).expect("a date");
    let made = |reports, departures, laws: &ObserverLaws| dated(reports, &|_| first, departures, laws);
    let mut laws = ObserverLaws::from_registry();
    let refused = |reports, departures| made(reports, departures, &laws).expect_err("too many at once").to_string();
    let [events, rates] = [refused(9, DeparturesAs::Events), refused(65, DeparturesAs::Rates)];
    assert!(events.starts_with("EV0318: 9 reports") && events.contains("at most 8"), "{events}");
    assert!(rates.contains("at most 64"), "{rates}");
    // Two every three days share no departure with others; all of them may be false.
    let pairs = |i: i32| first + 3 * (i / 2);
    for (departures, most) in [(DeparturesAs::Events, 100), (DeparturesAs::Rates, 127)] {
        assert!(dated(most, &pairs, departures, &laws).is_ok());
        let refused = dated(most + 1, &pairs, departures, &laws).expect_err("too many").to_string();
        let (code, limit) = (format!("EV0319: {} unnamed reports", most + 1), format!("at most {most}"));
        assert!(refused.starts_with(&code) && refused.contains(&limit), "{refused}");
    }
    // Where departures come as rates, reports are summed over one by one. In a world without departures all are false: a Poisson number at .2 in
    // 30 days, over 205 days, each saying 18 where sizes are log-uniform.
    laws.pin("observe.departures.false_reports", 0.2).expect("a rate");
    let world = common::deployment(1.0);
    let none = Expected { departures: Vec::new(), captures: Vec::new(), surrenders: Vec::new() };
    let scorer = made(64, DeparturesAs::Rates, &laws).expect("64 at once");
    let found = scorer.ln_exits(&Truth::new(&world).with_expected(&none));
    let each = math::ln(0.2 / 30.0 * math::ln(18.5 / 17.5) / math::ln(100.5 / 0.5));
    let exact = 64.0 * each - 0.2 * 205.0 / 30.0;
    assert!((found - exact).abs() < 1e-9, "{found} against {exact}");
}

#[test]
fn garbage_gives_an_error_and_no_panic() {
    let draws = exitvoice_core::rng::Draws::new(exitvoice_core::quantity::Seed(8), exitvoice_core::rng::Purpose::Test);
    let coded = read(KURSK_CODED).into_bytes();
    for i in 0..400 {
        let mut bytes = coded.clone();
        // Random bytes at random places, and a random end.
        for j in 0..=(i % 7) {
            let block = draws.block(i, j);
            let place = (block.uniform() * bytes.len() as f64) as usize;
            bytes[place] = (block.second() * 256.0) as u8;
        }
        bytes.truncate((draws.uniform(i, 99) * bytes.len() as f64 * 2.0) as usize);
        let _ = import(&[File { name: "noise.csv", bytes: &bytes }], None, &kursk_settings());
    }
}
