//! `exitvoice simulate-claims SCENARIO` and `exitvoice verify-claims FILE`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::claims::{SimulateOptions, VerifyOptions, simulate_claims, verify_claims};
use exitvoice::command::{Error, Outcome};
use std::path::PathBuf;

/// Arguments of `simulate-claims`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Simulate {
    #[command(flatten)]
    scenario: ScenarioArguments,
}

/// Arguments of `verify-claims`.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Verify {
    /// A claims file, or a folder with `claims.csv` in it
    file: PathBuf,
    /// Write a copy of the file with a fresh chain here, whatever is found
    #[arg(long, value_name = "FILE")]
    seal: Option<PathBuf>,
}

pub(crate) fn simulate(arguments: Simulate, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.scenario.over.estimate;
    let options = SimulateOptions { scenario: arguments.scenario.into(), machine: context.machine.clone() };
    if only_estimate {
        return Ok(Box::new(exitvoice::command::claims::estimate(&options)?));
    }
    Ok(Box::new(simulate_claims(&options, &mut context.progress)?))
}

pub(crate) fn verify(arguments: Verify, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let options = VerifyOptions { file: arguments.file, seal: arguments.seal, machine: context.machine.clone() };
    Ok(Box::new(verify_claims(&options)?))
}
