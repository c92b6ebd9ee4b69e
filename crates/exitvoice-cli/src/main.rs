//! The command line of exitvoice: arguments in, messages out. What a command means stands in the facade.

mod arguments;
mod command;
mod context;
mod guard;
mod output;
mod progress;
mod render;
mod signal;

use arguments::Arguments;
use clap::Parser;
use context::Context;
use std::process::ExitCode;

/// The system's allocator keeps what the founders' years freed on many threads; this one gives it back.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // Asked of the raw arguments too, so that a usage error is one JSON object as well.
    let json = std::env::args_os().any(|a| a == "--json");
    let code = guard::catching_bugs(json, || match Arguments::try_parse() {
        Ok(arguments) => {
            let mut context = Context::new(&arguments.global);
            signal::watch(json, &context.machine.stop);
            let result = command::dispatch(arguments.command, &mut context);
            context.progress.finish();
            output::finish(json, result)
        }
        Err(usage) => output::usage(json, &usage),
    });
    ExitCode::from(u8::try_from(code).unwrap_or(70))
}
