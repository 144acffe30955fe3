//! The private key, and what its file says about it.

use oauth::bindings::orchestration::auth::secrets::{self, Algorithm, ToolError};
use oauth::bindings::orchestration::auth::types::{AuthError, ErrorKind, Part, Profile};
use oauth::errors::error;
use oauth::grant::unknown;
use oauth::options::option;
use oauth::supplied;

/// The secret with the content of the file.
const FILE: &str = "file";
/// The secret with the key in Google's file.
const IN_FILE: &str = "private_key";
/// The secret with the id of the key.
const ID: &str = "key_id";
/// The secret with the account that Google's file is for.
const EMAIL: &str = "client_email";

/// The private key that the profile names.
pub struct Key {
    /// The secret that is the key.
    pub secret: &'static str,
    pub algorithm: Algorithm,
    /// The algorithm, as a JWT names it.
    pub algorithm_name: &'static str,
    /// The id of the key, if the profile or the file says it.
    pub id: Option<Part>,
    /// The account that the key belongs to, if the file is one of Google's.
    pub account: Option<Part>,
    /// Where it is, for an error.
    place: String,
}

impl Key {
    /// Returns the key in the profile's variable or file: PEM, JWK, or Google's JSON.
    pub fn of(profile: &Profile) -> Result<Self, AuthError> {
        let (algorithm, algorithm_name) = algorithm(profile)?;
        supplied::take(profile, "the private key", FILE)?;
        let id_in = |pointer| picked(pointer, ID);
        let (secret, id, account) = match secrets::pick(FILE, "/private_key", IN_FILE) {
            Ok(()) => (IN_FILE, id_in("/private_key_id"), picked("/client_email", EMAIL)),
            // PEM, or JWK.
            Err(_) => (FILE, id_in("/kid"), None),
        };
        let id = option(profile, "key_id").map(Part::Text).or(id);
        let variable = profile.api_key_env.as_deref();
        let place = profile.api_key_file.as_deref().or(variable).unwrap_or_default().to_owned();
        Ok(Self { secret, algorithm, algorithm_name, id, account, place })
    }

    /// The error of a key that can't sign.
    pub fn unfit(&self, fault: ToolError) -> AuthError {
        let Self { algorithm_name, place, .. } = self;
        if fault != ToolError::BadKey {
            return error(ErrorKind::Internal, "the assertion can't be signed", None);
        }
        let message = format!("there is no private key for {algorithm_name} in {place}");
        let hint = "Write a key of its kind there, as PEM, JWK or Google's JSON; one of RSA has at \
            least 2048 bits";
        error(ErrorKind::Invalid, message, Some(hint.to_owned()))
    }
}

/// Makes the text at `pointer` of the file the secret `name`.
fn picked(pointer: &str, name: &str) -> Option<Part> {
    secrets::pick(FILE, pointer, name).ok().map(|()| Part::Secret(name.to_owned()))
}

/// Returns the algorithm that the profile names; RS256 if it names none.
fn algorithm(profile: &Profile) -> Result<(Algorithm, &'static str), AuthError> {
    let named = option(profile, "algorithm");
    Ok(match named.as_deref() {
        None | Some("RS256") => (Algorithm::Rs256, "RS256"),
        Some("ES256") => (Algorithm::Es256, "ES256"),
        Some("EdDSA") => (Algorithm::Eddsa, "EdDSA"),
        Some("HS256") => (Algorithm::Hs256, "HS256"),
        Some(_) => {
            return Err(unknown(profile, "algorithm", "RS256, ES256, EdDSA or HS256"));
        }
    })
}
