//! Running other programs: shown before they run, and never a failure that goes unread.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The cargo that started us, so that the pinned toolchain stays in force.
pub(crate) fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// Runs a program with our own terminal; an exit status other than 0 is an error naming the command.
pub(crate) fn run(root: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    announce(program, arguments);
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .status()
        .map_err(|e| format!("could not start `{program}`: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", line(program, arguments))) }
}

/// What tests do with the snapshots that they hold their results to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Snapshots {
    /// Compare.
    Compare,
    /// Write anew.
    Write,
}

/// Runs a program, passes its lines on as they come, and returns whether it succeeded together with all it printed.
///
/// Tests write no snapshot unless `snapshots` says so, whatever the environment of the user does.
pub(crate) fn run_and_read(
    root: &Path,
    program: &str,
    arguments: &[&str],
    snapshots: Snapshots,
) -> Result<(bool, String), String> {
    announce(program, arguments);
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).stdout(Stdio::piped()).stderr(Stdio::piped());
    let update = match snapshots {
        Snapshots::Compare => "no",
        Snapshots::Write => "always",
    };
    command.env("INSTA_UPDATE", update).env_remove("INSTA_FORCE_PASS");
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command.spawn().map_err(|e| format!("could not start `{program}`: {e}"))?;
    let stdout = child.stdout.take().expect("piped above");
    let stderr = child.stderr.take().expect("piped above");
    let (mut text, errors) = std::thread::scope(|scope| {
        let errors = scope.spawn(|| pass_on(stderr, |l| eprintln!("{l}")));
        (pass_on(stdout, |l| println!("{l}")), errors.join().expect("reading lines does not panic"))
    });
    text.push_str(&errors);
    let status = child.wait().map_err(|e| format!("could not wait for `{program}`: {e}"))?;
    Ok((status.success(), without_colour(&text)))
}

/// Standard output of a program that must succeed; its standard error is part of the message when it does not.
pub(crate) fn capture(root: &Path, program: &str, arguments: &[&str]) -> Result<String, String> {
    capture_with(root, program, arguments, &[])
}

/// Standard output of a program that may end with any exit code of `accepted`; its standard error is ours.
pub(crate) fn answer(root: &Path, program: &str, arguments: &[&str], accepted: &[i32]) -> Result<String, String> {
    announce(program, arguments);
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("could not start `{program}`: {e}"))?;
    if !output.status.code().is_some_and(|code| accepted.contains(&code)) {
        return Err(format!("`{}` ended with {}", line(program, arguments), output.status));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("`{program}` printed what is not UTF-8: {e}"))
}

/// As [`capture`], with environment variables added.
pub(crate) fn capture_with(
    root: &Path,
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &Path)],
) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("could not start `{program}`: {e}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` ended with {}\n{}", line(program, arguments), output.status, errors.trim_end()));
    }
    String::from_utf8(output.stdout).map_err(|e| format!("`{program}` printed what is not UTF-8: {e}"))
}

/// Whether a cargo subcommand is installed.
pub(crate) fn has_subcommand(root: &Path, name: &str) -> bool {
    capture(root, &cargo(), &[name, "--version"]).is_ok()
}

/// What the command line program is built with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum With {
    /// Nothing else.
    Alone,
    /// Optimisation, for runs of hours.
    Optimised,
    /// All tests: where they stand built there is nothing to do, while the program alone takes features of fewer packages and is
    /// compiled anew.
    Tests,
}

/// Builds the command line program, in the development profile unless it is to be optimised, and returns its path.
pub(crate) fn build_binary(root: &Path, with: With) -> Result<PathBuf, String> {
    let what: &[&str] = match with {
        With::Alone => &["build", "--package", "exitvoice-cli"],
        With::Optimised => &["build", "--release", "--package", "exitvoice-cli"],
        With::Tests => &["test", "--workspace", "--no-run"],
    };
    let arguments = [what, &["--locked", "--message-format=json-render-diagnostics"]].concat();
    announce("cargo", &arguments);
    let output = Command::new(cargo())
        .args(arguments)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("could not start cargo: {e}"))?;
    if !output.status.success() {
        return Err("the binary does not build".to_owned());
    }
    executable(&String::from_utf8_lossy(&output.stdout))
        .ok_or_else(|| "cargo built no executable named `exitvoice`".to_owned())
}

/// Finds the path of the `exitvoice` executable in cargo's JSON messages: the library of that name has one too, of its tests.
fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok())
        .filter(|m| m["reason"] == "compiler-artifact" && m["target"]["name"] == "exitvoice")
        .filter(|m| m["target"]["kind"][0] == "bin" && m["profile"]["test"] == false)
        .find_map(|m| m["executable"].as_str().map(PathBuf::from))
}

fn announce(program: &str, arguments: &[&str]) {
    let name = Path::new(program).file_stem().map_or_else(|| program.into(), |s| s.to_string_lossy());
    eprintln!("$ {}", line(&name, arguments));
}

fn line(program: &str, arguments: &[&str]) -> String {
    std::iter::once(program).chain(arguments.iter().copied()).collect::<Vec<_>>().join(" ")
}

fn pass_on(stream: impl Read, show: impl Fn(&str)) -> String {
    let mut all = String::new();
    for bytes in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&bytes);
        show(&text);
        all.push_str(&text);
        all.push('\n');
    }
    all
}

/// Drops the escape sequences that colour terminal output.
fn without_colour(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        if c == '\u{1b}' {
            for d in characters.by_ref() {
                if d.is_ascii_alphabetic() {
                    break;
                }
            }
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_executable_is_found_among_cargo_messages() {
        let artifact = |kind: &str, test: bool, path: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","target":{{"name":"exitvoice","kind":["{kind}"]}},"profile":{{"test":{test}}},"executable":{path}}}"#
            )
        };
        let messages = [
            "not json".to_owned(),
            artifact("lib", false, "null"),
            artifact("lib", true, r#""target/debug/deps/exitvoice-1""#),
            artifact("bin", true, r#""target/debug/deps/exitvoice-2""#),
            artifact("bin", false, r#""target/debug/exitvoice""#),
        ];
        assert_eq!(executable(&messages.join("\n")), Some(PathBuf::from("target/debug/exitvoice")));
        assert_eq!(executable("{\"reason\":\"build-finished\"}"), None);
    }

    #[test]
    fn colour_is_dropped_and_text_kept() {
        assert_eq!(without_colour("\u{1b}[32;1m 3 passed\u{1b}[0m, 0 failed"), " 3 passed, 0 failed");
    }
}
