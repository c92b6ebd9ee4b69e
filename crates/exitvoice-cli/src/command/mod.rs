//! One file per subcommand: its arguments, and the call of the facade.

mod about;
mod branch;
mod cache;
mod check;
mod claims;
mod compare;
mod explain;
mod explain_life;
mod history;
mod infer;
mod odd;
mod package;
mod params;
mod report;
mod resume;
mod run;
mod selftest;
mod sensitivity;
mod sweep;
mod verify;

use crate::context::Context;
use clap::Subcommand;
use exitvoice::command::{Error, Outcome};

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate the country and the force, infer from the claims, write the report
    Run(run::Arguments),
    /// Build the country and print its tables
    History(history::Arguments),
    /// The posterior from public claims
    Infer(infer::Arguments),
    /// Every value of a scenario with unit, origin, prior, grade, source and reason
    Explain(explain::Arguments),
    /// One synthetic soldier, day by day, in a scenario that no claims feed
    ExplainLife(explain_life::Arguments),
    /// Every parameter of the model, without a scenario
    Params,
    /// Two scenarios under common draws: paired differences with intervals
    Compare(compare::Arguments),
    /// Many futures of one past: a run goes to a day, and on from there under other scenarios
    Branch(branch::Arguments),
    /// Many runs that survive anything: a plan of points and replicates, or one scenario many times
    Sweep(sweep::Arguments),
    /// Which assumptions the answers depend on: elementary effects, or shares of variance
    Sensitivity(sensitivity::Arguments),
    /// Finish exactly what is missing of a sweep, an inference or a run
    Resume(resume::Arguments),
    /// Compare every file with its hash, and replicates run again with their digests
    Verify(verify::Arguments),
    /// A validation suite: what was found, what was expected, and how far they may lie apart
    Check(check::Arguments),
    /// The model after the ODD protocol: purpose, entities, schedule, concepts, start, data, submodels
    Odd(odd::Arguments),
    /// A replication archive with checksums and verify.sh
    Package(package::Arguments),
    /// Draw a world of a scenario and the claims that observers would print about it, with the hidden truth beside
    SimulateClaims(claims::Simulate),
    /// Compare the rows of a claims file with its provenance chain
    VerifyClaims(claims::Verify),
    /// Draw report and figures of a run again
    Report(report::Arguments),
    /// The simulated countries kept for later runs
    #[command(subcommand)]
    Cache(cache::Arguments),
    /// What the program is for, what it is not for, and its versions
    About,
    /// Known answers and digests on this machine, in less than a minute
    Selftest,
}

/// Runs a subcommand.
pub(crate) fn dispatch(command: Command, context: &mut Context) -> Result<Box<dyn Outcome>, Error> {
    match command {
        Command::Run(arguments) => run::run(arguments, context),
        Command::History(arguments) => history::run(arguments, context),
        Command::Infer(arguments) => infer::run(arguments, context),
        Command::Explain(arguments) => explain::run(arguments, context),
        Command::ExplainLife(arguments) => explain_life::run(arguments, context),
        Command::Params => Ok(params::run()),
        Command::Cache(arguments) => cache::run(&arguments, context),
        Command::Compare(arguments) => compare::run(arguments, context),
        Command::Branch(arguments) => branch::run(arguments, context),
        Command::Sweep(arguments) => sweep::run(arguments, context),
        Command::Sensitivity(arguments) => sensitivity::run(arguments, context),
        Command::Resume(arguments) => resume::run(arguments, context),
        Command::Verify(arguments) => verify::run(arguments, context),
        Command::Check(arguments) => check::run(arguments, context),
        Command::Odd(arguments) => odd::run(arguments, context),
        Command::Package(arguments) => package::run(arguments, context),
        Command::SimulateClaims(arguments) => claims::simulate(arguments, context),
        Command::VerifyClaims(arguments) => claims::verify(arguments, context),
        Command::Report(arguments) => report::run(arguments, context),
        Command::About => Ok(about::run()),
        Command::Selftest => selftest::run(context),
    }
}
