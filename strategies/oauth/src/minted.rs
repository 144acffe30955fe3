//! Tokens that are got without the user, and kept until they end.
//!
//! The session has the last one, so that the next process uses it. It was got for what the
//! profile said then: a token for one audience must not be used for another, so a session
//! that was saved under other settings is none. The settings are compared by a digest,
//! because a note may not contain a secret, and the user may have written a part of a key
//! file, such as the address of the account, into an option as well.

use crate::bindings::orchestration::auth::http::Response;
use crate::bindings::orchestration::auth::store::Session;
use crate::bindings::orchestration::auth::types::{
    AuthError, Credentials, ErrorKind, Profile, Request, Source,
};
use crate::errors::{error, incomplete, refused};
use crate::session::{has, load, note, save};
use crate::tokens::{ACCESS, life, took};

/// The note with the digest of the settings.
const SETTINGS: &str = "settings";

/// The seconds that a token is used if the server does not say how long it lasts. RFC 6749
/// (5.1) lets it say so elsewhere, where no program finds it.
const UNKNOWN_LIFE: u64 = 300;

/// Returns the token of the session, or the key that the caller passed. Without either,
/// `can_mint` says whether a token can be got, and if not, why.
pub fn credentials(
    request: &Request,
    can_mint: impl FnOnce() -> Result<(), AuthError>,
) -> Result<Credentials, AuthError> {
    if request.explicit_key {
        return Ok(credential("explicit", Source::Explicit, None));
    }
    let session = load()?.filter(|session| is_for(session, &request.profile));
    if let Some(session) = session.filter(|session| has(session, ACCESS))
        && session.expires_at.is_some_and(|end| end > request.now)
    {
        return Ok(credential(ACCESS, Source::Session, session.expires_at));
    }
    can_mint()?;
    Err(error(ErrorKind::Renewable, "the next use gets a token", None))
}

fn credential(secret: &str, source: Source, expires_at: Option<u64>) -> Credentials {
    Credentials { values: vec![("api_key".to_owned(), secret.to_owned())], source, expires_at }
}

/// Returns when the token expires that the server answered with.
pub fn end_of(request: &Request, response: &Response) -> Result<u64, AuthError> {
    let what = "the token";
    if response.status != 200 {
        return Err(refused(what, response));
    }
    if !took(response, ACCESS) {
        return Err(incomplete(what, "access_token"));
    }
    // No seconds are no life: some servers write that for a token without an end.
    let life = life(response).filter(|life| *life > 0).unwrap_or(UNKNOWN_LIFE);
    Ok(request.now.saturating_add(life))
}

/// Saves the token, which expires at that time.
pub fn keep(request: &Request, expires_at: u64) -> Result<(), AuthError> {
    save(&Session {
        secrets: vec![ACCESS.to_owned()],
        notes: vec![(SETTINGS.to_owned(), settings(&request.profile))],
        account: None,
        expires_at: Some(expires_at),
    })
}

fn is_for(session: &Session, profile: &Profile) -> bool {
    note(&session.notes, SETTINGS) == Some(settings(profile).as_str())
}

/// Returns a digest of what decides which token the profile gets. The issuer is not part of
/// it, since the host gives the session to no other.
fn settings(profile: &Profile) -> String {
    let options = profile.options.iter().flat_map(|(name, text)| [name.as_str(), text]);
    let sources = [&profile.api_key_env, &profile.api_key_file];
    let sources = sources.map(|named| named.as_deref().unwrap_or_default());
    format!("{:016x}", fnv_1a(sources.into_iter().chain(options)))
}

/// FNV-1a of the texts, each with its end. It finds a change; no one gains by a collision,
/// because the session stays with this profile, server and issuer.
fn fnv_1a<'a>(texts: impl Iterator<Item = &'a str>) -> u64 {
    let bytes = texts.flat_map(|text| text.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
