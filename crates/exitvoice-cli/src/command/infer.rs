//! `exitvoice infer SCENARIO`

use crate::arguments::{ScenarioArguments, date};
use crate::context::Context;
use exitvoice::command::infer::{InferOptions, estimate, infer};
use exitvoice::command::{Day, Error, Outcome};
use std::path::PathBuf;

/// Arguments of `infer`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    scenario: ScenarioArguments,
    /// Use the claims of this file in place of the scenario's
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Use only what was published by this day
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Day>,
    /// Predict to this day
    #[arg(long, value_name = "DATE", value_parser = date)]
    predict_to: Option<Day>,
    /// Most deployments to simulate
    #[arg(long, value_name = "SIMS", value_parser = clap::value_parser!(u32).range(1..))]
    budget: Option<u32>,
    /// Weigh the simulations of this earlier run or inference again for the claims, and simulate none
    #[arg(long, value_name = "DIR")]
    reweight: Option<PathBuf>,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.scenario.over.estimate;
    let options = InferOptions {
        scenario: arguments.scenario.into(),
        machine: context.machine.clone(),
        claims: arguments.claims,
        as_of: arguments.as_of,
        predict_to: arguments.predict_to,
        budget: arguments.budget,
        reweight: arguments.reweight,
    };
    if only_estimate {
        return Ok(Box::new(estimate(&options, &mut context.progress)?));
    }
    Ok(Box::new(infer(&options, &mut context.progress)?))
}
