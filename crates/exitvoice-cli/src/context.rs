//! What every command gets: the machine, and somebody to tell about progress.

use crate::arguments::Global;
use crate::progress::Reporter;
use exitvoice::command::Machine;

/// Machine and progress of one command.
pub(crate) struct Context {
    pub(crate) machine: Machine,
    pub(crate) progress: Reporter,
}

impl Context {
    pub(crate) fn new(global: &Global) -> Self {
        let mut machine = Machine { memory_cap: global.memory_cap, ..Machine::this() };
        if let Some(threads) = global.threads {
            machine.threads = threads as usize;
        }
        Self { machine, progress: Reporter::new(global.progress) }
    }
}
