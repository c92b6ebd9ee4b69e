//! The end of a command: its result on standard output, its error on standard error, its exit code.

use crate::render::render;
use exitvoice::command::{Error, Outcome};
use serde_json::{Value, json};
use std::io::{ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Exit code of a usage error.
const USAGE: i32 = 2;
/// Exit code where standard output cannot be written.
const CANNOT_WRITE: i32 = 74;

/// Standard output carries one object only, also where a signal or a bug ends the command while it prints.
static ANSWERED: AtomicBool = AtomicBool::new(false);

/// Prints what a command found, or why it did not, and returns the exit code.
pub(crate) fn finish(json: bool, result: Result<Box<dyn Outcome>, Error>) -> i32 {
    match result {
        Ok(outcome) if json => answer(&outcome.to_json(), outcome.exit_code()),
        Ok(outcome) => {
            let mut text = outcome.text().join("\n");
            text.push('\n');
            print(&text, outcome.exit_code())
        }
        Err(error) => fail(json, &error),
    }
}

/// Prints an error and returns its exit code.
pub(crate) fn fail(json: bool, error: &Error) -> i32 {
    say(&render(error));
    if json { answer(&error.to_json(), error.exit_code()) } else { error.exit_code() }
}

/// As the catalogue of errors has them; what is wrong with the arguments is said in their place.
const WRONG_ARGUMENTS: &str = "EV0802: what is wrong with the arguments of the command line";
const NO_STANDARD_OUTPUT: &str = "EV0803: cannot write to standard output";
const CODE_LENGTH: usize = 6;

/// Prints help, version, or what is wrong with the arguments.
pub(crate) fn usage(json: bool, error: &clap::Error) -> i32 {
    if !error.use_stderr() {
        return print(&error.render().to_string(), 0);
    }
    let text = error.render().to_string();
    say(&text);
    if !json {
        return USAGE;
    }
    // What is wrong, and tips; how the command is used stands on standard error alone.
    let said = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let said = said.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let message = said.strip_prefix("error: ").unwrap_or(&said);
    let (code, _) = WRONG_ARGUMENTS.split_at(CODE_LENGTH);
    answer(&json!({ "error": { "code": code, "message": message, "exit_code": USAGE } }), USAGE)
}

/// Writes to standard error; nobody is left to be told where it is closed.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn answer(object: &Value, code: i32) -> i32 {
    if ANSWERED.swap(true, Ordering::Relaxed) {
        return code;
    }
    print(&format!("{object}\n"), code)
}

fn print(text: &str, code: i32) -> i32 {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => code,
        // The reader has seen enough, as `head` does.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => code,
        Err(error) => {
            let (code, words) = NO_STANDARD_OUTPUT.split_at(CODE_LENGTH);
            say(&format!("error[{code}]{words}: {error}\n"));
            CANNOT_WRITE
        }
    }
}
