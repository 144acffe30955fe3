//! The Rust toolchains that can build a WebAssembly guest.
//!
//! There are two kinds. rustup's target `wasm32-unknown-unknown` includes a compiled
//! standard library. Debian's packages (`rustc-web`, `cargo-web`, `rust-web-src`,
//! `lld-22`) do not, so cargo builds the library from source, which a stable compiler
//! does only with `RUSTC_BOOTSTRAP`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of every guest. It has no operating system, so guests import no WASI.
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
    /// Cargo builds the standard library, and the linker is Debian's lld.
    BuildStd,
}

impl Toolchain {
    /// Returns every toolchain of this machine that can build guests, rustup's first.
    pub fn available() -> Vec<Self> {
        let rustup = Self::probe(Kind::Installed, "cargo".into(), "rustc".into());
        let debian = Self::probe(Kind::BuildStd, "/usr/bin/cargo".into(), "/usr/bin/rustc".into());
        rustup.into_iter().chain(debian).collect()
    }

    fn probe(kind: Kind, cargo: PathBuf, rustc: PathBuf) -> Option<Self> {
        let version = query(&rustc, &["--version"])?;
        let sysroot = PathBuf::from(query(&rustc, &["--print", "sysroot"])?);
        let needed = match kind {
            Kind::Installed => {
                PathBuf::from(query(&rustc, &["--print", "target-libdir", "--target", TARGET])?)
            }
            Kind::BuildStd => sysroot.join("lib/rustlib/src/rust/library/Cargo.lock"),
        };
        needed.exists().then_some(Self { kind, cargo, rustc, version, sysroot })
    }

    /// Returns the name of this toolchain in the lock file. Two machines with the same
    /// label build the same bytes.
    pub fn label(&self) -> String {
        match self.kind {
            Kind::Installed => self.version.clone(),
            Kind::BuildStd => format!("{} with build-std", self.version),
        }
    }

    /// Returns the command that fetches the dependencies of the guests.
    pub(crate) fn fetch(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        command.env("RUSTC", &self.rustc).args(["fetch", "--quiet", "--locked"]);
        command
    }

    /// Returns the command that builds the guest crate `name` of the workspace in which it
    /// is started. `remap` lists directories whose paths must not get into the component,
    /// each with the name that replaces it.
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
        // The sources of the standard library, if cargo builds it: under their own path
        // and under the one that a symbolic link may lead to.
        let library = self.sysroot.join("lib/rustlib/src/rust");
        for path in [Some(library.clone()), library.canonicalize().ok()].into_iter().flatten() {
            push_remap(&mut flags, &path, "/rust");
        }
        flags
    }
}

/// The bytes of stack of a guest. With the default of 1 MiB, the host would have to
/// provide and clear seventeen pages of memory for every call. Parsing a URL, the deepest
/// recursion of a built-in strategy, needs a fraction of this.
const STACK_BYTES: u32 = 16 * 1024;

fn push_remap(flags: &mut OsString, from: &Path, to: &str) {
    flags.push("\x1f--remap-path-prefix=");
    flags.push(from);
    flags.push("=");
    flags.push(to);
}

/// Returns the output of `rustc` with `args`, or `None` if it fails.
fn query(rustc: &Path, args: &[&str]) -> Option<String> {
    let output = Command::new(rustc).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
