//! Instructions of deployments, counted by callgrind on a processor without extensions, against limits that stand here.
//! `cargo bench --manifest-path benches/Cargo.toml --bench force_instructions`; needs valgrind and `cargo install gungraun-runner`.

#[path = "../../crates/exitvoice-model/benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_model::force::{ForceBase, ForceParams, deploy};
use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use std::hint::black_box;

fn world(soldiers: u32) -> (ForceBase, ForceParams) {
    (force::base(soldiers, 200), force::params(&[]))
}

/// A limit on the instructions of one call.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let limits = [(EventKind::Ir, instructions)];
    LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]).hard_limits(limits)).clone()
}

#[library_benchmark(config = at_most(LIMIT))]
#[bench::bench_size(args = (12_000), setup = world)]
fn replicate((base, params): (ForceBase, ForceParams)) -> usize {
    black_box(deploy(&base, &params, Seed(1)).events.len())
}

// Ten times the force may take 10^1.05 times as many instructions.
#[library_benchmark(config = at_most(11 * LIMIT))]
#[bench::ten_times(args = (120_000), setup = world)]
fn growth((base, params): (ForceBase, ForceParams)) -> usize {
    black_box(deploy(&base, &params, Seed(1)).events.len())
}

/// Instructions of one replicate of 12,000 soldiers over 200 days: 157 million were counted at m6.0.
const LIMIT: u64 = 165_000_000;

library_benchmark_group!(name = deployments, benchmarks = [replicate, growth]);
main!(library_benchmark_groups = deployments);
