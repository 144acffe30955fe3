//! What a client is told: the command for its key, and where the key may go.

use orchestration_runtime::{KnownProvider, ProviderProfile};

use super::error::ClientError;
use super::helper::Helper;
use super::kind::Client;

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setup {
    /// The command that it runs for its key.
    pub(crate) helper: Helper,
    /// The base URL in the form that this client takes; `None` for the client's own.
    pub(crate) base_url: Option<String>,
    /// The client's name for the provider, if it has several.
    pub(crate) provider: Option<Named>,
}

/// A provider, as a client with several names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    /// The name.
    pub(crate) id: String,
    /// The model, if the client knows neither the provider nor its models.
    pub(crate) model: Option<String>,
}

impl Named {
    /// Returns the name of a known provider in `ids`, or a name of our own for any other
    /// server, of which the profile has to name a model.
    pub(super) fn of(
        client: Client,
        profile: &ProviderProfile,
        ids: &[(&str, &str)],
    ) -> Result<Self, ClientError> {
        let known = profile.known_provider();
        let id = known.and_then(|known| ids.iter().find(|(name, _)| *name == known.name));
        if let Some((_, id)) = id {
            return Ok(Self { id: (*id).to_owned(), model: None });
        }
        if let Some(known) = known.filter(|known| !known.speaks_openai) {
            return Err(other_protocol(client, profile, known));
        }
        let name = profile.name.clone();
        let model = profile.default_model.clone();
        let model = model.ok_or(ClientError::NoModel { client, profile: name.clone() })?;
        // A name that no provider of the client has.
        Ok(Self { id: format!("orchestration-{name}"), model: Some(model) })
    }
}

/// The error for a client that does not speak the protocol of the profile's provider.
pub(super) fn other_protocol(
    client: Client,
    profile: &ProviderProfile,
    known: &KnownProvider,
) -> ClientError {
    ClientError::OtherProtocol { client, provider: known.name, profile: profile.name.clone() }
}

/// Returns the base URL of the profile, without a slash at its end. It goes into a file that
/// is no place for secrets.
pub(super) fn base_url(profile: &ProviderProfile) -> Result<String, ClientError> {
    let url = profile.effective_base_url().filter(|url| url.placeholder().is_none());
    let url = url.ok_or_else(|| ClientError::NoUrl(profile.name.clone()))?;
    if url.displayed().hides_parts() {
        return Err(ClientError::SecretUrl(profile.name.clone()));
    }
    Ok(url.expose().as_str().trim_end_matches('/').to_owned())
}

/// Returns where a client of several providers sends the requests of the profile, and what it
/// calls the provider. It speaks Gemini's own protocol.
pub(super) fn place_among(
    client: Client,
    profile: &ProviderProfile,
    ids: &[(&str, &str)],
) -> Result<(String, Named), ClientError> {
    let named = Named::of(client, profile, ids)?;
    let base_url = base_url(profile)?;
    let base_url = if named.id == "google" { without_openai(base_url) } else { base_url };
    Ok((base_url, named))
}

/// Returns the base URL of Gemini's own protocol, which is beside the one that speaks
/// OpenAI's.
fn without_openai(base_url: String) -> String {
    base_url.strip_suffix("/openai").map(str::to_owned).unwrap_or(base_url)
}
