//! Texts of the system that are not Unicode, which each system has in its own form.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use unix::{not_unicode, of_bytes};
#[cfg(windows)]
pub(crate) use windows::{not_unicode, of_bytes};
