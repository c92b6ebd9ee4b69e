//! `exitvoice check NAME`

use crate::context::Context;
use exitvoice::command::check::{CheckOptions, check};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `check`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Name of the suite
    #[arg(long_help = suites())]
    name: String,
    /// How much of it to do [default: as the suite says]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    n: Option<u32>,
    /// Folder of reference answers in place of the embedded ones (`check sbibm`)
    #[arg(long, value_name = "DIR")]
    reference: Option<PathBuf>,
    /// Keep the items, and what else the suite has to show, in this folder; suites over simulated worlds go on from it
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

fn suites() -> String {
    let mut text = "Name of the suite:".to_owned();
    for suite in exitvoice::check::SUITES {
        let counts = suite.counts.map_or_else(String::new, |counts| format!(" --n: {counts}."));
        text.push_str(&format!("\n- {}: {}{counts}", suite.name, suite.about));
    }
    text
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { name, n, reference, out } = arguments;
    let options = CheckOptions { name, n, reference, out, machine: context.machine.clone() };
    Ok(Box::new(check(&options, &mut context.progress)?))
}
