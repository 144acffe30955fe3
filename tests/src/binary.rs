//! Where the executable under test is, and that it is not an old one.
//!
//! Cargo tells a test of another package neither the path of the executable nor
//! builds it for that test. It lies in the target folder that the test itself
//! was built into, and cargo is asked to bring it up to date: that takes a moment
//! where nothing has changed, and a test of yesterday's executable proves nothing.
//! The whole workspace is named, since `cargo test --workspace` does so too: the
//! features of a crate are those that the named packages want of it, and with
//! others wasmtime would be compiled once more.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The executable, built once a process.
pub(crate) fn path() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build)
}

fn build() -> PathBuf {
    // target/PROFILE/deps/TEST
    let test = env::current_exe().expect("the test knows where it is");
    let profile_folder = test.ancestors().nth(2).expect("a test lies in target/PROFILE/deps");
    let target = profile_folder.parent().expect("a test lies in target/PROFILE/deps");
    let profile = match profile_folder.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let mut cargo = Command::new(env!("CARGO"));
    // Cargo sets these for a test, and a crate whose build script looks at them, as
    // that of ring does, would be built anew each time.
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
    profile_folder.join("orchestration").with_extension(env::consts::EXE_EXTENSION)
}
