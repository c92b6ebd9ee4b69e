//! `exitvoice explain-life SCENARIO --soldier N`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::explain_life::{ExplainLifeOptions, estimate, explain_life};
use exitvoice::command::{Error, Outcome};

/// Arguments of `explain-life`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Nothing is written: `--out` and `--force` change nothing.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// The soldier, counted from 0 in the order of battle
    #[arg(long)]
    soldier: u32,
    /// The replicate in which he lives
    #[arg(long, default_value_t = 0)]
    replicate: u32,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.scenario.over.estimate;
    let options = ExplainLifeOptions {
        scenario: arguments.scenario.into(),
        machine: context.machine.clone(),
        soldier: arguments.soldier,
        replicate: arguments.replicate,
    };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(explain_life(&options, &mut context.progress)?))
}
