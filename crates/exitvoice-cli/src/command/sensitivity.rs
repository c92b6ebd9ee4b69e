//! `exitvoice sensitivity PLAN`

use crate::arguments::Points;
use crate::context::Context;
use exitvoice::command::run::RecordLevel;
use exitvoice::command::sweep::{estimate_sensitivity, sensitivity};
use exitvoice::command::{Error, Outcome};

/// Arguments of `sensitivity`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A plan (TOML: scenario, method, base, parameters), or a scenario for every parameter graded Assumed
    plan: String,
    #[command(flatten)]
    points: Points,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let Arguments { plan, points } = arguments;
    let only_estimate = points.over.estimate;
    let options = points.over_plan(plan, RecordLevel::Series, context);
    if only_estimate {
        return Ok(Box::new(estimate_sensitivity(&options)?));
    }
    Ok(Box::new(sensitivity(&options, &mut context.progress)?))
}
