//! Which strategy serves which auth type.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use orchestration_sandbox::{
    Allocation, BUILT_IN, BuiltIn, Cache, Compiler, Environment, Files, KeyringFault, Limits,
    Sandbox, Service, SessionStore, Transport, WallClock,
};
use orchestration_support::on_thread::on_thread;
use orchestration_support::url::Issuer;

use super::entry::{Code, Entry};
use crate::component::Component;
use crate::conformance::Recording;
use crate::error::ProviderError;
use crate::leases::Leases;
use crate::network::Network;
use crate::profile::ProviderProfile;
use crate::providers_toml::ProvidersToml;
use crate::sessions::{MemoryStore, SessionLock, SessionTie, Sessions};
use crate::workload;

/// The strategies of one host, by auth type, with the sandboxes that they run in.
///
/// Cheap to clone: the copies share everything.
///
/// ```
/// use orchestration_auth::{AuthStrategy, ProvidersToml, Registry, Scope};
/// use orchestration_sandbox::Environment;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let variables = [("OPENAI_API_KEY".to_owned(), "sk-1234567890".into())];
/// let registry = Registry::built_in(Environment::Fixed(variables.into()))?;
/// let auth_types = ["api_key", "federated", "none", "oidc", "openrouter", "service_account"];
/// assert!(registry.auth_types().eq(auth_types));
///
/// let profile = ProvidersToml::built_in().profile("openai")?.as_ref().clone();
/// let strategy = registry.bind(profile, None, Scope::OwnCredential)?;
/// let credentials = strategy.get_credentials().await?;
/// assert_eq!(credentials.key().map(|key| key.expose()), Some("sk-1234567890"));
/// # Ok(())
/// # })
/// # }
/// ```
#[derive(Clone)]
pub struct Registry {
    shared: Arc<Shared>,
}

struct Shared {
    sandbox: Sandbox,
    environment: Arc<Environment>,
    network: Arc<dyn Transport>,
    is_offline: AtomicBool,
    cache: Option<Cache>,
    entries: BTreeMap<String, Arc<Entry>>,
    /// The strategies that are being loaded.
    in_progress: Mutex<BTreeSet<String>>,
    compiler: OnceLock<Compiler>,
    files: OnceLock<Arc<Files>>,
    sessions: OnceLock<SessionKeeping>,
    clock: OnceLock<WallClock>,
    leases: Leases,
    recording: OnceLock<Arc<Recording>>,
}

/// Where the sessions of strategies are.
enum SessionKeeping {
    Files(Sessions),
    Memory,
}

/// The code that serves an auth type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StrategyIdentity<'a> {
    /// Its component; `None` for a built-in strategy.
    pub component: Option<&'a Component>,
    /// The SHA-256 of its component, in lower-case hexadecimal. A component with a
    /// different digest is not run.
    pub sha256: &'a str,
}

