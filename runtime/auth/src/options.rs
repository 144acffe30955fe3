//! Options of a profile, which only its strategy reads.

use std::collections::BTreeMap;
use std::fmt;

/// Options by name. A value may be as secret as a key, so `Debug` prints only names.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use orchestration_auth::Options;
///
/// let options = Options::from(BTreeMap::from([("client_secret".to_owned(), "x1".to_owned())]));
/// assert_eq!(format!("{options:?}"), r#"{"client_secret"}"#);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Options(BTreeMap<String, String>);

impl Options {
    /// Returns every option with its value, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl From<BTreeMap<String, String>> for Options {
    fn from(options: BTreeMap<String, String>) -> Self {
        Self(options)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
