//! The Rust toolchains that can make a WebAssembly guest, and how to ask them.
//!
//! Two kinds are met. With rustup's target `wasm32-unknown-unknown` the
//! standard library is there as it is. With Debian's packages (`rustc-web`,
//! `cargo-web`, `rust-web-src`, `lld-22`) it is not, so cargo builds it from
//! source, which a stable compiler does only under `RUSTC_BOOTSTRAP`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of every guest: no operating system, so no WASI import either.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// A toolchain that can build guests on this machine.
#[derive(Debug, Clone)]
pub struct Toolchain {
    kind: Kind,
    cargo: PathBuf,
    rustc: PathBuf,
    version: String,
    sysroot: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The target is installed.
    Installed,
    /// The standard library is built along, and lld is Debian's.
    BuildStd,
}

impl Toolchain {
    /// Every toolchain of this machine that can build guests, rustup's first.
    pub fn available() -> Vec<Self> {
        let rustup = Self::probe(Kind::Installed, "cargo".into(), "rustc".into());
        let debian = Self::probe(Kind::BuildStd, "/usr/bin/cargo".into(), "/usr/bin/rustc".into());
        rustup.into_iter().chain(debian).collect()
    }

    fn probe(kind: Kind, cargo: PathBuf, rustc: PathBuf) -> Option<Self> {
        let version = ask(&rustc, &["--version"])?;
        let sysroot = PathBuf::from(ask(&rustc, &["--print", "sysroot"])?);
        let needed = match kind {
            Kind::Installed => {
                PathBuf::from(ask(&rustc, &["--print", "target-libdir", "--target", TARGET])?)
            }
            Kind::BuildStd => sysroot.join("lib/rustlib/src/rust/library/Cargo.lock"),
        };
        needed.exists().then_some(Self { kind, cargo, rustc, version, sysroot })
    }

    /// How the lock file names this toolchain. Two machines with the same label
    /// build the same bytes.
    pub fn label(&self) -> String {
        match self.kind {
            Kind::Installed => self.version.clone(),
            Kind::BuildStd => format!("{} with build-std", self.version),
        }
    }

    /// The command that brings the sources of the guests' dependencies.
    pub(crate) fn fetch(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.env("RUSTC", &self.rustc).args(["fetch", "--quiet", "--locked"]);
        command
    }

    /// The command that builds the guest crate `name` of the workspace in which
    /// it is started. `remap` lists folders whose paths must not get into the
    /// component, each with the name to put in its place.
    pub(crate) fn build(&self, name: &str, remap: &[(PathBuf, &str)]) -> Command {
        let mut command = Command::new(&self.cargo);
        command
            .env("RUSTC", &self.rustc)
            .env("CARGO_ENCODED_RUSTFLAGS", self.rustflags(remap))
            .env_remove("RUSTFLAGS")
            .args(["build", "--release", "--locked", "--target", TARGET, "--package", name]);
        if self.kind == Kind::BuildStd {
            command
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "lld-22")
                .arg("-Zbuild-std=std,panic_abort");
        }
        command
    }

    fn rustflags(&self, remap: &[(PathBuf, &str)]) -> OsString {
        let mut flags = OsString::from(format!("-Clink-arg=-zstack-size={STACK_BYTES}"));
        if self.kind == Kind::BuildStd {
            flags.push("\x1f-Clinker-flavor=wasm-ld");
        }
        for (from, to) in remap {
            push_remap(&mut flags, from, to);
        }
        // The sources of the standard library, where cargo builds it along:
        // under its own path and under the one that a link may lead to.
        let library = self.sysroot.join("lib/rustlib/src/rust");
        for path in [Some(library.clone()), library.canonicalize().ok()].into_iter().flatten() {
            push_remap(&mut flags, &path, "/rust");
        }
        flags
    }
}

/// The stack of a guest. The default of 1 MiB makes seventeen pages of memory
/// that a host has to provide and clear for every call; parsing a URL, the
/// deepest thing that a built-in strategy does, fits into a fraction of this.
const STACK_BYTES: u32 = 16 * 1024;

fn push_remap(flags: &mut OsString, from: &Path, to: &str) {
    flags.push("\x1f--remap-path-prefix=");
    flags.push(from);
    flags.push("=");
    flags.push(to);
}

fn ask(rustc: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
