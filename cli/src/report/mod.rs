//! How profiles stand, as data: what `--format json` and its siblings write.
//!
//! Scripts build on this, so it is one type for every command and every state,
//! failures too, and its shape changes only with [`VERSION`]. What a field means
//! is said here and nowhere else: the comments are the texts of
//! `orchestration schema status`. No field can hold a secret; [`masked`] holds
//! masks, for those who ask for them.
//!
//! [`masked`]: ProfileReport::masked

mod github;
mod json;
mod junit;
mod sarif;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use json::Line;

/// Raised when a field goes, or means something else; a new one is no reason.
pub(crate) const VERSION: u32 = 1;

/// How profiles stand.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Report<'a> {
    /// The version of this format.
    pub(crate) version: u32,
    /// One entry a profile, sorted by name.
    pub(crate) profiles: Vec<ProfileReport<'a>>,
    /// How many profiles have which status.
    pub(crate) summary: Summary,
    /// Why no profile could be asked; null where they were.
    pub(crate) error: Option<Problem<'a>>,
}

/// How one profile stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProfileReport<'a> {
    /// The profile's name.
    pub(crate) profile: &'a str,
    /// The auth type, which picks the strategy.
    pub(crate) auth_type: &'a str,
    /// The strategy that was asked; null where none serves the auth type.
    pub(crate) strategy: Option<StrategyReport<'a>>,
    /// How the credential stands.
    pub(crate) status: Status,
    /// Why it is not valid; null where it is.
    pub(crate) kind: Option<Kind>,
    /// Where the credential comes from; null where there is none.
    pub(crate) source: Option<Source<'a>>,
    /// What the provider says of the credential; null where it was not asked.
    pub(crate) verified: Option<Verification>,
    /// The environment variable that the profile names, if it names one.
    pub(crate) variable: Option<&'a str>,
    /// When the credential ends, as RFC 3339 in UTC; null where that is not known.
    pub(crate) expires_at: Option<String>,
    /// What is wrong, in one sentence; null where nothing is.
    pub(crate) message: Option<String>,
    /// What to do about it; null where nothing can be said.
    pub(crate) hint: Option<String>,
    /// How long the strategy took to answer, in milliseconds.
    pub(crate) duration_ms: f64,
    /// Where providers.toml has the profile; null for a built-in one that it does
    /// not mention.
    pub(crate) location: Option<Location<'a>>,
    /// Whether it passes. Only in reports of `auth check`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<Outcome>,
    /// The secrets by name, each with all but a few characters left out. Only
    /// with --show-masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) masked: Option<BTreeMap<&'a str, String>>,
}

/// Which code was asked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StrategyReport<'a> {
    /// The file of its component; null for a strategy that is built in.
    pub(crate) component: Option<Cow<'a, str>>,
    /// The SHA-256 of its component, in lower-case hexadecimal.
    pub(crate) sha256: &'a str,
}

/// Whether a profile passes `auth check`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It is valid, and for long enough.
    Passed,
    /// It is missing, which --allow-missing lets pass.
    AllowedMissing,
    /// It is missing, invalid or an error.
    NotValid,
    /// It is valid, and ends sooner than --require-expiry wants.
    EndsTooSoon,
    /// It is there, and its provider did not say that it is valid.
    NotVerified,
}

/// A place in a file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct Location<'a> {
    /// The file.
    pub(crate) file: Cow<'a, str>,
    /// The line in it, from 1; null where no line is at fault.
    pub(crate) line: Option<usize>,
}

/// How a credential stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// There is a credential, or none is needed.
    Valid,
    /// Nothing is there.
    Missing,
    /// There is a credential, and it is no good or has expired.
    Invalid,
    /// The strategy could not run.
    Error,
}

/// What a provider says of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verification {
    /// The provider takes it.
    Valid,
    /// There is none, or the provider takes requests without one.
    NotRequired,
    /// The provider does not take it.
    Invalid,
    /// The provider did not answer.
    Unreachable,
    /// The provider could not be asked, or its answer may mean anything.
    Unknown,
}

/// Why a credential is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Nothing is there: a variable is unset or empty.
    Missing,
    /// There is a credential, and its time is over.
    Expired,
    /// There is a credential, and it is no good: the strategy or the provider says
    /// so.
    Invalid,
    /// The strategy was not granted what it needs.
    Denied,
    /// Something outside did not answer; trying again later may help.
    Unavailable,
    /// The strategy cannot serve this profile, or can't be used at all.
    Unsupported,
    /// The strategy itself failed.
    Internal,
}

/// Where a credential comes from.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Source<'a> {
    /// It was given by hand.
    Explicit,
    /// An environment variable.
    Environment {
        /// Its name.
        name: &'a str,
    },
    /// The endpoint asks for no credential.
    NotNeeded,
    /// Somewhere else.
    Other {
        /// What the strategy says.
        description: &'a str,
    },
}

/// How many profiles have which status.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Summary {
    /// All of them.
    pub(crate) profiles: usize,
    /// Those that are valid.
    pub(crate) valid: usize,
    /// Those that are there, of which the provider did not say that they are valid.
    pub(crate) not_verified: usize,
    /// Those whose credential is missing.
    pub(crate) missing: usize,
    /// Those whose credential is no good.
    pub(crate) invalid: usize,
    /// Those whose strategy could not run.
    pub(crate) error: usize,
}

