//! The client that asks, if the server wants it to authenticate with a secret (RFC 6749, 2.3.1).
//!
//! Where the workload's token alone says who asks, there is none, and nothing to keep secret:
//! that is the better setup. Some servers exchange a token only for a client that they know.

use form_urlencoded::byte_serialize;
use oauth::bindings::orchestration::auth::http::Request;
use oauth::bindings::orchestration::auth::secrets::{self, Alphabet};
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part, Profile};
use oauth::errors::{error, unset};
use oauth::grant::{Grant, unknown};
use oauth::options::option;
use oauth::{supplied, tokens};

use crate::exchange::GRANTS;

/// The option that says how the client authenticates.
pub const METHOD: &str = "client_auth";
/// The options that say where its secret is. The user grants the variable or the file.
pub const SECRET_VARIABLE: &str = "client_secret_env";
pub const SECRET_FILE: &str = "client_secret_file";

/// The option, and the field, with the name of the client.
const ID: &str = "client_id";
/// The secret, and the field, with the secret of the client.
const SECRET: &str = "client_secret";
/// The secret with both, for the header.
const BASIC: &str = "client_basic";

/// A client whose secret was taken.
pub struct Client {
    id: String,
    in_header: bool,
}

impl Client {
    /// Returns the client that the options describe, if they name its secret.
    pub fn of(profile: &Profile) -> Result<Option<Self>, AuthError> {
        let (variable, file) = (option(profile, SECRET_VARIABLE), option(profile, SECRET_FILE));
        let is_there = match (&variable, &file) {
            (None, None) => return Ok(None),
            (Some(variable), _) => supplied::variable_is_set(variable, SECRET)?,
            (None, Some(path)) => supplied::file_is_present(path, SECRET)?,
        };
        if !is_there {
            return Err(no_secret(&variable.or(file).unwrap_or_default()));
        }
        if Grant::of(profile, &GRANTS)? == Grant::ClientCredentials {
            let message = "the grant client-credentials has no use for a client's secret: the \
                           token of the workload is what the client shows";
            let hint = format!("Remove options.{SECRET_VARIABLE} and options.{SECRET_FILE}");
            return Err(error(ErrorKind::Unsupported, message, Some(hint)));
        }
        let id = option(profile, ID).ok_or_else(|| unset(profile, ID, "options.client_id"))?;
        let in_header = match option(profile, METHOD).as_deref() {
            None | Some("client_secret_basic") => true,
            Some("client_secret_post") => false,
            Some(_) => {
                let known = "client_secret_basic or client_secret_post";
                return Err(unknown(profile, METHOD, known));
            }
        };
        Ok(Some(Self { id, in_header }))
    }

    /// Adds to a request what shows that this client sends it, in one way only.
    pub fn authenticate(self, request: &mut Request) -> Result<(), AuthError> {
        if !self.in_header {
            request.fields.push(tokens::secret(SECRET, SECRET));
            return Ok(());
        }
        request.fields.retain(|(name, _)| name != ID);
        let id: String = byte_serialize(self.id.as_bytes()).collect();
        let parts = [Part::Text(format!("{id}:")), Part::Secret(SECRET.to_owned())];
        let made = secrets::concat(&parts, BASIC);
        made.and_then(|()| secrets::base64(BASIC, Alphabet::Standard, BASIC)).map_err(|_| {
            error(ErrorKind::Internal, "the client's secret can't be put into a header", None)
        })?;
        request.authorization = Some(("Basic".to_owned(), BASIC.to_owned()));
        Ok(())
    }
}

fn no_secret(place: &str) -> AuthError {
    let message = format!("there is no secret of the client in {place}");
    error(ErrorKind::Missing, message, Some("Set it to the secret of the client".to_owned()))
}
