//! A line that is entered, as it is kept while it grows, and why it ends.

use zeroize::Zeroizing;

/// The most bytes of a secret. No server takes more in a header.
pub(crate) const MAX_BYTES: usize = 16 << 10;

/// Why a line has no further bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It ends.
    Line,
    /// All of the input does.
    Input,
    /// The time is up.
    Time,
    /// The user interrupts it.
    Interrupt,
}

/// Room for a secret that is one byte too long, so that the vector never grows, which
/// would leave a copy behind.
pub(crate) fn room() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1))
}

/// Adds a byte. One too many tells that a line is too long; more need no room.
pub(crate) fn add(line: &mut Vec<u8>, byte: u8) {
    if line.len() <= MAX_BYTES {
        line.push(byte);
    }
}
