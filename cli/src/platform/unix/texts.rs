//! Texts of the system, which are bytes.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Returns the text that these bytes are a part of, cut at an ASCII character.
pub(crate) fn of_bytes(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_owned()
}
