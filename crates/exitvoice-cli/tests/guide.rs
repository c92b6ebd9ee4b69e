//! The guide is a test: every command of the tutorial is run as it is written, and prints what stands there.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

const TUTORIAL: &str = include_str!("../../../docs/guide/tutorial.md");
const GUIDE: &str = include_str!("../../../docs/guide/README.md");

/// A piece of the page: a file to be written, or a command with the lines that it must print.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    File { name: String, text: String },
    Command { words: String, prints: Vec<String> },
}

fn pieces(page: &str) -> Vec<Piece> {
    let (mut out, mut block, mut name) = (Vec::new(), None::<(String, Vec<String>)>, String::new());
    for line in page.lines() {
        match (&mut block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some((language.to_owned(), Vec::new())),
            (Some((language, lines)), Some(_)) => {
                match language.as_str() {
                    "toml" => out.push(Piece::File { name: std::mem::take(&mut name), text: lines.join("\n") + "\n" }),
                    "console" => out.extend(commands(lines)),
                    other => panic!("a block of `{other}`"),
                }
                block = None;
            }
            (Some((_, lines)), None) => lines.push(line.to_owned()),
            (None, None) => {
                if let Some(file) = line.strip_prefix('`').and_then(|rest| rest.strip_suffix("`:")) {
                    name = file.to_owned();
                }
            }
        }
    }
    out
}

fn commands(lines: &[String]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for line in lines {
        match (line.strip_prefix("$ "), out.last_mut()) {
            (Some(words), _) => out.push(Piece::Command { words: words.to_owned(), prints: Vec::new() }),
            (None, Some(Piece::Command { prints, .. })) => prints.push(line.clone()),
            _ => panic!("a block begins with what is printed: {line}"),
        }
    }
    out
}

/// Whether a line is what stands on the page, where `...` may be anything.
fn matches(line: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split("...").collect();
    let (first, rest) = parts.split_first().expect("split gives one part at least");
    let Some(mut left) = line.strip_prefix(first) else { return false };
    let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
    for part in middle {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(last)
}

/// The first line of the page that is not printed, if any; a line that is `...` stands for any number of lines.
fn missing<'a>(printed: &str, page: &'a [String]) -> Option<&'a str> {
    let mut lines = printed.lines();
    let mut skips = false;
    for pattern in page {
        if pattern == "..." {
            skips = true;
            continue;
        }
        let found =
            if skips { lines.any(|l| matches(l, pattern)) } else { lines.next().is_some_and(|l| matches(l, pattern)) };
        if !found {
            return Some(pattern);
        }
        skips = false;
    }
    None
}

fn shell(folder: &Path, words: &str) -> std::process::Output {
    let program = assert_cmd::cargo::cargo_bin("exitvoice");
    let place = program.parent().expect("a folder").display().to_string();
    let path = format!("{place}:{}", std::env::var("PATH").expect("a path"));
    let mut command = Command::new("sh");
    command.args(["-c", words]).current_dir(folder).env("PATH", path).env("EXITVOICE_CACHE", folder.join("cache"));
    command.output().expect("sh starts")
}

#[test]
fn the_tutorial_runs_as_it_is_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut run = 0;
    for piece in pieces(TUTORIAL) {
        match piece {
            Piece::File { name, text } => {
                assert!(!name.is_empty(), "a file without a name: {text}");
                std::fs::write(folder.path().join(name), text).expect("written");
            }
            Piece::Command { words, prints } => {
                let output = shell(folder.path(), &words);
                let (printed, said) =
                    (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                assert!(output.status.success(), "{words}\n{printed}{said}");
                assert_eq!(missing(&printed, &prints), None, "{words}\nprinted\n{printed}{said}");
                run += 1;
            }
        }
    }
    assert!(run >= 12, "{run} commands");
}

