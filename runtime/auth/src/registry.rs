//! Which strategy serves which auth type.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::OnceCell;

use crate::error::ProviderError;
use crate::providers_toml::ProvidersToml;
use crate::strategy_config::StrategyConfig;
use orchestration_sandbox::{
    Allocation, BUILT_IN, BuiltIn, Cache, Call, ComponentFile, Description, Environment, Failure,
    Grant, Grants, Limits, LoadError, Sandbox, Strategy, Subject,
};

/// The strategies of one host, by auth type, with the sandboxes that they run in.
///
/// Cheap to clone: the copies share everything.
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    sandbox: Sandbox,
    environment: Arc<Environment>,
    cache: Option<Cache>,
    entries: BTreeMap<String, Arc<Entry>>,
    compiling: Mutex<BTreeSet<String>>,
}

/// A strategy, loaded when it is first asked for.
pub(crate) struct Entry {
    origin: Origin,
    /// What it is granted besides the variables that a profile names.
    pub(crate) env: Vec<Grant>,
    pub(crate) limits: Limits,
    /// A sandbox of its own, where it is allowed what the others don't have.
    own_sandbox: OnceLock<Sandbox>,
    /// What came of loading it. A failure stays: a thousand profiles that share
    /// a broken strategy are not to wait a thousand times.
    loaded: OnceCell<Result<Loaded, Failure>>,
}

enum Origin {
    BuiltIn(BuiltIn),
    File(ComponentFile),
}

impl Origin {
    fn file(&self) -> Option<&ComponentFile> {
        match self {
            Self::BuiltIn(_) => None,
            Self::File(file) => Some(file),
        }
    }

    fn sha256(&self) -> &str {
        match self {
            Self::BuiltIn(built_in) => built_in.sha256,
            Self::File(file) => &file.sha256,
        }
    }
}

/// Which code serves an auth type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StrategyIdentity<'a> {
    /// Where its component lies; none for one that is part of this executable.
    pub component: Option<&'a Path>,
    /// The SHA-256 of its component, in lower-case hexadecimal. A component that
    /// has another is not run.
    pub sha256: &'a str,
}

/// A strategy that is ready, and what it says of itself.
pub(crate) struct Loaded {
    pub(crate) strategy: Strategy,
    /// None for a built-in one, which is not asked: it declares nothing.
    pub(crate) description: Option<Description>,
}

/// A strategy as `strategy list` shows it.
#[derive(Debug)]
pub struct StrategyInfo {
    /// The auth type by which profiles ask for it.
    pub auth_type: String,
    /// Its component; none for one that is part of this executable.
    pub component: Option<ComponentFile>,
    /// The SHA-256 of its component, in lower-case hexadecimal.
    pub sha256: String,
    /// The variables that it is granted besides those that a profile names.
    pub env: Vec<String>,
    /// What it says of itself, or why it could not be asked.
    pub description: Result<Description, ProviderError>,
}

impl Registry {
    /// The built-in strategies and those that `providers` configures, with
    /// variables granted out of `environment` and compiled code kept in `cache`.
    /// `allocation` is a matter of how many calls are to come. Nothing is read
    /// or compiled before it is asked for.
    ///
    /// # Errors
    ///
    /// Fails where this machine can't run the sandbox.
    pub fn new(
        providers: &ProvidersToml,
        environment: Environment,
        cache: Option<Cache>,
        allocation: Allocation,
    ) -> Result<Self, ProviderError> {
        let stack_bytes = Limits::default().stack_bytes;
        let sandbox = Sandbox::new(stack_bytes, allocation)
            .map_err(|reason| ProviderError::Sandbox(reason.to_string()))?;
        let mut entries: BTreeMap<String, Entry> = BUILT_IN
            .into_iter()
            .map(|built_in| (built_in.auth_type.to_owned(), Entry::built_in(built_in)))
            .collect();
        for config in providers.strategies() {
            match &config.component {
                Some(file) => {
                    let entry = Entry::new(Origin::File(file.clone()));
                    entries.insert(config.auth_type.clone(), entry.configured(config));
                }
                None => {
                    if let Some(entry) = entries.remove(&config.auth_type) {
                        entries.insert(config.auth_type.clone(), entry.configured(config));
                    }
                }
            }
        }
        let entries = entries.into_iter().map(|(name, entry)| (name, entry.into())).collect();
        let environment = Arc::new(environment);
        let compiling = Mutex::default();
        Ok(Self { shared: Arc::new(Shared { sandbox, environment, cache, entries, compiling }) })
    }

    /// The built-in strategies alone, allocated on demand.
    ///
    /// # Errors
    ///
    /// Fails where this machine can't run the sandbox.
    pub fn built_in(environment: Environment) -> Result<Self, ProviderError> {
        Self::new(&ProvidersToml::built_in(), environment, None, Allocation::OnDemand)
    }

    /// The auth types that a profile may name, sorted.
    pub fn auth_types(&self) -> impl Iterator<Item = &str> {
        self.shared.entries.keys().map(String::as_str)
    }

