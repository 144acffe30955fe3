//! What the author of a strategy expects of it: `FILE.cases.toml` beside
//! `FILE.wasm`.
//!
//! The values in it are made up, by a person for this file, so an error may show
//! the line that it is about.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use serde::Deserialize;

use super::trial::{Question, profile};
use crate::profile::ProviderProfile;
use orchestration_sandbox::{Credentials, ErrorKind, Failure, Source};
use orchestration_support::Secret;

/// Why cases can't be used.
#[derive(Debug, thiserror::Error)]
pub enum CasesError {
    /// The file can't be read.
    #[error("the cases in {} can't be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The file is not of the format.
    #[error("the cases in {} can't be understood: {reason}", path.display())]
    Mistake {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line that it is in.
        reason: String,
    },
}

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    case: Vec<Case>,
}

/// One `[[case]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// What it is about.
    pub(super) name: String,
    #[serde(default)]
    profile: Profile,
    /// The variables, all of them granted.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Variables that are granted too, and not set.
    #[serde(default)]
    unset: Vec<String>,
    /// A key that the caller gives.
    explicit_key: Option<String>,
    expect: Expectation,
}

/// The profile that is asked about, with the keys of providers.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Profile {
    base_url: Option<String>,
    api_key_env: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, String>,
}

/// What has to come of it: a credential, or an error.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    credentials: Option<BTreeMap<String, String>>,
    source: Option<Source>,
    expires_at: Option<u64>,
    error: Option<ErrorKind>,
}

impl Case {
    /// The cases of the component at `path`; none where there is no such file.
    pub(super) fn beside(path: &Path) -> Result<Vec<Self>, CasesError> {
        let path = path.with_extension("cases.toml");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(CasesError::Read { path, source }),
        };
        match toml::from_str::<Document>(&text) {
            Ok(document) => Ok(document.case),
            Err(error) => Err(CasesError::Mistake { path, reason: error.to_string() }),
        }
    }

    /// What is asked.
    pub(super) fn question(&self) -> Question {
        let Profile { base_url, api_key_env, options } = &self.profile;
        let env = self.env.iter().map(|(name, value)| (name.clone(), OsString::from(value)));
        let granted = self.env.keys().chain(&self.unset).chain(api_key_env).cloned();
        Question {
            profile: ProviderProfile {
                api_key_env: api_key_env.clone(),
                base_url: base_url.clone().or(profile().base_url),
                options: options.clone(),
                ..profile()
            },
            env: env.collect(),
            granted: granted.collect(),
            explicit_key: self.explicit_key.as_deref().map(Secret::from),
        }
    }

    /// Whether it is an example of how a credential is found in variables.
    pub(super) fn is_sample(&self) -> bool {
        self.expect.error.is_none() && self.explicit_key.is_none() && !self.env.is_empty()
    }

    /// How `answer` differs from what is expected; never shows a value.
    pub(super) fn difference(&self, answer: &Result<Credentials, Failure>) -> Option<String> {
        let Expectation { credentials, source, expires_at, error } = &self.expect;
        match (answer, error) {
            (Err(failure), Some(expected)) if failure.kind() == *expected => None,
            (Err(failure), Some(expected)) => {
                Some(format!("it expects {expected:?}, and the answer was: {failure}"))
            }
            (Err(failure), None) => {
                Some(format!("it expects a credential, and the answer was: {failure}"))
            }
            (Ok(_), Some(expected)) => {
                Some(format!("it expects {expected:?}, and there was a credential"))
            }
            (Ok(found), None) => {
                if credentials.as_ref().is_some_and(|expected| !has(found, expected)) {
                    return Some("the secrets are others than it expects".to_owned());
                }
                if source.as_ref().is_some_and(|expected| expected != found.source()) {
                    return Some(format!("the source is {:?}", found.source()));
                }
                let ends = expires_at.map(|end| UNIX_EPOCH.checked_add(Duration::from_secs(end)));
                let differs = ends.is_some_and(|end| end != found.expires_at());
                differs.then(|| "the credential ends at another time than it expects".to_owned())
            }
        }
    }
}

fn has(found: &Credentials, expected: &BTreeMap<String, String>) -> bool {
    let secret = |name| found.get(name).map(Secret::expose);
    found.values().count() == expected.len()
        && expected.iter().all(|(name, value)| secret(name) == Some(value.as_str()))
}
