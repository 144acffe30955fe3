//! A strategy, bound to one profile: what it is called with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use orchestration_sandbox::{
    Call, Conversation, Credentials, Denial, Failure, Grant, GrantedFile, Grants, Kept, Profile,
    Reservation, STORED_KEY, SessionStore, Step, StoreFault, Strategy, Subject, WallClock,
};
use orchestration_support::Secret;
use orchestration_support::on_thread::on_thread;
use orchestration_support::url::BaseUrl;

use crate::error::ProviderError;
use crate::leases::Lease;
use crate::profile::ProviderProfile;
use crate::sessions::SessionLock;
use crate::strategies::{Entry, Registry};
use crate::strategy::{FALLBACK_VARIABLE, Scope};
use crate::workload;

/// A profile with the strategy that serves it and what that is granted.
pub(crate) struct Bound {
    registry: Registry,
    entry: Arc<Entry>,
    profile: ProviderProfile,
    fallback: Option<&'static str>,
    /// What providers.toml grants the strategy.
    granted: Vec<Grant>,
    call: Arc<Call>,
    scope: Scope,
    lease: OnceLock<Arc<Lease>>,
    /// It was asked something since it was bound.
    is_used: AtomicBool,
}

impl Bound {
    /// Binds the strategy of `profile` to it: see [`Registry::bind`].
    pub(crate) fn to(
        registry: &Registry,
        explicit_key: Option<Secret>,
        mut profile: ProviderProfile,
        scope: Scope,
    ) -> Result<Self, ProviderError> {
        if let Some(placeholder) = profile.base_url.as_ref().and_then(BaseUrl::placeholder) {
            let placeholder = placeholder.to_owned();
            return Err(ProviderError::Placeholder { profile: profile.name, placeholder });
        }
        let with_fallback = scope == Scope::WithFallback && profile.fallback_env;
        let entry =
            registry.entry(&profile.auth_type).ok_or_else(|| ProviderError::UnknownAuthType {
                profile: profile.name.clone(),
                auth_type: profile.auth_type.clone(),
                available: registry.auth_types().map(str::to_owned).collect(),
            })?;
        let service = entry.service();
        profile.issuer = entry.issuer(&profile);
        let offers_fallback = with_fallback && entry.offers_fallback(&profile.auth_type);
        let fallback = offers_fallback.then_some(FALLBACK_VARIABLE);
        let named = profile.api_key_env.as_deref().into_iter().chain(fallback);
        let granted = entry.granted.clone();
        let grants: Grants = granted.iter().cloned().collect();
        let issuer = profile.issuer.iter().map(|issuer| Grant::origin(issuer.origin()));
        let readable = service.iter().flat_map(|service| service.readable.iter().copied());
        let own = issuer.chain(readable.map(Grant::readable));
        let mut grants = grants.to_take(named.map(str::to_owned)).with(own);
        if workload::is_job(&profile) {
            let token = [workload::REQUEST_TOKEN.to_owned()];
            grants = grants.to_take(token).with(workload::grants(&registry.environment()));
        }
        let sessions = registry.session_store(&profile, entry);
        let is_key = |store: &Arc<dyn SessionStore>| store.kept() == Kept::Key;
        if profile.api_key_file.is_none() && sessions.as_ref().is_some_and(is_key) {
            profile.api_key_file = Some(GrantedFile::stored_key());
        }
        if let Some(file) = &profile.api_key_file {
            grants = grants.with_file(file.clone());
        }
        let subject = Subject {
            strategy: profile.auth_type.as_str().into(),
            profile: profile.name.as_str().into(),
        };
        let (environment, files) = (registry.environment(), registry.files());
        let limits = entry.limits.clone();
        let observer = None;
        let clock = registry.clock();
        let transport = registry.network();
        let call = Arc::new(Call {
            subject,
            environment,
            files,
            transport,
            sessions,
            explicit_key,
            grants,
            limits,
            clock,
            observer,
        });
        let (registry, entry) = (registry.clone(), Arc::clone(entry));
        let (lease, is_used) = (OnceLock::new(), AtomicBool::new(false));
        Ok(Self { registry, entry, profile, fallback, granted, call, scope, lease, is_used })
    }

