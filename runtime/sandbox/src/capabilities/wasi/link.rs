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

/// The newest version of WASI 0.2 that is linked; it serves older imports too.
const ENVIRONMENT: &str = "wasi:cli/environment@0.2.6";

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

/// Links the parts of WASI that a strategy may import.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    // Every strategy gets the same, so nothing is denied here, but every call is
    // recorded in the audit.
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
        Ok((granted_variables(store.data_mut()),))
    })?;
    environment.func_wrap("get-arguments", |_: StoreContextMut<'_, State>, (): ()| {
        Ok((Vec::<String>::new(),))
    })?;
    environment
        .func_wrap("initial-cwd", |_: StoreContextMut<'_, State>, (): ()| Ok((None::<String>,)))
}
