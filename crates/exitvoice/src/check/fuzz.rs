//! `check fuzz`: damaged and invented input to every parser; each must be read or refused, never end in a panic.
//!
//! Inputs are shipped files with up to eight changes each: bits flipped, pieces cut, doubled or moved, and words put in that parsers
//! stumble over. The n-th input of a parser is the same on every machine.

use super::{Item, Request, Suite};
use crate::command::{Error, Event, Progress, Stage};
use crate::io::ledger;
use crate::io::section_file::{self, Key};
use crate::io::vfs::Vfs;
use crate::scenario::{self, Catalogue, Layers, SourceText};
use crate::{data, sensitivity, sweep};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "fuzz",
    about: "Damaged input to every parser: read or refused, never a panic.",
    counts: "inputs a parser, 10000 if absent",
    run,
};

const INPUTS: u32 = 10_000;
/// Inputs between two looks at the request to stop.
const BATCH: u32 = 500;

/// Words that parsers stumble over.
const WORDS: [&str; 24] = [
    "nan",
    "inf",
    "-inf",
    "1e999",
    "-0",
    "18446744073709551616",
    "0x",
    "[[",
    "]]",
    "{",
    "\"\"\"",
    "'''",
    "\\u0000",
    "\u{feff}",
    "\u{202e}",
    "ж",
    "\n\n\n",
    "=",
    ".",
    ",",
    "\"",
    "#",
    "2024-13-45",
    "1000000000 persons",
];

/// One parser: what it is given, and the call.
struct Target {
    name: &'static str,
    corpus: Vec<Vec<u8>>,
    parse: fn(&[u8], &Pool),
}

fn targets(pool: &Pool) -> Vec<Target> {
    let text = |texts: &[&str]| texts.iter().map(|t| t.as_bytes().to_vec()).collect::<Vec<_>>();
    let scenarios: Vec<&str> = data::SCENARIOS.iter().map(|(_, text)| *text).collect();
    let claims: Vec<&str> = data::text("evidence/claims-kursk-2024-coded.csv").into_iter().collect();
    let plan = "format = 1\nname = \"a\"\nscenario = \"toy-squad\"\ndesign = \"grid\"\nreplicates = 2\n[parameters]\n\
                \"exit.absence.length\" = [\"2 d\", \"3 d\"]\nexit.attempt.danger_effect = [1, 2.5]\n";
    let hypercube = "format = 1\nscenario = \"toy-squad\"\ndesign = \"latin_hypercube\"\npoints = 4\nseed = 3\n[parameters]\n\
                     \"exit.absence.length\" = { low = \"2 d\", high = \"3 d\" }\n\"exit.attempt.danger_effect\" = \"prior\"\n";
    let which =
        "format = 1\nscenario = \"toy-squad\"\nmethod = \"morris\"\nbase = 2\nparameters = [\"exit.absence.length\"]\n";
    let sections: [(&str, &[u8]); 2] = [("a", &[1; 70]), ("b", &[2; 9])];
    vec![
        Target { name: "scenario", corpus: text(&scenarios), parse: scenario },
        Target {
            name: "--set",
            corpus: text(&["run.seed=3", "exit.absence.length=\"2 d\"", "claims.set=none"]),
            parse: set,
        },
        Target { name: "sweep plan", corpus: text(&[plan, hypercube]), parse: plans },
        Target { name: "sensitivity plan", corpus: text(&[which]), parse: sensitivity_plans },
        Target { name: "claims", corpus: text(&claims), parse: claims_file },
        Target { name: "ledger", corpus: vec![ledger_bytes()], parse: ledgers },
        Target {
            name: "section file",
            corpus: vec![section_file::to_container(&KEY, &sections, pool)],
            parse: containers,
        },
    ]
}

const KEY: Key = Key([9; 32]);
const IDENTITY: [u8; 32] = [7; 32];

fn scenario(bytes: &[u8], _pool: &Pool) {
    let Ok(source) = scenario::read_text("fuzzed.toml", bytes) else { return };
    let registry = crate::registry::all();
    let _ = scenario::resolve(source, &Layers::default(), &Catalogue::embedded(&registry));
}

fn set(bytes: &[u8], _pool: &Pool) {
    let Ok(change) = scenario::parse_override(&String::from_utf8_lossy(bytes)) else { return };
    let registry = crate::registry::all();
    let Some(toy) = data::scenario("toy-squad") else { return };
    let source = SourceText { name: "toy-squad".to_owned(), text: toy.to_owned() };
    let layers = Layers { command_line: &[change], ..Layers::default() };
    let _ = scenario::resolve(source, &layers, &Catalogue::embedded(&registry));
}

fn plans(bytes: &[u8], _pool: &Pool) {
    let _ = sweep::plan::parse("fuzzed.toml", &String::from_utf8_lossy(bytes), &crate::registry::all());
}

fn sensitivity_plans(bytes: &[u8], _pool: &Pool) {
    let _ = sensitivity::parse("fuzzed.toml", &String::from_utf8_lossy(bytes), &crate::registry::all());
}

