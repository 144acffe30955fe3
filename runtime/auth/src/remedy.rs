//! What to do about an error, as data.
//!
//! A library that returned "add env = [...] to [strategies.x]" would decide for every
//! program what its users see, and in which language. So this layer names the remedy
//! only, and the command line words it as a line that can be pasted.

use std::path::PathBuf;
use std::time::Duration;

use orchestration_egress::HttpError;
use orchestration_sandbox::{
    Capability, ErrorKind, Failure, Grant, HttpFault, KeyringFault, Limit, LoadError, RaisedLimit,
    Said, Source, StoreFault,
};
use orchestration_support::{SystemLimit, suggest::suggestion};

use crate::error::ProviderError;
use crate::verify::{Inconclusive, Rejection, Verdict};

/// What the user can do about an error.
///
/// ```
/// use orchestration_auth::{ProvidersToml, Remedy};
///
/// let error = ProvidersToml::built_in().profile("opnai").unwrap_err();
/// let advice = match error.remedy() {
///     Some(Remedy::ChooseProfile { suggestion: Some(name), .. }) => format!("use {name}"),
///     _ => "see the manual".to_owned(),
/// };
/// assert_eq!(advice, "use openai");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Use a profile that exists.
    ChooseProfile {
        /// The profile that was probably meant.
        suggestion: Option<String>,
        /// All profiles, sorted.
        available: Vec<String>,
    },
    /// Use an auth type that exists.
    ChooseAuthType {
        /// All auth types, sorted.
        available: Vec<String>,
    },
    /// Use a kind of provider that exists.
    ChooseProvider {
        /// The kind that exists.
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
        /// The capability that was denied.
        capability: Capability,
        /// All names to grant, including those that already are, sorted.
        names: Vec<String>,
    },
    /// Change the strategy to need no grants in `describe`.
    DescribeWithoutGrants,
    /// Raise a limit of the strategy.
    RaiseLimit {
        /// The auth type of the strategy.
        strategy: String,
        /// The limit, and a value that may suffice.
        limit: RaisedLimit,
    },
    /// Raise a limit of the system.
    RaiseSystemLimit(SystemLimit),
    /// Accept the component that the file contains now.
    AcceptComponent {
        /// The auth type of the strategy.
        strategy: String,
        /// The path of the component.
        path: PathBuf,
    },
    /// Fetch the component from its registry.
    FetchComponent {
        /// The auth type of the strategy.
        strategy: String,
    },
    /// Turn the core module into a component.
    MakeComponent,
    /// Set the variables that the strategy asked for. The host saw that they are unset or
    /// blank.
    SetVariables {
        /// Their names, at least one.
        names: Vec<String>,
        /// The strategy's own hint, if it gave one.
        hint: Option<Said>,
    },
    /// Follow the strategy's own hint.
    Hint(Said),
    /// Set a valid base URL.
    SetBaseUrl {
        /// The profile.
        profile: String,
    },
    /// Replace the placeholder in the host of the base URL.
    ReplacePlaceholder {
        /// The profile.
        profile: String,
        /// What to replace.
        placeholder: String,
    },
    /// Use https, or allow plain http.
    UseHttps {
        /// The profile.
        profile: String,
    },
    /// Install the system's certificates, or name a file with certificates.
    InstallCertificates,
    /// Set the variable to the URL of a proxy, or unset it.
    SetProxy {
        /// The variable.
        variable: &'static str,
    },
    /// Start the proxy, or correct the variable that names it.
    CheckProxy {
        /// The variable.
        variable: &'static str,
    },
    /// Start the server, or correct the port.
    StartServer,
    /// Try again after this time, which a server has asked for.
    TryAgainIn(Duration),
    /// Name the file with the CA certificate that signed the server's certificate.
    TrustCertificate,
    /// Wait longer for the provider.
    RaiseTimeout {
        /// The profile.
        profile: String,
    },
    /// Set the base URL to the target of the redirect, if that is the right host.
    FollowRedirect {
        /// The profile.
        profile: String,
    },
    /// Set the key itself, with nothing around it.
    SetKey {
        /// The variable that holds it, if it comes from one.
        variable: Option<String>,
    },
    /// Store another key in place of the stored one.
    StoreKey {
        /// The profile.
        profile: String,
    },
    /// Write the key itself into the file, with nothing around it.
    WriteKey {
        /// The path of the file.
        path: String,
    },
    /// Set the key again, without the characters that can't be sent.
    SetKeyAgain,
    /// Try again later.
    TryLater {
        /// How long the provider asks to wait, if it says.
        after: Option<Duration>,
    },
    /// Check the plan with the provider.
    CheckPlan,
    /// Describe in the profile how the provider verifies a key.
    DescribeVerification {
        /// The profile.
        profile: String,
    },
    /// Check that the key is for this provider and has not been revoked.
    CheckKey {
        /// The variable or file that contains it, if it comes from one.
        holder: Option<String>,
    },
    /// Check the permissions of the key.
    CheckPermissions,
    /// Name the variable that contains a key.
    NameVariable {
        /// The profile.
        profile: String,
    },
    /// Make room on the disk.
    MakeRoom,
    /// Sign in.
    SignIn {
        /// The profile.
        profile: String,
    },
    /// Make the keyring usable, which has the session or key of the profile, or is to have it.
    Keyring {
        /// Why it is not.
        fault: KeyringFault,
        /// The profile.
        profile: String,
        /// It has the session or key already.
        is_there: bool,
    },
    /// Check the model's name and the base URL.
    CheckModelAndUrl,
    /// Check the base URL.
    CheckBaseUrl,
}

