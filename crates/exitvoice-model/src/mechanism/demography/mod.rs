//! Mechanisms: demography.

pub mod birth;
pub mod death;
pub mod household;
pub mod marriage;
pub mod migration;
