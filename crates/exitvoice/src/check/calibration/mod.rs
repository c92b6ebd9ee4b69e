//! Calibration of the whole chain, from worlds to claims to posteriors, on a reduced force.

mod reduced;
mod sbc;

pub(super) use sbc::SUITE as SBC;