impl Registry {
    /// Returns a registry of the built-in strategies and those that `providers`
    /// configures.
    ///
    /// Strategies see variables of `environment` that they are granted. Compiled code
    /// is kept in `cache`. `allocation` depends on how many calls are expected. Nothing
    /// is read or compiled before its first use.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Sandbox`] if this machine cannot run the sandbox.
    pub fn new(
        providers: &ProvidersToml,
        environment: Environment,
        cache: Option<Cache>,
        allocation: Allocation,
    ) -> Result<Self, ProviderError> {
        let stack_bytes = Limits::default().stack_bytes;
        let sandbox = Sandbox::new(stack_bytes, allocation)?;
        let built_in = |code: BuiltIn| (code.auth_type.to_owned(), Entry::new(Code::BuiltIn(code)));
        let mut entries: BTreeMap<String, Entry> = BUILT_IN.into_iter().map(built_in).collect();
        for config in providers.strategies() {
            match &config.component {
                Some(component) => {
                    let entry = Entry::new(Code::Component(component.clone()));
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
        let network: Arc<dyn Transport> = Arc::new(Network);
        let in_progress = Mutex::default();
        let (compiler, files, sessions, clock, leases) = Default::default();
        Ok(Self {
            shared: Arc::new(Shared {
                sandbox,
                environment,
                network,
                is_offline: AtomicBool::new(false),
                cache,
                entries,
                in_progress,
                compiler,
                files,
                sessions,
                clock,
                leases,
                recording: OnceLock::new(),
            }),
        })
    }

    /// Returns a registry of the built-in strategies only, allocated on demand.
    ///
    /// # Errors
    ///
    /// Fails with [`ProviderError::Sandbox`] if this machine cannot run the sandbox.
    pub fn built_in(environment: Environment) -> Result<Self, ProviderError> {
        Self::new(&ProvidersToml::built_in(), environment, None, Allocation::OnDemand)
    }

    /// Returns the auth types that a profile may name, sorted.
    pub fn auth_types(&self) -> impl Iterator<Item = &str> {
        self.shared.entries.keys().map(String::as_str)
    }

    /// Returns the code that serves this auth type; `None` if no strategy does.
    pub fn identity(&self, auth_type: &str) -> Option<StrategyIdentity<'_>> {
        let code = &self.entry(auth_type)?.code;
        Some(StrategyIdentity { component: code.component(), sha256: code.sha256() })
    }

    /// Returns the server that the strategy of this auth type is for, if it is built in and
    /// for one. It may reach that without a grant.
    pub fn service(&self, auth_type: &str) -> Option<Service> {
        self.entry(auth_type)?.service()
    }

    /// Returns the issuer that the strategy of `profile` deals with: the profile's own, or the
    /// server that the strategy is for.
    pub fn issuer(&self, profile: &ProviderProfile) -> Option<Issuer> {
        self.entry(&profile.auth_type)?.issuer(profile)
    }

    /// Returns the file that the session of `profile` is in, or its stored key, if there is
    /// one; `None` if none is kept in a file.
    pub fn session_file(&self, profile: &ProviderProfile) -> Option<PathBuf> {
        let entry = self.entry(&profile.auth_type)?;
        match self.shared.sessions.get()? {
            SessionKeeping::Files(sessions) if !entry.keeps_no_session() => {
                let profile = ProviderProfile { issuer: entry.issuer(profile), ..profile.clone() };
                Some(sessions.directory().join(tie(&profile, entry).file_name()))
            }
            SessionKeeping::Files(_) | SessionKeeping::Memory => None,
        }
    }

    /// Returns the strategies that are being read and compiled right now, sorted, so
    /// that a program can display what a user is waiting for.
    pub fn loading(&self) -> Vec<String> {
        self.in_progress().iter().cloned().collect()
    }

    /// Returns the strategies that are being called right now, sorted, so that a program
    /// can display what a user is waiting for.
    pub fn running(&self) -> Vec<String> {
        let is_running = |entry: &Entry| match entry.loaded.get() {
            Some(loaded) => loaded.strategy.is_running(),
            _ => false,
        };
        let entries = self.shared.entries.iter();
        entries.filter(|(_, entry)| is_running(entry)).map(|(name, _)| name.clone()).collect()
    }

    /// Returns the strategy of this auth type.
    pub(crate) fn entry(&self, auth_type: &str) -> Option<&Arc<Entry>> {
        self.shared.entries.get(auth_type)
    }

    pub(crate) fn environment(&self) -> Arc<Environment> {
        Arc::clone(&self.shared.environment)
    }

    /// Returns the variables and the server that `profile` grants its strategy by saying that
    /// it runs in a job of GitHub Actions.
    pub fn granted_for_job(&self, profile: &ProviderProfile) -> Vec<String> {
        workload::names(profile, &self.shared.environment)
    }

    /// Keeps the strategies that are bound from now on from reaching any server, whatever
    /// they are granted.
    pub fn go_offline(&self) {
        self.shared.is_offline.store(true, Ordering::Relaxed);
    }

    /// Returns the network that strategies reach their servers on, unless it is offline.
    pub(crate) fn network(&self) -> Option<Arc<dyn Transport>> {
        let is_offline = self.shared.is_offline.load(Ordering::Relaxed);
        (!is_offline).then(|| match self.shared.recording.get() {
            Some(recording) => Arc::clone(recording) as Arc<dyn Transport>,
            None => Arc::clone(&self.shared.network),
        })
    }

    /// Records the requests of the strategies that are bound from now on, to make a case of
    /// them for [`check`](Self::check).
    pub fn record(&self) -> Arc<Recording> {
        let recording = || Arc::new(Recording::of(Arc::clone(&self.shared.network)));
        Arc::clone(self.shared.recording.get_or_init(recording))
    }

    pub(crate) fn default_sandbox(&self) -> &Sandbox {
        &self.shared.sandbox
    }

    /// Compiles components with `compiler` from now on, in a process of its own, where a
    /// stranger's component cannot fill this one's memory. The first compiler stays.
    pub fn compile_with(&self, compiler: Compiler) {
        self.shared.compiler.get_or_init(|| compiler);
    }

    /// Lets strategies take these files from now on, if they are granted, instead of those
    /// of this machine. The first choice stays.
    pub fn take_files_from(&self, files: Files) {
        self.shared.files.get_or_init(|| Arc::new(files));
    }

    /// Takes the time of day from `clock` from now on, instead of that of this machine: for
    /// tests of what happens when a credential ends. The first choice stays.
    pub fn take_time_from(&self, clock: WallClock) {
        self.shared.clock.get_or_init(|| clock);
    }

    pub(crate) fn clock(&self) -> WallClock {
        self.shared.clock.get().cloned().unwrap_or_default()
    }

    pub(crate) fn leases(&self) -> &Leases {
        &self.shared.leases
    }

    /// Waits for the renewals that go on in the background. A program that ends in the middle
    /// of one loses the session whose server answers then, so it calls this before its
    /// runtime ends, or stands still for long.
    pub async fn finish_renewals(&self) {
        self.shared.leases.settle().await;
    }

    /// Lets strategies keep sessions there from now on. Without this, as for a gateway that
    /// serves many people, they keep none; a token that can be got again without the user
    /// lasts as long as its binding. The first choice stays.
    pub fn keep_sessions_in(&self, sessions: Sessions) {
        self.shared.sessions.get_or_init(|| SessionKeeping::Files(sessions));
    }

    /// Lets strategies keep sessions in memory, each for one binding: for tests of
    /// strategies. The first choice stays.
    pub fn keep_sessions_in_memory(&self) {
        self.shared.sessions.get_or_init(|| SessionKeeping::Memory);
    }

    /// Returns what keeps the session of `profile`, whose strategy is `entry`.
    pub(crate) fn session_store(
        &self,
        profile: &ProviderProfile,
        entry: &Entry,
    ) -> Option<Arc<dyn SessionStore>> {
        let keeping = self.shared.sessions.get();
        if entry.takes_stored_key() {
            return match keeping {
                Some(SessionKeeping::Files(sessions)) => {
                    sessions.key_store(|| tie(profile, entry), self.clock())
                }
                Some(SessionKeeping::Memory) | None => None,
            };
        }
        if entry.keeps_no_session() {
            return None;
        }
        match keeping {
            Some(SessionKeeping::Files(sessions)) => {
                Some(sessions.store(tie(profile, entry), self.clock()))
            }
            Some(SessionKeeping::Memory) => Some(Arc::new(MemoryStore::default())),
            // A token that can be got again at any time is no session that could be lost.
            None => entry.mints().then(|| Arc::new(MemoryStore::default()) as Arc<_>),
        }
    }

    /// Returns where the key of `profile` can be stored, and for whom; `None` if this
    /// registry keeps no files.
    pub(crate) fn key_place(
        &self,
        profile: &ProviderProfile,
        entry: &Entry,
    ) -> Option<(&Sessions, SessionTie)> {
        match self.shared.sessions.get()? {
            SessionKeeping::Files(sessions) => Some((sessions, tie(profile, entry))),
            SessionKeeping::Memory => None,
        }
    }

    /// Checks that the session or key of `profile`, whose strategy is `entry`, can be saved,
    /// as [`Sessions::check_keyring`] does.
    pub(crate) async fn check_keyring(
        &self,
        profile: &ProviderProfile,
        entry: &Entry,
    ) -> Result<(), ProviderError> {
        let Some(SessionKeeping::Files(sessions)) = self.shared.sessions.get() else {
            return Ok(());
        };
        let (asked, tied) = (sessions.clone(), tie(profile, entry));
        let checked = on_thread("keyring", move || asked.check_keyring(&tied)).await;
        checked.unwrap_or_else(|error| {
            let fault = KeyringFault::Absent(error.to_string());
            Err(sessions.no_keyring(&tie(profile, entry), fault))
        })
    }

    /// Returns true if users sign in with the strategy, as far as is known without loading it.
    pub(crate) fn is_sign_in(&self, entry: &Entry) -> bool {
        entry.loaded.get().is_some_and(|loaded| loaded.strategy.signs_in())
    }

    /// Waits for the lock of the session of `profile`; `None` if no other process can have
    /// one.
    pub(crate) async fn lock_session(
        &self,
        profile: &ProviderProfile,
        entry: &Entry,
    ) -> io::Result<Option<SessionLock>> {
        match self.shared.sessions.get() {
            Some(SessionKeeping::Files(sessions)) => {
                sessions.lock(&tie(profile, entry)).await.map(Some)
            }
            Some(SessionKeeping::Memory) | None => Ok(None),
        }
    }

    pub(crate) fn files(&self) -> Arc<Files> {
        self.shared.files.get().map_or_else(|| Arc::new(Files::Machine), Arc::clone)
    }

    pub(crate) fn compiler(&self) -> Option<&Compiler> {
        self.shared.compiler.get()
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref()
    }

    pub(super) fn in_progress(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.shared.in_progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what the session of `profile`, whose strategy is `entry`, is tied to.
fn tie(profile: &ProviderProfile, entry: &Entry) -> SessionTie {
    SessionTie::of(profile, entry.code.component().map(Component::sha256))
}
