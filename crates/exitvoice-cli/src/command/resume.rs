//! `exitvoice resume DIR`

use crate::context::Context;
use exitvoice::command::resume::{ResumeOptions, resume};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `resume`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Folder of a sweep, inference or run: results/<name>/<run-id>
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let options = ResumeOptions { folder: arguments.folder, machine: context.machine.clone() };
    resume(&options, &mut context.progress)
}
