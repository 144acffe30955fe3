//! Renews the session of a profile: once for all, and never half.
//!
//! A credential is renewed while it still works, so that no one gets one that ends in the
//! middle of a request. The process that finds that it is time takes the lock of the session and
//! looks again: most often another process has renewed it meanwhile, and its credential is
//! taken over. What happens under the lock goes on if the caller gives up, because an
//! answer that is not saved is a session that is lost.

use std::sync::Arc;
use std::time::SystemTime;

use orchestration_sandbox::{
    Credentials, ErrorKind, Failure, HttpFault, Reservation, Source, Strategy,
};

use crate::bound::Bound;
use crate::error::ProviderError;
use crate::lease_status::LeaseStatus;
use crate::leases::{Obtained, Renew, Snapshot, Wanted, is_due, left};
use crate::profile::ProviderProfile;
use crate::strategies::Registry;
use crate::strategy::Scope;

impl Bound {
    /// Returns the credential as it is wanted.
    pub(crate) async fn obtain(
        self: &Arc<Self>,
        wanted: Wanted,
    ) -> Result<Credentials, ProviderError> {
        let (credentials, failure) =
            self.obtained(&wanted).await.map_err(|failure| self.failed(failure))?;
        let Some(failure) = failure else { return self.lasting(credentials, &wanted, None) };
        match wanted {
            Wanted::Lasting(_) => self.lasting(credentials, &wanted, Some(failure)),
            Wanted::InsteadOf(_) | Wanted::New => Err(self.failed(failure)),
        }
    }

    /// Returns the credential that comes closest to what is wanted, and why it was not
    /// renewed if that was tried.
    async fn obtained(
        self: &Arc<Self>,
        wanted: &Wanted,
    ) -> Result<(Credentials, Option<Failure>), Failure> {
        let strategy = self.ready().await?;
        if self.renews_nothing() {
            return Ok((self.get_from(strategy).await?, None));
        }
        // What it finds costs nothing, and may be another one the next time.
        if !self.keeps_session(strategy) && !strategy.sends_requests() {
            return Ok((self.refreshed(strategy).await?, None));
        }
        let Obtained { credentials, failure } = self.lease().obtain(self, wanted).await?;
        Ok((Credentials::clone(&credentials), failure))
    }

    /// Returns the status of its lease; `None` if it has none, or was not asked yet.
    pub(crate) fn lease_status(&self) -> Option<LeaseStatus> {
        let now = self.now();
        let Snapshot { held, tally, is_failing } = self.known_lease()?.snapshot(now);
        let failed = |(at, failure)| (at, self.failed(failure));
        Some(LeaseStatus {
            expires_at: held.as_ref().and_then(|held| held.expires_at()),
            is_due: held.is_some_and(|held| is_due(&held, now)),
            renewed_at: tally.renewed_at,
            renewals: tally.renewals,
            failures: tally.failures,
            last_failure: tally.last_failure.map(failed),
            is_failing,
        })
    }

