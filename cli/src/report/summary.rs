//! The number of profiles with each status.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::profile::ProfileReport;
use super::status::Status;

/// The number of profiles with each status.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Summary {
    /// All of them.
    pub(crate) profiles: usize,
    /// Those that are valid.
    pub(crate) valid: usize,
    /// Those that get their credential when it is needed.
    pub(crate) ready: usize,
    /// Those with a credential that could not be verified.
    pub(crate) not_verified: usize,
    /// Those whose credential is missing.
    pub(crate) missing: usize,
    /// Those whose credential is invalid.
    pub(crate) invalid: usize,
    /// Those whose strategy could not run.
    pub(crate) error: usize,
}

impl Summary {
    pub(super) fn of(profiles: &[ProfileReport<'_>]) -> Self {
        let count = |status| profiles.iter().filter(|profile| profile.status == status).count();
        let not_verified = profiles.iter().filter(|profile| profile.in_doubt()).count();
        Self {
            profiles: profiles.len(),
            valid: count(Status::Valid) - not_verified,
            ready: count(Status::Ready),
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
            (self.ready, "ready"),
            (self.valid, "valid"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        counts.enumerate().try_for_each(|(place, (count, word))| {
            let before = if place == 0 { ": " } else { ", " };
            write!(f, "{before}{count} {word}")
        })
    }
}
