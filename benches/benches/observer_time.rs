//! Time to score the shipped claims under a plausible deployment, by number of draws of what observers leave unsaid; and many unnamed reports.
//! `cargo bench --manifest-path benches/Cargo.toml --bench observer_time`

#[path = "../../crates/exitvoice-observe/tests/common/mod.rs"]
mod common;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use exitvoice_core::quantity::Seed;
use exitvoice_observe::{DeparturesAs, ObserverLaws, Scorer, ScorerSettings, Truth};
use exitvoice_record::{DepartureKind, Expected, ExpectedDeparture};
use std::fmt::Write as _;

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

/// So many unnamed reports of six men, two every three days, against departures of both kinds on every day.
fn reports(c: &mut Criterion) {
    let mut group = c.benchmark_group("unnamed reports, departures by rate");
    group.sample_size(10);
    let departure = |(day, kind): (u32, DepartureKind)| ExpectedDeparture {
        day,
        size: 3 + day % 9,
        kind,
        at_front: true,
        rate: 0.8,
        success: if kind == DepartureKind::Desertion { 0.3 } else { 0.0 },
        arrives: day + 2,
    };
    let kinds = [DepartureKind::Desertion, DepartureKind::Absence];
    let departures = (0..200).flat_map(|day| kinds.map(|kind| departure((day, kind)))).collect();
    let expected = Expected { departures, captures: Vec::new(), surrenders: Vec::new() };
    let world = common::deployment(1.0);
    let truth = Truth::new(&world).with_expected(&expected);
    for count in [8, 30, 120] {
        let mut text = common::HEADER.to_owned();
        for i in 0..count {
            let day = common::day(2024, 10, 10) + 3 * (i / 2);
            let row = format!("R{i},desertions,exact,,6,,,{day},2025-04-29,dprk,ua_anon,media_anonymous,c{i},F,6,yes");
            writeln!(text, "{row},,,,").expect("a string");
        }
        let settings = ScorerSettings { departures: DeparturesAs::Rates, ..common::scorer_settings(4) };
        let scorer = Scorer::new(&common::import_text(&text), &settings, &ObserverLaws::from_registry());
        let scorer = scorer.expect("claims that can be scored");
        group.bench_function(BenchmarkId::from_parameter(count), |b| b.iter(|| scorer.ln_exits(&truth)));
    }
    group.finish();
}

criterion_group!(benches, scores, reports);
criterion_main!(benches);
