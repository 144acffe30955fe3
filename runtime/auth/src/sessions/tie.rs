//! Whom a session is for.

use orchestration_sandbox::{BUILT_IN, BuiltIn, Keeps, Kept};
use orchestration_support::digest::sha256;

use crate::profile::ProviderProfile;

/// What a session is tied to. A strategy finds it if all of this is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionTie {
    /// The profile.
    pub profile: String,
    /// The auth type of the strategy.
    pub auth_type: String,
    /// The SHA-256 of the strategy's component, in lower-case hexadecimal; empty for a
    /// built-in one, which is part of the product and changes with it.
    pub component: String,
    /// The server that the profile's requests go to. Another profile may have the same name
    /// in another project, and must not get the session.
    pub server: String,
    /// The profile's `issuer`, as it is written; empty if it has none. The secrets of the
    /// session come from there, and may be sent there.
    pub issuer: String,
}

impl SessionTie {
    /// Returns what the session of `profile` is tied to, whose strategy has the component
    /// with this digest, or is built in.
    pub(crate) fn of(profile: &ProviderProfile, component: Option<&str>) -> Self {
        let server = profile.effective_base_url();
        Self {
            profile: profile.name.clone(),
            auth_type: profile.auth_type.clone(),
            component: component.unwrap_or_default().to_owned(),
            server: server
                .map(|url| url.expose().origin().ascii_serialization())
                .unwrap_or_default(),
            issuer: profile.issuer.as_ref().map(ToString::to_string).unwrap_or_default(),
        }
    }

    /// Returns what the file of this tie keeps.
    pub fn kept(&self) -> Kept {
        let takes_key = |built_in: &BuiltIn| {
            built_in.keeps == Keeps::StoredKey && built_in.auth_type == self.auth_type
        };
        match self.component.is_empty() && BUILT_IN.iter().any(takes_key) {
            true => Kept::Key,
            false => Kept::Session,
        }
    }

    /// Returns the name of the file. It is the same for every component, so that a user
    /// can say that a new one keeps the session of the old one. A profile of an embedder
    /// may have any name, so it is not used as it is.
    pub fn file_name(&self) -> String {
        let Self { profile, auth_type, component: _, server, issuer } = self;
        let tied = [profile, auth_type, server, issuer].map(String::as_str).join("\n");
        format!("{}{EXTENSION}", sha256(tied.as_bytes()))
    }
}

/// How the names of session files end.
pub(super) const EXTENSION: &str = ".session";
