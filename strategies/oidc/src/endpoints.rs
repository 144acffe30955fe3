//! The endpoints that a session needs.

use oauth::issuer::Metadata;
use oauth::session::note;

/// The endpoints that a session needs, which are noted: the server is not asked again for
/// its description each time.
pub struct Endpoints {
    pub token: String,
    pub revocation: Option<String>,
}

const TOKEN_NOTE: &str = "token_endpoint";
const REVOCATION_NOTE: &str = "revocation_endpoint";

impl Endpoints {
    pub fn of(metadata: &Metadata) -> Self {
        let token = metadata.token_endpoint.clone();
        Self { token, revocation: metadata.revocation_endpoint.clone() }
    }

    pub fn in_notes(notes: &[(String, String)]) -> Self {
        let text = |name| note(notes, name).map(str::to_owned);
        Self { token: text(TOKEN_NOTE).unwrap_or_default(), revocation: text(REVOCATION_NOTE) }
    }

    pub fn notes(&self) -> Vec<(String, String)> {
        let revocation = self.revocation.iter().map(|text| (REVOCATION_NOTE, text));
        let noted = [(TOKEN_NOTE, &self.token)].into_iter().chain(revocation);
        noted.map(|(name, text)| (name.to_owned(), text.clone())).collect()
    }
}
