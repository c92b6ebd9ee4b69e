//! Formatting and clippy.

use crate::process;
use std::path::Path;

/// `cargo fmt --check`, then clippy over every target with warnings as errors.
pub(crate) fn command(root: &Path) -> Result<(), String> {
    let cargo = process::cargo();
    process::run(root, &cargo, &["fmt", "--all", "--check"])?;
    process::run(root, &cargo, &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}
