//! On Unix, such a text is any bytes.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// Returns the text of these bytes.
pub(crate) fn of_bytes(bytes: Vec<u8>) -> OsString {
    OsString::from_vec(bytes)
}

/// Returns a text that is not Unicode.
pub(crate) fn not_unicode() -> OsString {
    of_bytes(b"sk-\xff\xfe-0123456789".to_vec())
}
