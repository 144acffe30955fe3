//! Signals whose default would end the process in place of an error.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::signal::SIGXFSZ;
use signal_hook::flag;

/// Makes a write beyond the limit on file size (`ulimit -f`) fail with an error, which
/// names what could not be written, instead of ending the process. Programs that the
/// command starts get the default back.
pub(crate) fn outlive_file_size_limit() {
    // It fails only if the system has no such signal.
    let seen: Arc<AtomicBool> = Arc::default();
    let _ = flag::register(SIGXFSZ, seen);
}
