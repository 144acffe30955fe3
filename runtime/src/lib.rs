//! Resolves the credentials of LLM-provider profiles through *auth strategies*:
//! WebAssembly components that run in a sandbox and reach only what they are
//! granted.
//!
//! Data flows one way. A [`ProviderProfile`] names an `auth_type`; the registry
//! finds the strategy of that name; the sandbox below runs it. A
//! caller sees the [`AuthStrategy`] trait, [`Credentials`] and
//! [`ProviderError`], and nothing of WebAssembly.
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

mod agent;
mod auth;
mod conformance;
mod credential;
mod digest;
mod environment;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod headers;
mod http;
mod nearest;
mod private;
mod profile;
mod providers;
mod providers_toml;
mod sandbox;
mod status;
mod strategy;
mod text;
mod verify;

pub use agent::{Agent, AgentConfig, AgentState, Answer, CredentialConfig, Message};
pub use auth::{
    AuthStrategy, FALLBACK_VARIABLE, Inspection, Registry, Scope, StrategyIdentity, StrategyInfo,
    built_in_auth_types, is_built_in, resolve_auth_strategy,
};
pub use conformance::{CasesError, CheckError, Judgement, Promise, Report, Tried, Usage};
pub use credential::{Credentials, Secret, Source};
pub use environment::Environment;
pub use error::{ErrorKind, Failure, ProviderError};
pub use headers::Headers;
pub use http::HttpError;
pub use nearest::did_you_mean;
pub use profile::{ProviderProfile, is_profile_name, is_variable_name};
pub use providers::{CallError, OpenAiCompatibleProvider, Provider, SentKey};
pub use providers_toml::{
    ConfigError, Excerpt, Field, Layer, Origin, Place, ProjectFile, ProvidersToml, Trust, Unused,
    UnusedReason,
};
pub use sandbox::{
    AUDIT_TARGET, Allocation, CONTRACT_VERSION, Cache, CacheInfo, Description, Limit, Limits,
    LoadError, Outline,
};
pub use status::Status;
pub use strategy::{ComponentFile, StrategyConfig, is_auth_type};
pub use verify::{Doubt, Refusal, Verdict, VerifyConfig, verify};
