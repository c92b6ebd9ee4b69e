//! Mechanisms: reports on everybody, and what is done with them.

pub mod assessment;
pub mod audit;
pub mod denunciation;
