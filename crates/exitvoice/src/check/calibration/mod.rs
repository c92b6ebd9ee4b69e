//! Calibration of the whole chain, from worlds to claims to posteriors, on a reduced force or the whole one.

mod adversarial;
mod bench;
mod mistakes;
mod nowcast;
mod recovery;
mod sbc;
mod worlds;

pub(super) use adversarial::SUITE as ADVERSARIAL;
pub(super) use mistakes::SUITE as MISTAKES;
pub(super) use nowcast::SUITE as NOWCAST;
pub(super) use recovery::SUITE as RECOVERY;
pub(super) use sbc::{SUITE as SBC, WHOLE as SBC_WHOLE};
