//! The grant to read secrets: all of a call, or none.

/// The key of `[strategies.NAME]`, which is true or false.
pub(crate) const TOML_KEY: &str = "reveal";

/// The name of the only grant.
pub(crate) const NAME: &str = "the text of secrets";
