//! SHA-256, which identifies components, compiled code and trusted files.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// Returns the SHA-256 of `bytes` in lower-case hexadecimal.
///
/// ```
/// let empty = orchestration_support::digest::sha256(b"");
/// assert!(empty.starts_with("e3b0c44298fc1c14"));
/// ```
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Returns the SHA-256 of everything that `from` returns, without keeping it in memory.
///
/// # Errors
///
/// Fails with the error of `from` if reading fails.
pub fn sha256_of(from: &mut impl Read) -> io::Result<[u8; 32]> {
    // Large enough to need few system calls, small enough for the CPU's caches.
    let mut buffer = vec![0; 64 << 10];
    let mut hasher = Sha256::new();
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().into()),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Returns `bytes` in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    // Not by `format!`, which would take a twentieth of an `auth status`.
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xF]).map(digit).collect()
}
