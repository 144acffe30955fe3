//! Renews the session of a profile: in time, once for everybody, and never half.
//!
//! A credential is renewed while it still works, so that nobody gets one that ends in the
//! middle of a request. Whoever finds that it is time takes the lock of the session and
//! looks again: most often another process has renewed it meanwhile, and its credential is
//! taken over. What happens under the lock goes on if the caller gives up, because an
//! answer that is not saved is a session that is lost.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use orchestration_sandbox::{Credentials, ErrorKind, Failure, Strategy};

use crate::bound::Bound;
use crate::error::ProviderError;
use crate::profile::ProviderProfile;
use crate::strategies::Registry;
use crate::strategy::Scope;

/// How long before its end a credential is renewed.
const MARGIN: Duration = Duration::from_secs(300);

impl Bound {
    /// Returns the credential, renewed if it is time.
    pub(crate) async fn obtain(self: &Arc<Self>) -> Result<Credentials, Failure> {
        let strategy = self.ready().await?;
        if self.renews_nothing() {
            return self.get_from(strategy).await;
        }
        if !self.keeps_session(strategy) {
            return self.refreshed(strategy).await;
        }
        let found = self.get_from(strategy).await;
        if !is_due(&found, SystemTime::now()) {
            return found;
        }
        match (self.renew(is_due).await, found) {
            // It works until its end, and the next caller tries again.
            (Err(failure), Ok(old)) if !old.has_expired(SystemTime::now()) => {
                tracing::info!(%failure, "the credential was not renewed, and is still valid");
                Ok(old)
            }
            (renewed, _) => renewed,
        }
    }

    /// Returns the credential as it is now, without asking a server or changing a session.
    pub(crate) async fn look(&self) -> Result<Credentials, Failure> {
        let strategy = self.ready().await?;
        // What any other strategy renews is within its own call.
        if !self.renews_nothing() && !strategy.keeps_session() && !strategy.sends_requests() {
            return self.refreshed(strategy).await;
        }
        self.get_from(strategy).await
    }

    /// Lets the strategy, which is ready, renew the credential, and returns it.
    async fn refreshed(&self, strategy: &Strategy) -> Result<Credentials, Failure> {
        self.refresh_with(strategy).await?;
        self.get_from(strategy).await
    }

    /// Renews the session, if that is still wanted when nobody else can change it, and
    /// returns its credential.
    ///
    /// This goes on in a task of its own if the caller is gone.
    pub(crate) async fn renew(
        self: &Arc<Self>,
        is_wanted: fn(&Result<Credentials, Failure>, SystemTime) -> bool,
    ) -> Result<Credentials, Failure> {
        let bound = Arc::clone(self);
        let renewal = tokio::spawn(async move {
            let _lock = bound.lock().await?;
            let strategy = bound.ready().await?;
            let found = bound.get_from(strategy).await;
            if !is_wanted(&found, SystemTime::now()) {
                return found;
            }
            bound.refreshed(strategy).await
        });
        renewal.await.unwrap_or(Err(Failure::Contract("its renewal was cut off")))
    }
}

impl Registry {
    /// Renews the credential of `profile`, even if it is not time yet.
    ///
    /// # Errors
    ///
    /// Fails as [`bind`](Self::bind) and [`AuthStrategy::obtain`](crate::AuthStrategy::obtain) do.
    pub async fn renew(&self, profile: &ProviderProfile) -> Result<Renewed, ProviderError> {
        let bound = Arc::new(Bound::to(self, None, profile.clone(), Scope::OwnCredential)?);
        let renewed = async {
            if bound.renews_nothing() {
                return Ok(None);
            }
            let strategy = bound.ready().await?;
            if !bound.keeps_session(strategy) {
                return bound.refreshed(strategy).await.map(Some);
            }
            bound.renew(|_, _| true).await.map(Some)
        };
        match renewed.await.map_err(|failure| bound.failed(failure))? {
            None => Ok(Renewed::Nothing),
            Some(credentials) => Ok(Renewed::Until(credentials.expires_at())),
        }
    }
}

/// What came of a renewal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewed {
    /// The credential never needs to be renewed.
    Nothing,
    /// It is valid until this time, if that is known.
    Until(Option<SystemTime>),
}

/// Returns true if it is time to renew what was found.
fn is_due(found: &Result<Credentials, Failure>, now: SystemTime) -> bool {
    match found {
        Ok(credentials) => {
            let Some(end) = credentials.expires_at() else { return false };
            end.duration_since(now).unwrap_or_default() <= margin(credentials.life())
        }
        // Not every strategy that can get a credential knows that it can.
        Err(failure) => matches!(
            failure.kind(),
            ErrorKind::Renewable | ErrorKind::Missing | ErrorKind::Expired | ErrorKind::Invalid
        ),
    }
}

/// Returns how long before its end a credential with this life is renewed: five minutes, or
/// a tenth of its life if that is longer, and at most half of it.
fn margin(life: Option<Duration>) -> Duration {
    life.map_or(MARGIN, |life| MARGIN.max(life / 10).min(life / 2))
}

#[cfg(test)]
mod tests {
    use super::{Duration, margin};

    #[test]
    fn a_credential_is_renewed_in_time_and_not_all_the_time() {
        for (life, expected) in [
            (None, 300),
            (Some(24 * 3600), 8640),
            (Some(3600), 360),
            (Some(1200), 300),
            (Some(300), 150),
            (Some(2), 1),
            (Some(0), 0),
        ] {
            let life = life.map(Duration::from_secs);
            assert_eq!(margin(life), Duration::from_secs(expected), "{life:?}");
        }
    }
}
