//! Mechanisms: class.

pub mod inheritance;
pub mod review;