fn claims_file(bytes: &[u8], _pool: &Pool) {
    use exitvoice_observe::import::{File, ImportSettings, Returns, Waves, import};
    let day_zero = exitvoice_core::time::Day(20_004);
    let settings = ImportSettings { day_zero, waves: Waves::Fixed, returns: Returns::NotModelled, view: None };
    let _ = import(&[File { name: "fuzzed.csv", bytes }], None, &settings);
}

fn ledgers(bytes: &[u8], _pool: &Pool) {
    let vfs = crate::io::fault::FaultVfs::new();
    vfs.put(Path::new("ledger"), bytes);
    let _ = ledger::read(&vfs, Path::new("ledger"), &IDENTITY);
}

fn ledger_bytes() -> Vec<u8> {
    let vfs = crate::io::fault::FaultVfs::new();
    let entries = [ledger::Entry::Done { task: 1 }, ledger::Entry::Failed { task: 2, error: "no".to_owned() }];
    let written = ledger::replace(&vfs, Path::new("ledger"), &IDENTITY, &entries);
    written.and_then(|()| vfs.read(Path::new("ledger"), 1 << 20)).unwrap_or_default()
}

fn containers(bytes: &[u8], pool: &Pool) {
    let _ = section_file::parse(Path::new("fuzzed"), bytes.to_vec(), &KEY, pool);
}

/// The `number`-th input of a corpus.
fn input(corpus: &[Vec<u8>], draws: Draws, number: u64) -> Vec<u8> {
    let pick = |what: u64, below: usize| (draws.uniform(number, what) * below as f64) as usize;
    let mut bytes = corpus[pick(0, corpus.len())].clone();
    for change in 0..1 + pick(1, 8) as u64 {
        let at = |part: u64, below: usize| pick(2 + 8 * change + part, below.max(1));
        let place = at(0, bytes.len());
        let end = (place + at(1, 40)).min(bytes.len());
        match at(2, 7) {
            0 if !bytes.is_empty() => bytes[place] ^= 1 << at(3, 8),
            1 => drop(bytes.drain(place..end)),
            2 => {
                let piece = bytes[place..end].to_vec();
                bytes.splice(place..place, piece);
            }
            3 => {
                let piece: Vec<u8> = bytes.drain(place..end).collect();
                let to = at(4, bytes.len() + 1);
                bytes.splice(to..to, piece);
            }
            4 => bytes.truncate(place),
            _ => {
                let word = WORDS[at(5, WORDS.len())].bytes();
                bytes.splice(place..if at(6, 2) == 0 { place } else { end }, word);
            }
        }
    }
    bytes
}

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let (inputs, pool) = (request.n.unwrap_or(INPUTS), request.machine.pool()?);
    let targets = targets(&pool);
    progress.event(Event::Began { stage: Stage::Verify, of: Some(u64::from(inputs) * targets.len() as u64) });
    let one = Pool::new(1)?;
    let (mut items, mut done) = (Vec::new(), 0);
    for (index, target) in targets.iter().enumerate() {
        let draws = Draws::new(Seed(index as u64), Purpose::Synthetic);
        let mut panics = Vec::new();
        for first in (0..inputs).step_by(BATCH as usize) {
            request.machine.stop.check()?;
            let count = BATCH.min(inputs - first) as usize;
            let ended = pool.map(count, |i| {
                let bytes = input(&target.corpus, draws, u64::from(first) + i as u64);
                // The parser's own data are not looked at after a panic.
                catch_unwind(AssertUnwindSafe(|| (target.parse)(&bytes, &one))).is_err()
            });
            panics.extend(ended.iter().enumerate().filter(|(_, p)| **p).map(|(i, _)| first + i as u32));
            done += count as u64;
            progress.event(Event::Advanced { done });
        }
        let reason = format!("a parser reads or refuses; {inputs} inputs, inputs that ended in a panic: {panics:?}");
        items.push(Item::near(format!("{}: panics", target.name), panics.len() as f64, 0.0, 0.0, reason));
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Machine, Silent};

    #[test]
    fn no_parser_panics_on_a_thousand_inputs() {
        let machine = Machine::this();
        let request = Request { n: Some(1_000), ..Request::of(&machine) };
        let items = run(&request, &mut Silent).expect("nothing stops it");
        assert_eq!(items.len(), 7);
        for item in items {
            assert!(item.passed, "{}", item.line());
        }
    }

    #[test]
    #[ignore = "a million inputs a parser: cargo xtask ci --full"]
    fn no_parser_panics_on_a_million_inputs() {
        let machine = Machine::this();
        let request = Request { n: Some(1_000_000), ..Request::of(&machine) };
        for item in run(&request, &mut Silent).expect("nothing stops it") {
            assert!(item.passed, "{}", item.line());
        }
    }

    #[test]
    fn inputs_differ_from_each_other_and_repeat() {
        let corpus = vec![b"format = 1\nscenario = \"toy\"\n".to_vec()];
        let draws = Draws::new(Seed(1), Purpose::Synthetic);
        let some: Vec<Vec<u8>> = (0..50).map(|n| input(&corpus, draws, n)).collect();
        let again: Vec<Vec<u8>> = (0..50).map(|n| input(&corpus, draws, n)).collect();
        assert_eq!(some, again);
        let changed = some.iter().filter(|bytes| **bytes != corpus[0]).count();
        assert!(changed >= 45, "{changed} of 50 differ from what they came from");
    }
}
