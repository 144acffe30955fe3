//! The executable.

use std::process::ExitCode;

use orchestration_runtime::WipingAllocator;

/// Wipes what the HTTP client and other libraries free, which may be copies of keys.
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

fn main() -> ExitCode {
    orchestration::main()
}
