//! What is known of providers, one row each.
//!
//! Built-in profiles, presets, verification, `auth exec`, the agents' default URL and
//! the doctor all need to know a little about OpenAI or Groq. Written where it is
//! needed, the same fact stands in five files, and a new provider is forgotten in two
//! of them. So a provider is one row of [`rows`], and everyone reads it here.

mod provider;
mod rows;
mod rules;

pub(crate) use provider::KeyHeader;
pub use provider::KnownProvider;
pub(crate) use rows::COMPATIBLE;
pub use rows::PROVIDERS;
pub(crate) use rules::{Body, Meaning, Rule, status};
