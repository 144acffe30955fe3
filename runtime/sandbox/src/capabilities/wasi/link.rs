//! Connects the granted parts of WASI to a guest.

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};
use wasmtime_wasi::{WasiCtxView, WasiView};
use wasmtime_wasi_io::bindings::wasi::io;

use crate::capabilities::environment::Variable;
use crate::state::State;

/// The newest of WASI 0.2 that is linked; it serves the older ones too.
const ENVIRONMENT: &str = "wasi:cli/environment@0.2.6";

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.wasi().view()
    }
}

impl State {
    fn table(&mut self) -> &mut ResourceTable {
        self.wasi().view().table
    }

    fn random(&mut self) -> &mut WasiRandomCtx {
        self.wasi().view().ctx.random()
    }
}

/// What `wasi:io` is served from.
struct Io;

impl HasData for Io {
    type Data<'a> = &'a mut ResourceTable;
}

/// Links the parts of WASI that a strategy may import.
pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
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
            Some(Variable::Value(value)) => Some((name, value)),
            Some(Variable::Unset | Variable::NotUnicode) | None => None,
        })
        .collect()
}
