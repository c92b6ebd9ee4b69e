//! Writes `data/fixtures/toy.extract`, the small country of `toy-squad`: `cargo run --release -p exitvoice --example toy_fixture`.
//!
//! A test builds it again and compares the bytes.

use exitvoice_core::parallel::Pool;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pool = Pool::new(2)?;
    let bytes = exitvoice::country::toy_fixture(&pool)?;
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/data/fixtures/toy.extract"), bytes)?;
    Ok(())
}
