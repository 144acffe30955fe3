//! The strategies in the sandbox, as callers of this crate see them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use orchestration_sandbox::{Credentials, ErrorKind, Failure};
use orchestration_support::Secret;

use crate::bound::Bound;
use crate::error::ProviderError;
use crate::key;
use crate::lease_status::LeaseStatus;
use crate::leases::Wanted;
use crate::profile::ProviderProfile;
use crate::strategies::Registry;
use crate::strategy::{AuthStrategy, Scope};

impl Registry {
    /// Binds the strategy of `profile` to it, and to a key that the caller passes
    /// explicitly, if any.
    ///
    /// The strategy may take the variable and the file that the profile names, may send
    /// requests to the profile's issuer, is granted what providers.toml grants it, and
    /// nothing else; a built-in one may also take the fallback variable, if `scope` and the
    /// profile allow it. Its component is read when it is first called; the calls need a
    /// tokio runtime with its timer, and with I/O if the strategy is granted a server.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::UnknownAuthType`] if no strategy serves the
    /// profile's auth type, and with [`ProviderError::Placeholder`] if its base URL leads
    /// nowhere yet, so that its key should go nowhere either.
    pub fn bind(
        &self,
        profile: ProviderProfile,
        explicit_key: Option<Secret>,
        scope: Scope,
    ) -> Result<Box<dyn AuthStrategy>, ProviderError> {
        let bound = Bound::to(self, explicit_key, profile, scope)?;
        Ok(Box::new(SandboxedStrategy(Mutex::new(Arc::new(bound)))))
    }
}

/// A strategy that is bound to a profile, and shared with the tasks that renew its session.
struct SandboxedStrategy(Mutex<Arc<Bound>>);

impl SandboxedStrategy {
    /// Returns the strategy with what it is called with now. A program may run for months,
    /// and its user stores a key meanwhile.
    fn bound(&self) -> Arc<Bound> {
        let mut bound = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rebound) = bound.rebound() {
            *bound = Arc::new(rebound);
        }
        Arc::clone(&bound)
    }
}

impl Bound {
    /// Returns the credential with a text that can be a key.
    fn judged(&self, found: Result<Credentials, Failure>) -> Result<Credentials, ProviderError> {
        self.usable(found.map_err(|failure| self.failed(failure))?)
    }

    fn usable(&self, found: Credentials) -> Result<Credentials, ProviderError> {
        match key::fault_of(&found) {
            None => Ok(key::trimmed(found)),
            Some(fault) => Err(ProviderError::BadKey {
                profile: self.name().to_owned(),
                source_of_key: found.source().clone(),
                fault,
            }),
        }
    }
}

#[async_trait]
impl AuthStrategy for SandboxedStrategy {
    async fn get_credentials(&self) -> Result<Credentials, ProviderError> {
        let bound = self.bound();
        bound.judged(bound.get_credentials().await)
    }

    async fn look(&self) -> Result<Credentials, ProviderError> {
        let bound = self.bound();
        bound.judged(bound.look().await)
    }

    async fn look_at(&self, time: SystemTime) -> Result<Credentials, ProviderError> {
        let bound = self.bound();
        bound.judged(bound.look_at(time).await)
    }

    async fn obtain(&self, min_validity: Duration) -> Result<Credentials, ProviderError> {
        let bound = self.bound();
        bound.usable(bound.obtain(Wanted::Lasting(min_validity)).await?)
    }

    async fn obtain_instead_of(&self, refused: &Credentials) -> Result<Credentials, ProviderError> {
        let wanted = match refused.key() {
            Some(key) => Wanted::InsteadOf(key.clone()),
            None => Wanted::Lasting(Duration::ZERO),
        };
        let bound = self.bound();
        bound.usable(bound.obtain(wanted).await?)
    }

    fn lease(&self) -> Option<LeaseStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).lease_status()
    }

    async fn refresh_if_needed(&self) -> Result<(), ProviderError> {
        let bound = self.bound();
        bound.refresh_if_needed().await.map_err(|failure| bound.failed(failure))
    }

    async fn is_valid(&self) -> Result<bool, ProviderError> {
        let bound = self.bound();
        if !bound.is_valid().await.map_err(|failure| bound.failed(failure))? {
            return Ok(false);
        }
        // A strategy has no clock, and does not know what can be a key. Both are judged with
        // the credential, which its yes or no does not contain.
        match bound.judged(bound.get_credentials().await) {
            Ok(_) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::Missing
                | ErrorKind::Expired
                | ErrorKind::Renewable
                | ErrorKind::Invalid => Ok(false),
                ErrorKind::Denied
                | ErrorKind::Unavailable
                | ErrorKind::Unsupported
                | ErrorKind::Internal => Err(error),
            },
        }
    }
}
