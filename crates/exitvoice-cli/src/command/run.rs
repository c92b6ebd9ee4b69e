//! `exitvoice run SCENARIO`

use crate::arguments::{Record, ScenarioArguments};
use crate::context::Context;
use crate::output::say;
use exitvoice::command::run::{RunOptions, estimate, run as run_scenario};
use exitvoice::command::{Error, Outcome};
use std::path::Path;
use std::process::{Command, Stdio};

/// Arguments of `run`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// Deployments to simulate
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicates: Option<u32>,
    /// Do not infer from the claims
    #[arg(long)]
    no_infer: bool,
    /// What to keep of every replicate
    #[arg(long, value_enum, default_value_t = Record::Series, value_name = "LEVEL")]
    record: Record,
    /// Open the report when it is written
    #[arg(long)]
    open: bool,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.scenario.over.estimate;
    let options = RunOptions {
        scenario: arguments.scenario.into(),
        machine: context.machine.clone(),
        replicates: arguments.replicates,
        infer: !arguments.no_infer,
        record: arguments.record.into(),
    };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    let outcome = run_scenario(&options, &mut context.progress)?;
    if arguments.open {
        open(&outcome.report);
    }
    Ok(Box::new(outcome))
}

/// Hands the report to the program that the system opens such files with.
fn open(report: &Path) {
    let mut command = if cfg!(target_os = "windows") {
        Command::new("explorer")
    } else if cfg!(target_os = "macos") {
        Command::new("open")
    } else {
        Command::new("xdg-open")
    };
    let started = command.arg(report).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = started {
        say(&format!("warning: the report cannot be opened ({error})\n"));
    }
}
