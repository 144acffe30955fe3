//! How to fix a mistake in providers.toml, as data. The command line words it.

use orchestration_support::url::{HttpOrigin, InvalidUrl};

/// How to fix a mistake in providers.toml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Use this key, which was probably meant.
    UseKey(String),
    /// Use one of these keys.
    KnownKeys(Vec<String>),
    /// Keep the secret out of the file: put it into a variable, and name the
    /// variable with `api_key_env`.
    KeepSecretsOut,
    /// Add a path to `verify`.
    AddVerifyPath,
    /// Write the path below the base URL.
    PathBelowBaseUrl,
    /// Name the header that carries the key.
    NameHeader,
    /// Use statuses that say something about a key.
    VerdictStatuses,
    /// Remove this key, or choose the auth type that uses it.
    KeyOrNone(&'static str),
    /// Use an auth type that is not built in.
    OtherAuthType,
    /// Add the component's digest, as `strategy add` writes it.
    AddDigest,
    /// Write a reference that a registry can serve.
    WriteReference,
    /// Add the digest of the manifest, as `strategy add` writes it.
    PinReference,
    /// Write the repositories of a rule like a reference, without a scheme and a tag.
    NameRegistries,
    /// Add a component and its digest.
    AddComponent,
    /// Use a name that starts with a letter or a digit and has at most 64
    /// characters.
    NameForm,
    /// Use 64 hexadecimal digits.
    DigestForm,
    /// Name the variable that holds the key, never the key itself.
    NameVariable,
    /// Name the file that holds the key, never the key itself.
    NameKeyFile,
    /// Write the whole path of the file, from `/`.
    WriteWholePath,
    /// Name a variable that no program acts on.
    UnreservedVariable,
    /// Write a base URL that means the same to a reader and to HTTP clients.
    WriteBaseUrl(InvalidUrl),
    /// Write the URL of the server as it calls itself, with https.
    WriteIssuer,
    /// Write scheme, host and port only.
    WriteOrigin {
        /// What was probably meant.
        instead: Option<HttpOrigin>,
    },
    /// Use a JSON pointer to a text that is not a token.
    PointToText,
    /// Use a known provider, or leave the provider out.
    UseProvider {
        /// The provider that was probably meant.
        suggestion: Option<&'static str>,
        /// All known providers.
        known: Vec<&'static str>,
    },
    /// Leave the header to the HTTP client.
    LeaveHeaderOut,
}
