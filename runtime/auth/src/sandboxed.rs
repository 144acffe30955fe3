//! Binds a strategy in the sandbox to one profile.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use orchestration_sandbox::{
    Call, Credentials, Denial, ErrorKind, Failure, Grant, GrantedFile, Grants, Profile, Strategy,
    Subject,
};
use orchestration_support::Secret;
use orchestration_support::url::BaseUrl;

use crate::error::ProviderError;
use crate::key;
use crate::profile::ProviderProfile;
use crate::strategies::{Entry, Registry};
use crate::strategy::{AuthStrategy, FALLBACK_VARIABLE, Scope};

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
        if let Some(placeholder) = profile.base_url.as_ref().and_then(BaseUrl::placeholder) {
            let placeholder = placeholder.to_owned();
            return Err(ProviderError::Placeholder { profile: profile.name, placeholder });
        }
        let wanted = scope == Scope::WithFallback && profile.fallback_env;
        Ok(Box::new(SandboxedStrategy::bind(self, explicit_key, profile, wanted)?))
    }
}

/// A profile with the strategy that serves it and what that is granted.
struct SandboxedStrategy {
    registry: Registry,
    entry: Arc<Entry>,
    profile: ProviderProfile,
    fallback: Option<&'static str>,
    /// What providers.toml grants the strategy.
    granted: Vec<Grant>,
    call: Arc<Call>,
}

impl SandboxedStrategy {
    fn bind(
        registry: &Registry,
        explicit_key: Option<Secret>,
        profile: ProviderProfile,
        with_fallback: bool,
    ) -> Result<Self, ProviderError> {
        let entry =
            registry.entry(&profile.auth_type).ok_or_else(|| ProviderError::UnknownAuthType {
                profile: profile.name.clone(),
                auth_type: profile.auth_type.clone(),
                available: registry.auth_types().map(str::to_owned).collect(),
            })?;
        let offers_fallback = with_fallback && entry.offers_fallback(&profile.auth_type);
        let fallback = offers_fallback.then_some(FALLBACK_VARIABLE);
        let named = profile.api_key_env.as_deref().into_iter().chain(fallback);
        let granted = entry.granted.clone();
        let grants: Grants = granted.iter().cloned().collect();
        let issuer = profile.issuer.iter().map(|issuer| Grant::origin(issuer.origin()));
        let mut grants = grants.to_take(named.map(str::to_owned)).with(issuer);
        if let Some(file) = &profile.api_key_file {
            grants = grants.with_file(file.clone());
        }
        let subject = Subject {
            strategy: profile.auth_type.as_str().into(),
            profile: profile.name.as_str().into(),
        };
        let (environment, files) = (registry.environment(), registry.files());
        let sessions = registry.session_store(&profile, entry);
        let limits = entry.limits.clone();
        let observer = None;
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
            observer,
        });
        let (registry, entry) = (registry.clone(), Arc::clone(entry));
        Ok(Self { registry, entry, profile, fallback, granted, call })
    }

    /// Returns the strategy, loaded, after checking that everything it declares is
    /// granted: a missing grant is reported before the strategy runs and fails in
    /// its own way.
    async fn ready(&self) -> Result<&Strategy, Failure> {
        self.call.grants.names().for_each(|name| self.call.subject.granted(name));
        let started = Instant::now();
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

    fn failed(&self, failure: Failure) -> ProviderError {
        ProviderError::Strategy {
            profile: self.profile.name.clone(),
            auth_type: self.profile.auth_type.clone(),
            granted: self.granted.clone(),
            failure: Box::new(failure),
        }
    }

    /// Returns the credential with a text that can be a key.
    fn judged(&self, found: Result<Credentials, Failure>) -> Result<Credentials, ProviderError> {
        let found = found.map_err(|failure| self.failed(failure))?;
        match key::fault_of(&found) {
            None => Ok(key::trimmed(found)),
            Some(fault) => Err(ProviderError::BadKey {
                profile: self.profile.name.clone(),
                source_of_key: found.source().clone(),
                fault,
            }),
        }
    }

    async fn try_get_credentials(&self) -> Result<Credentials, Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.get_credentials(Arc::clone(&self.call), profile).await
    }

    async fn try_obtain(&self) -> Result<Credentials, Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let profile = self.profile(&options);
        if !self.entry.renews_nothing() {
            strategy.refresh_if_needed(Arc::clone(&self.call), profile).await?;
        }
        strategy.get_credentials(Arc::clone(&self.call), profile).await
    }

    async fn try_refresh_if_needed(&self) -> Result<(), Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.refresh_if_needed(Arc::clone(&self.call), profile).await
    }

    async fn try_is_valid(&self) -> Result<bool, Failure> {
        let strategy = self.ready().await?;
        let options = self.options();
        let profile = self.profile(&options);
        strategy.is_valid(Arc::clone(&self.call), profile).await
    }
}

#[async_trait]
impl AuthStrategy for SandboxedStrategy {
    async fn get_credentials(&self) -> Result<Credentials, ProviderError> {
        self.judged(self.try_get_credentials().await)
    }

    async fn obtain(&self) -> Result<Credentials, ProviderError> {
        self.judged(self.try_obtain().await)
    }

    async fn refresh_if_needed(&self) -> Result<(), ProviderError> {
        self.try_refresh_if_needed().await.map_err(|failure| self.failed(failure))
    }

    async fn is_valid(&self) -> Result<bool, ProviderError> {
        if !self.try_is_valid().await.map_err(|failure| self.failed(failure))? {
            return Ok(false);
        }
        // A strategy has no clock, and does not know what can be a key. Both are judged with
        // the credential, which its yes or no does not contain.
        match self.get_credentials().await {
            Ok(_) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::Missing | ErrorKind::Expired | ErrorKind::Invalid => Ok(false),
                ErrorKind::Denied
                | ErrorKind::Unavailable
                | ErrorKind::Unsupported
                | ErrorKind::Internal => Err(error),
            },
        }
    }
}