    /// Returns the same as it would be bound now, if the user has stored a key meanwhile, or
    /// removed it; `None` if all is as it was. The first time is right after it was bound.
    pub(crate) fn rebound(&self) -> Option<Self> {
        if !self.entry.takes_stored_key() || !self.is_used.swap(true, Ordering::Relaxed) {
            return None;
        }
        let is_stored = self.registry.session_store(&self.profile, &self.entry).is_some();
        if is_stored == self.call.sessions.is_some() {
            return None;
        }
        let own_file = self.profile.api_key_file.clone().filter(|file| file.path() != STORED_KEY);
        let profile = ProviderProfile { api_key_file: own_file, ..self.profile.clone() };
        let explicit_key = self.call.explicit_key.clone();
        let rebound = Self::to(&self.registry, explicit_key, profile, self.scope).ok()?;
        rebound.is_used.store(true, Ordering::Relaxed);
        Some(rebound)
    }

    /// Returns the strategy, loaded, after checking that everything it declares is
    /// granted: a missing grant is reported before the strategy runs and fails in
    /// its own way.
    pub(crate) async fn ready(&self) -> Result<&Strategy, Failure> {
        self.call.grants.names().for_each(|name| self.call.subject.granted(name));
        let started = self.call.subject.loading();
        let loaded = self.registry.load(&self.profile.auth_type, &self.entry).await?;
        self.call.subject.loaded(started);
        let declared = loaded.description.iter().flat_map(|description| description.needs());
        let missing: Vec<Denial> = declared
            .filter(|needed| !self.call.grants.satisfy(needed))
            .map(|Grant { capability, name }| Denial { capability, wanted: name })
            .collect();
        if !missing.is_empty() {
            return Err(Failure::Denied(missing));
        }
        Ok(&loaded.strategy)
    }

    /// Returns the profile's options in the form of the contract.
    fn options(&self) -> Vec<(&str, &str)> {
        self.profile.options.iter().collect()
    }

    fn profile<'a>(&'a self, options: &'a [(&'a str, &'a str)]) -> Profile<'a> {
        Profile {
            name: &self.profile.name,
            provider: &self.profile.provider,
            base_url: self.profile.base_url.as_ref(),
            issuer: self.profile.issuer.as_ref(),
            api_key_env: self.profile.api_key_env.as_deref(),
            api_key_file: self.profile.api_key_file.as_ref().map(GrantedFile::path),
            fallback_env: self.fallback,
            options,
        }
    }

    /// Returns the name of the profile.
    pub(crate) fn name(&self) -> &str {
        &self.profile.name
    }

    /// Returns a failure as one of this profile.
    pub(crate) fn failed(&self, failure: Failure) -> ProviderError {
        ProviderError::Strategy {
            profile: self.profile.name.clone(),
            auth_type: self.profile.auth_type.clone(),
            granted: self.granted.clone(),
            signs_in: self.registry.is_sign_in(&self.entry),
            failure: Box::new(failure),
        }
    }

    pub(crate) async fn get_credentials(&self) -> Result<Credentials, Failure> {
        self.get_from(self.ready().await?).await
    }

    pub(crate) async fn refresh_if_needed(&self) -> Result<(), Failure> {
        let strategy = self.ready().await?;
        let _lock = if self.keeps_session(strategy) { self.lock().await? } else { None };
        self.refresh_with(strategy).await
    }

    /// Asks the strategy, which is ready, for the credential.
    pub(crate) async fn get_from(&self, strategy: &Strategy) -> Result<Credentials, Failure> {
        let options = self.options();
        let profile = self.profile(&options);
        strategy.get_credentials(Arc::clone(&self.call), profile).await
    }

    /// Asks the strategy, which is ready, for the credential as if it were that time.
    pub(crate) async fn get_from_at(
        &self,
        strategy: &Strategy,
        time: SystemTime,
    ) -> Result<Credentials, Failure> {
        let clock = WallClock::Function(Arc::new(move || time));
        let call = Call { clock, ..Call::clone(&self.call) };
        let options = self.options();
        strategy.get_credentials(Arc::new(call), self.profile(&options)).await
    }

    /// Lets the strategy, which is ready, renew the credential.
    pub(crate) async fn refresh_with(&self, strategy: &Strategy) -> Result<(), Failure> {
        let options = self.options();
        let profile = self.profile(&options);
        strategy.refresh_if_needed(Arc::clone(&self.call), profile).await
    }

