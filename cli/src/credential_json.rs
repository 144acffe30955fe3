//! A credential as JSON, for programs: what `auth token --format json` prints, and what a broker
//! hands out at `/v1/credentials/PROFILE`.

use orchestration_runtime::{Credentials, Secret, rfc3339};
use serde_json::{Map, json};

use crate::report::Source;

/// The version of the document, which is raised when a field is removed or changes its meaning.
const VERSION: u32 = 1;

/// Returns the document with the credential of `profile`.
pub(crate) fn credential_json(profile: &str, credentials: &Credentials) -> Secret {
    let values =
        credentials.values().map(|(name, secret)| (name.to_owned(), secret.expose().into()));
    let document = json!({
        "version": VERSION,
        "profile": profile,
        "values": values.collect::<Map<_, _>>(),
        "source": Source::from(credentials.source()),
        "expires_at": credentials.expires_at().and_then(rfc3339),
    });
    Secret::from(document.to_string())
}
