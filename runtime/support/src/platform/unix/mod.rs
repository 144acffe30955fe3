//! Unix: Linux, where the tests run, and macOS.
//!
//! Owners and modes protect the user's files.

pub(crate) mod files;
pub(crate) mod limits;
pub(crate) mod within;
