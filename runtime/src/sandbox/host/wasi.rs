//! What a strategy gets of WASI 0.2.
//!
//! The toolchains of many languages make components that import WASI, whether
//! the program uses it or not. Refusing them would shut those languages out;
//! giving them what a command gets would undo the sandbox. So a component that
//! imports WASI gets an empty world: the granted variables as its environment,
//! no arguments, no folder from which a file could be opened, closed stdin,
//! output into a log of limited size, clocks and random numbers. Sockets are not
//! linked at all, and a component that imports them is refused before this.
//!
//! wasmtime's own implementation serves all of it but the environment, which
//! holds secrets: as with our own interface, they are lent and wiped.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::StoreContextMut;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{IsTerminal, StdoutStream, WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_io::bindings::wasi::io;
use wasmtime_wasi_io::bytes::Bytes;

use super::super::limits::Limits;
use super::super::state::{Read, State};

/// The newest of WASI 0.2 that is linked; it serves the older ones too.
const ENVIRONMENT: &str = "wasi:cli/environment@0.2.6";

/// The side of WASI that one call has.
pub(in super::super) struct Wasi {
    ctx: WasiCtx,
    table: ResourceTable,
    log: Log,
}

impl Wasi {
    pub(in super::super) fn new(limits: &Limits) -> Self {
        let log = Log::of(limits.log_bytes);
        let mut ctx = WasiCtx::builder();
        ctx.stdout(log.clone())
            .stderr(log.clone())
            .allow_tcp(false)
            .allow_udp(false)
            .max_random_size(limits.hostcall_bytes as u64);
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_RESOURCES);
        Self { ctx: ctx.build(), table, log }
    }

    /// What the strategy has written so far.
    pub(in super::super) fn log(&self) -> String {
        String::from_utf8_lossy(&self.log.lock().bytes).into_owned()
    }

    /// What of it was not told yet.
    pub(in super::super) fn log_since_told(&self) -> Vec<u8> {
        let written = self.log.lock();
        written.bytes.get(written.told..).unwrap_or_default().to_vec()
    }

    /// Counts `bytes` more of it as told.
    pub(in super::super) fn told(&self, bytes: usize) {
        self.log.lock().told += bytes;
    }
}

/// The most streams, timers and the like that one call may hold.
const MAX_RESOURCES: usize = 256;

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        let wasi = self.wasi();
        WasiCtxView { ctx: &mut wasi.ctx, table: &mut wasi.table }
    }
}

impl State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.wasi().table
    }

    fn random(&mut self) -> &mut WasiRandomCtx {
        self.wasi().ctx.random()
    }
}

/// What `wasi:io` is served from.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links the parts of WASI that a strategy may import.
pub(in super::super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    // What is given is the same for everybody, so nothing is refused here; but
    // every call of it goes past the audit on its way.
    macro_rules! link {
        ($package:ident :: $interface:ident, $name:literal, $data:ty, $side:ident) => {
            $package::$interface::add_to_linker::<State, $data>(linker, |state| {
                state.calls(concat!("wasi:", $name)).$side()
            })?
        };
    }
    link!(io::error, "io/error", Io, table);
    link!(io::poll, "io/poll", Io, table);
    link!(io::streams, "io/streams", Io, table);
    link!(cli::exit, "cli/exit", WasiCli, cli);
    link!(cli::stdin, "cli/stdin", WasiCli, cli);
    link!(cli::stdout, "cli/stdout", WasiCli, cli);
    link!(cli::stderr, "cli/stderr", WasiCli, cli);
    link!(cli::terminal_input, "cli/terminal-input", WasiCli, cli);
    link!(cli::terminal_output, "cli/terminal-output", WasiCli, cli);
    link!(cli::terminal_stdin, "cli/terminal-stdin", WasiCli, cli);
    link!(cli::terminal_stdout, "cli/terminal-stdout", WasiCli, cli);
    link!(cli::terminal_stderr, "cli/terminal-stderr", WasiCli, cli);
    link!(clocks::wall_clock, "clocks/wall-clock", WasiClocks, clocks);
    link!(clocks::monotonic_clock, "clocks/monotonic-clock", WasiClocks, clocks);
    link!(filesystem::types, "filesystem/types", WasiFilesystem, filesystem);
    link!(filesystem::preopens, "filesystem/preopens", WasiFilesystem, filesystem);
    link!(random::random, "random/random", WasiRandom, random);
    link!(random::insecure, "random/insecure", WasiRandom, random);
    link!(random::insecure_seed, "random/insecure-seed", WasiRandom, random);
    add_environment(linker)
}

fn add_environment(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut environment = linker.instance(ENVIRONMENT)?;
    environment.func_wrap("get-environment", |mut store: StoreContextMut<'_, State>, (): ()| {
        Ok((granted(store.data_mut()),))
    })?;
    environment.func_wrap("get-arguments", |_: StoreContextMut<'_, State>, (): ()| {
        Ok((Vec::<String>::new(),))
    })?;
    environment
        .func_wrap("initial-cwd", |_: StoreContextMut<'_, State>, (): ()| Ok((None::<String>,)))
}

/// The granted variables that are set to Unicode, each an ask that is audited.
fn granted(state: &mut State) -> Vec<(String, Arc<str>)> {
    let names: Vec<String> = state.granted().map(str::to_owned).collect();
    names
        .into_iter()
        .filter_map(|name| match state.read_variable("wasi:cli/environment", &name) {
            Some(Read::Value(value)) => Some((name, value)),
            Some(Read::Unset | Read::NotUnicode) | None => None,
        })
        .collect()
}

/// Where stdout and stderr go: memory, up to a size. What comes after is
/// dropped, since a strategy that talks too much is no reason to fail.
#[derive(Clone)]
struct Log(Arc<Mutex<Written>>);

struct Written {
    bytes: Vec<u8>,
    most: usize,
    told: usize,
}

impl Log {
    fn of(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Written { bytes: Vec::new(), most, told: 0 })))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IsTerminal for Log {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Log {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    /// For WASI 0.3, which is not linked.
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}

impl OutputStream for Log {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut written = self.lock();
        let room = written.most.saturating_sub(written.bytes.len()).min(bytes.len());
        written.bytes.extend(bytes.iter().take(room));
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(4096)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Log {
    async fn ready(&mut self) {}
}