impl ProviderError {
    /// Returns what to do now, if anything helps.
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
            Self::Strategy { profile, signs_in: true, failure, .. }
                if matches!(failure.kind(), ErrorKind::Missing | ErrorKind::Expired) =>
            {
                Some(Remedy::SignIn { profile: profile.clone() })
            }
            Self::Strategy { profile, failure, .. }
                if let Failure::Session(StoreFault::Keyring(fault)) = &**failure =>
            {
                let (fault, profile) = (fault.clone(), profile.clone());
                Some(Remedy::Keyring { fault, profile, is_there: true })
            }
            Self::Keyring { profile, fault, is_there } => {
                let (fault, profile) = (fault.clone(), profile.clone());
                Some(Remedy::Keyring { fault, profile, is_there: *is_there })
            }
            Self::Strategy { auth_type, granted, failure, .. } => {
                of_failure(auth_type, granted, failure)
            }
            Self::Unusable { auth_type, failure } => of_failure(auth_type, &[], failure),
            Self::BadKey { profile, source_of_key, .. } => Some(match source_of_key {
                Source::StoredKey => Remedy::StoreKey { profile: profile.clone() },
                Source::File(path) => Remedy::WriteKey { path: path.clone() },
                Source::Environment(variable) => {
                    Remedy::SetKey { variable: Some(variable.clone()) }
                }
                Source::Explicit
                | Source::Session { .. }
                | Source::NotNeeded { .. }
                | Source::Other(_) => Remedy::SetKey { variable: None },
            }),
            Self::Placeholder { profile, placeholder } => Some(Remedy::ReplacePlaceholder {
                profile: profile.clone(),
                placeholder: placeholder.clone(),
            }),
            Self::CannotListen { .. } => None,
            Self::EndsTooSoon { reason, .. } => reason.as_ref()?.remedy(),
            Self::SignInNotFinished { profile } | Self::SignInRefused { profile, .. } => {
                Some(Remedy::SignIn { profile: profile.clone() })
            }
            Self::Sandbox(error) => error.limit.map(Remedy::RaiseSystemLimit),
        }
    }
}

impl Verdict {
    /// Returns what to do now for `profile`, if anything helps.
    pub fn remedy(&self, profile: &str) -> Option<Remedy> {
        match self {
            Self::Unreachable(error) | Self::Inconclusive(Inconclusive::NotAsked(error)) => {
                Remedy::of_http(error, profile)
            }
            Self::Rejected(Rejection::Unsendable) => Some(Remedy::SetKeyAgain),
            Self::Inconclusive(
                Inconclusive::Answer { status: 408 | 429 | 500.., .. }
                | Inconclusive::AnswerWithoutKey { status: 408 | 429 | 500.., .. },
            ) => Some(Remedy::TryLater { after: None }),
            Self::Inconclusive(
                Inconclusive::Answer { .. }
                | Inconclusive::AnswerWithoutKey { .. }
                | Inconclusive::NoProbe { .. },
            ) => Some(Remedy::DescribeVerification { profile: profile.to_owned() }),
            Self::Rejected(Rejection::KeyRequired { .. }) => {
                Some(Remedy::NameVariable { profile: profile.to_owned() })
            }
            Self::Rejected(Rejection::Answer { .. }) => Some(Remedy::CheckKey { holder: None }),
            Self::Accepted { .. } | Self::NotRequired => None,
        }
    }
}

