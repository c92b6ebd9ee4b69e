//! Mechanisms: the families at home.

pub mod hostage;
pub mod penalty;
pub mod returnees;
pub mod reward;
