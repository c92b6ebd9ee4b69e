//! Mechanisms: the families at home.

pub mod hostage;
