//! Where granted variables are read from.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// The variables that grants are taken from.
///
/// A command line serves the person who started it, so it reads the variables
/// of its own process. A gateway serves many, each with variables of their own,
/// and must not mix them with its own.
#[derive(Clone)]
pub enum Environment {
    /// The environment of this process, read at the time of the ask.
    Process,
    /// These variables and no others.
    Fixed(BTreeMap<String, OsString>),
}

impl Environment {
    /// The value of the variable of exactly this name. It is most likely a
    /// secret: whoever asks wipes it.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        match self {
            Self::Process => std::env::var_os(name),
            Self::Fixed(variables) => variables.get(name).cloned(),
        }
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Process => f.write_str("Process"),
            Self::Fixed(variables) => f.debug_tuple("Fixed").field(&variables.keys()).finish(),
        }
    }
}
