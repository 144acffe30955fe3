//! A process for a test that can't share one.

use std::any;
use std::env;
use std::process::Command;

/// Set in the process that was started for one test.
const STARTED: &str = "ORCHESTRATION_TESTS_OWN_PROCESS";

/// Whether `test`, the calling test, has the process to itself. If not, starts a
/// process that runs this test and no other, and waits for it to pass; the test then
/// has nothing left to do:
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
/// If the test fails in its process.
#[track_caller]
pub fn in_own_process<T: Fn()>(test: T) -> bool {
    if env::var_os(STARTED).is_some() {
        return true;
    }
    // The harness names a test by its path below the crate.
    let path = any::type_name_of_val(&test);
    let (_, name) = path.split_once("::").expect("a function is in a crate");
    let program = env::current_exe().expect("the test knows its executable");
    let ended = Command::new(program)
        .args(["--exact", name, "--nocapture", "--test-threads", "1"])
        .env(STARTED, "1")
        .output()
        .expect("the test can be started again");
    let written = [ended.stdout, ended.stderr].concat();
    let written = String::from_utf8_lossy(&written);
    // A name that the harness doesn't know would pass: it runs nothing.
    assert!(ended.status.success() && written.contains("1 passed"), "{name} failed:\n{written}");
    false
}
