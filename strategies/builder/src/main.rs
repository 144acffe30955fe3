//! `cargo strategies`: builds the built-in strategies and writes them to
//! `strategies/prebuilt/`. With `--check`, it writes nothing, and fails if the committed
//! components differ from what it built.

use std::process::ExitCode;
use std::{env, fs, io};

use serde::Deserialize;
use strategy_builder::{BuildError, Lock, LockError, Locked, Paths, Toolchain};

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("usage: cargo strategies [--check]")]
    Usage,
    #[error(
        "no toolchain on this machine can build guests; install one with either of\n  \
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
        "strategies/prebuilt/{name}.wasm was built with\n  {locked}\nbut this machine has\n  {here}\n\
         so the bytes cannot be compared; run `cargo strategies` to rebuild them with that"
    )]
    OtherToolchain { name: String, locked: String, here: String },
    #[error("strategies/prebuilt/{0}.wasm does not match its source; run `cargo strategies`")]
    Differs(String),
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&format!("error: {failure}"));
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
    let paths = Paths::in_this_checkout();
    let names = members(&paths)?;
    if check { compare(&paths, &names) } else { rebuild(&paths, &names) }
}

fn rebuild(paths: &Paths, names: &[String]) -> Result<(), Failure> {
    let toolchain = Toolchain::available().into_iter().next().ok_or(Failure::NoToolchain)?;
    let mut lock = Lock::default();
    for name in names {
        let component = strategy_builder::build(paths, &toolchain, name)?;
        let file = paths.prebuilt(name);
        fs::write(&file, &component).map_err(|error| Failure::Io(displayed(&file), error))?;
        lock.strategies.insert(name.clone(), locked(paths, &toolchain, name, &component)?);
        report(&format!("built {name}: {} bytes", component.len()));
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
        let committed = fs::read(&file).map_err(|error| Failure::Io(displayed(&file), error))?;
        if component != committed || locked(paths, &toolchain, name, &component)? != *expected {
            return Err(Failure::Differs(name.clone()));
        }
        report(&format!("{name}: {} bytes, identical to the rebuilt component", component.len()));
    }
    Ok(())
}

/// Returns the toolchain that the lock file names, if this machine has it.
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
        source: strategy_builder::sha256_of_source(paths, name)
            .map_err(|error| Failure::Io(format!("the source of {name}"), error))?,
        component: strategy_builder::sha256_of_bytes(component),
        toolchain: toolchain.label(),
    })
}

/// Returns the guest crates: the members of the workspace in `strategies/`.
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
    let text = fs::read_to_string(&file).map_err(|error| Failure::Io(displayed(&file), error))?;
    Ok(toml::from_str::<Manifest>(&text)?.workspace.members)
}

fn displayed(path: &std::path::Path) -> String {
    path.display().to_string()
}

#[allow(clippy::print_stderr, reason = "this program reports to its user")]
fn report(line: &str) {
    eprintln!("{line}");
}
