//! `exitvoice compare A B`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::compare::{CompareOptions, compare, estimate};
use exitvoice::command::{Error, Outcome};

/// Arguments of `compare`. What is set, seeded or scaled holds for both scenarios.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    a: ScenarioArguments,
    /// Scenario B: name or path; differences are B minus A
    #[arg(value_name = "B")]
    b: String,
    /// Set one value of B only, after `--set`; can be given many times
    #[arg(long, value_name = "KEY=VALUE")]
    set_b: Vec<String>,
    /// Deployments of each scenario, at least 2
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..))]
    replicates: Option<u32>,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.a.over.estimate;
    let Arguments { a, b, set_b, replicates } = arguments;
    let options = CompareOptions { a: a.into(), b, set_b, replicates, machine: context.machine.clone() };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(compare(&options, &mut context.progress)?))
}
