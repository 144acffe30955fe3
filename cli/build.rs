//! Links the unwinder into the executable, if the C compiler has it as an archive.
//!
//! As a shared library, libgcc_s takes a twelfth of the time of a short command to load,
//! and small container images lack it.

use std::path::Path;
use std::process::Command;
use std::{env, str};

/// The archive with the functions that Rust otherwise takes from libgcc_s.
const ARCHIVE: &str = "libgcc_eh.a";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CC");
    if let Some(directory) = directory() {
        println!("cargo::rustc-link-search=native={directory}");
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// The directory with the archive, if this build links with the GNU libraries of this
/// machine.
fn directory() -> Option<String> {
    let is_gnu = env::var("CARGO_CFG_TARGET_OS").ok()? == "linux"
        && env::var("CARGO_CFG_TARGET_ENV").ok()? == "gnu"
        && env::var("TARGET").ok()? == env::var("HOST").ok()?;
    if !is_gnu {
        return None;
    }
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let asked = Command::new(compiler).arg(format!("-print-file-name={ARCHIVE}")).output().ok()?;
    // A compiler without the archive prints the bare name.
    let path = Path::new(str::from_utf8(&asked.stdout).ok()?.trim_end());
    path.parent()?
        .to_str()
        .filter(|directory| path.is_absolute() && !directory.is_empty())
        .map(Into::into)
}
