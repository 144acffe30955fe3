//! What an agent is made from.

use orchestration_auth::Headers;
use orchestration_support::Secret;

/// How one agent reaches its provider, and what it is told to be. What is set
/// here goes before what the profile says.
#[derive(Debug, Clone, Default)]
pub struct AgentConfig {
    /// The agent's name, for whoever has several.
    pub name: String,
    /// The kind of provider, e.g. `openai`.
    pub provider: Option<String>,
    /// The model that answers.
    pub model: Option<String>,
    /// What the model is told before the conversation begins.
    pub instructions: Option<String>,
    /// A key given by hand; it goes before every variable.
    pub api_key: Option<Secret>,
    /// The URL that requests go to.
    pub base_url: Option<String>,
    /// Settings around the credential.
    pub credentials: CredentialConfig,
    /// The profile that the rest is taken from; none for an agent that stands
    /// on this configuration alone.
    pub profile: Option<String>,
}

/// Settings around the credential of one agent.
#[derive(Debug, Clone, Default)]
pub struct CredentialConfig {
    /// The variable that holds the key, where no profile names one.
    pub api_key_env: Option<String>,
    /// Headers that every request carries, besides those of the profile.
    pub default_headers: Headers,
}
