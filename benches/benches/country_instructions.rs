//! Instructions of histories, counted by callgrind on a processor without extensions, against limits that stand here.
//! `cargo bench --manifest-path benches/Cargo.toml --bench country_instructions`; needs valgrind and `cargo install gungraun-runner`.

#[path = "../../crates/exitvoice-model/tests/support/mod.rs"]
mod support;

use gungraun::{Callgrind, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main};
use std::hint::black_box;

/// A limit on the instructions of one call.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let limits = [(EventKind::Ir, instructions)];
    LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]).hard_limits(limits)).clone()
}

#[library_benchmark(config = at_most(LIMIT))]
#[bench::hundredth(0.01)]
fn history(scale: f64) -> usize {
    black_box(support::country(1, scale, 1).persons.len())
}

/// Instructions of one history at a hundredth of the country, the pilot population of fixed size included: 1,220.5 million at model m8.0, and a
/// fifteenth more.
const LIMIT: u64 = 1_300_000_000;

library_benchmark_group!(name = histories, benchmarks = [history]);
main!(library_benchmark_groups = histories);
