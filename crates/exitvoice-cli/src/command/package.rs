//! `exitvoice package DIR`

use crate::context::Context;
use exitvoice::command::package::{PackageOptions, package};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `package`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a complete run, comparison or sweep
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Folder of the archive [default: beside DIR]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { folder, out } = arguments;
    Ok(Box::new(package(&PackageOptions { folder, out, machine: context.machine.clone() })?))
}
