//! Everything that touches the file system, behind one door: [`vfs::Vfs`].
//!
//! - [`vfs`]: the door, its real implementation and the errors with their codes; [`fault`]: a file system in memory that fails on demand
//! - [`section_file`]: checked binary container, used for the Society; [`cache`]: the folder that holds them
//! - [`ledger`]: what a sweep has done, line by line, append-only
//! - [`sealed`]: a small file of JSON that knows when it is damaged
//! - [`table`]: declaration of a result table; [`parquet`] and [`codebook`] are two views of it
//! - [`run_folder`] and [`run_json`]: `results/<scenario>/<run-id>/`
//! - [`tar`]: an archive whose bytes depend on its content alone
//! - [`memory`]: what is free, what is used, and the preflight

pub mod cache;
pub mod codebook;
pub mod fault;
pub mod ledger;
pub mod memory;
pub mod parquet;
pub mod run_folder;
pub mod run_json;
pub mod sealed;
pub mod section_file;
pub mod table;
pub mod tar;
pub mod vfs;
