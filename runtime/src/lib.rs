//! Resolves the credentials of LLM-provider profiles through *auth strategies*:
//! WebAssembly components that run in a sandbox and reach only what they are
//! granted.
//!
//! A [`ProviderProfile`] names an `auth_type`, the [`Registry`] finds the strategy that
//! serves it, and the sandbox runs that strategy. A caller sees the [`AuthStrategy`]
//! trait, [`Credentials`] and [`ProviderError`], and nothing of WebAssembly.
//!
//! This crate is the public API of the layers below it, which CONTRIBUTING.md describes.
//!
//! The runtime wipes its own copies of a secret. A program whose global allocator wipes
//! what is freed, such as that of the crate `zeroizing-alloc`, wipes those of every
//! library as well.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use orchestration_runtime::{
//!     AgentConfig, Environment, ProvidersToml, Registry, Scope, resolve_auth_strategy,
//! };
//!
//! let variables = [("OPENROUTER_API_KEY".to_owned(), "sk-or-1234567890".into())];
//! let registry = Registry::built_in(Environment::Fixed(variables.into()))?;
//! let providers = ProvidersToml::built_in();
//! let profile = providers.profile("openrouter")?;
//! let config = AgentConfig::default();
//! let strategy =
//!     resolve_auth_strategy(&registry, &config, Some(profile), Scope::OwnCredential)?;
//!
//! let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! let credentials = runtime.block_on(strategy.get_credentials())?;
//! assert_eq!(credentials.get("api_key").map(|key| key.expose()), Some("sk-or-1234567890"));
//! # Ok(())
//! # }
//! ```

pub use orchestration_agent::{
    Agent, AgentConfig, AgentError, AgentState, Answer, CallError, CredentialConfig, Message,
    OpenAiCompatibleProvider, Provider, SentKey, resolve_auth_strategy,
};
pub use orchestration_auth::{
    AuthStrategy, CasesError, Change, Changes, CheckError, ClientVariables, Component, ConfigError,
    DEFAULT_PROVIDER, DamagedSession, Excerpt, FALLBACK_VARIABLE, Field, FirstStart, Fix, Gateway,
    IgnoredGateway, Inconclusive, Inspection, Judgement, KeyFault, KeyFileFault, KeyStored,
    KnownProvider, Layer, LeaseStatus, NO_AUTH_TYPE, NamedValues, NotRemoved, Origin, PROVIDERS,
    Pasted, PinnedComponent, Place, ProfileChange, ProjectFile, Promise, ProviderError,
    ProviderProfile, ProvidersToml, RecordedCall, Recording, RecordingError, Registry,
    RegistryTrust, Rejection, Remedy, Renewed, Report, Scope, Sends, SessionRecord, SessionTie,
    Sessions, Setting, SettingValue, SignIn, SignInStep, SignInWay, SignedOut, Status,
    StoreKeyError, StoredSession, StrategyChange, StrategyConfig, StrategyIdentity, StrategyInfo,
    Tried, Trust, UnfitSession, Unlock, Unused, UnusedReason, Usage, VariableFault, Verdict,
    VerifyConfig, built_in_auth_types, gets_tokens, is_auth_type, is_built_in, is_profile_name,
    is_reserved_variable, key_file_fault, server_time, verify,
};
pub use orchestration_broker::{
    Address, Broker, Listener, NoRandomness, Pass, RequestLog, RequestRecord, ServeError,
    ServerTls, Serving, TlsFault, Upstream, UpstreamError,
};
pub use orchestration_egress::{HttpError, Proxy};
pub use orchestration_registry::{
    Access, ComponentStore, CredentialUse, Digest, DockerConfig, InvalidReference, Package, Part,
    Progress, Published, Reference, ReferenceFault, RegistryError, RegistryFault, Repository,
    SignatureKeyFault, SigningKey, VerifyKey,
};
pub use orchestration_sandbox::{
    AUDIT_TARGET, Allocation, AuditEvent, AuditRecord, CONTRACT_VERSION, Cache, Capability, Claim,
    Code, CompileRequest, Compiler, ComponentFile, Credentials, Denial, Description, Environment,
    ErrorKind, Exchange, Failure, FileProblem, Files, Given, Grant, GrantedFile, HttpFault,
    Interface, Kept, KeyringFault, Limit, Limits, LoadError, NoSandbox, Outcome, RaisedLimit,
    STORED_KEY, Said, SecretOrigin, Service, Session, SessionSecret, Source, WallClock,
    compile_stdin, is_granted_path, is_readable, is_variable_name,
};
pub use orchestration_support::{
    LimitedResource, Secret, SystemLimit,
    bounded_directory::CacheInfo,
    given_file::{GivenFileFault, read_given},
    kept_file::{
        KeptFileFault, Readers, directory_for, kept_directory, replace_kept, replace_kept_as,
    },
    owner_only::{
        check_owner_only, home_directory, others_can_read, others_can_use, others_can_write,
        user_directory,
    },
    redact::{quote, sanitize, sanitize_path},
    regular_file::read_regular,
    suggest::suggestion,
    time::rfc3339,
    url::{
        BaseUrl, DisplayUrl, HttpOrigin, InvalidOrigin, InvalidUrl, Issuer, OriginFault, UrlFault,
    },
};

/// The `tracing` targets of the runtime's log events, for filters. Audit events have a
/// separate target: [`AUDIT_TARGET`].
pub const LOG_TARGETS: [&str; 6] = [
    "orchestration_agent",
    "orchestration_auth",
    "orchestration_broker",
    "orchestration_egress",
    "orchestration_registry",
    "orchestration_sandbox",
];
