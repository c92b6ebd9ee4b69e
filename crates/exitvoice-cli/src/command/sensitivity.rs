//! `exitvoice sensitivity PLAN`

use crate::arguments::Over;
use crate::context::Context;
use exitvoice::command::sweep::{SweepOptions, estimate_sensitivity, sensitivity};
use exitvoice::command::{Error, Outcome};
use exitvoice::sweep::Shard;

/// Arguments of `sensitivity`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A plan (TOML: scenario, method, base, parameters), or a scenario for every parameter graded Assumed
    plan: String,
    #[command(flatten)]
    over: Over,
    /// Deployments of each point, over the plan's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicates: Option<u32>,
    /// Do only part I of N; processes that share a results folder share the work
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { plan, over, replicates, shard } = arguments;
    let only_estimate = over.estimate;
    let shard = shard.unwrap_or(Shard::WHOLE);
    let options = SweepOptions { scenario: over.over(plan), replicates, shard, machine: context.machine.clone() };
    if only_estimate {
        return Ok(Box::new(estimate_sensitivity(&options)?));
    }
    Ok(Box::new(sensitivity(&options, &mut context.progress)?))
}