    pub(crate) async fn is_valid(&self) -> Result<bool, Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.is_valid(Arc::clone(&self.call), profile).await
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> SystemTime {
        self.call.clock.now()
    }

    /// Returns the lease of its credential, which it shares with every other that is bound in
    /// the same way. A key that the caller passed is no one else's.
    pub(crate) fn lease(&self) -> &Arc<Lease> {
        self.lease.get_or_init(|| match self.call.explicit_key {
            Some(_) => Arc::default(),
            None => self.registry.leases().of(&self.profile, self.scope, self.now()),
        })
    }

    /// Returns its lease, if it was ever needed.
    pub(crate) fn known_lease(&self) -> Option<&Arc<Lease>> {
        self.lease.get()
    }

    /// Ends what is known in this process of the profile's session.
    pub(crate) fn forget_leases(&self) {
        self.registry.leases().forget(&self.profile.name);
    }

    /// Whether its credentials never need to be renewed.
    pub(crate) fn renews_nothing(&self) -> bool {
        self.entry.renews_nothing()
    }

    /// Whether the strategy, which is ready, keeps a session.
    pub(crate) fn keeps_session(&self, strategy: &Strategy) -> bool {
        self.call.sessions.is_some() && strategy.keeps_session()
    }

    /// Whether users sign in with the strategy.
    pub(crate) async fn signs_in(&self) -> Result<bool, Failure> {
        Ok(self.ready().await?.signs_in())
    }

    pub(crate) async fn begin_sign_in(
        &self,
        browser: bool,
    ) -> Result<(Step, Conversation), Failure> {
        let strategy = self.ready().await?;
        let _lock = self.lock().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.begin_sign_in(Arc::clone(&self.call), profile, browser).await
    }

    pub(crate) async fn resume_sign_in(
        &self,
        conversation: Conversation,
    ) -> Result<(Step, Conversation), Failure> {
        let strategy = self.ready().await?;
        let _lock = self.lock().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.resume_sign_in(Arc::clone(&self.call), profile, conversation).await
    }

    pub(crate) async fn end_session(&self) -> Result<(), Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.end_session(Arc::clone(&self.call), profile).await
    }

    /// Waits until no other process changes the session.
    pub(crate) async fn lock(&self) -> Result<Option<SessionLock>, Failure> {
        self.registry.lock_session(&self.profile, &self.entry).await.map_err(|error| {
            tracing::warn!(
                reason = %error,
                "the session of profile '{}' can't be locked",
                self.profile.name
            );
            Failure::Session(StoreFault::Failed)
        })
    }

    /// Checks that a session or key can be saved, as far as that is known before there is one.
    pub(crate) async fn check_keyring(&self) -> Result<(), ProviderError> {
        self.registry.check_keyring(&self.profile, &self.entry).await
    }

    pub(crate) async fn has_session(&self) -> Result<bool, Failure> {
        let loaded = self.with_sessions(|sessions| sessions.load()).await?;
        Ok(loaded.flatten().is_some())
    }

    pub(crate) async fn forget_session(&self) -> Result<(), Failure> {
        self.with_sessions(|sessions| sessions.forget()).await.map(drop)
    }

    /// Makes sure that the next session can be saved.
    pub(crate) async fn reserve_room(&self) -> Result<Reservation, Failure> {
        let reserved = self.with_sessions(|sessions| sessions.reserve()).await?;
        Ok(reserved.unwrap_or(Reservation::Made { is_unsettled: false }))
    }

    /// Gives back the room in which no session was saved. What came of the renewal is more
    /// than whether that worked.
    pub(crate) async fn release_room(&self, is_unsettled: bool) {
        let release = move |sessions: &dyn SessionStore| {
            sessions.release(is_unsettled);
            Ok(())
        };
        drop(self.with_sessions(release).await);
    }

    /// Uses what keeps the session, on a thread of its own; `None` if nothing does.
    async fn with_sessions<T: Send + 'static>(
        &self,
        used: impl FnOnce(&dyn SessionStore) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<Option<T>, Failure> {
        let Some(sessions) = self.call.sessions.clone() else { return Ok(None) };
        let used = on_thread("session", move || used(&*sessions)).await;
        used.unwrap_or(Err(StoreFault::Failed)).map(Some).map_err(Failure::Session)
    }
}
