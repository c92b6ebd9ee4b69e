//! Seconds per deployment of the bench size, alone and watched: 12,000 soldiers over 200 days, made-up candidates.
//! Run with `cargo run --profile quick -p exitvoice-model --example deployment_time`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::disallowed_types, reason = "a program for people")]

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_model::force::{deploy, deploy_watched};

/// Days near a report, as in the default inference.
const DENSE: [u32; 6] = [2, 3, 4, 5, 6, 7];

fn main() {
    let soldiers: u32 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(12_000);
    let runs: u32 = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(20);
    let (base, params) = (force::base(soldiers, 200), force::params(&[]));
    let alone = timed(runs, |seed| deploy(&base, &params, seed).events.len());
    let watched = timed(runs, |seed| deploy_watched(&base, &params, seed, &DENSE).1.departures.len());
    let record = deploy(&base, &params, Seed(1));
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for event in &record.events {
        *kinds.entry(event.kind.word()).or_default() += 1;
    }
    println!("{kinds:?}; {} at home", record.families.len());
    for (what, [least, median]) in [("alone", alone), ("watched", watched)] {
        println!("{soldiers} soldiers, {what}: least {least:.2} ms, median {median:.2} ms");
    }
}

/// Least and median time in milliseconds over seeds from 0.
fn timed(runs: u32, run: impl Fn(Seed) -> usize) -> [f64; 2] {
    let once = |seed| {
        let start = std::time::Instant::now();
        assert!(run(Seed(u64::from(seed))) > 0);
        start.elapsed().as_secs_f64() * 1e3
    };
    let mut times: Vec<f64> = (0..runs).map(once).collect();
    times.sort_by(f64::total_cmp);
    [times[0], times[times.len() / 2]]
}
