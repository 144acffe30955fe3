//! Tools of the machine that some tests need.

use std::env;
use std::path::{Path, PathBuf};

/// Returns true if `tool`, from the Debian package of the same name, is installed. If
/// not, prints that the test is skipped.
///
/// # Panics
///
/// Panics if it is not installed and `CI=true` is set: CI must not pass by skipping tests.
pub fn tool_is_there(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let installed = env::split_paths(&path).any(|directory| directory.join(tool).is_file());
    if !installed {
        skip(&format!("{tool} is not installed (apt-get install {tool})"));
    }
    installed
}

/// Returns a program that others wrote, which `.ci/run` installs from PyPI into the target
/// directory that this test was built in. If it is not there, prints that the test is
/// skipped.
///
/// # Panics
///
/// Panics if it is not there and `CI=true` is set.
pub fn independent(program: &str) -> Option<PathBuf> {
    installed(target().join("independent/bin").join(program))
}

/// The same for a program with which the files in `deploy/` are tested.
///
/// # Panics
///
/// Panics as [`independent`] does.
pub fn deployed(program: &str) -> Option<PathBuf> {
    installed(target().join("deploy/bin").join(program))
}

/// The same for a client of providers, which `.ci/run` installs from PyPI or npm.
///
/// # Panics
///
/// Panics if it is not there and `CI=true` is set.
pub fn client(program: &str) -> Option<PathBuf> {
    let from_npm = Path::new(env!("CARGO_MANIFEST_DIR")).join("independent/clients/node_modules");
    let from_npm = from_npm.join(".bin").join(program);
    let from_pypi = target().join("clients/bin").join(program);
    installed(if from_pypi.exists() { from_pypi } else { from_npm })
}

/// The target directory that this test was built in.
fn target() -> PathBuf {
    let test = env::current_exe().expect("the test knows where it is");
    test.ancestors().nth(3).expect("a test is in target/PROFILE/deps").to_owned()
}

fn installed(path: PathBuf) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path);
    }
    skip(&format!("there is no {} (CONTRIBUTING.md, Checks)", path.display()));
    None
}

/// Prints why a test is skipped on this machine, which lacks something that can be installed.
///
/// # Panics
///
/// Panics if `CI=true` is set.
pub fn skip(reason: &str) {
    assert!(
        env::var_os("CI").is_none_or(|ci| ci != "true"),
        "CI must not skip this test: {reason}"
    );
    cannot_run(reason);
}

/// Prints why a test can't run on this machine, whatever is installed: the kernel of a
/// container may forbid what it needs.
#[allow(clippy::print_stderr)]
pub fn cannot_run(reason: &str) {
    eprintln!("skipped: {reason}");
}
