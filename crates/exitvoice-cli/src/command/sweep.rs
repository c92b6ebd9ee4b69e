//! `exitvoice sweep PLAN`

use crate::arguments::Over;
use crate::context::Context;
use clap::ValueEnum;
use exitvoice::command::sweep::{SweepOptions, estimate, sweep};
use exitvoice::command::{Error, Outcome};
use exitvoice::sweep::Shard;

/// Arguments of `sweep`. What is set, seeded or scaled holds for every scenario of the plan.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A plan (TOML: scenario, design, parameters, replicates), or a scenario for many replicates of it
    plan: String,
    #[command(flatten)]
    over: Over,
    /// Deployments of each point, over the plan's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicates: Option<u32>,
    /// Do only part I of N; processes that share a results folder share the work
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
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
    let Arguments { plan, over, replicates, shard, record: Record::Series } = arguments;
    let only_estimate = over.estimate;
    let machine = context.machine.clone();
    let shard = shard.unwrap_or(Shard::WHOLE);
    let options = SweepOptions { scenario: over.over(plan), replicates, shard, machine };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(sweep(&options, &mut context.progress)?))
}
