//! What can go wrong while a world is built or run.

/// An error of the model. Broken inputs are named; broken requirements of our own are bugs and panic with a reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// An embedded table does not have the form expected.
    #[error("EV0501: table `{table}`, line {line}: cannot read `{column}`")]
    Table {
        /// Table.
        table: &'static str,
        /// Line, counted from 1; 0 for the table as a whole.
        line: usize,
        /// Column.
        column: &'static str,
    },
    /// The country has too few eligible soldiers for the force.
    #[error(
        "EV0502: the force needs {needed} soldiers, the country at this scale has {available} candidates; use a larger `--scale` or a smaller force"
    )]
    TooFewCandidates {
        /// Soldiers of all waves.
        needed: usize,
        /// Candidates in the Society.
        available: usize,
    },
    /// A stored Society does not have the form expected.
    #[error("EV0503: section `{section}` of the stored Society is damaged or of another version")]
    Section {
        /// Section.
        section: &'static str,
    },
    /// The caller asked to stop.
    #[error("EV0504: stopped")]
    Stopped,
}
