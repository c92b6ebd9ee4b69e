//! `exitvoice explain-life SCENARIO --soldier N`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::explain_life::{ExplainLifeOptions, explain_life};
use exitvoice::command::{Error, Outcome};

/// Arguments of `explain-life`. Nothing is written, so `--out`, `--force` and `--estimate` change nothing.
#[derive(Clone, Debug, clap::Args)]
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
    let options = ExplainLifeOptions {
        scenario: arguments.scenario.into(),
        machine: context.machine.clone(),
        soldier: arguments.soldier,
        replicate: arguments.replicate,
    };
    Ok(Box::new(explain_life(&options, &mut context.progress)?))
}
