//! What each system does in its own way: processes and their ends, signals, terminals, and
//! the owners of files.
//!
//! `unix` and `windows` have the same modules, with the same functions. Files that only their
//! owner can use are those of `orchestration_support`, for every crate.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::*;
#[cfg(windows)]
pub(crate) use windows::*;
