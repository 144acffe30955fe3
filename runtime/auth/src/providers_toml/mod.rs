//! providers.toml: where it lies, what it says, and how it meets the built-in
//! profiles.
//!
//! Layers lie over each other: the built-in profiles, the user's file, and that
//! of the [`project`] if the user trusts it. A file that was named takes the place
//! of both. [`provenance`] knows which of them wrote a value.
//!
//! A mistake in it ends the command: a profile that silently falls back to its
//! defaults would send a key to the wrong place. [`error`] shows where the
//! mistake is without showing what else stands there; [`schema`] is the format.

mod discover;
mod error;
mod fix;
mod layers;
mod location;
mod project;
mod provenance;
mod providers;
mod schema;

pub use error::{ConfigError, Excerpt};
pub use fix::Fix;
pub use project::{ProjectFile, Trust};
pub use provenance::{Field, Layer, Origin, Place};
pub use providers::{ProvidersToml, Unused, UnusedReason};
