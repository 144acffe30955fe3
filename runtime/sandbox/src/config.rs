//! The settings of the engine, shared with the build script.
//!
//! wasmtime refuses to load code that was compiled with different settings, so the
//! build script, which compiles the built-in strategies ahead of time, includes this
//! file.

use wasmtime::{Config, WasmBacktraceDetails};

/// What an engine takes of the system beyond what a strategy uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Footprint {
    /// 4 GiB of addresses for each memory, so that compiled code need not check every
    /// access, and a file in memory for the data that a memory starts with.
    Usual,
    /// Nothing: for a process whose addresses or files are limited.
    Small,
}

/// The addresses after a memory that can't be accessed. Compiled code need not check
/// the offsets within them.
const SMALL_GUARD_BYTES: u64 = 64 << 10;

/// The addresses that a memory which grows gets in advance.
const SMALL_GROWTH_BYTES: u64 = 1 << 20;

/// The bytes of stack that a host call may need.
const HOST_STACK_BYTES: usize = 512 << 10;

/// Returns the settings for compiling and running strategies, whose code gets
/// `stack_bytes` of stack.
pub(crate) fn engine_config(stack_bytes: usize, footprint: Footprint) -> Config {
    let mut config = Config::new();
    config
        // For deadlines and for yielding to other tasks: see `ticker`.
        .epoch_interruption(true)
        .max_wasm_stack(stack_bytes)
        // A strategy runs on its own stack, which also holds the frames of the host
        // functions that it calls.
        .async_stack_size(stack_bytes.saturating_add(HOST_STACK_BYTES))
        // The contract has no async functions, so stores need no state for them.
        .concurrency_support(false)
        // A trap is reported by its kind. Its location in a strategy's code means
        // nothing to the reader of the report, and the tables for it would make up
        // half of the compiled code.
        .wasm_backtrace_max_frames(None)
        // The default depends on an environment variable, and code compiled without
        // that variable would not load in a process that has it.
        .wasm_backtrace_details(WasmBacktraceDetails::Disable)
        .generate_address_map(false)
        // The threads stay in the process. One that compiles and ends turns this on.
        .parallel_compilation(false)
        // For debuggers only, except on Windows, which needs it: wasmtime does not unwind
        // through a strategy.
        .native_unwind_info(cfg!(windows))
        // Left alone, data that is spread over 16 MiB becomes an image of 16 MiB, for
        // each of a component's modules.
        .memory_guaranteed_dense_image_size(0);
    match footprint {
        Footprint::Usual => {}
        Footprint::Small => {
            config
                .memory_reservation(0)
                .memory_reservation_for_growth(SMALL_GROWTH_BYTES)
                .memory_guard_size(SMALL_GUARD_BYTES)
                .guard_before_linear_memory(false)
                .memory_init_cow(false);
        }
    }
    config
}
