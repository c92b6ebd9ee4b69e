//! `exitvoice explain SCENARIO [KEY]`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::explain::{ExplainOptions, explain};
use exitvoice::command::{Error, Outcome};

/// Arguments of `explain`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Nothing is simulated or written: `--out`, `--force` and `--estimate` change nothing.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// One key, or a table such as `exit.attempt` for all keys under it
    key: Option<String>,
}

pub(crate) fn run(arguments: Arguments, context: &Context) -> Result<Box<dyn Outcome>, Error> {
    let machine = context.machine.clone();
    let options = ExplainOptions { scenario: arguments.scenario.into(), machine, key: arguments.key };
    Ok(Box::new(explain(&options)?))
}
