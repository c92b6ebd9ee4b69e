//! `exitvoice branch RUN --at DATE --with SCENARIO...`

use crate::arguments::date;
use crate::context::Context;
use exitvoice::command::branch::{BranchOptions, branch, estimate};
use exitvoice::command::{Day, Error, Outcome};
use std::path::PathBuf;

/// Arguments of `branch`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a complete run: results/<scenario>/<run-id>
    #[arg(value_name = "RUN")]
    folder: PathBuf,
    /// First day on which the other scenarios hold, as 2024-12-01
    #[arg(long, value_name = "DATE", value_parser = date)]
    at: Day,
    /// Scenarios that take over, each in a future of its own: names or paths. Seed, scale and replicates are always those of the run; its
    /// `--set` and `--baseline` hold too, but for parameters that another scenario sets itself
    #[arg(long, value_name = "SCENARIO", num_args = 1.., required = true)]
    with: Vec<String>,
    /// Folder of results
    #[arg(long, value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Compute again what is there already
    #[arg(long)]
    force: bool,
    /// Print what the command would take (runs, time, memory, disk), and do nothing
    #[arg(long)]
    estimate: bool,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { folder, at, with, out, force, estimate: only_estimate } = arguments;
    let options = BranchOptions { folder, at, with, out, force, machine: context.machine.clone() };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(branch(&options, &mut context.progress)?))
}