impl Remedy {
    /// Returns what to do about a request for `profile` that got no answer.
    pub fn of_http(error: &HttpError, profile: &str) -> Option<Self> {
        let profile = profile.to_owned();
        match error {
            HttpError::Url(_) => Some(Self::SetBaseUrl { profile }),
            HttpError::Placeholder(placeholder) => {
                Some(Self::ReplacePlaceholder { profile, placeholder: placeholder.clone() })
            }
            HttpError::PlainHttp { .. } => Some(Self::UseHttps { profile }),
            HttpError::Setup(_) => Some(Self::InstallCertificates),
            HttpError::System(limit) => Some(Self::RaiseSystemLimit(*limit)),
            HttpError::ProxyVariable { variable } => Some(Self::SetProxy { variable }),
            HttpError::Proxy { variable, .. } => Some(Self::CheckProxy { variable }),
            HttpError::Refused { .. } => Some(Self::StartServer),
            HttpError::Untrusted { .. } => Some(Self::TrustCertificate),
            HttpError::Timeout { .. } => Some(Self::RaiseTimeout { profile }),
            HttpError::Redirect { .. } => Some(Self::FollowRedirect { profile }),
            HttpError::Key => Some(Self::SetKeyAgain),
            HttpError::Header(_)
            | HttpError::ConnectionHeader(_)
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
        Failure::Load(LoadError::System(limit)) | Failure::System(limit) => {
            Some(Remedy::RaiseSystemLimit(*limit))
        }
        Failure::Load(LoadError::NotFetched { .. }) => {
            Some(Remedy::FetchComponent { strategy: strategy.to_owned() })
        }
        Failure::Load(LoadError::CoreModule) => Some(Remedy::MakeComponent),
        Failure::Load(LoadError::Limit(limit)) | Failure::Limit(limit) => {
            Some(raise(limit.raised()))
        }
        // A built-in strategy has said the same, and better.
        Failure::Answer { kind: ErrorKind::Missing, message, hint, seen }
            if !seen.unset.is_empty() && message.as_ref().is_none_or(is_by_stranger) =>
        {
            Some(Remedy::SetVariables { names: seen.unset.clone(), hint: hint.clone() })
        }
        Failure::Answer { hint: None, seen, .. } => seen.retry_after.map(Remedy::TryAgainIn),
        Failure::Answer { hint, .. } => hint.clone().map(Remedy::Hint),
        Failure::Denied(denials) => {
            let wanted: Vec<Grant> = denials.iter().filter_map(|denial| denial.grant()).collect();
            // A remedy is one line to paste, so it covers the first capability only.
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
        Failure::Unanswered { fault, time, .. } => match fault {
            HttpFault::Timeout => Some(raise(Limit::HttpTime(*time).raised())),
            HttpFault::Refused => Some(Remedy::StartServer),
            HttpFault::Proxy { variable, .. } => Some(Remedy::CheckProxy { variable }),
            HttpFault::ProxyVariable(variable) => Some(Remedy::SetProxy { variable }),
            HttpFault::Untrusted(_) => Some(Remedy::TrustCertificate),
            HttpFault::Unreachable(_) | HttpFault::Redirect(_) | HttpFault::TooLarge => None,
        },
        Failure::Session(StoreFault::NoRoom) => Some(Remedy::MakeRoom),
        Failure::DeniedInDescribe(_) => Some(Remedy::DescribeWithoutGrants),
        Failure::Load(_)
        | Failure::Expired
        | Failure::Trap(_)
        | Failure::Session(_)
        | Failure::Contract(_) => None,
    }
}

fn is_by_stranger(said: &Said) -> bool {
    said.stranger().is_some()
}
