//! Agents: conversations with a model, authenticated with a profile's credential.
//!
//! A [`Provider`] creates an [`Agent`] from an [`AgentConfig`]. The agent's requests
//! carry the credential that the profile's strategy returned. The key goes to the host
//! of the profile and to no other.

mod agent;
mod call_error;
mod config;
mod error;
mod openai;
mod provider;
mod resolve;
mod state;

pub use agent::{Agent, Answer, Message};
pub use call_error::{CallError, SentKey};
pub use config::{AgentConfig, CredentialConfig};
pub use error::AgentError;
pub use openai::OpenAiCompatibleProvider;
pub use provider::Provider;
pub use resolve::resolve_auth_strategy;
pub use state::AgentState;
