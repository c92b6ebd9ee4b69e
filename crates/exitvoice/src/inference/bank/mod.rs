//! The bank on disk: every simulation of an inference and its score, durable while the inference runs.
//!
//! The sampler is a function of problem, settings and seed, and each of its simulations has an address. So what is kept is no state of the
//! sampler but its simulations by seed: an inference that was stopped is run again from its start, and whatever the bank holds is read
//! instead of simulated. The result is the same bit for bit, whatever was interrupted, lost or damaged in between; what is lost costs time.
//!
//! ```text
//! results/<scenario>/<run-id>/.state/inference.json   what is asked, and everything that the simulations depend on
//!                                   bank-000000.bin   simulations and scores of one step of the sampler, immutable, checked
//! ```
//!
//! [`codec`] writes simulations as bytes, [`store`] keeps them in checked files, [`recorded`] stands between sampler and problem.

mod codec;
mod recorded;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use codec::Storable;
pub(crate) use recorded::solve;
pub(crate) use store::Store;
