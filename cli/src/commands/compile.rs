//! `orchestration compile-component`: compiles the component on stdin.
//!
//! No command for people: the product starts itself with it, so that a stranger's
//! component is compiled in a process whose limits the kernel keeps.

use clap::Args;
use orchestration_runtime::{CompileRequest, compile_stdin};

use crate::error::CliError;
use crate::exit::Exit;
use crate::ui::stderr;

/// The name of the command.
pub(crate) const NAME: &str = "compile-component";

/// Compile the component on stdin, within limits
#[derive(Debug, Args)]
pub(crate) struct CompileArgs {
    /// Bytes of stack of the engine
    stack_bytes: usize,
    /// Bytes of address space of this process
    memory_bytes: usize,
    /// Seconds of CPU time of this process
    seconds: u64,
}

impl CompileArgs {
    /// Runs the command.
    pub(super) fn run(&self) -> Result<Exit, CliError> {
        let Self { stack_bytes, memory_bytes, seconds } = *self;
        match compile_stdin(CompileRequest { stack_bytes, memory_bytes, seconds }) {
            Ok(()) => Ok(Exit::Fine),
            Err(reason) => {
                // For the process that reads it, which words it.
                stderr::note(&reason);
                Ok(Exit::StrategyFailed)
            }
        }
    }
}
