//! SHA-256, by which a component, its compiled code and a trusted file are known.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

/// The digest of `bytes` in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The digest of all that comes out of `from`, which is not kept.
pub(crate) fn sha256_of(from: &mut impl Read) -> io::Result<[u8; 32]> {
    // Large enough that the system is seldom asked, and small enough for the
    // processor's nearest memory.
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

/// `bytes` in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
