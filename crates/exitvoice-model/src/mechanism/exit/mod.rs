//! Mechanisms: ways out.

pub mod absence;
pub mod attempt;
pub mod cell;
