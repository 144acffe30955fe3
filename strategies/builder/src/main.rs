//! `cargo strategies`: rebuilds the built-in strategies and writes them to
//! `strategies/prebuilt/`. With `--check` it writes nothing and fails unless
//! the rebuilt bytes are the committed ones.

use std::process::ExitCode;
use std::{env, fs, io};

use serde::Deserialize;
use strategy_builder::{BuildError, Lock, LockError, Locked, Paths, Toolchain};

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("usage: cargo strategies [--check]")]
    Usage,
    #[error(
        "no toolchain here can build guests; either\n  \
         rustup target add wasm32-unknown-unknown\n  \
         apt-get install rustc-web cargo-web rust-web-src rust-web-llvm lld-22"
    )]
    NoToolchain,
    #[error("{0}: {1}")]
    Io(String, io::Error),
    #[error("strategies/Cargo.toml: {0}")]
    Manifest(#[from] toml::de::Error),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(
        "strategies/prebuilt/{name}.wasm was built with\n  {locked}\nand this machine has\n  {here}\n\
         so the bytes can't be compared; `cargo strategies` rebuilds them with the one here"
    )]
    OtherToolchain { name: String, locked: String, here: String },
    #[error("strategies/prebuilt/{0}.wasm is not what its source builds; run `cargo strategies`")]
    Differs(String),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&format!("error: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let check = match env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err(Failure::Usage),
    };
    let paths = Paths::of_this_checkout();
    let names = members(&paths)?;
    if check { compare(&paths, &names) } else { rebuild(&paths, &names) }
}

fn rebuild(paths: &Paths, names: &[String]) -> Result<(), Failure> {
    let toolchain = Toolchain::available().into_iter().next().ok_or(Failure::NoToolchain)?;
    let mut lock = Lock::default();
    for name in names {
        let component = strategy_builder::build(paths, &toolchain, name)?;
        let file = paths.prebuilt(name);
        fs::write(&file, &component).map_err(|error| Failure::Io(shown(&file), error))?;
        lock.strategies.insert(name.clone(), locked(paths, &toolchain, name, &component)?);
        say(&format!("built {name}: {} bytes", component.len()));
    }
    Ok(lock.write(&paths.lock())?)
}

fn compare(paths: &Paths, names: &[String]) -> Result<(), Failure> {
    let lock = Lock::read(&paths.lock())?;
    for name in names {
        let expected = lock.strategies.get(name).ok_or_else(|| Failure::Differs(name.clone()))?;
        let toolchain = toolchain_of(name, expected)?;
        let component = strategy_builder::build(paths, &toolchain, name)?;
        let file = paths.prebuilt(name);
        let committed = fs::read(&file).map_err(|error| Failure::Io(shown(&file), error))?;
        if component != committed || locked(paths, &toolchain, name, &component)? != *expected {
            return Err(Failure::Differs(name.clone()));
        }
        say(&format!("{name}: {} bytes, the same as rebuilt", component.len()));
    }
    Ok(())
}

/// The toolchain of this machine that the lock names.
fn toolchain_of(name: &str, expected: &Locked) -> Result<Toolchain, Failure> {
    let available = Toolchain::available();
    let here: Vec<String> = available.iter().map(Toolchain::label).collect();
    if here.is_empty() {
        return Err(Failure::NoToolchain);
    }
    available.into_iter().find(|toolchain| toolchain.label() == expected.toolchain).ok_or_else(
        || Failure::OtherToolchain {
            name: name.to_owned(),
            locked: expected.toolchain.clone(),
            here: here.join("\n  "),
        },
    )
}

fn locked(
    paths: &Paths,
    toolchain: &Toolchain,
    name: &str,
    component: &[u8],
) -> Result<Locked, Failure> {
    Ok(Locked {
        source: strategy_builder::of_source(paths, name)
            .map_err(|error| Failure::Io(format!("the source of {name}"), error))?,
        component: strategy_builder::of_bytes(component),
        toolchain: toolchain.label(),
    })
}

/// The guest crates: the members of the workspace in `strategies/`.
fn members(paths: &Paths) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Manifest {
        workspace: Workspace,
    }
    #[derive(Deserialize)]
    struct Workspace {
        members: Vec<String>,
    }
    let file = paths.strategies().join("Cargo.toml");
    let text = fs::read_to_string(&file).map_err(|error| Failure::Io(shown(&file), error))?;
    Ok(toml::from_str::<Manifest>(&text)?.workspace.members)
}

fn shown(path: &std::path::Path) -> String {
    path.display().to_string()
}

#[allow(clippy::print_stderr, reason = "this program reports to whoever runs it")]
fn say(line: &str) {
    eprintln!("{line}");
}
