//! Keys as PEM (RFC 7468), in memory that is wiped.
//!
//! People keep keys in files that hold certificates and parameters too, and in variables whose
//! line breaks their CI system has written as `\n`. Libraries for PEM want lines, so such a
//! variable has no key for them. Here every key that a person would recognize is found.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// Returns the content of the first block of `text` with one of these labels, such as
/// `PRIVATE KEY`, and its label. An encrypted key has another label, and is none.
pub fn first_block<'l>(text: &str, labels: &[&'l str]) -> Option<(&'l str, Zeroizing<Vec<u8>>)> {
    let mut blocks = text.split("-----BEGIN ").skip(1);
    blocks.find_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let label = *labels.iter().find(|known| **known == label)?;
        let (body, end) = rest.split_once("-----END ")?;
        let is_closed = end.strip_prefix(label)?.starts_with("-----");
        let content = STANDARD.decode(&*without_breaks(body)).ok().filter(|_| is_closed)?;
        Some((label, Zeroizing::new(content)))
    })
}

fn without_breaks(body: &str) -> Zeroizing<Vec<u8>> {
    let mut base64 = Zeroizing::new(Vec::with_capacity(body.len()));
    for line in body.split("\\n").flat_map(str::split_ascii_whitespace) {
        base64.extend(line.as_bytes());
    }
    base64
}
