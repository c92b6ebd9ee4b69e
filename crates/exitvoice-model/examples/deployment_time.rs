//! Seconds per deployment of the bench size: 12,000 soldiers over 200 days, made-up candidates.
//! Run with `cargo run --profile quick -p exitvoice-model --example deployment_time`.
#![allow(clippy::print_stdout, clippy::disallowed_methods, clippy::disallowed_types, reason = "a program for people")]

#[path = "../benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_model::force::deploy;

fn main() {
    let soldiers: u32 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(12_000);
    let runs: u32 = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(20);
    let (base, params) = (force::base(soldiers, 200), force::params(&[]));
    let mut times: Vec<f64> = (0..runs)
        .map(|seed| {
            let start = std::time::Instant::now();
            let record = deploy(&base, &params, Seed(u64::from(seed)));
            assert!(!record.events.is_empty());
            start.elapsed().as_secs_f64()
        })
        .collect();
    let record = deploy(&base, &params, Seed(1));
    let mut kinds: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for event in &record.events {
        *kinds.entry(event.kind.word()).or_default() += 1;
    }
    println!("{kinds:?}; {} at home", record.families.len());
    times.sort_by(f64::total_cmp);
    println!("{soldiers} soldiers: least {:.2} ms, median {:.2} ms", times[0] * 1e3, times[times.len() / 2] * 1e3);
}
