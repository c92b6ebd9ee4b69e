//! How a record becomes a claim: one file for each step, each with its density and its sampler.

pub(crate) mod announcements;
pub(crate) mod closer;
pub(crate) mod counts;
pub mod delay;
pub(crate) mod dense;
pub mod departures;
pub(crate) mod desertions;
pub(crate) mod exits;
pub(crate) mod false_reports;
pub(crate) mod layout;
pub(crate) mod matching;
pub(crate) mod mixture;
pub mod print;
pub(crate) mod prisoners;
pub(crate) mod proposal;
pub(crate) mod readings;
