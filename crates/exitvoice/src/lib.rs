//! The facade of exitvoice: scenarios in, runs and reports out. World, watchers and inference meet here and nowhere else.
//!
//! Where to start: [`command`] for what the program can do, [`scenario`] for what a run is made from, [`inference`] for how the posterior
//! comes about, [`report`] for what a reader sees. Only `io` touches the file system.

pub mod answers;
pub mod check;
pub mod command;
pub mod compare;
pub mod country;
pub mod data;
pub mod deployment;
pub mod ensemble;
pub mod fill;
pub mod inference;
pub mod io;
pub mod provenance;
pub mod registry;
pub mod report;
pub mod scenario;
pub mod sensitivity;
pub mod societies;
pub mod sweep;
pub mod tables;
pub mod write;
