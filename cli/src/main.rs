//! The executable.

use std::process::ExitCode;

fn main() -> ExitCode {
    orchestration::main()
}
