//! `check size-invariance`: doubling the force at a fixed size of battalions leaves hazards per soldier-day, with every coupling on (A15).

use super::patterns::world::{self, Ground};
use super::{Counts, Item, Request, Suite};
use crate::command::{Error, Progress};
use exitvoice_model::decision::Rule;
use exitvoice_record::EventKind;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "size-invariance",
    about: "A force of twice the size against two forces: hazards per soldier-day.",
    counts: Some(COUNTS),
    run,
};

const COUNTS: Counts = Counts { what: "replicates on each side", default: 40, range: [2, 100_000] };
/// Soldiers of the smaller force: six battalions.
const SOLDIERS: u32 = 2_880;
const KINDS: [(EventKind, &str); 4] = [
    (EventKind::AttemptBegan, "attempts"),
    (EventKind::Left, "departures"),
    (EventKind::Denounced, "denunciations"),
    (EventKind::Wounded, "wounds"),
];

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let ground = Ground::build(request, progress)?;
    let replicates = COUNTS.asked(request)?;
    let mut sides = Vec::new();
    for (soldiers, first) in [(SOLDIERS, 0), (2 * SOLDIERS, u64::from(replicates))] {
        let base = world::force(world::plan(soldiers, Rule::RandomUtility), &ground.extract)?;
        let params = ground.params(&[])?;
        let mut rows = Vec::new();
        for seed in first..first + u64::from(replicates) {
            request.machine.stop.check()?;
            let record = world::replicate(&base, &params, seed);
            rows.push(KINDS.map(|(kind, _)| world::rate(&record, kind)));
        }
        sides.push(rows);
    }
    let moments = |rows: &[[f64; 4]], column: usize| {
        let n = rows.len() as f64;
        let mean = rows.iter().map(|r| r[column]).sum::<f64>() / n;
        let spread = rows.iter().map(|r| (r[column] - mean) * (r[column] - mean)).sum::<f64>();
        (mean, spread / (n - 1.0) / n)
    };
    let items = KINDS.iter().enumerate().map(|(column, (_, word))| {
        let ((once, u), (twice, v)) = (moments(&sides[0], column), moments(&sides[1], column));
        let name = format!("A15 {word} per soldier-day, a force of twice the size relative to one");
        let reason =
            format!("four Monte-Carlo standard errors of {replicates} replicates a side; chance of a false alarm 6e-5");
        Item::near(name, twice / once, 1.0, 4.0 * (u + v).sqrt() / once, reason)
    });
    Ok(items.collect())
}
