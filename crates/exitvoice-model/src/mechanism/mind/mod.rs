//! Mechanisms: what soldiers feel and expect.

pub mod danger;
