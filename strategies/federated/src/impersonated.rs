//! A service account of Google that the exchanged token acts as: its own token is got from
//! Google's IAM Credentials API, by a second request.

use oauth::bindings::orchestration::auth::http::{Encoding, send};
use oauth::bindings::orchestration::auth::types::{AuthError, Profile};
use oauth::errors::{incomplete, no_answer, read, refused_by_api};
use oauth::options::option;
use oauth::tokens::{ACCESS, post, text, took};

use crate::time;

/// The option with the address, as `service_account_impersonation_url` in Google's file.
pub const ENDPOINT: &str = "impersonation_endpoint";
/// The option that says what the token of the account is for.
pub const SCOPE: &str = "impersonation_scope";

/// What a token is for if the profile does not say.
const CLOUD: &str = "https://www.googleapis.com/auth/cloud-platform";

const WHAT: &str = "the token of the service account";
const END: &str = "/expireTime";
/// Why there is none, in words that the user can let this strategy read.
const REASON: &str = "/error/message";

/// A service account.
pub struct Impersonated {
    endpoint: String,
    scope: String,
}

impl Impersonated {
    /// Returns the account that the options name, if they name one.
    pub fn of(profile: &Profile) -> Option<Self> {
        let endpoint = option(profile, ENDPOINT)?;
        let scope = option(profile, SCOPE).unwrap_or_else(|| CLOUD.to_owned());
        Some(Self { endpoint, scope })
    }

    /// Asks for its token in exchange for the secret [`ACCESS`], whose name it gets. Returns
    /// when it expires.
    pub fn ask(&self) -> Result<u64, AuthError> {
        let scopes = self.scope.split_whitespace().map(|scope| text("scope[]", scope));
        let mut request = post(&self.endpoint, Encoding::Json, scopes.collect());
        request.authorization = Some(("Bearer".to_owned(), ACCESS.to_owned()));
        request.read = vec![END.to_owned(), REASON.to_owned()];
        request.take = vec![("/accessToken".to_owned(), ACCESS.to_owned())];
        let response = send(&request).map_err(|fault| no_answer(WHAT, fault))?;
        if response.status != 200 {
            return Err(refused_by_api(WHAT, response.status, read(&response, REASON)));
        }
        if !took(&response, ACCESS) {
            return Err(incomplete(WHAT, "accessToken"));
        }
        let end = read(&response, END).and_then(time::seconds);
        end.ok_or_else(|| incomplete(WHAT, "expireTime"))
    }
}
