//! The page that a user signs in on: its whole address, and the secrets behind it.
//!
//! Three random texts tie the answer to this sign-in. `state` tells it from one that a
//! stranger's page sent here. The code verifier (RFC 7636) makes a code worthless to whoever
//! sees it on its way: only this process can exchange it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestration_support::Secret;
use orchestration_support::url::BaseUrl;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

/// A sign-in on a page, which has yet to be answered.
pub(super) struct Asked {
    pub(super) state: Secret,
    pub(super) code_verifier: Secret,
    pub(super) redirect_uri: String,
    /// The whole address.
    pub(super) address: String,
}

impl Asked {
    /// Completes the `address` of a page that leads back to `redirect_uri`; `None` if the
    /// system has no random bytes.
    pub(super) fn on(address: &BaseUrl, redirect_uri: String) -> Option<Self> {
        let (state, code_verifier) = (random()?, random()?);
        let challenge = digest(&SHA256, code_verifier.expose().as_bytes());
        let mut url = address.expose().clone();
        url.query_pairs_mut()
            .append_pair("redirect_uri", &redirect_uri)
            .append_pair("state", state.expose())
            .append_pair("code_challenge", &URL_SAFE_NO_PAD.encode(challenge))
            .append_pair("code_challenge_method", "S256");
        Some(Self { state, code_verifier, redirect_uri, address: url.into() })
    }
}

/// Returns 32 random bytes as text.
fn random() -> Option<Secret> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *bytes).ok()?;
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Some(Secret::from(text.as_str()))
}
