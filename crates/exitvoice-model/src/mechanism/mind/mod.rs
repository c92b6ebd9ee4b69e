//! Mechanisms: what soldiers see, feel, expect and show.

pub mod belief;
pub mod danger;
pub mod exposure;
pub mod fear;
pub mod public_face;
pub mod trust;
