//! Mechanisms: class.

pub mod inheritance;