/// Commands that a page of the guide names, in its blocks and in its sentences, as an installed program has them.
fn named(page: &str) -> Vec<String> {
    let blocks = page.lines().filter_map(|line| line.strip_prefix("$ cargo run --release -- "));
    let spans = page.split('`').filter_map(|span| span.strip_prefix("exitvoice "));
    blocks
        .chain(spans)
        .map(|words| format!("exitvoice {}", words.replace("KEY=VALUE", "exit.attempt.hostage_effect=0")))
        .collect()
}

/// Whether a command of the guide ends within seconds in a folder that has [`prepare`]d results, so that it is run here.
fn is_short(command: &str) -> bool {
    let on_small = ["toy-squad", "results/plan/", "plan.toml", "explain ", "odd", "--estimate"];
    // 14,208 points.
    on_small.iter().any(|words| command.contains(words)) && command != "exitvoice sensitivity toy-squad"
}

/// A run and a sweep in a folder, by the names of their folders; plan and scenario are those of the page.
fn prepare(folder: &Path) -> [String; 2] {
    let blocks: Vec<&str> = GUIDE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [scenario, plan, analysis] = blocks[..] else { panic!("{} files on the page", blocks.len()) };
    let mine = scenario.replace("kursk-2024", "toy-squad");
    for (name, text) in [("mine.toml", mine.as_str()), ("plan.toml", plan), ("analysis.toml", analysis)] {
        std::fs::write(folder.join(name), text).expect("written");
    }
    std::fs::write(folder.join("as-on-the-page.toml"), scenario).expect("written");
    let id = |words: &str| {
        let output = shell(folder, words);
        assert!(output.status.success(), "{words}\n{}", String::from_utf8_lossy(&output.stderr));
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        json["run_id"].as_str().expect("a name").to_owned()
    };
    [id("exitvoice run toy-squad --json"), id("exitvoice sweep plan.toml --json")]
}

#[test]
fn every_command_that_the_guide_names_is_understood_and_the_short_ones_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let [run, sweep] = prepare(folder.path());
    let own = ["exitvoice sensitivity analysis.toml", "exitvoice explain as-on-the-page.toml"].map(str::to_owned);
    let (mut understood, mut ran) = (0, 0);
    for command in named(GUIDE).into_iter().chain(own) {
        let command = command.replace("toy-squad/ID", &format!("toy-squad/{run}"));
        let command = command.replace("results/plan/ID", &format!("results/absences/{sweep}"));
        let output = shell(folder.path(), &format!("{command} --help"));
        assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
        understood += 1;
        if is_short(&command) {
            let output = shell(folder.path(), &command);
            assert!(output.status.success(), "{command}\n{}", String::from_utf8_lossy(&output.stderr));
            ran += 1;
        }
    }
    assert!(understood >= 28 && ran >= 11, "{understood} understood, {ran} run");
}

#[test]
fn what_is_printed_is_told_from_what_is_not() {
    let page = |lines: &[&str]| lines.iter().map(|l| (*l).to_owned()).collect::<Vec<String>>();
    assert!(matches("digest abc, done", "digest ..., done") && !matches("digest abc", "digest ..., done"));
    assert!(matches("a", "a") && !matches("ab", "a") && matches("xay", "...a..."));
    assert_eq!(missing("one\ntwo\nthree\n", &page(&["one", "...", "three"])), None);
    assert_eq!(missing("one\ntwo\nthree\n", &page(&["one", "three"])), Some("three"));
    assert_eq!(missing("one\n", &page(&["...", "four"])), Some("four"));
}

#[test]
fn the_book_names_every_page_of_the_guide_and_every_page_it_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let summary = std::fs::read_to_string(root.join("SUMMARY.md")).expect("there");
    let named: Vec<&str> = summary.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    assert!(named.len() > 20, "{named:?}");
    for page in &named {
        assert!(root.join(page).is_file(), "{page} is not there");
    }
    for folder in ["guide", "odd", "reference", "adr", "forecast", "incidents"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            let page = format!("{folder}/{name}");
            assert!(!name.ends_with(".md") || named.contains(&page.as_str()), "SUMMARY.md does not name {page}");
        }
    }
}
