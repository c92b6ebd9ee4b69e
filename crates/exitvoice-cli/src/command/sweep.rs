//! `exitvoice sweep PLAN`

use crate::arguments::Points;
use crate::context::Context;
use clap::ValueEnum;
use exitvoice::command::sweep::{estimate, sweep};
use exitvoice::command::{Error, Outcome};

/// Arguments of `sweep`. What is set, seeded or scaled holds for every scenario of the plan.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A plan (TOML: scenario, design, parameters, replicates), or a scenario for many replicates of it
    plan: String,
    #[command(flatten)]
    points: Points,
    /// What to keep of every replicate; the ledger has the command that gives all events of one
    #[arg(long, value_enum, default_value_t = Record::Series, value_name = "LEVEL")]
    record: Record,
}

/// `--record`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Record {
    /// Daily counts
    Series,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { plan, points, record: Record::Series } = arguments;
    let only_estimate = points.over.estimate;
    let options = points.over_plan(plan, context);
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(sweep(&options, &mut context.progress)?))
}
