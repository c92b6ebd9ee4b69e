//! `exitvoice odd`

use crate::context::Context;
use exitvoice::command::odd::{OddOptions, odd};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `odd`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write `odd.md` into this folder instead of printing it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Box<dyn Outcome>, Error> {
    Ok(Box::new(odd(&OddOptions { out: arguments.out, machine: context.machine.clone() })?))
}
