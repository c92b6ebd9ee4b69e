//! One error for all commands: a code, an exit code, and the place in the user's file where there is one.

use super::branch::BranchError;
use crate::io::cache::NoCacheFolder;
use crate::io::memory::MemoryError;
use crate::io::run_folder::RunFolderError;
use crate::io::section_file::SectionError;
use crate::io::table::TableError;
use crate::io::tar::NameTooLong;
use crate::io::vfs::IoError;
use crate::scenario::{Diagnostic, ResolveError};
use crate::sweep::state::StateError;
use exitvoice_core::parallel::PoolError;
use serde_json::{Map, Value, json};
use std::ops::Range;

/// Something is wrong at a place of a file, or of an option, that the user wrote.
#[derive(Clone, Debug)]
pub struct InputError {
    diagnostic: Diagnostic,
    text: String,
    span: Range<usize>,
}

impl InputError {
    /// An error at a byte range of a text of the user; lines that are long or far away are cut for display, so that a megabyte of
    /// garbage prints a few lines. The diagnostic's `span` refers to the whole text.
    #[must_use]
    pub fn new(diagnostic: Diagnostic, whole_text: &str) -> Self {
        let (text, span) = excerpt(whole_text, &diagnostic);
        Self { diagnostic, text, span }
    }

    /// What is wrong, where, what was expected, and a hint.
    #[must_use]
    pub const fn diagnostic(&self) -> &Diagnostic {
        &self.diagnostic
    }

    /// The user's text for a renderer, with true line numbers, and the range in it. Empty where there is nothing to show.
    #[must_use]
    pub fn display_text(&self) -> (&str, Range<usize>) {
        (&self.text, self.span.clone())
    }
}

impl From<&ResolveError> for InputError {
    fn from(error: &ResolveError) -> Self {
        let (text, span) = error.display_text();
        Self { diagnostic: error.diagnostic().clone(), text, span }
    }
}

/// Lines shown on each side, and the longest line that is shown whole, in bytes.
const NEAR: usize = 2;
const LONG_LINE: usize = 240;

fn excerpt(text: &str, diagnostic: &Diagnostic) -> (String, Range<usize>) {
    let (mut out, mut shown, mut start) = (String::new(), 0..0, 0);
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if (index + 1).abs_diff(diagnostic.line) <= NEAR {
            let cut = |at: usize| line.floor_char_boundary(at);
            let is_place = index + 1 == diagnostic.line;
            let column = if is_place { diagnostic.span.start.saturating_sub(start) } else { 0 };
            let from = if line.len() > LONG_LINE { cut(column.saturating_sub(LONG_LINE / 3)) } else { 0 };
            let to = cut((from + LONG_LINE).min(line.len()));
            if is_place {
                let inside = |at: usize| out.len() + cut(at.saturating_sub(start)).clamp(from, to) - from;
                shown = inside(diagnostic.span.start)..inside(diagnostic.span.end);
            }
            out.push_str(&line[from..to]);
        }
        start += line.len() + 1;
    }
    (out, shown)
}

