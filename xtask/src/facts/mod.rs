//! The only place that knows where facts about the project come from: the sources, and what the built binary prints.
//!
//! Parameters, errors and the schedule are read from the sources, where they are written once; command help and the codebook
//! come from the binary, which is what a user sees.

pub(crate) mod binary;
pub(crate) mod sources;
