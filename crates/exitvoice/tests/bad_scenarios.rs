//! Bad input: each fixture gives its code at its line and column, with what was expected and, where there is one, a hint.

mod scenario_support;

use exitvoice::data::SCENARIOS;
use exitvoice::scenario::{
    Catalogue, Given, Layers, MAX_BYTES, Override, ResolveError, SourceText, parse_override, read_text, resolve,
};
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use scenario_support::{registry, resolve_text};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const KINDS: [&str; 11] = [
    "bare_number",
    "future_format",
    "garbage",
    "impossible_value",
    "missing_key",
    "nesting",
    "not_toml",
    "unknown_key",
    "unknown_name",
    "wrong_type",
    "wrong_unit",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bad_scenarios")
}

fn resolve_bytes(name: &str, bytes: &[u8]) -> Result<(), ResolveError> {
    let source = read_text(name, bytes)?;
    let registry = registry();
    resolve(source, &Layers::default(), &Catalogue::embedded(&registry)).map(|_| ())
}

/// What every error must have, whatever it is.
fn check_shape(error: &ResolveError, what: &str) {
    let diagnostic = error.diagnostic();
    assert_eq!(diagnostic.code, error.problem().code(), "{what}");
    assert!(error.to_string().starts_with(&format!("{}: ", diagnostic.code)), "{what}: {error}");
    assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains(char::is_control), "{what}");
    assert!(!diagnostic.expected.is_empty(), "{what}: nothing is said to be expected");
    assert!(diagnostic.line >= 1 && diagnostic.column >= 1, "{what}");
    assert!(error.source_text().text.get(diagnostic.span.clone()).is_some(), "{what}: span {:?}", diagnostic.span);
    let (display, span) = error.display_text();
    assert!(display.get(span).is_some(), "{what}");
    assert!(error.to_string().len() < 600, "{what}: {error}");
}

