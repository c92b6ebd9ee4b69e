//! Time of histories: a hundredth and a tenth of the country, on one thread and on two.
//! `cargo bench --manifest-path benches/Cargo.toml --bench country_time`

#[path = "../../crates/exitvoice-model/tests/support/mod.rs"]
mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exitvoice_core::parallel::Pool;
use exitvoice_model::society::tables;

/// Scales; between them time may grow with an exponent of 1.15, the pilot population of fixed size included.
const SCALES: [f64; 2] = [0.01, 0.1];

fn histories(c: &mut Criterion) {
    let mut group = c.benchmark_group("history to the freeze");
    group.sample_size(10);
    for scale in SCALES {
        let pool = Pool::new(2).expect("threads");
        let person_years = tables::person_years(&support::country(1, scale, 2), &pool);
        group.throughput(Throughput::Elements(person_years as u64));
        for threads in [1, 2] {
            let id = BenchmarkId::new(format!("threads {threads}"), scale);
            group.bench_function(id, |b| b.iter(|| support::country(1, scale, threads)));
        }
    }
    group.finish();
}

criterion_group!(benches, histories);
criterion_main!(benches);
