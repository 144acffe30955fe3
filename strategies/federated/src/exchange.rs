//! What is exchanged, and how: the options of the profile.

use oauth::bindings::orchestration::auth::http::Encoding;
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part, Profile};
use oauth::errors::error;
use oauth::grant::{FILLED, Grant, unknown};
use oauth::options::option;
use oauth::{supplied, tokens};

use crate::{client, github, impersonated};

/// The secret with the token of the workload.
pub const WORKLOAD: &str = "workload";

/// What it is called in an error.
const TOKEN: &str = "the token of the workload";

/// The options that are for this strategy. Every other one is a field of the request.
const OWN: [&str; 10] = [
    "grant",
    "source",
    "encoding",
    "token_endpoint",
    github::AUDIENCE,
    client::METHOD,
    client::SECRET_VARIABLE,
    client::SECRET_FILE,
    impersonated::ENDPOINT,
    impersonated::SCOPE,
];

/// The grants that serve, first the usual one.
pub const GRANTS: [Grant; 3] = [Grant::TokenExchange, Grant::JwtBearer, Grant::ClientCredentials];

/// An exchange of the workload's token.
pub struct Exchange {
    pub source: Source,
    pub encoding: Encoding,
    /// The fields of the request.
    pub fields: Vec<(String, Part)>,
}

/// Where the token of the workload is.
pub enum Source {
    /// In the profile's variable or file.
    Supplied,
    /// With the runner of GitHub Actions.
    GitHub,
}

impl Source {
    /// Checks, without a request, that the token can be got.
    pub fn is_there(&self, profile: &Profile) -> Result<(), AuthError> {
        match self {
            Self::Supplied => supplied::take(profile, TOKEN, WORKLOAD),
            Self::GitHub => github::Runner::of_this_job().map(drop),
        }
    }

    /// Makes the token the secret [`WORKLOAD`].
    pub fn take(&self, profile: &Profile) -> Result<(), AuthError> {
        match self {
            Self::Supplied => supplied::take(profile, TOKEN, WORKLOAD),
            Self::GitHub => github::Runner::of_this_job()?.ask(profile),
        }
    }
}

impl Exchange {
    /// Returns the exchange that the options of the profile describe.
    pub fn of(profile: &Profile) -> Result<Self, AuthError> {
        let source = match option(profile, "source").as_deref() {
            None => Source::Supplied,
            Some("github-actions") => Source::GitHub,
            Some(_) => {
                return Err(unknown(profile, "source", "github-actions, or leave it out"));
            }
        };
        let encoding = match option(profile, "encoding").as_deref() {
            None | Some("form") => Encoding::Form,
            Some("json") => Encoding::Json,
            Some(_) => return Err(unknown(profile, "encoding", "form or json")),
        };
        let mut fields = Grant::of(profile, &GRANTS)?.fields(WORKLOAD);
        for (name, value) in &profile.options {
            if FILLED.contains(&name.as_str()) {
                let message = format!("federated sets {name} itself");
                let hint = format!("Remove options.{name} from [profiles.{}]", profile.name);
                return Err(error(ErrorKind::Unsupported, message, Some(hint)));
            }
            if !OWN.contains(&name.as_str()) {
                // E.g. the type of a subject token that is no JWT.
                fields.retain(|(filled, _)| filled != name);
                fields.push(tokens::text(name, value));
            }
        }
        Ok(Self { source, encoding, fields })
    }
}
