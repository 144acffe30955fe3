//! The page that a user signs in on: its whole address, and the secrets behind it.
//!
//! Three random texts tie the answer to this sign-in. `state` tells it from one that a
//! stranger's page sent here. The code verifier (RFC 7636) makes a code worthless to those
//! who see it on its way: only this process can exchange it.
//!
//! A server returns `state` because RFC 6749 says so. One that has its own name for the
//! address to return to returns nothing that it does not know, but keeps the query of that
//! address. So the state is part of it there, and the answer has it in either case.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orchestration_sandbox::Page;
use orchestration_support::Secret;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use url::Url;
use zeroize::Zeroizing;

/// The path that a page leads back to.
pub(super) const PATH: &str = "/callback";

/// A sign-in on a page, which has yet to be answered.
pub(super) struct Asked {
    pub(super) state: Secret,
    pub(super) code_verifier: Secret,
    pub(super) redirect_uri: String,
    /// The whole address.
    pub(super) address: String,
}

impl Asked {
    /// Completes the address of a page that leads back to this port; `None` if the system
    /// has no random bytes.
    pub(super) fn on(page: &Page, port: u16) -> Option<Self> {
        let (state, code_verifier) = (random()?, random()?);
        let mut url = page.address.expose().clone();
        let redirect_uri = match &page.callback {
            None => {
                let redirect_uri = format!("http://127.0.0.1:{port}{PATH}");
                add(&mut url, &[("redirect_uri", &redirect_uri), ("state", state.expose())]);
                redirect_uri
            }
            Some(name) => {
                // Such servers document this name of the machine, and no address.
                let callback = format!("http://localhost:{port}{PATH}?state={}", state.expose());
                add(&mut url, &[(name, &callback)]);
                callback
            }
        };
        let challenge = digest(&SHA256, code_verifier.expose().as_bytes());
        let challenge = URL_SAFE_NO_PAD.encode(challenge);
        add(&mut url, &[("code_challenge", &challenge), ("code_challenge_method", "S256")]);
        Some(Self { state, code_verifier, redirect_uri, address: url.into() })
    }
}

fn add(url: &mut Url, parameters: &[(&str, &str)]) {
    url.query_pairs_mut().extend_pairs(parameters);
}

/// Returns 32 random bytes as text.
fn random() -> Option<Secret> {
    let mut bytes = Zeroizing::new([0; 32]);
    SystemRandom::new().fill(&mut *bytes).ok()?;
    let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
    Some(Secret::from(text.as_str()))
}
