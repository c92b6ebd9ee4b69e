//! `exitvoice report DIR`

use crate::context::Context;
use exitvoice::command::report::{ReportOptions, report};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `report`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A run folder: results/<scenario>/<run-id>
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let options = ReportOptions { folder: arguments.folder, machine: context.machine.clone() };
    Ok(Box::new(report(&options, &mut context.progress)?))
}
