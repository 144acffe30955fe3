//! Runs a test in its own process.

use std::any;
use std::env;
use std::process::Command;

/// The variable that is set in a process started for one test.
const STARTED: &str = "ORCHESTRATION_TESTS_OWN_PROCESS";

/// Returns true if `test`, the calling test, has the process to itself. If not, starts a
/// process that runs only this test, waits for it to pass, and returns false; the test
/// then has nothing left to do:
///
/// ```ignore
/// #[test]
/// fn nothing_is_leaked() {
///     if !in_own_process(nothing_is_leaked) {
///         return;
///     }
///     // measures memory, threads, files
/// }
/// ```
///
/// # Panics
///
/// Panics if the test fails in its process.
#[track_caller]
pub fn in_own_process<T: Fn()>(test: T) -> bool {
    in_own_process_with(test, || (Vec::new(), ()))
}

/// Does what [`in_own_process`] does, for a test that needs something outside of its
/// process, e.g. servers. `start` starts it, in the calling process, and returns it with
/// the variables that tell the other process about it. It is dropped at the end.
///
/// # Panics
///
/// Panics if the test fails in its process.
#[track_caller]
pub fn in_own_process_with<T: Fn(), O>(
    test: T,
    start: impl FnOnce() -> (Vec<(&'static str, String)>, O),
) -> bool {
    if env::var_os(STARTED).is_some() {
        return true;
    }
    let (variables, _outside) = start();
    // The harness names a test by its path without the crate.
    let path = any::type_name_of_val(&test);
    let (_, name) = path.split_once("::").expect("a function is in a crate");
    let program = env::current_exe().expect("the test knows its path");
    let output = Command::new(program)
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env(STARTED, "1")
        .envs(variables)
        .output()
        .expect("the process can be started");
    let written = [output.stdout, output.stderr].concat();
    let written = String::from_utf8_lossy(&written);
    // With a name that the harness does not know, it would run nothing and pass.
    assert!(output.status.success() && written.contains("1 passed"), "{name} failed:\n{written}");
    false
}
