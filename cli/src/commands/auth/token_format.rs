//! The forms in which `auth token` prints a credential.
//!
//! Programs that take a key from a command each want it in their own form: Claude Code a
//! line or an object of headers, botocore and kubectl an object with names and a time of
//! their own. A script around `auth token` could make these, and would hold the key in a
//! variable of a shell, quote it wrongly once, and drop the expiry. So they are made here.

use std::env;

use clap::ValueEnum;
use orchestration_runtime::{Credentials, ProviderProfile, Secret, rfc3339};
use serde_json::{Map, Value, json};

use crate::credential_json::credential_json;
use crate::error::CliError;
use crate::remedy;

/// The variable in which kubectl says which version of the protocol it speaks.
const KUBERNETES_INFO: &str = "KUBERNETES_EXEC_INFO";

/// The versions of that protocol in which the answer is the same.
const KUBERNETES: [&str; 2] =
    ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/// The secrets that a credential for AWS needs.
const ACCESS_KEY_ID: &str = "access_key_id";
const SECRET_ACCESS_KEY: &str = "secret_access_key";
const SESSION_TOKEN: &str = "session_token";

/// A form of a credential.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum TokenFormat {
    #[default]
    Plain,
    Json,
    Headers,
    Aws,
    Kubernetes,
}

impl TokenFormat {
    /// Returns what to print, with the line break at its end; `None` if there is nothing to
    /// print, since the profile needs no key.
    pub(super) fn printed(
        self,
        profile: &ProviderProfile,
        credentials: &Credentials,
    ) -> Result<Option<Secret>, CliError> {
        let key = credentials.key();
        let document = match self {
            Self::Plain => {
                return Ok(key.map(|key| Secret::from(format!("{}\n", key.expose()))));
            }
            Self::Json => {
                let document = credential_json(&profile.name, credentials);
                return Ok(Some(Secret::from(format!("{}\n", document.expose()))));
            }
            Self::Headers => headers(profile, key),
            Self::Aws | Self::Kubernetes if key.is_none() => return Err(no_key(profile)),
            Self::Aws => aws(profile, credentials)?,
            Self::Kubernetes => kubernetes(credentials),
        };
        Ok(Some(Secret::from(format!("{document}\n"))))
    }
}

/// The header with the key, and none for a profile that needs no key.
fn headers(profile: &ProviderProfile, key: Option<&Secret>) -> Value {
    let headers = key.map(|key| profile.key_header(key)).into_iter();
    headers
        .map(|(name, value)| (name.to_owned(), value.expose().into()))
        .collect::<Map<_, _>>()
        .into()
}

/// What botocore and the SDKs of AWS take from `credential_process`.
fn aws(profile: &ProviderProfile, credentials: &Credentials) -> Result<Value, CliError> {
    let secret = |name| credentials.get(name).map(Secret::expose);
    let (Some(id), Some(key)) = (secret(ACCESS_KEY_ID), secret(SECRET_ACCESS_KEY)) else {
        let names: Vec<&str> = credentials.values().map(|(name, _)| name).collect();
        let message = format!(
            "the credential of '{}' has no secrets {ACCESS_KEY_ID} and {SECRET_ACCESS_KEY}",
            profile.name
        );
        return Err(CliError::usage(message).with_hint(remedy::for_aws(&names)));
    };
    let mut document = Map::new();
    document.insert("Version".to_owned(), 1.into());
    document.insert("AccessKeyId".to_owned(), id.into());
    document.insert("SecretAccessKey".to_owned(), key.into());
    if let Some(token) = secret(SESSION_TOKEN) {
        document.insert("SessionToken".to_owned(), token.into());
    }
    if let Some(end) = credentials.expires_at().and_then(rfc3339) {
        document.insert("Expiration".to_owned(), end.into());
    }
    Ok(document.into())
}

/// What kubectl and client-go take from a credential plug-in.
fn kubernetes(credentials: &Credentials) -> Value {
    let asked = env::var(KUBERNETES_INFO).ok();
    let asked = asked.and_then(|info| serde_json::from_str::<Value>(&info).ok());
    let asked = asked.as_ref().and_then(|info| info.get("apiVersion")?.as_str());
    let [usual, _] = KUBERNETES;
    let version = KUBERNETES.into_iter().find(|known| asked == Some(*known)).unwrap_or(usual);
    let mut status = Map::new();
    status.insert("token".to_owned(), credentials.key().map(Secret::expose).into());
    if let Some(end) = credentials.expires_at().and_then(rfc3339) {
        status.insert("expirationTimestamp".to_owned(), end.into());
    }
    json!({ "apiVersion": version, "kind": "ExecCredential", "status": status })
}

fn no_key(profile: &ProviderProfile) -> CliError {
    CliError::usage(format!("profile '{}' needs no key, so there is none to print", profile.name))
}
