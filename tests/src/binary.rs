//! Finds the executable under test, and brings it up to date.
//!
//! Cargo neither builds the executable for tests of other packages nor gives them its
//! path. It is in the target directory of the test itself. Testing an outdated executable
//! proves nothing, so cargo builds it first, which takes a moment if nothing changed. It
//! builds with `--workspace`, as `cargo test --workspace` does, because the selected
//! packages determine the features of their dependencies, and wasmtime would be compiled
//! again for other features.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns the path of the executable, which is built once per process.
pub(crate) fn path() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build)
}

fn build() -> PathBuf {
    // target/PROFILE/deps/TEST
    let test = env::current_exe().expect("the test knows its path");
    let profile_directory = test.ancestors().nth(2).expect("a test is in target/PROFILE/deps");
    let target = profile_directory.parent().expect("a test is in target/PROFILE/deps");
    let profile = match profile_directory.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let mut cargo = Command::new(env!("CARGO"));
    // Cargo sets these variables for a test. Build scripts that read them, such as that
    // of ring, would run again each time.
    let of_this_test = |name: &str| {
        ["CARGO_PKG_", "CARGO_MANIFEST_"].map(|start| name.starts_with(start)).contains(&true)
    };
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_this_test)) {
        cargo.env_remove(name);
    }
    let built = cargo
        .args(["build", "--quiet", "--workspace", "--bin", "orchestration"])
        .args(["--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    let errors = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "the product could not be built:\n{errors}");
    profile_directory.join("orchestration").with_extension(env::consts::EXE_EXTENSION)
}
