//! Mechanisms: control at home.

pub mod camp;
pub mod guilt_by_association;
pub mod neighbourhood;
pub mod offence;
