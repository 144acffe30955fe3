//! What an agent is made from.

use std::collections::BTreeMap;

use crate::Secret;

/// How one agent reaches its provider. What is set here goes before what the
/// profile says.
#[derive(Debug, Clone, Default)]
pub struct AgentConfig {
    /// A key given by hand; it goes before every variable.
    pub api_key: Option<Secret>,
    /// The URL that requests go to.
    pub base_url: Option<String>,
    /// Settings around the credential. `api_key_env` names the variable that
    /// holds the key, where no profile does.
    pub credentials: BTreeMap<String, String>,
}
