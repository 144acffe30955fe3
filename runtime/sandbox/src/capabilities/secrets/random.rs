//! The tool `random`: makes a secret that no one can guess.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::{Held, Roots};

/// The fewest and the most bytes, as `wit/` states them.
const FEWEST: u32 = 16;
const MOST: u32 = 128;

/// Returns `bytes` random bytes of the system's generator.
///
/// # Errors
///
/// Fails if the system has none, which stops the call.
pub(super) fn random(bytes: u32) -> wasmtime::Result<Held> {
    let bytes = bytes.clamp(FEWEST, MOST);
    let mut random = Zeroizing::new([0; MOST as usize]);
    let random = random.get_mut(..bytes as usize).unwrap_or_default();
    let filled = SystemRandom::new().fill(random);
    filled.map_err(|_| wasmtime::Error::msg("the system has no random bytes"))?;
    Ok(Held::generated(URL_SAFE_NO_PAD.encode(random)).of(Roots::RANDOM))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::random;

    #[test]
    fn any_number_of_bytes_is_rounded_to_one_that_is_allowed() {
        for (asked, made) in [(0, 16), (15, 16), (16, 16), (32, 32), (128, 128), (u32::MAX, 128)] {
            let held = random(asked).unwrap();
            assert_eq!(URL_SAFE_NO_PAD.decode(held.text()).unwrap().len(), made);
        }
    }

    #[test]
    fn every_secret_is_another() {
        let made: BTreeSet<String> =
            (0..1000).map(|_| random(16).unwrap().text().to_owned()).collect();
        assert_eq!(made.len(), 1000);
    }
}
