//! The way to a credential that callers see.

use async_trait::async_trait;
use orchestration_sandbox::Credentials;

use crate::error::ProviderError;

/// The variable that agents fall back to, where the profile's own is not set.
/// Tools that speak the protocol of OpenAI have come to share it.
pub const FALLBACK_VARIABLE: &str = "OPENAI_API_KEY";

/// The profile of somebody who asks with no profile at all.
pub const NO_PROFILE: &str = "default";

/// A way to a credential, bound to one profile.
///
/// The three calls are independent: nothing of one is left for the next.
#[async_trait]
pub trait AuthStrategy: Send + Sync {
    /// Finds the credential.
    ///
    /// # Errors
    ///
    /// Fails where there is none, with the kind that says why, and where the
    /// strategy could not run.
    async fn get_credentials(&self) -> Result<Credentials, ProviderError>;

    /// Renews a credential that has ended or is about to; does nothing where
    /// there is nothing to renew.
    ///
    /// # Errors
    ///
    /// Fails where it can't be renewed, and where the strategy could not run.
    async fn refresh_if_needed(&self) -> Result<(), ProviderError>;

    /// Whether [`get_credentials`](Self::get_credentials) would answer a
    /// credential that is good now, as far as the strategy can tell.
    ///
    /// # Errors
    ///
    /// Fails where the strategy could not run.
    async fn is_valid(&self) -> Result<bool, ProviderError>;
}

/// How far a resolution may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The profile's own credential. What a check asks about: with a fallback,
    /// a set `OPENAI_API_KEY` would make every profile look valid.
    OwnCredential,
    /// The fallback variable as well, unless the profile turns it off. What an
    /// agent asks for.
    WithFallback,
}
