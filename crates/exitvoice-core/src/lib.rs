//! The substrate of exitvoice: typed rows, quantities with units, days, addressed random numbers, clocks, parameters, threads.
//!
//! **Invariant:** no file system, wall clock, environment, network or global state; threads only through [`parallel`].
//! **Invariant:** no word of the domain, except the names of the purposes a draw is for ([`rng::Purpose`]).
//!
//! Where to start: [`rng`] for how a draw is addressed, [`hazard`] for clocks, [`param`] for the registry.

extern crate self as exitvoice_core;

pub mod column;
pub mod hazard;
pub mod id;
pub mod lanes;
pub mod math;
pub mod parallel;
pub mod param;
pub mod quantity;
pub mod rng;
pub mod time;

pub use exitvoice_macros::Params;
