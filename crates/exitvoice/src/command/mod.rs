//! The commands of the program, without a terminal: options in, events while it runs, an outcome or an [`Error`] out. Command line,
//! Python and web call the same functions, so that they cannot differ.
//!
//! One file per command. [`machine`] is what a command may use, [`input`] how it reads what the user names, [`progress`] what it says
//! meanwhile.

pub mod about;
pub mod branch;
pub mod cache;
pub mod check;
pub mod claims;
pub mod compare;
pub mod error;
pub mod estimate;
pub mod explain;
pub mod explain_life;
pub mod history;
pub mod infer;
pub mod input;
pub mod machine;
pub mod odd;
pub mod package;
pub mod params;
pub mod progress;
pub mod report;
pub mod resume;
pub mod run;
pub mod selftest;
pub(crate) mod shell;
pub mod sweep;
pub mod unfinished;
pub mod verify;

pub use error::{Error, InputError};
pub use input::ScenarioOptions;
pub use machine::{Machine, Stop};
pub use progress::{Event, Progress, Silent, Stage};

pub use exitvoice_core::time::Day;

/// What is said where a finished folder answers: what it is, and how it is made again.
fn complete_already(what: &str, again: &str) -> String {
    format!("{what} complete already; every file has its hash. {again} again.")
}

/// What a command found, for programs and for people.
pub trait Outcome {
    /// The object that `--json` prints, with at least the keys of the contract.
    fn to_json(&self) -> serde_json::Value;

    /// Lines for a terminal.
    fn text(&self) -> Vec<String>;

    /// Exit code of the contract; 0 where nothing else is said.
    fn exit_code(&self) -> i32 {
        0
    }
}
