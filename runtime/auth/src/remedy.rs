//! What to do about an error, as data.
//!
//! A library that returns "add env = [...] to [strategies.x]" has decided for every
//! program above it what its users see, and in which language. So the layers below
//! the command line say only what would help, and the command line words it, as a
//! line that can be pasted.

use std::path::PathBuf;
use std::time::Duration;

use orchestration_egress::HttpError;
use orchestration_sandbox::{Capability, Failure, Grant, LoadError, RaisedLimit};
use orchestration_support::suggest::suggestion;

use crate::error::ProviderError;
use crate::verify::{Doubt, Refusal, Verdict};

/// What the user can do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Use a profile that exists.
    ChooseProfile {
        /// The one that was probably meant.
        suggestion: Option<String>,
        /// All of them, sorted.
        available: Vec<String>,
    },
    /// Use an auth type that exists.
    ChooseAuthType {
        /// All of them, sorted.
        available: Vec<String>,
    },
    /// Use a kind of provider that exists.
    ChooseProvider {
        /// The one that exists.
        known: &'static str,
    },
    /// Name the model in this profile.
    NameModel {
        /// The profile.
        profile: String,
    },
    /// Grant the strategy what it was denied.
    Grant {
        /// The auth type of the strategy.
        strategy: String,
        /// The kind of thing.
        capability: Capability,
        /// All names to be granted, those that are already included, sorted.
        names: Vec<String>,
    },
    /// Have the strategy's author do without grants in `describe`.
    DescribeWithoutGrants,
    /// Raise a limit of the strategy.
    RaiseLimit {
        /// The auth type of the strategy.
        strategy: String,
        /// The limit and a value that might do.
        limit: RaisedLimit,
    },
    /// Accept the component that is there now.
    AcceptComponent {
        /// The auth type of the strategy.
        strategy: String,
        /// The component.
        path: PathBuf,
    },
    /// Make a component of the core module.
    MakeComponent,
    /// Do what the strategy says. The text is its own, sanitized.
    Hint(String),
    /// Set a base URL that requests can go to.
    SetBaseUrl {
        /// The profile.
        profile: String,
    },
    /// Use https, or allow plain http.
    UseHttps {
        /// The profile.
        profile: String,
    },
    /// Install the certificates of the system, or name a file of them.
    InstallCertificates,
    /// Start the server, or correct the port.
    StartServer,
    /// Name the file with the certificate that signed the server's.
    TrustCertificate,
    /// Wait longer for the provider.
    RaiseTimeout {
        /// The profile.
        profile: String,
    },
    /// Set the base URL to where the redirect leads, if that is right.
    FollowRedirect {
        /// The profile.
        profile: String,
    },
    /// Set the key again, without the characters that cannot be sent.
    SetKeyAgain,
    /// Try again later.
    TryLater {
        /// How long the provider asks to wait, if it says so.
        after: Option<Duration>,
    },
    /// Check the plan with the provider.
    CheckPlan,
    /// Describe how the provider verifies a key.
    DescribeVerification {
        /// The profile.
        profile: String,
    },
    /// Check that the key is for this provider and was not revoked.
    CheckKey {
        /// The variable that holds it, if it comes from one.
        variable: Option<String>,
    },
    /// Check what the key may be used for.
    CheckPermissions,
    /// Name the variable that holds a key.
    NameVariable {
        /// The profile.
        profile: String,
    },
    /// Check the model's name and the base URL.
    CheckModelAndUrl,
    /// Check the base URL.
    CheckBaseUrl,
}

impl ProviderError {
    /// Returns what to do now, if there is anything.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::UnknownProfile { name, available } => Some(Remedy::ChooseProfile {
                suggestion: suggestion(name, available.iter().map(String::as_str))
                    .map(str::to_owned),
                available: available.clone(),
            }),
            Self::UnknownAuthType { available, .. } => {
                Some(Remedy::ChooseAuthType { available: available.clone() })
            }
            Self::Strategy { auth_type, granted, failure, .. } => {
                of_failure(auth_type, granted, failure)
            }
            Self::Unusable { auth_type, failure } => of_failure(auth_type, &[], failure),
            Self::Sandbox(_) => None,
        }
    }
}

impl Verdict {
    /// Returns what to do now about `profile`, if there is anything.
    pub fn remedy(&self, profile: &str) -> Option<Remedy> {
        match self {
            Self::Unreachable(error) | Self::Unknown(Doubt::NotAsked(error)) => {
                Remedy::of_http(error, profile)
            }
            Self::Invalid(Refusal::Unsendable) => Some(Remedy::SetKeyAgain),
            Self::Unknown(Doubt::Answer { status: 408 | 429 | 500.., .. }) => {
                Some(Remedy::TryLater { after: None })
            }
            Self::Unknown(Doubt::Answer { .. } | Doubt::NoProbe { .. }) => {
                Some(Remedy::DescribeVerification { profile: profile.to_owned() })
            }
            Self::Invalid(Refusal::Answer { .. }) => Some(Remedy::CheckKey { variable: None }),
            Self::Valid { .. } | Self::NotRequired => None,
        }
    }
}

impl Remedy {
    /// Returns what to do about a request of `profile` that got no answer.
    pub fn of_http(error: &HttpError, profile: &str) -> Option<Self> {
        let profile = profile.to_owned();
        match error {
            HttpError::Url(_) => Some(Self::SetBaseUrl { profile }),
            HttpError::PlainHttp { .. } => Some(Self::UseHttps { profile }),
            HttpError::Setup(_) => Some(Self::InstallCertificates),
            HttpError::Refused { .. } => Some(Self::StartServer),
            HttpError::Untrusted { .. } => Some(Self::TrustCertificate),
            HttpError::Timeout { .. } => Some(Self::RaiseTimeout { profile }),
            HttpError::Redirect { .. } => Some(Self::FollowRedirect { profile }),
            HttpError::Key => Some(Self::SetKeyAgain),
            HttpError::Header(_)
            | HttpError::Unreachable { .. }
            | HttpError::Interrupted { .. } => None,
        }
    }
}

fn of_failure(strategy: &str, granted: &[Grant], failure: &Failure) -> Option<Remedy> {
    let raise = |limit: RaisedLimit| Remedy::RaiseLimit { strategy: strategy.to_owned(), limit };
    match failure {
        Failure::Load(LoadError::Digest { path, .. }) => {
            Some(Remedy::AcceptComponent { strategy: strategy.to_owned(), path: path.clone() })
        }
        Failure::Load(LoadError::CoreModule) => Some(Remedy::MakeComponent),
        Failure::Load(LoadError::Limit(limit)) | Failure::Limit(limit) => {
            Some(raise(limit.raised()))
        }
        Failure::Answer { hint, .. } => hint.clone().map(Remedy::Hint),
        Failure::Denied(denials) => {
            let wanted: Vec<Grant> = denials.iter().filter_map(|denial| denial.grant()).collect();
            // One line can be pasted at a time: that of the first kind of thing.
            let capability = wanted.first()?.capability;
            let mut names: Vec<String> = granted
                .iter()
                .chain(&wanted)
                .filter(|grant| grant.capability == capability)
                .map(|grant| grant.name.clone())
                .collect();
            names.sort();
            names.dedup();
            Some(Remedy::Grant { strategy: strategy.to_owned(), capability, names })
        }
        Failure::DeniedInDescribe(_) => Some(Remedy::DescribeWithoutGrants),
        Failure::Load(_) | Failure::Trap(_) | Failure::Contract(_) => None,
    }
}
