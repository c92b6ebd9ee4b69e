//! Mechanisms: ways out.

pub mod absence;
pub mod attempt;
pub mod cell;
pub mod initiative;
pub mod surrender;
