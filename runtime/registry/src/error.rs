//! Why a registry did not give what was asked for.

use std::path::PathBuf;

use orchestration_egress::HttpError;
use orchestration_support::redact::sanitize_path;

use crate::digest::Digest;
use crate::part::Part;

/// Why a registry did not give, or did not take, what a reference names.
#[derive(Debug, thiserror::Error)]
#[error("{reference}: {fault}")]
pub struct RegistryError {
    /// The reference.
    pub reference: String,
    /// What is wrong.
    pub fault: RegistryFault,
}

/// What was known of the user when a registry refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialUse {
    /// There is no credential for this host in this file, or no file.
    None {
        /// The file, if the user has a home directory.
        looked_in: Option<PathBuf>,
    },
    /// This one was sent.
    Sent {
        /// Where it is from, e.g. `/home/ada/.docker/config.json`.
        from: String,
    },
}

/// What is wrong with a registry, or with what it has.
#[derive(Debug, thiserror::Error)]
pub enum RegistryFault {
    /// There was no answer.
    #[error("{0}")]
    Http(#[from] HttpError),
    /// The registry wants to know who asks (401).
    #[error("{host} gives '{repository}' only to users that it knows (401); {}", used(credential))]
    Unauthorized {
        /// The host that refused: the registry, or the server of its tokens.
        host: String,
        /// The repository.
        repository: String,
        /// What it was shown.
        credential: CredentialUse,
    },
    /// The registry knows who asks, and refuses (403).
    #[error("{host} denies access to '{repository}' (403); {}", used(credential))]
    Forbidden {
        /// The host that refused.
        host: String,
        /// The repository.
        repository: String,
        /// What it was shown.
        credential: CredentialUse,
    },
    /// The registry does not have it (404).
    #[error("{host} does not have {part} of '{repository}' (404); {}", used(credential))]
    NotFound {
        /// The host.
        host: String,
        /// The repository.
        repository: String,
        /// What is not there.
        part: Part,
        /// What it was shown: some registries hide what a user may not see.
        credential: CredentialUse,
    },
    /// The registry answered with another error.
    #[error("{host} answers {status}{}", in_its_words(message))]
    Status {
        /// The host.
        host: String,
        /// The status.
        status: u16,
        /// What it says, sanitized.
        message: String,
    },
    /// The registry asks for a kind of login that this client does not have.
    #[error("{0} asks for a login that is neither Basic nor Bearer")]
    Challenge(String),
    /// The registry sends its users to a server that must not get their password.
    #[error("it gets its tokens from {0}, which is not https")]
    Realm(String),
    /// A download is elsewhere, where it must not be fetched from.
    #[error("{part} is at {to}, which is not https")]
    Redirect {
        /// What is there.
        part: Part,
        /// Where.
        to: String,
    },
    /// Downloads lead from server to server.
    #[error("{0} is moved too often")]
    Redirects(Part),
    /// An upload is to go to another server, which must not get the credential.
    #[error("it wants uploads to go to {0}, another server")]
    UploadElsewhere(String),
    /// The bytes are not those that the digest names.
    #[error("{part} has the digest {found}, expected {expected}")]
    Digest {
        /// What was fetched.
        part: Part,
        /// The digest that names it.
        expected: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// The connection ended early.
    #[error("{part} ends after {found} of {expected} bytes")]
    Truncated {
        /// What was fetched.
        part: Part,
        /// How long it is.
        expected: u64,
        /// How much arrived.
        found: u64,
    },
    /// The size is not the one that the manifest names.
    #[error("{part} does not have the {expected} bytes that the manifest names")]
    Size {
        /// What was fetched.
        part: Part,
        /// How long it should be.
        expected: u64,
    },
    /// It is too large, by what is announced or by what arrives.
    #[error("{part} is too large: more than {max} bytes")]
    TooLarge {
        /// What was fetched.
        part: Part,
        /// The most bytes that it may have.
        max: u64,
    },
    /// It is a list of artifacts for several platforms.
    #[error("it is an index of several artifacts, not a component")]
    Index,
    /// A part is of another kind.
    #[error("{part} is of the type '{found}', expected {expected}")]
    MediaType {
        /// The part.
        part: Part,
        /// Its type, sanitized.
        found: String,
        /// The type of a component's part.
        expected: &'static str,
    },
    /// A component has one layer.
    #[error("it has {0} layers; a component has one")]
    Layers(usize),
    /// A part can't be parsed.
    #[error("{part} can't be read: {reason}")]
    Malformed {
        /// The part.
        part: Part,
        /// Where and why, without its text.
        reason: String,
    },
    /// The artifact has another component than the one that was pinned.
    #[error("its component is {found}, but {expected} is pinned")]
    OtherComponent {
        /// The pinned digest.
        expected: Digest,
        /// The digest that the manifest names.
        found: Digest,
    },
    /// No one has signed it.
    #[error("{0} is not signed")]
    NotSigned(Digest),
    /// Others have signed it.
    #[error("{manifest} is signed, but not by the key {key}")]
    OtherKey {
        /// The manifest.
        manifest: Digest,
        /// The file of the key.
        key: String,
    },
    /// The signature is for something else.
    #[error("the signature by the key {key} is for {found}, not for {manifest}")]
    OtherSubject {
        /// The manifest.
        manifest: Digest,
        /// The file of the key.
        key: String,
        /// What was signed, sanitized.
        found: String,
    },
    /// What is needed is not on this machine, and the network is not to be used.
    #[error("{part} is not on this machine, and --offline keeps it from being fetched")]
    Offline {
        /// What is needed.
        part: Part,
    },
    /// The file of Docker's logins can't be used.
    #[error("{} can't be used: {reason}", sanitize_path(path))]
    DockerConfig {
        /// The file.
        path: PathBuf,
        /// Why, without its text.
        reason: String,
    },
    /// A program that keeps credentials failed.
    #[error("{program} gives no credential for {host}: {reason}")]
    Helper {
        /// The program.
        program: String,
        /// The host.
        host: String,
        /// Why.
        reason: String,
    },
    /// It can't be kept on this machine.
    #[error("{0}")]
    Store(String),
}

impl RegistryFault {
    /// Returns the error of `reference`.
    pub(crate) fn of(self, reference: impl ToString) -> RegistryError {
        RegistryError { reference: reference.to_string(), fault: self }
    }
}

fn used(credential: &CredentialUse) -> String {
    match credential {
        CredentialUse::None { looked_in: None } => "there is no credential for it".to_owned(),
        CredentialUse::None { looked_in: Some(path) } => {
            format!("no credential for it is in {}", sanitize_path(path))
        }
        CredentialUse::Sent { from } => format!("the credential is from {from}"),
    }
}

fn in_its_words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
