//! Private keys as PEM (RFC 7468).

use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::capabilities::secrets::base64::decoded;

/// The DER of a private key, by the format that its label names.
pub(super) enum Pem {
    /// `PRIVATE KEY`
    Pkcs8(Zeroizing<Vec<u8>>),
    /// `RSA PRIVATE KEY`
    Pkcs1(Zeroizing<Vec<u8>>),
    /// `EC PRIVATE KEY`
    Sec1(Zeroizing<Vec<u8>>),
}

impl Pem {
    /// Returns the first private key of `text`, which may contain certificates and
    /// parameters too. A key that is encrypted is none.
    pub(super) fn of(text: &str) -> Option<Self> {
        let blocks = text.split("-----BEGIN ").skip(1);
        blocks.into_iter().find_map(|block| {
            let (label, rest) = block.split_once("-----")?;
            let format = match label {
                "PRIVATE KEY" => Self::Pkcs8,
                "RSA PRIVATE KEY" => Self::Pkcs1,
                "EC PRIVATE KEY" => Self::Sec1,
                _ => return None,
            };
            let (body, end) = rest.split_once("-----END ")?;
            let is_closed = end.strip_prefix(label)?.starts_with("-----");
            if is_closed { decoded(&STANDARD, &base64(body)).map(format) } else { None }
        })
    }
}

/// Returns the base64 of a block without its line breaks. In variables, these are often
/// written as `\n`.
fn base64(body: &str) -> Zeroizing<Vec<u8>> {
    let mut base64 = Zeroizing::new(Vec::with_capacity(body.len()));
    for line in body.split("\\n").flat_map(str::split_ascii_whitespace) {
        base64.extend(line.as_bytes());
    }
    base64
}