/// A command ends without its result.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or option of the user is wrong (exit 64).
    #[error("{}: {} ({}:{}:{})", .0.diagnostic.code, .0.diagnostic.message, .0.diagnostic.file, .0.diagnostic.line, .0.diagnostic.column)]
    Input(Box<InputError>),
    /// A file that the user names cannot be read (exit 64).
    #[error(transparent)]
    Unreadable(IoError),
    /// No scenario has this name (exit 64).
    #[error("EV0760: there is no shipped scenario `{name}`, and no file of that name in the folder that the command runs in{}", hint.as_ref().map_or(String::new(), |h| format!("; did you mean `{h}`?")))]
    UnknownScenario {
        /// As given, without control characters.
        name: String,
        /// The nearest name.
        hint: Option<String>,
    },
    /// No validation suite has this name (exit 2).
    #[error("EV0771: there is no suite `{name}`; {hint}")]
    UnknownSuite {
        /// As given, without control characters.
        name: String,
        /// The nearest name, or where the names stand.
        hint: String,
    },
    /// Two scenarios that cannot share their draws (exit 64).
    #[error("EV0772: `{a}` and `{b}` cannot be compared under common draws: {reason}")]
    NotComparable {
        /// The one.
        a: String,
        /// The other.
        b: String,
        /// What differs, and what helps.
        reason: String,
    },
    /// An inference of a scenario that leaves no parameter free (exit 64).
    #[error(
        "EV0787: scenario `{scenario}` names no parameter to infer; list registry keys under `infer.parameters` and leave them unset"
    )]
    NothingFree {
        /// Its name.
        scenario: String,
    },
    /// A value given twice: by the plan, which holds, and by an option, which would count for nothing (exit 64).
    #[error(
        "EV0795: `--set {key}=...` counts for nothing: `{key}` varies in the plan, whose values hold at every point; leave one of the two out"
    )]
    SetOfAxis {
        /// The parameter.
        key: String,
    },
    /// A value given by `--set` and, otherwise, by an option of its own, which would hold in silence (exit 64).
    #[error(
        "EV0797: `--set {key}={set}` counts for nothing: another option of the command makes it {value}; leave one of the two out"
    )]
    SetTwice {
        /// The key.
        key: String,
        /// The value of `--set`.
        set: String,
        /// The value that holds.
        value: String,
    },
    /// More than the program does at once (exit 71).
    #[error("EV0773: this asks for {asked}; at most {most}")]
    TooMuch {
        /// What was asked for.
        asked: String,
        /// What is possible.
        most: String,
    },
    /// Computed by another version of the model (exit 64).
    #[error(
        "EV0774: this was computed with model {found}, and this program has {now}: its digests cannot be computed again here"
    )]
    OtherModel {
        /// Of the folder.
        found: String,
        /// Of the program.
        now: String,
    },
    /// A ledger has no result of the task asked for (exit 64).
    #[error("EV0793: the ledger has no task {task} with a digest, which could be computed again")]
    NoSuchTask {
        /// Its number.
        task: u64,
    },
    /// A claims file has no provenance chain (exit 64).
    #[error(
        "EV0776: `{path}` has no column `chain` and is no copy of a shipped file; `--seal FILE` writes a copy with a chain"
    )]
    NoChain {
        /// The file.
        path: String,
    },
    /// A folder of reference problems is not laid out as expected, or one of its files cannot be used (exit 64).
    #[error("EV0775: `{path}` cannot be used as a reference; expected {expected}")]
    Reference {
        /// The folder or file.
        path: String,
        /// What would have been right.
        expected: String,
    },
    /// The country is smaller than the answer needs, and that was not allowed (exit 2).
    #[error(
        "EV0761: scale {scale} is below the default {default}: its answers are of another country; `--allow-scaled` allows them"
    )]
    Scaled {
        /// Share asked for.
        scale: f64,
        /// Default.
        default: f64,
    },
    /// The country has too few soldiers for the force (exit 64).
    #[error(
        "EV0766: the force needs {needed} soldiers, the country at this scale has {available} candidates; use a larger `--scale` or fewer soldiers"
    )]
    ForceTooLarge {
        /// Soldiers of all waves.
        needed: usize,
        /// Candidates.
        available: usize,
    },
    /// The country at this scale has nobody, or too few for any rate (exit 64).
    #[error(
        "EV0792: `run.scale` cannot be {scale}: the country would have {founders} founders; expected at least {least}, a scale of {smallest} or more"
    )]
    NobodyLives {
        /// Share asked for.
        scale: f64,
        /// Founders at that scale.
        founders: u64,
        /// Fewest of which a country is built.
        least: u64,
        /// The smallest scale.
        smallest: f64,
    },
    /// A life in a scenario that public claims feed (exit 64).
    #[error(
        "EV0785: `{scenario}` is fed by public claims, and single lives are shown only where nothing real is near; try `toy-squad`"
    )]
    LifeOfClaims {
        /// The scenario.
        scenario: String,
    },
    /// A soldier who is not there (exit 64).
    #[error("EV0786: soldier {soldier} is not in a force of {soldiers}; soldiers are counted from 0")]
    NoSuchSoldier {
        /// As given.
        soldier: u32,
        /// Soldiers of all waves.
        soldiers: u32,
    },
    /// The scenario's country is an embedded fixture and has no history (exit 64).
    #[error("EV0767: the country of `{scenario}` is the embedded fixture `{fixture}`; it has no history to build")]
    NoHistory {
        /// The scenario.
        scenario: String,
        /// The fixture.
        fixture: String,
    },
    /// The scenario has no claims to infer from (exit 64).
    #[error("EV0769: scenario `{scenario}` has no claims; name a file with `--claims`")]
    NoClaims {
        /// The scenario.
        scenario: String,
    },
    /// A forecast to a day that is not after the known ones, or too far away (exit 64).
    #[error("EV0788: `--predict-to {asked}` is no day that can be predicted; expected one from {first} to {last}")]
    Horizon {
        /// As given.
        asked: String,
        /// The first day after those known.
        first: String,
        /// The last day that can be simulated.
        last: String,
    },
    /// An option that the command cannot take as it was given (exit 2).
    #[error("EV0770: `{option}`: {words}")]
    CannotTake {
        /// The option.
        option: &'static str,
        /// Why, and what it takes.
        words: String,
    },
    /// The budget or another setting of the sampler cannot work (exit 64).
    #[error("EV0768: the inference cannot start: {reason}")]
    Sampler {
        /// Which setting, and what it may be.
        reason: String,
    },
    /// A claims file is wrong (exit 64).
    #[error(transparent)]
    Claims(Box<exitvoice_observe::ClaimError>),
    /// A run cannot be branched (exit 64 or 1).
    #[error(transparent)]
    Branch(#[from] BranchError),
    /// The state of a sweep cannot be used (exit 64 or 65).
    #[error(transparent)]
    Sweep(#[from] StateError),
    /// A path of the user is too long for an archive (exit 64).
    #[error(transparent)]
    Archive(#[from] NameTooLong),
    /// Files of the program cannot be read or written (exit 73 or 74).
    #[error(transparent)]
    Io(#[from] IoError),
    /// A container is damaged and cannot be built again (exit 65).
    #[error(transparent)]
    Section(#[from] SectionError),
    /// A run folder cannot be used.
    #[error(transparent)]
    RunFolder(#[from] RunFolderError),
    /// Too little memory (exit 71).
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// There is no place for the cache (exit 74).
    #[error(transparent)]
    NoCacheFolder(#[from] NoCacheFolder),
    /// Threads cannot be started (exit 71).
    #[error(transparent)]
    Threads(#[from] PoolError),
    /// The diagnostics of an inference refuse its result, and the command has nothing else to give (exit 69).
    #[error("EV0762: the result is refused: {reason}")]
    Refused {
        /// Why, and what would be enough.
        reason: String,
    },
    /// A signal asked the command to stop (exit 75).
    #[error(
        "EV0763: stopped by a signal; the same command starts again, or goes on where it keeps its simulations (sweep, infer, run with claims, check --out)"
    )]
    Stopped,
    /// The program contradicts itself (exit 70).
    #[error("EV0764: this is a bug of exitvoice, not of your input: {detail}")]
    Bug {
        /// What was found.
        detail: String,
    },
}

impl From<ResolveError> for Error {
    fn from(error: ResolveError) -> Self {
        Self::Input(Box::new(InputError::from(&error)))
    }
}

impl From<TableError> for Error {
    fn from(error: TableError) -> Self {
        Self::RunFolder(error.into())
    }
}

impl From<exitvoice_observe::ClaimError> for Error {
    fn from(error: exitvoice_observe::ClaimError) -> Self {
        Self::Claims(Box::new(error))
    }
}

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Self::Input(Box::new(error))
    }
}

impl Error {
    /// A contradiction inside the program.
    #[must_use]
    pub fn bug(detail: impl std::fmt::Display) -> Self {
        Self::Bug { detail: detail.to_string() }
    }

    /// Exit code of the contract.
    #[must_use]
    pub const fn exit_code(&self) -> i32 {
        match self {
            Self::Input(_)
            | Self::Unreadable(_)
            | Self::UnknownScenario { .. }
            | Self::ForceTooLarge { .. }
            | Self::LifeOfClaims { .. }
            | Self::NoSuchSoldier { .. }
            | Self::NobodyLives { .. }
            | Self::NotComparable { .. }
            | Self::SetOfAxis { .. }
            | Self::SetTwice { .. }
            | Self::OtherModel { .. }
            | Self::NoSuchTask { .. }
            | Self::Archive(_)
            | Self::NoHistory { .. }
            | Self::NoClaims { .. }
            | Self::NothingFree { .. }
            | Self::Horizon { .. }
            | Self::Sampler { .. }
            | Self::Reference { .. }
            | Self::NoChain { .. }
            | Self::Claims(_) => 64,
            Self::Scaled { .. } | Self::CannotTake { .. } | Self::UnknownSuite { .. } => 2,
            Self::Io(error) => error.exit_code(),
            Self::Section(error) => error.exit_code(),
            Self::Branch(error) => error.exit_code(),
            Self::Sweep(error) => error.exit_code(),
            Self::RunFolder(error) => error.exit_code(),
            Self::Memory(_) | Self::Threads(_) | Self::TooMuch { .. } => 71,
            Self::NoCacheFolder(_) => 74,
            Self::Refused { .. } => 69,
            Self::Stopped => 75,
            Self::Bug { .. } => 70,
        }
    }

    /// Code, as `EV0203`.
    #[must_use]
    pub fn code(&self) -> String {
        let text = self.to_string();
        text.split(':').next().unwrap_or_default().to_owned()
    }

    /// One sentence, without the code.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Input(error) => error.diagnostic.message.clone(),
            _ => {
                let text = self.to_string();
                text.split_once(": ").map_or(text.clone(), |(_, message)| message.to_owned())
            }
        }
    }

    /// The place in the user's file, where there is one.
    #[must_use]
    pub const fn diagnostic(&self) -> Option<&Diagnostic> {
        match self {
            Self::Input(error) => Some(&error.diagnostic),
            _ => None,
        }
    }

    /// `{"error": {code, message, exit_code, file, line, column, expected, help}}`; the last five where there is a place. In a claims file
    /// `column` is a name, and `id` that of the row.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fields = Map::new();
        let mut put = |key: &str, value: Value| fields.insert(key.to_owned(), value);
        put("code", json!(self.code()));
        put("message", json!(self.message()));
        put("exit_code", json!(self.exit_code()));
        if let Some(diagnostic) = self.diagnostic() {
            put("file", json!(diagnostic.file));
            put("line", json!(diagnostic.line));
            put("column", json!(diagnostic.column));
            put("expected", json!(diagnostic.expected));
            put("help", json!(diagnostic.help));
        }
        if let Self::Claims(error) = self
            && let Some(place) = error.place()
        {
            put("file", json!(place.file));
            put("line", json!(place.line));
            put("id", json!(place.id));
            put("column", json!(place.column));
        }
        json!({ "error": fields })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::vfs::Operation;
    use std::path::PathBuf;

    fn diagnostic(line: usize, span: Range<usize>) -> Diagnostic {
        Diagnostic {
            code: "EV0301",
            message: "no column `value`".to_owned(),
            file: "claims.csv".to_owned(),
            line,
            column: 1,
            span,
            expected: "a column `value`".to_owned(),
            help: None,
        }
    }

    fn every_error() -> Vec<(Error, &'static str, i32)> {
        let path = PathBuf::from("x");
        let io = || IoError::NotFound { operation: Operation::Read, path: path.clone() };
        let locked = IoError::Locked { path: path.clone() };
        let corrupt = SectionError::Corrupt { path: path.clone(), section: "age".to_owned() };
        let name = RunFolderError::Name { name: String::new() };
        vec![
            (InputError::new(diagnostic(1, 0..1), "abc").into(), "EV0301", 64),
            (Error::Unreadable(io()), "EV0710", 64),
            (Error::UnknownScenario { name: "kusk".to_owned(), hint: Some("kursk-2024".to_owned()) }, "EV0760", 64),
            (Error::Scaled { scale: 0.1, default: 0.3 }, "EV0761", 2),
            (Error::NobodyLives { scale: 1e-9, founders: 0, least: 1_000, smallest: 1e-4 }, "EV0792", 64),
            (BranchError::NotARun { folder: path.clone() }.into(), "EV0777", 64),
            (BranchError::OtherPast { replicate: 3 }.into(), "EV0789", 1),
            (Error::NothingFree { scenario: "x".to_owned() }, "EV0787", 64),
            (Error::NoChain { path: "x".to_owned() }, "EV0776", 64),
            (Error::SetOfAxis { key: "a.b".to_owned() }, "EV0795", 64),
            (Error::SetTwice { key: "run.seed".to_owned(), set: "1".to_owned(), value: "2".to_owned() }, "EV0797", 64),
            (Error::NoSuchTask { task: 3 }, "EV0793", 64),
            (Error::Reference { path: "x".to_owned(), expected: "y".to_owned() }, "EV0775", 64),
            (io().into(), "EV0710", 74),
            (locked.into(), "EV0715", 73),
            (corrupt.into(), "EV0722", 65),
            (name.into(), "EV0750", 64),
            (MemoryError::OverCap { needed: 2, cap: 1 }.into(), "EV0746", 71),
            (NoCacheFolder.into(), "EV0730", 74),
            (PoolError { threads: 9, reason: "no".to_owned() }.into(), "EV0120", 71),
            (Error::Refused { reason: "ESS 3".to_owned() }, "EV0762", 69),
            (Error::Stopped, "EV0763", 75),
            (Error::bug("x"), "EV0764", 70),
        ]
    }

    #[test]
    fn every_error_has_its_code_its_exit_code_and_a_message_without_the_code() {
        for (error, code, exit) in every_error() {
            assert_eq!((error.code().as_str(), error.exit_code()), (code, exit), "{error}");
            assert!(!error.message().contains(code) && !error.message().is_empty(), "{error}");
            let json = error.to_json();
            assert_eq!(json["error"]["code"], code);
            assert_eq!(json["error"]["exit_code"], exit);
        }
    }

    #[test]
    fn the_excerpt_keeps_line_numbers_and_span_and_stays_short() {
        let text = format!("first\n{}BAD{}\nthird\nfourth\nfifth\n", "ä".repeat(300_000), "ö".repeat(9_000));
        let at = text.find("BAD").expect("there");
        let error = InputError::new(diagnostic(2, at..at + 3), &text);
        let (shown, span) = error.display_text();
        assert_eq!(&shown[span], "BAD");
        assert_eq!(shown.split('\n').count(), text.split('\n').count());
        assert!(shown.contains("third") && !shown.contains("fifth") && shown.len() < 400, "{}", shown.len());
        let beyond = InputError::new(diagnostic(9, 7..9), "one line");
        assert_eq!(beyond.display_text(), ("", 0..0));
    }
}
