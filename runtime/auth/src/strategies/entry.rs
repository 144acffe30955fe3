//! One strategy of the registry.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use orchestration_sandbox::{
    BuiltIn, Description, Failure, Grant, Keeps, Kept, Limits, Sandbox, Service, Strategy,
};
use orchestration_support::url::Issuer;
use tokio::sync::Mutex;

use crate::component::Component;
use crate::profile::ProviderProfile;
use crate::strategy::offers_fallback;
use crate::strategy_config::StrategyConfig;

/// A strategy, loaded on its first use.
pub(crate) struct Entry {
    pub(super) code: Code,
    /// What providers.toml grants it.
    pub(crate) granted: Vec<Grant>,
    pub(crate) limits: Limits,
    /// A separate sandbox, if its limits need one.
    pub(super) own_sandbox: OnceLock<Sandbox>,
    pub(super) loaded: OnceLock<Loaded>,
    /// The last attempt to load it, if that failed. Locked during an attempt, so that
    /// there is one at a time.
    pub(super) failed: Mutex<Option<FailedAttempt>>,
}

/// An attempt to load a strategy that failed.
pub(super) struct FailedAttempt {
    pub(super) failure: Failure,
    pub(super) began: Instant,
    pub(super) ended: Instant,
}

/// The shortest time between two attempts.
const PAUSE: Duration = Duration::from_secs(1);

impl FailedAttempt {
    /// Whether this failure is the answer for a caller who asked at this time.
    ///
    /// A thousand profiles with the same broken strategy must not wait a thousand times,
    /// so the callers who waited for the attempt share its failure, and it is kept for as
    /// long as the attempt took. After that, a failure that may pass is not held against
    /// the strategy: its file may have been replaced at that moment.
    pub(super) fn answers(&self, asked: Instant) -> bool {
        let kept = self.ended.duration_since(self.began).max(PAUSE);
        !self.failure.may_pass() || asked <= self.ended || self.ended.elapsed() < kept
    }
}

/// The code of a strategy.
pub(super) enum Code {
    BuiltIn(BuiltIn),
    Component(Component),
}

/// A strategy that is ready to be called.
pub(crate) struct Loaded {
    pub(crate) strategy: Strategy,
    /// Its description; `None` for a built-in one, which declares no variables and
    /// so need not be asked.
    pub(crate) description: Option<Description>,
}

impl Code {
    /// Returns the component; `None` for a built-in strategy.
    pub(super) fn component(&self) -> Option<&Component> {
        match self {
            Self::BuiltIn(_) => None,
            Self::Component(component) => Some(component),
        }
    }

    pub(super) fn sha256(&self) -> &str {
        match self {
            Self::BuiltIn(built_in) => built_in.sha256,
            Self::Component(component) => component.sha256(),
        }
    }
}

impl Entry {
    pub(super) fn new(code: Code) -> Self {
        Self {
            code,
            granted: Vec::new(),
            limits: Limits::default(),
            own_sandbox: OnceLock::new(),
            loaded: OnceLock::new(),
            failed: Mutex::default(),
        }
    }

    /// Returns true if the strategy, which serves `auth_type`, may be offered the fallback
    /// variable.
    pub(crate) fn offers_fallback(&self, auth_type: &str) -> bool {
        offers_fallback(auth_type, self.granted.iter().map(|grant| &*grant.name))
    }

    /// Whether its credentials never need to be renewed, so that it need not be asked.
    pub(crate) fn renews_nothing(&self) -> bool {
        matches!(self.keeps(), Some(Keeps::Nothing | Keeps::StoredKey | Keeps::Key))
    }

    /// Whether it can get its credentials again without a session.
    pub(super) fn mints(&self) -> bool {
        self.keeps() == Some(Keeps::Token)
    }

    /// Returns what it keeps; `None` if only the strategy knows.
    fn keeps(&self) -> Option<Keeps> {
        match &self.code {
            Code::BuiltIn(built_in) => Some(built_in.keeps),
            Code::Component(_) => None,
        }
    }

    /// Whether it has no session to keep.
    pub(super) fn keeps_no_session(&self) -> bool {
        self.keeps() == Some(Keeps::Nothing)
    }

    /// Whether it takes a key that the user stored.
    pub(crate) fn takes_stored_key(&self) -> bool {
        self.keeps() == Some(Keeps::StoredKey)
    }

    /// Returns the server that the strategy is for, if it is built in and for one.
    pub(crate) fn service(&self) -> Option<Service> {
        match &self.code {
            Code::BuiltIn(built_in) => built_in.service,
            Code::Component(_) => None,
        }
    }

    /// Returns the issuer of `profile`: its own, or the server that the strategy is for.
    pub(crate) fn issuer(&self, profile: &ProviderProfile) -> Option<Issuer> {
        let service = || self.service()?.issuer.parse().ok();
        profile.issuer.clone().or_else(service)
    }

    /// Returns what is kept for each of its profiles, if anything is; of a component, as far
    /// as is known without loading it.
    pub(super) fn kept(&self) -> Option<Kept> {
        match self.keeps() {
            Some(Keeps::Nothing) => None,
            Some(Keeps::StoredKey) => Some(Kept::Key),
            Some(Keeps::Key | Keeps::SignIn | Keeps::Token) => Some(Kept::Session),
            None => self.loaded.get()?.strategy.keeps_session().then_some(Kept::Session),
        }
    }

    /// Takes grants and limits from providers.toml.
    pub(super) fn configured(self, config: &StrategyConfig) -> Self {
        let granted = config.grants().collect();
        Self { granted, limits: config.limits.clone(), ..self }
    }
}
