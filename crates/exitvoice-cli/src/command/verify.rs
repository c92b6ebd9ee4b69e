//! `exitvoice verify DIR`

use crate::context::Context;
use exitvoice::command::verify::{Sample, VerifyOptions, verify};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `verify`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a complete run, comparison or sweep
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Replicates to run again, drawn at random
    #[arg(long, value_name = "N", default_value_t = 5)]
    sample: u32,
    /// Run every replicate again
    #[arg(long, conflicts_with = "sample")]
    all: bool,
    /// Run one task of a sweep again, by its number in the ledger
    #[arg(long, value_name = "N", conflicts_with_all = ["sample", "all"])]
    task: Option<u64>,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let sample = match arguments.task {
        Some(task) => Sample::Task(task),
        None if arguments.all => Sample::All,
        None => Sample::Random(arguments.sample),
    };
    let options = VerifyOptions { folder: arguments.folder, sample, machine: context.machine.clone() };
    Ok(Box::new(verify(&options, &mut context.progress)?))
}
