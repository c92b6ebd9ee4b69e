//! Time of deployments: the bench size with every mechanism on, each rule, growth with the force, and an ensemble on one and two threads.
//! `cargo bench --manifest-path benches/Cargo.toml --bench force_time`

#[path = "../../crates/exitvoice-model/benches/force/mod.rs"]
mod force;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exitvoice_core::parallel::Pool;
use exitvoice_core::quantity::Seed;
use exitvoice_model::decision::Rule;
use exitvoice_model::force::{ForceBase, deploy};

/// Soldiers and days of the bench size.
const SOLDIERS: u32 = 12_000;
const DAYS: u32 = 200;

fn rules(c: &mut Criterion) {
    let mut group = c.benchmark_group("one replicate of 12,000 soldiers over 200 days");
    group.throughput(Throughput::Elements(u64::from(SOLDIERS * DAYS))).sample_size(20);
    let params = force::params(&[]);
    for (rule, key) in Rule::ALL {
        let plan = exitvoice_model::force::Plan { rule, ..force::plan(SOLDIERS, DAYS) };
        let base = ForceBase::new(plan, &force::extract(SOLDIERS)).expect("enough candidates");
        group.bench_function(key, |b| b.iter(|| deploy(&base, &params, Seed(1))));
    }
    group.finish();
}

/// The exponent is ln(time of the largest / time of the smallest) / ln 100; the limit is 1.05.
fn growth(c: &mut Criterion) {
    let mut group = c.benchmark_group("growth with the force");
    group.sample_size(10);
    let params = force::params(&[]);
    for soldiers in [SOLDIERS, 10 * SOLDIERS, 100 * SOLDIERS] {
        let base = force::base(soldiers, DAYS);
        group.throughput(Throughput::Elements(u64::from(soldiers) * u64::from(DAYS)));
        group.bench_function(BenchmarkId::from_parameter(soldiers), |b| b.iter(|| deploy(&base, &params, Seed(1))));
    }
    group.finish();
}

/// Two threads must be at least 1.8 times as fast as one.
fn ensemble(c: &mut Criterion) {
    let mut group = c.benchmark_group("ensemble of 32 replicates");
    group.sample_size(10);
    let (base, params) = (force::base(SOLDIERS, DAYS), force::params(&[]));
    for threads in [1, 2] {
        let pool = Pool::new(threads).expect("threads");
        let run = || pool.map(32, |seed| deploy(&base, &params, Seed(seed as u64)).events.len());
        group.bench_function(BenchmarkId::new("threads", threads), |b| b.iter(run));
    }
    group.finish();
}

criterion_group!(benches, rules, growth, ensemble);
criterion_main!(benches);
