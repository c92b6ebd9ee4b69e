//! `exitvoice cache list|clear`

use crate::context::Context;
use exitvoice::command::{Error, Outcome, cache};

/// What to do with the cache.
#[derive(Clone, Copy, Debug, clap::Subcommand)]
pub(crate) enum Arguments {
    /// List its files, the least recently used first
    List,
    /// Remove its files
    Clear,
}

pub(crate) fn run(arguments: &Arguments, context: &Context) -> Result<Box<dyn Outcome>, Error> {
    let outcome = match arguments {
        Arguments::List => cache::list(&context.machine)?,
        Arguments::Clear => cache::clear(&context.machine)?,
    };
    Ok(Box::new(outcome))
}
