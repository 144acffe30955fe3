//! Texts of the system, which are UTF-16.

use std::ffi::OsString;

/// Returns the text that these bytes are a part of, cut at an ASCII character. Halves of
/// characters are replaced.
pub(crate) fn of_bytes(bytes: &[u8]) -> OsString {
    String::from_utf8_lossy(bytes).into_owned().into()
}
