//! Memory of one replicate of the bench size beside the force that all replicates share, against a limit that stands here.
//! `cargo bench --manifest-path benches/Cargo.toml --bench force_memory`

#[path = "../../crates/exitvoice-model/benches/force/mod.rs"]
mod force;

use exitvoice_core::quantity::Seed;
use exitvoice_model::force::deploy;
use std::hint::black_box;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Soldiers and days of the bench size.
const SOLDIERS: u32 = 12_000;
const DAYS: u32 = 200;

/// Most bytes of the heap that one replicate holds at a time, its record included.
const LIMIT: usize = 8_000_000;

fn main() {
    let (base, params) = (force::base(SOLDIERS, DAYS), force::params(&[]));
    let profiler = dhat::Profiler::builder().testing().build();
    let record = black_box(deploy(&base, &params, Seed(1)));
    let found = dhat::HeapStats::get();
    println!("one replicate: at most {} bytes at a time, {} in its record", found.max_bytes, found.curr_bytes);
    assert!(found.max_bytes <= LIMIT, "{} bytes, at most {LIMIT} expected", found.max_bytes);
    drop((record, profiler));
}
