//! Where a credential comes from.

use schemars::JsonSchema;
use serde::Serialize;

/// Where a credential comes from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Source<'a> {
    /// It was passed explicitly.
    Explicit,
    /// An environment variable.
    Environment {
        /// Its name.
        name: &'a str,
    },
    /// The endpoint needs no credential.
    NotNeeded,
    /// Somewhere else.
    Other {
        /// The strategy's description of it.
        description: &'a str,
    },
}

impl<'a> From<&'a orchestration_runtime::Source> for Source<'a> {
    fn from(source: &'a orchestration_runtime::Source) -> Self {
        use orchestration_runtime::Source;
        match source {
            Source::Explicit => Self::Explicit,
            Source::Environment(name) => Self::Environment { name },
            Source::NotNeeded => Self::NotNeeded,
            Source::Other(words) => Self::Other { description: words },
        }
    }
}
