//! Mechanisms: service and selection.

pub mod selection;
