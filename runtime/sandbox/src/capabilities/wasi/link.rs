//! The functions of WASI that a guest can call.

use wasmtime::StoreContextMut;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_io::bindings::wasi::io;

use super::Wasi;
use super::grant::granted_variables;
use crate::state::State;

/// The interface with the variables, which is our own: wasmtime's would give all of them.
const ENVIRONMENT: &str = "wasi:cli/environment";

/// The newest version of WASI 0.2 that is linked; it serves older imports too.
const VERSION: &str = "0.2.6";

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi().view()
    }
}

impl State {
    /// Returns the WASI state of this call, created on first use.
    fn wasi(&mut self) -> &mut Wasi {
        let limits = &self.call.limits;
        self.per_call.wasi.get_or_insert_with(|| Box::new(Wasi::new(limits)))
    }

    fn table(&mut self) -> &mut ResourceTable {
        self.wasi().view().table
    }

    fn random(&mut self) -> &mut WasiRandomCtx {
        self.wasi().view().ctx.random()
    }
}

/// The data that the functions of `wasi:io` work on.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Lists the parts of WASI that a strategy may import, and links them: a part that is
/// linked is allowed, and no other. Each is given by its bindings, its name, and what of
/// the state its functions work on.
macro_rules! interfaces {
    ($($package:ident :: $interface:ident, $name:literal, $data:ty, $side:ident;)*) => {
        /// The interfaces of WASI 0.2 that a strategy may import, without their versions.
        pub(super) const INTERFACES: &[&str] = &[ENVIRONMENT, $(concat!("wasi:", $name)),*];

        /// Links the parts of WASI that a strategy may import. Every strategy gets the same,
        /// so nothing is denied here, but every call is recorded in the audit.
        pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
            $($package::$interface::add_to_linker::<State, $data>(linker, |state| {
                state.calls(concat!("wasi:", $name)).$side()
            })?;)*
            add_environment(linker)
        }
    };
}

interfaces! {
    io::error, "io/error", Io, table;
    io::poll, "io/poll", Io, table;
    io::streams, "io/streams", Io, table;
    cli::exit, "cli/exit", WasiCli, cli;
    cli::stdin, "cli/stdin", WasiCli, cli;
    cli::stdout, "cli/stdout", WasiCli, cli;
    cli::stderr, "cli/stderr", WasiCli, cli;
    cli::terminal_input, "cli/terminal-input", WasiCli, cli;
    cli::terminal_output, "cli/terminal-output", WasiCli, cli;
    cli::terminal_stdin, "cli/terminal-stdin", WasiCli, cli;
    cli::terminal_stdout, "cli/terminal-stdout", WasiCli, cli;
    cli::terminal_stderr, "cli/terminal-stderr", WasiCli, cli;
    clocks::wall_clock, "clocks/wall-clock", WasiClocks, clocks;
    clocks::monotonic_clock, "clocks/monotonic-clock", WasiClocks, clocks;
    filesystem::types, "filesystem/types", WasiFilesystem, filesystem;
    filesystem::preopens, "filesystem/preopens", WasiFilesystem, filesystem;
    random::random, "random/random", WasiRandom, random;
    random::insecure, "random/insecure", WasiRandom, random;
    random::insecure_seed, "random/insecure-seed", WasiRandom, random;
}

fn add_environment(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut environment = linker.instance(&format!("{ENVIRONMENT}@{VERSION}"))?;
    environment.func_wrap("get-environment", |mut store: StoreContextMut<'_, State>, (): ()| {
        Ok((granted_variables(store.data_mut()),))
    })?;
    environment.func_wrap("get-arguments", |_: StoreContextMut<'_, State>, (): ()| {
        Ok((Vec::<String>::new(),))
    })?;
    environment
        .func_wrap("initial-cwd", |_: StoreContextMut<'_, State>, (): ()| Ok((None::<String>,)))
}
