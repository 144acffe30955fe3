//! The source of granted variables.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use zeroize::Zeroize;

/// The variables that strategies read, if they are granted.
///
/// A command line serves the person who started it, so it reads the variables of
/// its own process. A gateway serves many people, each with their own variables,
/// and must not mix them with its own.
///
/// ```
/// use orchestration_sandbox::Environment;
///
/// let variables = [("CORP_TOKEN".to_owned(), "secret".into())];
/// let environment = Environment::Fixed(variables.into());
/// // Values are secrets, so only names are printed.
/// assert_eq!(format!("{environment:?}"), r#"Fixed(["CORP_TOKEN"])"#);
/// ```
/// The variables of [`Fixed`](Self::Fixed) are wiped when it is dropped.
#[derive(Clone)]
pub enum Environment {
    /// The environment of this process, read when a strategy asks.
    Process,
    /// These variables and no others.
    Fixed(BTreeMap<String, OsString>),
}

impl Environment {
    /// Returns the value of the variable with exactly this name. The caller wipes it,
    /// because it is probably a secret.
    pub fn get(&self, name: &str) -> Option<OsString> {
        self.value(name).map(Cow::into_owned)
    }

    /// Returns the same, not copied if it is kept here.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'_, OsStr>> {
        match self {
            Self::Process => std::env::var_os(name).map(Cow::Owned),
            Self::Fixed(variables) => variables.get(name).map(|value| Cow::Borrowed(&**value)),
        }
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        if let Self::Fixed(variables) = self {
            for value in variables.values_mut() {
                std::mem::take(value).into_encoded_bytes().zeroize();
            }
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
