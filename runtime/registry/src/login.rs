//! Logins: what a registry, or its server of tokens, knows a user by.

use orchestration_support::Secret;

/// Who asks.
pub(crate) enum Login {
    /// A user and a password.
    Password {
        /// The user.
        user: String,
        /// The password, or a token in its place.
        password: Secret,
    },
    /// A token that the server of tokens takes for others.
    IdentityToken(Secret),
}

impl Login {
    /// Returns the secret that a server gets, and may repeat.
    pub(crate) fn secret(&self) -> &Secret {
        match self {
            Self::Password { password, .. } => password,
            Self::IdentityToken(token) => token,
        }
    }
}

/// A login, and where it is from.
pub(crate) struct Credential {
    pub(crate) login: Login,
    /// E.g. `~/.docker/config.json`.
    pub(crate) from: String,
}
