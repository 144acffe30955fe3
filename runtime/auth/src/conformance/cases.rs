//! What the author of a strategy expects: `FILE.cases.toml` beside `FILE.wasm`.
//!
//! The file may be a link to another one, so an error names the place of a mistake
//! and the keys of the format, and never shows a value.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use super::script::{Accident, Exchange};
use super::sign_in::SignIn;
use super::trial::{Question, Trial, described, profile};
use crate::profile::ProviderProfile;
use crate::providers_toml::mistake_in;
use orchestration_sandbox::{
    Credentials, ErrorKind, Grant, GrantedFile, SecretOrigin, Session, SessionSecret, Source,
    StatedSource, is_granted_path,
};
use orchestration_support::Secret;
use orchestration_support::redact::sanitize_path;
use orchestration_support::regular_file::read_regular;
use orchestration_support::url::{BaseUrl, Issuer};

/// The largest file of cases that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// Why the cases of a component can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// The file can't be read.
    #[error("the cases in {} can't be read: {source}", sanitize_path(path))]
    Read {
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The file is not in the format.
    #[error("the cases in {} are malformed: {reason}", sanitize_path(path))]
    Mistake {
        /// The file.
        path: PathBuf,
        /// The mistake, with its line.
        reason: String,
    },
}

/// An accident that befalls one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mishap {
    pub(super) accident: Accident,
    /// The number of the request, from 0.
    pub(super) at: usize,
}

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    case: Vec<Case>,
}

/// One `[[case]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// The name, for the report.
    pub(super) name: String,
    #[serde(default)]
    profile: Profile,
    /// The files that exist, by absolute path. All of them are granted.
    #[serde(default, deserialize_with = "files")]
    files: BTreeMap<String, String>,
    /// The variables that are set. All of them are granted.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Variables that are granted but not set.
    #[serde(default)]
    unset: Vec<String>,
    /// The key that the caller passes explicitly.
    explicit_key: Option<String>,
    /// The requests that it sends, and their answers, in order.
    #[serde(default)]
    http: Vec<Exchange>,
    /// The session that it saved before.
    session: Option<SavedSession>,
    /// How the user signs in first.
    sign_in: Option<SignIn>,
    /// That the user signs out at the end.
    sign_out: Option<SignOut>,
    /// What it may read of the answers besides public texts, as JSON pointers.
    #[serde(default)]
    readable: Vec<String>,
    expect: Expectation,
}

/// The profile, with the keys of providers.toml.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    #[serde(default, deserialize_with = "base_url")]
    base_url: Option<BaseUrl>,
    #[serde(default, deserialize_with = "issuer")]
    issuer: Option<Issuer>,
    api_key_env: Option<String>,
    #[serde(default, deserialize_with = "file")]
    api_key_file: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, String>,
}

/// A session, as an author writes it.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedSession {
    #[serde(default)]
    secrets: BTreeMap<String, String>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
    account: Option<String>,
    expires_at: Option<u64>,
}

impl SavedSession {
    /// Returns it as a strategy saves it if it found its secrets outside.
    fn session(&self) -> Session {
        let secrets = self.secrets.iter().map(|(name, text)| SessionSecret {
            name: name.clone(),
            text: Secret::from(text.as_str()),
            origin: SecretOrigin::Found,
        });
        Session {
            secrets: secrets.collect(),
            notes: self.notes.clone().into_iter().collect(),
            account: self.account.clone(),
            expires_at: self.expires_at,
            renews: false,
            saved: None,
        }
    }
}

/// Reads a base URL by the rules of providers.toml.
fn base_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<BaseUrl>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse()).transpose().map_err(D::Error::custom)
}

/// Reads the URL of an issuer by the rules of providers.toml.
fn issuer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Issuer>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse()).transpose().map_err(D::Error::custom)
}

/// Reads the contents of files by path.
fn files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let files = BTreeMap::<String, String>::deserialize(deserializer)?;
    match files.keys().all(|path| is_granted_path(path)) {
        true => Ok(files),
        false => Err(D::Error::custom(NOT_A_PATH)),
    }
}

/// Reads the path of a file.
fn file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let path = Option::<String>::deserialize(deserializer)?;
    match path.as_deref().is_none_or(is_granted_path) {
        true => Ok(path),
        false => Err(D::Error::custom(NOT_A_PATH)),
    }
}

const NOT_A_PATH: &str = "a file needs an absolute path without '..'";

/// The expected end of a session.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignOut {
    /// Why the server is not told.
    error: Option<ErrorKind>,
}

/// The expected result: a credential or an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    credentials: Option<BTreeMap<String, String>>,
    source: Option<StatedSource>,
    /// Whose session it is.
    account: Option<String>,
    expires_at: Option<u64>,
    error: Option<ErrorKind>,
}