    /// Returns the credential, if it is valid for as long as is wanted.
    fn lasting(
        &self,
        credentials: Credentials,
        wanted: &Wanted,
        failure: Option<Failure>,
    ) -> Result<Credentials, ProviderError> {
        let left = left(&credentials, self.now());
        match (wanted, left) {
            (Wanted::Lasting(wanted), Some(left)) if left < *wanted => {
                let reason = failure.map(|failure| Box::new(self.failed(failure)));
                let profile = self.name().to_owned();
                Err(ProviderError::EndsTooSoon { profile, left, wanted: *wanted, reason })
            }
            _ => {
                if let Some(failure) = failure {
                    // It works until its end, and a later caller tries again.
                    tracing::info!(%failure, "the credential was not renewed, and is still valid");
                }
                Ok(credentials)
            }
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

    /// Returns the credential as it would be at that time, in the same way. The strategy knows
    /// the time only from the host.
    pub(crate) async fn look_at(&self, time: SystemTime) -> Result<Credentials, Failure> {
        self.get_from_at(self.ready().await?, time).await
    }

    /// Lets the strategy, which is ready, renew the credential, and returns it.
    async fn refreshed(&self, strategy: &Strategy) -> Result<Credentials, Failure> {
        self.refresh_with(strategy).await?;
        self.get_from(strategy).await
    }

    /// Renews the session, if that is still wanted when no one else can change it, and
    /// returns its credential.
    async fn renewed(&self, strategy: &Strategy, wanted: &Wanted) -> Result<Credentials, Failure> {
        let _lock = self.lock().await?;
        loop {
            let found = self.get_from(strategy).await;
            if !self.is_to_renew(strategy, &found, wanted) {
                return found;
            }
            if let Reservation::Made { is_unsettled } = self.reserve_room().await? {
                return self.renewed_in_room(strategy, is_unsettled).await;
            }
        }
    }

    /// Renews the session, for which there is room. `is_unsettled` says that the answer to the
    /// last renewal may have been lost.
    async fn renewed_in_room(
        &self,
        strategy: &Strategy,
        is_unsettled: bool,
    ) -> Result<Credentials, Failure> {
        let renewed = self.refreshed(strategy).await;
        let failure = renewed.as_ref().err();
        self.release_room(failure.is_some_and(may_have_been_answered)).await;
        if is_unsettled && failure.is_some_and(|failure| failure.kind() == ErrorKind::Expired) {
            tracing::warn!(
                "the session of profile '{}' was lost with the answer to an earlier renewal, which \
                 did not arrive or was not saved",
                self.name()
            );
        }
        renewed
    }

    /// Returns true if what was found is to be renewed.
    fn is_to_renew(
        &self,
        strategy: &Strategy,
        found: &Result<Credentials, Failure>,
        wanted: &Wanted,
    ) -> bool {
        let now = self.now();
        match found {
            // The caller's own key is no session.
            Ok(found) if *found.source() == Source::Explicit => false,
            Ok(found) => is_due(found, now) || !wanted.accepts(found, now),
            Err(failure) => match failure.kind() {
                // Not every strategy that can get a credential knows that it can.
                ErrorKind::Renewable | ErrorKind::Expired | ErrorKind::Invalid => true,
                // Without the user, there is nothing to get a session from.
                ErrorKind::Missing => !strategy.signs_in(),
                ErrorKind::Denied
                | ErrorKind::Unavailable
                | ErrorKind::Unsupported
                | ErrorKind::Internal => false,
            },
        }
    }
}

/// Returns true if a server may have answered before this failure: then it may have taken the
/// refresh token.
fn may_have_been_answered(failure: &Failure) -> bool {
    match failure {
        Failure::Unanswered { fault, .. } => match fault {
            HttpFault::Refused
            | HttpFault::Proxy { .. }
            | HttpFault::ProxyVariable(_)
            | HttpFault::Untrusted(_) => false,
            HttpFault::Timeout
            | HttpFault::Unreachable(_)
            | HttpFault::Redirect(_)
            | HttpFault::TooLarge => true,
        },
        Failure::Answer { kind, .. } => {
            !matches!(kind, ErrorKind::Missing | ErrorKind::Unsupported)
        }
        Failure::Load(_) | Failure::Denied(_) | Failure::DeniedInDescribe(_) => false,
        Failure::Expired
        | Failure::Limit(_)
        | Failure::System(_)
        | Failure::Trap(_)
        | Failure::Session(_)
        | Failure::Contract(_) => true,
    }
}

impl Renew for Bound {
    fn now(&self) -> SystemTime {
        Self::now(self)
    }

    async fn get(self: Arc<Self>, wanted: Wanted) -> Result<Obtained, Failure> {
        let got = |credentials| Obtained { credentials: Arc::new(credentials), failure: None };
        let strategy = self.ready().await?;
        if !self.keeps_session(strategy) {
            return self.refreshed(strategy).await.map(got);
        }
        let found = self.get_from(strategy).await;
        if !self.is_to_renew(strategy, &found, &wanted) {
            return found.map(got);
        }
        match (self.renewed(strategy, &wanted).await, found) {
            (Err(failure), Ok(old)) if !old.has_expired(Self::now(&self)) => {
                Ok(Obtained { failure: Some(failure), ..got(old) })
            }
            (renewed, _) => renewed.map(got),
        }
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
        if bound.renews_nothing() {
            return Ok(Renewed::Nothing);
        }
        Ok(Renewed::Until(bound.obtain(Wanted::New).await?.expires_at()))
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
