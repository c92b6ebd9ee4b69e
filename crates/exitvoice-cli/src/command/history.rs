//! `exitvoice history SCENARIO`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::history::{HistoryOptions, estimate, history};
use exitvoice::command::{Error, Outcome};

/// Arguments of `history`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// Build the country whatever stands there: neither write the cache nor take a complete run folder for the result
    #[arg(long)]
    no_cache: bool,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.scenario.over.estimate;
    let machine = context.machine.clone();
    let options = HistoryOptions { scenario: arguments.scenario.into(), machine, cache: !arguments.no_cache };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(history(&options, &mut context.progress)?))
}
