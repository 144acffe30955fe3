//! A socket that only this user can open, which each system has in its own way, or not.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{OwnAccepting, OwnArrived, OwnListener, OwnSocket};
#[cfg(windows)]
pub(crate) use windows::{OwnAccepting, OwnArrived, OwnListener, OwnSocket};
