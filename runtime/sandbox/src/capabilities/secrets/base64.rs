//! The tool `base64`: encodes the text of a secret.

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

use super::Held;
use crate::bindings::orchestration::auth::secrets::Alphabet;

/// Returns the text in base64.
pub(super) fn base64(secret: &Held, alphabet: Alphabet) -> Held {
    let engine = match alphabet {
        Alphabet::Standard => STANDARD,
        Alphabet::UrlSafe => URL_SAFE_NO_PAD,
    };
    Held::composed(engine.encode(secret.text())).of(secret.roots())
}

/// Returns the bytes that `encoded` stands for, in memory that is wiped.
pub(super) fn decoded(engine: &GeneralPurpose, encoded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut decoded = Zeroizing::new(vec![0; base64::decoded_len_estimate(encoded.len())]);
    let bytes = engine.decode_slice(encoded, &mut decoded).ok()?;
    decoded.truncate(bytes);
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::{Alphabet, Held, base64};

    #[test]
    fn texts_are_encoded_as_in_rfc_4648() {
        let vectors = [
            ("", "", ""),
            ("f", "Zg==", "Zg"),
            ("fo", "Zm8=", "Zm8"),
            ("foo", "Zm9v", "Zm9v"),
            ("foob", "Zm9vYg==", "Zm9vYg"),
            ("fooba", "Zm9vYmE=", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy", "Zm9vYmFy"),
            // The bytes 0xcf 0xbf 0x3f 0x3e, whose sextets have both other characters.
            ("\u{3ff}?>", "z78/Pg==", "z78_Pg"),
            ("~~\u{7f}", "fn5/", "fn5_"),
            (">>>", "Pj4+", "Pj4-"),
        ];
        for (text, standard, url_safe) in vectors {
            let held = Held::found(text.into());
            assert_eq!(base64(&held, Alphabet::Standard).text(), standard);
            assert_eq!(base64(&held, Alphabet::UrlSafe).text(), url_safe);
        }
    }
}
