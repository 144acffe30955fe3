//! How to fix a mistake in providers.toml, as data; the command line words it.

/// What would be right in the place of a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// This key, which was probably meant.
    UseKey(String),
    /// One of these keys.
    KnownKeys(Vec<String>),
    /// No secret at all: a variable holds it, and `api_key_env` names the variable.
    KeepSecretsOut,
    /// `verify` with a path.
    AddVerifyPath,
    /// A path below the base URL.
    PathBelowBaseUrl,
    /// The name of the header that carries the key.
    NameHeader,
    /// Statuses that say something about a key.
    TellingStatuses,
    /// Another auth type than a built-in one.
    OtherAuthType,
    /// The component's digest, as `strategy add` writes it.
    AddDigest,
    /// A component and its digest.
    AddComponent,
    /// A name that starts with a letter or a digit and has at most 64 characters.
    NameForm,
    /// 64 hexadecimal digits.
    DigestForm,
    /// The variable that holds the key, never the key itself.
    NameVariable,
}
