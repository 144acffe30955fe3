//! The process that compiles: see [`compiler`](crate::compiler).

use std::any::Any;
use std::io::{self, Read, Write};
use std::{process, thread};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::compiler::{CPU_SLACK, CompileRequest};
use crate::config::{Footprint, engine_config};
use crate::deserialize::FreshCode;

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
    limit(request).map_err(|error| format!("the limits can't be set: {error}"))?;
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

/// Limits that the kernel keeps: no more memory, no more time, no file written, none
/// opened, no core, and an end with the process that started this one. That one may end
/// at the deadline before it has killed this one, or be killed itself.
fn limit(request: CompileRequest) -> io::Result<()> {
    // No process may raise what its parent has lowered.
    let cap = |resource, most: u64| {
        let most = getrlimit(resource).maximum.map_or(most, |maximum| most.min(maximum));
        setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
    };
    cap(Resource::As, request.memory_bytes as u64)?;
    cap(Resource::Cpu, request.seconds.saturating_add(CPU_SLACK.as_secs()))?;
    cap(Resource::Fsize, 0)?;
    cap(Resource::Core, 0)?;
    cap(Resource::Nofile, 0)?;
    end_with_parent()
}

/// Has the kernel end this process when the one that started it ends.
#[cfg(target_os = "linux")]
fn end_with_parent() -> io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal};

    Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
}

/// Other kernels can't. The limit on CPU time ends this process instead.
#[cfg(not(target_os = "linux"))]
fn end_with_parent() -> io::Result<()> {
    Ok(())
}
