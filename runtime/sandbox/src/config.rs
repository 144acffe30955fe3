//! The settings of the engine, shared with the build script.
//!
//! Code that was compiled under other settings is refused when it is loaded, so
//! the build script, which compiles the built-in strategies ahead of time,
//! includes this very file.

use wasmtime::{Config, WasmBacktraceDetails};

/// What a host call may need of a stack, in bytes.
const HOST_STACK_BYTES: usize = 512 << 10;

/// The settings under which strategies are compiled and run, with
/// `stack_bytes` of stack for their code.
pub(crate) fn engine_config(stack_bytes: usize) -> Config {
    let mut config = Config::new();
    config
        // The deadline, and giving way to other tasks: see `ticker`.
        .epoch_interruption(true)
        .max_wasm_stack(stack_bytes)
        // A strategy is called from a thread of the async runtime, on a stack
        // of its own that holds the wasm frames and those of the host calls.
        .async_stack_size(stack_bytes.saturating_add(HOST_STACK_BYTES))
        // The contract has no async functions; without this a store carries no
        // state for them.
        .concurrency_support(false)
        // A trap is reported by its kind. Where it happened in the code of a
        // strategy means nothing to the person who reads the report, and the
        // tables for it would make up half of the compiled code.
        .wasm_backtrace_max_frames(None)
        // Left alone, this depends on a variable of the environment, and code that
        // was compiled without that variable does not fit a run with it.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .generate_address_map(false);
    config
}
