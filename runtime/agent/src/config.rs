//! The configuration of an agent.

use orchestration_auth::NamedValues;
use orchestration_support::Secret;
use orchestration_support::url::BaseUrl;

/// How one agent reaches its provider, and its instructions. A value that is set here
/// overrides that of the profile.
///
/// ```
/// use orchestration_agent::AgentConfig;
///
/// let config = AgentConfig {
///     profile: Some("openai".to_owned()),
///     model: Some("gpt-5-mini".to_owned()),
///     api_key: Some("sk-1234567890".into()),
///     ..AgentConfig::default()
/// };
/// assert!(!format!("{config:?}").contains("sk-1234567890"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct AgentConfig {
    /// The agent's name, for programs with several agents.
    pub name: String,
    /// The kind of provider, e.g. `openai`.
    pub provider: Option<String>,
    /// The model that answers.
    pub model: Option<String>,
    /// The instructions that the model gets before the conversation begins.
    pub instructions: Option<String>,
    /// An explicit key, which takes precedence over every variable.
    pub api_key: Option<Secret>,
    /// The URL that requests go to.
    pub base_url: Option<BaseUrl>,
    /// Settings for the credential.
    pub credentials: CredentialConfig,
    /// The profile that provides what is not set here; `None` for an agent that uses
    /// only this configuration.
    pub profile: Option<String>,
}

/// Settings for the credential of one agent.
#[derive(Debug, Clone, Default)]
pub struct CredentialConfig {
    /// The variable that contains the key, if there is no profile.
    pub api_key_env: Option<String>,
    /// Headers of every request, in addition to those of the profile.
    pub default_headers: NamedValues,
}
