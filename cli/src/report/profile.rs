//! One profile of a report.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::lines::lines;
use super::location::Location;
use super::source::Source;
use super::status::{Kind, Status};
use super::verification::Verification;

/// The status of one profile.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProfileReport<'a> {
    /// The profile's name.
    pub(crate) profile: &'a str,
    /// The auth type, which picks the strategy.
    pub(crate) auth_type: &'a str,
    /// The strategy that was asked; null if none serves the auth type.
    pub(crate) strategy: Option<StrategyReport<'a>>,
    /// The status of the credential.
    pub(crate) status: Status,
    /// Why it is not valid; null if it is.
    pub(crate) kind: Option<Kind>,
    /// Where the credential comes from, or which session the next use renews; null if there
    /// is neither.
    pub(crate) source: Option<Source<'a>>,
    /// The provider's verdict on the credential; null if it was not asked.
    pub(crate) verified: Option<Verification>,
    /// The environment variable that the profile names, if it names one.
    pub(crate) variable: Option<&'a str>,
    /// The file that the profile names, if it names one.
    pub(crate) file: Option<&'a str>,
    /// When the credential expires, as RFC 3339 in UTC; null if that is not known.
    pub(crate) expires_at: Option<String>,
    /// The problem, in one sentence; null if there is none.
    pub(crate) message: Option<String>,
    /// What to do about it; null if nothing is known to help.
    pub(crate) hint: Option<String>,
    /// How long the strategy took to answer, in milliseconds.
    pub(crate) duration_ms: f64,
    /// The line of providers.toml that defines the profile; null for a built-in
    /// profile that the file does not mention.
    pub(crate) location: Option<Location<'a>>,
    /// Whether it passes. Only in reports of `auth check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<Outcome>,
    /// Whether users sign in with its strategy, if there is no credential.
    #[serde(skip)]
    pub(crate) signs_in: bool,
    /// The secrets by name, each masked except for a few characters. Only with
    /// --show-masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) masked: Option<BTreeMap<&'a str, String>>,
}

/// The code that was asked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StrategyReport<'a> {
    /// The file of its component; null for a built-in strategy.
    pub(crate) component: Option<String>,
    /// The SHA-256 of its component, in lower-case hexadecimal.
    pub(crate) sha256: &'a str,
}

/// Whether a profile passes `auth check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is valid, and stays so for long enough.
    Passed,
    /// It is missing, which --allow-missing permits.
    AllowedMissing,
    /// It is missing, invalid or an error.
    NotValid,
    /// It is valid, and expires sooner than --require-expiry allows.
    EndsTooSoon,
    /// It was found, and could not be verified.
    NotVerified,
}

impl ProfileReport<'_> {
    /// Whether the provider was asked and its verdict is inconclusive.
    pub(crate) fn in_doubt(&self) -> bool {
        matches!(self.verified, Some(Verification::Unreachable | Verification::Unknown))
    }

    /// The problem, in one word.
    pub(super) fn problem_name(&self) -> &'static str {
        match (self.outcome, self.kind) {
            (Some(Outcome::EndsTooSoon), _) => "ends_too_soon",
            (Some(Outcome::NotVerified), _) => "not_verified",
            (_, Some(kind)) => kind.name(),
            (_, None) => "valid",
        }
    }

    /// The message, and the hint on the next line.
    pub(super) fn text(&self) -> String {
        lines(self.message.as_deref(), self.hint.as_deref())
    }
}
