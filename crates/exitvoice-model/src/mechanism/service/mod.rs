//! Mechanisms: service and selection.

pub mod career;
pub mod conscription;
pub mod selection;
