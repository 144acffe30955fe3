//! The trait through which callers get credentials.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use orchestration_sandbox::Credentials;

use crate::error::ProviderError;
use crate::lease_status::LeaseStatus;
use crate::profile::DEFAULT_AUTH_TYPE;

/// The variable that agents fall back to if the profile's own is not set. Most tools
/// that speak OpenAI's protocol read it.
pub const FALLBACK_VARIABLE: &str = "OPENAI_API_KEY";

/// Returns true if a strategy may be offered the fallback variable. The built-in strategy
/// `api_key` may, because it is known to say so when it used it; `none` uses no key; one
/// from a file may only if its grants name the variable.
pub(crate) fn offers_fallback<'a>(
    auth_type: &str,
    mut granted: impl Iterator<Item = &'a str>,
) -> bool {
    auth_type == DEFAULT_AUTH_TYPE || granted.any(|name| name == FALLBACK_VARIABLE)
}

/// The name of the profile of a caller that names none.
pub const NO_PROFILE: &str = "default";

/// A strategy bound to one profile: returns, renews and checks its credential.
///
/// [`Registry::bind`](crate::Registry::bind) makes one. Everyone who uses or judges a
/// credential calls [`obtain`](Self::obtain); a long-lived caller, such as an agent, calls it
/// before each use of a credential that ends, and
/// [`obtain_instead_of`](Self::obtain_instead_of) if the provider refuses one. The methods
/// may be called any number of times, in any order and concurrently. Each call of the
/// strategy runs in a fresh instance, and no state is carried over to the next.
///
/// A credential that ends is kept in memory until then, for all that the same registry binds
/// to the same profile. It is renewed once for all of them, and before its end: in the
/// background, in a task of the runtime that [`Registry::finish_renewals`] waits for.
///
/// [`Registry::finish_renewals`]: crate::Registry::finish_renewals
///
/// None of them blocks its thread. The first call reads and compiles the strategy if
/// it is not built in, which may take seconds; each call ends within the strategy's
/// deadline. They need a tokio runtime with its timer enabled, and with I/O if the strategy
/// is granted a server.
#[async_trait]
pub trait AuthStrategy: Send + Sync {
    /// Returns the credential as it is now, without renewing it.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Strategy`] if there is none or the strategy could not
    /// run; [`ProviderError::kind`] says which.
    async fn get_credentials(&self) -> Result<Credentials, ProviderError>;

    /// Returns what [`obtain`](Self::obtain) would, as far as that is known without asking a
    /// server: for a session that has to be renewed first, an error of the kind
    /// [`Renewable`](orchestration_sandbox::ErrorKind::Renewable).
    ///
    /// # Errors
    ///
    /// Fails as [`obtain`](Self::obtain) does.
    async fn look(&self) -> Result<Credentials, ProviderError>;

    /// Returns what [`get_credentials`](Self::get_credentials) would at that time, if nothing
    /// was renewed until then. A session that renews itself is then an error of the kind
    /// [`Renewable`](orchestration_sandbox::ErrorKind::Renewable).
    ///
    /// # Errors
    ///
    /// Fails as [`get_credentials`](Self::get_credentials) does.
    async fn look_at(&self, time: SystemTime) -> Result<Credentials, ProviderError>;

    /// Returns the credential, which is valid for at least `min_validity` if its end is known.
    /// One that has expired, or that ends sooner, is renewed first. If a renewal fails, a
    /// credential that is valid long enough is returned all the same.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Strategy`] if there is none or the strategy could not run,
    /// and with [`ProviderError::EndsTooSoon`] if there is none that is valid for so long.
    async fn obtain(&self, min_validity: Duration) -> Result<Credentials, ProviderError>;

    /// Returns the credential to use in place of one that the provider has refused. It is
    /// renewed, unless someone else has done that already. The key may still be the same:
    /// then there is no other.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Strategy`] if there is none, or none was to be had.
    async fn obtain_instead_of(&self, refused: &Credentials) -> Result<Credentials, ProviderError>;

    /// Returns the status of the lease through which [`obtain`](Self::obtain) keeps the
    /// credential; `None` if the credential is looked up each time, or was never asked for.
    fn lease(&self) -> Option<LeaseStatus>;

    /// Lets the strategy renew the credential, as it sees fit.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Strategy`] if the credential can't be renewed or the
    /// strategy could not run.
    async fn refresh_if_needed(&self) -> Result<(), ProviderError>;

    /// Returns true if [`get_credentials`](Self::get_credentials) would return a
    /// credential that is valid now, as far as the strategy knows without asking the
    /// provider.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Strategy`] if the strategy could not run.
    async fn is_valid(&self) -> Result<bool, ProviderError>;
}

/// Which variables may provide the credential of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Only the profile's own. For checks: with the fallback, a set `OPENAI_API_KEY`
    /// would make every profile look valid.
    OwnCredential,
    /// The fallback variable as well, unless the profile turns it off. For agents.
    WithFallback,
}
