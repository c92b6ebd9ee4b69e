//! Time to score the shipped claims under a plausible deployment, by number of draws of what observers leave unsaid.
//! `cargo bench --manifest-path benches/Cargo.toml --bench observer_time`

#[path = "../../crates/exitvoice-observe/tests/common/mod.rs"]
mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exitvoice_core::quantity::Seed;
use exitvoice_observe::{ObserverLaws, Scorer, Truth};

/// Draws of errors and their spreads; the program takes the last number.
const DRAWS: [usize; 3] = [4, 16, 64];

fn scores(c: &mut Criterion) {
    let mut group = c.benchmark_group("shipped claims, one deployment");
    let (claims, world) = (common::import_kursk(&common::kursk_settings()), common::deployment(1.0));
    let truth = Truth::new(&world);
    for draws in DRAWS {
        let scorer = Scorer::new(&claims, &common::scorer_settings(draws), &ObserverLaws::from_registry());
        let scorer = scorer.expect("claims that can be scored");
        group.throughput(Throughput::Elements(draws as u64));
        group.bench_function(BenchmarkId::from_parameter(draws), |b| b.iter(|| scorer.ln_likelihood(&truth, Seed(1))));
    }
    group.finish();
}

criterion_group!(benches, scores);
criterion_main!(benches);
