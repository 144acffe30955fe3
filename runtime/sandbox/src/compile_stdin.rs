//! The process that compiles: see [`compiler`](crate::compiler).

use std::any::Any;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{process, thread};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::compiler::CompileRequest;
use crate::config::{Footprint, engine_config};
use crate::deserialize::FreshCode;
use crate::platform::limit_compiler;

/// The compiler goes as deep as the component is nested.
const STACK_BYTES: usize = 8 << 20;

/// The addresses that a thread takes before it compiles anything: its stack, and what the
/// C library reserves for the memory of one more thread.
const THREAD_BYTES: usize = STACK_BYTES + (64 << 20);

/// The most threads that compile. Each takes memory that the others may not have.
const MOST_THREADS: usize = 4;

/// Caps this process, compiles the component that comes on stdin, and writes its code
/// to stdout. For the process that [`Compiler`](crate::Compiler) starts, and for no
/// other: the limits stay.
///
/// # Errors
///
/// Fails with a message for people if the limits can't be set, the pipes break or the
/// component is not valid. A limit that is hit ends the process.
pub fn compile_stdin(request: CompileRequest) -> Result<(), String> {
    // The limits that it inherits are those of the process that will run the code.
    let footprint = Footprint::of_this_process();
    // Counted before, because the system says in files how many processors there are.
    let threads = threads(request.memory_bytes);
    limit_compiler(request.memory_bytes as u64, request.seconds.saturating_mul(threads as u64))
        .map_err(|error| format!("the limits can't be set: {error}"))?;
    let mut component = Vec::new();
    io::stdin().read_to_end(&mut component).map_err(|error| error.to_string())?;
    // No memory for the stack of even one: end as Rust does when memory is refused.
    let pool = pool(threads).or_else(|| pool(1)).unwrap_or_else(|| process::abort());
    let compile = || {
        let mut config = engine_config(request.stack_bytes, footprint);
        config.parallel_compilation(true);
        let engine = wasmtime::Engine::new(&config).map_err(|reason| format!("{reason:#}"))?;
        FreshCode::compile(&engine, &component).map_err(|reason| format!("{reason:#}"))
    };
    let code = match catch_unwind(AssertUnwindSafe(|| pool.install(compile))) {
        Ok(code) => code?,
        // Most of the compiler aborts then, and the arena of one of its parts panics.
        Err(panic) if is_out_of_memory(&*panic) => process::abort(),
        Err(_) => return Err("the compiler failed".to_owned()),
    };
    let mut stdout = io::stdout();
    stdout.write_all(code.bytes()).and_then(|()| stdout.flush()).map_err(|error| error.to_string())
}

/// Returns how many threads compile, where the process may have `memory_bytes` of addresses.
/// What they reserve is a quarter of it at most.
fn threads(memory_bytes: usize) -> usize {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    processors.min(MOST_THREADS).min(memory_bytes / 4 / THREAD_BYTES).max(1)
}

/// Returns these threads, or `None` if the system does not give them.
fn pool(threads: usize) -> Option<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).build().ok()
}

/// Returns true for the panic of an arena or of a collection of the compiler that gets no
/// memory.
fn is_out_of_memory(panic: &(dyn Any + Send)) -> bool {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.is_some_and(|text| text.contains("out of memory"))
}
