//! Signals: the first asks the command to stop, which it does between two steps of work; after two seconds, or at the second
//! signal, the process ends anyway. Either way the exit code is 75. What is left half-written is never under a final name.

use crate::output::{fail, say};
use exitvoice::command::{Error, Stop};
use std::time::Duration;

/// Time a command has to stop by itself; the contract allows two seconds in all.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Watches for SIGINT, SIGTERM and SIGHUP (Ctrl-C on Windows).
pub(crate) fn watch(json: bool, stop: &Stop) {
    let stop = stop.clone();
    let watching = ctrlc::set_handler(move || {
        let end = move || std::process::exit(fail(json, &Error::Stopped));
        if stop.requested() {
            end();
        }
        stop.request();
        std::thread::spawn(move || {
            std::thread::sleep(PATIENCE);
            end();
        });
    });
    if let Err(error) = watching {
        say(&format!("warning: signals cannot be watched ({error}); a signal then ends the program at once\n"));
    }
}
