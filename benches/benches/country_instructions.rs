//! Instructions of histories, counted by callgrind on a processor without extensions, against limits that stand here.
//! `cargo bench --manifest-path benches/Cargo.toml --bench country_instructions`; needs valgrind and `cargo install gungraun-runner`.

#[path = "../../crates/exitvoice-model/tests/support/mod.rs"]
mod support;

use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::society::history::{Input, build};
use gungraun::{
    Callgrind, EntryPoint, EventKind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use std::hint::black_box;

/// A limit on the instructions of [`on_one_thread`]: of the thread of the pool that everything is done on. Counted from the benchmark's own
/// function, what the pool does would be missing.
fn at_most(instructions: u64) -> LibraryBenchmarkConfig {
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind.hard_limits([(EventKind::Ir, instructions)]).entry_point(EntryPoint::Custom("*::on_one_thread".to_owned()));
    LibraryBenchmarkConfig::default().tool(callgrind).clone()
}

#[inline(never)]
fn on_one_thread(input: &Input<'_>, pool: &Pool) -> usize {
    build(input, pool, &mut |_, _| true).expect("not stopped").persons.len()
}

#[library_benchmark(config = at_most(LIMIT))]
#[bench::hundredth(0.01)]
fn history(scale: f64) -> usize {
    let (rates, params) = (support::rates(), support::history_params(&[]));
    let input = Input { rates: &rates, params: &params, seed: Seed(1), scale, freeze: support::freeze_day() };
    let pool = Pool::new(1).expect("a thread");
    // Inside the pool its own thread does all of the work.
    black_box(pool.install(|| on_one_thread(&input, &pool)))
}

/// Instructions of one history at a hundredth of the country, the pilot population of fixed size included: 9,937 million at model m11.0, and a
/// fifteenth more.
const LIMIT: u64 = 10_600_000_000;

library_benchmark_group!(name = histories, benchmarks = [history]);
main!(library_benchmark_groups = histories);
