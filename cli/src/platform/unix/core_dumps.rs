//! Keeps secrets out of core dumps.
//!
//! A crash would write the memory of the process, keys included, to a file that stays,
//! or to a service that collects them. From its start the process is not dumpable: the
//! system writes no core of it, and other processes of the same user can neither trace
//! it nor read its memory. The limit on core files is set as well, in case the system
//! forbids that. Both end with the process, and a program that it runs gets the limit
//! back; `exec` itself makes a process dumpable again.
//!
//! Only Linux has processes that are not dumpable. Elsewhere the limit has to do.

use std::sync::OnceLock;

#[cfg(target_os = "linux")]
use rustix::process::{DumpableBehavior, set_dumpable_behavior};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The limit that the process was started with.
static BEFORE: OnceLock<Rlimit> = OnceLock::new();

/// Turns core dumps off for this process.
pub(crate) fn turn_off() {
    // A sandbox around the product may forbid either call, and the work still be done.
    #[cfg(target_os = "linux")]
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    let before = BEFORE.get_or_init(|| getrlimit(Resource::Core));
    let none = Rlimit { current: Some(0), maximum: before.maximum };
    let _ = setrlimit(Resource::Core, none);
}

/// Restores the limit for a program that is about to be run. This process stays as it is.
pub(crate) fn restore_limit() {
    if let Some(before) = BEFORE.get() {
        // Nothing forbids what was the limit before.
        let _ = setrlimit(Resource::Core, *before);
    }
}
