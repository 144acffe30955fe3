//! The process that compiles: see [`compiler`](crate::compiler).

use std::any::Any;
use std::io::{self, Read, Write};
use std::{process, thread};

use crate::compiler::CompileRequest;
use crate::config::{Footprint, engine_config};
use crate::deserialize::FreshCode;
use crate::platform::limit_compiler;

/// The compiler goes as deep as the component is nested.
const STACK_BYTES: usize = 8 << 20;

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
    limit_compiler(request.memory_bytes as u64, request.seconds)
        .map_err(|error| format!("the limits can't be set: {error}"))?;
    let mut component = Vec::new();
    io::stdin().read_to_end(&mut component).map_err(|error| error.to_string())?;
    let work = move || {
        let engine = wasmtime::Engine::new(&engine_config(request.stack_bytes, footprint))
            .map_err(|reason| format!("{reason:#}"))?;
        FreshCode::compile(&engine, &component).map_err(|reason| format!("{reason:#}"))
    };
    let Ok(compiling) = thread::Builder::new().stack_size(STACK_BYTES).spawn(work) else {
        // No memory for its stack: end as Rust does when memory is refused.
        process::abort();
    };
    let code = match compiling.join() {
        Ok(code) => code?,
        // Most of the compiler aborts then, and the arena of one of its parts panics.
        Err(panic) if is_out_of_memory(&*panic) => process::abort(),
        Err(_) => return Err("the compiler failed".to_owned()),
    };
    let mut stdout = io::stdout();
    stdout.write_all(code.bytes()).and_then(|()| stdout.flush()).map_err(|error| error.to_string())
}

/// Returns true for the panic of an arena or of a collection of the compiler that gets no
/// memory.
fn is_out_of_memory(panic: &(dyn Any + Send)) -> bool {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.is_some_and(|text| text.contains("out of memory"))
}
