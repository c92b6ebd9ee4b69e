//! What a command says while it runs. Front ends decide how it looks; nothing here enters a result.

/// A part of the work that a user waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading scenario and claims.
    Read,
    /// Building the country, in years.
    History,
    /// Simulating the force, in replicates.
    Deployment,
    /// Inferring from claims, in simulated deployments.
    Infer,
    /// Simulating worlds of a suite and inferring each from its claims, in worlds.
    Worlds,
    /// Working out what the claims say under other settings, and without each source.
    Answers,
    /// Drawing the report and writing tables.
    Write,
    /// Comparing files with their hashes, or this machine with known answers.
    Verify,
}

impl Stage {
    /// One word, for programs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::History => "history",
            Self::Deployment => "deployment",
            Self::Infer => "infer",
            Self::Worlds => "worlds",
            Self::Answers => "answers",
            Self::Write => "write",
            Self::Verify => "verify",
        }
    }

    /// What is being done, and what is counted.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Read => ("reading the scenario", "files"),
            Self::History => ("building the country", "years"),
            Self::Deployment => ("simulating the force", "deployments"),
            Self::Infer => ("inferring from the claims", "deployments"),
            Self::Worlds => ("simulating worlds and inferring from their claims", "worlds"),
            Self::Answers => ("answering under other settings and without each source", "answers"),
            Self::Write => ("writing the report", "files"),
            Self::Verify => ("verifying", "items"),
        }
    }
}

/// One thing said.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A stage begins; `of` is how much there is to do, where that is known.
    Began {
        /// Which.
        stage: Stage,
        /// How much there is to do.
        of: Option<u64>,
    },
    /// So much of the current stage is done.
    Advanced {
        /// How much, from the beginning of the stage.
        done: u64,
    },
    /// The current stage is done.
    Ended {
        /// Which.
        stage: Stage,
        /// What it took, in seconds.
        seconds: f64,
    },
    /// Something worth knowing.
    Note(String),
    /// Something that limits the result, or was put right: a damaged cache file, a smaller country.
    Warning(String),
}

/// Receiver of events. Called from one thread at a time; expected to return at once. Every command that takes time begins with
/// [`Stage::Read`] before it does anything, so that its user sees something within a second.
pub trait Progress: Send {
    /// Takes one event.
    fn event(&mut self, event: Event);
}

/// Says nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&mut self, _event: Event) {}
}
