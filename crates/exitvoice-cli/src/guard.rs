//! A panic is a bug of ours: one short message and exit code 70, never a trace across the screen.

use crate::output::{fail, say};
use exitvoice::command::Error;
use std::panic::{AssertUnwindSafe, PanicHookInfo};
use std::sync::Mutex;

/// What the first panic said; later ones follow from it.
static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// Runs a command; where it panics, says so and returns 70.
pub(crate) fn catching_bugs(json: bool, command: impl FnOnce() -> i32) -> i32 {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        remember(info);
        if std::env::var_os("RUST_BACKTRACE").is_some_and(|v| v != "0") {
            default(info);
        }
    }));
    // The command's data are not looked at after a panic.
    std::panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let detail = FIRST.lock().ok().and_then(|mut first| first.take()).unwrap_or_default();
        let code = fail(json, &Error::bug(detail));
        say("please report it with the command line; RUST_BACKTRACE=1 shows where it comes from\n");
        code
    })
}

fn remember(info: &PanicHookInfo<'_>) {
    let said = info.payload_as_str().unwrap_or("no message");
    let place = info.location().map_or(String::new(), |l| format!(" ({}:{})", l.file(), l.line()));
    if let Ok(mut first) = FIRST.lock() {
        first.get_or_insert(format!("{said}{place}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_exit_code_70_and_other_codes_pass_through() {
        assert_eq!(catching_bugs(false, || 64), 64);
        assert_eq!(catching_bugs(false, || panic!("a test of the guard")), 70);
    }
}
