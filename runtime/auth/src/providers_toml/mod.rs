//! providers.toml: where the file is, what it contains, and how it changes the
//! built-in profiles.
//!
//! Each layer overrides the one below: first the built-in profiles, then the user's
//! file, then the file of the [`project`] if the user trusts it. An explicitly named
//! file replaces both files. [`provenance`] records which file set a value.
//!
//! A mistake in a file is an error: a profile that silently fell back to its defaults
//! would send a key to the wrong host. [`error`] points at the mistake without
//! showing the rest of the line; [`schema`] is the format.

mod changes;
mod checks;
mod discover;
mod error;
mod fix;
mod layers;
mod limits;
mod location;
mod project;
mod provenance;
mod providers;
mod schema;
mod settings;

pub use changes::{Change, Changes, ProfileChange, Sends, StrategyChange};
pub(crate) use error::mistake_in;
pub use error::{ConfigError, Excerpt};
pub use fix::Fix;
pub use project::{ProjectFile, Trust};
pub use provenance::{Field, Layer, Origin, Place};
pub use providers::{ProvidersToml, Unused, UnusedReason};
pub use settings::{Setting, SettingValue};
