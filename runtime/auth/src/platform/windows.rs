//! On Windows, such a text is UTF-16, and may have halves of characters.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;

/// Returns the text of these bytes. What is not UTF-8 is replaced.
pub(crate) fn of_bytes(bytes: Vec<u8>) -> OsString {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// Returns a text that is not Unicode.
pub(crate) fn not_unicode() -> OsString {
    let half = [0xd800];
    let units: Vec<u16> =
        "sk-".encode_utf16().chain(half).chain("-0123456789".encode_utf16()).collect();
    OsString::from_wide(&units)
}