#[test]
fn every_fixture_gives_its_code_at_its_place_with_its_hint() {
    let mut failures = Vec::new();
    let mut codes = BTreeSet::new();
    for kind in KINDS {
        let expected = std::fs::read_to_string(folder().join(kind).join("expected.tsv")).expect("a list");
        let rows: Vec<Vec<&str>> = expected.lines().skip(1).map(|line| line.split('\t').collect()).collect();
        assert!(rows.len() >= 10, "{kind}: ten fixtures of each kind");
        for row in rows {
            let what = format!("{kind}/{}", row[0]);
            let bytes = std::fs::read(folder().join(kind).join(row[0])).expect("a fixture");
            let Err(error) = resolve_bytes(&what, &bytes) else {
                failures.push(format!("{what}: resolved"));
                continue;
            };
            check_shape(&error, &what);
            let found = error.diagnostic();
            codes.insert(found.code);
            let help = found.help.clone().unwrap_or_default();
            let place = (found.line.to_string(), found.column.to_string());
            if found.code != row[1] || place != (row[2].to_owned(), row[3].to_owned()) || !help.contains(row[4]) {
                failures.push(format!("{what}: expected {row:?}, found {error} help `{help}`"));
            }
            assert_eq!(found.file, what);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // The rest is fired by the tests below and in scenarios.rs: 0201 size, 0214, 0223 as-of, 0224 --set.
    for code in 202..=226 {
        if ![214, 223, 224].contains(&code) {
            assert!(codes.contains(format!("EV0{code}").as_str()), "no fixture fires EV0{code}");
        }
    }
}

#[test]
fn every_fixture_is_listed() {
    for kind in KINDS {
        let expected = std::fs::read_to_string(folder().join(kind).join("expected.tsv")).expect("a list");
        let listed: BTreeSet<&str> = expected.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
        let files = std::fs::read_dir(folder().join(kind)).expect("a folder").count();
        assert_eq!(files, listed.len() + 1, "{kind}");
    }
    assert_eq!(std::fs::read_dir(folder()).expect("a folder").count(), KINDS.len());
}

#[test]
fn two_megabytes_of_anything_are_refused_by_their_size() {
    let mut state = 1_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
    .take(2_000_000)
    .collect();
    let text = |piece: &str| piece.repeat(2_000_000 / piece.len() + 1).into_bytes();
    let files = [
        noise,
        vec![0; 2_000_000],
        vec![b'\n'; 2_000_000],
        vec![b'='; 2_000_000],
        text("["),
        text("a = 1\n"),
        text("[[waves]]\n"),
        text("\""),
        text("# "),
        text("ґ"),
    ];
    for (index, bytes) in files.iter().enumerate() {
        let what = format!("large {index}");
        let error = resolve_bytes(&what, bytes).expect_err("too large");
        check_shape(&error, &what);
        assert_eq!((error.diagnostic().code, error.diagnostic().line), ("EV0201", 1));
        let text = String::from_utf8_lossy(bytes).into_owned();
        let error = resolve_text(&text, &Layers::default()).expect_err("also without read_text");
        assert_eq!(error.diagnostic().code, "EV0201");
    }
}

#[test]
fn nearly_a_megabyte_of_garbage_ends_with_an_error_and_not_with_the_stack() {
    let size = MAX_BYTES - 1;
    let pieces = [
        "[",
        "]",
        "{",
        "a.",
        "a=[",
        "a={a=",
        "\"",
        "'''",
        "=",
        "\\",
        "a = 1\n",
        "[a]\n",
        "[[waves]]\n",
        "a = [\n",
        "\r\n\t",
        "0x",
        "\u{feff}",
        "[a.b]\n",
        "x = '''\n",
        ",",
    ];
    for piece in pieces {
        let mut text = piece.repeat(size / piece.len());
        text.insert(0, '\n');
        let Err(error) = resolve_text(&text, &Layers::default()) else { panic!("{piece:?} resolved") };
        check_shape(&error, piece);
        assert!(error.display_text().0.len() < MAX_BYTES + 4_000, "{piece:?}");
    }
}

#[test]
fn a_hundred_thousand_brackets_are_refused_in_every_place() {
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let tables = "{a=".repeat(100_000);
    for text in [
        open.clone(),
        format!("{open}{close}"),
        format!("a = {open}"),
        format!("a = {open}{close}\n"),
        format!("format = 1\na = {tables}"),
        format!("format = 1\n[{}a]\n", "a.".repeat(100_000)),
        format!("format = 1\n{}a = 1\n", "a.".repeat(100_000)),
        format!("format = 1\n# {close}\na = [\n{open}"),
        format!("format = 1\nwaves = [{{ name = {open}"),
        format!("format = 1\n\"\" = {}", "[{a=".repeat(50_000)),
    ] {
        let error = resolve_text(&text, &Layers::default()).expect_err("too deep");
        check_shape(&error, "brackets");
        assert_eq!(error.diagnostic().code, "EV0204");
    }
    for value in [open, tables] {
        let line = [Override { key: "exit.attempt.hostage_effect".to_owned(), value, given: Given::Set }];
        let layers = Layers { command_line: &line, ..Layers::default() };
        let error = resolve_text("format = 1\nextends = \"toy-squad\"\n", &layers).expect_err("no number");
        check_shape(&error, "--set");
        assert_eq!((error.diagnostic().code, error.diagnostic().file.as_str()), ("EV0208", "--set"));
    }
}

#[test]
fn a_wrong_override_points_into_its_own_text() {
    let text = "format = 1\nextends = \"toy-squad\"\n";
    for (change, code, column, help) in [
        ("run.sed=1", "EV0207", 1, "run.seed"),
        ("format=2", "EV0207", 1, ""),
        ("waves=[]", "EV0208", 1, "extends this one"),
        ("run.scale=2", "EV0210", 11, ""),
        ("run.seed=many", "EV0208", 10, ""),
        ("exit.attempt.base_rate=0.01", "EV0203", 24, "/yr"),
        ("exit.attempt.base_rate=0.01 d", "EV0209", 24, "/d"),
        ("period.end=2024-01-01", "EV0215", 12, ""),
        ("infer.parameters=[\"exit.attempt.bas_rate\"]", "EV0222", 18, "exit.attempt.base_rate"),
        ("society.source=toy", "EV0213", 16, ""),
        ("exit=1", "EV0207", 1, ""),
        ("infer.parameters=[\"demography.marriage.homogamy\"]", "EV0222", 18, ""),
    ] {
        let line = [parse_override(change).expect("KEY=VALUE")];
        let error = resolve_text(text, &Layers { command_line: &line, ..Layers::default() }).expect_err(change);
        check_shape(&error, change);
        let found = error.diagnostic();
        assert_eq!((found.code, found.file.as_str(), found.line, found.column), (code, "--set", 1, column), "{error}");
        assert!(found.help.clone().unwrap_or_default().contains(help), "{change}: {:?}", found.help);
    }
    for nothing in ["", "=", "run.seed", " =3"] {
        let error = parse_override(nothing).expect_err("no KEY=VALUE");
        check_shape(&error, nothing);
        assert_eq!(error.diagnostic().code, "EV0224");
    }
}

#[test]
fn extending_twice_is_refused() {
    let registry = registry();
    let scenarios = [("a", "format = 1\nextends = \"b\"\n"), ("b", "format = 1\n")];
    let catalogue = Catalogue { scenarios: &scenarios, ..Catalogue::embedded(&registry) };
    let source = SourceText { name: "c.toml".to_owned(), text: "format = 1\nextends = \"a\"\n".to_owned() };
    let error = resolve(source, &Layers::default(), &catalogue).expect_err("two levels");
    check_shape(&error, "extends");
    let found = error.diagnostic();
    assert_eq!((found.code, found.line, found.column), ("EV0214", 2, 11));
}

#[test]
fn a_broken_extended_scenario_or_baseline_names_its_own_file() {
    let registry = registry();
    let scenarios = [("a", "format = 1\n[perod]\n")];
    let baselines = [("m1", "format = 1\nmodel = \"m1\"\nexit.attempt.gone = 1\n")];
    let catalogue = Catalogue { scenarios: &scenarios, baselines: &baselines, ..Catalogue::embedded(&registry) };
    let text = "format = 1\nextends = \"a\"\n".to_owned();
    let source = || SourceText { name: "c.toml".to_owned(), text: text.clone() };
    let error = resolve(source(), &Layers::default(), &catalogue).expect_err("a typo below");
    assert_eq!((error.diagnostic().code, error.diagnostic().file.as_str()), ("EV0207", "a.toml"));
    let layers = Layers { baseline: Some("m1"), ..Layers::default() };
    let error = resolve(source(), &layers, &catalogue).expect_err("a parameter that is no more");
    assert_eq!((error.diagnostic().code, error.diagnostic().file.as_str()), ("EV0207", "baselines/m1.toml"));
    assert_eq!(error.diagnostic().line, 3);
}

#[test]
fn ten_thousand_damaged_scenarios_end_with_a_scenario_or_an_error_with_a_place() {
    let draws = Draws::new(Seed(2_024), Purpose::Replicate);
    let pieces = [
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "=",
        ".",
        ",",
        "\n",
        "#",
        "-",
        "1e999",
        "nan",
        "2024-02-30",
        "\u{0}",
        "ґ",
        "\\u0000",
        "[[waves]]\n",
        "[run]\n",
        "\"0 persons\"",
        "format = 2\n",
        "99999999999999999999",
        "extends = \"kursk-2024\"\n",
        "inf /d",
    ];
    let registry = registry();
    let catalogue = Catalogue::embedded(&registry);
    let mut resolved = 0;
    for case in 0..10_000_u64 {
        let mut text = SCENARIOS[(case % 2) as usize].1.to_owned();

        let below = |slot: u64, count: usize| (draws.block(case, slot).uniform() * count as f64) as usize;
        for slot in 0..=(case % 3) {
            let (mut from, mut to) = (below(4 * slot, text.len()), below(4 * slot + 1, 12));
            to = (from + to).min(text.len());
            while !text.is_char_boundary(from) {
                from -= 1;
            }
            while !text.is_char_boundary(to) {
                to += 1;
            }
            let piece = if below(4 * slot + 2, 3) == 0 { "" } else { pieces[below(4 * slot + 3, pieces.len())] };
            text.replace_range(from..to, piece);
        }
        let source = SourceText { name: "damaged.toml".to_owned(), text };
        match resolve(source, &Layers::default(), &catalogue) {
            Ok(scenario) => {
                resolved += 1;
                assert!(scenario.soldiers() >= 1 && scenario.days() >= 1);
                assert_eq!(scenario.values.len(), registry.len());
            }
            Err(error) => check_shape(&error, &format!("case {case}")),
        }
    }
    assert!(
        (500..9_500).contains(&resolved),
        "{resolved} of 10,000 resolved: the damage is too small or too large to test much"
    );
}
