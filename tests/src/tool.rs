//! Tools of the machine that some tests need.

use std::env;

/// Whether `tool`, from the Debian package of the same name, is installed. Says
/// so where it is not.
///
/// # Panics
///
/// Where it is not installed and `CI=true` is set: the gate must not pass by
/// leaving things out.
pub fn tool_is_there(tool: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let there = env::split_paths(&path).any(|folder| folder.join(tool).is_file());
    if !there {
        skip(&format!("{tool} is not installed (apt-get install {tool})"));
    }
    there
}

/// Says why a test is not done on this machine.
///
/// # Panics
///
/// Where `CI=true` is set.
#[allow(clippy::print_stderr)]
pub fn skip(reason: &str) {
    assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "the gate needs this test: {reason}");
    eprintln!("skipped: {reason}");
}
