//! The executable that the benchmarks measure.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds the executable with `cargo build --release` and returns its path.
pub fn built() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--bin", "orchestration"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .status()
        .expect("cargo can be started");
    assert!(built.success(), "cargo build failed");
    // This program is in target/release/examples/.
    let this = std::env::current_exe().expect("this program has a path");
    this.with_file_name("../orchestration")
}
