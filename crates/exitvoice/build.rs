//! Names the commit, the compiler and the target in the program. Never fails: what is not known is called `unknown`.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

fn answer(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn main() -> std::io::Result<()> {
    let commit = answer("git", &["rev-parse", "HEAD"]).filter(|c| c.len() >= 40);
    let changed = answer("git", &["status", "--porcelain", "--untracked-files=no"]).map(|s| !s.is_empty());
    let rustc = std::env::var("RUSTC").ok().and_then(|r| answer(&r, &["--version"]));
    let known = |value: Option<String>| value.unwrap_or_else(|| "unknown".to_owned());
    let mut cargo = std::io::stdout().lock();
    writeln!(cargo, "cargo::rustc-env=EXITVOICE_COMMIT={}", known(commit))?;
    writeln!(cargo, "cargo::rustc-env=EXITVOICE_DIRTY={}", known(changed.map(|c| c.to_string())))?;
    writeln!(cargo, "cargo::rustc-env=EXITVOICE_RUSTC={}", known(rustc))?;
    writeln!(cargo, "cargo::rustc-env=EXITVOICE_TARGET={}", known(std::env::var("TARGET").ok()))?;
    // Sources of this crate and of those it is built from: they rebuild it anyway, and only they make it differ from the commit.
    for name in
        ["exitvoice", "exitvoice-core", "exitvoice-infer", "exitvoice-model", "exitvoice-observe", "exitvoice-record"]
    {
        for part in ["src", "data", "scenarios", "Cargo.toml"] {
            watch(&mut cargo, &format!("../{name}/{part}"))?;
        }
    }
    // Without a repository, or without a branch, there is nothing to watch: an empty name would be a whole folder.
    if let Some(git) = answer("git", &["rev-parse", "--git-dir"]).filter(|g| !g.is_empty()) {
        let branch = answer("git", &["symbolic-ref", "HEAD"]).filter(|b| !b.is_empty());
        for part in ["HEAD", "packed-refs"].into_iter().chain(branch.as_deref()) {
            watch(&mut cargo, &format!("{git}/{part}"))?;
        }
    }
    writeln!(cargo, "cargo::rerun-if-changed=build.rs")
}

/// A path that does not exist would make every build run again.
fn watch(cargo: &mut impl std::io::Write, path: &str) -> std::io::Result<()> {
    if Path::new(path).exists() { writeln!(cargo, "cargo::rerun-if-changed={path}") } else { Ok(()) }
}
