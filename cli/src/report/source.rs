//! Where a credential comes from.

use std::borrow::Cow;

use orchestration_runtime::Said;
use schemars::JsonSchema;
use serde::Serialize;

/// Where a credential comes from, as the product saw it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Source<'a> {
    /// It was passed explicitly.
    Explicit,
    /// An environment variable, whose value is the key or contains it.
    Environment {
        /// Its name.
        name: &'a str,
    },
    /// A file, whose content is the key or contains it.
    File {
        /// Its path.
        path: &'a str,
    },
    /// The session that is kept for the profile and its strategy.
    Session {
        /// Whose it is, in the strategy's words; null if it doesn't say.
        account: Option<&'a str>,
        /// The strategy that says so; null if it is built in.
        said_by: Option<&'a str>,
        /// Whether the next credential is got without the user when this one ends.
        renews: bool,
        /// Whose it is, as a sentence names it.
        #[serde(skip)]
        phrase: Option<Cow<'a, str>>,
    },
    /// The key that the user stored for the profile, with `auth login --store`.
    StoredKey,
    /// The endpoint needs no credential.
    NotNeeded {
        /// The strategy that says so; null if it is built in.
        said_by: Option<&'a str>,
    },
    /// Somewhere else.
    Other {
        /// The strategy's words for it, which nothing confirms; empty if it has none.
        description: &'a str,
        /// The strategy that says so; null if it is built in.
        said_by: Option<&'a str>,
        /// The variables and files that the strategy took or read.
        used: Vec<&'a str>,
        /// All of it in one phrase.
        #[serde(skip)]
        phrase: String,
    },
}

impl<'a> From<&'a orchestration_runtime::Source> for Source<'a> {
    fn from(source: &'a orchestration_runtime::Source) -> Self {
        use orchestration_runtime::Source;
        match source {
            Source::Explicit => Self::Explicit,
            Source::Environment(name) => Self::Environment { name },
            Source::File(path) => Self::File { path },
            Source::Session { account, renews } => Self::Session {
                account: account.as_ref().map(Said::text),
                said_by: account.as_ref().and_then(Said::stranger),
                renews: *renews,
                phrase: account.as_ref().map(Said::as_noun),
            },
            Source::StoredKey => Self::StoredKey,
            Source::NotNeeded { stranger } => Self::NotNeeded { said_by: stranger.as_deref() },
            Source::Other(claim) => Self::Other {
                description: claim.said().map(Said::text).unwrap_or_default(),
                said_by: claim.stranger(),
                used: claim.used().collect(),
                phrase: claim.to_string(),
            },
        }
    }
}
