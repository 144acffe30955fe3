//! What each system does in its own way: who may use a file, how one is opened without
//! following links, and which limits a process has.
//!
//! The rest of the crate is written once, in terms of the functions here. `unix` and
//! `windows` have the same ones; each says what protects the user's files on its system.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{files, limits, within};
#[cfg(windows)]
pub(crate) use windows::{files, limits, within};

/// Who can read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// The user that writes it.
    Owner,
    /// Its group as well.
    Group,
}

/// Who can use a file that this user or the system has put there.
#[cfg_attr(windows, allow(dead_code, reason = "the place of a file decides there"))]
pub(crate) enum GivenAccess {
    /// This user, and the system.
    Own,
    /// It belongs to another user.
    OtherOwner,
    /// Others as well.
    Open,
}
