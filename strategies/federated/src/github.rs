//! The token of a job of GitHub Actions: the runner has an address that returns it, for the
//! audience that is asked for.
//!
//! Both the address and the token that it wants are in variables, which the host grants if
//! the profile says `source = "github-actions"`, together with the address's origin.

use form_urlencoded::byte_serialize;
use oauth::bindings::orchestration::auth::environment::{self, EnvironmentError};
use oauth::bindings::orchestration::auth::http::{Encoding, Request, send};
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Profile};
use oauth::errors::{error, incomplete, no_answer, refused};
use oauth::options::option;
use oauth::supplied;

use crate::exchange::WORKLOAD;

/// The variable with the address.
const ADDRESS: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// The variable with the token that the address wants.
const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// The option with the audience of the job's token. The option `audience` is that of the
/// exchange.
pub const AUDIENCE: &str = "github_audience";

/// The secret with the token that the address wants.
const REQUEST_TOKEN: &str = "request_token";

const WHAT: &str = "the token of the job";

/// The runner of this job.
pub struct Runner {
    address: String,
}

impl Runner {
    /// Returns the runner that the variables describe.
    pub fn of_this_job() -> Result<Self, AuthError> {
        let address = environment::get(ADDRESS).map_err(|fault| match fault {
            EnvironmentError::Denied => not_granted(),
            EnvironmentError::NotUnicode => not_here(),
        })?;
        let address = address.filter(|text| !text.trim().is_empty()).ok_or_else(not_here)?;
        if !supplied::variable_is_set(TOKEN, REQUEST_TOKEN)? {
            return Err(not_here());
        }
        Ok(Self { address })
    }

    /// Asks for the token of the job, and makes it the secret [`WORKLOAD`].
    pub fn ask(&self, profile: &Profile) -> Result<(), AuthError> {
        let mut url = self.address.trim().to_owned();
        if let Some(audience) = option(profile, AUDIENCE) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str("audience=");
            url.extend(byte_serialize(audience.as_bytes()));
        }
        let request = Request {
            method: "GET".to_owned(),
            url,
            headers: Vec::new(),
            authorization: Some(("Bearer".to_owned(), REQUEST_TOKEN.to_owned())),
            encoding: Encoding::Form,
            fields: Vec::new(),
            read: Vec::new(),
            take: vec![("/value".to_owned(), WORKLOAD.to_owned())],
        };
        let response = send(&request).map_err(|fault| no_answer(WHAT, fault))?;
        match (response.status, response.taken.is_empty()) {
            (200, false) => Ok(()),
            (200, true) => Err(incomplete(WHAT, "value")),
            _ => Err(refused(WHAT, &response)),
        }
    }
}

fn not_granted() -> AuthError {
    error(ErrorKind::Denied, format!("the variable {ADDRESS} is not granted"), None)
}

fn not_here() -> AuthError {
    let message = format!("{ADDRESS} or {TOKEN} is not set");
    let hint = "Run in a job of GitHub Actions with the permission id-token: write".to_owned();
    error(ErrorKind::Missing, message, Some(hint))
}
