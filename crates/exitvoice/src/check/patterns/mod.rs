//! `check patterns`: what a valid model of such forces must show. Imposed patterns follow from the sign of a coefficient; emergent ones must
//! come out of everything together; the level must lie inside a band; what is not modelled is listed as such. Counted apart.

mod experiments;
mod figure;
mod imposed;
pub(super) mod world;

use super::{Item, Request, Suite};
use crate::command::{Error, Progress};
use crate::io::vfs::write_atomically;
use exitvoice_core::param::Prior;
use exitvoice_core::quantity::Seed;
use exitvoice_core::rng::{Draws, Purpose};
use exitvoice_model::decision::Rule;
use experiments::{EXPERIMENTS, PAIRS, SHOWN};
use figure::{Column, Sheet, verdict};
use world::Ground;

/// The suite.
pub(super) const SUITE: Suite = Suite {
    name: "patterns",
    about: "Patterns of desertion known from other armies, in experiments with paired seeds.",
    counts: None,
    run,
};

/// Patterns without a mechanism.
const NOT_MODELLED: [(&str, &str); 3] = [
    ("P14", "closing the border cuts arrivals within a year: no border is closed within a deployment"),
    ("P20", "exposure is ambiguous in sign: its effect is a parameter whose prior keeps both signs"),
    ("P21", "a free captive majority may still go home: what prisoners choose is not modelled"),
];

/// Emergent patterns, each shown when all its experiments are.
const EMERGENT: [&str; 7] = ["P7", "P10", "P11", "P15", "P17", "P18", "P24"];
/// The rule under which they are judged.
const JUDGED: &str = "m1";
/// How many of them must be shown.
const ENOUGH: f64 = 5.0;

/// Band of the level: reachable, and not certain.
const LEVEL_BAND: [f64; 2] = [0.05, 0.95];

fn run(request: &Request<'_>, progress: &mut dyn Progress) -> Result<Vec<Item>, Error> {
    let ground = Ground::build(request, progress)?;
    let mut items = Vec::new();
    let imposed = imposed::all(&ground)?;
    for (pattern, says, holds) in &imposed {
        let (word, reason) = (if *holds { "shown" } else { "not shown" }, "the sign of one coefficient; exact");
        items.push(Item::equal(format!("{pattern} imposed: {says}"), word, "shown", reason));
    }
    let (mut columns, pool) = (Vec::new(), request.machine.pool()?);
    for (rule, key) in Rule::ALL {
        let wins = experiments::wins(&ground, rule, &pool, &request.machine.stop)?;
        columns.push(Column { rule: key, wins });
    }
    items.extend(emergent(&columns));
    let level = level()?;
    items.push(level_item(level));
    for (pattern, why) in NOT_MODELLED {
        items.push(Item::equal(format!("{pattern} not modelled"), "listed", "listed", why));
    }
    if let Some(folder) = request.out {
        let vfs = request.machine.vfs.as_ref();
        let sheet = Sheet { imposed, columns, level };
        write_atomically(vfs, &folder.join("patterns.csv"), &[figure::csv(&sheet).as_bytes()])?;
        write_atomically(vfs, &folder.join("patterns.svg"), &[figure::svg(&sheet).as_bytes()])?;
    }
    Ok(items)
}

/// Items of rule M1, which must not be reversed, and the count of those shown; other rules go into table and figure.
fn emergent(columns: &[Column]) -> Vec<Item> {
    let Some(m1) = columns.iter().find(|column| column.rule == JUDGED) else { return Vec::new() };
    let against = f64::from(PAIRS) - SHOWN;
    let mut items: Vec<Item> = EXPERIMENTS
        .iter()
        .zip(&m1.wins)
        .map(|(experiment, wins)| {
            let name = format!("{} emergent, {}: {}", experiment.pattern, verdict(*wins), experiment.says);
            let reason = "pairs of 20 with the sign it must have, ties half; shown from 16, reversed at 4 or fewer, either by luck with chance .006";
            Item::between(name, *wins, [against + 0.5, f64::from(PAIRS)], reason)
        })
        .collect();
    let shown = |pattern: &str| {
        let mut own =
            EXPERIMENTS.iter().zip(&m1.wins).filter(|(e, _)| e.pattern.trim_end_matches(['a', 'b']) == pattern);
        own.all(|(_, wins)| *wins >= SHOWN)
    };
    let count = EMERGENT.iter().filter(|pattern| shown(pattern)).fold(0.0, |n, _| n + 1.0);
    items.push(Item::between(
        "emergent patterns shown under M1",
        count,
        [ENOUGH, 7.0],
        "five of seven, frozen beforehand",
    ));
    items
}

/// P22: prisoners alive per casualty under the prior. An opportunity is c casualties' worth; it ends alive unless by suicide or in custody.
fn level() -> Result<f64, Error> {
    const DRAWS: u64 = 4_000;
    let prior = |key: &str| -> Result<Prior, Error> {
        let meta = crate::registry::all().into_iter().find(|meta| meta.key == key);
        let meta = meta.ok_or_else(|| Error::Bug { detail: format!("`{key}` is gone") })?;
        meta.parsed_prior().map_err(Error::bug)
    };
    let priors = [
        prior("danger.capture.opportunity")?,
        prior("danger.capture.suicide_share")?,
        prior("danger.capture.dies_in_custody")?,
    ];
    let draws = Draws::new(Seed(1), Purpose::Prior);
    let mut below = 0.0;
    for draw in 0..DRAWS {
        let value = |place: usize| priors[place].quantile(draws.uniform(draw, place as u64)).unwrap_or(f64::NAN);
        let (opportunity, suicide, dies) = (value(0), value(1), value(2));
        // Suicides and deaths in custody are casualties too.
        let casualties = 1.0 + opportunity * (suicide + (1.0 - suicide) * dies);
        let alive = opportunity * (1.0 - suicide) * (1.0 - dies);
        below += f64::from(u8::from(alive / casualties <= 1e-3));
    }
    Ok(below / DRAWS as f64)
}

fn level_item(share: f64) -> Item {
    let name = "P22 level: share of prior draws with at most one prisoner alive per 1,000 casualties";
    let reason = "reachable, and not certain: between a twentieth and nineteen twentieths of the prior";
    Item::between(name, share, LEVEL_BAND, reason)
}
