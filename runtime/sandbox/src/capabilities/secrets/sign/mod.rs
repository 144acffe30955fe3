//! The tool `sign`: signs a message as JWTs are signed.
//!
//! The key is parsed for each signature. What bounds the time on the async thread: a
//! key has at most 4096 bits and a message at most 1 MiB, so that a signature takes less
//! than ten milliseconds, and each is one of the 64 secrets of a call.

mod jwk;
mod key;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::{hmac, signature};

use super::Held;
use super::concat::{joined, roots};
use super::failed::Failed;
use crate::bindings::orchestration::auth::secrets::{Algorithm, ToolError};
use crate::bindings::orchestration::auth::types::Part;
use crate::state::State;

/// The fewest bytes of a key for HMAC: as many as its hash has (RFC 7518, section 3.2).
const HMAC_BYTES: usize = 32;

/// Returns the signature of the joined `message`.
///
/// A made key is refused. It could be built so that it is valid only if a guess is right.
pub(super) fn sign(
    state: &State,
    key: &str,
    algorithm: Algorithm,
    message: &[Part],
) -> Result<Held, Failed> {
    let key = state.secret(key).ok_or(ToolError::NoSecret)?;
    if key.is_made() {
        return Err(ToolError::Made.into());
    }
    let roots = key.roots().and(roots(state, message));
    let message = joined(state, message)?;
    let signature = signature(key.text(), algorithm, message.as_bytes())?;
    Ok(Held::generated(URL_SAFE_NO_PAD.encode(signature)).of(roots))
}

fn signature(key: &str, algorithm: Algorithm, message: &[u8]) -> Result<Vec<u8>, ToolError> {
    let random = SystemRandom::new();
    match algorithm {
        Algorithm::Hs256 if key.len() < HMAC_BYTES => Err(ToolError::BadKey),
        Algorithm::Hs256 => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
            Ok(hmac::sign(&key, message).as_ref().to_vec())
        }
        Algorithm::Rs256 => {
            let key = key::rsa(key).ok_or(ToolError::BadKey)?;
            let mut signature = vec![0; key.public().modulus_len()];
            let padding = &signature::RSA_PKCS1_SHA256;
            let signed = key.sign(padding, &random, message, &mut signature);
            signed.map_err(|_| ToolError::BadKey)?;
            Ok(signature)
        }
        Algorithm::Es256 => {
            let key = key::p256(key, &random).ok_or(ToolError::BadKey)?;
            let signed = key.sign(&random, message).map_err(|_| ToolError::BadKey)?;
            Ok(signed.as_ref().to_vec())
        }
        Algorithm::Eddsa => {
            let key = key::ed25519(key).ok_or(ToolError::BadKey)?;
            Ok(key.sign(message).as_ref().to_vec())
        }
    }
}

#[cfg(test)]
mod tests;
