//! `check fuzz`: damaged and invented input to every parser; each must be read or refused, never end in a panic.
//!
//! Inputs are shipped files with up to eight changes each: bits flipped, pieces cut, doubled or moved, and words put in that parsers
//! stumble over. The n-th input of a parser is the same on every machine.

mod targets;

use self::targets::targets;
use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Event, Progress, Stage};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "fuzz",
    about: "Damaged input to every parser: read or refused, never a panic.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts = Counts { what: "inputs a parser", default: 10_000, range: [1, 100_000_000] };
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
    let (inputs, pool) = (COUNTS.asked(request)?, request.machine.pool()?);
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
    fn no_parser_panics_on_ten_thousand_inputs() {
        let machine = Machine::this();
        let request = Request { n: Some(10_000), ..Request::of(&machine) };
        let items = run(&request, &mut Silent).expect("nothing stops it");
        assert_eq!(items.len(), 12);
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
