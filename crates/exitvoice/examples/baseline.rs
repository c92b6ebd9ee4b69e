//! Writes `data/baselines/NAME.toml`, every default of the present model: `cargo run -p exitvoice --example baseline`.
//!
//! Run it when the model version moves; a test compares the file with the registry.

fn main() -> std::io::Result<()> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/baselines");
    std::fs::create_dir_all(folder)?;
    std::fs::write(
        format!("{folder}/{}.toml", exitvoice::registry::baseline_name()),
        exitvoice::registry::baseline_text(),
    )
}