impl Case {
    /// Reads the cases of the component at `path`; none if there is no such file.
    pub(super) fn beside(path: &Path) -> Result<Vec<Self>, CasesError> {
        let path = path.with_extension("cases.toml");
        let text = read_regular(&path, MAX_BYTES).and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| io::Error::other("it is not valid UTF-8"))
        });
        let text = match text {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(CasesError::Read { path, source }),
        };
        match toml::from_str::<Document>(&text) {
            Ok(document) => Ok(document.case),
            Err(error) => Err(CasesError::Mistake { path, reason: mistake_in(&text, &error) }),
        }
    }

    /// Returns the question of the case.
    pub(super) fn question(&self) -> Question {
        let Profile { base_url, issuer, api_key_env, api_key_file, options } = &self.profile;
        let env = self.env.iter().map(|(name, value)| (name.clone(), OsString::from(value)));
        let granted = self.env.keys().chain(&self.unset).chain(api_key_env).cloned();
        let files = self.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes()));
        Question {
            profile: ProviderProfile {
                api_key_env: api_key_env.clone(),
                api_key_file: api_key_file.clone().map(GrantedFile::new),
                base_url: base_url.clone().or(profile().base_url),
                issuer: issuer.clone(),
                options: options.clone().into(),
                ..profile()
            },
            env: env.collect(),
            files: files.collect(),
            granted: granted.collect(),
            granted_files: self.files.keys().chain(api_key_file).cloned().collect(),
            explicit_key: self.explicit_key.as_deref().map(Secret::from),
            http: self.http.clone(),
            session: self.session.as_ref().map(SavedSession::session),
            sign_in: self.sign_in.clone(),
            signs_out: self.sign_out.is_some(),
            more: self.readable.iter().map(Grant::readable).collect(),
        }
    }

    /// Returns the question once for each accident that can befall each of its requests.
    pub(super) fn accidents(&self) -> impl Iterator<Item = (Mishap, Question)> {
        let each = move |accident: Accident| {
            (0..self.http.len()).filter_map(move |at| {
                let mut question = self.question();
                let exchange = question.http.get_mut(at)?;
                *exchange = exchange.with(accident);
                // What would follow is not sent, or is another request. An answer that says
                // too much is still one to go on with.
                if accident != Accident::Echo {
                    question.http.truncate(at + 1);
                }
                Some((Mishap { accident, at }, question))
            })
        };
        Accident::ALL.into_iter().flat_map(each)
    }

    /// Returns true if it scripts requests.
    pub(super) fn has_requests(&self) -> bool {
        !self.http.is_empty()
    }

    /// Returns the case that shows best how a credential is found: in variables or files
    /// alone, or else with a server or a session.
    pub(super) fn sample(cases: &[Self]) -> Option<&Self> {
        let plain = cases.iter().find(|case| case.finds_any() && case.is_plain());
        plain.or_else(|| cases.iter().find(|case| case.finds_any()))
    }

    /// Returns true if a credential is found.
    fn finds_any(&self) -> bool {
        let holds_any = !self.env.is_empty() || !self.files.is_empty() || self.session.is_some();
        let is_found = self.expect.error.is_none() && self.sign_in.is_none();
        is_found && self.explicit_key.is_none() && holds_any
    }

    fn is_plain(&self) -> bool {
        self.http.is_empty() && self.session.is_none()
    }

    /// Returns how the end of the session differs from what is expected.
    fn difference_of_end(&self, trial: &Trial) -> Option<String> {
        let expected = self.sign_out.as_ref()?.error;
        match (trial.ended.as_ref()?, expected) {
            (Ok(()), None) => None,
            (Err(failure), Some(expected)) if failure.kind() == expected => None,
            (Err(failure), _) => {
                Some(format!("when it signs out, the result of `end` was: {}", described(failure)))
            }
            (Ok(()), Some(expected)) => {
                Some(format!("when it signs out, it expects {expected:?}, and it succeeds"))
            }
        }
    }

    /// Returns how the result of `trial` differs from what is expected, without any value.
    pub(super) fn difference(&self, trial: &Trial) -> Option<String> {
        let Expectation { credentials, source, account, expires_at, error } = &self.expect;
        if let Some(difference) = &trial.differs {
            return Some(difference.clone());
        }
        let call = trial.deciding_call();
        let result = |failure| format!("the result of `{call}` was: {}", described(failure));
        if let Some(difference) = &trial.requests {
            // What failed is why the rest was not sent.
            let failed = trial.outcome().err().filter(|failure| *error != Some(failure.kind()));
            let failed = failed.map(|failure| format!("; {}", result(failure)));
            return Some(format!("{difference}{}", failed.unwrap_or_default()));
        }
        if let Some(difference) = self.difference_of_end(trial) {
            return Some(difference);
        }
        match (trial.outcome(), error) {
            (Err(failure), Some(expected)) if failure.kind() == *expected => None,
            (Err(failure), Some(expected)) => {
                Some(format!("it expects {expected:?}, but {}", result(failure)))
            }
            (Err(failure), None) => {
                Some(format!("it expects a credential, but {}", result(failure)))
            }
            (Ok(_), Some(expected)) => {
                Some(format!("it expects {expected:?}, but the result was a credential"))
            }
            (Ok(found), None) => {
                if credentials.as_ref().is_some_and(|expected| !has(found, expected)) {
                    return Some("it expects other secrets".to_owned());
                }
                let stated = trial.seen.stated_source.as_ref();
                if source.as_ref().is_some_and(|expected| Some(expected) != stated) {
                    let stated = stated.map(|stated| format!("{stated:?}")).unwrap_or_default();
                    return Some(format!("the source is {stated}"));
                }
                if account.as_deref().is_some_and(|account| !is_of(found, account)) {
                    return Some("it expects the session of another account".to_owned());
                }
                let expiry = expires_at.map(|at| UNIX_EPOCH.checked_add(Duration::from_secs(at)));
                let differs = expiry.is_some_and(|expiry| expiry != found.expires_at());
                differs.then(|| "it expects another expiry".to_owned())
            }
        }
    }
}

fn is_of(found: &Credentials, account: &str) -> bool {
    match found.source() {
        Source::Session { account: Some(said), .. } => said.text() == account,
        _ => false,
    }
}

fn has(found: &Credentials, expected: &BTreeMap<String, String>) -> bool {
    let secret = |name| found.get(name).map(Secret::expose);
    found.values().count() == expected.len()
        && expected.iter().all(|(name, value)| secret(name) == Some(value.as_str()))
}
