//! Mechanisms: danger abroad.

pub mod capture;
pub mod combat;
pub mod rotation;
