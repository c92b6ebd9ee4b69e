//! A sweep that is killed, resumed, verified and packed, and its archive in another folder, verified by a program that was moved there.
//!
//! Every line of the page was printed while the page was made, so a page in step is a session that ended well. Commands whose output
//! would differ from one time to the next end in `tail` or print to nowhere.

use super::pages::HEAD;
use std::path::Path;
use std::process::{Command, Stdio};

const PLAN: &str = r#"format = 1
name = "absences"
scenario = "toy-squad"
replicates = 600
[parameters]
"exit.absence.base_rate" = ["0.2 /yr", "0.4 /yr", "0.6 /yr", "0.8 /yr", "1 /yr"]
"#;

/// What is said before a group of commands, and the commands.
type Part = (&'static str, &'static [&'static str]);

const PARTS: [Part; 4] = [
    (
        "Five points with 600 replicates each. As soon as two blocks of tasks are on disk the process is killed; what it leaves is no result and \
         says so.",
        &[
            "cat plan.toml",
            "exitvoice sweep plan.toml >/dev/null 2>&1 & echo $! >process",
            "until [ -e results/absences/*/.state/block-000001.bin ]; do sleep 0.01; done; kill -9 $(cat process)",
            "ls -A results/absences/*",
            "exitvoice verify results/absences/* 2>&1; echo \"exit code $?\"",
        ],
    ),
    (
        "`resume` does what is missing. The result is compared with a sweep that was left alone, file by file; only `run.json`, which has times, \
         is left out.",
        &[
            "exitvoice resume results/absences/*",
            "exitvoice sweep plan.toml --out alone | tail -1",
            "diff -rq -x run.json results/absences alone/absences && echo 'no byte differs'",
            "exitvoice verify results/absences/* --all",
        ],
    ),
    (
        "The folder becomes an archive, the archive is unpacked in another folder, the program is moved there, and everything else is removed.",
        &[
            "exitvoice package results/absences/* --out packed | tail -1",
            "mkdir -p elsewhere/bin && tar -xf packed/*.tar -C elsewhere && mv bin/exitvoice elsewhere/bin",
            "rm -r plan.toml process results alone packed bin && ls",
            "cd elsewhere && ls exitvoice-*",
            "cd elsewhere && PATH=$PWD/bin:$PATH sh exitvoice-*/verify.sh",
        ],
    ),
    (
        "One changed byte is found.",
        &[
            "printf x | dd of=$(ls elsewhere/exitvoice-*/run/tables/runs/part-0.parquet) bs=1 seek=40 conv=notrunc 2>/dev/null",
            "cd elsewhere && PATH=$PWD/bin:$PATH sh exitvoice-*/verify.sh 2>/dev/null; echo \"exit code $?\"",
        ],
    ),
];

/// The page, from a session with a copy of the program in an empty folder.
pub(super) fn page(program: &Path) -> Result<String, String> {
    let folder = std::env::temp_dir().join(format!("exitvoice-transcript-{}", std::process::id()));
    let made = prepare(&folder, program).and_then(|()| session(&folder));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("could not remove {}: {e}", folder.display()))?;
    }
    made
}

fn prepare(folder: &Path, program: &Path) -> Result<(), String> {
    let io = |e: std::io::Error| format!("could not prepare {}: {e}", folder.display());
    std::fs::create_dir_all(folder.join("bin")).map_err(io)?;
    std::fs::copy(program, folder.join("bin/exitvoice")).map_err(io)?;
    std::fs::write(folder.join("plan.toml"), PLAN).map_err(io)
}

fn session(folder: &Path) -> Result<String, String> {
    let mut page = format!(
        "# Killed, resumed, verified, packed, verified elsewhere\n\n{HEAD}\nA session with `sh`, run from first to last when this page was \
         made; `exitvoice` is on the path. Messages on standard error are left out where a command does not ask for them.\n"
    );
    for (says, commands) in PARTS {
        page.push_str(&format!("\n{says}\n\n```console\n"));
        for words in commands {
            page.push_str(&format!("$ {words}\n{}", printed(folder, words)?));
        }
        page.push_str("```\n");
    }
    Ok(page)
}

/// What a command prints; one that does not end well is an error.
fn printed(folder: &Path, words: &str) -> Result<String, String> {
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", words])
        .current_dir(folder)
        .env("PATH", path)
        .env("EXITVOICE_CACHE", folder.join("cache"))
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("could not start `sh`: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("`{words}` ended with {}\n{text}{}", output.status, String::from_utf8_lossy(&output.stderr).trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_fails_leaves_no_page() {
        let folder = std::env::temp_dir();
        assert_eq!(printed(&folder, "echo one; echo two"), Ok("one\ntwo\n".to_owned()));
        let message = printed(&folder, "echo one; echo wrong >&2; exit 3").expect_err("status 3");
        assert!(message.contains("exit status: 3") && message.contains("wrong"), "{message}");
    }
}
