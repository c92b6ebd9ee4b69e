//! `exitvoice compare A B`

use crate::arguments::ScenarioArguments;
use crate::context::Context;
use exitvoice::command::compare::{CompareOptions, compare, estimate};
use exitvoice::command::{Error, Outcome};
use exitvoice::compare::shapley::{MECHANISMS, Mechanism};

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
    /// Share out what these mechanisms do in A: any of selection, informers, hostages, exposure, danger; every set of them is
    /// simulated, so five take 31 times the deployments of A more
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = Mechanism::parse)]
    mechanisms: Vec<&'static Mechanism>,
}

pub(crate) fn run(arguments: Arguments, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    let only_estimate = arguments.a.over.estimate;
    let Arguments { a, b, set_b, replicates, mut mechanisms } = arguments;
    // The order in which they are named changes nothing.
    mechanisms.sort_by_key(|m| MECHANISMS.iter().position(|known| known == *m));
    mechanisms.dedup();
    let options = CompareOptions { a: a.into(), b, set_b, replicates, mechanisms, machine: context.machine.clone() };
    if only_estimate {
        return Ok(Box::new(estimate(&options)?));
    }
    Ok(Box::new(compare(&options, &mut context.progress)?))
}
