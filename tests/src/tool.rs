//! Tools of the machine that some tests need.

use std::env;

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

/// Prints why a test is skipped on this machine.
///
/// # Panics
///
/// Panics if `CI=true` is set.
#[allow(clippy::print_stderr)]
pub fn skip(reason: &str) {
    assert!(
        env::var_os("CI").is_none_or(|ci| ci != "true"),
        "CI must not skip this test: {reason}"
    );
    eprintln!("skipped: {reason}");
}
