//! Grants of variables: one variable of the host, by exact name.

/// The key of `[strategies.NAME]` that lists the granted variables.
pub(crate) const TOML_KEY: &str = "env";

/// Returns true if `text` can be the name of an environment variable: letters,
/// digits and underscores, not starting with a digit, which POSIX calls a portable
/// name.
///
/// ```
/// use orchestration_sandbox::is_variable_name;
///
/// assert!(is_variable_name("CORP_TOKEN_2"));
/// assert!(!is_variable_name("2_TOKENS"));
/// assert!(!is_variable_name("CORP-TOKEN"));
/// ```
pub fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|first: char| first.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
