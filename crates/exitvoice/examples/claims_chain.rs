//! Prints the provenance chain of the shipped claims, as it stands embedded: `cargo run --example claims_chain > data/evidence/...chain.csv`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let text = exitvoice::provenance::chain_of_shipped().map_err(std::io::Error::other)?;
    std::io::stdout().write_all(text.as_bytes())
}