/// Why a command could not ask any profile.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem<'a> {
    /// What is at fault.
    pub(crate) kind: ProblemKind,
    /// What is wrong, in one sentence.
    pub(crate) message: String,
    /// What to do about it; null where nothing can be said.
    pub(crate) hint: Option<String>,
    /// The place that is at fault; null where none is.
    pub(crate) location: Option<Location<'a>>,
}

/// What keeps a command from asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProblemKind {
    /// providers.toml can't be read, or has a mistake in it.
    Configuration,
    /// No profile has the name that was asked for.
    UnknownProfile,
    /// What was asked for is against the policy: --locked or
    /// --no-builtin-profiles.
    Policy,
    /// This machine can't run strategies.
    Sandbox,
    /// Something else.
    Other,
}

impl<'a> Report<'a> {
    /// The report of these profiles, which are sorted by name.
    pub(crate) fn of(profiles: Vec<ProfileReport<'a>>) -> Self {
        let summary = Summary::of(&profiles);
        Self { version: VERSION, profiles, summary, error: None }
    }

    /// The report of a command that came to nothing.
    pub(crate) fn failed(problem: Problem<'a>) -> Self {
        Self { error: Some(problem), ..Self::of(Vec::new()) }
    }
}

impl ProfileReport<'_> {
    /// Whether the provider was asked and left it open.
    pub(crate) fn in_doubt(&self) -> bool {
        matches!(self.verified, Some(Verification::Unreachable | Verification::Unknown))
    }

    /// What is wrong, in one word.
    fn problem_name(&self) -> &'static str {
        match (self.outcome, self.kind) {
            (Some(Outcome::EndsTooSoon), _) => "ends_too_soon",
            (Some(Outcome::NotVerified), _) => "not_verified",
            (_, Some(kind)) => kind.name(),
            (_, None) => "valid",
        }
    }

    /// What is wrong, and on the next line what to do about it.
    fn text(&self) -> String {
        text(self.message.as_deref(), self.hint.as_deref())
    }
}

fn text(message: Option<&str>, hint: Option<&str>) -> String {
    [message, hint].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

impl Location<'_> {
    /// The file as tools that know the checkout want it: relative where it lies in
    /// the folder that one is in.
    fn relative(&self) -> PathBuf {
        let path = Path::new(&*self.file);
        let here = std::env::current_dir().ok();
        let inside = here.and_then(|here| path.strip_prefix(here).ok());
        inside.unwrap_or(path).to_owned()
    }
}

impl Problem<'_> {
    /// What is wrong, and on the next line what to do about it.
    fn text(&self) -> String {
        text(Some(&self.message), self.hint.as_deref())
    }
}

impl Kind {
    /// Its name, as JSON has it.
    fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Unavailable => "unavailable",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl Summary {
    fn of(profiles: &[ProfileReport<'_>]) -> Self {
        let count = |status| profiles.iter().filter(|profile| profile.status == status).count();
        let not_verified = profiles.iter().filter(|profile| profile.in_doubt()).count();
        Self {
            profiles: profiles.len(),
            valid: count(Status::Valid) - not_verified,
            not_verified,
            missing: count(Status::Missing),
            invalid: count(Status::Invalid),
            error: count(Status::Error),
        }
    }
}

/// E.g. `12 profiles: 1 error, 2 missing, 9 valid`.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.profiles == 1 { "profile" } else { "profiles" };
        write!(f, "{} {noun}", self.profiles)?;
        let plural = if self.error == 1 { "error" } else { "errors" };
        let counts = [
            (self.error, plural),
            (self.invalid, "invalid"),
            (self.missing, "missing"),
            (self.not_verified, "not verified"),
            (self.valid, "valid"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.enumerate().try_for_each(|(place, (count, word))| {
            let before = if place == 0 { ": " } else { ", " };
            write!(f, "{before}{count} {word}")
        })
    }
}

impl From<Status> for orchestration_runtime::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Valid => Self::Valid,
            Status::Missing => Self::Missing,
            Status::Invalid => Self::Invalid,
            Status::Error => Self::Error,
        }
    }
}

impl From<orchestration_runtime::Status> for Status {
    fn from(status: orchestration_runtime::Status) -> Self {
        use orchestration_runtime::Status;
        match status {
            Status::Valid => Self::Valid,
            Status::Missing => Self::Missing,
            Status::Invalid => Self::Invalid,
            Status::Error => Self::Error,
        }
    }
}

impl From<orchestration_runtime::ErrorKind> for Kind {
    fn from(kind: orchestration_runtime::ErrorKind) -> Self {
        use orchestration_runtime::ErrorKind;
        match kind {
            ErrorKind::Missing => Self::Missing,
            ErrorKind::Expired => Self::Expired,
            ErrorKind::Invalid => Self::Invalid,
            ErrorKind::Denied => Self::Denied,
            ErrorKind::Unavailable => Self::Unavailable,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::Internal => Self::Internal,
        }
    }
}

impl From<&orchestration_runtime::Verdict> for Verification {
    fn from(verdict: &orchestration_runtime::Verdict) -> Self {
        use orchestration_runtime::Verdict;
        match verdict {
            Verdict::Valid { .. } => Self::Valid,
            Verdict::NotRequired => Self::NotRequired,
            Verdict::Invalid(_) => Self::Invalid,
            Verdict::Unreachable(_) => Self::Unreachable,
            Verdict::Unknown(_) => Self::Unknown,
        }
    }
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
