//! Slow tier, run by `cargo xtask ci --full`: the default run on five seeds.

use assert_cmd::Command;

#[test]
#[ignore = "slow tier: five countries and inferences at the default scale, about three minutes each with optimisation"]
fn the_default_run_ends_well_on_five_seeds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for seed in 1..=5 {
        let mut command = Command::cargo_bin("exitvoice").expect("the binary of this package");
        command.args(["run", "kursk-2024", "--json", "--progress", "none", "--seed"]).arg(seed.to_string());
        command.current_dir(folder.path()).env("EXITVOICE_CACHE", folder.path().join("cache"));
        let output = command.output().expect("the program starts");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "seed {seed}: {said}");
    }
}
