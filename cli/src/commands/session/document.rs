//! Sessions as JSON. The comments on the fields are the descriptions in
//! `orchestration schema session-list`.

use orchestration_runtime::{Said, SessionRecord, sanitize, sanitize_path};
use schemars::JsonSchema;
use serde::Serialize;

use super::stored::Known;
use crate::report::{Keeper, Kept, ReportError};
use crate::ui::text;

/// Raised when a field is removed or changes meaning; adding one does not raise it.
const VERSION: u32 = 1;

/// The sessions of the user. No field can hold a secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SessionList {
    /// The version of this format.
    version: u32,
    /// One entry a session, sorted by profile and auth type.
    sessions: Vec<Session>,
}

/// One session.
#[derive(Debug, Serialize, JsonSchema)]
struct Session {
    /// The profile.
    profile: String,
    /// The auth type of its strategy.
    auth_type: String,
    /// What it is.
    kind: Kept,
    /// Who is signed in, in the strategy's words; null if it doesn't say.
    account: Option<String>,
    /// The strategy that says so; null if it is built in.
    said_by: Option<String>,
    /// The origin of the profile's base URL; null if it has none.
    server: Option<String>,
    /// The profile's issuer; null if it has none.
    issuer: Option<String>,
    /// The SHA-256 of the component that finds it; null if that is built in.
    component: Option<String>,
    /// When the user signed in, or stored the key (RFC 3339).
    signed_in_at: Option<String>,
    /// When it was last saved (RFC 3339).
    saved_at: Option<String>,
    /// When the credential in it expires (RFC 3339); null if that is not known.
    expires_at: Option<String>,
    /// Whether the next credential is got without the user when this one expires.
    renews: bool,
    /// What has its secrets and notes. The names of those in the keyring are not known here.
    kept_in: Keeper,
    /// The names of its secrets, in the strategy's words.
    secrets: Vec<String>,
    /// The names of its notes, in the strategy's words.
    notes: Vec<String>,
    /// Its file.
    path: String,
}

/// Returns sessions as one JSON document.
pub(super) fn document(sessions: &[Known]) -> Result<String, ReportError> {
    let sessions = sessions.iter().map(Session::of).collect();
    let text = serde_json::to_string_pretty(&SessionList { version: VERSION, sessions })?;
    Ok(text + "\n")
}

impl Session {
    fn of(known: &Known) -> Self {
        let SessionRecord { tie, since, saved, .. } = &known.record;
        let account = known.record.account();
        let given = |text: &String| Some(sanitize(text, [])).filter(|text| !text.is_empty());
        Self {
            profile: known.profile(),
            auth_type: sanitize(&tie.auth_type, []),
            kind: known.kept().into(),
            account: account.as_ref().map(|account| account.text().to_owned()),
            said_by: account.as_ref().and_then(Said::stranger).map(str::to_owned),
            server: given(&tie.server),
            issuer: given(&tie.issuer),
            component: given(&tie.component),
            signed_in_at: text::time(*since),
            saved_at: text::time(*saved),
            expires_at: known.expires(),
            renews: known.record.session.renews,
            kept_in: known.keeper(),
            secrets: known.record.secret_names(),
            notes: known.record.note_names(),
            path: sanitize_path(&known.path),
        }
    }
}
