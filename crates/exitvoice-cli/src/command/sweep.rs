//! `exitvoice sweep PLAN`

use crate::arguments::{Points, Record};
use crate::context::Context;
use exitvoice::command::sweep::{estimate, sweep};
use exitvoice::command::{Error, Outcome};

/// Arguments of `sweep`. What is set, seeded or scaled holds for every scenario of the plan.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A plan (TOML: scenario, design, parameters, replicates), or a scenario for many replicates of it
    plan: String,
    #[command(flatten)]
    points: Points,
    /// What to keep of every replicate; `full` adds families and the regime's ledger to the events, one part a replicate
    #[arg(long, value_enum, default_value_t = Record::Series, value_name = "LEVEL")]
    record: Record,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { plan, points, record } = arguments;
    let only_estimate = points.over.estimate;
    let options = points.over_plan(plan, record.into(), context);
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(sweep(&options, &mut context.progress)?))
}
