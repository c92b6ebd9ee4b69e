//! Options that many commands share.

use crate::command::Command;
use crate::context::Context;
use crate::progress::Mode;
use clap::{Args, Parser, ValueEnum};
use exitvoice::command::run::RecordLevel;
use exitvoice::command::sweep::SweepOptions;
use exitvoice::command::{Day, ScenarioOptions};
use exitvoice::sweep::Shard;
use std::path::PathBuf;

/// A simulated system of loyalty control, seen from inside and from outside. Synthetic people only; see `exitvoice about`.
#[derive(Debug, Parser)]
#[command(name = "exitvoice", version, propagate_version = true, max_term_width = 100, after_help = AFTER)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER: &str = "\
Results go to standard output, messages and progress to standard error.

Exit codes:
   0  done                                  69  diagnostics refuse the result
   1  a check failed, or digests differ     70  own bug
   2  usage                                 71  not enough memory
  64  bad input                             73  locked by another process
  65  corrupt file                          74  I/O error or disk full
                                            75  stopped by a signal";

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// Print one JSON object on standard output, and nothing else there; an error is an object with the key `error`
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How to show progress on standard error; `auto` is a bar on a terminal and plain lines elsewhere
    #[arg(long, global = true, value_enum, default_value_t = Mode::Auto, value_name = "MODE")]
    pub(crate) progress: Mode,
    /// Threads to use [default: all]; no result depends on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) threads: Option<u32>,
    /// Refuse work that needs more memory than this
    #[arg(long, global = true, value_name = "BYTES")]
    pub(crate) memory_cap: Option<u64>,
}

/// Options of every command on a scenario.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScenarioArguments {
    /// Name of a shipped scenario (`exitvoice about` lists them) or path of a scenario file
    pub(crate) scenario: String,
    #[command(flatten)]
    pub(crate) over: Over,
}

/// What is laid over a scenario, and where results go.
#[derive(Clone, Debug, Args)]
pub(crate) struct Over {
    /// Seed of the country and of the replicates
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Share of the country's people that is simulated, above 0 and at most 1; the force is never scaled
    #[arg(long, value_name = "SHARE", allow_negative_numbers = true)]
    pub(crate) scale: Option<f64>,
    /// Allow answers from a country smaller than the default; every output then says `scaled = true`
    #[arg(long)]
    pub(crate) allow_scaled: bool,
    /// Repeat the history in so many countries (`run`, `compare`) and say how much differs between them
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) societies: Option<u32>,
    /// Start from the defaults of an older model version (`exitvoice about` lists them)
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// Set one value, as `exit.attempt.base_rate="0.002 /yr"`; can be given many times, the last one wins; an option of its own that says otherwise is refused
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Folder of results
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub(crate) out: PathBuf,
    /// Compute again what is there already
    #[arg(long)]
    pub(crate) force: bool,
    /// Print what the command would take (runs, time, memory, disk), and do nothing
    #[arg(long)]
    pub(crate) estimate: bool,
}

/// `--record`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Record {
    /// Daily counts
    Series,
    /// Daily counts and all events
    Events,
    /// Everything that is recorded: today the same as `events`
    Full,
}

impl From<Record> for RecordLevel {
    fn from(record: Record) -> Self {
        match record {
            Record::Series => Self::Series,
            Record::Events => Self::Events,
            Record::Full => Self::Full,
        }
    }
}

/// What is laid over a plan: how often each of its points is deployed, and which part is done here.
#[derive(Clone, Debug, Args)]
pub(crate) struct Points {
    #[command(flatten)]
    pub(crate) over: Over,
    /// Deployments of each point, over the plan's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    replicates: Option<u32>,
    /// Do only part I of N, in blocks of 64 tasks; processes that share a results folder share the work
    #[arg(long, value_name = "I/N", value_parser = Shard::parse)]
    shard: Option<Shard>,
}

impl Points {
    /// The options, over a plan.
    pub(crate) fn over_plan(self, plan: String, record: RecordLevel, context: &Context) -> SweepOptions {
        let (scenario, shard) = (self.over.over(plan), self.shard.unwrap_or(Shard::WHOLE));
        SweepOptions { scenario, replicates: self.replicates, shard, record, machine: context.machine.clone() }
    }
}

/// Reads a date of an option.
pub(crate) fn date(text: &str) -> Result<Day, String> {
    Day::parse(text).map_err(|error| error.to_string())
}

impl From<ScenarioArguments> for ScenarioOptions {
    fn from(a: ScenarioArguments) -> Self {
        a.over.over(a.scenario)
    }
}

impl Over {
    /// The options, over a scenario or plan.
    pub(crate) fn over(self, scenario: String) -> ScenarioOptions {
        ScenarioOptions {
            scenario,
            seed: self.seed,
            scale: self.scale,
            allow_scaled: self.allow_scaled,
            societies: self.societies,
            baseline: self.baseline,
            set: self.set,
            out: self.out,
            force: self.force,
            kept: std::collections::BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    /// Commands between backticks, or at the start of a line after a dollar sign.
    fn commands(text: &str) -> Vec<Vec<String>> {
        let inline = text.split('`').skip(1).step_by(2);
        let console = text.lines().filter_map(|line| line.strip_prefix("$ "));
        let named =
            inline.chain(console).filter(|c| c.starts_with("exitvoice ") && !c.contains("...") && !c.contains('\n'));
        named.map(|c| c.split_whitespace().map(|w| w.replace('"', "")).collect()).collect()
    }

    #[test]
    fn every_command_of_guide_and_readme_is_one_that_the_program_takes() {
        let texts = [include_str!("../../../docs/guide/README.md"), include_str!("../../../README.md")];
        let all: Vec<Vec<String>> = texts.into_iter().flat_map(commands).collect();
        assert!(all.len() > 8, "{all:?}");
        for command in all {
            // A quantity with a unit is one argument in quotes; split here, its unit is left out.
            let words: Vec<&String> = command.iter().filter(|w| !w.starts_with('/')).collect();
            if let Err(error) = Arguments::try_parse_from(&words) {
                let shows_help = !error.use_stderr();
                assert!(shows_help, "{command:?}: {error}");
            }
        }
    }
}