    /// Which code serves this auth type; none where no strategy does.
    pub fn identity(&self, auth_type: &str) -> Option<StrategyIdentity<'_>> {
        let origin = &self.shared.entries.get(auth_type)?.origin;
        let component = origin.file().map(|file| file.path.as_path());
        Some(StrategyIdentity { component, sha256: origin.sha256() })
    }

    /// The strategies that are being read and compiled right now: what a user
    /// who waits is waiting for.
    pub fn loading(&self) -> Vec<String> {
        self.compiling().iter().cloned().collect()
    }

    /// Returns the strategy of this auth type, with what it says of itself; `None` if
    /// no strategy serves it.
    pub async fn info(&self, auth_type: &str) -> Option<StrategyInfo> {
        let with_name = |failure| ProviderError::Unusable {
            auth_type: auth_type.to_owned(),
            failure: Box::new(failure),
        };
        let entry = self.entry(auth_type)?;
        Some(StrategyInfo {
            auth_type: auth_type.to_owned(),
            component: entry.origin.file().cloned(),
            sha256: entry.origin.sha256().to_owned(),
            env: entry.env.iter().map(|grant| grant.name.clone()).collect(),
            description: self.describe(auth_type, entry).await.map_err(with_name),
        })
    }

    async fn describe(&self, auth_type: &str, entry: &Entry) -> Result<Description, Failure> {
        let loaded = self.load(auth_type, entry).await?;
        match &loaded.description {
            Some(description) => Ok(description.clone()),
            None => self.ask_description(auth_type, entry, &loaded.strategy).await,
        }
    }

    /// Returns the strategy of this auth type.
    pub(crate) fn entry(&self, auth_type: &str) -> Option<&Arc<Entry>> {
        self.shared.entries.get(auth_type)
    }

    pub(crate) fn environment(&self) -> Arc<Environment> {
        Arc::clone(&self.shared.environment)
    }

    /// The sandbox that the strategy runs in.
    pub(crate) fn sandbox<'a>(&'a self, entry: &'a Entry) -> Result<&'a Sandbox, Failure> {
        if !entry.limits.need_own_sandbox() {
            return Ok(&self.shared.sandbox);
        }
        if let Some(sandbox) = entry.own_sandbox.get() {
            return Ok(sandbox);
        }
        let sandbox = Sandbox::new(entry.limits.stack_bytes, Allocation::OnDemand)
            .map_err(|reason| LoadError::Thread(reason.to_string()))?;
        Ok(entry.own_sandbox.get_or_init(|| sandbox))
    }

    /// The strategy, ready to be called. The first ask loads it; others wait.
    pub(crate) async fn load<'a>(
        &'a self,
        auth_type: &str,
        entry: &'a Entry,
    ) -> Result<&'a Loaded, Failure> {
        let loaded = entry.loaded.get_or_init(|| self.load_now(auth_type, entry)).await;
        loaded.as_ref().map_err(Clone::clone)
    }

    async fn load_now(&self, auth_type: &str, entry: &Entry) -> Result<Loaded, Failure> {
        let sandbox = self.sandbox(entry)?;
        match &entry.origin {
            Origin::BuiltIn(built_in) => {
                let strategy = sandbox.load_built_in(*built_in)?;
                Ok(Loaded { strategy, description: None })
            }
            Origin::File(file) => {
                let _shown = self.show_loading(auth_type);
                let strategy = sandbox.load_file(file, &entry.limits, self.cache()).await?;
                let description = self.ask_description(auth_type, entry, &strategy).await?;
                Ok(Loaded { strategy, description: Some(description) })
            }
        }
    }

    /// Asks the strategy what it is, with nothing granted.
    async fn ask_description(
        &self,
        auth_type: &str,
        entry: &Entry,
        strategy: &Strategy,
    ) -> Result<Description, Failure> {
        let call = Arc::new(Call {
            subject: Subject { strategy: auth_type.into(), profile: "-".into() },
            environment: self.environment(),
            explicit_key: None,
            grants: Grants::default(),
            limits: entry.limits.clone(),
            observer: None,
        });
        strategy.describe(call).await
    }

    pub(crate) fn default_sandbox(&self) -> &Sandbox {
        &self.shared.sandbox
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref()
    }

    /// Shows a strategy as being loaded until the answer is dropped.
    pub(crate) fn show_loading(&self, name: &str) -> Loading<'_> {
        self.compiling().insert(name.to_owned());
        Loading { registry: self, name: name.to_owned() }
    }

    fn compiling(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.shared.compiling.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn new(origin: Origin) -> Self {
        Self {
            origin,
            env: Vec::new(),
            limits: Limits::default(),
            own_sandbox: OnceLock::new(),
            loaded: OnceCell::new(),
        }
    }

    fn built_in(built_in: BuiltIn) -> Self {
        Self::new(Origin::BuiltIn(built_in))
    }

    fn configured(self, config: &StrategyConfig) -> Self {
        let env = config.env.iter().map(Grant::variable).collect();
        Self { env, limits: config.limits.clone(), ..self }
    }
}

/// Shows a strategy as being loaded for as long as it lives.
pub(crate) struct Loading<'a> {
    registry: &'a Registry,
    name: String,
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.registry.compiling().remove(&self.name);
    }
}
