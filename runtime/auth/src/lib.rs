//! Finds the credential of a profile.
//!
//! A [`ProviderProfile`] names an `auth_type`. The [`Registry`] finds the strategy of
//! that name and binds it to the profile and to its grants. The result is an
//! [`AuthStrategy`], whose callers need not know about the sandbox behind it.
//! [`ProvidersToml`] reads the profiles, and [`verify`] asks a provider whether it
//! accepts a key.
//!
//! Errors carry data instead of advice: a [`Remedy`] says what would help, and the
//! command line words it.

mod bound;
mod catalogue;
mod component;
mod conformance;
mod error;
mod gateway;
mod inspect;
mod key;
mod key_file;
mod lease_status;
mod leases;
mod named_values;
mod network;
mod platform;
mod profile;
mod providers_toml;
mod registry_trust;
mod remedy;
mod renewal;
mod sandboxed;
mod server_time;
mod sessions;
mod sign_in;
mod status;
mod stored_key;
mod strategies;
mod strategy;
mod strategy_config;
mod variable;
mod verify;
mod workload;

pub use catalogue::{KnownProvider, PROVIDERS};
pub use component::{Component, PinnedComponent};
pub use conformance::{
    CasesError, CheckError, Judgement, Promise, RecordedCall, Recording, RecordingError, Report,
    Tried, Usage,
};
pub use error::ProviderError;
pub use gateway::{ClientVariables, Gateway, IgnoredGateway};
pub use inspect::{FirstStart, Inspection};
pub use key::KeyFault;
pub use key_file::{KeyFileFault, key_file_fault};
pub use lease_status::LeaseStatus;
pub use named_values::NamedValues;
pub use profile::{DEFAULT_PROVIDER, NO_AUTH_TYPE, ProviderProfile, is_profile_name};
pub use providers_toml::{
    Change, Changes, ConfigError, Excerpt, Field, Fix, Layer, Origin, Place, ProfileChange,
    ProjectFile, ProvidersToml, Sends, Setting, SettingValue, StrategyChange, Trust, Unused,
    UnusedReason,
};
pub use registry_trust::RegistryTrust;
pub use remedy::Remedy;
pub use renewal::Renewed;
pub use server_time::server_time;
pub use sessions::{
    DamagedSession, MAX_SESSION_BYTES, NotRemoved, SessionRecord, SessionTie, Sessions,
    StoredSession, UnfitSession, Unlock,
};
pub use sign_in::{Pasted, SignIn, SignInStep, SignInWay, SignedOut};
pub use status::Status;
pub use stored_key::{KeyStored, StoreKeyError};
pub use strategies::{Registry, StrategyIdentity, StrategyInfo};
pub use strategy::{AuthStrategy, FALLBACK_VARIABLE, NO_PROFILE, Scope};
pub use strategy_config::{
    StrategyConfig, built_in_auth_types, gets_tokens, is_auth_type, is_built_in,
};
pub use variable::{VariableFault, is_reserved_variable};
pub use verify::{Inconclusive, Rejection, Verdict, VerifyConfig, verify};
