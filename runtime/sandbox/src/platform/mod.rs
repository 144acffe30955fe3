//! What each system does in its own way: limits of the process that compiles, why that
//! process ended, and the path of an open file.
//!
//! `unix` and `windows` have the same functions.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{executable, limit_compiler, path_of_open, system_error, why_it_ended};
#[cfg(windows)]
pub(crate) use windows::{executable, limit_compiler, path_of_open, system_error, why_it_ended};

/// Why a process ended that gave no answer.
#[cfg_attr(windows, allow(dead_code, reason = "no process is limited there"))]
pub(crate) enum End {
    /// It took too long, or was killed for it.
    Time,
    /// It was refused memory.
    Memory,
    /// It ended by itself, and has said why.
    Other,
}
