//! What the executable is called.

/// The name of the executable, which the package `orchestration-cli` installs, and by
/// which a command in the settings of a client is known to be ours.
pub(crate) const NAME: &str = "orchestration";
